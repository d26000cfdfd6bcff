"""Treatment against control beside the plain contrasts: bounds, several controls, partly shared seeds."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats import SweepTable, detect
from sigstats.evidence.control import at_bound
from sigstats.evidence.reason import Reason

LEVELS = np.arange(6.0)
X = LEVELS / 5


def curves(effect, rng, seeds=5, noise=0.3):
    """Return noisy lines."""
    generator = np.random.default_rng(rng)
    return effect * X + noise * generator.normal(size=(seeds, 6))


def control_of(matrices, control, seeds=None, **options):
    """Return the control evidence of a rise."""
    labels = seeds or {name: [f"{name}{s}" for s in range(len(v))] for name, v in matrices.items()}
    table = SweepTable.from_matrices(LEVELS, matrices, seeds=labels)
    return detect(table, shape="increasing", control=control, **options).evidence.control


def slopes(values):
    """Return numpy's slope of each row over the range of the knob."""
    return np.polyfit(X, values.T, 1)[0]


@pytest.mark.parametrize(
    ("control", "treatment", "sits", "up", "down"),
    [
        ([0.0, 0.0, 0.1], [0.5], True, 0, 2 / 3),
        ([1.0, 1.0, 0.9], [0.5], True, 2 / 3, 0),
        ([0.0, 0.1, 0.1], [0.5], False, 0, 1 / 3),
        ([0.0, 0.0, 0.0], [1.5], True, 0, 1),
        ([100.0, 100.0, 99.0], [50.0], True, 2 / 3, 0),
        ([1.0, 1.0, 1.0], [50.0], False, 0, 0),
        ([0.0, 0.0, 0.0], [-0.5], False, 0, 0),
        ([0.0, 0.0, 0.0], [101.0], False, 0, 0),
        ([0.0, 1.0, 0.4, np.nan], [0.5], True, 1 / 3, 1 / 3),
    ],
)
def test_a_control_at_floor_or_ceiling_is_noticed(control, treatment, sits, up, down):
    """Half of a control's values at 0, 1 or 100 of a metric that stays within; and those where a change would go."""
    parts = [np.array([control]), np.array([treatment])]
    for way, stuck in ((1, up), (-1, down)):
        found = at_bound(parts[:1], parts, ways=(way,))
        assert found.sits is sits
        assert found.stuck == pytest.approx(stuck)
    assert at_bound(parts[:1], parts).stuck == pytest.approx(up + down)


def test_one_of_several_controls_at_a_bound_is_enough():
    """A control that could not move is not made up for by another."""
    free, stuck = np.array([[0.2, 0.4, 0.6]]), np.zeros((1, 3))
    assert at_bound([free, stuck], [free, stuck]).stuck == 1


def test_declared_bounds_replace_those_that_the_values_suggest():
    """A metric from -1 to 1, one without bounds, and one whose floor is 10."""
    parts = [np.array([[-1.0, -1.0]]), np.array([[0.0, 1.0]])]
    assert at_bound(parts[:1], parts, bounds=(-1.0, 1.0), ways=(-1,)).stuck == 1
    assert not at_bound([np.zeros((1, 2))], parts[1:], bounds="none").sits
    assert at_bound([np.full((1, 2), 10.0)], parts, bounds=(10.0, 200.0), ways=(1,)).sits


def at_a_bound(level, slope, shape, **options):
    """Return the verdict on a clear change within [0, 1] beside a control that stays at one value."""
    lines = 0.5 + slope * (X - 0.5) + 0.02 * np.random.default_rng(1).normal(size=(5, 6))
    seeds = {name: [f"{name}{s}" for s in range(5)] for name in "tc"}
    table = SweepTable.from_matrices(LEVELS, {"t": lines, "c": np.full((5, 6), level)}, seeds=seeds)
    return detect(table, shape=shape, control="c", **options)


@pytest.mark.long
@pytest.mark.parametrize(
    ("level", "slope", "shape", "status"),
    [
        (0.0, 0.7, "increasing", "present"),
        (1.0, 0.7, "increasing", "inconclusive"),
        (0.0, -0.7, "decreasing", "inconclusive"),
        (1.0, -0.7, "decreasing", "present"),
        (0.4, 0.7, "increasing", "present"),
    ],
)
def test_a_control_at_the_floor_could_have_risen(level, slope, shape, status):
    """It counts where the prediction points away from the bound; where it points there, nothing could be seen."""
    found = at_a_bound(level, slope, shape)
    assert found.status == status
    assert Reason.CONTROL_CONSTANT in found.notes
    assert "exactly 0" in found.summary(full=True)
    compared = [each for each in found.criteria if each.name == "control_off_bound"]
    assert [each.met for each in compared] == ([] if level == 0.4 else [status == "present"])
    if status == "inconclusive":
        assert found.reasons == (Reason.CONTROL_UNRESOLVED,)
        assert "sits at a bound of the metric" in str(found)
        assert "Use a control with room in the predicted direction" in found.summary(full=True)
        assert "seeds per condition would" not in found.summary(full=True)
    elif level != 0.4:
        assert "would not show" in found.summary(full=True)


def test_a_metric_without_bounds_has_no_stuck_control():
    """The declaration replaces the guess, in both directions."""
    assert at_a_bound(1.0, 0.7, "increasing", bounds="none").status == "present"
    assert at_a_bound(1.0, 0.7, "increasing", bounds=[0, 2]).status == "present"
    assert at_a_bound(0.05, -0.7, "decreasing", bounds=(0.05, 1)).status == "inconclusive"


def test_single_controls_are_corrected_for_their_number():
    """The p-values of the single controls and of their mean are adjusted together, by Holm's procedure."""
    matrices = {"a": curves(4, 1), "p": curves(1.5, 2), "q": curves(2.2, 3)}
    found = control_of(matrices, ["p", "q"])
    t = slopes(matrices["a"])
    raw = [
        scipy_stats.ttest_ind(slopes(matrices[name]), 0.5 * t, equal_var=False, alternative="greater").pvalue
        for name in "pq"
    ]
    everything = [*raw, found.responds.pvalue]
    order = np.argsort(everything)
    held = np.empty(3)
    held[order] = np.minimum(np.maximum.accumulate(np.array(everything)[order] * [3, 2, 1]), 1.0)
    assert dict(found.single_responds) == pytest.approx({"p": held[0], "q": held[1]}, rel=1e-9)


def test_several_controls_are_averaged_with_equal_weight():
    """The control effect is the mean over controls, whatever their numbers of seeds."""
    matrices = {"a": curves(4, 1), "p": curves(1, 2, seeds=9), "q": curves(-1, 3, seeds=3)}
    found = control_of(matrices, ["p", "q"])
    assert found.effect.value == pytest.approx(np.mean([slopes(matrices[name]).mean() for name in "pq"]))


def test_pairs_that_are_shared_in_part_count_each_seed_once():
    """With some labels in common the paired contrast adds what each seed contributes to either side."""
    matrices = {"a": curves(3, 1), "p": curves(1, 2, seeds=4)}
    labels = {"a": list("vwxyz"), "p": list("xyzu")}
    found = control_of(matrices, "p", seeds=labels, paired=True)
    t, c = slopes(matrices["a"]), slopes(matrices["p"])
    moves = dict.fromkeys("uvwxyz", 0.0)
    for name, values, sign in (("a", t, 1.0), ("p", c, -1.0)):
        n = len(values)
        for label, value in zip(labels[name], values, strict=True):
            moves[label] += sign * (value - values.mean()) / np.sqrt(n * (n - 1))
    assert found.specific.se == pytest.approx(np.sqrt(sum(move**2 for move in moves.values())), rel=1e-9)
    assert found.specific.df == 3


def test_the_opposite_of_a_control_is_tested_on_its_own_scores():
    """That a control falls is a one-sample t test of its seeds."""
    matrices = {"a": curves(3, 1), "p": curves(-1, 2)}
    expected = scipy_stats.ttest_1samp(slopes(matrices["p"]), 0.0, alternative="less").pvalue
    assert control_of(matrices, "p").pvalue_opposite == pytest.approx(expected, rel=1e-9)


def test_each_contrast_names_its_null_and_its_replicate():
    """A reader can tell what was tested without the code."""
    found = control_of({"a": curves(3, 1), "p": curves(0, 2)}, "p", quiet_fraction=0.3)
    assert found.specific.null == "treatment - control <= 0, mean oriented scores"
    assert found.quiet.null == "0.3 treatment - control <= 0, mean oriented scores"
    assert found.responds.null == "control - 0.3 treatment <= 0, mean oriented scores"
    assert found.artifact.null == "control - 0.8 treatment <= 0, mean oriented scores"
    assert {each.n_seeds for each in (found.specific, found.quiet, found.responds, found.artifact)} == {5}
