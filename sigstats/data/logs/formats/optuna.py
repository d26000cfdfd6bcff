"""Optuna: studies in an SQLite database of any schema version, and in a journal.

*Layout.* ``study.db`` or the like with the tables ``studies``, ``trials`` and ``trial_params``; or a journal, lines of
JSON. Databases of other servers are not files and are not read.

*Runs.* A trial is a run, by the name ``<file>/<study>/<number>``.

*Metrics.* Objective values, at step 0: ``value``, or with several objectives ``value_0`` ..., or the names that the
study gives them. Intermediate values are ``intermediate``, at their own steps.

*Config.* The parameters as the objective saw them (choices are stored as an index), the user's attributes, and
``optuna.study``, ``optuna.number``, ``optuna.state`` and ``optuna.direction``.

*Problems.* A study is not a designed sweep: the sampler chose the levels after it had seen results, and a pruned trial
ends early because it was bad. Both are noted, unless the study was a grid. Infinities and NaN, stored as
words, are numbers again. Reading an old database does not change it.
"""

from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.optuna_stores import Journal, Study, Trial, labels, read_database
from sigstats.data.logs.files.sqlite import is_candidate, opened, table_names
from sigstats.data.logs.folders import name_below, open_file, read_bytes
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import flatten

NAME = "optuna"
JOURNALS = (".log", ".jsonl", ".journal")

_TABLES = frozenset({"studies", "trials", "trial_params"})
_STATES: dict[str, RunState] = {
    "COMPLETE": "finished", "PRUNED": "unfinished", "RUNNING": "unfinished", "WAITING": "unfinished", "FAIL": "failed",
}  # fmt: skip


def _find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    databases = [name for name in names if is_candidate(name) and table_names(folder / name) >= _TABLES]
    journals = [name for name in names if name.lower().endswith(JOURNALS) and _is_journal(folder / name)]
    return [folder / name for name in databases + journals]


def _is_journal(path: Path) -> bool:
    try:
        with open_file(path) as stream:
            head = stream.read(256)
    except LogError:
        return False
    return head.lstrip().startswith(b"{") and b'"op_code"' in head and b'"worker_id"' in head


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the trials of all studies in a file."""
    file = name_below(source, root)
    bad = 0
    if is_candidate(source.name):
        with opened(source) as database:
            studies = read_database(database)
    else:
        journal = Journal()
        journal.replay(read_bytes(source))
        studies, bad = list(journal.studies.values()), journal.n_bad
    for study in studies:
        for position, trial in enumerate(study.trials):
            recorder = RunRecorder(run=f"{file}/{study.name}/{trial.number}", format=NAME)
            if position == 0:
                _note_study(recorder, study)
            if bad:
                recorder.note(
                    "BAD_LINE", f"{bad:,} lines of the journal are not operations", "they were left out"
                )
                bad = 0
            yield _run(recorder, study, trial)


def _note_study(recorder: RunRecorder, study: Study) -> None:
    """Note on the first run of a study that its levels were not designed."""
    if not all("grid_id" in trial.system_attrs for trial in study.trials):
        message = (
            f"the study {study.name!r} was searched: unless its sampler was random or a grid, levels were chosen "
            "after seeing results"
        )
        recorder.note("ADAPTIVE", message, "all trials are read; they are not a designed sweep")


def _run(recorder: RunRecorder, study: Study, trial: Trial) -> Run:
    recorder.take(flatten(trial.params))
    recorder.take(flatten(trial.user_attrs), prefix="user_attrs.")
    recorder.take(labels(study, trial))
    names = _metric_names(study, trial)
    for step, value in trial.intermediate:
        recorder.add("intermediate", step, value)
    for objective, value in sorted(trial.values.items()):
        recorder.add(names.get(objective, f"value_{objective}"), 0, value)
    if trial.state == "PRUNED":
        recorder.note(
            "PRUNED", "the trial was stopped early because it did worse than others", "its values are kept"
        )
    return recorder.finished(_STATES.get(trial.state, "unknown"))


def _metric_names(study: Study, trial: Trial) -> dict[int, str]:
    given = study.system_attrs.get("study:metric_names")
    if isinstance(given, list):
        return {number: str(name) for number, name in enumerate(given)}
    single = len(study.directions) < 2 and set(trial.values) <= {0}
    return {0: "value"} if single else {}


FORMAT = Format(
    name=NAME,
    title="Optuna",
    find=_find,
    read=_read,
    many=True,
    written_by="Optuna, as a database or a journal",
    reads="final and intermediate values, parameters, user attributes",
    leaves="sampler state; trials in Redis",
)
