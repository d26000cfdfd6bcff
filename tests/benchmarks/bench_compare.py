"""Speed of `compare`, as ratios to grouping the same rows within one run.

Run with `pytest tests/benchmarks/bench_compare.py -s`.
"""

import time

import numpy as np
import pandas as pd
import pytest

import sigstats as ss


def best(call, repeats):
    """Return the shortest time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def scored(n_runs, n_items):
    """Return scores of runs on items, in two conditions."""
    rng = np.random.default_rng(0)
    size = 2 * n_runs * n_items
    return pd.DataFrame(
        {
            "condition": np.repeat(["base", "new"], n_runs * n_items),
            "seed": np.repeat(np.arange(2 * n_runs), n_items),
            "item": np.tile(np.arange(n_items), 2 * n_runs),
            "metric": rng.normal(size=size),
        }
    )


def grouped(frame, *columns):
    """Return the bare grouping, whose codes are found anew each time."""
    return frame.groupby(list(columns), sort=False)["metric"].mean()


@pytest.mark.parametrize("over", ["seed", "item", ["seed", "item"]])
def test_many_items_cost_a_few_groupings(over):
    """Ten runs of 10,000 items in two conditions take at most 0.2 s, some tens of bare groupings."""
    frame = scored(10, 10_000)
    bare = best(lambda: grouped(frame, "condition", "seed", "item"), 3)
    ours = best(lambda: ss.compare(frame, baseline="base", item="item", over=over), 3)
    print(f"\n{over}: {ours:.3f} s, {ours / bare:.1f} of a grouping")
    assert ours <= 6 * bare


def test_a_pair_costs_a_few_groupings():
    """Two conditions of five runs take at most 5 ms."""
    frame = scored(5, 1).drop(columns="item")
    bare = best(lambda: grouped(frame, "condition", "seed"), 20)
    ours = best(lambda: ss.compare(frame, baseline="base"), 20)
    print(f"\n{ours * 1e3:.1f} ms, {ours / bare:.1f} of a grouping")
    assert ours <= 30 * bare
