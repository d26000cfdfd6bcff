"""The sweep table: the one place where data are checked.

A sweep table has one row per run and level: the *knob* that was swept, the *metric* that was measured, the
*seed* that says which run it was, and the *condition*, such as a model or an optimiser. A `SweepTable` exists
only if it is valid: its metric is finite, its levels are numbers, its ids are text, and each condition, seed and
level has at most one value. Everything after it relies on that and checks nothing again.

What was dropped, merged or converted on the way in is listed in `SweepTable.notes`. What cannot be used is listed
in one `TableError`, all of it at once.
"""

import bisect
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats import _cells, _checks, _columns, _frames
from sigstats._cells import Cells, FloatArray, Groups, TableNote
from sigstats._columns import Sheet
from sigstats._where import emptied_by
from sigstats.errors import OptionError, Problem, TableError, unknown_option

__all__ = ["AGGREGATES", "SweepTable", "TableNote"]

AGGREGATES = ("max", "mean", "median", "min")
MAX_CELLS = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SweepTable:
    """A valid sweep: one value per condition, seed and level.

    Make one with `SweepTable.from_frame` or `SweepTable.from_matrices`.

    Attributes
    ----------
    knob, metric, seed : str
        The names of the columns it came from.
    condition : str or None
        The name of the condition column; None where there was none.
    conditions : tuple of str
        Ids of the conditions, sorted.
    levels : FloatArray
        Levels of the knob, ascending, finite, in the knob's own unit, shape (n_levels,), read-only.
    notes : tuple of TableNote
        What was dropped, merged or converted.
    n_rows : int
        Rows that were used, after filtering and dropping.
    """

    knob: str
    metric: str
    seed: str
    condition: str | None
    conditions: tuple[str, ...]
    levels: FloatArray
    notes: tuple[TableNote, ...]
    n_rows: int
    _seeds: tuple[tuple[str, ...], ...] = field(repr=False)
    _matrices: tuple[FloatArray, ...] = field(repr=False)

    def __post_init__(self) -> None:
        for array in (self.levels, *self._matrices):
            array.flags.writeable = False

    def __repr__(self) -> str:
        runs = sum(map(len, self._seeds))
        return (
            f"SweepTable({self.metric!r} over {self.knob!r}: {_plural(len(self.conditions), 'condition')}, "
            f"{_plural(runs, 'seed')}, {_plural(self.levels.size, 'level')}, {_plural(self.n_rows, 'row')}, "
            f"{_plural(len(self.notes), 'note')})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SweepTable):
            return NotImplemented
        return self._names == other._names and self.data_hash == other.data_hash

    def __hash__(self) -> int:
        return hash((self._names, self.data_hash))

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        """Pickle by the fields, so that arrays are read-only again afterwards."""
        return (_rebuild, ({name: getattr(self, name) for name in self.__slots__},))

    @property
    def _names(self) -> tuple[str, str, str, str | None]:
        return (self.knob, self.metric, self.seed, self.condition)

    @property
    def data_hash(self) -> str:
        """SHA-256 of conditions, seeds, levels and values, as 64 hexadecimal digits.

        It depends on neither the order of rows and columns, nor the index, nor the frame library, nor the names
        of the columns.
        """
        digest = hashlib.sha256(b"sigstats sweep 1")
        for name in self.conditions:
            digest.update(_framed(name))
        digest.update(np.ascontiguousarray(self.levels, dtype="<f8").tobytes())
        for seeds, matrix in zip(self._seeds, self._matrices, strict=True):
            digest.update(len(seeds).to_bytes(8, "little"))
            for name in seeds:
                digest.update(_framed(name))
            digest.update(np.where(np.isnan(matrix), np.nan, matrix).astype("<f8").tobytes())
        return digest.hexdigest()

    def seeds(self, condition: str) -> tuple[str, ...]:
        """Return the ids of the seeds of a condition, sorted as text.

        Parameters
        ----------
        condition : str
            One of `conditions`.

        Returns
        -------
        tuple of str
            The ids, in the order of the rows of `matrix`.
        """
        return self._seeds[self._place(condition)]

    def matrix(self, condition: str) -> FloatArray:
        """Return the values of a condition.

        Parameters
        ----------
        condition : str
            One of `conditions`.

        Returns
        -------
        FloatArray
            Metric, in its own unit, shape (n_seeds, n_levels), NaN where missing, read-only.
        """
        return self._matrices[self._place(condition)]

    def _place(self, condition: str) -> int:
        """Return the position of a condition."""
        place = (
            bisect.bisect_left(self.conditions, condition)
            if isinstance(condition, str)
            else len(self.conditions)
        )
        if place == len(self.conditions) or self.conditions[place] != condition:
            raise OptionError(unknown_option("condition", condition, self.conditions))
        return place

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a tidy pandas frame.

        Returns
        -------
        pandas.DataFrame
            One row per cell that has a value, sorted by condition, seed and level; columns knob, metric, seed and
            condition under their own names.

        Examples
        --------
        >>> table = SweepTable.from_matrices([1, 2], {"a": [[0.5, float("nan")]]})
        >>> table.to_frame()
           knob  metric seed condition
        0   1.0     0.5    0         a
        """
        values = np.concatenate([matrix.ravel() for matrix in self._matrices])
        sizes = [matrix.shape[0] for matrix in self._matrices]
        n_levels = self.levels.size
        seeds = np.array([seed for seeds in self._seeds for seed in seeds], dtype=object)
        labels = np.repeat(np.array(self.conditions, dtype=object), np.array(sizes) * n_levels)
        taken = (self.knob, self.metric, self.seed)
        name = self.condition or ("condition" if "condition" not in taken else "condition_")
        frame = pd.DataFrame(
            {
                self.knob: np.tile(self.levels, sum(sizes)),
                self.metric: values,
                self.seed: np.repeat(seeds, n_levels),
                name: labels,
            }
        )
        return frame[~np.isnan(values)].reset_index(drop=True)

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        knob: object = None,
        metric: object = None,
        seed: object = None,
        condition: object = None,
        where: Mapping[Any, object] | None = None,
        aggregate: str | None = None,
        level_tolerance: float = 1e-6,
    ) -> Self:
        """Check a data frame once and make a sweep table of it.

        Parameters
        ----------
        frame : data frame
            One row per run and level: pandas, polars, pyarrow, or a lazy polars, duckdb or dask frame, which its
            own engine reduces to one row per cell before it is collected. It is never changed; its index is
            ignored.
        knob, metric, seed : str, optional
            Columns; by default those called ``"knob"``, ``"metric"`` and ``"seed"``.
        condition : str, optional
            Column of the condition; by default the one called ``"condition"``. Without such a column the table
            has one condition, ``"treatment"``.
        where : mapping, optional
            Filters, applied before anything is checked: column to a value, a list of values, or an inclusive
            range ``{"min": ..., "max": ...}``, in the column's own type. Never an expression.
        aggregate : {"mean", "median", "min", "max"}, optional
            How rows of the same condition, seed and level become one. Without it, such rows must be identical.
        level_tolerance : float, default 1e-6
            Relative tolerance within which neighbouring levels are one, [0, 1).

        Returns
        -------
        SweepTable
            The table.

        Raises
        ------
        TableError
            When the frame cannot be used; lists every problem with code, column, first rows and remedy.
        OptionError
            When `aggregate`, `where` or `level_tolerance` has a value it does not take.

        Notes
        -----
        Rows whose metric is missing are dropped and counted. A missing seed, condition or level is an error. Ids are
        text: 7 and 7.0 become ``"7"``, text stays as it is. Levels are one when they differ by no more than
        `level_tolerance` times the smaller of the swept range and the larger magnitude. Means of repeated rows do
        not depend on the order of the rows.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"lr": [0.1, 0.3, 0.1, 0.3], "loss": [2.0, 1.0, 2.1, 1.2], "seed": [0, 0, 1, 1]})
        >>> table = SweepTable.from_frame(frame, knob="lr", metric="loss")
        >>> table
        SweepTable('loss' over 'lr': 1 condition, 2 seeds, 2 levels, 4 rows, 0 notes)
        >>> table.matrix("treatment")
        array([[2. , 1. ],
               [2.1, 1.2]])
        """
        _check_options(where, aggregate, level_tolerance)
        given = {"knob": knob, "metric": metric, "seed": seed, "condition": condition}
        sheet = _open(frame, given, where or {})
        reduced = _frames.reduce_rows(sheet.frame, sheet.columns, aggregate)
        groups = _frames.to_groups(reduced, sheet.columns)
        reduced, live = _check_groups(sheet, reduced, groups)
        levels, place = _find_levels(sheet, live, level_tolerance)
        if aggregate == "median":
            live, place = _regrouped(sheet, reduced, live, levels, place)
        cells = _cells.gather(live, place, levels.size, aggregate)
        _check_repeats(sheet, reduced, live, cells, levels, aggregate)
        if sheet.problems:
            raise TableError(sheet.problems)
        return cls(**_contents(sheet, live, cells, levels))

    @classmethod
    def from_matrices(
        cls,
        levels: npt.ArrayLike,
        matrices: Mapping[str, npt.ArrayLike],
        *,
        seeds: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:
        """Make a sweep table of arrays, without a data frame.

        Parameters
        ----------
        levels : array_like
            Levels of the knob, strictly ascending, finite, shape (n_levels,).
        matrices : mapping of str to array_like
            Condition to metric, shape (n_seeds, n_levels), NaN where missing.
        seeds : mapping of str to sequence of str, optional
            Condition to the distinct ids of its seeds, shape (n_seeds,); by default ``"0"``, ``"1"`` and so on,
            padded with zeros so that they sort.

        Returns
        -------
        SweepTable
            The table; the arrays are copied.

        Raises
        ------
        TableError
            When shapes do not fit, levels do not ascend, or a value is infinite.

        Examples
        --------
        >>> table = SweepTable.from_matrices([1, 2, 3], {"b": [[1, 2, 3]], "a": [[0, 0, 1], [0, 1, 1]]})
        >>> table.conditions, table.seeds("a"), table.n_rows
        (('a', 'b'), ('0', '1'), 9)
        """
        grid = _plain_levels(levels)
        conditions = tuple(sorted(matrices))
        if not conditions:
            raise TableError([_bad_matrix("NO_ROWS", None, "there is no condition")])
        rows = [_plain_matrix(name, matrices[name], grid.size) for name in conditions]
        ids = [_default_ids(len(matrix)) for matrix in rows]
        if seeds is not None:
            pairs = [
                _sorted_rows(name, matrix, seeds.get(name, ()))
                for name, matrix in zip(conditions, rows, strict=True)
            ]
            ids, rows = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return cls(
            knob="knob",
            metric="metric",
            seed="seed",
            condition="condition",
            conditions=conditions,
            levels=grid,
            notes=(),
            n_rows=sum(matrix.size - int(np.count_nonzero(np.isnan(matrix))) for matrix in rows),
            _seeds=tuple(ids),
            _matrices=tuple(rows),
        )


def _rebuild(fields: dict[str, Any]) -> SweepTable:
    """Return the table that was pickled."""
    return SweepTable(**fields)


def _plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _framed(text: str) -> bytes:
    """Return a text as bytes that cannot be confused with its neighbours."""
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "little") + data


def _check_options(where: object, aggregate: object, level_tolerance: object) -> None:
    """Refuse options that make no sense."""
    if aggregate is not None and aggregate not in AGGREGATES:
        raise OptionError(unknown_option("aggregate", aggregate, AGGREGATES))
    if where is not None and not isinstance(where, Mapping):
        hint = (
            "Give a mapping such as {'layer': 'last', 'step': {'min': 1000}}; expressions are not evaluated."
        )
        raise OptionError(f"`where` is {_frames.shorten(where)}; it must map columns to values. {hint}")
    number = isinstance(level_tolerance, int | float | np.floating) and not isinstance(level_tolerance, bool)
    if not (number and 0 <= level_tolerance < 1):  # type: ignore[operator]
        raise OptionError(
            f"`level_tolerance` is {level_tolerance!r}; it must be a number in [0, 1), such as 1e-6."
        )


def _open(frame: object, given: Mapping[str, object], where: Mapping[Any, object]) -> Sheet:
    """Return the picked and filtered columns, each with what it holds."""
    source = _frames.adopt(frame)
    roles, problems = _columns.choose(source.labels, given)
    base, filters, refused = _columns.open_sheet(source, roles, where)
    if refused:
        raise TableError([*problems, *refused])
    columns = {
        role: _frames.Column(role=role, label=str(label), kind="label") for role, label in roles.items()
    }
    for role in ("knob", "metric", "seed"):
        columns.setdefault(role, _frames.Column(role=role, label=str(given[role] or role), kind="broken"))
    sheet = Sheet(base=base, filters=filters, columns=columns, problems=problems)
    if not roles:
        raise TableError(problems)
    _columns.inspect(sheet)
    return sheet


def _check_groups(sheet: Sheet, reduced: _frames.Reduced, groups: Groups) -> tuple[_frames.Reduced, Groups]:
    """Check the values, and return the groups that have a metric, with their labels."""
    if int(groups.rows.sum()) == 0:
        raise TableError([*sheet.problems, _no_rows(sheet)])
    keep = groups.count > 0
    if not keep.any():
        _report_all_missing(sheet)
        raise TableError(sheet.problems)
    live = groups
    if not keep.all():
        live = groups.take(keep)
        reduced = _frames.Reduced(frame=reduced.frame.filter(keep.tolist()), scale=reduced.scale)
    _note_dropped(sheet, groups, live)
    _checks.check_metric(sheet, live)
    _checks.check_conditions_left(sheet, groups, live)
    labels = reduced.frame["knob"] if "knob" in reduced.frame.columns else None
    _checks.check_knob(sheet, live, labels)
    _checks.check_ids(sheet, "seed", live.seed, live.seed_names)
    _checks.check_ids(sheet, "condition", live.condition, live.condition_names)
    if any(
        sheet.columns[role].kind == "broken"
        for role in ("knob", "seed", "condition")
        if role in sheet.columns
    ):
        raise TableError(sheet.problems)
    return reduced, live


def _no_rows(sheet: Sheet) -> Problem:
    """Return the problem of a table without rows, before or after filtering."""
    count = _frames.collect(sheet.base.select(nw.len().alias("n")))["n"][0]
    if sheet.filters and count:
        return emptied_by(sheet.base, sheet.filters)
    remedy = "Check that the file or query that made it returned something."
    return Problem(code="NO_ROWS", column=None, message="the frame has no rows", remedy=remedy)


def _report_all_missing(sheet: Sheet) -> None:
    """Report a metric without a single value."""
    label = sheet.columns["metric"].label
    message = f"the metric column {label!r} holds missing values only"
    remedy = "Check that the right column was named, and that the runs recorded it."
    sheet.report("metric", "METRIC_MISSING", message, remedy, sheet.first_rows(nw.lit(value=True)))


def _note_dropped(sheet: Sheet, groups: Groups, live: Groups) -> None:
    """Note rows without a metric, and levels that were lost with them."""
    dropped = int((groups.rows - groups.count).sum())
    lost = int(np.setdiff1d(groups.knob[np.isfinite(groups.knob)], live.knob).size)
    also = f" No value is left at {_plural(lost, 'level')}." if lost else ""
    label = sheet.columns["metric"].label
    sheet.note(
        "dropped_rows", dropped, f"{_plural(dropped, 'row')} without a value of {label!r} were dropped.{also}"
    )


def _find_levels(sheet: Sheet, live: Groups, tolerance: float) -> tuple[FloatArray, _cells.IntArray]:
    """Return the levels of the knob, and the position of each group's level."""
    values, inverse = np.unique(live.knob + 0.0, return_inverse=True)
    levels, place = _cells.merge_levels(values, tolerance)
    merged = values.size - levels.size
    if merged:
        message = f"{values.size} values of the knob became {levels.size} levels, since neighbours differ by rounding only."
        sheet.note("levels_merged", merged, message)
    if levels.size < 2:
        label = sheet.columns["knob"].label
        message = f"the knob column {label!r} has only one level, {levels[0]:g}; a sweep needs at least two"
        remedy = "Name the column that was swept, or check that `where` and `level_tolerance` left more than one level."
        sheet.report("knob", "ONE_LEVEL", message, remedy)
        raise TableError(sheet.problems)
    return levels, place[inverse]


def _regrouped(
    sheet: Sheet, reduced: _frames.Reduced, live: Groups, levels: FloatArray, place: _cells.IntArray
) -> tuple[Groups, _cells.IntArray]:
    """Group again by level where a median would need rows of several groups."""
    single = _cells.gather(live, place, levels.size, None)
    if single.value.size == place.size:
        return live, place
    again = _frames.group_by_level(sheet.frame, sheet.columns, reduced.frame["knob"], place)
    columns = {**sheet.columns, "knob": _frames.Column(role="knob", label="", kind="number")}
    groups = _frames.to_groups(again, columns)
    groups = groups.take(groups.count > 0)
    return groups, groups.knob.astype(np.int64)


def _check_repeats(
    sheet: Sheet,
    reduced: _frames.Reduced,
    live: Groups,
    cells: Cells,
    levels: FloatArray,
    aggregate: str | None,
) -> None:
    """Check cells that hold several rows."""
    if sheet.columns["metric"].kind == "broken":
        return
    rows: tuple[int, ...] = ()
    place = ""
    if aggregate is None and cells.differs.any():
        at = int(np.flatnonzero(cells.differs)[0])
        condition, seed = live.condition_names[cells.condition[at]], live.seed_names[cells.seed[at]]
        level = float(levels[cells.level[at]])
        place = f"condition {_frames.shorten(condition)}, seed {_frames.shorten(seed)}, level {level:g}"
        group = int(cells.group[at])
        keys = [key for key in _frames.KEYS if key in reduced.frame.columns]
        found = [nw.col(key) == reduced.frame[key][group] for key in keys]
        rows = sheet.first_rows(nw.all_horizontal(*found, ignore_nulls=True))
    _checks.check_cells(sheet, cells, rows, place, aggregate)


def _contents(sheet: Sheet, live: Groups, cells: Cells, levels: FloatArray) -> dict[str, Any]:
    """Return the fields of the finished table."""
    size = _cells.matrix_sizes(cells, levels.size)
    if size > MAX_CELLS:
        message = f"the sweep spans {size} cells (seeds x levels), of which {cells.value.size} have a value"
        remedy = f"At most {MAX_CELLS} are held. Use fewer levels, for instance by rounding the knob, or fewer seeds."
        raise TableError([Problem(code="TOO_MANY_CELLS", column=None, message=message, remedy=remedy)])
    blocks = _cells.matrices(cells, len(live.condition_names), levels.size)
    used = [place for place, block in enumerate(blocks) if block[0].size]
    names = live.seed_names
    seeds = tuple(tuple(names[code] for code in blocks[place][0].tolist()) for place in used)
    conditions = tuple(live.condition_names[place] for place in used)
    matrices = tuple(blocks[place][1] for place in used)
    _checks.note_gaps(sheet, conditions, matrices)
    _checks.note_copies(sheet, conditions, seeds, matrices)
    label = {role: column.label for role, column in sheet.columns.items()}
    return {
        "knob": label["knob"],
        "metric": label["metric"],
        "seed": label["seed"],
        "condition": label.get("condition"),
        "conditions": conditions,
        "levels": levels,
        "notes": tuple(sheet.notes),
        "n_rows": int(live.count.sum()),
        "_seeds": seeds,
        "_matrices": matrices,
    }


def _bad_matrix(code: str, column: str | None, message: str) -> Problem:
    """Return a problem with arrays handed in."""
    remedy = "Give ascending levels and, for each condition, an array (n_seeds, n_levels) of numbers or NaN."
    return Problem(code=code, column=column, message=message, remedy=remedy)


def _plain_levels(levels: npt.ArrayLike) -> FloatArray:
    """Return levels as a fresh array, or refuse them."""
    grid = np.array(levels, dtype=np.float64)
    if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all() or (np.diff(grid) <= 0).any():
        raise TableError(
            [_bad_matrix("BAD_LEVELS", "knob", "the levels are not finite numbers in ascending order")]
        )
    return grid + 0.0


def _plain_matrix(name: str, values: npt.ArrayLike, n_levels: int) -> FloatArray:
    """Return a condition's values as a fresh array, or refuse them."""
    matrix = np.array(values, dtype=np.float64)
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


def _sorted_rows(name: str, matrix: FloatArray, ids: Sequence[str]) -> tuple[tuple[str, ...], FloatArray]:
    """Return the ids of a condition's seeds in sorted order, and the rows in theirs."""
    texts = [_cells.id_text(value) or "" for value in ids]
    if len(texts) != matrix.shape[0] or len(set(texts)) != len(texts):
        message = f"condition {name!r} has {matrix.shape[0]} seeds, but {len(set(texts))} distinct ids"
        raise TableError([_bad_matrix("BAD_SHAPE", "seed", message)])
    order = sorted(range(len(texts)), key=texts.__getitem__)
    return tuple(texts[place] for place in order), matrix[order]
