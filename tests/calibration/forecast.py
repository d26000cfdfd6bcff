"""Coverage and error rates of `sigstats.forecast`.

    python tests/calibration/forecast.py --output docs/validity/forecast.csv

A law is true at all levels, or the means at the held-out levels were moved so that a statement is only just false. Each
law is fitted to 7 levels and predicts 3. Noise is that of each run ("noise"), or seeds also have laws of their own
("own laws": amplitude and exponent, or slope, vary between seeds), at two sizes. Measured are

* how often intervals hold the truth: of the mean prediction, of the error, of a new run;
* *within*: how often the claim is called present where the last level is off by exactly the declared part, in either
  direction, and absent or partial where all levels are;
* *nearer*: how often the law is called nearer than any rival where the mean at the last level stands in the middle
  between both, and where law and rivals all predict the truth (a constant curve);
* power: how often a true law is called present.

For comparison, the intervals of one fit per seed, whose predictions are averaged ("each seed"), and how much wider they
are. All sweeps of a cell are computed at once; the first ones are held against the package (`agrees`).
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.stats.curves.floor_law import floor_law, power_axis
from sigstats.stats.curves.linked_means import level_runs
from sigstats.studies.forecast.arms import Arm
from sigstats.studies.forecast.chosen import Fit
from sigstats.studies.forecast.errors import level_of, nearer, predicted
from sigstats.studies.forecast.record import Rival

ENTROPY = 20261130
N_LEVELS, N_FITTED = 10, 7
N_AHEAD = N_LEVELS - N_FITTED
WITHIN, ALPHA = 0.05, 0.05
SEEDS = (3, 5, 10)
SIZES = {"small": 0.005, "large": 0.03}  # sd of a run, as a part of the change of the law over all levels
OWN = 0.1  # sd of both parameters between seeds, as a part of them
MANY = 20_000
SOME = 500  # sweeps in which each seed is fitted by itself
STEP = 1e-4
CELL = ("law", "scatter", "size", "design", "seeds")
FITS = {
    "scaling_law": Fit(law="scaling_law", knob="log", metric="linear"),
    "power_law": Fit(law="power_law", knob="log", metric="log"),
    "saturating": Fit(law="saturating", knob="linear", metric="linear"),
    "linear": Fit(law="linear", knob="log", metric="linear"),
}
RIVALS = {
    Rival.LAST_VALUE: Fit(law="last_value", knob="linear", metric="linear"),
    Rival.LOG_LOG: Fit(law="power_law", knob="log", metric="log"),
    Rival.SEMI_LOG: Fit(law="linear", knob="log", metric="linear"),
}


def levels_of(law: str) -> np.ndarray:
    """Return the levels: doubling, but in equal steps for an approach to a plateau."""
    return np.arange(1.0, N_LEVELS + 1) if law == "saturating" else 2.0 ** np.arange(N_LEVELS)


def axis_of(law: str) -> np.ndarray:
    """Return the levels on the scale on which the law is fitted, as `carried_on` has them."""
    levels = levels_of(law)
    return (
        (levels - levels[0]) / (levels[N_FITTED - 1] - levels[0]) if law == "saturating" else np.log(levels)
    )


def curves(law: str, levels: np.ndarray, scatter: np.ndarray) -> np.ndarray:
    """Return one curve for each row of `scatter`: by how much its two parameters differ from the law's."""
    first, second = scatter[..., :1], scatter[..., 1:]
    if law == "scaling_law":
        return 2.0 + 3.0 * (1.0 + first) * levels ** (-0.5 * (1.0 + second))
    if law == "power_law":
        return 3.0 * (1.0 + first) * levels ** (-0.3 * (1.0 + second))
    if law == "saturating":
        return 3.0 - 2.0 * (1.0 + first) * np.exp(-0.35 * (1.0 + second) * (levels - 1.0))
    return 2.0 + first + 0.2 * (1.0 + second) * np.log2(levels)


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Predictions of many sweeps, shape (n_sweeps, n_ahead), and their weights over all levels.

    The last of the weights are 1 where the other ones hold to first order only.
    """

    values: np.ndarray
    weights: np.ndarray


def ahead_of(means: np.ndarray, law: str) -> Ahead:
    """Return what a law predicts in each sweep, as `carried_on` does in one; means have shape (n_sweeps, n_fitted)."""
    n, x = len(means), axis_of(law)
    if law == "last_value":
        values, weights = np.repeat(means[:, -1:], N_AHEAD, axis=1), np.zeros((n, N_AHEAD, N_FITTED))
        weights[:, :, -1] = 1.0
    elif law in ("power_law", "linear"):
        heights = np.log(means) if law == "power_law" else means
        design = np.stack([x**0, x], axis=1)
        solve = design[N_FITTED:] @ np.linalg.pinv(design[:N_FITTED])
        values, weights = heights @ solve.T, np.repeat(solve[None], n, axis=0)
        if law == "power_law":
            values = np.exp(values)
            weights = values[:, :, None] * weights / means[:, None, :]
    else:
        values, weights = bent(means, x)
    left_out = np.repeat(np.eye(N_AHEAD)[None] * (law == "power_law"), n, axis=0)
    return Ahead(
        values=values, weights=np.concatenate([weights, np.zeros((n, N_AHEAD, N_AHEAD)), left_out], axis=2)
    )


def bent(means: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and weights of laws with a floor; an exponential approach is such a law in exp(x)."""
    found = floor_law(means, np.exp(x[:N_FITTED]), floor="free")
    exponent = np.nan_to_num(found.exponent)

    def derivatives(at: np.ndarray) -> np.ndarray:
        axis, below, above = (power_axis(at - x[0], exponent + step) for step in (0.0, -STEP, STEP))
        change = found.slope[:, None] * (above - below) / (2.0 * STEP)
        return np.stack([axis**0, axis, change], axis=2)

    ahead = x[N_FITTED:]
    return found.predict(np.exp(ahead)), derivatives(ahead) @ np.linalg.pinv(derivatives(x[:N_FITTED]))


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Many sweeps of one condition, shape (n_sweeps, n_seeds, n_levels)."""

    values: np.ndarray
    design: str

    @property
    def means(self) -> np.ndarray:
        """Level means."""
        return self.values.mean(axis=1)

    def moved(self, shift: np.ndarray) -> "Runs":
        """Return the runs with the means of levels moved."""
        return Runs(values=self.values + shift, design=self.design)

    def contrast(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return standard errors and degrees of freedom of weighted sums of means, shape (n_sweeps,)."""
        n = self.values.shape[1]
        away = self.values - self.means[:, None]
        more = np.zeros((*away.shape[:2], N_AHEAD))
        if self.design == "repeated" and weights[:, N_LEVELS:].any():
            more = self.left_out(away)
        away = np.concatenate([away, more], axis=2)
        if self.design == "repeated":
            scores = np.einsum("rsl,rl->rs", away, weights)
            return np.sqrt((scores**2).sum(axis=1) / (n * (n - 1))), np.full(len(away), n - 1.0)
        parts = weights**2 * (away**2).sum(axis=1) / (n * (n - 1))
        variance = parts.sum(axis=1)
        return np.sqrt(variance), variance**2 / (parts**2 / (n - 1)).sum(axis=1)

    def left_out(self, away: np.ndarray) -> np.ndarray:
        """Return how much more each seed moves the predictions of a power law than its weights say."""
        n, below = self.values.shape[1], self.values[:, :, :N_FITTED]
        found = ahead_of(self.means[:, :N_FITTED], "power_law")
        more = np.empty((*away.shape[:2], N_AHEAD))
        for seed in range(n):
            without = ahead_of(np.delete(below, seed, axis=1).mean(axis=1), "power_law").values
            first_order = np.einsum("ral,rl->ra", found.weights[:, :, :N_FITTED], away[:, seed, :N_FITTED])
            more[:, seed] = (n - 1) * (found.values - without) - first_order
        return more

    def pvalue(self, weights: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Return one-sided p-values of values of 0 or below."""
        se, df = self.contrast(weights)
        return special.stdtr(df, -value / se)


def own_level(at: int, n: int) -> np.ndarray:
    """Return the weights of the observed mean at a held-out level."""
    found = np.zeros((n, N_LEVELS + N_AHEAD))
    found[:, N_FITTED + at] = 1.0
    return found


def inside_and_outside(runs: Runs, ahead: Ahead) -> tuple[np.ndarray, np.ndarray]:
    """Return the p-values of both statements at every held-out level, shape (n_sweeps, n_ahead)."""
    found = []
    for at in range(N_AHEAD):
        own, mean = own_level(at, len(runs.values)), runs.means[:, N_FITTED + at]
        value, weights = ahead.values[:, at], ahead.weights[:, at]
        low, high = 1.0 - WITHIN, 1.0 + WITHIN
        sides = [
            runs.pvalue(weights - low * own, value - low * mean),
            runs.pvalue(high * own - weights, high * mean - value),
        ]
        beyond = [
            runs.pvalue(low * own - weights, low * mean - value),
            runs.pvalue(weights - high * own, value - high * mean),
        ]
        found.append((np.maximum(*sides), np.minimum(1.0, 2.0 * np.minimum(*beyond))))
    inside, outside = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    return inside, outside


def nearer_pvalues(runs: Runs, law: Ahead, rival: Ahead) -> np.ndarray:
    """Return the p-values of the law not being nearer than a rival at the last level."""
    own, mean = own_level(N_AHEAD - 1, len(runs.values)), runs.means[:, -1]
    first, second = law.weights[:, -1], rival.weights[:, -1]
    gap, middle = rival.values[:, -1] - law.values[:, -1], (rival.values + law.values)[:, -1] / 2.0 - mean
    both = [
        np.maximum(
            runs.pvalue(sign * (second - first), sign * gap),
            runs.pvalue(sign * ((first + second) / 2.0 - own), sign * middle),
        )
        for sign in (1.0, -1.0)
    ]
    return np.minimum(1.0, 2.0 * np.minimum(*both))


class Truth:
    """A law, how runs scatter about it, and its means with the predictions that a fit to these makes."""

    def __init__(self, law: str, scatter: str, size: str) -> None:
        """Find the means over very many seeds."""
        self.law, self.own = law, OWN if scatter == "own laws" else 0.0
        self.sd = SIZES[size] * float(np.ptp(curves(law, levels_of(law), np.zeros((1, 2)))))
        draws = self.own * np.random.default_rng(ENTROPY).standard_normal((MANY, 2))
        self.means = curves(law, levels_of(law), np.concatenate([draws, -draws])).mean(axis=0)
        below = self.means[None, :N_FITTED]
        self.ahead = ahead_of(below, law).values[0]  # of a fit to runs without end
        self.last = ahead_of(below, "last_value").values[0]

    def runs(self, n: int, n_seeds: int, design: str, rng: np.random.Generator) -> Runs:
        """Return simulated sweeps."""
        levels = levels_of(self.law)
        if design == "repeated":
            own = curves(self.law, levels, self.own * rng.standard_normal((n, n_seeds, 2)))
        else:
            each = [
                curves(self.law, levels[[at]], self.own * rng.standard_normal((n, n_seeds, 2)))
                for at in range(N_LEVELS)
            ]
            own = np.concatenate(each, axis=2)
        return Runs(values=own + self.sd * rng.standard_normal((n, n_seeds, N_LEVELS)), design=design)

    def shifts(self) -> dict[str, np.ndarray]:
        """Return by how much held-out means are moved, so that a statement is true, or only just false."""
        means, ahead = self.means[N_FITTED:], self.ahead
        last = np.arange(N_AHEAD) == N_AHEAD - 1
        high, low = ahead / (1.0 + WITHIN), ahead / (1.0 - WITHIN)
        to = {
            "true": ahead,
            "last too high": np.where(last, high, ahead),
            "last too low": np.where(last, low, ahead),
            "all too high": high,
            "all too low": low,
            "in the middle": np.where(last, (ahead + self.last) / 2.0, ahead),
        }
        return {name: np.concatenate([np.zeros(N_FITTED), each - means]) for name, each in to.items()}


def measured(law: str, scatter: str, size: str, design: str, n_seeds: int, n: int) -> dict[str, object]:
    """Return all rates of one cell."""
    truth, moves = Truth(law, scatter, size), Truth(law, scatter, size).shifts()
    key = [sorted(FITS).index(law), scatter == "own laws", size == "large", design == "repeated", n_seeds]
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=tuple(map(int, key))))
    plain = truth.runs(n, n_seeds, design, rng)
    fresh = truth.runs(n, 1, "repeated", rng).values[:, 0, -1] + moves["true"][-1]
    ahead = ahead_of(plain.means[:, :N_FITTED], law)
    agrees(plain, law)
    true = plain.moved(moves["true"])
    inside, _ = inside_and_outside(true, ahead)
    value, weights, own = ahead.values[:, -1], ahead.weights[:, -1], own_level(N_AHEAD - 1, n)
    se, df = true.contrast(weights)
    reach = special.stdtrit(df, 1.0 - ALPHA) * se
    gap_se, gap_df = true.contrast(weights - own)
    gap = np.abs(value - true.means[:, -1]) / gap_se
    below = plain.values[:, :, :N_FITTED]
    sd = np.sqrt(below.var(axis=1, ddof=1).mean(axis=1))
    wide = special.stdtrit(n_seeds - 1, 1.0 - ALPHA) * np.hypot(se, sd)
    rates = {
        "mean": np.abs(value - truth.ahead[-1]) <= reach,
        "error": gap <= special.stdtrit(gap_df, 1.0 - ALPHA),
        "new_run": np.abs(fresh - value) <= wide,
        "present": (inside <= ALPHA).all(axis=1),
    }
    wrong = {name: inside_and_outside(plain.moved(shift), ahead) for name, shift in moves.items()}
    false_present = [(wrong[f"last too {way}"][0] <= ALPHA).all(axis=1).mean() for way in ("high", "low")]
    false_outside = [
        (N_AHEAD * wrong[f"all too {way}"][1].min(axis=1) <= ALPHA).mean() for way in ("high", "low")
    ]
    middle = plain.moved(moves["in the middle"])
    closer = nearer_pvalues(middle, ahead, ahead_of(plain.means[:, :N_FITTED], "last_value"))
    row = {name: float(each.mean()) for name, each in rates.items()} | {
        "false_present": float(max(false_present)),
        "false_outside": float(max(false_outside)),
        "false_nearer": float((closer <= ALPHA).mean()),
    }
    by_seed = {"each_seed": "", "each_seed_width": ""}
    if design == "repeated":
        few = below[:SOME]
        rows = ahead_of(few.reshape(-1, N_FITTED), law).values[:, -1].reshape(len(few), n_seeds)
        far = special.stdtrit(n_seeds - 1, 1.0 - ALPHA) * rows.std(axis=1, ddof=1) / np.sqrt(n_seeds)
        covered = np.abs(rows.mean(axis=1) - truth.ahead[-1]) <= far
        by_seed = {
            "each_seed": round(float(covered.mean()), 4),
            "each_seed_width": round(float(np.median(far) / np.median(reach[:SOME])), 2),
        }
    cell = {
        "law": law,
        "scatter": scatter,
        "size": size,
        "design": design,
        "seeds": n_seeds,
        "replications": n,
    }
    return cell | {name: round(rate, 4) for name, rate in row.items()} | by_seed


def agrees(runs: Runs, law: str) -> None:
    """Raise if the package finds other numbers in the first sweeps."""
    first = Runs(values=runs.values[:3], design=runs.design)
    ahead = ahead_of(first.means[:, :N_FITTED], law)
    last = ahead_of(first.means[:, :N_FITTED], "last_value")
    inside, outside = inside_and_outside(first, ahead)
    closer = nearer_pvalues(first, ahead, last)
    for at, values in enumerate(first.values):
        arm = Arm(
            condition="a",
            runs=level_runs(values, runs.design),
            fitted=levels_of(law)[:N_FITTED],
            to=levels_of(law)[N_FITTED:],
            seeds_left_out=0,
            copies_left_out=0,
        )
        found = predicted(arm, FITS[law], {Rival.LAST_VALUE: RIVALS[Rival.LAST_VALUE]})
        level = level_of(found, N_AHEAD - 1, within=WITHIN, alpha=ALPHA, unit="metric")
        theirs = (level.prediction.value, level.pvalue_within, level.pvalue_outside)
        own = (ahead.values[at, -1], inside[at, -1], outside[at, -1])
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(
            closer[at], nearer(found, Rival.LAST_VALUE, N_AHEAD - 1)[0], rtol=1e-4, atol=1e-9
        )


def constant(law: str, n_seeds: int, n: int) -> float:
    """Return how often a law is called nearer than any rival on a constant curve, where all predict the truth."""
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(9, n_seeds)))
    runs = Runs(values=3.0 + 0.1 * rng.standard_normal((n, n_seeds, N_LEVELS)), design="repeated")
    below = runs.means[:, :N_FITTED]
    rivals = [each.law for each in RIVALS.values() if each.law != law]
    ps = [nearer_pvalues(runs, ahead_of(below, law), ahead_of(below, each)) for each in rivals]
    return float((len(ps) * np.min(ps, axis=0) <= ALPHA).mean())


def cells(n: int, known: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Return all rows, those that are known as they are; laws that are lines need fewer."""
    done = {tuple(row[name] for name in CELL): row for row in known}
    for law in FITS:
        bends = law in ("scaling_law", "saturating")
        more = [("own laws", "repeated"), ("noise", "independent")] if bends else []
        for scatter, design in (("noise", "repeated"), *more):
            for size in SIZES:
                for n_seeds in SEEDS:
                    cell = (law, scatter, size, design, str(n_seeds))
                    if cell in done:
                        yield done[cell]
                        continue
                    row = measured(law, scatter, size, design, n_seeds, n)
                    first = scatter == "noise" and size == "small" and design == "repeated"
                    yield {
                        **row,
                        "false_nearer_constant": round(constant(law, n_seeds, n), 4) if first else "",
                    }


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows, known = [], []
    if asked.output.exists():  # go on where an earlier call stopped
        with asked.output.open(encoding="utf-8", newline="") as lines:
            known = list(csv.DictReader(lines))
    for row in cells(asked.replications, known):
        rows.append(row)
        with asked.output.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
