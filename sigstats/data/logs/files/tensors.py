"""Values of TensorBoard summaries: a number, be it a TF1 `simple_value` or a TF2 tensor of rank 0; texts of tensors.

Numbers of the fields are those of `summary.proto`, `tensor.proto` and `types.proto` of TensorFlow.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.data.logs.files import protobuf

_STRING = 7
_BFLOAT16 = 14
_CONTENT = 4  # the field tensor_content
_STRING_VALUES = 8
_HALF_VALUES = 13

# Number of the type: its numpy type, and the field that holds values one by one.
_TYPES: dict[int, tuple[str, int]] = {
    1: ("<f4", 5), 2: ("<f8", 6), 3: ("<i4", 7), 4: ("<u1", 7), 5: ("<i2", 7), 6: ("<i1", 7), 9: ("<i8", 10),
    10: ("<u1", 11), _BFLOAT16: ("<u2", _HALF_VALUES), 17: ("<u2", 7), 19: ("<f2", _HALF_VALUES), 22: ("<u4", 16),
    23: ("<u8", 17),
}  # fmt: skip
_VARINT_FIELDS = frozenset({7, 10, 11, 13, 16, 17})


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a summary."""

    tag: str  # name of the metric, text or plugin data
    number: float | None  # the value as a number, where it is one
    plugin: str  # name of the plugin that the value is for; empty where the value does not say
    content: bytes  # the plugin's data
    tensor: bytes  # the tensor, as a message


def read_value(data: bytes) -> Value:
    """Return what one value of a summary says."""
    tag, number, plugin, content, tensor = "", None, "", b"", b""
    for field, kind, value in protobuf.fields(data):
        if isinstance(value, int):
            continue
        if field == 1 and kind == protobuf.BYTES:
            tag = protobuf.text(value)
        elif field == 2 and kind == protobuf.FIXED32:
            number = protobuf.single(value)
        elif field == 8 and kind == protobuf.BYTES:
            tensor = value
        elif field == 9 and kind == protobuf.BYTES:
            meant = protobuf.last_bytes(value, 1)
            plugin, content = protobuf.last_text(meant, 1), protobuf.last_bytes(meant, 2)
    if number is None and tensor:
        number = tensor_number(tensor)
    return Value(tag, number, plugin, content, tensor)


def tensor_number(tensor: bytes) -> float | None:
    """Return the number that a tensor of one element holds."""
    found = protobuf.parts(tensor)
    kind = found.get(1, [0])[-1]
    known = _TYPES.get(kind) if isinstance(kind, int) else None
    if known is None or _n_elements(found.get(2, [])) != 1:
        return None
    name, field = known
    content = found.get(_CONTENT, [b""])[-1]
    if isinstance(content, bytes) and content:
        return _from_content(content, name, bfloat=kind == _BFLOAT16)
    values = _listed(found.get(field, []), name, varints=field in _VARINT_FIELDS)
    if field == _HALF_VALUES and values is not None:
        return _from_content((int(values) & 0xFFFF).to_bytes(2, "little"), name, bfloat=kind == _BFLOAT16)
    return values


def _n_elements(shapes: list[int | bytes]) -> int:
    """Return the number of elements of a tensor; a shape without dimensions has one."""
    count = 1
    for shape in shapes:
        if isinstance(shape, bytes):
            for dimension in protobuf.messages(shape, 2):
                count *= protobuf.last_integer(dimension, 1) or 0
    return count


def _from_content(content: bytes, name: str, *, bfloat: bool) -> float | None:
    kind = np.dtype(name)
    if len(content) != kind.itemsize:
        return None
    if bfloat:
        return float(np.frombuffer(b"\0\0" + content, dtype="<f4")[0])
    return float(np.frombuffer(content, dtype=kind)[0])


def _listed(values: list[int | bytes], name: str, *, varints: bool) -> float | None:
    """Return the first of the values that a tensor lists one by one, packed or not."""
    if not values:
        return None
    first = values[0]
    if isinstance(first, bytes) and varints:
        first = protobuf.varint(first, 0)[0]
    if isinstance(first, int):
        return float(first if name.startswith("<u") else protobuf.signed(first)) if varints else None
    width = np.dtype(name).itemsize
    return float(np.frombuffer(first[:width], dtype=name)[0]) if len(first) >= width else None


def tensor_texts(tensor: bytes) -> list[str]:
    """Return the texts in a tensor."""
    if protobuf.last_integer(tensor, 1) != _STRING:
        return []
    return [protobuf.text(each) for each in protobuf.messages(tensor, _STRING_VALUES)]
