"""The methods section of a verdict: design, tests, control, result and versions, and what it does not show."""

import math
from collections.abc import Iterator

from sigstats.evidence.lines import EXACT_FROM
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ArmEvidence, TrendEvidence
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.verdict.decision import Decision
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Teller, around, joined, together
from sigstats.verdict.defence.limits import limits, not_known
from sigstats.verdict.defence.result import result
from sigstats.verdict.words import names, phrases

MOST_CONDITIONS = 8
# Notes on what is not used although it was run.
LEFT_OUT = (Reason.DUPLICATE_SEEDS, Reason.SEEDS_EXCLUDED, Reason.LEVELS_LEFT_OUT)


def methods(verdict: Decision) -> Defence:
    """Return the methods section, the result, and what it does not show."""
    tell = Teller(verdict)
    described = (*_design(tell), *_predicted(tell), *_tests(tell), *_controlled(tell), *_software(tell))
    return Defence(
        passages=(
            Passage(title="Methods", sentences=joined(described)),
            Passage(title="Result", sentences=joined(result(tell))),
            Passage(
                title="What this does not show",
                sentences=joined((*limits(tell), not_known(tell))),
                listed=True,
            ),
        )
    )


def _design(tell: Teller) -> Iterator[Sentence | None]:
    evidence = tell.verdict.evidence
    yield tell.say("We asked whether {claim}.", claim=("", "claim"))
    yield from _measured(tell)
    yield around("The data are ", together(_conditions(tell)), ".")
    yield from _rows(tell)
    auto = tell.verdict.signature.design == "auto"
    if evidence.design == "repeated":
        known = ", as seeds with one label are taken to be the same" if auto else ""
        yield tell.say(
            f"All values that one seed of a condition has along {{knob}} count as one observation{known}.",
            knob=("", "knob"),
        )
    else:
        known = ", as no label of a seed recurs" if auto else ""
        yield tell.say(f"Every value counts as a run of its own, and as one observation{known}.")
    yield from left_out(tell)


def _rows(tell: Teller) -> Iterator[Sentence]:
    """Yield which rows were used, and how several values of a cell became one."""
    signature = tell.verdict.signature
    if signature.where:
        yield tell.say("Rows were used where {where}.", where=("signature.where", "where"))
    if signature.item is not None:
        yield tell.say(
            "The value of a cell is the mean over {item}, of those that all cells have.",
            item=("signature.item", "text"),
        )
    if signature.aggregate is not None:
        yield tell.say(
            "Several rows of one cell were replaced by their {how}.", how=("signature.aggregate", "text")
        )


def _measured(tell: Teller) -> Iterator[Sentence]:
    """Yield what the author says of the metric."""
    signature = tell.verdict.signature
    if signature.quantity is not None:
        yield tell.say("By its author, the metric is {said}.", said=("signature.quantity", "text"))
    if signature.computed is not None:
        yield tell.say("How it was computed: {said}.", said=("signature.computed", "text"))
    if signature.place is not None:
        yield tell.say("Where it was measured: {said}.", said=("signature.place", "text"))


def _conditions(tell: Teller) -> Iterator[Sentence]:
    """Yield the conditions with their seeds and levels; of very many, who they are."""
    for role in ("treatment", "control"):
        arms = [(place, arm) for place, arm in tell.arms() if arm.role == role]
        if len(arms) <= MOST_CONDITIONS:
            yield from (_condition(tell, place, arm) for place, arm in arms)
        else:
            yield tell.say(f"the {role}s {{who}}", who=("", f"{role}s"))


def _condition(tell: Teller, place: str, arm: ArmEvidence) -> Sentence:
    runs = "{n} seeds" if tell.verdict.evidence.design == "repeated" else "typically {n} runs at a level"
    return tell.say(
        f"the {arm.role} {{who}} ({runs}; {{levels}} levels of {{knob}} from {{low}} to {{high}})",
        who=(f"{place}.condition", "condition"),
        n=(f"{place}.n_seeds", "count"),
        levels=(f"{place}.levels#", "count"),
        knob=("", "knob"),
        low=(f"{place}.swept[0]", "level"),
        high=(f"{place}.swept[1]", "level"),
    )


def _predicted(tell: Teller) -> Iterator[Sentence | None]:
    signature, line = tell.verdict.signature, tell.verdict.evidence.interval
    yield tell.say("The predicted shape is {shape}.", shape=("signature.shape", "shape"))
    yield scales(tell)
    if names.is_sized(tell.verdict) and (signature.min_effect is not None or line is not None):
        yield margin(tell)


def scales(tell: Teller) -> Sentence | None:
    """Return on which scales knob and metric are taken; None where both are as they were recorded."""
    signature = tell.verdict.signature
    if knob_scale(signature) == "linear" and metric_scale(signature) == "linear":
        return None
    own = signature.shape
    return tell.say(
        "The knob is taken on a {knob} scale and the metric on a {metric} scale; scores are computed on these scales.",
        knob=("signature.shape.knob_scale" if own.knob_scale else "signature.knob_scale", "text"),
        metric=("signature.shape.metric_scale" if own.metric_scale else "signature.metric_scale", "text"),
    )


def left_out(tell: Teller) -> Iterator[Sentence]:
    """Yield which runs and levels are not used, with the reason, and how many cells of the others are missing."""
    for at, note in enumerate(tell.verdict.notes):
        if note in LEFT_OUT:
            yield tell.say("{note}", note=(f"notes[{at}]", "reason"))
    lost = tell.verdict.evidence.lost
    if lost is not None and lost.n_lost:
        yield tell.say(
            "Missing in the runs that are used: {lost} of {cells} cells (a cell is one seed at one level).",
            lost=("evidence.lost.n_lost", "count"),
            cells=("evidence.lost.n_cells", "count"),
        )


def margin(tell: Teller) -> Sentence:
    """Return the margin and where it comes from, or why there is none."""
    if phrases.no_margin(tell.verdict):
        return tell.say(
            "There is no margin below which an effect counts as small: {why}.", why=("", "no_margin")
        )
    return tell.say("The margin below which an effect counts as small is {margin}.", margin=("", "margin"))


def _tests(tell: Teller) -> Iterator[Sentence | None]:
    verdict, evidence = tell.verdict, tell.verdict.evidence
    if verdict.look is not None and verdict.look.number is not None:
        yield tell.say("{look}", look=("look", "look"))
    if evidence.interval is None:
        yield tell.say("There are too few seeds or levels for a test; the numbers only describe.")
        return
    yield conventions(tell)
    if evidence.majority is not None:
        yield tell.say(
            "That most seeds show it is tested by the {method} ({cited}), at an error rate of {alpha}; at least "
            "{needed} of {n} would have to.",
            method=("evidence.majority.method", "text"),
            cited=("clopper_pearson", "cited"),
            alpha=("", "alpha"),
            needed=("evidence.majority.n_needed", "number"),
            n=("evidence.majority.n_seeds", "count"),
        )
    else:
        yield from _trend(tell) if names.is_trend(verdict) else ()
        yield from _clauses(tell)
    if evidence.sides > 1:
        yield tell.say(
            "The data chose the direction, so each direction is tested at {alpha}.", alpha=("", "alpha")
        )
    if evidence.reversal is not None:
        yield tell.say(
            "The curve counts as turning where the statistic of a fall exceeds {fall}, and that of a rise {rise}; "
            "these critical values were simulated for a flat mean.",
            fall=("evidence.reversal.critical_value", "number"),
            rise=("evidence.reversal.rise_critical_value", "number"),
        )


def conventions(tell: Teller) -> Sentence | None:
    """Return what brackets and p-values are, wherever they stand; None where there are no intervals."""
    effect = tell.verdict.effect
    if effect is None or not math.isfinite(effect.low):
        return None
    return tell.say(
        "Brackets hold {confidence} intervals, and p-values are one-sided, unless said otherwise.",
        confidence=("effect.confidence", "percent"),
    )


def _trend(tell: Teller) -> Iterator[Sentence | None]:
    yield tell.say(
        "The trend counts as shown only where three lines of evidence all show it, each at a one-sided error rate of "
        "{alpha}; no correction for their number is needed ({cited}).",
        alpha=("", "alpha"),
        cited=("berger", "cited"),
    )
    yield around("They are ", together(_three_lines(tell)), ".")


def _three_lines(tell: Teller) -> Iterator[Sentence]:
    """Yield the lines of evidence with their methods."""
    evidence = tell.verdict.evidence
    if evidence.trend is not None:
        flipped = evidence.design == "repeated" and _by_flips(evidence.trend)
        yield tell.say(
            f"a rank test ({{method}}; {{cited}}{'; {flips}' if flipped else ''})",
            method=("evidence.trend.method", "text"),
            cited=("jonckheere" if evidence.design == "independent" else "kendall", "cited"),
            **({"flips": ("pitman", "cited")} if flipped else {}),
        )
    yield tell.say("the interval of the effect ({method})", method=("evidence.interval.method", "text"))
    if evidence.slopes is None:
        return
    if evidence.design == "independent":
        yield tell.say("its posterior probability ({method})", method=("evidence.slopes.method", "text"))
        return
    yield tell.say(
        "its posterior probability ({method} of scale {scale}; {cited})",
        method=("evidence.slopes.method", "text"),
        scale=("evidence.slopes.prior_scale", "size"),
        cited=("gelman", "cited"),
    )


def _by_flips(found: TrendEvidence) -> bool:
    """Return whether the rank test is exact, so that its p-value cannot be smaller than that of one sign pattern."""
    return found.df is None and found.n_seeds >= EXACT_FROM and found.pvalue >= found.smallest_pvalue * 0.999


def _clauses(tell: Teller) -> Iterator[Sentence | None]:
    shown = "must be shown, by this test and by its posterior probability"
    duties = {"primary": shown, "required": shown, "tolerated": "must not be refuted"}
    found = tell.verdict.evidence.clauses
    for at, clause in enumerate(found):
        place = f"evidence.clauses[{at}]"
        yield tell.say(
            f"The clause {{name}} {duties[clause.kind]} (null hypothesis: {{null}}; {{method}}).",
            name=(f"{place}.name", "clause"),
            null=(f"{place}.null", "text"),
            method=(f"{place}.method", "text"),
        )
    if found and phrases.bounds(tell.verdict):
        yield tell.say("The allowed range is {bounds}.", bounds=("", "bounds"))
    if found and not names.is_trend(tell.verdict):
        yield tell.say(
            "Each test has an error rate of {alpha}; where all must hold, no correction for their number is needed "
            "({cited}).",
            alpha=("", "alpha"),
            cited=("berger", "cited"),
        )


def _controlled(tell: Teller) -> Iterator[Sentence | None]:
    control = tell.verdict.evidence.control
    if control is not None and tell.verdict.groups.control is not None:
        welch = not tell.verdict.signature.paired and tell.verdict.evidence.majority is None
        yield tell.say(
            "The control counts as quiet where it is shown to have less than {share} of the treatment's effect "
            f"({{method}}{'; {cited}' if welch else ''}), at {{alpha}}.",
            share=("evidence.control.quiet_fraction", "percent"),
            method=("evidence.control.quiet.method", "text"),
            alpha=("groups.control.quiet.bound", "number"),
            **({"cited": ("welch", "cited")} if welch else {}),
        )
        yield tell.say(
            "It counts as doing the same, so that the signature is absent, where it is shown to have more than four "
            "fifths of the effect."
        )
    if control is not None and len(control.single_responds) > 1:
        yield tell.say("What single controls show is corrected for their number by Holm's procedure.")
    if tell.verdict.evidence.negative_controls is not None:
        yield tell.say(
            "Nothing should be there in the {n} controls, so the effect must also exceed what they show of themselves, "
            "as one condition beside a sample of others (t with the controls as the sample; {cited}), at {alpha}.",
            n=("evidence.negative_controls.n_controls", "count"),
            cited=("crawford_howell", "cited"),
            alpha=("groups.calibrated.bound", "number"),
        )
    if tell.verdict.groups.small:
        yield tell.say(
            "What single treatments do not show is corrected for their number by Holm's procedure."
        )
    if tell.verdict.groups.departure is not None:
        instead = control is not None
        must = "Instead, it may be shown to depart" if instead else "The control must be shown to depart"
        halves = "; the two ways share the error rate" if instead else ""
        yield tell.say(
            f"{must} from the shape ({{method}}), at {{alpha}}{halves}.",
            method=("evidence.control_departs.method", "text"),
            alpha=("groups.departure.departs.bound", "number"),
        )


def _software(tell: Teller) -> Iterator[Sentence | None]:
    yield tell.say(
        "The analysis was made with {versions}, on {rows} rows ({digest}).",
        versions=("provenance.versions", "versions"),
        rows=("provenance.n_rows", "count"),
        digest=("provenance.data_hash", "digest"),
    )
    if tell.verdict.provenance.entropy is not None:
        yield tell.say("Random numbers start from {entropy}.", entropy=("provenance.entropy", "count"))
