"""Measure how often `scaling_law` is present where it holds and where it does not, and what its intervals cover.

Run by hand; it takes a few minutes on one core:

    python tests/calibration/scaling_law.py docs/validity

Names of tables after the folder, such as scaling_law_differences, make these alone.

Eight levels over three decades; the change is 1. `present` counts all criteria of the clauses but the posterior, which
can only take some away, so that it is a bound.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.shapes import ScalingLaw
from sigstats.stats.curves.law_estimates import law_estimates
from sigstats.stats.scores.combine import mean_of, welch
from sigstats.stats.scores.power_law_parts import parts_given

ENTROPY = 20261130
ALPHA = 0.05
SEEDS = (3, 5, 10)
NOISES = (1 / 8, 1 / 32, 1 / 160)
TABLES, FITS = 500, 200
X = np.geomspace(1.0, 1000.0, 8)
U = np.log(X) / np.log(X[-1])
SHAPE = ScalingLaw()
Curve = Callable[[], np.ndarray]


def law(exponent: float) -> np.ndarray:
    """Return a law that rises from 0 to 1 on its way to a ceiling."""
    return (1.0 - X**-exponent) / (1.0 - X[-1] ** -exponent)


def broken(early: float, late: float) -> np.ndarray:
    """Return two straight lines over log x that meet in the middle."""
    return (early * np.minimum(U, 0.5) + late * np.maximum(U - 0.5, 0.0)) / (0.5 * (early + late))


def approach(scale: float) -> np.ndarray:
    """Return an exponential approach to a ceiling, with its scale in units of the first level."""
    curve = -np.exp(-X / scale)
    return (curve - curve[0]) / (curve[-1] - curve[0])


def two_powers(early: float, late: float) -> np.ndarray:
    """Return a law whose exponent changes in the middle of the range, with the excess at the end a tenth."""
    log_x, middle = np.log(X), np.log(X[-1]) / 2.0
    excess = np.exp(-early * np.minimum(log_x, middle) - late * np.maximum(log_x - middle, 0.0))
    return (1.0 - excess) / (1.0 - excess[-1])


TRUTHS = {
    "a law with exponent .1": law(0.1),
    "a law with exponent .2": law(0.2),
    "a law with exponent .34": law(0.34),
    "a law with exponent .6": law(0.6),
    "flat": np.zeros(X.size),
    "a straight line over log x": U,
    "a line over log x, then a plateau": broken(1.0, 0.0),
    "a break: half as steep from the middle on": broken(2.0, 1.0),
    "a break: a third as steep from the middle on": broken(3.0, 1.0),
    "exponential, scale 1 first level": approach(1.0),
    "exponential, scale 3 first levels": approach(3.0),
    "exponential, scale 30 first levels": approach(30.0),
    "turns back after 70 % of the range": (2.8 * U - 2.0 * U**2) / 0.98,
    "exponent .1, then .6": two_powers(0.1, 0.6),
    "exponent .6, then .1 (a law to within 5 %)": two_powers(0.6, 0.1),
}


def above(scores: np.ndarray) -> np.ndarray:
    """Return the one-sided p-value of the mean over seeds being at most 0; shape (n_tables,)."""
    n = scores.shape[1]
    t = scores.mean(axis=1) / (scores.std(axis=1, ddof=1) / np.sqrt(n))
    return np.asarray(special.stdtr(n - 1, -t))


def judged(curve: np.ndarray, n_seeds: int, noise: float, tables: int) -> dict[str, float]:
    """Return how often the shape is present, and how often each clause is shown and refuted."""
    rng = np.random.default_rng(
        [ENTROPY, n_seeds, round(1e4 * noise), round(1e4 * float(curve.sum())) % 10_000]
    )
    runs = curve + noise * rng.standard_normal((tables, n_seeds, X.size))
    others = (runs.sum(axis=1, keepdims=True) - runs) / (n_seeds - 1)
    found = parts_given(runs.reshape(-1, X.size), others.reshape(-1, X.size), X, floor=None)

    def by_table(scores: np.ndarray) -> np.ndarray:
        return above(scores.reshape(tables, n_seeds))

    change = by_table(found.change)
    allowed = SHAPE.max_departure * found.change
    room = [by_table(allowed + sign * part) for part in found.departures.T for sign in (-1.0, 1.0)]
    follows = np.max(room, axis=0)
    worst = np.stack([np.minimum(1 - room[0], 1 - room[1]), np.minimum(1 - room[2], 1 - room[3])])
    departs = np.minimum(2.0 * worst.min(axis=0), 1.0)
    bends, near = by_table(found.bend - SHAPE.least_bend * found.line), by_table(found.nearer)
    shown = (change <= ALPHA) & (follows <= ALPHA) & (bends <= ALPHA) & (near <= ALPHA)
    refuted = (change <= ALPHA) & ((departs <= ALPHA) | (1 - bends <= ALPHA) | (1 - near <= ALPHA))
    return {
        "present": float(shown.mean()),
        "partial": float(refuted.mean()),
        "change_shown": float((change <= ALPHA).mean()),
        "departs": float((departs <= ALPHA).mean()),
        "straight": float((1 - bends <= ALPHA).mean()),
        "breaks": float((1 - near <= ALPHA).mean()),
    }


def rates() -> Iterator[dict[str, object]]:
    """Yield a row per truth, number of seeds and noise."""
    for name, curve in TRUTHS.items():
        for n_seeds in SEEDS:
            for noise in NOISES if name != "flat" else NOISES[:1]:
                found = judged(curve, n_seeds, noise, TABLES)
                cell = {"truth": name, "n_seeds": n_seeds, "noise": f"{noise:.5f}", "tables": TABLES}
                yield cell | {key: f"{value:.4f}" for key, value in found.items()}


def covered(exponent: float, n_seeds: int, noise: float, spread: float) -> dict[str, object]:
    """Return how often 90 % intervals hold the true exponent, floor and distance from the floor."""
    rng = np.random.default_rng(
        [ENTROPY, n_seeds, round(1e4 * noise), round(1e3 * exponent), round(1e3 * spread)]
    )
    scale = 1.0 - X[-1] ** -exponent
    truth = {"exponent": exponent, "floor": 1.0 / scale, "excess": X[-1] ** (-exponent / 2.0) / scale}
    hits, open_floors, widths = dict.fromkeys(truth, 0), 0, []
    for _ in range(FITS):
        own = rng.normal(0.0, spread, (n_seeds, 1))
        runs = law(exponent) + own + noise * rng.standard_normal((n_seeds, X.size))
        found = law_estimates(runs, X, floor=None, confidence=0.9)
        for name, value in truth.items():
            _, low, high = getattr(found, name)
            hits[name] += low <= value <= high
        open_floors += not np.isfinite(found.floor[2])
        widths.append(found.exponent[2] - found.exponent[1])
    cell = {
        "exponent": exponent,
        "n_seeds": n_seeds,
        "noise": f"{noise:.5f}",
        "level_sd": spread,
        "tables": FITS,
    }
    rates = {f"{name}_covered": f"{hit / FITS:.4f}" for name, hit in hits.items()}
    width = f"{float(np.median(widths)):.4f}"
    return {**cell, **rates, "open_floor": f"{open_floors / FITS:.4f}", "exponent_width": width}


def coverage() -> Iterator[dict[str, object]]:
    """Yield a row per exponent, number of seeds and noise; some with seeds that differ in their level."""
    for exponent in (0.1, 0.34):
        for n_seeds in SEEDS:
            yield covered(exponent, n_seeds, NOISES[1], 0.0)
        yield covered(exponent, 5, NOISES[1], 0.1)


def differed(exponents: tuple[float, float], n_seeds: int, level_sd: float) -> dict[str, object]:
    """Return how often 90 % intervals hold how two laws differ: exponents, and distances from the floor as a ratio."""
    rng = np.random.default_rng(
        [ENTROPY, n_seeds, *(round(1e3 * each) for each in exponents), round(1e3 * level_sd)]
    )
    excesses = [X[-1] ** (-each / 2.0) / (1.0 - X[-1] ** -each) for each in exponents]
    truths = exponents[0] - exponents[1], np.log(excesses[0] / excesses[1])
    hits, known, widths = [0, 0], 0, []
    for _ in range(FITS):
        laws = [
            law_estimates(
                law(each)
                + rng.normal(0.0, level_sd, (n_seeds, 1))
                + NOISES[1] * rng.standard_normal((n_seeds, X.size)),
                X,
                floor=None,
                confidence=0.9,
            )
            for each in exponents
        ]
        pairs = [[one.exponents for one in laws], [one.log_excesses for one in laws]]
        if not all(np.isfinite(each).all() for pair in pairs for each in pair):
            continue
        known += 1
        for place, (pair, truth) in enumerate(zip(pairs, truths, strict=True)):
            low, high = welch([mean_of(each) for each in pair], [1.0, -1.0]).interval(0.9)
            hits[place] += low <= truth <= high
            widths += [high - low] if place == 0 else []
    return {
        "treatment": exponents[0],
        "control": exponents[1],
        "n_seeds": n_seeds,
        "level_sd": level_sd,
        "tables": known,
        "exponent_covered": f"{hits[0] / known:.4f}",
        "ratio_covered": f"{hits[1] / known:.4f}",
        "exponent_width": f"{float(np.median(widths)):.4f}",
    }


def differences() -> Iterator[dict[str, object]]:
    """Yield a row per pair of exponents and number of seeds; some with seeds that differ in their level."""
    for exponents in ((0.34, 0.34), (0.34, 0.2)):
        for n_seeds in SEEDS:
            yield differed(exponents, n_seeds, 0.0)
        yield differed(exponents, 5, 0.1)


def write(target: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write rows as CSV."""
    rows = iter(rows)
    first = next(rows)
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        for row in rows:
            writer.writerow(row)
            lines.flush()


if __name__ == "__main__":
    folder, only = Path(sys.argv[1]), sys.argv[2:]
    for name, rows in (
        ("scaling_law", rates),
        ("scaling_law_coverage", coverage),
        ("scaling_law_differences", differences),
    ):
        if not only or name in only:
            write(folder / f"{name}.csv", rows())
