"""How often other tools claim a rise that is not there, and find a clear one: 3 seeds, the same tables for all.

``python tests/calibration/other_tools.py TOOL ...`` measures tools by name (all that are installed by default) and
writes their rows of docs/validity/other_tools.csv. Each is called as its own documentation shows. All claims are
one-sided at 5 %: two-sided p-values are halved, and intervals hold 90 %. The tools are not needed by sigstats:
``pip install rliable dabest``.
"""

import csv
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parents[2] / "docs" / "validity" / "other_tools.csv"
LEVEL = 0.05
SEEDS = 3
X = np.linspace(0, 1, 5)
# Standard deviations over seeds of the level and of the slope (change over the whole range); noise of a cell is 1.
SWEEPS = {
    "seeds differ in level": (1.0, 0.0),
    "seeds differ in level and slope": (1.0, 1.0),
    "seeds differ mostly in slope": (1.0, 3.0),
}
CLEAR_RISE = {
    "seeds differ in level": 5.0,
    "seeds differ in level and slope": 5.0,
    "seeds differ mostly in slope": 12.0,
}
GROUPS = {"equal spread": (1.0, 1.0), "spread differs by a factor of 3": (1.0, 3.0)}
CLEAR_DIFFERENCE = {"equal spread": 4.0, "spread differs by a factor of 3": 8.0}
TASKS = 10


@dataclass(frozen=True)
class Tool:
    """One way to ask: whose it is, what it is asked, of which tables, how often, and whether of all of them at once."""

    package: str
    what: str
    claims: Callable[..., bool]
    kind: str = "sweep"
    replications: int = 1000
    at_once: bool = False


def sweep(rng: np.random.Generator, world: str, rise: float) -> np.ndarray:
    """Return the values of a sweep: seeds by levels."""
    level_sd, slope_sd = SWEEPS[world]
    level = rng.normal(0, level_sd, (SEEDS, 1))
    slope = rng.normal(rise, slope_sd, (SEEDS, 1))
    return level + slope * X + rng.normal(0, 1, (SEEDS, X.size))


def groups(rng: np.random.Generator, world: str, difference: float) -> np.ndarray:
    """Return the values of a baseline and a treatment: two by runs by tasks."""
    sds = np.array(GROUPS[world])[:, None, None]
    return rng.normal(0, sds, (2, SEEDS, TASKS)) + np.array([0.0, difference])[:, None, None]


def long(values: np.ndarray) -> pd.DataFrame:
    """Return a sweep as a data frame."""
    seed, level = np.indices(values.shape)
    return pd.DataFrame({"seed": seed.ravel(), "x": X[level.ravel()], "y": values.ravel()})


def rises(estimate: float, two_sided: float) -> bool:
    """Return whether a two-sided p-value shows a rise at the one-sided level; NaN shows nothing."""
    return bool(estimate > 0 and two_sided / 2 <= LEVEL)


# Sweeps


def detect(sweeps: list[np.ndarray]) -> int:
    """Count the verdicts of `detect`; `screen` makes the same ones, many at once."""
    import sigstats as ss

    table = pd.concat({number: long(values) for number, values in enumerate(sweeps)}, names=["sweep"])
    rising = ss.Signature(knob="x", metric="y", shape="increasing")
    found = ss.screen(table.reset_index("sweep"), rising, by="sweep").table()
    return int((found["status"] == "present").sum())


def mann_kendall_of_means(values: np.ndarray) -> bool:
    import pymannkendall

    return pymannkendall.original_test(values.mean(axis=0), alpha=2 * LEVEL).trend == "increasing"


def regional_mann_kendall(values: np.ndarray) -> bool:
    import pymannkendall

    return pymannkendall.regional_test(values.T, alpha=2 * LEVEL).trend == "increasing"


def mixed(values: np.ndarray, slopes: str | None) -> bool:
    import statsmodels.formula.api as smf

    frame = long(values)
    try:
        fitted = smf.mixedlm("y ~ x", frame, groups=frame["seed"], re_formula=slopes).fit()
    except np.linalg.LinAlgError:
        return False
    return rises(fitted.params["x"], fitted.pvalues["x"])


def random_intercepts(values: np.ndarray) -> bool:
    return mixed(values, None)


def random_slopes(values: np.ndarray) -> bool:
    return mixed(values, "~x")


def line_of_rows(values: np.ndarray) -> bool:
    from scipy import stats

    x = np.tile(X, SEEDS)
    return bool(stats.linregress(x, values.ravel(), alternative="greater").pvalue <= LEVEL)


def line_of_means(values: np.ndarray) -> bool:
    from scipy import stats

    return bool(stats.linregress(X, values.mean(axis=0), alternative="greater").pvalue <= LEVEL)


def spearman_of_rows(values: np.ndarray) -> bool:
    from scipy import stats

    x = np.tile(X, SEEDS)
    return bool(stats.spearmanr(x, values.ravel(), alternative="greater").pvalue <= LEVEL)


def page(values: np.ndarray) -> bool:
    from scipy import stats

    return bool(stats.page_trend_test(values).pvalue <= LEVEL)


def last_against_first(values: np.ndarray) -> bool:
    from scipy import stats

    return bool(stats.ttest_rel(values[:, -1], values[:, 0], alternative="greater").pvalue <= LEVEL)


def t_of_slopes(values: np.ndarray) -> bool:
    from scipy import stats

    slopes = np.polyfit(X, values.T, 1)[0]
    return bool(stats.ttest_1samp(slopes, 0, alternative="greater").pvalue <= LEVEL)


# Two groups of runs


def compare(values: np.ndarray) -> bool:
    import sigstats as ss

    rows = [
        (name, run, value)
        for name, runs in zip(("baseline", "treatment"), values[:, :, 0], strict=True)
        for run, value in enumerate(runs)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "y"])
    options = {"metric": "y", "seed": "seed", "condition": "condition", "baseline": "baseline"}
    return bool(ss.compare(frame, **options, claim="higher", paired=False).status == ss.Status.PRESENT)


def student(values: np.ndarray) -> bool:
    from scipy import stats

    return bool(stats.ttest_ind(values[1, :, 0], values[0, :, 0], alternative="greater").pvalue <= LEVEL)


def welch(values: np.ndarray) -> bool:
    from scipy import stats

    found = stats.ttest_ind(values[1, :, 0], values[0, :, 0], equal_var=False, alternative="greater")
    return bool(found.pvalue <= LEVEL)


def mann_whitney(values: np.ndarray) -> bool:
    from scipy import stats

    return bool(stats.mannwhitneyu(values[1, :, 0], values[0, :, 0], alternative="greater").pvalue <= LEVEL)


def improvement(values: np.ndarray) -> bool:
    from rliable import metrics

    return _rliable(values[:, :, :1], metrics.probability_of_improvement, reps=100) > 0.5


def mean_of_ten_tasks(values: np.ndarray) -> bool:
    from rliable import metrics

    def difference(treatment: np.ndarray, baseline: np.ndarray) -> float:
        return metrics.aggregate_mean(treatment) - metrics.aggregate_mean(baseline)

    return _rliable(values, difference, reps=200) > 0


def _rliable(values: np.ndarray, measure: Callable[..., float], reps: int) -> float:
    """Return the lower bound of the stratified bootstrap."""
    from rliable import library

    _, intervals = library.get_interval_estimates(
        {"pair": (values[1], values[0])},
        lambda treatment, baseline: np.array([measure(treatment, baseline)]),
        reps=reps,
        confidence_interval_size=1 - 2 * LEVEL,
    )
    return float(intervals["pair"][0, 0])


def estimation(values: np.ndarray) -> bool:
    import dabest

    wide = pd.DataFrame({"baseline": values[0, :, 0], "treatment": values[1, :, 0]})
    loaded = dabest.load(wide, idx=("baseline", "treatment"), ci=100 * (1 - 2 * LEVEL), resamples=2000)
    return bool(loaded.mean_diff.results["bca_low"].iloc[0] > 0)


TOOLS = {
    each.claims.__name__: each
    for each in (
        Tool("sigstats", "`detect`, `increasing`", detect, replications=2000, at_once=True),
        Tool("pymannkendall", "`original_test` on the means over seeds", mann_kendall_of_means),
        Tool("pymannkendall", "`regional_test`, one site per seed", regional_mann_kendall),
        Tool("statsmodels", '`mixedlm("y ~ x", groups=seed)`', random_intercepts, replications=60),
        Tool(
            "statsmodels", '`mixedlm("y ~ x", groups=seed, re_formula="~x")`', random_slopes, replications=60
        ),
        Tool("scipy", "`linregress` on all rows", line_of_rows),
        Tool("scipy", "`linregress` on the means over seeds", line_of_means),
        Tool("scipy", "`spearmanr` on all rows", spearman_of_rows),
        Tool("scipy", "`page_trend_test`, one row per seed", page),
        Tool("scipy", "`ttest_rel`, last level against first", last_against_first),
        Tool("scipy", "`ttest_1samp` on the slopes of the seeds", t_of_slopes),
        Tool("sigstats", "`compare`, `higher`", compare, "groups", 300),
        Tool("scipy", "`ttest_ind`", student, "groups"),
        Tool("scipy", "`ttest_ind(equal_var=False)`", welch, "groups"),
        Tool("scipy", "`mannwhitneyu`", mann_whitney, "groups"),
        Tool("rliable", "`probability_of_improvement`, one task", improvement, "groups", 100),
        Tool("rliable", "difference of `aggregate_mean`, ten tasks", mean_of_ten_tasks, "groups", 100),
        Tool("DABEST", "interval of `mean_diff`", estimation, "groups", 100),
    )
}


def worlds(kind: str) -> dict[str, float]:
    """Return the worlds of a kind of table, each with its clear effect."""
    return CLEAR_RISE if kind == "sweep" else CLEAR_DIFFERENCE


def rate(tool: Tool, world: str, effect: float, replications: int) -> float:
    """Return how often a tool claims a rise."""
    make = sweep if tool.kind == "sweep" else groups
    number = list(worlds(tool.kind)).index(world)
    found = 0
    if tool.at_once:
        rngs = (np.random.default_rng([number, int(effect > 0), each]) for each in range(replications))
        return tool.claims([make(rng, world, effect) for rng in rngs]) / replications
    for replication in range(replications):
        rng = np.random.default_rng([number, int(effect > 0), replication])
        np.random.seed(replication)  # noqa: NPY002 - rliable draws from numpy's global state
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found += bool(tool.claims(make(rng, world, effect)))
    return found / replications


def measured(name: str) -> list[dict[str, object]]:
    """Return the rows of one tool; power is known well enough from a quarter of the tables."""
    tool = TOOLS[name]
    release = version(tool.package)
    if tool.package == "sigstats":
        from sigstats import __version__ as release  # the copy that runs, not the one that is installed
    fewer = tool.replications // 4
    return [
        {
            "tool": name, "package": tool.package, "version": release, "what": tool.what, "kind": tool.kind,
            "world": world, "replications": tool.replications, "clear_replications": fewer,
            "no_effect": rate(tool, world, 0.0, tool.replications),
            "clear_effect": rate(tool, world, clear, fewer),
        }
        for world, clear in worlds(tool.kind).items()
    ]  # fmt: skip


def write(rows: list[dict[str, object]]) -> None:
    """Write rows, in place of those of the same tools."""
    kept: list[dict[str, object]] = []
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8", newline="") as lines:
            new = {row["tool"] for row in rows}
            kept = [dict(row) for row in csv.DictReader(lines) if row["tool"] not in new]
    order = list(TOOLS)
    ordered = sorted([*kept, *rows], key=lambda row: order.index(str(row["tool"])))
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)


if __name__ == "__main__":
    for each in sys.argv[1:] or TOOLS:
        write(measured(each))
        print(each, flush=True)
