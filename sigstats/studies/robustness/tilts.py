"""How far would a single seed have to tilt before the verdict changes?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.scales import knob_scale, metric_scale, on_metric_scale, rescaled_knob
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.linear import linear_scores
from sigstats.stats.sizes import exponent_of
from sigstats.studies.robustness.readings import Reading, reading_of
from sigstats.studies.robustness.variants import Variant, rebuilt
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

FARTHEST = 8.0
STEPS = 8
HALVINGS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far the line of one seed would have to tilt before the verdict changes.

    Attributes
    ----------
    seed : str
        Its label; it moves in every treatment in which it occurs.
    shift : float or None
        The nearest change of its oriented linear score, in units of the effect, to 1 % of itself or better where it
        exceeds a 128th of `farthest`; None where no shift up to `farthest` changes the verdict.
    sds : float or None
        The same in sds of the seeds' linear scores; None where these are all alike.
    farthest : float
        How far was looked, in units of the effect.
    reading : Reading or None
        What is said then.
    """

    seed: str
    shift: float | None
    sds: float | None
    farthest: float
    reading: Reading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """What is needed to tilt a seed."""

    variant: Variant  # as declared
    treatments: tuple[str, ...]  # conditions in which a seed moves
    status: Status
    orientation: int  # +1 where a larger score means a rising metric
    sd: float  # of the scores, in units of the effect, as is the next
    farthest: float  # how far to look


def find_shifts(
    variant: Variant, verdict: Verdict, seeds: Sequence[str], *, n_jobs: int
) -> tuple[tuple[Shift, ...], str | None]:
    """Return how far each of some seeds would have to tilt."""
    if verdict.evidence.design != "repeated" or verdict.evidence.interval is None:
        return (), "no seed was tilted: the seeds do not have scores of their own"
    tilt = _tilt(variant, verdict)
    if not tilt.farthest > 0:
        return (), "no seed was tilted: all seeds are flat, which leaves no scale for a tilt"
    found = parallel_map(_shift, seeds, tilt, n_jobs=n_jobs, label="tilted seeds")
    order = sorted(found, key=lambda each: (each.shift is None, abs(each.shift or 0.0), each.seed))
    return tuple(order), None


def _tilt(variant: Variant, verdict: Verdict) -> Tilt:
    signature, table = variant.signature, variant.table
    treatments = tuple(arm.condition for arm in verdict.evidence.treatments)
    x = _knob(variant)
    scores = [_scores(table.matrix(name), x, variant) for name in treatments]
    # So that no square overflows or vanishes.
    unit = exponent_of(*scores)
    scaled = [np.ldexp(each, -unit) for each in scores]
    sd = float(np.ldexp(np.mean([each.std(ddof=1) if each.size > 1 else 0.0 for each in scaled]), unit))
    size = float(np.ldexp(np.mean([abs(each.mean()) if each.size else 0.0 for each in scaled]), unit))
    return Tilt(
        variant=variant,
        treatments=treatments,
        status=verdict.status,
        orientation=verdict.evidence.orientation,
        sd=sd,
        farthest=FARTHEST * max(sd, size, signature.min_effect or 0.0),
    )


def _knob(variant: Variant) -> FloatArray:
    return rescaled_knob(variant.table.levels, knob_scale(variant.signature), variant.table.knob)


def _scores(matrix: FloatArray, x: FloatArray, variant: Variant) -> FloatArray:
    curves = on_metric_scale(matrix, metric_scale(variant.signature), variant.table.metric)
    return linear_scores(curves[np.isfinite(curves).sum(axis=1) >= 3], x)


def tilted(variant: Variant, seed: str, treatments: Sequence[str], change: float) -> SweepTable:
    """Return the table with a line added to the curves of one seed."""
    table, x = variant.table, _knob(variant)
    cells = {}
    for name in table.conditions:
        values = np.array(table.matrix(name))
        if name in treatments and seed in table.seeds(name):
            row = table.seeds(name).index(seed)
            values[row] = _added(values[row], change * x, metric_scale(variant.signature))
        cells[name] = values
    return rebuilt(table, cells)


def _added(values: FloatArray, line: FloatArray, scale: str) -> FloatArray:
    if scale == "linear":
        return values + line
    with np.errstate(invalid="ignore"):
        if scale == "log":
            return np.asarray(values * np.exp(line))
        odds = values / (1.0 - values) * np.exp(line)
        return np.asarray(odds / (1.0 + odds))


def _shift(seed: str, tilt: Tilt) -> Shift:
    """Look outwards in both directions at once, and halve the first step that changes the verdict."""
    inner, found = 0.0, None
    for step in range(STEPS):
        outer = tilt.farthest / 2.0 ** (STEPS - 1 - step)
        changing = [sign for sign in (-1.0, 1.0) if _said(seed, tilt, sign * outer) is not None]
        if changing:
            found = min((_halved(seed, tilt, sign, inner, outer) for sign in changing), key=abs)
            break
        inner = outer
    return Shift(
        seed=seed,
        shift=found,
        sds=found / tilt.sd if found is not None and tilt.sd > 0 else None,
        farthest=tilt.farthest,
        reading=None if found is None else _said(seed, tilt, found),
    )


def _halved(seed: str, tilt: Tilt, sign: float, inner: float, outer: float) -> float:
    """Return the near end of the change, on the side where the verdict is another."""
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2.0
        inner, outer = (inner, middle) if _said(seed, tilt, sign * middle) is not None else (middle, outer)
    return sign * outer


def _said(seed: str, tilt: Tilt, shift: float) -> Reading | None:
    """Return the verdict after a shift, if it is another than before."""
    table = tilted(tilt.variant, seed, tilt.treatments, shift * tilt.orientation)
    reading = reading_of(replace(tilt.variant, table=table))
    return None if reading is None or reading.status is tilt.status else reading
