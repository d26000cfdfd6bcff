"""JSON files that hold the course of a run: Keras' ``History.history``, lists of rows, ``{config, history}``.

*Run*: one file; each entry of a list of ``{"config": ..., "history": ...}``. *Metrics*: the numbers of
``{"loss": [...], "val_loss": [...]}``, or of ``[{"epoch": 0, "loss": ...}, ...]``. *Step*: as in plain tables, else the
position. *Settings*: ``config``, ``params``, ``args`` or the like, and plain values beside the history. *State*:
unknown.

*Problems*: lists of different lengths, entries that are not mappings, and whatever plain tables have.

A list of rows without a step or an epoch is a table of results, which `sigstats.read_sweep` reads.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.json_lines import SETTINGS, Log, log_of
from sigstats.data.logs.files.settings import NAMES
from sigstats.data.logs.files.spelled import STEPS
from sigstats.data.logs.files.text_table import first_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.plain import EPOCHS, runs_of_log
from sigstats.data.logs.model import Format, LogError, LogProblem, Run
from sigstats.data.logs.values import as_scalar, flatten, read_json

__all__ = ["FORMAT"]

HISTORY = ("history", "log", "logs", "curve", "curves")
MAX_HEAD = 2**16

_COLUMNS = re.compile(r'\s*\{\s*"[^"\n]{1,200}"\s*:\s*\[\s*(?:-?[0-9]|NaN|null)')
_ROWS = re.compile(r"\s*\[\s*\{")
_HISTORY = re.compile(rf'"(?:{"|".join(HISTORY)})"\s*:\s*[\[{{]')
_CLOCK = re.compile(rf'"(?:{"|".join(map(re.escape, (*STEPS, *EPOCHS)))})"\s*:', re.IGNORECASE)


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the histories in a folder."""
    files = [name for name in names if name.endswith(".json") and name not in NAMES]
    return [folder / name for name in files if _is_ours(first_text(folder / name, MAX_HEAD))]


def _is_ours(head: str) -> bool:
    if _COLUMNS.match(head):
        return True
    opens = bool(_ROWS.match(head)) or head.lstrip().startswith("{")
    return opens and bool(_HISTORY.search(head) or (_ROWS.match(head) and _CLOCK.search(head)))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of one file."""
    name = name_below(source, root).removesuffix(source.suffix)
    content = read_json(source)
    found = list(_logs(content, name))
    if not found:
        raise LogError("FOREIGN", "does not hold the course of a run")
    for ending, log in found:
        yield from runs_of_log(source, f"{name}/{ending}" if ending else name, log, FORMAT.name)


def _logs(content: object, name: str) -> Iterator[tuple[str, Log]]:
    """Yield the logs in a file, each with what its name ends with."""
    if isinstance(content, list) and content and all(_history(each) is not None for each in content):
        for number, each in enumerate(content):
            yield str(number), _with_history(each, f"{name}/{number}")
    elif isinstance(content, list) and any(isinstance(each, Mapping) for each in content):
        yield "", log_of(enumerate(content, start=1), name)
    elif _history(content) is not None and isinstance(content, Mapping):
        yield "", _with_history(content, name)
    elif isinstance(content, Mapping) and any(isinstance(each, list) for each in content.values()):
        yield "", _of_columns(content, name)


def _history(value: object) -> str | None:
    """Return under which key a mapping holds a history."""
    if not isinstance(value, Mapping):
        return None
    return next((key for key in HISTORY if isinstance(value.get(key), list | dict) and value[key]), None)


def _with_history(content: Mapping[str, Any], name: str) -> Log:
    """Return the log of a mapping that holds settings and a history."""
    key = _history(content)
    history = content[str(key)]
    log = (
        log_of(enumerate(history, start=1), name) if isinstance(history, list) else _of_columns(history, name)
    )
    for other, value in content.items():
        if other in SETTINGS and isinstance(value, Mapping):
            log.config |= flatten(value)
        elif other in ("summary", "results") and isinstance(value, Mapping):
            log.summary = flatten(value)
        elif other != key and not isinstance(value, Mapping | list):
            log.config[str(other)] = as_scalar(value)
    return log


def _of_columns(columns: Mapping[str, Any], name: str) -> Log:
    """Return the log of lists of numbers by name."""
    lists = {str(key): each for key, each in columns.items() if isinstance(each, list)}
    rows = [
        {key: value for key, value in zip(lists, values, strict=True) if value is not None}
        for values in itertools.zip_longest(*lists.values())
    ]
    log = log_of(enumerate(rows, start=1), name)
    plain = {key: each for key, each in columns.items() if not isinstance(each, list)}
    log.config |= flatten(plain) if plain else {}
    lengths = {len(each) for each in lists.values()}
    if len(lengths) > 1:
        what = f"the lists have {min(lengths):,} to {max(lengths):,} values"
        done = "each begins at the first position"
        log.problems.append(LogProblem(code="RAGGED_LISTS", run=name, message=what, done=done))
    return log


FORMAT = Format(
    name="json_history",
    title="JSON histories",
    find=find,
    read=read,
    fallback=True,
    repeats=True,
    written_by="Keras' `History.history` and scripts that dump lists of numbers or rows",
    reads="lists by metric, rows with a step or epoch, `{config, history}` and lists of them",
    leaves="tables of results and other nestings, which `read_sweep` reads",
)
