"""Two-way analysis of variance of a table with one value in each cell."""

import math
import sys

from scipy import special

from sigstats.stats.checks import FloatArray


def rows_pvalue(table: FloatArray) -> float:
    """Return the p-value of rows that have no effect of their own; NaN where nothing varies beside rows and columns.

    Notes
    -----
    *Null hypothesis.* Every row has the same expectation in each column. *Assumptions.* The effects of rows and columns
    add, and what is left is normal, independent and has the same variance in all cells.

    References
    ----------
    R. A. Fisher, "Statistical methods for research workers" (1925), reprinted in part in *Breakthroughs in Statistics*,
    Springer, 1992, https://doi.org/10.1007/978-1-4612-4380-9_6
    """
    n_rows, n_columns = table.shape
    rows = table.mean(axis=1) - table.mean()
    left = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    df = n_rows - 1, (n_rows - 1) * (n_columns - 1)
    between, within = n_columns * float(rows @ rows) / df[0], float((left**2).sum()) / df[1]
    if not within > 0:
        return math.nan
    return max(float(special.fdtrc(*df, between / within)), sys.float_info.min)
