import dataclasses

import pytest

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import Estimate
from sigstats.verdict.words import strength


def probability(value, low, high):
    return Estimate(value=value, low=low, high=high, confidence=0.9, unit="probability")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (probability(1.0, 0.3684, 1.0), "at least 0.36 (in these runs always)"),
        (probability(0.0, 0.0, 0.4507), "at most 0.46 (in these runs never)"),
        (probability(0.99999, 0.99991, 0.9999999), "over 0.99 [0.99, 1]"),
        (probability(0.00001, 0.0000001, 0.004), "below 0.01 [0, 0.01]"),
        (probability(0.927, 0.5, 0.998), "0.93 [0.5, 1]"),
    ],
)
def test_ends_are_rounded_outwards_and_certainty_is_not_made_up(found, said):
    """Only a share of exactly 0 or 1 is printed as that."""
    assert strength.chance(found) == said


def test_with_a_control_seeds_are_compared_with_its_seeds(samples):
    said = strength.told(samples.present())
    assert said.startswith("a new seed of 'train' rises more than one of 'test' with probability at least ")
    assert "as many new seeds would show it and a quiet control again with probability" in said


def test_paired_seeds_are_compared_within(samples):
    verdict = samples.present()
    paired = dataclasses.replace(verdict, signature=dataclasses.replace(verdict.signature, paired=True))
    assert strength.told(paired).startswith(
        "a new seed rises more in 'train' than in 'test' with probability"
    )


def test_without_a_control_a_seed_shows_it_at_all(samples):
    verdict = samples.verdict_of([samples.arm("a", "treatment", samples.curves_of(effect=3.0))])
    assert strength.told(verdict).startswith(
        "a new seed of 'a' rises with probability at least 0.54 (in these runs always)"
    )


def test_of_several_treatments_the_least_is_named(samples):
    arms = [
        samples.arm(name, "treatment", samples.curves_of(effect=size))
        for name, size in (("a", 3.0), ("b", -3.0))
    ]
    assert (
        "'b' rises with probability at most 0.53 (in these runs never), the least of 2 treatments"
        in strength.told(samples.verdict_of(arms))
    )


def test_normal_scores_are_not_supposed_where_they_are_seen_not_to_be(samples):
    """With skewed scores, or seeds of two kinds, the probability for normal scores is kept to the object."""
    verdict = samples.present()
    found = verdict.strength.weakest
    assert strength.if_normal(verdict, found)
    for note in (Reason.SKEWED_SCORES, Reason.SEEDS_DISAGREE):
        assert strength.if_normal(dataclasses.replace(verdict, notes=(note,)), found) == ""


def test_a_claim_without_scores_has_no_line(shapes):
    assert strength.told(shapes.sample("flat")) == ""
    assert "strength " not in shapes.sample("flat").summary(full=True)
