"""Speed of the exact posteriors; run with `pytest tests/benchmarks/bench_hierarchical.py -s`."""

import time

import numpy as np

from sigstats.priors import half_cauchy, half_normal, normal
from sigstats.stats.hierarchical import random_slopes
from sigstats.stats.pooling import random_effects

PRIORS = {
    "mu_alpha": normal(0, 5),
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(0.5),
}


def best(call, repeats):
    """Return the shortest processor time of a call, in seconds; other processes do not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def sweep(n_groups, sizes):
    """Return x, y and group of a table with groups of given sizes at irregular levels."""
    rng = np.random.default_rng(7)
    group = np.repeat(np.arange(n_groups), sizes)
    x = rng.uniform(0, 5, group.size)
    slope = rng.normal(0.5, 0.4, n_groups)
    return x, rng.normal(1, 1, n_groups)[group] + slope[group] * x + rng.normal(0, 0.7, x.size), group


def test_a_small_balanced_table_takes_milliseconds():
    """Fifteen seeds at ten levels, with 4,000 draws of everything, take less than 60 ms."""
    _, y, group = sweep(15, 10)
    x = np.tile(np.arange(10.0), 15)
    seconds = best(lambda: random_slopes(x, y, group, **PRIORS).draws(4_000), 10)
    print(f"\nposterior with 4,000 draws: {seconds * 1e3:.1f} ms")
    assert seconds < 0.06


def test_many_unbalanced_groups_take_a_fraction_of_a_second():
    """Eighty-five groups of 3 to 11 rows, with the whole summary, take less than half a second."""
    x, y, group = sweep(85, np.random.default_rng(3).integers(3, 12, 85))
    fit = best(lambda: random_slopes(x, y, group, **PRIORS), 5)
    whole = best(lambda: random_slopes(x, y, group, **PRIORS).summary(), 3)
    print(f"\n{x.size} rows: posterior {fit * 1e3:.0f} ms, with all quantiles {whole * 1e3:.0f} ms")
    assert whole < 0.5


def test_random_effects_take_no_time():
    """Eight estimates take less than 10 ms."""
    effects, errors = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
    seconds = best(lambda: random_effects(effects, errors, mu=normal(0, 5), tau=half_cauchy(5)), 20)
    print(f"\n{seconds * 1e3:.2f} ms")
    assert seconds < 0.01
