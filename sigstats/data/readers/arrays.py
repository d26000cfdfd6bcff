"""Arrays of numpy: structured arrays, and values over axes that have names.

The files are read by their published format (numpy.lib.format), never by a loader that could unpickle an object.
"""

import io
import math
import struct
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from sigstats.data.readers.model import (
    MAX_COLUMNS,
    Content,
    Loaded,
    Options,
    as_frame,
    empty,
    refused,
    too_large,
)
from sigstats.data.readers.packed import inflated, members_of
from sigstats.errors import TableError, option

MAX_CELLS = 50_000_000
KINDS = frozenset("biufSU")

Arrays = Mapping[str, Any]


def read_npy(content: Content, _: Options) -> Loaded:
    """Read a structured array."""
    array = _array(content.name, content.data)
    if not array.dtype.names:
        message = (
            f"{content.name!r} holds an array of shape {array.shape}, without names or levels of the knob"
        )
        remedy = (
            "Save the levels beside it, np.savez(file, metric=values, seed=seeds, knob=levels); or make a table of the "
            "array with sigstats.from_array(values, knob=levels)."
        )
        raise refused("AXES_WITHOUT_NAMES", message, remedy)
    if array.ndim != 1:
        raise refused(
            "BAD_ARRAY", f"{content.name!r} holds records in {array.ndim} axes, not one", "Save a flat list."
        )
    return _columns(content.name, {name: array[name] for name in array.dtype.names})


def read_npz(content: Content, options: Options) -> Loaded:
    """Read arrays under names: columns of equal length, or values and the axes that they lie over."""
    arrays = _members(content, options)
    if not arrays:
        raise empty(content.name)
    flat = {name: array for name, array in arrays.items() if array.ndim == 1}
    deep = {name: array for name, array in arrays.items() if array.ndim > 1}
    constant = {name: array for name, array in arrays.items() if array.ndim == 0}
    if not deep:
        if not flat:
            raise refused(
                "BAD_ARRAY", f"{content.name!r} holds single numbers only", "Save one array per column."
            )
        length = len(next(iter(flat.values())))
        if any(len(array) != length for array in flat.values()):
            shown = ", ".join(f"{name!r} has {len(array)}" for name, array in list(flat.items())[:5])
            raise refused(
                "BAD_ARRAY",
                f"the arrays of {content.name!r} differ in length: {shown}",
                "Save columns of one length.",
            )
        return _columns(
            content.name, {**flat, **{name: np.repeat(array, length) for name, array in constant.items()}}
        )
    return _over_axes(content.name, deep, flat, constant, options.names)


def _over_axes(
    name: str, deep: Arrays, flat: Arrays, constant: Arrays, names: tuple[str, ...] | None
) -> Loaded:
    """Return one row for each value of arrays over axes."""
    shapes = {array.shape for array in deep.values()}
    if len(shapes) > 1:
        shown = ", ".join(f"{key!r} {array.shape}" for key, array in list(deep.items())[:5])
        raise refused(
            "BAD_ARRAY",
            f"the arrays of {name!r} lie over different axes: {shown}",
            "Save one table per file.",
        )
    (shape,) = shapes
    if math.prod(shape) * (len(shape) + len(deep)) > MAX_CELLS:
        raise too_large(name, f"makes {math.prod(shape)} rows and more cells", MAX_CELLS)
    axes = _axes(name, shape, flat, names)
    grid = np.meshgrid(*(flat[axis] for axis in axes), indexing="ij", sparse=False)
    columns = {axis: part.ravel() for axis, part in zip(axes, grid, strict=True)}
    columns |= {key: array.ravel() for key, array in deep.items()}
    columns |= {key: np.repeat(array, math.prod(shape)) for key, array in constant.items()}
    loaded = _columns(name, columns)
    left = sorted(set(flat) - set(axes))
    notes = (f"{name!r}: {', '.join(map(repr, left))} is no axis and was left out.",) if left else ()
    return Loaded(frame=loaded.frame, notes=notes)


def _axes(name: str, shape: tuple[int, ...], flat: Arrays, names: tuple[str, ...] | None) -> list[str]:
    """Return which of the flat arrays lies along each axis: as named, or by its length where only one has that."""
    fits = [[key for key, array in flat.items() if len(array) == length] for length in shape]
    if names is not None:
        if len(names) != len(shape) or any(key not in found for key, found in zip(names, fits, strict=True)):
            lengths = {key: len(array) for key, array in flat.items()}
            message = f"the names {names} do not fit the axes of {name!r}, which have the lengths {shape}"
            raise refused("AXES_WITHOUT_NAMES", message, f"These arrays could name them: {lengths}.")
        return list(names)
    if all(len(found) == 1 for found in fits) and len({found[0] for found in fits}) == len(shape):
        return [found[0] for found in fits]
    message = f"{name!r} does not say which arrays lie along its axes, which have the lengths {shape}"
    shown = [
        (found or [f"axis{place}"])[min(place, max(len(found) - 1, 0))] for place, found in enumerate(fits)
    ]
    if all(fits):
        remedy = f"Name them in their order, such as {option('names', shown)}."
    else:
        lost = next(length for length, found in zip(shape, fits, strict=True) if not found)
        remedy = (
            f"Save a list of {lost} labels in the same file, as in np.savez(file, ..., seed=range({lost}))."
        )
    raise refused("AXES_WITHOUT_NAMES", message, remedy)


def _members(content: Content, options: Options) -> dict[str, Any]:
    """Return the arrays in an archive."""
    try:
        members = members_of(content)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, TableError):
            raise
        raise _bad(content.name, str(error)) from None
    arrays: dict[str, Any] = {}
    left = options.max_bytes
    for member in members:
        try:
            data = inflated(content, member, max(left, 0))
        except (ValueError, OSError, struct.error) as error:
            if isinstance(error, TableError):
                raise
            raise _bad(content.name, str(error)) from None
        left -= len(data)
        key = member.filename.removesuffix(".npy")
        if key in arrays:
            raise _bad(content.name, f"it has two arrays named {key!r}")
        arrays[key] = _array(f"{content.name}/{key}", data)
    return arrays


def _array(name: str, data: bytes) -> Any:  # noqa: ANN401 - an array of any type
    """Return the array in the bytes of an .npy file, which must be plain numbers or text."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on headers that Python 2 wrote
            shape, by_columns, dtype = readers[version](stream)
    except Exception as error:  # noqa: BLE001 - numpy lets through whatever its parser meets in a damaged header
        raise _bad(name, "its header cannot be read" if isinstance(error, KeyError) else str(error)) from None
    if dtype.hasobject:
        message = (
            f"{name!r} is refused: its array holds Python objects, which can run code when they are loaded"
        )
        raise refused("UNSAFE_FILE", message, "Save arrays of plain numbers or text.")
    count = math.prod(shape)
    start = stream.tell()
    if dtype.itemsize == 0 or any(size < 0 for size in shape) or count * dtype.itemsize != len(data) - start:
        raise _bad(name, f"it says that it holds {count} values, but has {len(data) - start} bytes")
    flat = np.frombuffer(data, dtype=dtype, count=count, offset=start)
    return flat.reshape(shape, order="F" if by_columns else "C")


def _bad(name: str, reason: str) -> TableError:
    message = f"{name!r} is not a readable array of numpy: {reason[:120]}"
    return refused("BAD_ARRAY", message, "Check that the file is whole, and saved without pickled objects.")


def _columns(name: str, columns: Arrays) -> Loaded:
    """Return columns as a frame, each in a type that frames have."""
    if len(columns) > MAX_COLUMNS:
        raise refused("TOO_MANY_COLUMNS", f"{name!r} has {len(columns)} arrays", "A sweep table is long.")
    plain = {}
    for key, array in columns.items():
        if array.ndim != 1 or array.dtype.kind not in KINDS:
            raise refused(
                "BAD_ARRAY",
                f"{key!r} in {name!r} holds values of type {array.dtype}",
                "Save numbers or text.",
            )
        native = array.astype(array.dtype.newbyteorder("="))
        if array.dtype.kind in "SU":
            native = _texts(name, native)
        plain[key] = native.astype(np.float64) if native.dtype == np.float16 else native
    return Loaded(frame=as_frame(plain))


def _texts(name: str, array: Any) -> Any:  # noqa: ANN401 - an array of text
    try:
        texts = [each.decode() if isinstance(each, bytes) else str(each) for each in array.tolist()]
    except UnicodeDecodeError as error:
        raise _bad(name, str(error)) from None
    return np.array(texts, dtype=object)
