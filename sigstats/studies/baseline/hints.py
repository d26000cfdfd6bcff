"""What a table of runs hints at: items that were taken for runs, and copies."""

import numpy as np
import pandas as pd

from sigstats.data.table.cells import TableNote
from sigstats.data.table.frames import plural
from sigstats.data.table.items import items_as_seeds, looked_at
from sigstats.studies.baseline.rows import OTHER, Runs


def guard(
    conditions: dict[str, Runs], labels: dict[str, str], frame: pd.DataFrame, n_items: int
) -> tuple[TableNote, ...]:
    """Return a note where the column of seeds looks like one of items."""
    if n_items:
        return ()
    n_seeds = max(len(runs.seeds) for runs in conditions.values())
    others = [name.removeprefix(OTHER) for name in frame.columns if name.startswith(OTHER)]
    chosen = looked_at(labels["seed"], n_seeds, others)
    columns_of = ((str(name), frame[f"{OTHER}{name}"].to_numpy()) for name in chosen)
    found = items_as_seeds(labels["seed"], n_seeds, frame["seed"].to_numpy(), columns_of)
    return () if found is None else (found,)


def copies(conditions: dict[str, Runs]) -> tuple[TableNote, ...]:
    """Return notes on runs that repeat another on every item, and on conditions with the same values."""
    notes = []
    seen: dict[tuple[bytes, ...], str] = {}
    for name, runs in conditions.items():
        if not np.ptp(runs.values) > 0:
            continue
        rows = sorted(row.tobytes() for row in runs.values)
        count = len(rows) - len(set(rows))
        if count and runs.values.shape[1] > 2:
            verb = "equals" if count == 1 else "equal"
            message = f"{plural(count, 'run')} of {name!r} {verb} another on every item: a copy counts twice."
            notes.append(TableNote(code="identical_runs", message=message, count=count))
        first = seen.setdefault(tuple(rows), name)
        if first != name:
            message = f"The conditions {first!r} and {name!r} have identical values: one may be a copy."
            notes.append(TableNote(code="identical_conditions", message=message, count=2))
    return tuple(notes)
