"""Laws that are carried on: against scipy's curve_fit, numpy's polynomials and finite differences."""

import numpy as np
import pytest
from scipy import optimize

from sigstats.errors import InputError, OptionError
from sigstats.stats.curves.ahead import carried_on

LEVELS = 2.0 ** np.arange(8)
AHEAD = np.array([256.0, 1024.0])
NOISE = np.random.default_rng(1).normal(0, 0.02, LEVELS.size)


def carry(means, law, *, knob="log", metric="linear", floor=None, levels=LEVELS, ahead=AHEAD):
    return carried_on(means, levels, ahead, law=law, knob_scale=knob, metric_scale=metric, floor=floor)


def with_floor(x, floor, size, exponent):
    return floor + size * x**-exponent


def plain(x, size, exponent):
    return 1.5 + size * x**-exponent


def approach(x, end, size, rate):
    return end - size * np.exp(-rate * np.log2(x))


@pytest.mark.parametrize(
    ("law", "curve", "start", "floor"),
    [
        ("scaling_law", with_floor, (2.0, 3.0, 0.5), None),
        ("scaling_law", plain, (3.0, 0.5), 1.5),
        ("saturating", approach, (3.0, 2.0, 0.4), None),
    ],
)
def test_predictions_and_their_variance_are_those_of_curve_fit(law, curve, start, floor):
    means = curve(LEVELS, *start) + NOISE
    best, covariance = optimize.curve_fit(
        curve, LEVELS, means, p0=start, sigma=np.ones(8), absolute_sigma=True, xtol=1e-14, ftol=1e-14
    )
    found = carry(means, law, floor=floor)
    slopes = np.array([optimize.approx_fprime(best, lambda p, at=at: curve(at, *p), 1e-7) for at in AHEAD])
    assert found.values == pytest.approx(curve(AHEAD, *best), rel=1e-5)
    expected = np.einsum("ai,ij,aj->a", slopes, covariance, slopes)  # of means with variance 1
    assert (found.weights**2).sum(axis=1) == pytest.approx(expected, rel=1e-3)
    assert not found.at_limit


@pytest.mark.long
@pytest.mark.parametrize("law", ["scaling_law", "saturating", "power_law", "linear", "flat", "last_value"])
def test_weights_are_how_fast_predictions_change(law):
    means = with_floor(LEVELS, 2.0, 3.0, 0.5)  # on the law, where the derivative is exact
    if law in ("power_law", "linear", "saturating"):
        means = {
            "power_law": 3 * LEVELS**-0.3,
            "linear": np.log(LEVELS),
            "saturating": approach(LEVELS, 3, 2, 0.4),
        }[law]
        means = means + (1.0 if law == "linear" else 0.0)
    found = carry(means, law)
    step = 1e-5
    for at in range(LEVELS.size):
        moved = [carry(means + sign * step * np.eye(8)[at], law).values for sign in (1, -1)]
        assert (moved[0] - moved[1]) / (2 * step) == pytest.approx(found.weights[:, at], rel=1e-3, abs=1e-4)


def test_lines_are_those_of_numpy():
    means = 3.0 + 0.2 * np.log(LEVELS) + NOISE
    expected = np.polyval(np.polyfit(np.log(LEVELS), means, 1), np.log(AHEAD))
    assert carry(means, "linear").values == pytest.approx(expected)
    expected = np.polyval(np.polyfit(LEVELS, means, 1), AHEAD)
    assert carry(means, "linear", knob="linear").values == pytest.approx(expected)
    expected = np.exp(np.polyval(np.polyfit(np.log(LEVELS), np.log(means), 1), np.log(AHEAD)))
    assert carry(means, "power_law").values == pytest.approx(expected)
    assert carry(means, "linear", metric="log").values == pytest.approx(expected)
    share = means / 10.0
    line = np.polyval(np.polyfit(np.log(LEVELS), np.log(share / (1 - share)), 1), np.log(AHEAD))
    assert carry(share, "linear", metric="logit").values == pytest.approx(1 / (1 + np.exp(-line)))
    assert carry(means, "flat").values == pytest.approx([means.mean()] * 2)
    assert carry(means, "last_value").values == pytest.approx([means[-1]] * 2)


def test_a_curve_that_bends_less_than_any_law_with_a_floor_is_carried_on_as_a_line():
    means = 5.0 - 0.3 * np.log(LEVELS) - 0.01 * np.log(LEVELS) ** 2
    found = carry(means, "scaling_law")
    assert found.at_limit
    assert found.values == pytest.approx(carry(means, "linear").values)


def test_values_off_the_scale_are_refused():
    with pytest.raises(InputError, match="must be above 0"):
        carry(NOISE, "power_law")
    with pytest.raises(InputError, match="strictly between 0 and 1"):
        carry(NOISE + 2, "linear", metric="logit")
    with pytest.raises(InputError, match="levels must be above 0"):
        carry(NOISE + 2, "linear", levels=np.arange(8.0))
    with pytest.raises(OptionError, match="`law` is 'spline'"):
        carry(NOISE, "spline")
