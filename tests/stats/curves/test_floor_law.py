"""Laws with a floor: against nonlinear least squares of scipy, exact laws, and properties of the fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from sigstats.errors import InputError, OptionError
from sigstats.stats.curves.floor_law import exponent_limits, floor_law

SIZES = np.geomspace(1e6, 1e9, 8)
CHINCHILLA = 1.69 + 406 * SIZES**-0.34


def test_recovers_a_law_without_noise() -> None:
    """Floor, amplitude and exponent of an exact law come back."""
    found = floor_law(CHINCHILLA, SIZES, floor="free")

    assert [found.floor[0], found.amplitude[0], found.exponent[0]] == pytest.approx(
        [1.69, 406, 0.34], rel=1e-6
    )
    assert found.squares[0] < 1e-16


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_scipy_where_the_floor_is_free(seed: int) -> None:
    """The same three numbers and sum of squares as scipy.optimize.curve_fit, with gaps and without."""
    curve = CHINCHILLA + np.random.default_rng(seed).normal(0, 0.02, 8)
    curve[3] = np.nan if seed % 2 else curve[3]
    seen = ~np.isnan(curve)
    scaled = SIZES / SIZES[0]
    expected, _ = optimize.curve_fit(
        lambda x, e, b, a: e + b * x**-a,
        scaled[seen], curve[seen], p0=(1.7, 3.7, 0.34), ftol=1e-15, xtol=1e-15, gtol=1e-15,
    )  # fmt: skip
    squares = ((curve - expected[0] - expected[1] * scaled ** -expected[2])[seen] ** 2).sum()

    found = floor_law(curve, SIZES, floor="free")

    assert [found.floor[0], found.excess[0], found.exponent[0]] == pytest.approx(list(expected), rel=2e-6)
    assert found.squares[0] == pytest.approx(squares, rel=1e-9)


@pytest.mark.parametrize("floor", [0.0, 1.5])
def test_agrees_with_scipy_where_the_floor_is_known(floor: float) -> None:
    """The same amplitude and exponent as scipy.optimize.curve_fit of a law with that floor."""
    curve = CHINCHILLA + np.random.default_rng(5).normal(0, 0.02, 8)
    expected, _ = optimize.curve_fit(
        lambda x, b, a: floor + b * x**-a, SIZES / SIZES[0], curve, p0=(3.0, 0.2), ftol=1e-15, xtol=1e-15
    )

    found = floor_law(curve, SIZES, floor=floor)

    assert [found.excess[0], found.exponent[0], found.floor[0]] == pytest.approx([*expected, floor], rel=2e-6)


def test_a_growing_power_has_a_negative_exponent() -> None:
    """With a known floor the power may grow."""
    found = floor_law(3 * SIZES**0.25, SIZES, floor=0.0)

    assert [found.exponent[0], found.amplitude[0]] == pytest.approx([-0.25, 3.0], rel=1e-6)
    assert found.predict([1e12])[0, 0] == pytest.approx(3e3, rel=1e-6)


def test_a_straight_line_in_log_x_has_no_floor_in_sight() -> None:
    """The limit of the laws is the line in log x, which is also what it predicts."""
    found = floor_law(5 - 0.3 * np.log(SIZES), SIZES, floor="free")

    assert (found.exponent[0], found.floor[0], found.at_limit[0]) == (0.0, -np.inf, True)
    assert found.predict([1e10])[0, 0] == pytest.approx(5 - 0.3 * np.log(1e10))


def test_a_constant_curve_has_no_exponent() -> None:
    """A constant is its own floor."""
    found = floor_law(np.full((1, 8), 2.5), SIZES, floor="free")

    assert np.isnan(found.exponent[0])
    assert (found.floor[0], found.squares[0], found.at_limit[0]) == (2.5, 0.0, False)
    assert found.predict([1e10])[0, 0] == 2.5


def test_short_curves_have_no_law() -> None:
    """Two points say nothing about three numbers, but fix a power law."""
    curve = np.where(np.arange(8) < 2, CHINCHILLA, np.nan)

    assert np.isnan(floor_law(curve, SIZES, floor="free").exponent[0])
    assert floor_law(curve, SIZES, floor=1.69).exponent[0] == pytest.approx(0.34, rel=1e-6)


@pytest.mark.long
@settings(max_examples=12)
@given(
    scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100), units=st.floats(1e-6, 1e6), sign=st.sampled_from([-1, 1])
)  # fmt: skip
def test_units_do_not_matter(scale: float, shift: float, units: float, sign: int) -> None:
    """Other units of metric and knob leave the exponent, and move the floor with the metric."""
    curves = CHINCHILLA + np.random.default_rng(2).normal(0, 0.02, (3, 8))
    curves[1, 2] = np.nan
    plain = floor_law(curves, SIZES, floor="free")

    other = floor_law(sign * scale * curves + shift, SIZES * units, floor="free")

    assert other.exponent == pytest.approx(plain.exponent, abs=1e-4)
    assert (other.floor - shift) / (sign * scale) == pytest.approx(plain.floor, abs=1e-3)


def test_many_curves_at_once_are_each_alone() -> None:
    """Fitting together changes nothing."""
    curves = CHINCHILLA + np.random.default_rng(3).normal(0, 0.05, (20, 8))
    curves[4, :3] = np.nan
    together = floor_law(curves, SIZES, floor="free")
    alone = [floor_law(row, SIZES, floor="free").exponent[0] for row in curves]

    assert together.exponent == pytest.approx(alone, rel=1e-6)


def test_no_other_exponent_fits_better() -> None:
    """A dense search over exponents finds no smaller sum of squares."""
    curves = CHINCHILLA + np.random.default_rng(8).normal(0, 0.3, (20, 8))
    found = floor_law(curves, SIZES, floor="free")
    for exponent in np.linspace(1e-3, exponent_limits(SIZES), 400):
        power = SIZES**-exponent / SIZES[0] ** -exponent
        design = np.column_stack([np.ones(8), power])
        left = np.linalg.lstsq(design, curves.T, rcond=None)[1]
        assert (found.squares <= left * (1 + 1e-9)).all()


def test_what_cannot_be_fitted_is_refused() -> None:
    """Messages name the value and the rule."""
    with pytest.raises(InputError, match="holds 0; a power law needs levels above 0"):
        floor_law([1.0, 2.0, 3.0], [0, 1, 2], floor="free")
    with pytest.raises(InputError, match="not ascending"):
        floor_law([1.0, 2.0, 3.0], [1, 3, 2], floor="free")
    with pytest.raises(InputError, match=r"shape \(1, 2\) and `x` has 3 levels"):
        floor_law([1.0, 2.0], [1, 2, 3], floor="free")
    with pytest.raises(OptionError, match="must be a number, or 'free'"):
        floor_law([1.0, 2.0, 3.0], [1, 2, 3], floor="none")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="ascending range, from 0 or more"):
        floor_law([1.0, 2.0, 3.0], [1, 2, 3], floor="free", exponents=(-1, 1))
