"""How long one verdict takes, beside the tests that people run instead.

Run it by hand: ``python tests/benchmarks/bench_detect.py``. The sweep has 4 conditions, 5 seeds and 10 levels. The loop
beside it computes less: Mann-Kendall on each mean curve, and a t test of the seeds' slopes for each condition.
Bound: 50 ms for one verdict, after import.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pymannkendall
from scipy import stats

import sigstats as ss

REPEATS = 30
BOUND = 0.05
CONDITIONS = ("large", "middle", "small", "none")


def make_sweep() -> pd.DataFrame:
    """Return 200 rows; three conditions rise, and the fourth does not."""
    rng = np.random.default_rng(1)
    rows = [
        (name, seed, knob, height * knob / 9 + rng.normal(0.0, 0.2))
        for name, height in zip(CONDITIONS, (2.0, 1.5, 1.0, 0.0), strict=True)
        for seed in range(5)
        for knob in range(10)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])


def verdict(frame: pd.DataFrame) -> object:
    """Return the verdict, with all lines of evidence, the control and the search for a turn."""
    return ss.detect(frame, shape="increasing", control="none", min_effect=0.5)


def usual_loop(frame: pd.DataFrame) -> object:
    """Return what a loop over conditions gives: a trend test of the mean curve and a t test of slopes."""
    found = {}
    for name, rows in frame.groupby("condition"):
        curves = rows.pivot_table(index="seed", columns="knob", values="metric")
        trend = pymannkendall.original_test(curves.mean(axis=0).to_numpy())
        slopes = [stats.linregress(curves.columns, curve).slope for curve in curves.to_numpy()]
        found[name] = (trend.p, stats.ttest_1samp(slopes, 0.0).pvalue)
    return found


def seconds(function: Callable[[pd.DataFrame], object], frame: pd.DataFrame) -> tuple[float, float, float]:
    """Return the time of the first call, and the least and the median of later ones."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        function(frame)
        times.append(time.perf_counter() - start)
    return times[0], min(times[1:]), float(np.median(times[1:]))


def main() -> int:
    """Print all figures side by side; return 1 if the bound is missed."""
    frame = make_sweep()
    rows = {
        "sigstats.detect": seconds(verdict, frame),
        "pymannkendall + scipy loop": seconds(usual_loop, frame),
    }
    print(f"{'':28} {'first':>9} {'best':>9} {'median':>9}")
    for name, times in rows.items():
        print(f"{name:28}" + "".join(f" {1000 * each:6.1f} ms" for each in times))
    ratio = rows["sigstats.detect"][1] / rows["pymannkendall + scipy loop"][1]
    print(f"{'ratio of the best':28} {ratio:.2f}")
    return int(rows["sigstats.detect"][1] > BOUND)


if __name__ == "__main__":
    sys.exit(main())
