"""How strong the shape is from seed to seed, from evidence that is already there."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.disagreement import own_scores
from sigstats.evidence.results import ArmEvidence, ControlEvidence, Estimate, Evidence, IntervalEvidence
from sigstats.evidence.results.strength import POWER, ControlShare, NoScores, SeedStrength, Strength, how_weak
from sigstats.signature.signature import Signature
from sigstats.stats.scores.power import detectable_effect
from sigstats.stats.strength.replication import Replication, majority_again, replication
from sigstats.stats.strength.share import TwoMeans, mean_ratio
from sigstats.stats.strength.showing import (
    Showing,
    apart,
    share_above_zero,
    share_of_pairs,
    share_within_pairs,
)
from sigstats.stats.strength.standardised import Standardised, standardised_difference, standardised_mean

FloatArray = NDArray[np.float64]

ROUNDING = 1e-9
PROBABILITY = "probability"
SDS = "sd between seeds"


def strength_of(evidence: Evidence, signature: Signature) -> Strength:
    """Return how strong the shape is; what cannot be said is None."""
    alpha = signature.alpha / evidence.sides
    missing = _no_scores(evidence, signature)
    means = _two_means(evidence, signature)
    return Strength(
        treatments=() if missing else _treatments(_in_units(evidence), signature, alpha),
        no_scores=missing,
        share=None if means is None else _share(means, alpha),
        replication=_again(evidence, signature, means, alpha),
        detectable=_detectable(evidence, signature, alpha),
    )


def _no_scores(evidence: Evidence, signature: Signature) -> NoScores | None:
    """Return why seeds cannot be compared one by one; None where they can."""
    shape = signature.shape
    if evidence.design == "independent":
        return NoScores.FRESH_RUNS
    if not (shape.is_trend or shape.sized):
        return NoScores.EVERY_LEVEL if shape.level_wise else NoScores.EVERY_CONTRAST
    if shape.departs_by is not None and any(arm.role == "control" for arm in evidence.arms):
        return NoScores.BY_FORM
    if not own_scores(shape):
        return NoScores.OTHER_SEEDS
    few = evidence.interval is None or any(arm.scores.size < MIN_SEEDS for arm in evidence.treatments)
    return NoScores.TOO_FEW if few else None


def _in_units(evidence: Evidence) -> Evidence:
    """Return the evidence with scores of a size whose squares neither overflow nor vanish."""
    largest = max(float(np.abs(arm.scores).max(initial=0.0)) for arm in evidence.arms)
    unit = float(np.ldexp(1.0, int(np.clip(np.frexp(largest)[1], -1000, 1000))))
    return replace(evidence, arms=tuple(replace(arm, scores=arm.scores / unit) for arm in evidence.arms))


def _treatments(evidence: Evidence, signature: Signature, alpha: float) -> tuple[SeedStrength, ...]:
    """Return every treatment beside the control that comes closest to it; bounds hold for all pairs together."""
    controls = [arm for arm in evidence.arms if arm.role == "control"] if evidence.control is not None else []
    tail = alpha / (len(evidence.treatments) * max(len(controls), 1))
    confidence = 1.0 - 2.0 * alpha
    if not controls:
        return tuple(_alone(arm, tail, confidence) for arm in evidence.treatments)
    pairs = {
        (arm.condition, control.condition): _beside(arm, control, tail, confidence, paired=signature.paired)
        for arm, control in product(evidence.treatments, controls)
    }
    found = []
    for arm in evidence.treatments:
        beside = [each for (name, _), each in pairs.items() if name == arm.condition]
        found.append(min(beside, key=how_weak))
    return tuple(found)


def _alone(arm: ArmEvidence, tail: float, confidence: float) -> SeedStrength:
    """Return whether a new seed shows it at all."""
    mean = standardised_mean(arm.scores, tail=tail)
    return _strength(
        arm, None, arm.scores.size, share_above_zero(arm.scores, tail=tail), mean, mean, confidence
    )


def _beside(
    arm: ArmEvidence, control: ArmEvidence, tail: float, confidence: float, *, paired: bool
) -> SeedStrength:
    """Return whether a new seed shows more than one of a control."""
    mean = standardised_mean(arm.scores, tail=tail)
    if paired:
        _, rows, others = np.intersect1d(arm.scored_seeds, control.scored_seeds, return_indices=True)
        one, other = arm.scores[rows], control.scores[others]
        within, shares = (
            standardised_mean(apart(one, other), tail=tail),
            share_within_pairs(one, other, tail=tail),
        )
        return _strength(arm, control, one.size, shares, within, mean, confidence)
    shares = share_of_pairs(arm.scores, control.scores, tail=tail)
    between = standardised_difference(arm.scores, control.scores, tail=tail)
    n = min(arm.scores.size, control.scores.size)
    return _strength(arm, control, n, shares, between, mean, confidence)


def _strength(
    arm: ArmEvidence,
    control: ArmEvidence | None,
    n_compared: int,
    shares: Showing,
    difference: Standardised | None,
    mean: Standardised | None,
    confidence: float,
) -> SeedStrength:
    return SeedStrength(
        condition=arm.condition,
        control=None if control is None else control.condition,
        n_seeds=arm.scores.size,
        n_showing=int((arm.scores > 0).sum()),
        n_compared=n_compared,
        probability=_estimate(shares.share, shares.low, shares.high, confidence, PROBABILITY),
        if_normal=None
        if difference is None
        else _estimate(*difference.probabilities(), confidence, PROBABILITY),
        standardised=None if mean is None else _estimate(mean.value, mean.low, mean.high, confidence, SDS),
    )


def _estimate(value: float, low: float, high: float, confidence: float, unit: str) -> Estimate:
    return Estimate(value=value, low=low, high=high, confidence=confidence, unit=unit)


def _two_means(evidence: Evidence, signature: Signature) -> TwoMeans | None:
    """Return both means with their variances, from those of two differences; None where there is no such pair.

    The control is compared by the score of the effect itself, without a choice of its place.
    """
    control, line = evidence.control, evidence.interval
    if control is None or line is None or evidence.majority is not None:
        return None
    own = own_scores(signature.shape) and signature.shape.compared is None
    if not own or not math.isclose(control.treatment.value, line.estimate.value, rel_tol=1e-9):
        return None
    return _variances(control, line)


def _variances(control: ControlEvidence, line: IntervalEvidence) -> TwoMeans | None:
    """Solve the variances of T - C and q T - C for those of T and C and their covariance; the se of T - C is 1."""
    q, df, unit = control.quiet_fraction, control.specific.df, control.specific.se
    if not (unit > 0 and all(math.isfinite(each) for each in (unit, line.se, control.quiet.se))):
        return None
    one, quiet = (line.se / unit) ** 2, (control.quiet.se / unit) ** 2
    covariance = ((1.0 - q**2) * one - (1.0 - quiet)) / (2.0 * (1.0 - q))
    other = max(1.0 - one + 2.0 * covariance, 0.0)
    most = math.sqrt(one * other)
    shared = abs(covariance) > ROUNDING
    return TwoMeans(
        treatment=control.treatment.value / unit,
        control=control.effect.value / unit,
        treatment_variance=one,
        control_variance=other,
        covariance=min(max(covariance, -most), most) if shared else 0.0,
        treatment_df=line.df,
        control_df=_other_df(one, other, line.df, df),
        shared_df=df if shared else None,
    )


def _other_df(share: float, other: float, df: float, whole: float) -> float:
    """Return the degrees of freedom of one part, from those of the other part and of the whole, by Welch's formula."""
    left = 1.0 / whole - (share**2 / df if df > 0 else 0.0)
    return max(other**2 / left, 1.0) if left > 0 and other > 0 else whole


def _share(means: TwoMeans, alpha: float) -> ControlShare | None:
    found = mean_ratio(means, tail=alpha)
    if found is None:
        return None
    return ControlShare(
        value=found.value, low=found.low, high=found.high, gap=found.gap, confidence=1.0 - 2.0 * alpha
    )


def _again(evidence: Evidence, signature: Signature, means: TwoMeans | None, alpha: float) -> Estimate | None:
    """Return the probability that as many new seeds would show it again; None where other tests decide as well."""
    line = evidence.interval
    found: Replication | None = None
    if line is None or _more_decides(evidence, signature):
        return None
    if evidence.majority is not None:
        counted, needed = evidence.majority, evidence.majority.n_needed
        if needed is not None:
            found = majority_again(counted.n_showing, counted.n_seeds, needed=needed, tail=alpha)
    elif line.se > 0 and line.df > 0:
        found = _tests_again(evidence, line, means, alpha)
    return (
        None
        if found is None
        else _estimate(found.value, found.low, found.high, 1.0 - 2.0 * alpha, PROBABILITY)
    )


def _more_decides(evidence: Evidence, signature: Signature) -> bool:
    """Return whether more must be shown than the mean effect, or the count of seeds, and a quiet control."""
    shape = signature.shape
    if not (shape.is_trend or shape.sized) or not own_scores(shape):
        return True
    parts = evidence.primary is not None and evidence.primary.n_parts > 1
    required = any(each.kind == "required" for each in evidence.other_clauses)
    each = signature.across == "each" and len(evidence.treatments) > 1
    compared = any(arm.role == "control" for arm in evidence.arms)
    other_score = compared and (evidence.control is None or evidence.majority is not None)
    calibrated = evidence.negative_controls is not None
    return parts or required or each or other_score or calibrated or evidence.control_departs is not None


def _tests_again(
    evidence: Evidence, line: IntervalEvidence, means: TwoMeans | None, alpha: float
) -> Replication | None:
    effect, control = line.estimate.value / line.se, evidence.control
    if control is None:
        return replication(np.array([effect]), np.array([line.df]), correlation=0.0, alpha=alpha, tail=alpha)
    quiet = control.quiet
    if means is None or not (quiet.se > 0 and quiet.df > 0):
        return None
    shared, unit = control.quiet_fraction * means.treatment_variance - means.covariance, control.specific.se
    return replication(
        np.array([effect, quiet.estimate.value / quiet.se]),
        np.array([line.df, quiet.df]),
        correlation=min(max(shared / (line.se / unit * quiet.se / unit), -1.0), 1.0),
        alpha=alpha,
        tail=alpha,
    )


def _detectable(evidence: Evidence, signature: Signature, alpha: float) -> Estimate | None:
    """Return the effect that so many seeds would show, wherever the claim is about a mean of scores."""
    line, shape = evidence.interval, signature.shape
    if line is None or evidence.majority is not None or not (shape.is_trend or own_scores(shape)):
        return None
    found = detectable_effect(line.se, line.df, alpha=alpha, power=POWER, tail=alpha)
    if found is None:
        return None
    return _estimate(found.value, found.low, found.high, 1.0 - 2.0 * alpha, line.estimate.unit)
