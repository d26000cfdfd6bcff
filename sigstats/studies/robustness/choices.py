"""The choices that a signature leaves open: every analysis that a careful colleague might have run instead.

A choice is plain frozen data: a name, its options with a reason each, and the option that the signature declares.
`default_choices` lists them before anything is computed, from what the signature claims and what the table holds;
what does not make sense on a table (the logarithm of zero) is ruled out later, and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, unknown_option
from sigstats.evidence.conditions import roles
from sigstats.evidence.open_table import read_table
from sigstats.report.escaping import visible
from sigstats.shapes import Shape
from sigstats.signature.signature import Signature
from sigstats.studies.robustness.options import (
    ALL_LINES,
    AS_IT_IS,
    COLUMN_REASONS,
    DESIGN_REASONS,
    KNOB_REASONS,
    METRIC_REASONS,
    MISSING_REASONS,
    OTHER_LINES,
    PAIRED_REASONS,
    QUIET_FRACTIONS,
    REPEAT_REASONS,
    TREND_LINES,
    WHOLE,
    WINDOW_REASONS,
)

READING = frozenset({"line"})
NAMES = (
    "aggregate",
    "window",
    "missing",
    "design",
    "knob_scale",
    "metric_scale",
    "by_scale",
    "paired",
    "quiet_fraction",
    "line",
)


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
        ``"knob_scale"``, ``"metric_scale"``, ``"aggregate"``, ``"window"``, ``"line"``, ``"design"``, ``"missing"``,
        ``"paired"``, ``"quiet_fraction"`` or, for an effect that fades, ``"by_scale"``.
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
        return visible(f"{self.name}: {', '.join(names)}")


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
    table = read_table(data, signature)
    found = (
        _aggregate(table, signature),
        _window(signature.shape),
        _missing(table, signature),
        _design(table, signature),
        _knob_scale(signature),
        _metric_scale(signature),
        _by_scale(signature.shape),
        _paired(table, signature),
        _quiet_fraction(signature),
        None if signature.across_seeds == "majority" else _line(signature.shape),
    )
    return tuple(choice for choice in found if choice is not None and len(choice.options) > 1)


def checked_choices(choices: Sequence[Choice], signature: Signature) -> tuple[Choice, ...]:
    """Return choices in their canonical order, or refuse what is not a list of different choices."""
    for each in choices:
        if not isinstance(each, Choice):
            raise OptionError(
                f"`choices` holds {each!r}; it must hold Choice objects. Start from default_choices(data, signature)."
            )
    names = [each.name for each in choices]
    if len(set(names)) < len(names):
        raise OptionError(f"`choices` names {tuple(names)}; name each choice once.")
    if "by_scale" in names and signature.shape.along is None:
        raise OptionError(
            f"`choices` names 'by_scale', and the shape is {signature.shape.name!r}; only an effect that fades has a "
            "second column with a scale. Leave the choice out."
        )
    return tuple(sorted(choices, key=lambda each: NAMES.index(each.name)))


def declared_first(choice: Choice) -> list[str]:
    """Return the names of the options, the declared one first."""
    return [choice.declared, *(each.name for each in choice.options if each.name != choice.declared)]


def recurs(table: SweepTable, signature: Signature) -> bool:
    """Return whether the analysis as declared takes seeds as runs that are seen at several levels."""
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
    usual: tuple[str, ...] = ("mean", "median", "trimmed mean", "interquartile mean")
    if signature.shape.along is not None:
        usual = usual[:2]
    options = usual if declared in usual else (declared, *usual)
    return _choice("aggregate", REPEAT_REASONS, options, declared)


def _window(shape: Shape) -> Choice | None:
    if shape.levels_to_spare == "none":
        return None
    options = tuple(WINDOW_REASONS) if shape.levels_to_spare == "half" else tuple(WINDOW_REASONS)[:3]
    return _choice("window", WINDOW_REASONS, options, WHOLE)


def _missing(table: SweepTable, signature: Signature) -> Choice | None:
    gaps = any(_broken_off(table.matrix(name)) for group in roles(table, signature) for name in group)
    if not gaps or not recurs(table, signature):
        return None
    return _choice("missing", MISSING_REASONS, tuple(MISSING_REASONS), AS_IT_IS)


def _broken_off(matrix: NDArray[np.float64]) -> bool:
    """Return whether a seed lacks a level at which its condition was seen."""
    seen = np.isfinite(matrix)
    return not seen[:, seen.any(axis=0)].all()


def _design(table: SweepTable, signature: Signature) -> Choice | None:
    # Pairs and counts of seeds need runs that are followed along the knob.
    followed = signature.paired or signature.across_seeds == "majority"
    if signature.design != "auto" or followed or not recurs(table, signature):
        return None
    return _choice("design", DESIGN_REASONS, tuple(DESIGN_REASONS), "repeated")


def _knob_scale(signature: Signature) -> Choice | None:
    if not signature.shape.knob_scale_open or signature.knob_scale == "fraction":
        return None
    return _choice("knob_scale", KNOB_REASONS, tuple(KNOB_REASONS), signature.knob_scale)


def _metric_scale(signature: Signature) -> Choice | None:
    shape = signature.shape
    if not shape.metric_scale_open:
        return None
    options: tuple[str, ...] = ("linear", "log", "logit")
    if shape.holds_for_ranks:
        options = (*options, "rank")
    return _choice("metric_scale", METRIC_REASONS, options, signature.metric_scale)


def _by_scale(shape: Shape) -> Choice | None:
    if shape.along is None:
        return None
    return _choice("by_scale", COLUMN_REASONS, tuple(COLUMN_REASONS), shape.knob_scale or "linear")


def _paired(table: SweepTable, signature: Signature) -> Choice | None:
    if not signature.control or signature.shape.positive_control or signature.paired:
        return None
    if not recurs(table, signature) or not share_labels(table, signature):
        return None
    return _choice("paired", PAIRED_REASONS, tuple(PAIRED_REASONS), "no")


def share_labels(table: SweepTable, signature: Signature) -> bool:
    """Return whether every condition of a signature was run with the same seed labels."""
    labels = {frozenset(table.seeds(name)) for group in roles(table, signature) for name in group}
    return len(labels) == 1


def _quiet_fraction(signature: Signature) -> Choice | None:
    if not signature.control or signature.shape.positive_control:
        return None
    declared = str(signature.quiet_fraction)
    values = sorted({*QUIET_FRACTIONS, signature.quiet_fraction})
    options = tuple(
        Option(name=str(value), reason=f"a quiet control carries less than {value:g} of the effect")
        for value in values
    )
    return Choice(name="quiet_fraction", options=options, declared=declared)


def _line(shape: Shape) -> Choice:
    reasons = TREND_LINES if shape.is_trend else OTHER_LINES
    return _choice("line", reasons, tuple(reasons), ALL_LINES)
