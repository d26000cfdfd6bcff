"""Members of zip archives, read into memory; their number and size are bounded, whatever the archive claims."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError

MAX_BYTES = 2**28
MAX_UNPACKED = 2**28
MAX_MEMBERS = 10_000

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)


def read_members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the members of a zip archive."""
    data = read_bytes(path, MAX_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise LogError("TOO_LARGE", f"holds {len(members):,} files, more than {MAX_MEMBERS:,}")
            return _unpack(archive, [member for member in members if wanted(member.filename)])
    except _BROKEN as error:
        raise LogError("BAD_ARCHIVE", f"is not a readable archive: {str(error)[:100]}") from None


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    unpacked: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for member in members:
        with archive.open(member) as handle:
            unpacked[member.filename] = handle.read(left + 1)
        left -= len(unpacked[member.filename])
        if left < 0:
            raise LogError("TOO_LARGE", f"unpacks to more than {MAX_UNPACKED:,} bytes")
    return unpacked
