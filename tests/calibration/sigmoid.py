"""Measure how often a sigmoid is called one, on curves that are and on curves that come close; and its intervals.

Run by hand:

    python tests/calibration/sigmoid.py rates docs/validity/sigmoid.csv
    python tests/calibration/sigmoid.py intervals docs/validity/sigmoid_intervals.csv

One condition, one curve per seed, noise of standard deviation 1; each mean spans `size` of them from its lowest to its
highest value. A rate is the share of simulated sweeps in which all three clauses are shown at a one-sided 5 % each. The
column `holds` says whether the mean curve has the shape, by its own clauses.
"""

import argparse
import csv
import itertools
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.shapes.emergence import FALLS_BACK
from sigstats.stats.locations.midpoint import midpoints, rise_width
from sigstats.stats.locations.onset import location
from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.middle import middle_scores, rise_of
from sigstats.stats.scores.reversal import t_statistic

ALPHA = 0.05
ENTROPY = 20261130
SEEDS = (3, 5, 10)
LEVELS = (6, 8, 12)
SIZES = (4.0, 8.0, 16.0)
RATES, INTERVALS = 2_000, 200
NOISES = ("independent", "rises differ by 30 %", "autoregressive .9", "slopes differ by 3 sd")
CONFIDENCE = 0.9
PUBLISHED = (0.03, 0.10, 0.33, 0.69, 0.85, 0.87)


def logistic(x, middle=0.5, width=0.08):
    """Return a rise that takes 4.4 times the width from 10 to 90 %."""
    return 1.0 / (1.0 + np.exp(-(x - middle) / width))


def stairs(x, height, share):
    """Return two steps with a landing of a share of the levels, two at least."""
    landing = max(2, round(share * x.size))
    before = (x.size - landing) // 2
    index = np.arange(x.size)
    return np.where(index < before, 0.0, np.where(index < before + landing, height, 1.0))


def falling_back(x, share):
    """Return a sigmoid that gives back a share of its height at its end."""
    return logistic(x, 0.4, 0.06) - share * np.clip((x - 0.65) / 0.35, 0.0, 1.0)


def means(x):
    """Return the mean curves by name."""
    found = {
        "logistic": logistic(x),
        "wide logistic": logistic(x, 0.5, 0.12),
        "early logistic": logistic(x, 0.3, 0.06),
        "step": (x > 0.5).astype(float),
        "flat": np.zeros_like(x),
        "line": x,
        "1 - exp(-4x)": -np.expm1(-4.0 * x),
        "log(1 + 9x)": np.log1p(9.0 * x),
        "plateau from .6": np.minimum(x / 0.6, 1.0),
        "hinge at .4": np.clip((x - 0.4) / 0.6, 0.0, 1.0),
        "x^2": np.square(x),
        "symmetric peak": 1.0 - np.abs(2.0 * x - 1.0),
        "umbrella": np.where(x <= 2 / 3, 1.5 * x, 1.0 - 1.2 * (x - 2 / 3)),
        "gives back half": falling_back(x, 0.5),
        "gives back .7": falling_back(x, 0.7),
        "two equal steps": stairs(x, 0.5, 1 / 3),
        "two steps, .35 and .65": stairs(x, 0.35, 1 / 3),
        "two steps, .25 and .75": stairs(x, 0.25, 1 / 3),
        "two equal steps, landing of 2": stairs(x, 0.5, 0.0),
    }
    if x.size == len(PUBLISHED):
        found[" ".join(f"{each:.2f}".removeprefix("0") for each in PUBLISHED)] = np.array(PUBLISHED)
    return found


def noise_of(kind, mean, shape, rng):
    """Return curves around a mean, with noise of one kind."""
    x = np.linspace(0.0, 1.0, shape[-1])
    draws = rng.standard_normal(shape)
    seed = rng.standard_normal((*shape[:-1], 1))
    if kind == "autoregressive .9":
        for k in range(1, shape[-1]):
            draws[..., k] = 0.9 * draws[..., k - 1] + np.sqrt(1 - 0.81) * draws[..., k]
    if kind == "rises differ by 30 %":
        return mean * (1.0 + 0.3 * seed) + draws
    return mean + draws + (3.0 * seed * x if kind == "slopes differ by 3 sd" else 0.0)


def parts_of(curves, x):
    """Return the smallest t statistic of each clause over its critical value."""
    n = curves.shape[-2]
    student = special.stdtrit(n - 1.0, 1.0 - ALPHA)
    at, rise = middle_scores(curves, x), rise_of(curves)
    kept = (FALLS_BACK * rise + at.along_start, FALLS_BACK * rise + at.along_end)
    steep = np.minimum(t_statistic(at.over_start), t_statistic(at.over_end))
    return {
        "rise": t_statistic(rise) / student,
        "middle": steep / critical_value("middle_steeper", n, x.size, ALPHA),
        "ends": np.minimum(*(t_statistic(each) for each in kept)) / student,
    }


def holds(mean, x):
    """Return whether a mean curve has the shape, by its own clauses."""
    curves = np.tile(mean, (4, 1))
    at, rise = middle_scores(curves, x), rise_of(curves)
    slack = 1e-9 * max(np.ptp(mean), 1e-9)
    parts = (
        rise,
        at.over_start,
        at.over_end,
        FALLS_BACK * rise + at.along_start,
        FALLS_BACK * rise + at.along_end,
    )
    return all(each[0] > slack for each in parts)


def rates():
    """Yield the rows of the rates."""
    for n_levels, size in itertools.product(LEVELS, SIZES):
        x = np.linspace(0.0, 1.0, n_levels)
        for (name, mean), n_seeds, noise in itertools.product(means(x).items(), SEEDS, NOISES):
            if noise != "independent" and size != 8.0:
                continue
            if name == "flat" and size != SIZES[0]:
                continue
            scaled = size * mean / (np.ptp(mean) or 1.0)
            rng = np.random.default_rng([ENTROPY, n_seeds, n_levels, *f"{name}{size}{noise}".encode()])
            curves = noise_of(noise, scaled, (RATES, n_seeds, n_levels), rng)
            shown = {part: ratio > 1.0 for part, ratio in parts_of(curves, x).items()}
            yield {
                "mean": name,
                "holds": "yes" if holds(mean, x) else "no",
                "size": f"{size:g}",
                "noise": noise,
                "n_seeds": n_seeds,
                "n_levels": n_levels,
                "replications": RATES,
                **{part: f"{found.mean():.4f}" for part, found in shown.items()},
                "all": f"{np.logical_and.reduce(list(shown.values())).mean():.4f}",
            }


def intervals():
    """Yield the rows of the intervals, at a nominal 90 %."""
    names = ("logistic", "wide logistic", "early logistic", "step")
    for n_levels, size, n_seeds in itertools.product(LEVELS, SIZES, SEEDS):
        x = np.linspace(0.0, 1.0, n_levels)
        for name in names:
            mean = size * means(x)[name]
            place = float(midpoints(mean[None, :], x)[0])
            wide = rise_width(np.tile(mean, (3, 1)), x, confidence=CONFIDENCE).estimate
            rng = np.random.default_rng([ENTROPY, n_seeds, n_levels, *f"{name}{size}".encode()])
            found = [
                _one(mean + rng.standard_normal((n_seeds, n_levels)), x, place, wide)
                for _ in range(INTERVALS)
            ]
            covered, length, width_covered, width_length = np.mean(found, axis=0)
            yield {
                "mean": name,
                "size": f"{size:g}",
                "n_seeds": n_seeds,
                "n_levels": n_levels,
                "replications": INTERVALS,
                "midpoint_covered": f"{covered:.4f}",
                "midpoint_length": f"{length:.3f}",
                "width": f"{wide:.3f}",
                "width_covered": f"{width_covered:.4f}",
                "width_length": f"{width_length:.3f}",
            }


def _one(curves, x, place, wide):
    """Return whether both intervals of one sweep cover, and how long they are as shares of the range."""
    at = location(curves, x, form="sigmoid", confidence=CONFIDENCE)
    width = rise_width(curves, x, confidence=CONFIDENCE)
    return (
        at.low - 1e-9 <= place <= at.high + 1e-9,
        min(at.high, 1.0) - max(at.low, 0.0),
        width.low - 1e-9 <= wide <= width.high + 1e-9,
        width.high - width.low,
    )


def main():
    """Write one of the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", choices=("rates", "intervals"))
    parser.add_argument("output", type=Path)
    asked = parser.parse_args()
    rows = {"rates": rates, "intervals": intervals}[asked.table]()
    first = next(rows)
    with asked.output.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(first), lineterminator="\n")
        writer.writeheader()
        for row in itertools.chain((first,), rows):
            writer.writerow(row)
            lines.flush()


if __name__ == "__main__":
    main()
