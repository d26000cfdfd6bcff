"""Settings from YAML, as plain values: PyYAML splits the text into events, and nothing in it is ever constructed.

Plain words mean what the core schema of YAML 1.2 says: ``1e-08`` is a number; ``no``, ``012``, ``1_000``, ``1:30`` and
dates, all of which YAML 1.1 reads differently, are text. Aliases and merge keys (``<<``) are resolved. Tags are not
executed: a tagged mapping is a mapping, a tagged list a list. What only code could make (a Python name, the result of
a call, binary data) is left out, and its place is returned.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import flatten

MAX_LENGTH = 1_000_000
MAX_DEPTH = 64
MAX_VALUES = 500_000  # what an alias stands for counts each time it is used
MAX_DIGITS = 300
LEFT_OUT = object()

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = "tag:yaml.org,2002:"
_TEXT = frozenset({"!", f"{_YAML}str", f"{_YAML}python/str", f"{_YAML}python/unicode"})
_FLOAT = frozenset({f"{_YAML}float", f"{_YAML}python/float"})
_CODE = re.compile(rf"{_YAML}(?:binary\Z|python/(?:name|module|object)\b)")
_CALL = re.compile(rf"{_YAML}python/object/(?:apply|new):")
_ORDERED = f"{_YAML}python/object/apply:collections.OrderedDict"
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"(?![-+]?0[0-9]+\Z)[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def take_yaml(recorder: RunRecorder, path: Path, *, prefix: str = "") -> None:
    """Take the settings that a YAML file holds, if it exists."""
    value = load_yaml(recorder, path, path.name)
    if isinstance(value, dict):
        recorder.take(flatten(value), prefix=prefix)
    elif value is not None:
        recorder.note("BAD_CONFIG", f"{path.name} does not hold a mapping", "its settings are left out")


def load_yaml(recorder: RunRecorder, path: Path, name: str) -> object:
    """Return what a YAML file says; None, with a note, where it cannot be read."""
    if not path.is_file():
        return None
    try:
        value, left_out = parse(read_bytes(path, 4 * MAX_LENGTH).decode("utf-8"))
    except (LogError, ValueError) as error:
        reason = error.message if isinstance(error, LogError) else f"is not valid YAML: {error}"
        recorder.note("BAD_CONFIG", f"{name} {reason}", "its settings are left out")
        return None
    if left_out:
        what = f"{name} has values that only code could make: {listed(left_out)}"
        recorder.note("CONFIG_LEFT_OUT", what, "nothing is executed; these settings are left out")
    return value


def parse(text: str) -> tuple[object, tuple[str, ...]]:
    """Return what a YAML document says, and the places whose values are left out."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"line 1: the text has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    control = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise ValueError(f"line {line}: the character {control.group()!r} is not allowed")
    reader = _Reader(events=yaml.parse(text.removeprefix("\ufeff"), Loader=_LOADER))
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        raise ValueError(_explained(error)) from None
    return (None if value is LEFT_OUT else value), tuple(reader.left_out)


def _explained(error: yaml.MarkedYAMLError) -> str:
    """Return what PyYAML found wrong, with the line, and the line on which the broken value begins."""
    line = error.problem_mark.line + 1
    begin = f" {error.context} from line {error.context_mark.line + 1}" if error.context_mark else ""
    return f"line {line}: {error.problem}{begin}"


@dataclass(slots=True)
class _Reader:
    """Makes values of the events of one document."""

    events: Iterator[yaml.Event]
    anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    n_values: int = 0

    def document(self) -> object:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        value = self.value(next(self.events))
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _refusal(after, "more than one document")
        return value

    def value(self, event: yaml.Event) -> object:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        before = self.n_values
        self.count(event, 1)
        value = _scalar(event) if isinstance(event, yaml.ScalarEvent) else self.collection(event)
        if value is LEFT_OUT:
            self.leave_out(f"tag {event.tag.replace(_YAML, '!!')[:80]}")
        if event.anchor:
            self.anchors[event.anchor] = (value, self.n_values - before)
        return value

    def alias(self, event: yaml.AliasEvent) -> object:
        if event.anchor not in self.anchors:
            raise _refusal(event, f"*{event.anchor} refers to nothing that ends above it")
        value, size = self.anchors[event.anchor]
        self.count(event, size)
        if value is LEFT_OUT:
            self.leave_out(f"alias *{event.anchor}")
        return value

    def count(self, event: yaml.Event, size: int) -> None:
        self.n_values += size
        if self.n_values > MAX_VALUES:
            raise _refusal(event, f"the document has more than {MAX_VALUES:,} values")
        if len(self.path) >= MAX_DEPTH:
            raise _refusal(event, f"values are nested more than {MAX_DEPTH} deep")

    def leave_out(self, what: str) -> None:
        self.left_out.append(f"{'.'.join(self.path) or 'the document'}: {what}")

    def collection(self, event: yaml.Event) -> object:
        noted = len(self.left_out)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        value: object = self.sequence() if is_list else self.mapping()
        if event.tag and is_list and _CALL.match(event.tag):
            value = _pairs(value) if event.tag == _ORDERED else LEFT_OUT
        if value is LEFT_OUT:
            del self.left_out[noted:]
        return value

    def sequence(self) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value = self.below(len(items), event)
            items.append(None if value is LEFT_OUT else value)
        return items

    def mapping(self) -> dict[object, object]:
        own: dict[object, object] = {}
        merged: dict[object, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = _scalar(event) if isinstance(event, yaml.ScalarEvent) else LEFT_OUT
            if key is LEFT_OUT:
                raise _refusal(event, "a key must be a word or a number")
            value = self.below(key, next(self.events))
            if key == "<<" and event.implicit[0]:
                merged |= self.merged(value)
            elif key in own:
                raise _refusal(event, f"the key {key!r} occurs twice")
            elif value is not LEFT_OUT:
                own[key] = value
        return {**merged, **own} if merged else own

    def merged(self, value: object) -> dict[object, object]:
        """Return the entries that a merge key adds; of several mappings, the earlier takes precedence."""
        found: dict[object, object] = {}
        for each in reversed(value if isinstance(value, list) else [value]):
            if isinstance(each, dict):
                found |= each
            elif each is not LEFT_OUT:
                self.leave_out("merge key")
        return found

    def below(self, name: object, event: yaml.Event) -> object:
        """Return the value that begins with an event, below the present one."""
        self.path.append(str(name))
        value = self.value(event)
        self.path.pop()
        return value


def _refusal(event: yaml.Event, why: str) -> ValueError:
    return ValueError(f"line {event.start_mark.line + 1}: {why}")


def _scalar(event: yaml.ScalarEvent) -> object:
    """Return what a scalar means."""
    tag, word = event.tag, event.value
    if tag is None:
        return plain_word(word) if event.implicit[0] else word
    if tag in _TEXT:
        return word
    if _CODE.match(tag):
        return {} if tag == _ORDERED and not word else LEFT_OUT
    value = plain_word(word)
    if tag not in _FLOAT or type(value) is not int:
        return value
    try:
        return float(value)
    except OverflowError:
        return LEFT_OUT


def plain_word(word: str) -> str | int | float | bool | None:
    """Return what a word without quotes means."""
    if word in _WORDS:
        return _WORDS[word]
    if len(word) > MAX_DIGITS or word[0] not in "+-.0123456789":
        return word
    if _INTEGER.fullmatch(word):
        return int(word)
    if _HEXADECIMAL.fullmatch(word):
        return int(word, 16)
    if _DECIMAL.fullmatch(word) or _SPECIAL.fullmatch(word):
        return float(word.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return word


def _pairs(value: object) -> object:
    """Return the mapping that ``[[[key, value], ...]]`` stands for, as PyYAML writes an ordered dictionary."""
    pairs = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(pairs, list):
        return LEFT_OUT
    if not all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs):
        return LEFT_OUT
    return dict(pairs)
