"""Intervals for the mean of few scores."""

import inspect
import itertools

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import OptionError
from sigstats.stats.scores.intervals import mean_interval, share_interval

SCORES = np.array([0.2, 1.4, 0.9, -0.3, 1.8, 0.7, 1.1])

# The name of the argument changed with SciPy 1.15.
GENERATOR = "rng" if "rng" in inspect.signature(stats.bootstrap).parameters else "random_state"


def _interval(method: str, scores: np.ndarray = SCORES, confidence: float = 0.9) -> tuple[float, float]:
    found = mean_interval(scores, confidence=confidence, method=method, rng=np.random.default_rng(1))
    return found.low, found.high


def test_t_is_the_textbook_interval():
    """The t interval equals SciPy's."""
    expected = stats.t.interval(0.9, SCORES.size - 1, SCORES.mean(), stats.sem(SCORES))
    assert _interval("t") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("method", "name"), [("percentile", "percentile"), ("bca", "BCa")])
def test_bootstrap_intervals_agree_with_scipy(method, name):
    """Percentile and BCa intervals equal SciPy's up to the randomness of the draws."""
    reference = stats.bootstrap(
        (SCORES,),
        np.mean,
        confidence_level=0.9,
        method=name,
        n_resamples=50_000,
        **{GENERATOR: np.random.default_rng(2)},
    ).confidence_interval
    assert _interval(method) == pytest.approx(tuple(reference), abs=0.03)


def test_the_wild_cluster_interval_inverts_the_sign_flip_test():
    """Just inside each end the sign-flip test does not reject; just outside it does."""
    low, high = _interval("wild cluster")

    def one_sided(mean: float, sign: int) -> float:
        centred = sign * (SCORES - mean)
        sums = [np.dot(signs, centred) for signs in itertools.product((1, -1), repeat=SCORES.size)]
        return float(np.mean(np.array(sums) >= centred.sum() - 1e-9))

    assert one_sided(low + 1e-6, 1) > 0.05 >= one_sided(low - 1e-6, 1)
    assert one_sided(high - 1e-6, -1) > 0.05 >= one_sided(high + 1e-6, -1)


def test_few_seeds_leave_the_exact_interval_unbounded():
    """Four seeds have 16 sign patterns: no bound exists at one-sided 5 %."""
    assert _interval("wild cluster", SCORES[:4]) == (-np.inf, np.inf)


def test_bootstrap_t_is_wider_than_the_percentile_interval():
    """Studentising makes up for what the percentile interval misses with few seeds."""
    low, high = _interval("bootstrap-t")
    shorter = _interval("percentile")
    assert high - low > shorter[1] - shorter[0]


@pytest.mark.parametrize("method", ["t", "bootstrap-t", "wild cluster", "bca", "percentile"])
def test_the_order_of_seeds_does_not_matter(method):
    """The same scores in another order give the same interval."""
    assert _interval(method) == _interval(method, SCORES[::-1].copy())


def test_an_unknown_method_is_refused_with_a_hint():
    """A misspelt method names the right ones."""
    with pytest.raises(OptionError, match="percentile"):
        _interval("percentiles")


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (1, 5), (3, 8), (7, 8), (8, 8), (20, 100)])
def test_the_interval_of_a_share_is_that_of_scipy(hits, n):
    """Clopper and Pearson's."""
    expected = stats.binomtest(hits, n).proportion_ci(0.9, method="exact")
    assert share_interval(hits, n, 0.9) == pytest.approx((expected.low, expected.high))
