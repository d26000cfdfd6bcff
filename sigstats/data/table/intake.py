"""From a data frame to checked arrays: the steps of making a sweep table, in their order.

Pick and filter the columns, find out what they hold, reduce rows to groups, check the groups, merge levels,
gather cells. Problems are collected along the way and raised together, as soon as the next step could not be taken.
"""

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sigstats.data import memory
from sigstats.data.table import cells as _cells
from sigstats.data.table import checks, frames, grouping
from sigstats.data.table import columns as _columns
from sigstats.data.table.cells import Cells, FloatArray, Groups, IntArray, TableNote
from sigstats.data.table.columns import Sheet
from sigstats.data.table.common_items import over_items
from sigstats.data.table.filters import emptied_by
from sigstats.data.table.frames import plural
from sigstats.data.table.items import items_as_seeds, looked_at
from sigstats.data.table.no_seed import without_seeds
from sigstats.data.table.roles import KNOB, Argument, choose
from sigstats.data.table.separators import separation
from sigstats.data.table.wide_hints import nested_problem, wide_problem
from sigstats.errors import OptionError, Problem, TableError, unknown_option

AGGREGATES = ("max", "mean", "median", "min")
MAX_CELLS = 100_000_000
CHOICE = ("MISSING_COLUMN", "SAME_COLUMN")  # codes of a wrong choice of columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The contents of a sweep table."""

    labels: dict[str, str]  # role to the caller's column name
    conditions: tuple[str, ...]  # ids of the conditions, sorted
    levels: FloatArray  # levels of the knob, ascending, shape (n_levels,)
    notes: tuple[TableNote, ...]  # what was dropped, merged or converted
    n_rows: int  # rows that were used
    level_names: tuple[tuple[float, str], ...]  # levels that have a name, with it
    seeds: tuple[tuple[str, ...], ...]  # ids of the seeds of each condition, sorted
    matrices: tuple[FloatArray, ...]  # metric of each condition, shape (n_seeds, n_levels), NaN where missing


@memory.says_need
def read(
    frame: object,
    given: Mapping[str, object],
    where: Mapping[Any, object],
    aggregate: str | None,
    level_tolerance: float,
    knob: Argument = KNOB,
    conditions: Sequence[str] | None = None,
    order: tuple[str, ...] | None = None,
) -> Checked:
    """Check a data frame and return what a sweep table holds; of some conditions only, if they are named."""
    try:
        return _read(frame, given, where, aggregate, level_tolerance, knob, conditions, order)
    except UnicodeEncodeError:  # half of a letter beside values that are no text
        whole = frames.without_halves(frame)
        return _read(whole, given, where, aggregate, level_tolerance, knob, conditions, order)


def _read(
    frame: object,
    given: Mapping[str, object],
    where: Mapping[Any, object],
    aggregate: str | None,
    level_tolerance: float,
    knob: Argument,
    conditions: Sequence[str] | None,
    order: tuple[str, ...] | None,
) -> Checked:
    """Take the steps in turn."""
    with memory.need_stated(lambda: need_of_rows(frames.adopt(frame).frame)):
        sheet = opened(frame, given, where, knob, conditions, order)
    if given.get("item") is not None:
        aggregate = aggregate or "mean"
    with memory.need_stated(lambda: need_of_rows(sheet.frame, sheet.columns)):
        return _grouped(sheet, aggregate, level_tolerance)


def need_of_rows(frame: frames.Frame, columns: Mapping[str, frames.Column] | None = None) -> Problem:
    """Return the problem of rows that cannot be grouped in the memory that there is."""
    n_rows = len(frame) if isinstance(frame, nw.DataFrame) else frames.collect(frame.select(nw.len())).item()
    alone = columns is None or grouping.seem_distinct(frame, columns)
    need = n_rows * (memory.ROW_OF_ITS_OWN if alone else memory.ROW_OF_MANY)
    remedy = "Filter or aggregate the rows before, for instance as a lazy polars or duckdb frame."
    return memory.too_little(f"grouping {n_rows:,} rows, beside the frame itself,", need, remedy)


def _grouped(sheet: Sheet, aggregate: str | None, level_tolerance: float) -> Checked:
    """Take the steps that follow once it is known what the columns hold."""
    reduced = grouping.reduce_rows(sheet.frame, sheet.columns, aggregate)
    groups = grouping.to_groups(reduced, sheet.columns)
    keys, live = _check_groups(sheet, reduced.frame, groups)
    levels, place = _find_levels(sheet, live, level_tolerance)
    cells = _make_cells(sheet, live, place, levels.size, aggregate)
    if cells.item is None:
        _check_repeats(sheet, keys, live, cells, levels, aggregate)
    elif not sheet.problems:
        cells = over_items(sheet, live, cells, levels, str(aggregate))
    if sheet.problems:
        raise TableError(sheet.problems)
    return _contents(sheet, live, cells, levels)


def check_options(where: object, aggregate: object, level_tolerance: object) -> None:
    """Refuse options that are not valid."""
    if aggregate is not None and aggregate not in AGGREGATES:
        raise OptionError(unknown_option("aggregate", aggregate, AGGREGATES))
    if where is not None and not isinstance(where, Mapping):
        hint = (
            "Give a mapping such as {'layer': 'last', 'step': {'min': 1000}}; expressions are not evaluated."
        )
        raise OptionError(f"`where` is {frames.shorten(where)}; it must map columns to values. {hint}")
    number = isinstance(level_tolerance, int | float | np.floating) and not isinstance(level_tolerance, bool)
    if not (number and 0 <= level_tolerance < 1):  # type: ignore[operator]
        raise OptionError(
            f"`level_tolerance` is {level_tolerance!r}; it must be a number in [0, 1), such as 1e-6."
        )


def opened(
    frame: object,
    given: Mapping[str, object],
    where: Mapping[Any, object],
    knob: Argument,
    conditions: Sequence[str] | None,
    order: tuple[str, ...] | None,
    also: Mapping[str, object] = MappingProxyType({}),
) -> Sheet:
    """Return the picked and filtered columns, each with what it holds; and, under names of `also`, further ones."""
    if isinstance(frame, pd.DataFrame) and isinstance(frame.columns, pd.MultiIndex):
        raise TableError([nested_problem(frame, given)])
    source = frames.adopt(frame)
    roles, problems = choose(source.labels, given, knob)
    if problems and (unsplit := _unsplit(source)) is not None:
        raise TableError([unsplit])
    wide = wide_problem(source, given) if problems else None
    if wide is not None:
        raise TableError([wide])
    problems = [without_seeds(each, source, given, roles) for each in problems]
    base, filters, refused = _columns.open_sheet(source, {**also, **roles}, where)
    if refused:
        raise TableError([*problems, *refused])
    columns = {
        role: frames.Column(role=role, label=str(label), kind="label") for role, label in roles.items()
    }
    for role in ("knob", "metric", "seed"):
        columns.setdefault(role, frames.Column(role=role, label=str(given[role] or role), kind="broken"))
    sheet = Sheet(
        base=base,
        filters=filters,
        columns=columns,
        knob=knob,
        source=source,
        where=where,
        order=order,
        problems=problems,
    )
    if not roles:
        raise TableError(problems)
    _note_interpreted(sheet)
    if conditions is not None:
        _columns.keep_conditions(sheet, conditions)
    _columns.inspect(sheet)
    return sheet


def _unsplit(source: frames.FrameSource) -> Problem | None:
    """Return the problem of a file whose fields were not told apart: its whole heading is one column."""
    label = str(source.labels[0]) if len(source.labels) == 1 else ""
    sign = max(";\t|,", key=label.count)
    if not label.count(sign):
        return None
    message = f"the frame has one column, named {label!r}; the fields of its file have another delimiter"
    remedy = f"Read the file again: pd.read_csv(FILE, sep={sign!r}), or sigstats.read_sweep(FILE)."
    return Problem(code="WRONG_DELIMITER", column=label, message=message, remedy=remedy)


def _note_interpreted(sheet: Sheet) -> None:
    """Note which values of a file were read otherwise than they stand in it, as `read_sweep` left word."""
    attrs = getattr(sheet.source.native, "attrs", None)
    told = attrs.get("interpreted", ()) if isinstance(attrs, dict) else ()
    if isinstance(told, tuple) and told:
        sheet.note("interpreted", len(told), " ".join(map(str, told)))


def _check_groups(sheet: Sheet, keys: nw.DataFrame[Any], groups: Groups) -> tuple[nw.DataFrame[Any], Groups]:
    """Check the values, and return the groups that have a metric, with their labels."""
    if int(groups.rows.sum()) == 0:
        raise TableError([*sheet.problems, _no_rows(sheet)])
    keep = groups.count > 0
    if not keep.any():
        _columns.report_all_missing(sheet)
        raise TableError(sheet.problems)
    live = groups
    if not keep.all():
        live = groups.take(keep)
        keys = keys.filter(keep.tolist())
    _note_dropped(sheet, groups, live)
    checks.check_metric(sheet, live)
    checks.check_conditions_left(sheet, groups, live)
    labels = keys["knob"] if "knob" in keys.columns else None
    checks.check_knob(sheet, live, labels)
    checks.check_ids(sheet, "seed", live.seed, live.seed_names)
    checks.check_ids(sheet, "condition", live.condition, live.condition_names)
    if live.item is not None:
        checks.check_ids(sheet, "item", live.item, live.item_names)
    if any(
        sheet.columns[role].kind == "broken"
        for role in ("knob", "seed", "condition", "item")
        if role in sheet.columns
    ):
        raise TableError(sheet.problems)
    return keys, live


def _no_rows(sheet: Sheet) -> Problem:
    """Return the problem of a table without rows, before or after filtering."""
    count = frames.collect(sheet.base.select(nw.len().alias("n")))["n"][0]
    if sheet.filters and count:
        return emptied_by(sheet.base, sheet.filters)
    remedy = "Check that the file or query behind it returned rows."
    named = ", ".join(repr(str(label)) for label in sheet.source.labels[:5])
    message = f"the frame does not have any rows, only the names of columns, such as {named}"
    return Problem(code="NO_ROWS", column=None, message=message, remedy=remedy)


def _note_dropped(sheet: Sheet, groups: Groups, live: Groups) -> None:
    """Note rows without a metric, and levels that were lost with them."""
    dropped = int((groups.rows - groups.count).sum())
    if not dropped:
        return
    lost = int(np.setdiff1d(groups.knob[np.isfinite(groups.knob)], live.knob).size)
    also = f" {plural(lost, 'level')} lost all values." if lost else ""
    label = sheet.columns["metric"].label
    sheet.note(
        "dropped_rows", dropped, f"Dropped {plural(dropped, 'row')} without a value of {label!r}.{also}"
    )


def _find_levels(sheet: Sheet, live: Groups, tolerance: float) -> tuple[FloatArray, IntArray]:
    """Return the levels of the knob, and the position of each group's level."""
    values, inverse = np.unique(live.knob + 0.0, return_inverse=True)
    levels, place = _cells.merge_levels(values, tolerance)
    merged = values.size - levels.size
    if merged:
        message = (
            f"Merged {values.size} values of the knob into {levels.size} levels; they differ by rounding."
        )
        sheet.note("levels_merged", merged, message)
    # The conditions in use may have been run at one level of a sweep: that is for the verdict to say.
    if levels.size < 2 and not sheet.narrowed:
        label = sheet.columns["knob"].label
        message = f"{sheet.knob.column} {label!r} has only one level, {levels[0]:g}; at least two are needed"
        remedy = (
            f"Name the column {sheet.knob.holds}, or check whether `where` or `level_tolerance` removed "
            "the others. To ask whether one condition beats another, without a knob, use sigstats.compare."
        )
        if merged:
            first, second = (f"{value:.17g}" for value in values[:2])
            message += f". Its {values.size} values, such as {first} and {second}, were merged as equal up to rounding"
            remedy = f"If they differ, subtract an offset such as {first} from the column. {remedy}"
        sheet.report("knob", "ONE_LEVEL", message, remedy)
        raise TableError(sheet.problems)
    return levels, place[inverse]


def _make_cells(sheet: Sheet, live: Groups, place: IntArray, n_levels: int, aggregate: str | None) -> Cells:
    """Return one value per cell; a median over several groups goes back to their rows."""
    cells = _cells.to_cells(live, place, n_levels, aggregate)
    if aggregate != "median" or live.middle is None or cells.value.size == place.size:
        return cells
    rows = grouping.to_groups(grouping.list_rows(sheet.frame, sheet.columns, aggregate), sheet.columns)
    rows = rows.take(rows.count > 0)
    known, first = np.unique(live.knob + 0.0, return_index=True)
    return _cells.to_cells(rows, place[first[np.searchsorted(known, rows.knob + 0.0)]], n_levels, aggregate)


def _check_repeats(
    sheet: Sheet,
    keys: nw.DataFrame[Any],
    live: Groups,
    cells: Cells,
    levels: FloatArray,
    aggregate: str | None,
) -> None:
    """Check cells that hold several rows."""
    # Without the column that separates them, rows fall into one cell: a consequence, and no problem of its own.
    if sheet.columns["metric"].kind == "broken" or any(each.code in CHOICE for each in sheet.problems):
        return
    rows: tuple[int, ...] = ()
    place = separated = ""
    if aggregate is None and cells.differs.any():
        at = int(np.flatnonzero(cells.differs)[0])
        condition, seed = live.condition_names[cells.condition[at]], live.seed_names[cells.seed[at]]
        level = float(levels[cells.level[at]])
        place = f"condition {frames.shorten(condition)}, seed {frames.shorten(seed)}, level {level:g}"
        group = int(cells.group[at])
        found = [nw.col(key) == keys[key][group] for key in grouping.KEYS if key in keys.columns]
        rows = sheet.first_rows(functools.reduce(operator.and_, found))
        separated = separation(sheet)
    checks.check_cells(sheet, cells, rows, place, aggregate, separated)


def _contents(sheet: Sheet, live: Groups, cells: Cells, levels: FloatArray) -> Checked:
    """Return the contents of the finished table."""
    size = _cells.matrix_sizes(cells, levels.size)
    if size > MAX_CELLS:
        message = f"the sweep spans {size} cells (seeds x levels), of which {cells.value.size} have a value"
        remedy = f"At most {MAX_CELLS} are allowed. Use fewer levels, such as a rounded knob, or fewer seeds."
        raise TableError([Problem(code="TOO_MANY_CELLS", column=None, message=message, remedy=remedy)])
    blocks = _cells.matrices(cells, len(live.condition_names), levels.size)
    used = [place for place, block in enumerate(blocks) if block[0].size]
    seeds = tuple(tuple(live.seed_names[code] for code in blocks[place][0].tolist()) for place in used)
    conditions = tuple(live.condition_names[place] for place in used)
    matrices = tuple(blocks[place][1] for place in used)
    sheet.notes += checks.notes_on_matrices(sheet.columns["knob"].label, conditions, seeds, matrices)
    _note_items(sheet, max(map(len, seeds), default=0))
    return Checked(
        labels={role: column.label for role, column in sheet.columns.items()},
        conditions=conditions,
        levels=levels,
        notes=tuple(sheet.notes),
        n_rows=int(cells.count.sum()),
        level_names=level_names(sheet.columns["knob"], levels),
        seeds=seeds,
        matrices=matrices,
    )


def level_names(column: frames.Column, levels: FloatArray) -> tuple[tuple[float, str], ...]:
    """Return each level with its name, where the knob holds words, or true and false."""
    first = 1 if column.kind == "ranks" else 0
    names = {float(place): name for place, name in enumerate(column.categories, start=first)}
    return tuple((level, names[level]) for level in levels.tolist() if level in names)


def _note_items(sheet: Sheet, n_seeds: int) -> None:
    """Note that items may have been taken for seeds, where another column looks like the run."""
    taken = sheet.taken()
    seed = sheet.columns["seed"].label
    labels = looked_at(seed, n_seeds, [label for label in sheet.source.labels if label not in taken])
    frame = sheet.with_others(labels) if labels else None
    if frame is None:
        return
    others = ((str(label), frame[f"other{place}"].to_numpy()) for place, label in enumerate(labels))
    found = items_as_seeds(seed, n_seeds, frame["seed"].to_numpy(), others)
    if found is not None:
        sheet.notes.append(found)
