"""The table that decides about an idea.

Nothing is computed here. `Core` says what became of every core prediction, after corrections; `decide` returns the
first rule that applies. The table is total, since its last row always applies, and the documentation prints it from
the same objects. Auxiliary and boundary signatures take no part; `ROLES` says what they are for.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass


class IdeaStatus(enum.StrEnum):
    """What is said of an idea."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    BOUNDED = "bounded"
    OPEN = "open"


class Settled(enum.StrEnum):
    """What became of one core prediction: a signature, or several that exclude each other."""

    AS_EXPECTED = "as expected"
    IN_PART = "in part"
    OTHERWISE = "otherwise"
    CONFLICT = "conflict"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table; `when` and `claims` put it in words for the documentation."""

    number: int
    when: str
    applies: Callable[[frozenset[Settled]], bool]
    status: IdeaStatus
    claims: str


RULES: tuple[Rule, ...] = (
    Rule(
        number=1,
        when="the card has no core signature",
        applies=lambda core: not core,
        status=IdeaStatus.OPEN,
        claims="nothing",
    ),
    Rule(
        number=2,
        when="a core prediction is shown to be otherwise, after correction over all core predictions",
        applies=lambda core: Settled.OTHERWISE in core,
        status=IdeaStatus.CONTRADICTED,
        claims="the predictions that are named do not hold as declared; the chance of naming any that does is at most "
        "alpha (Holm)",
    ),
    Rule(
        number=3,
        when="two core signatures that exclude each other are both as expected",
        applies=lambda core: Settled.CONFLICT in core,
        status=IdeaStatus.OPEN,
        claims="one of the two answers, or the exclusion, is wrong",
    ),
    Rule(
        number=4,
        when="every core prediction is as expected",
        applies=lambda core: core == {Settled.AS_EXPECTED},
        status=IdeaStatus.SUPPORTED,
        claims="every core prediction holds; all are needed, so that no correction is (intersection-union test)",
    ),
    Rule(
        number=5,
        when="every core prediction is as expected or holds in part, and at least one in part",
        applies=lambda core: core <= {Settled.AS_EXPECTED, Settled.IN_PART},
        status=IdeaStatus.BOUNDED,
        claims="every core prediction is shown at least in its primary clause (no correction needed); what each lacks "
        "is a statement of its own verdict, at alpha each",
    ),
    Rule(
        number=6,
        when="otherwise",
        applies=lambda _: True,
        status=IdeaStatus.OPEN,
        claims="nothing; the report says which predictions are open, and what would settle them",
    ),
)

ROLES: dict[str, str] = {
    "core": "decides, by the table above. Signatures that exclude each other are one prediction, which any one of them "
    "fulfils",
    "auxiliary": "does not decide. It checks what the core rests on, such as a measure or a data set; where it is not "
    "as expected, the report names it beside the verdict on the idea",
    "boundary": "does not decide. It says where the idea should end; where it is not as expected, the report says that "
    "the boundary is not where it was declared",
}


def decide(core: frozenset[Settled]) -> Rule:
    """Return the first rule that applies to what became of the core predictions."""
    return next(rule for rule in RULES if rule.applies(core))
