"""Verdicts on simulated sweeps, at least one for every shape, made by `detect` itself."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
from sigstats_shape_cases import SWEEPS, rise_of_ends

from sigstats import detect
from sigstats.studies.simulation.plan import simulate_sweep
from sigstats.verdict.verdict import Verdict

LEVELS = np.arange(0.0, 48.0, 4.0)
POWER_LEVELS = {"power_law": np.linspace(1.0, 1024.0, 10), "scaling_law": np.geomspace(1.0, 1024.0, 10)}


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
    is_power, controlled = (
        options["shape"] in ("power_law", "scaling_law"),
        options.get("control", "test") is not None,
    )
    test = 3.0 if "flat" in name.split() or name == "linear" else 0.3
    table = simulate_sweep(
        {"train": 4.0, "test": test} if controlled else {"train": 4.0},
        form=form,
        n_seeds=8,
        noise_sd=0.01 if is_power else 0.3,
        levels=POWER_LEVELS[options["shape"]] if is_power else LEVELS,
        rng=1,
    )
    return detect(table, **{"control": "test", "min_effect": 0.5, **options}, rng=1)


__all__ = ["ALL", "rise_of_ends", "sample"]

ALL: dict[str, Callable[[], Verdict]] = {name: functools.partial(sample, name) for name in (*SWEEPS, "fades")}
