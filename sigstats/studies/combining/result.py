"""The public results on several studies, and the reports on them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.stats.by_value import by_value
from sigstats.studies.combining.record import CombinedRecord, ReplicationRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Combined(Drawn, CombinedRecord):
    """Several studies of one claim, put together.

    Attributes
    ----------
    studies : tuple of StudyEffect
        The effect of each, with its error.
    claim : str
        What was claimed.
    of : str
        ``"effect"``, or ``"contrast"``: treatment minus control.
    level : float
        Probability inside intervals.
    mean : Estimate
        Mean of the true effects over studies: posterior median and interval.
    next_study : Estimate
        True effect of a study that is not among these: posterior median and interval.
    between : Estimate
        Standard deviation between the true effects of studies: posterior median and interval.
    prob_positive, prob_next_positive : float
        Probability that the mean, and that the true effect of the next study, is above 0.
    heterogeneity : Heterogeneity
        Whether studies differ by more than their errors: Q, Welch's F, p-value, I2.
    contradiction : Contradiction
        Whether one study shows the opposite of another.
    pvalue_each : float
        P-value of some of these studies having a true effect of 0 or below: the largest of their one-sided p-values.
    findings : tuple of Finding
        What the studies show together, as data.
    margin : float or None
        The `min_effect` of all of them; None where they have none, or not the same.
    prior : str
        The prior of the standard deviation between studies.
    sensitivity : tuple of WithPrior
        The result at half and at twice the prior's scale.
    differing : tuple of str
        Fields in which the studies differ, and were allowed to.
    effective_draws : float
        Draws of the studies' variances that the posterior rests on.
    """

    def __str__(self) -> str:
        """Return the result as one line."""
        from sigstats.studies.combining.words import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per study, then the mean and the next study: effect with bounds, seeds and verdict."""
        from sigstats.studies.combining.frame import frame

        return frame(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the forest plot: a row per study, and below them what they say together."""
        from sigstats.studies.combining.figure import forest

        return forest(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.combining.words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name."""
        from sigstats.report.json import fields

        return fields(self)


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Replication(Drawn, ReplicationRecord):
    """A replication beside its original.

    Attributes
    ----------
    status : Agrees
        ``"agrees"``, ``"disagrees"`` or ``"cannot_tell"``.
    reasons : tuple of Ground
        Why, and what else is known.
    original, new : StudyEffect
        The two effects, with their errors.
    claim : str
        What the original claimed.
    of : str
        ``"effect"``, or ``"contrast"``: treatment minus control.
    level : float
        Confidence of intervals.
    prediction : Estimate
        Where the new estimate lies if both studies measure the same effect: the original with the errors of both.
    difference : Estimate
        New minus original.
    pvalue : float
        Two-sided p-value of both having the same true effect.
    margin : float or None
        Difference that would matter.
    pvalue_within : float
        P-value of true effects that differ by the margin or more; NaN without a margin.
    pvalue_opposite : float
        One-sided p-value of the new effect not being opposite to the original's estimate.
    detectable : float
        Effect that the new study shows with 80 % power, at its own standard error.
    power : float
        Power of the new study if the original's estimate is the truth.
    smallest_original : float
        Effect that the original shows with a power of one third: the smallest that it could be said to have seen.
    pvalue_undetectable : float
        One-sided p-value of the new effect being at least that large.
    detectable_difference : float
        Difference between the studies that is found with 80 % power.
    differing : tuple of str
        Fields in which the studies differ, and were allowed to.
    """

    def __str__(self) -> str:
        """Return the answer as one line."""
        from sigstats.studies.combining.replication_words import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return a row for the original, the new study, their difference and the prediction."""
        from sigstats.studies.combining.frame import replication_frame

        return replication_frame(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return both effects, and the prediction interval of the original."""
        from sigstats.studies.combining.figure import replication_figure

        return replication_figure(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.combining.replication_words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name."""
        from sigstats.report.json import fields

        return fields(self)
