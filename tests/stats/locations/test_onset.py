"""Locations with intervals over seeds: coverage, equivariance, gaps, and what cannot be told."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from sigstats.errors import InputError, OptionError
from sigstats.stats.locations.broken_line import joins
from sigstats.stats.locations.onset import location

X = np.linspace(0.0, 1.0, 8)
MEANS = {
    "hinge": np.maximum(X - 0.4, 0.0) / 0.6,
    "step": (X > 0.5).astype(float),
    "saturating": np.minimum(X, 0.5) / 0.5,
    "peak": 1.0 - np.abs(X - 0.5) / 0.5,
}
FORMS = st.sampled_from(sorted(MEANS))


def sweep(form, *, seeds=5, rise=6.0, rng=0, mean=None):
    """Return curves with noise of sd 1 and seed intercepts."""
    generator = np.random.default_rng(rng)
    noise = generator.normal(size=(seeds, X.size)) + generator.normal(size=(seeds, 1))
    return rise * (MEANS[form] if mean is None else mean) + noise


def same(found, expected, scale=1.0, shift=0.0):
    """Return whether two locations are the same up to a change of the knob's unit."""
    for name in ("estimate", "low", "high"):
        mapped = scale * getattr(expected, name) + shift
        assert getattr(found, name) == pytest.approx(mapped, rel=1e-6, abs=1e-6 * scale, nan_ok=True)
    assert found.spread == pytest.approx(scale * expected.spread, rel=1e-6, nan_ok=True)
    assert found.status == expected.status


def test_the_estimate_is_that_of_scipy():
    """SciPy's least squares, started from many places, finds the same onset in the mean curve."""
    curves = sweep("hinge", rise=10.0)

    def line(x, a, b, c, t):
        return a + b * x + c * np.maximum(x - t, 0.0)

    fits = [
        optimize.curve_fit(line, X, curves.mean(axis=0), p0=(0.0, 0.0, 10.0, t), full_output=True)
        for t in np.linspace(0.2, 0.8, 7)
    ]
    best = min(fits, key=lambda fit: (fit[2]["fvec"] ** 2).sum())
    assert location(curves, X, form="hinge", confidence=0.9).estimate == pytest.approx(best[0][3], abs=1e-4)


def projected(curves, t, direction):
    """Return each seed's product with a direction freed from the broken line at t, by least squares."""
    design = np.column_stack([np.ones(X.size), X, np.maximum(X - t, 0.0)])
    left_over = direction - design @ np.linalg.lstsq(design, direction, rcond=None)[0]
    size = np.linalg.norm(left_over)
    return curves @ left_over / size if size > 1e-6 else np.zeros(len(curves))


@pytest.mark.long
def test_the_interval_is_that_of_t_tests_made_one_by_one():
    """Scores by ordinary least squares and SciPy's t tests, candidate by candidate, give the same ends."""
    curves = sweep("hinge", rise=8.0, rng=4)
    found = location(curves, X, form="hinge", confidence=0.9)
    inner = X[1:-1]
    others = np.concatenate([inner, (inner[1:] + inner[:-1]) / 2.0])
    grid = np.unique(np.concatenate([np.linspace(a, b, 17) for a, b in itertools.pairwise(inner)]))
    grid = grid[np.insert(np.diff(grid) > 1e-9, 0, True)]
    pvalues = []
    for t in grid:
        on_level = np.isclose(X, t)
        score = projected(curves, t, np.where(on_level, 0.5, t < X))
        sides = []
        for sign, far in ((1, others[others > t + 1e-9]), (-1, others[others < t - 1e-9])):
            # The average direction is a sum of unit vectors, scaled to unit length itself.
            rows = [projected(np.eye(X.size), t, np.maximum(X - s, 0.0)) for s in far]
            total = np.sum(rows, axis=0) if rows else np.zeros(X.size)
            size = np.linalg.norm(total)
            average = curves @ total / size if size > 1e-6 else np.zeros(len(curves))
            test = scipy_stats.ttest_1samp(average - sign * score, 0.0, alternative="greater")
            sides.append(test.pvalue)
        pvalues.append(sides)
    pvalues = np.array(pvalues)
    rejected = pvalues < 0.05
    low = grid[rejected[:, 0] & (grid <= found.estimate)]
    high = grid[rejected[:, 1] & (grid >= found.estimate)]
    half = found.resolution / 2.0
    assert found.low == pytest.approx(min(low.max(), found.estimate - half))
    assert found.high == pytest.approx(max(high.min(), found.estimate + half))


REPLICATIONS = 300
BOUND = 0.9 - 3.29 * np.sqrt(0.09 / REPLICATIONS)


def simulated(form, *, seeds, rise, mean=None):
    """Return the curves of many sweeps."""
    return [
        sweep(form, seeds=seeds, rise=rise, rng=1000 + number, mean=mean) for number in range(REPLICATIONS)
    ]


@pytest.mark.rates
@pytest.mark.parametrize(
    ("form", "seeds", "rise", "truth"),
    [("hinge", 3, 6.0, 0.4), ("hinge", 5, 4.0, 0.4), ("step", 5, 1.5, 0.5), ("saturating", 5, 8.0, 0.5)],
)
def test_intervals_cover_the_truth(form, seeds, rise, truth):
    """At a nominal 90 %, the truth lies inside in at least 84 % of 300 sweeps."""
    found = [
        location(curves, X, form=form, confidence=0.9) for curves in simulated(form, seeds=seeds, rise=rise)
    ]
    assert np.mean([each.low <= truth <= each.high for each in found]) >= BOUND
    assert np.mean([np.isfinite(each.low) or np.isfinite(each.high) for each in found]) >= 0.6


@pytest.mark.rates
def test_rounded_knees_are_covered():
    """The best broken line of an exponential saturation lies inside as often; with sharp joins alone it would not."""
    mean = 1.0 - np.exp(-4.0 * X)
    truth = joins(-mean[None, :], X)[0]
    found = [
        location(curves, X, form="saturating", confidence=0.9)
        for curves in simulated("saturating", seeds=5, rise=8.0, mean=mean)
    ]
    assert np.mean([each.low <= truth <= each.high for each in found]) >= BOUND


@pytest.mark.long
def test_the_percentile_bootstrap_would_fail_the_same_bound():
    """The bound is one that a common method misses by far."""
    rng = np.random.default_rng(5)
    counts = rng.multinomial(3, np.full(3, 1 / 3), size=200) / 3
    covered = 0
    for curves in simulated("hinge", seeds=3, rise=6.0):
        places = np.clip(joins(counts @ curves, X), X[1], X[-2])
        low, high = np.nanquantile(places, [0.05, 0.95])
        covered += low <= 0.4 <= high
    assert covered / REPLICATIONS < BOUND - 0.1


@pytest.mark.rates
def test_estimates_are_nearly_unbiased():
    """At 5 seeds the median error is below half a gap."""
    for form, truth in (("hinge", 0.4), ("saturating", 0.5), ("step", 0.5), ("peak", 0.5)):
        found = [location(c, X, form=form, confidence=0.9) for c in simulated(form, seeds=5, rise=8.0)[:80]]
        assert abs(np.nanmedian([each.estimate for each in found]) - truth) <= 0.5 / 7


@given(FORMS, st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-100, 100))
def test_units_of_the_metric_do_not_matter(form, rng, factor, shift):
    """Curves in another unit, with another zero, have their location in the same place."""
    curves = sweep(form, rng=rng)
    found = location(factor * curves + shift, X, form=form, confidence=0.9)
    same(found, location(curves, X, form=form, confidence=0.9))


@given(FORMS, st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-100, 100))
def test_locations_move_with_the_knob(form, rng, factor, shift):
    """With the knob in another unit, with another zero, all places are in that unit."""
    curves = sweep(form, rng=rng)
    found = location(curves, factor * X + shift, form=form, confidence=0.9)
    same(found, location(curves, X, form=form, confidence=0.9), factor, shift)


@pytest.mark.long
@given(FORMS, st.integers(0, 10**6), st.permutations(range(5)))
def test_the_order_of_seeds_does_not_matter(form, rng, order):
    """Seeds have no order, also where cells are missing."""
    curves = sweep(form, rng=rng)
    curves[1, 2] = curves[3, 6] = np.nan
    found = location(curves[list(order)], X, form=form, confidence=0.9)
    same(found, location(curves, X, form=form, confidence=0.9))


@given(FORMS, st.integers(0, 10**6))
def test_read_backwards_the_interval_is_mirrored(form, rng):
    """A bend or a turn read from the other end is in the same place; so is a step, which then falls."""
    curves = sweep(form, rng=rng)
    sign = -1.0 if form == "step" else 1.0
    found = location(sign * curves[:, ::-1], -X[::-1], form=form, confidence=0.9)
    expected = location(curves, X, form=form, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((-expected.high, -expected.low))
    assert found.estimate == pytest.approx(-expected.estimate, nan_ok=True)


@given(FORMS, st.integers(0, 10**6))
def test_intervals_hold_the_estimate_and_at_least_one_gap(form, rng):
    """No interval is finer than the levels, and a step or a turn holds both levels around it."""
    found = location(sweep(form, rng=rng, rise=40.0), X, form=form, confidence=0.5)
    assert found.high - found.low >= found.resolution * (1 - 1e-9)
    if found.status == "inside":
        assert found.low <= found.estimate <= found.high
    if form in {"step", "peak"} and found.status == "inside":
        assert found.low <= X[found.estimate >= X].max()
        assert found.high >= X[found.estimate <= X].min()


@pytest.mark.long
@given(FORMS, st.integers(0, 10**6))
def test_more_confidence_never_shortens_an_interval(form, rng):
    """The 95 % interval holds the 80 % interval."""
    curves = sweep(form, rng=rng)
    wide = location(curves, X, form=form, confidence=0.95)
    narrow = location(curves, X, form=form, confidence=0.8)
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high


def test_a_step_is_held_by_its_gap():
    """A clear step has the two levels around it as its interval."""
    found = location(sweep("step", rise=30.0), X, form="step", confidence=0.9)
    assert (found.low, found.high) == (X[3], X[4])
    assert found.estimate == pytest.approx(0.5)
    assert (found.status, found.name) == ("inside", "onset")


def test_spread_is_that_of_single_seeds():
    """Seeds with onsets of their own are reported apart from the error of the mean's onset."""
    places = np.array([0.3, 0.4, 0.5, 0.45, 0.35])
    curves = 5.0 * np.maximum(X - places[:, None], 0.0)
    found = location(curves, X, form="hinge", confidence=0.9)
    assert found.spread == pytest.approx(places.std(ddof=1))


@pytest.mark.parametrize("form", sorted(MEANS))
def test_missing_cells_are_left_out(form):
    """With a sixth of the cells missing, the location is found near where it was."""
    curves = sweep(form, seeds=10, rise=12.0)
    holed = curves.copy()
    holed[np.random.default_rng(3).random(curves.shape) < 1 / 6] = np.nan
    whole = location(curves, X, form=form, confidence=0.9)
    found = location(holed, X, form=form, confidence=0.9)
    assert found.estimate == pytest.approx(whole.estimate, abs=1.5 / 7)
    assert np.isfinite([found.low, found.high]).all()


@pytest.mark.parametrize("form", sorted(MEANS))
def test_seeds_with_one_or_two_values_do_no_harm(form):
    """Seeds that were hardly seen are counted, and change the place little."""
    curves = sweep(form, seeds=8, rise=30.0)
    curves[0, 1:] = curves[1, 2:] = np.nan
    found = location(curves, X, form=form, confidence=0.9)
    whole = location(curves[2:], X, form=form, confidence=0.9)
    assert found.n_seeds == 8
    assert (found.low, found.high) == pytest.approx((whole.low, whole.high), abs=1 / 7)


@pytest.mark.parametrize("form", sorted(MEANS))
def test_too_little_data_resolve_nothing(form):
    """Two seeds, two levels, or curves that are all the same set no bounds."""
    curves = sweep(form, rise=20.0)
    for rows, x in (
        (curves[:2], X),
        (curves[:, :2], X[:2]),
        (np.tile(MEANS[form], (5, 1)), X),
        (0 * curves, X),
    ):
        found = location(rows, x, form=form, confidence=0.9)
        assert (found.low, found.high, found.status) == (-np.inf, np.inf, "unresolved")


@pytest.mark.long
@pytest.mark.parametrize("form", ["hinge", "saturating"])
def test_a_line_has_no_place_for_its_bend(form):
    """Curves that are straight on average leave the place open, at one end or at both."""
    found = [
        location(c, X, form=form, confidence=0.9) for c in simulated(form, seeds=5, rise=6.0, mean=X)[:100]
    ]
    assert np.mean([np.isfinite(each.low) and np.isfinite(each.high) for each in found]) <= 0.1


def test_a_turn_beyond_the_levels_is_open_on_that_side():
    """A curve that rises to the end has its turn there or later, and a lower bound only."""
    found = location(sweep("peak", rise=20.0, mean=X), X, form="peak", confidence=0.9)
    assert found.status == "above_range"
    assert np.isnan(found.estimate)
    assert found.low > 0.6
    assert found.high == np.inf


def test_what_cannot_be_used_is_refused():
    """Messages name the value, the rule and the remedy."""
    curves = sweep("hinge")
    with pytest.raises(OptionError, match=r"'knick'.*'hinge'"):
        location(curves, X, form="knick", confidence=0.9)
    with pytest.raises(OptionError, match="strictly between 0 and 1"):
        location(curves, X, form="hinge", confidence=90)
    with pytest.raises(InputError, match=r"shape \(5, 8\) and `x` has 7 levels"):
        location(curves, X[:7], form="hinge", confidence=0.9)
    with pytest.raises(InputError, match="not a rectangular array of numbers"):
        location([["a", "b"], ["c"]], X[:2], form="hinge", confidence=0.9)
    with pytest.raises(InputError, match="not ascending"):
        location(curves, X[::-1], form="hinge", confidence=0.9)
    with pytest.raises(InputError, match="infinite"):
        location(np.where(curves > 1, np.inf, curves), X, form="hinge", confidence=0.9)
    with pytest.raises(InputError, match="is all NaN"):
        location(np.nan * curves, X, form="hinge", confidence=0.9)
    with pytest.raises(InputError, match="one level only"):
        location(np.where(np.arange(8) == 3, curves, np.nan), X, form="hinge", confidence=0.9)
