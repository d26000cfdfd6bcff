"""Make the tables of the page on combined studies from the committed results.

``python docs/validity/make_combine.py`` rewrites what stands between the marks of combine.md; a test fails while the
page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "combine_trials.csv"
PAGE = HERE / "combine.md"
STUDIES, SEEDS, BETWEEN = ("2", "3", "5", "10"), ("3", "5", "10"), ("0.0", "1.0", "4.0")
SIZES = (("3", "3"), ("5", "5"), ("10", "10"), ("3", "10"), ("10", "3"))
TRUTHS = {
    "same effect, 4 margins": "the same effect",
    "new one smaller by the margin": "smaller by exactly the margin",
    "new one larger by the margin": "larger by exactly the margin",
    "new one has no effect": "no effect, where the original has 4 margins",
}
Row = dict[str, str]


def rows() -> list[Row]:
    """Return measured rates."""
    with RESULTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rate(value: float) -> str:
    """Return a rate without the zero before its point."""
    return f"{value:.3f}".removeprefix("0")


def _span(values: Iterable[float]) -> str:
    found = sorted(values)
    return rate(found[0]) if rate(found[0]) == rate(found[-1]) else f"{rate(found[0])} to {rate(found[-1])}"


def table(heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *(list(line) for line in body)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rates(what: str, **wanted: str) -> list[float]:
    return [
        float(row["rate"])
        for row in rows()
        if row["what"] == what and all(row[name] == value for name, value in wanted.items())
    ]


def coverage() -> str:
    """Return how often intervals of the mean and of the next study cover."""
    body = []
    for what, name in (("mean", "mean"), ("next study", "next study"), ("fixed", "mean, fixed effect")):
        for between in BETWEEN:
            for seeds in SEEDS:
                cells = [
                    _rates(what, cell="alike", between=between, n_seeds=seeds, n_studies=studies)[0]
                    for studies in STUDIES
                ]
                body.append([name, f"{float(between):g}", seeds, *map(rate, cells)])
    return table(["interval", "sd between studies", "seeds", *(f"{each} studies" for each in STUDIES)], body)


def uneven() -> str:
    """Return the same where standard errors differ."""
    name = "standard errors 1 to 3"
    body = [
        [what, seeds, *(rate(_rates(what, cell=name, n_seeds=seeds, n_studies=each)[0]) for each in STUDIES)]
        for what in ("mean", "next study")
        for seeds in SEEDS[:2]
    ]
    return table(["what", "seeds", *(f"{each} studies" for each in STUDIES)], body)


def tests() -> str:
    """Return how often studies are said to differ, or to contradict each other."""
    body = []
    said = {"differ": "differ", "Welch": "(Welch's F alone)", "chi-square": "(Cochran's Q alone)"}
    truths = (
        ("alike", "0.0", "the same effect"),
        ("standard errors 1 to 3", "0.0", "the same effect, standard errors 1 to 3"),
        ("alike", "1.0", "effects that differ, sd 1"),
    )
    for cell, between, truth in truths:
        for what, name in said.items():
            for seeds in SEEDS:
                wanted = {"cell": cell, "between": between, "n_seeds": seeds}
                cells = [_rates(what, **wanted, n_studies=each)[0] for each in STUDIES]
                body.append([truth, name, seeds, *map(rate, cells)])
    for seeds in SEEDS:
        spans = [_rates("contradiction", n_seeds=seeds, n_studies=each) for each in STUDIES]
        body.append(["no effect below 0", "contradict", seeds, *(rate(max(each)) for each in spans)])
    return table(["truth", "said", "seeds", *(f"{each} studies" for each in STUDIES)], body)


def above() -> str:
    """Return how often a mean of 0 is said to be above 0."""
    body = [
        [
            f"{float(between):g}",
            seeds,
            *(
                rate(_rates("mean above 0", cell="alike", between=between, n_seeds=seeds, n_studies=each)[0])
                for each in STUDIES
            ),
        ]
        for between in BETWEEN
        for seeds in SEEDS
    ]
    return table(["sd between studies", "seeds", *(f"{each} studies" for each in STUDIES)], body)


def replications() -> str:
    """Return what is said of replications."""
    body = []
    for truth, said in TRUTHS.items():
        for status in ("agrees", "disagrees"):
            cells = [
                [
                    float(row["rate"])
                    for row in rows()
                    if row["what"] == status
                    and row["cell"].startswith(truth)
                    and (row["n_studies"], row["n_seeds"]) == sizes
                ]
                for sizes in SIZES
            ]
            body.append([said, status, *map(_span, cells)])
    heads = ["truth of the new study", "status", *(f"{old} then {new} seeds" for old, new in SIZES)]
    return table(heads, body)


PARTS: dict[str, Callable[[], str]] = {
    "coverage": coverage,
    "uneven": uneven,
    "tests": tests,
    "above": above,
    "replications": replications,
}


def refreshed(page: str) -> str:
    """Return the page with its tables made anew."""
    for name, make in PARTS.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        before, rest = page.split(start)
        page = before + start + make() + end + rest.split(end)[1]
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
