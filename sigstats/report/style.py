"""What the panels of the figure share: colours, glyphs, intervals, labels that do not overlap."""

import contextlib
import functools
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from sigstats.evidence.results import ArmEvidence, FloatArray, Role
from sigstats.report.escaping import told_apart, visible
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

INK, SOFT, FAINT = "#1c1e21", "#5b6168", "#d9dce0"
TREATMENT_COLOURS = ("#0072b2", "#b5478b", "#00805f", "#c65a00")  # told apart with any kind of colour vision
CONTROL_COLOURS = ("#5f6368", "#7d8187", "#2f3236", "#94989d")
CONTROL_DASHES = ((0, (5, 1.5)), (0, (1.5, 1.5)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 3)))
MOST_CONDITIONS = 4
LABEL_WIDTH = 22

_DRAWING = threading.RLock()
_STYLE: dict[str, Any] = {
    "text.usetex": False,
    "svg.hashsalt": "sigstats",  # the same verdict gives the same file
    "svg.fonttype": "path",
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is drawn with one colour: a condition, or all of one role where there are many.

    Attributes
    ----------
    label : str
        Name at the end of its line.
    role : str
        ``"treatment"`` or ``"control"``.
    colour : str
        Of lines, band and dots.
    dashes : str or tuple
        Line style of the mean.
    levels : ndarray, shape (n_levels,)
        Where on the knob.
    curves : ndarray, shape (n_lines, n_levels)
        One thin line each: a seed, or a condition's level means.
    scores : ndarray, shape (n_dots,)
        One dot each.
    arms : tuple of ArmEvidence
        The conditions in it.
    """

    label: str
    role: str
    colour: str
    dashes: Any
    levels: FloatArray
    curves: FloatArray
    scores: FloatArray
    arms: tuple[ArmEvidence, ...]


@contextlib.contextmanager
def plain_style() -> Iterator[None]:
    """Draw with the report's own style; what the user has set is as before afterwards.

    Fonts stay the user's, who may have chosen them for a script. Matplotlib's settings belong to the whole
    process, so one figure is drawn at a time.
    """
    import matplotlib as mpl

    with _DRAWING, mpl.rc_context():
        fonts = {name: mpl.rcParams[name] for name in ("font.family", "font.sans-serif")}
        defaults = {
            name: mpl.rcParamsDefault[name] for name in mpl.rcParams if not name.startswith("backend")
        }
        mpl.rcParams.update(defaults | fonts | _STYLE)  # type: ignore[arg-type]
        yield


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


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the wanted ones, at least `gap` apart, in the same order."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    placed: list[float] = []
    for at in order:
        least = placed[-1] + gap if placed else low
        placed.append(max(wanted[at], least))
    for at in range(len(placed) - 1, -1, -1):
        most = placed[at + 1] - gap if at + 1 < len(placed) else high
        placed[at] = min(placed[at], most)
    found = [0.0] * len(wanted)
    for at, position in zip(order, placed, strict=True):
        found[at] = position
    return found


def drawable(text: str) -> str:
    """Return the visible text with what the fonts in use cannot draw replaced by a mark."""
    covered = _glyphs(_font_files("normal")) & _glyphs(_font_files("bold"))
    return "".join(each if ord(each) in covered else "�" for each in visible(text))


def _font_files(weight: str) -> tuple[str, ...]:
    """Return the files of the fonts in use, and of the one that Matplotlib brings."""
    import matplotlib as mpl
    from matplotlib import font_manager

    families: list[str] = []
    params: dict[str, Any] = mpl.rcParams.copy()  # type: ignore[assignment]
    for family in mpl.rcParams["font.family"]:
        families.extend(params.get(f"font.{family}", [family]))
    files: list[str] = []
    for family in ("DejaVu Sans", *families):
        wanted = font_manager.FontProperties(family=family, weight=weight)
        with contextlib.suppress(ValueError):
            files.append(str(font_manager.findfont(wanted, fallback_to_default=False)))
    return tuple(files)


@functools.lru_cache(maxsize=8)
def _glyphs(files: tuple[str, ...]) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    found: set[int] = set()
    for file in files:
        found.update(FT2Font(file).get_charmap())
    return frozenset(found)


def finite_range(values: Sequence[float]) -> tuple[float, float]:
    """Return the smallest and the largest finite value, (0, 1) where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 1.0)
