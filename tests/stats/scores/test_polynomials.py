"""Departures from the line: quadratic and cubic parts of each seed, the sag, and the worst cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.classical.contrast_weights import polynomial_contrast
from sigstats.stats.scores.linear import linear_scores
from sigstats.stats.scores.polynomials import curvature, polynomial_departures

UNEVEN = np.array([0.0, 0.05, 0.2, 0.45, 0.5, 0.8, 0.9, 1.0])
TABLES = hnp.arrays(float, (3, 8), elements=st.floats(-100, 100).map(lambda value: round(value, 3)))
FIELDS = ("effect", "quadratic", "cubic", "worst")


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_parts_are_those_of_orthonormal_contrasts(missing):
    """Each seed's own levels, `polynomial_contrast` and `polyfit` give the same parts, with gaps and without."""
    rng = np.random.default_rng(2)
    curves = rng.normal(size=(10, 4, 8))
    curves[rng.random(curves.shape) < missing] = np.nan
    found, sag = polynomial_departures(curves, UNEVEN), curvature(curves, UNEVEN)
    for index in np.ndindex(10, 4):
        seen = ~np.isnan(curves[index])
        x, values = UNEVEN[seen], curves[index][seen]
        for degree, parts in ((2, found.quadratic), (3, found.cubic)):
            if seen.sum() <= degree:
                assert np.isnan(parts[index])
                continue
            weights = polynomial_contrast(x, degree)
            assert parts[index] == pytest.approx((weights @ values) * np.abs(weights).max())
        if seen.sum() >= 2:
            slope, start = np.polyfit(x, values, 1)
            assert found.effect[index] == pytest.approx(slope)
            assert found.worst[index] == pytest.approx(np.abs(values - start - slope * x).max(), abs=1e-9)
        if seen.sum() >= 3:
            assert sag[index] == pytest.approx(np.polyfit(x, values, 2)[0] / 4)


def test_the_effect_is_the_linear_score():
    """Both modules mean the same line."""
    curves = np.random.default_rng(3).normal(size=(5, 8))
    assert polynomial_departures(curves, UNEVEN).effect == pytest.approx(linear_scores(curves, UNEVEN))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_signs_say_which_way_the_curve_bends(sign):
    """Convex is positive; a cubic part that rises at the last level is positive."""
    x = np.linspace(0, 1, 7)
    bend, wave = x**2, x**3 - 1.5 * x**2
    assert sign * polynomial_departures(sign * bend[None], x).quadratic[0] > 0.1
    assert polynomial_departures(bend[None], x).cubic[0] == pytest.approx(0.0, abs=1e-12)
    assert sign * polynomial_departures(sign * wave[None], x).cubic[0] > 0.01
    assert polynomial_departures(wave[None], x).quadratic[0] == pytest.approx(0.0, abs=1e-12)


def test_the_sag_is_what_a_thread_would_show():
    """A parabola hangs below its chord by a quarter of its coefficient, in the middle."""
    x = np.linspace(0, 1, 9)
    form = 2.0 * x**2 - 5.0 * x + 1.0
    assert curvature(form[None], x)[0] == pytest.approx((form[0] + form[-1]) / 2 - form[4])


@pytest.mark.parametrize(("levels", "known"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 3)])
def test_few_levels_leave_the_higher_parts_unknown(levels, known):
    """A line needs two levels, a bend three, a wave four."""
    curves = np.arange(8.0)[None, :] ** 2
    curves[0, levels:] = np.nan
    found = polynomial_departures(curves, UNEVEN)
    parts = [found.effect, found.quadratic, found.cubic]
    assert [bool(np.isfinite(part[0])) for part in parts] == [number < known for number in range(3)]
    assert np.isfinite(found.worst[0]) == (known > 0)
    assert np.isfinite(curvature(curves, UNEVEN)[0]) == (known > 1)


@given(TABLES, st.floats(0.1, 50), st.floats(-1000, 1000), st.floats(-100, 100))
def test_lines_change_the_effect_alone(curves, scale, offset, tilt):
    """Parts scale with the metric; a line that is added enters the effect only."""
    first = polynomial_departures(curves, UNEVEN)
    second = polynomial_departures(scale * curves + offset + tilt * UNEVEN, UNEVEN)
    np.testing.assert_allclose(second.effect, scale * first.effect + tilt, atol=1e-7 * scale)
    for name in FIELDS[1:]:
        np.testing.assert_allclose(getattr(second, name), scale * getattr(first, name), atol=1e-7 * scale)


@given(TABLES)
def test_the_mirrored_knob_turns_effect_and_wave(curves):
    """Reading the knob backwards changes the sign of the odd parts only."""
    first, second = (
        polynomial_departures(values, x)
        for values, x in ((curves, UNEVEN), (curves[:, ::-1], 1 - UNEVEN[::-1]))
    )
    for name, sign in (("effect", -1), ("quadratic", 1), ("cubic", -1), ("worst", 1)):
        np.testing.assert_allclose(getattr(second, name), sign * getattr(first, name), atol=1e-8)


def test_a_batch_is_scored_like_its_tables():
    """Leading dimensions are independent tables."""
    curves = np.random.default_rng(6).normal(size=(2, 3, 4, 8))
    together = polynomial_departures(curves, UNEVEN)
    for index in np.ndindex(2, 3):
        alone = polynomial_departures(curves[index], UNEVEN)
        for name in FIELDS:
            np.testing.assert_allclose(getattr(together, name)[index], getattr(alone, name), atol=1e-12)
