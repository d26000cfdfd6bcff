"""What few seeds cannot rule out."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.scores.bounded_mean import mean_upper_bound, share_not_excluded

RATES = Path(__file__).parents[3] / "docs" / "validity" / "bounded_means.csv"


@pytest.mark.parametrize(("n", "share"), [(3, 0.632), (5, 0.451), (7, 0.348), (10, 0.259)])
def test_seeds_without_it_exclude_a_share(n, share):
    """1 - .05 ** (1 / n), and the binomial test's own interval."""
    found = share_not_excluded(0, n, confidence=0.95)
    assert found == pytest.approx(1 - 0.05 ** (1 / n), rel=1e-12)
    assert found == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(("k", "n"), [(0, 4), (1, 4), (3, 9), (9, 10), (10, 10)])
def test_the_share_is_the_exact_bound_of_the_binomial_test(k, n):
    """Scipy inverts the same test."""
    expected = stats.binomtest(k, n, alternative="less").proportion_ci(0.95, "exact").high
    assert share_not_excluded(k, n, confidence=0.95) == pytest.approx(expected, rel=1e-9)


def test_the_bound_of_equal_values_is_that_of_the_share():
    """Values at 0 leave room for the largest share of seeds at the bound, and no more."""
    for n in (3, 5, 10):
        assert mean_upper_bound(np.zeros(n), 2.0, confidence=0.95) == pytest.approx(
            2.0 * share_not_excluded(0, n, confidence=0.95)
        )


def test_the_bound_by_hand():
    """Two values with room 1 and 4 have a geometric mean of 2, and .04 ** (1 / 2) is .2: 5 - .2 * 2."""
    assert mean_upper_bound(np.array([4.0, 1.0]), 5.0, confidence=0.96) == pytest.approx(4.6)
    assert mean_upper_bound(np.array([5.0, 1.0]), 5.0, confidence=0.96) == 5.0


@pytest.mark.long
@pytest.mark.parametrize("n", [3, 5, 10])
def test_the_bound_holds_for_two_point_distributions(n):
    """At the share that is just not excluded it fails in 5 %, elsewhere more seldom."""
    rng = np.random.default_rng(5)
    for share in (0.02, 0.1, 0.3, share_not_excluded(0, n, confidence=0.95), 0.9):
        values = (rng.random((1500, n)) < share).astype(float)
        holds = np.mean([mean_upper_bound(row, 1.0, confidence=0.95) >= share - 1e-9 for row in values])
        assert holds >= 0.95 - 3.29 * (0.05 * 0.95 / 1500) ** 0.5


def test_the_measured_comparison_speaks_for_the_bound():
    """It always holds, and reaches no further than Anderson's, the other one that is proved."""
    with RATES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = {(row["distribution"], row["n_seeds"], row["method"]): row for row in rows}
    for (name, n, method), row in found.items():
        if method == "betting":
            assert float(row["holds"]) >= 0.95
            assert float(row["bound"]) <= float(found[name, n, "anderson"]["bound"])
