"""A small strict parser for the plain subset of YAML that training logs use.

Understood: mappings and lists, in block and in flow style, nested by indentation; plain words, quoted strings and
block scalars (``|``, ``>``); comments; one document. Plain words follow the core schema of YAML 1.2 (see
`yaml_scalars`). Tags are never executed: those that name a plain type are understood, and so is the ordered
dictionary that PyYAML writes; the value of any other tag is left out, as are aliases and merge keys, and `parse` says
where. What is not understood is refused with its line: keys that come twice, complex keys, several documents, tabs
that indent, control characters, nesting deeper than 64, texts longer than a million characters.
"""

import re

from sigstats.data.logs.files.yaml_flow import (
    LEFT_OUT,
    MAX_DEPTH,
    Document,
    add_entry,
    one_line,
    read_flow,
)
from sigstats.data.logs.files.yaml_scalars import block_text, read_quoted, refusal, resolve

MAX_LENGTH = 1_000_000

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_LEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|%[^\n]*\n)*---(?=[ \t\n]|\Z)")
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\n]|\Z)", re.MULTILINE)
_EMPTY = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_REST_EMPTY = re.compile(r"(?:[ \t]+#[^\n]*|[ \t]*)(?=\n|\Z)")
_SPACES = re.compile(r" *")
_DASH = re.compile(r"-(?=[ \t\n]|\Z)[ ]*")
_COLON = re.compile(r"[ \t]*:(?=[ \t\n]|\Z)[ \t]*")
_PLAIN_KEY = re.compile(
    r"(?a)(?P<key>(?:[^\s,\[\]{}#&*!|>'\"%@`?:-]|[?:-](?=\S))(?:[^\n:#]|:(?=[^\s])|(?<=\S)#)*?)"
    r"[ \t]*:(?=[ \t\n]|\Z)[ \t]*"
)
_PLAIN_LINE = re.compile(r"(?a)(?:[^\n:#]|:(?=[^\s])|(?<=\S)#)+")
_NO_START = re.compile(r"(?a)[,\[\]{}#&*!|>'\"%@`]|[?:-](?=\s|\Z)")
_HEADER = re.compile(
    r"(?a)(?P<style>[|>])(?:(?P<chomp>[-+])?(?P<indent>[1-9])?|(?P<indent2>[1-9])(?P<chomp2>[-+]))(?=\s|\Z)"
)


def parse(text: str) -> tuple[object, tuple[str, ...]]:
    r"""Return what a YAML document says, as plain Python values."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"line 1: the text has {len(text)} characters; at most {MAX_LENGTH} are read")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    control = _CONTROL.search(text)
    if control:
        raise refusal(text, control.start(), f"the character {control.group()!r} is not allowed")
    document = Document(text=_one_document(text))
    value = _Blocks(document).whole()
    return (None if value is LEFT_OUT else value), tuple(document.left_out)


def _one_document(text: str) -> str:
    """Return the text of the only document, its markers blanked so that places stay where they are."""
    lead = _LEAD.match(text)
    if lead:
        text = "".join(c if c == "\n" else " " for c in lead.group()) + text[lead.end() :]
    end = _MARKER.search(text)
    if end is None:
        return text
    if end.group() == "---" or text[end.end() :].strip():
        raise refusal(text, end.start(), "more than one document")
    return text[: end.start()]


class _Blocks:
    """The block structure of a document: a cursor, and one method for each kind of node."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.position = 0
        self.column = 0
        self.settle()

    def settle(self) -> None:
        """Move the cursor from the beginning of a line to the next content."""
        while self.position < len(self.text):
            empty = _EMPTY.match(self.text, self.position)
            if empty is None or empty.end() == self.position:
                break
            self.position = empty.end()
        begin = self.position
        self.position = self.past_spaces(begin)
        self.column = self.position - begin
        if self.text.startswith("\t", self.position):
            raise self.refuse("a tab indents; YAML indents with spaces")

    def past_spaces(self, position: int) -> int:
        found = _SPACES.match(self.text, position)
        return found.end() if found else position

    def move(self, position: int) -> None:
        """Move the cursor within its line."""
        self.column += position - self.position
        self.position = position

    def leave_line(self, position: int) -> None:
        """Move the cursor behind a value to the next content; nothing but a comment may follow the value."""
        rest = _REST_EMPTY.match(self.text, position)
        if rest is None:
            found = self.text[position : position + 10]
            raise refusal(self.text, position, f"{found!r} where the line should end")
        self.position = rest.end() + 1
        self.settle()

    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def refuse(self, why: str) -> ValueError:
        return refusal(self.text, self.position, why)

    def whole(self) -> object:
        """Read the whole document."""
        value = None if self.at_end() else self.node(-1)
        if not self.at_end():
            raise self.refuse("this line is indented in a way that does not fit the lines above it")
        return value

    def node(self, parent: int) -> object:
        """Read the node at the cursor, the first thing on its line or behind a dash."""
        self.deeper(1)
        if _DASH.match(self.text, self.position):
            value: object = self.sequence()
        elif self.key_ahead() is not None:
            value = self.mapping()
        else:
            value = self.value(parent, aligned=False)
        self.deeper(-1)
        return value

    def deeper(self, change: int) -> None:
        self.document.depth += change
        if self.document.depth > MAX_DEPTH:
            raise self.refuse(f"values are nested more than {MAX_DEPTH} deep")

    def sequence(self) -> list[object]:
        column = self.column
        items: list[object] = []
        while not self.at_end() and self.column == column:
            dash = _DASH.match(self.text, self.position)
            if dash is None:
                break
            self.document.path.append(str(len(items)))
            item = self.item(dash.end(), column)
            self.document.path.pop()
            items.append(None if item is LEFT_OUT else item)
        return items

    def item(self, position: int, column: int) -> object:
        """Read what follows a dash."""
        self.move(position)
        if self.text.startswith("\t", position):
            raise self.refuse("a tab behind a dash")
        if _EMPTY.match(self.text, position):
            return self.value(column, aligned=False)
        return self.node(column)

    def key_ahead(self) -> tuple[object, int] | None:
        """Return the key at the cursor and where its value begins; None where there is no key."""
        if self.text.startswith(("'", '"'), self.position):
            key, end = read_quoted(self.text, self.position)
            colon = _COLON.match(self.text, end)
            return (key, colon.end()) if colon and "\n" not in self.text[self.position : end] else None
        found = _PLAIN_KEY.match(self.text, self.position)
        return (resolve(found["key"]), found.end()) if found else None

    def mapping(self) -> dict[object, object]:
        column = self.column
        mapping: dict[object, object] = {}
        while not self.at_end() and self.column == column:
            begin = self.position
            ahead = self.key_ahead()
            if ahead is None:
                raise self.refuse("a line in a mapping that is not `key: value`")
            key, position = ahead
            self.document.path.append(str(key))
            self.move(position)
            value = self.value(column, aligned=True)
            self.document.path.pop()
            add_entry(self.document, mapping, key, value, begin)
        return mapping

    def value(self, parent: int, *, aligned: bool) -> object:
        """Read what follows a key or a dash; `aligned` allows a list on the column of its key."""
        tag, position = self.document.properties(self.position)
        self.move(position)
        return self.document.tagged(tag, lambda: self.untagged(parent, aligned=aligned))

    def untagged(self, parent: int, *, aligned: bool) -> tuple[object, str | None]:
        """Read a value, and its text where it is a scalar."""
        if _EMPTY.match(self.text, self.position):
            return self.below(parent, aligned=aligned), None
        first = self.text[self.position]
        if first in "|>":
            block = self.block_scalar(parent)
            return block, block
        if first in "'\"":
            quoted, end = read_quoted(self.text, self.position)
            self.leave_line(end)
            return quoted, quoted
        if first in "[{*":
            value, end = (
                self.document.alias(self.position)
                if first == "*"
                else read_flow(self.document, self.position)
            )
            self.leave_line(end)
            return value, None
        word = self.plain(parent)
        return resolve(word), word

    def below(self, parent: int, *, aligned: bool) -> object:
        """Read the node on the lines below; None where there is none."""
        self.leave_line(self.position)
        if self.at_end():
            return None
        lists = aligned and self.column == parent and _DASH.match(self.text, self.position)
        return self.node(parent) if self.column > parent or lists else None

    def plain(self, parent: int) -> str:
        """Read a plain word; deeper lines continue it."""
        if _NO_START.match(self.text, self.position):
            raise self.refuse(f"{self.text[self.position : self.position + 10]!r} where a value was expected")
        lines: list[str] = []
        position = self.position
        while True:
            found = _PLAIN_LINE.match(self.text, position)
            line = found.group() if found else ""
            position += len(line)
            lines.append(line)
            following = self.continuation(position, parent)
            if following is None:
                break
            lines += [""] * (self.text.count("\n", position, following) - 1)
            position = following
        self.leave_line(position - len(lines[-1]) + len(lines[-1].rstrip(" \t")))
        return one_line("\n".join(lines))

    def continuation(self, position: int, parent: int) -> int | None:
        """Return where the next line of a plain word begins; None where the word has ended."""
        if not self.text.startswith("\n", position):
            return None
        begin = position + 1
        while True:
            start = self.past_spaces(begin)
            end = self.text.find("\n", start)
            if self.text[start : None if end < 0 else end].strip(" \t"):
                break
            if end < 0:
                return None
            begin = end + 1
        return start if start - begin > parent and self.text[start] not in "#\t" else None

    def block_scalar(self, parent: int) -> str:
        """Read a literal or folded block."""
        header = _HEADER.match(self.text, self.position)
        if header is None:
            raise self.refuse("the head of a block scalar is not understood")
        rest = _REST_EMPTY.match(self.text, header.end())
        if rest is None:
            raise self.refuse("something follows the head of a block scalar")
        least = max(parent + 1, 1)
        given = header["indent"] or header["indent2"]
        lines, end = self.block_lines(rest.end() + 1, least, least + int(given) - 1 if given else None)
        self.position = end
        self.settle()
        return block_text(lines, header["style"], header["chomp"] or header["chomp2"])

    def block_lines(self, position: int, least: int, indent: int | None) -> tuple[list[str], int]:
        """Return the lines of a block, each with its line break, without their indentation."""
        lines: list[str] = []
        while position < len(self.text):
            end = self.text.find("\n", position) + 1 or len(self.text)
            line = self.text[position:end]
            spaces = len(line) - len(line.lstrip(" "))
            if indent is None and line.strip(" \n"):
                indent = max(spaces, least)
            if spaces < (indent or least) and line.strip(" \n"):
                break
            lines.append(line[indent or len(line) :] or line[-1:].strip(" "))
            position = end
        return lines, position
