"""Measure what intervals for locations cover, how wide they are, and how far estimates are off.

python tests/calibration/location_coverage.py --output docs/validity/location_coverage.csv

Widths are shares of the swept range, and ends beyond it count as its ends. Errors of the estimate are in gaps between
levels. For hinges in the middle, three methods in use stand beside ours: the percentile bootstrap over seeds, the
jackknife over seeds with t, and t on the onsets of single seeds.
"""

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats as scipy_stats

from sigstats.stats.locations.broken_line import joins
from sigstats.stats.locations.crossing import crossing
from sigstats.stats.locations.onset import location

ENTROPY = 20261121
DRAWS = 400
SEEDS = (3, 5, 8, 10, 20)
FEW = (3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One kind of sweep: its mean curve, its noise (sd 1), and where the truth lies."""

    family: str
    about: str
    form: str
    n_levels: int
    mean: Callable[[np.ndarray], np.ndarray]
    truth: float
    seeds: tuple[int, ...] = FEW
    confidence: float = 0.9
    rise_sd: float = 0.0
    autocorrelation: float = 0.0
    shift_sd: float = 0.0
    noise_sd: float = 1.0
    missing: float = 0.0
    value: float = 0.0
    compared: bool = False


def bend(at, after, before=0.0):
    """Return a broken line with these slopes; a negative change of slope saturates."""
    return lambda x: before * np.minimum(x, at) + after * np.maximum(x - at, 0.0)


def hinges():
    """Hinges at .4 of the range, in three kinds of noise, weak and clear."""
    for rise in (6.0, 4.0):
        for n_levels in (8, 16):
            for noise, options in (
                ("independent noise", {}),
                ("rises vary by half", {"rise_sd": 0.5}),
                ("autocorrelation .7", {"autocorrelation": 0.7}),
            ):
                yield Cell(
                    family="hinge", about=f"{noise}, rise of {rise:g} sd", form="hinge", n_levels=n_levels,
                    mean=bend(0.4, rise / 0.6), truth=0.4, seeds=SEEDS if rise == 6.0 else FEW,
                    compared=True, **options,
                )  # fmt: skip
    yield Cell(
        family="hinge", about="independent noise, rise of 6 sd, a fifth of the cells missing", form="hinge",
        n_levels=12, mean=bend(0.4, 10.0), truth=0.4, seeds=(5, 10), missing=0.2,
    )  # fmt: skip


def breaks():
    """Breaks at three places with three ratios of the slopes before and after, at 95 %."""
    for at in (0.3, 0.5, 0.7):
        for words, before, after in (("0", 0.0, 12.0), ("1/2", 6.0, 12.0), ("2", 12.0, 6.0)):
            yield Cell(
                family="break", about=f"break at {at:g}, slope before / after {words}", n_levels=8,
                form="saturating" if before > after else "hinge", mean=bend(at, after, before), truth=at,
                confidence=0.95, seeds=(3, 5, 10),
            )  # fmt: skip


def knees():
    """Knees and onsets that are rounded: their place is that of the best broken line for the mean curve."""
    forms = (
        ("exponential saturation of 8 sd", "saturating", lambda x: 8.0 * (1.0 - np.exp(-4.0 * x))),
        ("hyperbolic saturation of 8 sd", "saturating", lambda x: 9.6 * x / (0.2 + x)),
        ("rounded onset, rise of 6 sd", "hinge", lambda x: 0.5 * np.logaddexp(0.0, 20.0 * (x - 0.4))),
    )
    for about, form, mean in forms:
        for n_levels in (8, 16):
            x = np.linspace(0.0, 1.0, n_levels)
            sign = -1.0 if form == "saturating" else 1.0
            truth = float(joins(sign * mean(x)[None, :], x)[0])
            yield Cell(family="rounded", about=about, form=form, n_levels=n_levels, mean=mean, truth=truth)


def steps():
    """Steps between levels, with and without seeds that step one level earlier or later."""
    for n_levels in (8, 16):
        gap = 1.0 / (n_levels - 1)
        at = (np.floor(0.4 / gap) + 0.5) * gap
        for jump in (1.5, 3.0):
            for words, shift in (("", 0.0), (", places vary by half a gap", 0.5 * gap)):
                yield Cell(
                    family="step", about=f"jump of {jump:g} sd{words}", form="step", n_levels=n_levels, truth=at,
                    mean=lambda x, at=at, jump=jump: jump * (x > at), shift_sd=shift,
                )  # fmt: skip


def peaks():
    """Turning points of a lopsided tent, a lopsided parabola and a bump with flat tails."""
    forms = (
        ("tent with its top at .3, 4 sd", 0.3, lambda x: 4.0 * np.where(x < 0.3, x / 0.3, (1.0 - x) / 0.7)),
        ("parabola with its top at .25, 4 sd", 0.25, lambda x: 4.0 - 4.0 * ((x - 0.25) / 0.75) ** 2),
        ("bump at .45 with flat tails, 4 sd", 0.45, lambda x: 4.0 * np.exp(-((x - 0.45) ** 2) / 0.02)),
    )
    for about, top, mean in forms:
        for n_levels in (8, 16):
            yield Cell(family="peak", about=about, form="peak", n_levels=n_levels, mean=mean, truth=top)


def sigmoid(middle):
    """Return a sigmoid from 0 to 1 with its middle there."""
    return lambda x: 1.0 / (1.0 + np.exp(-12.0 * (x - middle)))


def crossings():
    """Half height of a sigmoid over 9 levels that seeds shift, at 95 %; in the middle, near the ends and outside."""
    for shift in (0.05, 0.15):
        for noise in (0.05, 0.3):
            yield Cell(
                family="crossing", about=f"middle at .52, shift sd {shift:g}, noise sd {noise:g}", form="crossing",
                n_levels=9, mean=sigmoid(0.52), truth=0.52, seeds=SEEDS, confidence=0.95, shift_sd=shift,
                noise_sd=noise, value=0.5,
            )  # fmt: skip
    for middle in (-0.05, 0.03, 0.97, 1.05):
        yield Cell(
            family="crossing", about=f"middle at {middle:g}, shift sd 0.05, noise sd 0.05", form="crossing",
            n_levels=9, mean=sigmoid(middle), truth=middle, seeds=(3, 5, 10), confidence=0.95, shift_sd=0.05,
            noise_sd=0.05, value=0.5,
        )  # fmt: skip


FAMILIES = (hinges, breaks, knees, steps, peaks, crossings)


def cells():
    """Return all cells in a fixed order."""
    return [cell for family in FAMILIES for cell in family()]


def simulate(cell, n_seeds, replications, rng):
    """Return levels and curves of shape (replications, n_seeds, n_levels)."""
    x = np.linspace(0.0, 1.0, cell.n_levels)
    shape = (replications, n_seeds, cell.n_levels)
    noise = rng.standard_normal(shape)
    for k in range(1, cell.n_levels):
        fresh = np.sqrt(1.0 - cell.autocorrelation**2) * noise[..., k]
        noise[..., k] = cell.autocorrelation * noise[..., k - 1] + fresh
    own = rng.standard_normal((3, replications, n_seeds, 1))
    mean = cell.mean(x - cell.shift_sd * own[0]) * (1.0 + cell.rise_sd * own[1])
    common = cell.noise_sd * own[2] if cell.form != "crossing" else 0.0
    curves = mean + cell.noise_sd * noise + common
    curves[rng.random(shape) < cell.missing] = np.nan
    return x, curves


def ours(cell, x, curves):
    """Return ends and estimates of our intervals; estimates outside the range are infinite."""
    ends = np.empty((3, len(curves)))
    beyond = {"below_range": -np.inf, "above_range": np.inf}
    for number, rows in enumerate(curves):
        if cell.form == "crossing":
            found = crossing(rows, x, value=cell.value, confidence=cell.confidence)
        else:
            found = location(rows, x, form=cell.form, confidence=cell.confidence)
        ends[:, number] = found.low, found.high, beyond.get(found.status, found.estimate)
    return ends


def clipped(curves, x):
    """Return joins with those outside set to the first and last that can be told, as is commonly done."""
    shape = curves.shape[:-1]
    places = np.clip(joins(curves.reshape(-1, x.size), x), x[1], x[-2]).reshape(shape)
    return np.where(np.isnan(places), (x[1] + x[-2]) / 2.0, places)


def by_percentiles(x, curves, confidence, rng):
    """Resample seeds and take percentiles of the join of the mean curve."""
    n = curves.shape[1]
    counts = rng.multinomial(n, np.full(n, 1.0 / n), size=DRAWS) / n
    places = np.stack([clipped(counts @ rows, x) for rows in curves])
    low, high = np.quantile(places, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0], axis=1)
    return low, high, clipped(curves.mean(axis=1), x)


def by_stretched_percentiles(x, curves, confidence, rng):
    """Stretch the percentiles about the estimate, from the normal to t, and by sqrt(S / (S - 1))."""
    low, high, place = by_percentiles(x, curves, confidence, rng)
    n = curves.shape[1]
    level = (1.0 + confidence) / 2.0
    factor = scipy_stats.t.ppf(level, n - 1) / scipy_stats.norm.ppf(level) * np.sqrt(n / (n - 1.0))
    return place - factor * (place - low), place + factor * (high - place), place


def by_jackknife(x, curves, confidence, _):
    """Leave out one seed at a time; t with S - 1 degrees of freedom."""
    n = curves.shape[1]
    left_out = clipped((curves.sum(axis=1, keepdims=True) - curves) / (n - 1.0), x)
    half = scipy_stats.t.ppf((1.0 + confidence) / 2.0, n - 1) * left_out.std(axis=1) * np.sqrt(n - 1.0)
    place = clipped(curves.mean(axis=1), x)
    return place - half, place + half, place


def by_single_seeds(x, curves, confidence, _):
    """One onset per seed; t with S - 1 degrees of freedom."""
    n = curves.shape[1]
    places = clipped(curves, x)
    half = scipy_stats.t.ppf((1.0 + confidence) / 2.0, n - 1) * places.std(axis=1, ddof=1) / np.sqrt(n)
    return places.mean(axis=1) - half, places.mean(axis=1) + half, places.mean(axis=1)


OTHERS = {
    "percentile bootstrap": by_percentiles,
    "percentile bootstrap, stretched to t": by_stretched_percentiles,
    "jackknife, t": by_jackknife,
    "single seeds, t": by_single_seeds,
}


def row(cell, n_seeds, method, ends, replications):
    """Return one line of the results."""
    low, high, place = ends
    gap = 1.0 / (cell.n_levels - 1)
    # A place that was never found is as often too low as too high.
    error = np.median(np.nan_to_num(place[~np.isnan(place)], posinf=9.0, neginf=-9.0) - cell.truth) / gap
    return {
        "family": cell.family,
        "about": cell.about,
        "n_levels": cell.n_levels,
        "n_seeds": n_seeds,
        "confidence": cell.confidence,
        "method": method,
        "coverage": round(float(np.mean((low <= cell.truth) & (cell.truth <= high))), 4),
        "mean_width": round(float(np.mean(np.clip(high, 0.0, 1.0) - np.clip(low, 0.0, 1.0))), 4),
        "open_below": round(float(np.mean(np.isneginf(low))), 4),
        "open_above": round(float(np.mean(np.isposinf(high))), 4),
        "median_error_in_gaps": round(float(error), 3) if abs(error) < 9.0 else "outside",
        "replications": replications,
    }


def measure(cell, n_seeds, replications, stream):
    """Return the lines of one cell at one number of seeds."""
    rng = np.random.default_rng(stream)
    x, curves = simulate(cell, n_seeds, replications, rng)
    yield row(cell, n_seeds, "sigstats", ours(cell, x, curves), replications)
    for name, method in OTHERS.items() if cell.compared else ():
        yield row(cell, n_seeds, name, method(x, curves, cell.confidence, rng), replications)


def main():
    """Measure all cells and write them as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--family", help="only this family, written alone")
    asked = parser.parse_args()
    rows = []
    for number, cell in enumerate(cells()):
        for n_seeds in cell.seeds:
            if asked.family in (None, cell.family):
                stream = np.random.SeedSequence(ENTROPY, spawn_key=(number, n_seeds))
                rows += measure(cell, n_seeds, asked.replications, stream)
    with asked.output.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
