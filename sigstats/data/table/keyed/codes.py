"""Labels as whole numbers, found without making a Python object of each."""

from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.data.table.cells import IntArray, id_text
from sigstats.data.table.grouping import WIDE, labels_of

DENSE = 4  # size of a table of all possible numbers, per number


def codes_of(series: nw.Series[Any]) -> tuple[IntArray, list[Any]]:
    """Return the place of each label among the distinct ones, -1 where it is missing, and these in no order."""
    dtype, implementation = series.dtype, series.implementation
    native = series.to_native()
    if (dtype.is_numeric() or dtype == nw.Boolean) and dtype not in WIDE and not dtype.is_decimal():
        if not series.null_count():
            return _numbers(series.to_numpy())
    elif implementation.is_pandas():
        codes, found = pd.factorize(native, use_na_sentinel=True)
        return codes, found.tolist()
    elif implementation.is_pyarrow() and dtype == nw.String:
        coded = native.combine_chunks().dictionary_encode()
        return coded.indices.fill_null(-1).to_numpy().astype(np.int64), coded.dictionary.to_pylist()
    elif implementation.is_polars() and dtype == nw.String and not series.null_count():
        import polars as pl

        codes, _ = pd.factorize(native.cast(pl.Categorical).to_physical().to_numpy())
        return codes, _labels_at(series, codes)
    codes, found = pd.factorize(labels_of(series), use_na_sentinel=True)
    return codes, found.tolist()


def _numbers(values: npt.NDArray[Any]) -> tuple[IntArray, list[Any]]:
    """Return the places of numbers among the distinct ones; of whole numbers that lie close by counting."""
    if values.dtype.kind in "iu" and values.size:
        low, high = int(values.min()), int(values.max())
        if high - low < max(DENSE * values.size, 1000):
            at = values.astype(np.int64) - low
            seen = np.zeros(high - low + 1, dtype=bool)
            seen[at] = True
            return (np.cumsum(seen) - 1)[at], (np.flatnonzero(seen) + low).tolist()
    codes, found = pd.factorize(values, use_na_sentinel=True)
    return codes, found.tolist()


def _labels_at(series: nw.Series[Any], codes: IntArray) -> list[Any]:
    """Return the label of each code, by the first place where it occurs."""
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(codes.size)[::-1]
    return series[first.tolist()].to_list() if first.size else []


def ids_of(series: nw.Series[Any]) -> tuple[IntArray, tuple[str, ...]]:
    """Return the place of each id among the sorted ids, -1 where it is missing, and these."""
    raw, found = codes_of(series)
    texts = [id_text(each) for each in found]
    names = tuple(sorted({text for text in texts if text is not None}))
    place = {name: at for at, name in enumerate(names)}
    lookup = np.array([-1 if text is None else place[text] for text in texts] + [-1], dtype=np.int64)
    return lookup[raw], names
