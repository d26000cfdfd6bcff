"""Packed files: unpacked in memory, one file at a time, and never to more than is allowed.

A packed file of a few kilobytes can unpack to more than a machine holds. What comes out is counted while it comes.
Nothing is written to disk, so that names in an archive cannot lead anywhere.
"""

import bz2
import gzip
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from sigstats.data import zstd
from sigstats.data.readers.model import Content, Options, refused, too_large
from sigstats.errors import TableError, missing_extra, option

MAX_RATIO = 100
FREE = 16 * 1024**2  # what is not larger than this is no bomb, whatever its ratio
MAX_MEMBERS = 10_000
CHUNK = 2**20
LOCAL = struct.Struct("<4s5H3I2H")  # the head of a file in an archive
ENTRY = b"PK\x01\x02"  # with which each entry of the directory of an archive starts
ENCRYPTED = 0x1


def unpacked(content: Content, options: Options) -> Content:
    """Return the one file that a packed file holds; what is not packed comes back as it is."""
    ending = PurePosixPath(content.name).suffix.lower()
    if ending == ".zip":
        inside = _from_zip(content, options)
        packed = PurePosixPath(inside.name).suffix.lower() in (*PACKERS, ".zst")
        # Packed twice, a file could unpack to the square of what is allowed.
        most = min(options.max_bytes, max(FREE, MAX_RATIO * len(content.data)))
        return unpacked(inside, replace(options, max_bytes=most)) if packed else inside
    if ending == ".zst":
        return Content(name=content.name[: -len(ending)] or content.name, data=_from_zstd(content, options))
    if ending not in PACKERS:
        return content
    inner = content.name[: -len(ending)]
    return Content(name=inner or content.name, data=_read(content, PACKERS[ending], options))


PACKERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": lambda handle: gzip.GzipFile(fileobj=handle),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}


def _read(content: Content, opener: Callable[[BinaryIO], Any], options: Options) -> bytes:
    """Return what a stream unpacks to."""
    try:
        with opener(io.BytesIO(content.data)) as stream:
            return _counted(stream.read, content.name, len(content.data), options.max_bytes)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, TableError):
            raise
        raise _broken(content.name, error) from None


def _from_zstd(content: Content, options: Options) -> bytes:
    """Return what a frame of zstd unpacks to."""
    size = len(content.data)
    try:
        data = zstd.unpacked(content.data, min(options.max_bytes, max(FREE, MAX_RATIO * size)))
    except zstd.ZstdMissing:
        raise missing_extra("pyarrow", "parquet", "Unpacking .zst files") from None
    except ValueError as error:
        raise _broken(content.name, error) from None
    return _counted(io.BytesIO(data).read, content.name, size, options.max_bytes)


def _counted(read: Callable[[int], bytes], name: str, packed: int, limit: int) -> bytes:
    """Return all that comes out of a stream, unless that is too much."""
    parts: list[bytes] = []
    size = 0
    while part := bytes(read(CHUNK)):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise too_large(name, "unpacks to more bytes", limit)
        check_ratio(name, size, packed)
    return b"".join(parts)


def check_ratio(name: str, size: int, packed: int) -> None:
    """Refuse what unpacks to so many times its size that it can be no table."""
    if size > max(FREE, MAX_RATIO * packed):
        message = f"{name!r} unpacks to more than {MAX_RATIO} times its size, as no table does"
        raise refused("PACKED_BOMB", message, "If it is one all the same, unpack it first.")


def _broken(name: str, error: Exception) -> TableError:
    message = f"{name!r} cannot be unpacked: {str(error)[:120]}"
    return refused("BAD_ARCHIVE", message, "Check that the file is whole and of the kind that its name says.")


def _from_zip(content: Content, options: Options) -> Content:
    """Return the one table in an archive, or the one that was named."""
    try:
        member = _chosen(content.name, members_of(content), options.part)
        return Content(name=member.filename, data=inflated(content, member, options.max_bytes))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, struct.error) as error:
        if isinstance(error, TableError):
            raise
        raise _broken(content.name, error) from None


def members_of(content: Content) -> list[zipfile.ZipInfo]:
    """Return the entries of an archive, of which there may not be too many."""
    count = content.data.count(ENTRY)
    if count > MAX_MEMBERS:
        raise refused("PACKED_BOMB", f"{content.name!r} holds about {count} files", "Pack fewer files.")
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            members = archive.infolist()
    except Exception as error:  # noqa: BLE001 - zipfile lets through whatever it meets in a damaged directory
        raise zipfile.BadZipFile(str(error)) from None
    if not all(each.filename for each in members):
        raise zipfile.BadZipFile("an entry has no name")
    return members


def _chosen(name: str, members: list[zipfile.ZipInfo], part: str | None) -> zipfile.ZipInfo:
    """Return the member to be read, or refuse the archive."""
    files = [each for each in members if not each.is_dir() and not _is_litter(each.filename)]
    named = [each for each in files if part is None or each.filename == part]
    if len(named) != 1:
        shown = ", ".join(repr(each.filename) for each in files[:5]) or "none"
        more = f" and {len(files) - 5} more" if len(files) > 5 else ""
        asked = "" if part is None else f"; {part!r} is not one of them, or not the only one of that name"
        remedy = f"Name one: {option('part', files[0].filename)}." if files else "Check what was packed."
        raise refused("SEVERAL_FILES", f"{name!r} holds {len(files)} files ({shown}{more}){asked}", remedy)
    return named[0]


def _is_litter(name: str) -> bool:
    """Return whether a file in an archive belongs to the machine that packed it."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and re.match(r"\.(?!\.)", parts[-1]) is not None)


def inflated(content: Content, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Return a file from an archive; what its directory says of its size is not believed."""
    where = f"{content.name}/{member.filename}"
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(member.external_attr >> 16):
        message = f"{where!r} points out of its archive, or is a link"
        raise refused("UNSAFE_FILE", message, "Pack the file again, under a plain name.")
    if member.flag_bits & ENCRYPTED:
        raise refused("BAD_ARCHIVE", f"{where!r} is encrypted", "Unpack it first.")
    head = LOCAL.unpack_from(content.data, member.header_offset)
    start = member.header_offset + LOCAL.size + head[-2] + head[-1]
    packed = content.data[start : start + member.compress_size]
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused("BAD_ARCHIVE", f"{where!r} is packed in an unusual way", "Unpack it first.")
    stored = member.compress_type == zipfile.ZIP_STORED
    data = _counted(io.BytesIO(packed).read if stored else _inflater(packed), where, len(packed), limit)
    if zlib.crc32(data) != member.CRC:
        raise _broken(where, ValueError("its checksum is wrong"))
    return data


def _inflater(packed: bytes) -> Callable[[int], bytes]:
    """Return a function that gives the next unpacked bytes."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    left = packed

    def read(size: int) -> bytes:
        nonlocal left
        try:
            part = engine.decompress(left, size)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        left = engine.unconsumed_tail
        if not part and not engine.eof:
            raise ValueError("it ends too early")
        return part

    return read
