"""Record files: the frames of TFRecord (event files) and of the LevelDB log (W&B), with their checksums.

Both readers work through a file in windows, so that memory stays bounded whatever the file claims, and both tell how
the reading ended. A frame is only believed when its checksum is right.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.files.crc32c import Places, checksums

WINDOW = 1 << 22
LARGEST = 1 << 28

_LENGTH = struct.Struct("<Q")
_FRAME = 16  # length 8, its checksum 4, the data's checksum 4
_MASK_DELTA = 0xA282EAD8

BLOCK = 32_768
_CHUNK = struct.Struct("<IHB")
WANDB_HEADER = b":W&B\xe1\xbe\x00"
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_TYPE_CRC = {kind: zlib.crc32(bytes([kind])) for kind in (_FULL, _FIRST, _MIDDLE, _LAST)}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the framing of a file."""

    code: str  # "TRUNCATED", "CORRUPT", "ZERO_TAIL" or "TOO_LARGE"
    message: str  # what was found, and where in the file
    done: str  # what the reader did about it


@dataclass(slots=True)
class TFRecords:
    """The records of an event file: length, checksum of the length, data, checksum of the data.

    All checksums are verified, those of a window at once. A record whose data are damaged is left out; where a
    length is damaged, nothing that follows can be found, and the reading ends.
    """

    stream: BinaryIO  # at the start of the file
    faults: list[Fault] = field(default_factory=list)  # what was wrong, complete when the iteration has ended
    n_records: int = 0  # records that were read
    _damaged: int = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the data of each record."""
        data, offset = self.stream.read(WINDOW), 0
        while data:
            starts, used = _walk(data)
            good = self._good_lengths(data, starts)
            yield from self._verified(data, starts[:good], starts[1 : good + 1])
            if good < len(starts) - 1 or not _head_is_sound(data, used):
                where = starts[good]
                self._damaged_length(data[where:], offset + where)
                break
            offset += used
            fresh = self._more(data[used:], offset)
            if fresh is None:
                break
            skipped, data = fresh
            offset += skipped
        self._tell_damaged()

    def _good_lengths(self, data: bytes, starts: list[int]) -> int:
        """Return how many records there are before the first damaged length."""
        places = np.array(starts[:-1], dtype=np.int64)
        right = _right(data, places, np.full(len(places), 8, dtype=np.int64))
        wrong = np.flatnonzero(~right)
        return int(wrong[0]) if len(wrong) else len(places)

    def _verified(self, data: bytes, starts: list[int], ends: list[int]) -> Iterator[bytes]:
        begin = np.array(starts, dtype=np.int64) + 12
        sizes = np.array(ends, dtype=np.int64) - 4 - begin
        right = _right(data, begin, sizes).tolist()
        for start, end, fine in zip(starts, ends, right, strict=True):
            if fine:
                self.n_records += 1
                yield data[start + 12 : end - 4]
            else:
                self._damaged += 1

    def _damaged_length(self, rest: bytes, where: int) -> None:
        zero = not any(rest)
        size = len(rest)
        while more := self.stream.read(WINDOW):
            zero = zero and not any(more)
            size += len(more)
        if zero:
            self.faults.append(
                Fault("ZERO_TAIL", f"{size:,} zero bytes from byte {where:,} on", "read up to there")
            )
        else:
            message = f"the length of the record at byte {where:,} fails its checksum"
            self.faults.append(Fault("CORRUPT", message, f"the last {size:,} bytes were not read"))

    def _more(self, rest: bytes, offset: int) -> tuple[int, bytes] | None:
        """Return how many bytes were skipped, and the next window, which begins with a record; None at the end."""
        length = _LENGTH.unpack_from(rest)[0] if len(rest) >= 12 else 0
        if length > LARGEST:
            return self._pass_over(length, offset)
        more = self.stream.read(max(WINDOW, length + _FRAME - len(rest)))
        if more:
            return 0, rest + more
        if rest:
            self._truncated(offset, len(rest))
        return None

    def _pass_over(self, length: int, offset: int) -> tuple[int, bytes] | None:
        end = offset + length + _FRAME
        if end > self.stream.seek(0, 2):
            self._truncated(offset, self.stream.tell() - offset)
            return None
        message = f"the record at byte {offset:,} has {length:,} bytes"
        self.faults.append(Fault("TOO_LARGE", message, "it was skipped"))
        self.stream.seek(end)
        return length + _FRAME, self.stream.read(WINDOW)

    def _truncated(self, offset: int, size: int) -> None:
        message = f"the file ends within the record at byte {offset:,}"
        self.faults.append(Fault("TRUNCATED", message, f"the last {size:,} bytes were not read"))

    def _tell_damaged(self) -> None:
        if self._damaged:
            message = f"{self._damaged:,} records fail their checksum"
            self.faults.insert(0, Fault("CORRUPT", message, "they were left out"))


def _walk(data: bytes) -> tuple[list[int], int]:
    """Return where the complete records of a window start, with the end of the last, and that end."""
    starts, position, last = [0], 0, len(data) - _FRAME
    unpack = _LENGTH.unpack_from
    while position <= last:
        position += unpack(data, position)[0] + _FRAME
        if position > len(data):
            break
        starts.append(position)
    return starts, starts[-1]


def _head_is_sound(data: bytes, start: int) -> bool:
    """Return whether the length that starts there has the right checksum, as far as it is there."""
    one = np.array([start], dtype=np.int64)
    return len(data) - start < 12 or bool(_right(data, one, np.full(1, 8, dtype=np.int64))[0])


def _right(data: bytes, starts: Places, sizes: Places) -> NDArray[np.bool_]:
    """Return whether stretches of the data are followed by their masked checksum."""
    if not len(starts):
        return np.zeros(0, dtype=bool)
    found = checksums(data, starts, sizes)
    masked = ((found >> 15) | (found << 17)) + np.uint32(_MASK_DELTA)
    last = (starts + sizes)[:, None] + np.arange(4)
    tails = np.frombuffer(data, dtype=np.uint8)[last].view("<u4")[:, 0]
    right: NDArray[np.bool_] = masked == tails
    return right


@dataclass(slots=True)
class LevelRecords:
    """The records of a W&B file: a LevelDB log, blocks of 32,768 bytes that hold whole records or pieces of them.

    Every piece has its own checksum. After a damaged piece, the rest of its block is skipped, and the
    reading goes on with the next block, as LevelDB does.
    """

    stream: BinaryIO  # at the start of the file
    faults: list[Fault] = field(default_factory=list)  # what was wrong, complete when the iteration has ended
    _pieces: list[bytes] = field(default_factory=list)
    _size: int = 0
    _damaged: int = 0
    _zeros: int = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the data of each record."""
        head = self.stream.read(len(WANDB_HEADER))
        if head != WANDB_HEADER:
            raise ValueError(f"it begins with {head!r}")
        offset, room = len(head), BLOCK - len(head)
        while block := self.stream.read(room):
            yield from self._block(block, offset, whole=len(block) == room)
            offset, room = offset + len(block), BLOCK
        if self._pieces and not any(fault.code == "TRUNCATED" for fault in self.faults):
            self.faults.append(Fault("TRUNCATED", "the last record does not end", "it was left out"))
        if self._damaged:
            message = f"{self._damaged:,} pieces of records are damaged"
            self.faults.insert(
                0, Fault("CORRUPT", message, "they and the rest of their blocks were left out")
            )
        if self._zeros:
            self.faults.append(Fault("ZERO_TAIL", f"{self._zeros:,} zero bytes", "they were skipped"))

    def _block(self, block: bytes, offset: int, *, whole: bool) -> Iterator[bytes]:
        position = 0
        while len(block) - position >= _CHUNK.size:
            checksum, length, kind = _CHUNK.unpack_from(block, position)
            data = block[position + _CHUNK.size : position + _CHUNK.size + length]
            if kind == length == checksum == 0:
                break
            if len(data) < length and not whole:
                self._truncated(offset + position)
                return
            if kind not in _TYPE_CRC or len(data) < length or zlib.crc32(data, _TYPE_CRC[kind]) != checksum:
                self._drop()
                return
            position += _CHUNK.size + length
            yield from self._piece(kind, data)
        rest = block[position:]
        if any(rest):
            self._truncated(offset + position) if not whole else self._drop()
        elif len(rest) >= _CHUNK.size:
            self._zeros += len(rest)

    def _piece(self, kind: int, data: bytes) -> Iterator[bytes]:
        """Yield the record that a piece completes."""
        if kind in (_FULL, _FIRST) and self._pieces:
            self._drop()
        if kind in (_MIDDLE, _LAST) and not self._pieces:
            self._damaged += 1
            return
        self._size += len(data)
        if self._size > LARGEST:
            self._drop()
            return
        self._pieces.append(data)
        if kind in (_FULL, _LAST):
            record = b"".join(self._pieces)
            self._pieces, self._size = [], 0
            yield record

    def _drop(self) -> None:
        self._damaged += 1
        self._pieces, self._size = [], 0

    def _truncated(self, where: int) -> None:
        message = f"the file ends within the piece at byte {where:,}"
        self.faults.append(Fault("TRUNCATED", message, "that record was left out"))
