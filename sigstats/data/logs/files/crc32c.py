"""Checksums of many stretches of a buffer at once: CRC-32C (Castagnoli), as event files use it.

A checksum is linear in the bits of its message. So every message is cut into rows of 64 bytes, counted from its end;
the rows of all messages are worked on together, 8 bytes at a time, with one table per byte (slicing by 8); and the
remainders of a message's rows are moved to their place by the operators "append 64, 128, 256 ... zero bytes" and
added. Zero bytes in front of a message do not count once the first 4 bytes are inverted, which is what the initial
value of the checksum amounts to.

References
----------
.. [1] M. E. Kounavis, F. L. Berry (2008). Novel table lookup-based algorithms for high-performance CRC generation.
   IEEE Transactions on Computers 57, 1550-1560. https://doi.org/10.1109/TC.2008.85
"""

import functools

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78
ROW = 64
ROWS_AT_ONCE = 1 << 14

Words = NDArray[np.uint32]
Places = NDArray[np.int64]


@functools.cache
def _byte_table() -> Words:
    """Return the remainder of each byte."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


@functools.cache
def _slices() -> Words:
    """Return the remainders of each byte that is followed by 7, 6 ... 0 zero bytes, shape (8, 256)."""
    table = _byte_table()
    rows = [table]
    for _ in range(7):
        rows.append((rows[-1] >> 8) ^ table[rows[-1] & 0xFF])
    return np.stack(rows[::-1])


@functools.cache
def _append_zeros(power: int) -> Words:
    """Return the operator that appends ROW x 2^power zero bytes, as 4 tables of 256, one per byte of the remainder."""
    if power:
        half = _append_zeros(power - 1)
        return _apply(half, half)
    values = (np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32)[:, None])).astype(
        np.uint32
    )
    for _ in range(ROW):
        values = (values >> 8) ^ _byte_table()[values & 0xFF]
    return values


def _apply(operator: Words, values: Words) -> Words:
    """Return an operator's values, byte by byte."""
    result: Words = operator[0][values & 0xFF]
    for place in range(1, 4):
        result ^= operator[place][(values >> (8 * place)) & 0xFF]
    return result


def _row_remainders(rows: NDArray[np.uint8]) -> Words:
    """Return the remainder of each row of 64 bytes."""
    slices = _slices()
    result = np.zeros(len(rows), dtype=np.uint32)
    for start in range(0, ROW, 8):
        block = rows[:, start : start + 8]
        low = block[:, :4] ^ result.view(np.uint8).reshape(-1, 4)
        result = slices[0][low[:, 0]]
        for place in range(1, 4):
            result ^= slices[place][low[:, place]]
        for place in range(4, 8):
            result ^= slices[place][block[:, place]]
    return result


def _rows(padded: NDArray[np.uint8], ends: Places, sizes: Places) -> NDArray[np.uint8]:
    """Return the rows of 64 bytes that end where told; `sizes` is what of their message lies before their end."""
    rows = np.lib.stride_tricks.sliding_window_view(padded, ROW)[ends - ROW]
    short = np.flatnonzero(sizes < ROW + 4)
    if len(short):
        column = np.arange(ROW) - (ROW - sizes[short])[:, None]
        part = rows[short]
        part[(column >= 0) & (column < 4)] ^= 0xFF
        part[column < 0] = 0
        rows[short] = part
    return rows


def _one_by_one(message: bytes) -> int:
    """Return the checksum of a short message."""
    table = _byte_table()
    value = 0xFFFFFFFF
    for byte in message:
        value = (value >> 8) ^ int(table[(value ^ byte) & 0xFF])
    return value ^ 0xFFFFFFFF


def checksums(data: bytes, starts: Places, sizes: Places) -> Words:
    """Return the CRC-32C of each of many stretches of a buffer.

    References
    ----------
    .. [1] RFC 3720, appendix B.4: test vectors. https://doi.org/10.17487/RFC3720
    """
    if not len(starts):
        return np.zeros(0, dtype=np.uint32)
    padded = np.concatenate([np.zeros(ROW, dtype=np.uint8), np.frombuffer(data, dtype=np.uint8)])
    counts = np.maximum(-(-sizes // ROW), 1)
    first = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(starts)), counts)
    behind = np.repeat(first + counts, counts) - 1 - np.arange(len(owner))
    before = sizes[owner] - ROW * behind
    remainders = np.empty(len(owner), dtype=np.uint32)
    for start in range(0, len(owner), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        ends = starts[owner[part]] + before[part] + ROW
        remainders[part] = _row_remainders(_rows(padded, ends, before[part]))
    for power in range(int(behind.max()).bit_length()):
        moved = np.flatnonzero(behind & (1 << power))
        remainders[moved] = _apply(_append_zeros(power), remainders[moved])
    result = np.bitwise_xor.reduceat(remainders, first) ^ np.uint32(0xFFFFFFFF)
    for each in np.flatnonzero(sizes < 4):
        result[each] = _one_by_one(data[starts[each] : starts[each] + sizes[each]])
    return result
