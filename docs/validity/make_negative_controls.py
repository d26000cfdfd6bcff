"""Make the tables of the page on negative controls from the committed results.

``python docs/validity/make_negative_controls.py`` rewrites what stands between the marks of negative_controls.md; a
test fails while the page differs from the results.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "negative_controls.csv"
PAGE = HERE / "negative_controls.md"
NULL = {"shared": 0.0, "effect": 0.0, "ratio": 1.0}
Row = dict[str, str]


def read(**like: float) -> list[Row]:
    """Return the measured rates of some cells."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row for row in rows if all(float(row[name]) == value for name, value in like.items())]


def most(rate: float, trials: int) -> float:
    """Return the largest share that chance explains, once in a thousand."""
    return float(rate + 3.29 * (rate * (1.0 - rate) / trials) ** 0.5)


def _rate(value: str) -> str:
    said = f"{float(value):.3f}"
    return said.removeprefix("0") if float(value) < 1 else said


def _table(heads: list[str], body: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _body(rows: Iterable[Row], *names: str) -> list[list[str]]:
    return [
        [
            row["n_controls"],
            row["n_seeds"],
            row["off"].removesuffix(".0"),
            *(_rate(row[each]) for each in names),
        ]
        for row in rows
    ]


WHERE = ["controls", "seeds", "errors, in standard errors"]
RATES = ("nominal", "known_law", "calibrated", "present", "present_calibrated")
HEADS = ["nominal p", "law taken as known", "calibrated p", "*present* without", "*present* with it"]


def nothing() -> str:
    """Return the rates where nothing is there."""
    return _table([*WHERE, *HEADS], _body(read(**NULL), *RATES))


def uneven() -> str:
    """Return the rates where seeds of the treatment differ three times as much as those of the controls."""
    return _table([*WHERE, *HEADS], _body(read(**{**NULL, "ratio": 3.0}), *RATES))


def shared() -> str:
    """Return the rates where controls share with each other what they do not share with the treatment."""
    heads = [*WHERE, "nominal p", "calibrated p", "said to be in doubt"]
    return _table(heads, _body(read(**{**NULL, "shared": 1.0}), "nominal", "calibrated", "doubted"))


def power() -> str:
    """Return how often an effect of ten standard errors is still present."""
    heads = [*WHERE, "calibrated p", "*present* without", "*present* with it"]
    rows = read(**{**NULL, "effect": 10.0})
    return _table(heads, _body(rows, "calibrated", "present", "present_calibrated"))


def precision() -> str:
    """Return how well a rate of .05 is known."""
    n = min(int(row["replications"]) for row in read())
    end = _rate(str(most(0.05, n)))
    return (
        f"Each row is {n:,} experiments; chance alone makes a rate of .05 look like {end} once in a thousand rows."
        " The column *law taken as known* has 2,000, and *said to be in doubt* 1,000.\n"
    )


TABLES = {"precision": precision, "nothing": nothing, "uneven": uneven, "shared": shared, "power": power}


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
