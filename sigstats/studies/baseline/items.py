"""Items within runs: the same in all runs, or nested in them."""

from collections.abc import Sequence

import numpy as np

from sigstats.data.table.cells import TableNote
from sigstats.data.table.common_items import Seen, left_out
from sigstats.errors import SignatureError, TableError
from sigstats.studies.baseline.rows import FloatArray, IntArray, Rows, reduced, refusal

MAX_CELLS = 100_000_000


def by_item(
    rows: Rows,
    value: FloatArray,
    run: IntArray,
    run_keys: IntArray,
    labels: dict[str, str],
    used: Sequence[str],
    notes: list[TableNote],
) -> tuple[FloatArray, int, bool]:
    """Return a matrix of runs and common items, the number of items, and whether items are nested in runs."""
    if rows.item is None:
        raise SignatureError("there is no column of items")
    n_runs, n_items = len(run_keys), len(rows.names["item"])
    cell = run * n_items + rows.item
    if n_runs * n_items > MAX_CELLS:
        cells, cell = np.unique(cell, return_inverse=True)
        runs_per_item = np.bincount(cells % n_items, minlength=n_items)
        if runs_per_item.max() > 1:
            raise refusal(
                "TOO_MANY_CELLS",
                labels["item"],
                f"{n_runs} runs times {n_items} items are too many",
                "Use fewer items.",
            )
        means = np.bincount(cell, weights=value) / np.bincount(cell)
        return reduced(means, cells // n_items, n_runs, None)[:, None], 0, True
    count = np.bincount(cell, minlength=n_runs * n_items).reshape(n_runs, n_items)
    total = np.bincount(cell, weights=value, minlength=n_runs * n_items).reshape(n_runs, n_items)
    if count.max() > 1:
        message = f"Repeated measurements of an item within a run (up to {int(count.max())}) were averaged."
        notes.append(TableNote(code="repeats_averaged", message=message, count=int((count > 1).sum())))
    with np.errstate(invalid="ignore"):
        cells_mean = total / count
    seen = count > 0
    if n_runs > 1 and seen.sum(axis=0).max() == 1:
        message = (
            f"Every value of {labels['item']!r} belongs to one run: items are nested in runs, and each run counts by "
            "its mean."
        )
        notes.append(TableNote(code="items_nested", message=message, count=n_items))
        return np.nanmean(cells_mean, axis=1)[:, None], 0, True
    units, items = np.nonzero(seen)
    pairs = Seen(unit=units, item=items, n_units=n_runs, n_items=n_items)
    common = pairs.common
    if pairs.too_few:
        raise _other_items(rows, pairs, run_keys, labels, used)
    notes += left_out(pairs, "run")
    return np.ascontiguousarray(cells_mean[:, common]), int(common.sum()), False


def _other_items(
    rows: Rows, seen: Seen, run_keys: IntArray, labels: dict[str, str], used: Sequence[str]
) -> TableError:
    """Return the refusal of runs on different items, with the run that has least in common with the others."""
    worst = seen.worst
    n_seeds = len(rows.names["seed"])
    name, seed = used[run_keys[worst] // n_seeds], rows.names["seed"][run_keys[worst] % n_seeds]
    return refusal(
        "ITEMS_DIFFER",
        labels["item"],
        f"runs were measured on different items: {int(seen.common.sum())} of {seen.n_items} are common to all; "
        f"run {seed!r} of {name!r} has least in common with the others",
        "Compare runs on the same items: leave that run out with `where`, or check the labels of the items.",
    )
