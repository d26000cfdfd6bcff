"""Measure how often claims on a baseline are made although they are false, how often intervals cover, and the power.

Run by hand; it takes about fifteen minutes on one core:

    python tests/calibration/compare_trials.py docs/validity/compare_trials.csv

Names of parts behind the path measure only these anew, as in ``... compare_trials.csv several partly_paired``; each
part has a generator of its own.

Each truth is one at which the claim is only just false: no difference for *higher*, a difference of exactly the margin
for *equivalent* and *not_worse*, a ratio of exactly 1.05 for a gain of "5%" that is ruled out. The tests are those of
`sigstats.compare`, on tables that are never written out as frames; those of several treatments are by `compare` itself.
"""

import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

import sigstats as ss
from sigstats.signature.share import Share
from sigstats.stats.comparisons.groups import Group
from sigstats.studies.baseline import evidence

ALPHA = 0.05
RUNS = (3, 4, 5, 10)
ENTROPY = 20261130
NAMES = ("what", "cell", "n_runs", "n_items", "replications", "rate")
REPLICATIONS = 4_000
REPLICATIONS_OF_ITEMS = 2_000
REPLICATIONS_OF_SEVERAL = 1_000
TREATMENTS = 5
BASE = 10.0


def question(treated, baseline, *, population="runs", min_effect=None, paired=False):
    """Return the question that `compare` asks of a treatment and a baseline, arrays of runs by items."""
    first = np.arange(len(baseline))
    groups = {
        "base": Group(ids=first, values=baseline),
        "new": Group(ids=first if paired else first.size + np.arange(len(treated)), values=treated),
    }
    return evidence.Question(
        groups=groups,
        population=population,
        orientation=1,
        baseline="base",
        controls=(),
        treatments=("new",),
        min_effect=min_effect,
        quiet_fraction=0.5,
    )


def of_runs(rng, n, m, ratio, correlation=None):
    """Return n runs of a treatment whose variance is `ratio` times that of m runs of a baseline with variance 1."""
    baseline = rng.normal(size=(m, 1))
    noise = rng.normal(size=(n, 1))
    if correlation is not None:
        noise = correlation * baseline + np.sqrt(1 - correlation**2) * noise
    return BASE + np.sqrt(ratio) * noise, BASE + baseline


def run_cells():
    """Yield name, sizes and ratio of variances, and correlation of pairs, of cells without items."""
    for n in RUNS:
        for ratio in (0.1, 1.0, 10.0):
            yield f"independent, variance ratio {ratio:g}", n, n, ratio, None
            yield (
                f"independent, variance ratio {ratio:g}, twice as many runs of the baseline",
                n,
                2 * n,
                ratio,
                None,
            )
            yield f"independent, variance ratio {ratio:g}, 10 runs of the baseline", n, 10, ratio, None
        for correlation in (-0.5, 0.0, 0.5, 0.9):
            yield f"paired, correlation {correlation:g}", n, n, 1.0, correlation


def measure_runs(rng):
    """Yield the rates of claims on new runs."""
    for name, n, m, ratio, correlation in run_cells():
        paired = correlation is not None
        shared = 0.0 if correlation is None else 2 * correlation / n
        margin = 3.0 * np.sqrt(ratio / n + 1.0 / m - shared)
        hits = dict.fromkeys(("higher", "not_worse", "equivalent", "coverage", "relative"), 0)
        for _ in range(REPLICATIONS):
            treated, baseline = of_runs(rng, n, m, ratio, correlation)
            gain = evidence.tests_of(question(treated, baseline, paired=paired), "new").gain
            low, high = gain.interval(1 - 2 * ALPHA)
            hits["higher"] += gain.pvalue_above(0.0) <= ALPHA
            hits["coverage"] += low <= 0 <= high
            # The tests move with the data: runs that are worse by the margin are tested as those without a difference,
            # and runs that are better by it are these, moved by the margin.
            hits["not_worse"] += gain.pvalue_above(0.0) <= ALPHA
            hits["equivalent"] += max(gain.pvalue_above(-2.0 * margin), gain.pvalue_below(0.0)) <= ALPHA
            asked = question(treated + 0.05 * BASE, baseline, paired=paired, min_effect=Share(0.05))
            hits["relative"] += evidence.tests_of(asked, "new").below_margin <= ALPHA
        for what, count in hits.items():
            yield what, name, n, 0, REPLICATIONS, count / REPLICATIONS


def measure_power(rng):
    """Yield the power for a difference of so many sd between runs, and that of an oracle that knows the variance."""
    for n in RUNS:
        for size in (1.0, 2.0, 3.0):
            hits = sum(
                evidence.tests_of(question(treated + size, baseline), "new").above_zero <= ALPHA
                for treated, baseline in (of_runs(rng, n, n, 1.0) for _ in range(REPLICATIONS))
            )
            yield "power", f"difference of {size:g} sd", n, 0, REPLICATIONS, hits / REPLICATIONS
            known = special.ndtr(size / np.sqrt(2.0 / n) - special.ndtri(1 - ALPHA))
            yield "power of the oracle", f"difference of {size:g} sd", n, 0, 0, float(known)


PARTS = {
    "neither runs nor items vary": (0.0, 0.0, 1.0),
    "runs and items vary a little": (0.1, 0.1, 1.0),
    "runs and items vary as much as cells": (1.0, 1.0, 1.0),
    "runs dominate": (3.0, 0.3, 0.3),
    "items dominate": (0.1, 3.0, 0.3),
    "runs and items bring the same variance": (1.0, None, 0.1),
}


def cells_of(rng, n, n_items, parts, *, paired):
    """Return runs by items of a treatment and a baseline; items recur in both, runs only if paired."""
    runs_sd, items_sd, cells_sd = parts
    items_sd = runs_sd * np.sqrt(n_items / n) if items_sd is None else items_sd
    difficulty = rng.normal(0, 1, n_items)
    common = rng.normal(0, 1, (n, 1)) if paired else 0.0
    tables = []
    for _ in range(2):
        runs, items = rng.normal(0, runs_sd, (n, 1)), rng.normal(0, items_sd, n_items)
        tables.append(
            difficulty + common + (runs + items + rng.normal(0, cells_sd, (n, n_items))) / np.sqrt(2)
        )
    return tables


def measure_items(rng):
    """Yield the rates of claims on new runs and new items."""
    for n in (3, 5, 10):
        for n_items in (10, 100):
            for name, parts in PARTS.items():
                for paired in (False, True):
                    hits = {"higher, over both": 0, "coverage, over both": 0}
                    for _ in range(REPLICATIONS_OF_ITEMS):
                        treated, baseline = cells_of(rng, n, n_items, parts, paired=paired)
                        found = evidence.tests_of(
                            question(treated, baseline, population="both", paired=paired), "new"
                        )
                        low, high = found.gain.interval(1 - 2 * ALPHA)
                        hits["higher, over both"] += found.above_zero <= ALPHA
                        hits["coverage, over both"] += low <= 0 <= high
                    for what, count in hits.items():
                        cell = f"{name}, {'paired' if paired else 'independent'} runs"
                        yield what, cell, n, n_items, REPLICATIONS_OF_ITEMS, count / REPLICATIONS_OF_ITEMS


def measure_binary(rng):
    """Yield the rates of claims on new runs whose items are solved or not, and of items that were taken for runs."""
    for n in RUNS:
        for solved in (0.02, 0.5, 0.98):
            hits = {"higher, over runs": 0, "higher, items taken for runs": 0}
            for _ in range(REPLICATIONS_OF_ITEMS):
                logit = np.log(solved / (1 - solved)) + rng.normal(0, 0.5, (2 * n, 1)) + rng.normal(0, 1, 100)
                values = (rng.random((2 * n, 100)) < special.expit(logit)).astype(float)
                asked = question(values[:n], values[n:])
                hits["higher, over runs"] += evidence.tests_of(asked, "new").above_zero <= ALPHA
                wrong = question(
                    values[:n].mean(axis=0)[:, None], values[n:].mean(axis=0)[:, None], paired=True
                )
                hits["higher, items taken for runs"] += evidence.tests_of(wrong, "new").above_zero <= ALPHA
            for what, count in hits.items():
                cell = f"items solved in {solved:.0%}"
                yield what, cell, n, 100, REPLICATIONS_OF_ITEMS, count / REPLICATIONS_OF_ITEMS


# Standard deviations of baseline and treatments, and how many runs the baseline has for each run of a treatment.
SEVERAL = {
    "variances alike": (1.0, (1.0,) * TREATMENTS, 1),
    "one treatment of variance 10": (1.0, (10**0.5, *(1.0,) * (TREATMENTS - 1)), 1),
    "baseline of variance 10": (10**0.5, (1.0,) * TREATMENTS, 1),
    "treatments of variance 10, four times as many runs of the baseline": (1.0, (10**0.5,) * TREATMENTS, 4),
}


def runs_of(rng, means, sds, counts):
    """Return a frame of runs, each with a label of its own."""
    parts = [
        pd.DataFrame(
            {
                "condition": name,
                "seed": [f"{name}{run}" for run in range(n)],
                "metric": rng.normal(mean, sd, n),
            }
        )
        for (name, mean), sd, n in zip(means.items(), sds, counts, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def measure_several(rng):
    """Yield the rate of any false claim for several treatments: none of them gains, or their control gains half."""
    columns = {
        "metric": "metric",
        "seed": "seed",
        "condition": "condition",
        "baseline": "base",
        "claim": "higher",
    }
    treated = [f"t{at}" for at in range(TREATMENTS)]
    for n in (3, 5, 10):
        for cell, (own, sds, times) in SEVERAL.items():
            hits = dict.fromkeys(("holm", "dunnett"), 0)
            means, counts = dict.fromkeys(("base", *treated), 0.0), (times * n, *(n,) * TREATMENTS)
            for _ in range(REPLICATIONS_OF_SEVERAL):
                frame = runs_of(rng, means, (own, *sds), counts)
                for correction in hits:
                    found = ss.compare(frame, correction=correction, **columns)
                    hits[correction] += min(row.pvalue for row in found.rows) <= ALPHA
            for correction, count in hits.items():
                yield (
                    f"any of several, {correction}",
                    cell,
                    n,
                    0,
                    REPLICATIONS_OF_SEVERAL,
                    count / REPLICATIONS_OF_SEVERAL,
                )
        count = 0
        means = {"base": 0.0, "placebo": 2.0} | dict.fromkeys(treated, 4.0)
        for _ in range(REPLICATIONS_OF_SEVERAL):
            frame = runs_of(rng, means, (0.5, 0.5, *(2.0,) * TREATMENTS), (n,) * (TREATMENTS + 2))
            found = ss.compare(frame, control="placebo", **columns)
            count += any(row.status == "present" for row in found.rows)
        cell = "a control that gains exactly half"
        yield "any of several, holm", cell, n, 0, REPLICATIONS_OF_SEVERAL, count / REPLICATIONS_OF_SEVERAL


def partly(rng, n, m, pairs, correlation, shift):
    """Return questions on one table of which some runs are paired: as it is, all as independent, and the pairs only."""
    treated, baseline = of_runs(rng, n, m, 1.0)
    treated[:pairs] = BASE + (
        correlation * (baseline[:pairs] - BASE) + np.sqrt(1 - correlation**2) * (treated[:pairs] - BASE)
    )
    treated = treated + shift
    as_it_is = question(treated, baseline)
    ids = np.concatenate([np.arange(pairs), m + np.arange(n - pairs)])
    return {
        "as it is": replace(as_it_is, groups=as_it_is.groups | {"new": Group(ids=ids, values=treated)}),
        "all as independent": as_it_is,
        "pairs only": question(treated[:pairs], baseline[:pairs], paired=True),
    }


def measure_partly_paired(rng):
    """Yield the rates of three analyses of runs of which some share a label, without a difference and with one."""
    for n, m, pairs in ((6, 6, 5), (5, 8, 5), (10, 10, 5)):
        for correlation in (-0.5, 0.0, 0.5, 0.9):
            for what, shift in (("partly paired, size", 0.0), ("partly paired, power", 1.0)):
                hits = dict.fromkeys(("as it is", "all as independent", "pairs only"), 0)
                for _ in range(REPLICATIONS_OF_ITEMS):
                    for how, asked in partly(rng, n, m, pairs, correlation, shift).items():
                        hits[how] += evidence.tests_of(asked, "new").above_zero <= ALPHA
                for how, count in hits.items():
                    cell = f"{pairs} pairs among {n} and {m} runs, correlation {correlation:g}, {how}"
                    yield what, cell, n, 0, REPLICATIONS_OF_ITEMS, count / REPLICATIONS_OF_ITEMS


# Runs of each treatment and of the baseline, and the variance of the former's in units of the latter's.
UNLIKE = (
    *((3, 12, ratio) for ratio in (1.0, 3.0, 10.0)),
    *((n, m, 10.0) for n, m in ((3, 3), (5, 5), (5, 6), (5, 20), (8, 32), (10, 40))),
    (3, 3, 30.0),
)


def measure_small_levels(rng):
    """Yield the rate of any false claim among five treatments at .05 / 5, as it is and by Welch's test."""
    level = ALPHA / TREATMENTS
    for n, m, ratio in UNLIKE:
        hits = dict.fromkeys(("as it is", "Welch"), 0)
        for _ in range(REPLICATIONS):
            treated = np.sqrt(ratio) * rng.normal(size=(TREATMENTS, n))
            baseline = rng.normal(size=m)
            asked = [replace(question(each[:, None], baseline[:, None]), level=level) for each in treated]
            hits["as it is"] += any(evidence.tests_of(each, "new").above_zero <= level for each in asked)
            welch = stats.ttest_ind(treated, baseline[None], axis=1, equal_var=False, alternative="greater")
            hits["Welch"] += bool((welch.pvalue <= level).any())
        for how, count in hits.items():
            cell = f"{m} runs of the baseline, variance ratio {ratio:g}, {how}"
            yield "any of five", cell, n, 0, REPLICATIONS, count / REPLICATIONS


PARTS_MEASURED = {
    "runs": (measure_runs, ("higher", "coverage", "not_worse", "equivalent", "relative")),
    "power": (measure_power, ("power", "power of the oracle")),
    "items": (measure_items, ("higher, over both", "coverage, over both")),
    "binary": (measure_binary, ("higher, over runs", "higher, items taken for runs")),
    "several": (measure_several, ("any of several, holm", "any of several, dunnett")),
    "partly_paired": (measure_partly_paired, ("partly paired, size", "partly paired, power")),
    "small_levels": (measure_small_levels, ("any of five",)),
}


def main(path, *names):
    """Write all rates, or those of some parts among the others."""
    known = []
    if names:
        with Path(path).open(encoding="utf-8", newline="") as file:
            known = [tuple(row.values()) for row in csv.DictReader(file)]
    rows = []
    for number, (name, (measure, whats)) in enumerate(PARTS_MEASURED.items()):
        if names and name not in names:
            rows += [row for row in known if row[0] in whats]
            continue
        found = measure(np.random.default_rng([ENTROPY, number]))
        rows += [(*row[:5], f"{row[5]:.4f}") for row in found]
        print(name, len(rows), flush=True)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
