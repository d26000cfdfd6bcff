"""Copies are what chance cannot make equal; a control without chance counts as it was measured."""

import numpy as np
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.stats.classical.coincidences import chances_of_coincidence

LEVELS = np.arange(6)


def detected(matrices, seeds=None, **claim):
    levels = np.arange(next(iter(matrices.values())).shape[1])
    return detect(SweepTable.from_matrices(levels, matrices, seeds=seeds), shape="increasing", **claim)


def smooth(n_seeds: int, slope: float, rng: int = 1) -> np.ndarray:
    return slope * LEVELS + np.random.default_rng(rng).normal(0, 1, (n_seeds, LEVELS.size))


@pytest.mark.parametrize("n_seeds", [3, 4, 5, 12])
@pytest.mark.parametrize("n_levels", [3, 6])
def test_a_copy_on_a_fine_metric_is_left_out(n_seeds, n_levels):
    """On numbers that never recur, one equal curve is a copy, even among 3 seeds at 3 levels."""
    curves = smooth(n_seeds, 1.0)[:, :n_levels]
    curves[1] = curves[0]
    (arm,) = detected({"a": curves}).evidence.arms
    assert (arm.n_copies, arm.n_equal, arm.n_seeds) == (1, 0, n_seeds - 1)


def test_copies_that_all_start_at_one_value_are_left_out():
    """A first level at which every run is 0 says nothing of the others."""
    curves = smooth(5, 1.0)
    curves[:, 0] = 0.0
    curves[3] = curves[2]
    (arm,) = detected({"a": curves}).evidence.arms
    assert (arm.n_copies, arm.n_seeds) == (1, 4)


def test_equal_curves_on_a_metric_of_three_values_are_kept():
    """40 seeds at 4 levels of 3 values have at most 81 curves: equal ones are no copies, and all count."""
    rng = np.random.default_rng(3)
    curves = rng.integers(0, 3, (40, 4)) / 2
    verdict = detected({"a": curves})
    (arm,) = verdict.evidence.arms
    assert (arm.n_copies, arm.n_seeds) == (0, 40)
    assert arm.n_equal > 0
    assert Reason.EQUAL_SEEDS in verdict.notes
    assert Reason.DUPLICATE_SEEDS not in verdict.notes
    assert "so coarse a metric: all were kept" in " ".join(verdict.summary(full=True).split())


def test_seeds_that_stay_where_they_are_do_not_count_every_level():
    """Coarse curves that keep their value from level to level tie at all levels once they tie at one."""
    rng = np.random.default_rng(5)
    steps = np.where(rng.random((20, 8)) < 0.25, rng.integers(0, 2, (20, 8)), 0)
    curves = np.cumsum(steps, axis=1) / 4 + rng.integers(0, 2, (20, 1))
    (arm,) = detected({"a": curves}).evidence.arms
    assert (arm.n_copies, arm.n_seeds) == (0, 20)


def test_the_chance_of_a_coincidence_is_that_of_ties_at_all_levels():
    """Four distinct curves, ties counted by hand: 1 of 6 pairs at the first level, 2 at the second, 0 at the last."""
    apart = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 1.0, 4.0]])
    usual = 3.5 / 19
    share = [(1 + usual) / 7, (2 + usual) / 7, usual / 7]
    # The one pair that ties at the first level does not at the second; of the two there none does at the third.
    share[1] = max(share[1], usual / 2)
    share[2] = max(share[2], usual / 3)
    found = chances_of_coincidence(apart[:1], apart, 5)
    assert found[0] == pytest.approx(10 * np.prod(share))


def test_a_control_whose_seeds_are_all_the_same_is_quiet():
    """It is kept with its measured effect, exactly, and said; the treatment's variation decides."""
    flat = np.tile([0.1, 0.0, 0.2, 0.1, 0.0, 0.1], (5, 1))
    verdict = detected({"a": smooth(5, 1.0), "b": flat}, control="b")
    assert verdict.status == "present"
    control = verdict.evidence.arms[1]
    assert (control.n_seeds, control.n_copies, control.deterministic, control.constant) == (5, 0, True, False)
    assert Reason.CONTROL_CONSTANT in verdict.notes
    assert "All seeds of 'b' have the same curve" in " ".join(verdict.summary(full=True).split())


def test_a_control_without_chance_that_does_the_same_is_an_artifact():
    """Its effect counts like any other."""
    rising = np.tile(LEVELS + np.array([0.1, 0.0, 0.2, 0.1, 0.0, 0.1]), (5, 1))
    assert detected({"a": smooth(20, 1.0), "b": rising}, control="b").reasons == (Reason.ARTIFACT,)


@pytest.mark.long
def test_a_constant_classifier_on_many_data_sets_is_a_control():
    """Where the control has one curve on all data sets, it does not want for seeds."""
    dummy = np.tile(np.round(0.5 + 0.01 * LEVELS[::-1], 2), (236, 1))
    verdict = detected({"a": smooth(236, 1.0), "b": dummy}, control="b")
    assert verdict.status == "present"


def test_a_treatment_whose_seeds_are_all_the_same_is_one_run():
    """There nothing tells what another seed would do."""
    verdict = detected({"a": np.tile(smooth(1, 1.0), (5, 1))})
    assert verdict.reasons == (Reason.TOO_FEW_SEEDS,)
