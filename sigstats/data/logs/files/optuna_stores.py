"""What Optuna's stores hold: studies and trials, from a database of any schema and from a journal.

Schemas: version 1 keeps objective values in ``trials.value`` and intermediate ones in ``trial_values (step, value)``;
version 2 has ``trial_values (objective, value)`` and ``trial_intermediate_values``; version 3 adds a type beside each
value, for infinities and NaN. A journal is a list of operations, one JSON object per line, replayed in order.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sigstats.data.logs.files.sqlite import Database
from sigstats.data.logs.model import LogError, Scalar
from sigstats.data.logs.values import json_lines, parse_json

STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
_DIRECTIONS = ("NOT_SET", "MINIMIZE", "MAXIMIZE")
_NOT_FINITE = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


@dataclass(slots=True)
class Trial:
    """A trial as a store holds it; values and steps as they were written."""

    number: int
    state: str = "RUNNING"
    params: dict[str, object] = field(default_factory=dict)
    user_attrs: dict[str, object] = field(default_factory=dict)
    system_attrs: dict[str, object] = field(default_factory=dict)
    values: dict[int, object] = field(default_factory=dict)
    intermediate: list[tuple[object, object]] = field(default_factory=list)


@dataclass(slots=True)
class Study:
    """A study with its trials, in the order of their numbers."""

    name: str
    directions: list[str] = field(default_factory=list)
    system_attrs: dict[str, object] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)


def param(value: object, distribution: object) -> object:
    """Return a parameter as the objective saw it."""
    if not isinstance(distribution, Mapping) or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    name, attributes = str(distribution.get("name", "")), distribution.get("attributes")
    if name == "CategoricalDistribution":
        choices = attributes.get("choices") if isinstance(attributes, Mapping) else None
        if not isinstance(choices, list) or not math.isfinite(value) or not 0 <= int(value) < len(choices):
            raise ValueError(f"the index {value!r} is not among the choices")
        return choices[int(value)]
    return int(value) if name.startswith("Int") and math.isfinite(value) else value


def read_database(database: Database) -> list[Study]:
    """Return the studies in a database."""
    rows = database.rows
    studies = {number: Study(str(name)) for number, name in rows("studies", "study_id", "study_name")}
    for number, direction, single in _directions(database):
        if number in studies and (direction or single):
            studies[number].directions.append(str(direction or single))
    for number, key, value in rows("study_system_attributes", "study_id", "key", "value_json"):
        if number in studies:
            studies[number].system_attrs[str(key)] = _json(value)
    trials = _trials(database, studies)
    for number, name, value, distribution in rows(
        "trial_params", "trial_id", "param_name", "param_value", "distribution_json"
    ):
        if number in trials:
            trials[number].params[str(name)] = _param(value, _json(distribution))
    _values(database, trials)
    for table, place in (
        ("trial_user_attributes", "user_attrs"),
        ("trial_system_attributes", "system_attrs"),
    ):
        for number, key, value in rows(table, "trial_id", "key", "value_json"):
            if number in trials:
                getattr(trials[number], place)[str(key)] = _json(value)
    return list(studies.values())


def _directions(database: Database) -> Iterator[tuple[object, ...]]:
    table = "study_directions" if "study_directions" in database.tables else "studies"
    return (
        database.rows(table, "study_id", "direction", "objective")
        if table == "study_directions"
        else (
            (number, direction, None)
            for number, direction in database.rows("studies", "study_id", "direction")
        )
    )


def _trials(database: Database, studies: dict[object, Study]) -> dict[object, Trial]:
    trials: dict[object, Trial] = {}
    columns = ("trial_id", "study_id", "number", "state", "value")
    for trial_id, study_id, number, state, value in database.rows("trials", *columns):
        study = studies.get(study_id)
        if study is None:
            continue
        trial = Trial(number if isinstance(number, int) else len(study.trials), str(state))
        if value is not None:
            trial.values[0] = value
        study.trials.append(trial)
        trials[trial_id] = trial
    return trials


def _values(database: Database, trials: dict[object, Trial]) -> None:
    """Add objective values and intermediate values to the trials."""
    if "step" in database.tables.get("trial_values", ()):
        for number, step, value in database.rows("trial_values", "trial_id", "step", "value"):
            if number in trials:
                trials[number].intermediate.append((step, math.nan if value is None else value))
        return
    for number, objective, value, kind in database.rows(
        "trial_values", "trial_id", "objective", "value", "value_type"
    ):
        if number in trials and isinstance(objective, int):
            trials[number].values[objective] = _NOT_FINITE.get(str(kind), value)
    for number, step, value, kind in database.rows(
        "trial_intermediate_values", "trial_id", "step", "intermediate_value", "intermediate_value_type"
    ):
        if number in trials:
            plain = math.nan if value is None else value
            trials[number].intermediate.append((step, _NOT_FINITE.get(str(kind), plain)))


def _json(text: object) -> object:
    try:
        return parse_json(str(text).encode("utf-8", "replace"))
    except LogError:
        return text


def _param(value: object, distribution: object) -> object:
    try:
        return param(value, distribution)
    except ValueError as error:
        return f"unknown: {error}"


@dataclass(slots=True)
class Journal:
    """Studies as the operations of a journal make them."""

    studies: dict[int, Study] = field(default_factory=dict)  # by number
    trials: list[tuple[int, Trial]] = field(default_factory=list)
    n_studies: int = 0
    n_bad: int = 0  # lines that are not operations

    def replay(self, data: bytes) -> None:
        """Apply the operations of a journal file."""
        operations: dict[object, Callable[[Mapping[str, Any]], None]] = {
            0: self._create_study, 1: self._delete_study, 3: self._study_attribute, 4: self._create_trial,
            5: self._param, 6: self._state, 7: self._intermediate, 8: self._user_attribute, 9: self._system_attribute,
        }  # fmt: skip
        for _, log in json_lines(data):
            try:
                apply = operations.get(log["op_code"])
                if apply is not None:
                    apply(log)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                self.n_bad += 1

    def _create_study(self, log: Mapping[str, Any]) -> None:
        name = str(log["study_name"])
        if name in {study.name for study in self.studies.values()}:
            return
        directions = [_DIRECTIONS[number] for number in log["directions"]]
        self.studies[self.n_studies] = Study(name, directions)
        self.n_studies += 1

    def _delete_study(self, log: Mapping[str, Any]) -> None:
        self.studies.pop(log["study_id"], None)

    def _study_attribute(self, log: Mapping[str, Any]) -> None:
        if log["study_id"] in self.studies:
            self.studies[log["study_id"]].system_attrs.update(log["system_attr"])

    def _create_trial(self, log: Mapping[str, Any]) -> None:
        study = self.studies.get(log["study_id"])
        if study is None:
            return
        trial = Trial(len(study.trials), STATES[log.get("state", 0)])
        trial.user_attrs.update(log.get("user_attrs") or {})
        trial.system_attrs.update(log.get("system_attrs") or {})
        spread = {name: _json(text) for name, text in (log.get("distributions") or {}).items()}
        trial.params.update({k: _param(v, spread.get(k)) for k, v in (log.get("params") or {}).items()})
        values = log.get("values") or ([log["value"]] if log.get("value") is not None else [])
        trial.values.update(enumerate(values))
        trial.intermediate += [
            (int(step), value) for step, value in (log.get("intermediate_values") or {}).items()
        ]
        study.trials.append(trial)
        self.trials.append((log["study_id"], trial))

    def _open(self, log: Mapping[str, Any]) -> Trial:
        """Return the trial of an operation if it can still change; else a trial that is thrown away."""
        number = log["trial_id"]
        if number < 0:
            raise IndexError(number)
        trial = self.trials[number][1]
        return trial if trial.state in ("RUNNING", "WAITING") else Trial(-1)

    def _param(self, log: Mapping[str, Any]) -> None:
        value = _param(log["param_value_internal"], _json(log["distribution"]))
        self._open(log).params[str(log["param_name"])] = value

    def _state(self, log: Mapping[str, Any]) -> None:
        trial = self._open(log)
        trial.values.update(enumerate(log.get("values") or []))
        trial.state = STATES[log["state"]]

    def _intermediate(self, log: Mapping[str, Any]) -> None:
        self._open(log).intermediate.append((log["step"], log["intermediate_value"]))

    def _user_attribute(self, log: Mapping[str, Any]) -> None:
        self._open(log).user_attrs.update(log["user_attr"])

    def _system_attribute(self, log: Mapping[str, Any]) -> None:
        self._open(log).system_attrs.update(log["system_attr"])


def labels(study: Study, trial: Trial) -> dict[str, Scalar]:
    """Return what Optuna itself knows of a trial."""
    return {
        "optuna.study": study.name,
        "optuna.number": trial.number,
        "optuna.state": trial.state,
        "optuna.direction": ", ".join(study.directions),
    }
