"""Draw the figures of shapes.md: ``python docs/explanation/make_shape_figures.py [NAME ...]``.

For every shape two simulated sweeps: one that has it, and one that comes near without having it. Curves are drawn as
reports draw them, with the verdict as title; the random streams are fixed.
"""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sigstats import SweepTable, Verdict, detect
from sigstats.report.style import STATUS_COLOURS, plain_style
from sigstats.shapes import Custom
from sigstats.verdict.figure.curves import draw_curves
from sigstats.verdict.figure.labels import place_labels

FOLDER = Path(__file__).parent / "shapes"
LEVELS = np.arange(0.0, 55.0, 5.0)
LOG_LEVELS = np.logspace(0.0, 3.0, 10).round(1)
SIZES = np.logspace(0.0, 3.0, 10).round(2)  # on which noise is added, not multiplied
ENTROPY = 20270401
SIZE = (8.4, 2.9)
Form = Callable[[np.ndarray], np.ndarray]


def hinge(x: np.ndarray) -> np.ndarray:
    """Return nothing up to 0.4, then a rise."""
    return np.clip((x - 0.4) / 0.6, 0.0, 1.0)


def levelling(x: np.ndarray) -> np.ndarray:
    """Return an early rise that levels off."""
    return 1.0 - np.exp(-7.0 * x)


def roof(x: np.ndarray) -> np.ndarray:
    """Return a rise and a fall."""
    return 1.0 - np.abs(2.0 * x - 1.0)


def spiky(x: np.ndarray) -> np.ndarray:
    """Return a step with two spikes."""
    return 0.5 * (x > 0.5) + np.isin(x.round(3), (0.2, 0.7)) * 1.5


def ends(_levels: np.ndarray, values: np.ndarray) -> float:
    """Return by how much the median of the last three levels exceeds that of the first three."""
    return float(np.median(values[-3:]) - np.median(values[:3]))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A shape, a mean curve that has it, and one that comes near."""

    shape: Any
    has: Form
    near: Form
    options: dict[str, Any] = field(default_factory=dict)
    levels: np.ndarray = field(default_factory=lambda: LEVELS)
    noise: float = 0.35


PAIRS: dict[str, Pair] = {
    "increasing": Pair(
        shape="increasing", has=levelling, near=lambda x: np.where(x < 0.6, x / 0.6, 1 - 1.6 * (x - 0.6))
    ),
    "linear": Pair(shape="linear", has=lambda x: 1.5 * x, near=np.square),
    "flat": Pair(
        shape={"name": "flat", "margin": 0.75}, has=np.zeros_like, near=lambda x: 0.5 * roof(x), noise=0.3
    ),
    "saturating": Pair(shape="saturating", has=levelling, near=lambda x: x**0.8, noise=0.15),
    "threshold-hinge": Pair(
        shape="threshold", has=lambda x: 1.5 * hinge(x), near=lambda x: x + 0.8 * hinge(x)
    ),
    "threshold-step": Pair(
        shape={"name": "threshold", "form": "step"},
        has=lambda x: (x > 0.5) * 1.0,
        near=lambda x: 1.0 / (1.0 + np.exp(-9.0 * (x - 0.5))),
    ),
    "sigmoid": Pair(
        shape="sigmoid",
        has=lambda x: 1.0 / (1.0 + np.exp(-14.0 * (x - 0.5))),
        near=lambda x: np.where(x < 0.35, 0.0, np.where(x < 0.65, 0.5, 1.0)),
    ),
    "peak": Pair(shape="peak", has=roof, near=levelling),
    "convex": Pair(shape="convex", has=np.square, near=lambda x: 1.0 / (1.0 + np.exp(-12.0 * (x - 0.5)))),
    "power_law": Pair(
        shape={"name": "power_law", "exponent": (-0.6, -0.2)},
        has=lambda u: np.exp(-0.4 * u * np.log(1000.0)),
        near=lambda u: np.exp(-0.4 * u * np.log(1000.0)) + 0.5,
        levels=LOG_LEVELS,
        noise=0.03,
    ),
    "scaling_law": Pair(
        shape="scaling_law",
        has=lambda x: (1.0 + 999.0 * x) ** -0.34,
        near=lambda x: 1.0 - np.log1p(999.0 * x) / np.log(1000.0),
        levels=SIZES,
        noise=0.04,
    ),
    "above": Pair(
        shape={"name": "above", "value": 2.0},
        has=lambda x: 0.9 + 0.15 * np.sin(5 * x),
        near=lambda x: 1.1 - 0.8 * hinge(x),
    ),
    "ordered": Pair(
        shape={"name": "ordered", "weights": (-1, -1, -1, -1, -1, 0, 1, 1, 1, 1, 1)},
        has=lambda x: (x > 0.5) * 0.5,
        near=lambda x: 0.5 * roof(x),
    ),
    "custom": Pair(
        shape=Custom(function=ends, says="ends higher than it starts"),
        has=spiky,
        near=lambda x: 0.6 * roof(x),
    ),
}


def table(pair: Pair, form: Form, rng: np.random.Generator, n_seeds: int = 8) -> SweepTable:
    """Return a simulated sweep."""
    logarithmic = pair.levels is LOG_LEVELS
    x = np.log(pair.levels) if logarithmic else pair.levels
    x = (x - x[0]) / np.ptp(x)
    noise = pair.noise * rng.standard_normal((n_seeds, x.size))
    shift = 0.5 * pair.noise * rng.standard_normal((n_seeds, 1))
    mean = 4.0 * form(x)
    return SweepTable.from_matrices(
        pair.levels, {"runs": mean * np.exp(noise + shift) if logarithmic else mean + noise + shift}
    )


def fading(course: tuple[float, ...], rng: np.random.Generator) -> pd.DataFrame:
    """Return a sweep whose effect follows a course along the training step."""
    rows = [
        (seed, step, knob, effect * knob / 5 + 0.5 * rng.standard_normal(), "runs")
        for seed in range(8)
        for step, effect in zip((1, 3, 10, 32, 100, 316, 1000), course, strict=True)
        for knob in range(6)
    ]
    return pd.DataFrame(rows, columns=["seed", "step", "knob", "metric", "condition"])


def verdicts(name: str) -> tuple[Verdict, Verdict]:
    """Return the two verdicts of a figure."""
    streams = np.random.default_rng([ENTROPY, len(name), sum(map(ord, name))]).spawn(2)
    if name == "fades":
        shape = {"name": "fades", "by": "step", "by_scale": "log"}
        courses = ((4.0, 3.6, 3.0, 2.2, 1.2, 0.6, 0.3), (4.0, 2.8, 1.6, 0.4, -0.8, -2.0, -3.2))
        return tuple(  # type: ignore[return-value]
            detect(fading(course, rng), shape=shape) for course, rng in zip(courses, streams, strict=True)
        )
    pair = PAIRS[name]
    return tuple(  # type: ignore[return-value]
        detect(table(pair, form, rng), shape=pair.shape, **pair.options)
        for form, rng in zip((pair.has, pair.near), streams, strict=True)
    )


def draw(name: str) -> None:
    """Draw one figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    with plain_style():
        figure = Figure(figsize=SIZE, dpi=90, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        for axes, verdict in zip(figure.subplots(1, 2), verdicts(name), strict=True):
            draw_curves(axes, verdict)
            because = f": {', '.join(verdict.reasons)}" if verdict.reasons else ""
            axes.set_title(
                f"{verdict.status.upper()}{because}", color=STATUS_COLOURS[verdict.status], fontsize=11
            )
        buffer = io.BytesIO()
        figure.draw_without_rendering()
        place_labels(figure.axes)
        figure.savefig(buffer)
        Image.open(buffer).convert("RGB").quantize(96).save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    """Draw the figures that were asked for, or all."""
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or (*PAIRS, "fades"):
        draw(name)


if __name__ == "__main__":
    main()
