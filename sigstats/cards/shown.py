"""What a notebook shows of a card: the idea, and a row for each signature."""

from collections.abc import Sequence

from sigstats.report.document import Document, Table, columns
from sigstats.report.numbers import number
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature
from sigstats.verdict.words import names

HEADS = ("signature", "claim", "treatment", "control", "smallest effect", "expected")


def document(idea: Idea | None, signatures: Sequence[Signature]) -> Document:
    """Return a card in words."""
    name = "Signatures without an idea" if idea is None else idea.name
    said = () if idea is None else (idea.claim, idea.mechanism, idea.applies_to)
    rows = tuple(_row(each) for each in signatures)
    return Document(
        headline=name,
        title=name,
        answer=tuple(each for each in said if each),
        blocks=(Table(heading="Signatures", columns=columns(*HEADS), rows=rows),),
    )


def _row(signature: Signature) -> tuple[str, ...]:
    rest = "all other conditions" if signature.control else "all conditions"
    return (
        signature.name or "",
        names.claim(signature),
        ", ".join(signature.treatment or (rest,)),
        ", ".join(signature.control or ("none",)),
        "none declared" if signature.min_effect is None else _size(signature.min_effect),
        signature.expect,
    )


def _size(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
