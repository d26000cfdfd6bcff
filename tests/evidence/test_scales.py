"""The scales of the knob."""

import numpy as np
import pytest

from sigstats.errors import TableError
from sigstats.evidence.scales import common_scale, on_metric_scale, rescaled_knob

LEVELS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


@pytest.mark.parametrize(
    ("knob_scale", "expected"),
    [("linear", (LEVELS - 1) / 15), ("log", np.log(LEVELS) / np.log(16)), ("rank", np.arange(5) / 4)],
)
def test_the_knob_is_placed_on_its_scale(knob_scale, expected):
    """Linear, log and rank scales place the levels as their names say."""
    np.testing.assert_allclose(rescaled_knob(LEVELS, knob_scale, "k"), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("knob_scale", ["linear", "log", "rank"])
def test_the_range_that_becomes_one_is_open(knob_scale):
    """Between two levels the knob runs from 0 to 1, and further on either side, by the same ratio of distances."""
    whole, part = (rescaled_knob(LEVELS, knob_scale, "k", within=ends) for ends in ((0, -1), (1, 3)))
    assert part[[1, 3]].tolist() == [0.0, 1.0]
    np.testing.assert_allclose(part, (whole - whole[1]) / (whole[3] - whole[1]), rtol=1e-12, atol=1e-15)


def test_levels_at_the_ends_of_what_numbers_hold_are_told_apart():
    """Their difference would overflow or vanish."""
    for size in (1e308, 1e-308):
        assert rescaled_knob(size * np.array([-1.0, 0.5, 1.0]), "linear", "k").tolist() == [0.0, 0.75, 1.0]


def test_values_without_a_logarithm_are_named():
    """Of the knob and of the metric, with what to do."""
    with pytest.raises(TableError, match=r"the level 0 has no logarithm.*'min': 2"):
        rescaled_knob(np.array([0.0, 2.0]), "log", "k")
    with pytest.raises(TableError, match=r"1 values such as 1 .*between 0 and 1"):
        on_metric_scale(np.array([0.5, 1.0]), "logit", "m")


def test_the_common_scale_is_a_power_of_two():
    """It brings all values near 0, below 2 in size."""
    values = {"a": np.array([[3.0, np.nan], [1000.0, -20.0]])}
    scale, centre = common_scale(values)
    assert (scale, centre) == (1024.0, 3.0 / 1024)
    assert np.nanmax(np.abs(values["a"] / scale - centre)) < 2


@pytest.mark.parametrize(
    ("levels", "knob_scale", "remedy"),
    [([1e-300, 1e-180, 1e300], "linear", "log"), ([-1e300, 1.0, 2.0, 1e300], "linear", "rank"),
     ([1e300, np.nextafter(1e300, np.inf), 2e300], "log", "rank")],
)  # fmt: skip
def test_levels_that_fall_together_on_the_scale_are_refused(levels, knob_scale, remedy):
    with pytest.raises(TableError, match=f"KNOB_LEVELS_COINCIDE.*knob_scale='{remedy}'"):
        rescaled_knob(np.array(levels), knob_scale, "k")
    assert (np.diff(rescaled_knob(np.array(levels), remedy, "k")) > 0).all()
