"""Looks at growing data that were planned: which one is this, and at what level is it tested?

A look is known by its number of seeds per condition. All claims at a look are tested at one level, at which all planned
looks together err as often as the signature allows a single one.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.conditions import design_of, roles
from sigstats.evidence.results import Design, Look
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import plain, seen_cells
from sigstats.stats.checks import FloatArray
from sigstats.stats.looks.joint_law import alpha_per_look, error_over_looks

# Welch's test of sides with unequal sds errs a little too often with few seeds, over several looks in up to .0555 in
# place of .05 (tests/calibration/looks_law.py): at this part of its level it stays below .052.
WELCH = 0.92


def look_at(table: SweepTable, signature: Signature) -> Look | None:
    """Return which look a table is; None where no looks were planned."""
    planned = signature.looks
    if planned is None:
        return None
    treatments, controls = roles(table, signature)
    cells = {name: table.matrix(name) for name in (*treatments, *controls)}
    design = design_of(cells, signature)
    found = {name: _runs(values, design) for name, values in cells.items()}
    more = more_in_control(signature) if controls else 0
    asked = {n for name in treatments for n in found[name]} | {
        n - more for name in controls for n in found[name]
    }
    number = planned.index(min(asked)) + 1 if len(asked) == 1 and asked <= set(planned) else None
    most = max(asked)
    later = [n for n in planned if (n > most if number is not None else n >= most)]
    alpha = alpha_of_look(signature, parts=max(len(treatments), len(controls)))
    return Look(
        number=number,
        planned=planned,
        n_seeds=tuple((name, min(counts)) for name, counts in found.items()),
        next_seeds=later[0] if later else None,
        more_in_control=more,
        alpha=alpha,
        alpha_control=alpha * WELCH if len(planned) > 1 and not signature.paired else alpha,
    )


def at_look(signature: Signature, look: Look | None) -> Signature:
    """Return the signature as it is tested at a look: at the level of one look."""
    return signature if look is None else replace(signature, alpha=look.alpha, looks=None)


def _runs(values: FloatArray, design: Design) -> frozenset[int]:
    """Return how many seeds were run: those with any value; or, where every cell is a run, the runs at each level."""
    seen = seen_cells(values)
    if design == "repeated":
        return frozenset({int(seen.any(axis=1).sum())})
    return frozenset(seen.sum(axis=0)[seen.any(axis=0)].tolist()) or frozenset({0})


def more_in_control(signature: Signature) -> int:
    """Return how many more seeds are planned for each control than for each treatment."""
    seeds = signature.seeds
    both = isinstance(seeds, Mapping) and {"treatment", "control"} <= set(seeds)
    return seeds["control"] - seeds["treatment"] if both and isinstance(seeds, Mapping) else 0


def over_looks(pvalue: float, signature: Signature, *, parts: int) -> float:
    """Return the p-value that counts the planned looks: at most alpha where the p-value is at most that of one look."""
    if signature.looks is None:
        return pvalue
    if np.ndim(pvalue):
        return plain([over_looks(float(each), signature, parts=parts) for each in np.asarray(pvalue)])
    if not 0.0 < pvalue < 1.0:
        return pvalue
    if not _by_law(signature):
        return min(1.0, pvalue * len(signature.looks))
    ways = _ways(signature, parts)
    return min(1.0, max(each * error_over_looks(signature.looks, level=pvalue / each) for each in ways))


def alpha_of_look(signature: Signature, *, parts: int) -> float:
    """Return the level of each look.

    Where each claim rests on one t statistic, its joint law over the looks tells. Where the data choose a place, every
    level counts, or seeds are counted, no such law is known: the looks then share the error rate equally, which is
    always valid.
    """
    looks = signature.looks or ()
    if not _by_law(signature):
        return signature.alpha / len(looks)
    ways = _ways(signature, parts)
    return min(each * alpha_per_look(looks, alpha=signature.alpha / each) for each in ways)


def _by_law(signature: Signature) -> bool:
    """Return whether each claim rests on one score per seed, whose t statistic has a known law over looks."""
    return signature.shape.free_scores and signature.across_seeds == "mean"


def _ways(signature: Signature, parts: int) -> set[int]:
    """Return into how many parts the error rate may be cut: smaller parts cost more over looks."""
    directions = 2 if signature.shape.two_sided else 1
    return {directions, directions * parts}
