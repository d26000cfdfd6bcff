"""Mack-Wolfe with a given and with a chosen peak."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigstats.errors import OptionError
from sigstats.stats.classical.umbrella import mack_wolfe

GROUPS = st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=3), min_size=3, max_size=4)


def patterns(n):
    """Return every pattern of ties of n values, as nondecreasing ranks."""
    for steps in itertools.product((0, 1), repeat=n - 1):
        yield (0, *itertools.accumulate(steps))


def cut(values, sizes):
    """Cut values into consecutive groups."""
    ends = np.cumsum(sizes)
    return [list(values[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def mann_whitney(lower, upper):
    """Return twice the number of pairs in which the second is larger, ties counting one half."""
    return sum(2 * (a < b) + (a == b) for a in lower for b in upper)


def doubled_a(groups, peak):
    """Return twice A for a peak at this position, from 0."""
    rising = itertools.combinations(range(peak + 1), 2)
    falling = itertools.combinations(range(peak, len(groups)), 2)
    return sum(mann_whitney(groups[g], groups[h]) for g, h in rising) + sum(
        mann_whitney(groups[h], groups[g]) for g, h in falling
    )


def arrangements(sizes):
    """Return all arrangements of group labels."""
    return sorted(set(itertools.permutations(np.repeat(np.arange(len(sizes)), sizes).tolist())))


def dealt(values, labels, k):
    """Return the values of each group under an arrangement of labels."""
    return [[value for value, label in zip(values, labels, strict=True) if label == g] for g in range(k)]


@pytest.mark.long
@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 1, 2), (1, 1, 2, 1), (2, 2, 2)])
def test_given_peak_counts_all_arrangements(sizes):
    """For every pattern of ties and every peak, p and moments are those of all arrangements."""
    rng = np.random.default_rng(sum(sizes))
    for values in list(patterns(sum(sizes)))[::2]:
        shuffled = rng.permutation(values)
        for peak in range(len(sizes)):
            observed = doubled_a(cut(shuffled, sizes), peak)
            everything = np.array(
                [doubled_a(dealt(shuffled, labels, len(sizes)), peak) for labels in arrangements(sizes)]
            )
            result = mack_wolfe(cut(shuffled, sizes), peak + 1, method="exact")
            assert result.pvalue == np.count_nonzero(everything >= observed) / len(everything)
            assert 2 * result.statistic == observed
            assert 2 * result.mean == pytest.approx(everything.mean(), rel=1e-12)
            assert 4 * result.variance == pytest.approx(everything.var(), rel=1e-12, abs=1e-12)


def standardised_at_chosen_peak(groups):
    """Return A* at the group that stands out most, averaged over draws, by the textbook."""
    n = sum(map(len, groups))
    pooled = np.concatenate(groups)
    ties = np.unique(pooled, return_counts=True)[1]
    heights, stars = [], []
    for q, group in enumerate(groups):
        others = np.concatenate([g for i, g in enumerate(groups) if i != q])
        size = len(group)
        shrink = 1 - np.sum(ties**3 - ties) / (n**3 - n)
        spread = np.sqrt(size * (n - size) * (n + 1) / 12 * shrink)
        heights.append((mann_whitney(others, group) - size * (n - size)) / 2 / spread)
        values = np.array(
            [doubled_a(cut(p, [len(g) for g in groups]), q) for p in itertools.permutations(pooled)]
        )
        stars.append((doubled_a(groups, q) - values.mean()) / values.std() if values.std() > 0 else 0.0)
    top = np.isclose(heights, max(heights), rtol=1e-9, atol=1e-9)
    return np.mean(np.array(stars)[top]), tuple(np.flatnonzero(top) + 1)


@pytest.mark.long
@pytest.mark.parametrize("values", [(1, 2, 3, 4, 5, 6), (1, 3, 3, 2, 2, 5), (4, 4, 1, 1, 2, 2)])
def test_chosen_peak_follows_the_textbook(values):
    """The peak and its A* are those of the definition, moments taken over all permutations."""
    groups = cut(np.array(values), (2, 2, 2))
    expected, peaks = standardised_at_chosen_peak(groups)
    result = mack_wolfe(groups)
    assert result.statistic == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert result.peaks == peaks


@pytest.mark.long
@pytest.mark.parametrize("values", [(1, 2, 5, 6, 3, 4), (1, 3, 3, 2, 2, 5), (4, 4, 1, 1, 2, 2)])
def test_chosen_peak_counts_all_arrangements(values):
    """In small data the p-value is the share of arrangements with an A* at least as large."""
    groups, sizes = cut(np.array(values), (2, 2, 2)), (2, 2, 2)
    result = mack_wolfe(groups)
    everything = np.array([mack_wolfe(dealt(values, labels, 3)).statistic for labels in arrangements(sizes)])
    assert result.method == "exact permutation distribution (90)"
    assert result.pvalue == np.count_nonzero(everything >= result.statistic - 1e-9) / 90


def test_choosing_the_peak_costs_power_compared_with_knowing_it():
    """On the same data the chosen peak has the larger p-value."""
    groups = [[1, 2, 3], [4, 5, 6], [9, 8, 7.5], [5.5, 4.5, 3.5]]
    assert mack_wolfe(groups).pvalue > mack_wolfe(groups, 3).pvalue


def test_draws_are_reproducible_and_leave_the_global_generator_alone():
    """The same rng gives the same p, and the global state is not touched."""
    groups = np.random.default_rng(2).normal(size=(4, 5))
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first, second = mack_wolfe(groups, n_draws=999), mack_wolfe(groups, n_draws=999)
    assert first == second
    assert first.pvalue >= 1 / 1000
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    generated = mack_wolfe(groups, n_draws=999, rng=np.random.default_rng(0))
    assert generated == first


def test_a_peak_that_no_draw_reaches_still_has_a_positive_pvalue():
    """The data count as one of the draws."""
    groups = [np.arange(20) + 100 * height for height in (0, 1, 2, 3, 1.5, 0.5)]
    assert mack_wolfe(groups, n_draws=199).pvalue == 1 / 200


@pytest.mark.long
@settings(max_examples=25)
@given(GROUPS)
def test_a_valley_is_a_peak_upside_down(groups):
    """Changing the sign of the values and the alternative together changes nothing but signs."""
    turned = [[-value for value in group] for group in groups]
    peak, valley = mack_wolfe(groups, 2), mack_wolfe(turned, 2, alternative="less")
    assert (peak.pvalue, peak.z) == (valley.pvalue, pytest.approx(-valley.z, abs=1e-12))
    chosen, mirrored = (
        mack_wolfe(g, alternative=a, n_draws=99) for g, a in ((groups, "greater"), (turned, "less"))
    )
    assert (chosen.pvalue, chosen.peaks, chosen.z) == (mirrored.pvalue, mirrored.peaks, -mirrored.z)


@pytest.mark.long
@settings(max_examples=25)
@given(GROUPS)
def test_reading_the_groups_backwards_moves_the_peak_only(groups):
    """A peak at p from the left is a peak at k + 1 - p from the right."""
    there, back = mack_wolfe(groups, 1), mack_wolfe(groups[::-1], len(groups))
    assert (there.statistic, there.pvalue) == (back.statistic, back.pvalue)


def test_constant_data_have_pvalue_one():
    """Where nothing varies, every group is a peak and nothing speaks against the null hypothesis."""
    result = mack_wolfe([[1, 1], [1], [1, 1]])
    assert (result.pvalue, result.peaks) == (1.0, (1, 2, 3))
    assert mack_wolfe([[1, 1], [1], [1, 1]], 2, method="asymptotic", alternative="two-sided").pvalue == 1.0


def test_contradicting_options_are_named():
    """A chosen peak has one side and no approximation; a given one lies among the groups, counted from 1."""
    groups = [[1, 2], [3, 4], [2, 1]]
    with pytest.raises(OptionError, match="'greater' \\(peak\\) or 'less' \\(valley\\)"):
        mack_wolfe(groups, alternative="two-sided")
    with pytest.raises(OptionError, match="an approximation exists for a given peak only"):
        mack_wolfe(groups, method="asymptotic")
    for peak in (0, 4, 1.5):
        with pytest.raises(OptionError, match="from 1 to 3"):
            mack_wolfe(groups, peak)
