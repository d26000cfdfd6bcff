"""Cards as TOML files: read strictly, written so that an equal card is read.

A key that does not exist, a value of the wrong type and a contradiction are errors that name the place in the
file; all of them are collected and raised once. Nothing in a card is evaluated as code.
"""

import datetime as dt
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from sigstats.errors import CardError, did_you_mean
from sigstats.shapes import Shape
from sigstats.signature.card import Card, Idea, conflicts, idea_problems
from sigstats.signature.fields import listed, normalised, shown
from sigstats.signature.signature import Signature, contradictions

MAX_BYTES = 1_000_000
MAX_DEPTH = 64


def read_card(path: str | os.PathLike[str]) -> Card:
    """Read a card."""
    name = repr(os.fspath(path))
    text = _read(Path(path), name)
    document = _parse(text, name)
    found = _Findings(lines=_key_lines(text))
    _check_top(document, found)
    idea = _read_idea(document.get("idea"), found)
    tables = document.get("signature")
    signatures = _read_signatures(tables if isinstance(tables, list) else [], found)
    if found.messages:
        raise CardError(_with_head(name, found.messages))
    return Card(idea=idea, signatures=signatures, path=path)


def card_text(card: Card) -> str:
    """Return a card as TOML."""
    blocks = [signature_text(each) for each in card.signatures]
    if card.idea is not None:
        blocks.insert(0, "[idea]\n" + _lines(card.idea))
    return "\n".join(blocks)


def signature_text(signature: Signature) -> str:
    """Return one signature as a table of a card."""
    return "[[signature]]\n" + _lines(signature)


_Place = tuple[str, int, str]


@dataclass(slots=True)
class _Findings:
    """What is wrong with a card so far, and on which line each key stands."""

    lines: dict[_Place, int]
    messages: list[str] = field(default_factory=list)

    def add(self, message: str, *, table: str, number: int, name: object = None, key: str = "") -> None:
        """Note a message with its place; a key without a line of its own has that of its table."""
        line = self.lines.get((table, number, key)) or self.lines.get((table, number, ""))
        place = [] if line is None else [f"line {line}"]
        if table == "signature" and number:
            place.append(f"signature {number}" + (f" {shown(name)}" if isinstance(name, str) else ""))
        elif table and number:
            place.append(f"[{table}]")
        self.messages.append(f"{', '.join(place)}: {message}" if place else message)


def _read(path: Path, name: str) -> str:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
        content = _head(path) if regular else b""
    except FileNotFoundError as error:
        hint = _near_file(path)
        raise CardError(
            f"card {name} does not exist. {hint or 'Write one with: sigstats new FILE'}"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CardError(f"card {name} cannot be read: {reason}. Give a readable TOML file.") from error
    if not regular:
        raise CardError(f"card {name} is not a regular file. Give the path of a TOML file.")
    if len(content) > MAX_BYTES:
        raise CardError(
            f"card {name} is larger than 1 MB; a card holds predictions, and data have a file of their own."
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CardError(f"card {name} is not UTF-8 (line {line}). Save it in that encoding.") from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _near_file(path: Path) -> str:
    try:
        present = [each.name for each in path.parent.iterdir() if each.suffix == ".toml"]
    except OSError:
        return ""
    return did_you_mean(path.name, present)


def _parse(text: str, name: str) -> dict[str, Any]:
    bare = _STRING_OR_COMMENT.sub("", text + "\n").replace(" ", "").replace("\t", "")
    if any(part.count(".") > MAX_DEPTH for part in re.split(r"[=,{}\[\]\n]", bare)):
        raise CardError(f"card {name} has a key of more than {MAX_DEPTH} parts; a card has no use for that.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise CardError(f"card {name} is nested too deeply; a card has no use for that.") from error
    except ValueError as error:  # also a number with thousands of digits
        raise CardError(f"card {name} is not valid TOML: {error}.") from error


def _check_top(document: Mapping[str, Any], found: _Findings) -> None:
    for key in document:
        if key not in ("idea", "signature"):
            hint = did_you_mean(key, ("idea", "signature"))
            rule = "the top of a card holds [idea] and [[signature]]"
            message = f"there is no key {shown(key)}; {rule}. {hint}"
            found.add(message.rstrip(), table=key, number=0)
    tables = document.get("signature")
    if tables is None or tables == []:
        found.add("there is no signature; a card declares at least one [[signature]].", table="", number=0)
    elif not isinstance(tables, list):
        message = "`signature` must be a list of tables; write [[signature]], with two brackets, above each."
        found.add(message, table="signature", number=0)


def _read_idea(table: object, found: _Findings) -> Idea | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        found.add("`idea` must be a table; write [idea] above its keys.", table="idea", number=0)
        return None
    known = tuple(sorted(each.name for each in fields(Idea)))
    problems = [_unknown(key, "the idea", known) for key in table if key not in known]
    problems += idea_problems(table)
    for key, message in problems:
        found.add(message, table="idea", number=1, key=key)
    return None if problems else Idea(**table)


def _read_signatures(tables: Sequence[object], found: _Findings) -> list[Signature]:
    read = [_read_signature(table, number, found) for number, table in enumerate(tables, start=1)]
    signatures = [each for each in read if each is not None]
    if signatures and len(signatures) == len(tables):
        for position, message in conflicts(signatures):
            found.add(message, table="signature", number=position + 1, name=signatures[position].name)
    return signatures


def _read_signature(table: object, number: int, found: _Findings) -> Signature | None:
    if not isinstance(table, dict):
        found.add(f"`signature` holds {shown(table)}; it must hold tables.", table="signature", number=number)
        return None
    known = tuple(sorted(each.name for each in fields(Signature)))
    problems = [_unknown(key, "a signature", known) for key in table if key not in known]
    if "shape" not in table:
        problems.append(("", '`shape` is missing; every signature predicts one, as in: shape = "increasing"'))
    values, wrong = normalised({key: value for key, value in table.items() if key in known})
    problems += wrong + contradictions(values)
    for key, message in problems:
        found.add(message, table="signature", number=number, name=table.get("name"), key=key)
    return None if problems else Signature(**values)


def _unknown(key: str, owner: str, known: tuple[str, ...]) -> tuple[str, str]:
    message = f"there is no key {shown(key)}; {owner} has {known}. {did_you_mean(key, known)}"
    return (key, message.rstrip())


def _with_head(name: str, messages: Sequence[str]) -> str:
    if len(messages) == 1:
        return (
            f"card {name}, {messages[0]}" if messages[0].startswith("line") else f"card {name}: {messages[0]}"
        )
    return listed(f"card {name}", messages)


# Strings and comments. Every alternative also ends with the text, so that no attempt fails late.
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?|#[^\n]*',
    re.DOTALL,
)
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')\s*[.=]""")


def _key_lines(text: str) -> dict[_Place, int]:
    """Return the line of each key of each table: (table, how many-th of its name, key) to line, from 1."""
    bare = _STRING_OR_COMMENT.sub(_blank, text + "\n")
    lines: dict[_Place, int] = {}
    counts: Counter[str] = Counter()
    table, inner = "", ""
    for number, line in enumerate(bare.split("\n"), start=1):
        if header := _HEADER.match(line):
            table, _, inner = (part.strip().strip("\"'") for part in header[1].partition("."))
            inner = inner.split(".")[0].strip().strip("\"'")
            if not inner:
                counts[table] += 1
                lines.setdefault((table, 0, ""), number)
            lines.setdefault((table, counts[table], inner), number)
        elif not inner and (key := _KEY.match(line)):
            lines.setdefault((table, counts[table], key[1].strip("\"'")), number)
            if not table:
                lines.setdefault((key[1].strip("\"'"), 0, ""), number)
    return lines


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith(('"""', "'''")):
        return '""' + "\n" * found.count("\n")
    return "" if found.startswith("#") else found


def _lines(record: Signature | Idea) -> str:
    given = ((each.name, getattr(record, each.name), each.default) for each in fields(record))
    kept = [(key, value) for key, value, default in given if default is MISSING or value != default]
    return "".join(f"{key} = {_value(value)}\n" for key, value in kept)


def _value(value: object) -> str:
    if isinstance(value, Shape):
        options = {key: each for key, each in value.options().items() if each is not None}
        return _value({"name": value.name, **options} if options else value.name)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(text)) + '"'


def _escaped(text: str) -> Iterator[str]:
    for letter in text:
        if letter in '"\\':
            yield "\\" + letter
        elif letter < " " or letter == "\x7f":
            yield f"\\u{ord(letter):04x}"
        else:
            yield letter
