"""Where a signature holds, as data: what words, figures and formats read."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.studies.answers.pvalues import Answer
from sigstats.studies.scope.boundary import Boundary
from sigstats.studies.scope.cells import Moderators
from sigstats.studies.scope.statements import End
from sigstats.verdict.rules import Status


class Unsettled(enum.StrEnum):
    """Why nothing is said of a cell."""

    NOT_ANALYSED = "not analysed"
    INCONCLUSIVE = "inconclusive"
    IN_PART = "in part"
    CORRECTED = "not after correction"
    EARLIER_CELL = "an earlier cell is not settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeCell:
    """One cell, and whether the signature holds in it.

    Attributes
    ----------
    values : dict
        The values of the moderators.
    holds : bool or None
        True where the signature is shown to hold, False where it is shown not to hold, both after correction; else
        None.
    unsettled : Unsettled or None
        Why nothing is said: ``"not analysed"``, ``"inconclusive"``, ``"in part"``, ``"not after correction"``, or
        ``"an earlier cell is not settled"`` in a declared order. None where something is.
    pvalue_holds, pvalue_not : float
        p-value of the signature's holding in all its parts, and of its not holding; 1 where that was not tested.
    adjusted_holds, adjusted_not : float
        The same, adjusted over the cells.
    problem : str or None
        What kept the cell from being analysed.
    verdict : Verdict, Comparison or None
        The answer in this cell alone; None where there is a problem. Not written to JSON.
    """

    values: Mapping[str, Any]
    holds: bool | None
    unsettled: Unsettled | None
    pvalue_holds: float
    pvalue_not: float
    adjusted_holds: float
    adjusted_not: float
    problem: str | None = None
    verdict: Answer | None = field(default=None, repr=False, metadata={"json": False})

    @property
    def status(self) -> Status | None:
        """The status in this cell alone, without a correction."""
        return None if self.verdict is None else self.verdict.status

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of the verdict in this cell alone."""
        return () if self.verdict is None else tuple(self.verdict.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Rows to which the data suggest to narrow the signature.

    Attributes
    ----------
    where : dict
        The rows, as the `where` of a signature.
    data_hashes : tuple of str
        SHA-256 of these rows as a table, and of each cell among them: the data that cannot confirm what they suggested.
    """

    where: Mapping[str, Any]
    data_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRecord:
    """A scope without its reports; `Scope` lists the attributes."""

    signature: Signature
    moderators: Moderators
    holds_at: End | None
    alpha: float
    cells: tuple[ScopeCell, ...]
    boundaries: tuple[Boundary, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def holds(self) -> tuple[ScopeCell, ...]:
        """Cells in which the signature is shown to hold."""
        return tuple(each for each in self.cells if each.holds is True)

    @property
    def holds_not(self) -> tuple[ScopeCell, ...]:
        """Cells in which the signature is shown not to hold."""
        return tuple(each for each in self.cells if each.holds is False)

    @property
    def unknown(self) -> tuple[ScopeCell, ...]:
        """Cells in which neither is shown; `unsettled` says why."""
        return tuple(each for each in self.cells if each.holds is None)
