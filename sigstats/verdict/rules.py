"""The table that decides.

Nothing is computed here. `Findings` say which parts of the claim are shown; `findings.find` makes them from the
criteria. `decide` returns the first rule that applies to them. The table is total, since its last row always applies,
and the documentation prints it from the same objects.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from sigstats.evidence.reason import Reason


class Status(enum.StrEnum):
    """What is said of a signature."""

    PRESENT = "present"
    ABSENT = "absent"
    PARTIAL = "partial"
    INCONCLUSIVE = "inconclusive"


class State(enum.StrEnum):
    """What the evidence says of one clause."""

    SHOWN = "shown"
    REFUTED = "refuted"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseState:
    """The state of one clause, other than the primary one."""

    name: str
    # The treatment that must show it on its own; None if it is about the mean of the treatments.
    condition: str | None
    # Whether it must be shown; a tolerated clause must only not be refuted.
    required: bool
    state: State
    # Reasons of a verdict that refutes it, and of one that leaves it unresolved although it is required.
    refuted: Reason
    unresolved: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the verdict depends on: states and truth values, no numbers."""

    too_few: tuple[
        Reason, ...
    ]  # what keeps the claim from being tested: too few seeds or levels, no planned look
    reverses: bool  # both a rise and a fall are shown
    primary: State
    opposite: bool  # the opposite of the claim is shown
    small: bool  # an effect below the margin is shown, or a level outside what was claimed of all
    denied: Reason  # why the verdict is *absent* when `small`
    unresolved: tuple[Reason, ...]  # why the primary clause is not shown
    min_effect_declared: bool
    artifact: bool  # the control is shown to carry most of the effect
    responds: bool  # the control is shown to carry too much of the effect
    near_end: bool  # what would refute the claim holds only if the shape does not stand near an end
    clauses: tuple[ClauseState, ...]  # the other clauses
    below_in: tuple[str, ...]  # treatments, of several, that are shown to miss the declared effect
    not_alone: tuple[str, ...]  # treatments that do not show on their own what their mean shows
    below_min_effect: bool  # the estimate lies below the declared effect
    control_apart: bool  # the control has too few levels in common with the treatment
    control_clear: bool | None  # the control is shown quiet; None without a control
    calibrated: bool | None  # shown to exceed what negative controls show; None where these were not asked
    survivors: bool  # cells were lost for what they showed, and the answer hangs on what they were

    @property
    def refuted(self) -> tuple[Reason, ...]:
        """Reasons of the clauses that are refuted."""
        return tuple(
            dict.fromkeys(clause.refuted for clause in self.clauses if clause.state is State.REFUTED)
        )

    @property
    def missing(self) -> tuple[Reason, ...]:
        """Reasons of the required clauses that are unresolved."""
        open_clauses = (
            clause for clause in self.clauses if clause.required and clause.state is State.UNRESOLVED
        )
        return tuple(dict.fromkeys(clause.unresolved for clause in open_clauses))


# What is found where nothing is shown, refuted or compared: the start of findings that are put together one by one.
NOTHING_FOUND = Findings(
    too_few=(),
    reverses=False,
    primary=State.UNRESOLVED,
    opposite=False,
    small=False,
    denied=Reason.BELOW_MIN_EFFECT,
    unresolved=(Reason.UNDERPOWERED,),
    min_effect_declared=False,
    artifact=False,
    responds=False,
    near_end=False,
    clauses=(),
    below_in=(),
    not_alone=(),
    below_min_effect=False,
    control_apart=False,
    control_clear=None,
    calibrated=None,
    survivors=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the verdict table; `when` and `says` put it in words for the documentation."""

    number: int
    when: str
    applies: Callable[[Findings], bool]
    status: Status
    reasons: Callable[[Findings], tuple[Reason, ...]]
    says: str


def _rule(
    number: int,
    when: str,
    applies: Callable[[Findings], bool],
    status: Status,
    reason: Reason | Callable[[Findings], tuple[Reason, ...]] | None,
    says: str = "",
) -> Rule:
    fixed = (reason,) if isinstance(reason, Reason) else ()
    reasons = reason if callable(reason) and not isinstance(reason, Reason) else lambda _: fixed
    words = says or (f"`{reason}`" if isinstance(reason, Reason) else "")
    return Rule(number=number, when=when, applies=applies, status=status, reasons=reasons, says=words)


def _of_the_control(f: Findings) -> Reason:
    """Return what keeps the control from setting the treatment apart."""
    if f.control_apart:
        return Reason.RANGES_DO_NOT_OVERLAP
    return Reason.CONTROL_UNRESOLVED if f.control_clear is False else Reason.WITHIN_CONTROLS


RULES: tuple[Rule, ...] = (
    _rule(
        1,
        "fewer than 3 seeds in a treatment or control, fewer levels than the shape needs, an `alpha` below its "
        "critical values, or a number of seeds at which no look was planned",
        lambda f: bool(f.too_few),
        Status.INCONCLUSIVE,
        lambda f: f.too_few,
        "`too_few_seeds`, `too_few_levels`, `alpha_too_small`, `unplanned_look`",
    ),
    _rule(
        2,
        "missing cells go with the level or with the last values, and with the worst values in their place the rules "
        "below give another status",
        lambda f: f.survivors,
        Status.INCONCLUSIVE,
        Reason.SURVIVORS,
    ),
    _rule(
        3,
        "trend shapes: a rise and a fall are both shown",
        lambda f: f.reverses,
        Status.PARTIAL,
        Reason.REVERSES,
    ),
    _rule(
        4,
        "primary clause not shown, its opposite shown",
        lambda f: f.primary is not State.SHOWN and f.opposite,
        Status.ABSENT,
        Reason.OPPOSITE,
    ),
    _rule(
        5,
        "primary clause not shown, an effect below the margin shown (`flat`, `above`, `below`: a level shown outside)",
        lambda f: f.primary is not State.SHOWN and f.small,
        Status.ABSENT,
        lambda f: (f.denied,),
        "`below_min_effect` (`not_flat`, `not_above`, `not_below`)",
    ),
    _rule(
        6,
        "primary clause not shown",
        lambda f: f.primary is not State.SHOWN,
        Status.INCONCLUSIVE,
        lambda f: (Reason.ONSET_NEAR_END,) if f.near_end else f.unresolved,
        "`onset_near_end`, `underpowered`, `lines_disagree`, `zero_variance`, `too_few_seeds`, `too_few_for_majority`, "
        "`common_shift`",
    ),
    _rule(
        7,
        "an effect below the declared `min_effect` shown",
        lambda f: f.small and f.min_effect_declared,
        Status.PARTIAL,
        Reason.WEAK,
    ),
    _rule(8, "control: artifact shown", lambda f: f.artifact, Status.ABSENT, Reason.ARTIFACT),
    _rule(9, "control: responds shown", lambda f: f.responds, Status.PARTIAL, Reason.UNSPECIFIC),
    _rule(
        10,
        "a required or tolerated clause refuted",
        lambda f: bool(f.refuted),
        Status.PARTIAL,
        lambda f: f.refuted,
        "that clause's reason",
    ),
    _rule(
        11,
        "one of several treatments shown below the declared `min_effect`",
        lambda f: bool(f.below_in),
        Status.PARTIAL,
        Reason.SOME_CONDITIONS,
    ),
    _rule(
        12,
        "something that would refute the claim holds wherever the shape can be tested, but the shape is not excluded "
        "near an end of the range",
        lambda f: f.near_end,
        Status.INCONCLUSIVE,
        Reason.ONSET_NEAR_END,
    ),
    _rule(
        13,
        "estimate below the declared `min_effect`",
        lambda f: f.below_min_effect,
        Status.INCONCLUSIVE,
        Reason.SIZE_UNRESOLVED,
    ),
    _rule(
        14,
        "a required clause unresolved",
        lambda f: bool(f.missing),
        Status.INCONCLUSIVE,
        lambda f: f.missing,
        "that clause's name",
    ),
    _rule(
        15,
        "control declared, but with too few levels in common with the treatment, not shown quiet, at the bound of the "
        "metric where the prediction points, or (`calibrate`) the effect not shown to exceed what five or more of them "
        "show of themselves",
        lambda f: f.control_apart or f.control_clear is False or f.calibrated is False,
        Status.INCONCLUSIVE,
        lambda f: (_of_the_control(f),),
        "`ranges_do_not_overlap`, `control_unresolved`, `within_controls`",
    ),
    _rule(16, "otherwise", lambda _: True, Status.PRESENT, None),
)


def decide(findings: Findings) -> Rule:
    """Return the first rule that applies."""
    return next(rule for rule in RULES if rule.applies(findings))
