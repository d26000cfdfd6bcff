"""Seeds that disagree: how many show the prediction, and which ones do not."""

import numpy as np
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason

X = np.arange(8) / 7


def sweep(**rises):
    """Return a table whose seeds rise by given amounts, with a little noise that is not random."""
    conditions, seeds = {}, {}
    for name, each in rises.items():
        rows = np.arange(len(each))[:, None]
        wiggle = 0.4 * np.sin(2.1 * (rows + 1) * (np.arange(8) + 1) ** 1.5)
        conditions[name] = np.array(each, dtype=float)[:, None] * X + wiggle
        seeds[name] = [f"{name}{s}" for s in range(len(each))]
    return SweepTable.from_matrices(np.arange(8.0), conditions, seeds=seeds)


@pytest.mark.parametrize(
    ("rises", "lower"),
    [
        ([8, 8, 0], ("a2",)),
        ([0, 8, 0, 8], ("a0", "a2")),
        ([8.2, 0, 7.9, 0.1, 8, 0, 8.1, 8.3, 0.2, 7.8], ("a1", "a3", "a5", "a8")),
        ([8, 8.1, 7.9, 8.2, 7.8, 8, 8.1, 7.9, 8, -30], ("a9",)),
    ],
)
def test_seeds_that_do_not_show_it_are_named(rises, lower):
    """The groups are data of the verdict; a note and the headline say how many seeds show the rise."""
    found = detect(sweep(a=rises), shape="increasing", min_effect=2.0)
    groups = found.evidence.treatments[0].groups
    assert groups.lower == lower
    assert set(groups.upper) == set(found.evidence.treatments[0].seeds) - set(lower)
    assert groups.upper_mean == pytest.approx(8, abs=0.8)
    assert Reason.SEEDS_DISAGREE in found.notes
    k, n = len(rises) - len(lower), len(rises)
    assert f"only {k} of {n} seeds" in str(found)
    text = " ".join(found.summary(full=True).split())
    assert f"fall into two groups: {k} of {n}" in text
    assert all(name in text for name in lower)
    assert found.to_dict()["evidence"]["arms"][0]["groups"]["lower"] == list(lower)


@pytest.mark.parametrize("n", [3, 4, 5, 8, 12])
def test_seeds_that_agree_are_not_called_groups(n):
    """Seeds that rise by about the same amount are one group, and the headline counts none of them."""
    rises = 5 + np.linspace(-1, 1, n) ** 3 + np.linspace(-1, 1, n)
    found = detect(sweep(a=rises), shape="increasing", min_effect=2.0)
    assert found.evidence.treatments[0].groups is None
    assert Reason.SEEDS_DISAGREE not in found.notes
    assert "seeds show" not in str(found)


def test_every_verdict_says_how_many_seeds_rise():
    """Beside the effect, the reader learns how many seeds go the predicted way, and how many far enough."""
    found = detect(sweep(a=[3, 4, -1, 1, 5, 2.8]), shape="increasing", min_effect=2.0)
    arm = found.evidence.treatments[0]
    assert (arm.n_showing, arm.n_reaching) == (5, 4)
    assert "5 of 6 rise (4 by the min_effect or more)" in " ".join(found.summary(full=True).split())
    falls = detect(sweep(a=[-3, -4, 1, -1, -5, -2.5]), shape="decreasing")
    assert "5 of 6 fall" in falls.summary(full=True)
    assert (falls.evidence.treatments[0].n_showing, falls.evidence.treatments[0].n_reaching) == (5, None)


def test_several_treatments_are_counted_one_by_one():
    """Each treatment has a count of its own; the headline names the one that is divided."""
    found = detect(sweep(a=[8, 8.2, 7.9, 0, 0.1, 8.1], b=[4, 5, 4.5, 4.2, 4.8, 3.9]), shape="increasing")
    assert "in 'a' and 6 of 6 in 'b'" in " ".join(found.summary(full=True).split())
    assert "only 4 of 6 seeds of 'a' show it" in str(found)


def test_two_groups_that_both_show_it_are_told_without_a_count():
    """Large and small rises are two groups, but no seed lacks the rise."""
    found = detect(sweep(a=[10, 10.1, 9.9, 7, 7.1, 6.9, 10.2, 7.05]), shape="increasing")
    assert Reason.SEEDS_DISAGREE in found.notes
    assert "seeds show" not in str(found)
    assert "have a mean score of" in " ".join(found.summary(full=True).split())


def test_a_flat_claim_learns_of_the_few_seeds_that_rise():
    """Two of ten seeds rise: their names stand beside a claim on the mean curve."""
    rises = [0, 0.1, 9, 0, -0.1, 0, 0.1, 9.2, 0, 0]
    found = detect(sweep(a=rises), shape="flat", min_effect=3.0)
    assert found.evidence.treatments[0].groups.upper == ("a2", "a7")
    assert Reason.SEEDS_DISAGREE in found.notes


def test_runs_without_identity_have_no_groups():
    """Where every cell is a fresh run no seed can be followed, and nothing is counted."""
    found = detect(sweep(a=[0, 8, 0, 8, 8, 0]), shape="increasing", design="independent")
    arm = found.evidence.treatments[0]
    assert (arm.n_showing, arm.n_reaching, arm.groups) == (None, None, None)
    assert " rise\n" not in found.summary(full=True)


def test_scores_at_places_that_other_seeds_chose_are_not_counted():
    """A seed's score at a chosen onset depends on the other seeds, so that it says nothing of the seed alone."""
    hinge = np.maximum(X - 0.5, 0)
    table = SweepTable.from_matrices(
        np.arange(8.0), {"a": 8 * hinge + 0.2 * np.random.default_rng(1).normal(size=(6, 8))}
    )
    arm = detect(table, shape="threshold").evidence.treatments[0]
    assert (arm.n_showing, arm.groups) == (None, None)


@pytest.mark.parametrize(
    ("rises", "options", "status", "said"),
    [
        (
            [0, 0.1, -0.1],
            {"shape": "increasing", "min_effect": 3.0},
            "absent",
            "3 seeds cannot rule out that up to 63%",
        ),
        (
            [0.1, 0, -0.1, 0],
            {"shape": "decreasing", "min_effect": 3.0},
            "absent",
            "53% of all seeds reach it",
        ),
        ([-8, -8.1, -7.9], {"shape": "increasing"}, "absent", "63% of all seeds rise by the margin"),
        ([0.1, 0, -0.1, 0], {"shape": "flat", "min_effect": 4.0}, "present", "53% of all seeds change"),
    ],
)
def test_few_seeds_say_what_they_cannot_rule_out(rises, options, status, said):
    """Below five seeds the headline of absent, and of flat, holds the share of all seeds that may do otherwise."""
    found = detect(sweep(a=rises), **options)
    assert found.status == status
    assert said in str(found)
    assert Reason.UNSEEN_SEEDS in found.notes
    unseen = found.evidence.unseen
    assert unseen.share == pytest.approx(1 - 0.05 ** (1 / len(rises)))
    assert (unseen.n_seeds, unseen.n_showing) == (len(rises), 0)
    assert found.to_dict()["evidence"]["unseen"]["share"] == unseen.share


@pytest.mark.parametrize(
    ("rises", "options"),
    [
        ([0, 0.1, -0.1, 0, 0.1], {"shape": "increasing", "min_effect": 3.0}),
        ([8, 8.1, 7.9], {"shape": "increasing"}),
        ([0] * 9 + [80], {"shape": "increasing", "min_effect": 2.0, "across_seeds": "majority"}),
    ],
)
def test_other_headlines_do_not_say_so(rises, options):
    """Five seeds, a rise that is there, and claims on most seeds: the sentence is not in the headline."""
    found = detect(sweep(a=rises), **options)
    assert found.status in ("absent", "present")
    assert "cannot rule out" not in str(found)


def test_declared_bounds_of_the_metric_bound_the_mean_without_normal_scores():
    """With a score of 0 in each of 3 seeds the mean may be .63 of the largest score that the bounds allow."""
    curves = {"a": 0.5 + 0.001 * np.random.default_rng(1).normal(size=(3, 8))}
    table = SweepTable.from_matrices(np.arange(8.0), curves)
    unseen = detect(table, shape="increasing", min_effect=0.1, bounds=[0, 1]).evidence.unseen
    # The steepest line through values in [0, 1]: 0 at the first four levels, 1 at the others.
    steepest = np.polyfit(X, [0, 0, 0, 0, 1, 1, 1, 1], 1)[0]
    assert unseen.mean_high == pytest.approx((1 - 0.05 ** (1 / 3)) * steepest, abs=0.005)
    assert unseen.mean_low == pytest.approx(-unseen.mean_high, abs=0.005)
    assert detect(table, shape="increasing", min_effect=0.1).evidence.unseen.mean_high is None
    assert detect(table, shape="increasing", min_effect=0.1, bounds="none").evidence.unseen.mean_high is None


def test_bounds_of_the_mean_are_in_the_unit_of_the_metric():
    """A metric in thousandths has bounds of a thousand times the size, whatever scale is computed on."""
    values = 0.4 + 0.05 * X + 0.02 * np.random.default_rng(1).normal(size=(3, 8))
    small, large = (
        detect(
            SweepTable.from_matrices(np.arange(8.0), {"a": unit * values}),
            shape="increasing",
            min_effect=0.1 * unit,
            bounds=[0, unit],
        ).evidence.unseen
        for unit in (1.0, 1000.0)
    )
    assert (large.mean_low, large.mean_high) == pytest.approx(
        (1000.0 * small.mean_low, 1000.0 * small.mean_high)
    )
