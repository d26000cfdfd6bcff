"""What would common practice conclude from the same table, and how often is it wrong on tables like it?

Most papers test a trend in one of five ways: Mann-Kendall on the curve of means, Spearman's correlation over all
cells, a straight line through all cells, a mixed model with a random intercept per seed, or a percentile bootstrap over
seeds. The first four take cells of one seed, or means of neighbouring levels, as independent; the last is too narrow
for few seeds. How wrong that goes depends on the table: on its levels, its seeds, its noise, and above all on how much
the slopes of seeds differ. So it is measured: on sweeps that look like the table (see `plan_like`) but have no effect,
each practice is asked what it claims.

Where there is a control, many papers go on to call the effect specific because the trend is significant in the
treatment and not in the control. How often that is wrong is measured as well, beside the test of the difference.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError
from sigstats.evidence.conditions import prepare
from sigstats.evidence.open_table import read_table
from sigstats.report.json import fields, strict
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.random import stream
from sigstats.stats.scores.intervals import share_interval
from sigstats.studies.practice.specificity import TwoGroups, same_effect, two_groups
from sigstats.studies.practice.trend_practices import ENTROPY, TrendData, pvalues, reported
from sigstats.studies.simulation.calibration import plan_like
from sigstats.studies.simulation.plan import Plan

Errs = Literal["claims too often", "claims too rarely", "not told from nominal", "not measured"]

REPLICATIONS = 300
NOMINAL = 0.05
CONFIDENCE = 0.99

LABELS = {
    "mean_curve_mann_kendall": "Mann-Kendall on the mean curve",
    "pooled_spearman": "Spearman over all cells",
    "least_squares": "least squares on all cells",
    "random_intercept": "random-intercept model",
    "percentile_bootstrap": "percentile bootstrap over seeds",
    "seed_scores": "one score per seed, Student's t",
    "here_not_there": "significant in the treatment, not in the control",
    "difference": "treatment minus control",
}
# What both conditions are made to have, in the order of `Specificity.practices`.
SAME = ("both with the mean effect", "both with one found half of the time")
TRENDS = (
    "mean_curve_mann_kendall",
    "pooled_spearman",
    "least_squares",
    "random_intercept",
    "percentile_bootstrap",
    "seed_scores",
)
ASSUMES = {
    "mean_curve_mann_kendall": "the means of different levels are independent",
    "pooled_spearman": "all cells are independent",
    "least_squares": "all cells are independent around one line",
    "random_intercept": "seeds differ in level but not in slope",
    "percentile_bootstrap": "there are enough seeds for resampling them to show their spread",
    "seed_scores": "seeds are independent, and their scores near normal",
    "here_not_there": "what is significant differs from what is not",
    "difference": "seeds are independent, and their scores near normal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One way to make a claim: what it says of the table, and how often it is wrong on tables like it.

    Attributes
    ----------
    name : str
        Short stable name, such as ``"pooled_spearman"``.
    label : str
        Name for a reader.
    assumes : str
        What must hold for its p-value.
    pvalue : float or None
        One-sided p-value of no trend in the predicted direction; None where the table does not allow it, or the rule
        does not have a p-value of its own.
    claims : bool or None
        Whether it would have made the claim, at one-sided 5 %.
    false_claims : float or None
        Share of simulated tables in which it made the claim and was wrong; None where not measured.
    low, high : float or None
        Exact 99 % binomial interval of that share.
    effect : float or None
        Effect from end to end that every condition of these tables has, in units of the metric on its scale; None where
        the share is the same for any effect, or was not measured.
    """

    name: str
    label: str
    assumes: str
    pvalue: float | None
    claims: bool | None
    false_claims: float | None
    low: float | None
    high: float | None
    effect: float | None

    @property
    def errs(self) -> Errs:
        """In which direction it errs on tables like this one, as far as the simulations can tell."""
        if self.low is None or self.high is None:
            return "not measured"
        if self.low > NOMINAL:
            return "claims too often"
        return "claims too rarely" if self.high < NOMINAL else "not told from nominal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Specificity:
    """Who would have claimed that the effect is specific to the treatment, and how often they would be wrong.

    Attributes
    ----------
    treatments, controls : float or None
        p-values of the trend in the treatments and in the controls; None without variance.
    practices : tuple of Practice
        "Significant here, not there" with tables whose treatment and control have the effect that both would have if
        it were the same; the same with the effect that each test finds half of the time, where the rule is at its
        worst; and last the test of the difference that this package rests on.
    """

    treatments: float | None
    controls: float | None
    practices: tuple[Practice, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        return strict({**fields(self), "practices": [_record(each) for each in self.practices]})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPractice:
    """What common practice says of a table, and how often it would be wrong on tables like it.

    Attributes
    ----------
    practices : tuple of Practice
        Five tests of a trend in common use, and last the one that this package rests on.
    specificity : Specificity or None
        Claims that the control lacks the effect; None without a control, or with fewer than 3 seeds in a condition.
    nominal : float
        One-sided error rate that each of them promises.
    replications : int
        Simulated tables; 0 where there are too few seeds to simulate from.
    plan : Plan or None
        How they were simulated.
    entropy : int
        Entropy of the random streams.
    """

    practices: tuple[Practice, ...]
    specificity: Specificity | None
    nominal: float
    replications: int
    plan: Plan | None
    entropy: int

    def __getitem__(self, name: str) -> Practice:
        """Return a practice by its name."""
        for practice in self.practices:
            if practice.name == name:
                return practice
        raise KeyError(name)

    def __str__(self) -> str:
        """Return who would have claimed the trend as one line."""
        claiming = [practice.label for practice in self.practices if practice.claims]
        return f"would have claimed the trend: {', '.join(claiming) or 'none'}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        return strict(
            {
                "nominal": self.nominal,
                "replications": self.replications,
                "entropy": self.entropy,
                "practices": [_record(each) for each in self.practices],
                "specificity": None if self.specificity is None else self.specificity.to_dict(),
            }
        )


def _record(practice: Practice) -> dict[str, Any]:
    return {**fields(practice), "errs": practice.errs}


def common_practice(data: Any, signature: Signature) -> CommonPractice:  # noqa: ANN401 - a data frame or SweepTable
    """Say what five common ways to test a trend find in a table, and how often each is wrong on tables like it.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `detect`.
    signature : Signature
        What was predicted; its shape must be a trend.

    Returns
    -------
    CommonPractice
        p-values, claims, and measured rates of false claims.

    Raises
    ------
    OptionError
        If the shape is not a trend: these practices test trends only.
    TableError
        If the data cannot be used.
    SignatureError
        If the signature does not fit the table.

    Notes
    -----
    All runs of the treatments are taken together, on the scales of the signature. Every p-value is one-sided in the
    predicted direction, so that all practices make the same claim at the same 5 %.

    * Mann-Kendall: normal with continuity correction and variance for ties, on the mean over seeds at each level.
    * Spearman: t with n - 2 degrees of freedom, over all cells.
    * Least squares: t with n - 2 degrees of freedom, over all cells; fitted by OLS of statsmodels.
    * Random intercept: where every seed has every level, slope and standard error are exactly those of the mixed
      model that is fitted by restricted maximum likelihood (MixedLM of statsmodels comes within 1e-6). They are those
      of OLS of statsmodels with an intercept for each seed: the residual variance is the one within seeds, with
      n - S - 1 degrees of freedom (S seeds). Where seeds differ less in level than their noise makes them, the
      model's variance between seeds is 0, and it is least squares on all cells. With
      missing cells it is the slope within seeds, with one intercept each: the mixed model would add what the
      differences in level between seeds say of the slope, which is little where seeds have most levels.
    * Percentile bootstrap: 999 resamples of the seeds' linear scores; the p-value is (1 + means at or below 0) / 1000,
      and the claim is that the 5 % quantile lies above 0.

    Where the shape leaves the direction open, p-values are two-sided instead.

    With a control, two more rules are compared. *Significant here, not there* claims that the effect is specific where
    the trend is significant in the treatments and not in the controls, each by this package's own test of a trend
    (Student's t on one score per seed; on level means in the independent design), so that what is measured is the fault
    of the rule and not that of the test below it. *Treatment minus control* tests the difference, as `sigstats.detect`
    does. Both are wrong where treatment and control have the same effect, and are asked of simulated tables in which
    they do. How often the first rule is wrong depends on how large that effect is: it is measured for the mean of both
    estimates (at least 0), and for an effect that each test finds half of the time, where the rule is about at its
    worst. The rate of the second does not depend on it. A verdict asks for more than this difference.

    False claims are counted on 300 sweeps simulated from `plan_like` without an effect, with fixed entropy, so that the
    same table always gives the same answer; there the two linear models are fitted in closed form, which gives the same
    p-values twenty times as fast. Noise is independent between levels there, and slopes differ between seeds
    as they seem to in the table. Both are estimates from few seeds: a practice that errs here errs on tables like
    this one as far as they can be known.

    *What would fool it.* Noise that neighbouring levels share makes the first four worse than is measured here.

    References
    ----------
    A. Gelman and H. Stern, "The difference between 'significant' and 'not significant' is not itself statistically
    significant", The American Statistician 60 (2006), https://doi.org/10.1198/000313006X152649. S. Nieuwenhuis,
    B. U. Forstmann and E.-J. Wagenmakers, "Erroneous analyses of interactions in neuroscience: a problem of
    significance", Nature Neuroscience 14 (2011), https://doi.org/10.1038/nn.2886

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> table = simulate_sweep(0.0, n_seeds=4, levels=12, slope_sd=4.0, rng=2)
    >>> found = common_practice(table, Signature(shape="increasing"))
    >>> found["least_squares"].errs, found["seed_scores"].errs
    ('claims too often', 'not told from nominal')
    """
    if not signature.shape.is_trend:
        raise OptionError(
            f"`signature` claims the shape {signature.shape.name!r}; the practices that are compared here test trends "
            "only. Give a signature with shape='increasing', 'decreasing' or 'linear'."
        )
    table = read_table(data, signature)
    sweep = prepare(table, signature)
    curves = _stacked([arm.curves for arm in sweep.treatments])
    trend = TrendData(x=sweep.x, repeated=sweep.design == "repeated", two_sided=signature.shape.two_sided)
    found = reported(curves, trend)
    plan = _plan(table, signature)
    names = [arm.name for arm in sweep.treatments]
    scaled = None if plan is None else _in_units(plan, sweep.scale)
    rates = _false_claims(scaled, names, trend) if scaled is not None else {}
    groups = two_groups(table, signature, two_sided=signature.shape.two_sided)
    return CommonPractice(
        practices=tuple(_practice(name, found[name], rates.get(name), effect=0.0) for name in TRENDS),
        specificity=_specificity(groups, scaled, signature),
        nominal=NOMINAL,
        replications=REPLICATIONS if plan is not None else 0,
        plan=plan,
        entropy=ENTROPY,
    )


def _plan(table: SweepTable, signature: Signature) -> Plan | None:
    """Return how to simulate tables like this one without an effect; None where there are too few seeds for it."""
    try:
        return plan_like(table, replace(signature, where=None, aggregate=None, item=None, levels=None))
    except OptionError:
        return None


def _in_units(plan: Plan, unit: float) -> Plan:
    """Return a plan without effects in units of a power of two, so that no square overflows or vanishes."""
    return replace(
        plan,
        noise_sd={name: sd / unit for name, sd in plan.noise_sd.items()},  # type: ignore[union-attr]
        slope_sd=plan.slope_sd / unit,
        intercept_sd=plan.intercept_sd / unit,
    )


def _practice(name: str, pvalue: float, hits: int | None, *, effect: float | None) -> Practice:
    known = not np.isnan(pvalue)
    return _claimed(name, pvalue if known else None, pvalue <= NOMINAL if known else None, hits, effect)


def _claimed(
    name: str, pvalue: float | None, claims: bool | None, hits: int | None, effect: float | None
) -> Practice:
    counted = None if claims is None else hits
    low, high = (None, None) if counted is None else share_interval(counted, REPLICATIONS, CONFIDENCE)
    return Practice(
        name=name,
        label=LABELS[name],
        assumes=ASSUMES[name],
        pvalue=pvalue,
        claims=claims,
        false_claims=None if counted is None else counted / REPLICATIONS,
        low=low,
        high=high,
        effect=None if counted is None else effect,
    )


def _specificity(groups: TwoGroups | None, plan: Plan | None, signature: Signature) -> Specificity | None:
    """Return who would have called the effect specific, with the rates where tables can be simulated."""
    if groups is None or plan is None:
        return None
    here, there = groups.here(), groups.there()
    effects = (groups.common_effect(), groups.found_by_half(NOMINAL))  # in units of the plan
    counted = same_effect(
        plan, signature, effects=effects, alpha=NOMINAL, replications=REPLICATIONS, entropy=ENTROPY
    )
    claims = None if np.isnan(here) or np.isnan(there) else bool(here <= NOMINAL < there)
    rules = []
    for same, hits, effect in zip(SAME, counted.here_not_there, effects, strict=True):
        rule = _claimed("here_not_there", None, claims, hits, effect * groups.scale)
        rules.append(replace(rule, label=f"{rule.label}, {same}"))
    return Specificity(
        treatments=None if np.isnan(here) else here,
        controls=None if np.isnan(there) else there,
        practices=(*rules, _practice("difference", groups.difference(), counted.difference, effect=None)),
    )


def _false_claims(plan: Plan, names: list[str], trend: TrendData) -> dict[str, int]:
    """Return how often each practice claims a trend on sweeps without one."""
    hits = dict.fromkeys(TRENDS, 0)
    for replication in range(REPLICATIONS):
        table = plan.simulate(stream(ENTROPY, replication))
        curves = _stacked([table.matrix(name) for name in names])
        for name, pvalue in pvalues(curves, trend).items():
            hits[name] += bool(pvalue <= NOMINAL)
    return hits


def _stacked(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate(parts)
