"""What a design can find out, before it is run: the probability of each verdict, and the cheapest design that decides.

The design that a signature declares is simulated in worlds whose truth is known - as predicted, nothing there, the
control does the same, half the effect - and `detect` itself gives the verdict on each simulated sweep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, Unpack, runtime_checkable

import numpy as np

from sigstats.errors import InputError, OptionError
from sigstats.signature.keywords import ClaimBesideLevels, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.random import entropy_of
from sigstats.studies.planning.outlook import Outlook
from sigstats.studies.planning.settings import Options
from sigstats.studies.planning.study import FEWEST_REPLICATIONS, prospect_of


@runtime_checkable
class HasSignatures(Protocol):
    """What holds several signatures, such as a card."""

    @property
    def signatures(self) -> Sequence[Signature]:
        """The signatures."""


@takes_claim
def plan(
    signature_or_card: Signature | HasSignatures | HasSignature | None = None,
    *,
    pilot: Any = None,  # noqa: ANN401 - see detect
    noise: object = None,
    seeds: object = None,
    levels: object = None,
    truths: Mapping[str, object] | None = None,
    effect: float | None = None,
    start: object = None,
    target: float = 0.8,
    cost: object = None,
    budget: float | None = None,
    fewest_levels: int | None = None,
    replications: int = 1000,
    n_jobs: int = 1,
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[ClaimBesideLevels],
) -> Outlook:
    """Say what a design can find out before it is run, and which one is the cheapest that reaches a target.

    Parameters
    ----------
    signature_or_card : Signature, Card, Verdict or None
        What is claimed; of a card, every signature. Instead of the keywords below.
    pilot : data frame, SweepTable, Verdict, mapping, path or None
        Earlier runs that show the noise: a sweep as for `detect`, or a verdict, its `to_dict` or a file of its JSON.
        Only the noise is taken from it, never the effect.
    noise : float, mapping or None
        The noise, instead of a pilot: the residual sd of one cell in units of the metric (after `metric_scale`), or a
        mapping with ``sd`` (a number, or one per condition or role), ``slope_sd`` (sd between seeds of the change from
        end to end), ``seed_sd`` (of their own level) and ``correlation`` (of paired seeds; 0.5 by default). For claims
        without a knob, ``sd`` is that between runs.
    seeds : int, mapping or None
        Seeds of every condition, or by condition or role, as in ``{"treatment": 3, "control": 4}``; None means those
        that the signature declares, by its `looks` or its `seeds`, else 3.
    levels : int, sequence of float or None
        Levels of the knob, or their number; None means those that the signature declares, else 8.
    truths : mapping or None
        Effects by condition or role, in the units of `min_effect`, or several such mappings by name. None means: as
        predicted, nothing, control does the same, half the effect.
    effect : float or None
        True effect as predicted, in the units of `min_effect`. None means twice `min_effect`; where that is missing,
        the middle of the range that a shape declares, or else twice the noise.
    start : float, mapping or None
        Level at which the metric starts, for every condition, or by condition or role: with declared `bounds` it says
        whether there is room for the effect, and whether the control sits at a bound.
    target : float
        Probability of *present* that is wanted, if all is as predicted, in (0, 1).
    cost : float, mapping or None
        Cost of one measurement (one seed at one level), for every condition, or by condition or role; the key
        ``"seed"`` is what a seed costs whatever its levels. None means `cost_per_run` of the signature, else 1.
    budget : float or None
        Most that a design may cost.
    fewest_levels : int or None
        Fewest levels that a cheaper design may have; None means as few as the shape needs. Few levels show that a
        metric changes, and hardly how.
    replications : int
        Simulated sweeps for each truth, at least 20: 1000 tell a probability to within 0.03.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : numpy.random.Generator, int or None
        Source of the random streams; None means a fixed one.
    **claim
        Keywords of `detect`.

    Returns
    -------
    Outlook
        Probabilities, verdicts that are out of reach, the cheapest design, and reports.

    Raises
    ------
    OptionError
        If an option makes no sense, or nothing says how large the noise is.
    TableError, SignatureError
        If the pilot cannot be used.

    See Also
    --------
    sigstats.calibrate : Rates of wrong verdicts for one design.

    Notes
    -----
    *Method.* Monte Carlo simulation: noise is normal, slopes and levels of seeds are normal, and every simulated sweep
    is judged as by `detect`. Errors are 95 % intervals by Agresti and Coull [1]_. Designs are ordered by a fast
    approximation (t tests on normal scores, [2]_), the best few are simulated, and those that reach the target are
    simulated again with new draws, which must confirm it. Where `looks` are planned, each simulated sweep is judged as
    it is at each look, until the first definite verdict; other designs have looks in the same proportion.

    *Assumptions.* The curve that is simulated is one that the shape describes (a straight line for a trend); seeds are
    independent; the noise is as stated, or as a pilot shows it, which few seeds do poorly: `Noise.low` and `Noise.high`
    say how poorly, and the summary gives the probability at the upper end.

    *What would fool it.* An effect that was chosen from the pilot because it was large; noise that differs between
    pilot and sweep, as in other models or at other levels; runs that fail.

    References
    ----------
    .. [1] A. Agresti and B. A. Coull, "Approximate is better than 'exact' for interval estimation of binomial
           proportions", The American Statistician 52 (1998). https://doi.org/10.1080/00031305.1998.10480550
    .. [2] B. L. Welch, "The generalization of Student's problem when several different population variances are
           involved", Biometrika 34 (1947). https://doi.org/10.1093/biomet/34.1-2.28

    Examples
    --------
    >>> claim = Signature(shape="increasing", control="control", min_effect=2.0)
    >>> found = plan(claim, noise=1.0, seeds=3, levels=8, replications=200)
    >>> found.prospects[0].design.probability < 0.8
    True
    >>> found.cheapest().seeds["control"] > 3
    True
    """
    options = Options(
        pilot=pilot,
        noise=noise,
        seeds=seeds,
        levels=levels,
        truths=truths,
        effect=effect,
        start=start,
        target=checks.fraction("target", target),
        cost=cost,
        budget=None if budget is None else checks.positive("budget", budget),
        fewest_levels=None if fewest_levels is None else checks.whole("fewest_levels", fewest_levels, low=2),
        replications=checks.whole("replications", replications, low=FEWEST_REPLICATIONS, high=1_000_000),
        n_jobs=checks.processes("n_jobs", n_jobs),
        entropy=entropy_of(rng),
    )
    signatures = _signatures_of(signature_or_card, claim)
    _refuse_two_sources(pilot, noise)
    prospects, left_out = [], []
    for number, each in enumerate(signatures):
        try:
            prospects.append(prospect_of(each, options, number))
        except InputError as error:
            if len(signatures) == 1:
                raise
            left_out.append((each.name, str(error)))
    return Outlook(
        prospects=tuple(prospects),
        not_covered=tuple(left_out),
        target=options.target,
        budget=options.budget,
        replications=options.replications,
        entropy=options.entropy,
    )


def joined(found: Sequence[Outlook], left_out: Sequence[tuple[str | None, str]]) -> Outlook:
    """Return several outlooks, made with the same options, as one."""
    return replace(
        found[0],
        prospects=tuple(prospect for each in found for prospect in each.prospects),
        not_covered=(*(pair for each in found for pair in each.not_covered), *left_out),
    )


def _signatures_of(given: object, claim: Mapping[str, object]) -> tuple[Signature, ...]:
    if isinstance(given, HasSignatures) and not claim:
        return tuple(given.signatures)
    return (claimed(given, claim, {}),)


def _refuse_two_sources(pilot: object, noise: object) -> None:
    if pilot is None and noise is None:
        raise OptionError(
            "nothing says how much runs vary; give earlier runs or a verdict as `pilot`, or the sd as `noise`."
        )
    if pilot is not None and noise is not None:
        raise OptionError("`pilot` and `noise` were both given; they may differ. Give one of them.")
