"""Make the tables of the page on forecasts from the committed results.

``python docs/validity/make_forecast.py`` rewrites what stands between the marks of forecast.md; a test fails while the
page differs from the results.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "forecast.csv"
PAGE = HERE / "forecast.md"
Row = dict[str, str]


def read() -> list[Row]:
    """Return the measured rates."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def most(rate: float, sweeps: int) -> float:
    """Return the largest share that chance explains, once in a thousand."""
    return float(rate + 3.29 * (rate * (1.0 - rate) / sweeps) ** 0.5)


def least(rate: float, sweeps: int) -> float:
    """Return the smallest share that chance explains, once in a thousand."""
    return float(rate - 3.29 * (rate * (1.0 - rate) / sweeps) ** 0.5)


def _rate(value: float | str) -> str:
    return "-" if value == "" else f"{float(value):.3f}".removeprefix("0")


def _table(heads: list[str], columns: Iterable[str]) -> str:
    names = list(columns)
    lines = [heads, ["---"] * len(heads)]
    lines += [[*_cell(row), *(_rate(row[name]) for name in names)] for row in read()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(row: Row) -> list[str]:
    return [row["law"], row["scatter"], row["size"], row["design"], row["seeds"]]


CELL = ["law", "seeds differ by", "noise", "design", "seeds"]


def coverage() -> str:
    """Return how often intervals hold the truth."""
    heads = [*CELL, "mean prediction", "error", "new run", "one fit per seed"]
    return _table(heads, ("mean", "error", "new_run", "each_seed"))


def errors() -> str:
    """Return how often statements are false, and the power of a true one."""
    heads = [
        *CELL,
        "false *within*",
        "false *outside*",
        "false *nearer*",
        "the same, constant curve",
        "true *present*",
    ]
    names = ("false_present", "false_outside", "false_nearer", "false_nearer_constant", "present")
    return _table(heads, names)


def precision() -> str:
    """Return how well rates are known."""
    n = min(int(row["replications"]) for row in read())
    return (
        f"Each row is {n:,} sweeps. A rate of .05 has a standard error of {_rate((0.05 * 0.95 / n) ** 0.5)}, and "
        f"chance alone reaches {_rate(most(0.05, n))} once in a thousand; a coverage of .9 then falls to "
        f"{_rate(least(0.9, n))}.\n"
    )


TABLES = {"precision": precision, "coverage": coverage, "errors": errors}


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
