"""Whether a replication agrees with its original, with the size for which it had power."""

from collections.abc import Iterable

from scipy import special

from sigstats.errors import OptionError, knows_keywords
from sigstats.stats import checks
from sigstats.stats.combining.agreement import agreement
from sigstats.stats.estimate import Estimate
from sigstats.stats.scores.power import detectable_effect
from sigstats.studies.combining.judge import judged
from sigstats.studies.combining.result import Replication
from sigstats.studies.combining.study import Of, study_of
from sigstats.studies.combining.together import allowed, refuse_unlike

POWER = 0.8


@knows_keywords
def replicates(
    original: object,
    new: object,
    *,
    of: Of = "effect",
    signature: str | None = None,
    margin: float | None = None,
    level: float = 0.95,
    allow: str | Iterable[str] = (),
) -> Replication:
    """Say whether a replication agrees with its original, disagrees, or cannot tell.

    "Significant again" is no answer: two studies of the same effect often differ in that, and studies of different
    effects often do not.

    Parameters
    ----------
    original, new : Verdict, Comparison, dict or path
        The two studies, as in `combine`.
    of : {"effect", "contrast"}
        The effect of the treatments, or treatment minus control.
    signature : str or None
        Name of the signature, where files hold several.
    margin : float or None
        Difference between the true effects that would matter, in units of the effect, above 0; None takes the
        original's `min_effect`.
    level : float
        Confidence of the prediction interval, in (0, 1); claims err at ``1 - level``.
    allow : str or list of str
        What may differ between the studies, as in `combine`.

    Returns
    -------
    Replication
        Status, reasons, numbers and reports.

    Raises
    ------
    StudiesError
        If the studies measure different things, hold the same data, or one has no effect with an error.
    OptionError
        If an argument makes no sense.

    See Also
    --------
    sigstats.combine : The mean effect of several studies.

    Notes
    -----
    *agrees*: the true effects are shown to differ by less than the margin (two one-sided t tests). *disagrees*: the new
    effect lies outside the prediction interval of the original, which has the errors of both studies [1]_. *cannot
    tell*: neither. Also said: the effect that the new study could have shown, and whether the new effect is too small
    for the original to have seen it [2]_.

    *Assumptions.* The studies share no runs. Differences have Welch's degrees of freedom.

    *What would fool it.* An original that was published because its effect was large: the new effect will be smaller.

    References
    ----------
    .. [1] P. Patil, R. D. Peng and J. T. Leek, "What should researchers expect when they replicate studies?",
           Perspectives on Psychological Science 11 (2016). https://doi.org/10.1177/1745691616646366
    .. [2] U. Simonsohn, "Small telescopes: detectability and the evaluation of replication results", Psychological
           Science 26 (2015). https://doi.org/10.1177/0956797614567341

    Examples
    --------
    >>> import sigstats as ss
    >>> sweeps = [ss.simulate_sweep(4.0, n_seeds=5, levels=8, rng=at) for at in (1, 2)]
    >>> original, new = (ss.detect(sweep, shape="increasing") for sweep in sweeps)
    >>> print(ss.replicates(original, new, margin=4.0).status)
    agrees
    """
    if of not in ("effect", "contrast"):
        raise OptionError(f"`of` is {of!r}; it must be one of ('contrast', 'effect').")
    inside = checks.fraction("level", level)
    if margin is not None:
        margin = checks.positive("margin", margin, ", in units of the effect.")
    free = allowed(allow)
    read = [
        study_of(each, name=None, place=place, signature=signature, of=of)
        for place, each in (("original", original), ("new", new))
    ]
    differing = refuse_unlike(read, free)
    old, again = (study.found for study in read)
    margin = old.margin if margin is None else margin
    alpha = 1 - inside
    found = agreement(old.measured, again.measured, margin=margin, alpha=alpha)
    judgement = judged(found, alpha=alpha)
    reach = float(special.stdtrit(found.df, 1 - alpha / 2)) * found.se
    unit = old.effect.unit

    def around(value: float) -> Estimate:
        return Estimate(value=value, low=value - reach, high=value + reach, confidence=inside, unit=unit)

    apart = detectable_effect(found.se, found.df, alpha=alpha / 2, power=POWER, tail=alpha)
    return Replication(
        status=judgement.status,
        reasons=judgement.reasons,
        original=old,
        new=again,
        claim=read[0].claim,
        of=of,
        level=inside,
        prediction=around(old.effect.value),
        difference=around(found.difference),
        pvalue=found.pvalue,
        margin=margin,
        pvalue_within=found.pvalue_within,
        pvalue_opposite=found.pvalue_opposite,
        detectable=found.detectable,
        power=found.power,
        smallest_original=found.smallest_old,
        pvalue_undetectable=found.pvalue_undetectable,
        detectable_difference=float("nan") if apart is None else apart.value,
        differing=differing,
    )
