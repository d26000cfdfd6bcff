"""How long an onset with its interval and a comparison of shapes take, beside curve_fit and a bootstrap.

Run it by hand: ``python tests/benchmarks/bench_shapes.py``. Ten seeds at 50 levels. What a user would write instead
fits the same forms by ``scipy.optimize.curve_fit``: for the place of a hinge or a step, to the mean curves of 1,000
resamples of the seeds; to compare shapes, once per form and seed left out. Processor time, the best of several turns.
"""

import contextlib
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

import sigstats as ss
from sigstats.stats.locations.onset import location

REPEATS = 5
RESAMPLES = 1_000
X = np.linspace(0.0, 1.0, 50)


def hinge(x: np.ndarray, base: float, slope: float, place: float) -> np.ndarray:
    """Return a curve that is flat up to a place and rises from there."""
    return base + slope * np.maximum(x - place, 0.0)


def step(x: np.ndarray, base: float, height: float, place: float) -> np.ndarray:
    """Return a steep logistic curve, because curve_fit needs a derivative."""
    return base + height / (1.0 + np.exp(np.clip(-200.0 * (x - place), -500, 500)))


def saturating(x: np.ndarray, base: float, height: float, rate: float) -> np.ndarray:
    """Return a curve that levels off."""
    return base + height * (1.0 - np.exp(-np.clip(rate * x, -500, 500)))


def power(x: np.ndarray, base: float, height: float, exponent: float) -> np.ndarray:
    """Return a power of the knob."""
    return base + height * np.power(x + 0.02, exponent)


def line(x: np.ndarray, base: float, slope: float) -> np.ndarray:
    """Return a line."""
    return base + slope * x


def parabola(x: np.ndarray, base: float, slope: float, bend: float) -> np.ndarray:
    """Return a parabola."""
    return base + slope * x + bend * x**2


FORMS = {hinge: (0.0, 1.0, 0.4), step: (0.0, 1.0, 0.5), saturating: (0.0, 1.0, 3.0), power: (0.0, 1.0, 1.0),
         line: (0.0, 1.0), parabola: (0.0, 1.0, 0.0)}  # fmt: skip


def fitted(form: Callable[..., np.ndarray], curve: np.ndarray) -> np.ndarray | None:
    """Return the parameters that curve_fit finds, or None."""
    with contextlib.suppress(RuntimeError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return curve_fit(form, X, curve, p0=FORMS[form], maxfev=2_000)[0]
    return None


def bootstrap(form: Callable[..., np.ndarray], curves: np.ndarray) -> np.ndarray:
    """Return a percentile interval of the place, over resampled seeds."""
    rng = np.random.default_rng(1)
    picks = rng.integers(0, len(curves), (RESAMPLES, len(curves)))
    found = [fitted(form, curves[pick].mean(axis=0)) for pick in picks]
    return np.quantile([each[2] for each in found if each is not None], [0.05, 0.95])


def held_out(curves: np.ndarray) -> dict[str, float]:
    """Return the squared error of each form at a seed that was left out of its fit."""
    errors = {}
    for form in FORMS:
        fits = [
            (fitted(form, np.delete(curves, s, axis=0).mean(axis=0)), curves[s]) for s in range(len(curves))
        ]
        errors[form.__name__] = float(
            np.mean([np.mean((form(X, *fit) - curve) ** 2) for fit, curve in fits if fit is not None])
        )
    return errors


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the least processor time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def show(name: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    """Print one line: both times and their ratio."""
    ours()
    mine, other = seconds(ours, REPEATS), seconds(theirs, 1)
    print(f"{name:24} {1000 * mine:9.1f} ms {1000 * other:9.1f} ms  ratio {mine / other:8.3f}")


def main() -> None:
    """Print one line for each task."""
    rng = np.random.default_rng(1)
    print(f"{'':24} {'sigstats':>12} {'instead':>12}")
    for form, mean in ((hinge, hinge(X, 0.0, 2.0, 0.4)), (step, np.where(X > 0.5, 1.0, 0.0))):
        curves = mean + rng.normal(0.0, 0.2, (10, 50))
        show(
            f"onset of a {form.__name__}",
            lambda curves=curves, name=form.__name__: location(curves, X, form=name, confidence=0.9),
            lambda curves=curves, form=form: bootstrap(form, curves),
        )
    share = 1.0 / (1.0 + np.exp(3.0 - 5.0 * X - rng.normal(0.0, 0.3, (10, 50))))
    sweep = ss.SweepTable.from_matrices(X, {"a": share})
    show("comparison of shapes", lambda: ss.compare_shapes(sweep), lambda: held_out(share))


if __name__ == "__main__":
    main()
