"""What a new shape adds for the tests: an entry in CASES, and one in SWEEPS.

CASES are curves that have the shape and curves that lack it, for its scores and its verdicts; SWEEPS are simulated
sweeps whose verdicts show how it is told in every report and figure.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigstats.shapes import (
    Above,
    Below,
    Concave,
    Convex,
    Custom,
    Decreasing,
    Fades,
    Flat,
    Increasing,
    Linear,
    Ordered,
    Peak,
    PowerLaw,
    Saturating,
    ScalingLaw,
    ScoreContext,
    Sigmoid,
    Threshold,
    Valley,
)

N_LEVELS = 9
X = np.linspace(0.0, 1.0, N_LEVELS)
BEND = np.clip((X - 0.4) / 0.6, 0.0, 1.0)
STEP = (X > 0.5).astype(float)
ROOF = 1.0 - np.abs(2.0 * X - 1.0)
LEVELLING = (1.0 - np.exp(-6.0 * X)) / (1.0 - np.exp(-6.0))
LOGISTIC = 1.0 / (1.0 + np.exp(-14.0 * (X - 0.5)))
LOG_LEVELS = np.logspace(0.0, 2.0, N_LEVELS)


def last_minus_first(levels, values):
    """Return a score of one's own, in units of the metric."""
    return values[-1] - values[0]


@dataclass(frozen=True)
class Case:
    """A shape, a curve that has it, and one that clearly has not, in units of 4."""

    shape: object
    clean: np.ndarray
    violation: np.ndarray
    levels: np.ndarray = dataclasses.field(default_factory=lambda: 10.0 * X)

    @property
    def x(self):
        """Levels on the knob's scale, rescaled."""
        x = np.log(self.levels) if self.shape.knob_scale == "log" else self.levels
        return (x - x[0]) / np.ptp(x)

    def setting(self, **changes):
        """Return what the shape needs to know beside curves."""
        options = {
            "x": self.x,
            "levels": self.levels,
            "alpha": 0.05,
            "orientation": self.shape.orientation,
            "scale": 1.0,
            "centre": 0.0,
            "min_effect": 2.0,
        }
        return ScoreContext(**(options | changes))

    def curves(self, curve, n_seeds=6, noise=0.02):
        """Return oriented curves of seeds that differ a little."""
        rng = np.random.default_rng(5)
        size = 1.0 + 0.05 * rng.standard_normal((n_seeds, 1))
        return self.shape.orientation * (
            4.0 * size * curve + noise * rng.standard_normal((n_seeds, curve.size))
        )


CASES = {
    "linear": Case(Linear(), X, ROOF),
    "linear falling": Case(Linear(direction="decreasing"), -X, np.square(X)),
    "flat": Case(Flat(), 0 * X, X),
    "flat margin": Case(Flat(margin=0.5), 0 * X, ROOF),
    "flat contrast": Case(Flat(by="contrast"), 0 * X, X),
    "saturating": Case(Saturating(), LEVELLING, X),
    "saturating falling": Case(Saturating(direction="decreasing"), -LEVELLING, -X),
    "hinge": Case(Threshold(), BEND, -BEND),
    "hinge falling": Case(Threshold(direction="decreasing"), -BEND, BEND),
    "step": Case(Threshold(form="step"), STEP, X),
    "hinge at an onset": Case(Threshold(onset=4.0), BEND, -BEND),
    "step at an onset": Case(Threshold(form="step", onset=6.0, direction="decreasing"), -STEP, -X),
    "step falling": Case(Threshold(form="step", direction="decreasing"), -STEP, -X),
    "sigmoid": Case(Sigmoid(), LOGISTIC, -LOGISTIC),
    "sigmoid falling": Case(Sigmoid(direction="decreasing"), -LOGISTIC, LOGISTIC),
    "peak": Case(Peak(), ROOF, X),
    "valley": Case(Valley(), -ROOF, X),
    "convex": Case(Convex(), np.square(X), ROOF),
    "concave": Case(Concave(), LEVELLING, np.square(X)),
    "power_law": Case(PowerLaw(), np.log(LOG_LEVELS) / 4, np.square(np.log(LOG_LEVELS)) / 4, LOG_LEVELS),
    "power_law range": Case(
        PowerLaw(exponent=(-1.5, -0.5)), -np.log(LOG_LEVELS) / 4, -np.log(LOG_LEVELS) / 16, LOG_LEVELS
    ),
    "scaling_law": Case(ScalingLaw(), 4.0 * LOG_LEVELS**-0.5, -np.log(LOG_LEVELS) / 4, LOG_LEVELS),
    "scaling_law rising": Case(
        ScalingLaw(direction="increasing", exponent=(0.3, 0.8)),
        -4.0 * LOG_LEVELS**-0.5,
        np.log(LOG_LEVELS) / 4,
        LOG_LEVELS,
    ),
    "above": Case(Above(value=-1.0), X, -X),
    "below": Case(Below(value=1.0), -X, X),
    "ordered": Case(Ordered(weights=(-1, -1, -1, 0, 0, 0, 1, 1, 1)), X, -X),
    "fades": Case(Fades(by="step"), 1.0 - X, X),
    "fades falling": Case(Fades(by="step", direction="decreasing"), X - 1.0, -X),
    "custom": Case(Custom(function=last_minus_first), X, -X),
}
# Plain trends have three lines of evidence in place of scores.
LINES = {"increasing": (Increasing(), X), "decreasing": (Decreasing(), -X)}


def hinge(x):
    return np.maximum(x - 0.45, 0.0) / 0.55


def bent(x):
    return x + 2.0 * np.maximum(x - 0.45, 0.0)


def peak(x):
    return 1.0 - 2.0 * np.abs(x - 0.5)


def stairs(x):
    return np.where(x < 0.3, 0.0, np.where(x < 0.7, 0.5, 1.0))


def gives_back(x):
    return (x > 0.4) - 0.8 * np.maximum(x - 0.6, 0.0) / 0.4


def rise_of_ends(levels, values):
    return values[-3:].mean() - values[:3].mean()


def power(x):
    return (1.0 + 1023.0 * x) ** -0.5


SWEEPS: dict[str, tuple[Any, dict[str, Any]]] = {
    "increasing": ("saturating", {"shape": "increasing"}),
    "decreasing": (lambda x: -x, {"shape": "decreasing"}),
    "linear": ({"train": lambda x: -x, "test": peak}, {"shape": "linear"}),
    "flat": ({"train": lambda x: 0 * x, "test": lambda x: x}, {"shape": "flat", "min_effect": 1.8}),
    "flat contrast": (
        {"train": lambda x: 0 * x, "test": lambda x: x},
        {"shape": {"name": "flat", "by": "contrast"}, "min_effect": 3.0},
    ),
    "flat refuted": ({"train": peak, "test": lambda x: x}, {"shape": "flat"}),
    "flat open": ({"train": lambda x: 0 * x, "test": lambda x: x}, {"shape": "flat", "min_effect": 0.4}),
    "flat control": (lambda x: 0 * x, {"shape": "flat", "min_effect": 1.8}),
    "saturating": ("saturating", {"shape": "saturating"}),
    "not saturating": ("linear", {"shape": "saturating"}),
    "threshold": (hinge, {"shape": "threshold"}),
    "threshold falling": (lambda x: -hinge(x), {"shape": {"name": "threshold", "direction": "decreasing"}}),
    "not level before": ({"train": bent, "test": "linear"}, {"shape": "threshold"}),
    "step": ("step", {"shape": {"name": "threshold", "form": "step"}}),
    "sigmoid": ("sigmoid", {"shape": "sigmoid"}),
    "staircase": (stairs, {"shape": "sigmoid"}),
    "gives back": (gives_back, {"shape": "sigmoid"}),
    "peak": (peak, {"shape": "peak"}),
    "no fall": ("saturating", {"shape": "peak"}),
    "valley": (lambda x: -peak(x), {"shape": "valley"}),
    "convex": (lambda x: 4.0 * (x - 0.5) ** 2, {"shape": "convex"}),
    "concave": (peak, {"shape": "concave"}),
    "not concave": (lambda x: 4.0 * (x - 0.5) ** 2, {"shape": "concave"}),
    "power_law": (power, {"shape": "power_law", "min_effect": 0.05, "control": None}),
    "scaling_law": (lambda x: 10 * power(x), {"shape": "scaling_law", "min_effect": 2.0}),
    "straight over log x": (lambda x: -np.log1p(1023.0 * x), {"shape": "scaling_law", "min_effect": 2.0}),
    "above": (lambda x: 1.0 + 0.2 * x, {"shape": {"name": "above", "value": 2.0}}),
    "not above": (lambda x: x, {"shape": {"name": "above", "value": 2.0}}),
    "below": (lambda x: 1.0 + 0.2 * x, {"shape": {"name": "below", "value": 6.0}, "control": None}),
    "ordered": ("linear", {"shape": {"name": "ordered", "weights": (-1,) * 6 + (1,) * 6}}),
    "custom": ("linear", {"shape": Custom(function=rise_of_ends, says="ends high along the knob")}),
    "open": (lambda x: 0.05 * hinge(x), {"shape": "threshold", "min_effect": 0.2}),
}
