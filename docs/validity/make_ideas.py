"""Make the tables of the page on ideas from the committed results.

``python docs/validity/make_ideas.py`` rewrites what stands between the marks of ideas.md; a test fails while the page
differs from the results.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "ideas.csv"
WAYS = HERE / "ways_absent.csv"
PAGE = HERE / "ideas.md"
SEEDS = ("3", "5", "10")
Row = dict[str, str]


def read() -> list[Row]:
    """Return the measured rates."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: Iterable[str], body: Iterable[list[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: str) -> str:
    return f"{float(value):.3f}".removeprefix("0")


def _rates(rows: Iterable[Row], statement: str) -> str:
    """Return one statement by card, dependence and seeds."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        found.setdefault((row["card"], row["dependence"]), {})[row["n_seeds"]] = _rate(row[statement])
    body = [[card, dependence, *(rates[n] for n in SEEDS)] for (card, dependence), rates in found.items()]
    return _table(["card", "seeds of the signatures", *(f"{n} seeds" for n in SEEDS)], body)


def _not_all(row: Row) -> bool:
    return int(row["holding"]) < int(row["signatures"])


def supported() -> str:
    """Return how often an idea is supported although a core prediction does not hold."""
    return _rates(filter(_not_all, read()), "false_support")


def contradicted() -> str:
    """Return how often a core prediction that holds is named as otherwise."""
    return _rates((row for row in read() if int(row["holding"]) > 0), "false_contradiction")


def ways() -> str:
    """Return the largest rates at which a signature that holds only just is called absent, by either way."""
    with WAYS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    asked = {
        "otherwise, where *present* is expected": "contradicted",
        "of these by the control": "by_control",
        "as expected, where *absent* is expected": "expected_absent",
    }
    body = [
        [said, *(_rate(str(max(float(row[key]) for row in rows if row["n_seeds"] == n))) for n in SEEDS)]
        for said, key in asked.items()
    ]
    return _table(["called so although it is not", *(f"{n} seeds" for n in SEEDS)], body)


def bounds() -> str:
    """Return how often the lower bound is larger than the number of signatures that hold."""
    return _rates(filter(_not_all, read()), "bound_too_high")


def simes() -> str:
    """Return the same with Simes' local tests."""
    return _rates(filter(_not_all, read()), "simes_too_high")


def precision() -> str:
    """Return how well a rate of .05 is known at one false alarm in a thousand."""
    n = min(int(row["replications"]) for row in read())
    return f"Each cell is {n:,} cards; a rate of .05 is known to {_rate(str(3.29 * (0.05 * 0.95 / n) ** 0.5))}.\n"


def power() -> str:
    """Return what is said where everything holds."""
    rows = [row for row in read() if row["card"] == "all three hold"]
    body = [
        [
            row["dependence"],
            row["n_seeds"],
            *(_rate(row[status]) for status in ("supported", "bounded", "contradicted", "open")),
            row["mean_bound"],
        ]
        for row in rows
    ]
    heads = [
        "seeds of the signatures",
        "seeds",
        "supported",
        "bounded",
        "contradicted",
        "open",
        "at least, on average",
    ]
    return _table(heads, body)


TABLES = {
    "precision": precision,
    "supported": supported,
    "contradicted": contradicted,
    "ways": ways,
    "bounds": bounds,
    "simes": simes,
    "power": power,
}


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
