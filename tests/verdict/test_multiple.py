"""One p-value of a primary claim, and Holm's procedure over the claims of a card."""

import math

import pytest

from sigstats import Signature, detect, simulate_sweep
from sigstats.verdict.multiple import claim_pvalue, holm, primary_lines, primary_pvalue

TWO = {"a": 3.0, "b": 0.5, "control": 0.0}


def verdict(effects=None, *, n_seeds=5, **claim):
    table = simulate_sweep({"treatment": 2.0} if effects is None else effects, n_seeds=n_seeds, rng=1)
    return detect(table, Signature(**{"shape": "increasing", **claim}))


def test_a_trend_counts_by_the_weakest_of_its_three_lines():
    """Test, interval and posterior must all hold."""
    found = verdict()
    lines = primary_lines(found.evidence)
    assert list(lines) == ["trend", "interval", "slopes"]
    assert claim_pvalue(found) == primary_pvalue(found.evidence) == max(lines.values())
    assert primary_pvalue(found.evidence, "trend") == found.evidence.trend.pvalue


def test_another_shape_counts_by_test_and_posterior():
    found = verdict(shape="concave")
    clause = found.evidence.clauses[0]
    assert primary_lines(found.evidence) == {"test": clause.pvalue, "posterior": 1 - clause.prob_positive}


def test_a_direction_that_the_data_chose_costs_a_factor_of_two():
    """The same curve, with the direction declared and with it left open."""
    open_, declared = verdict(shape="linear"), verdict(shape={"name": "linear", "direction": "rising"})
    assert open_.evidence.sides == 2
    assert claim_pvalue(open_) == pytest.approx(2 * claim_pvalue(declared))


def test_a_claim_about_each_treatment_counts_by_the_weakest_of_them():
    """The mean of a strong and a weak treatment shows more than the weak one does."""
    mean, each = (verdict(TWO, control="control", across=across) for across in ("mean", "each"))
    weak = next(arm.pvalue for arm in each.evidence.arms if arm.condition == "b")
    assert claim_pvalue(each) == weak > claim_pvalue(mean)
    assert primary_pvalue(each.evidence) == primary_pvalue(mean.evidence)


def test_a_claim_that_was_not_tested_counts_as_1():
    """One of two treatments has too few seeds, so that no line is tested, although the other could be."""
    found = verdict({"a": 3.0, "b": 3.0}, n_seeds={"a": 5, "b": 2}, across="each")
    assert not all(math.isnan(arm.pvalue) for arm in found.evidence.arms)
    assert math.isnan(primary_pvalue(found.evidence))
    assert claim_pvalue(found) == 1.0


def test_claims_of_a_card_are_adjusted_together():
    """Holm: the smaller of two p-values is doubled, the larger stays, and neither overtakes the other."""
    strong, weak = verdict({"treatment": 4.0}), verdict({"treatment": 0.4})
    small, large = claim_pvalue(strong), claim_pvalue(weak)
    assert holm([weak, strong]) == pytest.approx([max(large, 2 * small), 2 * small])
