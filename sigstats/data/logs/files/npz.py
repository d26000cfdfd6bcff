"""Arrays of numbers from ``.npz`` files, without anything that could run code or fill the memory.

An ``.npz`` file is a zip archive of ``.npy`` files. The archive is unpacked within the bounds of `archives`; numpy
loads its members and unpickles nothing.
"""

import io
import warnings
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.files.archives import read_members

Array = NDArray[Any]

_BROKEN = (
    ValueError, TypeError, ArithmeticError, LookupError, AttributeError, EOFError, MemoryError, RecursionError,
    SyntaxError, TokenError, Warning,
)  # fmt: skip


def read_npz(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays of numbers in an ``.npz`` file, and why its other members were refused."""
    arrays: dict[str, Array] = {}
    refused: dict[str, str] = {}
    for member, data in read_members(path, lambda _: True).items():
        name = member.removesuffix(".npy")
        try:
            arrays[name] = _array(data)
        except _BROKEN as error:
            refused[name] = f"is not an array of plain numbers: {error}"[:140]
    return arrays, refused


def _array(data: bytes) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        array = np.load(io.BytesIO(data), allow_pickle=False)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise ValueError(f"it holds {getattr(array, 'dtype', 'another archive')}")
    with np.errstate(over="ignore"):  # extended precision that is too large becomes infinite
        return array.astype(np.float64)
