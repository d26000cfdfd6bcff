"""Weighted sums of group means against answers from R, and their limits."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.comparisons import many_to_one
from sigstats.stats.comparisons.groups import Group, contrast, split
from sigstats.stats.comparisons.sizes import ratio, standardised

FOLDER = Path(__file__).parents[2] / "reference" / "compare"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file that make.R wrote."""
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


R = {row["name"]: float(row["value"]) for row in rows("answers.csv")}


def runs(condition: str) -> np.ndarray:
    """Return the runs of a condition, in the order of their seeds."""
    return np.array([float(row["metric"]) for row in rows("runs.csv") if row["condition"] == condition])


def group(values: object, start: int = 0) -> Group:
    """Return a group whose runs are numbered from `start`."""
    table = np.asarray(values, dtype=float)
    table = table[:, None] if table.ndim == 1 else table
    return Group(ids=np.arange(start, start + len(table)), values=table)


def cells() -> np.ndarray:
    """Return the differences of make.R, runs by items."""
    found = np.zeros((6, 12))
    for row in rows("cells.csv"):
        found[int(row["seed"]) - 1, int(row["item"]) - 1] = float(row["difference"])
    return found


def test_paired_runs_are_students_t() -> None:
    """Runs that share their numbers are compared within them, as R's t.test(paired = TRUE)."""
    found = contrast([group(runs("a")), group(runs("base"))], [1, -1], "runs")
    assert found.pvalue_above() == pytest.approx(R["paired_greater"], rel=1e-9)
    assert found.interval(0.9) == pytest.approx((R["paired_low"], R["paired_high"]), rel=1e-9)


def test_fresh_runs_are_welchs_t() -> None:
    """Runs without a common number are compared as R's t.test."""
    found = contrast([group(runs("a")), group(runs("base"), 6)], [1, -1], "runs")
    assert (found.pvalue_above(), found.df) == pytest.approx((R["welch_greater"], R["welch_df"]), rel=1e-9)


def test_two_one_sided_tests() -> None:
    """Equivalence and not worse are one-sided tests at the margins, as in R."""
    paired = contrast([group(runs("b")), group(runs("base"))], [1, -1], "runs")
    assert max(paired.pvalue_above(-1), paired.pvalue_below(1)) == pytest.approx(R["tost_paired"], rel=1e-9)
    fresh = contrast([group(runs("c")), group(runs("base"), 6)], [1, -1], "runs")
    assert fresh.pvalue_above(-1) == pytest.approx(R["not_worse_welch"], rel=1e-9)


def test_dunnett_agrees_with_multcomp() -> None:
    """Adjusted p-values are those of glht, within the error of its simulation."""
    found = many_to_one.pooled([runs(name) for name in "abc"], runs("base"), rounding=0.0)
    assert found is not None
    expected = [R[f"dunnett_{name}"] for name in "abc"]
    assert found.pvalues(bound=0.0, above=True) == pytest.approx(expected, abs=5e-4)


@pytest.mark.long
def test_dunnett_of_one_group_is_students_t() -> None:
    """With a single group nothing is corrected; in blocks it is the paired test."""
    one, base = runs("a"), runs("base")
    pooled, blocked = (fit([one], base, rounding=0.0) for fit in (many_to_one.pooled, many_to_one.blocked))
    assert pooled is not None
    assert blocked is not None
    expected = stats.ttest_ind(one, base, alternative="greater").pvalue
    assert pooled.pvalues(bound=0.0, above=True)[0] == pytest.approx(expected, rel=1e-6)
    assert blocked.pvalues(bound=0.0, above=True)[0] == pytest.approx(R["paired_greater"], rel=1e-6)
    assert pooled.critical(0.9) == pytest.approx(stats.t.ppf(0.95, 10), rel=1e-6)


def test_crossed_runs_and_items_are_lmers_random_effects() -> None:
    """Estimate, standard error, df and variance components are those of lmer with crossed effects."""
    pair = [group(cells()), group(np.zeros((6, 12)))]
    found, parts = contrast(pair, [1, -1], "both"), split(pair, [1, -1])
    assert found.estimate == pytest.approx(R["crossed_estimate"], rel=1e-9)
    assert found.se == pytest.approx(R["crossed_se"], rel=1e-5)
    assert found.df == pytest.approx(R["crossed_df"], rel=1e-3)
    assert parts is not None
    expected = (R["crossed_runs"], R["crossed_items"], R["crossed_rest"])
    assert (parts.runs, parts.items, parts.rest) == pytest.approx(expected, rel=1e-5)
    assert parts.variance(6, 12) == pytest.approx(found.variance, rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_over_both_is_never_narrower_than_over_one(seed: int) -> None:
    """Where neither runs nor items vary much, the interval over both is at least that over each."""
    rng = np.random.default_rng(seed)
    pair = [group(rng.normal(size=(3, 8))), group(rng.normal(size=(3, 8)), 3)]
    widths = [np.ptp(contrast(pair, [1, -1], over).interval(0.9)) for over in ("runs", "items", "both")]
    assert widths[2] >= max(widths[:2]) - 1e-12


def test_few_runs_against_more_count_cautiously() -> None:
    """Three runs against ten have fewer degrees of freedom than Welch's; groups of one size, or of five, have not."""
    rng = np.random.default_rng(1)

    def df(n: int, m: int) -> tuple[float, float]:
        one, other = rng.normal(size=n), rng.normal(size=m)
        found = contrast([group(one), group(other, n)], [1, -1], "runs")
        return found.df, float(stats.ttest_ind(one, other, equal_var=False).df)

    assert df(3, 10)[0] < df(3, 10)[1]
    for sizes in ((3, 3), (5, 10)):
        found, welch = df(*sizes)
        assert found == pytest.approx(welch)


def test_fieller_agrees_with_the_test_at_its_ends() -> None:
    """At the ends of the interval of a ratio r, treatment - r baseline is just not different from 0."""
    one, base = group(runs("a")), group(runs("base"))
    found = ratio(one, base, "runs", confidence=0.9)
    assert found is not None
    low = contrast([one, base], [1, -found.low], "runs")
    high = contrast([one, base], [1, -found.high], "runs")
    assert (low.pvalue_above(), high.pvalue_below()) == pytest.approx((0.05, 0.05), rel=1e-6)


def test_a_ratio_to_nothing_has_no_interval() -> None:
    """A baseline whose mean may be 0 gives no ratio."""
    base = group([-0.1, 0.2, -0.15, 0.1])
    assert ratio(group([1.0, 1.1, 0.9, 1.0]), base, "runs", confidence=0.9) is None


def test_sizes() -> None:
    """Hedges' g is the corrected standardised difference."""
    one, other = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])
    assert standardised(group(one), group(other)) == pytest.approx((1 - 3 / (4 * 4 - 1)) * 1.0, rel=1e-2)
    assert np.isnan(standardised(group(np.ones(3)), group(np.ones(3))))


def test_constant_cells_have_no_variance() -> None:
    """Nothing varies, so nothing can be tested; no warning, and no p-value."""
    pair = [group(np.ones((3, 4))), group(np.zeros((3, 4)), 3)]
    for over in ("runs", "items", "both"):
        assert np.isnan(contrast(pair, [1, -1], over).pvalue_above())
    assert many_to_one.pooled([np.ones(3)], np.zeros(3), rounding=1e-14) is None


@pytest.mark.parametrize(("n", "m"), [(3, 12), (5, 20), (6, 12)])
def test_small_levels_have_the_critical_value_of_banerjees_bound(n: int, m: int) -> None:
    """At a level of .01 its square is the mean of the squared critical values, weighted by the shares of variance."""
    rng = np.random.default_rng(8)
    one, other = rng.normal(0, 3, n), rng.normal(size=m)
    found = contrast([group(one), group(other, n)], [1, -1], "runs", level=0.01)
    parts = np.array([one.var(ddof=1) / n, other.var(ddof=1) / m])
    squares = stats.t.ppf(0.99, [n - 1, m - 1]) ** 2
    assert stats.t.ppf(0.99, found.df) ** 2 == pytest.approx(parts @ squares / parts.sum(), rel=1e-6)


def test_groups_alike_in_size_keep_welchs_degrees_of_freedom_at_small_levels() -> None:
    """Five against six, and eight against sixteen, lose nothing."""
    rng = np.random.default_rng(9)
    for n, m in ((5, 6), (8, 16), (3, 3)):
        pair = [group(rng.normal(size=n)), group(rng.normal(size=m), n)]
        small, usual = contrast(pair, [1, -1], "runs", level=0.01), contrast(pair, [1, -1], "runs")
        assert small.df == usual.df
