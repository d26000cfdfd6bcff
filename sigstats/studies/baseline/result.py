"""The public answer to a claim without a knob, and the reports on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.signature.share import Share
from sigstats.stats.by_value import by_value
from sigstats.studies.baseline.record import Compared
from sigstats.verdict.answered import Answered

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout
    from sigstats.verdict.defence.facts import Defence


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Comparison(Drawn, Answered, Compared):
    """The answer to a claim on treatments and a baseline.

    Attributes
    ----------
    status : Status
        Of all treatments together: *present* where the claim holds for each, *absent* where it is refuted for each,
        *partial* where it holds in part or for some and is refuted for others, else *inconclusive*.
    reasons : tuple of Reason
        Why; empty for a plain *present*.
    notes : tuple of TableNote
        What the reader must know about the table.
    rows : tuple of Against
        One per treatment.
    groups : tuple of GroupRuns
        The runs of each condition: treatments, baseline, controls.
    population : str
        What the claim generalises over: ``"runs"``, ``"items"`` or ``"both"``.
    correction : str
        How p-values were corrected for the number of treatments: ``"holm"``, ``"dunnett"`` or ``"none"``.
    unit : str
        The metric, with its scale.
    signature : Signature
        What was claimed.
    provenance : Provenance
        What is needed to repeat it.
    """

    def __str__(self) -> str:
        """Return status, claim and reasons as one line."""
        from sigstats.studies.baseline.phrases import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per treatment: runs, means, difference with bounds, ratio, p-value and status."""
        from sigstats.studies.baseline.frame import frame

        return frame(self)

    def methods(self) -> "Defence":
        """Return methods, result, and what it does not show, for a paper; every number is one of the comparison.

        Printed, it is plain text; ``methods().to_markdown()`` is Markdown, ``methods().to_latex()`` LaTeX.
        """
        from sigstats.studies.baseline.defence import methods

        return methods(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: the runs of each condition, and beside them the difference with its interval."""
        from sigstats.studies.baseline.figure import comparison_figure

        return comparison_figure(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.baseline.words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name."""
        from sigstats.report.json import fields

        shape = self.signature.shape
        signature = {**fields(self.signature), "shape": {"name": shape.name, **shape.options()}}
        if isinstance(self.signature.min_effect, Share):
            signature["min_effect"] = str(self.signature.min_effect)
        provenance = {**fields(self.provenance), "versions": dict(self.provenance.versions)}
        return {**fields(self), "signature": signature, "provenance": provenance}
