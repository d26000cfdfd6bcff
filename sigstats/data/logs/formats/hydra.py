"""Hydra: the configuration of jobs whose metrics are in another format.

*Layout.* A job's folder holds ``.hydra/config.yaml`` (all settings), ``.hydra/overrides.yaml`` (what was given on the
command line, or by the sweep: the knobs) and ``.hydra/hydra.yaml`` (Hydra's own settings). A multirun has a folder per
job, with ``multirun.yaml`` beside them.

*Config.* The settings, flat; ``hydra.overrides``, the overrides in one text; ``hydra.job.name`` and ``hydra.job.num``.

*Problems.* What is not plain data in the YAML files is left out. A value ``${a.b}`` that names another setting takes
its value; other interpolations stay as they are written. Both, and files that cannot be read, are problems. A job that
crashed has settings but no metrics.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.yaml import load_yaml
from sigstats.data.logs.model import LogProblem, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_scalar, flatten

FOLDER = ".hydra"
MAX_HOPS = 8

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_./-]+)\}")
_OVERRIDE = re.compile(r"(?:\+\+|\+|~)?(?P<key>[^=\s]+?)(?:=(?P<value>.*))?", re.DOTALL)
_JOB = ("hydra.job.name", "hydra.job.num")


def config_of(folder: Path) -> tuple[dict[str, Scalar], list[LogProblem]]:
    """Return the settings that Hydra wrote for the job of a folder."""
    recorder = RunRecorder(run=folder.name, format="hydra")
    settings = _load(folder, "config.yaml", recorder)
    config = _resolved(flatten(settings) if isinstance(settings, dict) else {}, recorder)
    given = _load(folder, "overrides.yaml", recorder)
    if isinstance(given, list) and given:
        config["hydra.overrides"] = ", ".join(map(str, given))
    own = _load(folder, "hydra.yaml", recorder)
    about = flatten(own) if isinstance(own, dict) else {}
    config |= {key: about[key] for key in _JOB if about.get(key) not in (None, "???")}
    return config, recorder.problems


def overrides_of(folder: Path) -> dict[str, Scalar]:
    """Return what was given on the command line, or by the sweep: the knobs of a multirun."""
    given = _load(folder, "overrides.yaml", RunRecorder(run=folder.name, format="hydra"))
    return dict(_pairs(given)) if isinstance(given, list) else {}


def _pairs(given: list[object]) -> Iterator[tuple[str, Scalar]]:
    for each in given:
        match = _OVERRIDE.fullmatch(str(each))
        if match:
            yield match["key"], None if match["value"] is None else as_scalar(match["value"])


def _load(folder: Path, name: str, recorder: RunRecorder) -> object:
    return load_yaml(recorder, folder / FOLDER / name, f"{FOLDER}/{name}")


def _resolved(config: dict[str, Scalar], recorder: RunRecorder) -> dict[str, Scalar]:
    """Return the settings, with those that refer to another one replaced by its value."""
    found = {key: _follow(value, config) for key, value in config.items()}
    left = [key for key, value in found.items() if isinstance(value, str) and "${" in value]
    if left:
        message = f"{FOLDER}/config.yaml refers to something that is not one of its settings: {listed(left)}"
        recorder.note("INTERPOLATION", message, "kept as it is written")
    return found


def _follow(value: Scalar, config: dict[str, Scalar]) -> Scalar:
    """Return the setting that a reference leads to, over at most 8 references."""
    for _ in range(MAX_HOPS):
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[1] not in config:
            break
        value = config[match[1]]
    return value
