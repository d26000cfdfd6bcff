"""The sweep table: the one place where data are checked.

A sweep table has one row per run and level: the *knob* that was swept, the *metric* that was measured, the
*seed* that says which run it was, and the *condition*, such as a model or an optimiser. A `SweepTable` exists
only if it is valid: its metric is finite, its levels are numbers, its ids are text, and each condition, seed
and level has at most one value. All later stages rely on that and do not check it again.

What was dropped, merged or converted is listed in `SweepTable.notes`. Everything that prevents its use is
listed together in one `TableError`.
"""

import bisect
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.data.table import intake
from sigstats.data.table.cells import FloatArray, TableNote, id_text
from sigstats.data.table.checks import FROM_MATRICES, notes_on_matrices
from sigstats.data.table.frames import plural
from sigstats.data.table.matrices import plain_matrices
from sigstats.data.table.roles import Argument
from sigstats.errors import OptionError, unknown_option

__all__ = ["SweepTable", "TableNote"]

LEVEL_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SweepTable:
    """A valid sweep: one value per condition, seed and level.

    Make one with `SweepTable.from_frame` or `SweepTable.from_matrices`.

    Attributes
    ----------
    knob, metric, seed : str
        The names of the columns it came from.
    condition : str or None
        The name of the condition column; None if there was none.
    conditions : tuple of str
        Ids of the conditions, sorted.
    levels : FloatArray
        Levels of the knob, ascending, finite, in the knob's own unit, shape (n_levels,), read-only.
    notes : tuple of TableNote
        What was dropped, merged or converted.
    n_rows : int
        Rows that were used, after filtering and dropping.
    level_names : tuple of tuple
        Pairs of a level and its name, where the knob holds words: ``((1.0, "off"), (2.0, "on"))``; else empty.
    """

    knob: str
    metric: str
    seed: str
    condition: str | None
    conditions: tuple[str, ...]
    levels: FloatArray
    notes: tuple[TableNote, ...]
    n_rows: int
    level_names: tuple[tuple[float, str], ...] = ()
    _seeds: tuple[tuple[str, ...], ...] = field(repr=False)
    _matrices: tuple[FloatArray, ...] = field(repr=False)

    def __post_init__(self) -> None:
        for array in (self.levels, *self._matrices):
            array.flags.writeable = False

    def __repr__(self) -> str:
        runs = sum(map(len, self._seeds))
        return (
            f"SweepTable({self.metric!r} over {self.knob!r}: {plural(len(self.conditions), 'condition')}, "
            f"{plural(runs, 'seed')}, {plural(self.levels.size, 'level')}, {plural(self.n_rows, 'row')}, "
            f"{plural(len(self.notes), 'note')})"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a row per condition, and what was done to the rows."""
        import pandas as pd

        from sigstats.data.table.shown import fragment

        rows = [
            {
                "condition": name,
                "seeds": len(self.seeds(name)),
                "levels": int(np.isfinite(self.matrix(name)).any(axis=0).sum()),
                "cells": int(np.isfinite(self.matrix(name)).sum()),
                f"lowest {self.metric}": np.nanmin(self.matrix(name)),
                f"highest {self.metric}": np.nanmax(self.matrix(name)),
            }
            for name in self.conditions
        ]
        ends = (
            dict(self.level_names).get(float(at), f"{at:.6g}") for at in (self.levels[0], self.levels[-1])
        )
        title = f"{self.metric} over {self.knob}, from {' to '.join(ends)}"
        return fragment(title, pd.DataFrame(rows), self.notes)

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

        It depends on neither the order of rows and columns, nor the index, nor the frame library, nor the
        names of the columns.
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
            One row per cell that has a value, sorted by condition, seed and level; columns knob, metric, seed
            and condition under their own names.

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
        frame: pd.DataFrame = pd.DataFrame(
            {
                self.knob: np.tile(self.levels, sum(sizes)),
                self.metric: values,
                self.seed: np.repeat(seeds, n_levels),
                name: labels,
            }
        )
        present: pd.DataFrame = frame.loc[~np.isnan(values)].reset_index(drop=True)
        return present

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        knob: object = None,
        metric: object = None,
        seed: object = None,
        condition: object = None,
        item: object = None,
        where: Mapping[Any, object] | None = None,
        aggregate: str | None = None,
        levels: Sequence[str] | None = None,
        level_tolerance: float = LEVEL_TOLERANCE,
        conditions: Sequence[str] | None = None,
    ) -> Self:
        """Check a data frame once and make a sweep table of it.

        Parameters
        ----------
        frame : data frame
            One row per run and level: pandas, polars, pyarrow, or a lazy polars, duckdb or dask frame, which
            its own engine reduces to one row per cell before it is collected. It is never changed; its index
            is ignored.
        knob, metric, seed : str, optional
            Columns; by default those called ``"knob"``, ``"metric"`` and ``"seed"``.
        condition : str, optional
            Column of the condition; by default the one called ``"condition"``. Without such a column the
            table has one condition, ``"treatment"``.
        item : str, optional
            Column of what was repeated within a run, such as test questions. The value of a cell is the mean over the
            items that all cells have; repeats of an item become one value first, by `aggregate` or else their mean.
        where : mapping, optional
            Filters, applied before all checks: column to a value, a list of values, or an inclusive range
            ``{"min": ..., "max": ...}``, in the type of the column. Never an expression.
        aggregate : {"mean", "median", "min", "max"}, optional
            How to combine rows of the same condition, seed and level (and item). Without it, they must be identical,
            unless there are items.
        levels : sequence of str, optional
            Order of the knob's levels, where its values are words, such as ``["off", "on"]``; they count as 1, 2 and
            so on. Every value of the knob must be among them.
        level_tolerance : float, default 1e-6
            Relative tolerance within which neighbouring levels are merged, [0, 1).
        conditions : sequence of str, optional
            Conditions to use, by their ids: rows of others are left out before all checks, so that nothing in them
            is a problem or gives a note. By default, and where one of them is not in the table, all are used.

        Returns
        -------
        SweepTable
            The table.

        Raises
        ------
        TableError
            If the frame cannot be used; lists every problem with code, column, first rows and remedy.
        OptionError
            If `aggregate`, `where` or `level_tolerance` is not valid.

        Notes
        -----
        Rows whose metric is missing are dropped and counted. A missing seed, condition or level is an error.
        Ids are text: 7 and 7.0 become ``"7"``, text stays as it is. Levels are one when they differ by at
        most `level_tolerance` times the smaller of the swept range and the larger magnitude. Means of
        repeated rows do not depend on the order of the rows.

        Examples
        --------
        >>> import pandas as pd
        >>> columns = {"lr": [0.1, 0.3, 0.1, 0.3], "loss": [2.0, 1.0, 2.1, 1.2], "seed": [0, 0, 1, 1]}
        >>> frame = pd.DataFrame(columns)
        >>> table = SweepTable.from_frame(frame, knob="lr", metric="loss")
        >>> table
        SweepTable('loss' over 'lr': 1 condition, 2 seeds, 2 levels, 4 rows, 0 notes)
        >>> table.matrix("treatment")
        array([[2. , 1. ],
               [2.1, 1.2]])
        """
        intake.check_options(where, aggregate, level_tolerance)
        given = {"knob": knob, "metric": metric, "seed": seed, "condition": condition}
        given |= {} if item is None else {"item": item}
        order = None if levels is None else tuple(str(id_text(each)) for each in levels)
        checked = intake.read(
            frame, given, where or {}, aggregate, level_tolerance, conditions=conditions, order=order
        )
        return cls(**_fields(checked))

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
            Condition to the distinct ids of its seeds, shape (n_seeds,); by default ``"0"``, ``"1"`` and so
            on, padded with zeros so that they sort.

        Returns
        -------
        SweepTable
            The table; the arrays are copied.

        Raises
        ------
        TableError
            If shapes do not match, levels do not ascend, or a value is infinite.

        Examples
        --------
        >>> table = SweepTable.from_matrices([1, 2, 3], {"b": [[1, 2, 3]], "a": [[0, 0, 1], [0, 1, 1]]})
        >>> table.conditions, table.seeds("a"), table.n_rows
        (('a', 'b'), ('0', '1'), 9)
        """
        grid, conditions, ids, rows = plain_matrices(levels, matrices, seeds)
        return cls(
            knob="knob",
            metric="metric",
            seed="seed",
            condition="condition",
            conditions=conditions,
            levels=grid,
            notes=(),
            n_rows=sum(matrix.size - int(np.count_nonzero(np.isnan(matrix))) for matrix in rows),
            _seeds=ids,
            _matrices=rows,
        )


def table_along(
    frame: object,
    knob: Argument,
    given: Mapping[str, object],
    where: Mapping[Any, object],
    aggregate: str,
    conditions: Sequence[str] | None,
) -> SweepTable:
    """Return a table whose knob was named by another argument than `knob`, so that messages speak of that one."""
    checked = intake.read(frame, given, where, aggregate, LEVEL_TOLERANCE, knob, conditions)
    return SweepTable(**_fields(checked))


def only_conditions(table: SweepTable, names: Sequence[str]) -> SweepTable:
    """Return the table with some of its conditions, and with the notes that are true of these."""
    if not set(names) < set(table.conditions):
        return table
    used = tuple(name for name in table.conditions if name in names)
    seeds, matrices = tuple(map(table.seeds, used)), tuple(map(table.matrix, used))
    seen = np.any([np.isfinite(each).any(axis=0) for each in matrices], axis=0)
    matrices = tuple(np.array(each[:, seen]) for each in matrices)
    kept = tuple(note for note in table.notes if note.code not in FROM_MATRICES)
    # A table that was made of matrices has no notes on them, and neither has a part of it.
    if len(kept) < len(table.notes):
        kept += tuple(notes_on_matrices(table.knob, used, seeds, matrices))
    return replace(
        table,
        conditions=used,
        levels=np.array(table.levels[seen]),
        notes=kept,
        n_rows=int(sum(np.isfinite(each).sum() for each in matrices)),
        _seeds=seeds,
        _matrices=matrices,
    )


def with_cells(table: SweepTable, condition: str, cells: FloatArray) -> SweepTable:
    """Return the table with other values of one condition; seeds without a value are left out."""
    seen = np.asarray(np.isfinite(cells).any(axis=1))
    seeds = {name: table.seeds(name) for name in table.conditions}
    matrices = {name: table.matrix(name) for name in table.conditions}
    seeds[condition] = tuple(seed for seed, kept in zip(seeds[condition], seen, strict=True) if kept)
    matrices[condition] = cells[seen]
    n_rows = sum(int(np.isfinite(each).sum()) for each in matrices.values())
    return replace(table, n_rows=n_rows, _seeds=tuple(seeds.values()), _matrices=tuple(matrices.values()))


def with_values(table: SweepTable, matrices: Mapping[str, FloatArray]) -> SweepTable:
    """Return the table with other values of the same seeds at the same levels, and without notes on its own values."""
    values = tuple(np.array(matrices[name]) for name in table.conditions)
    return replace(table, notes=(), _matrices=values)


def assembled(
    *,
    seeds: tuple[tuple[str, ...], ...],
    matrices: tuple[FloatArray, ...],
    **fields: Any,  # noqa: ANN401 - of the table
) -> SweepTable:
    """Return a table of parts that have been checked."""
    return SweepTable(_seeds=seeds, _matrices=matrices, **fields)


def _fields(checked: intake.Checked) -> dict[str, Any]:
    return {
        "knob": checked.labels["knob"],
        "metric": checked.labels["metric"],
        "seed": checked.labels["seed"],
        "condition": checked.labels.get("condition"),
        "conditions": checked.conditions,
        "levels": checked.levels,
        "notes": checked.notes,
        "n_rows": checked.n_rows,
        "level_names": checked.level_names,
        "_seeds": checked.seeds,
        "_matrices": checked.matrices,
    }


def _rebuild(fields: dict[str, Any]) -> SweepTable:
    """Return the table that was pickled."""
    return SweepTable(**fields)


def _framed(text: str) -> bytes:
    """Return a text as bytes that cannot be confused with its neighbours."""
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "little") + data
