"""What the columns of knob, metric, seed, condition and item hold.

The checks here look at names and types, never at single numbers; those are checked once the rows have been
reduced to groups (`sigstats.data.table.checks`). Python objects become numbers or ids on the way.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.dtypes import DType

from sigstats.data.table import frames
from sigstats.data.table.cells import TableNote, folded, id_text, parse_numbers
from sigstats.data.table.filters import Filter, build
from sigstats.data.table.frames import Column, Frame, FrameSource, shorten
from sigstats.data.table.roles import Argument, missing_column
from sigstats.data.table.spelled import is_summary
from sigstats.data.table.to_numbers import CORRECT, as_numbers, declare_order, times_as_numbers
from sigstats.errors import Problem, TableError

ROW = "row"
FLAGS = ("false", "true")
NO_CONDITION = frozenset({"", "nan", "<na>", "nat"})


@dataclass(slots=True, kw_only=True)
class Sheet:
    """The picked columns on their way through the checks; it exists only while a table is made."""

    base: Frame  # picked columns, all rows
    filters: list[Filter]  # the filters of `where`
    columns: dict[str, Column]  # what each role's column holds
    knob: Argument  # how the knob's column was named
    source: FrameSource  # the whole frame, for hints
    where: Mapping[Any, object]  # the filters as the caller wrote them
    order: tuple[str, ...] | None = None  # declared order of the knob's levels, where its values have none
    frame: Frame = field(init=False)  # filtered rows; Python objects are replaced by numbers or ids
    problems: list[Problem] = field(default_factory=list)  # problems, notes: what was found so far
    notes: list[TableNote] = field(default_factory=list)
    narrowed: bool = False  # whether conditions that are not in use were left out

    def __post_init__(self) -> None:
        """Filter the rows, numbered if single rows will have to be named."""
        schema = self.base.collect_schema()
        opaque = any(frames.is_opaque(schema[role]) for role in self.columns if role in schema)
        if opaque:
            self.base = frames.collect(self.base).with_row_index(ROW)
        self.frame = self._filtered(self.base)

    def _filtered(self, frame: Frame) -> Frame:
        """Return the rows that every filter keeps."""
        try:
            return frame.filter(*(clause.keep for clause in self.filters)) if self.filters else frame
        except UnicodeEncodeError:
            message = "a filter names a value with half of a letter (a lone surrogate), which is no text"
            remedy = "Rename these values in the table, and in the filter."
            labels = ", ".join(repr(clause.label) for clause in self.filters)
            raise TableError(
                [Problem(code="HALF_LETTER", column=labels, message=message, remedy=remedy)]
            ) from None

    def taken(self) -> set[object]:
        """Return the labels of the columns that have a role, and of those that a filter holds to one value."""
        fixed = {
            label
            for label, wanted in self.where.items()
            if not isinstance(wanted, list | tuple | set | Mapping)
        }
        return fixed | {column.label for column in self.columns.values()}

    def with_others(self, labels: Sequence[object]) -> nw.DataFrame[Any] | None:
        """Return the filtered rows with further columns, called other0, other1 and so on; None for a lazy frame."""
        if isinstance(self.base, nw.LazyFrame):
            return None
        extra = self.source.pick({f"other{place}": label for place, label in enumerate(labels)})
        if not isinstance(extra, nw.DataFrame):
            return None
        whole = self.base.with_columns(*(extra[name] for name in extra.columns))
        return frames.collect(self._filtered(whole))

    def first_rows(self, condition: nw.Expr | None = None) -> tuple[int, ...]:
        """Return the positions of the first rows that fulfil a condition; none for a lazy frame."""
        if isinstance(self.base, nw.LazyFrame):
            return ()
        numbered = self.frame
        if ROW not in numbered.columns:
            numbered = self._filtered(self.base.with_row_index(ROW))
        found = (numbered if condition is None else numbered.filter(condition))[ROW].head(frames.SHOWN)
        return tuple(int(row) for row in found.to_list())

    def report(self, role: str, code: str, message: str, remedy: str, rows: Sequence[int] = ()) -> None:
        """Record a problem with the column of a role; no further problem of that column is reported."""
        column = self.columns[role]
        self.problems.append(
            Problem(
                code=code,
                column=column.label,
                message=message,
                remedy=remedy,
                rows=tuple(rows)[: frames.SHOWN],
            )
        )
        self.columns[role] = frames.mark_broken(column)

    def note(self, code: str, count: int, message: str) -> None:
        """Record a note, unless the count is zero."""
        if count:
            self.notes.append(TableNote(code=code, message=message, count=int(count)))


def open_sheet(
    source: FrameSource, roles: Mapping[str, object], where: Mapping[Any, object]
) -> tuple[Frame, list[Filter], list[Problem]]:
    """Pick the columns of the roles and of the filters."""
    wanted = {f"where{place}": label for place, label in enumerate(where) if label in source.labels}
    absent = [label for label in where if label not in source.labels]
    problems = [
        missing_column(
            f"`where` names the column {shorten(label)}", "Name one of these.", label, source.labels
        )
        for label in absent
    ]
    frame = source.pick({**roles, **wanted})
    schema = frame.collect_schema()
    filters: list[Filter] = []
    for name, label in wanted.items():
        built = build(name, str(label), schema[name], where[label])
        if isinstance(built, Problem):
            problems.append(built)
        else:
            filters.append(built)
    return frame, filters, problems


def keep_conditions(sheet: Sheet, wanted: Sequence[str]) -> None:
    """Leave out the rows of conditions that are not in use; none if one that is wanted is missing.

    Rows without a condition, and of one whose name is all but the same, may belong to one in use: they stay.
    """
    if "condition" not in sheet.columns or sheet.frame.collect_schema()["condition"].is_nested():
        return
    labels = _labels(sheet.base)
    left = labels if not sheet.filters else _labels(sheet.frame)
    if not set(wanted) <= set(labels.values()) or set(wanted).isdisjoint(left.values()):
        return
    kept = {folded(name) for name in wanted} | NO_CONDITION
    others = [value for value, name in labels.items() if name is not None and folded(name) not in kept]
    if not others:
        return
    label = sheet.columns["condition"].label
    keep = _is_not(sheet.base, others)
    sheet.filters = [*sheet.filters, Filter(column="condition", label=label, wanted=wanted, keep=keep)]
    sheet.frame = sheet.frame.filter(keep)
    sheet.narrowed = True


def _labels(frame: Frame) -> dict[Any, str | None]:
    """Return the conditions of a frame as they are, with their ids; None for what means none."""
    if frames.is_opaque(frame.collect_schema()["condition"]):
        values = frames.python_values(frames.collect(frame)["condition"])
    else:
        values = frames.collect(frame.select(nw.col("condition")).unique())["condition"].to_list()
    return {value: None if frames.is_missing(value) else id_text(value) for value in values}


def _is_not(frame: Frame, labels: Sequence[Any]) -> nw.Expr:
    """Return the expression for the rows whose condition is none of some labels."""
    dtype = frame.collect_schema()["condition"]
    if frames.is_opaque(dtype):
        rows = frames.collect(frame)
        others = set(labels)
        pairs = zip(rows[ROW].to_list(), frames.python_values(rows["condition"]), strict=True)
        return nw.col(ROW).is_in([row for row, value in pairs if value not in others])
    column = nw.col("condition").cast(nw.String) if dtype in frames.CODED else nw.col("condition")
    return ~column.is_in(labels) | nw.col("condition").is_null()


def inspect(sheet: Sheet) -> None:
    """Find out what the column of each role holds; report columns of an unsuitable type."""
    schema = sheet.frame.collect_schema()
    readers = {
        "metric": _read_metric,
        "knob": _read_knob,
        "seed": _read_ids,
        "condition": _read_ids,
        "item": _read_ids,
    }
    for role in list(sheet.columns):
        if sheet.columns[role].kind != "broken":
            readers[role](sheet, role, schema[role])


def _kind(sheet: Sheet, role: str, kind: str, categories: Sequence[object] = ()) -> None:
    """Record what a column holds."""
    label = sheet.columns[role].label
    names = tuple(str(category) for category in categories)
    sheet.columns[role] = Column(role=role, label=label, kind=kind, categories=names)


def _number_kind(sheet: Sheet, role: str, dtype: DType) -> bool:
    """Record a numeric or true/false column; return whether it was one."""
    if dtype == nw.Boolean:
        _kind(sheet, role, "bool", FLAGS)
        counts = "false counts as 0 and true as 1"
        sheet.note(
            f"boolean_{role}",
            1,
            f"The {role} column {sheet.columns[role].label!r} is true or false; {counts}.",
        )
    elif dtype.is_numeric():
        _kind(sheet, role, "integer" if dtype.is_integer() else "number")
    else:
        return False
    return True


def _read_metric(sheet: Sheet, role: str, dtype: DType) -> None:
    """Accept numbers and true/false; refuse everything else."""
    if _number_kind(sheet, role, dtype):
        return
    if frames.is_opaque(dtype):
        _read_number_objects(sheet, role)
        return
    label = sheet.columns[role].label
    rows = sheet.first_rows(~nw.col(role).is_null())
    if not rows and isinstance(sheet.base, nw.DataFrame):
        report_all_missing(sheet)
        return
    if dtype in frames.TEXT and _spoilt_elsewhere(sheet, role):
        return
    if dtype in frames.TEXT:
        spoils = _spoils_numbers(sheet, role)
        rows = rows if spoils is None else sheet.first_rows(spoils)
        _report_text(sheet, role, _example(sheet, role, spoils), rows, _texts(sheet, role))
        return
    sheet.report(
        role,
        "METRIC_NOT_NUMERIC",
        f"the metric column {label!r} holds values of type {dtype}; a metric must be numeric",
        "Convert it to a number in a unit of your choice, such as seconds.",
        rows,
    )


def report_all_missing(sheet: Sheet) -> None:
    """Report a metric without a single value."""
    label = sheet.columns["metric"].label
    message = f"the metric column {label!r} holds only missing values"
    remedy = "Check that the right column was named, and that the runs recorded it."
    sheet.report("metric", "METRIC_MISSING", message, remedy, sheet.first_rows())


def _spoilt_elsewhere(sheet: Sheet, role: str) -> bool:
    """Turn a text column into numbers if only cells in rows that were left out are none; return whether it was."""
    if not sheet.filters or not isinstance(sheet.base, nw.DataFrame):
        return False
    frame = frames.collect(sheet.frame)
    texts = [None if value is None else str(value) for value in frames.python_values(frame[role])]
    numbers = parse_numbers([text for text in texts if text is not None])
    everywhere = [str(value) for value in frames.python_values(sheet.base[role]) if value is not None]
    if np.isnan(numbers).any() or not np.isnan(parse_numbers(everywhere)).any():
        return False
    found = iter(numbers.tolist())
    sheet.frame = frames.with_floats(frame, role, [None if text is None else next(found) for text in texts])
    return _number_kind(sheet, role, nw.Float64())


def _spoils_numbers(sheet: Sheet, role: str) -> nw.Expr | None:
    """Return which cells of a text column are not numbers, if others are: the cells that made it text."""
    if not isinstance(sheet.frame, nw.DataFrame):
        return None
    texts = _texts(sheet, role)
    wrong = [text for text, number in zip(texts, parse_numbers(texts), strict=True) if np.isnan(number)]
    return nw.col(role).is_in(wrong) if 0 < len(wrong) < len(texts) else None


def _texts(sheet: Sheet, role: str) -> list[str]:
    """Return the distinct texts in a column; none for a lazy frame."""
    if not isinstance(sheet.frame, nw.DataFrame):
        return []
    return [text for text in sheet.frame[role].unique().to_list() if isinstance(text, str)]


def _example(sheet: Sheet, role: str, which: nw.Expr | None = None) -> str:
    """Return one value of a column, for a message."""
    chosen = ~nw.col(role).is_null() if which is None else which
    values = frames.collect(sheet.frame.select(nw.col(role)).filter(chosen).head(1))
    return shorten(values[role].to_list()[0]) if len(values) else "only missing values"


def _report_text(
    sheet: Sheet, role: str, example: str, rows: Sequence[int], values: Sequence[object]
) -> None:
    """Report a metric that holds text, alone or among other values."""
    texts = [value for value in values if isinstance(value, str)]
    label = sheet.columns[role].label
    message = f"the metric column {label!r} holds text, such as {example}; a metric must be numeric"
    spread = next((text for text in texts if is_summary(text)), None)
    if spread is not None:
        sheet.report(
            role,
            "MEANS_NOT_SEEDS",
            f"the metric column {label!r} holds means with their spread, such as {spread!r}; a mean over seeds is not "
            "a seed, and what the seeds did cannot be found out from it",
            "Give the value of each seed, in a row of its own.",
            rows,
        )
        return
    sheet.report(role, "METRIC_IS_TEXT", message, as_numbers(label, values), rows)


def _read_number_objects(sheet: Sheet, role: str) -> None:
    """Turn a column of Python objects into floats, if each is a real number or missing."""
    frame = frames.collect(sheet.frame)
    objects = frames.python_values(frame[role])
    numbers = [None if value is None else frames.to_number(value) for value in objects]
    wrong = [place for place, value in enumerate(objects) if value is not None and numbers[place] is None]
    flags = [place for place, value in enumerate(objects) if isinstance(value, bool | np.bool_)]
    if flags and not wrong and len(flags) < sum(value is not None for value in objects):
        _report_flags(sheet, role, objects[flags[0]], frame[ROW].to_numpy()[flags[: frames.SHOWN]].tolist())
        return
    if not wrong:
        sheet.frame = frames.with_floats(frame, role, numbers)
        only = len(flags) == sum(value is not None for value in objects)
        _number_kind(sheet, role, nw.Boolean() if only else nw.Float64())
        if only and objects:
            _kind(sheet, role, "number", FLAGS)
        return
    rows = frame[ROW].to_numpy()[wrong[: frames.SHOWN]].tolist()
    odd = objects[wrong[0]]
    label = sheet.columns[role].label
    remedy = CORRECT
    if isinstance(odd, dt.date):
        remedy = times_as_numbers(label, nw.Date())
    elif role == "knob" and isinstance(odd, str):
        remedy = declare_order([text for each in objects if (text := id_text(each)) is not None])
    if role == "metric" and isinstance(odd, str):
        _report_text(sheet, role, shorten(odd), rows, objects)
    elif isinstance(odd, complex):
        message = f"the {role} column {label!r} holds complex numbers, such as {odd}; a {role} must be real"
        sheet.report(
            role,
            f"{role.upper()}_NOT_NUMERIC",
            message,
            "Take the real part, the modulus or the phase.",
            rows,
        )
    else:
        what = f"{shorten(odd)} ({type(odd).__name__})"
        message = f"the {role} column {label!r} holds {what}, which is not a real number"
        sheet.report(
            role,
            f"{role.upper()}_NOT_NUMERIC",
            message,
            remedy,
            rows,
        )


def _report_flags(sheet: Sheet, role: str, flag: object, rows: Sequence[int]) -> None:
    """Report true or false among numbers, which need not mean 1 or 0 there."""
    label = sheet.columns[role].label
    message = f"the {role} column {label!r} holds {flag} among numbers, which is not one of them"
    sheet.report(role, f"{role.upper()}_NOT_NUMERIC", message, CORRECT, rows)


def _read_knob(sheet: Sheet, role: str, dtype: DType) -> None:
    """Accept numbers, true/false, text and ordered categories; refuse everything else."""
    label = sheet.columns[role].label
    if sheet.order is not None:
        if frames.is_opaque(dtype):
            frame = frames.collect(sheet.frame)
            sheet.frame = frames.with_ids(frame, role, frames.python_values(frame[role]))
        _kind(sheet, role, "ranks", sheet.order)
        return
    if _number_kind(sheet, role, dtype):
        return
    if isinstance(dtype, nw.Enum):
        _kind(sheet, role, "ranks", dtype.categories)
    elif dtype == nw.String:
        _kind(sheet, role, "text")
    elif frames.is_opaque(dtype):
        _read_number_objects(sheet, role)
    elif dtype == nw.Categorical:
        message = (
            f"{sheet.knob.column} {label!r} is categorical without an order, such as {_example(sheet, role)}"
        )
        rows = sheet.first_rows(~nw.col(role).is_null())
        sheet.report(role, "KNOB_UNORDERED", message, declare_order(_texts(sheet, role)), rows)
    else:
        message = f"{sheet.knob.column} {label!r} holds values of type {dtype}; it must be numeric"
        rows = sheet.first_rows(~nw.col(role).is_null())
        sheet.report(role, "KNOB_NOT_NUMERIC", message, times_as_numbers(label, dtype), rows)


def _read_ids(sheet: Sheet, role: str, dtype: DType) -> None:
    """Accept labels of any plain type, as ids."""
    label = sheet.columns[role].label
    if dtype.is_nested():
        message = f"the {role} column {label!r} holds values of type {dtype}; a {role} is a plain label"
        sheet.report(role, f"{role.upper()}_NOT_A_LABEL", message, "Turn each value into one text or number.")
        return
    _kind(sheet, role, "label")
    if not frames.is_opaque(dtype):
        return
    frame = frames.collect(sheet.frame)
    values = frames.python_values(frame[role])
    texts = {value for value in values if isinstance(value, str)}
    others = {id_text(value) for value in values if value is not None and not isinstance(value, str)}
    sheet.frame = frames.with_ids(frame, role, values)
    if texts and others:
        count = len(others)
        message = (
            f"{count} {role}s in {label!r} are not text and were read as text, so that 7 and '7' are one id."
        )
        sheet.note("ids_converted", len(others), message)
