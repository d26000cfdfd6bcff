"""What many negative controls say of a test: how far estimates lie from zero where nothing is there.

A p-value rests on the spread between seeds. Where conditions share items, runs or batches, estimates miss the truth by
more than that. Many conditions in which nothing should be there - negative controls - show by how much: the error that
they have beside their sampling error is a law of its own, with a mean and an sd. A p-value that counts this law is
*calibrated*.
"""

import math
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import FloatArray

FEWEST = 5
GRID = 200


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class EmpiricalNull:
    """The law of the errors of negative controls beside their sampling errors.

    Attributes
    ----------
    mean : float
        Mean of these errors, in the unit of the estimates: what all of them are off by.
    sd : float
        Their sd: by how much they are off differently; 0 where sampling errors explain all of it.
    n_controls : int
        How many controls there are.
    outliers : tuple of int
        Positions of controls that the law of the others does not explain, with an error rate of .05 over all: something
        may be there after all.
    """

    mean: float
    sd: float
    n_controls: int
    outliers: tuple[int, ...]

    def pvalue(self, estimate: float, error: float) -> float:
        """Return the calibrated p-value of an estimate that is to be above zero.

        Parameters
        ----------
        estimate : float
            The estimate, positive in the predicted direction.
        error : float
            Its standard error, in (0, inf).

        Returns
        -------
        float
            Probability of an estimate that is as large or larger, where nothing is there.
        """
        return _above(
            checks.number("estimate", estimate), checks.positive("error", error), self.mean, self.sd
        )


def _above(estimate: float, error: float, mean: float, sd: float) -> float:
    p = float(special.ndtr(-(estimate - mean) / math.hypot(error, sd)))
    return max(p, sys.float_info.min)


def empirical_null(estimates: npt.ArrayLike, errors: npt.ArrayLike) -> EmpiricalNull:
    """Return the law of the errors of negative controls.

    Parameters
    ----------
    estimates : array_like, shape (n,)
        Estimate of each negative control, oriented as the one that is to be tested; at least 5.
    errors : array_like, shape (n,)
        Their standard errors, above 0.

    Returns
    -------
    EmpiricalNull
        Mean and sd, and controls that do not fit.

    Notes
    -----
    Schuemie and others [1]_: each estimate is normal around an error of its own, with its standard error; these errors
    are normal with the mean and sd that maximise the likelihood. The null hypothesis of the calibrated p-value is that
    the estimate is another draw of this law.

    *Assumptions.* Nothing is there in the controls. Their errors have the same law as that of the estimate. Mean and sd
    are taken as known, and standard errors too: with few controls or few seeds the calibrated p-value is too small. It
    is a check beside a test, and takes part in no verdict.

    *What would fool it.* Controls in which something is there (they widen the law and hide real effects), and controls
    that share less with the treatment than the treatment does with what disturbs it.

    References
    ----------
    .. [1] M. Schuemie, P. Ryan, W. DuMouchel, M. Suchard, D. Madigan, "Interpreting observational studies: why
           empirical calibration is needed to correct p-values", Statistics in Medicine 33(2), 209-218, 2014.
           https://doi.org/10.1002/sim.5925

    Examples
    --------
    >>> from sigstats.stats import empirical_null
    >>> null = empirical_null([0.3, -0.2, 0.5, 0.1, 0.4, -0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    >>> round(null.mean, 3), round(null.sd, 3)
    (0.167, 0.236)
    """
    given = checks.vector("estimates", estimates, min_size=0)
    own = checks.vector("errors", errors, min_size=0)
    if given.size < FEWEST or own.size != given.size:
        raise InputError(
            f"there are {given.size} `estimates` and {own.size} `errors`; an empirical null needs at least {FEWEST} "
            "controls, each with both. Declare more controls."
        )
    if np.any(own <= 0.0):
        raise InputError("`errors` has values that are not above 0. Leave such controls out.")
    mean, sd = _fitted(given, own)
    return EmpiricalNull(mean=mean, sd=sd, n_controls=given.size, outliers=tuple(_outliers(given, own)))


def _fitted(estimates: FloatArray, errors: FloatArray) -> tuple[float, float]:
    """Return mean and sd of largest likelihood; for each sd, the best mean is a weighted one."""
    from scipy import optimize

    widest = float(np.ptp(estimates))
    if widest == 0.0:
        return float(estimates[0]), 0.0
    grid = np.linspace(0.0, widest, GRID)
    at = int(np.argmin([_loss(sd, estimates, errors) for sd in grid]))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, GRID - 1)]
    found = optimize.minimize_scalar(
        _loss,
        bounds=(low, high),
        args=(estimates, errors),
        method="bounded",
        options={"xatol": 1e-9 * widest},
    )
    sd = float(found.x) if found.fun < _loss(0.0, estimates, errors) else 0.0
    return _mean(sd, estimates, errors), sd


def _mean(sd: float, estimates: FloatArray, errors: FloatArray) -> float:
    return float(np.average(estimates, weights=1.0 / (sd**2 + errors**2)))


def _loss(sd: float, estimates: FloatArray, errors: FloatArray) -> float:
    """Return minus twice the log-likelihood at an sd and its best mean, but for a constant."""
    variance = sd**2 + errors**2
    return float(np.sum(np.log(variance) + (estimates - _mean(sd, estimates, errors)) ** 2 / variance))


def _outliers(estimates: FloatArray, errors: FloatArray) -> list[int]:
    """Return the controls that the law of the others does not explain."""
    found = []
    for at in range(estimates.size):
        rest = np.delete(estimates, at), np.delete(errors, at)
        mean, sd = _fitted(*rest)
        spread = math.hypot(errors[at], sd)
        # The law of few others is not known well: Student's t allows for that.
        p = 2.0 * float(special.stdtr(estimates.size - 2, -abs(estimates[at] - mean) / spread))
        if p * estimates.size <= 0.05:
            found.append(at)
    return found
