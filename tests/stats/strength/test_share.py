import numpy as np
import pytest
from scipy import stats

from sigstats.stats.strength.share import TwoMeans, mean_ratio


def means(**changes):
    base = {
        "treatment": 2.0, "control": 0.5, "treatment_variance": 0.09, "control_variance": 0.04, "covariance": 0.0,
        "treatment_df": 4.0, "control_df": 2.0, "shared_df": None,
    }  # fmt: skip
    return TwoMeans(**(base | changes))


def t_of(found, ratio):
    """Return t at a ratio over its critical value, by Welch's formula."""
    one, other = ratio**2 * found.treatment_variance, found.control_variance
    df = found.shared_df or (one + other) ** 2 / (one**2 / found.treatment_df + other**2 / found.control_df)
    variance = one + other - 2 * ratio * found.covariance
    return abs(found.control - ratio * found.treatment) / np.sqrt(variance) / stats.t.isf(0.05, df)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"control": -1.0},
        {"treatment": -3.0},
        {"control_variance": 0.0},
        {"covariance": 0.05, "shared_df": 4.0},
    ],
)
def test_at_both_ends_the_difference_is_just_not_significant(changes):
    """That is what the set is made of."""
    given = means(**changes)
    found = mean_ratio(given, tail=0.05)
    assert [t_of(given, found.low), t_of(given, found.high)] == pytest.approx([1.0, 1.0])
    assert found.low < found.value < found.high
    assert found.gap is None


def test_a_treatment_that_may_be_zero_leaves_no_bounds():
    """Ratios from the gap are excluded, and no others; or none are."""
    given = means(treatment=0.2, control=2.0)
    found = mean_ratio(given, tail=0.05)
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert [t_of(given, end) for end in found.gap] == pytest.approx([1.0, 1.0])
    assert t_of(given, sum(found.gap) / 2) > 1
    assert mean_ratio(means(treatment=0.2, control=0.1), tail=0.05).gap is None


def test_without_effect_or_variation_there_is_no_ratio():
    assert mean_ratio(means(treatment=0.0), tail=0.05) is None
    assert mean_ratio(means(treatment_variance=0.0, control_variance=0.0), tail=0.05) is None
