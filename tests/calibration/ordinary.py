"""Measure how often `detect` says something false of ordinary sweeps: incomplete, unequal, coarse, skewed, bounded.

    python tests/calibration/ordinary.py --replications 1000 --output docs/validity/ordinary.csv

Each cell simulates tables of which the truth is known, and counts the statements that are false there. What becomes of
cells and runs that were lost is measured by lost_cells.py.
"""

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sigstats import SweepTable
from sigstats.detection import verdict_on
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

ENTROPY = 20261130
EVEN = np.linspace(0.0, 1.0, 8)
X = np.arange(8.0)

Curves = dict[str, np.ndarray]
Make = Callable[[int, np.random.Generator], Curves]
Levels = tuple[float, ...]
Curve = Callable[[np.ndarray], np.ndarray]
NOT_FALSE = frozenset({Status.ABSENT, Status.INCONCLUSIVE})


def rises(verdict: Verdict) -> bool:
    """Return whether an increase is claimed, whole or in part."""
    return verdict.status not in NOT_FALSE


def opposite(verdict: Verdict) -> bool:
    """Return whether a decrease is claimed."""
    return Reason.OPPOSITE in verdict.reasons


def present(verdict: Verdict) -> bool:
    """Return whether the claim is called present."""
    return verdict.status is Status.PRESENT


def small(verdict: Verdict) -> bool:
    """Return whether the effect is called smaller than it may be."""
    return bool({Reason.BELOW_MIN_EFFECT, Reason.WEAK} & set(verdict.reasons))


def too_much(verdict: Verdict) -> bool:
    """Return whether the control is said to have too much of the effect."""
    return bool({Reason.UNSPECIFIC, Reason.ARTIFACT} & set(verdict.reasons))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Tables of one kind, the claim, and the statements that are false of them."""

    name: str
    false: dict[str, Callable[[Verdict], bool]]
    make: Make
    levels: np.ndarray = field(default_factory=lambda: X)
    seeds: tuple[int, ...] = (5, 10)
    claim: dict[str, object] = field(default_factory=dict)


def noise(n: int, rng: np.random.Generator, n_levels: int = 8) -> np.ndarray:
    """Return noise of sd 1 on intercepts of sd 1."""
    return rng.standard_normal((n, n_levels)) + rng.standard_normal((n, 1))


def one(make: Callable[[int, np.random.Generator], np.ndarray]) -> Make:
    """Return tables of one treatment."""
    return lambda n, rng: {"a": make(n, rng)}


def cell_off(size: float) -> Make:
    """Return tables without an effect, in which one cell of the last level is off."""

    def make(n: int, rng: np.random.Generator) -> Curves:
        curves = noise(n, rng)
        curves[rng.integers(n), -1] += size
        return {"a": curves}

    return make


def half(treated: int, control: int) -> Make:
    """Return tables whose control has half of an effect of 4, with so many seeds per seed of the smaller."""

    def make(n: int, rng: np.random.Generator) -> Curves:
        return {
            "a": noise(treated * n, rng) + 4.0 * EVEN,
            "c": noise(control * n, rng) + 2.0 * EVEN,
        }

    return make


def ranges(gap: int, effect: float) -> Make:
    """Return tables whose control, or second treatment, was swept over the upper levels only."""

    def make(n: int, rng: np.random.Generator) -> Curves:
        first, other = noise(n, rng) + 4.0 * EVEN, noise(n, rng) + effect * EVEN
        other[:, :gap] = np.nan
        return {"a": first, "c": other}

    return make


def grids(treated: Levels, control: Levels, curve: Curve, share: float = 0.5) -> Make:
    """Return tables whose control has a share of the treatment's curve, on other levels of the same range."""
    levels = np.union1d(treated, control)

    def make(n: int, rng: np.random.Generator) -> Curves:
        found = {}
        for name, own, size in (("a", treated, 1.0), ("c", control, share)):
            curves = size * curve(levels) + 0.3 * rng.standard_normal((n, levels.size))
            curves[:, ~np.isin(levels, own)] = np.nan
            found[name] = curves
        return found

    return make


def early(levels: np.ndarray) -> np.ndarray:
    """Return a rise of 8 between levels 1 and 2 of a sweep from 1 to 8."""
    return 8.0 * np.minimum(levels - 1.0, 1.0)


def logarithmic(levels: np.ndarray) -> np.ndarray:
    """Return a rise of 2 for each doubling of the knob."""
    return 2.0 * np.log2(levels)


def cancelling(n: int, rng: np.random.Generator) -> Curves:
    """Return a rise of 4 over all levels, and a fall of 4 over the upper half, each over its own range."""
    fall = noise(n, rng) - 4.0 * (X - 4.0) / 3.0
    return {"a": noise(n, rng) + 4.0 * EVEN, "c": np.where(X < 4, np.nan, fall)}


def binomial(rate: float, items: int) -> Make:
    """Return shares of so many items that are right, at one rate at all levels."""
    return one(lambda n, rng: rng.binomial(items, rate, (n, 8)) / items)


def at_floor(n: int, rng: np.random.Generator) -> Curves:
    """Return a control that has half of a fall of 4, but is cut off at 0, and a treatment that falls."""
    fall = noise(n, rng) * 0.1 + 5.0 - 4.0 * EVEN
    hidden = np.maximum(noise(n, rng) * 0.1 + 0.2 - 2.0 * EVEN, 0.0)
    return {"a": np.clip(fall / 10.0, 0.0, 1.0), "c": hidden / 10.0}


def above_floor(n: int, rng: np.random.Generator) -> Curves:
    """Return a control that starts at the floor, without noise there, and has exactly half of a rise of 4."""
    rise = noise(n, rng) * 0.5 + 2.0 + 4.0 * EVEN
    other = EVEN * (2.0 + 0.5 * rng.standard_normal((n, 1)))
    return {"a": np.clip(rise / 10.0, 0.0, 1.0), "c": np.clip(other / 10.0, 0.0, 1.0)}


def coarse(n: int, rng: np.random.Generator) -> Curves:
    """Return curves of the values 0, 1 and 2 at 4 levels, whose mean rises by .5."""
    chance = 0.3 + 0.25 * np.linspace(0.0, 1.0, 4)
    return {"a": rng.binomial(2, np.broadcast_to(chance, (n, 4))).astype(float)}


def interior_gaps(share: float, mean: np.ndarray) -> Make:
    """Return curves about a mean, of which a share of the cells between the ends is missing by chance."""

    def make(n: int, rng: np.random.Generator) -> Curves:
        curves = noise(n, rng) + mean
        lost = rng.random(curves.shape) < share
        lost[:, [0, -1]] = False
        curves[lost] = np.nan
        return {"a": curves}

    return make


def few_at_one_level(n: int, rng: np.random.Generator) -> Curves:
    """Return independent runs without an effect, two of them at the last level."""
    runs = rng.standard_normal((n, 8))
    runs[2:, -1] = np.nan
    return {"a": runs}


def skewed(sign: float) -> Make:
    """Return curves without an effect whose noise has a long tail."""
    return one(lambda n, rng: sign * rng.exponential(1.0, (n, 8)))


RISES = {"a rise": rises}
CHANGES = {"a rise": rises, "a fall": opposite}
PRESENT = {"present": present}
CONTROL = {"shape": "increasing", "control": "c"}
BENT = 8.0 * np.minimum(X / 2.0, 1.0)
GEOMETRIC_LEVELS = 2.0 ** np.arange(8)
HALF = "half of the effect"
SPARSE, DENSE = (1.0, 6.0, 7.0, 8.0), tuple(np.arange(1.0, 9.0))
FEW_DOUBLINGS, DOUBLINGS = (1.0, 8.0, 16.0), (1.0, 2.0, 4.0, 8.0, 16.0)
CELLS = (
    *(
        Cell(name=f"one cell off by {size:g} sd", false=CHANGES, make=cell_off(size))
        for size in (5.0, 1000.0)
    ),
    *(
        Cell(name=f"control over {part}, {HALF}", false=PRESENT, make=ranges(gap, 2.0), claim=CONTROL)
        for part, gap in (("levels 3 to 8", 2), ("levels 5 to 8", 4), ("levels 6 to 8", 5))
    ),
    Cell(name="second treatment over levels 5 to 8, effects cancel", false=CHANGES, make=cancelling),
    Cell(
        name="control cut off at the floor, a fall predicted",
        false=PRESENT,
        make=at_floor,
        claim={"shape": "decreasing", "control": "c"},
    ),
    Cell(name=f"control that starts at the floor, {HALF}", false=PRESENT, make=above_floor, claim=CONTROL),
    *(
        Cell(
            name=f"share of 50 items near {rate:g}, {spacing} levels",
            false=CHANGES,
            make=binomial(rate, 50),
            levels=levels,
        )
        for rate in (0.02, 0.98)
        for spacing, levels in (("even", X), ("geometric", GEOMETRIC_LEVELS))
    ),
    *(
        Cell(
            name=f"noise with a long {tail} tail, geometric levels",
            false=CHANGES,
            make=skewed(sign),
            levels=GEOMETRIC_LEVELS,
            seeds=(3, 5, 6, 10),
        )
        for tail, sign in (("upper", 1.0), ("lower", -1.0))
    ),
    *(
        Cell(
            name=f"7 times as many seeds in the {side}, {HALF}",
            false={"present": present, "too much in the control": too_much},
            make=half(*times),
            seeds=(3,),
            claim=CONTROL,
        )
        for side, times in (("control", (1, 7)), ("treatment", (7, 1)))
    ),
    Cell(
        name="independent runs, two at the last level",
        false=CHANGES,
        make=few_at_one_level,
        claim={"shape": "increasing", "design": "independent"},
    ),
    Cell(
        name="three values, mean effect at min_effect",
        false={"smaller than min_effect": small},
        make=coarse,
        levels=np.arange(4.0),
        seeds=(10, 40),
        claim={"shape": "increasing", "min_effect": 0.5},
    ),
    *(
        Cell(
            name=f"control at more levels, {HALF}, {form} rise",
            false=PRESENT,
            make=grids(few, many, curve),
            levels=np.array(many),
            claim=CONTROL,
        )
        for form, few, many, curve in (
            ("early", SPARSE, DENSE, early),
            ("logarithmic", FEW_DOUBLINGS, DOUBLINGS, logarithmic),
        )
    ),
    Cell(
        name="control at fewer levels, .3 of the effect, early rise",
        false={"too much in the control": too_much},
        make=grids(DENSE, SPARSE, early, 0.3),
        levels=np.array(DENSE),
        claim=CONTROL,
    ),
    *(
        Cell(
            name=f"a fifth missing between the ends, {form}, mean effect at min_effect",
            false={"smaller than min_effect": small},
            make=interior_gaps(0.2, mean),
            seeds=(5, 7, 10),
            claim={"shape": "increasing", "min_effect": float(7.0 * np.polyfit(X, mean, 1)[0])},
        )
        for form, mean in (("straight", 8.0 * EVEN), ("a rise in two gaps", BENT))
    ),
)


def measure(cell: Cell, n_seeds: int, replications: int) -> list[dict[str, object]]:
    """Return one row for each false statement: how often it was made, with its Monte Carlo error."""
    rng = np.random.default_rng([ENTROPY, CELLS.index(cell), n_seeds])
    signature = Signature(**({"shape": "increasing"} | cell.claim))
    wrong = dict.fromkeys(cell.false, 0)
    kept = covered = 0
    for _ in range(replications):
        verdict = verdict_on(SweepTable.from_matrices(cell.levels, cell.make(n_seeds, rng)), signature)
        for what, made in cell.false.items():
            wrong[what] += made(verdict)
        kept += sum(arm.n_seeds for arm in verdict.evidence.arms)
        truth = signature.min_effect
        covered += truth is not None and verdict.effect.low <= truth <= verdict.effect.high
    rates = {what: count / replications for what, count in wrong.items()}
    return [
        {
            "cell": cell.name,
            "false": what,
            "n_seeds": n_seeds,
            "replications": replications,
            "rate": f"{rate:.4f}",
            "se": f"{np.sqrt(rate * (1.0 - rate) / replications):.4f}",
            "seeds_kept": f"{kept / replications:.1f}",
            "covers_truth": "" if signature.min_effect is None else f"{covered / replications:.3f}",
        }
        for what, rate in rates.items()
    ]


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
            for n_seeds in cell.seeds:
                rows = measure(cell, n_seeds, given.replications)
                if writer is None:
                    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                    writer.writeheader()
                writer.writerows(rows)
                file.flush()


if __name__ == "__main__":
    main()
