"""What a t statistic over cross-fitted scores must exceed.

The split at which a seed is scored was found from the other seeds. So the scores depend on each other: where two
splits nearly tie, many seeds are scored at the one that they themselves speak against, and the mean of their scores is
far from 0. The law of the t statistic is not Student's. The critical values were simulated once for each number of
seeds and levels under a flat mean with independent normal noise, and stand in a table beside this module. The levels
were equally spaced, and for hinges and peaks also crowded at one end; the larger value counts. A flat mean leaves the
choice of the split to noise alone. Means with a shape and noise of other kinds were tried too:
``docs/validity/clause_trials.csv`` has the rates.

The values hold for showing that a score is above 0. They do not hold for showing that it is below: a curve whose knot
lies elsewhere than where it was sought has scores below 0 without having the fault that they would tell of. Such a
statement must hold at every split (`hinge_scores_all` and its like), where Student's t does.
"""

import csv
import functools
import math
from importlib import resources
from typing import Literal, get_args

import numpy as np
from scipy import special

from sigstats.errors import OptionError
from sigstats.stats.checks import FloatArray

Statistic = Literal[
    "hinge_change", "hinge_flat_before", "middle_steeper", "peak_fall", "peak_rise", "step_drift", "step_gap",
    "step_jump",
]  # fmt: skip
STATISTICS: tuple[str, ...] = get_args(Statistic)
COLUMNS = {"peak_fall": "peak_arm", "peak_rise": "peak_arm"}
FILES = {"middle_steeper": "middle_critical_values.csv"}
ALPHAS = (0.1, 0.05, 0.025, 0.01, 0.005, 0.001)


@functools.cache
def critical_table(file: str) -> dict[tuple[float, int], dict[str, FloatArray]]:
    """Return the critical values by column, for each number of seeds (infinite included) and levels."""
    source = resources.files("sigstats.stats.scores").joinpath(file)
    table: dict[tuple[float, int], dict[str, FloatArray]] = {}
    with source.open("r", encoding="utf-8") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            names = {name.rpartition("_")[0] for name in row if name.endswith(f"_{ALPHAS[0]}")}
            table[float(row["n_seeds"]), int(row["n_levels"])] = {
                name: np.array([float(row[f"{name}_{alpha}"]) for alpha in ALPHAS]) for name in names
            }
    return table


def _neighbours(size: int, sizes: list[float]) -> set[float]:
    """Return the sizes of the table next to a size on both sides, or the size itself."""
    below = [known for known in sizes if known <= size]
    above = [known for known in sizes if known >= size]
    return {below[-1] if below else above[0], above[0] if above else below[-1]}


@functools.cache
def critical_value(statistic: Statistic, n_seeds: int, n_levels: int, alpha: float) -> float:
    """Return what a t statistic over cross-fitted scores must exceed at one-sided level `alpha`.

    Notes
    -----
    Sizes between the rows of the table take the largest of the neighbouring values. Levels of `alpha` between the
    columns are interpolated on a logarithmic scale; above .1 the value at .1 stays. The fractions behind the table are
    0.25 for ``hinge_flat_before``, 0.25 and 0.5 for ``step_drift`` (the larger value counts), and 0.5 for ``step_gap``.
    ``middle_steeper`` is about the smaller of two t statistics and has a table of its own, simulated under means that
    are not steeper in the middle.
    """
    if statistic not in STATISTICS:
        raise OptionError(f"`statistic` is {statistic!r}; choose one of {STATISTICS}.")
    if n_seeds < 3 or alpha < min(ALPHAS):
        return math.inf
    table = critical_table(FILES.get(statistic, "split_critical_values.csv"))
    column = COLUMNS.get(statistic, statistic)
    counts = sorted({count for _, count in table})
    if n_levels < counts[0]:
        return math.inf
    seeds = _neighbours(n_seeds, sorted({size for size, _ in table}))
    levels = _neighbours(n_levels, [float(count) for count in counts])
    log_alpha = np.log(ALPHAS[::-1])
    found = [
        float(np.interp(math.log(alpha), log_alpha, table[size, int(count)][column][::-1]))
        for size in seeds
        for count in levels
    ]
    student = float(special.stdtrit(n_seeds - 1, 1.0 - alpha))
    return max(*found, student) if all(map(math.isfinite, found)) else math.inf
