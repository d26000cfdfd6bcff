"""Members of zip archives, read into memory; their number and size are bounded, whatever the archive claims.

Nothing is written to disk, so names such as ``../x`` are only names. Members packed with zstd, which `zipfile` does not
unpack before Python 3.14, are unpacked here.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sigstats.data.logs.folders import open_file
from sigstats.data.logs.model import LogError
from sigstats.data.zstd import ZstdMissing, unpacked

MAX_FILE = 1 << 40
MAX_UNPACKED = 2**28
MAX_MEMBERS = 200_000
MAX_NAMES = 2**26  # bytes of the list of members

_ZSTD = 93
_LOCAL = struct.Struct("<4s22xHH")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    struct.error,
)


def read_members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the members of a zip archive."""
    with open_file(path, MAX_FILE) as handle:
        try:
            _check_end(handle)
            with zipfile.ZipFile(handle) as archive:
                members = archive.infolist()
                if len(members) > MAX_MEMBERS:
                    raise LogError("TOO_LARGE", f"holds {len(members):,} files, more than {MAX_MEMBERS:,}")
                return _unpack(archive, handle, [member for member in members if wanted(member.filename)])
        except ZstdMissing as error:
            raise LogError("NEEDS_ZSTD", f"is packed with zstd: {error}") from None
        except _BROKEN as error:
            raise LogError("BAD_ARCHIVE", f"is not a readable archive: {str(error)[:100]}") from None


def _check_end(handle: BinaryIO) -> None:
    """Refuse an archive whose list of members is huge, before it is read."""
    size = handle.seek(0, 2)
    handle.seek(max(0, size - 70_000))
    tail = handle.read()
    place = tail.rfind(b"PK\x05\x06")
    if place >= 0 and len(tail) - place >= 22:
        length = struct.unpack_from("<I", tail, place + 12)[0]
        if length > MAX_NAMES and length != 0xFFFFFFFF:
            raise LogError("TOO_LARGE", f"lists its files in {length:,} bytes, more than {MAX_NAMES:,}")
    handle.seek(0)


def _unpack(archive: zipfile.ZipFile, handle: BinaryIO, members: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    content: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for member in members:
        if member.compress_type == _ZSTD:
            data = _from_zstd(handle, member, left)
        else:
            with archive.open(member) as packed:
                data = packed.read(left + 1)
        left -= len(data)
        if left < 0:
            raise LogError("TOO_LARGE", f"unpacks to more than {MAX_UNPACKED:,} bytes")
        content[member.filename] = data
    return content


def _from_zstd(handle: BinaryIO, member: zipfile.ZipInfo, most: int) -> bytes:
    """Return a member packed with zstd, after its checksum was verified."""
    if member.flag_bits & 1:
        raise ValueError("it is encrypted")
    if member.compress_size > MAX_UNPACKED:
        raise LogError("TOO_LARGE", f"holds a file of {member.compress_size:,} bytes")
    handle.seek(member.header_offset)
    mark, name, extra = _LOCAL.unpack(handle.read(_LOCAL.size))
    if mark != b"PK\x03\x04":
        raise ValueError("a file is not where the list says")
    handle.seek(name + extra, 1)
    data = unpacked(handle.read(member.compress_size), most)
    if len(data) <= most and zlib.crc32(data) != member.CRC:
        raise ValueError(f"{member.filename!r} fails its checksum")
    return data
