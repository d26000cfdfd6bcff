"""Levels that were planned, against those that a table has."""

from collections.abc import Sequence

import numpy as np

from sigstats.data.table.cells import FloatArray, TableNote, merge_levels

CODE = "levels_not_as_planned"
MOST_LISTED = 6


def against_plan(
    levels: FloatArray, planned: Sequence[float], knob: str, tolerance: float
) -> TableNote | None:
    """Return a note on planned levels that were not run, and on others that were; None where both agree."""
    plan = np.unique(np.asarray(planned, dtype=float))
    values, inverse = np.unique(np.concatenate([plan, levels]), return_inverse=True)
    merged, place = merge_levels(values, tolerance)
    wanted, run = place[inverse[: plan.size]], place[inverse[plan.size :]]
    left_out, added = merged[np.setdiff1d(wanted, run)], merged[np.setdiff1d(run, wanted)]
    parts = ((left_out, "planned and not run"), (added, "run and not planned"))
    said = [_said(found.tolist(), what) for found, what in parts if found.size]
    if not said:
        return None
    count = int(left_out.size + added.size)
    return TableNote(code=CODE, count=count, message=f"Of the levels of {knob}, {'; '.join(said)}.")


def _said(levels: Sequence[float], what: str) -> str:
    shown = [f"{level:g}" for level in levels[:MOST_LISTED]]
    if len(levels) > MOST_LISTED:
        shown.append(f"{len(levels) - MOST_LISTED} more")
    if len(shown) == 1:
        return f"{shown[0]} was {what}"
    return f"{', '.join(shown[:-1])} and {shown[-1]} were {what}"
