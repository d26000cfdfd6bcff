"""What many negative controls say of a test: how far estimates lie from zero where nothing is there.

A p-value rests on the spread between seeds. Where conditions share items, runs or batches, estimates miss the truth by
more than that. Many conditions in which nothing should be there - negative controls - show by how much: the errors that
they have beside their sampling errors have a mean and an sd. A p-value that counts them is *calibrated*.
"""

import math
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.combine import banerjee_df
from sigstats.stats.tails import t_tail

FEWEST = 5
LARGEST = 1e150
# Error rate, over all controls, of calling one unlike the others.
UNLIKE = 0.05
BOUNDED_AT = 0.95


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class EmpiricalNull:
    """The law of the errors of negative controls beside their sampling errors.

    Attributes
    ----------
    mean : float
        Mean of the estimates, in their unit: what all of them are off by.
    sd : float
        By how much they are off differently, beside their standard errors; 0 where these explain all of it.
    spread : float
        Sd of the estimates, sampling errors included.
    error : float
        Root of the mean squared standard error of the controls.
    n_controls : int
        How many controls there are.
    outliers : tuple of int
        Positions of controls that the law of the others does not explain, with an error rate of .05 over all: something
        may be there after all.
    """

    mean: float
    sd: float
    spread: float
    error: float
    n_controls: int
    outliers: tuple[int, ...]

    def pvalue(self, estimate: float, error: float, df: float = math.inf) -> float:
        """Return the calibrated p-value of an estimate that is to be above zero.

        Parameters
        ----------
        estimate : float
            The estimate, positive in the predicted direction.
        error : float
            Its standard error, in [0, inf).
        df : float
            Degrees of freedom of the standard error, in (0, inf]; infinite where it is known.

        Returns
        -------
        float
            Probability of an estimate that is as large or larger, where nothing is there; NaN where neither the
            controls nor the estimate vary.
        """
        checks.number("estimate", estimate)
        if not checks.number("error", error) >= 0.0:
            raise OptionError(f"`error` is {error!r}; a standard error is 0 or above.")
        if not df > 0.0:
            raise OptionError(f"`df` is {df!r}; degrees of freedom are above 0.")
        return _above(self, estimate, error, df)

    @property
    def pvalue_off(self) -> float:
        """P-value of a mean of 0 or below: Student's t with the controls as the sample; NaN if all are equal."""
        if not self.spread > 0.0:
            return math.nan
        t = self.mean / (self.spread / math.sqrt(self.n_controls))
        return t_tail(t, self.n_controls - 1, "greater").pvalue


def _above(null: EmpiricalNull, estimate: float, error: float, df: float) -> float:
    """Return the p-value of one more draw, whose sampling error may be larger than those of the controls."""
    n = null.n_controls
    controls = null.spread**2 * (1.0 + 1.0 / n)
    beyond = max(0.0, error**2 - null.error**2)
    variance = controls + beyond
    if not variance > 0.0:
        return math.nan
    dfs = [n - 1.0]
    if beyond > 0.0:
        # The larger part counts with its whole variance: that of a difference is known less well than either.
        shares = controls / variance, error**2 / variance
        dfs = [1.0 / (shares[0] ** 2 / (n - 1.0) + shares[1] ** 2 / df)]
        dfs.append(banerjee_df([controls / variance, beyond / variance], [n - 1.0, df], BOUNDED_AT))
    t = (estimate - null.mean) / math.sqrt(variance)
    return max(float(special.stdtr(min(dfs), -t)), sys.float_info.min)


def empirical_null(estimates: npt.ArrayLike, errors: npt.ArrayLike) -> EmpiricalNull:
    """Return the law of the errors of negative controls.

    Parameters
    ----------
    estimates : array_like, shape (n,)
        Estimate of each negative control, oriented as the one that is to be tested; at least 5.
    errors : array_like, shape (n,)
        Their standard errors, 0 or above.

    Returns
    -------
    EmpiricalNull
        Mean, sd and spread, and controls that do not fit.

    Notes
    -----
    Negative controls stand for what an estimate shows where nothing is there, an idea of Schuemie and others [1]_. The
    null hypothesis of the calibrated p-value is that the estimate is another draw of the law of the controls. It is
    tested as a single case beside a small sample, by the t test of Crawford and Howell [2]_ with one degree of freedom
    fewer than there are controls. Where the estimate has a larger standard error than the controls, what it has more is
    added to the variance, with Satterthwaite's degrees of freedom, or those of Banerjee's bound where they are fewer.

    Schuemie's own p-value takes the mean and sd of the law as known. With 5 to 14 controls that errs in .05 to .14
    instead of .05; this one in .03 to .052 (``tests/calibration/negative_controls.py``).

    *Assumptions.* Nothing is there in the controls. Their errors are near normal and independent, and have the same law
    as that of the estimate, which counts as one draw even where it is a mean of several conditions.

    *What would fool it.* Controls in which something is there (they widen the law and hide real effects), controls that
    share with each other what they do not share with the treatment (they lie too close together), and controls that
    share less with the treatment than the treatment does with what disturbs it.

    References
    ----------
    .. [1] M. Schuemie, P. Ryan, W. DuMouchel, M. Suchard, D. Madigan, "Interpreting observational studies: why
           empirical calibration is needed to correct p-values", Statistics in Medicine 33(2), 209-218, 2014.
           https://doi.org/10.1002/sim.5925
    .. [2] J. R. Crawford, D. C. Howell, "Comparing an individual's test score against norms derived from small
           samples", The Clinical Neuropsychologist 12(4), 482-486, 1998. https://doi.org/10.1076/clin.12.4.482.7241

    Examples
    --------
    >>> from sigstats.stats import empirical_null
    >>> null = empirical_null([0.3, -0.2, 0.5, 0.1, 0.4, -0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    >>> round(null.mean, 3), round(null.sd, 3)
    (0.167, 0.262)
    >>> round(null.pvalue(0.9, 0.1), 3)
    0.03
    """
    given = checks.vector("estimates", estimates, min_size=0)
    own = checks.vector("errors", errors, min_size=0)
    if given.size < FEWEST or own.size != given.size:
        raise InputError(
            f"there are {given.size} `estimates` and {own.size} `errors`; an empirical null needs at least {FEWEST} "
            "controls, each with both. Declare more controls."
        )
    if max(float(np.abs(given).max()), float(np.abs(own).max())) > LARGEST:
        raise InputError(
            f"a number is beyond {LARGEST:g}, too large to be squared. Give both in a larger unit."
        )
    if np.any(own < 0.0):
        raise InputError("`errors` has values below 0. Standard errors are 0 or above.")
    return _law(given, own, tuple(_outliers(given, own)))


def _law(estimates: FloatArray, errors: FloatArray, outliers: tuple[int, ...] = ()) -> EmpiricalNull:
    spread, error = float(estimates.std(ddof=1)), float(np.sqrt(np.mean(errors**2)))
    return EmpiricalNull(
        mean=float(estimates.mean()),
        sd=math.sqrt(max(spread**2 - error**2, 0.0)),
        spread=spread,
        error=error,
        n_controls=estimates.size,
        outliers=outliers,
    )


def _outliers(estimates: FloatArray, errors: FloatArray) -> list[int]:
    """Return the controls that the law of the others does not explain."""
    found = []
    for at in range(estimates.size):
        rest = _law(np.delete(estimates, at), np.delete(errors, at))
        ends = (estimates[at], 2.0 * rest.mean - estimates[at])
        p = 2.0 * min(_above(rest, float(end), float(errors[at]), math.inf) for end in ends)
        if p * estimates.size <= UNLIKE:
            found.append(at)
    return found
