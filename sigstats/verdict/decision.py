"""What was decided, as data: the record that words, figures and formats read."""

from dataclasses import dataclass, field

from sigstats.evidence import Estimate, Evidence
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
    findings: Findings = field(repr=False, metadata=UNWRITTEN)
    groups: Criteria = field(repr=False, metadata=UNWRITTEN)
