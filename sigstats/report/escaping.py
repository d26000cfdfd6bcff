"""Names that users gave, made harmless: shown as they are, but never able to act.

Every output passes the users' strings through `visible` first, which spells out what a terminal or a browser
would act upon without showing it, and then through the escape of its own format.
"""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # part of the spelling of many scripts

_MARKDOWN = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "://": "\\://",
    "www.": "www\\.",
} | {mark: "\\" + mark for mark in "\\`*_{}[]|~$#!"}

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"''",
    "`": r"{`}",
    "[": "{[}",  # a row that starts with a bracket would be read as an option of the row before
    "]": "{]}",
    "*": "{*}",
}


def visible(given: object) -> str:
    r"""Return the string with everything invisible spelled out.

    Control characters, terminal escapes, direction overrides, line separators and halves of surrogate pairs
    become ``\x1b``, ``\u202e`` and the like. Letters of all scripts stay as they are.

    Parameters
    ----------
    given : object
        A name or label that came from outside.

    Returns
    -------
    str
        One line without hidden characters.

    Examples
    --------
    >>> visible("llama" + chr(27) + "[31m")
    'llama\\x1b[31m'
    """
    return "".join(_spelled(character) for character in str(given))


def shortened(given: object, width: int) -> str:
    """Return the visible string, its middle left out where it is longer than `width`.

    Parameters
    ----------
    given : object
        A name or label.
    width : int
        Largest number of characters, at least 5.

    Returns
    -------
    str
        At most `width` characters.

    Examples
    --------
    >>> shortened("a_very_long_condition_name", 13)
    'a_very...name'
    """
    text = visible(given)
    if len(text) <= width:
        return text
    tail = (width - 3) // 2
    return f"{text[: width - 3 - tail].rstrip()}...{text[len(text) - tail :].lstrip()}"


def markdown(text: str) -> str:
    """Return text that Markdown shows literally, wherever in a line or table cell it stands."""
    return _replaced(visible(text), _MARKDOWN)


def latex(text: str) -> str:
    """Return text that LaTeX typesets literally."""
    return _replaced(visible(text), _LATEX)


def _spelled(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _replaced(text: str, table: dict[str, str]) -> str:
    longest = max(map(len, table))
    parts, at = [], 0
    while at < len(text):
        for length in range(longest, 0, -1):
            piece = text[at : at + length]
            if piece in table:
                parts.append(table[piece])
                at += length
                break
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)
