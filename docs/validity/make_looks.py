"""Make the tables of the pages on planned looks from the committed results and from the law of t.

``python docs/validity/make_looks.py`` rewrites what stands between the marks of `looks.md` here and in ``explanation``,
and a test fails while a page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from sigstats.stats import alpha_per_look, error_over_looks

HERE = Path(__file__).parent
VERDICTS, LAW, POWER = (HERE / name for name in ("looks.csv", "looks_law.csv", "looks_power.csv"))
PAGES = (HERE / "looks.md", HERE.parent / "explanation" / "looks.md")
PLANS = ((3, 5), (3, 4, 5), (3, 5, 8), (4, 6), (3, 5, 8, 12), (5, 10), (5, 10, 15, 20))
FALSE = {
    "rises": "rises",
    "present": "present",
    "opposite": "opposite",
    "reverses": "reverses",
    "small": "smaller than the margin",
    "unspecific": "unspecific",
    "artifact": "artifact",
}
KINDS = {
    "t": "mean score of one condition",
    "pairs": "treatment and control, paired",
    "Welch": "treatment and control, not paired; noise of the control {low:g} to {high:g} times as large",
    "turn": "a rise that flattens after {low:g} to {high:g} of the range is said to turn",
    "independent": "fresh runs at every level; noise of the last level {low:g} to {high:g} times as large",
}
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return measured rates."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _table(heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *(list(line) for line in body)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rate(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".removeprefix("0")


def _named(looks: str) -> str:
    return looks.replace(" ", ", ")


def plans() -> str:
    """Return what each look of a plan may err, and what plain looks err together."""
    body = (
        (
            ", ".join(map(str, plan)),
            _rate(alpha_per_look(plan), 4),
            _rate(0.05 / len(plan), 4),
            _rate(error_over_looks(plan, level=0.05)),
        )
        for plan in PLANS
    )
    return _table(
        ["seeds at each look", "alpha of each look", "equal shares", "error of looks at .05 each"], body
    )


def verdicts() -> str:
    """Return how often verdicts at planned looks state what is not so; in brackets, with .05 at each look."""
    found = read(VERDICTS)
    noises = list(dict.fromkeys(row["noise"] for row in found))
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for row in found:
        key = (row["truth"], FALSE[row["statement"]], row["control"], _named(row["looks"]))
        said = f"{_rate(float(row['error']))} ({_rate(float(row['naive']))})"
        groups.setdefault(key, {})[row["noise"]] = said
    heads = ["truth", "false statement", "control", "looks", *noises]
    return _table(
        heads, ([*key, *(rates.get(noise, "") for noise in noises)] for key, rates in groups.items())
    )


def law() -> str:
    """Return the largest error rates of the t statistics behind the verdicts."""
    found = read(LAW)
    named = list(dict.fromkeys(row["looks"] for row in found))
    body = []
    for kind, words in KINDS.items():
        rows = [row for row in found if row["kind"] == kind]
        ratios = [float(row["ratio"]) for row in rows]
        for column, how in (("error", ""), ("at_full_level", ", at the full level")):
            if column == "at_full_level" and kind != "Welch":
                continue
            cells = [
                _rate(max(float(row[column]) for row in rows if row["looks"] == looks)) for looks in named
            ]
            body.append([words.format(low=min(ratios), high=max(ratios)) + how, *cells])
    return _table(["tested", *map(_named, named)], body)


def power() -> str:
    """Return how often an effect is shown by each look, by one test, and by the e-process."""
    found = read(POWER)
    effects = list(dict.fromkeys(row["effect"] for row in found))
    groups: dict[tuple[str, str], dict[str, Row]] = {}
    for row in found:
        groups.setdefault((row["method"], _named(row["seeds"])), {})[row["effect"]] = row
    body = []
    for (method, seeds), rows in sorted(groups.items(), key=lambda item: item[0][0] != "looks"):
        cells = []
        for effect in effects:
            by_look = ", ".join(_rate(float(each), 2) for each in rows[effect]["power"].split())
            used = f" ({float(rows[effect]['mean_seeds']):.1f})" if method == "looks" else ""
            cells.append(f"{by_look}{used}")
        words = {"looks": "planned looks", "one test": "one test at .05", "e-process": "e-process, after"}
        body.append([words[method], seeds, *cells])
    return _table(["method", "seeds", *(f"effect of {float(effect):g} sd" for effect in effects)], body)


TABLES: dict[str, Callable[[], str]] = {"plans": plans, "verdicts": verdicts, "law": law, "power": power}


def refreshed(page: str) -> str:
    """Return a page with its tables made anew."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        if start in page:
            before, _, rest = page.partition(start)
            page = f"{before}{start}{make()}{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
