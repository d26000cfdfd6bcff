"""What an option does to the table and to the signature, and which options make no sense together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sigstats.evidence.arms import MIN_SEEDS, rescaled_knob, roles
from sigstats.fields import KnobScale, MetricScale
from sigstats.robustness_choices import Choice, recurs, share_labels
from sigstats.robustness_options import COMPLETE, WHOLE
from sigstats.shapes import Fades
from sigstats.signature import Signature
from sigstats.table import SweepTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Options = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call of `sigstats.detect`.

    Attributes
    ----------
    table : SweepTable
        What it is given.
    signature : Signature
        What is asked.
    """

    table: SweepTable
    signature: Signature


def relevant(table: SweepTable, signature: Signature) -> SweepTable:
    """Return the conditions that a signature speaks of, at the levels where any of them was seen.

    Parameters
    ----------
    table, signature
        The sweep, and what was predicted.

    Returns
    -------
    SweepTable
        Smaller or equal.
    """
    names = sorted(name for group in roles(table, signature) for name in group)
    cells = {name: table.matrix(name) for name in names}
    seen = np.any([np.isfinite(each).any(axis=0) for each in cells.values()], axis=0)
    return rebuilt(table, cells, columns=np.flatnonzero(seen))


def rebuilt(
    table: SweepTable,
    cells: Mapping[str, FloatArray],
    *,
    seeds: Mapping[str, Sequence[str]] | None = None,
    columns: IntArray | None = None,
) -> SweepTable:
    """Return a table with other cells under the old names; seeds without a value are left out.

    Parameters
    ----------
    table : SweepTable
        Gives names, levels and notes.
    cells : mapping of str to ndarray, shape (n_seeds, n_levels)
        By condition; at the table's levels.
    seeds : mapping of str to sequence of str or None
        Labels of the rows; None means the table's own.
    columns : ndarray of int or None
        Levels to keep; None means all.

    Returns
    -------
    SweepTable
        A condition of which nothing is left is left out.
    """
    at = np.arange(table.levels.size) if columns is None else columns
    matrices, labels, names = [], [], []
    for name in sorted(cells):
        values = np.array(cells[name][:, at], dtype=float)
        seen = np.isfinite(values).any(axis=1)
        if not seen.any():
            continue
        own = table.seeds(name) if seeds is None else tuple(seeds[name])
        matrices.append(values[seen])
        labels.append(tuple(np.array(own, dtype=object)[seen].tolist()))
        names.append(name)
    return replace(
        table,
        conditions=tuple(names),
        levels=np.array(table.levels[at]),
        n_rows=int(sum(np.isfinite(each).sum() for each in matrices)),
        _seeds=tuple(labels),
        _matrices=tuple(matrices),
    )


def _in_window(n_levels: int, option: str) -> IntArray:
    every, half = np.arange(n_levels), (n_levels + 1) // 2
    chosen = {
        WHOLE: every,
        "without the first level": every[1:],
        "without the last level": every[:-1],
        "lower half": every[:half],
        "upper half": every[n_levels - half :],
    }
    return chosen[option]


def _fewest_levels(table: SweepTable) -> int:
    counts = [int(np.isfinite(table.matrix(name)).any(axis=0).sum()) for name in table.conditions]
    return min(counts, default=0)


def within(table: SweepTable, option: str) -> SweepTable:
    """Return the part of a table that lies in a window of levels.

    Parameters
    ----------
    table : SweepTable
        The sweep.
    option : str
        Name of the window.

    Returns
    -------
    SweepTable
        At the levels of the window.
    """
    if option == WHOLE:
        return table
    cells = {name: table.matrix(name) for name in table.conditions}
    return rebuilt(table, cells, columns=_in_window(table.levels.size, option))


def _whole_rows(table: SweepTable) -> dict[str, NDArray[np.bool_]]:
    """Return which seeds have every level at which their condition was seen."""
    found = {}
    for name in table.conditions:
        seen = np.isfinite(table.matrix(name))
        found[name] = np.asarray(seen[:, seen.any(axis=0)].all(axis=1))
    return found


def _complete(table: SweepTable) -> SweepTable:
    kept = _whole_rows(table)
    cells = {name: table.matrix(name)[rows] for name, rows in kept.items()}
    seeds = {name: np.array(table.seeds(name), dtype=object)[rows].tolist() for name, rows in kept.items()}
    return rebuilt(table, cells, seeds=seeds)


def ranked(table: SweepTable) -> SweepTable:
    """Return the table with the rank of each cell among all its cells in place of the metric, from 0 to 1.

    Parameters
    ----------
    table : SweepTable
        The sweep.

    Returns
    -------
    SweepTable
        Conditions, seeds and levels are ranked together; ties share the mean of their ranks.

    Notes
    -----
    One monotone transform of the metric for every run: runs stay apart, and effects keep their order, but not their
    ratios, since they are stretched where values are dense. A control that moves little makes its own values dense:
    with one treatment and no noise, a control with a quarter of the effect carries 10/13 of it on ranks, and the noise
    of a flat control fills half of all ranks. Claims with a control are therefore not analysed on them.

    References
    ----------
    W. J. Conover and R. L. Iman, "Rank transformations as a bridge between parametric and nonparametric statistics",
    The American Statistician 35 (1981), https://doi.org/10.1080/00031305.1981.10479327
    """
    values = [table.matrix(name) for name in table.conditions]
    joined = np.concatenate(values)
    seen = np.isfinite(joined)
    ranks = np.full(joined.shape, np.nan)
    ranks[seen] = (stats.rankdata(joined[seen]) - 1.0) / max(int(seen.sum()) - 1, 1)
    parts = np.split(ranks, np.cumsum([len(each) for each in values])[:-1])
    cells = dict(zip(table.conditions, parts, strict=True))
    return replace(rebuilt(table, cells), metric=f"rank of {table.metric}")


def carried_over(min_effect: float | None, typical: float, declared: str, other: str) -> float | None:
    """Return the smallest effect on another scale of the metric: as large, near the typical value, as on its own.

    Parameters
    ----------
    min_effect : float or None
        On the declared scale.
    typical : float
        A typical value of the metric, in its own unit.
    declared, other : str
        The two scales.

    Returns
    -------
    float or None
        None where none was declared, or ranks are analysed.

    Examples
    --------
    >>> carried_over(0.5, 10.0, "linear", "log")
    0.05
    """
    if min_effect is None or other == "rank":
        return None
    return min_effect * _derivative(other, typical) / _derivative(declared, typical)


def _derivative(scale: str, value: float) -> float:
    if scale == "linear":
        return 1.0
    return 1.0 / value if scale == "log" else 1.0 / (value * (1.0 - value))


def typical_value(table: SweepTable, signature: Signature) -> float:
    """Return the median of the treatments' values.

    Parameters
    ----------
    table, signature
        The sweep, and what was predicted.

    Returns
    -------
    float
        In units of the metric.
    """
    treatments, _ = roles(table, signature)
    return float(np.nanmedian(np.concatenate([table.matrix(name).ravel() for name in treatments])))


def why_not(
    table: SweepTable, signature: Signature, choices: Sequence[Choice], options: Options
) -> str | None:
    """Return why a combination of options makes no sense, or is another one under a different name.

    Parameters
    ----------
    table : SweepTable
        The sweep, with repeats reduced.
    signature : Signature
        What was predicted.
    choices : sequence of Choice
        What is varied.
    options : mapping of str to str
        One option per choice.

    Returns
    -------
    str or None
        The rule that was broken; None where the combination stands.
    """
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
    if isinstance(shape, Fades):
        return fault or _knob_fault(part, by_name.get("by_scale"), options)
    return (
        fault
        or _knob_fault(part, by_name.get("knob_scale"), options)
        or _metric_fault(part, signature, options)
    )


def _earlier(choice: Choice, option: str) -> list[str]:
    """Return the options that come before one, the declared one first."""
    names = [each.name for each in choice.options if each.name != choice.declared]
    names = [choice.declared, *names]
    return names[: names.index(option)]


def _same_window(table: SweepTable, choice: Choice | None, option: str) -> str | None:
    if choice is None:
        return None
    own = _in_window(table.levels.size, option).tolist()
    for other in _earlier(choice, option):
        if _in_window(table.levels.size, other).tolist() == own:
            return f"with so few levels, '{option}' is the same as '{other}'"
    return None


def _independent(table: SweepTable, signature: Signature, options: Options) -> bool:
    return options.get("design") == "independent" or not recurs(table, signature)


def _missing_fault(part: SweepTable, signature: Signature, options: Options) -> str | None:
    if options.get("missing") != COMPLETE:
        return None
    if _independent(part, signature, options):
        return "independent runs have no curve that could be complete"
    kept = _whole_rows(part)
    if all(rows.all() for rows in kept.values()):
        return "no cell is missing in the window, so that all seeds are complete"
    if min(int(rows.sum()) for rows in kept.values()) < MIN_SEEDS:
        return f"fewer than {MIN_SEEDS} seeds of a condition are complete"
    return None


def _pairs_fault(part: SweepTable, signature: Signature, options: Options) -> str | None:
    if options.get("paired") != "yes":
        return None
    if _independent(part, signature, options):
        return "independent runs have no label by which they could be paired"
    kept = _complete(part) if options.get("missing") == COMPLETE else part
    if not share_labels(kept, signature):
        return "treatment and control do not share all their labels there"
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
        return "ranks keep the order of effects but not their ratio, by which a control is held to be quiet"
    if option in ("linear", "rank"):
        return None
    values = np.concatenate([part.matrix(name).ravel() for name in part.conditions])
    values = values[np.isfinite(values)]
    if option == "log" and (values <= 0).any():
        return "a value of the metric at or below 0 has no logarithm"
    if option == "logit" and ((values <= 0) | (values >= 1)).any():
        return "the logit needs values of the metric strictly between 0 and 1"
    return None


def task_of(table: SweepTable, signature: Signature, options: Options, typical: float) -> Task:
    """Return the table and the signature that a combination of options means.

    Parameters
    ----------
    table : SweepTable
        The sweep, with repeats reduced.
    signature : Signature
        What was predicted.
    options : mapping of str to str
        One option per choice; of the line of evidence nothing is seen here.
    typical : float
        A typical value of the metric, at which the smallest effect is carried over to another scale.

    Returns
    -------
    Task
        For `sigstats.detect`.
    """
    part = within(table, options.get("window", WHOLE))
    if options.get("missing") == COMPLETE:
        part = _complete(part)
    changes: dict[str, Any] = {"where": None, "aggregate": None}
    changes |= {name: options[name] for name in ("knob_scale", "design") if name in options}
    if "paired" in options:
        changes["paired"] = options["paired"] == "yes"
    if "by_scale" in options and isinstance(signature.shape, Fades):
        changes["shape"] = replace(signature.shape, by_scale=cast("KnobScale", options["by_scale"]))
    if "quiet_fraction" in options:
        changes["quiet_fraction"] = float(options["quiet_fraction"])
    scale = options.get("metric_scale", signature.metric_scale)
    if scale != signature.metric_scale:
        changes["min_effect"] = carried_over(signature.min_effect, typical, signature.metric_scale, scale)
        changes["metric_scale"] = cast("MetricScale", "linear" if scale == "rank" else scale)
    if scale == "rank":
        part = ranked(part)
    return Task(table=part, signature=replace(signature, **changes))
