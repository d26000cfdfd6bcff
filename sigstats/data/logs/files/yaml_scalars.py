"""Scalars of YAML: what a plain word means, and where a quoted string ends.

A plain word means what the core schema of YAML 1.2 says: ``true`` and ``false`` are booleans, ``null``, ``~`` and
nothing are None, decimal and hexadecimal numbers are numbers, ``1e-08`` too. Where YAML 1.1 and 1.2 disagree
(``no``, ``012``, ``1_000``, ``1:30``), and for dates, the text stays text.
"""

import re

MAX_DIGITS = 300

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_SPECIAL = re.compile(r"(?P<sign>[-+]?)\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")

_SHORT_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_LONG_ESCAPES = {"x": 2, "u": 4, "U": 8}
_QUOTED_RUN = re.compile(r"[^'\"\\\n \t]+")
_BREAKS = re.compile(r"[ \t]*\n(?:[ \t]*\n)*[ \t]*")
_BLANKS = re.compile(r"[ \t]+")


def refusal(text: str, position: int, why: str) -> ValueError:
    """Return the error for something at a position that this parser does not understand."""
    return ValueError(f"line {text.count(chr(10), 0, position) + 1}: {why}")


def resolve(word: str) -> str | int | float | bool | None:
    """Return what a plain word means."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return _number(word)


def _number(word: str) -> str | int | float:
    if len(word) > MAX_DIGITS or _LEADING_ZERO.match(word):
        return word
    if _INTEGER.match(word):
        return int(word)
    if _HEXADECIMAL.match(word):
        return int(word, 16)
    if _FLOAT.match(word):
        return float(word)
    special = _SPECIAL.match(word)
    if special is None:
        return word
    return float("nan") if word.lower() == ".nan" else float(f"{special['sign']}inf")


def read_quoted(text: str, start: int) -> tuple[str, int]:
    """Return the string that begins with a quote, and the position behind its closing quote."""
    quote = text[start]
    position = start + 1
    parts: list[str] = []
    while position < len(text):
        character = text[position]
        if character == quote:
            if quote == '"' or not text.startswith("''", position):
                return "".join(parts), position + 1
            parts.append("'")
            position += 2
        elif character == "\\" and quote == '"':
            part, position = _escape(text, position)
            parts.append(part)
        else:
            part, position = _stretch(text, position)
            parts.append(part)
    raise refusal(text, start, "a quoted string has no end")


def _stretch(text: str, position: int) -> tuple[str, int]:
    """Return the next stretch of a quoted string that is neither its own quote nor an escape."""
    breaks = _BREAKS.match(text, position)
    if breaks:
        return _folded(breaks.group()), breaks.end()
    run = _QUOTED_RUN.match(text, position) or _BLANKS.match(text, position)
    end = run.end() if run else position + 1
    return text[position:end], end


def _folded(breaks: str) -> str:
    """Return what line breaks inside a string stand for: one is a space, n are n - 1 breaks."""
    count = breaks.count("\n")
    return " " if count == 1 else "\n" * (count - 1)


def _escape(text: str, position: int) -> tuple[str, int]:
    """Return what an escape in a double-quoted string stands for."""
    letter = text[position + 1 : position + 2]
    if letter in _LONG_ESCAPES:
        return _code_point(text, position, _LONG_ESCAPES[letter])
    if letter in _SHORT_ESCAPES and letter:
        return _SHORT_ESCAPES[letter], position + 2
    breaks = _BREAKS.match(text, position + 1)
    if breaks and letter == "\n":
        return "\n" * (breaks.group().count("\n") - 1), breaks.end()
    raise refusal(text, position, f"the escape \\{letter} is unknown")


def _code_point(text: str, position: int, width: int) -> tuple[str, int]:
    digits = text[position + 2 : position + 2 + width]
    if len(digits) < width or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise refusal(text, position, f"an escape needs {width} hexadecimal digits and has {digits!r}")
    number = int(digits, 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise refusal(text, position, f"the escape {digits} is no character")
    return chr(number), position + 2 + width


def block_text(lines: list[str], style: str, chomp: str | None) -> str:
    """Return the text of a block scalar."""
    count = len(lines)
    while count and not lines[count - 1].strip("\n"):
        count -= 1
    tail = lines[count:]
    content = lines[:count]
    body = _fold(content) if style == ">" else "".join(content)
    if not content:
        return "".join(tail) if chomp == "+" else ""
    if chomp == "-":
        return body.removesuffix("\n")
    return body + "".join(tail) if chomp == "+" else body


def _fold(lines: list[str]) -> str:
    """Return lines folded: a break between two lines that begin without a blank is a space, if nothing is between."""
    text = ""
    before: str | None = None
    gap = 0
    for line in lines:
        if line == "\n":
            gap += 1
            continue
        if before is not None:
            flush = before[0] not in " \t" and line[0] not in " \t"
            text += "\n" * gap if flush and gap else " " if flush else "\n" * (gap + 1)
        else:
            text += "\n" * gap
        text += line.removesuffix("\n")
        before, gap = line, 0
    return text + ("\n" if before is not None and before.endswith("\n") else "")
