"""What a figure of a verdict draws: a trace for each condition, or one for many, with level means and intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from sigstats.evidence.results import ArmEvidence, FloatArray, Role
from sigstats.report.escaping import told_apart
from sigstats.report.style import drawable
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

TREATMENT_COLOURS = ("#0072b2", "#b5478b", "#00805f", "#c65a00")  # told apart with any kind of colour vision
CONTROL_COLOURS = ("#5f6368", "#7d8187", "#2f3236", "#94989d")
CONTROL_DASHES = ((0, (5, 1.5)), (0, (1.5, 1.5)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 3)))
MARKERS = ("o", "s", "^", "D")  # told apart without colour
MOST_CONDITIONS = 4
LABEL_WIDTH = 72  # beyond which a name is cut; shorter ones are broken into lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is drawn with one colour: a condition, or all of one role where there are many."""

    label: str  # at the end of its line
    role: str
    colour: str  # of lines, band and dots
    dashes: Any  # line style of the mean
    marker: str
    levels: FloatArray
    curves: FloatArray  # shape (n_lines, n_levels): a line per seed, or a condition's level means
    scores: FloatArray  # a dot each
    arms: tuple[ArmEvidence, ...]


def traces(verdict: Decision) -> list[Trace]:
    """Return what is drawn, treatments first."""
    found: list[Trace] = []
    roles: tuple[Role, ...] = ("treatment", "control")
    for role in roles:
        arms = [arm for arm in names.arms(verdict, role) if len(arm.levels)]
        if len(arms) > MOST_CONDITIONS:
            found.append(_pooled(arms, role))
        else:
            labels = told_apart([arm.condition for arm in arms], LABEL_WIDTH)
            found.extend(
                _single(arm, label, at) for at, (arm, label) in enumerate(zip(arms, labels, strict=True))
            )
    return found


def _single(arm: ArmEvidence, label: str, at: int) -> Trace:
    colour, dashes = _look(arm.role, at)
    return Trace(
        label=drawable(label),
        role=arm.role,
        colour=colour,
        dashes=dashes,
        marker=MARKERS[at],
        levels=arm.levels,
        curves=arm.curves,
        scores=arm.scores,
        arms=(arm,),
    )


def _pooled(arms: Sequence[ArmEvidence], role: str) -> Trace:
    levels = np.unique(np.concatenate([arm.levels for arm in arms]))
    curves = np.full((len(arms), len(levels)), np.nan)
    for row, arm in zip(curves, arms, strict=True):
        row[np.searchsorted(levels, arm.levels)] = level_means(arm.curves)
    colour, dashes = _look(role, 0)
    return Trace(
        label=names.counted(len(arms), role),
        role=role,
        colour=colour,
        dashes=dashes,
        marker=MARKERS[0],
        levels=levels,
        curves=curves,
        scores=np.array([arm.effect.value for arm in arms]),
        arms=tuple(arms),
    )


def _look(role: str, at: int) -> tuple[str, Any]:
    if role == "treatment":
        return TREATMENT_COLOURS[at], "-"
    return CONTROL_COLOURS[at], CONTROL_DASHES[at]


def level_means(curves: FloatArray) -> FloatArray:
    """Return the mean of each level over the rows that have it; NaN where none has."""
    present = np.isfinite(curves)
    counts = present.sum(axis=0)
    unit = _unit(curves)
    sums = np.where(present, curves / unit, 0.0).sum(axis=0)
    means: FloatArray = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    return means * unit


def _unit(curves: FloatArray) -> float:
    """Return a power of two by which values of any size can be divided, so that no sum or square overflows."""
    largest = float(np.abs(curves[np.isfinite(curves)]).max(initial=0.0))
    return float(np.ldexp(1.0, int(np.clip(np.frexp(largest)[1], -1000, 1000)))) if largest > 0 else 1.0


def level_intervals(curves: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return Student's t interval of each level's mean across rows, for display."""
    present = np.isfinite(curves)
    counts = present.sum(axis=0)
    means, unit = level_means(curves), _unit(curves)
    squares = np.where(present, (curves / unit - means / unit) ** 2, 0.0).sum(axis=0)
    enough = counts > 2
    variance = np.divide(squares, counts * (counts - 1.0), out=np.full(counts.shape, np.nan), where=enough)
    quantile = special.stdtrit(np.maximum(counts - 1, 1), 1 - alpha)
    half = quantile * np.sqrt(variance) * unit
    return means - half, means + half
