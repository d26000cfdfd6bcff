"""Which options do not make sense together, or give the same analysis as others."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.scales import rescaled_knob
from sigstats.signature.fields import KnobScale
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.studies.robustness.choices import Choice, declared_first, recurs, share_labels
from sigstats.studies.robustness.options import COMPLETE, WHOLE
from sigstats.studies.robustness.variants import columns_in_window, complete_only, whole_rows, within

Options = Mapping[str, str]


def why_not(
    table: SweepTable, signature: Signature, choices: Sequence[Choice], options: Options
) -> str | None:
    """Return why a combination of options does not make sense, or which one it repeats."""
    by_name = {choice.name: choice for choice in choices}
    shape, window = signature.shape, options.get("window", WHOLE)
    part = within(table, window)
    if window != WHOLE and (
        _fewest_levels(part) < shape.min_levels or len(part.conditions) < len(table.conditions)
    ):
        return f"the window '{window}' has fewer than the {shape.min_levels} levels that {shape.name!r} needs"
    twin = _same_window(table, by_name.get("window"), window)
    if twin is not None:
        return twin
    fault = _missing_fault(part, signature, options) or _pairs_fault(part, signature, options)
    if shape.along is not None:
        return fault or _knob_fault(part, by_name.get("by_scale"), options)
    return (
        fault
        or _knob_fault(part, by_name.get("knob_scale"), options)
        or _metric_fault(part, signature, options)
    )


def _earlier(choice: Choice, option: str) -> list[str]:
    """Return the options that come before one, the declared one first."""
    names = declared_first(choice)
    return names[: names.index(option)]


def _same_window(table: SweepTable, choice: Choice | None, option: str) -> str | None:
    if choice is None:
        return None
    own = columns_in_window(table.levels.size, option).tolist()
    for other in _earlier(choice, option):
        if columns_in_window(table.levels.size, other).tolist() == own:
            return f"with so few levels, '{option}' is the same as '{other}'"
    return None


def _independent(table: SweepTable, signature: Signature, options: Options) -> bool:
    return options.get("design") == "independent" or not recurs(table, signature)


def _missing_fault(part: SweepTable, signature: Signature, options: Options) -> str | None:
    if options.get("missing") != COMPLETE:
        return None
    if _independent(part, signature, options):
        return "independent runs do not form curves that could be complete"
    kept = whole_rows(part)
    if all(rows.all() for rows in kept.values()):
        return "no cell is missing in the window, so all seeds are complete"
    if min(int(rows.sum()) for rows in kept.values()) < MIN_SEEDS:
        return f"fewer than {MIN_SEEDS} seeds of a condition are complete"
    return None


def _pairs_fault(part: SweepTable, signature: Signature, options: Options) -> str | None:
    if options.get("paired") != "yes":
        return None
    if _independent(part, signature, options):
        return "the labels of independent runs do not pair them"
    kept = complete_only(part) if options.get("missing") == COMPLETE else part
    if not share_labels(kept, signature):
        return "treatment and control do not share all seed labels in the window"
    return None


def _knob_fault(part: SweepTable, choice: Choice | None, options: Options) -> str | None:
    if choice is None:
        return None
    option = options[choice.name]
    if option == "log" and part.levels[0] <= 0:
        return "a level at or below 0 has no logarithm"
    own = _knob(part, option)
    for other in _earlier(choice, option):
        if (other != "log" or part.levels[0] > 0) and np.allclose(_knob(part, other), own, atol=1e-9):
            what = "column" if choice.name == "by_scale" else "knob"
            return f"at these levels the {what}'s {option} scale is the same as its {other} scale"
    return None


def _knob(part: SweepTable, option: str) -> FloatArray:
    return rescaled_knob(part.levels, cast("KnobScale", option), part.knob)


def _metric_fault(part: SweepTable, signature: Signature, options: Options) -> str | None:
    option = options.get("metric_scale", "linear")
    if option == "rank" and signature.control:
        return "ranks keep the order of effects but not their ratio, which decides whether a control is quiet"
    if option in ("linear", "rank"):
        return None
    values = np.concatenate([part.matrix(name).ravel() for name in part.conditions])
    values = values[np.isfinite(values)]
    if option == "log" and (values <= 0).any():
        return "a value of the metric at or below 0 has no logarithm"
    if option == "logit" and ((values <= 0) | (values >= 1)).any():
        return "the logit needs values of the metric strictly between 0 and 1"
    return None


def _fewest_levels(table: SweepTable) -> int:
    counts = [int(np.isfinite(table.matrix(name)).any(axis=0).sum()) for name in table.conditions]
    return min(counts, default=0)
