"""The skewness caveat against scipy's test."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats.stats.scores.skewness import skewness_pvalue


@pytest.mark.parametrize("n", [8, 9, 20, 200])
@pytest.mark.parametrize("draw", ["normal", "lognormal"])
def test_pvalue_is_that_of_scipy(n, draw):
    """D'Agostino's test comes out as in scipy."""
    rng = np.random.default_rng(n)
    scores = rng.normal(size=n) if draw == "normal" else rng.lognormal(size=n)
    assert skewness_pvalue(scores) == pytest.approx(scipy_stats.skewtest(scores).pvalue, rel=1e-9)


@pytest.mark.parametrize("scores", [[], [1.0], [1.0, 2.0, 40.0], [0.0] * 6 + [9.0], [3.0] * 12])
def test_few_or_equal_scores_say_nothing(scores):
    """Below eight scores, and where they do not vary, no caveat is raised."""
    assert skewness_pvalue(np.array(scores)) == 1.0


def test_pvalue_never_reaches_zero():
    """One enormous score among many gives a small p-value, but not 0."""
    assert 0.0 < skewness_pvalue(np.append(np.zeros(100_000), 1.0)) < 1e-12
