"""Marginal distributions of parameters, from weighted nodes of their hyperparameters.

Given the standard deviations, every mean, intercept and slope is normal, so its posterior is a *mixture of
normals* over the nodes: `NormalMixture`, exact up to the nodes. The standard deviations themselves are known
on a grid; between its points their density follows from band-limited (sinc) interpolation, whose integral is
the sine integral: `ScaleMarginal`.

Both answer the same questions: mean, sd, cdf, quantile, intervals, and the mass inside limits.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.scale_axis import ScaleAxis
from sigstats.stats.checks import FloatArray

if TYPE_CHECKING:
    import pandas as pd

_CELLS = 1 << 17  # numbers handled at once while inverting a mixture's cdf, to stay in the cache
_CLOSE = 1e-4  # last step of the inversion, in sds
_FEW = 256  # nodes from which the inversion starts


class Marginal(ABC):
    """Posterior of one parameter, from its cdf and its quantiles.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and standard deviation; infinite where they do not exist.
    """

    __slots__ = ()
    mean: npt.NDArray[np.float64] | float
    sd: npt.NDArray[np.float64] | float

    @abstractmethod
    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value.

        Parameters
        ----------
        value : array_like, shape () or (m,)
            Where to look, in the units of the parameter.

        Returns
        -------
        ndarray
            Shape of the value.
        """

    @abstractmethod
    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies.

        Parameters
        ----------
        probability : array_like, shape () or (m,)
            In (0, 1).

        Returns
        -------
        ndarray
            Shape of the probability.
        """

    def mass_inside(self, low: float, high: float) -> Any:  # noqa: ANN401 - a float; an array for a vector
        """Return the probability of lying between two limits.

        Parameters
        ----------
        low, high : float
            Limits, in the units of the parameter.

        Returns
        -------
        float
            The probability.
        """
        below, above = self.cdf(np.array(limits(low, high)))
        return float(above - below)

    def interval(self, level: float) -> FloatArray:
        """Return the equal-tailed interval.

        Parameters
        ----------
        level : float
            Probability inside, in (0, 1).

        Returns
        -------
        ndarray, shape (..., 2)
            Its ends.
        """
        beyond = 0.5 * (1.0 - checks.fraction("level", level))
        return self.quantile([beyond, 1.0 - beyond])

    def hdi(self, level: float) -> FloatArray:
        """Return the shortest interval.

        Parameters
        ----------
        level : float
            Probability inside, in (0, 1).

        Returns
        -------
        ndarray, shape (..., 2)
            Its ends.
        """
        return shortest(self, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalMixture(Marginal):
    """A parameter, or a vector of them, that is normal at each node.

    Attributes
    ----------
    mean : float or ndarray, shape (...)
        Posterior mean.
    sd : float or ndarray, shape (...)
        Posterior standard deviation; infinite where it does not exist.
    weights : ndarray, shape (n_nodes,)
        Probabilities of the nodes.
    means, sds : ndarray, shape (..., n_nodes)
        Mean and standard deviation at each node.
    """

    mean: npt.NDArray[np.float64] | float
    sd: npt.NDArray[np.float64] | float
    weights: FloatArray = field(repr=False)
    means: FloatArray = field(repr=False)
    sds: FloatArray = field(repr=False)

    @property
    def prob_positive(self) -> FloatArray:
        """Probability of being above 0, shape (...)."""
        return np.asarray(special.ndtr(self.means / self.sds) @ self.weights)

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape (..., m) or (...)."""
        x = np.asarray(value, dtype=float)
        z = (x[..., None] - np.expand_dims(self.means, axis=-2)) / np.expand_dims(self.sds, axis=-2)
        result = special.ndtr(z) @ self.weights
        return np.asarray(result[..., 0] if x.ndim == 0 else result)

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape (..., m) or (...)."""
        p = probabilities(probability)
        exponent = exponent_of(self.sds)
        means = np.ldexp(self.means.reshape(-1, self.means.shape[-1]), -exponent)
        sds = np.ldexp(self.sds.reshape(-1, self.sds.shape[-1]), -exponent)
        rows = max(1, _CELLS // (means.shape[1] * p.size))
        parts = [
            _invert(self.weights, means[i : i + rows], sds[i : i + rows], np.atleast_1d(p))
            for i in range(0, len(means), rows)
        ]
        found = np.concatenate(parts).reshape((*self.means.shape[:-1], *p.shape))
        return np.asarray(np.ldexp(found, exponent))

    def mass_inside(self, low: float, high: float) -> FloatArray:
        """Return the probability of lying between two limits, shape (...)."""
        low, high = limits(low, high)
        middle = (0.5 * (low + high) - self.means) / self.sds
        half = 0.5 * (high - low) / self.sds
        # both tails from the side that is near 0, so that a small mass keeps its digits
        inside = special.ndtr(-np.abs(middle) + half) - special.ndtr(-np.abs(middle) - half)
        return np.asarray(inside @ self.weights)

    def hdi(self, level: float) -> FloatArray:
        """Return the shortest interval, shape (..., 2)."""
        if self.means.ndim == 1:
            return shortest(self, level)
        return np.array([shortest(self.entry(i), level) for i in range(len(self.means))])

    def entry(self, index: int) -> "NormalMixture":
        """Return the posterior of one entry of a vector.

        Parameters
        ----------
        index : int
            Its position.

        Returns
        -------
        NormalMixture
            The posterior of that parameter alone.
        """
        return NormalMixture(
            mean=float(np.asarray(self.mean)[index]),
            sd=float(np.asarray(self.sd)[index]),
            weights=self.weights,
            means=self.means[index],
            sds=self.sds[index],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleMarginal(Marginal):
    """A standard deviation whose posterior is known on a grid."""

    mean: float  # mean, sd: posterior mean and standard deviation; infinite where they do not exist
    sd: float
    unit: float = field(repr=False)  # what the grid's standard deviations are multiplied by
    axis: ScaleAxis = field(repr=False)  # the grid
    probability: FloatArray = field(repr=False)  # shape (axis.size,): probability of each point, summing to 1

    @property
    def prob_positive(self) -> float:
        """Probability of being above 0: 1."""
        return 1.0

    def _cdf_w(self, w: FloatArray) -> FloatArray:
        """Return the cdf on the scale of the grid."""
        steps = (w[..., None] - self.axis.w) / self.axis.step
        integral = special.sici(math.pi * steps)[0] / math.pi
        return np.asarray(np.clip((0.5 + integral) @ self.probability, 0.0, 1.0))

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape of the value."""
        t = np.asarray(value, dtype=float) / self.unit
        with np.errstate(divide="ignore", invalid="ignore"):
            log_t = np.log(np.maximum(t, 0.0))
        inside = np.isfinite(log_t)
        result = self._cdf_w(self.axis.to_w(np.where(inside, log_t, 0.0)))
        return np.where(inside, result, np.where(t > 0.0, 1.0, 0.0))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape of the probability."""
        p = probabilities(probability)
        axis = self.axis
        ends = axis.low - axis.step, axis.low + axis.size * axis.step
        w = np.linspace(*ends, 16 * (axis.size + 1) + 1)
        cdf = np.maximum.accumulate(self._cdf_w(w))
        rising = np.concatenate([[True], np.diff(cdf) > 0.0])
        found = np.interp(p, cdf[rising], w[rising])
        for _ in range(3):
            height = np.sinc((found[..., None] - axis.w) / axis.step) @ self.probability / axis.step
            move = (p - self._cdf_w(found)) / np.maximum(height, 1e-12)
            found = found + np.clip(move, -axis.step / 16, axis.step / 16)
        return np.asarray(self.unit * np.exp(axis.from_w(found)))


def exponent_of(sds: FloatArray) -> int:
    """Return the power of two by which standard deviations come near 1, where squares neither overflow nor vanish."""
    return int(np.frexp(np.max(sds))[1])


def probabilities(given: npt.ArrayLike) -> FloatArray:
    """Return probabilities, each strictly between 0 and 1."""
    p = np.asarray(given, dtype=float)
    if p.ndim > 1 or not np.all((p > 0.0) & (p < 1.0)):
        raise OptionError(
            f"`probability` is {given!r}; it must be one number, or one-dimensional numbers, strictly "
            f"between 0 and 1, such as [0.05, 0.5, 0.95]."
        )
    return p


def limits(low: float, high: float) -> tuple[float, float]:
    """Return two limits in order."""
    if not low <= high:
        raise OptionError(f"`low` is {low!r} and `high` is {high!r}; low must not exceed high. Swap them.")
    return float(low), float(high)


def shortest(marginal: Marginal, level: float) -> FloatArray:
    """Return the shortest interval that holds a probability: the lattice finds the valley, a search its bottom."""
    from scipy import optimize

    inside = checks.fraction("level", level)
    spare = 1.0 - inside
    low, high = 1e-9 * spare, spare * (1.0 - 1e-9)
    lattice = np.linspace(low, high, 17)
    width = _width(marginal, lattice, inside)
    best = int(np.argmin(width))
    around = (lattice[max(best - 1, 0)], lattice[min(best + 1, 16)])
    found = optimize.minimize_scalar(
        lambda below: float(_width(marginal, np.array([below]), inside)[0]),
        bounds=around,
        method="bounded",
        options={"xatol": 1e-7},
    )
    below = float(found.x) if found.fun < width[best] else float(lattice[best])
    return marginal.quantile([below, below + inside])


def _width(marginal: Marginal, below: FloatArray, inside: float) -> FloatArray:
    """Return the lengths of the intervals with given probabilities below them."""
    ends = marginal.quantile(np.concatenate([below, below + inside]))
    return np.asarray(ends[below.size :] - ends[: below.size])


def mixture(
    weights: FloatArray, means: FloatArray, sds: FloatArray, *, finite_sd: npt.NDArray[np.bool_]
) -> NormalMixture:
    """Return a mixture of normals with its mean and standard deviation."""
    mean = means @ weights
    unit = float(np.max(sds)) or 1.0  # squares of what is left neither overflow nor vanish
    variance = ((sds / unit) ** 2 + ((means - mean[..., None]) / unit) ** 2) @ weights
    sd = np.where(finite_sd, unit * np.sqrt(variance), math.inf)
    for array in (weights, means, sds):
        array.flags.writeable = False
    scalar = mean.ndim == 0
    return NormalMixture(
        mean=float(mean) if scalar else mean,
        sd=float(sd) if scalar else sd,
        weights=weights,
        means=means,
        sds=sds,
    )


def scale_marginal(axis: ScaleAxis, probability: FloatArray, *, unit: float, moments: int) -> ScaleMarginal:
    """Return the posterior of a standard deviation."""
    t = np.exp(axis.log_t)
    mean = float(probability @ t) if moments >= 1 else math.inf
    sd = math.sqrt(float(probability @ (t - mean) ** 2)) if moments == 2 else math.inf
    probability.flags.writeable = False
    return ScaleMarginal(mean=unit * mean, sd=unit * sd, unit=unit, axis=axis, probability=probability)


QUANTILES = {"q2.5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97.5": 0.975}


def summary_frame(scalars: Mapping[str, Marginal], vectors: Mapping[str, NormalMixture]) -> "pd.DataFrame":
    """Return a frame with a row per parameter: mean, sd and quantiles."""
    import pandas as pd

    levels = list(QUANTILES.values())
    names, rows = list(scalars), [np.array([[m.mean, m.sd, *m.quantile(levels)]]) for m in scalars.values()]
    for name, vector in vectors.items():
        names += [f"{name}[{i}]" for i in range(len(vector.means))]
        rows.append(np.column_stack([vector.mean, vector.sd, vector.quantile(levels)]))
    columns = ["mean", "sd", *QUANTILES]
    return pd.DataFrame(np.concatenate(rows), columns=columns, index=pd.Index(names, name="parameter"))


def _invert(weights: FloatArray, means: FloatArray, sds: FloatArray, p: FloatArray) -> FloatArray:
    """Return quantiles of mixtures, shape (rows, m): a start from few nodes, then Newton's method on all."""
    mean = means @ weights
    sd = np.sqrt((sds**2 + (means - mean[:, None]) ** 2) @ weights)
    x = mean[:, None] + special.ndtri(p) * sd[:, None]
    if weights.size > 4 * _FEW:
        places = np.searchsorted(np.cumsum(weights), (np.arange(_FEW) + 0.5) / _FEW)
        few = np.minimum(places, weights.size - 1)
        x = _newton(np.full(_FEW, 1.0 / _FEW), means[:, few], sds[:, few], p, x)
    return _newton(weights, means, sds, p, x)


def _newton(
    weights: FloatArray, means: FloatArray, sds: FloatArray, p: FloatArray, x: FloatArray
) -> FloatArray:
    """Return quantiles of mixtures, shape (rows, m), by Newton's method kept inside a bracket."""
    z, most = special.ndtri(p), sds.max(axis=1)[:, None]
    low = means.min(axis=1)[:, None] + np.minimum(z, 0.0) * most  # no part has its quantile beyond
    high = means.max(axis=1)[:, None] + np.maximum(z, 0.0) * most
    x = np.clip(x, low, high)
    spread = (sds @ weights)[:, None]
    weighted = weights / sds / math.sqrt(2.0 * math.pi)
    for _ in range(100):
        standard = (x[..., None] - means[:, None, :]) / sds[:, None, :]
        excess = special.ndtr(standard) @ weights - p
        density = np.einsum("rmk,rk->rm", np.exp(-0.5 * standard * standard), weighted)
        low, high = np.where(excess < 0.0, x, low), np.where(excess > 0.0, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            moved = x - excess / density
        inside = (moved >= low) & (moved <= high)
        moved = np.where(inside, moved, 0.5 * (low + high))
        close = np.abs(moved - x) <= _CLOSE * spread + 1e-15 * np.abs(x)  # the next step is about its square
        x = moved
        if np.all(inside & close):
            break
    return x
