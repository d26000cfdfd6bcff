"""Measure error rates and power of the t statistics behind verdicts at planned looks, on many more tables.

    python tests/calibration/looks_law.py docs/validity/looks_law.csv docs/validity/looks_power.csv

A verdict states nothing that its t statistic does not show, so that these rates bound those of verdicts
(`looks.csv`) from above. Tables grow by seeds, with 8 levels, and each has a line as its truth, at the edge of the
statement: a mean of 0, an effect of the margin, a control with just the allowed half. `kind` says what is tested:

t              the mean score of one condition: rises, falls, is below the margin
pairs          the difference of treatment and control within seeds
Welch          half of the treatment minus the control; the control's noise is `ratio` times the treatment's
turn           a rise of 8 noise sd that flattens after `ratio` of the range: the curve falls
independent    a contrast of the means of fresh runs at every level; the last level's noise is `ratio` times the first's

Power is that of a mean score of `effect` sds: at each look for a plan, and by the e-process after so many seeds.
"""

import csv
import itertools
import sys
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.evidence.look import WELCH
from sigstats.stats import alpha_per_look
from sigstats.stats.looks.eprocess import t_eprocess
from sigstats.stats.scores.reversal import critical_values, t_statistic, turn_scores

PLANS = ((3, 5), (3, 4, 5), (3, 5, 8), (4, 6), (3, 5, 8, 12))
NOISES = ("iid", "random slopes", "AR(0.9)")
RATIOS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
X = np.arange(8.0) / 7.0
LINE = (X - X.mean()) / ((X - X.mean()) ** 2).sum()
EFFECTS = (1.0, 2.0, 3.0)
EVALUE_SEEDS = (3, 5, 8, 10)
TABLES, CHUNK, TURNING, ENTROPY = 100_000, 10_000, 20_000, 20261130
COSINES = 200


def curves(kind, rng, n):
    """Return curves of noise, shape (tables, seeds, levels)."""
    cells = rng.standard_normal((CHUNK, n, X.size))
    if kind == "random slopes":
        slopes = rng.standard_normal((CHUNK, n, 1)) * np.sqrt((LINE**2).sum())
        return cells + slopes * (X - X.mean())
    if kind == "AR(0.9)":
        for level in range(1, X.size):
            cells[..., level] = 0.9 * cells[..., level - 1] + np.sqrt(1.0 - 0.9**2) * cells[..., level]
    return cells


def one_sided(estimate, variance, df):
    return special.stdtr(df, -estimate / np.sqrt(variance))


def t_test(scores):
    n = scores.shape[1]
    return one_sided(scores.mean(axis=1), scores.var(axis=1, ddof=1) / n, n - 1.0)


def welch(first, second):
    n = first.shape[1]
    a, b = first.var(axis=1, ddof=1) / n, second.var(axis=1, ddof=1) / n
    df = (n - 1.0) * (a + b) ** 2 / (a**2 + b**2)
    return one_sided(first.mean(axis=1) - second.mean(axis=1), a + b, df)


def fresh_runs(cells, ratio):
    n = cells.shape[1]
    runs = cells * np.linspace(1.0, ratio, X.size)
    parts = LINE**2 * runs.var(axis=1, ddof=1) / n
    df = parts.sum(axis=1) ** 2 / (parts**2).sum(axis=1) * (n - 1.0)
    return one_sided(runs.mean(axis=1) @ LINE, parts.sum(axis=1), df)


def tests_of(kind, rng, most):
    """Yield what is tested: its name, the ratio of noises, the share of the level, and a function of n to p-values."""
    treatment, control = curves(kind, rng, most) @ LINE, curves(kind, rng, most) @ LINE
    yield "t", 1.0, 1.0, lambda n: t_test(treatment[:, :n])
    yield "pairs", 1.0, 1.0, lambda n: t_test(0.5 * treatment[:, :n] - control[:, :n])
    for ratio in RATIOS:
        yield "Welch", ratio, WELCH, lambda n, r=ratio: welch(0.5 * treatment[:, :n], r * control[:, :n])
    if kind == "iid":
        cells = curves(kind, rng, most)
        for ratio in RATIOS:
            yield "independent", ratio, 1.0, lambda n, r=ratio: fresh_runs(cells[:, :n], r)


def rates():
    """Yield the error rates of every plan."""
    levels = {plan: alpha_per_look(plan) for plan in PLANS}
    most = max(plan[-1] for plan in PLANS)
    for number, kind in enumerate(NOISES):
        hits: dict[tuple, np.ndarray] = {}
        for chunk in range(TABLES // CHUNK):
            rng = np.random.default_rng([ENTROPY, number, chunk])
            for name, ratio, share, pvalues in tests_of(kind, rng, most):
                found = {n: pvalues(n) for n in {n for plan in PLANS for n in plan}}
                for plan, level in levels.items():
                    at = [
                        np.any([found[n] <= bound for n in plan], axis=0).sum()
                        for bound in (share * level, level, 0.05)
                    ]
                    hits[plan, kind, name, ratio] = hits.get((plan, kind, name, ratio), 0) + np.array(at)
        for (plan, _, name, ratio), counts in hits.items():
            error, full, naive = (counts / TABLES).round(4).tolist()
            yield {
                "looks": " ".join(map(str, plan)), "alpha": round(levels[plan], 4), "noise": kind, "kind": name,
                "ratio": ratio, "error": error, "at_full_level": full, "naive": naive, "tables": TABLES,
            }  # fmt: skip


def turns():
    """Yield how often a rise that flattens is said to turn; `ratio` is where it flattens, in parts of the range."""
    levels = {plan: alpha_per_look(plan) for plan in PLANS}
    for number, (kind, plateau) in enumerate(itertools.product(NOISES, (2, 4, 5))):
        hits = {plan: np.zeros(2) for plan in PLANS}
        for chunk in range(TURNING // CHUNK):
            rng = np.random.default_rng([ENTROPY, 100 + number, chunk])
            cells = 8.0 * np.minimum(X, X[plateau]) + curves(kind, rng, PLANS[-1][-1])
            found = {n: turn_scores(cells[:, :n]) for n in {n for plan in PLANS for n in plan}}
            for plan, level in levels.items():
                for at, bound in enumerate((level, 0.05)):
                    shown = [turned(found[n], critical_values(n, X.size, bound)) for n in plan]
                    hits[plan][at] += np.any(shown, axis=0).sum()
        for plan, counts in hits.items():
            error, naive = (counts / TURNING).round(4).tolist()
            yield {
                "looks": " ".join(map(str, plan)), "alpha": round(levels[plan], 4), "noise": kind, "kind": "turn",
                "ratio": round(float(X[plateau]), 2), "error": error, "at_full_level": error, "naive": naive,
                "tables": TURNING,
            }  # fmt: skip


def turned(scores, bounds):
    return (t_statistic(scores.fall) > bounds[0]) & (t_statistic(scores.rise) > bounds[1])


def evalues_of(scores):
    """Return the last e-value of every table, which depends on the cosine of its scores alone."""
    n = scores.shape[1]
    cosines = scores.sum(axis=1) / np.sqrt(n * (scores**2).sum(axis=1))
    if n == 1:
        return np.where(cosines > 0, t_eprocess([1.0]).evalue, t_eprocess([-1.0]).evalue)
    grid = np.cos(np.linspace(np.pi, 0.0, COSINES))
    known = [np.log(t_eprocess(with_cosine(cosine, n)).evalue) for cosine in grid]
    return np.exp(np.interp(cosines, grid, known))


def with_cosine(cosine, n):
    """Return n scores with this cosine."""
    away = np.zeros(n)
    away[:2] = np.sqrt(0.5), -np.sqrt(0.5)
    return cosine / np.sqrt(n) + np.sqrt(1.0 - cosine**2) * away


def powers():
    """Yield the power of plans, of one test at the last look, and of the e-process."""
    for effect in EFFECTS:
        rng = np.random.default_rng([ENTROPY, int(effect)])
        scores = rng.standard_normal((TABLES, PLANS[-1][-1])) + effect
        for plan in PLANS:
            level = alpha_per_look(plan)
            shown = np.maximum.accumulate([t_test(scores[:, :n]) <= level for n in plan], axis=0)
            seeds = np.where(shown[:-1].any(axis=0), np.array(plan)[shown.argmax(axis=0)], plan[-1])
            yield {
                "method": "looks", "seeds": " ".join(map(str, plan)), "effect": effect,
                "power": " ".join(f"{each:.3f}" for each in shown.mean(axis=1)),
                "mean_seeds": round(float(seeds.mean()), 2), "tables": TABLES,
            }  # fmt: skip
        for n in (3, 4, 5, 6, 8, 10, 12):
            yield {
                "method": "one test", "seeds": n, "effect": effect,
                "power": f"{(t_test(scores[:, :n]) <= 0.05).mean():.3f}", "mean_seeds": n, "tables": TABLES,
            }  # fmt: skip
        evalues = [evalues_of(scores[:, :n]) for n in range(1, EVALUE_SEEDS[-1] + 1)]
        reached = np.maximum.accumulate(np.array(evalues) >= 20.0, axis=0).mean(axis=1)
        for n in EVALUE_SEEDS:
            yield {
                "method": "e-process", "seeds": n, "effect": effect, "power": f"{reached[n - 1]:.3f}",
                "mean_seeds": "", "tables": TABLES,
            }  # fmt: skip


def write(path, rows):
    rows = list(rows)
    with Path(path).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write(sys.argv[2], powers())
    write(sys.argv[1], [*rates(), *turns()])
