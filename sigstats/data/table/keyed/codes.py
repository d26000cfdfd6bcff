"""Labels as whole numbers, found without making a Python object of each."""

from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.data.table.cells import IntArray, id_text
from sigstats.data.table.frames import TEXT
from sigstats.data.table.grouping import WIDE, labels_of

DENSE = 4  # size of a table of all possible numbers, per number


def codes_of(series: nw.Series[Any]) -> tuple[IntArray, list[Any]]:
    """Return the place of each label among the distinct ones, -1 where it is missing, and these in no order."""
    dtype, implementation = series.dtype, series.implementation
    native = series.to_native()
    if (dtype.is_numeric() or dtype == nw.Boolean) and dtype not in WIDE and not dtype.is_decimal():
        if not series.null_count():
            return number_codes(series.to_numpy())
    elif implementation.is_pandas():
        codes, found = pd.factorize(native, use_na_sentinel=True)
        return codes, found.tolist()
    elif implementation.is_pyarrow() and dtype in TEXT:
        return _arrow_codes(native)
    elif implementation.is_polars() and dtype in TEXT:
        return _polars_codes(native)
    codes, found = pd.factorize(labels_of(series), use_na_sentinel=True)
    return codes, found.tolist()


def number_codes(values: npt.NDArray[Any]) -> tuple[IntArray, list[Any]]:
    """Return the places of numbers among the distinct ones; of whole numbers that lie close by counting."""
    whole = values
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            whole = values.astype(np.int64)
        whole = whole if (whole == values).all() else values
    if whole.dtype.kind in "iu" and whole.size:
        low, high = int(whole.min()), int(whole.max())
        if high - low < max(DENSE * whole.size, 1000):
            at = whole.astype(np.int64, copy=False) - low
            seen = np.zeros(high - low + 1, dtype=bool)
            seen[at] = True
            found = (np.flatnonzero(seen) + low).astype(values.dtype).tolist()
            return (at if seen.all() else (np.cumsum(seen) - 1)[at]), found
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    return codes, distinct.tolist()


def _arrow_codes(column: Any) -> tuple[IntArray, list[Any]]:  # noqa: ANN401 - of pyarrow, which has no stubs
    """Return the codes of words in an Arrow table."""
    coded = column.unify_dictionaries().combine_chunks()
    if not hasattr(coded, "dictionary"):
        coded = coded.dictionary_encode()
    words, codes = coded.dictionary.to_pylist(), coded.indices
    if codes.null_count:
        codes = codes.cast("int64").fill_null(len(words))
    return _used(codes.to_numpy(), words)


def _polars_codes(column: Any) -> tuple[IntArray, list[Any]]:  # noqa: ANN401 - of polars, which is not imported here
    """Return the codes of words in a polars frame."""
    import polars as pl

    coded = column.cast(pl.Categorical) if column.dtype == pl.String else column
    distinct = coded.unique().drop_nulls()
    places, words = distinct.to_physical().cast(pl.Int64).to_numpy(), distinct.cast(pl.String).to_list()
    size = int(places.max(initial=-1)) + 1
    known: list[Any] = [None] * size
    for place, word in zip(places.tolist(), words, strict=True):
        known[place] = word
    codes = coded.to_physical()
    if codes.null_count():
        codes = codes.cast(pl.Int64).fill_null(size)
    return _used(codes.to_numpy(), known)


def _used(codes: npt.NDArray[Any], words: list[Any]) -> tuple[IntArray, list[Any]]:
    """Return the codes among those words that occur; -1 for what is beyond all words, and for words that are None."""
    count = np.bincount(codes, minlength=len(words) + 1)[: len(words)]
    used = [at for at, n in enumerate(count.tolist()) if n and words[at] is not None]
    lookup = np.full(len(words) + 1, -1, dtype=np.int64)
    lookup[used] = np.arange(len(used))
    return lookup[codes], [words[at] for at in used]


def ids_of(series: nw.Series[Any]) -> tuple[IntArray, tuple[str, ...]]:
    """Return the place of each id among the sorted ids, -1 where it is missing, and these."""
    raw, found = codes_of(series)
    texts = [id_text(each) for each in found]
    names = tuple(sorted({text for text in texts if text is not None}))
    place = {name: at for at, name in enumerate(names)}
    lookup = np.array([-1 if text is None else place[text] for text in texts] + [-1], dtype=np.int64)
    return lookup[raw], names
