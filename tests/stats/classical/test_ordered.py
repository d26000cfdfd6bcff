"""Jonckheere, Cuzick and Page: enumeration over all arrangements, invariants, errors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.ordered import cuzick, jonckheere, page

GROUPS = st.lists(st.lists(st.integers(-4, 4), min_size=1, max_size=5), min_size=2, max_size=4)
ROWS = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(-3, 3), min_size=k, max_size=k), min_size=1, max_size=4)
)


def patterns(n):
    """Return every pattern of ties of n values, as nondecreasing ranks."""
    for steps in itertools.product((0, 1), repeat=n - 1):
        yield (0, *itertools.accumulate(steps))


def cut(values, sizes):
    """Cut values into consecutive groups."""
    ends = np.cumsum(sizes)
    return [list(values[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def doubled_j(values, labels):
    """Return twice J pair by pair, for every row of labels."""
    labels = np.atleast_2d(labels)
    total = np.zeros(len(labels), dtype=int)
    for i, j in itertools.permutations(range(len(values)), 2):
        worth = 2 if values[i] < values[j] else 1 if values[i] == values[j] else 0
        total += worth * (labels[:, i] < labels[:, j])
    return total


def counted(all_values, observed):
    """Return the p-values of the three sides as ratios of whole numbers."""
    upper, lower = np.count_nonzero(all_values >= observed), np.count_nonzero(all_values <= observed)
    n = len(all_values)
    return {"greater": upper / n, "less": lower / n, "two-sided": min(2 * min(upper, lower), n) / n}


@pytest.mark.long
@pytest.mark.parametrize(
    "sizes", [(1, 2), (2, 2, 1), (3, 1, 2), (1, 1, 1, 2), (2, 3, 2), (1, 2, 2, 3), (4, 4)]
)
def test_jonckheere_counts_all_arrangements(sizes):
    """For every pattern of ties p, mean and variance are those of all arrangements of labels."""
    n = sum(sizes)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    arrangements = np.array(sorted(set(itertools.permutations(labels.tolist()))))
    rng = np.random.default_rng(n)
    for values in patterns(n):
        shuffled = rng.permutation(values)
        everything = doubled_j(shuffled, arrangements)
        observed = doubled_j(shuffled, labels)[0]
        for side, expected in counted(everything, observed).items():
            result = jonckheere(cut(shuffled, sizes), alternative=side, method="exact")
            assert result.pvalue == expected
        assert 2 * result.statistic == observed
        assert 2 * result.mean == pytest.approx(everything.mean(), rel=1e-12)
        assert 4 * result.variance == pytest.approx(everything.var(), rel=1e-12, abs=1e-12)


@pytest.mark.long
@pytest.mark.parametrize(("m", "k"), [(1, 5), (2, 4), (3, 3), (4, 2)])
def test_page_counts_all_arrangements(m, k):
    """With ties in rows, the exact p, the mean and the variance are those of all orders within rows."""
    rng = np.random.default_rng(m)
    for _ in range(25):
        rows = np.array([rng.permutation(list(patterns(k))[rng.integers(2 ** (k - 1))]) for _ in range(m)])
        sums = np.zeros(1, dtype=int)
        observed = 0
        for row in rows:
            doubled = np.array([np.sum(row < v) + np.sum(row <= v) + 1 for v in row])
            orders = np.array(list(itertools.permutations(doubled)))
            sums = (sums[:, None] + orders @ np.arange(1, k + 1)).ravel()
            observed += int(doubled @ np.arange(1, k + 1))
        for side, expected in counted(sums, observed).items():
            result = page(rows, alternative=side, method="exact")
            assert result.pvalue == expected
        assert 2 * result.statistic == observed
        assert 2 * result.mean == pytest.approx(sums.mean(), rel=1e-12)
        assert 4 * result.variance == pytest.approx(sums.var(), rel=1e-12, abs=1e-12)


def test_cuzick_has_the_moments_of_all_permutations():
    """Mean and variance of T, ties included, are those over all permutations of the values."""
    values, sizes, scores = [1, 1, 2, 3, 3, 3], (2, 1, 3), [0.5, 2.0, 3.5]
    labels = np.repeat(scores, sizes)
    ranks = np.array([1.5, 1.5, 3, 5, 5, 5])
    everything = np.array(list(itertools.permutations(ranks))) @ labels
    result = cuzick(cut(values, sizes), scores)
    assert result.statistic == ranks @ labels
    assert result.mean == pytest.approx(everything.mean(), rel=1e-12)
    assert result.variance == pytest.approx(everything.var(), rel=1e-12)


def test_exact_and_asymptotic_agree_on_large_samples():
    """At 90 observations the two p-values differ by less than 5 %."""
    groups = np.random.default_rng(3).normal(np.linspace(0, 0.6, 6)[:, None], 1.0, size=(6, 15))
    exact, approximate = (jonckheere(groups, method=how) for how in ("exact", "asymptotic"))
    assert exact.method.startswith("exact")
    assert exact.pvalue == pytest.approx(approximate.pvalue, rel=0.05)


def test_auto_falls_back_where_there_is_too_much_to_count():
    """Large tied data use the normal approximation and say so; asking for "exact" is an error."""
    groups = np.random.default_rng(1).integers(0, 30, size=(8, 20))
    assert jonckheere(groups).method == "normal approximation, ties corrected"
    with pytest.raises(OptionError, match="too many arrangements"):
        jonckheere(groups, method="exact")
    wide = np.random.default_rng(1).normal(size=(3, 14))
    assert page(wide).method == "normal approximation, ties corrected"
    with pytest.raises(OptionError, match="too many arrangements"):
        page(wide, method="exact")


def test_tails_do_not_underflow():
    """Perfect order in 200 observations has a positive p-value and a finite logarithm."""
    result = jonckheere(np.arange(2000.0).reshape(4, 500), method="asymptotic")
    assert result.pvalue > 0
    assert result.log10_pvalue < -290


@given(GROUPS)
def test_reversing_the_groups_swaps_the_sides(groups):
    """Reversed groups mirror J and T and swap "greater" and "less"."""
    for test in (jonckheere, cuzick):
        there, back = test(groups, alternative="greater"), test(groups[::-1], alternative="less")
        assert there.z == pytest.approx(-back.z, abs=1e-12)
        assert there.pvalue == pytest.approx(back.pvalue, rel=1e-12)


@given(GROUPS)
def test_monotone_changes_of_the_metric_change_nothing(groups):
    """Rank tests see the order only."""
    cubed = [[value**3 + 5 for value in group] for group in groups]
    assert jonckheere(groups) == jonckheere(cubed)
    assert cuzick(groups) == cuzick(cubed)


@given(ROWS)
def test_page_is_blind_to_levels_and_order_of_rows(rows):
    """Adding a number to a row, or shuffling rows, leaves L and p; reversing columns swaps the sides."""
    result = page(rows)
    assert page([[value + 10 * i for value in row] for i, row in enumerate(rows)]) == result
    assert page(rows[::-1]).pvalue == result.pvalue
    assert page([row[::-1] for row in rows], alternative="less").pvalue == result.pvalue
    assert 0 < result.pvalue <= 1


def test_constant_data_have_pvalue_one():
    """Where nothing varies, nothing speaks against the null hypothesis."""
    assert jonckheere([[1, 1], [1, 1]]).pvalue == 1.0
    assert jonckheere([[1, 1], [1, 1]], method="asymptotic").pvalue == 1.0
    assert cuzick([[1, 1], [1, 1]]).pvalue == 1.0
    assert page([[2, 2, 2], [3, 3, 3]]).pvalue == 1.0
    assert page([[2, 2, 2]], method="asymptotic", alternative="two-sided").pvalue == 1.0


def test_unusable_input_is_named():
    """Single groups, single columns, constant scores and gaps are errors that say so."""
    with pytest.raises(InputError, match="at least 2 are needed"):
        jonckheere([[1, 2, 3]])
    with pytest.raises(InputError, match=r"`groups\[1\]`"):
        jonckheere([[1, 2], [float("nan")]])
    with pytest.raises(InputError, match="2 columns"):
        page([[1], [2]])
    with pytest.raises(InputError, match="two different scores"):
        cuzick([[1, 2], [3]], [2, 2])
    with pytest.raises(InputError, match="`groups` 2, `scores` 3"):
        cuzick([[1, 2], [3]], [1, 2, 3])
