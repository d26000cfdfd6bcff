"""What was decided, as data: the record that words, figures and formats read."""

from dataclasses import dataclass, field

from sigstats.evidence import Estimate, Evidence, Look
from sigstats.evidence.look import at_look
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.verdict.groups import UNWRITTEN, Criteria, Criterion
from sigstats.verdict.influence import Influence
from sigstats.verdict.rules import Findings, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is needed to repeat a verdict."""

    data_hash: str  # SHA-256 of the table in canonical order
    n_rows: int  # rows that were used
    entropy: int | None  # entropy of the random generator; None where a generator was handed in
    versions: tuple[tuple[str, str], ...]  # names and versions of sigstats, Python and the numerical packages


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict without its reports; `Verdict` lists the attributes."""

    status: Status
    reasons: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    rule: int
    criteria: tuple[Criterion, ...]
    scope: tuple[float, float] | None
    effect: Estimate | None
    contrast: Estimate | None
    evidence: Evidence
    signature: Signature
    provenance: Provenance
    influence: tuple[Influence, ...] = ()
    with_short: Status | None = None
    moderators: tuple[str, ...] = ()
    findings: Findings = field(repr=False, metadata=UNWRITTEN)
    groups: Criteria = field(repr=False, metadata=UNWRITTEN)

    @property
    def look(self) -> Look | None:
        """Which of the planned looks this is; None where none were planned."""
        return self.evidence.look

    @property
    def tested(self) -> Signature:
        """The signature as it was tested: at a planned look, at the level of one look."""
        return at_look(self.signature, self.evidence.look)

    @property
    def alpha(self) -> float:
        """Error rate of each one-sided claim: at a planned look, that of this look."""
        return self.signature.alpha if self.look is None else self.look.alpha
