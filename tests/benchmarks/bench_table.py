"""Speed and memory of the sweep table, as ratios within one run.

Run with `pytest tests/benchmarks/bench_table.py -s`. The large frame is handled in a process of its own, so
that its peak memory is its own as well.
"""

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sigstats.data.table.sweep import SweepTable


def best(call, repeats):
    """Return the shortest time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def large_frame():
    """Return 10^7 rows: 100 conditions x 10 seeds x 100 levels x 100 repeats, as polars."""
    n = 10_000_000
    place = pl.int_range(n, dtype=pl.Int32, eager=True).alias("i")
    noise = pl.Series("metric", np.random.default_rng(0).normal(size=n))
    return pl.DataFrame([place, noise]).select(
        condition=pl.format("model_{}", pl.col("i") % 100),
        seed=(pl.col("i") // 100 % 10).cast(pl.Int64),
        knob=(pl.col("i") // 1000 % 100) / 10.0,
        metric="metric",
    )


def measure_large():
    """Print the ratio to the bare group-by and the peak memory before it ran, in GB."""
    frame = large_frame()
    keys = ["condition", "seed", "knob"]
    warm = frame.head(100_000)
    warm.group_by(keys).agg(pl.col("metric").mean())
    SweepTable.from_frame(warm, aggregate="mean")
    ours = best(lambda: SweepTable.from_frame(frame, aggregate="mean"), 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    bare = best(lambda: frame.group_by(keys).agg(pl.col("metric").mean()), 2)
    table = SweepTable.from_frame(frame, aggregate="mean")
    print(ours / bare, peak, ours, len(table.conditions), table.n_rows)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in the unit of Linux")
def test_ten_million_rows_cost_less_than_two_bare_groupings():
    """The table takes at most twice the time of the bare group-by, and 1.5 GB with the frame."""
    run = subprocess.run(
        [sys.executable, "-W", "error", __file__], capture_output=True, text=True, check=True
    )
    ratio, peak, seconds, n_conditions, n_rows = map(float, run.stdout.split())
    print(f"\n{ratio:.2f} of the bare group-by ({seconds:.2f} s), peak {peak:.2f} GB")
    assert (n_conditions, n_rows) == (100, 10_000_000)
    assert ratio <= 2
    assert peak <= 1.5


def test_a_small_frame_is_quick():
    """200 rows of pandas take a few milliseconds."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [list("abcd"), range(5), range(10)], names=["condition", "seed", "knob"]
    )
    frame = pd.DataFrame({"metric": rng.normal(size=200)}, index=index).reset_index()
    seconds = best(lambda: SweepTable.from_frame(frame), 20)
    print(f"\n{seconds * 1e3:.2f} ms")
    assert seconds < 0.016


def test_matrices_cost_next_to_nothing():
    """Two conditions of five seeds and eight levels take less than 100 microseconds."""
    rng = np.random.default_rng(0)
    levels = np.arange(8.0)
    values = {"a": rng.normal(size=(5, 8)), "b": rng.normal(size=(5, 8))}
    seconds = best(lambda: [SweepTable.from_matrices(levels, values) for _ in range(100)], 5) / 100
    print(f"\n{seconds * 1e6:.0f} microseconds")
    assert seconds < 100e-6


@pytest.mark.parametrize("make", [lambda frame: frame, pl.from_pandas], ids=["pandas", "polars"])
@pytest.mark.parametrize(("n_seeds", "n_levels"), [(100_000, 2), (1, 1_000_000)])
def test_many_seeds_or_many_levels_take_seconds_at_most(make, n_seeds, n_levels):
    """Neither 10^5 seeds nor 10^6 levels are looped over."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "knob": np.tile(np.arange(float(n_levels)), n_seeds),
            "seed": np.repeat(np.arange(n_seeds), n_levels),
            "metric": rng.normal(size=n_seeds * n_levels),
        }
    )
    frame = make(frame.sample(frac=1, random_state=1))
    seconds = best(lambda: SweepTable.from_frame(frame), 1)
    print(f"\n{seconds:.2f} s")
    assert seconds < 2


def test_the_same_ten_million_rows_through_pandas():
    """pandas groups more slowly; the table adds little to that."""
    frame = large_frame().to_pandas()
    keys = ["condition", "seed", "knob"]
    bare = best(frame.groupby(keys)["metric"].mean, 1)
    ours = best(lambda: SweepTable.from_frame(frame, aggregate="mean"), 1)
    print(f"\n{ours / bare:.2f} of the bare group-by of pandas ({ours:.2f} s)")
    assert ours <= 3 * bare


if __name__ == "__main__":
    measure_large()
