"""Claims on most seeds, instead of their mean: every seed counts as one that shows the claim or does not.

The effect is then the score of the median seed. Treatment and control are compared by their median seeds, or, paired,
by the seeds in which the one exceeds its share of the other. All tests are exact.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import SignatureError
from sigstats.evidence.claim import Claim
from sigstats.evidence.conditions import MIN_SEEDS, Condition, Sweep
from sigstats.evidence.control import ARTIFACT_FRACTION, at_bound
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import (
    ArmEvidence,
    ClauseEvidence,
    ContrastEvidence,
    ControlEvidence,
    Estimate,
    Evidence,
    IntervalEvidence,
    MajorityEvidence,
    SeedsNeeded,
)
from sigstats.signature.signature import Signature
from sigstats.stats.scores.majority import (
    SeedMedian,
    fewest_for_majority,
    medians_apart,
    seeds_for_majority,
    sign_test,
    successes_needed,
)

FloatArray = NDArray[np.float64]

NAN = float("nan")
POWER = 0.8
# Share of all seeds at which the seeds that are needed are counted.
CLEAR_SHARE = 0.9
SIGNS = "exact sign test, one score per seed"
MEDIANS = "exact bounds of both medians by the sign test, at half the error rate each"
WITHIN = "exact sign test on differences within seeds"
# Notes on tests that are not made here.
OF_THE_MEAN = (Reason.SMALL_SAMPLE, Reason.SKEWED_SCORES)


def check(sweep: Sweep) -> None:
    """Refuse a sweep in which the seeds of one treatment cannot be counted."""
    if sweep.design == "independent":
        raise SignatureError(
            "`across_seeds` is 'majority', but no seed of the table is seen at two levels; only a seed that is "
            "followed along the knob can show the claim or not. Give recurring runs the same seed label, or leave "
            "`across_seeds` out."
        )
    if len(sweep.treatments) > 1:
        names = tuple(each.name for each in sweep.treatments)
        raise SignatureError(
            f"`across_seeds` is 'majority', but there are {len(names)} treatments {names}; a majority is that of the "
            "seeds of one treatment. Name it with `treatment`, and declare one signature for each."
        )


def by_majority(evidence: Evidence, table: SweepTable, claim: Claim, signature: Signature) -> Evidence:
    """Return the evidence on most seeds in place of that on their mean."""
    setting, main = claim.setting, claim.main
    if evidence.interval is None:
        return evidence
    arms = tuple(
        _arm(arm, scored, setting, signature)
        for arm, scored in zip(evidence.arms, main.conditions, strict=True)
    )
    notes = tuple(note for note in evidence.notes if note not in OF_THE_MEAN)
    scores = main.treatments[0].scores
    found = _counted(scores, setting, signature)
    interval = _interval(evidence.interval, SeedMedian(scores=scores), setting)
    return replace(
        evidence,
        arms=arms,
        notes=notes,
        trend=None,
        slopes=None,
        majority=found,
        interval=interval,
        clauses=tuple(_clause(each, interval, found) for each in evidence.clauses),
        control=_control(table, main, setting, signature),
        negative_controls=None,
        seeds_needed=_needed(found, main, setting, signature),
    )


def _arm(arm: ArmEvidence, scored: Condition, setting: LineSetting, signature: Signature) -> ArmEvidence:
    """Return a condition with the score of its median seed as its effect."""
    if scored.n_seeds < MIN_SEEDS:
        return arm
    median, least = SeedMedian(scores=scored.scores), signature.min_effect
    return replace(
        arm,
        effect=_estimate(median, setting),
        pvalue=median.pvalue_above(),
        pvalue_opposite=median.pvalue_below(),
        pvalue_small=NAN if least is None else median.pvalue_below(least / setting.scale),
        claim_pvalue=NAN,
        claim_prob_positive=NAN,
    )


def _estimate(median: SeedMedian, setting: LineSetting) -> Estimate:
    return setting.measured(median.estimate, *median.interval(setting.confidence))


def _counted(scores: FloatArray, setting: LineSetting, signature: Signature) -> MajorityEvidence:
    """Return how many seeds show the claim: reach the declared effect, else are above 0."""
    n, least = scores.size, signature.min_effect
    shows = scores > 0 if least is None else scores * setting.scale >= least
    k, alpha = int(shows.sum()), setting.alpha
    return MajorityEvidence(
        n_seeds=n,
        n_showing=k,
        bound=0.0 if least is None else least,
        # Clopper and Pearson (1934): the binomial test inverted at both ends.
        share_low=float(special.betaincinv(k, n - k + 1, alpha)) if k else 0.0,
        share_high=float(special.betaincinv(k + 1, n - k, 1.0 - alpha)) if k < n else 1.0,
        pvalue=sign_test(k, n),
        n_needed=successes_needed(n, alpha),
        fewest=fewest_for_majority(alpha),
        method=SIGNS,
        null="at most half of all seeds show it",
        replicate=setting.replicate,
    )


def _interval(line: IntervalEvidence, median: SeedMedian, setting: LineSetting) -> IntervalEvidence:
    margin = line.margin
    return replace(
        line,
        estimate=_estimate(median, setting),
        se=NAN,
        df=NAN,
        pvalue=median.pvalue_above(),
        pvalue_opposite=median.pvalue_below(),
        pvalue_small=NAN if margin is None else median.pvalue_below(margin / setting.scale),
        ends=None,
        pvalue_late=NAN,
        method="median of the scores, with exact bounds by the sign test",
        null="median score <= 0",
    )


def _clause(clause: ClauseEvidence, line: IntervalEvidence, found: MajorityEvidence) -> ClauseEvidence:
    return replace(
        clause,
        estimate=line.estimate,
        pvalue=found.pvalue,
        pvalue_refuted=line.pvalue_opposite,
        prob_positive=NAN,
        method=found.method,
        null=found.null,
        n_seeds=found.n_seeds,
    )


def _needed(found: MajorityEvidence, main: Sweep, setting: LineSetting, signature: Signature) -> SeedsNeeded:
    """Return the seeds that would show a clear majority; twice at half the error rate where a control is compared."""
    wanted = {"treatment": seeds_for_majority(share=CLEAR_SHARE, alpha=setting.alpha, power=POWER)}
    if main.controls and not main.apart:
        halved = not signature.paired
        wanted["control"] = seeds_for_majority(
            share=CLEAR_SHARE,
            alpha=setting.alpha / 2 if halved else setting.alpha,
            power=POWER,
            sides=2 if halved else 1,
        )
    bottleneck = max(wanted, key=lambda side: wanted[side] or 0)
    return SeedsNeeded(
        n_seeds=wanted[bottleneck],
        effect=found.bound,
        effect_source="share",
        power=POWER,
        bottleneck=bottleneck,
        share=CLEAR_SHARE,
    )


def _control(
    table: SweepTable, main: Sweep, setting: LineSetting, signature: Signature
) -> ControlEvidence | None:
    """Compare the median seed of the treatment with that of each control."""
    if not main.controls or main.apart or any(each.scores.size < 1 for each in main.conditions):
        return None
    treatment, controls = main.treatments[0], main.controls
    quiet = signature.quiet_fraction
    weights = {"specific": (1.0, -1.0), "quiet": (quiet, -1.0), "artifact": (-ARTIFACT_FRACTION, 1.0)}
    contrasts = {
        name: max(
            (_contrast(name, treatment, each, pair, setting, signature) for each in controls), key=_pvalue
        )
        for name, pair in weights.items()
    }
    single = [_contrast("responds", treatment, each, (-quiet, 1.0), setting, signature) for each in controls]
    several = [min(1.0, len(single) * each.pvalue) for each in single]
    responds = replace(min(single, key=_pvalue), pvalue=min(several))
    medians = [SeedMedian(scores=each.scores) for each in controls]
    strongest = max(medians, key=lambda each: each.estimate)
    everything = [table.matrix(each.name) for each in main.conditions]
    at = at_bound(
        everything[1:],
        everything,
        bounds=signature.bounds,
        ways=(main.orientation,) if signature.shape.one_way else (-1, 1),
    )
    return ControlEvidence(
        treatment=_estimate(SeedMedian(scores=treatment.scores), setting),
        effect=_estimate(strongest, setting),
        responds=responds,
        pvalue_opposite=min(1.0, len(medians) * min(each.pvalue_below() for each in medians)),
        single_responds=tuple(zip((each.name for each in controls), several, strict=True)),
        at_bound=at.sits,
        stuck_share=at.stuck,
        quiet_fraction=quiet,
        **contrasts,
    )


def _pvalue(contrast: ContrastEvidence) -> float:
    return contrast.pvalue


def _contrast(
    name: str,
    treatment: Condition,
    control: Condition,
    weights: tuple[float, float],
    setting: LineSetting,
    signature: Signature,
) -> ContrastEvidence:
    """Return one weighted difference between median seeds, or the median of differences within seeds."""
    first, second = weights
    one, other = first * treatment.scores, second * control.scores
    if signature.paired:
        shared, rows, others = np.intersect1d(treatment.ids, control.ids, return_indices=True)
        if not shared.size:
            raise SignatureError(
                "`paired` is True, but no seed is seen in both treatment and control; pairs need shared seed labels. "
                "Give the paired runs the same label, or leave `paired` False."
            )
        within = SeedMedian(scores=one[rows] + other[others])
        estimate, pvalue, n = _estimate(within, setting), within.pvalue_above(), within.n_seeds
    else:
        sides = (SeedMedian(scores=one), SeedMedian(scores=other))
        ends = [each.interval(1.0 - setting.alpha) for each in sides]
        estimate = setting.measured(
            sum(each.estimate for each in sides), sum(low for low, _ in ends), sum(high for _, high in ends)
        )
        pvalue, n = medians_apart(one, -other), min(each.n_seeds for each in sides)
    return ContrastEvidence(
        name=name,
        estimate=estimate,
        se=NAN,
        df=NAN,
        pvalue=pvalue,
        method=WITHIN if signature.paired else MEDIANS,
        null=_null(weights, paired=signature.paired),
        replicate=setting.replicate,
        n_seeds=n,
    )


def _null(weights: Sequence[float], *, paired: bool) -> str:
    first, second = ("" if abs(weight) == 1 else f"{abs(weight):g} " for weight in weights)
    sides = (f"{first}treatment", f"{second}control")
    plus, minus = sides if weights[0] > 0 else sides[::-1]
    if paired:
        return f"{plus} - {minus} > 0 in at most half of all seeds"
    return f"{plus} - {minus} <= 0, median scores"
