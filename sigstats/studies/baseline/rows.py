"""The rows of a table as codes and numbers, and the runs of a condition."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.errors import Problem, TableError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Before the label of a column without a role.
OTHER = "other column "


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The runs of one condition."""

    seeds: tuple[str, ...]
    values: FloatArray = field(repr=False)  # shape (n_runs, n_items); one column without items


@dataclass(slots=True, kw_only=True)
class Rows:
    """The rows that count, as codes and numbers."""

    condition: IntArray
    seed: IntArray
    item: IntArray | None
    value: FloatArray
    names: dict[str, tuple[str, ...]]


def refusal(code: str, column: str | None, message: str, remedy: str, rows: Sequence[int] = ()) -> TableError:
    """Return the error of one problem."""
    return TableError([Problem(code=code, column=column, message=message, remedy=remedy, rows=tuple(rows))])


def reduced(value: FloatArray, run: IntArray, n_runs: int, aggregate: str | None) -> FloatArray:
    """Return one value per run."""
    if aggregate in (None, "mean"):
        return np.bincount(run, weights=value, minlength=n_runs) / np.bincount(run, minlength=n_runs)
    return pd.Series(value).groupby(run).agg(str(aggregate)).to_numpy(dtype=np.float64)
