"""Hierarchical slopes of a sweep."""

import math

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats import priors
from sigstats.errors import InputError, OptionError
from sigstats.stats import random_slopes
from sigstats.stats.bayes.by_condition import random_slopes_by_condition

OWN = {
    "sigma": priors.half_normal(2.0),
    "sigma_alpha": priors.half_normal(3.0),
    "sigma_beta": priors.half_normal(2.0),
}


@pytest.fixture(scope="module")
def sweep() -> ss.SweepTable:
    """Two treatments and a control whose slopes vary by seed."""
    effects = {"a": 4.0, "b": 3.0, "control": 0.0}
    return ss.simulate_sweep(effects, n_seeds=5, levels=8, slope_sd=0.5, intercept_sd=1.0, rng=5)


@pytest.fixture(scope="module")
def found(sweep: ss.SweepTable) -> ss.Slopes:
    """Its slopes, with a smallest effect of interest."""
    return ss.hierarchical_slopes(sweep, control="control", min_effect=0.5)


def long(sweep: ss.SweepTable, condition: str) -> tuple[np.ndarray, ...]:
    """Return x, y and seed of a condition, as the model takes them."""
    curves = sweep.matrix(condition)
    rows, columns = np.nonzero(np.isfinite(curves))
    x = (sweep.levels - sweep.levels[0]) / np.ptp(sweep.levels) - 0.5
    return x[columns], curves[rows, columns], rows


def test_one_treatment_is_the_random_slopes_model_of_its_curves():
    """The posterior is that of random_slopes on the rescaled knob, with a prior on the level in the metric's units."""
    sweep = ss.simulate_sweep(3.0, n_seeds=5, levels=6, slope_sd=0.5, rng=7)
    means = {"mu_alpha": priors.normal(1, 0.5), "mu_beta": priors.normal(0, 9)}
    found = ss.hierarchical_slopes(sweep, **means, **OWN)
    x, y, seed = long(sweep, "treatment")
    direct = random_slopes(x, y, seed, **means, **OWN)
    assert found.mean == pytest.approx(float(direct.mu_beta.mean), rel=1e-6)
    assert found.sd == pytest.approx(float(direct.mu_beta.sd), rel=1e-5)
    assert found.prob_positive == pytest.approx(direct.prob_positive, rel=1e-6)
    assert found.log_evidence == pytest.approx(direct.log_evidence, abs=1e-6)
    shrunken = found.seeds["shrunken"].sort_values().to_numpy()
    np.testing.assert_allclose(shrunken, np.sort(direct.beta.mean), rtol=1e-6)


def test_several_treatments_are_the_nested_model_of_their_curves(sweep):
    """Conditions vary around a mean and seeds around conditions; the answer is the mean of the conditions included."""
    spread = priors.half_normal(1.0)
    found = ss.hierarchical_slopes(sweep, treatment=["a", "b"], sigma_condition_slope=spread, **OWN)
    parts = [long(sweep, name) for name in "ab"]
    x, y, seed = (np.concatenate(each) for each in zip(*parts, strict=True))
    direct = random_slopes_by_condition(
        x,
        y,
        seed,
        np.repeat([0, 1], [parts[0][0].size, parts[1][0].size]),
        mu_beta=priors.flat(),
        sigma=OWN["sigma"],
        sigma_seed_intercept=OWN["sigma_alpha"],
        sigma_seed_slope=OWN["sigma_beta"],
        sigma_condition_slope=spread,
    )
    mean = direct.contrast([0.5, 0.5])
    assert found.mean == pytest.approx(mean.mean, rel=1e-6)
    assert found.sd == pytest.approx(mean.sd, rel=1e-6)
    assert found.prob_positive == pytest.approx(float(mean.prob_positive), abs=1e-5)
    rows = found.conditions.set_index("condition").loc[["a", "b"]]
    np.testing.assert_allclose(rows["shrunken"], direct.condition_slope.mean, rtol=1e-6)
    np.testing.assert_allclose(rows["sd"], direct.condition_slope.sd, rtol=1e-6)
    ends = direct.condition_slope.interval(0.9)
    np.testing.assert_allclose(rows[["low", "high"]], ends, rtol=1e-4)
    np.testing.assert_allclose(rows["prob_positive"], direct.condition_slope.prob_positive, atol=1e-5)
    spreads = found.spreads.set_index("parameter")
    assert spreads.loc["sigma_beta", "median"] == pytest.approx(direct.sigma_seed_slope.quantile(0.5))
    population = found.means.set_index("mean_over").loc["population of treatments"]
    assert population["sd"] == pytest.approx(direct.mu_beta.sd, rel=1e-6)
    assert found.sd < population["sd"]


def test_raw_slopes_are_least_squares_beside_the_shrunken_ones(sweep, found):
    """A seed's raw slope is its least-squares line's, a condition's is their mean; errors are the usual ones."""
    x, y, seed = long(sweep, "a")
    lines = [np.polyfit(x[seed == s], y[seed == s], 1) for s in range(5)]
    slopes = np.array([line[0] for line in lines])
    table = found.seeds[found.seeds["condition"] == "a"].sort_values("raw")
    np.testing.assert_allclose(table["raw"], np.sort(slopes), rtol=1e-9)
    row = found.conditions.set_index("condition").loc["a"]
    assert row["raw"] == pytest.approx(slopes.mean())
    assert row["raw_sd"] == pytest.approx(slopes.std(ddof=1) / math.sqrt(5))
    both = [long(sweep, name) for name in "ab"]
    rest = sum(
        np.polyfit(x[seed == s], y[seed == s], 1, full=True)[1][0] for x, y, seed in both for s in range(5)
    )
    error = math.sqrt(rest / (2 * 5 * 6)) / math.sqrt(((x[seed == 0]) ** 2).sum())
    np.testing.assert_allclose(table["raw_sd"], error, rtol=1e-9)


def test_seeds_are_drawn_towards_each_other_and_controls_stay_apart(sweep, found):
    """Shrunken slopes lie closer together than raw ones; removing the control changes nothing for the treatments."""
    treated = found.seeds[found.seeds["role"] == "treatment"]
    assert treated["shrunken"].std() < treated["raw"].std()
    assert len(treated) == found.n_seeds == 10
    alone = ss.hierarchical_slopes(sweep, treatment=["a", "b"])
    assert alone.mean == pytest.approx(found.mean, rel=1e-9)
    assert set(found.conditions["condition"]) == {"a", "b", "control"}
    assert alone.contrast is None
    assert alone.control_posterior is None
    control = ss.hierarchical_slopes(sweep, treatment="control")
    row = found.means.set_index("mean_over").loc["control"]
    assert row["shrunken"] == pytest.approx(control.mean, rel=1e-9)


def test_the_contrast_is_that_of_independent_draws(found):
    """Treatment minus control has the mean, sd and probabilities of the difference of independent draws."""
    treated, control = (found.draws(40_000, rng=i, role=r) for i, r in enumerate(("treatment", "control")))
    sample = treated.mean_slope - control.mean_slope
    contrast = found.contrast
    assert sample.mean() == pytest.approx(contrast.mean, abs=0.02 * contrast.sd)
    assert sample.std() == pytest.approx(contrast.sd, rel=0.03)
    for p, value in zip((0.05, 0.5, 0.95), contrast.quantile([0.05, 0.5, 0.95]), strict=True):
        assert np.mean(sample <= value) == pytest.approx(p, abs=0.006)
    assert np.mean(sample > 0) == pytest.approx(contrast.prob_positive, abs=0.002)
    row = found.means.set_index("mean_over").loc["treatment - control"]
    assert row["low"] < row["raw"] < row["high"]


def test_intervals_hold_what_they_say(found):
    """Equal-tailed and shortest intervals hold 90 % of the posterior; the shortest is no longer than the other."""
    treated = found._fits[0].slope
    assert np.diff(treated.cdf([found.estimate.low, found.estimate.high]))[0] == pytest.approx(0.9, abs=1e-6)
    hdi = found.hdi()
    assert np.diff(treated.cdf([hdi.low, hdi.high]))[0] == pytest.approx(0.9, abs=1e-4)
    assert hdi.high - hdi.low <= (found.estimate.high - found.estimate.low) * (1 + 1e-6)
    assert found.hdi(0.5).low > hdi.low
    for frame in (found.seeds, found.conditions, found.means, found.spreads):
        assert np.all(frame["hdi_high"] - frame["hdi_low"] <= (frame["high"] - frame["low"]) * (1 + 1e-6))
    assert found.mass_small == pytest.approx(float(treated.mass_inside(-0.5, 0.5)))
    assert found.conditions.loc[found.conditions["role"] == "control", "mass_small"].item() > 0.3


def test_direction_turns_slopes_and_nothing_else(sweep, found):
    """A predicted fall turns the sign of every slope; levels and predictions stay in the metric's units."""
    frame = sweep.to_frame()
    column = sweep.metric
    up = found
    down = ss.hierarchical_slopes(
        frame.assign(**{column: 50.0 - frame[column]}), control="control", shape="decreasing"
    )
    assert down.mean == pytest.approx(up.mean, rel=1e-9)
    assert down.contrast.prob_positive == pytest.approx(up.contrast.prob_positive, rel=1e-9)
    drawn = down.draws(2000)
    levels = 50.0 - up.draws(2000).condition_intercept
    np.testing.assert_allclose(drawn.condition_intercept.mean(axis=0), levels.mean(axis=0), atol=0.05)


def test_wider_priors_on_the_spread_widen_the_posterior(sweep, found):
    """Sensitivity tells how mean slope and contrast move when the scale of each prior is multiplied."""
    table = found.sensitivity((0.3, 1.0, 3.0))
    assert list(dict.fromkeys(table["prior"])) == [
        "sigma",
        "sigma_alpha",
        "sigma_beta",
        "sigma_condition_slope",
    ]
    assert len(table) == 12
    spread = table[table["prior"] == "sigma_beta"].sort_values("factor")
    assert spread["sd"].is_monotonic_increasing
    assert spread["contrast_sd"].is_monotonic_increasing
    same = table[table["factor"] == 1.0]
    np.testing.assert_allclose(same["mean"], found.mean)
    np.testing.assert_allclose(same["contrast_prob_positive"], found.contrast.prob_positive)
    alone = ss.hierarchical_slopes(sweep, treatment="a", mu_beta=priors.normal(0, 1))
    rows = alone.sensitivity((3.0,))
    assert list(rows["prior"]) == ["mu_beta", "sigma", "sigma_alpha", "sigma_beta"]
    assert rows["mean"][0] > alone.mean
    assert rows["contrast_mean"].isna().all()


def test_a_prior_on_the_conditions_spread_pulls_them_together(sweep):
    """A tight prior leaves little between conditions, a wide one leaves them where they are."""
    gaps = []
    for scale in (1e-2, 1.0, 10.0):
        given = priors.half_normal(scale)
        found = ss.hierarchical_slopes(sweep, treatment=["a", "b"], sigma_condition_slope=given)
        gaps.append(float(np.ptp(found.conditions["shrunken"])))
        assert found.priors["sigma_condition_slope"] == str(given)
    raw = float(np.ptp(found.conditions["raw"]))
    assert gaps[0] < 0.05 * raw
    assert gaps[0] < gaps[1] < gaps[2]
    assert gaps[2] == pytest.approx(raw, rel=0.25)


@pytest.mark.parametrize("unit", [2.0**-30, 1e-9, 1024.0, 1e9])
def test_the_metric_s_unit_does_not_matter(sweep, found, unit):
    """Multiplying the metric multiplies the answer, from slopes of 1e-9 to slopes of 1e9."""
    frame = sweep.to_frame()
    column = sweep.metric
    scaled = frame.assign(**{column: frame[column] * unit})
    other = ss.hierarchical_slopes(scaled, control="control")
    assert other.mean == pytest.approx(unit * found.mean, rel=1e-6)
    assert other.sd == pytest.approx(unit * found.sd, rel=1e-5)
    assert other.contrast.sd == pytest.approx(unit * found.contrast.sd, rel=1e-5)
    assert other.prob_positive == pytest.approx(found.prob_positive, rel=1e-6)
    assert other.contrast.prob_positive == pytest.approx(found.contrast.prob_positive, abs=1e-6)


def test_a_level_far_from_zero_does_not_matter(sweep, found):
    """The slopes of a metric around a million are those of the metric around zero."""
    frame = sweep.to_frame()
    column = sweep.metric
    moved = ss.hierarchical_slopes(frame.assign(**{column: frame[column] + 1e6}), control="control")
    assert moved.mean == pytest.approx(found.mean, rel=1e-6)
    assert moved.contrast.sd == pytest.approx(found.contrast.sd, rel=1e-6)


def test_neither_order_nor_labels_matter(sweep, found):
    """Shuffled rows and other names give the same numbers, to the last digit."""
    frame = sweep.to_frame().sample(frac=1.0, random_state=3)
    renamed = {"a": "zeta", "b": "alpha", "control": "m"}
    frame[sweep.condition] = frame[sweep.condition].map(renamed)
    frame[sweep.seed] = "run " + frame[sweep.seed].astype(str).str[::-1]
    other = ss.hierarchical_slopes(frame, control="m", min_effect=0.5)
    assert other.mean == found.mean
    assert other.contrast.prob_positive == found.contrast.prob_positive
    np.testing.assert_array_equal(other.draws(16).beta, found.draws(16).beta)
    shrunken = other.conditions.set_index("condition")["shrunken"]
    expected = found.conditions.set_index("condition")["shrunken"].rename(renamed)
    pd.testing.assert_series_equal(shrunken.sort_index(), expected.sort_index(), check_names=False)


def test_unequal_levels_and_seeds_are_taken_as_they_are(sweep):
    """Short seeds that are kept, and conditions with fewer seeds, are fitted; a seed with one level is left out."""
    frame = sweep.to_frame()
    first = frame[sweep.seed] == "a-0"
    cut = frame[~(first & (frame[sweep.knob] > sweep.levels[2]))]
    cut = cut[~cut[sweep.seed].isin(["b-0", "b-1"])]
    without = ss.hierarchical_slopes(cut, control="control").conditions
    assert dict(zip(without["condition"], without["n_seeds"], strict=True)) == {"a": 4, "b": 3, "control": 5}
    found = ss.hierarchical_slopes(cut, control="control", short_seeds="keep")
    assert dict(zip(found.conditions["condition"], found.conditions["n_seeds"], strict=True)) == {
        "a": 5,
        "b": 3,
        "control": 5,
    }
    errors = found.seeds.set_index("seed")["raw_sd"]
    assert errors["a-0"] > 2 * errors["a-1"]
    alone = frame[~(first & (frame[sweep.knob] > sweep.levels[0]))]
    assert "a-0" not in set(ss.hierarchical_slopes(alone, control="control").seeds["seed"])


def test_draws_follow_the_posterior(found):
    """Draws of everything have the means of the posterior, and the same each time."""
    draws = found.draws(4000)
    assert draws.mean_slope.mean() == pytest.approx(found.mean, abs=4 * found.sd / np.sqrt(4000))
    treated = found.seeds[found.seeds["role"] == "treatment"]
    np.testing.assert_allclose(
        (draws.beta.mean(axis=0) - treated["shrunken"]) / treated["sd"], 0.0, atol=0.07
    )
    np.testing.assert_array_equal(draws.beta, found.draws(4000).beta)
    assert draws.condition_slope.shape == (4000, 2)
    assert draws.sigma_condition_slope.shape == (4000,)
    control = found.draws(8, role="control")
    assert control.sigma_condition_slope is None
    np.testing.assert_array_equal(control.mean_slope, control.mu_beta)


def test_no_spread_between_seeds_is_no_obstacle():
    """Seeds with the same line and noise of their own have a spread of slopes near 0 and a finite answer."""
    rng = np.random.default_rng(4)
    curves = 3.0 * np.linspace(0, 1, 8) + rng.normal(0, 1, (5, 8))
    x = np.linspace(0, 1, 8)
    curves -= (
        (curves - curves.mean(axis=1)[:, None]) @ (x - 0.5)[:, None] / ((x - 0.5) ** 2).sum() * (x - 0.5)
    )
    curves += 3.0 * x - curves.mean(axis=1)[:, None]
    found = ss.hierarchical_slopes(ss.SweepTable.from_matrices(x, {"treatment": curves}))
    assert found.seeds["raw"].std() < 1e-12
    assert found.mean == pytest.approx(3.0, abs=1e-6)
    assert 0 < found.sd < 1
    spread = found.spreads.set_index("parameter").loc["sigma_beta"]
    assert spread["hdi_low"] == 0.0
    assert spread["median"] < 1.0


def test_what_the_model_cannot_say_is_an_error():
    """Fresh runs have no lines of their own, and curves without noise give no scale."""
    fresh = ss.simulate_sweep(2.0, n_seeds=4, independent=True)
    with pytest.raises(OptionError, match="repeated design"):
        ss.hierarchical_slopes(fresh)
    lines = np.outer(np.arange(1.0, 5.0), np.arange(5.0))
    exact = ss.SweepTable.from_matrices(np.arange(5.0), {"treatment": lines})
    with pytest.raises(OptionError, match=r"treatments \('treatment',\) does not vary .* priors"):
        ss.hierarchical_slopes(exact)
    with pytest.raises(InputError, match="does not vary around"):
        ss.hierarchical_slopes(exact, **OWN)
    constant = ss.SweepTable.from_matrices(np.arange(5.0), {"treatment": np.full((4, 5), 7.0)})
    with pytest.raises(OptionError, match="does not vary around the seeds' lines"):
        ss.hierarchical_slopes(constant)
    with pytest.raises(OptionError, match=r"\{'treatment': 1\} and 5 levels"):
        ss.hierarchical_slopes(ss.SweepTable.from_matrices(np.arange(5.0), {"treatment": lines[:1]}))


@pytest.mark.parametrize("scale", [0, -1.0, math.inf, math.nan])
def test_a_prior_without_a_proper_scale_is_refused(scale):
    """A scale of 0, below 0 or without end is no prior; the error names it."""
    with pytest.raises(InputError, match="`scale`"):
        priors.half_cauchy(scale)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_prior_scales_far_from_the_data_give_a_right_answer_or_an_error(sweep, scale):
    """A prior scale a million million times off gives the limit of the model, or says that it cannot."""
    given = {"sigma_beta": priors.half_normal(scale), "sigma_condition_slope": priors.half_normal(scale)}
    try:
        found = ss.hierarchical_slopes(sweep, treatment=["a", "b"], **given)
    except InputError as error:
        assert "accura" in str(error) or "could not be computed" in str(error)  # noqa: PT017
        return
    if scale < 1:
        assert np.ptp(found.conditions["shrunken"]) < 1e-6
    raw = found.conditions["raw"].mean()
    assert found.mean == pytest.approx(raw, abs=0.1)
    assert math.isfinite(found.sd)


def test_options_without_a_place_are_refused(sweep, found):
    """A mean level over several conditions, the control's draws without a control, copies: each is an error."""
    with pytest.raises(OptionError, match="`mu_alpha` is normal"):
        ss.hierarchical_slopes(sweep, control="control", mu_alpha=priors.normal(0, 1))
    alone = ss.hierarchical_slopes(sweep, treatment="a")
    with pytest.raises(OptionError, match="no control was fitted"):
        alone.draws(4, role="control")
    with pytest.raises(OptionError, match="`role` is 'Control'"):
        found.draws(4, role="Control")
    twice = {"a": sweep.matrix("a"), "b": sweep.matrix("a")}
    copies = ss.SweepTable.from_matrices(sweep.levels, twice)
    with pytest.raises(OptionError, match="hold the same numbers"):
        ss.hierarchical_slopes(copies)
    with pytest.raises(OptionError, match="prior of a standard deviation"):
        ss.hierarchical_slopes(sweep, sigma=2.0)


def test_the_summary_shows_priors_in_the_metric_s_units_and_hides_no_markup(sweep):
    """Text and HTML name every condition and prior; labels cannot act."""
    frame = sweep.to_frame()
    evil = "<script>alert(1)</script>"
    frame[sweep.condition] = frame[sweep.condition].replace({"a": evil, "b": "b\x1b[31m"})
    found = ss.hierarchical_slopes(frame, control="control", min_effect=0.5)
    text, page = found.summary(full=True), found._repr_html_()
    assert found.priors["sigma_condition_slope"] in text
    assert "treatment - control" in text
    assert evil in text
    assert "\x1b" not in text
    assert "\x1b" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert all(len(line) < 200 for line in text.splitlines())


@pytest.mark.parametrize("exponent", [-1030, pytest.param(996, marks=pytest.mark.slow)])
def test_the_unit_of_the_metric_matters_to_no_number(sweep, found, exponent):
    """Curves times a power of two, down to numbers of few bits and up to 1e300: the same slopes, times that power.

    Numbers near 1e300 are slow.
    """
    curves = {name: np.ldexp(sweep.matrix(name), exponent) for name in sweep.conditions}
    seeds = {name: sweep.seeds(name) for name in sweep.conditions}
    least = math.ldexp(0.5, exponent)
    other = ss.hierarchical_slopes(
        ss.SweepTable.from_matrices(sweep.levels, curves, seeds=seeds), control="control", min_effect=least
    )
    for one, two in (
        (found.estimate.low, other.estimate.low),
        (found.contrast.mean, other.contrast.mean),
        (found.contrast.hdi(0.9)[1], other.contrast.hdi(0.9)[1]),
        (found.seeds["raw_sd"].sum(), other.seeds["raw_sd"].sum()),
    ):
        assert math.ldexp(two, -exponent) == pytest.approx(one, rel=1e-6)
    assert other.mass_small == pytest.approx(found.mass_small, rel=1e-6, abs=1e-10)
    assert other.contrast.cdf(least) == pytest.approx(float(found.contrast.cdf(0.5)), rel=1e-6)
    assert other.summary(full=True)
