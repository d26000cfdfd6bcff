"""The table of rules: total, in order, and every row within reach."""

import functools
import itertools
from dataclasses import dataclass, field, replace

import pytest

from sigstats.evidence.reason import Reason
from sigstats.verdict.groups import Criterion
from sigstats.verdict.rules import NOTHING_FOUND, RULES, ClauseState, Findings, State, Status, decide

SIDE_CLAUSES = {
    "none": (),
    "shown": (
        ClauseState(
            name="a",
            condition=None,
            required=True,
            state=State.SHOWN,
            refuted=Reason.EACH_TREATMENT,
            unresolved=Reason.EACH_TREATMENT,
        ),
    ),
    "refuted": (
        ClauseState(
            name="b",
            condition=None,
            required=False,
            state=State.REFUTED,
            refuted=Reason.NOT_LINEAR,
            unresolved=Reason.STRAIGHT,
        ),
    ),
    "required unresolved": (
        ClauseState(
            name="c",
            condition=None,
            required=True,
            state=State.UNRESOLVED,
            refuted=Reason.NOT_FLAT_BEFORE,
            unresolved=Reason.FLAT_BEFORE,
        ),
    ),
    "tolerated unresolved": (
        ClauseState(
            name="d",
            condition=None,
            required=False,
            state=State.UNRESOLVED,
            refuted=Reason.REVERSES,
            unresolved=Reason.REVERSES,
        ),
    ),
}
BOTH = (False, True)
PLAIN = replace(NOTHING_FOUND, primary=State.SHOWN, min_effect_declared=True, control_clear=True)


def every_finding():
    """Yield all combinations of what can be found."""
    options = {
        "too_few": ((), (Reason.TOO_FEW_SEEDS,), (Reason.TOO_FEW_SEEDS, Reason.TOO_FEW_LEVELS)),
        "reverses": BOTH,
        "primary": tuple(State),
        "opposite": BOTH,
        "small": BOTH,
        "denied": (Reason.BELOW_MIN_EFFECT, Reason.NOT_FLAT),
        "unresolved": ((Reason.LINES_DISAGREE,),),
        "min_effect_declared": BOTH,
        "artifact": BOTH,
        "responds": BOTH,
        "near_end": BOTH,
        "clauses": tuple(SIDE_CLAUSES.values()),
        "below_in": ((), ("a", "b")),
        "not_alone": ((),),
        "below_min_effect": BOTH,
        "control_apart": BOTH,
        "control_clear": (None, False, True),
        "calibrated": (None,),
        "survivors": BOTH,
    }
    for values in itertools.product(*options.values()):
        yield Findings(**dict(zip(options, values, strict=True)))


def written_out(found):
    """Return status and reasons by the rules as a reader would write them down."""
    present = found.primary is State.SHOWN
    refuted = tuple(clause.refuted for clause in found.clauses if clause.state is State.REFUTED)
    missing = tuple(
        clause.unresolved for clause in found.clauses if clause.required and clause.state is State.UNRESOLVED
    )
    table = (
        (bool(found.too_few), "inconclusive", found.too_few),
        (found.survivors, "inconclusive", ("survivors",)),
        (found.reverses, "partial", ("reverses",)),
        (not present and found.opposite, "absent", ("opposite",)),
        (not present and found.small, "absent", (found.denied,)),
        (not present, "inconclusive", ("onset_near_end",) if found.near_end else found.unresolved),
        (found.small and found.min_effect_declared, "partial", ("weak",)),
        (found.artifact, "absent", ("artifact",)),
        (found.responds, "partial", ("unspecific",)),
        (bool(refuted), "partial", refuted),
        (bool(found.below_in), "partial", ("some_conditions",)),
        (found.near_end, "inconclusive", ("onset_near_end",)),
        (found.below_min_effect, "inconclusive", ("size_unresolved",)),
        (bool(missing), "inconclusive", missing),
        (
            found.control_apart or found.control_clear is False,
            "inconclusive",
            ("ranges_do_not_overlap" if found.control_apart else "control_unresolved",),
        ),
        (True, "present", ()),
    )
    row = next(number for number, (applies, *_) in enumerate(table) if applies)
    return row + 1, table[row][1], tuple(map(str, table[row][2]))


@dataclass
class Decided:
    """What the rules make of all combinations."""

    otherwise: list[Findings] = field(default_factory=list)  # than written out by hand
    reached: set[int] = field(default_factory=set)  # rows of the table
    present: list[Findings] = field(default_factory=list)
    unexplained: list[Findings] = field(
        default_factory=list
    )  # present with a reason, or another verdict without one


@functools.cache
def decided():
    """Return what the rules make of all combinations, which takes seconds and is done once."""
    told = Decided()
    for found in every_finding():
        rule = decide(found)
        reasons = rule.reasons(found)
        told.reached.add(rule.number)
        if (rule.number, rule.status, reasons) != written_out(found):
            told.otherwise.append(found)
        if rule.status is Status.PRESENT:
            told.present.append(found)
        if (rule.status is Status.PRESENT) != (reasons == ()):
            told.unexplained.append(found)
    return told


def test_every_combination_of_findings_has_the_verdict_of_the_first_row_that_applies():
    """Over the whole product of states, the rules decide as written out by hand, and each row decides some."""
    assert decided().otherwise == []
    assert decided().reached == set(range(1, 17))


def test_the_rows_are_numbered_in_their_order_and_the_last_always_applies():
    """Numbers are places in the table; whatever was found, some row applies."""
    assert [rule.number for rule in RULES] == list(range(1, 17))
    assert all(RULES[-1].applies(found) for found in itertools.islice(every_finding(), 50))


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"too_few": (Reason.TOO_FEW_SEEDS,)}, 1),
        ({"survivors": True}, 2),
        ({"reverses": True}, 3),
        ({"primary": State.UNRESOLVED, "opposite": True}, 4),
        ({"primary": State.UNRESOLVED, "small": True}, 5),
        ({"primary": State.UNRESOLVED}, 6),
        ({"small": True}, 7),
        ({"artifact": True}, 8),
        ({"responds": True}, 9),
        ({"clauses": SIDE_CLAUSES["refuted"]}, 10),
        ({"below_in": ("a",)}, 11),
        ({"near_end": True}, 12),
        ({"below_min_effect": True}, 13),
        ({"clauses": SIDE_CLAUSES["required unresolved"]}, 14),
        ({"control_clear": False}, 15),
        ({"calibrated": False}, 15),
        ({}, 16),
        ({"control_clear": None}, 16),
        ({"small": True, "min_effect_declared": False}, 16),
        ({"opposite": True}, 16),
        ({"clauses": SIDE_CLAUSES["tolerated unresolved"]}, 16),
    ],
)
def test_one_finding_alone_moves_a_clean_verdict_to_its_row(changes, row):
    """Starting from a clean present verdict, each finding on its own leads to the row that speaks of it."""
    assert decide(replace(PLAIN, **changes)).number == row


@pytest.mark.parametrize("calibrated", [None, True, False])
@pytest.mark.parametrize("clear", [None, True, False])
@pytest.mark.parametrize("primary", tuple(State))
def test_calibration_withdraws_present_and_nothing_else(primary, clear, calibrated):
    """What the row of negative controls takes is only what would be present without it."""
    without = replace(PLAIN, primary=primary, control_clear=clear)
    before, after = decide(without), decide(replace(without, calibrated=calibrated))
    if before.status is Status.PRESENT and calibrated is False:
        assert (after.number, after.status) == (15, Status.INCONCLUSIVE)
        assert after.reasons(replace(without, calibrated=calibrated)) == ("within_controls",)
    else:
        assert after.number == before.number
        assert after.reasons(without) == before.reasons(without)


def test_only_a_shown_clause_can_be_present():
    """No combination makes a claim present whose primary clause is not shown or whose control is not clear."""
    assert decided().present
    for found in decided().present:
        assert found.primary is State.SHOWN
        assert found.control_clear is not False
        assert not (found.artifact)
        assert not (found.responds)
        assert not (found.reverses)
        assert not (found.too_few)


def test_every_verdict_but_present_has_a_reason():
    """A reader is always told why."""
    assert decided().unexplained == []


def test_a_criterion_reads_as_one_line():
    """The comparison can be read without knowing the code."""
    met = Criterion(name="trend_pvalue", value=0.0125, relation="<=", bound=0.05, met=True)
    assert str(met) == "trend_pvalue: 0.0125 <= 0.05 (met)"
    assert str(replace(met, value=0.5, met=False)) == "trend_pvalue: 0.5 <= 0.05 (not met)"
