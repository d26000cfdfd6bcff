"""The curves that shapes are compared on: one per seed, for the mean of the treatments, on one scale of the metric."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError
from sigstats.evidence.conditions import MIN_LEVELS, MIN_SEEDS, Sweep, prepare, roles
from sigstats.evidence.gather import setting_of
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.location import mean_curves_of
from sigstats.evidence.scales import metric_scale
from sigstats.shapes import Increasing
from sigstats.signature.signature import Signature
from sigstats.stats.curves.fit import KnobAxis

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Bounds = tuple[float, float] | Literal["auto"] | None

MOST_AT_ENDS = 0.2
PERCENT_FROM = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Curves of the treatments' mean, ready to be predicted from each other."""

    # shape (n_seeds, n_levels): metric on the common scale, not oriented, NaN where missing; each level
    # seen at two seeds, each seed at three levels
    values: FloatArray = field(repr=False)
    levels: FloatArray = field(repr=False)  # shape (n_levels,): in the knob's own units
    axis: KnobAxis  # the same levels for the fits
    scale: float  # units of the metric per unit of the common scale
    unit: str  # unit of the metric, with its scale
    notes: tuple[str, ...]  # what was left out or put together, in words

    @property
    def positive(self) -> bool:
        """Whether a power law can be asked for."""
        return self.axis.positive is not None and (self.axis.log_metric or bool(np.nanmin(self.values) > 0))

    @property
    def power_is_line(self) -> bool:
        """Whether knob and metric are both on the log scale, where a power law and a line are the same."""
        if self.axis.positive is None or not self.axis.log_metric:
            return False
        logs = np.log(self.axis.positive)
        return bool(np.allclose((logs - logs[0]) / (logs[-1] - logs[0]), self.axis.x))


def curves_of(
    sweep: Sweep, setting: LineSetting, signature: Signature, *, metric: str, dealing: int
) -> Curves:
    """Return the curves of a sweep."""
    oriented, columns = mean_curves_of(sweep, setting, np.random.default_rng(dealing))
    if not len(oriented):
        raise OptionError(
            "the treatments were not seen at the same levels, so they have no common mean curve. Compare shapes for "
            "one treatment at a time."
        )
    rows, kept = _common(~np.isnan(oriented))
    if rows.sum() < MIN_SEEDS or kept.sum() < MIN_LEVELS:
        raise OptionError(
            f"only {rows.sum()} seeds and {kept.sum()} levels are left once each level is seen at two seeds and each "
            "seed at 3 levels; 3 seeds and 3 levels are needed. Run the seeds at the same levels."
        )
    levels, x = sweep.levels[columns][kept], sweep.x[columns][kept]
    own = metric_scale(signature)
    return Curves(
        values=(oriented * sweep.orientation + sweep.centre)[np.ix_(rows, kept)],
        levels=levels,
        axis=KnobAxis(
            x=(x - x[0]) / (x[-1] - x[0]),
            positive=levels if levels[0] > 0 and own != "logit" else None,
            log_metric=own == "log",
        ),
        scale=sweep.scale,
        unit=metric if own == "linear" else f"{own} {metric}",
        notes=(*_left_out(rows, kept), *_about(sweep, int(rows.sum()))),
    )


def _common(seen: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return the seeds and the levels that stay: each level at two seeds or more, each seed at three levels or more."""
    rows, kept = np.ones(len(seen), dtype=bool), np.ones(seen.shape[1], dtype=bool)
    while True:
        now = seen & rows[:, None] & kept
        fewer_rows, fewer = now.sum(axis=1) >= MIN_LEVELS, now.sum(axis=0) >= 2
        if np.array_equal(fewer_rows, rows) and np.array_equal(fewer, kept):
            return rows, kept
        rows, kept = rows & fewer_rows, kept & fewer


def _left_out(rows: BoolArray, kept: BoolArray) -> tuple[str, ...]:
    notes = []
    if not kept.all():
        notes.append(
            f"{(~kept).sum()} of {kept.size} levels were left out: a level that one seed alone was seen at cannot be "
            "predicted from the others"
        )
    if not rows.all():
        notes.append(
            f"{(~rows).sum()} of {rows.size} seeds were left out: they were seen at fewer than 3 levels"
        )
    return tuple(notes)


def _about(sweep: Sweep, n_seeds: int) -> tuple[str, ...]:
    notes = []
    if n_seeds <= 5:
        notes.append(f"with {n_seeds} seeds, standard errors and weights are rough")
    if sweep.design == "independent":
        notes.append(
            "independent runs were dealt at random into curves; another `rng` deals them differently, and gives "
            "somewhat different numbers"
        )
    if len(sweep.treatments) > 1:
        notes.append(f"the curves are those of the mean of {len(sweep.treatments)} treatments")
    if sweep.controls:
        notes.append("controls take no part")
    if any(arm.n_copies for arm in sweep.treatments):
        notes.append("seeds that are copies of another were left out")
    if any(arm.n_excluded for arm in sweep.treatments):
        notes.append(
            "seeds with fewer than 3 levels or less than 80 % of their condition's range were left out"
        )
    if any(arm.n_trimmed for arm in sweep.treatments):
        notes.append("levels that fewer than half of a condition's runs reach were left out")
    if sweep.ranges == "common":
        notes.append("the conditions were cut to the range that they have in common")
    return tuple(notes)


def logit_curves(
    table: SweepTable, signature: Signature, bounds: Bounds, *, dealing: int
) -> tuple[Curves | None, tuple[str, ...]]:
    """Return the same curves on the logit scale, where the metric is bounded."""
    shape = signature.shape
    if bounds is None or shape.along is not None or metric_scale(signature) != "linear":
        return None, ()
    treatments, _ = roles(table, signature)
    raw = {name: table.matrix(name) for name in treatments}
    values = np.concatenate([matrix[~np.isnan(matrix)] for matrix in raw.values()])
    ends = _found_bounds(values) if bounds == "auto" else checked_bounds(bounds, values)
    if ends is None:
        return None, ()
    low, high = ends
    said = f"[{low:g}, {high:g}]"
    room, notes = _room((values - low) / (high - low), said)
    if bounds == "auto":
        notes = (f"{said} was taken for the range of the metric; pass bounds=None if it has none", *notes)
    if room is None:
        return None, notes
    inside = {name: np.clip((part - low) / (high - low), room, 1.0 - room) for name, part in raw.items()}
    seeds = {name: table.seeds(name) for name in treatments}
    made = SweepTable.from_matrices(table.levels, inside, seeds=seeds)
    asked = _on_logit(signature, treatments)
    named = dataclasses.replace(made, knob=table.knob, metric=table.metric)
    sweep = prepare(named, asked)
    setting = setting_of(named, asked, sweep)
    return curves_of(sweep, setting, asked, metric=table.metric, dealing=dealing), notes


def _room(shares: FloatArray, said: str) -> tuple[float | None, tuple[str, ...]]:
    """Return how far from the ends of [0, 1] values are kept, None where too many stand there; and what was done."""
    inside = shares[(shares > 0) & (shares < 1)]
    at_ends = shares.size - inside.size
    if at_ends > MOST_AT_ENDS * shares.size:
        share = (
            f"{at_ends / shares.size:.0%} of the values stand at an end of {said}, where there is no logit"
        )
        return None, (f"{share}: shapes were not compared on the logit scale",)
    room = float(np.minimum(inside, 1.0 - inside).min()) / 2.0
    if not at_ends:
        return room, ()
    what = f"{at_ends} {'value' if at_ends == 1 else 'values'} at an end of {said}"
    return room, (f"{what} moved inside for the logit, by half the distance of the nearest other value",)


def _on_logit(signature: Signature, treatments: tuple[str, ...]) -> Signature:
    changes: dict[str, Any] = {"shape": Increasing(), "metric_scale": "logit", "treatment": treatments}
    return dataclasses.replace(signature, control=None, paired=False, **changes)


def _found_bounds(values: FloatArray) -> tuple[float, float] | None:
    """Return [0, 1] where all values lie in it, [0, 100] where they also reach beyond its middle; else None."""
    low, high = float(values.min()), float(values.max())
    if low < 0 or low == high or high > 100 or 1 < high < PERCENT_FROM:
        return None
    return (0.0, 1.0) if high <= 1 else (0.0, 100.0)


def checked_bounds(bounds: Any, values: FloatArray) -> tuple[float, float]:  # noqa: ANN401 - it is checked here
    """Return declared bounds as two numbers around all values."""
    try:
        low, high = (float(end) for end in bounds)
    except (TypeError, ValueError):
        low, high = 1.0, 0.0
    if isinstance(bounds, str) or not (np.isfinite([low, high]).all() and low < high):
        raise OptionError(
            f"`bounds` is {bounds!r}; it must be the two ends of the metric's range, as in (0, 1), 'auto' to look for "
            "[0, 1] or [0, 100], or None."
        )
    if values.min() < low or values.max() > high:
        raise OptionError(
            f"`bounds` is {bounds!r}, and the metric runs from {values.min():g} to {values.max():g}; it must lie "
            "inside. Give the ends of its range, or None."
        )
    return low, high
