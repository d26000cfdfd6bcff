"""Columns of a table on which a claim may depend: those by which a sweep falls into several whole sweeps."""

from typing import Any

import narwhals as nw

from sigstats.data.table import frames
from sigstats.data.table.columns import open_sheet
from sigstats.data.table.sweep import SweepTable
from sigstats.signature.signature import COLUMNS, Signature

MOST_VALUES = 12
MOST_COLUMNS = 3
FEWEST = {"seed": 3, "knob": 3}


def moderators(data: Any, signature: Signature) -> tuple[str, ...]:  # noqa: ANN401 - see detect
    """Return the first columns beside those in use in whose every value there is a sweep: seeds, levels, conditions."""
    if isinstance(data, SweepTable) or signature.shape.along is not None:
        return ()
    source, where = frames.adopt(data), signature.where or {}
    roles = {role: getattr(signature, role) or role for role in COLUMNS}
    used = {*roles.values(), *where}
    others = [label for label in source.labels if isinstance(label, str) and label not in used]
    named = {role: label for role, label in roles.items() if label in source.labels}
    frame, filters, problems = open_sheet(
        source, {**named, **{f"by{at}": label for at, label in enumerate(others)}}, where
    )
    if problems or not others:
        return ()
    rows = frames.collect(frame.filter(*(each.keep for each in filters)) if filters else frame)
    if signature.in_use is not None and "condition" in named:
        rows = rows.filter(nw.col("condition").cast(nw.String).is_in(signature.in_use))
    found = (label for at, label in enumerate(others) if _splits(rows, f"by{at}", [*named]))
    return tuple(label for _, label in zip(range(MOST_COLUMNS), found, strict=False))


def _splits(rows: "nw.DataFrame[Any]", column: str, roles: list[str]) -> bool:
    """Return whether every value of a column has seeds and levels for a sweep, and all conditions."""
    values = rows[column]
    if values.dtype.is_float() or values.dtype.is_nested() or values.null_count():
        return False
    if not 2 <= values.n_unique() <= MOST_VALUES:
        return False
    whole = {role: rows[role].n_unique() if role == "condition" else FEWEST.get(role, 1) for role in roles}
    parts = (rows.filter(nw.col(column) == value) for value in values.unique().to_list())
    return all(part[role].n_unique() >= fewest for part in parts for role, fewest in whole.items())
