"""Arrays of numbers from ``.npz`` files, without anything that could run code or fill the memory.

An ``.npz`` file is a zip archive of ``.npy`` files. Only arrays of plain numbers are read; arrays of objects are
pickles and are refused. Sizes are bounded while unpacking, whatever the archive says about them.
"""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.files.archives import read_members

MAGIC = b"\x93NUMPY"
MAX_HEADER = 10_000

_HEADER = re.compile(
    r"\{'descr': '(?P<descr>[<>|=](?:b1|[iu][1248]|f[248]))', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>(?:[0-9]{1,15}(?:, ?[0-9]{1,15})*,?)?)\),? ?\}\s*"
)

Array = NDArray[Any]


def read_npz(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays in an ``.npz`` file."""
    arrays: dict[str, Array] = {}
    refused: dict[str, str] = {}
    for member, data in read_members(path, lambda _: True).items():
        name = member.removesuffix(".npy")
        try:
            arrays[name] = _array(data)
        except ValueError as error:
            refused[name] = str(error)[:100]
    return arrays, refused


def _array(data: bytes) -> Array:
    """Return the array that a ``.npy`` file holds; raises ValueError for all but plain numbers."""
    if data[:6] != MAGIC or len(data) < 12 or data[6] not in (1, 2):
        raise ValueError("is no array of a known version")
    begin = 10 if data[6] == 1 else 12
    end = begin + int.from_bytes(data[8:begin], "little")
    header = _HEADER.fullmatch(data[begin : min(end, begin + MAX_HEADER)].decode("latin-1"))
    if header is None:
        raise ValueError("does not say in its header that it holds plain numbers")
    shape = tuple(int(length) for length in header["shape"].split(",") if length.strip())
    body = data[end:]
    dtype = np.dtype(header["descr"].replace("|", ""))
    if math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"has {len(body)} bytes, and its shape {shape} asks for another number")
    flat: Array = np.frombuffer(body, dtype=dtype)
    return flat.reshape(shape, order="F" if header["fortran"] == "True" else "C").astype(np.float64)
