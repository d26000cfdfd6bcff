"""Make the tables of the page on sigmoids from the committed results.

``python docs/validity/make_sigmoid.py`` rewrites what stands between the marks of sigmoid.md; a test fails while the
page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
RATES = HERE / "sigmoid.csv"
INTERVALS = HERE / "sigmoid_intervals.csv"
PAGE = HERE / "sigmoid.md"
SEEDS = ("3", "5", "10")
LEVELS = ("6", "8", "12")
SIZES = ("4", "8", "16")
# Landings that a claim may miss: too near an end, or held by two levels of many.
HARD = ("two steps, .25 and .75", "two equal steps, landing of 2")
PLAIN = "independent"
Row = dict[str, str]


def read(path: Path = RATES) -> list[Row]:
    """Return the measured rows."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: list[str], body: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: float) -> str:
    text = f"{value:.2f}"
    return text.removeprefix("0") if value < 1 else text


def _names(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(row["mean"] for row in rows))


def power() -> str:
    """Return how often curves that have the shape are called present, by size, levels and seeds."""
    rows = [
        row for row in read() if row["holds"] == "yes" and row["noise"] == PLAIN and row["mean"] not in HARD
    ]
    body = []
    for name in _names(rows):
        for n_levels in LEVELS:
            cells = {
                (row["size"], row["n_seeds"]): row["all"]
                for row in rows
                if (row["mean"], row["n_levels"]) == (name, n_levels)
            }
            if cells:
                body.append(
                    [name, n_levels, *(_rate(float(cells[size, n])) for size in SIZES for n in SEEDS)]
                )
    return _table(["mean curve", "levels", *(f"{size} sd, {n} seeds" for size in SIZES for n in SEEDS)], body)


def false() -> str:
    """Return the largest rate at which a curve without the shape is called present, by seeds."""
    rows = [
        row for row in read() if row["mean"] not in HARD and row["holds"] == "no" and row["noise"] == PLAIN
    ]
    return _largest(rows)


def hard() -> str:
    """Return the same for landings that a claim may miss, by size."""
    rows = [row for row in read() if row["mean"] in HARD and row["noise"] == PLAIN]
    body = []
    for name in _names(rows):
        for size in SIZES:
            line = [name, f"{size} sd"]
            for n_levels in LEVELS:
                found = [
                    float(row["all"])
                    for row in rows
                    if (row["mean"], row["size"], row["n_levels"]) == (name, size, n_levels)
                ]
                line.append(f"{_rate(min(found))} to {_rate(max(found))}" if found else "")
            body.append(line)
    return _table(["mean curve", "size", *(f"{n} levels" for n in LEVELS)], body)


def noise() -> str:
    """Return the largest false rate for each kind of noise."""
    rows = [row for row in read() if row["mean"] not in HARD and row["holds"] == "no" and row["size"] == "8"]
    body = []
    for kind in dict.fromkeys(row["noise"] for row in rows):
        line = [kind]
        for n in SEEDS:
            worst = max(
                (row for row in rows if (row["noise"], row["n_seeds"]) == (kind, n)),
                key=lambda row: float(row["all"]),
            )
            line.append(f"{_rate(float(worst['all']))} ({worst['mean']})")
        body.append(line)
    return _table(["noise", *(f"{n} seeds" for n in SEEDS)], body)


def _largest(rows: list[Row]) -> str:
    body = []
    for name in _names(rows):
        line = [name]
        for n in SEEDS:
            found = [float(row["all"]) for row in rows if (row["mean"], row["n_seeds"]) == (name, n)]
            line.append(_rate(max(found)))
        body.append(line)
    return _table(["mean curve", *(f"{n} seeds" for n in SEEDS)], body)


def intervals() -> str:
    """Return coverage and length of the intervals of midpoint and width."""
    rows = read(INTERVALS)
    body = []
    for name in _names(rows):
        for n in SEEDS:
            cells = [row for row in rows if (row["mean"], row["n_seeds"]) == (name, n)]
            body.append(
                [
                    name,
                    n,
                    *(_span(cells, column) for column in ("midpoint_covered", "midpoint_length")),
                    _span(cells, "width"),
                    *(_span(cells, column) for column in ("width_covered", "width_length")),
                ]
            )
    heads = [
        "mean curve",
        "seeds",
        "midpoint covered",
        "its length",
        "true width",
        "width covered",
        "its length",
    ]
    return _table(heads, body)


def _span(rows: list[Row], column: str) -> str:
    low, high = (_rate(end(float(row[column]) for row in rows)) for end in (min, max))
    return low if low == high else f"{low} to {high}"


TABLES: dict[str, Callable[[], str]] = {
    "power": power,
    "false": false,
    "hard": hard,
    "noise": noise,
    "intervals": intervals,
}


def refreshed(page: str) -> str:
    """Return the page with its tables made again."""
    for name, make in TABLES.items():
        before, _, rest = page.partition(f"<!-- {name}: start -->\n")
        _, _, after = rest.partition(f"<!-- {name}: end -->")
        page = f"{before}<!-- {name}: start -->\n{make()}<!-- {name}: end -->{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
