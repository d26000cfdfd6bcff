"""The wire format of protocol buffers, against what its description says."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.files import protobuf


def number(value):
    """Return an integer as the description of the format writes it."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def written(fields):
    parts = []
    for field, value in fields:
        if isinstance(value, int):
            parts.append(number(field << 3) + number(value))
        elif isinstance(value, float):
            parts.append(number(field << 3 | 1) + struct.pack("<d", value))
        else:
            parts.append(number(field << 3 | 2) + number(len(value)) + value)
    return b"".join(parts)


messages = st.lists(
    st.tuples(
        st.integers(1, 2**29 - 1),
        st.integers(0, 2**64 - 1) | st.floats(allow_nan=False) | st.binary(max_size=200),
    ),
    max_size=8,
)


@pytest.mark.long
@given(messages)
def test_what_was_written_is_read(fields):
    found = [
        (field, protobuf.double(value) if kind == protobuf.FIXED64 else value)
        for field, kind, value in protobuf.fields(written(fields))
    ]
    assert found == fields


@given(messages, st.integers(0, 400))
def test_a_message_that_was_cut_off_is_an_error_or_its_beginning(fields, length):
    data = written(fields)[:length]
    try:
        found = list(protobuf.fields(data))
    except protobuf.ProtobufError:
        return
    assert [field for field, _, _ in found] == [field for field, _ in fields][: len(found)]


@given(st.binary(max_size=300))
def test_any_bytes_are_fields_or_an_error(data):
    with contextlib.suppress(protobuf.ProtobufError):
        assert all(field >= 0 for field, _, _ in protobuf.fields(data))


def test_the_examples_of_the_description():
    """From the page "Encoding" of the documentation of protocol buffers."""
    assert list(protobuf.fields(b"\x08\x96\x01")) == [(1, protobuf.VARINT, 150)]
    assert list(protobuf.fields(b"\x12\x07testing")) == [(2, protobuf.BYTES, b"testing")]
    assert protobuf.signed(0xFFFF_FFFF_FFFF_FFFE) == -2
    assert protobuf.last_integer(b"\x08\x01\x08\x02", 1) == 2


@pytest.mark.parametrize("data", [b"\x08", b"\x08" + b"\x80" * 11, b"\x0b", b"\x0a\x05abc", b"\x09\x00"])
def test_what_is_no_message_is_an_error(data):
    with pytest.raises(protobuf.ProtobufError):
        list(protobuf.fields(data))
