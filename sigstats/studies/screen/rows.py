"""What is known of many answers, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.data.table.cells import FloatArray, IntArray, ObjectArray
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.studies.answers.pvalues import Answer, denied_pvalue, present_pvalue
from sigstats.studies.answers.sizes import estimate_of
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict
from sigstats.verdict.words.names import is_sized

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
    df: FloatArray  # degrees of freedom with which t gives that interval; NaN where it is made in another way
    pvalue: FloatArray  # of all that *present* claims, as `present_pvalue`
    absent_pvalue: FloatArray  # of what *absent* says, 1 where the status is *partial*
    problem: ObjectArray  # what kept the table from being analysed, None where nothing did

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.status.size)

    def take(self, at: IntArray) -> "Rows":
        """Return some of the rows."""
        return Rows(**{each.name: getattr(self, each.name)[at] for each in fields(Rows)})

    def stretched(self, signature: Signature, share: float) -> tuple[FloatArray, FloatArray]:
        """Return the ends of all intervals with a share of their error rate; NaN where t does not give them."""
        tail = signature.alpha / (2.0 if signature.shape.two_sided else 1.0)
        known = np.where(np.isnan(self.df), 1.0, self.df)
        ratio = special.stdtrit(known, 1.0 - share * tail) / special.stdtrit(known, 1.0 - tail)
        half = np.where(np.isnan(self.df), np.nan, ratio * (self.high - self.low) / 2.0)
        return self.effect - half, self.effect + half


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, as it is gathered from one answer."""

    status: int = UNKNOWN
    rule: int = 0
    reasons: tuple[Reason, ...] = ()
    effect: float = NAN
    low: float = NAN
    high: float = NAN
    df: float = NAN
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
        df=NAN if estimate is None else _df_of(answer),
        pvalue=present_pvalue(answer),
        absent_pvalue=1.0 if answer.status is Status.PARTIAL else denied_pvalue(answer),
    )


def _df_of(answer: Answer) -> float:
    """Return the degrees of freedom of an estimate's interval, where it is that of t at the signature's own level."""
    if not isinstance(answer, Verdict) or not is_sized(answer) or answer.evidence.interval is None:
        return NAN
    by_t = answer.signature.across_seeds == "mean" and answer.signature.looks is None
    return answer.evidence.interval.df if by_t else NAN


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
