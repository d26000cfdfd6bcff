"""Flow style of YAML: ``[a, b]`` and ``{a: 1}``; and what becomes of tags, anchors and aliases.

Tags are never executed. Those that only say which kind of plain data follows are understood; the value of any other
is left out, and its place is noted. An anchor is passed over; an alias is not expanded, and its place is noted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sigstats.data.logs.files.yaml_scalars import read_quoted, refusal, resolve

MAX_DEPTH = 64
LEFT_OUT = object()

_PROPERTY = re.compile(
    r"(?a)(?:&[^\s,\[\]{}]+|(?P<tag>!(?:<[^\s>]*>|[^\s,\[\]{}]*)))(?=[\s,\[\]{}]|\Z)[ \t]*"
)
_ALIAS = re.compile(r"(?a)\*[^\s,\[\]{}]+")
_SPACE = re.compile(r"(?:[ \t\n]+(?:#[^\n]*)?)*")
_PLAIN = re.compile(
    r"(?a)(?:[^\s,\[\]{}:#]|:(?![\s,\[\]{}]|\Z)|(?<!\s)#|[ \t\n]+(?=[^\s,\[\]{}:#]|:(?![\s,\[\]{}]|\Z)))+"
)
_NO_START = re.compile(r"(?a)[#&*!|>'\"%@`,\[\]{}]|[-?:](?=[\s,\[\]{}]|\Z)")
_ORDERED = re.compile(r"!!python/object/apply:collections\.OrderedDict\Z")
_PLAIN_TAGS: dict[str, type | tuple[type, ...]] = {
    "!!map": dict, "!!python/dict": dict, "!!seq": list, "!!python/list": list, "!!python/tuple": list,
    "!!null": type(None), "!!python/none": type(None), "!!bool": bool, "!!python/bool": bool,
    "!!int": int, "!!python/int": int, "!!python/long": int,
}  # fmt: skip
_TEXT_TAGS = frozenset({"!!str", "!!python/str", "!!python/unicode", "!"})
_FLOAT_TAGS = frozenset({"!!float", "!!python/float"})


@dataclass(slots=True)
class Document:
    """The text of a document, the place that is being read, and the places whose values were left out."""

    text: str
    path: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    depth: int = 0

    def leave_out(self, what: str) -> object:
        """Note that the value at this place is left out."""
        self.left_out.append(f"{'.'.join(self.path) or 'the document'}: {what}")
        return LEFT_OUT

    def properties(self, position: int) -> tuple[str | None, int]:
        """Return the tag in front of a value, if any, and where the value begins."""
        tag = None
        for _ in range(2):
            found = _PROPERTY.match(self.text, position)
            if found is None:
                break
            tag = found["tag"] or tag
            position = found.end()
        return tag, position

    def alias(self, position: int) -> tuple[object, int]:
        """Pass over an alias."""
        found = _ALIAS.match(self.text, position)
        if found is None:
            raise refusal(self.text, position, "a `*` without a name")
        return self.leave_out(f"alias {found.group()}"), found.end()

    def tagged(self, tag: str | None, read: Callable[[], tuple[object, str | None]]) -> object:
        """Return the value that `read` gives, as its tag says; `read` also gives the text of a scalar."""
        noted = len(self.left_out)
        value, written = read()
        if tag is None:
            return value
        meant = _as_tagged(tag, value, written)
        if meant is LEFT_OUT:
            del self.left_out[noted:]
            return self.leave_out(f"tag {tag[:80]}")
        return meant


def _as_tagged(tag: str, value: object, written: str | None) -> object:
    """Return what a tag makes of a value, LEFT_OUT for tags that are more than the name of a plain type."""
    if tag in _TEXT_TAGS and (written is not None or value is None):
        return written or ""
    if written is not None:
        value = resolve(written)
    if tag in _FLOAT_TAGS and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if tag in _PLAIN_TAGS and isinstance(value, _PLAIN_TAGS[tag]):
        return value
    if _ORDERED.match(tag):
        return _pairs(value)
    return LEFT_OUT


def _pairs(value: object) -> object:
    """Return the mapping that ``[[[key, value], ...]]`` stands for."""
    if value is None or value == []:
        return {}
    pairs = value[0] if isinstance(value, list) and len(value) == 1 else None
    if not isinstance(pairs, list):
        return LEFT_OUT
    if not all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs):
        return LEFT_OUT
    return dict(pairs)


def read_flow(document: Document, position: int) -> tuple[object, int]:
    """Return the list or mapping in flow style that begins at a position, and where it ends."""
    document.depth += 1
    if document.depth > MAX_DEPTH:
        raise refusal(document.text, position, f"values are nested more than {MAX_DEPTH} deep")
    reader = _read_list if document.text[position] == "[" else _read_mapping
    value, end = reader(document, position + 1)
    document.depth -= 1
    return value, end


def _read_list(document: Document, position: int) -> tuple[object, int]:
    items: list[object] = []
    position = _past_space(document, position)
    while not document.text.startswith("]", position):
        document.path.append(str(len(items)))
        value, position = _read_value(document, position)
        document.path.pop()
        items.append(None if value is LEFT_OUT else value)
        position = _past_comma(document, position, "]")
    return items, position + 1


def _read_mapping(document: Document, position: int) -> tuple[object, int]:
    mapping: dict[object, object] = {}
    position = _past_space(document, position)
    while not document.text.startswith("}", position):
        begin = position
        key, position = _read_key(document, position)
        document.path.append(str(key))
        value, position = _read_entry(document, position)
        document.path.pop()
        add_entry(document, mapping, key, value, begin)
        position = _past_comma(document, position, "}")
    return mapping, position + 1


def add_entry(document: Document, mapping: dict[object, object], key: object, value: object, at: int) -> None:
    """Put one entry into a mapping; a key that comes twice is refused."""
    if key in mapping:
        raise refusal(document.text, at, f"the key {key!r} comes twice")
    if key == "<<" and value is not LEFT_OUT:
        document.path.append("<<")
        value = document.leave_out("merge key")
        document.path.pop()
    if value is not LEFT_OUT:
        mapping[key] = value


def _read_key(document: Document, position: int) -> tuple[object, int]:
    text = document.text
    if text[position] in "\"'":
        return read_quoted(text, position)
    found = _PLAIN.match(text, position)
    if found is None or _NO_START.match(text, position):
        raise refusal(text, position, f"{text[position : position + 10]!r} where a key was expected")
    return resolve(one_line(found.group())), found.end()


def _read_entry(document: Document, position: int) -> tuple[object, int]:
    """Return the value behind a key; None where there is none."""
    position = _past_space(document, position)
    if not document.text.startswith(":", position):
        return None, position
    position = _past_space(document, position + 1)
    if document.text[position] in ",}":
        return None, position
    return _read_value(document, position)


def _read_value(document: Document, position: int) -> tuple[object, int]:
    tag, position = document.properties(position)
    position = _past_space(document, position)
    end = position

    def read() -> tuple[object, str | None]:
        nonlocal end
        value, written, end = _read_untagged(document, position, tagged=tag is not None)
        return value, written

    return document.tagged(tag, read), end


def _read_untagged(document: Document, position: int, *, tagged: bool) -> tuple[object, str | None, int]:
    """Return a value, its text where it is a scalar, and where it ends."""
    text = document.text
    first = text[position]
    if first in "[{":
        value, end = read_flow(document, position)
        return value, None, end
    if first in "\"'":
        quoted, end = read_quoted(text, position)
        return quoted, quoted, end
    if first == "*":
        value, end = document.alias(position)
        return value, None, end
    if tagged and first in ",]}":
        return None, None, position
    found = _PLAIN.match(text, position)
    if found is None or _NO_START.match(text, position):
        raise refusal(text, position, f"{text[position : position + 10]!r} where a value was expected")
    word = one_line(found.group())
    return resolve(word), word, found.end()


def one_line(word: str) -> str:
    """Return a plain word with its line breaks folded."""
    lines = [line.strip(" \t") for line in word.split("\n")]
    folded = lines[0]
    blank = 0
    for line in lines[1:]:
        if not line:
            blank += 1
            continue
        folded += ("\n" * blank or " ") + line
        blank = 0
    return folded


def _past_space(document: Document, position: int) -> int:
    found = _SPACE.match(document.text, position)
    end = found.end() if found else position
    if end >= len(document.text):
        raise refusal(document.text, position, "a list or mapping has no end")
    return end


def _past_comma(document: Document, position: int, closing: str) -> int:
    """Return where the next entry or the closing bracket is."""
    position = _past_space(document, position)
    if document.text[position] == ",":
        return _past_space(document, position + 1)
    if document.text[position] != closing:
        found = document.text[position : position + 10]
        raise refusal(document.text, position, f"{found!r} where a comma or {closing!r} was expected")
    return position
