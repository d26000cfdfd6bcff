"""Results as plain Python values and as strict JSON.

The values are strings, numbers, booleans, None, lists and dictionaries only, so that any tool can read them. What is
not a finite number becomes None. ``schema`` is raised when a key changes its meaning or goes away.
"""

import dataclasses
import datetime as dt
import enum
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

SCHEMA = 1


def record(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of a result with the schema's version before them."""
    return strict({"schema": SCHEMA, **values})


def strict(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values by name as plain Python."""
    return {name: plain(value) for name, value in values.items()}


def written(record: Mapping[str, Any]) -> str:
    """Return plain values as strict JSON."""
    return json.dumps(record, allow_nan=False, indent=2)


def several(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the records of several results as strict JSON."""
    return written({"schema": SCHEMA, "results": list(records)})


def fields(thing: Any, *, but: Iterable[str] = ()) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the public fields of a dataclass by name, without those that are kept from JSON."""
    names = [each.name for each in dataclasses.fields(thing) if each.metadata.get("json", True)]
    return {name: getattr(thing, name) for name in names if name not in but and not name.startswith("_")}


def plain(value: object) -> Any:  # noqa: ANN401 - any plain value
    """Return a value as plain Python, dataclasses and mappings by their keys."""
    if isinstance(value, enum.Enum | np.generic | np.ndarray):
        return plain(value.value if isinstance(value, enum.Enum) else value.tolist())
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value):
        return plain(fields(value))
    return _plain_container(value)


def _plain_container(value: object) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [plain(part) for part in parts]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
