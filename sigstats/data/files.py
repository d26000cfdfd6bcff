"""Sweep tables from files of any common kind.

A file is data, never instructions: nothing in it is evaluated, and formats that can run code when they are loaded are
refused. What cannot be read faithfully - broken encodings, unclosed quotes, rows with too many fields, numbers with two
readings - is an error that names the place, not a guess.
"""

import codecs
import itertools
import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import PurePath
from typing import IO, Any

import pandas as pd

from sigstats.data.memory import amount, need_stated, says_need, too_little
from sigstats.data.readers.json_text import starts_as_json
from sigstats.data.readers.labels import MERGED
from sigstats.data.readers.model import MAX_BYTES, Content, Loaded, Options, TableFormat, refused
from sigstats.data.readers.packed import unpacked
from sigstats.data.readers.registry import BY_ENDING, BY_NAME, FORMATS
from sigstats.data.readers.source import contents, is_pattern
from sigstats.errors import OptionError, Problem, knows_keywords, option, unknown_option

__all__ = ["read_sweep"]

# The endings of tables that training logs may have too, and what such a file holds.
KINDS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
RUNS_CODE = frozenset({".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".dill"})
ARCHIVES = frozenset({".tar", ".tgz", ".tbz", ".txz", ".7z", ".rar"})
THOUSANDS = (",", ".", " ", "'", "_", "\u00a0", "\u2009", "\u2019", "\u202f")
TEXTS = ("csv", "tsv")
# Bytes of memory for each byte of a file, once it is unpacked.
TIMES = {"csv": 5, "tsv": 5, "json": 8, "jsonl": 8}
OTHERWISE = 3


@knows_keywords
@says_need
def read_sweep(
    path: str | os.PathLike[str] | IO[Any],
    *,
    kind: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    units: Sequence[str] | None = None,
    comment: str | None = None,
    encoding: str | None = None,
    missing: Sequence[str] | None = None,
    part: str | None = None,
    names: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Any:  # noqa: ANN401 - a frame of one library or another
    r"""Read a sweep table from a file.

    Parameters
    ----------
    path : str, path-like or open file
        A file on this machine, packed (``.gz``, ``.bz2``, ``.xz``, ``.zst``, ``.zip``) or not; a pattern such as
        ``"results/*.csv"``, whose files are joined, with a column ``file`` of the part of their paths that differs; or
        an open file.
    kind : {"csv", "tsv", "json", "jsonl", "parquet", "feather", "excel", "ods", "npz", "npy"}, optional
        What the file holds; by default, its ending decides.
    delimiter : str, optional
        The character between the fields of text; by default a comma, or what splits a header without one.
    decimal, thousands : str, optional
        The character before decimals, ``"."`` or ``","``, and that between thousands. By default the numbers of the
        whole file decide, and numbers that have two readings are an error.
    units : sequence of str, optional
        Units behind the numbers of text, such as ``["ms"]``, which are left out. Of ``k``, ``M``, ``B``, ``G`` and
        ``T`` the numbers are multiplied: ``1.3B`` is 1,300,000,000. The per cent sign is always left out.
    comment : str, optional
        The start of lines of text that are left out wherever they stand; before the header, lines that start with
        ``"#"`` always are.
    encoding : str, optional
        Of text; by default UTF-8, or UTF-16 with its mark.
    missing : sequence of str, optional
        Fields of text that mean a missing value; by default ``""``, ``"nan"``, ``"NaN"``, ``"NA"`` and ``"<NA>"``.
        Other words, such as "None", stay text.
    part : str, optional
        The sheet of a workbook, or the file in a ``.zip``, if there are several.
    names : sequence of str, optional
        Names for the levels of nested JSON from the outside in, and for its values; or of the arrays along the axes of
        values in an ``.npz`` file.
    max_bytes : int, default 2 GiB
        Largest file that is read, packed and unpacked, in bytes.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        The columns under their own names; a pyarrow table for Parquet and Feather. Whole numbers with leading zeros,
        such as 007, stay text. ``attrs["notes"]`` of a pandas frame says what was left out or interpreted.

    Raises
    ------
    TableError
        If the file does not exist or cannot be read faithfully.
    OptionError
        If an option is not valid, or says nothing about this kind of file.
    MissingExtraError
        If the file needs a package that is not installed.

    See Also
    --------
    sigstats.from_wide : Makes a sweep table of a table with one column per seed or level.
    sigstats.from_array : Makes a sweep table of an array.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sweep.csv"
    >>> _ = file.write_text("knob,metric,seed\n1,0.5,0\n2,0.7,0\n")
    >>> read_sweep(file)
       knob  metric  seed
    0     1     0.5     0
    1     2     0.7     0
    """
    if kind is not None and kind not in BY_NAME:
        raise OptionError(unknown_option("kind", kind, BY_NAME))
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
        raise OptionError(f"`max_bytes` is {max_bytes!r}; it must be a whole number of at least 1.")
    options = Options(
        delimiter=_one_sign("delimiter", delimiter, '"\r\n', "';'"),
        decimal=_one_of("decimal", decimal, (".", ",")),
        thousands=_one_of("thousands", thousands, THOUSANDS),
        units=_words("units", units),
        comment=_checked_comment(comment),
        encoding=_checked_encoding(encoding),
        missing=_words("missing", missing),
        part=_checked_part(part),
        names=_words("names", names),
        max_bytes=max_bytes,
    )
    _check_signs(options)
    loaded = [
        (each.label or each.name, _read(each, kind, options)) for each in _checked_contents(path, max_bytes)
    ]
    return _with_notes(_joined(loaded) if is_pattern(path) else loaded[0][1])


def _checked_contents(path: Any, max_bytes: int) -> Any:  # noqa: ANN401 - contents
    """Yield the contents of files, after those that run code were refused unread."""
    name = path if isinstance(path, str | os.PathLike) else getattr(path, "name", "")
    if isinstance(name, str | os.PathLike):
        _refuse_code(PurePath(name).name)
    return contents(path, max_bytes)


def _refuse_code(name: str) -> None:
    for ending in PurePath(name).suffixes:
        if ending.lower() in RUNS_CODE:
            message = f"{name!r} is refused: files that end in {ending!r} can run code when they are loaded"
            raise refused("UNSAFE_FILE", message, "Save the columns as CSV, JSON Lines or Parquet.")


def _read(content: Content, kind: str | None, options: Options) -> Loaded:
    """Read the table in one file."""
    _refuse_code(content.name)
    ending = PurePath(content.name).suffix.lower()
    if ending in ARCHIVES:
        raise refused(
            "PACKED_FILE", f"{content.name!r} is an archive of files", "Unpack it, or pack it as .zip."
        )
    with need_stated(lambda: _unpacks_to_much(content)):
        inner = unpacked(content, options)
    _refuse_code(inner.name)
    form = BY_NAME[kind] if kind is not None else _form(inner)
    used = {*form.options, *(["part"] if ending == ".zip" else [])}
    for name in _given(options):
        if name not in used:
            takers = ", ".join(each.name for each in FORMATS if name in each.options)
            message = f"`{name}` says nothing about {content.name!r}, which is read as {form.name}; it is for {takers}."
            raise OptionError(f"{message} Leave it out, or name another kind.")
    with need_stated(lambda: _need(inner, form)):
        return form.read(inner, options)


def _unpacks_to_much(content: Content) -> Problem:
    """Return the problem of a file that does not fit once it is unpacked; how much that is, nobody can say before."""
    message = (
        f"{content.name!r} has {amount(len(content.data))}, and does not fit into memory once it is unpacked"
    )
    return Problem(code="NO_MEMORY", column=None, message=message, remedy="Unpack and filter it first.")


def _need(content: Content, form: TableFormat) -> Problem:
    """Return the problem of a file that cannot be read in the memory that there is."""
    size = len(content.data)
    remedy = "Filter or aggregate it first, for instance with duckdb."
    return too_little(
        f"reading {content.name!r}, {amount(size)} of {form.name},",
        TIMES.get(form.name, OTHERWISE) * size,
        remedy,
    )


def _given(options: Options) -> list[str]:
    """Return the options that were given."""
    names = (each.name for each in fields(options) if each.name != "max_bytes")
    return [name for name in names if getattr(options, name) is not None]


def _form(content: Content) -> TableFormat:
    """Return what a file holds, by its ending and its first bytes."""
    ending = PurePath(content.name).suffix.lower()
    known = BY_ENDING.get(ending)
    if known is not None and known.name not in TEXTS:
        return known
    if starts_as_json(content.data, certain=known is not None):
        return BY_NAME["json"]
    if known is not None:
        return known
    marked = next((each for each in FORMATS if each.start and content.data.startswith(each.start)), None)
    if marked is not None:
        return marked
    what = f"has the ending {ending!r}, which is not that of a table" if ending else "has no ending"
    remedy = f"Name what it holds: {option('kind', 'csv')}, or one of {tuple(BY_NAME)}."
    raise refused("UNKNOWN_FILE", f"{content.name!r} {what}", remedy)


def _joined(loaded: Sequence[tuple[str, Loaded]]) -> Loaded:
    """Return the tables of several files as one, with a column that names the file."""
    frames = []
    first = list(_as_pandas(loaded[0][1].frame).columns)
    for name, each in loaded:
        frame = _as_pandas(each.frame)
        odd = sorted(map(str, set(frame.columns) ^ set(first)))
        if odd:
            message = (
                f"{name!r} and {loaded[0][0]!r} do not have the same columns: {', '.join(map(repr, odd[:5]))}"
            )
            raise refused(
                "COLUMNS_DIFFER", message, "Read them one by one, or name fewer files with the pattern."
            )
        if "file" in frame.columns:
            message = f"{name!r} has a column 'file', which would name the file of each row"
            raise refused("COLUMNS_DIFFER", message, "Rename that column.")
        frames.append(frame[first].assign(file=name))
    notes = [note for _, each in loaded for note in each.notes]
    interpreted = tuple(dict.fromkeys(note for _, each in loaded for note in each.interpreted))
    note = f"{len(frames)} files were joined; the column 'file' names them."
    joined: pd.DataFrame = pd.concat(frames, ignore_index=True)
    merged = {name: pair for frame in frames for name, pair in frame.attrs.get(MERGED, {}).items()}
    joined.attrs |= {MERGED: merged} if merged else {}
    return Loaded(frame=joined, notes=(note, *dict.fromkeys(notes)), interpreted=interpreted)


def _as_pandas(frame: Any) -> pd.DataFrame:  # noqa: ANN401 - a pandas frame, or a pyarrow table
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def _with_notes(loaded: Loaded) -> Any:  # noqa: ANN401 - a frame
    """Return the frame, which carries its notes if it can."""
    notes = (*loaded.notes, *loaded.interpreted)
    if notes and isinstance(loaded.frame, pd.DataFrame):
        loaded.frame.attrs["notes"] = notes
        loaded.frame.attrs["interpreted"] = loaded.interpreted
    return loaded.frame


def _one_sign(name: str, given: object, wrong: str, example: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or len(given) != 1 or given in wrong:
        raise OptionError(f"`{name}` is {given!r}; it must be one character, such as {example}.")
    return given


def _one_of(name: str, given: object, allowed: Sequence[str]) -> str | None:
    if given is not None and given not in allowed:
        raise OptionError(f"`{name}` is {given!r}; it must be one of {tuple(allowed)}.")
    return None if given is None else str(given)


def _words(name: str, given: object) -> tuple[str, ...] | None:
    """Return a list of words; one word alone is a list of one."""
    if given is None:
        return None
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, Sequence) or not all(isinstance(each, str) for each in words):
        raise OptionError(f"`{name}` is {given!r}; it must be a list of words.")
    return tuple(words)


def _checked_part(given: object) -> str | None:
    if given is None or (isinstance(given, str) and given):
        return given
    raise OptionError(f"`part` is {given!r}; it must be the name of a sheet, or of a file in an archive.")


def _checked_comment(given: object) -> str | None:
    short = isinstance(given, str) and 0 < len(given) <= 10 and not set(given) & set('\r\n"')
    if given is None or short:
        return given if isinstance(given, str) else None
    raise OptionError(f"`comment` is {given!r}; it must be the start of a line, such as '#'.")


def _checked_encoding(given: object) -> str | None:
    if given is None:
        return None
    try:
        "a".encode(str(given))
        return codecs.lookup(str(given)).name
    except (LookupError, ValueError):
        raise OptionError(f"`encoding` is {given!r}; it must be that of a text, such as 'cp1252'.") from None


def _check_signs(options: Options) -> None:
    """Refuse one sign for two purposes."""
    for first, second in itertools.combinations(("delimiter", "decimal", "thousands"), 2):
        sign = getattr(options, first)
        quoted = first == "delimiter"  # numbers may stand in quotes
        if sign is not None and sign == getattr(options, second) and not quoted:
            raise OptionError(f"`{first}` and `{second}` are both {sign!r}; they must differ.")
