"""Long delimited text, read by pyarrow where that is installed: as fast as the machine, and exact.

What pyarrow reads otherwise than the strict reader - quotes, hexadecimal and padded whole numbers, dates, whole
numbers beyond 64 bits - is found by checks on whole columns, and left to the strict reader.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

LONG = 2**20
BLOCK = 2 * 2**20
STRETCH = 2**16
EXACT = 2.0**53
TRUE, FALSE = ["True", "TRUE", "true"], ["False", "FALSE", "false"]


def read(data: bytes, header: Sequence[str], delimiter: str, missing: Sequence[str]) -> pd.DataFrame | None:
    """Return the columns of a long text; None if it is short, or asks for the strict reader."""
    if len(data) < LONG or len(header) < 2 or not all(header) or b'"' in data or delimiter == " ":
        return None
    try:
        import pyarrow as pa
    except ImportError:
        return None
    try:
        with ThreadPoolExecutor(1) as beside:
            padded = beside.submit(may_have_leading_zeros, data, delimiter)
            table = _table(data, delimiter, missing, {})
        if padded.result():
            return None
        again = {
            name: _retyped(kind) for name, kind in zip(table.column_names, table.schema.types, strict=True)
        }
        again = {name: kind for name, kind in again.items() if kind is not None}
        if again:
            table = _table(data, delimiter, missing, again)
    except pa.ArrowException:
        return None
    if table.column_names != list(header) or any(_is_odd(column) for column in table.columns):
        return None
    frame: pd.DataFrame = table.to_pandas(split_blocks=True)
    return None if any(_is_inexact(frame[name]) for name in frame.columns) else frame


def _table(data: bytes, delimiter: str, missing: Sequence[str], types: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the columns as pyarrow reads them."""
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(block_size=BLOCK),
        parse_options=csv.ParseOptions(delimiter=delimiter),
        convert_options=csv.ConvertOptions(
            check_utf8=False,  # checked before
            column_types=dict(types),
            null_values=list(missing),
            strings_can_be_null=True,
            true_values=TRUE,
            false_values=FALSE,
        ),
    )


def _retyped(kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the type that the strict reader gives to a column that pyarrow takes for dates or for nothing."""
    import pyarrow as pa

    if pa.types.is_null(kind):
        return pa.float64()
    return pa.string() if pa.types.is_temporal(kind) else None


def _is_odd(column: Any) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Return whether pyarrow made of a column what the strict reader would not."""
    from pyarrow import types

    kind = column.type
    same = types.is_int64(kind) or types.is_float64(kind) or types.is_string(kind)
    return not same and not (types.is_boolean(kind) and not column.null_count)


def _is_inexact(column: "pd.Series[Any]") -> bool:
    """Return whether a column of floats may hold whole numbers that lost digits."""
    if column.dtype != np.float64:
        return False
    values = column.to_numpy()
    with np.errstate(invalid="ignore"):
        return bool((values >= EXACT).any() or (values <= -EXACT).any())


def may_have_leading_zeros(data: bytes, delimiter: str) -> bool:
    """Return whether a field may start with 0 and a further digit or x, as 007 and 0x1F do."""
    codes = np.frombuffer(data, dtype=np.uint8)
    sign = ord(delimiter)
    if codes.size > 1 and codes[0] == ord("0") and _goes_on(codes[1:2])[0]:
        return True
    for start in range(0, codes.size - 2, STRETCH):
        part = codes[start : start + STRETCH + 2]
        # Blanks, quotes, signs, commas and line ends all come before the full stop and the digits.
        opens = part[:-2] <= ord("-")
        if sign > ord("-"):
            opens |= part[:-2] == sign
        zeros = np.flatnonzero(opens & (part[1:-1] == ord("0")))
        found = zeros[_goes_on(part[zeros + 2])]
        if found.size and _starts_field(codes, found + start):
            return True
    return False


def _goes_on(codes: Any) -> Any:  # noqa: ANN401 - arrays of bytes
    digit = (codes - np.uint8(ord("0"))) < 10
    return digit | (codes == ord("x")) | (codes == ord("X"))


def _starts_field(codes: Any, before: Any) -> bool:  # noqa: ANN401 - arrays of bytes and places
    """Return whether one of the zeros is no exponent, as in 1e-05."""
    signed = (codes[before] == ord("-")) | (codes[before] == ord("+"))
    earlier = codes[np.maximum(before - 1, 0)]
    exponent = signed & (before > 0) & ((earlier == ord("e")) | (earlier == ord("E")))
    return bool((~exponent).any())
