"""How often each verdict came on simulated sweeps: the record that reports read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sigstats.signature.signature import Signature
from sigstats.stats.by_value import by_value
from sigstats.studies.simulation.plan import Plan
from sigstats.studies.simulation.truth import Truth
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    import pandas as pd

Z_999 = 3.29


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """A calibration without its reports; `Calibration` lists the attributes."""

    plan: Plan = field(repr=False)
    signature: Signature = field(repr=False)
    truth: Truth
    replications: int
    counts: dict[tuple[str, str], int]
    wrong: dict[str, int]
    lines: dict[str, int]
    entropy: int

    def rate(self, status: str, reason: str | None = None) -> float:
        """Return how often a status (with a reason) came.

        Parameters
        ----------
        status : str
            ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``.
        reason : str or None
            A reason that must be among those given; None means any.

        Returns
        -------
        float
            Share of the replications.
        """
        Status(status)
        hits = [
            n
            for (s, reasons), n in self.counts.items()
            if s == status and (reason is None or reason in reasons.split("+"))
        ]
        return sum(hits) / self.replications

    @property
    def wrong_rate(self) -> float:
        """How often a definite verdict was wrong, whichever statement it made."""
        return sum(self.wrong.values()) / self.replications

    @property
    def worst_statement(self) -> float:
        """Largest rate at which any one statement was made falsely; the promise is that it is at most alpha."""
        return max(self.wrong.values(), default=0) / self.replications

    def margin_of_error(self, rate: float) -> float:
        """Return the half-width within which a rate is known, at one false alarm in a thousand.

        Parameters
        ----------
        rate : float
            The rate, in [0, 1].

        Returns
        -------
        float
            3.29 binomial standard errors.
        """
        return Z_999 * float(np.sqrt(max(rate * (1.0 - rate), 0.0) / self.replications))

    def table(self) -> "pd.DataFrame":
        """Return one row per status and reason, with its share and the margin of error."""
        import pandas as pd

        rows = [
            {
                "status": s,
                "reasons": r,
                "share": n / self.replications,
                "error": self.margin_of_error(n / self.replications),
            }
            for (s, r), n in sorted(self.counts.items())
        ]
        return pd.DataFrame(rows, columns=["status", "reasons", "share", "error"])
