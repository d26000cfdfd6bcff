"""A guard: were items that are repeated within a run, such as test questions, taken for runs?"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sigstats.data.table.cells import TableNote, factorized
from sigstats.errors import option

ITEM_NAMES = frozenset(
    {
        "item",
        "question",
        "prompt",
        "example",
        "sample",
        "instance",
        "problem",
        "doc_id",
        "question_id",
        "item_id",
    }
)
RUN_NAMES = frozenset({"run", "run_id", "seed", "trial", "rep", "replicate", "repeat"})
MANY = 10
MOST_COLUMNS = 8


def looked_at(seed: str, n_seeds: int, labels: Sequence[object]) -> list[object]:
    """Return the columns that could hold the runs, if there are so many "seeds" that items may have been meant."""
    if n_seeds < MANY:
        return []
    named = [label for label in labels if str(label).lower() in RUN_NAMES]
    return (list(labels) if seed.lower() in ITEM_NAMES or n_seeds >= 3 * MANY else named)[:MOST_COLUMNS]


def items_as_seeds(
    seed: str, n_seeds: int, seeds: npt.ArrayLike, others: Iterable[tuple[str, npt.ArrayLike]]
) -> TableNote | None:
    """Return a note if a column with few values recurs in every "seed", as runs recur in items."""
    codes, names = factorized(np.asarray(seeds, dtype=object))
    for label, given in others:
        values, distinct = factorized(np.asarray(given, dtype=object))
        named = label.lower() in RUN_NAMES or seed.lower() in ITEM_NAMES
        if not 1 < len(distinct) <= n_seeds / (3 if named else 10):
            continue
        seen = (codes >= 0) & (values >= 0)
        pairs = np.unique(codes[seen].astype(np.int64) * len(distinct) + values[seen])
        per_seed = np.bincount(pairs // len(distinct), minlength=len(names))
        recurs = bool((per_seed == len(distinct)).all())
        if not recurs and not (label.lower() in RUN_NAMES and (per_seed == 1).all()):
            continue
        how = "all of which recur in every one of them" if recurs else "each shared by many of them"
        message = (
            f"{seed!r} has {n_seeds} values while {label!r} has {len(distinct)}, {how}: if {label!r} is the run, items "
            f"were taken for runs, and intervals are too narrow; the run is {option('seed', label)} then, and "
            f"what was repeated within it is {option('item', seed)}"
        )
        return TableNote(code="items_as_seeds", message=message, count=n_seeds)
    return None
