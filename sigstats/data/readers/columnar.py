"""Parquet and Feather: columns of pyarrow, read piece by piece so that what they unpack to can be counted."""

import io
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from sigstats.data.readers.model import (
    MAX_COLUMNS,
    Content,
    Loaded,
    Options,
    refused,
    too_large,
    too_many_columns,
)
from sigstats.data.readers.packed import check_ratio
from sigstats.errors import TableError, missing_extra

MARK = b"ARROW1"


def read_parquet(content: Content, options: Options) -> Loaded:
    """Read Parquet."""
    pa = _pyarrow("Reading Parquet files")
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content.data))
        schema = file.schema_arrow
        _check_rows(content, pa, schema, file.metadata.num_rows)
        fixed = all(pa.types.is_primitive(kind) for kind in schema.types)
        batches = file.iter_batches(batch_size=65_536 if fixed else 2_048)
        return _gathered(content, schema, batches, options.max_bytes)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _broken(content.name, "Parquet", error) from None


def read_feather(content: Content, options: Options) -> Loaded:
    """Read Feather, which is the file format of Arrow, or a stream of Arrow."""
    pa = _pyarrow("Reading Feather files")
    from pyarrow import ipc

    # The file format is a stream between a mark and a list of places; read as a stream, nothing can point elsewhere.
    start = 8 if content.data.startswith(MARK) else 0
    try:
        source = pa.py_buffer(content.data)[start:]
        _check_size(content, source, options.max_bytes)
        with ipc.open_stream(source) as stream:
            return _gathered(content, stream.schema, stream, options.max_bytes)
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:
        raise _broken(content.name, "Feather", error) from None


def _check_rows(content: Content, pa: Any, schema: Any, rows: int) -> None:  # noqa: ANN401 - pyarrow has no types
    """Refuse a file whose numbers would need more room than any table of its size, before one of them is read."""
    widths = [kind.bit_width / 8 for kind in schema.types if pa.types.is_primitive(kind)]
    check_ratio(content.name, int(rows * sum(widths)), len(content.data))


def _check_size(content: Content, source: Any, limit: int) -> None:  # noqa: ANN401 - pyarrow has no types
    """Refuse a stream whose messages say that they unpack to more than allowed."""
    size = 0
    for message in _messages(source):
        size += _unpacked_size(message)
        if size > limit:
            raise too_large(content.name, "unpacks to more bytes", limit)
        check_ratio(content.name, size, len(content.data))


def _messages(source: Any) -> Iterator[Any]:  # noqa: ANN401 - pyarrow has no types
    """Yield the messages of a stream."""
    from pyarrow import ipc

    reader = ipc.MessageReader.open_stream(source)
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _unpacked_size(message: Any) -> int:  # noqa: ANN401 - pyarrow has no types
    """Return the bytes that the buffers of a message say they unpack to, as pyarrow would allocate them.

    Each packed buffer starts with that number. Where the buffers lie stands in the message's head, a table in
    Google's FlatBuffers (Arrow columnar format, "Encapsulated message format").
    """
    if message.body is None:
        return 0
    head, body = message.metadata.to_pybytes(), message.body.to_pybytes()
    batch = _field(head, _offset(head, 0), 2)
    if message.type == "dictionary batch" and batch:
        batch = _field(head, _offset(head, batch), 1)
    if not batch:
        return 0
    table = _offset(head, batch)
    buffers = _field(head, table, 2)
    if not buffers or not _field(head, table, 3):
        return 0
    start = _offset(head, buffers)
    (count,) = struct.unpack_from("<I", head, start)
    total = 0
    for place in range(count):
        offset, length = struct.unpack_from("<qq", head, start + 4 + 16 * place)
        if length >= 8:
            total += max(struct.unpack_from("<q", body, offset)[0], 0)
    return total


def _offset(head: bytes, place: int) -> int:
    """Return where an offset in a FlatBuffer points."""
    return place + int(struct.unpack_from("<I", head, place)[0])


def _field(head: bytes, table: int, number: int) -> int:
    """Return where a field of a table in a FlatBuffer stands; 0 if it is absent."""
    names = table - int(struct.unpack_from("<i", head, table)[0])
    (size,) = struct.unpack_from("<H", head, names)
    entry = 4 + 2 * number
    if entry >= size:
        return 0
    (shift,) = struct.unpack_from("<H", head, names + entry)
    return table + int(shift) if shift else 0


def _pyarrow(purpose: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    try:
        import pyarrow as pa
    except ImportError:
        raise missing_extra("pyarrow", "parquet", purpose) from None
    return pa


def _gathered(content: Content, schema: Any, batches: Iterable[Any], limit: int) -> Loaded:  # noqa: ANN401 - pyarrow
    """Return the table that batches make up, unless it is larger than allowed."""
    import pyarrow as pa

    if len(schema.names) > MAX_COLUMNS:
        raise too_many_columns(content.name, len(schema.names))
    kept: list[Any] = []
    size = 0
    for batch in batches:
        size += batch.nbytes
        if size > limit:
            raise too_large(content.name, "unpacks to more bytes", limit)
        check_ratio(content.name, size, len(content.data))
        kept.append(batch)
    return Loaded(frame=pa.Table.from_batches(kept, schema=schema))


def _broken(name: str, kind: str, error: Exception) -> Exception:
    if isinstance(error, TableError):
        return error
    return refused(
        "BAD_" + kind.upper(),
        f"{name!r} is not a readable {kind} file: {str(error)[:200]}",
        "Check that the file is whole.",
    )
