"""Values of TensorBoard summaries: a number, be it a TF1 `simple_value` or a TF2 tensor of rank 0; texts of tensors.

Numbers of the fields are those of `summary.proto`, `tensor.proto` and `types.proto` of TensorFlow.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.logs import wire

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
    """One value of a summary.

    Attributes
    ----------
    tag : str
        Name of the metric, text or plugin data.
    number : float or None
        The value as a number, where it is one.
    plugin : str
        Name of the plugin that the value is for; empty where the value does not say.
    content : bytes
        The plugin's data.
    tensor : bytes
        The tensor, as a message.
    """

    tag: str
    number: float | None
    plugin: str
    content: bytes
    tensor: bytes


def read_value(data: bytes) -> Value:
    """Return what one value of a summary says.

    Parameters
    ----------
    data : bytes
        The message `Summary.Value`.

    Returns
    -------
    Value
        Images, histograms and audio have no number.

    Raises
    ------
    WireError
        If it is no message.
    """
    tag, number, plugin, content, tensor = "", None, "", b"", b""
    for field, kind, value in wire.fields(data):
        if isinstance(value, int):
            continue
        if field == 1 and kind == wire.BYTES:
            tag = wire.text(value)
        elif field == 2 and kind == wire.FIXED32:
            number = wire.single(value)
        elif field == 8 and kind == wire.BYTES:
            tensor = value
        elif field == 9 and kind == wire.BYTES:
            meant = wire.last_bytes(value, 1)
            plugin, content = wire.last_text(meant, 1), wire.last_bytes(meant, 2)
    if number is None and tensor:
        number = tensor_number(tensor)
    return Value(tag, number, plugin, content, tensor)


def tensor_number(tensor: bytes) -> float | None:
    """Return the number that a tensor of one element holds.

    Parameters
    ----------
    tensor : bytes
        The message `TensorProto`.

    Returns
    -------
    float or None
        None for texts, for tensors that have not exactly one element, and where the value is missing.

    Raises
    ------
    WireError
        If it is no message.
    """
    found = wire.parts(tensor)
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
            for dimension in wire.messages(shape, 2):
                count *= wire.last_integer(dimension, 1) or 0
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
        first = wire.varint(first, 0)[0]
    if isinstance(first, int):
        return float(first if name.startswith("<u") else wire.signed(first)) if varints else None
    width = np.dtype(name).itemsize
    return float(np.frombuffer(first[:width], dtype=name)[0]) if len(first) >= width else None


def tensor_texts(tensor: bytes) -> list[str]:
    """Return the texts in a tensor.

    Parameters
    ----------
    tensor : bytes
        The message `TensorProto`.

    Returns
    -------
    list of str
        Empty for numbers.

    Raises
    ------
    WireError
        If it is no message.
    """
    if wire.last_integer(tensor, 1) != _STRING:
        return []
    return [wire.text(each) for each in wire.messages(tensor, _STRING_VALUES)]
