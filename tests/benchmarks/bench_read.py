"""Speed of `read_sweep` on a long CSV, as ratios to polars and pandas reading the same file.

Run with `pytest tests/benchmarks/bench_read.py -s`. The readers take turns, so that other work on the machine meets all
of them; the ratio is that of their best times.
"""

import time

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sigstats import read_sweep

ROWS = 6_000_000  # 192 MB
TURNS = 6


@pytest.fixture(scope="module")
def long_csv(tmp_path_factory):
    """Write 6 million rows of model, seed, width, step and accuracy."""
    path = tmp_path_factory.mktemp("long") / "sweep.csv"
    place = np.arange(ROWS)
    pl.DataFrame(
        {
            "model": np.array(["mlp", "cnn", "vit", "gru"])[place % 4],
            "seed": place // 4 % 10,
            "width": place // 40 % 100,
            "step": place // 4000,
            "accuracy": np.random.default_rng(0).normal(size=ROWS),
        }
    ).write_csv(path)
    return path


def times(readers):
    """Return the shortest time of each reader, in seconds; they take turns."""
    found = {name: [] for name in readers}
    for _ in range(TURNS):
        for name, read in readers.items():
            start = time.perf_counter()
            read()
            found[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in found.items()}


def test_a_long_csv_is_read_about_as_fast_as_by_polars(long_csv):
    """And each number is the same."""
    readers = {
        "sigstats": lambda: read_sweep(long_csv),
        "polars": lambda: pl.read_csv(long_csv),
        "pandas": lambda: pd.read_csv(long_csv),
    }
    took = times(readers)
    print(
        f"\n{long_csv.stat().st_size / 1e6:.0f} MB: {took['sigstats'] / took['polars']:.2f} of polars, ",
        end="",
    )
    print(f"{took['sigstats'] / took['pandas']:.2f} of pandas ({took['sigstats']:.2f} s)")
    ours, theirs = read_sweep(long_csv), pl.read_csv(long_csv)
    for name in ours:
        np.testing.assert_array_equal(ours[name].to_numpy(), theirs[name].to_numpy())
    assert took["sigstats"] <= 1.5 * took["polars"]
