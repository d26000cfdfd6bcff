"""What was decided, as data: the record that words, figures and formats read."""

from dataclasses import dataclass, field

from sigstats.evidence import Estimate, Evidence, Look
from sigstats.evidence.look import at_look
from sigstats.evidence.reason import Reason
from sigstats.evidence.results.strength import Strength
from sigstats.evidence.strength import strength_of
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


class Kept:
    """Room for what is computed once; not a field, so that it is neither compared, hashed, pickled nor written."""

    __slots__ = ("_strength",)
    _strength: Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Kept):
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

    @property
    def strength(self) -> Strength:
        """How strong the shape is from seed to seed: what a new seed, and a replication, would show.

        Computed from the evidence when it is first asked for. No verdict depends on it.
        """
        try:
            return self._strength
        except AttributeError:
            object.__setattr__(self, "_strength", strength_of(self.evidence, self.tested))
            return self._strength
