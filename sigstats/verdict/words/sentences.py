"""Plain sentences for everything that a verdict can say.

One sentence for every status, reason and note, with the numbers of the verdict. The sentences hold
names that users gave, made visible but not escaped: each format escapes whole sentences in its own way.
"""

from collections.abc import Callable

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import SeedsNeeded
from sigstats.report.escaping import shortened
from sigstats.report.numbers import number, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.influence import Influence
from sigstats.verdict.rules import Status
from sigstats.verdict.words import clauses, controls, laws, looks, majority, names, negative_controls, places
from sigstats.verdict.words.notes import NOTES
from sigstats.verdict.words.phrases import effect, located, measured, no_margin, other_way
from sigstats.verdict.words.reasons import REASONS, shown_claim

STATUS_WORDS: dict[Status, str] = {
    Status.PRESENT: "The signature is there: the predicted shape is shown, and all that it depends on.",
    Status.ABSENT: "The signature is not there: the data speak against it.",
    Status.PARTIAL: "The signature is there in part: something that it needs does not hold.",
    Status.INCONCLUSIVE: "The data cannot tell: neither the signature nor its absence is shown.",
}

BRIEF: dict[Reason, str] = {
    Reason.TOO_FEW_SEEDS: "fewer than 3 seeds in a condition",
    Reason.TOO_FEW_LEVELS: "too few levels of the knob",
    Reason.ALPHA_TOO_SMALL: "alpha is smaller than the critical values reach",
    Reason.UNPLANNED_LOOK: "no look was planned at this number of seeds",
    Reason.TOO_FEW_ITEMS: "fewer than 3 items",
    Reason.NOT_EQUIVALENT: "they differ by more than the margin",
    Reason.WORSE: "worse by more than the margin",
    Reason.REVERSES: "it turns back",
    Reason.OPPOSITE: "it goes the other way",
    Reason.TOO_FEW_FOR_MAJORITY: "too few seeds to show a majority",
    Reason.UNDERPOWERED: "the data cannot tell",
    Reason.LINES_DISAGREE: "the lines of evidence disagree",
    Reason.ZERO_VARIANCE: "the seeds do not differ, so nothing can be tested",
    Reason.COMMON_SHIFT: "whole levels are shifted together",
    Reason.WEAK: "shown, but smaller than the declared min_effect",
    Reason.ARTIFACT: "the control does the same",
    Reason.UNSPECIFIC: "the control responds as well",
    Reason.SOME_CONDITIONS: "shown on average, but smaller than the min_effect in some treatments",
    Reason.SIZE_UNRESOLVED: "shown, but not to be as large as the declared min_effect",
    Reason.CONTROL_UNRESOLVED: "shown, but not shown to be less in the control",
    Reason.RANGES_DO_NOT_OVERLAP: "shown, but the control has too few levels in common with the treatment",
    Reason.WITHIN_CONTROLS: "shown, but not to exceed what the negative controls show",
    Reason.EACH_TREATMENT: "shown on average, but not in every treatment",
    Reason.SURVIVORS: "cells may not have been lost by chance, and the answer hangs on what they were",
    Reason.ONSET_NEAR_END: "its place may lie too near an end of the range",
    Reason.PLANNED_LOOK: "a planned look",
    Reason.UNCONTROLLED: "no control was declared",
    Reason.AVERAGE_ONLY: "on average, not in every treatment",
    Reason.CONTROL_OPPOSITE: "the control goes the other way",
    Reason.CONTROL_AT_BOUND: "the control sits at a bound of the metric",
    Reason.CONTROL_CONSTANT: "the control does not vary",
    Reason.UNCALIBRATED: "nothing was calibrated",
    Reason.DOUBTFUL_CONTROLS: "the negative controls are in doubt",
    Reason.SMALL_SAMPLE: "few seeds",
    Reason.SKEWED_SCORES: "skewed scores",
    Reason.UNSEEN_SEEDS: "few seeds cannot rule out rare ones that differ",
    Reason.SEEDS_DISAGREE: "the seeds fall into two groups",
    Reason.DUPLICATE_SEEDS: "some seeds are copies",
    Reason.EQUAL_SEEDS: "some seeds have equal curves",
    Reason.IDENTICAL_ARMS: "two conditions are identical",
    Reason.SEEDS_EXCLUDED: "some seeds were left out",
    Reason.LEVELS_LEFT_OUT: "levels that few runs reach were left out",
    Reason.RANGE_DIFFERS: "the conditions were not swept over the same levels",
    Reason.LOG_KNOB: "the levels are spaced for a log scale of the knob",
    Reason.LOG_METRIC: "the metric spans decades",
    Reason.TABLE_NOTES: "the table was changed while it was read",
}


def explain(verdict: Decision, reason: Reason) -> str:
    """Return what a reason or a note says of a verdict, with its numbers."""
    counted = majority.REASONS if verdict.evidence.majority is not None else {}
    said = {**REASONS, **NOTES, **counted}.get(reason)
    return clauses.sentence(verdict, reason) if said is None else said(verdict)


def in_brief(verdict: Decision, reason: Reason) -> str:
    """Return a reason or a note in a few words."""
    if verdict.evidence.majority is not None and reason in majority.BRIEF:
        return majority.BRIEF[reason]
    special = _in_brief_here(verdict, reason)
    if special:
        return special
    return BRIEF[reason] if reason in BRIEF else clauses.brief(verdict, reason)


def _in_brief_here(verdict: Decision, reason: Reason) -> str:
    """Return a reason in a few words where the usual ones would say too much; else nothing."""
    evidence = verdict.evidence
    cases = {
        Reason.TOO_FEW_SEEDS: (not names.short_of_seeds(verdict), "too few seeds at some level"),
        Reason.ZERO_VARIANCE: (
            clauses.seeds_differ(verdict),
            "the scores of the seeds do not differ, so nothing can be tested",
        ),
        Reason.BELOW_MIN_EFFECT: (True, _small(verdict)),
        Reason.WEAK: (not clauses.all_shown(verdict), _shown_in_part(verdict, Reason.WEAK)),
        Reason.SIZE_UNRESOLVED: (
            not clauses.all_shown(verdict),
            _shown_in_part(verdict, Reason.SIZE_UNRESOLVED),
        ),
        Reason.UNSPECIFIC: (evidence.control_departs is not None, "the control has the same shape"),
        Reason.CONTROL_UNRESOLVED: (True, _control_open(verdict)),
        Reason.ONSET_NEAR_END: (True, places.brief(verdict)),
    }
    applies, said = cases.get(reason, (False, ""))
    return said if applies else ""


def _small(verdict: Decision) -> str:
    """Return that there is no effect above the margin, and what is known beyond that."""
    declared = verdict.signature.min_effect is not None
    if other_way(verdict):
        margin = "the margin" if declared else "one residual sd"
        said = f"not above {margin}; the estimate goes the other way"
    else:
        what = "the mean effect" if len(names.arms(verdict, "treatment")) > 1 else "any effect"
        said = f"{what} is smaller than {'the margin' if declared else 'one residual sd'}"
    return said if declared else f"{said}; no min_effect was declared"


def _control_open(verdict: Decision) -> str:
    """Return what is not shown of the control; nothing where it could not be compared."""
    control, less = verdict.evidence.control, names.fraction(verdict.signature.quiet_fraction)
    if verdict.signature.shape.positive_control:
        return "shown, but the control is not shown to depart"
    if control is None:
        return ""
    if controls.hidden(verdict):
        return "shown, but the control sits at a bound of the metric"
    if verdict.evidence.control_departs is not None:
        return f"shown, but the control is shown neither to depart nor to have less than {less} as much"
    return f"shown, but not shown to be less than {less} as much in the control"


def _shown_in_part(verdict: Decision, reason: Reason) -> str:
    """Return a reason that begins with "shown", with the primary clause in place of the whole claim."""
    said = shown_claim(verdict)
    return BRIEF[reason].replace("shown", f"{said[:1].lower()}{said[1:]}", 1)


def why(verdict: Decision) -> list[str]:
    """Return why the verdict is what it is, and how many runs it rests on where some were too short."""
    used = names.runs_used(verdict)
    return [
        *_grounds(verdict),
        *(
            [f"This rests on {used}; left out: {names.short_runs(verdict)}.{_with_short(verdict)}"]
            if used
            else []
        ),
    ]


def _with_short(verdict: Decision) -> str:
    """Return what the status is with the runs that were left out as too short."""
    if verdict.with_short is None:
        return ""
    n_short = sum(arm.n_excluded for arm in verdict.evidence.arms)
    return f" With {'it' if n_short == 1 else 'them'}: {verdict.with_short}."


def _grounds(verdict: Decision) -> list[str]:
    """Return a sentence per reason, or what was shown."""
    if verdict.reasons:
        return [explain(verdict, reason) for reason in verdict.reasons]
    if verdict.evidence.majority is not None:
        return [majority.shown(verdict, verdict.evidence.majority)]
    claim, who = names.claim(verdict.signature), names.conditions(verdict, "treatment")
    if names.is_trend(verdict):
        way = (
            f" ({names.metric(verdict.signature)} {names.verbs(verdict)[0]})"
            if verdict.evidence.sides == 2
            else ""
        )
        return [f"Every line of evidence shows that {claim} in {who}: the effect is {effect(verdict)}{way}."]
    found = verdict.evidence.primary
    if found is None or names.is_sized(verdict):
        place = f" Location: {located(verdict)}." if located(verdict) else ""
        return [f"It is shown that {claim} in {who}: the {names.noun(verdict)} is {effect(verdict)}.{place}"]
    return [f"It is shown that {claim} in {who}: {clauses.found(verdict, found)} ({pvalue(found.pvalue)})."]


def hanging(verdict: Decision) -> list[str]:
    """Return without which single runs the verdict is another: one sentence for each status; else nothing."""
    by_status: dict[Status, list[str]] = {}
    for each in verdict.influence:
        by_status.setdefault(each.status, []).append(_run(verdict, each))
    return [
        f"Without {runs[0]}: {status}."
        if len(runs) == 1
        else f"Without any one of these runs: {status} ({names.listed(runs, most=len(runs))})."
        for status, runs in by_status.items()
    ]


def _run(verdict: Decision, run: Influence) -> str:
    at = (
        ""
        if run.level is None
        else f" at {names.knob(verdict.signature)} = {names.level(verdict, run.level)}"
    )
    return f"seed {shortened(run.seed, names.LONGEST_NAME)}{at} of {names.condition(verdict, run.condition)}"


def cause(verdict: Decision) -> Influence | None:
    """Return the run that alone keeps the verdict from being definite."""
    definite = [each for each in verdict.influence if each.status is not Status.INCONCLUSIVE]
    return definite[0] if len(definite) == 1 else None


def resolve(verdict: Decision) -> list[str]:
    """Return what would resolve an inconclusive verdict, and for a partial one how to ask where it holds."""
    if verdict.status != Status.INCONCLUSIVE:
        return _where(verdict)
    alone = cause(verdict)
    if alone is not None:
        what = _run(verdict, alone)
        return [
            f"Find out what happened in {what}: it alone keeps the answer open; more seeds do not tell if it belongs."
        ]
    harmless = () if controls.hidden(verdict) else (Reason.CONTROL_AT_BOUND,)
    open_ones = [reason for reason in (*verdict.reasons, *verdict.notes) if reason not in harmless]
    found = [_remedy(verdict, reason) for reason in open_ones]
    found = [said for said in dict.fromkeys(found) if said]
    if Reason.UNDERPOWERED in verdict.reasons and _margin_missing(verdict):
        found.append(DECLARE)
    if Reason.NOT_IDENTIFIED in verdict.reasons:
        found += [said for said in (laws.more_decades(verdict),) if said]
    needed = verdict.evidence.seeds_needed
    if needed is not None and seeds_would_tell(verdict, needed):
        found.append(seeds_needed(verdict, needed))
    return found + _where(verdict)


def _where(verdict: Decision) -> list[str]:
    """Return how to ask where a claim holds that holds in part, where the data have other columns to ask by."""
    if not verdict.moderators:
        return []
    several = len(verdict.moderators) > 1
    by = repr([*verdict.moderators]) if several else repr(verdict.moderators[0])
    depends = f"Where it holds, and where not, may depend on {_columns(verdict)}"
    return [f"{depends}: sigstats.scope(data, verdict.signature, by={by}) asks it for each value."]


def _columns(verdict: Decision) -> str:
    return names.listed(f"'{shortened(column, names.LONGEST_NAME)}'" for column in verdict.moderators)


def seeds_would_tell(verdict: Decision, needed: SeedsNeeded) -> bool:
    """Return whether it helps to know how many seeds show the effect: not where so many are there, or it is shown."""
    stuck = Reason.CONTROL_UNRESOLVED in verdict.reasons and controls.hidden(verdict)
    no_help = {
        Reason.TOO_FEW_SEEDS,
        Reason.ALPHA_TOO_SMALL,
        Reason.RANGES_DO_NOT_OVERLAP,
        Reason.ONSET_NEAR_END,
        Reason.WITHIN_CONTROLS,
    } & set(verdict.reasons)
    if stuck or no_help or Reason.UNPLANNED_LOOK in verdict.reasons or _only_clauses(verdict):
        return False
    fewest = min(arm.n_seeds for arm in verdict.evidence.arms)
    there = needed.n_seeds is not None and needed.n_seeds <= fewest
    if needed.share is not None:
        return not there
    return not there or Reason.UNDERPOWERED in verdict.reasons or Reason.LINES_DISAGREE in verdict.reasons


def _only_clauses(verdict: Decision) -> bool:
    """Return whether the primary clause is shown and only others are open, about which its seeds say nothing."""
    return all(clauses.left_open(verdict, reason) is not None for reason in verdict.reasons)


def _remedy(verdict: Decision, reason: Reason) -> str:
    """Return what helps against a reason; more seeds help against an unresolved clause."""
    shape = verdict.signature.shape
    if reason is Reason.TOO_FEW_SEEDS and not names.short_of_seeds(verdict):
        return "At least 3 seeds are needed at every level that the claim is about; 5 or more make the answer likely."
    if reason is Reason.TOO_FEW_LEVELS:
        return f"Sweep the knob over at least {shape.min_levels} levels, the same ones for every seed."
    if reason is Reason.CONTROL_UNRESOLVED and shape.positive_control:
        return "Use a control that is known to depart from the shape, or run it with more seeds."
    if reason is Reason.ZERO_VARIANCE and clauses.seeds_differ(verdict):
        return "More seeds, or a metric that is recorded with more digits, would let the scores differ."
    told: dict[Reason, Callable[[Decision], str]] = {
        Reason.ONSET_NEAR_END: places.remedy,
        Reason.UNPLANNED_LOOK: looks.remedy,
        Reason.ALPHA_TOO_SMALL: lambda _: f"Declare an alpha of {shape.least_alpha:g} or more.",
    }
    unresolved = clauses.left_open(verdict, reason)
    if unresolved is not None:
        what = clauses.with_article(clauses.measures(verdict, unresolved))
        near = " More levels near the place where the shape changes help as well." if shape.location else ""
        return f"More seeds would narrow the interval of {what}.{near}"
    return told[reason](verdict) if reason in told else REMEDIES.get(reason, "")


def _margin_missing(verdict: Decision) -> bool:
    """Return whether a difference between two levels has no margin because none was declared."""
    shape = verdict.signature.shape
    return shape.on_two_levels and bool(
        names.is_sized(verdict) and not names.is_trend(verdict) and no_margin(verdict)
    )


def seeds_needed(verdict: Decision, needed: SeedsNeeded) -> str:
    """Return how many seeds would give a definite answer, and at which effect."""
    if needed.share is not None:
        return majority.seeds_needed(verdict, needed, needed.share)
    have = f"(now {names.seed_range(arm.n_seeds for arm in verdict.evidence.arms)})"
    do = _would(verdict, needed)
    if needed.n_seeds is None:
        return (
            f"How many seeds would {do} cannot be said: more than 1000, or the variation between seeds is not "
            f"known {have}.{looks.after(verdict)}"
        )
    if looks.goes_on(verdict):
        return (
            f"{looks.next_one(verdict)} The plan decides when to stop. A rough estimate from so few seeds: about "
            f"{names.counted(needed.n_seeds, 'seed')} per condition would {do} with probability "
            f"{number(needed.power)} {have}{most(needed)}."
        )
    return (
        f"About {names.counted(needed.n_seeds, 'seed')} per condition would {do} with probability "
        f"{number(needed.power)} {have}{most(needed)}.{looks.after(verdict)}"
    )


def most(needed: SeedsNeeded) -> str:
    """Return that the control needs most seeds, where it does."""
    return "; the comparison with the control needs most" if needed.bottleneck == "control" else ""


def _would(verdict: Decision, needed: SeedsNeeded) -> str:
    """Return what so many seeds would do, at which effect, and where that comes from."""
    size = measured(verdict, number(names.sign(verdict) * needed.effect))
    if not names.is_sized(verdict):
        bounds = verdict.signature.shape.bounds(verdict.signature.min_effect)
        if bounds is not None and bounds.around_mean:
            return f"show that a curve which is exactly flat stays within the margin of {size}"
        return f"show that a curve which lies {size} inside its bounds does so"
    if Reason.CONTROL_UNRESOLVED in verdict.reasons:
        less = names.fraction(verdict.signature.quiet_fraction)
        named = names.with_a(names.effect_name(verdict))
        return f"show that the control has less than {less} of {named} of {size}, if it has none"
    source = {"min_effect": "the declared min_effect", "residual sd": "one residual sd, the default margin"}
    why = source.get(needed.effect_source, needed.effect_source)
    return f"show or rule out {names.with_a(names.effect_name(verdict))} of {size} ({why})"


DECLARE = (
    "Declare `min_effect`, the smallest effect that would matter: then the report says whether it is ruled out, and "
    "how many seeds would tell."
)

REMEDIES: dict[Reason, str] = {
    Reason.SURVIVORS: "Run the lost cells again, or record what the runs that failed would have counted as.",
    Reason.TOO_FEW_SEEDS: "At least 3 seeds are needed in every condition; 5 or more make the answer likely.",
    Reason.RANGES_DO_NOT_OVERLAP: "Run the control at the levels of the treatment.",
    Reason.WITHIN_CONTROLS: negative_controls.REMEDY,
    Reason.ZERO_VARIANCE: "Runs must truly differ by seed: check that the seed reaches the system.",
    Reason.COMMON_SHIFT: "Run every level more than once in separate batches, or share seeds across levels.",
    Reason.CONTROL_AT_BOUND: "Use a control with room in the predicted direction, or a metric without this bound. "
    "Declare `bounds` if the metric has others, or none.",
    Reason.DUPLICATE_SEEDS: "Replace the copied seeds by runs of their own.",
}
