"""Cards as TOML files: tables and the lines of their keys.

What a table may hold is not known here: whoever reads it notes what is wrong with it, and all problems are raised
at once, each with its place in the file. Nothing in a card is evaluated as code.
"""

import datetime as dt
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sigstats.errors import CardError, did_you_mean, number_in
from sigstats.signature.fields import Problems, listed, shown
from sigstats.signature.share import Share

MAX_BYTES = 1_000_000
MAX_DEPTH = 64


Place = tuple[str, int, str]


@dataclass(slots=True)
class CardFile:
    """A card as it stands in a file, and what is wrong with it so far."""

    name: str  # its path, as messages show it
    tables: dict[str, Any]  # what it holds
    lines: dict[Place, int]  # line of each key, from 1
    text: str = ""  # as it was written
    problems: list[str] = field(default_factory=list)  # what was noted so far

    def note(
        self, message: str, *, table: str = "", number: int = 0, name: object = None, key: str = ""
    ) -> None:
        """Note a problem with its place; a key that has no line of its own gets that of its table."""
        line = self.lines.get((table, number, key)) or self.lines.get((table, number, ""))
        place = [] if line is None else [f"line {line}"]
        if number and isinstance(self.tables.get(table), list):
            place.append(f"{table} {number}" + (f" {shown(name)}" if isinstance(name, str) else ""))
        elif number:
            place.append(f"[{table}]")
        self.problems.append(f"{', '.join(place)}: {message}" if place else message)

    def refuse(self) -> None:
        """Raise all problems that were noted, if there are any."""
        if len(self.problems) == 1 and self.problems[0].startswith("line"):
            raise CardError(f"card {self.name}, {self.problems[0]}")
        if len(self.problems) == 1:
            raise CardError(f"card {self.name}: {self.problems[0]}")
        if self.problems:
            raise CardError(listed(f"card {self.name}", self.problems))


def read(path: str | os.PathLike[str]) -> CardFile:
    """Read a card file."""
    name = repr(os.fspath(path))
    content = _read(Path(path), name)
    return CardFile(name=name, tables=_parse(content, name), lines=_key_lines(content), text=content)


def unknown_keys(table: Mapping[str, Any], owner: str, known: Iterable[str]) -> Problems:
    """Return what is said of keys that a table cannot have."""
    names = tuple(sorted(known))
    strange = [key for key in table if key not in names]
    return [
        (key, f"there is no key {shown(key)}; {owner} has {names}. {did_you_mean(key, names)}".rstrip())
        for key in strange
    ]


def table(head: str, values: Mapping[str, object]) -> str:
    """Return a table as TOML."""
    return f"{head}\n" + "".join(f"{key} = {_value(value)}\n" for key, value in values.items())


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
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise CardError(f"card {name} is nested too deeply; a card has no use for that.") from error
    except ValueError as error:  # also a number with thousands of digits
        raise CardError(f"card {name} is not valid TOML: {error}. {_hint(text, str(error))}") from error


def _hint(text: str, error: str) -> str:
    """Return the line of a card that is not TOML, and what is most often wrong with it."""
    place = re.search(r"at line (\d+)", error)
    lines = text.splitlines()
    written = lines[int(place[1]) - 1].strip() if place and int(place[1]) <= len(lines) else ""
    key, equals, value = (part.strip() for part in written.partition("="))
    if not equals:
        return f'There stands {shown(written)}; a card holds lines such as knob = "width".'
    if "overwrite" in error:
        return f"The key {key!r} stands there twice; leave one out."
    if re.fullmatch(r"[\w.-]+( [\w.-]+)*", value) and number_in(value) is None:
        if value.casefold() in ("true", "false"):
            return (
                f"There stands {shown(written)}; a truth value has small letters: {key} = {value.casefold()}"
            )
        return f'There stands {shown(written)}; text stands in quotes: {key} = "{value}"'
    if number_in(value) is not None and "," in value:
        return (
            f"There stands {shown(written)}; a number has a decimal point: {key} = {value.replace(',', '.')}"
        )
    return f"There stands {shown(written)}."


# Strings and comments. Every alternative also ends with the text, so that no attempt fails late.
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?|#[^\n]*',
    re.DOTALL,
)
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')\s*[.=]""")


def _key_lines(text: str) -> dict[Place, int]:
    """Return the line of each key of each table: (table, how many-th of its name, key) to line, from 1."""
    bare = _STRING_OR_COMMENT.sub(_blank, text + "\n")
    lines: dict[Place, int] = {}
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


def comments(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each comment with its line, from 1, and whether it stands alone there; what texts hold is none."""
    line, at = 1, 0
    for match in _STRING_OR_COMMENT.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        if match[0].startswith("#"):
            yield line, match[0], not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith(('"""', "'''")):
        return '""' + "\n" * found.count("\n")
    return "" if found.startswith("#") else found


def _value(value: object) -> str:
    if isinstance(value, str | Share):
        return quoted(str(value))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_of(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)


def key_of(key: str) -> str:
    """Return a name as the key of a table."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted(key)


def quoted(text: str) -> str:
    """Return a text as TOML."""
    return '"' + "".join(_escaped(text)) + '"'


def _escaped(text: str) -> Iterator[str]:
    for letter in text:
        if letter in '"\\':
            yield "\\" + letter
        elif letter < " " or letter == "\x7f":
            yield f"\\u{ord(letter):04x}"
        else:
            yield letter
