"""Locations in units of the knob."""

import numpy as np
import pytest

from sigstats import Signature, SweepTable, detect, onset, simulate_sweep
from sigstats.errors import OptionError
from sigstats.evidence.location import _gap, _width
from sigstats.stats.locations.midpoint import Width

STEP = {"name": "threshold", "form": "step"}


def test_a_step_is_bracketed_by_its_gap():
    """On a logarithmic knob the interval stands at the levels themselves."""
    levels = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
    values = np.random.default_rng(1).normal(np.repeat([0.0, 9.0], [3, 4]), 0.5, (5, 7))
    found = onset(SweepTable.from_matrices(levels, {"t": values}), shape=STEP, knob_scale="log")
    assert (found.low, found.high) == (pytest.approx(100), pytest.approx(1000))
    assert found.resolution == pytest.approx(10)


def test_what_lies_between_levels_and_seeds_is_a_factor_on_a_log_knob():
    """Bends at 100, 300 and 1000, in two seeds each: 10 ** (sd of their logarithms) is 2.8."""
    levels, at = 10.0 ** np.arange(7), np.repeat([2.0, 2.5, 3.0], 2)
    noise = np.random.default_rng(1).normal(0.0, 0.01, (6, 7))
    table = SweepTable.from_matrices(levels, {"t": np.maximum(np.arange(7) - at[:, None], 0.0) + noise})
    verdict = detect(table, shape="threshold", knob_scale="log")
    found = verdict.evidence.location
    assert (found.resolution, found.spread) == (
        pytest.approx(10.0),
        pytest.approx(10 ** at.std(ddof=1), rel=0.1),
    )
    said = " ".join(verdict.summary(full=True).split())
    assert f"(levels are a factor of 10 apart; seeds differ by a factor of {found.spread:.2g} (sd))" in said


def test_what_lies_between_levels_is_a_distance_on_a_linear_knob():
    """The wide gap in which a step lies."""
    values = np.random.default_rng(1).normal(np.repeat([0.0, 9.0], [3, 4]), 0.5, (5, 7))
    verdict = detect(
        SweepTable.from_matrices([1, 10, 100, 1000, 1010, 1020, 1030], {"t": values}), shape=STEP
    )
    assert "(levels are 900 apart" in " ".join(verdict.summary(full=True).split())


def test_detect_and_onset_give_the_same_place():
    """The location beside a verdict is the one that is asked for alone."""
    sweep = simulate_sweep(9.0, form="step", n_seeds=6)
    assert detect(sweep, shape=STEP).evidence.location == onset(sweep, shape=STEP)


def test_a_falling_threshold_is_where_its_mirror_is():
    """Orientation does not move a location."""
    values = np.random.default_rng(2).normal(np.maximum(np.arange(9) - 4.0, 0.0), 0.3, (5, 9))
    up, down = (SweepTable.from_matrices(range(9), {"t": sign * values}) for sign in (1, -1))
    falling = {"name": "threshold", "direction": "decreasing"}
    rising, mirrored = onset(up, shape="threshold"), onset(down, shape=falling)
    assert (mirrored.value, mirrored.low, mirrored.high) == pytest.approx(
        (rising.value, rising.low, rising.high)
    )


def test_a_value_is_crossed_where_the_mean_curve_reaches_it():
    """The crossing of a straight line through 3.5 lies between levels 3 and 4."""
    values = np.random.default_rng(3).normal(np.arange(8.0), 0.05, (6, 8))
    found = onset(SweepTable.from_matrices(range(8), {"t": values}), value=3.5)
    assert found.name == "crossing"
    assert found.low < 3.5 < found.high
    assert 3 <= found.value <= 4


def test_a_value_that_is_never_reached_has_no_finite_upper_bound():
    """Beyond the range nothing is known but that it is beyond."""
    values = np.random.default_rng(4).normal(np.arange(8.0), 0.05, (6, 8))
    found = onset(SweepTable.from_matrices(range(8), {"t": values}), value=20.0)
    assert found.high == np.inf
    assert found.status == "above_range"


def test_the_location_lies_within_the_mean_of_treatments_that_share_seeds():
    """Two treatments with onsets at the same level have it in their mean."""
    rng = np.random.default_rng(5)
    curves = np.maximum(np.arange(10) - 5.0, 0.0)
    table = SweepTable.from_matrices(range(10), {c: rng.normal(curves, 0.2, (5, 10)) for c in "ab"})
    found = onset(table)
    assert found.low <= 5.0 <= found.high


def test_independent_runs_of_several_treatments_have_a_place():
    """Runs are dealt into curves for each treatment; no warning escapes."""
    sweep = simulate_sweep({"a": 12.0, "b": 12.0}, form="umbrella", n_seeds=5, levels=9, independent=True)
    found = detect(sweep, shape="peak", design="independent").evidence.location
    assert found.name == "turn"
    assert 0 <= found.value <= 8


def test_shapes_without_a_place_are_refused():
    """The error lists the shapes that have one."""
    with pytest.raises(OptionError, match=r"'peak'.*'threshold'"):
        onset(simulate_sweep(4.0), shape="linear")


@pytest.mark.parametrize(
    ("value", "gap"), [(0.0, 1.0), (0.5, 1.0), (1.0, 3.0), (4.0, 3.0), (4.5, 1.0), (5.0, 1.0)]
)
def test_a_place_at_a_level_is_known_to_the_wider_of_its_gaps(value, gap):
    """Gaps of 1, 3 and 1 between levels at 0, 1, 4 and 5."""
    assert _gap(value, np.array([0.0, 1.0, 4.0, 5.0])) == gap


def test_factors_on_a_log_knob_do_not_depend_on_its_unit():
    """A spread of seeds and a gap of levels are factors, also where no level is 1."""
    peaks = np.random.default_rng(1).normal([0.0, 2.0, 4.0, 6.0, 4.0, 2.0, 0.0], 0.3, (5, 7))
    one, ten = (
        onset(
            SweepTable.from_matrices(unit * 10.0 ** np.arange(7), {"t": peaks}),
            shape="peak",
            knob_scale="log",
        )
        for unit in (1.0, 10.0)
    )
    assert (ten.spread, ten.resolution) == pytest.approx((one.spread, one.resolution), rel=1e-9)
    assert ten.value == pytest.approx(10.0 * one.value, rel=1e-9)


@pytest.mark.parametrize(("knob_scale", "expected"), [("linear", 12.0), ("rank", 3.0), ("log", 4.0)])
def test_a_width_is_told_on_the_scale_of_the_knob(knob_scale, expected):
    """Half of the stretch that takes part, which need not be the whole range."""
    x, levels = np.array([0.25, 0.5, 0.55, 0.6, 0.7, 0.75]), np.array([1.0, 2.0, 4.0, 8.0, 12.0, 16.0])
    share = {"linear": 12 / 15, "rank": 3 / 5, "log": 0.5}[knob_scale]
    found = Width(estimate=share * 0.5, low=0.1, high=0.5, confidence=0.9, start=0.3, end=0.6)
    told = _width(found, x, levels, Signature(shape="sigmoid", knob_scale=knob_scale))
    assert told.value == pytest.approx(expected)
