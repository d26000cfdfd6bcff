"""What the posteriors of all hierarchical models share: draws, a summary, and how far they can be relied on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np

from sigstats.stats import checks
from sigstats.stats.bayes.marginals import NormalMixture, summary_frame
from sigstats.stats.random import generator

if TYPE_CHECKING:
    import pandas as pd

Draws = TypeVar("Draws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior(ABC, Generic[Draws]):
    """Posterior of a hierarchical model, in data units.

    Attributes
    ----------
    log_evidence : float
        Log density of the data under the model; a flat prior counts as density 1.
    accurate : bool
        Whether the numbers can be relied on; where False, treat them as not computed.
    error : float
        Estimated numerical error: of the means in posterior sds, of sds and evidence relative. From importance
        sampling, one Monte-Carlo standard error.
    edge_mass : float
        Estimated posterior mass outside the grid.
    priors : mapping of str to str
        The priors, as they would be written in a call.
    method : str
        How the posterior was obtained.
    """

    log_evidence: float
    accurate: bool
    error: float
    edge_mass: float
    priors: Mapping[str, str]
    method: str

    _MAIN: ClassVar[str]  # the parameter in question
    _SCALARS: ClassVar[tuple[str, ...]]  # of the summary; None where the model lacks one
    _VECTORS: ClassVar[tuple[str, ...]]

    @property
    def _main(self) -> NormalMixture:
        """Posterior of the parameter in question: the mean slope, or the mean effect."""
        found: NormalMixture = getattr(self, self._MAIN)
        return found

    @property
    def prob_positive(self) -> float:
        """Probability that the mean slope, or the mean effect, is above 0."""
        return float(self._main.prob_positive)

    def mass_inside(self, low: float, high: float) -> float:
        """Return the probability that the mean slope, or the mean effect, lies between two limits.

        Parameters
        ----------
        low, high : float
            Limits, in data units.

        Returns
        -------
        float
            The probability.
        """
        return float(self._main.mass_inside(low, high))

    def draws(self, n: int, *, rng: object = None) -> Draws:
        """Return independent draws of all parameters together.

        Parameters
        ----------
        n : int
            Number of draws, at least 1.
        rng : int, numpy.random.Generator or None
            Source of randomness; None takes a fixed entropy, so that the draws are the same each time.

        Returns
        -------
        SlopesDraws, NestedDraws or EffectsDraws
            One array per parameter, the draws along its first axis.
        """
        return self._draw(checks.whole("n", n, low=1), generator(rng))

    @abstractmethod
    def _draw(self, n: int, source: np.random.Generator) -> Draws:
        """Return draws of all parameters together."""

    def summary(self) -> "pd.DataFrame":
        """Return a frame with a row per parameter: mean, sd and quantiles.

        Returns
        -------
        pandas.DataFrame
            Index ``parameter`` (``mu_beta``, ``sigma`` ..., ``beta[0]`` ...), columns ``mean``, ``sd``, ``q2.5``,
            ``q5``, ``q50``, ``q95``, ``q97.5``.
        """
        scalars = {name: getattr(self, name) for name in self._SCALARS}
        return summary_frame(
            {name: marginal for name, marginal in scalars.items() if marginal is not None},
            {name: getattr(self, name) for name in self._VECTORS},
        )

    def __str__(self) -> str:
        """Return the mean slope, or the mean effect, in one line."""
        low, high = self._main.interval(0.9)
        return (
            f"{self._named()} {self._main.mean:.4g} (90 % {low:.4g} to {high:.4g}), above 0 with probability "
            f"{self.prob_positive:.4g}; {self._counted()}"
        )

    @abstractmethod
    def _named(self) -> str:
        """Return what the main parameter is called."""

    @abstractmethod
    def _counted(self) -> str:
        """Return how many groups there are, in words."""
