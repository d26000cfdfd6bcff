"""Make the tables of the page on strength from the committed results.

``python docs/validity/make_strength.py`` rewrites what stands between the marks of validity/strength.md and
explanation/strength.md; a test fails while a page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
COVERAGE = HERE / "strength.csv"
REPLICATION = HERE / "replication.csv"
PAGES = (HERE / "strength.md", HERE.parent / "explanation" / "strength.md")
SEEDS = (("3", "3"), ("5", "5"), ("10", "10"))
SIZES = (*SEEDS, ("3", "10"))
HEADS = ("3 seeds", "5 seeds", "10 seeds", "3 beside 10")
Row = dict[str, str]


def read(path: Path = COVERAGE) -> list[Row]:
    """Return the measured rates."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: Iterable[str], body: Iterable[list[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _covered(rows: Iterable[Row]) -> str:
    """Return the smallest coverage."""
    found = [1.0 - float(row["below"]) - float(row["above"]) for row in rows]
    return _rate(min(found)) if found else ""


def _size(row: Row) -> tuple[str, str]:
    return row["n_treatment"], row["n_control"] or row["n_treatment"]


def _values(rows: Iterable[Row], name: str) -> list[str]:
    return list(dict.fromkeys(row[name] for row in rows))


def _by_truth(design: str) -> str:
    rows = [row for row in read() if row["design"] == design]
    body = []
    for spread in _values(rows, "spread"):
        for truth in _values(rows, "truth"):
            line = [spread, truth.removeprefix("0")]
            cells = [row for row in rows if (row["spread"], row["truth"]) == (spread, truth)]
            line += [
                _covered(row for row in cells if row["method"] == method and _size(row) == size)
                for method in ("probability", "if_normal")
                for size in SEEDS
            ]
            body.append(line)
    seeds = ("3 seeds", "5", "10")
    heads = [f"`{method}`, {n}" for method in ("probability", "if_normal") for n in seeds]
    return _table(["scores", "truth", *heads], body)


def between() -> str:
    """Return the coverage with a control, the smallest over three ratios of the sds."""
    return _by_truth("between")


def alone() -> str:
    """Return the coverage without a control."""
    return _by_truth("alone")


def methods() -> str:
    """Return how often each method claims too much, and the smallest coverage, over all truths and ratios."""
    rows = [row for row in read() if row["design"] == "between"]
    body = []
    for method in _values(rows, "method"):
        for spread in _values(rows, "spread"):
            line = [f"`{method}`" if method in ("probability", "if_normal") else method, spread]
            for size in SIZES:
                found = [
                    row
                    for row in rows
                    if (row["method"], row["spread"]) == (method, spread) and _size(row) == size
                ]
                most = max(float(row["above"]) for row in found)
                line.append(f"{_covered(found)} ({_rate(most)})")
            body.append(line)
    return _table(["method", "scores", *HEADS], body)


def standardised() -> str:
    """Return the coverage of the standardised effect."""
    rows = [row for row in read() if row["method"] == "standardised"]
    body = [
        [
            spread,
            *(
                _covered(row for row in rows if row["spread"] == spread and _size(row) == size)
                for size in SEEDS
            ),
        ]
        for spread in _values(rows, "spread")
    ]
    return _table(["scores", *HEADS[:3]], body)


def share() -> str:
    """Return the coverage of the control's share, and how often its set has no bounds."""
    rows = [row for row in read() if row["method"] == "share"]
    body = []
    for design in _values(rows, "design"):
        for spread in _values(rows, "spread"):
            line = [design.removeprefix("share, "), spread]
            for size in SIZES:
                found = [
                    row
                    for row in rows
                    if (row["design"], row["spread"]) == (design, spread) and _size(row) == size
                ]
                unbounded = max(float(row["unbounded"]) for row in found)
                line.append(f"{_covered(found)} ({_rate(unbounded)})")
            body.append(line)
    return _table(["effect", "scores", *HEADS], body)


def replication() -> str:
    """Return what the probability of a replication is worth."""
    said = {
        "effect": "an effect, normal scores",
        "effect and control": "an effect and a quiet control",
        "detect": "whole sweeps, judged by `detect`",
    }
    body = [
        [
            said[row["design"]],
            row["n_seeds"],
            *(_rate(float(row[name])) for name in ("power", "predicted", "predicted_if_shown")),
            _rate(float(row["coverage"])) if row["coverage"] else "",
        ]
        for row in read(REPLICATION)
    ]
    heads = (
        "what is replicated",
        "seeds",
        "true probability",
        "predicted",
        "predicted where shown",
        "coverage",
    )
    return _table(heads, body)


def few() -> str:
    """Return the smallest coverage with 5 seeds on either side, for each kind of scores."""
    rows = [row for row in read() if row["design"] == "between" and _size(row) == ("5", "5")]
    body = [
        [
            spread,
            *(
                _covered(row for row in rows if (row["spread"], row["method"]) == (spread, method))
                for method in ("probability", "if_normal", "Newcombe", "Brunner and Munzel")
            ),
        ]
        for spread in _values(rows, "spread")
    ]
    return _table(["scores", "`probability`", "`if_normal`", "Newcombe", "Brunner and Munzel"], body)


def shown() -> str:
    """Return what is predicted of a replication where an effect was shown with 5 seeds."""
    rows = [row for row in read(REPLICATION) if (row["design"], row["n_seeds"]) == ("effect", "5")]
    body = [[_rate(float(row[name])) for row in rows] for name in ("power", "predicted_if_shown")]
    return _table(
        ["true probability", *body[0]],
        [["predicted where shown, on average", *body[1]]],
    )


TABLES: dict[str, Callable[[], str]] = {
    "between": between,
    "alone": alone,
    "methods": methods,
    "standardised": standardised,
    "share": share,
    "replication": replication,
    "few": few,
    "shown": shown,
}


def refreshed(page: str) -> str:
    """Return the page with its tables made anew."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        if start not in page:
            continue
        before, rest = page.split(start)
        page = before + start + table() + end + rest.split(end)[1]
    return page


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
