"""Verdicts as plain values and as strict JSON.

The dictionary holds strings, numbers, booleans, None, lists and dictionaries only, so that any tool can read
it. What is not a finite number becomes None. ``schema`` is raised when a key changes its meaning or goes
away.
"""

import dataclasses
import datetime as dt
import enum
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sigstats.evidence.results import ArmEvidence
from sigstats.shapes import Shape
from sigstats.verdict.decision import Decision

SCHEMA = 1
MOST_CELLS = 5000


def to_dict(verdict: Decision) -> dict[str, Any]:
    """Return everything that a verdict says as plain Python values.

    Curves are included where all conditions together have at most 5000 cells; level means always are.
    """
    found = {name: _plain(value) for name, value in _written(verdict).items() if name != "evidence"}
    found["provenance"]["versions"] = dict(verdict.provenance.versions)
    return {"schema": SCHEMA, **found, "evidence": _evidence(verdict)}


def to_json(verdict: Decision) -> str:
    """Return the dictionary as strict JSON."""
    return json.dumps(to_dict(verdict), allow_nan=False, indent=2)


def _evidence(verdict: Decision) -> dict[str, Any]:
    evidence = verdict.evidence
    with_curves = sum(arm.curves.size for arm in evidence.arms) <= MOST_CELLS
    found = {field.name: getattr(evidence, field.name) for field in dataclasses.fields(evidence)}
    arms = [_arm(arm, with_curves=with_curves) for arm in evidence.arms]
    return {name: arms if name == "arms" else _plain(value) for name, value in found.items()}


def _arm(arm: ArmEvidence, *, with_curves: bool) -> dict[str, Any]:
    found = {
        field.name: _plain(getattr(arm, field.name))
        for field in dataclasses.fields(arm)
        if field.name != "curves"
    }
    present = np.isfinite(arm.curves)
    counts = present.sum(axis=0)
    sums = np.where(present, arm.curves, 0.0).sum(axis=0)
    means = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    found["level_means"] = _plain(means)
    found["level_counts"] = _plain(counts)
    found["curves"] = _plain(arm.curves) if with_curves else None
    return found


def _plain(value: object) -> Any:  # noqa: ANN401 - any plain value
    """Return a value as plain Python, dataclasses and mappings by their keys."""
    if isinstance(value, enum.Enum | np.generic | np.ndarray):
        return _plain(value.value if isinstance(value, enum.Enum) else value.tolist())
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Shape):
        return {"name": value.name, **_plain(value.options())}
    if dataclasses.is_dataclass(value):
        return {name: _plain(part) for name, part in _written(value).items()}
    return _plain_container(value)


def _written(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the fields of a record, without those that are kept from JSON."""
    fields = (each for each in dataclasses.fields(record) if each.metadata.get("json", True))
    return {each.name: getattr(record, each.name) for each in fields}


def _plain_container(value: object) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [_plain(part) for part in parts]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
