"""Slopes of seeds and their population: how each seed's line looks once it borrows strength from the others.

The verdict rests on one score per seed; this is the fuller picture beside it. Every seed of the treatments has
its own straight line, and the lines scatter around a mean line. The controls are fitted apart: they are never
pooled with the treatments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import OptionError
from sigstats.evidence import Estimate, lines
from sigstats.evidence.arms import Arm
from sigstats.evidence.lines import Frame
from sigstats.single_lines import opened

if TYPE_CHECKING:
    import pandas as pd

    from sigstats.stats.hierarchical import RandomSlopes
    from sigstats.stats.priors import LocationPrior, ScalePrior
    from sigstats.stats.slopes_model import SlopesDraws

FloatArray = NDArray[np.float64]

CENTRE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """Posterior of the slopes of the treatments and, apart from them, of the controls.

    A slope is the change of a line over the swept range, in units of the metric, oriented so that positive means
    the predicted direction.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and sd of the treatments' mean slope.
    prob_positive : float
        Posterior probability that it is above zero.
    estimate : Estimate
        Posterior mean with the equal-tailed ``1 - 2 alpha`` interval.
    mass_small : float or None
        Posterior probability that it lies within +-min_effect; None where none was declared.
    posterior : RandomSlopes
        The whole posterior of the treatments; the knob is rescaled to [-1/2, 1/2].
    control_posterior : RandomSlopes or None
        The same of the controls.
    priors : mapping of str to str
        The priors, in units of the metric.
    null, replicate : str
        The statement whose probability is given, and what counts as one observation.
    n_seeds : int
        Number of lines, over all treatments.
    """

    mean: float
    sd: float
    prob_positive: float
    estimate: Estimate
    mass_small: float | None
    posterior: "RandomSlopes"
    control_posterior: "RandomSlopes | None"
    priors: Mapping[str, str]
    null: str
    replicate: str
    n_seeds: int
    _arms: tuple[Arm, ...] = field(repr=False)
    _x: FloatArray = field(repr=False)
    _scale: float = field(repr=False)
    _given: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """Return the mean slope and its probability of being positive as one line."""
        return f"mean slope {self.estimate}; P(> 0) = {self.prob_positive:.4f}"

    @property
    def conditions(self) -> "pd.DataFrame":
        """One row per condition: the raw mean of its seeds' slopes, and the mean of the shrunken ones."""
        frame = self.seeds.groupby(["role", "condition"], sort=False, as_index=False)
        return frame.agg(n_seeds=("seed", "size"), raw=("raw", "mean"), shrunken=("shrunken", "mean"))

    @property
    def seeds(self) -> "pd.DataFrame":
        """One row per seed: its own least-squares slope, and the one shrunken towards the others, with its sd."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for role, posterior in (("treatment", self.posterior), ("control", self.control_posterior)):
            if posterior is None:
                continue
            arms = [arm for arm in self._arms if arm.role == role]
            raw = np.concatenate([arm.scores for arm in arms]) * self._scale
            labels = [(arm.condition, seed) for arm in arms for seed in arm.seeds]
            means, sds = np.asarray(posterior.beta.mean), np.asarray(posterior.beta.sd)
            rows += [
                {"condition": c, "seed": s, "role": role, "raw": r, "shrunken": m, "sd": d}
                for (c, s), r, m, d in zip(labels, raw, means, sds, strict=True)
            ]
        return pd.DataFrame(rows)

    def draws(self, n: int, *, rng: np.random.Generator | int | None = None) -> "SlopesDraws":
        """Return joint posterior draws of the treatments' parameters.

        Parameters
        ----------
        n : int
            Number of draws, at least 1.
        rng : numpy.random.Generator, int or None
            Source of randomness; None takes a fixed one.

        Returns
        -------
        SlopesDraws
            Arrays by parameter.
        """
        return self.posterior.draws(n, rng=rng)

    def sensitivity(self, factors: tuple[float, ...] = (0.3, 1.0, 3.0)) -> "pd.DataFrame":
        """Return how the answer moves when the scale of each prior on an sd is multiplied.

        Parameters
        ----------
        factors : tuple of float
            By what the scales are multiplied.

        Returns
        -------
        pandas.DataFrame
            Columns ``prior``, ``factor``, ``mean``, ``sd``, ``prob_positive``.
        """
        import pandas as pd

        rows = []
        for name in ("sigma", "sigma_alpha", "sigma_beta"):
            for factor in factors:
                given = self._given | {name: self._given[name].rescaled(factor)}
                found = _fit(
                    [arm for arm in self._arms if arm.role == "treatment"], self._x, self._scale, given
                )
                rows.append(
                    {
                        "prior": name,
                        "factor": factor,
                        "mean": float(found.mu_beta.mean),
                        "sd": float(found.mu_beta.sd),
                        "prob_positive": found.prob_positive,
                    }
                )
        return pd.DataFrame(rows)

    def to_arviz(self, n: int = 4000, *, rng: np.random.Generator | int | None = None) -> Any:  # noqa: ANN401
        """Return draws for ArviZ: InferenceData before its version 1, DataTree from then on.

        Parameters
        ----------
        n : int
            Number of draws, a multiple of 4.
        rng : numpy.random.Generator, int or None
            Source of randomness; None takes a fixed one.

        Returns
        -------
        arviz.InferenceData or xarray.DataTree
            Group ``posterior`` with the dimension ``seed`` (labelled "condition: seed").
        """
        from sigstats.report import draws

        labels = [f"{arm.condition}: {s}" for arm in self._arms if arm.role == "treatment" for s in arm.seeds]
        return draws.to_arviz(self.draws(n, rng=rng), labels)


def hierarchical_slopes(
    data: Any,  # noqa: ANN401 - see detect
    *,
    mu_alpha: "LocationPrior | None" = None,
    mu_beta: "LocationPrior | None" = None,
    sigma: "ScalePrior | None" = None,
    sigma_alpha: "ScalePrior | None" = None,
    sigma_beta: "ScalePrior | None" = None,
    **claim: Any,  # noqa: ANN401 - see detect
) -> Slopes:
    """Return the posterior of the slopes of seeds and of their population.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, in the repeated design.
    mu_alpha, mu_beta : prior or None
        Of the mean level at mid-range and of the mean slope, in units of the metric; None means flat.
    sigma, sigma_alpha, sigma_beta : prior or None
        Of the sd of the noise, and between seeds of level and slope. None means half-Cauchy, with scales of twice
        the residual sd, of the sd of the seeds' levels (at least that), and of the larger of twice the sampling sd
        of a slope and the sd of the slopes.
    **claim
        Keywords of `detect`; or ``signature=``.

    Returns
    -------
    Slopes
        Mean slope, seeds raw and shrunken, draws, sensitivity to the priors.

    Raises
    ------
    OptionError
        In the independent design, where no seed has a line; with fewer than 3 seeds or levels.
    InputError
        If the metric does not vary around the seeds' lines.

    Notes
    -----
    *Model.* ``y = alpha_s + beta_s x + noise`` for seed s, with x the knob rescaled to [-1/2, 1/2]; levels and
    slopes of the treatments' seeds scatter normally around their means, whatever the condition.

    *Assumptions.* Straight lines with independent normal noise within a seed; seeds exchangeable over
    treatments. *What would fool it.* A curve, or noise that is correlated along the knob, makes a seed's slope
    look better known than it is. Verdicts do not rest on this model.

    References
    ----------
    A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian Analysis 1 (2006),
    https://doi.org/10.1214/06-BA117A

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> found = hierarchical_slopes(simulate_sweep(4.0, n_seeds=5, slope_sd=0.5))
    >>> found.prob_positive > 0.99
    True
    """
    _, signature, sweep, frame = opened(data, claim)
    if sweep.design == "independent":
        raise OptionError(
            "hierarchical slopes need the repeated design: here every cell is a fresh run, and no seed has a line of "
            "its own. Use `effect_interval`, or give recurring runs the same seed label."
        )
    treatments = sweep.treatments
    noise = lines.residual_sd(lines.residuals(treatments, sweep.x, sweep.design))
    defaults = _default_priors(treatments, noise, sweep.scale)
    chosen = {"mu_alpha": mu_alpha, "mu_beta": mu_beta, "sigma": sigma, "sigma_alpha": sigma_alpha}
    chosen |= {"sigma_beta": sigma_beta}
    given = {name: defaults[name] if prior is None else prior for name, prior in chosen.items()}
    posterior = _fit(treatments, sweep.x, sweep.scale, given)
    least = signature.min_effect
    return Slopes(
        mean=float(posterior.mu_beta.mean),
        sd=float(posterior.mu_beta.sd),
        prob_positive=posterior.prob_positive,
        estimate=_estimate(posterior, frame),
        mass_small=None if least is None else posterior.mass_inside(-least, least),
        posterior=posterior,
        control_posterior=_fit(sweep.controls, sweep.x, sweep.scale, given) if sweep.controls else None,
        priors=posterior.priors,
        null="mean slope over seeds <= 0",
        replicate="the seed: one line each",
        n_seeds=sum(arm.n_seeds for arm in treatments),
        _arms=sweep.arms,
        _x=sweep.x,
        _scale=sweep.scale,
        _given=given,
    )


def _estimate(posterior: "RandomSlopes", frame: Frame) -> Estimate:
    low, high = posterior.mu_beta.interval(frame.confidence)
    return Estimate(
        value=float(posterior.mu_beta.mean),
        low=float(low),
        high=float(high),
        confidence=frame.confidence,
        unit=frame.unit,
    )


def _default_priors(arms: tuple[Arm, ...], noise: float, scale: float) -> dict[str, Any]:
    from sigstats.stats.priors import flat, half_cauchy

    if not noise > 0:
        raise OptionError(
            "the metric does not vary around the seeds' lines, so no scale for the priors can be had from it. "
            "Give `sigma`, `sigma_alpha` and `sigma_beta` priors of your own."
        )
    scores = np.concatenate([arm.scores for arm in arms])
    factors = np.concatenate([arm.sd_factors for arm in arms])
    middles = np.concatenate([np.nanmean(arm.curves, axis=1) for arm in arms])
    sampling = noise * float(np.sqrt((factors**2).mean()))
    return {
        "mu_alpha": flat(),
        "mu_beta": flat(),
        "sigma": half_cauchy(2.0 * noise * scale),
        "sigma_alpha": half_cauchy(max(2.0 * noise, float(middles.std(ddof=1))) * scale),
        "sigma_beta": half_cauchy(max(2.0 * sampling, float(scores.std(ddof=1))) * scale),
    }


def _fit(
    arms: "tuple[Arm, ...] | list[Arm]", x: FloatArray, scale: float, priors: dict[str, Any]
) -> "RandomSlopes":
    from sigstats.stats.hierarchical import random_slopes

    curves = np.concatenate([arm.curves for arm in arms]) * scale
    rows, columns = np.nonzero(~np.isnan(curves))
    return random_slopes(x[columns] - CENTRE, curves[rows, columns], rows, **priors)
