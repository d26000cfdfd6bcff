"""Measure what is said of shapes whose onset, knee or turn stands near an end, elsewhere, or in two places.

Run by hand; it takes about five minutes on one core:

    python tests/calibration/place_trials.py docs/validity/place_trials.csv

Noise of standard deviation 1 in every cell. `rate` is the share of simulated tables in which what the question names
is found; `without` is the same where the place is sought only where it can be tested (refuted), or only where the other
seeds show it (quiet).
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.evidence.clauses import refuted_pvalue
from sigstats.evidence.largest import with_largest
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.near_end import near_end
from sigstats.evidence.parts import Scored
from sigstats.evidence.reversal import reversal_of
from sigstats.shapes import Peak, Saturating, ScoreContext, Threshold
from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.hinge import hinge_scores
from sigstats.stats.scores.peak import peak_scores
from sigstats.stats.scores.reversal import t_statistic
from sigstats.stats.scores.step import step_scores

ALPHA = 0.05
ENTROPY = 20261130
SEEDS = (3, 5, 10)
REFUTED, QUIET, SIZES, SCOPES = 1_000, 1_000, 10_000, 500
X = np.arange(9.0)
LAST = X[-1]
STEP, HINGE, PEAK, SATURATING = Threshold(form="step"), Threshold(), Peak(), Saturating()
NAMES = ("question", "shape", "truth", "size", "n_seeds", "replications", "rate", "without")


def step(n_before, size):
    """Return a jump after so many levels."""
    return np.where(n_before <= X, size, 0.0)


def hinge(place, size):
    """Return a rise by `size` from an onset on."""
    return size * np.maximum(X - place, 0.0) / (LAST - place)


def bend(place, size):
    """Return a hinge whose slope is `size` per full range, wherever its onset."""
    return size * np.maximum(X - place, 0.0) / LAST


def tent(top, size):
    """Return a peak."""
    return size * np.where(top >= X, X / top, (LAST - X) / (LAST - top))


def context():
    """Return the setting of one condition."""
    return ScoreContext(
        x=X / LAST, levels=X, alpha=ALPHA, orientation=1, scale=1.0, centre=0.0, min_effect=None
    )


def scored(shape, curves, first=0):
    """Return the scores of one condition."""
    ids = np.arange(first, first + len(curves))
    return Scored(ids=ids, scores=shape.score(curves, context()), contrasts={})


def refuted(shape, curves):
    """Return whether some clause, or the opposite, is shown: with the places near an end, and without them."""
    own = [scored(shape, curves)]
    smallest = np.nanmin([refuted_pvalue(own, clause) for clause in shape.clauses] + [1.0])
    ends = near_end(own, shape.clauses, {}) if smallest <= ALPHA else None
    return smallest <= ALPHA and (ends is None or ends.anywhere <= ALPHA), smallest <= ALPHA


def welch(first, second):
    """Return the one-sided p-value of the mean of `first` being at most that of `second`."""
    spreads = [each.var(ddof=1) / each.size for each in (first, second)]
    df = sum(spreads) ** 2 / sum(
        s**2 / (each.size - 1) for s, each in zip(spreads, (first, second), strict=True)
    )
    return float(special.stdtr(df, (second.mean() - first.mean()) / np.sqrt(sum(spreads))))


def quiet(shape, treatment, control):
    """Return whether the control is shown to have less than half, wherever it may have it, and where it was sought."""
    sides = scored(shape, treatment), scored(shape, control, len(treatment))
    treated = sides[0].scores["control"]
    larger = [
        0.5 * _stretched(treated.parts[:, part], treated.stretch) for part in range(treated.parts.shape[1])
    ]

    def shown(smaller):
        arms = smaller.scores["control"]
        columns = [_stretched(arms.parts[:, part], arms.stretch) for part in range(arms.parts.shape[1])]
        return max(_simes([welch(one, other) for other in columns]) for one in larger) <= ALPHA

    return shown(with_largest([sides[1]], "control")[0]), shown(sides[1])


def _stretched(values, factor):
    return values.mean() + factor * (values - values.mean())


def _simes(pvalues):
    ordered = np.sort(pvalues)
    return float((ordered * ordered.size / np.arange(1.0, ordered.size + 1.0)).min())


def rows_of(question, shape, truth, size, replications, found_by):
    """Yield a row per number of seeds, from a function that simulates and judges one table."""
    for n_seeds in SEEDS:
        rng = np.random.default_rng([ENTROPY, n_seeds, len(truth), int(size)])
        found = np.array([found_by(rng, n_seeds) for _ in range(replications)], dtype=float)
        name = f"{shape.name} ({shape.form})" if isinstance(shape, Threshold) else shape.name
        yield (
            question,
            name,
            truth,
            size,
            n_seeds,
            replications,
            *(f"{rate:.4f}" for rate in found.mean(axis=0)),
        )


def refutations():
    """Yield how often a shape is refuted: true shapes first, then curves that do not have it."""
    cells = (
        (STEP, "step after 1 level", 6, step(1, 6)),
        (STEP, "step after 2 levels", 6, step(2, 6)),
        (STEP, "step before the last level", 6, step(8, 6)),
        (STEP, "step in the middle", 6, step(5, 6)),
        (HINGE, "onset at level 2", 20, hinge(1, 20)),
        (HINGE, "onset at level 2", 40, hinge(1, 40)),
        (HINGE, "onset between levels 2 and 3", 40, hinge(1.5, 40)),
        (HINGE, "onset at the last level but one", 20, hinge(7, 20)),
        (HINGE, "onset at level 2, plateau from level 5 on", 20, np.minimum(hinge(1, 20 * 7 / 3), 20)),
        (PEAK, "turn at level 2", 8, tent(1, 8)),
        (PEAK, "turn at the last level but one", 8, tent(7, 8)),
        (SATURATING, "knee at the last level but one", 10, 10 * np.minimum(X, 7) / 7),
        (STEP, "not: a line", 20, 20 * X / LAST),
        (HINGE, "not: twice as steep from the middle on", 60, 20 * (X + np.maximum(X - 4, 0)) / LAST),
        (HINGE, "not: a fall from the middle on", 20, -hinge(4, 20)),
        (PEAK, "not: a rising line", 20, 20 * X / LAST),
        (SATURATING, "not: a line", 40, 40 * X / LAST),
    )
    for shape, truth, size, curve in cells:
        yield from rows_of(
            "refuted",
            shape,
            truth,
            size,
            REFUTED,
            lambda rng, n, shape=shape, curve=curve: refuted(shape, curve + rng.standard_normal((n, X.size))),
        )


def controls():
    """Yield how often a control is called quiet: with half of the effect elsewhere first, then without any."""
    cells = (
        (PEAK, "half, turn at a quarter", 8, tent(4, 8), tent(2, 4)),
        (PEAK, "half, turn at a quarter", 16, tent(4, 16), tent(2, 8)),
        (PEAK, ".55, turn at a quarter", 16, tent(4, 16), tent(2, 8.8)),
        (PEAK, "half, turn at level 2", 16, tent(4, 16), tent(1, 8)),
        (PEAK, "half, same turn", 8, tent(4, 8), tent(4, 4)),
        (STEP, "half, after 2 levels", 6, step(5, 6), step(2, 3)),
        (STEP, "half, after 1 level", 6, step(5, 6), step(1, 3)),
        (STEP, "half, before the last level", 6, step(5, 6), step(8, 3)),
        (HINGE, "half, onset at level 3", 20, bend(4, 20), bend(2, 10)),
        (HINGE, "half, onset at the last level but two", 20, bend(4, 20), bend(6, 10)),
        (HINGE, "half, onset at the last level but one", 20, bend(4, 20), bend(7, 10)),
        (PEAK, "flat", 8, tent(4, 8), 0 * X),
        (STEP, "flat", 6, step(5, 6), 0 * X),
        (HINGE, "flat", 20, bend(4, 20), 0 * X),
        (HINGE, "flat", 40, bend(4, 40), 0 * X),
    )
    for shape, truth, size, treated, other in cells:

        def judged(rng, n, shape=shape, treated=treated, other=other):
            noise = rng.standard_normal((2, n, X.size))
            return quiet(shape, treated + noise[0], other + noise[1])

        yield from rows_of("quiet", shape, truth, size, QUIET, judged)


def sizes():
    """Yield how often the 90 % interval of the rise of a peak covers it."""
    for top, size in ((6, 8), (6, 16), (4, 8), (2, 8)):
        for n_seeds in SEEDS:
            rng = np.random.default_rng([ENTROPY, n_seeds, top, size])
            rise = peak_scores(tent(top, size) + rng.standard_normal((SIZES, n_seeds, X.size)), X / LAST).rise
            se = rise.std(axis=1, ddof=1) / np.sqrt(n_seeds)
            covers = (
                np.abs(rise.mean(axis=1) - size) <= critical_value("peak_rise", n_seeds, X.size, ALPHA) * se
            )
            yield (
                "interval covers",
                "peak",
                f"turn at {top / LAST:g}",
                size,
                n_seeds,
                SIZES,
                f"{covers.mean():.4f}",
                "",
            )


def bend_sizes():
    """Yield how often the 90 % interval of what a bend adds by the end of the range covers it."""
    for place, size in ((2, 8), (2, 16), (4, 8), (4, 16), (6, 8)):
        for n_seeds in SEEDS:
            rng = np.random.default_rng([ENTROPY, n_seeds, place, size])
            curves = hinge(place, size) + rng.standard_normal((SIZES, n_seeds, X.size))
            at = hinge_scores(curves, X / LAST)
            sizes_found = at.change * (1.0 - at.knot.mean(axis=1, keepdims=True))
            se = sizes_found.std(axis=1, ddof=1) / np.sqrt(n_seeds)
            within = critical_value("hinge_change", n_seeds, X.size, ALPHA) * se
            covers = np.abs(sizes_found.mean(axis=1) - size) <= within
            yield (
                "interval covers (onset estimated)",
                "threshold (hinge)",
                f"onset at {place / LAST:g}",
                size,
                n_seeds,
                SIZES,
                f"{covers.mean():.4f}",
                "",
            )


def scopes():
    """Yield how often the scope of a rise that turns goes past the turn."""
    setting = LineSetting(design="repeated", alpha=ALPHA, scale=1.0, unit="y")
    for top in (2, 4, 6):
        for n_seeds in SEEDS:
            rng = np.random.default_rng([ENTROPY, n_seeds, top])
            past = []
            for _ in range(SCOPES):
                curves = tent(top, 8) + rng.standard_normal((n_seeds, X.size))
                found = reversal_of(curves, X, n_seeds, setting, ALPHA)
                if found is not None and found.scope is not None and found.end == "end":
                    past.append(found.scope[1] > top)
            yield (
                "scope past the turn",
                "increasing",
                f"turn at {top / LAST:g}",
                8,
                n_seeds,
                len(past),
                f"{np.mean(past):.4f}",
                "",
            )


def two_gaps():
    """Yield how often a step is shown where every seed jumps at one of two gaps, each with probability a half."""
    x = X / LAST
    for n_seeds in (3, 4, 5, 7, 10):
        rng = np.random.default_rng([ENTROPY, n_seeds])
        early = rng.random((SIZES, n_seeds, 1)) < 0.5
        curves = 20.0 * np.where(early, X >= 4, X >= 5) + rng.standard_normal((SIZES, n_seeds, X.size))
        at = step_scores(curves, x)
        low = 0.25 * at.jump
        bounds = (
            ("step_jump", at.jump),
            *(
                ("step_drift", low + sign * each)
                for each in (at.drift_before, at.drift_after)
                for sign in (-1, 1)
            ),
            ("step_gap", at.gap - 0.5 * at.jump),
        )
        shown = np.all(
            [t_statistic(each) > critical_value(name, n_seeds, X.size, ALPHA) for name, each in bounds],
            axis=0,
        )
        alike = early.all(axis=1) | ~early.any(axis=1)
        yield (
            "shown",
            "threshold (step)",
            "seeds jump at one of two gaps",
            20,
            n_seeds,
            SIZES,
            f"{shown.mean():.4f}",
            "",
        )
        yield (
            "all at one gap",
            "threshold (step)",
            "seeds jump at one of two gaps",
            20,
            n_seeds,
            SIZES,
            f"{alike.mean():.4f}",
            "",
        )


def main(target):
    """Write the table."""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for part in (sizes, bend_sizes, two_gaps, scopes, controls, refutations):
            for row in part():
                writer.writerow(row)
                file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
