"""Which form predicts a seed that it has not seen? Leave one seed out, fit the others' mean curve, predict.

A form with more freedom always fits the curves at hand better. What tells forms apart is how well they predict a *new*
seed: each seed in turn is left out, every form is fitted to the mean curve of the others, and the prediction is held
against the seed that was left out. A form that is too stiff misses it for its bias, one that is too free for the noise
of the others that it has learnt by heart. The free curve, the others' level means themselves, stands for "none of
these": it is unbiased, and carries the noise of the seeds at hand only.

Each seed has a level of its own, which nothing predicts. Errors are therefore those of its deviations from its own
mean, divided by the number of its levels less one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.fit import Form, FormDirection, KnobAxis, fit_form
from sigstats.stats.locations.location import checked
from sigstats.stats.scores.reversal import mean_curve

FEWEST_SEEDS = 3
SMALLEST_NOISE = 1e-9
ROUNDING = 1e-12
ROUNDED = 64 * float(np.finfo(float).eps)
ACCURACY = 1e-4
MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Differences of errors from those of one form.

    Attributes
    ----------
    mean : ndarray, shape (n_forms,)
        Mean over seeds of the difference of squared errors; above 0 where the form predicts worse.
    se : ndarray, shape (n_forms,)
        Standard error of these means over seeds.
    """

    mean: FloatArray
    se: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """How well each form predicts each seed from the others.

    Attributes
    ----------
    errors : ndarray, shape (n_seeds, n_forms)
        Mean squared error of the seed's deviations from its own mean, in squared units of the curves.
    log_scores : ndarray, shape (n_seeds, n_forms)
        Log predictive density of these deviations.
    """

    errors: FloatArray = field(repr=False)
    log_scores: FloatArray = field(repr=False)


def differences(errors: npt.ArrayLike, form: int) -> Differences:
    """Return the paired differences of errors from those of one form.

    Parameters
    ----------
    errors : array_like, shape (n_seeds, n_forms)
        Errors of seeds that were left out.
    form : int
        Position of that form.

    Returns
    -------
    Differences
        Means and standard errors over seeds; both 0 for the form itself, and where nothing but rounding differs.

    Examples
    --------
    >>> differences([[1.0, 2.0], [1.0, 4.0]], 0)
    Differences(mean=array([0., 2.]), se=array([0., 1.]))
    """
    values = checks.matrix("errors", errors, min_rows=2)
    gaps = values - values[:, [form]]
    gaps = np.where(np.abs(gaps) > ROUNDING * np.abs(values).max(), gaps, 0.0)
    return Differences(mean=np.asarray(gaps.mean(axis=0)), se=standard_error(gaps))


def standard_error(values: FloatArray) -> FloatArray:
    """Return the standard errors of column means, shape (n_columns,)."""
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def held_out(
    curves: npt.ArrayLike, axis: KnobAxis, *, forms: Sequence[Form], directions: Sequence[FormDirection]
) -> HeldOut:
    """Return how well forms predict each seed from the mean curve of the others.

    Parameters
    ----------
    curves : array_like, shape (n_seeds, n_levels)
        One row per seed, NaN where missing; every level seen at two seeds or more.
    axis : KnobAxis
        Levels.
    forms : sequence of str
        Of `sigstats.stats.curves.fit.FORMS`.
    directions : sequence of str
        A direction for each form.

    Returns
    -------
    HeldOut
        Errors and log scores.

    Raises
    ------
    InputError
        With fewer than 3 seeds, a level seen at one seed only, or curves that do not fit the levels.
    OptionError
        If a form cannot be fitted at these levels.

    Notes
    -----
    *Errors.* For seed s with n levels, the form is fitted to the mean curve of the other seeds (of the additive model
    seed + level where cells are missing, each level weighted by the number of its seeds). The error is the sum of
    squared differences between the seed's deviations from its mean and the prediction's, over n - 1; for a form without
    bias its expectation is the variance within seeds plus that of the fit.

    *Log scores.* The deviations are taken as normal, independent, of one variance, estimated from the other seeds about
    their own level means. That makes the predictive density a multivariate t. Variance and degrees of freedom are the
    same for every form, so that only the errors tell forms apart: with a variance of its own, the form with most
    freedom, whose prediction is vaguest, would win on every seed that is much noisier than the others. Errors that are
    only rounding are exactly 0, and forms that leave nothing else in any seed have the same log score.

    *Assumptions.* Seeds are independent and equally good witnesses of one mean curve. *What would fool it.* Folds share
    seeds, so that standard errors over folds are approximate (no unbiased estimate of the variance of cross-validation
    exists), and with 3 seeds very rough. Seeds that differ in the size of their effect are predicted badly by every
    form, and tell forms apart less well. Noise that is correlated along the levels makes log scores differ too much.

    References
    ----------
    M. Stone, "Cross-validatory choice and assessment of statistical predictions", Journal of the Royal Statistical
    Society B 36 (1974), https://doi.org/10.1111/j.2517-6161.1974.tb00994.x

    Y. Bengio and Y. Grandvalet, "No unbiased estimator of the variance of k-fold cross-validation", Journal of Machine
    Learning Research 5 (2004), https://www.jmlr.org/papers/v5/grandvalet04a.html

    Examples
    --------
    >>> import numpy as np
    >>> axis = KnobAxis(x=np.linspace(0, 1, 8))
    >>> curves = 3 * axis.x + np.random.default_rng(1).normal(0, 0.1, (5, 8))
    >>> found = held_out(curves, axis, forms=["flat", "linear"], directions=["either", "either"])
    >>> found.errors.mean(axis=0).round(3)
    array([1.147, 0.01 ])
    """
    rows, _ = checked(curves, axis.x)
    seen = ~np.isnan(rows)
    if len(rows) < FEWEST_SEEDS or rows.shape[1] < axis.x.size or seen.sum(axis=0).min() < 2:
        raise InputError(
            f"`curves` has {len(rows)} seeds, and a level with {int(seen.sum(axis=0).min())} of them; at least 3 seeds "
            "are needed, and 2 at each level. Leave out levels that a single seed was seen at."
        )
    means = _means_of_others(rows)
    fits = _fits(means, seen, axis, forms, directions)
    return _scored(rows, seen, fits, means)


def _means_of_others(rows: FloatArray) -> FloatArray:
    """Return for each seed the mean curve of all others."""
    if not np.isnan(rows).any():
        return np.asarray((rows.sum(axis=0) - rows) / (len(rows) - 1))
    return np.stack([mean_curve(np.delete(rows, row, axis=0)) for row in range(len(rows))])


def _fits(
    means: FloatArray,
    seen: npt.NDArray[np.bool_],
    axis: KnobAxis,
    forms: Sequence[Form],
    directions: Sequence[FormDirection],
) -> FloatArray:
    """Return fitted curves, shape (n_seeds, n_forms, n_levels); those with like weights at once."""
    counts = seen.sum(axis=0) - seen
    fits = np.empty((len(means), len(forms), axis.x.size))
    alike, group = np.unique(counts, axis=0, return_inverse=True)
    for number, weights in enumerate(alike.astype(float)):
        rows = np.flatnonzero(group.ravel() == number)
        for place, (form, direction) in enumerate(zip(forms, directions, strict=True)):
            found = fit_form(means[rows], axis, form=form, direction=direction, weights=weights)
            fits[rows, place] = found.curves
    return fits


def _scored(rows: FloatArray, seen: npt.NDArray[np.bool_], fits: FloatArray, means: FloatArray) -> HeldOut:
    per_seed = seen.sum(axis=1)
    own = np.where(seen, rows - np.nanmean(rows, axis=1, keepdims=True), 0.0)
    spread = float(np.abs(own).max()) or 1.0
    rounding = (ROUNDED * float(np.nanmax(np.abs(rows)))) ** 2
    errors, log_scores = np.empty(fits.shape[:2]), np.empty(fits.shape[:2])
    for row, fitted in enumerate(fits):
        left = _squares(own, fitted, seen)
        left = np.where(left > rounding * per_seed, left, 0.0)
        # The noise of the others about their own means is the same for every form.
        noise = _squares(own, means[row][None], seen)[0]
        df = float(per_seed.sum() - per_seed[row]) - (len(rows) - 1) - (rows.shape[1] - 1)
        variance = (noise.sum() - noise[row]) / max(df, 1.0)
        errors[row] = left[:, row] / (per_seed[row] - 1)
        log_scores[row] = _log_density(
            left[:, row], max(variance, (SMALLEST_NOISE * spread) ** 2), max(df, 1.0), int(per_seed[row]) - 1
        )
        exact = ~left.any(axis=1)
        if exact.any():
            # Nothing tells these forms apart.
            log_scores[row, exact] = log_scores[row, exact].max()
    return HeldOut(errors=errors, log_scores=log_scores)


def _squares(own: FloatArray, fitted: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the squared differences of every seed from every curve, summed, each about its mean over the levels."""
    mean = (fitted @ seen.T) / seen.sum(axis=1)
    return np.asarray(((own - (fitted[:, None, :] - mean[:, :, None])) ** 2 * seen).sum(axis=2))


def _log_density(squares: FloatArray, variance: float, df: float, size: int) -> FloatArray:
    """Return the log density of a multivariate t of so many dimensions, from the sum of squares."""
    return np.asarray(
        special.gammaln((df + size) / 2.0)
        - special.gammaln(df / 2.0)
        - size / 2.0 * np.log(np.pi * df * variance)
        - (df + size) / 2.0 * np.log1p(squares / (df * variance))
    )


def stacking_weights(log_scores: npt.ArrayLike, *, start: npt.ArrayLike) -> FloatArray:
    """Return the weights with which a mixture of the forms' predictions has the largest mean log score.

    Parameters
    ----------
    log_scores : array_like, shape (n_seeds, n_forms)
        Log predictive densities of seeds that were left out.
    start : array_like, shape (n_forms,)
        Positive weights to start from; they decide only between forms whose predictions are the same.

    Returns
    -------
    ndarray, shape (n_forms,)
        From 0 to 1, with sum 1.

    Raises
    ------
    InputError
        If a score is not finite, or the shapes differ.

    Notes
    -----
    The mean log score is concave in the weights. They are raised in proportion to how much better than the mixture each
    form predicts, until no form is better by more than 1e-4 on average: the largest possible score is then at most
    1e-4 away.

    References
    ----------
    Y. Yao, A. Vehtari, D. Simpson and A. Gelman, "Using stacking to average Bayesian predictive distributions",
    Bayesian Analysis 13 (2018), https://doi.org/10.1214/17-BA1091

    Examples
    --------
    >>> stacking_weights([[0.0, -9.0], [0.0, -9.0], [-9.0, 0.0]], start=[1, 1]).round(2)
    array([0.67, 0.33])
    """
    scores = checks.matrix("log_scores", log_scores)
    weights = checks.vector("start", start)
    if weights.size != scores.shape[1] or (weights <= 0).any():
        raise InputError(
            f"`start` has {weights.size} weights from {weights.min():g} for {scores.shape[1]} forms; it must hold one "
            "number above 0 for each. Give equal ones."
        )
    weights = weights / weights.sum()
    density = np.exp(scores - scores.max(axis=1, keepdims=True))
    for _ in range(MOST_STEPS):
        gain = (density / (density @ weights)[:, None]).mean(axis=0)
        if gain.max() <= 1.0 + ACCURACY:
            break
        weights = weights * gain
    return np.asarray(weights / weights.sum())
