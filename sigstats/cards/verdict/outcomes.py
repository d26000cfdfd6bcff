"""What a verdict means for a prediction: whether it is as expected.

A prediction expects its signature to be present, or to be absent. `OUTCOMES` is the whole table; the documentation
prints it.
"""

import enum
from dataclasses import dataclass

from sigstats.cards.data import is_suggested
from sigstats.signature.fields import Expect, Role
from sigstats.signature.signature import Signature
from sigstats.studies.answers.pvalues import Answer, absent_pvalue, is_absent, present_pvalue
from sigstats.verdict.rules import Status


class Outcome(enum.StrEnum):
    """What became of one prediction."""

    AS_EXPECTED = "as expected"
    IN_PART = "in part"
    OTHERWISE = "otherwise"
    OPEN = "open"
    MISSING = "data missing"
    NOT_ASKED = "not asked"


OUTCOMES: dict[tuple[Expect, Status], Outcome] = {
    ("present", Status.PRESENT): Outcome.AS_EXPECTED,
    ("present", Status.PARTIAL): Outcome.IN_PART,
    ("present", Status.ABSENT): Outcome.OTHERWISE,
    ("present", Status.INCONCLUSIVE): Outcome.OPEN,
    ("absent", Status.PRESENT): Outcome.OTHERWISE,
    ("absent", Status.PARTIAL): Outcome.IN_PART,
    ("absent", Status.ABSENT): Outcome.AS_EXPECTED,
    ("absent", Status.INCONCLUSIVE): Outcome.OPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One signature of a card, and what became of it.

    Attributes
    ----------
    signature : Signature
        What was predicted.
    label : str
        Its name, or its place on the card where it has none.
    role : str
        ``"core"``, ``"auxiliary"`` or ``"boundary"``: only core signatures decide about the idea.
    expect : str
        ``"present"`` or ``"absent"``.
    verdict : Verdict, Comparison or None
        The answer; None where it was not asked, or its data are missing.
    outcome : Outcome
        Whether the answer is as expected.
    pvalue : float
        p-value of the answer being as expected, in all its parts; 1 where that was not tested.
    pvalue_otherwise : float
        p-value of the answer being otherwise than expected; 1 where that was not tested.
    """

    signature: Signature
    label: str
    role: Role
    expect: Expect
    verdict: Answer | None
    outcome: Outcome
    pvalue: float
    pvalue_otherwise: float

    @property
    def suggested_by_these_data(self) -> bool:
        """Whether the data of the verdict suggested the signature, so that they cannot confirm it."""
        return self.verdict is not None and is_suggested(self.signature, self.verdict.provenance.data_hash)


def judged(
    signature: Signature, answer: Answer | None, *, number: int, missing: Outcome = Outcome.MISSING
) -> Prediction:
    """Return what an answer, or none for which `missing` says why, means for a prediction."""
    expect = signature.expect
    present, absent = (1.0, 1.0) if answer is None else (present_pvalue(answer), absent_pvalue(answer))
    outcome = missing if answer is None else outcome_of(answer, expect)
    if expect == "present" and outcome is Outcome.IN_PART:
        absent = 1.0  # smaller than declared is still something of what was expected
    return Prediction(
        signature=signature,
        label=signature.name or f"signature {number}",
        role=signature.role,
        expect=expect,
        verdict=answer,
        outcome=outcome,
        pvalue=present if expect == "present" else absent,
        pvalue_otherwise=absent if expect == "present" else present,
    )


def outcome_of(answer: Answer, expect: Expect) -> Outcome:
    """Return whether an answer is as expected; who expects nothing is right where there is less than would matter."""
    if expect == "absent" and is_absent(answer):
        return Outcome.AS_EXPECTED
    return OUTCOMES[expect, answer.status]
