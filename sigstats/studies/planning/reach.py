"""Verdicts that a design can never reach, whatever the data, and those that it may not reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy import special

from sigstats.evidence.reason import Reason
from sigstats.report.numbers import number
from sigstats.stats.checks import FloatArray
from sigstats.studies.planning.record import Chance, Obstacle, ObstacleCode
from sigstats.studies.planning.trials import Asked
from sigstats.verdict.rules import Status

FEWEST = 3
FEWEST_LEVELS = 3
SIGN_FLIPS_FROM = 6  # seeds from which a trend is tested by sign flips, whose p-value is at least 1/2^n
RARE = 0.02
OF_SEEDS = ("too_few_seeds", "smallest_pvalue", "too_few_for_majority")  # obstacles that more seeds remove
MOST_REASONS = 2
OTHERWISE = (Reason.OPPOSITE, Reason.ARTIFACT)  # of *absent*, where no effect is shown to be small
DEFINITE = (Status.PRESENT, Status.ABSENT, Status.PARTIAL)

Found = Iterator[tuple[Status, ObstacleCode, str]]


def before_any_run(
    asked: Asked, seeds: Mapping[str, int], levels: FloatArray, effect: float, margin: float | None
) -> tuple[Obstacle, ...]:
    """Return the verdicts that are out of reach by the rules alone."""
    return _obstacles(
        asked,
        *_too_few_seeds(seeds),
        *_too_few_levels(asked, levels),
        *_smallest_pvalue(asked, seeds),
        *_no_margin(asked, levels),
        *_no_room(asked, effect, margin),
        *_too_small(asked, effect, margin),
        *(each for each in _at_bound(asked) if _is_stuck(asked)),
    )


def hopeless(known: Iterable[Obstacle]) -> bool:
    """Return whether *present* is out of reach, and more seeds would not help."""
    return any(each.status is Status.PRESENT and each.code not in OF_SEEDS for each in known)


def at_risk(asked: Asked, *, holds: bool, effect: float) -> tuple[Obstacle, ...]:
    """Return what may keep the design from a verdict, and cannot be told before the data."""
    return _obstacles(
        asked,
        *_other_form(asked, holds=holds),
        *_may_be_at_bound(asked),
        *(each for each in _at_bound(asked) if not _is_stuck(asked)),
        *_cut_off(asked, effect),
    )


def by_simulation(
    asked: Asked,
    chances: Sequence[Chance],
    known: Sequence[Obstacle],
    seeds: Mapping[str, int],
    spread: float,
    margin: float | None,
) -> tuple[Obstacle, ...]:
    """Return the verdicts that hardly any simulated sweep was given, in every world."""
    said: list[tuple[Status, ObstacleCode, str]] = []
    for status in (Status.PRESENT, Status.ABSENT):
        most = max(_on_purpose(each) for each in chances if each.status is status)
        if most > RARE or any(each.status is status for each in known):
            continue
        absent = status is Status.ABSENT
        why = _why_not_absent(asked, seeds, spread, margin, chances) if absent else "The design is too small."
        said.append((status, "underpowered", f"it came in {most:.1%} of the simulated sweeps at most. {why}"))
    return _obstacles(asked, *said)


def _on_purpose(chance: Chance) -> float:
    """Return the probability of a verdict without those given for another reason: by chance, or for the control."""
    return chance.probability - sum(share for reason, share in chance.reasons if reason in OTHERWISE)


def _obstacles(asked: Asked, *said: tuple[Status, ObstacleCode, str]) -> tuple[Obstacle, ...]:
    name = asked.signature.name
    return tuple(
        Obstacle(signature=name, status=status, code=code, words=words) for status, code, words in said
    )


def _why_not_absent(
    asked: Asked,
    seeds: Mapping[str, int],
    spread: float,
    margin: float | None,
    chances: Sequence[Chance],
) -> str:
    """Say how far above 0 the upper bound of an effect of 0 lies, beside the margin, or what else stands in the way."""
    treated = [n for name, n in seeds.items() if asked.roles[name] == "treatment"]
    df = max(sum(treated) - len(treated), 1)
    bound = float(special.stdtrit(df, 1.0 - asked.alpha)) * spread
    if margin is not None and bound < margin:
        place = asked.signature.shape.location
        every = "" if place is None else f"; it must be shown at every {place} that could have been chosen"
        return (
            f"The upper bound of a single effect of 0 lies at about {number(bound)}, below the margin of "
            f"{number(margin)}{every}. {_kept_open(asked, chances)}."
        )
    least = "" if margin is None else f", and the margin is {number(margin)}"
    return (
        f"With {min(treated)} seeds the upper bound of an effect of 0 lies at about {number(bound)}{least}; more seeds "
        "bring it down."
    )


def _kept_open(asked: Asked, chances: Sequence[Chance]) -> str:
    """Say what most often kept sweeps open in the world, other than the predicted one, in which most were open."""
    open_ones = [each for each in chances if each.status is Status.INCONCLUSIVE]
    world = max(open_ones[1:] or open_ones, key=lambda each: each.probability)
    called = {each.name: each.called for each in asked.signature.shape.clauses}
    said = [
        f"{called.get(reason, reason.replace('_', ' '))} ({share:.2f})"
        for reason, share in world.reasons[:MOST_REASONS]
    ]
    return f"What kept it open if the truth is {world.truth!r}: {', '.join(said)}"


def _too_few_seeds(seeds: Mapping[str, int]) -> Found:
    short = [f"{name!r} has {n}" for name, n in seeds.items() if n < FEWEST]
    words = f"{', '.join(short)}; every condition needs at least {FEWEST} seeds for any definite verdict."
    for status in DEFINITE if short else ():
        yield status, "too_few_seeds", words


def _too_few_levels(asked: Asked, levels: FloatArray) -> Found:
    shape = asked.signature.shape
    if asked.against_baseline:
        return
    needed = 2 if levels.size == 2 and shape.on_two_levels else max(FEWEST_LEVELS, shape.min_levels)
    words = f"the shape {shape.name!r} needs at least {needed} levels, and {levels.size} are planned."
    for status in DEFINITE if levels.size < needed else ():
        yield status, "too_few_levels", words


def _smallest_pvalue(asked: Asked, seeds: Mapping[str, int]) -> Found:
    signature = asked.signature
    treated = [n for name, n in seeds.items() if asked.roles[name] == "treatment"]
    fewest = min(treated)
    alpha = asked.alpha / (2.0 if signature.shape.two_sided else 1.0)
    if 0.5**fewest <= alpha or fewest < FEWEST:
        return
    least = f"with {fewest} seeds the smallest p-value of a {{}} is 1/{2**fewest}, above alpha = {alpha:g}; it needs "
    needed = f"{int(np.ceil(-np.log2(alpha)))} seeds."
    if signature.across_seeds == "majority":
        for status in (Status.PRESENT, Status.ABSENT):
            yield status, "too_few_for_majority", least.format("claim on most seeds") + needed
        return
    ranked = signature.shape.is_trend and signature.design != "independent" and not asked.against_baseline
    if ranked and len(treated) == 1 and fewest >= SIGN_FLIPS_FROM:
        yield Status.PRESENT, "smallest_pvalue", least.format("sign-flip test") + needed


def _no_margin(asked: Asked, levels: FloatArray) -> Found:
    signature, shape = asked.signature, asked.signature.shape
    by_default = shape.unit == "metric" and levels.size > 2
    if not shape.sized or signature.min_effect is not None or by_default:
        return
    words = "without `min_effect` no effect can be shown to be too small to matter; declare the smallest that would."
    yield Status.ABSENT, "no_margin", words


def _no_room(asked: Asked, effect: float, margin: float | None) -> Found:
    """Say where the metric's range is smaller than the effect."""
    if asked.bounds is None or asked.signature.shape.unit != "metric":
        return
    low, high = asked.bounds
    least = effect if margin is None else margin
    if least > high - low:
        words = (
            f"the effect that is asked for, {number(least)}, exceeds the range of the metric, {number(low)} to "
            f"{number(high)}."
        )
        yield Status.PRESENT, "no_room", words


def _too_small(asked: Asked, effect: float, margin: float | None) -> Found:
    if margin is None or not asked.signature.shape.sized or effect >= margin:
        return
    words = (
        f"the effect as predicted, {number(effect)}, lies below `min_effect`, {number(margin)}; present asks for an "
        "estimate of at least that."
    )
    yield Status.PRESENT, "effect_below_min_effect", words


def _other_form(asked: Asked, *, holds: bool) -> Found:
    if not holds:
        words = (
            f"the curve that was tried for {asked.signature.shape.name!r} does not meet all that the shape requires "
            "at this effect; give another `effect`, or more levels."
        )
        yield Status.PRESENT, "form", words


def _can_be_at_bound(asked: Asked) -> bool:
    return asked.bounds is not None and "control" in asked.roles.values() and not asked.against_baseline


def _towards(asked: Asked) -> tuple[float, float, str]:
    """Return the bound towards which the prediction points, the other one, and the way in words."""
    low, high = asked.bounds or (0.0, 1.0)
    return (high, low, "rise") if asked.signature.shape.orientation > 0 else (low, high, "fall")


def _may_be_at_bound(asked: Asked) -> Found:
    """Say what a control at a bound would mean, where nothing says how far away it is."""
    if not _can_be_at_bound(asked) or asked.start_known:
        return
    blind, free, way = _towards(asked)
    at = number(blind) if asked.signature.shape.one_way else f"{number(blind)} or {number(free)}"
    words = (
        f"the metric ends at {number(min(blind, free))} and {number(max(blind, free))}. A control that sits at {at} "
        f"cannot {way} any further: it can never be shown quiet, and the verdict stays inconclusive. One that sits at "
        f"{number(free)} counts as quiet, but small changes in it do not show. Say with `start` where it will be, "
        "or choose a metric without such bounds."
    )
    yield Status.PRESENT, "control_at_bound", words


def _controls_at_bound(asked: Asked) -> list[tuple[str, float]]:
    if not (_can_be_at_bound(asked) and asked.start_known and asked.bounds is not None):
        return []
    low, high = asked.bounds
    starts = [(name, asked.start[name]) for name, role in asked.roles.items() if role == "control"]
    return [(name, at) for name, at in starts if not low < at < high]


def _is_stuck(asked: Asked) -> bool:
    """Return whether some control sits at a bound from which it cannot do what the treatment does."""
    blind = _towards(asked)[0]
    either = not asked.signature.shape.one_way
    return any(either or at == blind for _, at in _controls_at_bound(asked))


def _at_bound(asked: Asked) -> Found:
    """Say which controls start at a bound of the metric."""
    way = _towards(asked)[2]
    for name, at in _controls_at_bound(asked):
        words = (
            f"the control {name!r} starts at {number(at)}, a bound of the metric: it cannot {way} any further, so "
            "that it can never be shown quiet. Choose a metric without such a bound."
            if _is_stuck(asked)
            else f"the control {name!r} starts at {number(at)}, a bound of the metric: it counts as quiet, but small "
            "changes in it do not show. Choose a metric without such a bound."
        )
        yield Status.PRESENT, "control_at_bound", words


def _cut_off(asked: Asked, effect: float) -> Found:
    """Say which treatments would leave the metric's range."""
    if asked.kept_within is None or asked.signature.shape.unit != "metric" or asked.against_baseline:
        return
    low, high = asked.kept_within
    rises = asked.signature.shape.orientation > 0
    for name, role in asked.roles.items():
        room = high - asked.start[name] if rises else asked.start[name] - low
        if role == "treatment" and asked.signature.shape.sized and room < effect:
            words = (
                f"{name!r} starts at {number(asked.start[name])} and has room for {number(room)}, less than the effect "
                f"as predicted, {number(effect)}; the rest is cut off at the bound."
            )
            yield Status.PRESENT, "no_room", words
