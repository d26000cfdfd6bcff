"""What calamine leaves out of the sheets of an Excel workbook: errors, formulas without a value, and bad places.

A cell with an error, such as #DIV/0!, and a formula that was never computed both come out as empty cells. Whoever reads
the table must know, so the cells are looked for in the XML of the sheet (ECMA-376, 18.3.1.4).
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*([A-Za-z]{1,3})([0-9]{1,7})\s*["']""")
_BAD_PLACE = re.compile(
    rb"""<(?:\w+:)?c\b[^<>]*?\sr\s*=\s*["'](?!\s*[A-Za-z]{1,3}[0-9]{1,7}\s*["'])"""
    rb"""|<(?:\w+:)?row\b[^<>]*?\sr\s*=\s*["'](?!\s*[0-9]{1,7}\s*["'])"""
)
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^<>]*>[^<]|<(?:\w+:)?is\b")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that has no value although it is not empty."""

    row: int  # row, column: places counted from 0
    column: int
    place: str  # as a spreadsheet names it
    error: bool  # whether it holds an error; else a formula that was not computed


def has_bad_places(sheet: bytes) -> bool:
    """Return whether a cell or row says that it stands where no sheet has one."""
    return _BAD_PLACE.search(sheet) is not None


def unread_cells(parts: Mapping[str, bytes], sheet: str) -> list[Unread]:
    """Return the cells of a sheet that hold an error, or a formula without a value."""
    data = parts.get(_path(parts, sheet), b"")
    if b"<f" not in data and b":f" not in data and _ERROR.search(data) is None:
        return []
    found = []
    for cell in _CELL.finditer(data):
        # A cell without content closes itself, and what was found is then the next one.
        head, inner = cell[1], cell[2]
        while head.endswith(b"/") and (later := re.search(rb"<(?:\w+:)?c\b([^<>]*)>", inner)):
            head, inner = later[1], inner[later.end() :]
        place = _PLACE.search(head)
        error = _ERROR.search(head) is not None
        if place is None or not (error or (_FORMULA.search(inner) and not _VALUE.search(inner))):
            continue
        column = 0
        for letter in place[1].upper():
            column = column * 26 + letter - 64
        name = f"{place[1].decode().upper()}{int(place[2])}"
        found.append(Unread(int(place[2]) - 1, column - 1, name, error))
    return found


def _path(parts: Mapping[str, bytes], sheet: str) -> str:
    """Return the path of the part that holds a sheet; empty if it is not to be found."""
    for attributes in map(_attributes, _SHEET.findall(parts.get("xl/workbook.xml", b""))):
        if attributes.get("name") != sheet:
            continue
        wanted = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        for link in map(_attributes, _LINK.findall(parts.get("xl/_rels/workbook.xml.rels", b""))):
            if link.get("Id") == wanted:
                target = link.get("Target", "")
                return target[1:] if target.startswith("/") else f"xl/{target.removeprefix('./')}"
    return ""


def _attributes(text: bytes) -> dict[str, str]:
    return {
        name.decode("utf-8", "replace"): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(text)
    }
