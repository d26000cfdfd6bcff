"""The choices that a signature leaves open: every analysis that a careful colleague might have run instead.

A choice is plain frozen data: a name, its options with a reason each, and the option that the signature declares.
`default_choices` lists them before anything is computed, from what the signature claims and what the table holds;
what makes no sense on a table (the logarithm of zero) is ruled out later, and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sigstats.detection import read_table
from sigstats.errors import OptionError, SignatureError, unknown_option
from sigstats.evidence.arms import roles
from sigstats.shapes import Shape
from sigstats.signature import Signature
from sigstats.table import SweepTable

ALL_LINES = "all"
WHOLE = "whole range"
AS_IT_IS = "as it is"
COMPLETE = "complete seeds"

# Claims about bends belong to a scale; claims about every level, and contrasts by level, do not look at the knob.
BENDS = frozenset({"concave", "convex", "custom", "linear", "power_law", "saturating", "threshold"})
KNOB_BLIND = frozenset({"above", "below", "flat", "ordered"})
MONOTONE = frozenset({"decreasing", "increasing"})
QUIET_FRACTIONS = (0.33, 0.5, 0.67)

KNOB_REASONS = {
    "linear": "equal steps of the knob count the same",
    "log": "equal ratios of the knob count the same",
    "rank": "neighbouring levels are one step apart, whatever lies between them",
}
METRIC_REASONS = {
    "linear": "differences of the metric count as they are",
    "log": "ratios of the metric count; suits multiplicative effects and noise",
    "logit": "odds count; suits shares near 0 or 1",
    "rank": "only the order of the levels within a seed counts; no value can dominate",
}
REPEAT_REASONS = {
    "mean": "every measurement counts the same",
    "median": "one wild measurement cannot move it",
    "trimmed mean": "the lowest and highest tenth of a cell's measurements, at least one each, are left out",
    "interquartile mean": "the mean of the middle half of a cell's measurements",
    "min": "the best case, where smaller is better",
    "max": "the best case, where larger is better",
}
WINDOW_REASONS = {
    WHOLE: "the range that was swept",
    "without the first level": "the first level may be a special case, such as a knob that is switched off",
    "without the last level": "the last level may be a special case, and has the most leverage",
    "lower half": "the claim should not rest on the upper levels alone",
    "upper half": "the claim should not rest on the lower levels alone",
}
DESIGN_REASONS = {
    "repeated": "a label that recurs is one run seen at several levels; valid either way",
    "independent": "every cell is a fresh run, whatever its label",
}
MISSING_REASONS = {
    AS_IT_IS: "a seed counts with the levels that it has",
    COMPLETE: "seeds that broke off may be a selection",
}
TREND_LINES = {
    ALL_LINES: "all three lines must agree",
    "trend": "the rank test of the scores alone",
    "interval": "the bound of the mean effect alone",
    "slopes": "the posterior of the mean effect alone",
}
OTHER_LINES = {
    ALL_LINES: "test and posterior must agree",
    "test": "the t test of the scores alone",
    "posterior": "the posterior of the mean score alone",
}
READING = frozenset({"line"})
ON_TABLE = frozenset({"aggregate", "missing", "window"})
NAMES = ("aggregate", "window", "missing", "design", "knob_scale", "metric_scale", "quiet_fraction", "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to make a choice.

    Attributes
    ----------
    name : str
        What it is called, such as ``"log"``.
    reason : str
        Why somebody would choose it.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice that an analysis has to make, and the ways to make it.

    Attributes
    ----------
    name : str
        ``"knob_scale"``, ``"metric_scale"``, ``"aggregate"``, ``"window"``, ``"line"``, ``"design"``, ``"missing"`` or
        ``"quiet_fraction"``.
    options : tuple of Option
        The ways, the declared one among them.
    declared : str
        Name of the option that the signature declares.
    """

    name: str
    options: tuple[Option, ...]
    declared: str

    def __post_init__(self) -> None:
        names = [option.name for option in self.options]
        if self.name not in NAMES:
            raise OptionError(unknown_option("name", self.name, NAMES))
        if len(set(names)) < len(names):
            raise OptionError(f"the choice {self.name!r} lists {names}; list each option once.")
        if self.declared not in names:
            raise OptionError(
                f"the choice {self.name!r} lists {tuple(names)} without {self.declared!r}, which the signature "
                "declares; keep the declared option, so that there is something to compare with."
            )

    def only(self, *names: str) -> "Choice":
        """Return the choice with fewer options; the declared one stays.

        Parameters
        ----------
        *names : str
            Options to keep.

        Returns
        -------
        Choice
            Options in their old order.

        Examples
        --------
        >>> options = tuple(Option(name=name, reason="") for name in ("linear", "log", "rank"))
        >>> choice = Choice(name="knob_scale", options=options, declared="linear")
        >>> [option.name for option in choice.only("log").options]
        ['linear', 'log']
        """
        known = [option.name for option in self.options]
        for name in names:
            if name not in known:
                raise OptionError(unknown_option(self.name, name, known))
        kept = tuple(option for option in self.options if option.name in {*names, self.declared})
        return replace(self, options=kept)

    def __str__(self) -> str:
        """Return the choice with its options as one line, the declared one marked."""
        names = [f"*{each.name}" if each.name == self.declared else each.name for each in self.options]
        return f"{self.name}: {', '.join(names)}"


def default_choices(data: Any, signature: Signature) -> tuple[Choice, ...]:  # noqa: ANN401 - see detect
    """Return the choices that a signature and a table leave open, before anything is decided.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `sigstats.detect`.
    signature : Signature
        What was predicted.

    Returns
    -------
    tuple of Choice
        Each with two options at least. Scales are left open only where the claim does not belong to one: the bend
        of a curve does. A choice can be narrowed with `Choice.only`, or left out.

    Notes
    -----
    The sweep is read, and the verdict is not looked at: what is listed depends on the claim, on which conditions, seeds
    and levels there are, and on whether cells are missing or repeated; never on how large the metric is.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> sweep = simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=5)
    >>> for choice in default_choices(sweep, Signature(shape="increasing", control="control")):
    ...     print(choice)
    window: *whole range, without the first level, without the last level, lower half, upper half
    design: *repeated, independent
    knob_scale: *linear, log, rank
    metric_scale: *linear, log, logit, rank
    quiet_fraction: 0.33, *0.5, 0.67
    line: *all, trend, interval, slopes
    """
    refuse_fades(signature)
    table = read_table(data, signature)
    found = (
        _aggregate(table, signature),
        _window(signature.shape),
        _missing(table, signature),
        _design(table, signature),
        _knob_scale(signature),
        _metric_scale(signature, repeated=recurs(table, signature)),
        _quiet_fraction(signature),
        _line(signature.shape),
    )
    return tuple(choice for choice in found if choice is not None and len(choice.options) > 1)


def refuse_fades(signature: Signature) -> None:
    """Refuse the shape whose sweep is made of effects rather than of cells.

    Parameters
    ----------
    signature : Signature
        What was predicted.

    Raises
    ------
    SignatureError
        If the shape is ``"fades"``.
    """
    if signature.shape.name == "fades":
        raise SignatureError(
            "`shape` is 'fades', whose sweep is made of effects rather than of cells; its robustness is not computed. "
            "Ask for the robustness of the effect itself, with `where` at one level of the column that it fades along."
        )


def checked_choices(choices: Sequence[Choice], signature: Signature) -> tuple[Choice, ...]:
    """Return choices in their canonical order, or refuse what is not a list of different choices.

    Parameters
    ----------
    choices : sequence of Choice
        As the user wants them.
    signature : Signature
        What was predicted.

    Returns
    -------
    tuple of Choice
        Sorted by the order in which they take effect.

    Raises
    ------
    OptionError
        If something else is among them, or a choice comes twice.
    """
    for each in choices:
        if not isinstance(each, Choice):
            raise OptionError(
                f"`choices` holds {each!r}; it must hold Choice objects. Start from default_choices(data, signature)."
            )
    names = [each.name for each in choices]
    if len(set(names)) < len(names):
        raise OptionError(f"`choices` names {tuple(names)}; name each choice once.")
    refuse_fades(signature)
    return tuple(sorted(choices, key=lambda each: NAMES.index(each.name)))


def recurs(table: SweepTable, signature: Signature) -> bool:
    """Return whether the analysis as declared takes seeds as runs that are seen at several levels.

    Parameters
    ----------
    table, signature
        The sweep, and what was predicted.

    Returns
    -------
    bool
        False for independent runs.
    """
    if signature.design != "auto":
        return signature.design == "repeated"
    names = [name for group in roles(table, signature) for name in group]
    return all(bool((np.isfinite(table.matrix(name)).sum(axis=1) > 1).any()) for name in names)


def _choice(name: str, reasons: dict[str, str], options: Sequence[str], declared: str) -> Choice:
    made = tuple(Option(name=option, reason=reasons[option]) for option in options)
    return Choice(name=name, options=made, declared=declared)


def _aggregate(table: SweepTable, signature: Signature) -> Choice | None:
    declared = signature.aggregate
    if declared is None or not any(note.code == "repeats_aggregated" for note in table.notes):
        return None
    usual = ("mean", "median", "trimmed mean", "interquartile mean")
    options = usual if declared in usual else (declared, *usual)
    return _choice("aggregate", REPEAT_REASONS, options, declared)


def _window(shape: Shape) -> Choice | None:
    if shape.name == "ordered":
        return None
    whole_claim = shape.name in MONOTONE | {"above", "below", "flat"}
    options = tuple(WINDOW_REASONS) if whole_claim else tuple(WINDOW_REASONS)[:3]
    return _choice("window", WINDOW_REASONS, options, WHOLE)


def _missing(table: SweepTable, signature: Signature) -> Choice | None:
    gaps = any(np.isnan(table.matrix(name)).any() for name in table.conditions)
    if not gaps or not recurs(table, signature):
        return None
    return _choice("missing", MISSING_REASONS, tuple(MISSING_REASONS), AS_IT_IS)


def _design(table: SweepTable, signature: Signature) -> Choice | None:
    if signature.design != "auto" or signature.paired or not recurs(table, signature):
        return None
    return _choice("design", DESIGN_REASONS, tuple(DESIGN_REASONS), "repeated")


def _knob_scale(signature: Signature) -> Choice | None:
    shape = signature.shape
    if shape.knob_scale is not None or shape.name in BENDS | KNOB_BLIND:
        return None
    return _choice("knob_scale", KNOB_REASONS, tuple(KNOB_REASONS), signature.knob_scale)


def _metric_scale(signature: Signature, *, repeated: bool) -> Choice | None:
    shape = signature.shape
    if shape.metric_scale is not None or shape.unit != "metric" or not shape.sized or shape.name in BENDS:
        return None
    options: tuple[str, ...] = ("linear", "log", "logit")
    if repeated and shape.name in MONOTONE:
        options = (*options, "rank")
    return _choice("metric_scale", METRIC_REASONS, options, signature.metric_scale)


def _quiet_fraction(signature: Signature) -> Choice | None:
    if not signature.control or signature.shape.positive_control:
        return None
    declared = str(signature.quiet_fraction)
    values = sorted({*QUIET_FRACTIONS, signature.quiet_fraction})
    options = tuple(
        Option(
            name=str(value),
            reason=f"a quiet control carries less than {value:g} of the effect",
        )
        for value in values
    )
    return Choice(name="quiet_fraction", options=options, declared=declared)


def _line(shape: Shape) -> Choice:
    reasons = TREND_LINES if shape.is_trend else OTHER_LINES
    return _choice("line", reasons, tuple(reasons), ALL_LINES)
