"""Corrections for several tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.multiplicity import CORRECTIONS, adjust

PVALUES = st.lists(st.sampled_from([0.0, 1e-300, 1e-3, 0.01, 0.04, 0.05, 0.3, 1.0]), min_size=1, max_size=12)


@given(PVALUES, st.sampled_from(["bh", "by"]))
def test_false_discovery_agrees_with_scipy(pvalues, method):
    """SciPy gives the same Benjamini-Hochberg and Benjamini-Yekutieli values."""
    assert adjust(pvalues, method=method) == pytest.approx(
        false_discovery_control(pvalues, method=method), rel=1e-12
    )


@pytest.mark.long
@given(
    PVALUES, st.sampled_from([("holm", "holm"), ("hochberg", "simes-hochberg"), ("bonferroni", "bonferroni")])
)
def test_family_wise_corrections_agree_with_statsmodels(pvalues, names):
    """statsmodels gives the same values of Holm, Hochberg and Bonferroni."""
    from statsmodels.stats.multitest import multipletests

    ours, theirs = names
    expected = multipletests(pvalues, method=theirs)[1]
    assert adjust(pvalues, method=ours) == pytest.approx(expected, rel=1e-12)


@given(PVALUES, st.sampled_from(CORRECTIONS))
def test_more_comparisons_never_loosen(pvalues, method):
    """Adding a test that shows nothing makes no adjusted p-value smaller, and none is below its own."""
    alone, together = adjust(pvalues, method=method), adjust([*pvalues, 1.0], method=method)
    assert np.all(together[:-1] >= alone - 1e-15)
    assert np.all(alone >= np.array(pvalues))
    assert np.all(alone <= 1.0)


@given(PVALUES, st.sampled_from(CORRECTIONS), st.randoms())
def test_order_goes_in_and_comes_out(pvalues, method, random):
    """Shuffled p-values give shuffled answers."""
    order = list(range(len(pvalues)))
    random.shuffle(order)
    shuffled = adjust([pvalues[i] for i in order], method=method)
    assert shuffled.tolist() == adjust(pvalues, method=method)[order].tolist()


@given(PVALUES)
def test_holm_lies_between_hochberg_and_bonferroni(pvalues):
    """Stepping up is never stricter than stepping down, which is never stricter than Bonferroni."""
    hochberg, holm, bonferroni = (adjust(pvalues, method=m) for m in ("hochberg", "holm", "bonferroni"))
    assert np.all(hochberg <= holm)
    assert np.all(holm <= bonferroni)


def test_no_tests_need_no_correction():
    """An empty list gives an empty list."""
    assert adjust([], method="holm").size == 0


def test_what_is_no_probability_is_refused():
    """Values outside 0 to 1, NaN and unknown corrections are errors."""
    with pytest.raises(InputError, match="probabilities"):
        adjust([0.2, 1.2], method="holm")
    with pytest.raises(InputError, match="NaN"):
        adjust([0.2, float("nan")], method="holm")
    with pytest.raises(OptionError, match="Did you mean 'holm'"):
        adjust([0.2], method="holms")
