"""Delimited text: the strict reader of sweep tables.

A sweep table is read faithfully or refused, with the place of what is wrong. Training logs are read leniently by
`sigstats.data.logs.files.text_table`, since a run that crashed is still a run.
"""

import csv
import io
import itertools
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sigstats.data.delimited import lines_of
from sigstats.data.readers import fast_text, notation
from sigstats.data.readers.model import (
    MAX_COLUMNS,
    Content,
    Loaded,
    Options,
    empty,
    refused,
    too_many_columns,
)
from sigstats.data.readers.preamble import MAX_LINE, opened, utf8
from sigstats.errors import TableError, option

# Between the fields of a header that has no comma; in this order.
OTHER_DELIMITERS = (";", "\t", "|")
HEAD = 4 * MAX_LINE
PADDED = r"\s*[+-]?0[0-9]+\s*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Delimited text on its way into a frame."""

    name: str
    data: bytes
    header: list[str]
    delimiter: str
    missing: tuple[str, ...]

    def typed(self) -> pd.DataFrame:
        """Return the columns as numbers where they are plain numbers, whole numbers with leading zeros as text."""
        quick = fast_text.read(self.data, self.header, self.delimiter, self.missing)
        if quick is not None:
            return quick
        padded = [place for place in self._padded() if self.header[place]]
        frame = self._parsed(dtype={self.header[place]: str for place in padded})
        self._check_short_rows()
        return frame

    def texts(self) -> pd.DataFrame:
        """Return the columns as they are written."""
        frame = self._parsed(dtype=str)
        self._check_short_rows()
        return frame

    def _parsed(self, **how: Any) -> pd.DataFrame:  # noqa: ANN401 - options of pandas
        blanks = self.delimiter == " "
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                frame: pd.DataFrame = pd.read_csv(
                    io.BytesIO(self.data),
                    sep=r"\s+" if blanks else self.delimiter,
                    index_col=False,
                    keep_default_na=False,
                    na_values=list(self.missing),
                    low_memory=False,
                    **_exact_floats(),
                    **how,
                )
        except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
            if "out of memory" in str(error):  # which pandas raises as an error of the file
                raise MemoryError from None
            raise broken_rows(self.name, error) from None
        return frame

    def _padded(self) -> list[int]:
        """Return the positions of columns of whole numbers in which some have leading zeros, as ids do."""
        if not fast_text.may_have_leading_zeros(self.data, self.delimiter):
            return []
        texts = self._parsed(dtype=str)
        found = [
            texts.iloc[:, place].str.fullmatch(PADDED, na=False).any() for place in range(texts.shape[1])
        ]
        return np.flatnonzero(found).tolist()

    def _check_short_rows(self) -> None:
        """Refuse rows with fewer fields than the header: one cut off, and a value in it may be cut too."""
        if self.delimiter == " " or len(self.header) == 1 or self._is_even():
            return
        filled = (
            (number, cells)
            for number, cells in lines_of(self.data.decode("utf-8"), self.delimiter)
            if len(cells) > 1 or "".join(cells).strip()
        )
        try:
            short = next(((number, cells) for number, cells in filled if len(cells) < len(self.header)), None)
        except csv.Error as error:
            raise broken_rows(self.name, error) from None
        if short is not None:
            number, cells = short
            message = f"line {number} of {self.name!r} has {len(cells)} fields, its header {len(self.header)}"
            hint = "Complete the line, or delete it."
            if cells and cells[0].lstrip().startswith("#"):
                hint = f"If it is a comment, leave such lines out: {option('comment', '#')}."
            raise refused("BROKEN_ROWS", message, hint)

    def _is_even(self) -> bool:
        """Return whether the number of delimiters alone says that no row is short."""
        if b'"' in self.data or b"\r" in self.data.replace(b"\r\n", b""):
            return False
        lines = self.data.count(b"\n") + (not self.data.endswith(b"\n"))
        found = self.data.count(self.delimiter.encode())
        return found == lines * (len(self.header) - 1)


def read_text(content: Content, options: Options) -> Loaded:
    """Read CSV."""
    return _read(content, options, None)


def read_tabbed(content: Content, options: Options) -> Loaded:
    """Read TSV."""
    return _read(content, options, "\t")


def _read(content: Content, options: Options, delimiter: str | None) -> Loaded:
    text = opened(content.name, utf8(content, options.encoding), options)
    given = options.delimiter or text.delimiter or delimiter
    used, notes = (given, ()) if given else _found_delimiter(content.name, text.data)
    header = _check_header(content.name, text.data, used)
    sheet = Sheet(
        name=content.name, data=text.data, header=header, delimiter=used, missing=options.missing_words
    )
    loaded = notation.settled(sheet, options)
    return Loaded(frame=loaded.frame, notes=(*text.notes, *notes), interpreted=loaded.interpreted)


def _found_delimiter(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the sign between fields: a comma, unless the header has none and another sign splits it."""
    first = _first_lines(name, data, ",")
    if not first or len(first[0]) > 1:
        return ",", ()
    for mark in OTHER_DELIMITERS:
        if mark in first[0][0]:
            return mark, (f"{name!r}: its fields stand between {mark!r}.",)
    words = data.lstrip().partition(b"\n")[0].split()
    after = data.lstrip().partition(b"\n")[2].partition(b"\n")[0].split()
    if len(words) > 1 and len(after) == len(words) and b'"' not in data[:HEAD]:
        return " ", (f"{name!r}: its fields stand between blanks.",)
    return ",", ()


def _first_lines(name: str, data: bytes, delimiter: str) -> list[list[str]]:
    """Return the first two lines that are not empty."""
    start = data[:HEAD].decode("utf-8", "ignore")
    if delimiter == " ":
        return [line.split() for line in start.splitlines()[:100] if line.strip()][:2]
    filled = (cells for _, cells in lines_of(start, delimiter) if len(cells) > 1 or "".join(cells).strip())
    try:
        return list(itertools.islice(filled, 2))
    except csv.Error as error:
        raise broken_rows(name, error) from None


def _check_header(name: str, data: bytes, delimiter: str) -> list[str]:
    """Return the names in the header, or refuse it."""
    found = _first_lines(name, data, delimiter)
    if not found:
        raise empty(name)
    header = found[0]
    if len(header) > MAX_COLUMNS:
        raise too_many_columns(name, len(header))
    other = next((mark for mark in (*OTHER_DELIMITERS, ",") if mark in header[0]), None)
    if len(header) == 1 and other is not None and other != delimiter:
        message = f"{name!r} has one column, named {header[0][:80]!r}"
        remedy = f"Its fields seem to have another delimiter: {option('delimiter', other)}."
        raise refused("WRONG_DELIMITER", message, remedy)
    repeated = [each for each in dict.fromkeys(header) if each and header.count(each) > 1]
    if repeated:
        message = f"{name!r} has more than one column named {repeated[0]!r}"
        raise refused("DUPLICATE_COLUMNS", message, "Rename the columns so that each name occurs once.")
    if len(found) == 2 and len(found[1]) > len(header):
        message = f"the first row of {name!r} has {len(found[1])} fields, its header {len(header)}"
        hint = "Give every column a name, or look for a superfluous delimiter."
        if (
            len(header) == 1
            and len(found[1]) == 2
            and all(map(str.isdigit, (cell.strip() or "x" for cell in found[1])))
        ):
            hint = f"If a comma stands before decimals: {option('delimiter', ';')}."
        elif len(header) == 1 and '"' not in header[0]:
            title = f"If {header[0][:40]!r} is not the header, leave the line out"
            hint = f"{title}: {option('comment', header[0][:10])}. Else give every column a name."
        raise refused("BROKEN_ROWS", message, hint)
    return header


def broken_rows(name: str, error: Exception) -> TableError:
    """Return the error for rows that do not parse."""
    reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
    message = f"the rows of {name!r} do not fit together: {reason}"
    hint = "Look for an unclosed quote or for rows with too many fields."
    return refused("BROKEN_ROWS", message, hint)


def _exact_floats() -> dict[str, Any]:
    """Return the option by which pandas reads floats exactly; from 3.1 on it always does."""
    major, minor = (int(part) for part in pd.__version__.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}
