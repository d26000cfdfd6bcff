"""Measure how often the clauses of the shapes beyond trends are shown, on truths that have the shape and on others.

Run by hand; it takes a few minutes on one core:

    python tests/calibration/clause_trials.py docs/validity/clause_trials.csv

One condition, one curve per seed, noise of standard deviation 1; each truth is scaled so that it spans `size` noise sd
from its lowest to its highest value. A rate is the share of simulated sweeps in which all the clauses that stand in its
row are shown at a one-sided 5 % each.
"""

import csv
import itertools
import sys
from pathlib import Path

import numpy as np
from scipy import optimize, special

from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.hinge import hinge_scores
from sigstats.stats.scores.peak import peak_scores, peak_scores_all
from sigstats.stats.scores.polynomials import polynomial_departures
from sigstats.stats.scores.reversal import t_statistic
from sigstats.stats.scores.step import step_scores
from sigstats.stats.scores.windows import window_slopes

ALPHA = 0.05
SEEDS = (3, 5, 10, 20)
N_LEVELS = 8
REPLICATIONS, REPLICATIONS_OF_SIZE = 4_000, 20_000
ENTROPY = 20261122
NOISES = (
    "independent",
    "autoregressive .9",
    "random slopes, sd 3",
    "grows fivefold",
    "a fifth missing",
    "gaps doubling",
    "gaps quadrupling",
)
GROWTH = {"gaps doubling": 2.0, "gaps quadrupling": 4.0}
NAMES = ("shape", "clauses", "truth", "size", "noise", "n_seeds", "n_levels", "replications", "rate")


def levels_of(noise, n_levels):
    """Return the levels, equally spaced but where the gaps grow."""
    powers = GROWTH.get(noise, 1.0) ** np.arange(n_levels - 1)
    x = np.concatenate([[0.0], np.cumsum(powers)])
    return x / x[-1]


def noise_of(kind, shape, rng):
    """Return noise of one kind, sd 1 at the first level."""
    draws = rng.standard_normal(shape)
    x = np.linspace(0, 1, shape[-1])
    if kind == "a fifth missing":
        draws[rng.random(shape) < 0.2] = np.nan
    if kind == "autoregressive .9":
        for k in range(1, shape[-1]):
            draws[..., k] = 0.9 * draws[..., k - 1] + np.sqrt(1 - 0.81) * draws[..., k]
    if kind == "random slopes, sd 3":
        draws += 3.0 * rng.standard_normal((*shape[:-1], 1)) * x
    if kind == "grows fivefold":
        draws *= 1.0 + 4.0 * x
    return draws


def shown(scores, statistic=None, x=None):
    """Return whether the mean of the scores is shown to be above 0, by Student's t or as a cross-fitted score."""
    n_seeds = scores.shape[-1]
    if statistic is None:
        return t_statistic(scores) > special.stdtrit(n_seeds - 1, 1 - ALPHA)
    return t_statistic(scores) > critical_value(statistic, n_seeds, x.size, ALPHA)


def hinge_clauses(curves, x):
    """Return the clauses of a threshold in form of a hinge."""
    scores = hinge_scores(curves, x)
    change = shown(scores.change, "hinge_change", x)
    flat = shown(0.25 * scores.after - scores.before, "hinge_flat_before", x)
    return {"change": change, "change, flat before": change & flat}


def step_clauses(curves, x):
    """Return the clauses of a threshold in form of a step, with two margins for the drifts."""
    scores = step_scores(curves, x)
    jump = shown(scores.jump, "step_jump", x)
    gap = shown(scores.gap - 0.5 * scores.jump, "step_gap", x)
    found = {"jump": jump, "jump, gap": jump & gap}
    for margin in (0.25, 0.5):
        flat = np.ones_like(jump)
        for drift in (scores.drift_before, scores.drift_after):
            for sign in (1, -1):
                flat &= shown(margin * scores.jump + sign * drift, "step_drift", x)
        found[f"jump, drifts within {margin}, gap"] = jump & flat & gap
    return found


def peak_clauses(curves, x):
    """Return the clauses of a peak."""
    scores = peak_scores(curves, x)
    rise, fall = shown(scores.rise, "peak_rise", x), shown(scores.fall, "peak_fall", x)
    return {"rise": rise, "fall": fall, "rise, fall": rise & fall}


def linear_clauses(curves, x):
    """Return the clauses of a line."""
    scores = polynomial_departures(curves, x)
    parts = [
        shown(0.1 * scores.effect + sign * part)
        for part in (scores.quadratic, scores.cubic)
        for sign in (1, -1)
    ]
    return {"trend, quadratic and cubic within 0.1": shown(scores.effect) & np.logical_and.reduce(parts)}


def saturating_clauses(curves, x):
    """Return the clauses of a curve that saturates."""
    slopes = window_slopes(curves, x)
    early = shown(slopes.early)
    return {"early": early, "early, late below 0.25": early & shown(0.25 * slopes.early - slopes.late)}


CLAUSES = {
    "hinge": hinge_clauses,
    "step": step_clauses,
    "peak": peak_clauses,
    "linear": linear_clauses,
    "saturating": saturating_clauses,
}


def broken(x, onset, ratio):
    """Return a hinge with slope 1 after the onset and `ratio` before it."""
    return np.where(x < onset, ratio * x, ratio * onset + (x - onset))


def drifting(x, margin):
    """Return a step in the middle whose first side drifts by `margin` times the jump."""
    first = x < 0.5
    return np.where(first, margin * (x / x[first].max() - 0.5), 1.0)


def leaking(x):
    """Return a step in the middle whose gap carries exactly half of the jump, the rest its two neighbours."""
    low = int(np.flatnonzero(x < 0.5)[-1])

    def curve(leak):
        mean = (x > 0.5).astype(float)
        mean[low] += leak
        mean[low + 1] -= leak
        return mean

    def excess(leak):
        mean = curve(leak)
        return mean[low + 1] - mean[low] - 0.5 * (mean[low + 1 :].mean() - mean[: low + 1].mean())

    return curve(optimize.brentq(excess, 0.0, 0.5))


def bent(x, degree, sign):
    """Return a line of change 1 with a quadratic or cubic part whose peak departure is a tenth."""
    basis = np.linalg.qr(np.vander(x, degree + 1, increasing=True))[0][:, degree]
    return x + sign * 0.1 * basis / np.abs(basis).max()


def truths(x):
    """Return for each shape the mean curves and their sizes; a size of None keeps the curve as it is."""
    common = {
        "line": x,
        "1 - exp(-4x)": -np.expm1(-4 * x),
        "log(1 + 20x)": np.log1p(20 * x),
        "step at 0.5": (x > 0.5).astype(float),
    }
    hinge = {
        **common,
        "x^2": x**2,
        "x^3": x**3,
        "exp(4x)": np.exp(4 * x),
        "hinge at 0.4": np.maximum(x - 0.4, 0),
        "hinge at 0.5": np.maximum(x - 0.5, 0),
        "hinge at level 4": np.maximum(x - x[3], 0),
        **{
            f"slope ratio {ratio}, break at {place}": broken(x, onset, ratio)
            for ratio in (0.25, 0.5)
            for place, onset in (("0.3", 0.3), ("0.5", 0.5), ("level 4", x[3]))
        },
    }
    step = {
        **common,
        "hinge at 0.5": np.maximum(x - 0.5, 0),
        "sigmoid, rate 20": special.expit(20 * (x - 0.5)),
        "drift at margin 0.25": drifting(x, 0.25),
        "drift at margin 0.5": drifting(x, 0.5),
        "gap half of the jump": leaking(x),
    }
    plateaus = {
        "plateau from 0.2": np.minimum(x / 0.2, 1),
        "plateau from 0.5": np.minimum(x / 0.5, 1),
        "plateau from 0.8": np.minimum(x / 0.8, 1),
    }
    saturating = {
        **common,
        "1 - exp(-8x)": -np.expm1(-8 * x),
        "plateau from 0.3": np.minimum(x / 0.3, 1),
        "late slope at margin 0.25": np.where(x < 0.5, x, 0.5 + 0.25 * (x - 0.5)),
    }
    linear = {
        "line": x,
        **{
            f"{name} departure {sign * 0.1:+.1f}": bent(x, degree, sign)
            for name, degree in (("quadratic", 2), ("cubic", 3))
            for sign in (1, -1)
        },
    }
    return {
        "hinge": (hinge, (8.0, 16.0, 32.0)),
        "step": (step, (4.0, 8.0, 16.0)),
        "peak": ({**common, **plateaus}, (2.0, 8.0, 32.0)),
        "saturating": (saturating, (8.0, 16.0)),
        "linear": (linear, (8.0, 12.0)),
    }


def peaks(x):
    """Return peaks whose weaker arm is 2.5 times the sd of its score, at the best turn."""
    forms = {
        "-|x - 0.5|": -np.abs(x - 0.5),
        "-(x - 0.5)^2": -((x - 0.5) ** 2),
        "vertex at 0.25": np.where(x < 0.25, x / 0.25, (1 - x) / 0.75),
        "vertex at 0.75": np.where(x < 0.75, x / 0.75, (1 - x) / 0.25),
    }
    draws = peak_scores_all(np.random.default_rng(ENTROPY).standard_normal((100_000, x.size)), x)
    for name, form in forms.items():
        arms = peak_scores_all(form[None, :], x)
        strength = np.minimum(arms.rise[0] / draws.rise.std(axis=0), arms.fall[0] / draws.fall.std(axis=0))
        scaled = form * 2.5 / strength.max()
        yield name, scaled, float(np.ptp(scaled))


def cell(shape, truth, mean, size, *, noise="independent", n_seeds, n_levels, replications):
    """Return the rows of one simulated setting, one for each set of clauses."""
    x = levels_of(noise, n_levels)
    rng = np.random.default_rng([ENTROPY, n_seeds, n_levels, *f"{shape}{truth}{size}{noise}".encode()])
    hits, block = {}, 4_000
    for start in range(0, replications, block):
        count = min(block, replications - start)
        curves = mean + noise_of(noise, (count, n_seeds, n_levels), rng)
        for clauses, met in CLAUSES[shape](curves, x).items():
            hits[clauses] = hits.get(clauses, 0) + int(met.sum())
    start = (truth, f"{size:.2f}", noise, n_seeds, n_levels, replications)
    return [(shape, clauses, *start, f"{count / replications:.4f}") for clauses, count in hits.items()]


def shapes():
    """Yield the rows of truths with and without the shape, independent noise."""
    x = np.linspace(0, 1, N_LEVELS)
    usual = {"n_levels": N_LEVELS, "replications": REPLICATIONS}
    for shape, (means, sizes) in truths(x).items():
        for (truth, mean), size in itertools.product(means.items(), sizes):
            scale = size if shape == "linear" else size / np.ptp(mean)
            for n_seeds in SEEDS:
                yield from cell(shape, truth, scale * mean, size, n_seeds=n_seeds, **usual)
    for (truth, mean, size), n_seeds in itertools.product(peaks(x), SEEDS):
        yield from cell("peak", truth, mean, size, n_seeds=n_seeds, **usual)


def flats():
    """Yield the rows of a flat mean under noise of several kinds."""
    for noise, n_levels, n_seeds, shape in itertools.product(
        NOISES, (8, 16), SEEDS, ("hinge", "step", "peak")
    ):
        sizes = {"n_seeds": n_seeds, "n_levels": n_levels, "replications": REPLICATIONS_OF_SIZE}
        yield from cell(shape, "flat", np.zeros(n_levels), 0.0, noise=noise, **sizes)


def main(target):
    """Write the table."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows(itertools.chain(shapes(), flats()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
