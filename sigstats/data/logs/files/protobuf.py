"""The wire format of protocol buffers: the fields of a message, without its schema.

Only what event files and W&B files use: variable-length integers, 32 and 64 fixed bits, and length-delimited bytes.
Groups were abolished before either format existed and are refused.
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

MAX_VARINT_BYTES = 10
_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")


class ProtobufError(ValueError):
    """Bytes that are not a message."""


def varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the unsigned integer at a position, and the position after it."""
    value = shift = 0
    for place in range(position, min(position + MAX_VARINT_BYTES, len(data))):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place + 1
        shift += 7
    raise ProtobufError("an integer that does not end")


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yield number, wire type and value of the fields of a message."""
    position, end = 0, len(data)
    while position < end:
        key, position = (data[position], position + 1) if data[position] < 0x80 else varint(data, position)
        kind = key & 7
        if kind == VARINT:
            number, position = varint(data, position)
            yield key >> 3, kind, number
            continue
        if kind == BYTES:
            short = position < end and data[position] < 0x80
            size, position = (data[position], position + 1) if short else varint(data, position)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise ProtobufError(f"a field of wire type {kind}")
        if position + size > end:
            raise ProtobufError("a field that is cut off")
        yield key >> 3, kind, data[position : position + size]
        position += size


def parts(data: bytes) -> dict[int, list[int | bytes]]:
    """Return the values of a message by the number of their field, in their order."""
    found: dict[int, list[int | bytes]] = {}
    for number, _, value in fields(data):
        found.setdefault(number, []).append(value)
    return found


def messages(data: bytes, wanted: int) -> Iterator[bytes]:
    """Yield the length-delimited values of one field."""
    for number, kind, value in fields(data):
        if number == wanted and kind == BYTES and isinstance(value, bytes):
            yield value


def last_bytes(data: bytes, wanted: int) -> bytes:
    """Return the last length-delimited value of one field, as a message's single field is defined; else nothing."""
    found = b""
    for value in messages(data, wanted):
        found = value
    return found


def last_text(data: bytes, wanted: int) -> str:
    """Return the last text of one field."""
    return text(last_bytes(data, wanted))


def last_integer(data: bytes, wanted: int) -> int | None:
    """Return the last signed integer of one field."""
    found = None
    for number, kind, value in fields(data):
        if number == wanted and kind == VARINT and isinstance(value, int):
            found = signed(value)
    return found


def signed(value: int) -> int:
    """Return the signed integer of 64 bits that an unsigned one stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value


def text(data: bytes) -> str:
    """Return bytes as text."""
    return data.decode("utf-8", "backslashreplace")


def double(data: bytes) -> float:
    """Return the number in 8 bytes."""
    return float(_DOUBLE.unpack(data)[0])


def single(data: bytes) -> float:
    """Return the number in 4 bytes."""
    return float(_FLOAT.unpack(data)[0])
