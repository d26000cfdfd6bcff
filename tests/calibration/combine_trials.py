"""Measure how often combined studies are wrong: coverage, heterogeneity, contradiction, and whether studies agree.

Run by hand; it takes about an hour on one core:

    python tests/calibration/combine_trials.py docs/validity/combine_trials.csv

Names of parts behind the path measure only these anew; each part has a generator of its own. Each study has as many
scores as it has seeds, normal around its own true effect, with the sd that makes the standard error 1 where all studies
are alike. Studies differ by tau, in standard errors of one study.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.stats.combining.agreement import Measured, agreement
from sigstats.stats.combining.few_seeds import studies_posterior
from sigstats.stats.combining.heterogeneity import contradiction, heterogeneity
from sigstats.studies.combining.judge import judged

ENTROPY = 20261130
REPLICATIONS = 2_000
STUDIES = (2, 3, 5, 10)
SEEDS = (3, 5, 10)
BETWEEN = (0.0, 1.0, 4.0)
BOOTSTRAPS = 999  # fewer than `combine` takes
# Of the variances; fewer than `combine` takes, which adds noise to the ends of intervals, not bias.
DRAWS = 128
LEVEL, ALPHA = 0.95, 0.05
CHECKED = 20  # tables of each cell on which the functions of the package are asked as well
NAMES = ("what", "cell", "n_studies", "n_seeds", "between", "replications", "rate")


def studies(rng, n, seeds, sds=1.0):
    """Return estimation errors of n studies, their standard errors and degrees of freedom."""
    df = seeds - 1.0
    errors = sds * rng.normal(size=n)
    return errors, sds * np.sqrt(rng.chisquare(df, size=n) / df), np.full(n, df)


def cell_of(k, seeds, tau, sds, rng):
    """Return coverages and rates of one cell."""
    counts = dict.fromkeys(("mean", "next study", "mean above 0", "fixed"), 0)
    for _ in range(REPLICATIONS):
        truths = tau * rng.normal(size=k)
        errors, ses, dfs = studies(rng, k, seeds, sds)
        effects = truths + errors
        found = studies_posterior(effects, ses, dfs, tau=None, draws=(DRAWS,))
        at_zero = float(found.mean.cdf(0.0))
        counts["mean"] += abs(at_zero - 0.5) < LEVEL / 2
        counts["mean above 0"] += at_zero < ALPHA
        counts["next study"] += abs(float(found.next_study.cdf(tau * rng.normal())) - 0.5) < LEVEL / 2
        weights = ses**-2.0
        counts["fixed"] += abs(weights @ effects) / np.sqrt(weights.sum()) < 1.959964
    return {name: count / REPLICATIONS for name, count in counts.items()}


CHI2 = {2: 3.841459, 3: 5.991465, 5: 9.487729, 10: 16.918978}  # 95 % points, of n_studies - 1


def combined(rng):
    """Yield coverage of mean and next study."""
    for k in STUDIES:
        uneven = np.where(np.arange(k) % 2, 3.0, 1.0)
        for seeds in SEEDS:
            for tau in BETWEEN:
                for name, sds in (("alike", 1.0), ("standard errors 1 to 3", uneven)):
                    if name != "alike" and (tau != 1.0 or seeds == 10):
                        continue
                    for what, rate in cell_of(k, seeds, tau, sds, rng).items():
                        yield what, name, k, seeds, tau, REPLICATIONS, rate


def differences(rng):
    """Yield how often studies are said to differ: without differences, and with a sd of 1 between them."""
    for k in STUDIES:
        uneven = np.where(np.arange(k) % 2, 3.0, 1.0)
        for seeds in SEEDS:
            for name, sds in (("alike", 1.0), ("standard errors 1 to 3", uneven)):
                for tau in (0.0, 1.0):
                    found = []
                    for _ in range(REPLICATIONS):
                        errors, ses, dfs = studies(rng, k, seeds, sds)
                        truths = tau * rng.normal(size=k)
                        found.append(heterogeneity(truths + errors, ses, dfs, draws=BOOTSTRAPS))
                    rates = {
                        "differ": [each.pvalue <= ALPHA for each in found],
                        "Welch": [
                            special.fdtrc(k - 1, each.df_error, each.statistic) <= ALPHA for each in found
                        ],
                        "chi-square": [each.q > CHI2[k] for each in found],
                    }
                    for what, said in rates.items():
                        yield what, name, k, seeds, tau, REPLICATIONS, float(np.mean(said))


def opposite(rng):
    """Yield how often studies are said to contradict each other although none has an effect below 0."""
    many = 10 * REPLICATIONS
    for k in STUDIES:
        for seeds in SEEDS:
            for name, truth in (("no effect", 0.0), ("one large effect, else none", 8.0)):
                effects = rng.normal(size=(many, k))
                effects[:, 0] += truth
                ses = np.sqrt(rng.chisquare(seeds - 1, size=(many, k)) / (seeds - 1))
                above, below = (
                    special.stdtr(seeds - 1, sign * effects / ses).min(axis=1) for sign in (-1, 1)
                )
                pvalues = np.clip(k * np.maximum(above, below), 0.0, 1.0)
                for at in range(CHECKED):
                    own = contradiction(effects[at], ses[at], np.full(k, seeds - 1.0)).pvalue
                    _same(own, float(pvalues[at]))
                yield "contradiction", name, k, seeds, 0.0, many, float((pvalues <= ALPHA).mean())


def repeated(rng):
    """Yield how often a replication is said to agree, and to disagree; the margin is 1."""
    many = 5 * REPLICATIONS
    truths = (
        ("same effect, 4 margins", 4.0, 0.0),
        ("no effect in either", 0.0, 0.0),
        ("new one smaller by the margin", 4.0, -1.0),
        ("new one larger by the margin", 4.0, 1.0),
        ("new one has no effect", 4.0, -4.0),
    )
    for old_seeds, new_seeds in ((3, 3), (5, 5), (10, 10), (3, 10), (10, 3)):
        for ratio in (0.25, 1.0, 4.0):
            for name, effect, shift in truths:
                old = _studies(rng, many, effect, old_seeds, 1.0)
                new = _studies(rng, many, effect + shift, new_seeds, ratio)
                statuses = _statuses(old, new)
                for at in range(CHECKED):
                    pair = (Measured(value=x[at], se=se[at], df=df) for x, se, df in (old, new))
                    _same(judged(agreement(*pair, margin=1.0, alpha=ALPHA), alpha=ALPHA).status, statuses[at])
                for status in ("agrees", "disagrees", "cannot_tell"):
                    cell = f"{name}; new error x {ratio:g}"
                    yield status, cell, old_seeds, new_seeds, 0.0, many, float((statuses == status).mean())


def _studies(rng, many, truth, seeds, spread):
    """Return estimates, standard errors and degrees of freedom; a mean of 5 seeds has an error of a quarter."""
    error = spread * 0.25 * np.sqrt(5.0 / seeds)
    ses = error * np.sqrt(rng.chisquare(seeds - 1, size=many) / (seeds - 1))
    return truth + error * rng.normal(size=many), ses, seeds - 1.0


def _statuses(old, new):
    """Return what `judged` says of each pair, for all pairs at once."""
    (old_value, old_se, old_df), (new_value, new_se, new_df) = old, new
    variance = old_se**2 + new_se**2
    df = variance**2 / (old_se**4 / old_df + new_se**4 / new_df)
    distance = np.abs(new_value - old_value)
    outside = 2.0 * special.stdtr(df, -distance / np.sqrt(variance)) <= ALPHA
    within = special.stdtr(df, (distance - 1.0) / np.sqrt(variance)) <= ALPHA
    return np.where(within, "agrees", np.where(outside, "disagrees", "cannot_tell"))


def _same(own, other):
    """Raise where the functions of the package say something else than the arrays here."""
    alike = own == other if isinstance(other, str) else np.isclose(own, other, rtol=1e-9)
    if not alike:
        raise RuntimeError(f"{own} is not {other}")


PARTS = {"combined": combined, "opposite": opposite, "repeated": repeated, "differences": differences}
IN_PART = {
    "combined": ("mean", "next study", "mean above 0", "fixed"),
    "differences": ("differ", "Welch", "chi-square"),
    "opposite": ("contradiction",),
    "repeated": ("agrees", "disagrees", "cannot_tell"),
}


def main(path, wanted):
    """Measure parts, and keep what the file holds of the others."""
    kept = []
    if path.exists():
        with path.open(encoding="utf-8") as file:
            again = [what for part in wanted for what in IN_PART[part]]
            kept = [row for row in csv.DictReader(file) if row["what"] not in again]
    for at, (part, measure) in enumerate(PARTS.items()):
        if part in wanted:
            rng = np.random.default_rng([ENTROPY, at])
            kept += [dict(zip(NAMES, row, strict=True)) for row in measure(rng)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, NAMES, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(PARTS))
