"""Which notation the numbers of a text are in: decided by the file as a whole, declared, or refused.

One number cannot say whether `1.000` is one or a thousand; another number of the same file often can. If none does,
the file is refused with both readings, until the caller declares the decimal or the thousands sign.
"""

import re
from typing import Any, Protocol

import numpy as np
import pandas as pd

from sigstats.data.readers.labels import MERGED, is_label, merges, with_labels
from sigstats.data.readers.model import Loaded, Options, means_not_seeds, refused
from sigstats.data.table.spelled import (
    COMMA,
    MAGNITUDES,
    NEUTRAL,
    POINT,
    Notation,
    is_ambiguous,
    is_summary,
    readings,
    spelling,
)
from sigstats.errors import option

FIRST = 1000
# A number that can only have three decimals: whoever wrote it wrote others so too.
THREE_DECIMALS = re.compile(rb"(?:^|[;\"\s])[+-]?0\.[0-9]{3}(?=[;\"\s]|$)")
EXACT = 2**53


class Sheet(Protocol):
    """Text of a table, which can be had as it is written and with its plain numbers read."""

    @property
    def name(self) -> str:
        """The name of the file."""

    @property
    def delimiter(self) -> str:
        """The sign between its fields."""

    @property
    def data(self) -> bytes:
        """The text."""

    def typed(self) -> pd.DataFrame:
        """Return the columns as numbers where they are plain numbers."""

    def texts(self) -> pd.DataFrame:
        """Return the columns as they are written."""


def settled(sheet: Sheet, options: Options) -> Loaded:
    """Return the columns of a text with their numbers read."""
    declared = _declared(options)
    if declared is not None:
        return _finished(sheet.name, _converted(sheet.texts(), declared), declared, options)
    frame = sheet.typed()
    spelled = {name: texts for name, texts in _text_columns(frame).items() if _may_be_numbers(texts)}
    comma = [name for name, texts in spelled.items() if _shows_comma(texts)]
    point = _shows_point(frame)
    doubtful = {} if point else _dotted(sheet, frame)
    point = point or any(map(_writes_point, doubtful.values()))
    if point and sheet.delimiter == ";" and not THREE_DECIMALS.search(sheet.data):
        _refuse_grouped(sheet, frame)
    if comma and not point:
        note = f"{sheet.name!r}: its decimal commas were read as such, as in {_sample(spelled[comma[0]])!r}."
        loaded = _finished(sheet.name, _converted(sheet.texts(), COMMA), COMMA, options)
        return Loaded(frame=loaded.frame, interpreted=(note, *loaded.interpreted))
    if not point:
        _refuse_ambiguous(sheet.name, {**doubtful, **spelled})
    notes = []
    for name, texts in spelled.items():
        if POINT.numbers(texts) is not None:
            frame[name] = _numbers(frame[name], POINT)
            notes.append(
                f"{sheet.name!r}: column {name!r} holds numbers as text, which were read, as in {_sample(texts)!r}."
            )
    loaded = _finished(sheet.name, with_labels(frame, sheet.texts), POINT, options)
    return Loaded(frame=loaded.frame, interpreted=(*notes, *loaded.interpreted))


def _refuse_grouped(sheet: Sheet, frame: pd.DataFrame) -> None:
    """Refuse columns of a text between semicolons that may hold thousands, as where commas stand before decimals.

    A point elsewhere in the file is no proof there: such files mix what people typed with what programs wrote.
    """
    floats = {name: column for name, column in frame.items() if column.dtype == np.float64}
    asked = [name for name, column in floats.items() if not _has_decimals(column.to_numpy())]
    if not asked:
        return
    texts = sheet.texts()
    found = {name: texts[name].dropna().unique().tolist() for name in asked}
    _refuse_ambiguous(sheet.name, found)


def _refuse_ambiguous(name: str, columns: dict[Any, list[str]]) -> None:
    """Refuse numbers that are one with a decimal point and another with a point between thousands."""
    for column, texts in columns.items():
        odd = next((text for text in texts if is_ambiguous(text)), None)
        if odd is not None and COMMA.numbers(texts) is not None and POINT.numbers(texts) is not None:
            raise _ambiguous(name, column, odd)


def _writes_point(texts: list[str]) -> bool:
    """Return whether a number in a column can only have a decimal point."""
    return any("." in text and not is_ambiguous(text) for text in texts)


def _declared(options: Options) -> Notation | None:
    """Return the notation that the caller declared."""
    if options.decimal is None and options.thousands is None:
        return None
    decimal = options.decimal or ("," if options.thousands == "." else ".")
    other = "." if decimal == "," else ","
    return Notation(decimal, options.thousands if options.thousands is not None else other + NEUTRAL)


def _text_columns(frame: pd.DataFrame) -> dict[Any, list[str]]:
    """Return the distinct texts of each column of text whose first rows could be numbers."""
    found = {}
    for name in frame.columns:
        column = frame[name]
        if not (column.dtype == object or pd.api.types.is_string_dtype(column.dtype)):
            continue
        first = [text for text in column.head(FIRST).dropna().unique().tolist() if isinstance(text, str)]
        if first and all(any(mark.isdigit() for mark in text) for text in first):
            found[name] = [text for text in column.dropna().unique().tolist() if isinstance(text, str)]
    return found


def _may_be_numbers(texts: list[str]) -> bool:
    """Return whether all texts are numbers in one notation or another, and not ids padded with zeros."""
    return bool(texts) and (COMMA.numbers(texts) is not None or POINT.numbers(texts) is not None)


def _shows_comma(texts: list[str]) -> bool:
    """Return whether texts are numbers with decimal commas, and cannot be others."""
    return COMMA.numbers(texts) is not None and POINT.numbers(texts) is None


def _shows_point(frame: pd.DataFrame) -> bool:
    """Return whether a column of numbers cannot be whole numbers with a point between thousands."""
    return any(
        _has_decimals(frame[name].to_numpy()) for name in frame.columns if frame[name].dtype == np.float64
    )


def _has_decimals(values: Any) -> bool:  # noqa: ANN401 - an array of floats
    """Return whether a number is not one to three digits and three decimals, read from text with a point."""
    for part in (values[:FIRST], values):
        size = np.abs(part[np.isfinite(part)])
        small = (size > 0) & (size < 1)
        scaled = size[size < 1000] * 1000
        if small.any() or (np.abs(scaled - np.round(scaled)) > 1e-9 * np.maximum(scaled, 1)).any():
            return True
    return False


def _dotted(sheet: Sheet, frame: pd.DataFrame) -> dict[Any, list[str]]:
    """Return the texts of the columns of floats; only needed where no number shows what a point means."""
    floats = [name for name in frame.columns if frame[name].dtype == np.float64]
    if not floats or b"." not in sheet.data:
        return {}
    texts = sheet.texts()
    return {name: texts[name].dropna().unique().tolist() for name in floats}


def _converted(texts: pd.DataFrame, notation: Notation) -> pd.DataFrame:
    """Return a frame of texts with every column of numbers read."""
    for name in texts.columns:
        column = texts[name]
        if column.isna().all():
            texts[name] = np.full(len(column), np.nan)
        elif (found := notation.numbers(_distinct(column))) is not None:
            pair = merges(found)
            if pair and is_label(name):
                continue
            if pair:
                texts.attrs[MERGED] = {**texts.attrs.get(MERGED, {}), name: pair}
            texts[name] = _numbers(column, notation)
    return texts


def _distinct(column: "pd.Series[Any]") -> list[str]:
    return [text for text in column.dropna().unique().tolist() if isinstance(text, str)]


def _has_numbers(column: "pd.Series[Any]") -> bool:
    """Return whether some cells of a column of a workbook are numbers and not text."""
    return any(not isinstance(cell, str) for cell in column.dropna().tolist())


def _are_readable(column: "pd.Series[Any]") -> bool:
    """Return whether the cells that are no text are numbers, so that the others can be read beside them."""
    cells = [cell for cell in column.dropna().tolist() if not isinstance(cell, str)]
    return all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def _numbers(column: "pd.Series[Any]", notation: Notation) -> Any:  # noqa: ANN401 - an array
    """Return the numbers of a column, in which some may be numbers already: whole ones if all are, and none missing."""
    found = notation.numbers(_distinct(column)) or {}
    numbers = column.map(lambda cell: found.get(cell, cell))
    known = [*found.values(), *(cell for cell in column.dropna().tolist() if not isinstance(cell, str))]
    whole = all(float(number).is_integer() and abs(number) < EXACT for number in known)
    whole = whole and all(isinstance(number, int) for number in found.values())
    return numbers.astype(np.int64 if whole and not column.isna().any() else np.float64)


def _finished(name: str, frame: pd.DataFrame, notation: Notation, options: Options) -> Loaded:
    """Refuse means with their spread; read per cent, and the units that were declared."""
    notes = []
    for title, texts in _text_columns(frame).items():
        if all(map(is_summary, texts)):
            raise means_not_seeds(name, title, texts[0])
        found = _with_unit(texts, {*(options.units or ()), "%"}, notation)
        # A number without a unit beside 50% may be a share or per cent; beside 10k it can only be a number.
        mixed = _has_numbers(frame[title])
        if found is not None and (not mixed or (found[2] and _are_readable(frame[title]))):
            numbers = found[0]
            frame[title] = (
                frame[title].map(lambda cell, numbers=numbers: numbers.get(cell, cell)).astype(np.float64)
            )
            notes.append(f"{name!r}: in column {title!r} the units {found[1]} were read, as in {texts[0]!r}.")
    return Loaded(frame=frame, interpreted=tuple(notes))


def with_spelled(name: str, frame: pd.DataFrame, options: Options) -> Loaded:
    """Return a table of a workbook with the numbers read that stand in it as text."""
    declared = _declared(options)
    notes = []
    for title, texts in _text_columns(frame).items():
        if all(map(is_summary, texts)):
            raise means_not_seeds(name, title, texts[0])
        odd = next((text for text in texts if is_ambiguous(text)), None)
        comma, point = COMMA.numbers(texts), POINT.numbers(texts)
        if declared is None and odd is not None and comma is not None and point is not None:
            raise _ambiguous(name, title, odd)
        used = declared or (COMMA if comma is not None and point is None else POINT)
        if used.numbers(texts) is not None and _are_readable(frame[title]):
            frame[title] = _numbers(frame[title], used)
            notes.append(
                f"{name!r}: column {title!r} holds numbers as text, which were read, as in {texts[0]!r}."
            )
    loaded = _finished(name, frame, declared or POINT, options)
    return Loaded(frame=loaded.frame, interpreted=(*notes, *loaded.interpreted))


def _with_unit(
    texts: list[str], units: set[str], notation: Notation
) -> tuple[dict[str, float], str, bool] | None:
    """Return the numbers before units that are known, how the units are called, and whether they are magnitudes."""
    plain = {text: text.replace(notation.decimal, ".") if notation.decimal != "." else text for text in texts}
    read = spelling(list(dict.fromkeys(plain.values())))
    if read is None or not read.units or not set(read.units) <= units:
        return None
    numbers = {text: read.numbers[plain[text]] for text in texts}
    return numbers, " and ".join(map(repr, read.units)), set(read.units) <= set(MAGNITUDES)


def _sample(texts: list[str]) -> str:
    return next((text for text in texts if "," in text), texts[0])


def _ambiguous(name: str, column: object, text: str) -> Exception:
    mark = "." if "." in text else ","
    message = f"column {column!r} of {name!r} holds a number that could be read in two ways: {readings(text)}"
    remedy = f"Say which: {option('decimal', mark)} or {option('thousands', mark)}."
    return refused("AMBIGUOUS_NUMBER", message, remedy)
