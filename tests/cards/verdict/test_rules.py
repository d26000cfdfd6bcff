"""The verdict on an idea is a total function of what became of its predictions."""

import itertools

import pytest
from sigstats_card_samples import prediction

from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.outcomes import OUTCOMES, Outcome
from sigstats.cards.verdict.rules import ROLES, RULES, IdeaStatus, Settled, decide
from sigstats.cards.verdict.weigh import alternatives, weigh
from sigstats.verdict.rules import Status

STATUSES = (*Status, Outcome.MISSING, Outcome.NOT_ASKED)
KINDS = [
    (role, expect, status)
    for role in ("core", "auxiliary", "boundary")
    for expect in ("present", "absent")
    for status in STATUSES
]


def made(label, role, expect, status, **more):
    outcome = status if isinstance(status, Outcome) else None
    return prediction(label, status, role=role, expect=expect, outcome=outcome, **more)


def expected(core):
    """The table once more, from the outcomes of core signatures that do not exclude each other."""
    outcomes = [each.outcome for each in core]
    if not outcomes:
        return IdeaStatus.OPEN
    if Outcome.OTHERWISE in outcomes:
        return IdeaStatus.CONTRADICTED
    if all(each is Outcome.AS_EXPECTED for each in outcomes):
        return IdeaStatus.SUPPORTED
    if all(each in (Outcome.AS_EXPECTED, Outcome.IN_PART) for each in outcomes):
        return IdeaStatus.BOUNDED
    return IdeaStatus.OPEN


def test_every_status_means_something_for_every_expectation():
    assert set(OUTCOMES) == set(itertools.product(("present", "absent"), Status))
    assert set(ROLES) == {"core", "auxiliary", "boundary"}


def test_every_set_of_settled_predictions_has_exactly_one_answer():
    """The rules are numbered in order, the last one always applies, and every one is needed."""
    found = set()
    for size in range(len(Settled) + 1):
        for core in itertools.combinations(Settled, size):
            rule = decide(frozenset(core))
            assert rule is next(each for each in RULES if each.applies(frozenset(core)))
            found.add(rule.number)
    assert found == {each.number for each in RULES} == set(range(1, len(RULES) + 1))


@pytest.mark.long
@pytest.mark.parametrize("size", [1, 2])
def test_every_combination_of_role_expectation_and_status_is_decided(size):
    """All of them, for one and two signatures, and the core of three: 36 + 1296 + 216."""
    for kinds in itertools.product(KINDS, repeat=size):
        predictions = [made(str(at), *kind) for at, kind in enumerate(kinds)]
        assert conclude(None, predictions).status is expected(
            [each for each in predictions if each.role == "core"]
        )


@pytest.mark.long
def test_every_combination_of_three_core_signatures_is_decided():
    for statuses in itertools.product(STATUSES, repeat=3):
        predictions = [made(str(at), "core", "present", status) for at, status in enumerate(statuses)]
        assert conclude(None, predictions).status is expected(predictions)


def test_every_combination_of_two_that_exclude_each_other_is_decided():
    """Alone, and beside a third: one of them is enough, and both are too many."""
    for first, second in itertools.product(STATUSES, repeat=2):
        pair = [
            made("a", "core", "present", first, exclusive_with=["b"]),
            made("b", "core", "present", second),
        ]
        outcomes = {each.outcome for each in pair}
        shown = [each for each in pair if each.outcome is Outcome.AS_EXPECTED]
        if len(shown) == 2:
            wanted = IdeaStatus.OPEN
        elif shown and Outcome.NOT_ASKED not in outcomes:
            wanted = IdeaStatus.SUPPORTED
        elif outcomes == {Outcome.OTHERWISE}:
            wanted = IdeaStatus.CONTRADICTED
        elif outcomes <= {Outcome.OTHERWISE, Outcome.IN_PART}:
            wanted = IdeaStatus.BOUNDED
        else:
            wanted = IdeaStatus.OPEN
        assert conclude(None, pair).status is wanted, (first, second)
        third = made("c", "core", "present", Status.ABSENT)
        assert conclude(None, [*pair, third]).status is IdeaStatus.CONTRADICTED


@pytest.mark.parametrize("role", ["auxiliary", "boundary"])
def test_a_signature_that_is_not_core_never_decides(role):
    for statuses in itertools.product(STATUSES, repeat=2):
        core, other = (
            made("core", "core", "present", statuses[0]),
            made("other", role, "present", statuses[1]),
        )
        assert conclude(None, [core, other]).status is conclude(None, [core]).status


def test_a_contradiction_must_outlast_the_correction():
    """Two of three core signatures are absent, each at p = 0.03: Holm's first step is 0.09."""
    faint = [prediction(str(at), Status.ABSENT, otherwise=0.03) for at in range(2)]
    shown = prediction("shown")
    assert conclude(None, [*faint, shown]).status is IdeaStatus.OPEN
    assert conclude(None, faint[:1]).status is IdeaStatus.CONTRADICTED
    sharp = prediction("sharp", Status.ABSENT, otherwise=0.01)
    assert conclude(None, [*faint, sharp]).status is IdeaStatus.CONTRADICTED


def test_signatures_that_were_not_asked_count_in_the_correction():
    """Whoever looks at one signature of three has chosen it."""
    absent = prediction("absent", Status.ABSENT, otherwise=0.03)
    others = [prediction(str(at), outcome=Outcome.NOT_ASKED) for at in range(2)]
    assert conclude(None, [absent]).status is IdeaStatus.CONTRADICTED
    assert conclude(None, [absent, *others]).status is IdeaStatus.OPEN


def test_one_of_several_alternatives_must_outlast_their_number():
    """Either of two may be chosen by chance, so that each has half the error rate."""
    for p, wanted in ((0.02, IdeaStatus.SUPPORTED), (0.03, IdeaStatus.OPEN)):
        pair = [prediction("a", p=p, exclusive_with=["b"]), prediction("b", Status.ABSENT)]
        assert conclude(None, pair).status is wanted


def test_positive_dependence_is_used_only_where_it_is_declared():
    """Two absences at p = 0.04: by Holm 0.08, by Hommel 0.04."""
    pair = [prediction(str(at), Status.ABSENT, otherwise=0.04) for at in range(2)]
    assert conclude(None, pair).status is IdeaStatus.OPEN
    assert conclude(None, pair, dependence="positive").status is IdeaStatus.CONTRADICTED


def test_exclusions_join_signatures_into_sets():
    """B excludes A and C, so that the three are one prediction; D stands alone."""
    four = [prediction("a"), prediction("b", exclusive_with=["a", "c"]), prediction("c"), prediction("d")]
    assert [[each.label for each in members] for members in alternatives(four)] == [["a", "b", "c"], ["d"]]
    rule, core = weigh(four, alpha=0.05, dependence="any")
    assert [each.settled for each in core] == [Settled.CONFLICT, Settled.AS_EXPECTED]
    assert rule.status is IdeaStatus.OPEN


def test_ranges_of_one_exponent_that_do_not_overlap_exclude_each_other():
    """On the same rows only; ranges that meet at an end do not overlap."""
    half, one, wide = (
        {"name": "power_law", "exponent": ends} for ends in ((-0.75, -0.25), (-1.25, -0.75), (-2.0, 0.0))
    )
    pairs = [
        [prediction("a", shape=first), prediction("b", shape=second)]
        for first, second in ((half, one), (half, wide))
    ]
    assert [len(alternatives(pair)) for pair in pairs] == [1, 2]
    elsewhere = [prediction("a", shape=half), prediction("b", shape=one, metric="other")]
    assert len(alternatives(elsewhere)) == 2


def test_what_is_expected_to_be_absent_is_no_alternative():
    """A is predicted instead of B: both answers are needed."""
    pair = [prediction("a", exclusive_with=["b"]), prediction("b", Status.ABSENT, expect="absent")]
    assert len(alternatives(pair)) == 2
    assert conclude(None, pair).status is IdeaStatus.SUPPORTED
