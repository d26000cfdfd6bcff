"""The public answer to a forecast, and the reports on it."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.stats.by_value import by_value
from sigstats.studies.forecast.record import ForecastRecord
from sigstats.verdict.answered import Answered

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Forecast(Drawn, Answered, ForecastRecord):
    """What a law that was fitted to low levels predicts at higher ones, and how far it is off.

    Attributes
    ----------
    status : Status or None
        Of the claim that the law predicts every level within the declared part: ``"present"``, ``"absent"``,
        ``"partial"`` or ``"inconclusive"``. None where none of the levels was run.
    reasons : tuple of Ground
        Why.
    notes : tuple of Note
        What else the reader must know.
    signature : Signature
        What was predicted.
    law : str
        The law that was fitted.
    to : tuple of float
        Levels that were predicted.
    within : float
        Largest error that the claim allows, as a part of the observed mean.
    alpha : float
        Error rate of each one-sided statement; intervals have confidence ``1 - 2 * alpha``.
    design : {"repeated", "independent"}
        Whether seeds were followed over levels, or every run was fresh.
    fits : tuple of FittedLaw
        The law in each condition.
    levels : tuple of ForecastLevel
        Prediction, observed mean and error at every predicted level of every condition.
    rivals : tuple of RivalLevel
        What the naive rivals predict there.
    duels : tuple of Duel
        Whether the law is nearer than each rival, at the largest level that was run.
    seeds_needed : int or None
        Where the claim is open: seeds with which a law that is exact would be shown to be within the declared part,
        with a probability of 0.8.
    left_out : tuple of float
        Levels that were neither fitted nor predicted.
    fitted_hash : str
        SHA-256 of the runs that the law was fitted to.
    provenance : Provenance
        What is needed to repeat it.
    drawn : tuple of Drawn
        What the figure shows; not written to JSON.
    """

    def __str__(self) -> str:
        """Return the answer as one line."""
        from sigstats.studies.forecast.words import headline

        return headline(self)

    def settle(self, data: Any) -> "Forecast":  # noqa: ANN401 - any data frame that narwhals knows
        """Judge the forecast by runs that were made after it.

        Parameters
        ----------
        data : data frame
            The runs that the law was fitted to, as they were, and new ones at the predicted levels.

        Returns
        -------
        Forecast
            The same forecast, with errors and a status.

        Raises
        ------
        OptionError
            If the runs below the predicted levels are not those that the forecast was made from.
        """
        from sigstats.studies.forecast.run import settled

        return with_reports(settled(self, data))

    def table(self) -> "pd.DataFrame":
        """Return a row per level: prediction, observed mean, errors, with bounds, and the errors of the rivals."""
        from sigstats.studies.forecast.frame import table

        return table(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: runs and laws, solid where fitted and dashed beyond, and the errors below."""
        from sigstats.studies.forecast.figure import forecast_figure

        return forecast_figure(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.forecast.words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name, and the sentence."""
        from sigstats.studies.forecast.words import record

        return record(self)


def with_reports(found: ForecastRecord) -> Forecast:
    """Return a forecast with its reports."""
    return Forecast(**{each.name: getattr(found, each.name) for each in fields(found)})
