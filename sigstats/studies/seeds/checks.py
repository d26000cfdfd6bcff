"""What an audit of the seeds finds, and the checks that look at labels, gaps, bounds and the window of the knob."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.results import Design
from sigstats.report.escaping import visible
from sigstats.report.json import fields, strict
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.sizes import exponent_of

IntArray = NDArray[np.intp]
Weight = Literal["problem", "caution", "note"]

SHARE_AT_BOUND = 0.2
DIGITS_OF_ROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an audit of the seeds found.

    Attributes
    ----------
    code : str
        Short stable name, such as ``"near_copies"``.
    weight : {"problem", "caution", "note"}
        A problem makes a verdict wrong where it is real; a caution may; a note is for the reader.
    where : str
        Conditions, seeds or levels.
    numbers : tuple of (str, float)
        What was measured, by name.
    means : str
        What it means, in a sentence.
    """

    code: str
    weight: Weight
    where: str
    numbers: tuple[tuple[str, float], ...]
    means: str

    def __str__(self) -> str:
        """Return code and place."""
        return visible(f"{self.code} ({self.where})")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON; a number that is not finite is None."""
        return strict({**fields(self), "numbers": dict(self.numbers)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A sweep as the audit sees it, before anything is dropped."""

    table: SweepTable
    signature: Signature
    treatments: tuple[str, ...]
    controls: tuple[str, ...]
    design: Design
    columns: IntArray = field(repr=False)  # columns of the table that are used
    x: FloatArray = field(repr=False)  # their levels on the knob's scale, in [0, 1]
    all_levels: (
        tuple[float, ...] | None
    )  # without a restriction of the knob; None if there is none, or unknown

    @property
    def conditions(self) -> tuple[str, ...]:
        """Treatments, then controls."""
        return self.treatments + self.controls

    def curves(self, condition: str) -> FloatArray:
        """Return the metric of a condition at the levels used, shape (n_seeds, n_levels), NaN where missing."""
        return self.table.matrix(condition)[:, self.columns]

    @property
    def values(self) -> FloatArray:
        """All values of the metric in one row."""
        parts = [self.curves(name).ravel() for name in self.conditions]
        joined = np.concatenate(parts)
        return joined[~np.isnan(joined)]


def spread(curves: FloatArray) -> FloatArray:
    """Return the range over seeds at each level."""
    low = np.where(np.isnan(curves), np.inf, curves).min(axis=0)
    high = np.where(np.isnan(curves), -np.inf, curves).max(axis=0)
    return np.where(high >= low, high - low, 0.0)


def deterministic(inspected: Inspected) -> list[Finding]:
    """Find conditions in which all seeds have the same values."""
    found = []
    tolerance = 1e-12 * float(np.abs(inspected.values).max(initial=0.0))
    for name in inspected.conditions:
        curves = inspected.curves(name)
        several = (~np.isnan(curves)).sum(axis=0) > 1
        if several.any() and spread(curves)[several].max() <= tolerance:
            numbers = (("seeds", float(len(curves))), ("levels", float(several.sum())))
            means = (
                "All seeds have the same values: the metric is deterministic, or one run was logged under several "
                "names. A spread of zero is not evidence that the mean is known exactly."
            )
            found.append(
                Finding(
                    code="deterministic",
                    weight="problem",
                    where=f"condition {name!r}",
                    numbers=numbers,
                    means=means,
                )
            )
    return found


def labels(inspected: Inspected) -> list[Finding]:
    """Find seed labels that are shared in part, or that differ by condition although they look like one series."""
    if inspected.design == "independent" or len(inspected.conditions) < 2:
        return []
    seeds = [set(inspected.table.seeds(name)) for name in inspected.conditions]
    every = set().union(*seeds)
    shared = [label for label in every if sum(label in each for each in seeds) > 1]
    everywhere = [label for label in every if all(label in each for each in seeds)]
    where = ", ".join(map(repr, inspected.conditions))
    numbers = (("labels", float(len(every))), ("shared", float(len(shared))))
    if shared and len(everywhere) < len(every):
        means = (
            "Some seeds were run in several conditions and others in only one. The comparison is paired only in part, "
            "and the missing runs may be missing for a reason."
        )
        return [
            Finding(
                code="partly_shared_seeds",
                weight="caution",
                where=f"conditions {where}",
                numbers=numbers,
                means=means,
            )
        ]
    if not shared and all(label.isdecimal() for label in every):
        means = (
            "The labels look like one series of seeds, and no seed was used in two conditions. Whatever goes with the "
            "seed (order of data, split, machine, date) goes with the condition too, if it was not drawn anew."
        )
        return [
            Finding(
                code="disjoint_seeds",
                weight="note",
                where=f"conditions {where}",
                numbers=numbers,
                means=means,
            )
        ]
    return []


def missing_at_the_ends(inspected: Inspected) -> list[Finding]:
    """Find runs that are missing at an end of the knob, and how the rest of these seeds differs."""
    found = []
    for name in inspected.conditions:
        curves = inspected.curves(name)
        for column, end in ((-1, "highest"), (0, "lowest")):
            found += _missing_at(inspected, name, curves, column, end)
    return found


def gaps(inspected: Inspected) -> int:
    """Return how many cells are missing that do not lie at an end of the knob."""
    if inspected.design == "independent":
        return 0
    inner = [np.isnan(inspected.curves(name)[:, 1:-1]) for name in inspected.conditions]
    # A level that a condition was not run at is no gap of its seeds.
    return int(sum(missing[:, ~missing.all(axis=0)].sum() for missing in inner))


def _missing_at(inspected: Inspected, name: str, curves: FloatArray, column: int, end: str) -> list[Finding]:
    level = float(inspected.table.levels[inspected.columns[column]])
    where = f"condition {name!r}, {end} level {level:g}"
    seen = ~np.isnan(curves)
    counts = seen.sum(axis=0)
    usual = int(np.median(counts[counts > 0])) if inspected.design == "independent" else len(curves)
    n_missing = usual - int(counts[column])
    numbers: tuple[tuple[str, float], ...] = (("missing", float(n_missing)), ("runs", float(usual)))
    if n_missing <= 0:
        return []
    if counts[column] == 0:
        means = (
            "The condition was not run at an end of the knob that others reached. Its line is fitted over the levels "
            "it has; the table does not say why it stops there."
        )
        return [Finding(code="range_differs", weight="caution", where=where, numbers=numbers, means=means)]
    if inspected.design == "repeated":
        numbers += _survivors(curves, seen[:, column])
    means = (
        "Runs that break off where it gets difficult (diverged, out of memory, out of time) leave the better ones "
        "behind: the mean at this end is that of the survivors. Enter failed runs with the value of a failure, or "
        "limit the claim to levels where all runs are complete."
    )
    return [Finding(code="missing_at_end", weight="caution", where=where, numbers=numbers, means=means)]


def _survivors(curves: FloatArray, survived: NDArray[np.bool_]) -> tuple[tuple[str, float], ...]:
    """Return how seeds that are missing at an end differ elsewhere, as (difference, sd of the survivors)."""
    unit = exponent_of(curves)
    curves = np.ldexp(curves, -unit)  # so that squares are numbers
    gone, stayed = curves[~survived], curves[survived]
    both = (~np.isnan(gone)).any(axis=0) & (~np.isnan(stayed)).any(axis=0)
    if not both.any():
        return (("difference_elsewhere", math.nan), ("sd_of_survivors", math.nan))
    centre = np.nanmean(stayed[:, both], axis=0)
    away = _row_means(gone[:, both] - centre)
    rest = _row_means(stayed[:, both] - centre)
    sd = float(rest.std(ddof=1)) if rest.size > 1 else math.nan
    difference = float(np.ldexp(away.mean() - rest.mean(), unit))
    return (("difference_elsewhere", difference), ("sd_of_survivors", float(np.ldexp(sd, unit))))


def _row_means(values: FloatArray) -> FloatArray:
    rows = values[(~np.isnan(values)).any(axis=1)]
    return np.asarray(np.nanmean(rows, axis=1))


def bounds(inspected: Inspected) -> list[Finding]:
    """Find conditions that sit at the smallest or largest value of the table, from where nothing can move."""
    values = inspected.values
    ends = (("floor", float(values.min())), ("ceiling", float(values.max())))
    return [
        finding
        for name in inspected.conditions
        for code, bound in (ends if values.min() < values.max() else ends[:1])
        for finding in _at_bound(inspected, name, code, bound)
    ]


def _at_bound(inspected: Inspected, name: str, code: str, bound: float) -> list[Finding]:
    curves = inspected.curves(name)
    there = curves == bound
    share = float(there.sum() / (~np.isnan(curves)).sum())
    n_levels = int(there.any(axis=0).sum())
    if share < SHARE_AT_BOUND or n_levels < 2 or there.sum() < 3:
        return []
    control = name in inspected.controls
    means = (
        f"A control at the {code} is not quiet: it could not have moved. Use a control with room on both sides, or a "
        "metric without the bound."
        if control
        else f"At the {code} the metric cannot move further: a trend looks weaker, a curve seems to level off, and the "
        "spread between seeds vanishes for the wrong reason."
    )
    numbers = (("value", bound), ("share", share), ("levels", float(n_levels)))
    where = f"{'control' if control else 'condition'} {name!r}"
    return [
        Finding(
            code=code, weight="problem" if control else "caution", where=where, numbers=numbers, means=means
        )
    ]


def window(inspected: Inspected) -> list[Finding]:
    """Note where the signature restricts the knob to a range that could have been chosen after looking."""
    knob = inspected.signature.knob or "knob"
    wanted = (inspected.signature.where or {}).get(knob)
    if wanted is None:
        return []
    levels = inspected.table.levels
    kept = int(levels.size)
    dropped = math.nan if inspected.all_levels is None else float(len(inspected.all_levels) - kept)
    ends = [each for each in _ends(wanted) if not _is_round(each)]
    if dropped == 0 and not ends:
        return []
    numbers = (("levels_kept", float(kept)), ("levels_dropped", dropped), *(("end", each) for each in ends))
    means = (
        "Levels were left out. If they were chosen after a look at the curve, the error rates of the verdict do not "
        "hold. State why they were left out, and look at the verdict with them."
    )
    where = f"knob {knob!r}, {levels[0]:g} to {levels[-1]:g}"
    return [Finding(code="window", weight="note", where=where, numbers=numbers, means=means)]


def _ends(wanted: object) -> list[float]:
    """Return the ends of a range of numbers; a list of levels has none."""
    if not isinstance(wanted, Mapping):
        return []
    return [
        float(end) for end in wanted.values() if isinstance(end, int | float) and not isinstance(end, bool)
    ]


def _is_round(end: float) -> bool:
    """Return whether a number has two significant digits at most, or is a power of two."""
    two_digits = float(f"{end:.{DIGITS_OF_ROUND - 1}e}")
    return bool(np.isclose(end, two_digits, rtol=1e-9, atol=0.0)) or math.frexp(abs(end))[0] in (0.0, 0.5)
