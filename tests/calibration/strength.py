"""Measure the coverage of the strength of a signature, and how far its probability of replication can be trusted.

    python tests/calibration/strength.py docs/validity/strength.csv docs/validity/replication.csv

The first file holds, for many distributions of the scores, how often an interval lies below the truth and how often
above it; the second what the predictive probability of a replication is worth. Scores are simulated, not sweeps, except
where the second file says `detect`.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import special

import sigstats
from sigstats.stats.noncentral import nodes
from sigstats.stats.strength.replication import replication
from sigstats.stats.strength.standardised import _pairs

ENTROPY = 20261130
REPLICATIONS = 4000
TAIL = 0.05
SIZES = ((3, 3), (5, 5), (10, 10), (3, 10))
TRUTHS = (0.5, 0.75, 0.9, 0.95, 0.99)
RATIOS = (1 / 3, 1.0, 3.0)
FIRST = (
    "design",
    "method",
    "spread",
    "n_treatment",
    "n_control",
    "sd_ratio",
    "truth",
    "below",
    "above",
    "unbounded",
    "replications",
)
SECOND = (
    "design",
    "n_seeds",
    "power",
    "predicted",
    "predicted_if_shown",
    "coverage",
    "replications",
)


def _lognormal(rng, size):
    return (np.exp(rng.standard_normal(size)) - np.exp(0.5)) / np.sqrt(np.e * (np.e - 1))


def _two_groups(rng, size):
    """Four seeds of five lie at 0.5, one at -2."""
    return np.where(rng.random(size) < 0.8, 0.5, -2.0) + 0.2 * rng.standard_normal(size)


SPREADS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "t with 3 df": lambda rng, size: rng.standard_t(3, size) / np.sqrt(3),
    "lognormal": _lognormal,
    "lognormal, turned": lambda rng, size: -_lognormal(rng, size),
    "two groups": _two_groups,
}


def chances_alone(scores, value):
    """Return, for each row, the chance that the standardised mean is below a value, given the scores."""
    n = scores.shape[1]
    found = nodes(n - 1)
    observed = scores.mean(axis=1) / scores.std(axis=1, ddof=1)
    return special.ndtr(np.sqrt(n) * (value - observed[:, None] * np.sqrt(found.ratios))) @ found.weights


def chances_between(treatment, control, value):
    """Return the same of the standardised difference."""
    n, m = treatment.shape[1], control.shape[1]
    ratios, others, weights = _pairs(nodes(n - 1), nodes(m - 1))
    found = []
    for rows in np.array_split(np.arange(len(treatment)), max(len(treatment) // 200, 1)):
        first = treatment[rows].var(axis=1, ddof=1)[:, None] / ratios
        second = control[rows].var(axis=1, ddof=1)[:, None] / others
        difference = (treatment[rows].mean(axis=1) - control[rows].mean(axis=1))[:, None]
        standardised = value * np.sqrt(first + second) - difference
        found.append(special.ndtr(standardised / np.sqrt(first / n + second / m)) @ weights)
    return np.concatenate(found)


def _missed(chances):
    """Return how often an interval lies below the truth, and how often above it."""
    return (chances > 1 - TAIL).mean(), (chances < TAIL).mean()


def exact_bounds(share, n):
    count = share * n
    with np.errstate(invalid="ignore"):
        low = np.where(share > 0, special.betaincinv(np.maximum(count, 1e-9), n - count + 1, TAIL), 0.0)
        high = np.where(share < 1, special.betaincinv(count + 1, np.maximum(n - count, 1e-9), 1 - TAIL), 1.0)
    return low, high


def _outside(low, high, truth):
    return (high < truth).mean(), (low > truth).mean()


def newcombe(share, n, m, truth):
    """Return the misses of method 5 of Newcombe (2006), a score interval."""
    middle = (n + m) / 2 - 1
    variance = (
        truth
        * (1 - truth)
        * (1 + middle * (1 - truth) / (2 - truth) + middle * truth / (1 + truth))
        / (n * m)
    )
    z = (share - truth) / np.sqrt(variance)
    bound = special.ndtri(1 - TAIL)
    return (z < -bound).mean(), (z > bound).mean()


def brunner_munzel(treatment, control, truth):
    """Return the misses of the t interval of Brunner and Munzel (2000); without variance it is a point."""
    n, m = treatment.shape[1], control.shape[1]
    one = (treatment[:, :, None] > control[:, None, :]).mean(axis=2)
    other = (treatment[:, :, None] > control[:, None, :]).mean(axis=1)
    first, second = one.var(axis=1, ddof=1) / n, other.var(axis=1, ddof=1) / m
    share, variance = one.mean(axis=1), first + second
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.nan_to_num(variance**2 / (first**2 / (n - 1) + second**2 / (m - 1)), nan=1.0)
    half = special.stdtrit(df, 1 - TAIL) * np.sqrt(variance)
    return _outside(share - half, share + half, truth)


def reiser_guttman(treatment, control, value):
    """Return the misses of the approximation by a noncentral t of Reiser and Guttman (1986)."""
    n, m = treatment.shape[1], control.shape[1]
    first, second = treatment.var(axis=1, ddof=1), control.var(axis=1, ddof=1)
    df = (first + second) ** 2 / (first**2 / (n - 1) + second**2 / (m - 1))
    size = np.sqrt((first + second) / (first / n + second / m))
    observed = size * (treatment.mean(axis=1) - control.mean(axis=1)) / np.sqrt(first + second)
    return _missed(1 - special.nctdtr(df, size * value, observed))


def between(rng):
    """Yield the rows on treatment and control."""
    for spread, draw in SPREADS.items():
        for n, m in SIZES:
            for ratio in RATIOS:
                for truth in TRUTHS:
                    many = draw(rng, 1_000_000) - ratio * draw(rng, 1_000_000)
                    treatment = np.quantile(many, truth) + ratio * draw(rng, (REPLICATIONS, n))
                    control = draw(rng, (REPLICATIONS, m))
                    share = (treatment[:, :, None] > control[:, None, :]).mean(axis=(1, 2))
                    value = special.ndtri(truth)
                    found = {
                        "probability": _outside(*exact_bounds(share, min(n, m)), truth),
                        "if_normal": _missed(chances_between(treatment, control, value)),
                        "Reiser and Guttman": reiser_guttman(treatment, control, value),
                        "Newcombe": newcombe(share, n, m, truth),
                        "Brunner and Munzel": brunner_munzel(treatment, control, truth),
                    }
                    for method, (below, above) in found.items():
                        yield ("between", method, spread, n, m, ratio, truth, below, above, "", REPLICATIONS)


def alone(rng):
    """Yield the rows on seeds without a control, or on pairs: the probability, and the standardised mean."""
    for spread, draw in SPREADS.items():
        for n, m in SIZES:
            if n != m:
                continue
            for truth in TRUTHS:
                many = draw(rng, 1_000_000)
                shift = -np.quantile(many, 1 - truth)
                scores = shift + draw(rng, (REPLICATIONS, n))
                found = {
                    "probability": _outside(*exact_bounds((scores > 0).mean(axis=1), n), truth),
                    "if_normal": _missed(chances_alone(scores, special.ndtri(truth))),
                    "standardised": _missed(chances_alone(scores, shift)),
                }
                for method, (below, above) in found.items():
                    yield ("alone", method, spread, n, "", "", truth, below, above, "", REPLICATIONS)


def _welch_df(one, df, other, other_df):
    """Return the degrees of freedom of Welch's test, with the bound for few seeds beside many that `welch` has."""
    whole = one + other
    found = whole**2 / (one**2 / df + other**2 / other_df)
    if min(df, other_df) > 3 or max(df, other_df) + 1 < 2 * (min(df, other_df) + 1):
        return found
    squares = (one * special.stdtrit(df, 0.95) ** 2 + other * special.stdtrit(other_df, 0.95) ** 2) / whole
    return np.minimum(found, special.stdtridf(0.95, np.sqrt(squares)))


def shares(rng):
    """Yield the rows on the control's share; the truth is the share, `sd_ratio` the control's sd over the other."""
    for spread, draw in SPREADS.items():
        for n, m in SIZES:
            for size in (1.0, 3.0, 10.0):
                for truth in (0.0, 0.5, 1.0):
                    treatment = size / np.sqrt(n) + draw(rng, (REPLICATIONS, n))
                    control = truth * size / np.sqrt(n) + draw(rng, (REPLICATIONS, m))
                    one, other = treatment.var(axis=1, ddof=1) / n, control.var(axis=1, ddof=1) / m
                    df = _welch_df(truth**2 * one, n - 1, other, m - 1)
                    squared = special.stdtrit(df, 1 - TAIL) ** 2
                    apart = control.mean(axis=1) - truth * treatment.mean(axis=1)
                    out = apart**2 > squared * (other + truth**2 * one)
                    below, above = (out & (apart < 0)).mean(), (out & (apart > 0)).mean()
                    endless = special.stdtrit(n - 1, 1 - TAIL) ** 2 * one
                    unbounded = (treatment.mean(axis=1) ** 2 <= endless).mean()
                    yield (
                        f"share, effect of {size:g} se",
                        "share",
                        spread,
                        n,
                        m,
                        1.0,
                        truth,
                        below,
                        above,
                        unbounded,
                        REPLICATIONS,
                    )


def effect_of(n, power):
    """Return the effect in se at which a one-sided t test of n seeds has a power."""
    critical = special.stdtrit(n - 1, 1 - TAIL)
    return float(special.nctdtrinc(n - 1, 1 - power, critical))


def _one_test(rng, n, power):
    """Return t, and a function that gives the predicted probability, its ends and the true power."""
    effect = effect_of(n, power)
    t = (effect + rng.standard_normal(REPLICATIONS)) / np.sqrt(rng.chisquare(n - 1, REPLICATIONS) / (n - 1))
    grid = np.linspace(t.min(), np.quantile(t, 0.999), 150)
    told = [
        replication(np.array([x]), np.array([n - 1.0]), correlation=0.0, alpha=TAIL, tail=TAIL) for x in grid
    ]
    value, low, high = (
        np.interp(t, grid, [getattr(each, end) for each in told]) for end in ("value", "low", "high")
    )
    return t > special.stdtrit(n - 1, 1 - TAIL), value, low, high


def _effect_and_control(rng, n, power):
    """Return the same for an effect and a quiet control, of which the latter decides: it shows a quarter."""
    count = REPLICATIONS // 2
    effect = effect_of(n, power) * np.sqrt(0.5) / 0.25
    treatment = effect / np.sqrt(n) + rng.standard_normal((2 * count, n))
    control = 0.25 * effect / np.sqrt(n) + 0.5 * rng.standard_normal((2 * count, n))
    one, other = treatment.var(axis=1, ddof=1) / n, control.var(axis=1, ddof=1) / n
    mean, quiet = treatment.mean(axis=1), 0.5 * treatment.mean(axis=1) - control.mean(axis=1)
    variance = 0.25 * one + other
    df = variance**2 / ((0.25 * one) ** 2 + other**2) * (n - 1)
    t = np.column_stack([mean / np.sqrt(one), quiet / np.sqrt(variance)])
    passed = (t[:, 0] > special.stdtrit(n - 1, 1 - TAIL)) & (t[:, 1] > special.stdtrit(df, 1 - TAIL))
    told = [
        replication(
            t[row],
            np.array([n - 1.0, df[row]]),
            correlation=float(0.5 * np.sqrt(one[row] / variance[row])),
            alpha=TAIL,
            tail=TAIL,
        )
        for row in range(count)
    ]
    true = passed.mean()
    found = (np.array([getattr(each, end) for each in told]) for end in ("value", "low", "high"))
    return passed[:count], *found, true


def replications(rng):
    """Yield the rows on the probability of a replication: for an effect, and for an effect beside a control."""
    for n in (3, 5, 10):
        for power in (0.05, 0.3, 0.5, 0.8, 0.95):
            shown, value, low, high = _one_test(rng, n, power)
            yield _replicated("effect", n, power, shown, value, low, high, REPLICATIONS)
    for n in (3, 5, 10):
        for power in (0.3, 0.5, 0.8, 0.95):
            shown, value, low, high, true = _effect_and_control(rng, n, power)
            yield _replicated("effect and control", n, true, shown, value, low, high, REPLICATIONS // 2)


def _replicated(design, n, power, shown, value, low, high, count):
    covered = ((low <= power) & (power <= high)).mean()
    return design, n, power, value.mean(), value[shown].mean(), covered, count


def of_detect(rng, count=500):
    """Yield the same for whole verdicts on sweeps: how often a sweep is present again, made in the same way."""
    x = np.linspace(0.0, 1.0, 8)
    for n in (3, 5, 10):
        for power in (0.5, 0.8):
            effect = effect_of(n, power) / np.sqrt(n)
            told, shown = [], []
            for _ in range(count):
                slopes = effect + 0.9 * rng.standard_normal(n)
                noise = np.sqrt(1 - 0.9**2) / np.sqrt(1 / ((x - x.mean()) ** 2).sum())
                curves = slopes[:, None] * x + rng.standard_normal((n, 8)) * noise
                verdict = sigstats.detect(sigstats.from_array(curves, knob=x), shape="increasing")
                told.append(verdict.strength.replication.value)
                shown.append(verdict.status == "present")
            value, present = np.array(told), np.array(shown)
            yield "detect", n, present.mean(), value.mean(), value[present].mean(), "", count


def write(target, head, rows):
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        for row in rows:
            writer.writerow([f"{each:.4g}" if isinstance(each, float) else each for each in row])
            out.flush()


def main(first, second):
    """Write both files."""
    coverage, again = enumerate((alone, between, shares)), enumerate((replications, of_detect), start=3)
    for target, head, parts in ((first, FIRST, coverage), (second, SECOND, again)):
        write(target, head, (row for at, part in parts for row in part(np.random.default_rng([ENTROPY, at]))))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
