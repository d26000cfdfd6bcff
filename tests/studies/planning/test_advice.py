"""What a plan says where nothing is reached, and of numbers that it would not use."""

from dataclasses import replace

import pytest

import sigstats as ss
from sigstats.errors import OptionError
from sigstats.evidence.reason import Reason
from sigstats.studies.planning.words import tell

QUICK = {"replications": 40}


def present(**noise):
    """Return how often a paired comparison of six seeds finds a difference of two sd."""
    claim = ss.Signature(shape="higher", baseline="base", treatment="new", min_effect=0.5, design="repeated")
    truths = {"as predicted": {"new": 2.0, "base": 0.0}}
    found = ss.plan(
        claim, noise={"sd": 1.0, **noise}, seeds=6, effect=2.0, truths=truths, budget=1e-9, **QUICK
    )
    return found.prospect().design.probability


@pytest.mark.long
def test_a_paired_comparison_uses_the_correlation_with_its_sign():
    """The variance of a difference is 2 (1 - r): what correlates positively cancels, the opposite adds up."""
    assert present(correlation=-0.9) < present(correlation=0.0) < present(correlation=0.9)


@pytest.mark.parametrize(
    "claim",
    [
        {"shape": "higher", "baseline": "base", "treatment": "new"},
        {"shape": "increasing", "control": "control"},
    ],
)
def test_a_correlation_that_nothing_would_use_is_refused(claim):
    with pytest.raises(OptionError, match="pairs no seeds"):
        ss.plan(ss.Signature(**claim), noise={"sd": 1.0, "correlation": 0.9}, **QUICK)


@pytest.mark.long
def test_another_design_is_simulated_before_none_is_said_to_come_nearer():
    """The approximation promises nothing for a sigmoid of four seeds; more seeds find it all the same."""
    found = ss.plan(ss.Signature(shape="sigmoid", min_effect=1.0), noise=0.5, seeds=4, levels=8, **QUICK)
    assert found.prospect().design.probability < 0.5
    assert found.prospect().cheapest.probability >= 0.8


@pytest.mark.long
def test_two_seeds_are_too_few_and_more_are_tried():
    found = ss.plan(ss.Signature(shape="increasing", min_effect=1.0), noise=0.5, seeds=2, **QUICK)
    assert found.prospect().cheapest.seeds["treatment"] >= 3
    assert "The cheapest design that reaches it" in " ".join(found.summary().split())


@pytest.mark.long
def test_where_nothing_else_may_be_tried_no_other_is_compared():
    """Of a budget for the declared design alone, at the only number of levels."""
    claim = ss.Signature(shape="higher", baseline="base", treatment="new", min_effect=2.0, seeds=3)
    said = " ".join(ss.plan(claim, noise=3.0, budget=6, replications=20).summary().split())
    assert "No other design within a budget of 6 was tried." in said
    assert "comes nearer" not in said


@pytest.mark.long
def test_an_upper_bound_below_the_margin_is_not_said_to_be_what_keeps_absent_away():
    """A threshold is tested at every place, so that one bound says little; what kept it open is told."""
    found = ss.plan(ss.Signature(shape="threshold", min_effect=1.0), noise=0.5, seeds=4, budget=1, **QUICK)
    (absent,) = (each for each in found.prospect().unreachable if each.status == "absent")
    assert (
        "below the margin of 1; it must be shown at every onset that could have been chosen" in absent.words
    )
    assert "What kept it open if the truth is 'nothing': underpowered (0." in absent.words
    assert "more seeds bring it down" not in absent.words


@pytest.mark.long
def test_reasons_of_a_falling_claim_follow_its_direction():
    claim = ss.Signature(shape={"name": "threshold", "direction": "decreasing"}, min_effect=1.0)
    found = ss.plan(claim, noise=2.0, seeds=4, budget=1, replications=20)
    (prospect,) = found.prospects
    chances = tuple(replace(each, reasons=((Reason("rises_after"), 0.5),)) for each in prospect.chances)
    said = tell(replace(found, prospects=(replace(prospect, chances=chances),)))
    assert "falls after 0.50" in str(said)
    assert "rises after" not in str(said)
