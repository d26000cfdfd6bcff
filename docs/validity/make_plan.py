"""Make the tables of the page on plans from the committed results.

``python docs/validity/make_plan.py`` rewrites what stands between the marks of plan.md; a test fails while the page
differs from the results.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE / "plan_facts.csv"
REALISED = HERE / "plan_realised.csv"
PAGE = HERE / "plan.md"
LIMIT = 1.96
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: Iterable[str], body: Iterable[list[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _share(value: str) -> str:
    return f"{float(value):.2f}".removeprefix("0")


def _facts(name: str) -> list[Row]:
    return [row for row in read(FACTS) if row["fact"] == name]


def seeds() -> str:
    """Return the probability of present for designs, with and without slopes that vary."""
    rows = _facts("seeds and levels")
    settings = list(dict.fromkeys(row["setting"] for row in rows))
    body = []
    for design in dict.fromkeys(row["design"] for row in rows):
        own = {row["setting"]: row for row in rows if row["design"] == design}
        n, m, levels = map(int, re.findall(r"\d+", design))
        body.append([design, str((n + m) * levels), *(_share(own[each]["present"]) for each in settings)])
    return _table(["design", "runs", *settings], body)


def fresh() -> str:
    """Return the probability of present for seeds that are reused at every level, and for fresh ones."""
    return _pairs("fresh or reused seeds", ("reused", "fresh"))


def pairs() -> str:
    """Return the probability of present for paired and unpaired seeds."""
    return _pairs("pairs", ("not paired", "paired"))


def _pairs(fact: str, ways: tuple[str, str]) -> str:
    """Return two ways beside each other, one line per setting."""
    rows = _facts(fact)
    body = []
    for setting in dict.fromkeys(row["setting"] for row in rows):
        own = {row["design"].rpartition(", ")[2]: row for row in rows if row["setting"] == setting}
        body.append([setting, *(_share(own[way]["present"]) for way in ways)])
    return _table(["setting", *ways], body)


def agreement() -> str:
    """Return how often predicted and realised shares differ by more than chance explains, for each truth."""
    rows = read(REALISED)
    body = []
    for group, chosen in (
        ("as predicted", [row for row in rows if row["truth"] == "as predicted"]),
        ("the other truth", [row for row in rows if row["truth"] != "as predicted"]),
        ("together", rows),
    ):
        open_rows = [row for row in chosen if 0 < float(row["predicted"]) + float(row["realised"]) < 2]
        sizes = [abs(float(row["z"])) for row in open_rows]
        beyond = sum(size > LIMIT for size in sizes)
        largest = max(abs(float(row["predicted"]) - float(row["realised"])) for row in chosen)
        body.append(
            [
                group,
                str(len({row["design"] for row in chosen})),
                str(len(open_rows)),
                f"{beyond / len(open_rows):.0%}",
                f"{max(sizes):.1f}",
                _share(str(largest)),
            ]
        )
    heads = (
        "truth",
        "designs",
        "shares above 0 and below 1",
        f"apart by more than {LIMIT} se",
        "largest, in se",
    )
    return _table([*heads, "largest difference"], body)


def realised() -> str:
    """Return predicted and realised shares of present and absent, one line per design and truth."""
    rows = read(REALISED)
    body = []
    for design, truth in dict.fromkeys((row["design"], row["truth"]) for row in rows):
        own = {row["status"]: row for row in rows if (row["design"], row["truth"]) == (design, truth)}
        cells = [
            f"{_share(own[status]['predicted'])} / {_share(own[status]['realised'])}"
            for status in ("present", "partial", "absent", "inconclusive")
        ]
        body.append([design, truth, *cells])
    return _table(["design", "truth", "present", "partial", "absent", "inconclusive"], body)


TABLES = {"seeds": seeds, "fresh": fresh, "pairs": pairs, "agreement": agreement, "realised": realised}


def renewed(text: str) -> str:
    """Return the page with its tables as the results are now."""
    for name, made in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        if start not in text:
            continue
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = f"{before}{start}{made()}{end}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
