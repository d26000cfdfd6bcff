"""Measure what `detect` says of sweeps in which cells or runs were lost, by chance and for what they showed.

    python tests/calibration/lost_cells.py --replications 1000 --output docs/validity/lost_cells.csv

In the cells without an effect, every definite statement of an increase is false. `noted` is the share of tables with
the note or reason *survivors*, `undecided` the share whose answer it keeps open.
"""

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sigstats import SweepTable
from sigstats.detection import verdict_on
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.verdict.rules import Status

SEEDS = (5, 7)
SEEDS_OF_EFFECTS = (7,)
N_LEVELS = 8
ENTROPY = 20261129

Lose = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def by_chance(curves, x, rng):
    """Lose a fifth of the cells, whatever they are."""
    return rng.random(curves.shape) < 0.2


def high(curves, x, rng):
    """Lose more cells at high levels, whatever they show."""
    return rng.random(curves.shape) < 0.4 * x


def bad_and_high(curves, x, rng):
    """Lose cells below the middle of their level, more often at high levels."""
    return (rng.random(curves.shape) < 0.8 * x) & (curves < np.median(curves, axis=0))


def worst_at_the_end(curves, x, rng):
    """Lose the last cell of a run where it is among the worst there."""
    lost = np.zeros(curves.shape, dtype=bool)
    lost[:, -1] = curves[:, -1] < np.quantile(curves[:, -1], 0.3)
    return lost


def stops_by_chance(curves, x, rng):
    """End a run after each level with a chance of .06."""
    return np.logical_or.accumulate(rng.random(curves.shape) < 0.06 * (x > 0), axis=1)


def stops_when_bad(curves, x, rng):
    """End a run after a level where it lies one and a half sd below the mean, once that is recorded."""
    bad = curves < -1.5
    return np.logical_or.accumulate(np.pad(bad, ((0, 0), (1, 0)))[:, :-1], axis=1)


def below_a_cut(curves, x, rng):
    """Lose what lies below -1."""
    return curves < -1.0


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One way to lose cells, on sweeps of one kind."""

    name: str
    lose: Lose
    effect: float = 0.0
    slope_sd: float = 0.0
    noise_sds: tuple[float, float] = (1.0, 1.0)  # at the first and the last level
    seeds: tuple[int, ...] = SEEDS

    def table(self, n_seeds: int, rng: np.random.Generator) -> SweepTable:
        """Return one simulated table; what no run has left is drawn anew."""
        x = np.linspace(0.0, 1.0, N_LEVELS)
        while True:
            slopes = self.effect + self.slope_sd * rng.standard_normal((n_seeds, 1))
            sds = np.linspace(*self.noise_sds, N_LEVELS)
            curves = sds * rng.standard_normal((n_seeds, N_LEVELS)) + slopes * x
            curves[self.lose(curves - self.effect * x, x, rng)] = np.nan
            if (np.isfinite(curves).sum(axis=0) >= 2).all():
                return SweepTable.from_matrices(
                    np.arange(N_LEVELS), {"a": curves[np.isfinite(curves).any(axis=1)]}
                )


CELLS = (
    Cell(name="a fifth missing", lose=by_chance),
    Cell(name="more missing at high levels", lose=high),
    Cell(name="bad cells missing, more at high levels", lose=bad_and_high),
    Cell(name="the worst cells of the last level missing", lose=worst_at_the_end),
    Cell(name="runs end by chance", lose=stops_by_chance, slope_sd=1.0),
    Cell(name="runs end when they are bad", lose=stops_when_bad, slope_sd=1.0),
    Cell(name="runs end when they are bad, steep slopes", lose=stops_when_bad, slope_sd=3.0),
    Cell(name="rise of 5 sd, a fifth missing", lose=by_chance, effect=5.0),
    Cell(name="rise of 5 sd, more missing at high levels", lose=high, effect=5.0),
    Cell(name="rise of 5 sd, runs end by chance", lose=stops_by_chance, effect=5.0, slope_sd=1.0),
    Cell(name="rise of 5 sd, runs end when they are bad", lose=stops_when_bad, effect=5.0, slope_sd=1.0),
    Cell(
        name="cells below a cut missing, noise grows with the knob",
        lose=below_a_cut,
        noise_sds=(0.3, 2.0),
        seeds=(5, 8, 10),
    ),
)


def measure(cell: Cell, n_seeds: int, replications: int) -> dict[str, object]:
    """Return one row."""
    rng = np.random.default_rng([ENTROPY, CELLS.index(cell), n_seeds])
    signature = Signature(shape="increasing")
    counts = dict.fromkeys((*(status.value for status in Status), "noted", "undecided"), 0)
    for _ in range(replications):
        verdict = verdict_on(cell.table(n_seeds, rng), signature)
        counts[verdict.status.value] += 1
        counts["undecided"] += Reason.SURVIVORS in verdict.reasons
        counts["noted"] += Reason.SURVIVORS in (*verdict.reasons, *verdict.notes)
    rates = {name: f"{count / replications:.4f}" for name, count in counts.items()}
    return {
        "cell": cell.name,
        "effect": cell.effect,
        "n_seeds": n_seeds,
        "replications": replications,
        **rates,
    }


def main() -> None:
    """Measure every cell, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--cells", nargs="*", default=[cell.name for cell in CELLS])
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    with given.output.open("w", encoding="utf-8", newline="") as file:
        writer = None
        for cell in (each for each in CELLS if each.name in given.cells):
            for n_seeds in cell.seeds if cell.effect == 0 else SEEDS_OF_EFFECTS:
                row = measure(cell, n_seeds, given.replications)
                if writer is None:
                    writer = csv.DictWriter(file, list(row), lineterminator="\n")
                    writer.writeheader()
                writer.writerow(row)
                file.flush()


if __name__ == "__main__":
    main()
