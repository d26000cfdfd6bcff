"""How robust is a verdict? The object that holds every answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sigstats.studies.robustness import multiverse
from sigstats.studies.robustness.choices import Choice
from sigstats.studies.robustness.influence import Influence
from sigstats.studies.robustness.joint_test import ChoiceShare, JointTest
from sigstats.studies.robustness.multiverse import Analysis, Pruned
from sigstats.studies.robustness.thresholds import Margin
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

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
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How far a verdict depends on the analysis, on single seeds, levels and conditions, and on its bounds.

    Attributes
    ----------
    verdict : Verdict
        Of the analysis as declared.
    choices : tuple of Choice
        What was varied.
    pruned : tuple of Pruned
        Combinations that were ruled out, by reason.
    analyses : tuple of Analysis
        All that were run, the declared one among them.
    shares : mapping of (Status, str) to float
        Share of the analyses per verdict: status and reasons joined by "+".
    agreement : float
        Share of the analyses with the status of the declared one.
    decomposition : tuple of ChoiceShare
        How much goes with each choice; the one that moves the verdict most first.
    joint : JointTest or None
        Could all analyses together be chance? None where the test does not apply.
    joint_note : str or None
        Why there is no joint test, or what it cannot show.
    influence : Influence
        What the verdict rests on.
    margins : tuple of Margin
        Over which bounds it stands.
    weakest : Weakest or None
        What it hangs on most; None where nothing that was tried changes it.
    audit : SeedAudit
        What a check of the seeds found.
    synthetic : SyntheticControls or None
        Verdicts on tables whose claim was broken on purpose; None where no replications were asked for.
    practice : CommonPractice or None
        What methods in common use would have said; None where the claim is no trend.
    """

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

    def table(self) -> "pd.DataFrame":
        """Return one row per analysis: its options, status, reason, effect with bounds, and p-value."""
        return multiverse.frame(self.analyses, self.choices)

    def summary(self) -> str:
        """Return everything that was found as text for a terminal."""
        from sigstats.studies.robustness.report import text

        return text.summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        from sigstats.studies.robustness.report import record

        return record.to_dict(self)

    def to_json(self) -> str:
        """Return strict JSON with a schema version."""
        from sigstats.studies.robustness.report import record

        return record.to_json(self)

    def to_html(self) -> str:
        """Return the report as one self-contained, escaped HTML page with its figure."""
        from sigstats.studies.robustness.report import html as robustness_html

        return robustness_html.page([self])

    def plot(self) -> "Figure":
        """Return the figure: specification curve with its matrix, influence of seeds and levels, and margins."""
        from sigstats.studies.robustness.report import figure

        return figure.robustness_figure(self)

    def _repr_html_(self) -> str:
        """Return the part of the report that a notebook shows."""
        from sigstats.studies.robustness.report import html as robustness_html

        return robustness_html.fragment(self)

    def __str__(self) -> str:
        """Return agreement and weakest point as one line."""
        hangs = f" {self.weakest}" if self.weakest else " Nothing that was tried changes it."
        return f"{self.verdict.status}: {self.n_agreeing} of {len(self.analyses)} analyses agree.{hangs}"
