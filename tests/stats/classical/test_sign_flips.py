"""The sign-flip test against enumeration and Fisher's count."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.sign_flips import sign_flip

# Darwin's maize: differences in height of 15 pairs, in eighths of an inch. Fisher counted the arrangements of
# signs with a sum of at least 314: R. A. Fisher, The Design of Experiments, 1935, section 21.
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def counted(scores, alternative):
    """Return how many sign patterns of integers are at least as extreme, by going through them all."""
    total = sum(scores)
    count = 0
    for signs in itertools.product((-1, 1), repeat=len(scores)):
        other = sum(sign * abs(score) for sign, score in zip(signs, scores, strict=True))
        extreme = {
            "greater": other >= total,
            "less": other <= total,
            "two-sided": abs(other) >= abs(total),
        }
        count += extreme[alternative]
    return count


@pytest.mark.long
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@given(
    scores=st.lists(st.integers(-4, 4), min_size=1, max_size=8), unit=st.sampled_from([1.0, 0.1, 1 / 3, 1e-9])
)
def test_count_is_that_of_all_sign_patterns(alternative, scores, unit):
    """The integer count equals brute force, ties and zeros included, in any unit."""
    result = sign_flip(np.array(scores) * unit, alternative=alternative)
    assert result.n_as_extreme == counted(scores, alternative)
    assert result.n_patterns == 2 ** len(scores)
    assert result.pvalue == result.n_as_extreme / result.n_patterns


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("n", [12, 13, 14, 16])
def test_halves_that_meet_in_the_middle_count_like_enumeration(n, alternative):
    """Beyond twelve scores the shortcut gives the same integers as going through all patterns."""
    scores = np.random.default_rng(n).integers(-9, 12, size=n)
    signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    sums = signs @ scores
    total = scores.sum()
    expected = {"greater": sums >= total, "less": sums <= total, "two-sided": np.abs(sums) >= abs(total)}
    assert sign_flip(scores * 0.1, alternative=alternative).n_as_extreme == int(expected[alternative].sum())


def test_fishers_count_of_darwins_maize():
    """863 of 32768 arrangements reach the sum of 314."""
    result = sign_flip(DARWIN, alternative="greater")
    assert (result.statistic, result.n_as_extreme, result.n_patterns) == (314.0, 863, 32768)
    assert sign_flip(DARWIN).n_as_extreme == 2 * 863


@pytest.mark.parametrize("n", [1, 3, 6, 12, 13, 20, 24])
def test_smallest_pvalue_is_that_of_equal_signs(n):
    """With n positive scores p is one half to the power n, never less, and never 0."""
    result = sign_flip(np.linspace(1, 2, n), alternative="greater")
    assert result.pvalue == result.smallest_pvalue == 0.5**n
    assert result.method == "exact"


def test_many_scores_are_drawn_and_never_give_zero():
    """Beyond 24 scores patterns are drawn from a fixed generator; the observed one counts."""
    scores = np.linspace(1, 2, 40)
    result = sign_flip(scores, alternative="greater")
    assert result.method == "Monte Carlo"
    assert result.pvalue == 1 / result.n_patterns
    noisy = np.random.default_rng(2).normal(0.2, 1, 60)
    assert sign_flip(noisy) == sign_flip(noisy)
    assert sign_flip(noisy, alternative="greater").pvalue == pytest.approx(
        0.5 * math.erfc(noisy.sum() / math.sqrt(2 * (noisy**2).sum())), abs=0.012
    )


def test_scores_of_zero_say_nothing():
    """Where the sum is zero every pattern is as extreme, and p is 1."""
    assert sign_flip([0.0, 0.0, 0.0]).pvalue == 1.0
    assert sign_flip([0.3, -0.1, -0.2]).pvalue == 1.0


# Small enough numbers would leave the range of floats when their unit changes.
NUMBERS = st.floats(-1e6, 1e6).map(lambda value: value if abs(value) > 1e-100 else 0.0)


@given(scores=st.lists(NUMBERS, min_size=1, max_size=13), power=st.integers(-300, 300))
def test_order_sign_and_unit_do_not_matter(scores, power):
    """Order and unit leave the test; changing all signs swaps its directions."""
    values = np.array(scores)
    first = sign_flip(values, alternative="greater")
    assert sign_flip(values[::-1], alternative="greater") == first
    assert sign_flip(-values, alternative="less").pvalue == first.pvalue
    assert sign_flip(np.ldexp(values, power), alternative="greater").pvalue == first.pvalue
    assert 0.5 ** len(scores) <= first.pvalue <= 1.0


@pytest.mark.parametrize("bad", [[], [[1.0, 2.0]], [1.0, math.nan], [math.inf, 1.0], 3.0])
def test_unusable_scores_are_refused(bad):
    """Only a plain list of finite numbers is tested."""
    with pytest.raises(InputError, match="`scores`"):
        sign_flip(bad)


def test_unknown_directions_are_refused():
    """A misspelt direction is an error that lists the known ones."""
    with pytest.raises(OptionError, match="'greater', 'less', 'two-sided'"):
        sign_flip([1.0, 2.0], alternative="up")


def test_drawn_patterns_are_counted_as_a_product_of_signs_would():
    """Sums that are looked up eight scores at a time are those of the same patterns, multiplied out."""
    scores = np.sort(np.random.default_rng(5).normal(0.2, 1.0, 29))
    signs = 2.0 * np.random.default_rng(7).integers(0, 2, size=(2**15 - 1, 29)) - 1.0
    expected = 1 + np.count_nonzero(signs @ scores >= scores.sum() - 1e-9)
    assert sign_flip(scores, alternative="greater", rng=7).n_as_extreme == expected
    assert sign_flip(scores, rng=None) == sign_flip(scores[::-1], rng=None)
