"""What is shown of one treatment, in one sentence."""

import math

from sigstats.evidence.reason import Reason
from sigstats.report.numbers import interval, percent, pvalue
from sigstats.studies.baseline.judge import FEWEST
from sigstats.studies.baseline.phrases import (
    controls,
    declared,
    difference,
    margin,
    quoted,
    several_controls,
)
from sigstats.studies.baseline.record import Against, Compared, GroupRuns
from sigstats.verdict.words import names


def why(found: Compared, row: Against) -> str:
    """Return one sentence on one treatment: what is shown of it, with the difference first."""
    who, size = quoted(row.condition), f"the difference is {difference(found, row)}"
    reason = row.reasons[0] if row.reasons else None
    if reason is Reason.TOO_FEW_SEEDS:
        few = names.listed(f"{quoted(each.condition)} has {len(each.scores)}" for each in short(found, row))
        return f"{who}: {size}; nothing is claimed from fewer than {FEWEST} runs ({few})."
    if reason is Reason.TOO_FEW_ITEMS:
        return f"{who}: {size}; nothing is claimed from fewer than {FEWEST} items ({row.n_items})."
    return f"{who}: {size}; {_said(found, row, reason)}."


def short(found: Compared, row: Against) -> list[GroupRuns]:
    """Return the conditions of a comparison, controls too, that have too few runs."""
    return [
        group
        for group in found.groups
        if (group.role != "treatment" or group.condition == row.condition) and len(group.scores) < FEWEST
    ]


def _said(found: Compared, row: Against, reason: Reason | None) -> str:
    shape, p, at = found.signature.shape, pvalue(row.pvalue), margin(found, row)
    against, small = pvalue(row.pvalue_against), pvalue(row.pvalue_small)
    shown = {
        "higher": f"it is shown to be higher ({p})",
        "lower": f"it is shown to be lower ({p})",
        "equivalent": f"it is shown to lie within the margin of {at} ({p})",
        "not_worse": f"it is shown not to be worse by the margin of {at} ({p})",
    }[shape.name]
    large = f"that it is {shape.name} by {at} or more is"
    missed = _no_size(found) if _sizeless(row) else f"the estimate lies below the margin of {at}"
    they_gain = "the controls gain" if several_controls(found) else "the control gains"
    words = {
        None: shown + (f", {_beyond(found, row)}" if row.contrast else ""),
        Reason.OPPOSITE: f"the opposite is shown ({against})",
        Reason.BELOW_MIN_EFFECT: f"{large} ruled out ({small})",
        Reason.NOT_EQUIVALENT: f"it is shown to lie outside the margin of {at} ({against})",
        Reason.WORSE: f"it is shown to be worse by more than {at} ({against})",
        Reason.UNDERPOWERED: _open(found, row),
        Reason.ZERO_VARIANCE: f"{constant(found, row)} do not vary, so that there is nothing to compare it with",
        Reason.WEAK: f"{shown}, but {large} ruled out ({small})",
        Reason.SIZE_UNRESOLVED: f"{shown}, but {missed}",
        Reason.ARTIFACT: f"{shown}, but {they_gain} at least 80% as much: {_beyond(found, row)}",
        Reason.UNSPECIFIC: f"{shown}, but {_who_gains(found, row)} more than {_part(found)}: {_beyond(found, row)}",
        Reason.CONTROL_UNRESOLVED: (
            f"{shown}, but not that {they_gain} less than {_part(found)}: {_beyond(found, row)}"
        ),
    }
    return words.get(reason, str(reason))


def _open(found: Compared, row: Against) -> str:
    """Return what is neither shown nor ruled out."""
    name, p, at = found.signature.shape.name, pvalue(row.pvalue), margin(found, row)
    against = pvalue(row.pvalue_against)
    if _sizeless(row):
        open_claim = name in ("equivalent", "not_worse")
        return _no_size(found) if open_claim else f"it is not shown to be {name} ({p}), and {_no_size(found)}"
    if name == "equivalent":
        return f"that they differ by less than {at} is neither shown ({p}) nor ruled out ({against})"
    if name == "not_worse":
        return f"that it is worse by {at} or more is neither ruled out ({p}) nor shown ({against})"
    said = f"it is not shown to be {name} ({p})"
    if row.margin is None:
        return f"{said}, and without min_effect no size can be ruled out"
    return f"{said}; that it is {name} by {at} or more is not ruled out ({pvalue(row.pvalue_small)})"


def _part(found: Compared) -> str:
    """Return the part of the treatment's gain that a quiet control stays below."""
    share = found.signature.quiet_fraction
    return "half of that" if share == 0.5 else f"{percent(share)} of that"


def _beyond(found: Compared, row: Against) -> str:
    """Return what the treatment gains beyond the control, and what the control gains itself."""
    if row.contrast is None or row.control is None:
        return "no control"
    mean = "the mean of " if several_controls(found) else ""
    return (
        f"by {interval(row.contrast)} more than {mean}{controls(found)}, which differs from the baseline by "
        f"{interval(row.control)}"
    )


def _who_gains(found: Compared, row: Against) -> str:
    """Return which controls gain: those that are shown to on their own, else all of them."""
    alone = [
        f"{quoted(each.condition)} ({pvalue(each.value)})"
        for each in row.criteria
        if each.condition and each.met
    ]
    if alone:
        return f"{names.listed(alone)} on {'its' if len(alone) == 1 else 'their'} own gain{'s' * (len(alone) == 1)}"
    return "the controls gain" if several_controls(found) else "the control gains"


def _sizeless(row: Against) -> bool:
    """Return whether the margin is a part of a mean that may be 0."""
    return row.margin is not None and math.isnan(row.margin)


def _no_size(found: Compared) -> str:
    return (
        f"the margin of {declared(found.signature.min_effect or 0.0)} has no size, since the baseline's mean is not "
        "shown to differ from 0"
    )


def constant(found: Compared, row: Against) -> str:
    """Return what has no variance: items, runs, or differences between those that belong together."""
    if found.population == "items":
        return "the differences of items"
    return "the differences within pairs" if row.pairing == "paired" else "the runs"
