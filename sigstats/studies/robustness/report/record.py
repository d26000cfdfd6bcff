"""A robustness analysis as plain Python values, ready for strict JSON."""

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigstats.studies.robustness.result import Robustness

SCHEMA = 1


def to_dict(robustness: "Robustness") -> dict[str, Any]:
    """Return everything as plain Python values."""
    plain = {
        "schema": SCHEMA,
        "verdict": robustness.verdict.to_dict(),
        "agreement": robustness.agreement,
        "n_analyses": len(robustness.analyses),
        "n_agreeing": robustness.n_agreeing,
        "shares": [
            {"status": str(status), "reasons": reasons.split("+") if reasons else [], "share": share}
            for (status, reasons), share in robustness.shares.items()
        ],
        "choices": [_choice(each) for each in robustness.choices],
        "decomposition": [_fields(each) for each in robustness.decomposition],
        "pruned": [_fields(each) for each in robustness.pruned],
        "joint": None if robustness.joint is None else _fields(robustness.joint),
        "joint_note": robustness.joint_note,
        "analyses": [_analysis(each) for each in robustness.analyses],
        "influence": _influence(robustness.influence),
        "margins": [
            {**_fields(each, but=("segments",)), "segments": [_fields(part) for part in each.segments]}
            for each in robustness.margins
        ],
        "weakest": None if robustness.weakest is None else _fields(robustness.weakest),
        "audit": robustness.audit.to_dict(),
        "synthetic": None if robustness.synthetic is None else robustness.synthetic.to_dict(),
        "practice": None if robustness.practice is None else robustness.practice.to_dict(),
    }
    strict: dict[str, Any] = _strict(plain)
    return strict


def to_json(robustness: "Robustness") -> str:
    """Return strict JSON."""
    return json.dumps(to_dict(robustness), indent=2, allow_nan=False)


def _fields(thing: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401 - any slotted dataclass
    return {name: getattr(thing, name) for name in thing.__slots__ if name not in but}


def _choice(choice: Any) -> dict[str, Any]:  # noqa: ANN401 - a Choice
    options = [{"name": option.name, "reason": option.reason} for option in choice.options]
    return {"name": choice.name, "declared": choice.declared, "options": options}


def _reading(reading: Any) -> dict[str, Any]:  # noqa: ANN401 - a Reading
    return {**_fields(reading), "status": str(reading.status), "reasons": list(map(str, reading.reasons))}


def _analysis(analysis: Any) -> dict[str, Any]:  # noqa: ANN401 - an Analysis
    return {
        "options": dict(analysis.options),
        "declared": analysis.declared,
        "same": analysis.same,
        **_reading(analysis.reading),
    }


def _influence(influence: Any) -> dict[str, Any]:  # noqa: ANN401 - an Influence
    smallest = influence.smallest
    return {
        "removals": [
            {
                "kind": each.kind,
                "items": list(each.items),
                "changes": each.changes,
                **_reading(each.reading),
            }
            for each in influence.removals
        ],
        "smallest": None
        if smallest is None
        else {**_fields(smallest, but=("reading",)), **_reading(smallest.reading)},
        "shifts": [
            {
                **_fields(each, but=("reading",)),
                "status": None if each.reading is None else str(each.reading.status),
            }
            for each in influence.shifts
        ],
        "notes": list(influence.notes),
    }


def _strict(value: Any) -> Any:  # noqa: ANN401 - anything that was put together above
    """Return the value without numbers that JSON does not know, and without subclasses of str."""
    if isinstance(value, dict):
        return {str(key): _strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(each) for each in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return str(value) if isinstance(value, str) else value
