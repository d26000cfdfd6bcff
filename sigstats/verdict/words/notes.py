"""One sentence for each note of a verdict: what the reader must know besides the answer."""

from collections.abc import Callable

from sigstats.evidence.reason import Reason
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, level, number, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names
from sigstats.verdict.words.phrases import treatments


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
        end, did, beyond = (
            ("ceiling", "fallen", "above") if names.sign(verdict) < 0 else ("floor", "risen", "below")
        )
        return f"At the {end} of the metric, with room to have {did}: {controls}. Progress {beyond} it would not show."
    return f"At the floor or ceiling of the metric, where a change may stay hidden: {controls}."


def _control_constant(verdict: Decision) -> str:
    who = names.listed(
        names.condition(verdict, arm.condition) for arm in names.arms(verdict, "control") if arm.constant
    )
    return f"The same value in every cell, so that the effect is exactly 0: {who}."


def _small_sample(verdict: Decision) -> str:
    seeds = names.seed_range(arm.n_seeds for arm in verdict.evidence.arms)
    trend = verdict.evidence.trend
    least = trend.smallest_pvalue if trend else 0.0
    bound = f"; an exact test could give no p-value below {number(least, digits=2)}" if least > 1e-16 else ""
    return f"With {seeds} seeds per condition the tests rely on normally distributed scores{bound}."


def _skewed_scores(_verdict: Decision) -> str:
    return "The scores are skewed across seeds: bounds from so few of them can be too narrow on one side."


def _duplicate_seeds(verdict: Decision) -> str:
    copied = [arm for arm in names.ordered(verdict) if arm.n_copies]
    who = names.listed(f"{names.condition(verdict, arm.condition)} ({arm.n_copies})" for arm in copied)
    return f"Seeds that repeat another seed to the last bit were counted once{': ' + who if who else ''}."


def _identical_arms(_verdict: Decision) -> str:
    return "Two conditions hold identical values: check whether one was copied from the other."


def _seeds_excluded(verdict: Decision) -> str:
    without = [arm for arm in names.ordered(verdict) if arm.n_excluded]
    who = names.listed(f"{names.condition(verdict, arm.condition)} ({arm.n_excluded})" for arm in without)
    return f"Seeds with fewer than 3 levels were left out{': ' + who if who else ''}."


def _range_differs(verdict: Decision) -> str:
    knob = names.knob(verdict.signature)
    swept = [arm for arm in names.ordered(verdict) if len(arm.levels)]
    ranges = (
        f"{names.condition(verdict, arm.condition)} {level(min(arm.levels))} to {level(max(arm.levels))}"
        for arm in swept
    )
    spans = names.listed(ranges) or "see the data"
    whole = [end for arm in swept if arm.role == "treatment" for end in (min(arm.levels), max(arm.levels))]
    counted = ""
    if whole and names.is_trend(verdict):
        ends = f"{level(min(whole))} to {level(max(whole))}"
        counted = f" Effects are changes of lines over the treatments' range, {ends}."
    elif whole and verdict.signature.shape.sized:
        counted = " Each condition counts by the shape over its own range."
    return f"The conditions were not swept over the same range of {knob}: {spans}.{counted}"


def _table_notes(verdict: Decision) -> str:
    said = [visible(note).rstrip(".") for note in verdict.evidence.table_notes]
    more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
    return f"While the table was read: {'; '.join(said[:3]) or 'it was changed'}{more}."


NOTES: dict[Reason, Callable[[Decision], str]] = {
    Reason.UNCONTROLLED: _uncontrolled,
    Reason.AVERAGE_ONLY: _average_only,
    Reason.CONTROL_OPPOSITE: _control_opposite,
    Reason.CONTROL_AT_BOUND: _control_at_bound,
    Reason.CONTROL_CONSTANT: _control_constant,
    Reason.SMALL_SAMPLE: _small_sample,
    Reason.SKEWED_SCORES: _skewed_scores,
    Reason.DUPLICATE_SEEDS: _duplicate_seeds,
    Reason.IDENTICAL_ARMS: _identical_arms,
    Reason.SEEDS_EXCLUDED: _seeds_excluded,
    Reason.RANGE_DIFFERS: _range_differs,
    Reason.TABLE_NOTES: _table_notes,
}
