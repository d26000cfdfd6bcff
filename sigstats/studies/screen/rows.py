"""What is known of many answers, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.cells import FloatArray, IntArray, ObjectArray
from sigstats.evidence.reason import Reason
from sigstats.studies.answers.pvalues import Answer, denied_pvalue, present_pvalue
from sigstats.studies.answers.sizes import estimate_of
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

STATUSES = tuple(Status)
CODE = {status: place for place, status in enumerate(STATUSES)}
UNKNOWN = -1  # where there is no status
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One row per answer; all columns have shape (n,)."""

    status: NDArray[np.int8]  # place in STATUSES, UNKNOWN where the table could not be analysed
    rule: NDArray[np.int8]  # number of the row of the verdict table, 0 where none decided
    reasons: ObjectArray  # a tuple of Reason in each
    effect: FloatArray  # oriented: positive means the predicted direction; NaN where not known
    low: FloatArray  # ends of its interval, NaN where the data give none
    high: FloatArray
    pvalue: FloatArray  # of all that *present* claims, as `present_pvalue`
    absent_pvalue: FloatArray  # of what *absent* says, 1 where the status is *partial*
    problem: ObjectArray  # what kept the table from being analysed, None where nothing did

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.status.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, as it is gathered from one answer."""

    status: int = UNKNOWN
    rule: int = 0
    reasons: tuple[Reason, ...] = ()
    effect: float = NAN
    low: float = NAN
    high: float = NAN
    pvalue: float = 1.0
    absent_pvalue: float = 1.0
    problem: str | None = None


TYPES = {"status": np.int8, "rule": np.int8, "reasons": object, "problem": object}


def fields_of_rows() -> tuple[str, ...]:
    """Return the names of the columns."""
    return tuple(each.name for each in fields(Rows))


def row_of(answer: Answer) -> Row:
    """Return what a screen keeps of one answer."""
    estimate = estimate_of(answer)
    effect, low, high = (NAN, NAN, NAN) if estimate is None else (estimate.value, estimate.low, estimate.high)
    return Row(
        status=CODE[answer.status],
        rule=answer.rule if isinstance(answer, Verdict) else 0,
        reasons=answer.reasons,
        effect=effect,
        low=low,
        high=high,
        pvalue=present_pvalue(answer),
        absent_pvalue=1.0 if answer.status is Status.PARTIAL else denied_pvalue(answer),
    )


def stacked(rows: Sequence[Row]) -> Rows:
    """Return rows as columns."""
    columns = {}
    for each in fields(Rows):
        column = np.empty(len(rows), dtype=TYPES.get(each.name, np.float64))
        for place, row in enumerate(rows):
            column[place] = getattr(row, each.name)
        columns[each.name] = column
    return Rows(**columns)


def placed(parts: Sequence[Rows], places: IntArray, n: int) -> Rows:
    """Return `n` rows of which those at some places are the rows of all parts, and the others hold nothing."""
    columns = {}
    for each in fields(Rows):
        column = np.empty(n, dtype=TYPES.get(each.name, np.float64))
        column[:] = [getattr(Row(), each.name)] * n if each.name == "reasons" else getattr(Row(), each.name)
        if parts:
            column[places] = np.concatenate([getattr(part, each.name) for part in parts])
        columns[each.name] = column
    return Rows(**columns)


def interleaved(parts: Sequence[Rows]) -> Rows:
    """Return the first row of each part, then the second of each, and so on."""
    return Rows(
        **{
            each.name: np.stack([getattr(part, each.name) for part in parts], axis=1).ravel()
            for each in fields(Rows)
        }
    )
