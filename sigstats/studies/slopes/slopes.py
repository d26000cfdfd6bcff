"""Slopes of seeds and their population: how each seed's line looks once it borrows strength from the others.

The verdict rests on one score per seed; this is the fuller picture beside it. Every seed of the treatments has
its own straight line; the lines of a condition scatter around the condition's line, and the conditions' slopes
around a common one. The controls are fitted apart: they are never pooled with the treatments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from sigstats.errors import OptionError, unknown_option
from sigstats.evidence import Estimate
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.scales import knob_scale
from sigstats.evidence.single import opened
from sigstats.report.drawn import Drawn
from sigstats.report.numbers import probability
from sigstats.signature.keywords import ClaimBesideItem, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.stats.by_value import by_value
from sigstats.studies.slopes.record import SlopesRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout
    from sigstats.stats.bayes.marginals import NormalMixture
    from sigstats.stats.bayes.priors import LocationPrior, ScalePrior
    from sigstats.studies.slopes.crossed_fit import CrossedFit
    from sigstats.studies.slopes.crossing import Crossing
    from sigstats.studies.slopes.draws import JointDraws
    from sigstats.studies.slopes.fit import RoleFit
    from sigstats.studies.slopes.item_table import ItemTable

RoleName = Literal["treatment", "control"]


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Slopes(Drawn, SlopesRecord):
    """Posterior of the slopes of the treatments and, apart from them, of the controls.

    A slope is the change of a line over the swept range, in units of the metric, oriented so that positive means
    the predicted direction.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and sd of the mean slope of the included treatments, over their seeds.
    prob_positive : float
        Posterior probability that it is above zero.
    estimate : Estimate
        Posterior mean with the equal-tailed ``1 - 2 alpha`` interval.
    mass_small : float or None
        Posterior probability that it lies within +-min_effect; None where none was declared.
    contrast : Difference, CrossedContrast or None
        Mean slope of the treatments minus that of the controls; None without a control.
    log_evidence : float
        Log density of the treatments' data under the model and its priors. Differences between models of the same
        rows, in the same units and with the same flat priors, are log Bayes factors; alone it means nothing. With
        items it is that of the slopes of seeds on items.
    posterior : RandomSlopes, NestedRandomSlopes or CrossedSlopes
        The whole posterior of the treatments, of one or of several; the knob is rescaled to [-1/2, 1/2].
    control_posterior : RandomSlopes, NestedRandomSlopes, CrossedSlopes or None
        The same of the controls.
    priors : mapping of str to str
        The priors for the treatments, in units of the metric.
    null, replicate : str
        The statement whose probability is given, and what counts as one observation.
    n_seeds : int
        Number of lines, over all treatments.
    min_effect : float or None
        Smallest effect of interest, as declared.
    crossing : Crossing or None
        What is said of items that were measured in every run, such as the mean slope on these items, and where the
        variance of the mean slope comes from; None without items.
    """

    def __str__(self) -> str:
        """Return the mean change over the swept range, and its probability of being positive, as one line."""
        return f"mean change over the swept range {self.estimate}; {probability(self.prob_positive, '> 0')}"

    def hdi(self, confidence: float | None = None) -> Estimate:
        """Return the mean slope with the shortest interval that holds a probability.

        Parameters
        ----------
        confidence : float or None
            Probability inside, in (0, 1); None takes that of `estimate`.

        Returns
        -------
        Estimate
            Posterior mean and highest-density interval.
        """
        level = self.estimate.confidence if confidence is None else confidence
        low, high = self._fits[0].slope.hdi(level)
        return Estimate(
            value=self.mean, low=float(low), high=float(high), confidence=level, unit=self.estimate.unit
        )

    def draws(
        self, n: int, *, rng: np.random.Generator | int | None = None, role: RoleName = "treatment"
    ) -> "JointDraws":
        """Return joint posterior draws of all parameters of the treatments, or of the controls.

        Parameters
        ----------
        n : int
            Number of draws, at least 1.
        rng : numpy.random.Generator, int or None
            Source of randomness; None takes a fixed one.
        role : {"treatment", "control"}
            Whose parameters; those of the two roles are independent.

        Returns
        -------
        JointDraws
            Arrays by parameter; conditions and seeds in the order of `conditions` and `seeds`.

        Raises
        ------
        OptionError
            Where items were crossed with seeds: levels are not modelled there, and `posterior` has draws of its own.
        """
        from sigstats.studies.slopes.draws import joint_draws

        return joint_draws(self._lines(role), n, rng)

    def sensitivity(self, factors: tuple[float, ...] = (0.3, 1.0, 3.0)) -> "pd.DataFrame":
        """Return how the answer moves when the scale of each prior is multiplied, for both roles at once.

        Parameters
        ----------
        factors : tuple of float
            By what the scales are multiplied, each above 0.

        Returns
        -------
        pandas.DataFrame
            Columns ``prior``, ``factor``, ``mean``, ``sd``, ``prob_positive`` of the mean slope, and
            ``contrast_mean``, ``contrast_sd``, ``contrast_prob_positive`` of treatment minus control (NaN without a
            control). A flat prior is without a scale, and without rows.
        """
        from sigstats.studies.slopes import frames

        return frames.sensitivity(self._fits, self._sweep, factors)

    def to_arviz(
        self, n: int = 4000, *, rng: np.random.Generator | int | None = None, role: RoleName = "treatment"
    ) -> Any:  # noqa: ANN401 - its type depends on the version
        """Return draws and data for ArviZ: InferenceData before its version 1, DataTree from then on.

        Parameters
        ----------
        n : int
            Number of draws, at least 4; they are dealt to four chains, and a rest is left out.
        rng : numpy.random.Generator, int or None
            Source of randomness; None takes a fixed one.
        role : {"treatment", "control"}
            Whose model.

        Returns
        -------
        arviz.InferenceData or xarray.DataTree
            Groups ``posterior``, ``posterior_predictive``, ``log_likelihood``, ``prior``, ``observed_data`` and
            ``constant_data``. Dimensions: ``condition``, ``seed`` (labelled "condition: seed") and ``obs``, a row of
            the table, with coordinates ``condition``, ``seed`` and ``level``. A flat prior is not a distribution, so
            the parameters below it lack draws in ``prior``; its attribute ``left_out`` names them.
        """
        from sigstats.studies.slopes import arviz
        from sigstats.studies.slopes.draws import arviz_groups

        groups = arviz_groups(self._lines(role), self._sweep.levels, n, rng)
        return arviz.to_arviz(groups)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: the slope of each seed on its own and drawn towards the others, and the means."""
        from sigstats.studies.slopes.figure import slopes_figure

        return slopes_figure(self, str(self), asked)

    def _document(self) -> "Document":
        """Return slopes, standard deviations and priors in words."""
        from sigstats.studies.slopes.words import tell

        return tell(self)

    def _record(self) -> dict[str, Any]:
        """Return the numbers by name, and the rows of each frame."""
        from sigstats.studies.slopes.words import record

        return record(self)

    def _lines(self, role: str) -> "RoleFit":
        """Return the posterior of a role in which seeds have lines."""
        from sigstats.studies.slopes.fit import RoleFit

        found = {fitted.role: fitted for fitted in self._fits}
        if role not in ("treatment", "control"):
            raise OptionError(unknown_option("role", role, ("treatment", "control")))
        if role not in found:
            raise OptionError(
                "`role` is 'control', and no control was fitted; name one when the slopes are made, as in "
                "control='baseline'."
            )
        fitted = found[role]
        if not isinstance(fitted, RoleFit):
            name = "posterior" if role == "treatment" else "control_posterior"
            raise OptionError(
                "items were crossed with seeds, where slopes are modelled and levels are not, so that single "
                f"measurements cannot be drawn. Use `{name}.draws(n)`, which has the slopes of seeds and items."
            )
        return fitted


@takes_claim
def hierarchical_slopes(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    *,
    mu_alpha: "LocationPrior | None" = None,
    mu_beta: "LocationPrior | None" = None,
    sigma: "ScalePrior | None" = None,
    sigma_alpha: "ScalePrior | None" = None,
    sigma_beta: "ScalePrior | None" = None,
    sigma_condition_slope: "ScalePrior | None" = None,
    item: object = None,
    sigma_item: "ScalePrior | None" = None,
    sigma_rest: "ScalePrior | None" = None,
    **claim: Unpack[ClaimBesideItem],
) -> Slopes:
    """Return the posterior of the slopes of seeds, of their conditions, and of the mean over these.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, in the repeated design.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    mu_alpha, mu_beta : prior or None
        Of the mean level at mid-range and of the mean slope, in units of the metric; None means flat. With several
        conditions each has a level of its own, and `mu_alpha` must be left out.
    sigma, sigma_alpha, sigma_beta : prior or None
        Of the sd of the noise, and between the seeds of a condition of level and slope. None means half-Cauchy, with
        scales of twice the residual sd, of the sd of the seeds' levels (at least twice the residual sd), and of the
        larger of twice the sampling sd of a slope and the sd of the seeds' slopes.
    sigma_condition_slope : prior or None
        Of the sd of the conditions' slopes. None means half-Cauchy, with the larger of twice the standard error of
        a condition's mean slope and the sd of these means.
    item : str or None
        Column of what was measured in every run: test questions, prompts, environments. Each run and item then has a
        slope, and answers are about new runs *and* new items. Of the other priors only `sigma_beta` has a place then.
    sigma_item, sigma_rest : prior or None
        With `item`: of the sd of the items' slopes (in a mean or a difference of conditions, of each item's mean or
        difference), and of the rest of one run's slope on one item. None means half-Cauchy, with the larger of the sd
        of the items' mean slopes and twice the error of such a mean, and with twice the sd of the rest.
    **claim
        Keywords of `detect`; the shape is ``"increasing"`` where none is given.

    Returns
    -------
    Slopes
        Mean slope, conditions and seeds raw and shrunken, contrast with the control, draws, sensitivity.

    Raises
    ------
    OptionError
        In the independent design, where no seed has a line; with fewer than 3 seeds, levels or items; where the data
        give no scale for a default prior; where items belong to one run each, or runs have different items or levels.
    InputError
        If the metric does not vary around the seeds' lines, or beyond what seeds and items share, or the quadrature
        misses its accuracy.

    Notes
    -----
    *Model.* ``y = alpha_s + beta_s x + noise`` for seed s, with x the knob rescaled to [-1/2, 1/2]. With one
    treatment, levels and slopes of its seeds scatter normally around their means. With several, they scatter around
    those of their condition; each condition has a level of its own, and the conditions' slopes scatter around a
    common mean. The answer is the mean over the *included* treatments, as in `detect`; the mean of the population
    that they come from, which two or three treatments hardly determine, is a row of `Slopes.means`. Controls are
    fitted apart, with default priors from their own data, so the contrast is a difference of independent posteriors.

    *Items.* With `item`, the data are the least-squares slopes of each run s on each item i, and the model is
    ``slope = mean + run_s + item_i + rest``, each part normal with a sd of its own. Conditions have flat priors, and
    none is drawn towards another. Treatments and controls have their own spreads of runs and of the rest; an item that
    is steep in both cancels in the contrast. Levels and noise along the knob are not modelled, so that noise that
    wanders along the knob does no harm, and a curve none but that its slope is that of a line. Items that some run
    lacks are left out.

    *Assumptions.* Straight lines with independent normal noise of one sd; seeds exchangeable and independent, also
    over conditions; conditions exchangeable. *What would fool it.* A curve passes as noise. Noise that is correlated
    along the knob makes a seed's slope look better known than it is; so do, for the mean, seeds that share data or
    initial weights over conditions. Verdicts do not rest on this model.

    References
    ----------
    A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian Analysis 1 (2006),
    https://doi.org/10.1214/06-BA117A

    R. H. Baayen, D. J. Davidson and D. M. Bates, "Mixed-effects modeling with crossed random effects for subjects and
    items", Journal of Memory and Language 59 (2008), https://doi.org/10.1016/j.jml.2007.12.005

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> sweep = simulate_sweep({"adam": 4.0, "lion": 3.0, "frozen": 0.0}, n_seeds=5, slope_sd=0.5)
    >>> found = hierarchical_slopes(sweep, control="frozen")
    >>> found.prob_positive > 0.99, found.contrast.prob_positive > 0.99
    (True, True)

    Five questions, put to every run at every level; on these questions the mean slope is known better than on new ones:

    >>> import numpy as np, pandas as pd
    >>> noise = np.random.default_rng(1).normal(0, 0.1, (4, 5, 3))
    >>> gain = [0.9, 0.2, 0.6, -0.1, 0.4]
    >>> rows = [(run, f"q{i}", level, gain[i] * level + noise[run, i, level]) for run, i, level in np.ndindex(4, 5, 3)]
    >>> scores = pd.DataFrame(rows, columns=["run", "question", "epochs", "score"])
    >>> found = hierarchical_slopes(scores, knob="epochs", metric="score", seed="run", item="question")
    >>> print(found.estimate, found.crossing.these_items, sep="; ")
    0.8134 [0.1551, 1.472] score; 0.8134 [0.7374, 0.8893] score
    """
    spreads = {"sigma_beta": sigma_beta, "sigma_item": sigma_item, "sigma_rest": sigma_rest}
    lines = {
        "mu_alpha": mu_alpha,
        "mu_beta": mu_beta,
        "sigma": sigma,
        "sigma_alpha": sigma_alpha,
        "sigma_condition_slope": sigma_condition_slope,
    }
    if item is not None:
        _refuse_priors(lines, "is a prior of lines, and with `item` slopes are modelled")
        return _over_items(data, item, claimed(signature, claim), spreads)
    _refuse_priors(
        {name: spreads[name] for name in ("sigma_item", "sigma_rest")}, "has a place only with `item`"
    )
    return _over_seeds(data, claimed(signature, claim), {**lines, "sigma_beta": sigma_beta})


def _refuse_priors(given: "Mapping[str, LocationPrior | ScalePrior | None]", why: str) -> None:
    """Raise for priors that have no place in the model."""
    for name, prior in given.items():
        if prior is not None:
            raise OptionError(f"`{name}` is {prior}, which {why}. Leave it out.")


def _over_seeds(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature,
    chosen: "Mapping[str, LocationPrior | ScalePrior | None]",
) -> Slopes:
    """Return the posterior where each seed has one line."""
    from sigstats.stats.bayes.difference import difference
    from sigstats.studies.slopes.fit import fit, no_lines

    _, sweep, setting = opened(data, signature)
    if sweep.design == "independent":
        raise no_lines()
    roles = ("treatment", "control") if sweep.controls else ("treatment",)
    fits = tuple(fit(sweep, role, chosen) for role in roles)
    return Slopes(
        **_answer(fits, setting, signature.min_effect),
        contrast=difference(fits[0].slope, fits[1].slope) if len(fits) > 1 else None,
        null="mean slope of the included treatments, over seeds, <= 0",
        replicate="the seed: one line each",
        _fits=fits,
        _sweep=sweep,
        _knob=signature.knob or "knob",
    )


def _over_items(
    data: Any,  # noqa: ANN401 - see detect
    item: object,
    signature: Signature,
    chosen: "Mapping[str, ScalePrior | None]",
) -> Slopes:
    """Return the posterior where each seed has a line on each item."""
    from sigstats.studies.slopes import item_table
    from sigstats.studies.slopes.crossed_fit import contrast_of, fit_crossed
    from sigstats.studies.slopes.fit import no_lines

    if knob_scale(signature) == "fraction":
        raise OptionError(
            "`knob_scale` is 'fraction', which has no place with `item`: runs must share their levels. Use another "
            "scale, or leave `item` out and use aggregate='mean'."
        )
    table = item_table.read(data, signature, item)
    bare = replace(signature, where=None, aggregate=None, item=None, levels=None)
    _, sweep, setting = opened(table.table, bare)
    if sweep.design == "independent":
        raise no_lines()
    roles = ("treatment", "control") if sweep.controls else ("treatment",)
    fits = tuple(fit_crossed(sweep, signature, table, role, chosen) for role in roles)
    return Slopes(
        **_answer(fits, setting, signature.min_effect),
        contrast=contrast_of(fits) if len(fits) > 1 else None,
        null="mean slope of the included treatments, over seeds and items, <= 0",
        replicate="the seed and the item: one line for each pair",
        crossing=_crossing(fits, table, setting),
        _fits=fits,
        _sweep=sweep,
        _knob=signature.knob or "knob",
    )


def _answer(
    fits: "tuple[RoleFit | CrossedFit, ...]", setting: LineSetting, min_effect: float | None
) -> dict[str, Any]:
    """Return what is said of the mean slope, whatever the model."""
    treated = fits[0]
    slope = treated.slope
    return {
        "mean": float(slope.mean),
        "sd": float(slope.sd),
        "prob_positive": float(slope.prob_positive),
        "estimate": _estimate(slope, setting),
        "mass_small": None if min_effect is None else float(slope.mass_inside(-min_effect, min_effect)),
        "log_evidence": treated.posterior.log_evidence,
        "posterior": treated.posterior,
        "control_posterior": fits[1].posterior if len(fits) > 1 else None,
        "priors": {name: str(prior) for name, prior in treated.priors.items()},
        "n_seeds": sum(arm.n_seeds for arm in treated.arms),
        "min_effect": min_effect,
    }


def _crossing(fits: "tuple[CrossedFit, ...]", table: "ItemTable", setting: LineSetting) -> "Crossing":
    """Return what is said of the items."""
    from sigstats.stats.bayes.difference import difference
    from sigstats.studies.slopes.crossing import Crossing

    these = [each.posterior.these_items for each in fits]
    return Crossing(
        n_items=len(table.items),
        n_left_out=table.n_left_out,
        these_items=_estimate(these[0], setting),
        prob_positive=float(these[0].prob_positive),
        contrast=difference(these[0], these[1]) if len(these) > 1 else None,
        split=fits[0].split(),
    )


def _estimate(slope: "NormalMixture", setting: LineSetting) -> Estimate:
    low, high = slope.interval(setting.confidence)
    return Estimate(
        value=float(slope.mean),
        low=float(low),
        high=float(high),
        confidence=setting.confidence,
        unit=setting.unit,
    )
