"""Make the tables of the page on locations from the committed results.

``python docs/validity/make_locations.py`` rewrites what stands between the marks of docs/explanation/locations.md; a
test fails while the page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "location_coverage.csv"
PAGE = HERE.parent / "explanation" / "locations.md"
SEEDS = ("3", "5", "8", "10", "20")
COMPARED = ("3", "5", "10", "20")
OURS = "sigstats"
Row = dict[str, str]


def read() -> list[Row]:
    """Return the measured lines."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: list[str], body: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _short(value: float) -> str:
    """Return a number with two digits and without its leading zero, as in .05."""
    text = f"{value:.2f}".replace("-0.00", "0.00")
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _rate(value: float) -> str:
    text = f"{value:.3f}"
    return text.removeprefix("0") if value < 1 else text


def _span(values: list[float]) -> str:
    low, high = _rate(min(values)), _rate(max(values))
    return low if low == high else f"{low} to {high}"


def methods() -> str:
    """Return smallest and largest coverage of the hinge cells by method, and the mean width beside ours."""
    rows = [row for row in read() if row["family"] == "hinge" and "missing" not in row["about"]]
    names = dict.fromkeys(row["method"] for row in rows)
    body = []
    for rise in ("6 sd", "4 sd"):
        for name in names:
            line = [f"rise of {rise}", name]
            for seeds in COMPARED:
                found = [
                    row for row in rows if row["n_seeds"] == seeds and row["about"].endswith(f"of {rise}")
                ]
                line.append(_summary(found, name) if found else "")
            body.append(line)
    return _table(["hinge", "method", *(f"{seeds} seeds" for seeds in COMPARED)], body)


def _summary(rows: list[Row], name: str) -> str:
    """Return the span of a method's coverage over some cells, and its mean width as a multiple of ours."""
    width = {
        each: sum(float(row["mean_width"]) for row in rows if row["method"] == each) for each in (name, OURS)
    }
    covered = [float(row["coverage"]) for row in rows if row["method"] == name]
    return f"{_span(covered)}, {_short(width[name] / width[OURS])}"


def _cells(families: tuple[str, ...]) -> str:
    cells: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in read():
        if row["family"] in families and row["method"] == OURS:
            cells.setdefault((row["about"], row["n_levels"], row["confidence"]), {})[row["n_seeds"]] = row
    body = [
        [
            about,
            n_levels,
            *(
                f"{_rate(float(rows[s]['coverage']))}, {_short(float(rows[s]['mean_width']))}"
                if s in rows
                else ""
                for s in SEEDS
            ),
            _error(rows["5"]["median_error_in_gaps"]),
        ]
        for (about, n_levels, _), rows in cells.items()
    ]
    heads = ["truth", "levels", *(f"{seeds} seeds" for seeds in SEEDS), "median error"]
    return _table(heads, body)


def _error(text: str) -> str:
    return text if text == "outside" else _short(float(text))


TABLES: dict[str, Callable[[], str]] = {
    "methods": methods,
    "hinges": lambda: _cells(("hinge",)),
    "breaks": lambda: _cells(("break",)),
    "rounded": lambda: _cells(("rounded",)),
    "steps": lambda: _cells(("step",)),
    "peaks": lambda: _cells(("peak",)),
    "crossings": lambda: _cells(("crossing",)),
}


def refreshed(page: str) -> str:
    """Return the page with current tables between its marks."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = page.split(start)
        _, after = rest.split(end)
        page = f"{before}{start}{make()}{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
