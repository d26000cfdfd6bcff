"""The Jonckheere-Terpstra test on many tables at once.

Without ties it depends on the sizes of the groups and on one whole number, the count of pairs in order: tables with the
same count have the same p-value, which is found once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigstats.stats.blocks import agreed
from sigstats.stats.checks import FloatArray, IndexArray
from sigstats.stats.classical.ordered import Jonckheere, jonckheere


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedTables:
    """The test on several tables: one entry for each."""

    statistic: FloatArray  # J
    mean: FloatArray  # mean, variance: of J over all permutations
    variance: FloatArray
    z: FloatArray
    pvalue: FloatArray  # one-sided, of no growth
    method: str


def jonckheere_of_tables(
    groups: Sequence[FloatArray], *, method: Literal["auto", "asymptotic"]
) -> Jonckheere | OrderedTables:
    """Test whether values grow over groups, whose observations stand on the last axis and tables before it."""
    if groups[0].ndim == 1:
        return jonckheere(groups, alternative="greater", method=method)
    every = np.sort(np.concatenate(groups, axis=-1), axis=-1)
    if agreed((np.diff(every, axis=-1) == 0).any(axis=-1)):
        return _one_by_one(groups, np.arange(len(every)), method)
    counts = sum(
        np.count_nonzero(later[:, None, :] > earlier[:, :, None], axis=(1, 2))
        for at, later in enumerate(groups)
        for earlier in groups[:at]
    )
    _, first, table = np.unique(counts, return_index=True, return_inverse=True)
    found = _one_by_one(groups, first, method)
    return OrderedTables(
        statistic=found.statistic[table],
        mean=found.mean[table],
        variance=found.variance[table],
        z=found.z[table],
        pvalue=found.pvalue[table],
        method=found.method,
    )


def _one_by_one(
    groups: Sequence[FloatArray], tables: IndexArray, method: Literal["auto", "asymptotic"]
) -> OrderedTables:
    """Return the tests on some tables, each on its own."""
    tests = [
        jonckheere([each[table] for each in groups], alternative="greater", method=method) for table in tables
    ]
    columns = {
        name: np.array([getattr(test, name) for test in tests])
        for name in ("statistic", "mean", "variance", "z", "pvalue")
    }
    return OrderedTables(**columns, method=tests[0].method)
