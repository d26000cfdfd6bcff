"""What common practice says is what the packages say that it comes from; how often it is wrong is measured."""

import json
import warnings

import numpy as np
import pymannkendall
import pytest
from scipy import stats

from sigstats import Signature, SweepTable, detect, simulate_sweep
from sigstats.errors import OptionError
from sigstats.studies.practice import trend_practices as module
from sigstats.studies.practice.common_practice import TRENDS, common_practice

RISE = Signature(shape="increasing")
TABLE = simulate_sweep(1.0, n_seeds=5, levels=9, slope_sd=1.0, intercept_sd=2.0, rng=4)
CURVES = TABLE.matrix("treatment")
LEVELS = TABLE.levels


@pytest.fixture(scope="module")
def found():
    return common_practice(TABLE, RISE)


@pytest.mark.long
def test_mann_kendall_is_that_of_pymannkendall(found):
    """Half of its two-sided p-value, since the slope is positive."""
    reference = pymannkendall.original_test(CURVES.mean(axis=0))
    assert reference.s > 0
    assert found["mean_curve_mann_kendall"].pvalue == pytest.approx(reference.p / 2, rel=1e-9)


def test_mann_kendall_with_ties_is_that_of_pymannkendall():
    """Ties take from the variance."""
    curve = np.array([[1.0, 1.0, 2.0, 2.0, 2.0, 5.0, 4.0, 7.0]])
    reference = pymannkendall.original_test(curve[0])
    assert module._mann_kendall(curve, np.arange(8.0)) == pytest.approx(reference.p / 2, rel=1e-9)
    assert module._mann_kendall(np.ones((2, 5)), np.arange(5.0)) == 1.0


def test_spearman_and_least_squares_are_those_of_scipy(found):
    """Over all cells, one-sided."""
    x, y = np.tile(LEVELS, 5), CURVES.ravel()
    spearman = stats.spearmanr(x, y, alternative="greater").pvalue
    line = stats.linregress(x, y, alternative="greater").pvalue
    assert found["pooled_spearman"].pvalue == pytest.approx(spearman, rel=1e-9)
    assert found["least_squares"].pvalue == pytest.approx(line, rel=1e-9)


def mixed_model(curves, x):
    """Return the slope over its standard error in the random-intercept model of statsmodels, fitted by REML."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    n_seeds, n_levels = curves.shape
    design = np.column_stack([np.ones(curves.size), np.tile(x, n_seeds)])
    model = MixedLM(curves.ravel(), design, groups=np.repeat(np.arange(n_seeds), n_levels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where the variance between seeds is 0
        return model.fit(reml=True, method="powell", xtol=1e-12, ftol=1e-14).tvalues[1]


@pytest.mark.long
@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("spread", [0.0, 0.3, 30.0])
@pytest.mark.parametrize("missing", [0, 7])
def test_what_statsmodels_fits_is_what_the_closed_forms_give(spread, missing, two_sided):
    """Of the table itself and of simulated tables, the p-values of the linear models agree to 1e-9, also with gaps."""
    for entropy in range(20):
        rng = np.random.default_rng(entropy)
        x = np.sort(rng.uniform(size=8))
        curves = 1e3 + 0.5 * x + spread * rng.normal(size=(6, 1)) + rng.normal(size=(6, 8))
        curves.ravel()[rng.permutation(48)[:missing]] = np.nan
        trend = module.TrendData(x=x, repeated=True, two_sided=two_sided)
        assert module.reported(curves, trend) == pytest.approx(module.pvalues(curves, trend), rel=1e-9)


def test_statsmodels_is_asked_about_the_table_itself(monkeypatch):
    """Two fits for the table; none for the tables that are simulated from it."""
    from statsmodels.regression import linear_model

    made = []

    class Counted(linear_model.OLS):
        def fit(self, *given, **options):
            made.append(self.exog.shape)
            return super().fit(*given, **options)

    monkeypatch.setattr(linear_model, "OLS", Counted)
    monkeypatch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 2)
    common_practice(TABLE, RISE)
    assert made == [(45, 2), (45, 6)]


@pytest.mark.parametrize("curves", [np.ones((3, 4)), np.arange(8.0).reshape(2, 4), np.full((1, 4), 2.0)])
def test_without_noise_neither_form_has_a_pvalue(curves):
    """A constant and a perfect line: rounding is not evidence."""
    trend = module.TrendData(x=np.linspace(0.0, 1.0, 4), repeated=True, two_sided=False)
    for found in (module.pvalues(curves, trend), module.reported(curves, trend)):
        assert np.isnan(found["random_intercept"])
    for name in ("least_squares", "random_intercept"):
        closed, fitted = module.pvalues(curves, trend)[name], module.reported(curves, trend)[name]
        assert closed == pytest.approx(fitted, rel=1e-9, nan_ok=True)


@pytest.mark.long
@pytest.mark.parametrize("entropy", range(6))
@pytest.mark.parametrize("spread", [0.0, 0.3, 3.0])
def test_the_random_intercept_is_that_of_statsmodels(entropy, spread):
    """The t statistic of the slope is that of a mixed model fitted by REML, with and without spread between seeds."""
    rng = np.random.default_rng(entropy)
    x = np.sort(rng.uniform(size=7))
    curves = 0.5 * x + spread * rng.normal(size=(5, 1)) + rng.normal(size=(5, 7))
    df = 35 - 2 if module._no_spread_between(curves, x) else 35 - 5 - 1
    ours = stats.t.isf(module._random_intercept(curves, x), df)
    assert ours == pytest.approx(mixed_model(curves, x), rel=1e-6)


def test_both_sides_of_the_bound_on_the_variance_between_seeds_were_met():
    """Seeds that are alike by more than chance allows have none; seeds that are not, have some."""
    x = np.arange(4.0)
    noise = np.array([[1.0, -1.0, -1.0, 1.0]])
    alike = np.repeat(noise, 3, axis=0) * [[1.0], [-1.0], [2.0]]
    assert module._no_spread_between(alike, x)
    assert not module._no_spread_between(alike + np.array([[0.0], [3.0], [6.0]]), x)


@pytest.mark.long
def test_the_random_intercept_with_gaps_is_that_of_dummies_for_seeds():
    """With missing cells, the slope within seeds is that of least squares with one intercept per seed."""
    import statsmodels.api as sm

    curves = CURVES.copy()
    curves[[0, 1, 1, 4], [3, 0, 8, 5]] = np.nan
    seen = ~np.isnan(curves)
    seeds, places = np.nonzero(seen)
    design = np.column_stack([np.eye(5)[seeds], TABLE.levels[places]])
    fit = sm.OLS(curves[seen], design).fit()
    ours = module._random_intercept(curves, LEVELS)
    assert ours == pytest.approx(stats.t.sf(fit.tvalues[-1], fit.df_resid), rel=1e-9)


def test_the_bootstrap_approaches_all_resamples():
    """With 3 seeds, there are 27 resamples; the p-value is near their share at or below 0."""
    curves = np.array([[0.0, 0.5, 1.0], [0.0, 1.0, 2.0], [0.0, -0.45, -0.9]])
    scores = np.array([1.0, 2.0, -0.9])
    means = scores[np.indices((3, 3, 3)).reshape(3, -1)].mean(axis=0)
    expected = (means <= 0).mean()
    assert module._bootstrap(curves, np.array([0.0, 0.5, 1.0])) == pytest.approx(expected, abs=0.03)


def test_the_last_practice_is_the_interval_line_of_the_verdict(found):
    """One score per seed and Student's t: the p-value that the package itself prints for the interval."""
    expected = detect(TABLE, RISE).evidence.interval.pvalue
    assert found["seed_scores"].pvalue == pytest.approx(expected, rel=1e-9)
    assert list(TRENDS) == [practice.name for practice in found.practices]


@pytest.mark.long
def test_where_slopes_differ_common_practice_claims_too_often():
    """Cells of a seed are no independent observations; one score per seed keeps its promise."""
    found = common_practice(simulate_sweep(0.0, n_seeds=4, levels=9, slope_sd=6.0, rng=4), RISE)
    false = {practice.name: practice.false_claims for practice in found.practices}
    assert false["seed_scores"] == pytest.approx(0.05, abs=0.035)
    assert false["random_intercept"] > 0.2
    assert found["random_intercept"].errs == "claims too often"
    assert found["percentile_bootstrap"].errs == "claims too often"
    assert found["seed_scores"].errs == "not told from nominal"


@pytest.mark.long
def test_slopes_differ_on_the_scale_of_the_knob(monkeypatch):
    """Simulated scores vary as those of the table, also where the knob is analysed on a log scale."""
    levels = np.geomspace(1.0, 1e4, 9)
    rng = np.random.default_rng(1)
    curves = rng.normal(0.0, 2.0, (40, 1)) * np.linspace(0.0, 1.0, 9) + rng.normal(0.0, 0.3, (40, 9))
    table = SweepTable.from_matrices(levels, {"treatment": curves})
    monkeypatch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 2)
    plan = common_practice(table, Signature(shape="increasing", knob_scale="log")).plan
    slopes = [stats.linregress(np.linspace(0, 1, 9), curve).slope for curve in curves]
    again = plan.simulate(np.random.default_rng(2)).matrix("treatment")
    simulated = [stats.linregress(np.linspace(0, 1, 9), curve).slope for curve in again]
    assert np.std(simulated) == pytest.approx(np.std(slopes), rel=0.3)


@pytest.mark.long
def test_where_only_noise_differs_pooling_is_right():
    """With independent cells and no difference between seeds, pooling all cells keeps its promise."""
    table = simulate_sweep(0.0, n_seeds=6, levels=10, rng=1)
    assert common_practice(table, RISE)["least_squares"].errs == "not told from nominal"


@pytest.mark.long
def test_large_offsets_make_pooling_too_cautious():
    """Differences in level between seeds drown a trend that is there in every one of them."""
    table = simulate_sweep(0.0, n_seeds=6, levels=10, intercept_sd=20.0, rng=1)
    pooled = common_practice(table, RISE)["pooled_spearman"]
    assert (pooled.errs, pooled.false_claims) == ("claims too rarely", 0.0)


@pytest.mark.long
def test_a_fall_is_tested_downwards():
    """The mirrored table with the mirrored claim has the same p-values."""
    mirrored = SweepTable.from_matrices(LEVELS, {"treatment": -CURVES})
    falling = common_practice(mirrored, Signature(shape="decreasing"))
    rising = common_practice(SweepTable.from_matrices(LEVELS, {"treatment": CURVES}), RISE)
    for name in TRENDS:
        assert falling[name].pvalue == pytest.approx(rising[name].pvalue, rel=1e-6)


@pytest.mark.long
def test_an_open_direction_is_tested_on_both_sides(found):
    """A straight line without a declared direction doubles the p-value, and keeps the rate of the right method."""
    straight = common_practice(TABLE, Signature(shape={"name": "linear", "direction": "either"}))
    assert straight["least_squares"].pvalue == pytest.approx(2 * found["least_squares"].pvalue, rel=1e-9)
    assert straight["seed_scores"].false_claims == pytest.approx(0.05, abs=0.035)


@pytest.mark.long
def test_the_same_table_gives_the_same_answer(found):
    assert common_practice(TABLE, RISE).to_dict() == found.to_dict()
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["nominal"] == 0.05


@pytest.mark.long
def test_fresh_runs_have_no_seeds_to_resample():
    """In the independent design, practices that need a seed's whole curve say nothing."""
    table = simulate_sweep(2.0, n_seeds=5, levels=8, independent=True, rng=1)
    found = common_practice(table, RISE)
    assert found["random_intercept"].pvalue is None
    assert found["random_intercept"].errs == "not measured"
    assert found["least_squares"].claims is True
    assert found["least_squares"].errs == "not told from nominal"


def test_too_few_seeds_are_not_simulated_from():
    """p-values are what they are; rates need seeds."""
    found = common_practice(simulate_sweep(1.0, n_seeds=2, rng=1), RISE)
    assert found.replications == 0
    assert found.plan is None
    assert found["least_squares"].pvalue is not None
    assert {practice.errs for practice in found.practices} == {"not measured"}


def test_what_has_no_variance_has_no_pvalue():
    """A perfect line is no evidence that its slope is known."""
    table = SweepTable.from_matrices(range(5), {"treatment": np.tile(np.arange(5.0), (4, 1))})
    found = common_practice(table, RISE)
    assert found["least_squares"].pvalue is None
    assert found["least_squares"].claims is None
    assert found["seed_scores"].pvalue is None


def test_only_trends_are_compared():
    with pytest.raises(OptionError, match=r"^`signature` claims the shape 'peak'; the practices"):
        common_practice(TABLE, Signature(shape="peak"))
