"""Levels of planned looks: against the published constants, against simulation, and at their limits."""

import numpy as np
import pytest
from scipy import special, stats

from sigstats.errors import OptionError
from sigstats.stats import alpha_per_look, error_over_looks
from sigstats.stats.looks import joint_law

# Pocock's constants for K equally spaced looks at normal means: Jennison and Turnbull (2000), Group Sequential Methods,
# table 2.1, two-sided alpha .10 and .05, so one-sided .05 and .025.
POCOCK = {
    (2, 0.05): 1.875,
    (3, 0.05): 1.992,
    (4, 0.05): 2.067,
    (5, 0.05): 2.122,
    (2, 0.025): 2.178,
    (3, 0.025): 2.289,
    (5, 0.025): 2.413,
}
PLANS = [((3, 5), 0.0294), ((3, 4, 5), 0.0247), ((3, 5, 8), 0.0212), ((4, 6), 0.0310)]


@pytest.mark.long
@pytest.mark.parametrize(("n_looks", "alpha"), POCOCK)
def test_levels_tend_to_pococks_as_all_numbers_of_seeds_grow(n_looks, alpha):
    looks = [2000 * (1 + look) for look in range(n_looks)]
    published = stats.norm.sf(POCOCK[n_looks, alpha])
    assert alpha_per_look(looks, alpha=alpha) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize(("looks", "level"), PLANS)
def test_levels_of_common_plans(looks, level):
    assert alpha_per_look(looks) == pytest.approx(level, abs=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("looks", [(3, 5), (3, 4, 5), (3, 5, 8), (4, 6), (5, 6), (3, 4, 6, 9)])
def test_error_rate_agrees_with_brute_force(looks):
    level, n_tables = 0.03, 400_000
    scores = np.random.default_rng(20261130).standard_normal((n_tables, looks[-1]))
    rejected = np.zeros(n_tables, dtype=bool)
    for n in looks:
        seen = scores[:, :n]
        t = np.sqrt(n) * seen.mean(axis=1) / seen.std(axis=1, ddof=1)
        rejected |= t > special.stdtrit(n - 1, 1.0 - level)
    share = rejected.mean()
    assert error_over_looks(looks, level=level) == pytest.approx(share, abs=4 * np.sqrt(share / n_tables))


def test_naive_looks_err_in_a_tenth():
    assert error_over_looks([3, 5, 8], level=0.05) == pytest.approx(0.107, abs=5e-4)


def test_the_rule_of_integration_does_not_matter(monkeypatch):
    coarse = error_over_looks([3, 5, 8], level=0.0212), error_over_looks([3, 4, 5], level=0.025)
    at, weights = np.polynomial.legendre.leggauss(80)
    monkeypatch.setattr(joint_law, "NODES", 80)
    monkeypatch.setattr(joint_law, "_AT", at)
    monkeypatch.setattr(joint_law, "_WEIGHTS", weights)
    monkeypatch.setattr(joint_law, "_TO_FINE", joint_law._refining())
    fine = [
        joint_law._error.__wrapped__(looks, level)
        for looks, level in (((3, 5, 8), 0.0212), ((3, 4, 5), 0.025))
    ]
    assert coarse == pytest.approx(fine, abs=1e-4)


def test_one_look_costs_nothing_and_more_cost_more():
    assert alpha_per_look([5]) == 0.05
    assert alpha_per_look([3, 5]) > alpha_per_look([3, 5, 8]) > alpha_per_look([3, 5, 8, 12]) > 0.05 / 4


def test_error_rate_lies_between_that_of_one_look_and_the_sum():
    for level in (0.001, 0.01, 0.2, 0.7):
        assert level < error_over_looks([3, 6, 7], level=level) < min(1.0, 3 * level)


@pytest.mark.long
@pytest.mark.parametrize("alpha", [1e-12, 1e-5, 1e-3, 0.3, 0.49])
@pytest.mark.parametrize("looks", [(3, 5), (3, 10_000), (9000, 9001), (3, 4, 500)])
def test_any_error_rate_and_any_looks_have_a_level(looks, alpha):
    """Where looks are nearly independent or nearly the same, and where rounding shows, the bounds still hold."""
    level = alpha_per_look(looks, alpha=alpha)
    assert alpha / len(looks) * (1.0 - 1e-9) <= level <= alpha
    assert error_over_looks(looks, level=level) <= alpha * (1.0 + 1e-3)


@pytest.mark.long
def test_many_looks_and_many_seeds_can_be_planned():
    assert 0.05 / 20 < alpha_per_look(range(3, 23)) < alpha_per_look([50, 5000, 10_000]) < 0.05


@pytest.mark.parametrize(
    "looks", [[], [5, 3], [3, 3], [2, 4], [3.0, 5], [True, 5], "35", range(3, 40), [3, 10_001]]
)
def test_looks_that_cannot_be_are_refused(looks):
    with pytest.raises(OptionError, match="looks"):
        alpha_per_look(looks)


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan"), "x"])
def test_error_rates_that_cannot_be_are_refused(alpha):
    with pytest.raises(OptionError, match="alpha"):
        alpha_per_look([3, 5], alpha=alpha)
