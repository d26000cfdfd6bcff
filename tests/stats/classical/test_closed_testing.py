"""How many claims hold at least, against closed testing over all sets of claims."""

import itertools

import numpy as np
import pytest

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.closed_testing import adjusted, at_least, hommel_number


def bonferroni(pvalues):
    return min(1.0, len(pvalues) * min(pvalues))


def simes(pvalues):
    ordered = np.sort(pvalues)
    return float((len(ordered) * ordered / np.arange(1, len(ordered) + 1)).min())


LOCAL = {"any": bonferroni, "positive": simes}


def subsets(m):
    return [each for size in range(1, m + 1) for each in itertools.combinations(range(m), size)]


def closed(pvalues, local):
    """Return the p-value of every set of claims: the largest local one of all sets that hold it."""
    sets = subsets(len(pvalues))
    own = {each: local([pvalues[at] for at in each]) for each in sets}
    return {each: max(own[other] for other in sets if set(each) <= set(other)) for each in sets}


def draws():
    rng = np.random.default_rng(7)
    for number in range(60):
        pvalues = rng.random(rng.integers(1, 6)) ** 3
        yield np.round(pvalues, 2) if number % 2 else pvalues


@pytest.mark.long
@pytest.mark.parametrize("dependence", ["any", "positive"])
def test_bounds_are_those_of_closed_testing(dependence):
    """The size of a set, less that of its largest part that is not rejected; for every set."""
    for pvalues in draws():
        whole = closed(list(pvalues), LOCAL[dependence])
        for chosen in subsets(len(pvalues)):
            kept = [len(each) for each, p in whole.items() if set(each) <= set(chosen) and p > 0.05]
            expected = len(chosen) - max(kept, default=0)
            assert at_least(pvalues, chosen, dependence=dependence) == expected, (pvalues, chosen)


@pytest.mark.parametrize("dependence", ["any", "positive"])
def test_adjusted_pvalues_are_those_of_single_claims(dependence):
    for pvalues in draws():
        whole = closed(list(pvalues), LOCAL[dependence])
        expected = [min(whole[(at,)], 1.0) for at in range(len(pvalues))]
        np.testing.assert_allclose(adjusted(pvalues, dependence=dependence), expected, rtol=1e-12)


def test_hommel_agrees_with_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for pvalues in draws():
        expected = multitest.multipletests(pvalues, method="hommel")[1]
        np.testing.assert_allclose(adjusted(pvalues, dependence="positive"), expected, rtol=1e-12)


def test_positive_dependence_finds_more():
    """By hand: 2 x 0.03 exceeds 0.05, but the larger of 0.03 and 0.04 does not."""
    assert hommel_number(np.array([0.001, 0.03, 0.04]), 0.05) == 0
    assert at_least([0.001, 0.03, 0.04], dependence="positive") == 3
    assert at_least([0.001, 0.03, 0.04]) == 1


def test_one_more_claim_never_helps():
    for pvalues in draws():
        for dependence in LOCAL:
            chosen = range(len(pvalues))
            more = at_least([*pvalues, 0.9], chosen, dependence=dependence)
            assert more <= at_least(pvalues, dependence=dependence)


def test_nothing_chosen_holds_no_claim():
    assert at_least([0.001], []) == at_least([]) == 0


def test_what_is_no_probability_is_refused():
    with pytest.raises(InputError, match="below 0 or above 1"):
        at_least([1.2])
    with pytest.raises(OptionError, match="`dependence`"):
        at_least([0.2], dependence="none")
