"""Speed of the exact posteriors.

Run with `pytest tests/benchmarks/bench_hierarchical.py -s`, or write the times to a file, from which a page of the
documentation is made:

    python tests/benchmarks/bench_hierarchical.py tests/benchmarks/hierarchical.csv
"""

import csv
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sigstats.priors import half_cauchy, half_normal, lkj, normal
from sigstats.stats.bayes.by_condition import random_slopes_by_condition
from sigstats.stats.bayes.random_effects import random_effects
from sigstats.stats.bayes.random_slopes import random_slopes

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


def nested(n_conditions, n_seeds, n_levels):
    """Return a call for the posterior of a simulated sweep with seeds in conditions, and 4,000 draws."""
    rng = np.random.default_rng(7)
    condition = np.repeat(np.arange(n_conditions), n_seeds * n_levels)
    seed = np.tile(np.repeat(np.arange(n_seeds), n_levels), n_conditions)
    x = np.tile(np.arange(float(n_levels)), n_conditions * n_seeds)
    slope = 0.5 + rng.normal(0, 0.3, n_conditions)[condition]
    slope = slope + rng.normal(0, 0.2, (n_conditions, n_seeds))[condition, seed]
    y = rng.normal(0, 0.5, (n_conditions, n_seeds))[condition, seed] + slope * x
    y = y + rng.normal(0, 0.4, x.size)
    scales = ("sigma", "sigma_seed_intercept", "sigma_seed_slope", "sigma_condition_slope")
    priors = {name: half_normal(1) for name in scales}
    return lambda: random_slopes_by_condition(x, y, seed, condition, mu_beta=normal(0, 2), **priors)


def test_seeds_in_conditions_take_a_fraction_of_a_second():
    """Three conditions of five seeds at ten levels, with 4,000 draws, take less than 0.3 s."""
    call = nested(3, 5, 10)
    seconds = best(lambda: call().draws(4_000), 5)
    print(f"\n3 x 5 x 10 with 4,000 draws: {seconds * 1e3:.0f} ms")
    assert seconds < 0.3


def test_a_hundred_conditions_take_seconds():
    """A hundred conditions of ten seeds at fifty levels take less than 3 s."""
    seconds = best(nested(100, 10, 50), 1)
    print(f"\n100 x 10 x 50: {seconds:.2f} s")
    assert seconds < 3.0


def cases():
    """Return what is timed: words, the call, and how often to repeat it."""
    _, y, group = sweep(15, 10)
    balanced = np.tile(np.arange(10.0), 15), y, group
    ragged = sweep(85, np.random.default_rng(3).integers(3, 12, 85))
    size = ragged[0].size
    t_noise = {"noise": "student_t", "df": 4}
    return (
        ("15 groups x 10 levels", lambda: random_slopes(*balanced, **PRIORS), 10),
        ("15 groups x 10 levels, 4,000 draws", lambda: random_slopes(*balanced, **PRIORS).draws(4_000), 10),
        (
            "15 groups x 10 levels, correlated",
            lambda: random_slopes(*balanced, **PRIORS, correlation=lkj(2)),
            5,
        ),
        (
            "15 groups x 10 levels, Student's t noise",
            lambda: random_slopes(*balanced, **PRIORS, **t_noise),
            1,
        ),
        (f"{size} rows in 85 unbalanced groups", lambda: random_slopes(*ragged, **PRIORS), 5),
        (
            f"{size} rows in 85 unbalanced groups, all quantiles",
            lambda: random_slopes(*ragged, **PRIORS).summary(),
            5,
        ),
        ("3 conditions x 5 seeds x 10 levels", nested(3, 5, 10), 25),
        ("3 conditions x 5 seeds x 10 levels, 4,000 draws", lambda: nested(3, 5, 10)().draws(4_000), 25),
        ("100 conditions x 10 seeds x 50 levels", nested(100, 10, 50), 2),
    )


def main(target):
    """Write the shortest processor time of each case."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "processor_seconds", "date", "python", "numpy"])
        for what, call, repeats in cases():
            stamp = datetime.now(UTC).date().isoformat(), platform.python_version(), np.__version__
            writer.writerow([what, f"{best(call, repeats):.4f}", *stamp])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
