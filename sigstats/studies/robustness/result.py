"""How robust is a verdict? The object that holds every answer, and its reports."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.report.escaping import visible
from sigstats.stats.by_value import by_value
from sigstats.studies.robustness import multiverse
from sigstats.studies.robustness.record import RobustnessRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Robustness(Drawn, RobustnessRecord):
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

    def __str__(self) -> str:
        """Return agreement and weakest point as one line."""
        from sigstats.studies.robustness.report.weakest_words import hangs

        counted = f"{self.verdict.status}: {self.n_agreeing} of {len(self.analyses)} analyses agree."
        return visible(f"{counted} {hangs(self)}")

    def table(self) -> "pd.DataFrame":
        """Return one row per analysis: its options, status, reason, effect with bounds, and p-value."""
        return multiverse.frame(self.analyses, self.choices)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: specification curve with its matrix, influence of seeds and levels, and margins."""
        from sigstats.studies.robustness.report.figure import robustness_figure

        return robustness_figure(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say of the analysis."""
        from sigstats.studies.robustness.report.document import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return all that the analysis found, by name."""
        from sigstats.studies.robustness.report.record import record

        return record(self)
