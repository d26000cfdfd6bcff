"""From curves to the course of an effect: one linear score per seed at every level of a second column.

A claim that an effect fades is a claim about the effect itself, so the effect of each seed becomes the metric, and the
column along which it should fade becomes the knob.
"""

import dataclasses
from typing import Any

import numpy as np

from sigstats.data.table.planned import against_plan
from sigstats.data.table.roles import Argument
from sigstats.data.table.sweep import LEVEL_TOLERANCE, SweepTable, table_along
from sigstats.errors import Problem, SignatureError, TableError
from sigstats.evidence.conditions import MIN_LEVELS
from sigstats.evidence.scales import on_metric_scale, rescaled_knob
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.linear import linear_scores

CLOSE = 1e-6
BY = Argument(
    name="`by` of the shape 'fades'",
    column="the `by` column",
    holds="along which the effect fades",
    keyword="shape={'name': 'fades', 'by': ...}",
)


def effects_along(data: Any, signature: Signature, by: str) -> SweepTable:  # noqa: ANN401 - see detect
    """Return a table whose metric is each seed's effect, and whose knob is the column along which it should fade."""
    if isinstance(data, SweepTable):
        raise SignatureError(
            "`shape` is 'fades', which needs a further column, but a SweepTable was given. Pass the data frame."
        )
    columns = _columns(signature)
    outer = cells_along(data, signature, by)
    single = [_at(data, signature, by, level, _tolerance(outer.levels), columns) for level in outer.levels]
    if signature.item is not None:
        _require_same_items([outer, *single], by, signature.item)
    knob = np.unique(np.concatenate([table.levels for table in single]))
    x = rescaled_knob(knob, signature.knob_scale, single[0].knob)
    scored = {name: _course(name, outer.seeds(name), single, knob, x, signature) for name in outer.conditions}
    if not any(np.isfinite(course).any() for course in scored.values()):
        problem = Problem(
            code="NO_EFFECT",
            column=by,
            message=f"no seed was seen at {MIN_LEVELS} levels of {single[0].knob!r}, at any level of {by!r}",
            remedy="An effect needs seeds whose labels recur across levels of the knob.",
        )
        raise TableError([problem])
    kept = {name: np.atleast_1d(np.isfinite(course).any(axis=1)) for name, course in scored.items()}
    made = SweepTable.from_matrices(
        outer.levels,
        {name: course[kept[name]] for name, course in scored.items()},
        seeds={name: [s for s, k in zip(outer.seeds(name), kept[name], strict=True) if k] for name in scored},
    )
    notes = tuple(dict.fromkeys(note for table in single for note in table.notes))
    if signature.planned_levels is not None and not single[0].level_names:
        unplanned = against_plan(knob, signature.planned_levels, single[0].knob, LEVEL_TOLERANCE)
        notes += () if unplanned is None else (unplanned,)
    scale = "" if signature.metric_scale == "linear" else f"{signature.metric_scale} "
    return dataclasses.replace(made, knob=by, metric=f"effect on {scale}{outer.metric}", notes=notes)


def _require_same_items(tables: list[SweepTable], by: str, item: str) -> None:
    """Refuse items that some cells lack: what is left of them would differ along the column."""
    notes = [{note.code: note.count for note in table.notes} for table in tables]
    if "items_left_out" in notes[0] or len({each["items_averaged"] for each in notes}) > 1:
        problem = Problem(
            code="ITEMS_DIFFER",
            column=item,
            message=f"some runs lack items that others have, so that items would differ along {by!r}",
            remedy="Leave out these items or runs with `where`.",
        )
        raise TableError([problem])


def cells_along(data: Any, signature: Signature, by: str) -> SweepTable:  # noqa: ANN401 - see detect
    """Return a table of the metric itself along the column, averaged over the knob."""
    if by == (signature.knob or "knob"):
        raise SignatureError(
            f"`by` of the shape 'fades' is {by!r}, which is the knob itself; the effect of the knob fades along "
            "another column. Name that one."
        )
    given = {"knob": by, **_columns(signature)}
    return table_along(data, BY, given, signature.where or {}, "mean", signature.in_use)


def _columns(signature: Signature) -> dict[str, Any]:
    given = {name: getattr(signature, name) for name in ("metric", "seed", "condition")}
    return given | ({} if signature.item is None else {"item": signature.item})


def _tolerance(levels: FloatArray) -> float:
    return CLOSE * float(np.diff(levels).min(initial=np.inf)) if levels.size > 1 else CLOSE


def _at(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature,
    by: str,
    level: float,
    tolerance: float,
    columns: dict[str, Any],
) -> SweepTable:
    where = dict(signature.where or {}) | {
        by: {"min": float(level - tolerance), "max": float(level + tolerance)}
    }
    return SweepTable.from_frame(
        data,
        knob=signature.knob,
        where=where,
        aggregate=signature.aggregate,
        conditions=signature.in_use,
        levels=signature.order,
        **columns,
    )


def _course(
    name: str,
    seeds: tuple[str, ...],
    single: list[SweepTable],
    knob: FloatArray,
    x: FloatArray,
    signature: Signature,
) -> FloatArray:
    """Return the effect of each seed of a condition at each level of the column, NaN where it is missing."""
    course = np.full((len(seeds), len(single)), np.nan)
    rows = {seed: row for row, seed in enumerate(seeds)}
    for column, table in enumerate(single):
        if name not in table.conditions:
            continue
        curves = on_metric_scale(table.matrix(name), signature.metric_scale, table.metric)
        enough = np.isfinite(curves).sum(axis=1) >= MIN_LEVELS
        if not enough.any():
            continue
        places = x[np.searchsorted(knob, table.levels)]
        found = linear_scores(curves[enough], places)
        at = [rows[seed] for seed, used in zip(table.seeds(name), enough, strict=True) if used]
        course[at, column] = found
    return course
