"""Simulated sweeps: repeatable, with the truth that they claim to have."""

import numpy as np
import pandas as pd
import pytest

from sigstats import Plan, SweepTable, simulate_sweep
from sigstats.errors import OptionError
from sigstats.studies.simulation.plan import FORMS, SPREADS


def pooled(plan, condition="treatment", rng=1):
    """Return the curves of one simulated condition."""
    return plan.simulate(np.random.default_rng(rng)).matrix(condition)


def drawn(plan, condition="treatment", rng=1):
    """Return the same curves without a table, whose labels take long where there are very many seeds."""
    return plan._values(np.random.default_rng(rng))[condition]


def test_a_sweep_has_the_curves_that_were_drawn():
    """Tables add labels to the curves, and change nothing."""
    plan = Plan(effects={"treatment": 2.0}, n_seeds=9, slope_sd=1.0)
    np.testing.assert_array_equal(pooled(plan), drawn(plan))


@pytest.mark.parametrize("rng", [None, 3])
def test_the_same_generator_gives_the_same_sweep(rng):
    """Simulating twice gives equal tables; another generator gives another table."""
    options = {"n_seeds": 4, "levels": 6, "missing": 0.1, "slope_sd": 0.5, "noise_between_seeds": 2.0}
    effects = {"treatment": 2.0, "control": 0.0}
    first = simulate_sweep(effects, rng=rng, **options)
    assert first == simulate_sweep(effects, rng=rng, **options)
    assert first != simulate_sweep(effects, rng=99, **options)


def test_a_generator_is_used_up():
    """A generator that is handed in twice gives two sweeps."""
    generator = np.random.default_rng(5)
    assert simulate_sweep(1.0, rng=generator) != simulate_sweep(1.0, rng=generator)


def test_a_number_means_one_treatment():
    """Without conditions the sweep has a single one."""
    table = simulate_sweep(3, n_seeds=3, levels=5)
    assert isinstance(table, SweepTable)
    assert table.conditions == ("treatment",)
    assert table.matrix("treatment").shape == (3, 5)
    assert table.levels.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("knob_scale", ["linear", "log", "rank"])
def test_true_effect_is_the_line_through_the_mean_curve(form, knob_scale):
    """The truth is what a regression on the mean curve gives, over the range of the knob's scale."""
    levels = np.array([1.0, 2.0, 3.0, 7.0, 9.0, 20.0])
    plan = Plan(effects={"treatment": 3.0}, form=form, levels=levels)
    x = {"linear": levels, "log": np.log(levels), "rank": np.arange(6.0)}[knob_scale]
    slope = np.polyfit(x, plan.mean_curve("treatment"), 1)[0]
    assert plan.true_effect("treatment", knob_scale=knob_scale) == pytest.approx(slope * np.ptp(x), rel=1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_curves_scatter_around_their_mean(form):
    """Over many seeds the level means are those of the mean curve."""
    plan = Plan(effects={"treatment": 2.0}, form=form, n_seeds=4000, noise_sd=0.5)
    np.testing.assert_allclose(drawn(plan).mean(axis=0), plan.mean_curve("treatment"), atol=0.04)


@pytest.mark.parametrize("spread", SPREADS)
def test_slopes_have_mean_zero_and_the_sd_that_was_asked_for(spread):
    """Every distribution of slopes is centred and scaled alike."""
    plan = Plan(
        effects={"treatment": 0.0}, slope_spread=spread, slope_sd=3.0, noise_sd=0.0, n_seeds=200_000, levels=2
    )
    change = np.diff(drawn(plan), axis=1)
    assert change.mean() == pytest.approx(0.0, abs=0.04)
    assert change.std() == pytest.approx(3.0, rel=0.15)


def test_noise_has_the_size_growth_and_correlation_that_were_asked_for():
    """Noise grows from level to level, and neighbours are correlated."""
    plan = Plan(
        effects={"treatment": 0.0}, noise_sd=0.5, noise_growth=3.0, autocorrelation=0.6, n_seeds=20_000
    )
    curves = drawn(plan)
    np.testing.assert_allclose(curves.std(axis=0), 0.5 * np.linspace(1, 3, 8), rtol=0.03)
    neighbours = [np.corrcoef(curves[:, k], curves[:, k + 1])[0, 1] for k in range(7)]
    np.testing.assert_allclose(neighbours, 0.6, atol=0.03)


@pytest.mark.parametrize("correlation", [-0.7, 0.0, 0.8])
def test_shared_seeds_correlate_between_conditions(correlation):
    """With a correlation, conditions share labels and what their seeds bring."""
    plan = Plan(
        effects={"a": 0.0, "b": 0.0}, seed_correlation=correlation, slope_sd=2.0, n_seeds=5000, noise_sd=0.1
    )
    table = plan.simulate(np.random.default_rng(2))
    assert table.seeds("a") == table.seeds("b")
    ends = [np.ptp(plan.x) * (table.matrix(name)[:, -1] - table.matrix(name)[:, 0]) for name in "ab"]
    assert np.corrcoef(*ends)[0, 1] == pytest.approx(correlation, abs=0.05)


def test_conditions_have_seeds_of_their_own_by_default():
    """Without a correlation no label is shared."""
    table = simulate_sweep({"a": 0.0, "b": 0.0})
    assert not set(table.seeds("a")) & set(table.seeds("b"))


def test_a_level_shift_is_common_to_all_seeds():
    """What is added to a level is the same for every seed of the condition."""
    plan = Plan(effects={"treatment": 0.0}, level_shift_sd=5.0, noise_sd=0.0, n_seeds=4)
    curves = pooled(plan)
    assert np.ptp(curves, axis=0).max() == 0.0
    assert curves[0].std() > 1.0


def test_the_share_of_missing_cells_is_the_one_asked_for():
    """Cells go missing at random."""
    curves = pooled(Plan(effects={"treatment": 0.0}, missing=0.25, n_seeds=2000))
    assert np.isnan(curves).mean() == pytest.approx(0.25, abs=0.02)


def test_shares_of_items_are_tied_and_bounded():
    """With items the metric is a share of so many."""
    curves = pooled(Plan(effects={"treatment": 2.0}, items=10, n_seeds=50))
    assert set(np.unique(np.round(curves * 10))) <= set(range(11))
    np.testing.assert_allclose(curves * 10, np.round(curves * 10), atol=1e-9)


def test_independent_cells_have_labels_of_their_own():
    """In the independent plan no seed is seen twice."""
    table = simulate_sweep({"a": 1.0}, independent=True, n_seeds=3, levels=4)
    curves = table.matrix("a")
    assert curves.shape == (12, 4)
    assert (np.isfinite(curves).sum(axis=1) == 1).all()


def test_options_may_differ_between_conditions():
    """Form, noise and number of seeds can be given for each condition."""
    table = simulate_sweep(
        {"a": 1.0, "b": 1.0},
        form={"a": "linear", "b": np.square},
        n_seeds={"a": 3, "b": 5},
        noise_sd={"a": 0.0, "b": 0.0},
    )
    assert table.matrix("a")[0] == pytest.approx(np.linspace(0, 1, 8))
    assert table.matrix("b")[4] == pytest.approx(np.linspace(0, 1, 8) ** 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "liner"}, "Did you mean 'linear'"),
        ({"nseeds": 3}, "Did you mean 'n_seeds'"),
        ({"n_seeds": 0}, "`n_seeds` is 0"),
        ({"n_seeds": 2.5}, "`n_seeds` is 2.5"),
        ({"n_seeds": {"b": 3}}, "lacks the condition 'treatment'"),
        ({"noise_sd": -1.0}, "`noise_sd` is -1.0"),
        ({"noise_sd": float("inf")}, "`noise_sd` is inf"),
        ({"slope_sd": float("nan")}, "`slope_sd` is nan"),
        ({"slope_spread": "cauchy"}, "`slope_spread` is 'cauchy'"),
        ({"seed_correlation": 1.5}, "`seed_correlation` is 1.5"),
        ({"autocorrelation": 1.0}, "`autocorrelation`"),
        ({"missing": 1.0}, "`missing`"),
        ({"missing": "few"}, "`missing` is 'few'"),
        ({"noise_growth": -2}, "`noise_growth` is -2"),
        ({"noise_between_seeds": 0.5}, "`noise_between_seeds` is 0.5"),
        ({"items": 0}, "`items` is 0"),
        ({"levels": 1}, "`levels` is 1"),
        ({"levels": 4.5}, "`levels` is 4.5"),
        ({"levels": [1, 1, 2]}, "`levels`"),
        ({"levels": [1, float("nan")]}, "`levels`"),
        ({"levels": "many"}, "`levels` is 'many'"),
        ({"effects": {}}, "`effects` is empty"),
        ({"effects": "big"}, "`effects` is 'big'"),
        ({"effects": {"a": float("nan")}}, "`effects` is nan"),
        ({"rng": "1"}, "`rng` is '1'"),
        ({"rng": -1}, "`rng` is -1"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options, message):
    """Each error names the option and the value in hand."""
    with pytest.raises(OptionError) as caught:
        simulate_sweep(**options)
    assert message in str(caught.value)


def test_a_metric_starts_where_it_is_said_and_stays_within_its_bounds():
    """Starts differ by condition; what lies beyond a bound is set to it."""
    start = {"treatment": 0.5, "control": 1.5}
    plan = Plan(
        effects={"treatment": 0.2, "control": 0.0},
        levels=5,
        n_seeds=50,
        noise_sd=0.1,
        start=start,
        bounds=(0.0, 1.0),
    )
    assert plan.mean_curve("treatment")[[0, -1]] == pytest.approx([0.5, 0.7])
    table = plan.simulate(np.random.default_rng(1))
    assert (table.matrix("control") >= 0.9).all()
    assert table.matrix("control").max() == 1.0
    assert table.matrix("treatment").mean() == pytest.approx(0.6, abs=0.02)
    with pytest.raises(OptionError, match="bounds"):
        Plan(bounds=(1.0, 0.0))


def test_fresh_runs_have_levels_and_slopes_of_their_own():
    """Where every cell is a run, what a seed brings is shared by no other cell."""
    plan = Plan(levels=4, n_seeds=3000, noise_sd=0.1, intercept_sd=1.0, slope_sd=2.0, independent=True)
    table = plan.simulate(np.random.default_rng(1))
    runs = table.matrix("treatment")
    assert (np.isfinite(runs).sum(axis=1) == 1).all()
    spread = np.nanstd(runs, axis=0)
    np.testing.assert_allclose(spread, np.sqrt(0.1**2 + 1.0 + (2.0 * plan.x) ** 2), rtol=0.06)


def test_rows_belong_to_their_seeds_where_names_do_not_sort_as_numbers():
    """With twelve seeds, seed 10 stands before seed 2 in a table; shared seeds stay together."""
    plan = Plan(
        effects={"a": 0.0, "b": 0.0},
        levels=3,
        n_seeds={"a": 12, "b": 4},
        noise_sd=1e-6,
        intercept_sd=1.0,
        seed_correlation=1.0,
    )
    table = plan.simulate(np.random.default_rng(1))
    long = dict(zip(table.seeds("a"), table.matrix("a")[:, 0], strict=True))
    short = dict(zip(table.seeds("b"), table.matrix("b")[:, 0], strict=True))
    assert short == pytest.approx({seed: long[seed] for seed in short}, abs=1e-4)


@pytest.mark.parametrize(
    "options",
    [{"bounds": 1}, {"bounds": [0, "x"]}, {"knob_scale": pd.NA}, {"slope_spread": ["normal"]}, {"levels": 10**400},
        {"levels": 10**12}, {"noise_sd": 10**400}],
)  # fmt: skip
def test_options_that_are_no_options_are_refused(options):
    """Whatever they hold: what cannot be compared, numbers that no float holds, more levels than there is memory."""
    with pytest.raises(OptionError, match=f"`{next(iter(options))}`"):
        Plan(**options)


def test_a_plan_takes_a_number_as_any_function_does():
    assert Plan().simulate(3) == Plan().simulate(np.random.default_rng(3))
