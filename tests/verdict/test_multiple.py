"""One p-value of a primary clause."""

import pytest

from sigstats import Signature, detect, simulate_sweep
from sigstats.verdict.multiple import primary_lines, primary_pvalue


def verdict(effects=None, *, n_seeds=5, **claim):
    table = simulate_sweep({"treatment": 2.0} if effects is None else effects, n_seeds=n_seeds, rng=1)
    return detect(table, Signature(**{"shape": "increasing", **claim}))


def test_a_trend_counts_by_the_weakest_of_its_three_lines():
    """Test, interval and posterior must all hold."""
    found = verdict()
    lines = primary_lines(found.evidence)
    assert list(lines) == ["trend", "interval", "slopes"]
    assert primary_pvalue(found.evidence) == max(lines.values())
    assert primary_pvalue(found.evidence, "trend") == found.evidence.trend.pvalue


def test_another_shape_counts_by_test_and_posterior():
    found = verdict(shape="concave")
    clause = found.evidence.clauses[0]
    assert primary_lines(found.evidence) == {"test": clause.pvalue, "posterior": 1 - clause.prob_positive}


def test_a_direction_that_the_data_chose_costs_a_factor_of_two():
    """The same curve, with the direction declared and with it left open."""
    open_, declared = verdict(shape="linear"), verdict(shape={"name": "linear", "direction": "increasing"})
    assert open_.evidence.sides == 2
    assert primary_pvalue(open_.evidence) == pytest.approx(2 * primary_pvalue(declared.evidence))
