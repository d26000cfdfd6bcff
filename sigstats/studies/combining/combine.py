"""Combine studies: the mean effect, how far studies differ, and what the next one would show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sigstats.errors import InputError, OptionError, StudiesError, knows_keywords
from sigstats.stats import checks
from sigstats.stats.bayes.marginals import NormalMixture
from sigstats.stats.bayes.priors import FlatPrior, ScalePrior
from sigstats.stats.combining.few_seeds import StudiesPosterior, studies_posterior
from sigstats.stats.combining.heterogeneity import (
    Contradiction,
    Heterogeneity,
    contradiction,
    each_above,
    heterogeneity,
)
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.record import Finding, WithPrior
from sigstats.studies.combining.result import Combined
from sigstats.studies.combining.study import Of, Study, StudyEffect, study_of
from sigstats.studies.combining.together import allowed, refuse_unlike

FEWEST_DRAWS = 100  # effective ones, below which intervals are called rough
FACTORS = (0.5, 2.0)  # of the prior's scale, for the sensitivity


@knows_keywords
def combine(
    studies: Sequence[object] | Mapping[str, object],
    *,
    of: Of = "effect",
    signature: str | None = None,
    tau: ScalePrior | None = None,
    level: float = 0.95,
    allow: str | Iterable[str] = (),
) -> Combined:
    """Put studies of the same claim together: the mean effect, how far studies differ, and the next study.

    No votes are counted: every study enters with its effect and its error, whatever its verdict. Inconclusive studies
    belong here more than any others.

    Parameters
    ----------
    studies : sequence, or mapping by name
        At least 2: verdicts, comparisons with one treatment, answers to cards (`Card.check`), what their `to_dict`
        gives, or paths of JSON files that `to_json` or ``sigstats check --json`` wrote.
    of : {"effect", "contrast"}
        The effect of the treatments, or treatment minus control.
    signature : str or None
        Name of the signature, where cards or files hold several.
    tau : prior or None
        Prior of the standard deviation between the true effects of studies, from `sigstats.priors`, in units of the
        effect; None takes a half-Cauchy prior with twice the typical standard error, or twice the spread of the
        estimates if that is larger.
    level : float
        Probability inside intervals, in (0, 1); tests err at ``1 - level``.
    allow : str or list of str
        What may differ between studies, because you know that it is the same quantity: ``"knob"``, ``"metric"``,
        ``"range"``, ``"shape"``, ``"unit"``; ``"runs"`` lets runs that look alike count as different.

    Returns
    -------
    Combined
        Numbers, findings and reports.

    Raises
    ------
    StudiesError
        If studies measure different things, hold the same data, or a study has no effect with an error.
    OptionError
        If an argument makes no sense.

    See Also
    --------
    sigstats.replicates : Whether one study repeats another.

    Notes
    -----
    *Model.* Random effects: each study has a true effect of its own, normal around a mean. Standard errors of few
    seeds are estimates, so that each study enters with its t distribution, not a normal one. The posterior is
    computed given the variances as in `sigstats.stats.random_effects`, and averaged over what each study says of its
    variance.

    *Whether studies differ* is tested by Welch's F and by a parametric bootstrap, of which the larger p-value counts.
    *Contradiction* means that an effect above 0 is shown in one study and one below 0 in another, corrected for the
    number of studies.

    *Assumptions.* Studies are independent; these studies, and the next one, are of one kind (exchangeable).

    *What would fool it.* Studies that were made known because of what they found. With fewer than 5 studies the prior
    of `tau` decides much; reports show the result at half and at twice its scale.

    References
    ----------
    .. [1] J. P. T. Higgins, S. G. Thompson and D. J. Spiegelhalter, "A re-evaluation of random-effects meta-analysis",
           Journal of the Royal Statistical Society A 172 (2009). https://doi.org/10.1111/j.1467-985X.2008.00552.x
    .. [2] B. L. Welch, "On the comparison of several mean values: an alternative approach", Biometrika 38 (1951).
           https://doi.org/10.1093/biomet/38.3-4.330

    Examples
    --------
    >>> import sigstats as ss
    >>> sweeps = [ss.simulate_sweep(4.0, n_seeds=4, levels=8, rng=at) for at in range(3)]
    >>> found = ss.combine([ss.detect(sweep, shape="increasing") for sweep in sweeps])
    >>> [str(finding) for finding in found.findings]
    ['shown', 'each_shown', 'not_shown_to_differ', 'next_shows_it']
    """
    if of not in ("effect", "contrast"):
        raise OptionError(f"`of` is {of!r}; it must be one of ('contrast', 'effect').")
    inside = checks.fraction("level", level)
    free = allowed(allow)
    read = _read(studies, signature, of)
    differing = refuse_unlike(read, free)
    found = tuple(study.found for study in read)
    effects, errors, dfs = (
        np.array(part)
        for part in zip(*((each.effect.value, each.se, each.df) for each in found), strict=True)
    )
    posterior = studies_posterior(effects, errors, dfs, tau=tau)
    unit = found[0].effect.unit
    mean, next_study = (_estimate(part, inside, unit) for part in (posterior.mean, posterior.next_study))
    sensitivity = tuple(
        _with_prior(effects, errors, dfs, posterior, factor, inside, unit) for factor in FACTORS
    )
    spread, opposed = heterogeneity(effects, errors, dfs), contradiction(effects, errors, dfs)
    each = each_above(effects, errors, dfs)
    margins = {each.margin for each in found}
    margin = margins.pop() if len(margins) == 1 and of == "effect" else None
    values = posterior.tau.interval(inside)
    return Combined(
        studies=found,
        claim=read[0].claim,
        of=of,
        level=inside,
        mean=mean,
        next_study=next_study,
        between=Estimate(
            value=float(posterior.tau.quantile(0.5)),
            low=float(values[0]),
            high=float(values[1]),
            confidence=inside,
            unit=unit,
        ),
        prob_positive=float(posterior.mean.prob_positive),
        prob_next_positive=float(posterior.next_study.prob_positive),
        heterogeneity=spread,
        contradiction=opposed,
        pvalue_each=each,
        findings=(
            *_findings(found, mean, next_study, spread, opposed, each, sensitivity, margin, 1 - inside),
            *([Finding.ROUGH] * (posterior.effective_draws < FEWEST_DRAWS)),
        ),
        margin=margin,
        prior=str(posterior.prior),
        sensitivity=() if isinstance(posterior.prior, FlatPrior) else sensitivity,
        differing=differing,
        effective_draws=posterior.effective_draws,
    )


def _read(studies: object, signature: str | None, of: Of) -> list[Study]:
    """Return the studies; names come from a mapping, and are told apart where two are the same."""
    if isinstance(studies, Mapping) and "signature" not in studies:
        pairs = [(str(name), each) for name, each in studies.items()]
    elif isinstance(studies, str | Mapping) or not isinstance(studies, Iterable):
        raise InputError(
            "`studies` is one study; give a list of at least 2, or a mapping from names to studies."
        )
    else:
        pairs = [(None, each) for each in studies]  # type: ignore[misc]
    if len(pairs) < 2:
        raise StudiesError(
            f"`studies` holds {len(pairs)}; at least 2 can be combined. One study is its own result: print its "
            f"verdict.",
            field="studies",
            values=(len(pairs), 2),
        )
    read = [
        study_of(each, name=name, place=f"study {number}", signature=signature, of=of)
        for number, (name, each) in enumerate(pairs, start=1)
    ]
    return _told_apart(read)


def _told_apart(studies: list[Study]) -> list[Study]:
    """Return studies with a number behind names that occur more than once."""
    names = [study.found.name for study in studies]
    return [
        replace(study, found=replace(study.found, name=f"{name} ({at})")) if names.count(name) > 1 else study
        for at, (study, name) in enumerate(zip(studies, names, strict=True), start=1)
    ]


def _estimate(marginal: NormalMixture, level: float, unit: str) -> Estimate:
    """Return the median with the equal-tailed interval; a mean may not exist for two studies."""
    below = (1 - level) / 2
    low, middle, high = marginal.quantile([below, 0.5, 1 - below])
    return Estimate(value=float(middle), low=float(low), high=float(high), confidence=level, unit=unit)


def _with_prior(
    effects: checks.FloatArray,
    errors: checks.FloatArray,
    dfs: checks.FloatArray,
    posterior: StudiesPosterior,
    factor: float,
    level: float,
    unit: str,
) -> WithPrior:
    prior = posterior.prior.rescaled(factor)
    other = studies_posterior(effects, errors, dfs, tau=prior)
    return WithPrior(
        prior=str(prior),
        mean=_estimate(other.mean, level, unit),
        next_study=_estimate(other.next_study, level, unit),
    )


def _findings(
    studies: tuple[StudyEffect, ...],
    mean: Estimate,
    next_study: Estimate,
    spread: Heterogeneity,
    opposed: Contradiction,
    each: float,
    sensitivity: tuple[WithPrior, ...],
    margin: float | None,
    alpha: float,
) -> tuple[Finding, ...]:
    """Return what the studies show together."""
    answer = _side(mean)
    next_one = {Finding.SHOWN: Finding.NEXT_SHOWS_IT, Finding.OPPOSITE: Finding.NEXT_OPPOSITE}
    found = [answer, *([Finding.EACH_SHOWN] * (each <= alpha))]
    if margin is not None:
        found += [Finding.REACHES_MARGIN] * (mean.low >= margin) + [Finding.BELOW_MARGIN] * (
            mean.high < margin
        )
    found += [Finding.CONTRADICTION] * (opposed.pvalue <= alpha)
    found.append(Finding.DIFFER if spread.pvalue <= alpha else Finding.NOT_SHOWN_TO_DIFFER)
    found.append(next_one.get(_side(next_study), Finding.NEXT_OPEN))
    found += [Finding.DEPENDS_ON_PRIOR] * any(_side(other.mean) is not answer for other in sensitivity)
    found += [Finding.OTHER_MARGINS] * (len({study.margin for study in studies}) > 1)
    found += [Finding.OTHER_VERSIONS] * (len({study.version for study in studies}) > 1)
    return tuple(found)


def _side(estimate: Estimate) -> Finding:
    """Return on which side of 0 an interval lies."""
    if estimate.low > 0:
        return Finding.SHOWN
    return Finding.OPPOSITE if estimate.high < 0 else Finding.OPEN
