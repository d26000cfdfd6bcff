"""The schema of a robustness analysis: which plain values stand for it."""

from typing import Any

from sigstats.report.json import fields
from sigstats.studies.robustness.influence import Influence, Removal, SmallestSet
from sigstats.studies.robustness.multiverse import Analysis
from sigstats.studies.robustness.record import RobustnessRecord


def record(robustness: RobustnessRecord) -> dict[str, Any]:
    """Return everything that was found, by name."""
    checks = {name: getattr(robustness, name) for name in ("audit", "synthetic", "practice")}
    return {
        "verdict": robustness.verdict.to_dict(),
        "agreement": robustness.agreement,
        "n_analyses": len(robustness.analyses),
        "n_agreeing": robustness.n_agreeing,
        "shares": [
            {"status": status, "reasons": reasons.split("+") if reasons else [], "share": share}
            for (status, reasons), share in robustness.shares.items()
        ],
        "choices": [
            {"name": each.name, "declared": each.declared, "options": each.options}
            for each in robustness.choices
        ],
        "decomposition": robustness.decomposition,
        "pruned": robustness.pruned,
        "joint": robustness.joint,
        "joint_note": robustness.joint_note,
        "analyses": [
            _with_reading(each, options=dict(each.options), declared=each.declared, same=each.same)
            for each in robustness.analyses
        ],
        "influence": _influence(robustness.influence),
        "margins": robustness.margins,
        "weakest": robustness.weakest,
        **{name: None if check is None else check.to_dict() for name, check in checks.items()},
    }


def _influence(influence: Influence) -> dict[str, Any]:
    smallest = influence.smallest
    return {
        "removals": [
            _with_reading(each, kind=each.kind, items=each.items, changes=each.changes)
            for each in influence.removals
        ],
        "smallest": smallest and _with_reading(smallest, **fields(smallest, but=("reading",))),
        "shifts": [
            {**fields(each, but=("reading",)), "status": each.reading and each.reading.status}
            for each in influence.shifts
        ],
        "notes": influence.notes,
    }


def _with_reading(thing: Analysis | Removal | SmallestSet, **own: object) -> dict[str, Any]:
    """Return values of something that was analysed, with those of its verdict beside them."""
    return {**own, **fields(thing.reading)}
