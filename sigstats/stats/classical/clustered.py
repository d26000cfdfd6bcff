"""Regression in which a seed contributes several observations: corrected standard errors by cluster.

Observations of one seed resemble each other, so a plain regression is too sure of itself. Here the seed (cluster) is
the unit: residuals are summed within clusters before they are squared. With few clusters the usual sandwich is still
too small; `cluster_robust` corrects it (CR2) and refers t to fewer degrees of freedom.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import Alternative, FloatArray, IntArray
from sigstats.stats.classical.least_squares import least_squares
from sigstats.stats.classical.result import NullTest, P
from sigstats.stats.tails import t_tail

_NOISE = 1e-10  # relative size below which a standard error is rounding error


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTest(NullTest[P]):
    """What the tests of a regression with clusters have in common."""

    # t, the estimate minus its value under the null hypothesis over the standard error; None where that
    # is 0
    statistic: float | None
    estimate: float  # the tested combination of coefficients
    n: int  # number of observations
    n_clusters: int  # number of clusters, the replicates
    null: str = "the combination of coefficients has the stated value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRobust(ClusterTest[float | None]):
    """Result of `cluster_robust`; the other fields are those of `ClusterTest` and `NullTest`."""

    standard_error: float  # by the CR2 sandwich
    # Satterthwaite degrees of freedom; at most the number of clusters minus 1 for a slope within
    # clusters
    df: float | None
    low: float | None  # low, high: interval of the estimate
    high: float | None
    confidence: float  # of the interval
    method: str = "cluster-robust CR2, Satterthwaite degrees of freedom"


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredFit:
    """A least-squares fit, cut by cluster, in units whose squares neither overflow nor vanish."""

    unit: int  # the combination under test is in units of 2^unit
    design: FloatArray  # shape (n, p): columns, rows sorted by cluster
    y: FloatArray  # shape (n,): observations
    bounds: tuple[slice, ...]  # the rows of each cluster
    contrast: FloatArray  # shape (p,): combination of coefficients under test
    coefficients: (
        FloatArray  # coefficients, residuals: estimates, shape (p,), and what they leave over, shape (n,)
    )
    residuals: FloatArray
    inverse: FloatArray  # shape (p, p): inverse of the cross products of the design


def clustered_fit(
    design: npt.ArrayLike, y: npt.ArrayLike, cluster: npt.ArrayLike, contrast: npt.ArrayLike
) -> ClusteredFit:
    """Check, sort by cluster, and fit a regression."""
    columns, values = checks.matrix("design", design), checks.vector("y", y)
    row = checks.vector("contrast", contrast)
    codes, bounds = _codes(cluster)
    checks.same_size(design=columns, y=values, cluster=codes)
    if len(row) != columns.shape[1] or not np.any(row):
        raise InputError(
            f"`contrast` has {len(row)} entries for {columns.shape[1]} columns, or is all 0; give one weight per "
            "column, such as [0, 1] for the slope beside an intercept."
        )
    order = np.argsort(codes, kind="stable")
    units = np.frexp(np.abs(columns).max(axis=0))[1]
    y_unit = int(np.frexp(np.abs(values).max())[1])
    used = np.flatnonzero(row)
    row_unit = int(np.max(np.frexp(row[used])[1] - units[used]))
    columns, values = np.ldexp(columns[order], -units), np.ldexp(values[order], -y_unit)
    solution = least_squares(columns, values)
    return ClusteredFit(
        unit=y_unit + row_unit,
        design=columns,
        y=values,
        bounds=bounds,
        contrast=np.ldexp(row, -units - row_unit),
        coefficients=solution.coefficients,
        residuals=solution.residuals,
        inverse=solution.inverse,
    )


def _codes(cluster: npt.ArrayLike) -> tuple[IntArray, tuple[slice, ...]]:
    """Return the number of each observation's cluster, and the rows of each cluster once sorted by it."""
    _, codes = checks.sorted_labels("cluster", cluster)
    sizes = np.bincount(codes)
    if len(sizes) < 2:
        raise InputError(
            "`cluster` has one label; the spread between clusters needs at least two. Add clusters."
        )
    ends = np.cumsum(sizes).tolist()
    bounds = tuple(slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True))
    return codes.reshape(-1).astype(np.int64), bounds


def cluster_robust(
    design: npt.ArrayLike,
    y: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    contrast: npt.ArrayLike,
    null_value: float = 0.0,
    confidence: float = 0.95,
    alternative: Alternative = "two-sided",
) -> ClusterRobust:
    """Test a combination of regression coefficients with the cluster as the replicate.

    Parameters
    ----------
    design : array_like, shape (n, p)
        One column per coefficient, a column of ones for the intercept included.
    y : array_like, shape (n,)
        Observations.
    cluster : array_like, shape (n,)
        Label of the cluster (seed) of each observation, numbers or text.
    contrast : array_like, shape (p,)
        Weights of the coefficients: [0, 1] for the slope beside an intercept.
    null_value : float
        Value of the combination under the null hypothesis.
    confidence : float
        Two-sided confidence of the interval, in (0, 1).
    alternative : {"two-sided", "greater", "less"}
        Which side counts against the null hypothesis.

    Returns
    -------
    ClusterRobust
        Estimate, standard error, degrees of freedom, t, p-value and interval.

    Notes
    -----
    *Assumptions.* Clusters are independent; within them anything goes. Degrees of freedom are those for
    independent errors of equal size (the working model). With the same x in all clusters, the slope's t is
    that of one slope per cluster.

    *What would fool it.* Very few clusters of very different sizes or positions: watch `df`; below about 4 do
    not trust p.

    References
    ----------
    .. [1] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
           multi-stage samples", Survey Methodology 28(2), 169-181, 2002.
    .. [2] J. E. Pustejovsky, E. Tipton, "Small-sample methods for cluster-robust variance estimation and hypothesis
           testing in fixed effects models", Journal of Business & Economic Statistics 36(4), 672-683, 2018.
           https://doi.org/10.1080/07350015.2016.1247004

    Examples
    --------
    >>> import numpy as np
    >>> from sigstats.stats.classical.clustered import cluster_robust
    >>> x, seed = np.tile([0.0, 1.0, 2.0], 3), np.repeat([1, 2, 3], 3)
    >>> y = np.array([0.0, 1.0, 2.0, 0.5, 2.0, 3.5, 0.0, 0.5, 1.0])
    >>> result = cluster_robust(np.column_stack([np.ones(9), x]), y, seed, contrast=[0, 1])
    >>> round(result.estimate, 3), round(result.df, 6)
    (1.0, 2.0)
    """
    side, level = checks.alternative(alternative), checks.fraction("confidence", confidence)
    value = checks.number("null_value", null_value)
    fit = clustered_fit(design, y, cluster, contrast)
    adjusted = _adjusted_rows(fit)
    # [2] section 2.2: the estimate's variance is the sum over clusters of (adjusted row . residuals)^2
    scores = np.array([row @ fit.residuals[rows] for row, rows in zip(adjusted, fit.bounds, strict=True)])
    estimate, se = float(fit.contrast @ fit.coefficients), math.sqrt(float(scores @ scores))
    rounding = _NOISE * math.sqrt(float(fit.y @ fit.y)) * max(float(np.linalg.norm(row)) for row in adjusted)
    df = _satterthwaite(fit, adjusted) if se > rounding else None
    t = None if df is None else (estimate - math.ldexp(value, -fit.unit)) / se
    tail = None if t is None or df is None else t_tail(t, df, side)
    reach = None if df is None else float(special.stdtrit(df, (1.0 + level) / 2.0)) * se
    return ClusterRobust(
        statistic=t,
        estimate=math.ldexp(estimate, fit.unit),
        standard_error=0.0 if df is None else math.ldexp(se, fit.unit),
        df=df,
        pvalue=None if tail is None else tail.pvalue,
        log10_pvalue=None if tail is None else tail.log10_pvalue,
        low=None if reach is None else math.ldexp(estimate - reach, fit.unit),
        high=None if reach is None else math.ldexp(estimate + reach, fit.unit),
        confidence=level,
        n=len(fit.y),
        n_clusters=len(fit.bounds),
        alternative=side,
    )


def _adjusted_rows(fit: ClusteredFit) -> list[FloatArray]:
    """Return, for each cluster, the row that turns residuals into its share of the estimate, corrected."""
    root = linalg.cholesky(fit.inverse, lower=True)
    rows = []
    for cluster in fit.bounds:
        part = fit.design[cluster]
        left, scale, _ = np.linalg.svd(part @ root, full_matrices=False)
        # [2] equation 6 with the identity as working model: (I - H)^(-1/2), on the columns of this cluster
        leftover = 1.0 - scale**2
        factor = np.where(leftover > 1e-10, 1.0 / np.sqrt(np.maximum(leftover, 1e-10)), 0.0)
        plain = part @ (fit.inverse @ fit.contrast)
        rows.append(np.asarray(plain + left @ ((factor - 1.0) * (left.T @ plain))))
    return rows


def _satterthwaite(fit: ClusteredFit, adjusted: list[FloatArray]) -> float:
    """Return the degrees of freedom of the sum of squared scores ([1] section 4)."""
    projected = np.array([fit.design[rows].T @ row for row, rows in zip(adjusted, fit.bounds, strict=True)])
    covariance = np.diag([float(row @ row) for row in adjusted]) - projected @ fit.inverse @ projected.T
    return float(np.trace(covariance) ** 2 / np.sum(covariance**2))
