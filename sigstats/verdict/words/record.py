"""The schema of a verdict: which plain values stand for it."""

from typing import Any

import numpy as np

from sigstats.evidence.results import ArmEvidence
from sigstats.report.json import fields
from sigstats.verdict.decision import Decision
from sigstats.verdict.words.clauses import departure

MOST_CELLS = 5000


def record(verdict: Decision) -> dict[str, Any]:
    """Return everything that a verdict says, by name.

    Curves are included where all conditions together have at most 5000 cells; level means always are.
    """
    evidence = verdict.evidence
    with_curves = sum(arm.curves.size for arm in evidence.arms) <= MOST_CELLS
    arms = [_arm(arm, with_curves=with_curves) for arm in evidence.arms]
    shape = verdict.signature.shape
    return {
        **fields(verdict, but=("evidence",)),
        "signature": {**fields(verdict.signature), "shape": {"name": shape.name, **shape.options()}},
        "provenance": {**fields(verdict.provenance), "versions": dict(verdict.provenance.versions)},
        "evidence": {**fields(evidence), "arms": arms},
        "departures": _departures(verdict),
        "strength": verdict.strength,
    }


def _departures(verdict: Decision) -> dict[str, Any]:
    """Return how far the curve departs from its mean, by clause; empty where the claim is not about that."""
    departs = verdict.evidence.control_departs
    found = {each.name: departure(verdict, each) for each in verdict.evidence.clauses}
    found |= {"control_departs": None if departs is None else departure(verdict, departs)}
    return {name: each for name, each in found.items() if each is not None}


def _arm(arm: ArmEvidence, *, with_curves: bool) -> dict[str, Any]:
    present = np.isfinite(arm.curves)
    counts = present.sum(axis=0)
    held = np.where(present, arm.curves, 0.0)
    # Sums of the largest numbers that can be written overflow; powers of two change no digit.
    units = np.ldexp(1.0, np.clip(np.frexp(np.abs(held).max(axis=0, initial=0.0))[1], -1000, 1000))
    sums = (held / units).sum(axis=0)
    means = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0) * units
    return {
        **fields(arm, but=("curves",)),
        "level_means": means,
        "level_counts": counts,
        "curves": arm.curves if with_curves else None,
    }
