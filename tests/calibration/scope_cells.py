"""Error rates of what `sigstats.scope` says of cells: that the signature holds in one, or does not.

    python tests/calibration/scope_cells.py --output docs/validity/scope_cells.csv

Each cell is a sweep of its own: a rise in a treatment that a control does not share, by 1 or more, which is the sd of
the noise. The cells of a table are independent, or share their seeds: each seed brings the same slope to all of them,
beside noise of their own. Every statement that is counted is false: "holds" where there is no effect, or the control
has exactly the half that is not allowed; "does not hold" where there is exactly the declared effect, beside a control
with half of it. Some tables have the effect in the first half of their cells; they are judged by Holm's procedure, and
in the declared order.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd

from sigstats import Signature, SweepTable
from sigstats.data.table.sweep import with_cells
from sigstats.detection import verdict_on
from sigstats.evidence.open_table import read_table
from sigstats.studies.answers.pvalues import denied_pvalue, present_pvalue
from sigstats.studies.scope.statements import corrected

ENTROPY = 20261130
N_SEEDS = 5
LEVELS = np.linspace(0.0, 1.0, 8)
CELLS = (4, 12)
SLOPE_SD, NOISE_SD, MARGIN = 1.0, 1.0, 1.0
ALPHA = 0.05
# Effects of treatment and control, and whether the claim holds.
EFFECTS = {
    "nothing": (0.0, 0.0),
    "shared": (6.0, 3.0),
    "barely": (MARGIN, 0.5 * MARGIN),
    "strong": (6.0, 0.0),
}
HOLDS = ("barely", "strong")
TABLES = {
    "no cell shows it": ("nothing", "nothing"),
    "every control has half of the effect": ("shared", "shared"),
    "every cell shows it, only just": ("barely", "barely"),
    "the first half shows it, plainly": ("strong", "nothing"),
    "the first half shows it, only just": ("barely", "nothing"),
}
CLAIM = Signature(shape="increasing", control="control", min_effect=MARGIN)


def empty() -> SweepTable:
    """Return a table to be filled: reading one takes longer than judging it."""
    rows = [
        (condition, f"{condition}-{seed}", level, seed + level)
        for condition in ("treatment", "control")
        for seed in range(N_SEEDS)
        for level in LEVELS
    ]
    return read_table(pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"]), CLAIM)


def pvalues(kind: str, *, shared: bool, replications: int) -> np.ndarray:
    """Return both p-values of every cell that has one truth, shape (replications, cells, 2).

    All kinds have the same random numbers, so that cells of different kinds share their seeds too.
    """
    table = empty()
    n_cells = max(CELLS) // (2 if kind == "strong" else 1)  # which is in the first half only
    found = np.empty((replications, n_cells, 2))
    for replication in range(replications):
        rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(shared, replication)))
        slopes = SLOPE_SD * rng.standard_normal((1 if shared else max(CELLS), 2, N_SEEDS))
        noise = NOISE_SD * rng.standard_normal((max(CELLS), 2, N_SEEDS, len(LEVELS)))
        for cell in range(n_cells):
            for at, condition in enumerate(("treatment", "control")):
                own = EFFECTS[kind][at] + slopes[0 if shared else cell, at]
                table = with_cells(table, condition, own[:, None] * LEVELS + noise[cell, at])
            verdict = verdict_on(table, CLAIM)
            found[replication, cell] = present_pvalue(verdict), denied_pvalue(verdict)
    return found


def measure(name: str, n_cells: int, pools: dict[str, np.ndarray], *, in_order: bool) -> dict[str, object]:
    """Return how often any statement of each kind was false, and how many cells were settled."""
    first, second = TABLES[name]
    half = n_cells // 2
    tables = np.concatenate([pools[first][:, :half], pools[second][:, half:n_cells]], axis=1)
    truth = np.array([first in HOLDS] * half + [second in HOLDS] * (n_cells - half))
    false_holds = false_not = settled = 0
    for table in tables:
        adjusted = corrected(
            table[:, 0].tolist(), table[:, 1].tolist(), [range(n_cells)], "low" if in_order else None
        )
        holds, fails = (np.asarray(each) <= ALPHA for each in adjusted)
        false_holds += bool((holds & ~truth).any())
        false_not += bool((fails & truth).any())
        settled += int((holds | fails).sum())
    n = len(tables)
    return {
        "table": name,
        "cells": n_cells,
        "tested": "in order" if in_order else "Holm",
        "replications": n,
        "false_holds": "" if truth.all() else round(false_holds / n, 4),
        "false_not": "" if not truth.any() else round(false_not / n, 4),
        "settled_share": round(settled / n / n_cells, 3),
    }


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows = []
    for shared in (False, True):
        pools = {kind: pvalues(kind, shared=shared, replications=asked.replications) for kind in EFFECTS}
        rows += [
            {"seeds": "shared" if shared else "independent"}
            | measure(name, n_cells, pools, in_order=in_order)
            for name in TABLES
            for n_cells in CELLS
            for in_order in ((False, True) if "first half" in name else (False,))
        ]
        with asked.output.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
