"""What a rule is: what it looks for on a card, why that matters, and how it is mended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sigstats.report.next_steps import StepCode
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature


class Declared(Protocol):
    """What is declared on a card."""

    @property
    def idea(self) -> Idea | None:
        """The idea, in words."""

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The predictions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One place at which a card trips a rule."""

    says: str  # what is wrong there, with the values in hand
    number: int = 0  # of the signature, from 1; 0 for the idea, or the card as a whole
    field: str = ""  # key that is missing or wrong
    remedy: str = ""  # where it needs the values in hand; otherwise that of the rule
    role: str | None = None  # "treatment" or "control", where it is about one of them
    n: int | None = None  # how many are missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: a row of the table, and of the page that is made from it."""

    code: str  # never changes its meaning
    name: str
    trips: str  # what trips it
    reason: str  # why it matters, as half a sentence
    remedy: str  # a sentence; what it quotes works when it is typed
    find: Callable[[Declared], Iterator[Trip]]
    step: StepCode = StepCode.CHANGE_CARD  # what a program is told to do next


def numbered(card: Declared) -> Iterator[tuple[int, Signature]]:
    """Yield the signatures with their numbers, from 1."""
    yield from enumerate(card.signatures, start=1)


def core(card: Declared) -> list[tuple[int, Signature]]:
    """Return the signatures with which the idea stands or falls."""
    return [(number, each) for number, each in numbered(card) if each.role == "core"]


def is_boundary(signature: Signature) -> bool:
    """Return whether a signature says where the idea should not apply."""
    return signature.role == "boundary" or signature.expect == "absent"
