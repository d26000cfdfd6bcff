"""Several studies together, as data: what reports read."""

import enum
from dataclasses import dataclass

from sigstats.stats.combining.heterogeneity import Contradiction, Heterogeneity
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.judge import Agrees, Ground
from sigstats.studies.combining.study import Of, StudyEffect


class Finding(enum.StrEnum):
    """What several studies show together."""

    SHOWN = "shown"
    OPPOSITE = "opposite"
    OPEN = "open"
    EACH_SHOWN = "each_shown"
    REACHES_MARGIN = "reaches_margin"
    BELOW_MARGIN = "below_margin"
    CONTRADICTION = "contradiction"
    DIFFER = "differ"
    NOT_SHOWN_TO_DIFFER = "not_shown_to_differ"
    NEXT_SHOWS_IT = "next_shows_it"
    NEXT_OPEN = "next_open"
    NEXT_OPPOSITE = "next_opposite"
    DEPENDS_ON_PRIOR = "depends_on_prior"
    OTHER_MARGINS = "other_margins"
    OTHER_VERSIONS = "other_versions"
    ROUGH = "rough"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPrior:
    """The result under another prior of the sd between studies.

    Attributes
    ----------
    prior : str
        The prior.
    mean, next_study : Estimate
        As in `Combined`.
    """

    prior: str
    mean: Estimate
    next_study: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedRecord:
    """Several studies together, without reports; `Combined` lists the attributes."""

    studies: tuple[StudyEffect, ...]
    claim: str
    of: Of
    level: float
    mean: Estimate
    next_study: Estimate
    between: Estimate
    prob_positive: float
    prob_next_positive: float
    heterogeneity: Heterogeneity
    contradiction: Contradiction
    pvalue_each: float
    findings: tuple[Finding, ...]
    margin: float | None
    prior: str
    sensitivity: tuple[WithPrior, ...]
    differing: tuple[str, ...]
    effective_draws: float

    @property
    def unit(self) -> str:
        """Unit of the effects."""
        return self.mean.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRecord:
    """A replication beside its original, without reports; `Replication` lists the attributes."""

    status: Agrees
    reasons: tuple[Ground, ...]
    original: StudyEffect
    new: StudyEffect
    claim: str
    of: Of
    level: float
    prediction: Estimate
    difference: Estimate
    pvalue: float
    margin: float | None
    pvalue_within: float
    pvalue_opposite: float
    detectable: float
    power: float
    smallest_original: float
    pvalue_undetectable: float
    detectable_difference: float
    differing: tuple[str, ...]
