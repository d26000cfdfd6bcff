"""How large the sheets of a workbook would be, before calamine reserves memory for all their cells.

A workbook of a kilobyte can hold one value in its first cell and one in its last; a reader that keeps whole areas
would then need room for 17 billion cells.
"""

import re

CELL = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,3})([0-9]{1,10})["']""")
ROW = re.compile(rb"<table:table-row\b")
ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^<>]*?)(/?)>")
COLUMNS_REPEATED = re.compile(rb"""number-columns-repeated\s*=\s*["']([0-9]{1,10})""")
ROWS_REPEATED = re.compile(rb"""number-rows-repeated\s*=\s*["']([0-9]{1,10})""")


def excel_area(sheet: bytes) -> int:
    """Return the number of cells from the first of a sheet to its last."""
    width = height = 0
    for found in CELL.finditer(sheet):
        height = max(height, int(found[2]))
        width = max(width, _column(found[1]))
    return width * height


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def ods_area(content: bytes) -> int:
    """Return the number of cells from the first of an ODS sheet to the last that holds a value."""
    width = height = used = 0
    for row in ROW.split(content)[1:]:
        repeated = ROWS_REPEATED.search(row.partition(b">")[0])
        height += int(repeated[1]) if repeated else 1
        found = _ods_width(row)
        if found:
            used, width = height, max(width, found)
    return width * used


def _ods_width(row: bytes) -> int:
    """Return the number of cells of a row up to the last that holds a value."""
    place = width = 0
    for cell in ODS_CELL.finditer(row):
        repeated = COLUMNS_REPEATED.search(cell[1])
        place += int(repeated[1]) if repeated else 1
        if b"value" in cell[1] or not cell[2]:
            width = place
    return width
