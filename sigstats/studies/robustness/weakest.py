"""What does a verdict hang on most? One finding is singled out, and put in words.

A single seed, level or condition without which the verdict is another counts by one over the number of its kind of
which the same is true: a lone culprit counts fully, a general lack of power does not. A choice counts by its share of
the variation between analyses; what a window without an end level does is the level's doing. Pairs, sets of runs and
near bounds are named only where nothing else changes the verdict.
"""

from collections.abc import Iterator, Mapping, Sequence

from sigstats.report.numbers import percent
from sigstats.studies.robustness.influence import Influence, Removal
from sigstats.studies.robustness.joint_test import ChoiceShare
from sigstats.studies.robustness.multiverse import Analysis
from sigstats.studies.robustness.record import Weakest
from sigstats.studies.robustness.thresholds import PRIOR, Margin
from sigstats.verdict.verdict import Verdict

NEAR = 1.25
SAID = {PRIOR: "the scale of the prior, in times the default,"}
Candidate = tuple[float, Weakest]


def weakest_point(
    verdict: Verdict,
    analyses: Sequence[Analysis],
    shares: Sequence[ChoiceShare],
    influence: Influence,
    margins: Sequence[Margin],
) -> Weakest | None:
    """Return what a verdict hangs on most."""
    levels = verdict.evidence.arms[0].levels
    chosen = list(_choices(analyses, shares))
    first = [*_single(influence), *chosen]
    for score, window in chosen:
        culprit = _end_level(window, influence, f"{levels[0]:g}", f"{levels[-1]:g}")
        if culprit is not None:
            first = [(score, _named(culprit, influence)), *(each for each in first if each[1] is not window)]
    if first:
        return max(first, key=lambda each: each[0])[1]
    return next(iter([*_sets(influence), *_bounds(verdict, margins)]), None)


def _single(influence: Influence) -> Iterator[Candidate]:
    """Yield single seeds, levels and conditions, in this order."""
    for each in influence.removals:
        if each.changes and each.kind != "pair":
            yield influence.guilt(each), _named(each, influence)


def _end_level(window: Weakest, influence: Influence, first: str, last: str) -> Removal | None:
    """Return the level at an end that a window leaves out, if the verdict changes without it."""
    if window.kind != "choice" or window.name != "window":
        return None
    ends = {"'without the first level'": first, "'without the last level'": last}
    level = next((end for words, end in ends.items() if words in window.sentence), None)
    return next((each for each in influence.of("level") if each.changes and each.items == (level,)), None)


def _named(removal: Removal, influence: Influence) -> Weakest:
    return Weakest(
        kind=removal.kind,
        name=removal.items[0],
        status=removal.reading.status,
        sentence=_removed(removal, influence),
    )


def _removed(removal: Removal, influence: Influence) -> str:
    kind, name = removal.kind, removal.items[0]
    others = sum(each.changes for each in influence.of(kind)) - 1
    rest = (
        f"without any other single {kind} it stands"
        if not others
        else f"it also changes without {others} other single {kind}{'s' if others > 1 else ''}"
    )
    named = f"the level {name}" if kind == "level" else f"the {kind} {name!r}"
    return f"Without {named} the verdict is {removal.reading.words}; {rest}."


def _choices(analyses: Sequence[Analysis], shares: Sequence[ChoiceShare]) -> Iterator[Candidate]:
    """Yield the choices of which one option alone changes the verdict."""
    declared = next((dict(each.options) for each in analyses if each.declared), None)
    if declared is None:
        return
    for share in shares:
        step = _one_step(analyses, declared, share.choice)
        if step is not None:
            yield share.verdict or 0.0, _chosen(step, declared, share)


def _one_step(analyses: Sequence[Analysis], declared: Mapping[str, str], choice: str) -> Analysis | None:
    """Return the first analysis that differs from the declared one in a single choice, and in its status."""
    for each in analyses:
        options = dict(each.options)
        if not each.same and all((options[name] == declared[name]) == (name != choice) for name in declared):
            return each
    return None


def _chosen(step: Analysis, declared: Mapping[str, str], share: ChoiceShare) -> Weakest:
    option = step.option(share.choice)
    words = f"With {share.choice} '{option}' in place of '{declared[share.choice]}' the verdict is {step.reading.words}"
    part = f"; the choice carries {percent(share.verdict or 0.0)} of the variation between analyses."
    return Weakest(kind="choice", name=share.choice, status=step.reading.status, sentence=f"{words}{part}")


def _sets(influence: Influence) -> Iterator[Weakest]:
    """Yield a pair of seeds, and the smallest set of runs of one condition."""
    for each in influence.of("pair"):
        if each.changes:
            name = " and ".join(map(repr, each.items))
            words = f"Without the seeds {name} the verdict is {each.reading.words}; without any single seed it stands."
            yield Weakest(kind="pair", name=name, status=each.reading.status, sentence=words)
    small = influence.smallest
    if small is not None:
        name = f"{', '.join(map(repr, small.seeds))} of {small.condition!r}"
        count = "run" if len(small.seeds) == 1 else f"{len(small.seeds)} runs"
        words = f"Without the {count} {name} the verdict is {small.reading.words}."
        yield Weakest(kind="runs", name=name, status=small.reading.status, sentence=words)


def _bounds(verdict: Verdict, margins: Sequence[Margin]) -> Iterator[Weakest]:
    """Yield bounds that are within a quarter of where the verdict changes, the nearest first."""
    near = [each for each in margins if each.nearest is not None and each.nearest <= NEAR]
    for each in sorted(near, key=lambda margin: margin.nearest or NEAR):
        up = each.high is not None and each.declared and each.high / each.declared == each.nearest
        at = each.high if up else each.low
        beyond = [
            part for part in each.segments if at is not None and (part.low > at if up else part.high < at)
        ]
        if not beyond or at is None:
            continue
        said = (beyond[0] if up else beyond[-1]).status
        words = (
            f"The verdict changes from {verdict.status} to {said} where {SAID.get(each.name, each.name)} is "
            f"{'above' if up else 'below'} {at:.3g} instead of {each.declared:.3g}."
        )
        yield Weakest(kind="margin", name=each.name, status=said, sentence=words)
