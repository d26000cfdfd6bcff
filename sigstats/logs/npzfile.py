"""Arrays of numbers from ``.npz`` files, without anything that could run code or fill the memory.

An ``.npz`` file is a zip archive of ``.npy`` files. Only arrays of plain numbers are read; arrays of objects are
pickles and are refused. Sizes are bounded while unpacking, whatever the archive says about them.
"""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sigstats.logs.archives import read_members

PLAIN_KINDS = "biuf"

Array = NDArray[Any]


def read_npz(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays in an ``.npz`` file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    arrays : dict of str to ndarray
        Those that hold plain numbers.
    refused : dict of str to str
        Why each other member was not read.

    Raises
    ------
    LogError
        If it is no zip archive, or one that is damaged (``BAD_ARCHIVE``) or too large (``TOO_LARGE``).
    """
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
    handle = io.BytesIO(data)
    version = npy.read_magic(handle)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"has a header of version {version}")
    try:
        shape, fortran, dtype = readers[version](handle)
    except (
        ValueError,
        TypeError,
        KeyError,
        SyntaxError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise ValueError(f"has a broken header: {error}") from None
    if dtype.kind not in PLAIN_KINDS or dtype.hasobject or dtype.subdtype is not None:
        raise ValueError(f"holds {dtype}, which is no plain number")
    body = data[handle.tell() :]
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"has {len(body)} bytes, and its shape {shape} asks for another number")
    flat: Array = np.frombuffer(body, dtype=dtype)
    return flat.reshape(shape, order="F" if fortran else "C").astype(np.float64)
