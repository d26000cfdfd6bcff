"""Evidence that may be looked at after every seed, however often: a t test by betting."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import FloatArray

# Nodes of the mean in sds, and of the length of the scores in sds.
EFFECTS, LENGTHS = 64, 64
REACH = 9.0
# The largest logarithm whose exponential is a number.
MOST = 700.0


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class TEProcess:
    """Evidence against a mean of at most `threshold`, seed by seed.

    Attributes
    ----------
    evalues : ndarray, shape (n_scores,)
        Evidence after each score: under the null its mean is at most 1 whenever one stops.
    evalue : float
        The last of them.
    pvalue : float
        One over the largest of them, at most 1: valid whenever one stops, and however often one looked.
    effect : float
        Size of the means, in sds, on which the bets were spread.
    n_scores : int
        How many scores there are.
    null : str
        The hypothesis that was tested.
    replicate : str
        What counts as one independent observation.
    """

    evalues: FloatArray = field(repr=False)
    evalue: float
    pvalue: float
    effect: float
    n_scores: int
    null: str
    replicate: str


def t_eprocess(
    scores: npt.ArrayLike,
    *,
    threshold: float = 0.0,
    alternative: Literal["greater", "less"] = "greater",
    effect: float = 2.0,
) -> TEProcess:
    """Weigh scores against their mean being at most a threshold, so that one may stop after any seed.

    Parameters
    ----------
    scores : array-like of float
        One score per seed, in the order in which the seeds were run.
    threshold : float
        Mean under the null.
    alternative : {"greater", "less"}
        Whether the mean is above or below the threshold if the null is false.
    effect : float
        Size of the mean that is expected if the null is false, in sds of the scores, above 0. It must be chosen
        before the data; the answer is valid whatever was chosen.

    Returns
    -------
    TEProcess
        The evidence after each seed, and a p-value that counts all looks.

    Raises
    ------
    InputError
        If the scores are not one series of finite numbers.
    OptionError
        If an option is out of range.

    See Also
    --------
    alpha_per_look : Cheaper where the looks can be planned.

    Notes
    -----
    Null: the mean is at most `threshold` (``"less"``: at least). Reject at level alpha as soon as an e-value is 1 /
    alpha or more: the chance that this ever happens under the null is at most alpha. No plan is needed, and its
    price is power: ``docs/validity/looks.md`` has it beside that of planned looks.

    The e-value is a ratio of likelihoods of what does not depend on the unit of the scores: that of a mean of d
    sds, with d spread over a half-normal law with scale `effect`, to that of a mean of 0. It rises with t, and t
    rises with the mean for every number of seeds at once, so that the bound also holds for means below the
    threshold.

    Assumptions: scores are independent and normal with one sd, and when one stops depends on the scores up to a
    common factor, as through t or e-values. *What would fool it.* Seeds that were chosen for their scores, or whose
    order was, and scores that are all the same: no chance is seen in them, and yet they count as large evidence.

    References
    ----------
    M. F. Perez-Ortiz, T. Lardy, R. de Heide and P. D. Grünwald, "E-statistics, group invariance and anytime-valid
    testing", Annals of Statistics 52 (2024), https://doi.org/10.1214/24-AOS2394. P. Grünwald, R. de Heide and W.
    Koolen, "Safe testing", Journal of the Royal Statistical Society B 86 (2024),
    https://doi.org/10.1093/jrsssb/qkae011

    Examples
    --------
    >>> found = t_eprocess([1.9, 2.4, 1.6, 2.1])
    >>> found.evalues.round(1).tolist()
    [1.7, 5.2, 16.9, 78.8]
    """
    values = checks.vector("scores", scores)
    sign = 1.0 if checks.choice("alternative", alternative, ("greater", "less")) == "greater" else -1.0
    size = checks.positive("effect", effect)
    centred = sign * (values - checks.number("threshold", threshold))
    evalues = np.exp(np.minimum(_log_evalues(centred, size), MOST))
    word = "<=" if sign > 0 else ">="
    return TEProcess(
        evalues=evalues,
        evalue=float(evalues[-1]),
        pvalue=float(min(1.0, 1.0 / evalues.max())),
        effect=size,
        n_scores=values.size,
        null=f"mean {word} {threshold:g}",
        replicate="the seed: one score each",
    )


def _log_evalues(values: FloatArray, effect: float) -> FloatArray:
    """Return the logarithm of the e-value after each score."""
    # The unit of the scores plays no part, so that it may be one in which no square overflows.
    unit = float(np.abs(values).max()) or 1.0
    scaled = values / unit
    sums, squares = np.cumsum(scaled), np.cumsum(scaled**2)
    means, weights = _effects(effect)
    return np.array(
        [
            special.logsumexp(_log_ratios(float(total), float(square), n, means), b=weights)
            for n, (total, square) in enumerate(zip(sums, squares, strict=True), start=1)
        ]
    )


def _effects(scale: float) -> tuple[FloatArray, FloatArray]:
    """Return means in sds and their weights, by a half-normal law."""
    at, width = np.polynomial.legendre.leggauss(EFFECTS)
    means = scale * 3.0 * (at + 1.0)
    weights = width * np.exp(-0.5 * (means / scale) ** 2)
    return means, weights / weights.sum()


def _log_ratios(total: float, square: float, n: int, means: FloatArray) -> FloatArray:
    """Return how much likelier the direction of n scores is with a mean of so many sds than with none.

    The direction is what is left of the scores without their unit; its likelihood is an integral over their length.
    """
    pull = means * (total / np.sqrt(square) if square > 0 else 0.0)
    top = (pull + np.sqrt(pull**2 + 4.0 * (n - 1.0))) / 2.0
    at, width = np.polynomial.legendre.leggauss(LENGTHS)
    low, high = np.maximum(top - REACH, 0.0)[:, None], top[:, None] + REACH
    lengths = (low + high) / 2.0 + (high - low) / 2.0 * at
    terms = (n - 1.0) * np.log(lengths) - lengths**2 / 2.0 + lengths * pull[:, None]
    integral = special.logsumexp(terms, axis=1, b=width * (high - low) / 2.0)
    without_mean = (n / 2.0 - 1.0) * np.log(2.0) + special.gammaln(n / 2.0)
    return np.asarray(integral - n * means**2 / 2.0 - without_mean)
