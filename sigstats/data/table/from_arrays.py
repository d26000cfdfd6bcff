"""Arrays made sweep tables: one row per run and level."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.data.table.frames import shorten
from sigstats.errors import OptionError, knows_keywords

__all__ = ["from_array"]


@knows_keywords
def from_array(
    values: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    knob: Sequence[Any],
    seeds: Sequence[Any] | None = None,
    conditions: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Make a sweep table of an array, with the columns ``condition``, ``seed``, ``knob`` and ``metric``.

    Parameters
    ----------
    values : array_like or mapping of str to array_like
        The metric, shape (n_seeds, n_levels) or (n_conditions, n_seeds, n_levels), NaN where missing; or one array of
        shape (n_seeds, n_levels) for each condition.
    knob : sequence
        The levels, shape (n_levels,).
    seeds : sequence, optional
        The ids of the seeds, shape (n_seeds,); by default 0, 1 and so on.
    conditions : sequence, optional
        The names of the conditions, shape (n_conditions,); needed for three axes.

    Returns
    -------
    pandas.DataFrame
        One row per value; the column ``condition`` only where there are conditions.

    Raises
    ------
    OptionError
        If the shapes do not fit together.

    See Also
    --------
    sigstats.from_wide : Does the same for wide tables.
    sigstats.SweepTable.from_matrices : Checks arrays without a frame in between.

    Examples
    --------
    >>> from_array([[0.5, 0.7], [0.4, 0.8]], knob=[1, 2])
       seed  knob  metric
    0     0     1     0.5
    1     0     2     0.7
    2     1     1     0.4
    3     1     2     0.8
    """
    if isinstance(values, Mapping):
        if conditions is not None:
            raise OptionError(
                "`conditions` was given beside a mapping, whose keys name the conditions. Leave it out."
            )
        if not values:
            raise OptionError("`values` is an empty mapping; it must map conditions to arrays.")
        if seeds is not None:
            distinct("seeds", seeds)
        tables = [_one_array(array, knob, seeds, f" of condition {name!r}") for name, array in values.items()]
        for name, table in zip(values, tables, strict=True):
            table.insert(0, "condition", name)
        return pd.concat(tables, ignore_index=True)
    array = _numbers(values, "")
    if array.ndim == 2 and conditions is None:
        return _one_array(array, knob, seeds, "")
    names = distinct("conditions", conditions) if conditions is not None else []
    if array.ndim != 3 or len(names) != array.shape[0]:
        raise OptionError(
            f"`values` has the shape {array.shape}, and there are {len(names)} conditions; it must be (n_seeds, "
            "n_levels), or (n_conditions, n_seeds, n_levels) with the names of the conditions: conditions=[...]."
        )
    tables = [_one_array(block, knob, seeds, "") for block in array]
    for name, table in zip(names, tables, strict=True):
        table.insert(0, "condition", name)
    return pd.concat(tables, ignore_index=True)


def _numbers(values: npt.ArrayLike, of: str) -> npt.NDArray[np.float64]:
    try:
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(values.astype(np.float64), np.nan)
        array = np.asarray(values)
        if array.dtype.kind == "c" or (
            array.dtype == object and any(isinstance(each, complex) for each in array.flat)
        ):
            raise OptionError(
                f"`values`{of} holds complex numbers; a metric must be real. Take the real part or modulus."
            )
        if array.dtype.kind not in "biuf":
            array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, OptionError):
            raise
        raise OptionError(f"`values`{of} is not an array of numbers with rows of equal length.") from None
    return array


def _one_array(
    values: npt.ArrayLike, knob: Sequence[Any], seeds: Sequence[Any] | None, of: str
) -> pd.DataFrame:
    """Return the rows of one array (n_seeds, n_levels)."""
    array = _numbers(values, of)
    levels = distinct("knob", knob)
    ids = list(range(array.shape[0] if array.ndim else 0)) if seeds is None else distinct("seeds", seeds)
    if array.shape != (len(ids), len(levels)):
        turned = array.ndim == 2 and array.shape[1] == len(ids) and array.shape[0] == len(levels)
        flipped = array.ndim == 2 and seeds is None and array.shape[0] == len(levels) != array.shape[1]
        hint = (
            " Its axes seem to be the other way round: turn it, as in values.T." if turned or flipped else ""
        )
        raise OptionError(
            f"`values`{of} has the shape {array.shape}, but there are {len(ids)} seeds and {len(levels)} levels; it "
            f"must be (n_seeds, n_levels).{hint}"
        )
    return pd.DataFrame(
        {
            "seed": np.repeat(np.asarray(ids), len(levels)),
            "knob": np.tile(np.asarray(levels), len(ids)),
            "metric": array.ravel(),
        }
    )


def distinct(name: str, given: object) -> list[Any]:
    """Return distinct labels, or refuse them."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise OptionError(f"`{name}` is {shorten(given)}; it must be a list.")
    ids = list(given)
    if len(set(map(str, ids))) < len(ids):
        raise OptionError(f"`{name}` names something twice: {shorten(ids)}; its entries must differ.")
    return ids
