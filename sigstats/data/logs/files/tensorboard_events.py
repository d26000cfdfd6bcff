"""The events of one TensorBoard event file: scalars, settings of the hparams plugin and of texts, how it ended.

An event is a time, a step and a summary of values. The messages of one tag are alike except for the number in them.
Once one has been read field by field, the number in the others is read from the same place.
"""

import math
import struct
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sigstats.data.logs.files import protobuf
from sigstats.data.logs.files.tensors import Value, read_value, tensor_texts
from sigstats.data.logs.model import LogError, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import flatten, parse_json

_HPARAMS_STATES: dict[int, RunState] = {1: "finished", 2: "failed"}
MAX_TAGS = 100_000
_START = 1  # the status of a session that starts
_PROBE = 1.2345678806304932  # a float32 that no header contains by chance
_WIDTHS = (struct.Struct("<f"), struct.Struct("<d"))
_TIME = struct.Struct("<d")


@dataclass(slots=True)
class _Template:
    """The form of the messages of one tag: all bytes are equal except those of the number."""

    size: int
    head: bytes
    tail: bytes
    start: int
    number: struct.Struct
    add_step: Callable[[float], None]
    add_value: Callable[[float], None]


@dataclass(slots=True)
class EventReader:
    """What one event file says; `where` names the file in messages."""

    where: str
    plugins: dict[str, str]
    recorder: RunRecorder
    templates: dict[bytes, _Template] = field(default_factory=dict)
    not_numbers: dict[str, int] = field(default_factory=dict)
    malformed: int = 0
    restart: float = (
        math.inf
    )  # the earliest step at which a session started, which voids earlier files from there on
    voided: dict[str, int] = field(default_factory=dict)
    last_value: float = -math.inf
    end: tuple[float, RunState] | None = None

    def read(self, records: Iterable[bytes]) -> None:
        """Take in all events."""
        templates = self.templates
        last = b""
        for record in records:
            message = _only_value(record)
            if message is not None:
                step, value = message
                template = templates.get(value[: value[1] + 2])
                if (
                    template is not None
                    and len(value) == template.size
                    and value.startswith(template.head)
                    and value.endswith(template.tail)
                ):
                    template.add_step(step)
                    template.add_value(template.number.unpack_from(value, template.start)[0])
                    last = record
                    continue
            try:
                self._event(record)
            except protobuf.ProtobufError:
                self.malformed += 1
        if last:
            self.last_value = max(self.last_value, _TIME.unpack_from(last, 1)[0])

        self._note_oddities()

    def _note_oddities(self) -> None:
        if self.malformed:
            message = f"{self.where}{self.malformed:,} records are not events"
            self.recorder.note("BAD_EVENT", message, "they were left out")
        if self.not_numbers:
            count = sum(self.not_numbers.values())
            message = f"{self.where}{count:,} scalars of {listed(self.not_numbers)} are not single numbers"
            self.recorder.note("NOT_A_NUMBER", message, "they were left out")
        self.recorder.note_refused(self.where)

    def _event(self, record: bytes) -> None:
        time, step, summaries, session = 0.0, 0, [], b""
        for number, kind, value in protobuf.fields(record):
            if number == 1 and kind == protobuf.FIXED64 and isinstance(value, bytes):
                time = protobuf.double(value)
            elif number == 2 and isinstance(value, int):
                step = protobuf.signed(value)
            elif number == 5 and kind == protobuf.BYTES and isinstance(value, bytes):
                summaries.append(value)
            elif number == 7 and kind == protobuf.BYTES and isinstance(value, bytes):
                session = value
        if session and protobuf.last_integer(session, 1) == _START:
            self._restart(float(step))
        for summary in summaries:
            for message in protobuf.messages(summary, 1):
                self._value(message, step, time)

    def _restart(self, step: float) -> None:
        """Void what was written for this step and later ones, as a session that starts there says."""
        self.restart = min(self.restart, step)
        for metric, steps in self.recorder.steps.items():
            values = self.recorder.values[metric]
            if not steps or max(steps) < step:
                continue
            kept = [(at, value) for at, value in zip(steps, values, strict=True) if at < step]
            self.voided[metric] = self.voided.get(metric, 0) + len(steps) - len(kept)
            steps[:] = array("d", [at for at, _ in kept])
            values[:] = array("d", [value for _, value in kept])

    def _value(self, message: bytes, step: int, time: float) -> None:
        value = read_value(message)
        plugin = self.plugins.get(value.tag, value.plugin)
        if plugin and len(self.plugins) < MAX_TAGS:
            self.plugins[value.tag] = plugin
        if plugin == "hparams":
            self._hparams(value, time)
        elif plugin == "text" or value.tag.endswith("/text_summary"):
            self._text(value)
        elif value.number is not None and plugin in ("", "scalars"):
            self.recorder.append(value.tag, float(step), value.number)
            self.last_value = max(self.last_value, time)
            self._learn(message, value)
        elif plugin == "scalars":
            self.not_numbers[value.tag] = self.not_numbers.get(value.tag, 0) + 1

    def _learn(self, message: bytes, value: Value) -> None:
        """Remember the form of the messages of a tag, if it is clear which bytes are the number."""
        known = self.recorder.values.get(value.tag)
        if known is None or value.number is None or message[:1] != b"\x0a" or not 0 < message[1] < 0x80:
            return
        for number in _WIDTHS:
            try:
                written = number.pack(value.number)
            except OverflowError:
                continue
            start = message.find(written)
            if start < message[1] + 2 or start != message.rfind(written):
                continue
            head, tail = message[:start], message[start + number.size :]
            probe = read_value(head + number.pack(_PROBE) + tail)
            if probe.number == _PROBE and probe.tag == value.tag:
                steps = self.recorder.steps[value.tag].append
                self.templates[message[: message[1] + 2]] = _Template(
                    len(message), head, tail, start, number, steps, known.append
                )
                return

    def _hparams(self, value: Value, time: float) -> None:
        started, ended = protobuf.last_bytes(value.content, 3), protobuf.last_bytes(value.content, 4)
        if ended:
            status = protobuf.last_integer(ended, 1)
            self.end = (time, _HPARAMS_STATES.get(status or 0, "unknown"))
        for entry in protobuf.messages(started, 1):
            self.recorder.config.update(
                flatten({protobuf.last_text(entry, 1): _plain(protobuf.last_bytes(entry, 2))})
            )

    def _text(self, value: Value) -> None:
        if value.tag not in ("args", "args/text_summary"):
            return
        for text in tensor_texts(value.tensor):
            try:
                found = parse_json(text.encode())
            except LogError as error:
                message = f"{self.where}the text `args` {error.message}"
                self.recorder.note("BAD_CONFIG", message, "it was left out")
                continue
            if isinstance(found, dict):
                self.recorder.config.update(flatten(found))


def _only_value(record: bytes) -> tuple[float, bytes] | None:
    """Return step and message of an event that is a time, a step and a summary of one value with a short tag."""
    size = len(record)
    if size < 18 or record[0] != 0x09:
        return None
    step, position = 0.0, 9
    if record[9] == 0x10:
        whole = record[10]
        position = 11
        shift = 7
        while whole >> shift:  # the last byte that was added has its continuation bit set
            whole += (record[position] - 1) << shift
            position += 1
            shift += 7
            if position + 4 > size or shift > 56:
                return None
        step = float(whole)
    for key in (0x2A, 0x0A):
        if position + 2 >= size or record[position] != key:
            return None
        length = record[position + 1]
        position += 2
        if length >= 0x80:
            length += (record[position] - 1) << 7
            if record[position] >= 0x80:
                return None
            position += 1
        if position + length != size:
            return None
    return (step, record[position:]) if size - position > 2 and record[position] == 0x0A else None


def _plain(value: bytes) -> object:
    """Return what a message `google.protobuf.Value` says."""
    for number, kind, inner in protobuf.fields(value):
        if isinstance(inner, int):
            return bool(inner) if number == 4 else None
        if number == 2 and kind == protobuf.FIXED64:
            return _whole(protobuf.double(inner))
        if number == 3:
            return protobuf.text(inner)
    return None


def _whole(value: float) -> int | float:
    """Return a whole number as an integer: the format knows only floats."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
