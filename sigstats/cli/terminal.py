"""What a command says and writes, and how it ends when something is wrong."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import typer

from sigstats.cli import outputs
from sigstats.errors import InputError, OutputError, SigstatsError
from sigstats.report.escaping import visible

FOUND = 1
WRONG_INPUT = 2
FAILED = 3


def draw(path: Path, results: Sequence[Any], *, overwrite: bool) -> None:
    """Write the figure of some results, and say so."""
    from sigstats.report.files import write_content

    note_written(write_content(path, outputs.drawn(results, path), overwrite=overwrite))


def save(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a report or a page, and say so."""
    from sigstats.report.files import write_report

    note_written(write_report(path, text, overwrite=overwrite))


def note_written(path: Path) -> None:
    """Say that a file was written."""
    with contextlib.suppress(OutputError):
        write(sys.stderr, f"wrote {visible(path)}")


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Say on a terminal that something is being done, once it takes long; the answer is written afterwards."""
    from sigstats.data.progress import progress

    with progress("working", None):
        yield


@contextlib.contextmanager
def clean_errors() -> Iterator[None]:
    """Turn every error into one message on standard error and an exit code."""
    try:
        yield
    except typer.Exit:
        raise
    except InputError as error:
        _fail(str(error), WRONG_INPUT)
    except SigstatsError as error:
        _fail(str(error), FAILED)
    except MemoryError:
        _fail(
            "there is not enough memory for this table. Leave out rows or columns that are not needed.",
            FAILED,
        )
    except OSError as error:
        _fail(_refusal(error), FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        _fail(_defect(error), FAILED)


def _refusal(error: OSError) -> str:
    """Return what the system refused, which is no defect of the program: a file, a pipe, a full disk."""
    if error.strerror is None:
        return _defect(error)
    what = "a file" if error.filename is None else repr(os.fspath(error.filename))
    return f"{what} could not be used: {error.strerror}. See that it may be used, and that the disk has room."


def _defect(error: BaseException) -> str:
    return f"something went wrong inside sigstats; please report it. {_origin(error)}"


def _origin(error: BaseException) -> str:
    """Return type, text and place of an unexpected error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        "" if trace is None else f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
    )
    return f"{type(error).__name__}: {error}{place}"


def _fail(message: str, code: int) -> None:
    lines = [visible(line) for line in message.split("\n")]
    with contextlib.suppress(OutputError):
        write(sys.stderr, "\n".join(["sigstats: " + lines[0], *lines[1:]]))
    raise typer.Exit(code)


def write(stream: TextIO | None, text: str) -> None:
    """Write a line; letters that the stream cannot show are escaped, and a closed pipe is not an error."""
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        _put(stream, text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except BrokenPipeError:
        discard(stream)
    except OSError as error:
        discard(stream)
        raise OutputError(f"the answer could not be written: {error.strerror}.") from error


def _put(stream: TextIO, text: str) -> None:
    """Write all of a text, or raise."""
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        stream.write(text)
        stream.flush()
        return
    # With PYTHONUNBUFFERED, Python does not tell that a disk which was filling up took a part of it only.
    left = text.replace("\n", os.linesep).encode(stream.encoding or "utf-8")
    while left:
        left = left[raw.write(left) or 0 :]


def note(text: str) -> None:
    """Say something about the answer."""
    write(sys.stderr, f"note: {visible(text)}")


def warn(text: str) -> None:
    """Say what the reader must know before they use the answer."""
    write(sys.stderr, f"warning: {visible(text)}")


def discard(stream: TextIO | None) -> None:
    """Discard what is left in the stream, so that closing it does not fail again."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
