"""CR2 against dense matrices and against one slope per seed."""

import math

import numpy as np
import pytest
from scipy import linalg
from scipy import stats as scipy_stats

from sigstats.errors import InputError
from sigstats.stats.classical.clustered import cluster_robust
from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap


def sweep(seeds, levels, rng, missing=0):
    """Return design, observations and seeds of a noisy sweep with random slopes."""
    x = np.tile(np.arange(levels, dtype=float), seeds)
    seed = np.repeat(np.arange(seeds), levels)
    y = rng.normal(size=seeds)[seed] + (0.3 + rng.normal(size=seeds)[seed]) * x + rng.normal(size=len(x))
    kept = np.sort(rng.permutation(len(x))[missing:])
    return np.column_stack([np.ones(len(kept)), x[kept]]), y[kept], seed[kept]


def dense_cr2(design, y, seed, contrast):
    """Return estimate, standard error and degrees of freedom by the definitions, with full matrices."""
    n = len(y)
    bread = linalg.inv(design.T @ design)
    residual_maker = np.eye(n) - design @ bread @ design.T
    residuals = residual_maker @ y
    vectors = []
    for g in np.unique(seed):
        rows = np.flatnonzero(seed == g)
        values, basis = linalg.eigh(residual_maker[np.ix_(rows, rows)])
        root = basis @ np.diag([1 / math.sqrt(v) if v > 1e-10 else 0.0 for v in values]) @ basis.T
        vector = np.zeros(n)
        vector[rows] = root @ design[rows] @ bread @ contrast
        vectors.append(vector)
    variance = sum((vector @ residuals) ** 2 for vector in vectors)
    covariance = np.array([[a @ residual_maker @ b for b in vectors] for a in vectors])
    df = np.trace(covariance) ** 2 / np.sum(covariance**2)
    return contrast @ bread @ design.T @ y, math.sqrt(variance), df


@pytest.mark.parametrize("missing", [0, 5])
@pytest.mark.parametrize(("seeds", "levels"), [(3, 4), (6, 5), (10, 3)])
def test_sandwich_and_degrees_of_freedom_follow_the_definition(seeds, levels, missing):
    """Estimate, standard error and degrees of freedom are those of the dense formulas, also with gaps."""
    rng = np.random.default_rng(seeds + missing)
    design, y, seed = sweep(seeds, levels, rng, missing)
    for contrast in ([0.0, 1.0], [1.0, 2.0]):
        ours = cluster_robust(design, y, seed, contrast=contrast)
        expected = dense_cr2(design, y, seed, np.array(contrast))
        assert (ours.estimate, ours.standard_error, ours.df) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("missing", [0, 5])
@pytest.mark.parametrize("seeds", [4, 12])
def test_without_their_corrections_both_tests_are_the_sandwich_of_statsmodels(seeds, missing):
    """The estimate is that of OLS, the bootstrap's t has its CR1 sandwich, and CR2 comes near it with many clusters."""
    from statsmodels.regression.linear_model import OLS

    design, y, seed = sweep(seeds, 6, np.random.default_rng(seeds), missing)
    theirs = OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": seed, "use_correction": True})
    ours = cluster_robust(design, y, seed, contrast=[0.0, 1.0])
    drawn = wild_cluster_bootstrap(design, y, seed, contrast=[0.0, 1.0], weights="rademacher", n_draws=99)
    assert ours.estimate == pytest.approx(theirs.params[1], rel=1e-9)
    assert drawn.statistic == pytest.approx(theirs.tvalues[1], rel=1e-9)
    assert ours.standard_error == pytest.approx(theirs.bse[1], rel=0.2 if seeds == 4 else 0.06)


@pytest.mark.parametrize("seeds", [3, 5, 18])
def test_balanced_slope_is_one_slope_per_seed(seeds):
    """With the same levels in every seed, t and p are those of the seeds' own slopes."""
    design, y, seed = sweep(seeds, 6, np.random.default_rng(seeds))
    slopes = [np.polyfit(design[seed == g, 1], y[seed == g], 1)[0] for g in range(seeds)]
    theirs = scipy_stats.ttest_1samp(slopes, 0.0)
    ours = cluster_robust(design, y, seed, contrast=[0, 1])
    assert ours.df == pytest.approx(seeds - 1, rel=1e-9)
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)


def test_seed_dummies_change_nothing_for_a_balanced_slope():
    """Columns that absorb whole seeds are handled, and leave the balanced slope's t as it is."""
    design, y, seed = sweep(5, 6, np.random.default_rng(2))
    dummies = np.column_stack([(seed[:, None] == np.arange(5)).astype(float), design[:, 1]])
    plain = cluster_robust(design, y, seed, contrast=[0, 1])
    absorbed = cluster_robust(dummies, y, seed, contrast=[0, 0, 0, 0, 0, 1])
    assert absorbed.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert absorbed.df == pytest.approx(plain.df, rel=1e-6)


def test_interval_and_pvalue_agree():
    """The interval at confidence 1 - p ends at the value under the null hypothesis."""
    design, y, seed = sweep(6, 5, np.random.default_rng(4), missing=3)
    first = cluster_robust(design, y, seed, contrast=[0, 1], null_value=0.1)
    at_the_edge = cluster_robust(design, y, seed, contrast=[0, 1], confidence=1 - first.pvalue)
    ends = (at_the_edge.low, at_the_edge.high)
    assert min(abs(end - 0.1) for end in ends) < 1e-8


def test_labels_and_order_of_rows_do_not_matter():
    """Text labels and shuffled rows give the same answer."""
    rng = np.random.default_rng(5)
    design, y, seed = sweep(5, 4, rng, missing=2)
    order = rng.permutation(len(y))
    names = np.array([f"run {9 - g}" for g in seed])
    first = cluster_robust(design, y, seed, contrast=[0, 1])
    second = cluster_robust(design[order], y[order], names[order], contrast=[0, 1])
    assert (second.statistic, second.df) == pytest.approx((first.statistic, first.df), rel=1e-12)


@pytest.mark.parametrize(("x_power", "y_power"), [(0, 900), (0, -900), (400, 0), (-300, 600)])
def test_units_do_not_matter(x_power, y_power):
    """Extreme units of knob and metric leave t, p and degrees of freedom."""
    design, y, seed = sweep(5, 4, np.random.default_rng(6), missing=2)
    scaled = design.copy()
    scaled[:, 1] = np.ldexp(scaled[:, 1], x_power)
    first = cluster_robust(design, y, seed, contrast=[0, 1])
    second = cluster_robust(scaled, np.ldexp(y, y_power), seed, contrast=[0, 1])
    assert (second.statistic, second.df) == pytest.approx((first.statistic, first.df), rel=1e-12)
    assert second.estimate == pytest.approx(math.ldexp(first.estimate, y_power - x_power), rel=1e-12)


def test_seeds_that_agree_exactly_have_no_pvalue():
    """Where every seed has the same line there is no spread between seeds, hence no t and no p of 0."""
    x, seed = np.tile(np.arange(5.0), 3), np.repeat(np.arange(3), 5)
    for y in (2 * x, 0.1 * x + 0.3, 0 * x + 7.7):
        result = cluster_robust(np.column_stack([np.ones(15), x]), y, seed, contrast=[0, 1])
        assert (result.statistic, result.pvalue, result.low, result.standard_error) == (None, None, None, 0.0)


def test_unusable_input_is_named():
    """One cluster, dependent columns, lengths that differ and empty contrasts are errors."""
    design, y, seed = sweep(4, 4, np.random.default_rng(1))
    with pytest.raises(InputError, match="one label"):
        cluster_robust(design, y, np.zeros(16), contrast=[0, 1])
    with pytest.raises(InputError, match="depend on each other"):
        cluster_robust(np.column_stack([design, design[:, 1]]), y, seed, contrast=[0, 1, 0])
    with pytest.raises(InputError, match="differ in length"):
        cluster_robust(design, y, seed[:-1], contrast=[0, 1])
    with pytest.raises(InputError, match="`contrast`"):
        cluster_robust(design, y, seed, contrast=[0, 0])
    with pytest.raises(InputError, match="`cluster`"):
        cluster_robust(design, y, np.full(16, math.nan), contrast=[0, 1])
