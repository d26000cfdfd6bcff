"""Unpack zstd, with Python's own library (3.14 and later) or with pyarrow."""

import io
from typing import Any


class ZstdMissing(Exception):  # noqa: N818 - it says what is missing
    """No library for zstd is installed."""


def unpacked(data: bytes, most: int) -> bytes:
    """Return the content of a zstd frame, at most so many bytes and one more; raises ValueError if it is broken."""
    stream, errors = _opened(data)
    try:
        content: bytes = stream.read(most + 1)
    except errors as error:
        raise ValueError(f"is not a sound zstd frame: {str(error)[:100]}") from None
    return content


def _opened(data: bytes) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return a stream of the content, and what it raises if the frame is broken."""
    try:
        from compression import zstd
    except ImportError:
        pass
    else:
        return zstd.ZstdFile(io.BytesIO(data)), (zstd.ZstdError, EOFError, OSError)
    try:
        import pyarrow as pa
    except ImportError:
        raise ZstdMissing("zstd needs Python 3.14, or: pip install 'sigstats[parquet]'") from None
    stream = pa.input_stream(pa.BufferReader(data), compression="zstd")
    return stream, (pa.ArrowException, OSError, ValueError)
