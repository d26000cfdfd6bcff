"""How many designs `plan` can judge: decisions per second of one core, beside `detect` on the same sweeps.

Run it by hand: ``python tests/benchmarks/bench_plan.py``. A sweep has 3 + 3 seeds and 8 levels. A decision simulates a
sweep and returns status and reasons; `detect` returns the verdict on a sweep that has been made, with all that reports
say of it. Times are those of the processor, so that other programs play no part. Bound: 2.5 decisions per `detect`.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

import sigstats as ss
from sigstats.detection.blocks import decisions_on
from sigstats.evidence.open_table import read_table

REPEATS = 200
ROUNDS = 5
BOUND = 2.5
CLAIM = ss.Signature(shape="increasing", control="control", min_effect=2.0, design="repeated", bounds="none")
PLAN = ss.Plan(effects={"treatment": 4.0, "control": 0.0}, n_seeds=3, levels=8)


def decisions() -> None:
    """Simulate and judge as `plan` does."""
    rng = np.random.default_rng(1)
    decisions_on([read_table(PLAN.simulate(rng), CLAIM) for _ in range(REPEATS)], CLAIM)


def verdicts() -> None:
    """Judge sweeps as `detect` does."""
    rng = np.random.default_rng(1)
    for _ in range(REPEATS):
        ss.detect(PLAN.simulate(rng), CLAIM)


def shortest(work: Callable[[], None]) -> float:
    """Return the shortest time of one round, in seconds of the processor for one sweep."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) / REPEATS)
    return min(times)


def main() -> int:
    """Print both times; 1 where a decision costs too large a part of `detect`."""
    one, whole = shortest(decisions), shortest(verdicts)
    print(f"decision  {one * 1e3:.2f} ms, {1.0 / one:.0f} per second")
    print(f"detect    {whole * 1e3:.2f} ms, {1.0 / whole:.0f} per second")
    print(f"ratio     {whole / one:.1f} (bound {BOUND})")
    return int(whole / one < BOUND)


if __name__ == "__main__":
    sys.exit(main())
