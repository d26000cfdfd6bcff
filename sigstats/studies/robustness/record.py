"""What a robustness analysis found, as data: the record that its reports read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigstats.report.escaping import visible
from sigstats.studies.robustness.choices import Choice
from sigstats.studies.robustness.influence import Influence
from sigstats.studies.robustness.joint_test import ChoiceShare, JointTest
from sigstats.studies.robustness.multiverse import Analysis, Pruned
from sigstats.studies.robustness.thresholds import Margin
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

if TYPE_CHECKING:
    from sigstats.studies.practice.common_practice import CommonPractice
    from sigstats.studies.robustness.synthetic_controls import SyntheticControls
    from sigstats.studies.seeds.audit import SeedAudit


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakest:
    """What a verdict hangs on most.

    Attributes
    ----------
    kind : str
        ``"seed"``, ``"level"``, ``"condition"``, ``"choice"``, ``"pair"`` (of seeds), ``"runs"`` or ``"margin"``.
    name : str
        Which one: the seed's label, the level, the choice.
    status : Status
        What is said instead.
    sentence : str
        The finding in words, ready for a report.
    """

    kind: str
    name: str
    status: Status
    sentence: str

    def __str__(self) -> str:
        """Return the sentence."""
        return visible(self.sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessRecord:
    """A robustness analysis without its reports; `Robustness` lists the attributes."""

    verdict: Verdict
    choices: tuple[Choice, ...]
    pruned: tuple[Pruned, ...]
    analyses: tuple[Analysis, ...] = field(repr=False)
    shares: Mapping[tuple[Status, str], float]
    agreement: float
    decomposition: tuple[ChoiceShare, ...]
    joint: JointTest | None
    joint_note: str | None
    influence: Influence = field(repr=False)
    margins: tuple[Margin, ...]
    weakest: Weakest | None
    audit: "SeedAudit"
    synthetic: "SyntheticControls | None"
    practice: "CommonPractice | None"

    @property
    def n_agreeing(self) -> int:
        """Number of analyses with the status of the declared one."""
        return sum(each.same for each in self.analyses)

    @property
    def n_pruned(self) -> int:
        """Number of combinations that were ruled out."""
        return sum(each.count for each in self.pruned)
