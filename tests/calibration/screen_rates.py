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
from sigstats.studies.screen.correction import CORRECTIONS, Correction, found
from sigstats.studies.screen.judging import judge_block
from sigstats.studies.screen.rows import CODE, Rows

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


def simulated(runs: str, rng: np.random.Generator) -> CellBlock:
    """Return every key in every kind, one kind after the other, with the same random numbers."""
    slopes = SLOPE_SD * rng.standard_normal((N_KEYS if runs == "own" else 1, 2, N_SEEDS))
    slopes = np.broadcast_to(slopes, (N_KEYS, 2, N_SEEDS)).copy()
    if runs == "shared, turned":
        slopes[::2] *= -1.0
    noise = NOISE_SD * rng.standard_normal((N_KEYS, 2, N_SEEDS, LEVELS.size))
    kinds = [(slopes + np.array(effect)[:, None])[..., None] * LEVELS + noise for effect in EFFECTS.values()]
    cells = np.concatenate(kinds)
    return CellBlock(
        table_of=np.arange(len(cells)),
        conditions=("control", "treatment"),
        seeds=(SEEDS, SEEDS),
        levels=LEVELS,
        cells=(cells[:, 1].copy(), cells[:, 0].copy()),
    )


def screens(runs: str, replication: int) -> dict[tuple[str, str, str], tuple[float, ...]]:
    """Return for each truth and correction the shares of false statements and of intervals that miss, and the power."""
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(RUNS.index(runs), replication)))
    block, results = simulated(runs, rng), {}
    judged, order = judge_block(block, CLAIM), list(EFFECTS)
    for most, some in TRUTHS:
        for name, share in SHARES.items():
            n = int(share * N_KEYS)
            kind = np.array([order.index(some)] * n + [order.index(most)] * (N_KEYS - n))
            at = kind * N_KEYS + np.arange(N_KEYS)
            for correction in CORRECTIONS:
                results[most, name, correction] = one_screen(block, judged, at, kind, correction)
    return results


def one_screen(
    block: CellBlock, judged: Rows, at: np.ndarray, kind: np.ndarray, correction: Correction
) -> tuple[float, ...]:
    """Return the shares of one screen, of the keys at some places of the block; intervals with "bh" only."""
    true = np.array([name in HOLDS for name in EFFECTS])[kind]
    status = judged.status[at]
    present = found(judged.pvalue[at], status == CODE[Status.PRESENT], rate=RATE, correction=correction)
    absent = found(judged.absent_pvalue[at], status == CODE[Status.ABSENT], rate=RATE, correction=correction)
    shares = []
    for false, stand in ((present.discovery & ~true, present), (absent.discovery & true, absent)):
        any_false = float(false.any())
        shares.append(any_false if correction == "holm" else false.sum() / max(int(stand.discovery.sum()), 1))
    power = (present.discovery & true).sum() / max(int(true.sum()), 1)
    places = at[present.discovery]
    missed = alone = np.nan
    if correction == "bh":
        missed = alone = 0.0
        if places.size:
            effects = np.array([effect[0] for effect in EFFECTS.values()])[kind][present.discovery]
            low, high = judged.take(places).stretched(CLAIM, present.share)
            missed = float(((low > effects) | (high < effects)).mean())
            alone = float(((judged.low[places] > effects) | (judged.high[places] < effects)).mean())
    return (*shares, missed, alone, power)


def main() -> None:
    """Measure every setting and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    names = ("false_present", "false_absent", "selective_miss", "alone_miss", "power")
    others, rows = dict(TRUTHS), []
    for runs in RUNS:
        measured = [screens(runs, replication) for replication in range(asked.replications)]
        for most, truth, correction in measured[0]:
            means = np.mean([each[most, truth, correction] for each in measured], axis=0)
            rows.append(
                {"runs": runs, "most keys": most, "some keys": others[most], "some": truth}
                | {"correction": correction, "replications": asked.replications}
                | {
                    name: "" if np.isnan(mean) else round(float(mean), 4)
                    for name, mean in zip(names, means, strict=True)
                }
            )
        with asked.output.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
