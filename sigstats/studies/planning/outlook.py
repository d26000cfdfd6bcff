"""What designs can find out: the result of `sigstats.plan`, with its reports."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.errors import OptionError, did_you_mean
from sigstats.report.reported import Reported
from sigstats.stats.by_value import by_value
from sigstats.studies.planning.record import Design, Obstacle, OutlookRecord, Prospect

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Style, WidthName


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Outlook(Reported, OutlookRecord):
    """What a design can find out, for every signature.

    Attributes
    ----------
    prospects : tuple of Prospect
        One for each signature: its noise, worlds and chances, the design, and the cheapest one.
    not_covered : tuple of (str or None, str)
        Signatures that could not be planned, with why.
    target : float
        Probability of *present* that was wanted, if all is as predicted.
    budget : float or None
        Most that a design may cost.
    replications : int
        Simulated sweeps for each truth.
    entropy : int
        Entropy of the random streams.
    """

    @property
    def unreachable(self) -> tuple[Obstacle, ...]:
        """Verdicts that a design can never reach, and why."""
        return tuple(obstacle for each in self.prospects for obstacle in each.unreachable)

    @property
    def at_risk(self) -> tuple[Obstacle, ...]:
        """Verdicts that may be out of reach, which cannot be told before the data."""
        return tuple(obstacle for each in self.prospects for obstacle in each.at_risk)

    def prospect(self, signature: str | None = None) -> Prospect:
        """Return what is known of one signature.

        Parameters
        ----------
        signature : str or None
            Its name; None where there is only one.

        Returns
        -------
        Prospect
            Its noise, worlds, chances and designs.
        """
        if signature is None and len(self.prospects) == 1:
            return self.prospects[0]
        names = tuple(each.name for each in self.prospects if each.name is not None)
        for each in self.prospects:
            if signature is not None and each.name == signature:
                return each
        hint = did_you_mean(str(signature), names)
        raise OptionError(f"`signature` is {signature!r}; the signatures are {names}. {hint}".rstrip())

    def cheapest(self, signature: str | None = None) -> Design | None:
        """Return the cheapest design that reaches the target.

        Parameters
        ----------
        signature : str or None
            Name of a signature; None where there is only one.

        Returns
        -------
        Design or None
            Seeds, levels, cost and probability; None where no design within the budget was found to reach the target.
        """
        return self.prospect(signature).cheapest

    def table(self) -> "pd.DataFrame":
        """Return a row per signature, truth, planned look and status.

        Returns
        -------
        pandas.DataFrame
            Columns: ``signature`` (where there are several), ``truth``, ``look`` (where looks are planned: the number
            of the look by which the verdict is given), ``status``, ``probability``, ``error`` (half-width of the
            95 % interval), ``reasons``.
        """
        import pandas as pd

        rows = [
            {
                "signature": prospect.name,
                "truth": each.truth,
                "look": each.look,
                "status": each.status.value,
                "probability": each.probability,
                "error": each.error,
                "reasons": ", ".join(f"{reason} {share:.3g}" for reason, share in each.reasons),
            }
            for prospect in self.prospects
            for each in prospect.chances
        ]
        names = ["signature", "truth", "look", "status", "probability", "error", "reasons"]
        frame = pd.DataFrame(rows, columns=names).astype({"look": "Int64"})
        one = len(self.prospects) + len(self.not_covered) == 1
        unused = [*(["signature"] if one else []), *(["look"] if frame["look"].isna().all() else [])]
        return frame.drop(columns=unused)

    def plot(
        self,
        signature: str | None = None,
        *,
        width: "float | WidthName | None" = None,
        title: bool | str = True,
        style: "Style | None" = None,
    ) -> "Figure":
        """Draw the probability of *present* over the number of seeds, with the cost as colour.

        Parameters
        ----------
        signature : str or None
            Name of a signature; None where there is only one.
        width : float, {"column", "page", "screen", "slide"} or None
            Width of the figure in inches, or the name of one; None chooses one for a screen.
        title : bool or str
            Whether the answer stands above the panels; or words in its place.
        style : str, mapping or None
            Name of a style of Matplotlib, or settings, on top of the report's own.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it as the result of a cell; save it with ``savefig``.
        """
        from sigstats.report.layout import layout
        from sigstats.studies.planning.figure import outlook_figure

        return outlook_figure(
            self.prospect(signature),
            target=self.target,
            asked=layout(width=width, title=title, style=style),
        )

    def __str__(self) -> str:
        """Return the advice on every signature as one line."""
        from sigstats.studies.planning.words import headline

        return headline(self)

    def _document(self) -> "Document":
        """Return the outlook in words."""
        from sigstats.studies.planning.words import tell

        return tell(self)

    def _record(self) -> dict[str, Any]:
        """Return everything by name, the table, and what to do next."""
        from sigstats.studies.planning.words import record

        return record(self)
