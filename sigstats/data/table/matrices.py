"""Arrays that are handed in as a sweep table, as fresh arrays of numbers."""

from collections.abc import Iterable, Mapping

import numpy as np

from sigstats.data.table.cells import FloatArray, id_text
from sigstats.data.table.summaries import summaries_among
from sigstats.errors import Problem, TableError

Ids = tuple[str, ...]


def plain_matrices(
    levels: object, matrices: object, seeds: object
) -> tuple[FloatArray, Ids, tuple[Ids, ...], tuple[FloatArray, ...]]:
    """Return levels, names of the conditions, ids of their seeds and values, or refuse them."""
    grid = _plain_levels(levels)
    if not isinstance(matrices, Mapping) or not all(isinstance(name, str) for name in matrices):
        raise TableError([_bad_matrix("BAD_SHAPE", None, "`matrices` does not map names to arrays")])
    if not matrices:
        raise TableError([_bad_matrix("NO_ROWS", None, "the mapping of matrices is empty")])
    names = tuple(sorted(matrices))
    rows = tuple(_plain_matrix(name, matrices[name], grid.size) for name in names)
    if seeds is None:
        return grid, names, tuple(_default_ids(len(matrix)) for matrix in rows), rows
    if not isinstance(seeds, Mapping):
        raise TableError(
            [_bad_matrix("BAD_SHAPE", "seed", "`seeds` does not map conditions to lists of ids")]
        )
    pairs = [
        _sorted_rows(name, matrix, seeds.get(name, ())) for name, matrix in zip(names, rows, strict=True)
    ]
    return grid, names, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _floats(given: object) -> FloatArray | None:
    """Return a fresh array of real numbers; None where there are other values, or rows of unequal length."""
    try:
        if np.asarray(given).dtype.kind in "cmM":
            return None
        return np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def _bad_matrix(code: str, column: str | None, message: str) -> Problem:
    """Return a problem with arrays handed in."""
    remedy = "Give ascending levels and, for each condition, an array (n_seeds, n_levels) of numbers or NaN."
    return Problem(code=code, column=column, message=message, remedy=remedy)


def _plain_levels(levels: object) -> FloatArray:
    """Return levels as a fresh array, or refuse them."""
    grid = _floats(levels)
    if (
        grid is None
        or grid.ndim != 1
        or grid.size == 0
        or not np.isfinite(grid).all()
        or (np.diff(grid) <= 0).any()
    ):
        raise TableError(
            [_bad_matrix("BAD_LEVELS", "knob", "the levels are not finite numbers in ascending order")]
        )
    return grid + 0.0


def _plain_matrix(name: str, values: object, n_levels: int) -> FloatArray:
    """Return a condition's values as a fresh array, or refuse them."""
    matrix = _floats(values)
    if matrix is None:
        message = f"condition {name!r} has values that are no numbers, or rows of unequal length"
        raise TableError([_bad_matrix("METRIC_NOT_NUMERIC", "metric", message)])
    if matrix.ndim != 2 or matrix.shape[1] != n_levels or matrix.shape[0] == 0:
        shape = f"condition {name!r} has an array of shape {matrix.shape}, not (n_seeds, {n_levels})"
        raise TableError([_bad_matrix("BAD_SHAPE", "metric", shape)])
    if np.isinf(matrix).any():
        raise TableError(
            [_bad_matrix("METRIC_INFINITE", "metric", f"condition {name!r} has infinite values")]
        )
    matrix += 0.0
    return matrix


def _default_ids(count: int) -> tuple[str, ...]:
    """Return ids for seeds without a name, in sorted order."""
    width = len(str(max(count - 1, 0)))
    return tuple(str(place).zfill(width) for place in range(count))


def _sorted_rows(name: str, matrix: FloatArray, ids: object) -> tuple[tuple[str, ...], FloatArray]:
    """Return the ids of a condition's seeds in sorted order, and the rows in theirs."""
    if isinstance(ids, str) or not isinstance(ids, Iterable):
        raise TableError(
            [
                _bad_matrix(
                    "BAD_SHAPE", "seed", f"the ids of condition {name!r} are {ids!r}, which is no list of ids"
                )
            ]
        )
    texts = [id_text(value) or "" for value in ids]
    if len(texts) != matrix.shape[0] or len(set(texts)) != len(texts):
        message = f"condition {name!r} has {matrix.shape[0]} seeds, but {len(set(texts))} distinct ids"
        raise TableError([_bad_matrix("BAD_SHAPE", "seed", message)])
    summaries = summaries_among(texts)
    if summaries:
        message = f"condition {name!r} has the seed {summaries[0]!r}, which is no run but a summary over runs"
        remedy = "Leave its row out of the array."
        raise TableError([Problem(code="SUMMARY_SEEDS", column="seed", message=message, remedy=remedy)])
    order = sorted(range(len(texts)), key=texts.__getitem__)
    return tuple(texts[place] for place in order), matrix[order]
