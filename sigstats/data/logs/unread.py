"""What was not read: files that could be logs but are of no known format, counted and named, with what to do."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.files.settings import NAMES, NOTATIONS
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import LogProblem

MOST_ENDINGS = 6
MAX_KEPT = 100_000

# Kinds of files that could be logs: why a file is not read, and what to do with it.
_REMEDIES = {
    "text": ("are of no known format", "a table of results is read by sigstats.read_sweep(FILE)"),
    "packed": ("are packed", "unpack them; a packed table of results is read by sigstats.read_sweep(FILE)"),
    "spreadsheet": ("are spreadsheets", "a sheet of results is read by sigstats.read_sweep(FILE); save steps as CSV"),
    "arrays": ("are arrays", "arrays of results are read by sigstats.read_sweep(FILE); write steps as CSV"),
    "code": ("can run code when they are loaded, so they are never opened", "write their values as CSV or JSON Lines"),
}  # fmt: skip
_KINDS = {
    "text": ".json .jsonl .ndjson .txt .log .out .csv .tsv .tab .dat .xml .eval .parquet .pq .feather .arrow .db "
    ".sqlite .sqlite3 .tfrecord .wandb .html .md .ini .ipynb",
    "packed": ".gz .bz2 .xz .zst .zip .tar .tgz .7z .rar",
    "spreadsheet": ".xlsx .xls .xlsm .ods .numbers",
    "arrays": ".npz .npy .mat .h5 .hdf5 .rds .rdata",
    "code": ".pkl .pickle .joblib .dill",
}
KIND_OF = {ending: kind for kind, endings in _KINDS.items() for ending in endings.split()}
_ASIDE = frozenset({".md", ".html", ".ini", ".ipynb"})  # could be logs only where nothing else is
_NO_LOGS = frozenset({
    "requirements.txt", "package.json", "package-lock.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
    "special_tokens_map.json", "added_tokens.json", "generation_config.json", "preprocessor_config.json", "merges.txt",
    "vocab.txt", "adapter_config.json", "model.safetensors.index.json", "pytorch_model.bin.index.json", "debug.log",
    "debug-internal.log", "debug-core.log", "wandb-metadata.json", "license.txt", "readme.txt", "meta.json",
    "hydra.yaml", "notes.txt", "cmakelists.txt", "command.txt", "git-diff.txt", "environment.json", "source.txt",
})  # fmt: skip


@dataclass(slots=True)
class Unread:
    """The files that no format took, folder by folder."""

    root: Path
    n_files: int = 0  # all files, taken or not
    n_folders: int = 0
    endings: Counter[str] = field(default_factory=Counter)  # of all files
    left: list[Path] = field(default_factory=list)  # files that no format took

    def look_at(
        self, folder: Path, names: tuple[str, ...], left: tuple[str, ...], below: frozenset[str]
    ) -> None:
        """Take in the names in a folder, those that no format took, and which of them are folders."""
        files = [name for name in names if name not in below]
        self.n_folders += 1
        self.n_files += len(files)
        self.endings.update(map(_ending, files))
        if len(self.left) < MAX_KEPT:
            stems = {os.path.splitext(name)[0] for name in set(names) - set(left)}  # noqa: PTH122 - names, and quick
            self.left += [
                folder / name
                for name in left
                if _ending(name) in KIND_OF and name not in below and not _belongs(name, stems)
            ]

    def problems(self, *, anything_found: bool) -> Iterator[LogProblem]:
        """Yield a problem for each kind of files that could be logs."""
        groups: dict[str, list[Path]] = {}
        for path in self.left:
            ending = _ending(path.name)
            ordinary = path.name.lower() in _NO_LOGS or path.name in NAMES or ending in _ASIDE
            if not (anything_found and ordinary):
                groups.setdefault(KIND_OF[ending], []).append(path)
        for kind, paths in groups.items():
            why, remedy = _REMEDIES[kind]
            yield LogProblem(
                code="NOT_READ",
                run=self.root.name or ".",
                message=f"{_files(len(paths))} that could be logs {why}: {self._examples(paths)}",
                done=f"not read; {remedy}",
            )

    def _examples(self, paths: list[Path]) -> str:
        """Return how many files there are of each ending, with the first of each."""
        firsts: dict[str, Path] = {}
        counts: Counter[str] = Counter()
        for path in paths:
            ending = _ending(path.name)
            counts[ending] += 1
            firsts.setdefault(ending, path)
        told = [
            f"{count:,} {ending} such as {name_below(firsts[ending], self.root)!r}"
            for ending, count in counts.most_common(MOST_ENDINGS)
        ]
        more = len(counts) - len(told)
        return ", ".join(told) + (f" and {more} other endings" if more > 0 else "")

    def nothing(self, formats: str) -> LogProblem:
        """Return the problem that there is no run, with what was seen."""
        endings = [
            f"{count:,} {ending or 'without an ending'}" for ending, count in self.endings.most_common(8)
        ]
        what = f"{_files(self.n_files)} ({', '.join(endings)})" if self.n_files else "no files"
        folders = "1 folder" if self.n_folders == 1 else f"{self.n_folders:,} folders"
        done = (
            "nothing was read; the known formats are in the page 'Go from training logs to a verdict'"
            if formats == "auto"
            else f"nothing was read; leave out format={formats!r} to look for all formats"
        )
        return LogProblem(
            code="NO_RUNS",
            run=self.root.name or ".",
            message=f"no run was found; looked at {what} in {folders}",
            done=done,
        )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _belongs(name: str, stems: set[str]) -> bool:
    """Return whether a file holds the settings of a log of the same name."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122
    return ending in NOTATIONS and stem in stems


def _ending(name: str) -> str:
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, and quick
    return ending if len(ending) <= 12 else ""
