"""Plain sentences for everything that a verdict can say.

One sentence for every status, reason and note, with the numbers of the verdict in hand. The sentences hold
names that users gave, made visible but not escaped: each format escapes whole sentences in its own way.
"""

from sigstats.evidence.results import SeedsNeeded
from sigstats.report import naming
from sigstats.report.numbers import number
from sigstats.report.phrases import effect, unit
from sigstats.report.reasons import SENTENCES
from sigstats.verdict import Reason, Status, Verdict

STATUS_WORDS: dict[Status, str] = {
    Status.PRESENT: "The signature is there: the predicted shape is shown, and all that it depends on.",
    Status.ABSENT: "The signature is not there: the data speak against it.",
    Status.PARTIAL: "The signature is there in part: something that it needs does not hold.",
    Status.INCONCLUSIVE: "The data cannot tell: neither the signature nor its absence is shown.",
}

BRIEF: dict[Reason, str] = {
    Reason.TOO_FEW_SEEDS: "fewer than 3 seeds in a condition",
    Reason.TOO_FEW_LEVELS: "too few levels of the knob",
    Reason.REVERSES: "it turns back",
    Reason.OPPOSITE: "it goes the other way",
    Reason.BELOW_MIN_EFFECT: "any effect is smaller than the margin",
    Reason.UNDERPOWERED: "the data cannot tell",
    Reason.LINES_DISAGREE: "the lines of evidence disagree",
    Reason.ZERO_VARIANCE: "the seeds do not differ, so nothing can be tested",
    Reason.COMMON_SHIFT: "whole levels are shifted together",
    Reason.WEAK: "shown, but smaller than the declared min_effect",
    Reason.ARTIFACT: "the control does the same",
    Reason.UNSPECIFIC: "the control responds as well",
    Reason.SOME_CONDITIONS: "not in every treatment",
    Reason.SIZE_UNRESOLVED: "shown, but not to be as large as the declared min_effect",
    Reason.CONTROL_UNRESOLVED: "shown, but not to be less in the control",
    Reason.EACH_TREATMENT: "shown on average, but not in every treatment",
    Reason.UNCONTROLLED: "no control was declared",
    Reason.AVERAGE_ONLY: "on average, not in every treatment",
    Reason.CONTROL_OPPOSITE: "the control goes the other way",
    Reason.CONTROL_AT_BOUND: "the control sits at a bound of the metric",
    Reason.SMALL_SAMPLE: "few seeds",
    Reason.SKEWED_SCORES: "skewed scores",
    Reason.DUPLICATE_SEEDS: "some seeds are copies",
    Reason.IDENTICAL_ARMS: "two conditions are identical",
    Reason.SEEDS_EXCLUDED: "some seeds were left out",
    Reason.RANGE_DIFFERS: "the conditions were not swept over the same range",
    Reason.TABLE_NOTES: "the table was changed while it was read",
}


def explain(verdict: Verdict, reason: Reason) -> str:
    """Return what a reason or a note says of this verdict, with its numbers.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    reason : Reason
        One of its reasons or notes.

    Returns
    -------
    str
        One or two sentences.
    """
    return SENTENCES[reason](verdict)


def why(verdict: Verdict) -> list[str]:
    """Return why the verdict is what it is: a sentence per reason, or what was shown.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    list of str
        At least one sentence.
    """
    if verdict.reasons:
        return [explain(verdict, reason) for reason in verdict.reasons]
    shown = f"Every line of evidence shows that {naming.claim(verdict.signature)}"
    return [f"{shown} in {naming.conditions(verdict, 'treatment')}: the effect is {effect(verdict)}."]


def resolve(verdict: Verdict) -> list[str]:
    """Return what would resolve an inconclusive verdict; nothing for the others.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    list of str
        Sentences, the most useful first.
    """
    if verdict.status != Status.INCONCLUSIVE:
        return []
    found = [REMEDIES[reason] for reason in (*verdict.reasons, *verdict.notes) if reason in REMEDIES]
    if verdict.evidence.seeds_needed is not None:
        found.append(seeds_needed(verdict, verdict.evidence.seeds_needed))
    return found


def seeds_needed(verdict: Verdict, needed: SeedsNeeded) -> str:
    """Return how many seeds would give a definite answer, and at which effect.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    needed : SeedsNeeded
        The number of seeds, or that it is unknown.

    Returns
    -------
    str
        One sentence.
    """
    declared = needed.effect_source == "min_effect"
    source = "the declared min_effect" if declared else "one residual sd, the default margin"
    size = f"an effect of {number(needed.effect)} {unit(verdict)} ({source})"
    have = naming.seed_range(arm.n_seeds for arm in verdict.evidence.arms)
    if needed.n_seeds is None:
        return (
            f"How many seeds would show or rule out {size} cannot be said: more than 1000, or the variation "
            f"between seeds is not known (now {have})."
        )
    most = "; the comparison with the control needs most" if needed.bottleneck == "control" else ""
    return (
        f"About {naming.counted(needed.n_seeds, 'seed')} per condition would show or rule out {size} "
        f"with probability {number(needed.power)} (now {have}){most}."
    )


REMEDIES: dict[Reason, str] = {
    Reason.TOO_FEW_SEEDS: "At least 3 seeds are needed in every condition; 5 or more make the answer likely.",
    Reason.TOO_FEW_LEVELS: "Sweep the knob over at least 3 levels, the same ones for every seed.",
    Reason.ZERO_VARIANCE: "Runs must truly differ by seed: check that the seed reaches the system.",
    Reason.COMMON_SHIFT: "Run every level more than once in separate batches, or share seeds across levels.",
    Reason.CONTROL_AT_BOUND: "Use a control, or a metric, that has room to move.",
    Reason.DUPLICATE_SEEDS: "Replace the copied seeds by runs of their own.",
}
