"""Make the tables of the page on scaling laws from the committed results.

``python docs/validity/make_scaling_law.py`` rewrites what stands between the marks of scaling_law.md; a test fails
while the page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
RATES = HERE / "scaling_law.csv"
COVERAGE = HERE / "scaling_law_coverage.csv"
DIFFERENCES = HERE / "scaling_law_differences.csv"
PAGE = HERE / "scaling_law.md"
SEEDS = ("3", "5", "10")
Row = dict[str, str]


def read(source: Path) -> list[Row]:
    """Return the measured rows."""
    with source.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _short(value: str) -> str:
    text = f"{float(value):.3f}"
    return text.removeprefix("0")


def _table(heads: list[str], body: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _per_seeds(column: str) -> str:
    """Return a column of the rates: a row per truth and noise, a cell per number of seeds."""
    rows = read(RATES)
    cells = {(row["truth"], row["noise"], row["n_seeds"]): _short(row[column]) for row in rows}
    keys = dict.fromkeys((row["truth"], row["noise"]) for row in rows)
    body = [
        [truth, f"{1 / float(noise):.0f}", *(cells[truth, noise, seeds] for seeds in SEEDS)]
        for truth, noise in keys
    ]
    return _table(["truth", "change in sd of a cell", *(f"{seeds} seeds" for seeds in SEEDS)], body)


def present() -> str:
    """Return how often the shape is present."""
    return _per_seeds("present")


def partial() -> str:
    """Return how often a required part is refuted."""
    return _per_seeds("partial")


def coverage() -> str:
    """Return how often intervals hold the truth."""
    heads = ["exponent", "seeds", "change in sd of a cell", "sd of the seeds' levels"]
    heads += [
        "exponent covered",
        "floor covered",
        "distance covered",
        "floor without end",
        "width of the exponent's",
    ]
    body = [
        [
            row["exponent"],
            row["n_seeds"],
            f"{1 / float(row['noise']):.0f}",
            row["level_sd"],
            *(
                _short(row[name])
                for name in ("exponent_covered", "floor_covered", "excess_covered", "open_floor")
            ),
            f"{float(row['exponent_width']):.3f}",
        ]
        for row in read(COVERAGE)
    ]
    return _table(heads, body)


def differences() -> str:
    """Return how often intervals hold how the laws of treatment and control differ."""
    heads = ["exponent of the treatment", "of the control", "seeds", "sd of the seeds' levels", "pairs"]
    heads += ["difference of exponents covered", "ratio of distances covered", "width of the difference's"]
    body = [
        [
            *(row[name] for name in ("treatment", "control", "n_seeds", "level_sd", "tables")),
            _short(row["exponent_covered"]),
            _short(row["ratio_covered"]),
            f"{float(row['exponent_width']):.3f}",
        ]
        for row in read(DIFFERENCES)
    ]
    return _table(heads, body)


PARTS: dict[str, Callable[[], str]] = {
    "present": present,
    "partial": partial,
    "coverage": coverage,
    "differences": differences,
}


def page() -> str:
    """Return the page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, make in PARTS.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        before, rest = text.split(start)
        text = before + start + make() + end + rest.split(end, 1)[1]
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
