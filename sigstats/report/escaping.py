"""Names that users gave, made harmless: shown as they are, but never able to act.

Every output passes the users' strings through `visible` first, which spells out what a terminal or a browser
would act upon without showing it, and then through the escape of its own format.
"""

import unicodedata
from collections.abc import Sequence

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # part of the spelling of many scripts

_MARKDOWN = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {mark: "\\" + mark for mark in "\\`*_{}[]|~$#!"}
)

_LATEX = str.maketrans(
    {
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
)


def visible(given: object) -> str:
    r"""Return the string with everything invisible spelled out.

    Control characters, terminal escapes, direction overrides, line separators and halves of surrogate pairs
    become ``\x1b``, ``\u202e`` and the like. Letters of all scripts stay as they are.
    """
    return "".join(_spelled(character) for character in str(given))


def shortened(given: object, width: int) -> str:
    """Return the visible string, its middle left out where it is longer than `width`."""
    text = visible(given)
    if len(text) <= width:
        return text
    tail = (width - 3) // 2
    return f"{text[: width - 3 - tail].rstrip()}...{text[len(text) - tail :].lstrip()}"


def told_apart(given: Sequence[object], width: int) -> list[str]:
    """Return names of at most `width` characters that differ wherever the whole names differ.

    Where cutting out the middle would make two names the same, what all of them start with is cut instead; if
    even that does not help, they are numbered.
    """
    whole = [visible(name) for name in given]
    start = _where_they_differ(whole)
    endings = [f"...{name[start:]}" if start > 3 else name for name in whole]
    middles = [shortened(name, width) for name in whole]
    heads = [name if len(name) <= width else f"{name[: width - 3]}..." for name in endings]
    for names in (middles, heads):
        if len(set(names)) == len(set(whole)):
            return names
    return [f"{shortened(name, width - 4)} #{at}" for at, name in enumerate(whole, start=1)]


def _where_they_differ(names: Sequence[str]) -> int:
    """Return where the word starts in which names first differ."""
    alike = 0
    for letters in zip(*names, strict=False):
        if len(set(letters)) > 1:
            break
        alike += 1
    while alike and (names[0][alike - 1].isalnum() or names[0][alike - 1] == "."):
        alike -= 1
    return alike


def markdown(text: str) -> str:
    """Return text that Markdown shows literally, wherever in a line or table cell it stands."""
    return visible(text).translate(_MARKDOWN).replace("://", "\\://").replace("www.", "www\\.")


def latex(text: str) -> str:
    """Return text that LaTeX typesets literally."""
    return visible(text).translate(_LATEX)


def _spelled(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
