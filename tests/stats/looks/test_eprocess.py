"""The e-process: against ratios of noncentral t densities, and its error rate and power."""

import numpy as np
import pytest
from scipy import integrate, stats

from sigstats.errors import InputError, OptionError
from sigstats.stats import t_eprocess

SCORES = np.array([1.9, 2.4, 1.6, 2.1, -1.0, 0.3])


@pytest.mark.long
@pytest.mark.parametrize("n", range(2, 7))
@pytest.mark.parametrize("effect", [1.0, 2.0])
def test_evalues_are_mixtures_of_ratios_of_t_densities(n, effect):
    seen = SCORES[:n]
    t = np.sqrt(n) * seen.mean() / seen.std(ddof=1)

    def weighted(d):
        return stats.nct.pdf(t, n - 1, d * np.sqrt(n)) * 2.0 * stats.norm.pdf(d, scale=effect)

    expected = integrate.quad(weighted, 0.0, 6.0 * effect, limit=200)[0] / stats.t.pdf(t, n - 1)
    assert t_eprocess(SCORES, effect=effect).evalues[n - 1] == pytest.approx(expected, rel=1e-4)


def test_the_first_score_counts_by_its_sign_alone():
    # The mean over half-normal d of 2 Phi(d): 1 + (2 / pi) arctan(effect).
    expected = 1.0 + 2.0 / np.pi * np.arctan(2.0)
    assert t_eprocess([0.1]).evalue == pytest.approx(expected, rel=1e-6)
    assert t_eprocess([-7.0]).evalue == pytest.approx(2.0 - expected, rel=1e-6)


def test_evidence_does_not_depend_on_the_unit_and_turns_with_the_sign():
    found = t_eprocess(SCORES).evalues
    assert t_eprocess(1e200 * SCORES).evalues == pytest.approx(found, rel=1e-9)
    assert t_eprocess(5.0 - SCORES, threshold=5.0, alternative="less").evalues == pytest.approx(
        found, rel=1e-9
    )


def test_the_pvalue_is_that_of_the_best_moment():
    found = t_eprocess(SCORES)
    assert found.pvalue == pytest.approx(1.0 / found.evalues.max())
    assert found.pvalue < 1.0 / found.evalue


@pytest.mark.slow
def test_error_rate_at_every_look_and_power():
    rng = np.random.default_rng(7)
    n_tables, most = 400, 10
    null, effect = (
        np.array([t_eprocess(rng.standard_normal(most) + shift).evalues for _ in range(n_tables)])
        for shift in (0.0, 2.0)
    )
    assert (null.max(axis=1) >= 20).mean() <= 0.05
    reached = np.maximum.accumulate(effect >= 20, axis=1).mean(axis=0)
    assert reached[[2, 4, 9]] == pytest.approx([0.09, 0.65, 0.99], abs=0.08)


@pytest.mark.long
def test_large_evidence_stays_a_number():
    """The logarithm of the evidence is near 900, where the exponential function overflows."""
    assert np.isfinite(t_eprocess(np.random.default_rng(0).normal(3.0, 1.0, 800)).evalue)
    assert t_eprocess([0.0, 0.0, 0.0]).evalue < 1.0


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="scores"):
        t_eprocess([1.0, np.nan])
    with pytest.raises(OptionError, match="effect"):
        t_eprocess([1.0], effect=0.0)
    with pytest.raises(OptionError, match="alternative"):
        t_eprocess([1.0], alternative="two-sided")
