"""Make the tables of the page on other tools from the committed results.

``python docs/validity/make_other_tools.py`` rewrites what stands between the marks of other_tools.md; a test
fails while the page differs from the results.
"""

import csv
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "other_tools.csv"
PAGE = HERE.parent / "explanation" / "other_tools.md"
Row = dict[str, str]


def read() -> list[Row]:
    """Return the measured rates."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def table(kind: str) -> str:
    """Return the rates of tools that were given tables of one kind: false claims first, then true ones."""
    rows = [row for row in read() if row["kind"] == kind]
    worlds = list(dict.fromkeys(row["world"] for row in rows))
    heads = [
        "tool",
        "asked by",
        *(f"false: {world}" for world in worlds),
        *(f"found: {world}" for world in worlds),
    ]
    lines = [heads, ["---"] * len(heads)]
    for name in dict.fromkeys(row["tool"] for row in rows):
        own = {row["world"]: row for row in rows if row["tool"] == name}
        first = next(iter(own.values()))
        false = [_marked(own[world]["no_effect"], first["replications"]) for world in worlds]
        lines.append(
            [
                first["package"],
                first["what"],
                *false,
                *(_rate(own[world]["clear_effect"]) for world in worlds),
            ]
        )
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: str) -> str:
    return ">.99" if float(value) > 0.995 else f"{float(value):.2f}".removeprefix("0")


def _marked(value: str, replications: str) -> str:
    """Return a rate of false claims; bold where chance does not explain that it exceeds .05."""
    bound = 0.05 + 2.33 * (0.05 * 0.95 / int(replications)) ** 0.5
    return f"**{_rate(value)}**" if float(value) > bound else _rate(value)


def precision() -> str:
    """Return a sentence on how precisely a rate of .05 is known."""
    counts = sorted({int(row["replications"]) for row in read()})
    spans = [f"{1.96 * (0.05 * 0.95 / count) ** 0.5:.3f}".removeprefix("0") for count in counts]
    each = [f"{span} ({count} tables)" for span, count in zip(spans, counts, strict=True)]
    return f"A rate of .05 is known to within {', '.join(each)}, 95 % of the time.\n"


def refreshed(text: str) -> str:
    """Return the page with the tables of the results."""
    parts = {"sweeps": table("sweep"), "groups": table("groups"), "precision": precision()}
    for name, made in parts.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = text.split(start)
        text = f"{before}{start}{made}{end}{rest.split(end)[1]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
