"""Writing a report: all of it or nothing, and never over a file that should be kept."""

import contextlib
import errno
import os
import secrets
import shlex
import stat
from pathlib import Path

from sigstats.errors import OutputError

FULL = (errno.ENOSPC, errno.EDQUOT)
NEW_FILE_MODE = 0o664  # the umask takes away from this; nobody else can ever write


def write_report(path: str | os.PathLike[str], text: str, *, overwrite: bool = False) -> Path:
    """Write a report so that a reader sees the old file, or the whole new one, never a part.

    The text goes to a temporary file beside the target, which then takes its name. A file that exists is kept
    unless `overwrite` is true, and then the new one has the same permissions.
    """
    return write_content(path, text.encode("utf-8", errors="backslashreplace"), overwrite=overwrite)


def write_content(path: str | os.PathLike[str], content: bytes, *, overwrite: bool) -> Path:
    """Write a file in the way of `write_report`."""
    target = Path(path)
    try:
        mode = _mode_of_existing(target, overwrite=overwrite)
        _replace(target, content, mode=mode, overwrite=overwrite)
    except OutputError:
        raise
    except FileExistsError as error:
        raise _exists(target) from error
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error
    return target


def check_target(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Raise if a report could not be written there, before the work that it needs is done."""
    target = Path(path)
    try:
        _check_folder(target.parent)
        _mode_of_existing(target, overwrite=overwrite)
    except OutputError:
        raise
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        found = errno.ENOTDIR if folder.exists() else errno.ENOENT
    elif not os.access(folder, os.W_OK | os.X_OK):
        found = errno.EACCES
    else:
        return
    raise OSError(found, os.strerror(found))


def _unwritable(target: Path, error: Exception) -> OutputError:
    what = getattr(error, "strerror", None) or str(error)
    remedy = "A report needs an existing directory that can be written to; choose another path."
    if getattr(error, "errno", None) in FULL:
        remedy = "What was there is as before; make room, or choose another path."
    return OutputError(f"the report {str(target)!r} could not be written: {what}. {remedy}")


def _mode_of_existing(target: Path, *, overwrite: bool) -> int | None:
    """Return the permissions to keep, None for a new file; refuse what must not be replaced."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OutputError(
            f"the report {str(target)!r} could not be written: there is a directory, link or device of that "
            "name. A report replaces regular files only; choose another path."
        )
    if not overwrite:
        raise _exists(target)
    if not os.access(target, os.W_OK):  # a rename would replace it nevertheless
        raise OutputError(
            f"the report {str(target)!r} could not be written: the file is write-protected. Allow it with "
            f"chmod u+w {shlex.quote(str(target))}, or choose another path."
        )
    return stat.S_IMODE(found.st_mode)


def _exists(target: Path) -> OutputError:
    return OutputError(
        f"the report {str(target)!r} exists already. A report replaces no file unasked; choose another path, "
        "or say that it may be overwritten."
    )


def _replace(target: Path, content: bytes, *, mode: int | None, overwrite: bool) -> None:
    temporary = target.with_name(f".sigstats-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, NEW_FILE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode & ~stat.S_IWOTH)
        _rename(temporary, target, overwrite=overwrite)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def _rename(temporary: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)  # unlike a rename, this fails where the name has been taken meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError(str(target)) from None
        temporary.replace(target)
