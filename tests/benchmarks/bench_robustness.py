"""How long a multiverse takes.

Run it by hand: ``python tests/benchmarks/bench_robustness.py``. The sweep has 4 conditions, 5 seeds and 10 levels.
Bound: 20 s of processor for 1,000 analyses with all three lines of evidence, after import. A single line is a
reading of the same verdict, and counts as part of its analysis here. The whole of `robustness`, with its other parts,
must stay below the same bound for 1,000 readings on two processes.
"""

import sys
import time

import numpy as np

import sigstats as ss
from sigstats.studies.practice.common_practice import common_practice
from sigstats.studies.robustness import multiverse
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.influence import find_influence
from sigstats.studies.robustness.synthetic_controls import synthetic_controls
from sigstats.studies.robustness.thresholds import find_margins
from sigstats.studies.robustness.variants import Variant
from sigstats.studies.seeds.audit import seed_audit

ANALYSES = 1000
BOUND = 20.0
JOBS = 2
LEVELS = np.array([1, 2, 3, 5, 8, 13, 40, 100, 400, 1000.0])


def make_sweep():
    """Return four conditions; three rise, and the fourth does not."""
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 1.0, LEVELS.size)
    heights = {"large": 2.0, "middle": 1.5, "small": 1.0, "none": 0.0}
    cells = {name: 5.0 + height * x + rng.normal(0.0, 0.2, (5, x.size)) for name, height in heights.items()}
    return ss.SweepTable.from_matrices(LEVELS, cells)


def main():
    """Print the times; return 1 if the bound is missed."""
    sweep = make_sweep()
    claim = ss.Signature(shape="increasing", control="none", min_effect=0.5)
    choices = default_choices(sweep, claim)
    planned, pruned = multiverse.plan(sweep, claim, choices)
    verdict = ss.detect(sweep, claim)
    processor = {}
    many = (planned * (ANALYSES // len(planned) + 1))[:ANALYSES]
    for n_jobs in (1, JOBS):
        multiverse.run(many[:64], pruned, choices, verdict, n_jobs=n_jobs)  # processes are started
        start, used = time.perf_counter(), time.process_time()
        multiverse.run(many, pruned, choices, verdict, n_jobs=n_jobs)
        taken, processor[n_jobs] = time.perf_counter() - start, time.process_time() - used
        print(f"{ANALYSES} analyses, all lines, {n_jobs} process(es): {taken:6.2f} s")
    print(f"processor time of one process: {processor[1]:.2f} s, bound {BOUND:g} s")
    taken = {}
    for n_jobs in (1, JOBS):
        start = time.perf_counter()
        result = ss.robustness(sweep, claim, n_jobs=n_jobs)
        taken[n_jobs] = time.perf_counter() - start
        print(f"robustness, {len(result.analyses)} readings, {n_jobs} process(es): {taken[n_jobs]:6.2f} s")
    for name, part in parts(sweep, claim).items():
        start = time.perf_counter()
        part()
        print(f"  of which {name}: {time.perf_counter() - start:.2f} s")
    print(
        f"robustness per 1,000 readings, {JOBS} processes: {1000 * taken[JOBS] / len(result.analyses):.2f} s"
    )
    return int(processor[1] > BOUND or 1000 * taken[JOBS] / len(result.analyses) > BOUND)


def parts(sweep, claim):
    """Return what is asked beside the multiverse, one process each."""
    verdict = ss.detect(sweep, claim)
    variant = Variant(table=sweep, signature=claim)
    return {
        "influence": lambda: find_influence(variant, verdict, n_jobs=1),
        "margins": lambda: find_margins(variant, verdict, n_jobs=1),
        "audit": lambda: seed_audit(sweep, claim),
        "synthetic controls": lambda: synthetic_controls(sweep, claim, replications=100),
        "common practice": lambda: common_practice(sweep, claim),
    }


if __name__ == "__main__":
    sys.exit(main())
