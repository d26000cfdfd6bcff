"""The table that decides.

Nothing is computed here. `Findings` are what the evidence says once its numbers were compared with their bounds
(see `criteria`); `decide` maps findings to a status by a table of rules of which the first that applies wins. The
table is total (its last row always applies) and is printed in the documentation from the same objects that decide
here.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass


class Status(enum.StrEnum):
    """What is said of a signature."""

    PRESENT = "present"
    ABSENT = "absent"
    PARTIAL = "partial"
    INCONCLUSIVE = "inconclusive"


class Reason(enum.StrEnum):
    """Why a verdict is what it is, or what the reader must know beside it."""

    # why
    TOO_FEW_SEEDS = "too_few_seeds"
    TOO_FEW_LEVELS = "too_few_levels"
    REVERSES = "reverses"
    OPPOSITE = "opposite"
    BELOW_MIN_EFFECT = "below_min_effect"
    UNDERPOWERED = "underpowered"
    LINES_DISAGREE = "lines_disagree"
    ZERO_VARIANCE = "zero_variance"
    COMMON_SHIFT = "common_shift"
    WEAK = "weak"
    ARTIFACT = "artifact"
    UNSPECIFIC = "unspecific"
    SOME_CONDITIONS = "some_conditions"
    SIZE_UNRESOLVED = "size_unresolved"
    CONTROL_UNRESOLVED = "control_unresolved"
    EACH_TREATMENT = "each_treatment"
    # why, by clause: refuted
    NOT_FLAT = "not_flat"
    NOT_ABOVE = "not_above"
    NOT_BELOW = "not_below"
    NOT_LINEAR = "not_linear"
    NOT_LEVELLING_OFF = "not_levelling_off"
    NO_CHANGE_AFTER = "no_change_after"
    NOT_FLAT_BEFORE = "not_flat_before"
    NOT_FLAT_AFTER = "not_flat_after"
    NOT_ABRUPT = "not_abrupt"
    NO_FALL_AFTER = "no_fall_after"
    NO_RISE_AFTER = "no_rise_after"
    EXPONENT_OUTSIDE = "exponent_outside"
    REVERSED_AT_END = "reversed_at_end"
    # why, by clause: unresolved
    STRAIGHT = "straight"
    LEVELS_OFF = "levels_off"
    RISES_AFTER = "rises_after"
    FALLS_AFTER = "falls_after"
    FLAT_BEFORE = "flat_before"
    FLAT_AFTER = "flat_after"
    ABRUPT = "abrupt"
    EXPONENT_INSIDE = "exponent_inside"
    # beside it
    UNCONTROLLED = "uncontrolled"
    AVERAGE_ONLY = "average_only"
    CONTROL_OPPOSITE = "control_opposite"
    CONTROL_AT_BOUND = "control_at_bound"
    SMALL_SAMPLE = "small_sample"
    SKEWED_SCORES = "skewed_scores"
    DUPLICATE_SEEDS = "duplicate_seeds"
    IDENTICAL_ARMS = "identical_arms"
    SEEDS_EXCLUDED = "seeds_excluded"
    RANGE_DIFFERS = "range_differs"
    TABLE_NOTES = "table_notes"


class State(enum.StrEnum):
    """What the evidence says of one clause."""

    SHOWN = "shown"
    REFUTED = "refuted"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One comparison that was made.

    Attributes
    ----------
    name : str
        What was compared, such as ``"trend_pvalue"``.
    value : float
        The number in hand.
    relation : str
        ``"<="``, ``"<"``, ``">"`` or ``">="``.
    bound : float
        What it is held against.
    met : bool
        Whether the relation holds. A value that is not a number meets nothing.
    """

    name: str
    value: float
    relation: str
    bound: float
    met: bool

    def __str__(self) -> str:
        """Return the comparison as one line."""
        mark = "met" if self.met else "not met"
        return f"{self.name}: {self.value:.4g} {self.relation} {self.bound:.4g} ({mark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What was found of one clause beside the primary one.

    Attributes
    ----------
    name : str
        The clause.
    required : bool
        Whether it must be shown; a tolerated clause must only not be refuted.
    state : State
        What the evidence says.
    refuted, unresolved : Reason
        Why the verdict suffers when it is refuted; and when it is required and unresolved.
    """

    name: str
    required: bool
    state: State
    refuted: Reason
    unresolved: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the verdict depends on: states and truth values, no numbers.

    Attributes
    ----------
    too_few : tuple of Reason
        What there is too little of (seeds, levels); empty when nothing is.
    reverses : bool
        A rise and a fall are both shown.
    primary : State
        State of the primary clause.
    opposite, small : bool
        The opposite of the claim is shown; an effect below the margin is shown.
    denied : Reason
        Why the verdict is *absent* when `small`: the effect is below the margin, or some level lies outside what was
        claimed of all.
    unresolved : tuple of Reason
        Why the primary clause is not shown.
    min_effect_declared : bool
        Whether the smallest effect of interest was declared.
    artifact, responds : bool
        Whether the control is shown to carry most, or too much, of the effect.
    clauses : tuple of Clause
        The other clauses.
    treatment_refuted : bool
        Whether one of several treatments is shown to miss the declared effect.
    below_min_effect : bool
        Whether the estimate lies below the declared effect.
    control_clear : bool or None
        Whether the control is shown to be quiet and the effect specific; None without a control.
    """

    too_few: tuple[Reason, ...]
    reverses: bool
    primary: State
    opposite: bool
    small: bool
    denied: Reason
    unresolved: tuple[Reason, ...]
    min_effect_declared: bool
    artifact: bool
    responds: bool
    clauses: tuple[Clause, ...]
    treatment_refuted: bool
    below_min_effect: bool
    control_clear: bool | None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the verdict table.

    Attributes
    ----------
    number : int
        Its place; the first row that applies wins.
    when : str
        The condition in words.
    applies : callable
        The condition as a function of the findings.
    status : Status
        What is said then.
    reasons : callable
        The reasons as a function of the findings.
    says : str
        The reasons in words, for the documentation.
    """

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


RULES: tuple[Rule, ...] = (
    _rule(
        1,
        "fewer than 3 seeds in a treatment or control, or fewer than 3 levels",
        lambda f: bool(f.too_few),
        Status.INCONCLUSIVE,
        lambda f: f.too_few,
        "`too_few_seeds`, `too_few_levels`",
    ),
    _rule(
        2,
        "trend shapes: a rise and a fall are both shown",
        lambda f: f.reverses,
        Status.PARTIAL,
        Reason.REVERSES,
    ),
    _rule(
        3,
        "primary clause not shown, its opposite shown",
        lambda f: f.primary is not State.SHOWN and f.opposite,
        Status.ABSENT,
        Reason.OPPOSITE,
    ),
    _rule(
        4,
        "primary clause not shown, an effect below the margin shown (`flat`, `above`, `below`: a level shown outside)",
        lambda f: f.primary is not State.SHOWN and f.small,
        Status.ABSENT,
        lambda f: (f.denied,),
        "`below_min_effect` (`not_flat`, `not_above`, `not_below`)",
    ),
    _rule(
        5,
        "primary clause not shown",
        lambda f: f.primary is not State.SHOWN,
        Status.INCONCLUSIVE,
        lambda f: f.unresolved,
        "`underpowered`, `lines_disagree`, `zero_variance`, `too_few_seeds`, `common_shift`",
    ),
    _rule(
        6,
        "an effect below the declared `min_effect` shown",
        lambda f: f.small and f.min_effect_declared,
        Status.PARTIAL,
        Reason.WEAK,
    ),
    _rule(7, "control: artifact shown", lambda f: f.artifact, Status.ABSENT, Reason.ARTIFACT),
    _rule(8, "control: responds shown", lambda f: f.responds, Status.PARTIAL, Reason.UNSPECIFIC),
    _rule(
        9,
        "a required or tolerated clause refuted",
        lambda f: bool(f.refuted),
        Status.PARTIAL,
        lambda f: f.refuted,
        "that clause's reason",
    ),
    _rule(
        10,
        "one of several treatments shown below the declared `min_effect`",
        lambda f: f.treatment_refuted,
        Status.PARTIAL,
        Reason.SOME_CONDITIONS,
    ),
    _rule(
        11,
        "estimate below the declared `min_effect`",
        lambda f: f.below_min_effect,
        Status.INCONCLUSIVE,
        Reason.SIZE_UNRESOLVED,
    ),
    _rule(
        12,
        "a required clause unresolved",
        lambda f: bool(f.missing),
        Status.INCONCLUSIVE,
        lambda f: f.missing,
        "that clause's name",
    ),
    _rule(
        13,
        "control declared, but not both specific and quiet",
        lambda f: f.control_clear is False,
        Status.INCONCLUSIVE,
        Reason.CONTROL_UNRESOLVED,
    ),
    _rule(14, "otherwise", lambda _: True, Status.PRESENT, None),
)


def decide(findings: Findings) -> Rule:
    """Return the first rule that applies."""
    return next(rule for rule in RULES if rule.applies(findings))
