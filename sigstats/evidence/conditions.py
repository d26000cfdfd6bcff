"""Bring the conditions of a table into one canonical form.

Everything that follows works on conditions with curves on a common scale, copies of a seed
removed, seeds with too few levels set aside, and rows in an order that depends on values alone, so that labels
and row order never matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import Problem, SignatureError, TableError, did_you_mean, option
from sigstats.evidence.ranges import Compared, as_fractions, compared
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import Design, Role, ShortRun
from sigstats.evidence.scales import (
    common_scale,
    knob_scale,
    metric_scale,
    on_metric_scale,
    refuse_far_margin,
    rescaled_knob,
)
from sigstats.evidence.seeds import SeedRows, canonical, seed_identity, usable_rows
from sigstats.shapes import Shape
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, beside, plain, seen_cells
from sigstats.stats.estimate import Ranges
from sigstats.stats.scores.combine import (
    Combination,
    end_weights,
    level_contrast,
    levels_with_weight,
    line_weights,
    mean_of,
)
from sigstats.stats.scores.linear import linear_scores, rank_scores, score_sd_factor

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MIN_LEVELS = 3
MIN_SEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition, ready for statistics."""

    name: str
    role: Role
    seeds: tuple[str, ...]
    # Identity of each seed among all seeds of the sweep.
    ids: IntArray
    # Shape (n_rows, n_levels): oriented metric on the common scale of the sweep, NaN where missing.
    curves: FloatArray = field(repr=False)
    # One per seed, oriented; empty in the independent design. `sd_factors`: sampling sd of a score for unit noise.
    scores: FloatArray = field(repr=False)
    taus: FloatArray = field(repr=False)
    sd_factors: FloatArray = field(repr=False)
    # Mean linear score, and last minus first level; None with too few runs.
    effect: Combination | None
    ends: Combination | None
    n_seeds: int
    n_levels: int
    # Seeds left out as copies of another, and because they are too short, with their first and last level.
    n_copies: int
    # Seeds kept although another has the same curve.
    n_equal: int
    short: tuple[ShortRun, ...]
    # The range of the condition in the knob's own units, and levels left out as few of its runs reach them.
    swept: tuple[float, float]
    n_trimmed: int

    @property
    def n_excluded(self) -> int:
        """Seeds left out because they are too short."""
        return len(self.short)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """All conditions of a signature on a common scale."""

    design: Design
    # Levels in use, in the knob's own units.
    levels: FloatArray = field(repr=False)
    # The same on the knob's scale, so that the treatments were swept from 0 to 1; a control may have levels outside.
    x: FloatArray = field(repr=False)
    treatments: tuple[Condition, ...]
    controls: tuple[Condition, ...]
    # One unit of the common scale, in units of the metric: a power of two.
    scale: float
    # What was subtracted from the metric, on the common scale; not oriented.
    centre: float
    # +1 or -1, by which the metric was multiplied.
    orientation: int
    # How the ranges of the treatments compare, and whether those of the controls are too far from them.
    ranges: Ranges
    apart: bool
    notes: tuple[Reason, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Treatments, then controls."""
        return self.treatments + self.controls

    @property
    def two_levels(self) -> bool:
        """Whether the knob was on or off: every condition was seen at the same two levels."""
        return self.levels.size == 2 and self._all_have(2)

    @property
    def has_curves(self) -> bool:
        """Whether every condition has the levels that a line and its noise need."""
        return self.levels.size >= MIN_LEVELS and self._all_have(MIN_LEVELS)

    def enough_levels(self, shape: Shape) -> bool:
        """Return whether there are the levels that the shape needs: a curve, or two for a difference."""
        if self.two_levels:
            return shape.on_two_levels
        return self.has_curves and min(each.n_levels for each in self.conditions) >= shape.min_levels

    def _all_have(self, n_levels: int) -> bool:
        return all(
            each.n_levels >= n_levels for each in self.conditions if each.n_seeds or not each.n_excluded
        )


def enough(conditions: tuple[Condition, ...]) -> bool:
    """Return whether every condition has the replicates that a test needs."""
    return all(each.n_seeds >= MIN_SEEDS and each.effect is not None for each in conditions)


def prepare(table: SweepTable, signature: Signature) -> Sweep:
    """Return the conditions that a signature names, in canonical form.

    A shape that leaves the direction to the data is oriented along the treatments' mean effect.
    """
    sweep = _oriented(table, signature, signature.shape.orientation)
    if signature.shape.two_sided and agreed(_mean_score(sweep) < 0):
        return _oriented(table, signature, -signature.shape.orientation)
    return sweep


def _mean_score(sweep: Sweep) -> float:
    """Return the mean effect of the treatments if available, else 0."""
    found = [each.effect.estimate for each in sweep.treatments if each.effect is not None]
    return plain(np.mean(found, axis=0)) if found else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scaled:
    """The curves of all conditions on the common scale, at the levels in use."""

    design: Design
    curves: Mapping[str, FloatArray] = field(repr=False)
    levels: FloatArray = field(repr=False)
    # The ranges of conditions whose levels are shares of these; else empty.
    swept: Mapping[str, tuple[float, float]]
    scale: float
    centre: float


def _oriented(table: SweepTable, signature: Signature, orientation: int) -> Sweep:
    treatments, controls = roles(table, signature)
    scaled = _on_common_scale(table, signature, treatments + controls, orientation)
    found = _usable(table, signature, scaled, treatments, controls)
    swept = scaled.swept or {name: _ends_of(each, scaled.levels) for name, each in found.before.items()}
    short = {name: _short_runs(each, scaled.levels) for name, each in found.compared.rows.items()}
    rows, levels = _without_empty_levels(found.compared.rows, scaled.levels)
    axis = knob_scale(signature)
    x = rescaled_knob(levels, axis, table.knob, within=_range_of([rows[name] for name in treatments]))
    groups = (("treatment", treatments), ("control", controls))
    order = [(role, name) for role, names in groups for name in canonical(names, rows)]
    identity = seed_identity([rows[name] for _, name in order])
    conditions = tuple(
        _condition(
            name,
            role,
            rows[name],
            identity,
            _over_own_range(x, rows[name]) if found.compared.own(name, treatments) else x,
            scaled.design,
            short=short[name],
            swept=swept[name],
        )
        for role, name in order
    )
    ranges, apart = found.compared.treatments, found.compared.apart
    differ = ranges != "equal" or apart or len(set(swept.values())) > 1
    notes = ((Reason.RANGE_DIFFERS,) if differ else ()) + _condition_notes(conditions)
    return Sweep(
        design=scaled.design,
        levels=levels,
        x=x,
        treatments=tuple(each for each in conditions if each.role == "treatment"),
        controls=tuple(each for each in conditions if each.role == "control"),
        scale=scaled.scale,
        centre=scaled.centre,
        orientation=orientation,
        ranges=ranges,
        apart=apart,
        notes=notes,
    )


def _on_common_scale(
    table: SweepTable, signature: Signature, names: Sequence[str], orientation: int
) -> _Scaled:
    """Return the curves of the conditions in use, on the scale of the metric and of one size."""
    raw = {name: table.matrix(name) for name in names}
    design = design_of(raw, signature)
    if design == "repeated":
        _refuse_disjoint_levels(raw)
    levels, swept = table.levels, dict[str, tuple[float, float]]()
    if knob_scale(signature) == "fraction":
        trim = signature.short_seeds == "drop" and design == "repeated"
        level_wise = not signature.shape.sized
        raw, levels, swept = as_fractions(raw, levels, fewest=MIN_LEVELS, level_wise=level_wise, trim=trim)
    columns = _levels_in_use(list(raw.values()))
    own = metric_scale(signature)
    curves = {name: on_metric_scale(values[..., columns], own, table.metric) for name, values in raw.items()}
    scale, centre = common_scale(curves)
    refuse_far_margin(signature, scale)
    return _Scaled(
        design=design,
        curves={
            name: (values / beside(scale, 2) - beside(centre, 2)) * orientation
            for name, values in curves.items()
        },
        levels=levels[columns],
        swept=swept,
        scale=scale,
        centre=centre,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usable:
    """The rows of all conditions, each for itself and then at the levels at which they are compared."""

    before: Mapping[str, SeedRows]
    compared: Compared


def _usable(
    table: SweepTable,
    signature: Signature,
    scaled: _Scaled,
    treatments: Sequence[str],
    controls: Sequence[str],
) -> _Usable:
    """Leave out what cannot be used of each condition, then the levels that those to be compared do not share."""
    shape, short_seeds = signature.shape, signature.short_seeds
    x = rescaled_knob(scaled.levels, knob_scale(signature), table.knob)
    rows = {
        name: usable_rows(
            values,
            table.seeds(name),
            scaled.design,
            x,
            fewest=MIN_LEVELS,
            short_seeds=short_seeds,
            every_level=not shape.sized,
            same_allowed=name in controls,
        )
        for name, values in scaled.curves.items()
    }
    found = compared(
        rows,
        treatments,
        controls,
        x,
        fewest=_fewest_common(rows, shape),
        short_seeds=short_seeds,
        every_level=not shape.sized,
    )
    return _Usable(before=rows, compared=found)


def _fewest_common(rows: Mapping[str, SeedRows], shape: Shape) -> int:
    """Return how many levels the conditions must have in common: two where one of them has no more."""
    seen = [int(seen_cells(each.curves).any(axis=0).sum()) for each in rows.values() if each.curves.size]
    return 2 if shape.on_two_levels and min(seen, default=0) == 2 else max(MIN_LEVELS, shape.min_levels)


def _ends_of(rows: SeedRows, levels: FloatArray) -> tuple[float, float]:
    """Return the first and last level of a condition's range."""
    return float(levels[rows.ends[0]]), float(levels[rows.ends[1]])


def _short_runs(rows: SeedRows, levels: FloatArray) -> tuple[ShortRun, ...]:
    """Return the seeds that were left out as too short, with the levels that they cover."""
    return tuple(
        ShortRun(seed=seed, first=float(levels[first]), last=float(levels[last]))
        for seed, first, last in sorted(rows.short, key=lambda run: (run[1], run[2]))
    )


def _without_empty_levels(
    rows: Mapping[str, SeedRows], levels: FloatArray
) -> tuple[dict[str, SeedRows], FloatArray]:
    """Return the conditions without the levels at which nothing is left; with all of them if nothing is."""
    columns = _levels_in_use([each.curves for each in rows.values()])
    if columns.size in (0, levels.size):
        return dict(rows), levels
    kept = {name: replace(each, curves=each.curves[..., columns]) for name, each in rows.items()}
    return kept, levels[columns]


def _over_own_range(x: FloatArray, rows: SeedRows) -> FloatArray:
    """Return the knob so that the condition itself was swept from 0 to 1."""
    first, last = _range_of([rows])
    return (x - x[first]) / (x[last] - x[first]) if x[last] > x[first] else x


def roles(table: SweepTable, signature: Signature) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the conditions that are treatments and those that are controls."""
    controls = signature.control or ()
    treatments = signature.treatment or tuple(name for name in table.conditions if name not in controls)
    for argument, names in (("treatment", treatments), ("control", controls)):
        for name in names:
            if name not in table.conditions:
                raise SignatureError(
                    f"`{argument}` names {name!r}, which is not a condition of the table; its conditions are "
                    f"{table.conditions}. {did_you_mean(name, table.conditions) or _no_such(argument, table)}"
                )
    if not treatments:
        raise SignatureError(
            f"every condition of the table is a control {table.conditions}; at least one treatment is needed. "
            "Name fewer controls, or add the runs of the treatment to the table."
        )
    return tuple(treatments), tuple(controls)


def _no_such(argument: str, table: SweepTable) -> str:
    """Return what to do where a condition is not in the table, and no other is spelled nearly so."""
    if table.condition is None:
        return f"No column was named for it: {option('condition', 'COLUMN')}."
    left_out = "leave `control` out, " if argument == "control" else ""
    return f"Name one of these, {left_out}or add its runs to the table."


def design_of(raw: Mapping[str, FloatArray], signature: Signature) -> Design:
    """Return the design that was declared, or that the labels of the seeds show."""
    if signature.design != "auto":
        return signature.design
    recurs = {name: bool((seen_cells(values).sum(axis=1) > 1).any()) for name, values in raw.items()}
    if all(recurs.values()):
        return "repeated"
    if not any(recurs.values()):
        return "independent"
    fresh = tuple(name for name, again in recurs.items() if not again)
    problem = Problem(
        code="MIXED_DESIGN",
        column=None,
        message=f"in the conditions {fresh} no seed is seen at two levels, in the others seeds recur across levels",
        remedy="Give recurring runs the same seed label at every level, or set "
        f"{option('design', 'independent')} if every cell is a fresh run.",
    )
    raise TableError([problem])


def _refuse_disjoint_levels(raw: dict[str, FloatArray]) -> None:
    """Refuse a condition in which no two seeds were seen at the same level: their lines have nothing in common."""
    for name, values in raw.items():
        seen = seen_cells(values)
        if len(seen) > 1 and seen.sum(axis=0).max(initial=0) < 2:
            problem = Problem(
                code="NOT_ESTIMABLE",
                column=None,
                message=f"in condition {name!r} no level was seen by two seeds; a mean over seeds needs common levels",
                remedy=f"Run the seeds at the same levels, or set {option('design', 'independent')} if every cell is a "
                "fresh run.",
            )
            raise TableError([problem])


def _levels_in_use(parts: Sequence[FloatArray]) -> IntArray:
    """Return the columns that any condition was seen at."""
    return np.flatnonzero(np.any([seen_cells(values).any(axis=0) for values in parts], axis=0))


def _range_of(conditions: list[SeedRows]) -> tuple[int, int]:
    """Return the positions of the first and the last level at which a condition was seen; of all if there is one."""
    seen = np.flatnonzero(np.any([seen_cells(each.curves).any(axis=0) for each in conditions], axis=0))
    return (int(seen[0]), int(seen[-1])) if seen.size > 1 else (0, -1)


def _condition(
    name: str,
    role: str,
    rows: SeedRows,
    identity: dict[str, int],
    x: FloatArray,
    design: Design,
    *,
    short: tuple[ShortRun, ...],
    swept: tuple[float, float],
) -> Condition:
    order = sorted(range(len(rows.seeds)), key=lambda row: identity[rows.seeds[row]])
    curves = rows.curves[..., order, :] if order else rows.curves
    seeds = tuple(rows.seeds[row] for row in order)
    empty = np.empty(0)
    scores = taus = factors = empty
    if design == "repeated":
        effect, ends = None, None
        if seeds:
            scores, taus = linear_scores(curves, x), rank_scores(curves)
            factors = score_sd_factor(curves, x)
        if len(seeds) >= 2:
            effect, ends = mean_of(scores), _end_to_end(curves)
        n_seeds = len(seeds)
    else:
        effect, ends, n_seeds = _independent(curves, x)
    return Condition(
        name=name,
        role="treatment" if role == "treatment" else "control",
        seeds=seeds,
        ids=np.array([identity[seed] for seed in seeds], dtype=np.intp),
        curves=curves,
        scores=scores,
        taus=taus,
        sd_factors=factors,
        effect=effect,
        ends=ends,
        n_seeds=n_seeds,
        n_levels=int(seen_cells(curves).any(axis=0).sum()) if curves.size else 0,
        n_copies=rows.n_copies,
        n_equal=rows.n_equal,
        short=short,
        swept=swept,
        n_trimmed=rows.n_trimmed,
    )


def _end_to_end(curves: FloatArray) -> Combination | None:
    """Return last minus first of the levels that the condition was seen at."""
    cells = seen_cells(curves)
    seen = np.flatnonzero(cells.any(axis=0))
    change = curves[..., seen[-1]] - curves[..., seen[0]]
    change = change[..., cells[:, seen[-1]] & cells[:, seen[0]]]
    return mean_of(change) if change.shape[-1] >= 2 else None


def _independent(curves: FloatArray, x: FloatArray) -> tuple[Combination | None, Combination | None, int]:
    """Return effect, ends and replicates of independent runs; levels with few runs carry no weight."""
    counts = seen_cells(curves).sum(axis=0)
    used = levels_with_weight(counts)
    typical = int(np.median(counts[counts > 0])) if counts.any() else 0
    if used.sum() < (2 if x.size == 2 else MIN_LEVELS):
        return None, None, min(typical, int(counts.max(initial=0)) if used.any() else 1)
    weights = np.zeros(x.size)
    weights[used] = line_weights(x[used])
    effect = level_contrast(curves, weights)
    edges = np.zeros(x.size)
    edges[used] = end_weights(int(used.sum()))
    ends = level_contrast(curves, edges)
    return effect, ends, min(typical, int(counts[used].min()))


def _condition_notes(conditions: tuple[Condition, ...]) -> tuple[Reason, ...]:
    notes = []
    if any(each.n_copies for each in conditions):
        notes.append(Reason.DUPLICATE_SEEDS)
    if any(each.n_equal for each in conditions):
        notes.append(Reason.EQUAL_SEEDS)
    if any(each.n_excluded for each in conditions):
        notes.append(Reason.SEEDS_EXCLUDED)
    if any(each.n_trimmed for each in conditions):
        notes.append(Reason.LEVELS_LEFT_OUT)
    contents = [(each.curves + 0.0).tobytes() for each in conditions if each.curves.size]
    if len(set(contents)) < len(contents):
        notes.append(Reason.IDENTICAL_ARMS)
    return tuple(notes)
