"""A place too near an end of the range to be tested: what is refuted elsewhere is not refuted there."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sigstats import detect
from sigstats.evidence.near_end import near_end
from sigstats.evidence.parts import Scored
from sigstats.shapes import Scores, Threshold

X = np.arange(8.0)
STEP = {"name": "threshold", "form": "step"}


def verdict_on(curve, shape, *, seeds=6, noise=0.3, **options):
    """Return the verdict on one condition whose seeds share a curve."""
    rng = np.random.default_rng(7)
    rows = [
        {"seed": seed, "dose": level, "y": value + noise * rng.standard_normal(), "arm": "a"}
        for seed in range(seeds)
        for level, value in zip(X, curve, strict=True)
    ]
    names = {"knob": "dose", "metric": "y", "seed": "seed", "condition": "arm", "treatment": "a"}
    return detect(pd.DataFrame(rows), shape=shape, **names, **options)


def step_after(n_before):
    """Return a step with so many levels before it."""
    return 6.0 * (n_before <= X)


def hinge_at(place):
    """Return a hinge with its onset at a place, 10 high."""
    return 10.0 * np.maximum(X - place, 0.0) / (7.0 - place)


@pytest.mark.long
@pytest.mark.parametrize(
    ("curve", "shape", "where"),
    [
        (step_after(1), STEP, "at more levels near 0"),
        (step_after(2), STEP, "at more levels near 0"),
        (step_after(6), STEP, "further, above 7"),
        (step_after(7), STEP, "further, above 7"),
        (hinge_at(1.0), "threshold", "at more levels near 0"),
        (hinge_at(0.5), "threshold", "at more levels near 0"),
        (np.clip(10 * (X - 1) / 3, 0, 10), "threshold", "at more levels near 0"),
        (-step_after(1), {**STEP, "direction": "decreasing"}, "at more levels near 0"),
    ],
)
def test_a_perfect_shape_near_an_end_is_not_refuted(curve, shape, where):
    """The verdict says where the onset may lie, and where to sweep; it does not speak of a drift."""
    found = verdict_on(curve, shape)
    assert (found.status, found.reasons) == ("inconclusive", ("onset_near_end",))
    assert "too near the" in found.summary(full=True)
    assert f"Sweep dose {where}" in found.summary(full=True)


@pytest.mark.parametrize("last", [1, 6])
def test_a_peak_whose_turn_is_next_to_an_end_is_not_refuted(last):
    """A curve that may turn at the last level but one is not said not to fall; the same at the start."""
    curve = np.where(last >= X, X / last, (7.0 - X) / (7.0 - last)) * 3.0
    found = verdict_on(curve, "peak", noise=0.6)
    assert found.status in ("present", "inconclusive")


def test_a_knee_next_to_the_end_is_not_refuted():
    """A curve that levels off at the last level but one may level off further out."""
    found = verdict_on(10.0 * np.minimum(X, 6.0) / 6.0, "saturating", noise=0.1)
    assert (found.status, found.reasons) == ("inconclusive", ("onset_near_end",))
    assert "knee may lie too near the end" in found.summary(full=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("curve", "shape", "reason"),
    [
        (10.0 * X, STEP, "not_abrupt"),
        (10.0 * X, "peak", "no_fall_after"),
        (10.0 * X, "saturating", "not_levelling_off"),
        (4.0 * X + 8.0 * np.maximum(X - 3, 0), "threshold", "not_flat_before"),
        (-10.0 * X, STEP, "opposite"),
        (-10.0 * X, "peak", "opposite"),
        (-hinge_at(3.0), "threshold", "opposite"),
    ],
)
def test_what_fits_no_place_at_all_is_refuted(curve, shape, reason):
    """Where the shape is excluded near both ends too, the verdict is as definite as before."""
    found = verdict_on(curve, shape)
    assert found.status in ("absent", "partial")
    assert reason in found.reasons


@pytest.mark.long
def test_a_shape_in_the_middle_is_present():
    """The places near an end take nothing from what is shown."""
    assert verdict_on(step_after(4), STEP).status == "present"
    assert verdict_on(hinge_at(3.0), "threshold").status == "present"


def test_a_place_is_excluded_by_its_clearest_part_with_bonferronis_correction():
    """Per place the smallest p-value of scipy's t test times the number of parts; then the largest over places."""
    rng = np.random.default_rng(3)
    clauses = Threshold().clauses
    ends = {"bends": rng.normal(-1.0, 1.0, (5, 1, 3)), "rises_after": rng.normal(-0.5, 1.0, (5, 1, 3))}
    scores = {name: Scores(parts=np.zeros((5, 1)), ends=each, n_start=1) for name, each in ends.items()}
    found = near_end([Scored(ids=np.arange(5), scores=scores, contrasts={})], clauses, {"bends": 0.5})
    expected = [
        2
        * min(
            stats.ttest_1samp(ends["bends"][:, 0, at], 0.5, alternative="less").pvalue,
            stats.ttest_1samp(ends["rises_after"][:, 0, at], 0.0, alternative="less").pvalue,
        )
        for at in range(3)
    ]
    assert found is not None
    assert found.start == pytest.approx(min(expected[0], 1.0), rel=1e-9)
    assert found.end == pytest.approx(min(max(expected[1:]), 1.0), rel=1e-9)


def test_levels_below_the_range_are_proposed_where_there_can_be_some():
    """Below 0 there may be none; below levels of -3 or 1 there may."""
    from sigstats.verdict.words import places

    assert places.told_where("start", -3.0) == "further, below {low}, or at more levels there"
    assert places.told_where("start", 0.0) == "at more levels near {low}"
    assert places.told_where("both", 0.0) == "further, above {high}, or at more levels near {low}"
    assert places.told_where("end", 0.0) == "further, above {high}, or at more levels there"
