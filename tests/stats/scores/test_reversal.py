"""The cross-fitted test of a turn: behaviour on known curves, symmetry, and its table of critical values."""

import csv
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.scores.reversal import (
    ALPHAS,
    critical_values,
    mean_curve,
    simulate_critical_values,
    smooth,
    stretch_change,
    t_statistic,
    turn_scores,
)

X = np.linspace(0, 1, 10)
UMBRELLA = np.where(X <= 2 / 3, 1.5 * X, 1.0 - 1.2 * (X - 2 / 3))
PLATEAU = np.minimum(X / 0.2, 1.0)


def rates(mean, *, seeds, noise, replications=400, missing=0.0, rng=1, autocorrelation=0.0):
    """Return how often a fall, and both fall and rise, exceed their critical values."""
    generator = np.random.default_rng(rng)
    draws = generator.normal(size=(replications, seeds, mean.size))
    for k in range(1, mean.size):
        draws[..., k] = autocorrelation * draws[..., k - 1] + np.sqrt(1 - autocorrelation**2) * draws[..., k]
    curves = mean + noise * draws
    curves[generator.random(curves.shape) < missing] = np.nan
    scores = turn_scores(curves)
    fall_bound, rise_bound = critical_values(seeds, mean.size, 0.05)
    falls = t_statistic(scores.fall) > fall_bound
    return falls.mean(), (falls & (t_statistic(scores.rise) > rise_bound)).mean()


@pytest.mark.parametrize("mean", [UMBRELLA, -UMBRELLA[::-1]], ids=["falls after", "falls before"])
@pytest.mark.parametrize(("seeds", "low", "high"), [(3, 0.22, 0.45), (5, 0.64, 0.85), (10, 0.97, 1.0)])
def test_an_umbrella_is_found_more_often_with_more_seeds(mean, seeds, low, high):
    """A rise of 6 noise sd over two thirds of the range and a fall of 2.4 are found together at a known rate."""
    _, both = rates(mean, seeds=seeds, noise=1 / 6)
    assert low <= both <= high


@pytest.mark.parametrize(
    "mean", [0 * X, PLATEAU, X, np.exp(3 * X) / 20], ids=["flat", "plateau", "line", "bend"]
)
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_curves_that_never_fall_are_seldom_said_to_turn(mean, seeds):
    """Neither flat noise nor a plateau nor a rise is called a turn in more than alpha of the tables."""
    _, both = rates(mean, seeds=seeds, noise=0.3)
    assert both <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 400)


def test_autocorrelated_noise_is_seldom_said_to_turn():
    """Noise that drifts along the knob looks like turns in every seed; over seeds it is none."""
    for autocorrelation in (0.5, 0.9):
        fall, _ = rates(0 * X, seeds=5, noise=1.0, autocorrelation=autocorrelation)
        assert fall <= 0.055 + 3.29 * np.sqrt(0.055 * 0.945 / 400)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_reading_the_knob_backwards_with_the_sign_changed_mirrors_the_test(missing):
    """A fall after the rise becomes a fall before it, of the same size."""
    rng = np.random.default_rng(7)
    curves = UMBRELLA + 0.2 * rng.normal(size=(50, 5, X.size))
    curves[rng.random(curves.shape) < missing] = np.nan
    first, second = turn_scores(curves), turn_scores(-curves[..., ::-1])
    np.testing.assert_allclose(second.fall, first.fall, atol=1e-9)
    np.testing.assert_allclose(second.rise, first.rise, atol=1e-9)
    decided = np.isfinite(first.fall) & (np.abs(first.fall) > 1e-9)
    assert decided.mean() > 0.9
    assert (second.at_end == ~first.at_end)[decided].all()


def test_the_turn_of_a_seed_comes_from_the_other_seeds():
    """A seed's own values choose no turn: changing one seed leaves the stretch on which it is scored."""
    tent = np.array([0.0, 1.0, 2.0, 3.0, 2.0, 1.0])
    curves = np.tile(tent, (4, 1))
    curves[0] = [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    scores = turn_scores(curves)
    assert scores.fall[0] == pytest.approx(2.0)
    assert scores.rise[0] == pytest.approx(-3.0)


def test_clean_turns_have_the_size_that_is_drawn():
    """Without noise the fall and the rise are read off the curve, on either side."""
    tent = np.array([0.0, 2.0, 4.0, 3.0, 2.0]) + np.arange(4.0)[:, None]
    scores = turn_scores(tent)
    assert scores.at_end.all()
    assert scores.fall == pytest.approx(2.0)
    assert scores.rise == pytest.approx(4.0)
    dip = np.array([2.0, 1.0, 0.0, 2.0, 4.0]) + np.arange(4.0)[:, None]
    scores = turn_scores(dip)
    assert not scores.at_end.any()
    assert scores.fall == pytest.approx(2.0)
    assert scores.rise == pytest.approx(4.0)


def test_smoothing_keeps_lines_inside_and_averages_three_levels():
    """The running mean of three leaves a line and repeats the ends once."""
    assert smooth(np.array([0.0, 3.0, 6.0, 0.0])) == pytest.approx([1.0, 3.0, 3.0, 2.0])


def test_change_over_a_stretch_is_that_of_its_line():
    """From the starting level on, the change is slope times length; gaps are left out."""
    curves = np.array([[9.0, 1.0, np.nan, 5.0, 7.0], [9.0, np.nan, np.nan, np.nan, 7.0]])
    index = np.arange(5)
    slope = np.polyfit(index[[1, 3, 4]], curves[0, [1, 3, 4]], 1)[0]
    found = stretch_change(curves, np.array([1, 1]))
    assert found[0] == pytest.approx(3 * slope)
    assert np.isnan(found[1])
    assert stretch_change(curves, np.array([4, 4])).tolist() == [0.0, 0.0]


def test_mean_curve_is_adjusted_for_missing_seeds():
    """Where a high seed is missing at some levels, the mean curve keeps its form."""
    form = np.array([0.0, 1.0, 3.0, 2.0])
    curves = form + np.array([[0.0], [10.0], [-4.0]])
    curves[1, :2] = np.nan
    found = mean_curve(curves)
    assert found - found[0] == pytest.approx(form, abs=1e-9)


def test_the_mean_curve_of_staggered_seeds_keeps_its_steps():
    """Each seed is seen at four levels, two of them those of the next seed: only all together tell the curve."""
    x, offsets = 0.3 * np.arange(42), np.sin(np.arange(20))
    curves = np.full((20, 42), np.nan)
    for seed, offset in enumerate(offsets):
        curves[seed, 2 * seed : 2 * seed + 4] = x[2 * seed : 2 * seed + 4] + offset
    assert np.diff(mean_curve(curves)) == pytest.approx(np.full(41, 0.3), abs=1e-12)
    assert np.diff(mean_curve(curves[:, ::2])) == pytest.approx(np.full(20, 0.6), abs=1e-12)


@given(
    hnp.arrays(float, st.tuples(st.integers(2, 7), st.integers(2, 7)), elements=st.integers(-9, 9)), st.data()
)
def test_the_mean_curve_is_the_least_squares_fit_of_seed_and_level(curves, data):
    """Fitted values are those of a dense least-squares solution, also where parts of the table are not connected."""
    seen = data.draw(hnp.arrays(bool, curves.shape))
    level = mean_curve(np.where(seen, curves, np.nan))
    where = np.argwhere(seen)
    design = np.zeros((len(where), sum(curves.shape)))
    rows = np.arange(len(where))
    design[rows, where[:, 0]] = design[rows, curves.shape[0] + where[:, 1]] = 1.0
    expected = design @ np.linalg.lstsq(design, curves[seen], rcond=None)[0]
    if seen.all():
        level = level - level.mean()
    count = np.maximum(seen.sum(axis=1), 1)
    seed = np.where(seen, curves - level, 0.0).sum(axis=1) / count
    assert (seed[:, None] + level)[seen] == pytest.approx(expected, abs=1e-9)
    assert (seen * level).sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.long
def test_missing_cells_keep_the_error_rate():
    """With a fifth of the cells missing, flat noise is still seldom said to turn."""
    _, both = rates(0 * X, seeds=5, noise=1.0, missing=0.2)
    assert both <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 400)


def test_scores_without_spread_or_number_give_no_statistic():
    """Fewer than three scores, or scores that agree, never show anything."""
    assert t_statistic(np.array([2.0, 2.0, 2.0, 2.0])) == 0.0
    assert t_statistic(np.array([2.0, 3.0, np.nan])) == 0.0
    values = np.array([2.0, 3.0, np.nan, 5.0])
    assert t_statistic(values) == pytest.approx(np.mean([2, 3, 5]) / (np.std([2, 3, 5], ddof=1) / np.sqrt(3)))


def committed_rows():
    """Return the rows of the committed table."""
    source = resources.files("sigstats.stats.scores").joinpath("reversal_critical_values.csv")
    lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]


@pytest.mark.rates
def test_committed_critical_values_are_what_the_simulation_gives():
    """One row, simulated anew, agrees within Monte Carlo error."""
    seeds, levels, replications = 5, 8, 40_000
    fall, rise = simulate_critical_values(
        seeds, levels, replications=replications, rng=np.random.default_rng(12)
    )
    row = next(row for row in committed_rows() if (row["n_seeds"], row["n_levels"]) == (seeds, levels))
    for number, alpha in enumerate(ALPHAS[:3]):
        assert row[f"fall_{alpha}"] == pytest.approx(fall[number], rel=0.05)
        assert row[f"rise_{alpha}"] == pytest.approx(rise[number], rel=0.05)


def test_critical_values_in_the_table_are_those_of_its_rows():
    """At a row and a column of the table the function returns the number that stands there."""
    for row in committed_rows()[::17]:
        found = critical_values(int(row["n_seeds"]), int(row["n_levels"]), 0.05)
        assert found == pytest.approx((row["fall_0.05"], row["rise_0.05"]))


def test_between_the_rows_the_larger_neighbour_counts():
    """Sizes that were not simulated take critical values that are on the safe side."""
    rows = {(row["n_seeds"], row["n_levels"]): row["fall_0.05"] for row in committed_rows()}
    assert critical_values(5, 11, 0.05)[0] == max(rows[5, 10], rows[5, 12])
    assert critical_values(9, 8, 0.05)[0] == rows[8, 8]
    assert critical_values(500, 400, 0.05)[0] == rows[30, 100]


def test_smaller_alpha_needs_larger_statistics():
    """Critical values grow as alpha shrinks, and below the table nothing can be shown."""
    alphas = (0.4, 0.1, 0.07, 0.05, 0.02, 0.01, 0.002, 0.001)
    for seeds, levels in ((3, 3), (5, 8), (12, 30)):
        values = [critical_values(seeds, levels, alpha) for alpha in alphas]
        for side in (0, 1):
            column = [value[side] for value in values]
            assert column == sorted(column)
    assert critical_values(5, 8, 0.0001) == (float("inf"), float("inf"))
