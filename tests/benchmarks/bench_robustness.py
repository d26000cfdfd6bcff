"""How long a multiverse takes.

Run it by hand: ``python tests/benchmarks/bench_robustness.py``. The sweep has 4 conditions, 5 seeds and 10 levels.
Bound: 20 s of processor for 1,000 analyses with all three lines of evidence, after import. A single line is a
reading of the same verdict, and counts as part of its analysis here. Printed beside it is the whole of `robustness`.
"""

import sys
import time

import numpy as np

import sigstats as ss
from sigstats import multiverse
from sigstats.robustness_choices import default_choices

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
    start, used = time.perf_counter(), time.process_time()
    result = ss.robustness(sweep, claim)
    print(
        f"robustness, {len(result.analyses)} readings: {time.perf_counter() - start:.2f} s "
        f"({time.process_time() - used:.2f} s of processor)"
    )
    return int(processor[1] > BOUND)


if __name__ == "__main__":
    sys.exit(main())
