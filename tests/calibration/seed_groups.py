"""Measure what verdicts say where the scores of seeds fall into two groups, and on claims about most seeds.

    python tests/calibration/seed_groups.py docs/validity/seed_groups.csv

Every sweep has 8 levels and noise of sd 1; a seed rises by an amount that it shares with its group. A statement is
false where the mean over all seeds of the population (for claims on most seeds, the share of them) says otherwise.
"""

import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import verdict_on
from sigstats.signature.signature import Signature

ENTROPY = 20261130
REPLICATIONS = 1000
LEVELS = np.arange(8.0)
X = LEVELS / 7
SEEDS = (3, 4, 5, 7, 10)
MOST = {"across_seeds": "majority"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Groups of seeds with their shares and rises, a claim, and the statement that is false of them."""

    name: str
    about: str
    rises: dict[float, float]  # share of the seeds by the size of their rise
    claim: dict[str, object]
    false: tuple[str, ...]  # statuses and reasons that would be false
    control: dict[float, float] = field(default_factory=dict)
    seeds: tuple[int, ...] = SEEDS


CELLS = (
    Cell(
        name="half of the seeds",
        about="half of the seeds rise by 8, half by nothing (mean 4); min_effect 3.5",
        rises={8.0: 0.5, 0.0: 0.5},
        claim={"shape": "increasing", "min_effect": 3.5},
        false=("below_min_effect", "weak", "opposite"),
    ),
    Cell(
        name="half of the seeds fall",
        about="half of the seeds rise by 8, half fall by 8: no mean effect",
        rises={8.0: 0.5, -8.0: 0.5},
        claim={"shape": "increasing"},
        false=("present", "opposite"),
    ),
    Cell(
        name="one of ten falls far",
        about="9 of 10 seeds rise by 4, one falls by 36: no mean effect",
        rises={4.0: 0.9, -36.0: 0.1},
        claim={"shape": "increasing"},
        false=("present",),
    ),
    Cell(
        name="rare responders, 20 %",
        about="20 % of the seeds rise by 20, the rest by nothing; min_effect 4",
        rises={20.0: 0.2, 0.0: 0.8},
        claim={"shape": "increasing", "min_effect": 4.0},
        false=("below_min_effect", "weak", "opposite"),
    ),
    Cell(
        name="rare responders, 30 %",
        about="30 % of the seeds rise by 14, the rest by nothing; min_effect 4",
        rises={14.0: 0.3, 0.0: 0.7},
        claim={"shape": "increasing", "min_effect": 4.0},
        false=("below_min_effect", "weak", "opposite"),
    ),
    Cell(
        name="flat, 25 % respond",
        about="25 % of the seeds rise by 20, the rest by nothing; flat within 2.5",
        rises={20.0: 0.25, 0.0: 0.75},
        claim={"shape": {"name": "flat", "margin": 2.5}},
        false=("present",),
    ),
    Cell(
        name="most seeds: exactly half",
        about="half of the seeds rise by 8, half fall by 8; the claim is on most seeds",
        rises={8.0: 0.5, -8.0: 0.5},
        claim={"shape": "increasing", **MOST},
        false=("present", "opposite"),
    ),
    Cell(
        name="most seeds: half below min_effect",
        about="half of the seeds rise by 8, half by nothing; min_effect 4, the claim is on most seeds",
        rises={8.0: 0.5, 0.0: 0.5},
        claim={"shape": "increasing", "min_effect": 4.0, **MOST},
        false=("present", "below_min_effect"),
    ),
    Cell(
        name="most seeds: control at half",
        about="the median control seed has exactly half of the rise; the claim is on most seeds",
        rises={7.0: 0.5, 9.0: 0.5},
        control={3.0: 0.5, 5.0: 0.5},
        claim={"shape": "increasing", "control": "control", **MOST},
        false=("present", "unspecific", "artifact"),
    ),
    Cell(
        name="most seeds: nine of ten",
        about="9 of 10 seeds rise by 4, one falls by 36; the claim is on most seeds, and true",
        rises={4.0: 0.9, -36.0: 0.1},
        claim={"shape": "increasing", **MOST},
        false=("opposite", "below_min_effect"),
    ),
)


def curves(rises, n_seeds, rng):
    """Return the curves of one sample of seeds."""
    own = rng.choice(list(rises), size=n_seeds, p=list(rises.values()))
    return own[:, None] * X + rng.standard_normal((n_seeds, LEVELS.size))


def measure(cell, n_seeds):
    """Return one row."""
    rng = np.random.default_rng([ENTROPY, CELLS.index(cell), n_seeds])
    signature = Signature(**cell.claim)
    said = dict.fromkeys(("present", "absent", "partial", "inconclusive"), 0)
    wrong = dict.fromkeys(cell.false, 0)
    noted = 0
    for _ in range(REPLICATIONS):
        conditions = {"treatment": curves(cell.rises, n_seeds, rng)}
        if cell.control:
            conditions["control"] = curves(cell.control, n_seeds, rng)
        found = verdict_on(SweepTable.from_matrices(LEVELS, conditions), signature, rng=rng)
        said[found.status.value] += 1
        noted += "seeds_disagree" in found.notes
        statements = set(found.reasons) or {found.status.value}
        for each in statements & set(wrong):
            wrong[each] += 1
    rates = {name: count / REPLICATIONS for name, count in said.items()}
    worst = max(wrong, key=lambda name: wrong[name])
    return {
        "cell": cell.name,
        "about": cell.about,
        "n_seeds": n_seeds,
        "worst_statement": wrong[worst] / REPLICATIONS,
        "statement": worst,
        **rates,
        "noted": noted / REPLICATIONS,
        "replications": REPLICATIONS,
    }


def main(target):
    """Write all rows."""
    rows = [measure(cell, n_seeds) for cell in CELLS for n_seeds in cell.seeds]
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
