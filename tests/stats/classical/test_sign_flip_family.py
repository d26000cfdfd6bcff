"""A family of sign-flip tests."""

import itertools

import numpy as np
import pytest

from sigstats.errors import InputError, OptionError
from sigstats.stats import sign_flip, sign_flip_family


def _brute_force(scores: np.ndarray) -> np.ndarray:
    scaled = scores / np.sqrt((scores**2).sum(axis=0))
    patterns = np.array(list(itertools.product((1, -1), repeat=len(scores))))
    largest = (patterns @ scaled).max(axis=1)
    return np.array([(largest >= each - 1e-12).mean() for each in scaled.sum(axis=0)])


@pytest.mark.parametrize("n", [3, 5, 8])
def test_adjusted_pvalues_equal_the_enumeration_of_all_patterns(n):
    """Adjusted p-values are shares of sign patterns whose largest statistic is as large."""
    scores = np.random.default_rng(n).normal(0.5, 1.0, (n, 4))
    found = sign_flip_family(scores, alternative="greater")
    np.testing.assert_allclose(found.pvalue, _brute_force(scores), rtol=1e-12)


def test_a_family_of_one_is_the_single_test():
    """With one column nothing is adjusted."""
    scores = np.random.default_rng(0).normal(0.5, 1.0, 9)
    for alternative in ("greater", "less", "two-sided"):
        one = sign_flip(scores, alternative=alternative)
        family = sign_flip_family(scores[:, None], alternative=alternative)
        assert family.pvalue[0] == pytest.approx(one.pvalue, rel=1e-12)


def test_more_tests_never_make_a_claim_easier():
    """Adding a column never lowers the adjusted p-value of another."""
    scores = np.random.default_rng(1).normal(0.7, 1.0, (8, 5))
    before = sign_flip_family(scores[:, :2], alternative="greater").pvalue
    after = sign_flip_family(scores, alternative="greater").pvalue[:2]
    assert (after >= before).all()


@pytest.mark.long
def test_the_family_keeps_its_level_under_dependence():
    """Any false claim over five correlated tests comes in at most about one sweep in twenty."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(600):
        shared = rng.normal(size=(8, 1))
        scores = shared + rng.normal(size=(8, 5))
        hits += sign_flip_family(scores, alternative="greater").pvalue.min() <= 0.05
    assert hits / 600 <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 600)


def test_a_column_of_zeros_is_never_a_claim_and_nothing_is_zero():
    """A column without any score has p = 1, and drawn patterns include the observed one."""
    scores = np.column_stack([np.zeros(20), np.ones(20)])
    found = sign_flip_family(scores)
    assert found.pvalue[0] == 1.0
    assert 0 < found.pvalue[1] <= 2 / found.n_patterns
    assert found.method == "Monte Carlo"


def test_what_is_not_a_table_of_numbers_is_refused():
    """One dimension, NaN or an unknown direction give an error."""
    with pytest.raises(InputError, match="`scores` has 1 dimensions; it must have two"):
        sign_flip_family(np.ones(3))
    with pytest.raises(InputError, match="`scores` has 1 entries that are NaN"):
        sign_flip_family(np.array([[1.0, np.nan]]))
    with pytest.raises(OptionError, match="alternative"):
        sign_flip_family(np.ones((3, 2)), alternative="up")


@pytest.mark.parametrize("power", [-1000, 1000])
def test_the_unit_of_a_test_does_not_matter(power):
    """Squares that would overflow or vanish leave the same p-values."""
    scores = np.random.default_rng(2).normal(0.8, 1.0, (6, 3))
    expected = sign_flip_family(scores).pvalue
    assert np.array_equal(sign_flip_family(scores * 2.0**power).pvalue, expected)
