"""Make the tables of the page on claims without a knob from the committed results.

``python docs/validity/make_compare.py`` rewrites what stands between the marks of compare.md; a test fails while the
page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "compare_trials.csv"
ON_OFF = HERE / "two_level_trials.csv"
PAGE = HERE / "compare.md"
RUNS = ("3", "4", "5", "10")
OF_RUNS = {
    "higher": "`higher` (and `lower`), no difference",
    "equivalent": "`equivalent`, a difference of the margin",
    "not_worse": "`not_worse`, worse by the margin",
    "relative": 'a gain of "5%" ruled out, a gain of 5 %',
}
Row = dict[str, str]


def read(path: Path = RESULTS) -> list[Row]:
    """Return the measured rates."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: Iterable[str], body: Iterable[list[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _span(rows: Iterable[Row]) -> str:
    """Return the smallest and the largest rate."""
    rates = [float(row["rate"]) for row in rows]
    if not rates:
        return ""
    low, high = _rate(min(rates)), _rate(max(rates))
    return low if low == high else f"{low} to {high}"


def _designs(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows without items by design."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["cell"].startswith("paired"):
            name = "paired, correlation -.5 to .9"
        elif "baseline" in row["cell"]:
            name = "independent, more runs of the baseline, variance ratio .1 to 10"
        else:
            name = "independent, variance ratio .1 to 10"
        found.setdefault(name, []).append(row)
    return found


def runs() -> str:
    """Return how often claims on new runs are made although they are only just false."""
    body = []
    for what, said in OF_RUNS.items():
        for design, rows in _designs(row for row in read() if row["what"] == what).items():
            body.append([said, design, *(_span(row for row in rows if row["n_runs"] == n) for n in RUNS)])
    return _table(["claim and truth", "design", *(f"{n} runs" for n in RUNS)], body)


def coverage() -> str:
    """Return how often 90 % intervals of a difference cover it."""
    found = _designs(row for row in read() if row["what"] == "coverage")
    body = [
        [design, *(_span(row for row in rows if row["n_runs"] == n) for n in RUNS)]
        for design, rows in found.items()
    ]
    both = [row for row in read() if row["what"] == "coverage, over both"]
    body.append(["runs and items", *(_span(row for row in both if row["n_runs"] == n) for n in RUNS)])
    return _table(["design", *(f"{n} runs" for n in RUNS)], body)


def items() -> str:
    """Return how often `higher` is claimed of new runs and items although there is no difference."""
    rows = [row for row in read() if row["what"] == "higher, over both"]
    body = []
    for cell in dict.fromkeys(row["cell"] for row in rows):
        for n_items in ("10", "100"):
            line = [row for row in rows if row["cell"] == cell and row["n_items"] == n_items]
            body.append(
                [cell, n_items, *(_span(row for row in line if row["n_runs"] == n) for n in ("3", "5", "10"))]
            )
    return _table(["variance", "items", "3 runs", "5 runs", "10 runs"], body)


def solved() -> str:
    """Return the same for items that are solved or not, over new runs; and where items were taken for runs."""
    body = []
    for what, said in (
        ("higher, over runs", "over new runs"),
        ("higher, items taken for runs", "items taken for runs"),
    ):
        rows = [row for row in read() if row["what"] == what]
        for cell in dict.fromkeys(row["cell"] for row in rows):
            line = [row for row in rows if row["cell"] == cell]
            body.append([said, cell, *(_span(row for row in line if row["n_runs"] == n) for n in RUNS)])
    return _table(["analysis", "100 items in each run", *(f"{n} runs" for n in RUNS)], body)


def several() -> str:
    """Return the rate of any false claim among several treatments."""
    rows = [row for row in read() if row["what"].startswith("any of several")]
    body = []
    for what in dict.fromkeys(row["what"] for row in rows):
        for cell in dict.fromkeys(row["cell"] for row in rows):
            line = [row for row in rows if (row["what"], row["cell"]) == (what, cell)]
            if not line:
                continue
            name = what.removeprefix("any of several, ").capitalize()
            body.append(
                [name, cell, *(_span(row for row in line if row["n_runs"] == n) for n in ("3", "5", "10"))]
            )
    return _table(["correction", "truth", "3 runs", "5 runs", "10 runs"], body)


HOW = ("as it is", "all as independent", "pairs only")


def partly_paired() -> str:
    """Return size and power of three analyses of runs of which some share a label."""
    found = {(row["what"], row["cell"]): row for row in read() if row["what"].startswith("partly paired")}
    cells = dict.fromkeys(cell.rsplit(", ", 1)[0] for _, cell in found)
    of_each = [(what, how) for what in ("size", "power") for how in HOW]
    body = [
        [cell, *(_span([found[f"partly paired, {what}", f"{cell}, {how}"]]) for what, how in of_each)]
        for cell in cells
    ]
    return _table(["runs", *(f"{what}, {how}" for what, how in of_each)], body)


def small_levels() -> str:
    """Return the rate of any false claim among five treatments, as it is and by Welch's test."""
    found = {(row["n_runs"], row["cell"]): row for row in read() if row["what"] == "any of five"}
    cells = dict.fromkeys((n, cell.rsplit(", ", 1)[0]) for n, cell in found)
    body = [
        [f"{n} runs each, {cell}", *(_span([found[n, f"{cell}, {how}"]]) for how in ("as it is", "Welch"))]
        for n, cell in cells
    ]
    return _table(["five treatments", "any false claim", "by Welch's test"], body)


def power() -> str:
    """Return the power of `higher` for independent runs, beside that of a test that knows the variance."""
    rows = [row for row in read() if row["what"].startswith("power")]
    body = []
    for cell in dict.fromkeys(row["cell"] for row in rows):
        line = [cell]
        for n in RUNS:
            found = {row["what"]: row for row in rows if (row["cell"], row["n_runs"]) == (cell, n)}
            line.append(f"{_span([found['power']])} ({_span([found['power of the oracle']])})")
        body.append(line)
    return _table(["truth", *(f"{n} runs" for n in RUNS)], body)


FALSE = {
    "no effect": ("present", "opposite"),
    "no effect, with a control": ("present", "opposite"),
    "control at half": ("present", "unspecific", "artifact"),
    "effect at the margin": ("small",),
}


def on_off() -> str:
    """Return how often `detect` makes a false statement of a knob that was off or on."""
    rows = read(ON_OFF)
    body = []
    for cell, statements in FALSE.items():
        for statement in statements:
            for design in ("repeated", "independent"):
                line = {row["n_seeds"]: row for row in rows if (row["cell"], row["design"]) == (cell, design)}
                said = "below the margin" if statement == "small" else f"`{statement}`"
                body.append([cell, said, design, *(_rate(float(line[n][statement])) for n in RUNS)])
    return _table(["truth", "false statement", "design", *(f"{n} seeds" for n in RUNS)], body)


def precision() -> str:
    """Return how well a rate of .05 is known, by number of simulated tables."""
    counts = sorted({int(row["replications"]) for row in read()} - {0})
    body = [[f"{n:,}", _rate(3.29 * (0.05 * 0.95 / n) ** 0.5)] for n in counts]
    return _table(["tables per cell", "a rate of .05 is known to"], body)


TABLES: dict[str, Callable[[], str]] = {
    "precision": precision,
    "runs": runs,
    "coverage": coverage,
    "items": items,
    "solved": solved,
    "several": several,
    "small_levels": small_levels,
    "partly_paired": partly_paired,
    "power": power,
    "on_off": on_off,
}


def refreshed(page: str) -> str:
    """Return the page with its tables made anew."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        before, rest = page.split(start)
        page = before + start + table() + end + rest.split(end)[1]
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
