"""What stands before the header of delimited text: encodings, comment lines, and the `sep=` line of Excel."""

import re
from dataclasses import dataclass

from sigstats.data.readers.model import Content, Options, refused
from sigstats.errors import option

BOM = b"\xef\xbb\xbf"
WIDE_BOMS = {
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
MAX_LINE = 1_000_000
MAX_PREAMBLE = 10_000
SEP_LINE = re.compile(rb"""["']?sep=(.)["']?[ ]*(?:\r\n|\n|\r|\Z)""", re.IGNORECASE)
NUMBER = re.compile(rb"""["' ]*[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?["' ]*""")
COMMENT = b"#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Delimited text in UTF-8, from its header on."""

    data: bytes
    delimiter: str | None  # named by the text itself
    notes: tuple[str, ...]


def utf8(content: Content, encoding: str | None) -> bytes:
    """Return text as UTF-8 without a byte order mark, or refuse it."""
    name, data = content.name, content.data
    wide = next((codec for mark, codec in WIDE_BOMS.items() if data.startswith(mark)), None)
    if encoding is not None or wide is not None:
        data = _recoded(name, data, encoding or str(wide))
    nul = data.find(b"\x00")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        message = f"{name!r} holds a NUL byte in line {line}; it is not plain text"
        hint = "Check that the file is whole and of the kind that its name says."
        if len(data) % 2 == 0 and nul < 2 and data.count(b"\x00", 0, 100) in range(len(data[:100]) // 3, 51):
            hint = f"It may be UTF-16: {option('encoding', 'utf-16-be' if nul == 0 else 'utf-16-le')}."
        raise refused("NOT_TEXT", message, hint)
    if not data.isascii():
        _check_utf8(name, data)
    _check_lines(name, data)
    return data.removeprefix(BOM)


def _recoded(name: str, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except (UnicodeError, ValueError) as error:
        message = f"{name!r} is not text in {encoding}: {str(error)[:120]}"
        raise refused("BAD_ENCODING", message, "Save it as UTF-8.") from None


def _check_utf8(name: str, data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name!r} is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}"
        remedy = f"Save it as UTF-8, or name its encoding; for files of Windows often {option('encoding', 'cp1252')}."
        raise refused("NOT_UTF8", message, remedy) from None


def _check_lines(name: str, data: bytes) -> None:
    for start in range(0, len(data) - MAX_LINE, MAX_LINE):
        if data.find(b"\n", start, start + MAX_LINE) < 0 and data.find(b"\r", start, start + MAX_LINE) < 0:
            message = f"{name!r} has a line of more than {MAX_LINE} bytes"
            raise refused("LINE_TOO_LONG", message, "Check that its lines end where its rows do.")


def opened(name: str, data: bytes, options: Options) -> Text:
    """Return text from its header on."""
    delimiter, notes = None, []
    named = SEP_LINE.match(data)
    if named:
        delimiter = named[1].decode("utf-8", "replace")
        data = data[named.end() :]
    mark = COMMENT if options.comment is None else options.comment.encode()
    lines, data = _leading(data.lstrip(b"\r\n"), mark)
    if lines:
        header = _header_in(
            lines[-1].removeprefix(mark), data, (options.delimiter or delimiter or "").encode()
        )
        count = len(lines) - bool(header)
        data = header + data
        notes += (
            [f"{name!r}: the header was read from the comment line before the first row."] if header else []
        )
        notes += [_left_out(name, count, mark)] if count else []
    if options.comment is not None:
        data, count = re.subn(rb"(?m)^" + re.escape(mark) + rb"[^\r\n]*(?:\r\n|\n|\r|\Z)", b"", data)
        notes += [_left_out(name, count, mark)] if count else []
    return Text(data=data, delimiter=delimiter, notes=tuple(notes))


def _left_out(name: str, count: int, mark: bytes) -> str:
    if count == 1:
        return f"{name!r}: 1 line that starts with {mark.decode()!r} was left out."
    return f"{name!r}: {count} lines that start with {mark.decode()!r} were left out."


def _leading(data: bytes, mark: bytes) -> tuple[list[bytes], bytes]:
    """Return the comment lines at the start, and what follows them."""
    lines: list[bytes] = []
    place = 0
    while data.startswith(mark, place) and len(lines) < MAX_PREAMBLE:
        end = re.compile(rb"\r\n|\n|\r|\Z").search(data, place)
        lines.append(data[place : end.start() if end else len(data)])
        place = end.end() if end else len(data)
        while data[place : place + 1] in (b"\r", b"\n"):
            place += 1
        if place >= len(data):
            break
    return lines, data[place:]


def _header_in(line: bytes, data: bytes, delimiter: bytes) -> bytes:
    """Return the header in a comment line, as numpy writes it, if what follows is a row of numbers."""
    first = data.lstrip().partition(b"\n")[0].rstrip(b"\r")
    for mark in [delimiter] if delimiter else [b",", b";", b"\t", b"|", b" "]:
        names, cells = line.strip().split(mark), first.split(mark)
        if len(cells) > 1 and len(names) == len(cells) and all(NUMBER.fullmatch(cell) for cell in cells):
            fresh = not any(NUMBER.fullmatch(name) for name in names)
            return line.strip() + b"\n" if fresh else b""
    return b""
