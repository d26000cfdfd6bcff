"""A folder into which runs of a server are fetched: one file of JSON Lines per run, so that what was fetched stays.

A run that has ended is fetched once. A run that was still going on is fetched again the next time, as is one whose
fetching was interrupted: its file only gets its name when it is whole.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.fetched import has_ended, written
from sigstats.data.logs.model import Run
from sigstats.data.logs.runs import Runs, read_runs
from sigstats.errors import OptionError

_ODD = re.compile(r"[^A-Za-z0-9_.-]")


class Store:
    """The folder of fetched runs.

    Parameters
    ----------
    folder : str or path-like, optional
        By default a temporary folder, from which nothing is kept for the next time.
    """

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        self._passing = folder is None
        if folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="sigstats-"))
            return
        if not isinstance(folder, str | os.PathLike) or not os.fspath(folder):
            raise OptionError(f"`folder` is {folder!r}; it must be the path of a folder.")
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(
                f"`folder` is {str(folder)!r}, which cannot be made: {error.strerror}."
            ) from None

    def has(self, key: str) -> bool:
        """Return whether a run is there that had ended when it was fetched."""
        return has_ended(self._path(key))

    def put(self, key: str, run: Run) -> None:
        """Write a run into its file."""
        path = self._path(key)
        with self._whole(path) as part, part.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in written(run))

    def runs(self, options: Mapping[str, Any]) -> Runs:
        """Return the runs; a temporary folder goes when they go."""
        found = read_runs(self.folder, format="plain", **options)
        if self._passing:
            weakref.finalize(found, shutil.rmtree, self.folder, ignore_errors=True)
        return found

    def _path(self, key: str) -> Path:
        name = _ODD.sub("_", key)[:80].strip(".") or "run"
        if name != key:
            name += "-" + hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4).hexdigest()
        return self.folder / f"{name}.jsonl"

    @contextlib.contextmanager
    def _whole(self, path: Path) -> Iterator[Path]:
        """Give the place to write to; the file gets its name at the end."""
        part = path.with_suffix(".part")
        try:
            yield part
            os.replace(part, path)  # noqa: PTH105 - replaces what is there
        finally:
            part.unlink(missing_ok=True)
