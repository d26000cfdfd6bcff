"""Verdicts on simulated sweeps, at least one for every shape, made by `detect` itself."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from sigstats import detect
from sigstats.shapes import Custom
from sigstats.studies.simulation.plan import simulate_sweep
from sigstats.verdict.verdict import Verdict

LEVELS = np.arange(0.0, 48.0, 4.0)


def hinge(x):
    return np.maximum(x - 0.45, 0.0) / 0.55


def bent(x):
    return x + 2.0 * np.maximum(x - 0.45, 0.0)


def peak(x):
    return 1.0 - 2.0 * np.abs(x - 0.5)


def rise_of_ends(levels, values):
    return values[-3:].mean() - values[:3].mean()


def power(x):
    return (1.0 + 1023.0 * x) ** -0.5


SWEEPS: dict[str, tuple[Any, dict[str, Any]]] = {
    "increasing": ("saturating", {"shape": "increasing"}),
    "decreasing": (lambda x: -x, {"shape": "decreasing"}),
    "linear": ({"train": lambda x: -x, "test": peak}, {"shape": "linear"}),
    "flat": ({"train": lambda x: 0 * x, "test": lambda x: x}, {"shape": "flat", "min_effect": 1.8}),
    "flat refuted": ({"train": peak, "test": lambda x: x}, {"shape": "flat"}),
    "flat open": ({"train": lambda x: 0 * x, "test": lambda x: x}, {"shape": "flat", "min_effect": 0.4}),
    "flat control": (lambda x: 0 * x, {"shape": "flat", "min_effect": 1.8}),
    "saturating": ("saturating", {"shape": "saturating"}),
    "not saturating": ("linear", {"shape": "saturating"}),
    "threshold": (hinge, {"shape": "threshold"}),
    "threshold falling": (lambda x: -hinge(x), {"shape": {"name": "threshold", "direction": "falling"}}),
    "not level before": ({"train": bent, "test": "linear"}, {"shape": "threshold"}),
    "step": ("step", {"shape": {"name": "threshold", "form": "step"}}),
    "peak": (peak, {"shape": "peak"}),
    "no fall": ("saturating", {"shape": "peak"}),
    "valley": (lambda x: -peak(x), {"shape": "valley"}),
    "convex": (lambda x: 4.0 * (x - 0.5) ** 2, {"shape": "convex"}),
    "concave": (peak, {"shape": "concave"}),
    "not concave": (lambda x: 4.0 * (x - 0.5) ** 2, {"shape": "concave"}),
    "power_law": (power, {"shape": "power_law", "min_effect": 0.05, "control": None}),
    "above": (lambda x: 1.0 + 0.2 * x, {"shape": {"name": "above", "value": 2.0}}),
    "not above": (lambda x: x, {"shape": {"name": "above", "value": 2.0}}),
    "below": (lambda x: 1.0 + 0.2 * x, {"shape": {"name": "below", "value": 6.0}, "control": None}),
    "ordered": ("linear", {"shape": {"name": "ordered", "weights": (-1,) * 6 + (1,) * 6}}),
    "custom": ("linear", {"shape": Custom(function=rise_of_ends, says="ends high along the knob")}),
    "open": (lambda x: 0.05 * hinge(x), {"shape": "threshold", "min_effect": 0.2}),
}


def fading() -> Verdict:
    """Return the verdict on an effect that is lost along the training step."""
    rng = np.random.default_rng(3)
    rows = [
        (name, seed, step, width, effect * width / 5 + 0.1 * seed + 0.3 * rng.standard_normal())
        for name, effects in (("train", (4.0, 3.0, 1.5, 0.0)), ("test", (0.2, 0.0, 0.1, 0.0)))
        for seed in range(6)
        for step, effect in zip((1, 10, 100, 1000), effects, strict=True)
        for width in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "step", "width", "loss"])
    shape = {"name": "fades", "by": "step", "by_scale": "log"}
    names = {"knob": "width", "metric": "loss", "seed": "seed", "condition": "condition"}
    return detect(frame, shape=shape, control="test", min_effect=0.5, rng=1, **names)


@functools.cache
def sample(name: str) -> Verdict:
    """Return the verdict on one of the sweeps; verdicts are frozen, so that tests can share them."""
    if name == "fades":
        return fading()
    form, options = SWEEPS[name]
    is_power, controlled = name == "power_law", options.get("control", "test") is not None
    test = 3.0 if "flat" in name.split() or name == "linear" else 0.3
    table = simulate_sweep(
        {"train": 4.0, "test": test} if controlled else {"train": 4.0},
        form=form,
        n_seeds=8,
        noise_sd=0.01 if is_power else 0.3,
        levels=np.linspace(1.0, 1024.0, 10) if is_power else LEVELS,
        rng=1,
    )
    return detect(table, **{"control": "test", "min_effect": 0.5, **options}, rng=1)


ALL: dict[str, Callable[[], Verdict]] = {name: functools.partial(sample, name) for name in (*SWEEPS, "fades")}
