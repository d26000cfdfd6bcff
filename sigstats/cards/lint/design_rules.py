"""Rules about the plan: whether any verdict can be reached with these seeds, levels and scales."""

from collections.abc import Iterator, Mapping
from typing import Any

from sigstats.cards.lint.rule import Declared, Rule, Trip, numbered
from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.report.next_steps import StepCode
from sigstats.signature import toml
from sigstats.signature.rows import meet
from sigstats.signature.signature import Signature
from sigstats.stats.classical.empirical_null import FEWEST
from sigstats.stats.scores.majority import fewest_for_majority

# Shapes that are straight or bent, which depends on the distances between levels.
BY_DISTANCE = ("linear", "convex", "concave", "saturating", "sigmoid", "power_law", "scaling_law")


def _no_seeds(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.seeds is None and each.looks is None:
            alone = "Add seeds = ... to the signature: the number of runs of each condition."
            remedy = alone if each.shape.against_baseline else ""
            yield Trip(
                says="there are no `seeds` and no `looks`", number=number, field="seeds", remedy=remedy
            )


def _fewest(signature: Signature) -> int:
    """Return how many seeds any verdict but inconclusive takes."""
    if "seed" not in signature.over:
        return 1  # the claim is about these runs
    if signature.across_seeds == "majority":
        # Planned looks share the error rate.
        return max(MIN_SEEDS, fewest_for_majority(signature.alpha / len(signature.looks or (1,))))
    return MIN_SEEDS


def _few_seeds(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        fewest = _fewest(each)
        for role, count in _counts(each.seeds).items():
            if count < fewest and (role != "control" or each.control or each.baseline):
                says = f"{_plural(count, 'seed')} {'are' if count > 1 else 'is'} planned{_of(role)}"
                remedy = f"Plan at least {fewest}: seeds = {fewest}."
                yield Trip(
                    says=says,
                    number=number,
                    field="seeds",
                    remedy=remedy,
                    role=role or None,
                    n=fewest - count,
                )
        if each.looks and each.looks[0] < fewest:
            says = f"the first of the `looks` comes after {_plural(each.looks[0], 'seed')}"
            later = [look for look in each.looks if look > fewest]
            remedy = f"Look at {fewest} seeds first: looks = {[fewest, *later]}."
            yield Trip(says=says, number=number, field="looks", remedy=remedy)


def _counts(seeds: Any) -> dict[str, int]:  # noqa: ANN401 - as in `Signature.seeds`
    return {} if seeds is None else dict(seeds) if isinstance(seeds, Mapping) else {"": seeds}


def _of(role: str) -> str:
    return f" in the {role}" if role else " per condition"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _two_plans(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        counts = _counts(each.seeds)
        # Looks are numbers of seeds per treatment; controls may have more at each.
        planned = counts.get("treatment", max(counts.values(), default=0))
        if each.looks and planned and planned != each.looks[-1]:
            says = f"`seeds` plans {planned}, and the last of the `looks` comes after {each.looks[-1]}"
            yield Trip(says=says, number=number, field="looks")


def _wasted(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        counts = _counts(each.seeds)
        if each.paired and len(set(counts.values())) > 1:
            both = " and ".join(map(str, counts.values()))
            says = f"`paired` is true, and treatment and control have {both} seeds"
            remedy = f"Plan pairs: seeds = {min(counts.values())}, or leave paired out."
            yield Trip(says=says, number=number, field="seeds", remedy=remedy)


def _uncalibrated(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        count, most = len(each.control or ()), each.across_seeds == "majority"
        if not each.calibrate or not (count < FEWEST or each.shape.positive_control or most):
            continue
        if count < FEWEST:
            says = f"`calibrate` is true, and {_plural(count, 'control')} {'is' if count == 1 else 'are'} declared"
            remedy = f"Name at least {FEWEST} in control = [...], or leave calibrate out."
        else:
            what = "a claim on most seeds" if most else f"the shape {each.shape.name!r}"
            says, remedy = (
                f"`calibrate` is true, and nothing is calibrated for {what}",
                "Leave calibrate out.",
            )
        yield Trip(says=says, number=number, field="calibrate", remedy=remedy)


def _no_levels(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.levels is None and not each.shape.against_baseline:
            yield Trip(says="there are no `levels`", number=number, field="levels")


def _kept(signature: Signature) -> tuple[Any, ...] | None:
    """Return the declared levels of the knob that `where` lets through."""
    wanted = (signature.where or {}).get(signature.knob or "knob")
    if signature.levels is None or wanted is None:
        return signature.levels
    return tuple(level for level in signature.levels if meet(wanted, level))


def _few_levels(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        shape, levels = each.shape, _kept(each)
        fewest = 2 if shape.on_two_levels else shape.min_levels
        if levels is not None and shape.along is None and len(levels) < fewest:
            left = "" if levels == each.levels else " that `where` lets through"
            says = f"{_plural(len(levels), 'level')}{left}, and {shape.name!r} needs {fewest}"
            yield Trip(says=says, number=number, field="levels")


def _distances(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        hinge = each.shape.name == "threshold" and each.shape.options()["form"] == "hinge"
        if each.shape.name not in BY_DISTANCE and not hinge:
            continue
        if each.knob_scale == "rank":
            says = (
                f"the shape {each.shape.name!r} is about distances along the knob, and `knob_scale` is 'rank'"
            )
            yield Trip(says=says, number=number, field="knob_scale")
        elif each.order is not None:
            says = (
                f"the shape {each.shape.name!r} is about distances along the knob, and its `levels` are words"
            )
            yield Trip(says=says, number=number, field="levels")


def _no_logarithm(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        low = min(each.planned_levels or (1.0,))
        if "log" in (each.shape.knob_scale, each.knob_scale) and low <= 0:
            says = f"the knob is on a log scale, and its level {low:g} has no logarithm"
            yield Trip(says=says, number=number, field="levels", remedy=_above_zero(each))


def _above_zero(signature: Signature) -> str:
    """Return how to leave levels out that have no logarithm."""
    kept = f"{toml.key_of(signature.knob or 'knob')} = {{ min = {_least(signature):g} }}"
    said = f"Leave it out: add {kept} to where" if signature.where else f"Leave it out: where = {{ {kept} }}"
    by_distance = signature.shape.name in BY_DISTANCE
    return f"{said}." if by_distance else f'{said}, or use knob_scale = "rank".'


def _beyond_scale(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        scale = each.shape.metric_scale or each.metric_scale
        if scale == "linear" or not isinstance(each.bounds, tuple):
            continue
        low, high = each.bounds
        if low < 0 or (scale == "logit" and high > 1):
            end = low if low < 0 else high
            says = f"the metric is on a {scale} scale, which does not reach {end:g}, an end of `bounds`"
            yield Trip(says=says, number=number, field="bounds")


def _least(signature: Signature) -> float:
    return min((each for each in signature.planned_levels or () if each > 0), default=1.0)


RULES = (
    Rule(
        code="SIG401",
        name="missing-seeds",
        trips="A signature declares neither `seeds` nor `looks`.",
        reason="runs that are added until the verdict pleases make errors of every kind more frequent",
        remedy="Add seeds = { treatment = ..., control = ... } to the signature, or looks = [...] for several looks.",
        find=_no_seeds,
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG402",
        name="too-few-seeds",
        trips="Fewer seeds are planned, or stand before the first of the `looks`, than any verdict takes: 3, and more "
        'for `across_seeds = "majority"`.',
        reason="the verdict can only be inconclusive",
        remedy="Plan more seeds.",
        find=_few_seeds,
        step=StepCode.ADD_SEEDS,
    ),
    Rule(
        code="SIG403",
        name="seeds-against-looks",
        trips="The last of the `looks` is not the number of planned `seeds`.",
        reason="one of the two plans will be broken",
        remedy="Make the last of looks = [...] the number of seeds, or leave seeds out.",
        find=_two_plans,
    ),
    Rule(
        code="SIG404",
        name="missing-levels",
        trips="A signature along a knob declares no `levels`.",
        reason="levels could be left out or added once the curve is seen",
        remedy="Add levels = [...] to the signature: the numbers at which the knob will be run.",
        find=_no_levels,
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG405",
        name="too-few-levels",
        trips="Fewer `levels` are planned than the [shape needs](shapes.md).",
        reason="the verdict can only be inconclusive",
        remedy="Plan more levels, or predict a simpler shape, such as increasing.",
        find=_few_levels,
        step=StepCode.ADD_LEVELS,
    ),
    Rule(
        code="SIG406",
        name="shape-against-scale",
        trips="The shape depends on distances along the knob (straight, bent, levelling off), and the knob is on a "
        "rank scale or its levels are words.",
        reason="ranks make all neighbours equally distant, so that the choice of levels decides whether it is straight",
        remedy='Use numbers on the scale that you mean (knob_scale = "linear" or "log"), or predict increasing, peak '
        "or another shape that only needs the order.",
        find=_distances,
    ),
    Rule(
        code="SIG407",
        name="no-logarithm",
        trips="A planned level is 0 or below, on a log scale of the knob.",
        reason="such data are refused",
        remedy="Choose another scale, or other levels.",
        find=_no_logarithm,
    ),
    Rule(
        code="SIG408",
        name="unpaired-seeds",
        trips="Treatment and control are `paired` and have different numbers of seeds.",
        reason="seeds without a partner take no part in the comparison",
        remedy="Plan as many seeds for one as for the other.",
        find=_wasted,
    ),
    Rule(
        code="SIG409",
        name="bounds-beyond-scale",
        trips="The `bounds` of the metric reach below 0 on a log scale, or beyond 0 to 1 on a logit scale.",
        reason="values there have no logarithm, and such data are refused",
        remedy='Use metric_scale = "linear" (and a shape for it), or correct bounds = [lowest, highest].',
        find=_beyond_scale,
    ),
    Rule(
        code="SIG410",
        name="nothing-to-calibrate",
        trips="Fewer than five controls are declared with `calibrate = true`; or it is declared where controls say "
        'nothing of a mean: for the shape `flat` and for `across_seeds = "majority"`.',
        reason="nothing is calibrated, and the verdict rests on nominal p-values",
        remedy="Name at least five negative controls, or leave calibrate out.",
        find=_uncalibrated,
    ),
)
