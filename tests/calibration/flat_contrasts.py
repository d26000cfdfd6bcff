"""Measure how often a curve is shown to be flat, by level and by contrast: power where it is, errors where it is not.

Run by hand; it takes about a minute on one core:

    python tests/calibration/flat_contrasts.py docs/validity/flat_contrasts.csv

The margin is 2 noise sd. A rate is the share of simulated sweeps in which all parts are shown ("shown"), or some part
is shown to lie outside ("refuted", Holm), at a one-sided 5 % each. Curves are level, or depart by exactly the margin in
one way: the least favourable ones. With few seeds the posterior of the mean asks for more than t does, and decides.
The last rows ask `detect` itself: how often a level curve is *absent* where the margin is far below the noise.
"""

import csv
import itertools
import sys
from pathlib import Path

import numpy as np
from scipy import optimize, special

from sigstats import Signature
from sigstats.data.table.block import CellBlock
from sigstats.detection.blocks import verdicts_on_block
from sigstats.shapes import Flat, ScoreContext
from sigstats.stats.scores.combine import DOMINATES
from sigstats.stats.scores.mean_posterior import mean_posterior

ALPHA, MARGIN, ENTROPY = 0.05, 2.0, 20261202
TINY_MARGIN, AT_ONCE = 0.01, 1_000
SEEDS, LEVELS = (3, 5, 10), (3, 8, 20)
SIZES, POWERS = 10_000, 4_000
NOISES = ("independent", "autoregressive .9", "slopes vary, sd 3")
NAMES = ("question", "by", "design", "truth", "noise", "n_seeds", "n_levels", "replications", "rate")


def context(n_levels):
    """Return the setting of one condition."""
    x = np.linspace(0.0, 1.0, n_levels)
    return ScoreContext(x=x, levels=x, alpha=ALPHA, orientation=1, scale=1.0, centre=0.0, min_effect=None)


def truths(n_levels):
    """Return curves that depart by the margin or more, by name, and the claims that they contradict."""
    x = np.linspace(0.0, 1.0, n_levels)
    bend = (x - x.mean()) ** 2
    bend -= bend.mean()
    spike = np.eye(n_levels)[n_levels // 2] - 1.0 / n_levels
    late = np.arange(n_levels) >= n_levels - (1 if n_levels == 3 else 2)
    return {
        "line": (2.0 * MARGIN * (x - 0.5), ("level", "contrast")),
        "parabola": (MARGIN * bend / np.abs(bend).max(), ("level", "contrast")),
        "step in the middle": (2.0 * MARGIN * (x >= 0.5), ("level", "contrast")),
        "step at the last two levels": (2.0 * MARGIN * late, ("level", "contrast")),
        "one level": (MARGIN * spike / spike.max(), ("level",)),
    }


def noise(kind, shape, rng):
    """Return noise of sd 1 in every cell."""
    draws = rng.standard_normal(shape)
    if kind == "autoregressive .9":
        for k in range(1, shape[-1]):
            draws[..., k] = 0.9 * draws[..., k - 1] + np.sqrt(1.0 - 0.81) * draws[..., k]
    if kind == "slopes vary, sd 3":
        draws += 3.0 * rng.standard_normal((*shape[:-1], 1)) * (np.linspace(0.0, 1.0, shape[-1]) - 0.5)
    return draws


def needed(n_seeds):
    """Return the t above which a part is shown: by Student's t and by the posterior, which ask for the larger."""

    def left(t):
        scores = np.linspace(-1.0, 1.0, n_seeds)
        scores = scores / scores.std(ddof=1) * np.sqrt(n_seeds) + t
        found = mean_posterior(scores, np.zeros(n_seeds), prior_scale=float(scores.std(ddof=1)))
        return found.prob_positive - (1.0 - ALPHA)

    return max(float(special.stdtrit(n_seeds - 1, 1.0 - ALPHA)), float(optimize.brentq(left, 0.1, 20.0)))


def by_seed(weights, offsets, curves):
    """Return mean and standard error of each part over seeds, and the degrees of freedom."""
    scores = curves @ weights.T + offsets
    n_seeds = scores.shape[-2]
    return scores.mean(axis=-2), scores.std(axis=-2, ddof=1) / np.sqrt(n_seeds), n_seeds - 1.0


def by_run(weights, offsets, curves):
    """Return the same for runs that are fresh in every cell, with Satterthwaite's degrees of freedom.

    A contrast in which one level has most of the weight has at most those of levels that vary alike.
    """
    n_runs = curves.shape[-2]
    shares = (curves.var(axis=-2, ddof=1) / n_runs)[..., None, :] * weights**2
    variance = shares.sum(axis=-1)
    df = variance**2 / (shares**2 / (n_runs - 1.0)).sum(axis=-1)
    sizes = weights**2 / (weights**2).sum(axis=-1, keepdims=True)
    alike = np.where(sizes.max(axis=-1) > DOMINATES, (n_runs - 1.0) / (sizes**2).sum(axis=-1), np.inf)
    return curves.mean(axis=-2) @ weights.T + offsets, np.sqrt(variance), np.minimum(df, alike)


def judged(by, design, curves):
    """Return in which sweeps the claim is shown, and in which it is refuted."""
    n_seeds, n_levels = curves.shape[-2:]
    found = Flat(margin=MARGIN, by=by).level_weights(context(n_levels))["flat"]
    score = by_seed if design == "repeated" else by_run
    mean, se, df = score(found.weights, found.offsets, curves)
    t = mean / se
    bound = needed(n_seeds) if design == "repeated" else special.stdtrit(df, 1.0 - ALPHA)
    below = special.stdtr(df, t).reshape(*t.shape[:-1], -1, 2).min(axis=-1)
    return (t > bound).all(axis=-1), below.min(axis=-1) * below.shape[-1] <= ALPHA


def rows():
    """Yield a row per question and cell."""
    for n_levels in LEVELS:
        for n_seeds in SEEDS:
            for kind in NOISES:
                curves = {"flat": (np.zeros(n_levels), ("level", "contrast"))}
                for truth, (curve, contradicts) in (curves | truths(n_levels)).items():
                    rng = np.random.default_rng([ENTROPY, n_seeds, n_levels, NOISES.index(kind)])
                    count = POWERS if truth == "flat" else SIZES
                    sweeps = curve + noise(kind, (count, n_seeds, n_levels), rng)
                    for by in ("level", "contrast"):
                        for design in ("repeated", "independent"):
                            if design == "independent" and kind != "independent":
                                continue
                            shown, refuted = judged(by, design, sweeps)
                            cell = (by, design, truth, kind, n_seeds, n_levels, count)
                            false = by in contradicts and truth != "flat"
                            yield ("shown, false" if false else "shown", *cell, f"{shown.mean():.4f}")
                            if truth == "flat" or not false:
                                yield ("refuted", *cell, f"{refuted.mean():.4f}")


def absent(by, design, curves):
    """Return how many of the sweeps `detect` calls absent."""
    n_sweeps, n_seeds, n_levels = curves.shape
    signature = Signature(shape={"name": "flat", "margin": TINY_MARGIN, "by": by}, design=design)
    seeds = np.arange(n_seeds)
    block = CellBlock(
        table_of=np.arange(n_sweeps),
        conditions=("a",),
        seeds=(tuple(f"s{seed}" for seed in seeds),),
        levels=np.linspace(0.0, 1.0, n_levels),
        cells=(curves,),
    )
    return sum(
        part.tables.size
        for part in verdicts_on_block(block, signature)
        if part.verdict is not None and part.verdict.status == "absent"
    )


def rows_of_small_margins():
    """Yield a row per cell for margins that no noise leaves room for."""
    for n_levels in (3, 4, 6, 8, 20):
        for n_seeds in SEEDS:
            rng = np.random.default_rng([ENTROPY, n_seeds, n_levels, len(NOISES)])
            sweeps = rng.standard_normal((POWERS, n_seeds, n_levels))
            for by in ("level", "contrast"):
                for design in ("repeated", "independent"):
                    parts = [sweeps[at : at + AT_ONCE] for at in range(0, POWERS, AT_ONCE)]
                    rate = sum(absent(by, design, part) for part in parts) / POWERS
                    cell = (by, design, "flat", "independent", n_seeds, n_levels, POWERS)
                    yield ("absent, margin of .01 sd", *cell, f"{rate:.4f}")


def main(target):
    """Write the table."""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for row in itertools.chain(rows(), rows_of_small_margins()):
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
