"""What a verdict does not show, as far as it carries the facts."""

from collections.abc import Iterator

from sigstats.evidence.reason import Reason
from sigstats.verdict.defence.facts import Sentence, Teller
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names

# Notes that limit what these runs can show.
OF_SEEDS = {
    Reason.UNSEEN_SEEDS,
    Reason.SMALL_SAMPLE,
    Reason.SKEWED_SCORES,
    Reason.SEEDS_DISAGREE,
    Reason.AVERAGE_ONLY,
    Reason.SURVIVORS,
    Reason.CONTROL_AT_BOUND,
    Reason.UNCALIBRATED,
    Reason.DOUBTFUL_CONTROLS,
}

# Notes on the scales of the metric on which a curve is steepest in the middle.
OF_SCALES = (Reason.STEEP_ON_THIS_SCALE, Reason.STEEP_ON_OTHER_SCALES)
# Places at which a curve bends or jumps, which on another scale of the metric may be elsewhere or nowhere.
ON_ONE_SCALE = ("hinge", "step", "sigmoid")

SHOWN = (Status.PRESENT, Status.PARTIAL)


def limits(tell: Teller) -> Iterator[Sentence | None]:
    """Yield what is not shown."""
    yield from _of_the_status(tell)
    yield from _cause(tell)
    yield beyond_the_range(tell)
    yield tell.say("It says nothing about conditions other than {who}.", who=("", "treatments"))
    yield from _of_seeds(tell)
    if Reason.STEEP_ON_OTHER_SCALES not in tell.verdict.notes:
        yield from of_scales(tell)
    if tell.verdict.status in SHOWN:
        yield tell.say(
            "That one shape is shown does not mean that no other shape describes the curve as well."
        )


def not_known(tell: Teller) -> Sentence:
    """Return what a single verdict cannot know."""
    return tell.say("The analysis does not know when the prediction was made, nor what else was tried.")


def _of_the_status(tell: Teller) -> Iterator[Sentence]:
    verdict = tell.verdict
    if verdict.status is Status.INCONCLUSIVE:
        yield tell.say("It shows neither the signature nor its absence.")
    elif Reason.BELOW_MIN_EFFECT in verdict.reasons:
        yield tell.say(
            "It does not show that there is no effect: one below the margin of {margin} may be there.",
            margin=("", "margin"),
        )
    elif (
        verdict.status is Status.PRESENT
        and names.is_sized(verdict)
        and verdict.signature.min_effect is not None
    ):
        yield tell.say("It does not show that the effect is larger than its interval says.")


def _cause(tell: Teller) -> Iterator[Sentence]:
    if tell.verdict.status not in SHOWN:
        return
    if tell.verdict.signature.control:
        # A partial verdict may be due to the control, and a control that departs from the shape may change as much.
        departs = tell.verdict.groups.departure is not None and tell.verdict.groups.departure.departs.met
        only = (
            ", only that the shape is another in {who}"
            if departs
            else ", only what is specific against {who}"
        )
        if tell.verdict.status is Status.PARTIAL:
            only = ""
        yield tell.say(
            f"It does not show what causes the effect{only}.", **({"who": ("", "controls")} if only else {})
        )
    else:
        yield tell.say("It does not show what causes the effect: no control was declared.")


def beyond_the_range(tell: Teller) -> Sentence | None:
    """Return that nothing is said beyond the levels that were swept."""
    swept = {arm.swept for arm in tell.verdict.evidence.treatments}
    if len(swept) != 1:
        return tell.say(
            "It says nothing beyond the levels of {knob} at which each condition was run.", knob=("", "knob")
        )
    place = next(place for place, arm in tell.arms() if arm.role == "treatment")
    return tell.say(
        "It says nothing below {knob} = {low} or above {high}, nor between levels that were not run.",
        knob=("", "knob"),
        low=(f"{place}.swept[0]", "level"),
        high=(f"{place}.swept[1]", "level"),
    )


def of_scales(tell: Teller) -> Iterator[Sentence]:
    """Yield on which scales of the metric a jump or a bend is shown; it may be of that scale alone."""
    verdict = tell.verdict
    if verdict.status not in SHOWN or verdict.signature.shape.located_as not in ON_ONE_SCALE:
        return
    noted = [at for at, note in enumerate(verdict.notes) if note in OF_SCALES]
    for at in noted:
        yield tell.say("{note}", note=(f"notes[{at}]", "reason"))
    if not noted:
        yield tell.say(
            "It is about the {scale} scale of the metric: on another one the curve may bend or jump elsewhere, or "
            "nowhere.",
            scale=("signature.metric_scale", "text"),
        )


def _of_seeds(tell: Teller) -> Iterator[Sentence]:
    """Yield that it is about the mean, and what the notes say of these seeds."""
    if tell.verdict.evidence.majority is None:
        yield tell.say("It is about the mean over seeds, not about every seed.")
    for at, note in enumerate(tell.verdict.notes):
        if note in OF_SEEDS:
            yield tell.say("{note}", note=(f"notes[{at}]", "reason"))
