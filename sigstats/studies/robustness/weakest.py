"""What does a verdict hang on most? One finding is singled out.

A single seed, level or condition without which the verdict is another counts by one over the number of its kind of
which the same is true: a lone culprit counts fully, a general lack of power does not. A choice counts by its share of
the variation between analyses; what a window without an end level does is the level's doing. Pairs, sets of runs and
near bounds are named only where nothing else changes the verdict.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sigstats.studies.robustness.influence import Influence, Removal, SmallestSet, level_label
from sigstats.studies.robustness.joint_test import ChoiceShare
from sigstats.studies.robustness.multiverse import Analysis
from sigstats.studies.robustness.options import WITHOUT_FIRST, WITHOUT_LAST
from sigstats.studies.robustness.readings import Reading
from sigstats.studies.robustness.thresholds import Margin
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import Status

NEAR = 1.25
ENDS = {WITHOUT_FIRST: 0, WITHOUT_LAST: -1}  # the level that a window leaves out


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A seed, level or condition without which the verdict is another, and how many others of its kind there are."""

    removal: Removal
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOption:
    """One option that changes the verdict on its own, and the share of the variation that goes with its choice."""

    choice: str
    option: str
    declared: str
    reading: Reading
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearBound:
    """A bound that is close to where the verdict changes, above or below it."""

    name: str
    declared: float
    at: float
    above: bool
    before: Status
    after: Status


Finding = Culprit | OtherOption | NearBound | Removal | SmallestSet  # a removal is a pair of seeds


def weakest_point(
    verdict: Decision,
    analyses: Sequence[Analysis],
    shares: Sequence[ChoiceShare],
    influence: Influence,
    margins: Sequence[Margin],
) -> Finding | None:
    """Return what a verdict hangs on most."""
    levels = verdict.evidence.arms[0].levels
    chosen = list(_choices(analyses, shares))
    first: list[tuple[float, Finding]] = [*_single(influence), *chosen]
    for score, step in chosen:
        end = ENDS.get(step.option) if step.choice == "window" else None
        level = None if end is None else level_label(levels[end], verdict.evidence.level_names)
        culprit = next(
            (each for each in influence.of("level") if each.changes and each.items == (level,)), None
        )
        if culprit is not None:
            first = [(score, _culprit(culprit, influence)), *(each for each in first if each[1] is not step)]
    if first:
        return max(first, key=lambda each: each[0])[1]
    rest: list[Finding] = [each for each in influence.of("pair") if each.changes]
    rest += [] if influence.smallest is None else [influence.smallest]
    return next(iter([*rest, *_bounds(verdict, margins)]), None)


def _single(influence: Influence) -> Iterator[tuple[float, Culprit]]:
    """Yield single seeds, levels and conditions, in this order."""
    for each in influence.removals:
        if each.changes and each.kind != "pair":
            yield influence.guilt(each), _culprit(each, influence)


def _culprit(removal: Removal, influence: Influence) -> Culprit:
    others = sum(each.changes for each in influence.of(removal.kind)) - 1
    return Culprit(removal=removal, others=others)


def _choices(
    analyses: Sequence[Analysis], shares: Sequence[ChoiceShare]
) -> Iterator[tuple[float, OtherOption]]:
    """Yield the choices of which one option alone changes the verdict."""
    declared = next((dict(each.options) for each in analyses if each.declared), None)
    if declared is None:
        return
    for share in shares:
        step = _one_step(analyses, declared, share.choice)
        if step is not None:
            score = share.verdict or 0.0
            yield (
                score,
                OtherOption(
                    choice=share.choice,
                    option=step.option(share.choice),
                    declared=declared[share.choice],
                    reading=step.reading,
                    share=score,
                ),
            )


def _one_step(analyses: Sequence[Analysis], declared: Mapping[str, str], choice: str) -> Analysis | None:
    """Return the first analysis that differs from the declared one in a single choice, and in its status."""
    for each in analyses:
        options = dict(each.options)
        if not each.same and all((options[name] == declared[name]) == (name != choice) for name in declared):
            return each
    return None


def _bounds(verdict: Decision, margins: Sequence[Margin]) -> Iterator[NearBound]:
    """Yield bounds that are within a quarter of where the verdict changes, the nearest first."""
    near = [each for each in margins if each.nearest is not None and each.nearest <= NEAR]
    for each in sorted(near, key=lambda margin: margin.nearest or NEAR):
        declared = each.declared or 0.0
        above = each.high is not None and declared > 0 and each.high / declared == each.nearest
        at = each.high if above else each.low
        if at is None:
            continue
        beyond = [part for part in each.segments if (part.low > at if above else part.high < at)]
        if beyond:
            after = (beyond[0] if above else beyond[-1]).status
            yield NearBound(
                name=each.name, declared=declared, at=at, above=above, before=verdict.status, after=after
            )
