"""From the data that a caller hands in to the sweep table that a signature is about."""

from dataclasses import replace
from typing import Any

import numpy as np

from sigstats.data.table.planned import against_plan
from sigstats.data.table.sweep import LEVEL_TOLERANCE, SweepTable, only_conditions
from sigstats.errors import SignatureError, option
from sigstats.signature.signature import Signature


def read_table(data: Any, signature: Signature) -> SweepTable:  # noqa: ANN401 - see detect
    """Return the sweep table that a signature is about; its values lie within the bounds that were declared."""
    table = _read(data, signature)
    if signature.shape.along is None:
        _check_bounds(table, signature)
        return _held_against_plan(table, signature)
    return table


def _held_against_plan(table: SweepTable, signature: Signature) -> SweepTable:
    """Return the table with a note where its levels are not those that were planned."""
    planned = signature.planned_levels
    if planned is None or table.level_names:
        return table
    note = against_plan(table.levels, planned, table.knob, LEVEL_TOLERANCE)
    return table if note is None else replace(table, notes=(*table.notes, note))


def _check_bounds(table: SweepTable, signature: Signature) -> None:
    """Refuse bounds of the metric that the table does not keep."""
    if signature.bounds is None or signature.bounds == "none":
        return
    low, high = signature.bounds
    for condition in table.conditions:
        cells = table.matrix(condition)
        outside = np.argwhere((cells < low) | (cells > high))
        if outside.size:
            row, column = outside[0]
            level = float(table.levels[column])
            raise SignatureError(
                f"`bounds` is [{low:g}, {high:g}], but {table.metric} is {cells[row, column]:g} in seed "
                f"{table.seeds(condition)[row]!r} of {condition!r} at {table.knob} = "
                f"{dict(table.level_names).get(level, format(level, 'g'))}; "
                f"declared bounds must hold for every value. Correct them, or declare {option('bounds', 'none')}."
            )


def _check_names(table: SweepTable, signature: Signature) -> None:
    """Refuse names that are not those of a table which has been read: a report would speak of something else."""
    for role in ("knob", "metric", "seed", "condition"):
        asked, own = getattr(signature, role), getattr(table, role)
        if asked is not None and own is not None and asked != own:
            raise SignatureError(
                f"`{role}` is {asked!r}, but the {role} of this SweepTable is {own!r}. Leave `{role}` out, or give the "
                f"data frame instead of the table."
            )


def _read(data: Any, signature: Signature) -> SweepTable:  # noqa: ANN401 - see detect
    if signature.shape.along is not None:
        from sigstats.evidence.fading import effects_along

        return effects_along(data, signature, signature.shape.along)
    if signature.shape.against_baseline:
        raise SignatureError(
            f"the claim {signature.shape.name!r} has no knob: it compares treatments with the baseline "
            f"{signature.baseline!r}. Use sigstats.compare(data, signature)."
        )
    used = signature.in_use
    if isinstance(data, SweepTable):
        if signature.where or signature.aggregate or signature.order or signature.item:
            raise SignatureError(
                "`where`, `aggregate`, `item` and `levels` work on a data frame, and a SweepTable was given. "
                "Pass them to SweepTable.from_frame instead."
            )
        _check_names(data, signature)
        return data if used is None else only_conditions(data, used)
    return SweepTable.from_frame(
        data,
        knob=signature.knob,
        metric=signature.metric,
        seed=signature.seed,
        condition=signature.condition,
        item=signature.item,
        where=signature.where,
        aggregate=signature.aggregate,
        conditions=used,
        levels=signature.order,
    )
