"""What is at a path; that it cannot be known is an error, and not the same as nothing."""

import os
import stat
from pathlib import Path

from sigstats.errors import OptionError


def mode_of(path: Path) -> int | None:
    """Return what is at a path, None if nothing is; where that cannot be known, an error says why."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise OptionError(
            f"{os.fspath(path)!r} could not be looked at: {error.strerror}. Every folder above it must be one that you "
            "may enter (chmod +x FOLDER)."
        ) from error


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder."""
    mode = mode_of(path)
    return mode is not None and stat.S_ISDIR(mode)
