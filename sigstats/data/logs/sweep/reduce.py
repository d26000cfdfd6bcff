"""Reduce a metric of a run to one number: its last value, its value at a step, a mean, an extreme.

The number is one that was logged. A run whose last value is NaN has the value NaN; a run that ended early is not
continued; nothing is extrapolated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from sigstats.data.logs.model import Series
from sigstats.data.logs.sweep.events import Event, as_event
from sigstats.errors import OptionError, unknown_option

Align = Literal["exact", "nearest", "interpolate", "bin"]
Extreme = Literal["max", "min"]

_LOWER = re.compile(r"(?:^|[/_.\- ])(?:loss|losses|err|error|errors|ppl|perplexity|nll|mse|mae|rmse|bpb|bpc|wer|cer|regret)(?:$|[/_.\- ])")  # fmt: skip  # noqa: E501
_HIGHER = re.compile(r"(?:^|[/_.\- ])(?:acc|accuracy|reward|rewards|rew|return|returns|score|f1|auc|auroc|bleu|rouge|success|precision|recall|iou|map|r2)(?:$|[/_.\- ])")  # fmt: skip  # noqa: E501


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """How a run becomes one number."""

    kind: Literal["last", "max", "min", "step", "window", "first"]  # the kind of reduction
    count: int = 1  # for "last": how many last values the mean is taken of
    low: float = 0.0  # low, high: for "window": the steps, both included; for "step": both are the step
    high: float = 0.0
    event: Event | None = None  # for "first": the event
    guessed: bool = False  # whether the metric's name decided between "max" and "min"

    def __str__(self) -> str:
        """Return the reduction in words."""
        if self.kind == "last":
            return "the last value" if self.count == 1 else f"the mean of the last {self.count} values"
        if self.kind in ("max", "min"):
            return f"the {'largest' if self.kind == 'max' else 'smallest'} value"
        if self.kind == "step":
            return f"the value at step {self.low:g}"
        if self.kind == "window":
            return f"the mean over steps {self.low:g} to {self.high:g}"
        return f"the first step at which {self.event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The number of one run."""

    value: float | None  # None if it is missing
    why: str = ""  # why it is missing; else empty
    step: float = float("nan")  # the step of the value; NaN if there is none


def as_reduction(given: Any, metric: str | None) -> Reduction:  # noqa: ANN401 - checked here
    """Return a checked reduction."""
    if given == "best":
        return Reduction(kind=_better(metric), guessed=True)
    if given in ("last", "max", "min"):
        return Reduction(kind=given)
    if _is_number(given):
        return Reduction(kind="step", low=float(given), high=float(given))
    parts = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    if len(parts) == 2 and parts[0] == "last" and _is_count(parts[1]):
        return Reduction(kind="last", count=parts[1])
    if len(parts) == 2 and all(_is_number(part) for part in parts) and parts[0] <= parts[1]:
        return Reduction(kind="window", low=float(parts[0]), high=float(parts[1]))
    if parts and parts[0] == "first":
        return Reduction(kind="first", event=as_event("at", parts[1:]))
    raise OptionError(
        f"`at` is {given!r}; it must be 'last', ('last', 10), 'max', 'min', 'best', a step, a window (low, high) of "
        "steps, or ('first', metric, value)."
    )


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float | np.number)
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _better(metric: str | None) -> Extreme:
    """Return whether the best value is the largest or the smallest, by the metric's name."""
    name = (metric or "").lower()
    lower, higher = _LOWER.search(name), _HIGHER.search(name)
    if bool(lower) == bool(higher):
        raise OptionError(
            f"`at` is 'best', and the name {metric!r} does not show whether larger is better. Use at='max' or at='min'."
        )
    return "min" if lower else "max"


def as_align(given: object) -> Align:
    """Return the checked option `align`."""
    found: dict[object, Align] = {each: each for each in get_args(Align)}
    if not isinstance(given, str) or given not in found:
        raise OptionError(unknown_option("align", given, get_args(Align)))
    return found[given]


def reduce_series(series: Series, how: Reduction, align: Align) -> Value:
    """Return the number of one run."""
    if not series.steps.size:
        return Value(value=None, why="nothing was logged")
    if how.kind == "last":
        return _mean_of_last(series, how.count)
    if how.kind in ("max", "min"):
        return _extreme(series, largest=how.kind == "max")
    if how.kind == "window":
        return _in_window(series, how.low, how.high)
    return _at_step(series, how.low, align)


def _mean_of_last(series: Series, count: int) -> Value:
    if series.values.size < count:
        return Value(value=None, why=f"only {series.values.size} values were logged")
    return Value(value=float(series.values[-count:].mean()), step=float(series.steps[-1]))


def _extreme(series: Series, *, largest: bool) -> Value:
    """Return the extreme of the values, NaN left out; NaN if all are."""
    known = series.values[~np.isnan(series.values)]
    if not known.size:
        return Value(value=float("nan"), step=float(series.steps[-1]))
    best = known.max() if largest else known.min()
    return Value(value=float(best), step=float(series.steps[series.values == best][0]))


def _in_window(series: Series, low: float, high: float) -> Value:
    inside = (series.steps >= low) & (series.steps <= high)
    if not inside.any():
        return Value(value=None, why=f"nothing was logged at steps {low:g} to {high:g}")
    return Value(value=float(series.values[inside].mean()), step=float(series.steps[inside][-1]))


def _at_step(series: Series, step: float, align: Align) -> Value:
    """Return the value at a step, which must be within the logged range."""
    steps, values = series.steps, series.values
    near = int(np.argmin(np.abs(steps - step)))
    if steps[near] == step or (align == "nearest" and steps[0] <= step <= steps[-1]):
        return Value(value=float(values[near]), step=float(steps[near]))
    if align == "interpolate" and steps[0] <= step <= steps[-1]:
        return Value(value=float(np.interp(step, steps, values)), step=step)
    span = f"steps {steps[0]:g} to {steps[-1]:g} were logged, the nearest is {steps[near]:g}"
    return Value(value=None, why=f"nothing was logged at step {step:g} ({span})")
