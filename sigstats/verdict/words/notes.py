"""One sentence for each note of a verdict: what the reader must know besides the answer."""

from collections.abc import Callable, Sequence

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ArmEvidence, ScaleEvidence, SeedGroups, UnseenSeeds
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, number, percent, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.findings import by_last_value, by_level, other_shape, steep_on
from sigstats.verdict.words import looks, names, negative_controls
from sigstats.verdict.words.phrases import has_margin, lower_lacks_it, measured, treatments, with_do
from sigstats.verdict.words.places import DECLARE_LOG_KNOB

MOST_SEEDS = 8
MOST_LEVELS = 8


def _uncontrolled(verdict: Decision) -> str:
    claim = names.claim(verdict.signature)
    return f"No control was declared: this is about whether {claim}, not about what causes it."


def _average_only(verdict: Decision) -> str:
    who = treatments(verdict, verdict.findings.not_alone)
    return (
        f"The claim is about the mean of the treatments; on its own it is not shown in {who or 'every one'}."
    )


def _control_opposite(verdict: Decision) -> str:
    found = verdict.evidence.control
    if found is None:
        return "The control goes the other way."
    tested = f"{interval(names.signed(verdict, found.effect))} ({pvalue(found.pvalue_opposite)})"
    if len(names.arms(verdict, "control")) > 1:
        return f"On average the controls go the other way: their effect is {tested}."
    return f"The control goes the other way: its effect is {tested}."


def _control_at_bound(verdict: Decision) -> str:
    controls = names.conditions(verdict, "control") or "The control"
    compared = verdict.groups.control
    if compared is not None and not compared.stuck:
        falls = verdict.evidence.orientation < 0
        end, did, beyond = ("ceiling", "fallen", "above") if falls else ("floor", "risen", "below")
        return f"At the {end} of the metric, with room to have {did}: {controls}. Progress {beyond} it would not show."
    return f"At the floor or ceiling of the metric, where a change may stay hidden: {controls}."


def _control_constant(verdict: Decision) -> str:
    arms = names.arms(verdict, "control")
    constant = [arm for arm in arms if arm.constant]
    same = [arm for arm in arms if arm.deterministic and not arm.constant]
    said = []
    if constant:
        who = names.listed(names.condition(verdict, arm.condition) for arm in constant)
        said.append(f"The same value in every cell, so that the effect is exactly 0: {who}.")
    for arm in same:
        value = number(names.sign(verdict) * arm.effect.value)
        said.append(
            f"All seeds of {names.condition(verdict, arm.condition)} have the same curve: nothing varies there, and "
            f"its effect is exactly {value}."
        )
    return " ".join(said) or "The control does not vary, so that its effect is exactly what was measured."


def _small_sample(verdict: Decision) -> str:
    seeds = names.seed_range(arm.n_seeds for arm in verdict.evidence.arms)
    trend = verdict.evidence.trend
    least = trend.smallest_pvalue if trend else 0.0
    bound = f"; an exact test could give no p-value below {number(least, digits=2)}" if least > 1e-16 else ""
    return f"With {seeds} seeds per condition the tests rely on normally distributed scores{bound}."


def _skewed_scores(_verdict: Decision) -> str:
    return "The scores are skewed across seeds: bounds from so few of them can be too narrow on one side."


def _unseen_seeds(verdict: Decision) -> str:
    found = verdict.evidence.unseen
    if found is None:
        return "So few seeds cannot rule out rare ones that differ."
    does, sure = with_do(verdict), percent(found.confidence)
    far = " by the margin or more" if has_margin(verdict) or not names.is_sized(verdict) else ""
    said = (
        f"Seeds of {names.condition(verdict, found.condition)} that {does}{far}: {found.n_showing} of "
        f"{found.n_seeds}. Up to {percent(found.share)} of all seeds may do so ({sure} confidence). If these go far, "
        "the mean is not what so few seeds show, and no test of their mean can tell."
    )
    return f"{said}{_bounded(verdict, found)}"


def _bounded(verdict: Decision, found: UnseenSeeds) -> str:
    """Return what holds of the mean whatever the other seeds do, where the bounds of the metric were declared."""
    if found.mean_low is None or found.mean_high is None:
        return ""
    low, high = number(found.mean_low, digits=2), number(found.mean_high, digits=2)
    return (
        f" By the declared bounds of the metric alone, the mean effect is above {low}, and below "
        f"{measured(verdict, high)} ({percent(found.confidence)} confidence each)."
    )


def _seeds_disagree(verdict: Decision) -> str:
    said = [_groups(verdict, arm, arm.groups) for arm in names.ordered(verdict) if arm.groups]
    if verdict.evidence.majority is not None:
        return " ".join(said) or "The seeds fall into two groups."
    means = "A mean over such groups describes neither of them, and bounds on it can be too narrow"
    most = "; across_seeds = 'majority' claims that most seeds show it" if names.is_sized(verdict) else ""
    return f"{' '.join(said)} {means}{most}.".strip()


def _groups(verdict: Decision, arm: ArmEvidence, found: SeedGroups) -> str:
    """Return how the seeds of a condition disagree, and which ones form the lower group."""
    sign, n = names.sign(verdict), len(found.upper) + len(found.lower)
    upper, lower = (
        measured(verdict, number(sign * mean, digits=2)) for mean in (found.upper_mean, found.lower_mean)
    )
    few = names.listed((shortened(seed, names.LONGEST_NAME) for seed in found.lower), most=MOST_SEEDS)
    who = f"{'seed' if len(found.lower) == 1 else 'seeds'} {few}"
    said = f"The seeds of {names.condition(verdict, arm.condition)} fall into two groups: {len(found.upper)} of {n}"
    if lower_lacks_it(verdict, found):
        does = "does" if len(found.lower) == 1 else "do"
        shows = "shows" if len(found.upper) == 1 else "show"
        return f"{said} {shows} it (mean score {upper}), {len(found.lower)} {does} not ({who}; mean score {lower})."
    return f"{said} have a mean score of {upper}, the rest ({who}) of {lower}."


def _duplicate_seeds(verdict: Decision) -> str:
    copied = [arm for arm in names.ordered(verdict) if arm.n_copies]
    who = names.listed(f"{names.condition(verdict, arm.condition)} ({arm.n_copies})" for arm in copied)
    return f"Seeds that repeat another seed to the last bit were counted once{': ' + who if who else ''}."


def _equal_seeds(verdict: Decision) -> str:
    equal = [arm for arm in names.ordered(verdict) if arm.n_equal]
    who = names.listed(f"{names.condition(verdict, arm.condition)} ({arm.n_equal})" for arm in equal)
    why = "which chance can give on so coarse a metric: all were kept"
    return f"Some seeds have the same curve as another, {why}: {who}."


def _identical_arms(_verdict: Decision) -> str:
    return "Two conditions hold identical values: check whether one was copied from the other."


def _seeds_excluded(verdict: Decision) -> str:
    knob = names.swept(verdict.signature)
    return (
        f"Left out, as they have fewer than 3 levels or less than 80% of their condition's range of {knob}: "
        f"{names.short_runs(verdict)}."
    )


def _levels_left_out(verdict: Decision) -> str:
    trimmed = [arm for arm in names.ordered(verdict) if arm.n_trimmed]
    who = names.listed(
        f"{names.counted(arm.n_trimmed, 'level')} of {names.condition(verdict, arm.condition)} "
        f"(most runs cover {names.level(verdict, arm.swept[0])} to {names.level(verdict, arm.swept[1])})"
        for arm in trimmed
    )
    return f"Levels that fewer than half of a condition's runs reach were left out: {who}."


def _range_differs(verdict: Decision) -> str:
    knob = names.swept(verdict.signature)
    if len({arm.swept for arm in verdict.evidence.arms}) == 1:
        return f"The conditions were not run at the same levels of {knob}.{_counted_over(verdict)}"
    said = f"The conditions were not swept over the same range of {knob}: {names.ranges(verdict)}."
    return f"{said}{_counted_over(verdict)}"


def _counted_over(verdict: Decision) -> str:
    """Return over which levels the conditions count."""
    found, used = verdict.evidence, [arm for arm in names.arms(verdict, "treatment") if len(arm.levels)]
    if knob_scale(verdict.signature) == "fraction":
        return " Each counts by the share of its own range."
    if not verdict.signature.shape.sized:
        return " The claim is about every level of each treatment."
    if found.ranges == "own":
        return " They have too few levels in common, so each effect is that over the condition's own range."
    if found.ranges == "common" and used:
        levels = sorted({each for arm in used for each in arm.levels.tolist()})
        if names.arms(verdict, "control") and not found.control_apart:
            return f" They are compared on the levels that they have in common: {_levels(verdict, levels)}."
        who = "The treatments" if found.control_apart else "They"
        ends = f"{names.level(verdict, levels[0])} to {names.level(verdict, levels[-1])}"
        return f" {who} are compared on the range that they have in common, {ends}."
    return ""


def _levels(verdict: Decision, levels: Sequence[float]) -> str:
    """Return a few levels one by one, of more their number and their ends."""
    if len(levels) <= MOST_LEVELS:
        return names.listed((names.level(verdict, each) for each in levels), most=MOST_LEVELS)
    ends = f"{names.level(verdict, levels[0])} to {names.level(verdict, levels[-1])}"
    return f"{len(levels)} levels from {ends}"


def _log_knob(verdict: Decision) -> str:
    knob, shape = names.knob(verdict.signature), verdict.signature.shape
    what = (
        "a single level carries most of the line"
        if shape.is_trend
        else "nearly all of them lie close to the start, where "
        f"{names.with_a(shape.location or 'place')} can hardly be told"
    )
    return (
        f"The levels of {knob} are about evenly spaced on a log scale, and on a linear one {what}: {DECLARE_LOG_KNOB} "
        f"if a factor of {knob} is meant to count the same everywhere."
    )


def _log_metric(verdict: Decision) -> str:
    metric = names.metric(verdict.signature)
    return (
        f"{metric} is above 0 and spans three powers of ten or more, so that its largest values decide: declare "
        "metric_scale='log' if ratios are meant."
    )


def _steep_on_other_scales(verdict: Decision) -> str:
    told, _ = _by_scale(verdict)
    return f"The middle is steepest on {told} as well.{_no_scale(verdict)}"


def _steep_on_this_scale(verdict: Decision) -> str:
    own, (shown, missing) = metric_scale(verdict.signature), _by_scale(verdict)
    also = f" and on {shown}" if shown else ""
    return (
        f"That the middle is steepest is shown on the {own} scale of {names.metric(verdict.signature)}{also}, and not "
        f"on {missing}. So the jump may come from the scale, or noise may hide it elsewhere.{_no_scale(verdict)}"
    )


def _by_scale(verdict: Decision) -> tuple[str, str]:
    """Return the scales on which the middle is shown to be steepest, and those on which it is not."""
    known = [each for each in verdict.evidence.other_scales if not each.n_outside]
    shown = [each for each in known if steep_on(each, verdict.signature)]
    missing = [each for each in known if each not in shown]
    return names.listed(map(_on_scale, shown)), names.listed(map(_on_scale, missing))


def _on_scale(found: ScaleEvidence) -> str:
    return f"the {found.scale} scale ({number(found.estimate.value, digits=2)}, {pvalue(found.pvalue)})"


def _no_scale(verdict: Decision) -> str:
    """Return which scales do not have all values of the metric."""
    lacking = [each for each in verdict.evidence.other_scales if each.n_outside]
    if not lacking:
        return ""
    who = names.listed(f"{each.scale} scale ({names.counted(each.n_outside, 'value')})" for each in lacking)
    return f" Values that have no place there leave out the {who}."


def _other_shape(verdict: Decision) -> str:
    does, name = other_shape(verdict.findings, verdict.signature.shape) or (
        "does something else",
        "another shape",
    )
    return f"If the curve {does}, {name!r} claims that: declare it for new runs, since these suggested it."


def survivors(verdict: Decision) -> str:
    """Return that cells may not have been lost by chance, and what becomes of the answer at their worst."""
    lost, evidence = verdict.evidence.lost, verdict.evidence
    if lost is None:
        return "The runs that are left may be survivors."
    said = []
    if by_level(evidence):
        knob, share = names.swept(verdict.signature), f"{lost.n_lost} of {lost.n_cells} cells"
        said.append(f"{share} are missing, and where they are goes with {knob} ({pvalue(lost.pvalue_level)})")
    if by_last_value(evidence):
        said.append(
            f"runs that end early differ in their last values from others ({pvalue(lost.pvalue_last)})"
        )
    whole = f"{'; '.join(said)}: those that are left may be survivors"
    known = {
        None: "",
        True: ". With the worst values in place of what was lost, the answer is the same",
        False: ". With the worst values in place of what was lost, the answer is another",
    }
    return f"{whole[:1].upper()}{whole[1:]}{known[lost.stands]}."


def _levels_not_as_planned(verdict: Decision) -> str:
    found = (note for note in verdict.evidence.table_notes if note.code == Reason.LEVELS_NOT_AS_PLANNED)
    return visible(next(found, "The levels are not those that were planned."))


def _table_notes(verdict: Decision) -> str:
    others = (note for note in verdict.evidence.table_notes if note.code != Reason.LEVELS_NOT_AS_PLANNED)
    said = [visible(note).rstrip(".") for note in others]
    more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
    return f"While the table was read: {'; '.join(said[:3]) or 'it was changed'}{more}."


NOTES: dict[Reason, Callable[[Decision], str]] = {
    Reason.PLANNED_LOOK: looks.planned,
    Reason.UNCONTROLLED: _uncontrolled,
    Reason.AVERAGE_ONLY: _average_only,
    Reason.CONTROL_OPPOSITE: _control_opposite,
    Reason.CONTROL_AT_BOUND: _control_at_bound,
    Reason.CONTROL_CONSTANT: _control_constant,
    Reason.UNCALIBRATED: negative_controls.uncalibrated,
    Reason.DOUBTFUL_CONTROLS: negative_controls.doubtful,
    Reason.SMALL_SAMPLE: _small_sample,
    Reason.SKEWED_SCORES: _skewed_scores,
    Reason.UNSEEN_SEEDS: _unseen_seeds,
    Reason.SEEDS_DISAGREE: _seeds_disagree,
    Reason.DUPLICATE_SEEDS: _duplicate_seeds,
    Reason.EQUAL_SEEDS: _equal_seeds,
    Reason.IDENTICAL_ARMS: _identical_arms,
    Reason.SEEDS_EXCLUDED: _seeds_excluded,
    Reason.LEVELS_LEFT_OUT: _levels_left_out,
    Reason.RANGE_DIFFERS: _range_differs,
    Reason.LEVELS_NOT_AS_PLANNED: _levels_not_as_planned,
    Reason.LOG_KNOB: _log_knob,
    Reason.LOG_METRIC: _log_metric,
    Reason.STEEP_ON_OTHER_SCALES: _steep_on_other_scales,
    Reason.STEEP_ON_THIS_SCALE: _steep_on_this_scale,
    Reason.OTHER_SHAPE: _other_shape,
    Reason.SURVIVORS: survivors,
    Reason.TABLE_NOTES: _table_notes,
}
