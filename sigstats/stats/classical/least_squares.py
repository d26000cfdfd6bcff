"""Least squares to nearly the last digit that the data carry.

Columns are brought to one scale, the design is factored by Householder reflections (never by its cross
products, which square its condition), and the solution is improved once or twice from its own residuals,
computed in the longest float of the machine.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import linalg

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray

_REFINEMENTS = 3
_SINGULAR = 1e-14  # relative size of the last pivot below which columns count as dependent


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastSquares:
    """Result of `least_squares`."""

    coefficients: FloatArray  # shape (p,): estimates, in units of y per unit of their column
    # shape (p,): for independent errors of equal size; None where there are as many coefficients as
    # observations
    standard_errors: FloatArray | None
    residuals: FloatArray = field(repr=False)  # shape (n,): observed minus fitted
    residual_sd: float | None  # root of the residual sum of squares per degree of freedom
    df: int  # residual degrees of freedom, n - p
    n: int  # number of observations
    inverse: FloatArray = field(repr=False)  # shape (p, p): inverse of the cross products of the design


def least_squares(design: npt.ArrayLike, y: npt.ArrayLike) -> LeastSquares:
    """Fit y as a linear combination of columns.

    Notes
    -----
    *Assumptions.* Standard errors need independent errors of equal size: they are wrong where a seed
    contributes several observations (see `cluster_robust`).

    *What would fool it.* Columns that nearly depend on each other; where they do to the precision of floats,
    this raises.

    References
    ----------
    .. [1] A. Björck, "Numerical Methods for Least Squares Problems", SIAM, 1996.
           https://doi.org/10.1137/1.9781611971484
    """
    columns, values = checks.matrix("design", design, min_columns=1), checks.vector("y", y)
    checks.same_size(design=columns, y=values)
    n, p = columns.shape
    if n < p:
        raise InputError(f"`design` has {p} columns for {n} observations; add observations or drop columns.")
    units = np.array([math.frexp(float(largest))[1] for largest in np.abs(columns).max(axis=0)])
    y_unit = math.frexp(float(np.abs(values).max()))[1]
    scaled, target = np.ldexp(columns, -units), np.ldexp(values, -y_unit)
    beta, residuals, inverse = _solve(scaled, target)
    sd = math.sqrt(float(residuals @ residuals) / (n - p)) if n > p else None
    return LeastSquares(
        coefficients=np.ldexp(beta, y_unit - units),
        standard_errors=None if sd is None else np.ldexp(sd * np.sqrt(np.diag(inverse)), y_unit - units),
        residuals=np.ldexp(residuals, y_unit),
        residual_sd=None if sd is None else math.ldexp(sd, y_unit),
        df=n - p,
        n=n,
        inverse=np.ldexp(inverse, -units[:, None] - units[None, :]),
    )


def _solve(design: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return coefficients, residuals and the inverse of the cross products of a scaled design."""
    factors = linalg.qr(design, mode="economic", pivoting=True)
    q, r, order = (
        np.asarray(factors[0], dtype=np.float64),
        np.asarray(factors[1], dtype=np.float64),
        factors[2],
    )
    pivots = np.abs(np.diag(r))
    if pivots[-1] <= _SINGULAR * pivots[0]:
        raise InputError(
            f"`design` has columns that depend on each other (column {int(order[-1])} is a combination of the "
            "others). Drop one of them."
        )
    back = np.argsort(order)
    exact = design.astype(np.longdouble)
    beta, residuals = np.zeros(design.shape[1], dtype=np.longdouble), y.astype(np.longdouble)
    for _ in range(_REFINEMENTS):
        step = _substituted(r, q.T @ residuals.astype(np.float64))[back]
        beta = beta + step
        residuals = y.astype(np.longdouble) - exact @ beta
    root = _substituted(r, np.eye(len(back)))[back]
    return beta.astype(np.float64), residuals.astype(np.float64), root @ root.T


def _substituted(triangle: FloatArray, right: FloatArray) -> FloatArray:
    """Solve a small upper triangular system; the library call would start threads for it."""
    solution = np.zeros_like(right)
    for i in reversed(range(len(triangle))):
        solution[i] = (right[i] - triangle[i, i + 1 :] @ solution[i + 1 :]) / triangle[i, i]
    return solution
