"""Speed of the trend tests as ratios within one run; run with `pytest tests/benchmarks/bench_trend.py -s`."""

import time

import numpy as np
from pymannkendall import original_test
from scipy.stats import kendalltau

from sigstats.stats.classical.ordered import jonckheere
from sigstats.stats.classical.trend import mann_kendall, theil_sen

N = 10_000


def best(call, repeats):
    """Return the shortest time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def test_mann_kendall_keeps_up_with_sorting():
    """At 10,000 points Mann-Kendall is within 3x of SciPy's Kendall tau and 500x as fast as pymannkendall."""
    y = np.random.default_rng(1).normal(size=N)
    ours = best(lambda: mann_kendall(y), 30)
    scipy = best(lambda: kendalltau(np.arange(N), y), 30)
    quadratic = best(lambda: original_test(y), 1)
    print(f"\n{ours * 1e3:.2f} ms, {ours / scipy:.2f} kendalltau, 1 / {quadratic / ours:.0f} pymannkendall")
    assert ours <= 3 * scipy
    assert quadratic >= 500 * ours


def test_theil_sen_of_ten_thousand_points_is_quick():
    """Fifty million slopes are ordered within a few passes."""
    rng = np.random.default_rng(1)
    seconds = best(lambda: theil_sen(np.arange(N), rng.normal(size=N)), 1)
    print(f"\n{seconds:.2f} s")
    assert seconds < 10


def test_jonckheere_is_cheap_enough_for_every_verdict():
    """Eight groups of five take under 2 ms by the normal approximation."""
    groups = np.random.default_rng(1).normal(size=(8, 5))
    asymptotic = best(lambda: jonckheere(groups, alternative="greater", method="asymptotic"), 50)
    exact = best(lambda: jonckheere(groups, alternative="greater", method="exact"), 50)
    print(f"\nasymptotic {asymptotic * 1e3:.2f} ms, exact {exact * 1e3:.2f} ms")
    assert asymptotic < 2e-3
