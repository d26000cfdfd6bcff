"""Midpoint and width of a phase change."""

import numpy as np
import pytest

from sigstats.errors import InputError
from sigstats.stats.locations.midpoint import midpoints, rise_width
from sigstats.stats.locations.onset import location

X = np.linspace(0.0, 7.0, 8)
RAMP = np.clip((X - 1.0) / 5.0, 0.0, 1.0)


def test_midpoint_and_width_of_a_ramp_are_those_of_the_formula():
    """Half of a straight rise from 1 to 6 is at 3.5, and eight tenths of it take 4."""
    assert midpoints(RAMP[None, :], X).tolist() == [pytest.approx(3.5)]
    found = rise_width(np.tile(RAMP, (3, 1)), X, confidence=0.9)
    assert (found.start, found.end, found.estimate) == pytest.approx((1.5, 5.5, 4.0))


def test_intervals_hold_the_estimate_and_shrink_with_less_noise():
    """The midpoint keeps the gap between its levels; the width stays within the range."""
    lengths = []
    for noise in (0.3, 0.03):
        curves = RAMP + noise * np.random.default_rng(1).standard_normal((6, 8))
        at, wide = location(curves, X, form="sigmoid", confidence=0.9), rise_width(curves, X, confidence=0.9)
        assert at.name == "midpoint"
        assert at.low <= at.estimate <= at.high
        assert at.high - at.low >= at.resolution - 1e-9
        assert 0.0 <= wide.low <= wide.estimate <= wide.high <= 7.0
        lengths.append(wide.high - wide.low)
    assert lengths[1] < lengths[0]


def test_the_mirror_has_the_mirrored_midpoint_and_the_same_width():
    """Backwards and upside down."""
    curves = RAMP + 0.1 * np.random.default_rng(2).standard_normal((5, 8))
    mirror = -curves[:, ::-1]
    one, other = (location(each, X, form="sigmoid", confidence=0.9) for each in (curves, mirror))
    assert (one.low, one.high) == pytest.approx((7.0 - other.high, 7.0 - other.low))
    widths = [rise_width(each, X, confidence=0.9) for each in (curves, mirror)]
    assert widths[0].low == pytest.approx(widths[1].low)
    assert widths[0].high == pytest.approx(widths[1].high)


def test_a_curve_that_does_not_rise_has_no_midpoint():
    """Nor a width; the intervals say so."""
    curves = -RAMP + 0.01 * np.random.default_rng(3).standard_normal((4, 8))
    assert location(curves, X, form="sigmoid", confidence=0.9).status == "unresolved"
    found = rise_width(curves, X, confidence=0.9)
    assert np.isnan(found.estimate)
    assert (found.low, found.high) == (0.0, 7.0)


def test_seeds_that_start_elsewhere_do_no_harm():
    """Each seed is held against its own ends."""
    curves = RAMP + 0.02 * np.random.default_rng(4).standard_normal((5, 8))
    moved = curves + np.arange(5.0)[:, None]
    one, other = (location(each, X, form="sigmoid", confidence=0.9) for each in (curves, moved))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_gaps_at_an_end_use_what_was_seen_of_it():
    """A seed that lacks all levels of an end does not count."""
    curves = RAMP + 0.02 * np.random.default_rng(5).standard_normal((5, 8))
    curves[0, 0] = np.nan
    curves[1, :2] = np.nan
    found = rise_width(curves, X, confidence=0.9)
    assert found.low <= 4.0 <= found.high


def test_levels_must_ascend():
    """Bad input is refused."""
    with pytest.raises(InputError, match="ascending"):
        rise_width(np.zeros((3, 8)), X[::-1], confidence=0.9)
