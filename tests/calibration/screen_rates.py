"""How many of the discoveries of `sigstats.screen` are false, and how many of their intervals miss.

    python tests/calibration/screen_rates.py --output docs/validity/screen_rates.csv

A screen has 100 keys, each a sweep of its own: a rise in a treatment that a control does not share, by 1 or more, which
is the sd of the noise. Runs of the keys are their own; or the keys share them, so that each seed brings the same slope
to all keys, beside noise of their own; or they share them with the sign turned in every second key. Keys in which the
claim does not hold have no effect, or a control with exactly the half that is not allowed; for *absent*, keys in which
it does hold have exactly the declared effect.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from sigstats import Signature, Status
from sigstats.data.table.block import CellBlock
from sigstats.studies.screen.correction import CORRECTIONS, found
from sigstats.studies.screen.judging import judge_block
from sigstats.studies.screen.rows import CODE
from sigstats.studies.screen.tables import at_rate

ENTROPY = 20261201
N_KEYS, N_SEEDS = 100, 5
LEVELS = np.linspace(0.0, 1.0, 8)
SLOPE_SD, NOISE_SD, MARGIN, RATE = 1.0, 1.0, 1.0, 0.05
EFFECTS = {
    "nothing": (0.0, 0.0),
    "half in the control": (6.0, 3.0),
    "barely": (MARGIN, 0.5 * MARGIN),
    "strong": (6.0, 0.0),
}
HOLDS = ("barely", "strong")
RUNS = ("own", "shared", "shared, turned")
# What most keys are, and what a share of them is.
TRUTHS = (("nothing", "strong"), ("half in the control", "strong"), ("barely", "nothing"))
SHARES = {"none": 0.0, "sparse": 0.05, "dense": 0.5}
CLAIM = Signature(shape="increasing", control="control", min_effect=MARGIN)
SEEDS = tuple(map(str, range(N_SEEDS)))


def simulated(kinds: list[str], runs: str, rng: np.random.Generator) -> CellBlock:
    """Return one key of each kind."""
    n = len(kinds)
    slopes = SLOPE_SD * rng.standard_normal((n if runs == "own" else 1, 2, N_SEEDS))
    slopes = np.broadcast_to(slopes, (n, 2, N_SEEDS)).copy()
    if runs == "shared, turned":
        slopes[::2] *= -1.0
    slopes += np.array([EFFECTS[kind] for kind in kinds])[:, :, None]
    cells = slopes[..., None] * LEVELS + NOISE_SD * rng.standard_normal((n, 2, N_SEEDS, LEVELS.size))
    return CellBlock(
        table_of=np.arange(n),
        conditions=("control", "treatment"),
        seeds=(SEEDS, SEEDS),
        levels=LEVELS,
        cells=(cells[:, 1], cells[:, 0]),
    )


def one_screen(kinds: list[str], runs: str, replication: int) -> dict[str, tuple[float, ...]]:
    """Return for each correction the shares of false statements, of intervals that miss, and what was found."""
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(RUNS.index(runs), replication)))
    block, true = simulated(kinds, runs, rng), np.array([kind in HOLDS for kind in kinds])
    effects = np.array([EFFECTS[kind][0] for kind in kinds])
    rows = judge_block(block, CLAIM)
    results = {}
    for correction in CORRECTIONS:
        present = found(rows.pvalue, rows.status == CODE[Status.PRESENT], rate=RATE, correction=correction)
        absent = found(
            rows.absent_pvalue, rows.status == CODE[Status.ABSENT], rate=RATE, correction=correction
        )
        at = np.flatnonzero(present.discovery)
        again = judge_block(block.take(at), at_rate(CLAIM, present.share))
        missed = (again.low > effects[at]) | (again.high < effects[at])
        alone = (rows.low[at] > effects[at]) | (rows.high[at] < effects[at])
        false = (present.discovery & ~true, absent.discovery & true)
        share = [
            float(each.any()) if correction == "holm" else each.sum() / max(int(kind.discovery.sum()), 1)
            for each, kind in zip(false, (present, absent), strict=True)
        ]
        n = max(at.size, 1)
        power = (present.discovery & true).sum() / max(int(true.sum()), 1)
        results[correction] = (*share, missed.sum() / n, alone.sum() / n, power)
    return results


def main() -> None:
    """Measure every setting and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    names = ("false_present", "false_absent", "selective_miss", "alone_miss", "power")
    rows = []
    for runs in RUNS:
        for most, some in TRUTHS:
            for truth, share in SHARES.items():
                n = int(share * N_KEYS)
                kinds = [some] * n + [most] * (N_KEYS - n)
                screens = [one_screen(kinds, runs, replication) for replication in range(asked.replications)]
                for correction in CORRECTIONS:
                    means = np.mean([each[correction] for each in screens], axis=0)
                    rows.append(
                        {
                            "runs": runs,
                            "most keys": most,
                            "some keys": some,
                            "some": truth,
                            "correction": correction,
                        }
                        | {"replications": asked.replications}
                        | {name: round(float(mean), 4) for name, mean in zip(names, means, strict=True)}
                    )
            with asked.output.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


if __name__ == "__main__":
    main()
