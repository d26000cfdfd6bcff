"""Hydra: the configuration of jobs whose metrics are in some other format.

*Layout.* A job's folder holds ``.hydra/config.yaml`` (all settings), ``.hydra/overrides.yaml`` (what was given on the
command line, or by the sweep: the knobs) and ``.hydra/hydra.yaml`` (Hydra's own settings). A multirun has a folder per
job, with ``multirun.yaml`` beside them.

*Config.* The settings, flat; ``hydra.overrides``, the overrides in one text; ``hydra.job.name`` and ``hydra.job.num``.

*Dirt that is handled.* The files are read by a strict parser of plain YAML; what is not plain data is left out. A value
``${a.b}`` that is another setting takes its value; other interpolations stay as they are written. Either, and files
that cannot be read, are problems. A job that crashed has settings and no metrics.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.yaml import MAX_LENGTH, parse
from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError, LogProblem, Scalar
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_scalar, flatten

FOLDER = ".hydra"
MAX_HOPS = 8

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_./-]+)\}")
_OVERRIDE = re.compile(r"(?:\+\+|\+|~)?(?P<key>[^=\s]+?)(?:=(?P<value>.*))?", re.DOTALL)
_JOB = ("hydra.job.name", "hydra.job.num")


def config_of(folder: Path) -> tuple[dict[str, Scalar], list[LogProblem]]:
    """Return the settings that Hydra wrote for the job of a folder."""
    home = folder / FOLDER
    if not home.is_dir():
        return {}, []
    problems: list[LogProblem] = []
    settings = _load(home / "config.yaml", folder.name, problems)
    config = _resolved(flatten(settings) if isinstance(settings, dict) else {}, folder.name, problems)
    given = _load(home / "overrides.yaml", folder.name, problems)
    if isinstance(given, list) and given:
        config["hydra.overrides"] = ", ".join(map(str, given))
    own = _load(home / "hydra.yaml", folder.name, problems)
    about = flatten(own) if isinstance(own, dict) else {}
    config |= {key: about[key] for key in _JOB if about.get(key) not in (None, "???")}
    return config, problems


def overrides_of(folder: Path) -> dict[str, Scalar]:
    """Return what was given on the command line, or by the sweep: the knobs of a multirun."""
    path = folder / FOLDER / "overrides.yaml"
    given = _load(path, folder.name, []) if path.is_file() else None
    return dict(_pairs(given)) if isinstance(given, list) else {}


def _pairs(given: list[object]) -> Iterator[tuple[str, Scalar]]:
    for each in given:
        match = _OVERRIDE.fullmatch(str(each))
        if match:
            yield match["key"], None if match["value"] is None else as_scalar(match["value"])


def _load(path: Path, run: str, problems: list[LogProblem]) -> object:
    """Return what a file says; None, with a problem, where it cannot be understood."""
    if not path.is_file():
        return None
    try:
        value, left_out = parse(read_bytes(path, 4 * MAX_LENGTH).decode("utf-8"))
    except (LogError, ValueError) as error:
        reason = error.message if isinstance(error, LogError) else str(error)
        message = f"{FOLDER}/{path.name} is not understood: {reason}"
        problems.append(
            LogProblem(code="BAD_CONFIG", run=run, message=message, done="its settings are left out")
        )
        return None
    if left_out:
        message = f"{FOLDER}/{path.name} has values that are no plain data: {listed(left_out)}"
        problems.append(
            LogProblem(code="CONFIG_LEFT_OUT", run=run, message=message, done="they are left out")
        )
    return value


def _resolved(config: dict[str, Scalar], run: str, problems: list[LogProblem]) -> dict[str, Scalar]:
    """Return settings with those replaced that name another one."""
    found = {key: _follow(value, config) for key, value in config.items()}
    left = [key for key, value in found.items() if isinstance(value, str) and "${" in value]
    if left:
        message = f"{FOLDER}/config.yaml refers to what is not a setting of its own: {listed(left)}"
        problems.append(
            LogProblem(code="INTERPOLATION", run=run, message=message, done="kept as it is written")
        )
    return found


def _follow(value: Scalar, config: dict[str, Scalar]) -> Scalar:
    """Return the setting that a reference stands for, over at most 8 references."""
    for _ in range(MAX_HOPS):
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[1] not in config:
            break
        value = config[match[1]]
    return value
