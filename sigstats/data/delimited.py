"""Delimited text: the lines of any such text."""

import csv
import io
from collections.abc import Iterator


def lines_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line; raises `csv.Error` at a line that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        yield reader.line_num, cells
