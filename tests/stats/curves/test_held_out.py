"""Leave-one-seed-out errors, log scores and stacking weights: against plain loops, densities and optimisers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, optimize, stats

from sigstats.errors import InputError
from sigstats.stats.curves.fit import KnobAxis
from sigstats.stats.curves.held_out import differences, held_out, stacking_weights

X = np.linspace(0.0, 1.0, 7)
AXIS = KnobAxis(x=X)
FORMS = ("flat", "linear", "step", "free")
EITHER = ("either",) * 4


def sweep(n_seeds=5, *, rng=0, gaps=0):
    generator = np.random.default_rng(rng)
    curves = 2 * X + generator.normal(0, 0.5, (n_seeds, 7)) + generator.normal(0, 3, (n_seeds, 1))
    for seed in range(gaps):
        curves[seed, 1 + seed] = np.nan
    return curves


def run(curves, forms=FORMS):
    return held_out(curves, AXIS, forms=forms, directions=("either",) * len(forms))


def test_errors_are_those_of_a_plain_loop():
    """Polynomials through the mean of the other seeds, held against the centred seed, give the same errors."""
    curves = sweep()
    found = run(curves, ("flat", "linear", "free"))
    for seed in range(5):
        others = np.delete(curves, seed, axis=0).mean(axis=0)
        own = curves[seed] - curves[seed].mean()
        for place, prediction in enumerate((0 * X, np.polyval(np.polyfit(X, others, 1), X), others)):
            expected = ((own - (prediction - prediction.mean())) ** 2).sum() / 6
            assert found.errors[seed, place] == pytest.approx(expected, rel=1e-12)


def test_errors_with_missing_cells_are_those_of_the_additive_model():
    """The others' mean curve is that of a regression on seed and level; levels are weighted by their seeds."""
    curves = sweep(gaps=3)
    found = run(curves, ("linear", "free"))
    seed = 1
    others = np.delete(curves, seed, axis=0)
    seen = ~np.isnan(others)
    rows, levels = np.nonzero(seen)
    design = np.hstack([np.eye(4)[rows], np.eye(7)[levels]])
    effects, *_ = np.linalg.lstsq(design, others[seen], rcond=None)
    line = np.polyval(np.polyfit(X, effects[4:], 1, w=np.sqrt(seen.sum(axis=0))), X)
    mask = ~np.isnan(curves[seed])
    own = curves[seed, mask] - curves[seed, mask].mean()
    for place, prediction in enumerate((line, effects[4:])):
        part = prediction[mask] - prediction[mask].mean()
        assert found.errors[seed, place] == pytest.approx(((own - part) ** 2).sum() / 5, rel=1e-6)


def test_the_log_score_is_a_multivariate_t_of_the_contrasts():
    """SciPy's density of the seed's Helmert contrasts, up to nothing at all, is the log score."""
    curves = sweep(4)
    found = run(curves, ("linear",))
    contrasts = linalg.helmert(7)
    seed = 2
    others = np.delete(curves, seed, axis=0)
    line = np.polyval(np.polyfit(X, others.mean(axis=0), 1), X)
    level = others.mean(axis=0)
    noise = ((others - others.mean(axis=1, keepdims=True) - (level - level.mean())) ** 2).sum()
    df = 2 * 6
    expected = stats.multivariate_t(contrasts @ line, noise / df * np.eye(6), df).logpdf(
        contrasts @ curves[seed]
    )
    assert found.log_scores[seed, 0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.long
def test_a_vague_prediction_does_not_win_on_a_seed_that_is_noisier_than_the_others():
    """On a flat mean with one seed ten times as noisy, the free curve has hardly any weight, as without it."""
    rng = np.random.default_rng(7)
    weights = []
    for _ in range(40):
        curves = rng.standard_normal((3, 7)) * np.array([[1.0], [1.0], [10.0]])
        found = run(curves, ("flat", "linear", "free"))
        weights.append(stacking_weights(found.log_scores, start=np.ones(3))[2])
    assert np.mean(weights) < 0.05


@pytest.mark.long
def test_errors_of_a_right_form_estimate_noise_and_fit():
    """Over many sweeps the free curve's error is s2 (1 + 1/(S-1)), that of the line s2 (1 + 1/((S-1)(L-1)))."""
    rng = np.random.default_rng(5)
    sweeps = [run(X + rng.standard_normal((4, 7)), ("linear", "free")).errors for _ in range(400)]
    errors = np.mean(sweeps, axis=(0, 1))
    np.testing.assert_allclose(errors, [1 + 1 / 18, 1 + 1 / 3], atol=0.055)


@pytest.mark.long
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5), st.permutations(range(5)), st.integers(0, 2))
def test_levels_of_seeds_and_their_order_do_not_matter(shifts, order, gaps):
    """Adding a constant to each seed and sorting the seeds anew change nothing."""
    curves = sweep(gaps=gaps)
    plain = run(curves)
    moved = run((curves + np.array(shifts)[:, None])[list(order)])
    np.testing.assert_allclose(moved.errors, plain.errors[list(order)], atol=1e-8)
    np.testing.assert_allclose(moved.log_scores, plain.log_scores[list(order)], atol=1e-6)


def test_seeds_that_are_the_same_give_finite_scores():
    """Without any noise every score is a number, and the form that is right has no error."""
    found = run(np.tile(X, (3, 1)))
    assert np.isfinite(found.log_scores).all()
    np.testing.assert_allclose(found.errors[:, [1, 3]], 0, atol=1e-25)
    constant = run(np.ones((3, 7)))
    assert np.isfinite(constant.log_scores).all()
    assert (constant.errors == 0).all()


def test_differences_are_paired_and_zero_for_the_form_itself():
    """Means and standard errors over seeds of the differences, not the difference of standard errors."""
    errors = run(sweep()).errors
    found = differences(errors, 1)
    gaps = errors - errors[:, [1]]
    np.testing.assert_allclose(found.mean, gaps.mean(axis=0))
    np.testing.assert_allclose(found.se, stats.sem(gaps))
    assert (found.mean[1], found.se[1]) == (0.0, 0.0)


def test_rounding_is_no_difference():
    """Two errors that differ in the last digit count as the same."""
    found = differences([[1.0, 1.0 + 2e-16, 2.0], [1.0, 1.0 - 2e-16, 2.0]], 0)
    np.testing.assert_array_equal(found.mean, [0.0, 0.0, 1.0])


@pytest.mark.long
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(2, 8), st.sampled_from([0.5, 3.0, 30.0]))
def test_weights_are_those_of_a_general_optimiser(entropy, n_seeds, n_forms, spread):
    """SLSQP finds no mixture with a mean log score that is larger by more than the promised accuracy."""
    scores = spread * np.random.default_rng(entropy).normal(size=(n_seeds, n_forms))
    scores -= scores.max(axis=1, keepdims=True)

    def loss(weights):
        return -np.log(np.maximum(np.exp(scores) @ np.abs(weights), 1e-300)).mean()

    weights = stacking_weights(scores, start=np.ones(n_forms))
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    starts = [np.full(n_forms, 1 / n_forms), weights]
    best = min(
        optimize.minimize(
            loss, start, method="SLSQP", bounds=[(0, 1)] * n_forms,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        ).fun
        for start in starts
    )  # fmt: skip
    assert loss(weights) <= best + 1.5e-4


def test_weights_follow_how_many_seeds_a_form_wins():
    """Two forms that each predict some seeds perfectly share the weight by their numbers."""
    scores = np.where(np.arange(10)[:, None] < 7, [[0.0, -50.0]], [[-50.0, 0.0]])
    np.testing.assert_allclose(stacking_weights(scores, start=[1, 1]), [0.7, 0.3], atol=1e-6)


def test_the_start_decides_between_forms_that_predict_the_same():
    """Of two columns that are equal, the one with the larger start keeps it; a worse third one gets nothing."""
    scores = np.column_stack([np.zeros(5), np.zeros(5), np.full(5, -9.0)])
    weights = stacking_weights(scores, start=[1.0, 0.01, 1.0])
    assert weights[1] / weights[0] == pytest.approx(0.01)
    assert weights[2] < 1e-3


def test_what_cannot_be_used_is_refused():
    """Two seeds, a level seen once, scores that are not finite, and starts of 0."""
    with pytest.raises(InputError, match="2 seeds"):
        run(sweep(2))
    lonely = sweep()
    lonely[1:, 3] = np.nan
    with pytest.raises(InputError, match="2 at each level"):
        run(lonely)
    with pytest.raises(InputError, match="NaN"):
        stacking_weights([[0.0, np.nan]], start=[1, 1])
    with pytest.raises(InputError, match="above 0"):
        stacking_weights([[0.0, 1.0]], start=[1, 0])
    with pytest.raises(InputError, match="1 weights"):
        stacking_weights([[0.0, 1.0]], start=[1])


@pytest.mark.parametrize("offset", [0.0, 0.37, 1e6])
def test_rounding_tells_no_forms_apart(offset):
    """Lines that are exactly parallel: whatever can be a line fits them, and nothing is said of its parameters."""
    curves = 0.3 * X + np.arange(5.0)[:, None] * 0.37 + offset
    found = held_out(
        curves, AXIS, forms=["flat", "linear", "convex", "increasing", "free"], directions=["either"] * 5
    )
    assert (found.errors[:, 1:] == 0).all()
    assert (found.errors[:, 0] > 1e-3).all()
    assert (found.log_scores[:, 1:] == found.log_scores[:, [1]]).all()
    assert (found.log_scores[:, 0] < found.log_scores[:, 1]).all()


def test_noise_that_is_small_but_no_rounding_counts():
    """A bend of a millionth still tells a line from a parabola."""
    curves = X + 1e-6 * X**2 + np.arange(5.0)[:, None]
    found = held_out(curves, AXIS, forms=["linear", "convex"], directions=["either"] * 2)
    assert (found.errors[:, 0] > 0).all()
    assert (found.errors[:, 1] == 0).all()
