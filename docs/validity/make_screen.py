"""Make the tables of the page on screens from the committed results.

``python docs/validity/make_screen.py`` rewrites what stands between the marks of screen.md; a test fails
while the page differs from the results.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "screen_rates.csv"
PAGE = HERE / "screen.md"
Row = dict[str, str]


def read() -> list[Row]:
    """Return the measured rates."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def most(rate: float, tables: int) -> float:
    """Return the largest share that chance explains, once in a thousand."""
    return float(rate + 3.29 * (rate * (1.0 - rate) / tables) ** 0.5)


def _rate(value: float | str) -> str:
    return f"{float(value):.3f}".removeprefix("0") if value != "" else "-"


def _table(heads: list[str], body: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


SHARES = ("false_present", "false_absent", "selective_miss", "alone_miss", "power")


def rates() -> str:
    """Return the shares of false discoveries, and of intervals that miss."""
    heads = [
        "most keys",
        "some",
        "runs",
        "correction",
        "false *present*",
        "false *absent*",
        "miss",
        "alone",
        "found",
    ]
    body = []
    for row in read():
        some = {"none": "-", "sparse": f"5 {row['some keys']}", "dense": f"50 {row['some keys']}"}[
            row["some"]
        ]
        shares = [_rate(row[name]) for name in SHARES]
        body.append([row["most keys"], some, row["runs"], row["correction"], *shares])
    return _table(heads, body)


def precision() -> str:
    """Return how well a probability of .05 is known."""
    n = min(int(row["replications"]) for row in read())
    return (
        f"Each row is {n:,} screens. A probability of .05 has a standard error of {_rate((0.05 * 0.95 / n) ** 0.5)}; "
        f"chance alone reaches {_rate(most(0.05, n))} once in a thousand.\n"
    )


TABLES = {"precision": precision, "rates": rates}


def refreshed(text: str) -> str:
    """Return the text of the page with the current tables between their marks."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = text.split(start)
        _, after = rest.split(end)
        text = f"{before}{start}{make()}{end}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
