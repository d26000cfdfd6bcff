"""Several groups against one baseline: Dunnett's exact p-values for groups of one variance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray

NODES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyToOne:
    """Groups against a baseline, with one pooled variance."""

    differences: FloatArray  # mean of each group minus that of the baseline, shape (k,)
    errors: FloatArray  # their standard errors, shape (k,)
    loadings: FloatArray  # square roots of the correlations' factors, shape (k,): corr(i, j) = l_i l_j
    df: float  # degrees of freedom of the pooled variance

    def pvalues(self, *, bound: float, above: bool) -> FloatArray:
        """Return the adjusted p-value of each difference being at most (if not `above`, at least) a bound."""
        sign = 1.0 if above else -1.0
        t = sign * (self.differences - bound) / self.errors
        return np.array([_exceeds(value, self.loadings, self.df) for value in t])

    def critical(self, confidence: float) -> float:
        """Return by how many standard errors an interval must reach so that all ends on one side hold together."""
        wanted = (1.0 - confidence) / 2.0
        low, high = 0.0, 1000.0
        for _ in range(80):
            middle = (low + high) / 2.0
            low, high = (middle, high) if _exceeds(middle, self.loadings, self.df) > wanted else (low, middle)
        return high


def pooled(groups: Sequence[FloatArray], baseline: FloatArray, *, rounding: float) -> ManyToOne | None:
    """Return groups of independent runs against a baseline; None where no sd is larger than rounding errors.

    Notes
    -----
    *Assumptions.* Normal runs with one variance in all groups; where variances differ the error rate can be far off.

    References
    ----------
    C. W. Dunnett, "A multiple comparison procedure for comparing several treatments with a control", Journal of the
    American Statistical Association 50 (1955), https://doi.org/10.1080/01621459.1955.10501294
    """
    everything = [baseline, *groups]
    df = float(sum(each.size - 1 for each in everything))
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in everything)
    if not (df > 0 and squares > df * rounding**2):
        return None
    sizes = np.array([each.size for each in groups], dtype=float)
    return ManyToOne(
        differences=np.array([each.mean() - baseline.mean() for each in groups]),
        errors=np.sqrt(squares / df * (1.0 / sizes + 1.0 / baseline.size)),
        loadings=np.sqrt(sizes / (sizes + baseline.size)),
        df=df,
    )


def blocked(groups: Sequence[FloatArray], baseline: FloatArray, *, rounding: float) -> ManyToOne | None:
    """Return groups against a baseline that all share their runs, one row of values each; None as in `pooled`.

    Notes
    -----
    *Assumptions.* As `pooled`, for what is left when the mean of each run is removed: differences between any two
    groups have one variance.
    """
    table = np.stack([baseline, *groups])
    n_groups, n_runs = table.shape
    left = table - table.mean(axis=0) - table.mean(axis=1)[:, None] + table.mean()
    df = float((n_groups - 1) * (n_runs - 1))
    squares = float((left**2).sum())
    if not squares > df * rounding**2:
        return None
    return ManyToOne(
        differences=np.array([each.mean() - baseline.mean() for each in groups]),
        errors=np.full(len(groups), np.sqrt(2.0 * squares / df / n_runs)),
        loadings=np.full(len(groups), np.sqrt(0.5)),
        df=df,
    )


def _exceeds(t: float, loadings: FloatArray, df: float) -> float:
    """Return the probability that the largest of correlated t statistics exceeds a value, by quadrature."""
    z, z_weights = np.polynomial.hermite_e.hermegauss(NODES)
    z_weights = z_weights / z_weights.sum()
    # The sd by the trapezoid rule in its logarithm, where the density falls off smoothly on both sides.
    low, high = (float(np.log(special.chdtri(df, tail) / df)) / 2.0 for tail in (1.0 - 1e-15, 1e-15))
    log_sd = np.linspace(low, high, 2 * NODES)
    sd = np.exp(log_sd)
    log_density = df * log_sd - df * sd**2 / 2.0
    sd_weights = np.exp(log_density - log_density.max())
    sd_weights /= sd_weights.sum()
    inside = special.ndtr(
        (t * sd[:, None, None] + loadings * z[None, :, None]) / np.sqrt(1.0 - loadings**2)
    ).prod(axis=2)
    within = float(sd_weights @ inside @ z_weights)
    return float(min(max(1.0 - within, np.finfo(float).tiny), 1.0))
