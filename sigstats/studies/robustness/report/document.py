"""What the reports of a robustness analysis say."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sigstats.evidence.results import Estimate
from sigstats.report.document import Document, Picture, Table, columns
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, number, percent
from sigstats.studies.robustness.influence import Removal
from sigstats.studies.robustness.readings import Reading
from sigstats.studies.robustness.record import RobustnessRecord
from sigstats.studies.robustness.report.tables import (
    audit_table,
    practice_table,
    specificity_table,
    synthetic_table,
)
from sigstats.studies.robustness.report.weakest_words import hangs
from sigstats.studies.robustness.thresholds import Margin, Segment
from sigstats.verdict.words import names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SHARES = 6
LABEL = 40
ACCOUNTS = (
    "A choice accounts for the part of the differences between verdicts that its options explain on their own. The "
    "rest, up to 100%, comes from combinations of choices."
)
CLAIM = 44
BOUNDS = {
    "min_effect": "smallest effect",
    "alpha": "error rate",
    "quiet_fraction": "quiet fraction",
    "prior_scale": "prior scale, times the default",
}


def tell(robustness: RobustnessRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say of a robustness analysis."""
    verdict = robustness.verdict
    return Document(
        headline=f"{verdict.status.upper()}: {claim(robustness)}; {agreement(robustness)}",
        title=claim(robustness),
        status=verdict.status,
        brief=agreement(robustness),
        name=visible(verdict.signature.name or ""),
        answer=(f"weakest point: {weakest(robustness)}",),
        picture=Picture(draw=draw, format="png"),
        blocks=tuple(_tables(robustness)),
    )


def _tables(robustness: RobustnessRecord) -> Iterator[Table]:
    """Yield analyses, choices, influence, bounds, and the checks that were made."""
    yield _analyses(robustness)
    yield _choices(robustness)
    yield _influence(robustness)
    yield _margins(robustness)
    yield audit_table(robustness.audit)
    if robustness.synthetic is not None:
        yield synthetic_table(robustness.synthetic)
    if robustness.practice is not None:
        yield practice_table(robustness.practice)
        if robustness.practice.specificity is not None:
            yield specificity_table(robustness.practice.specificity)


def claim(robustness: RobustnessRecord) -> str:
    """Return what was claimed."""
    return names.claim(robustness.verdict.signature, width=CLAIM)


def weakest(robustness: RobustnessRecord) -> str:
    """Return what the verdict hangs on most, as a sentence."""
    return visible(hangs(robustness))


def agreement(robustness: RobustnessRecord) -> str:
    """Return in how many analyses the declared verdict stands."""
    n = len(robustness.analyses)
    return f"stands in {robustness.n_agreeing} of {n} analyses ({percent(robustness.agreement)})"


def reading_words(reading: Reading) -> str:
    """Return effect and interval of a reading."""
    return interval(
        Estimate(value=reading.effect, low=reading.low, high=reading.high, confidence=0.9, unit=reading.unit)
    )


def _analyses(robustness: RobustnessRecord) -> Table:
    n = len(robustness.analyses)
    items = list(robustness.shares.items())
    rows = [
        (str(status), reasons.replace("+", ", ") or "-", str(round(share * n)), percent(share))
        for (status, reasons), share in items[:MOST_SHARES]
    ]
    if len(items) > MOST_SHARES:
        rest = sum(share for _, share in items[MOST_SHARES:])
        rows.append(("others", f"{len(items) - MOST_SHARES} more kinds", str(round(rest * n)), percent(rest)))
    below = []
    if robustness.joint is not None:
        below.append(f"Joint test: {robustness.joint}.")
    if robustness.joint_note:
        below.append(f"Joint test: {visible(robustness.joint_note)}.")
    if robustness.pruned:
        below.append(f"{robustness.n_pruned} combinations were ruled out: {_pruned(robustness)}.")
    return Table(
        title=f"The {n} analyses" if n > 1 else "The one analysis",
        columns=columns("verdict", "reason", "analyses", "share"),
        rows=tuple(rows),
        below=tuple(below),
    )


def _pruned(robustness: RobustnessRecord) -> str:
    said = [f"{each.count}, {shortened(each.reason, 110)}" for each in robustness.pruned]
    return "; ".join(said[:4] + ([f"and {len(said) - 4} more reasons"] if len(said) > 4 else []))


def _choices(robustness: RobustnessRecord) -> Table:
    carried = {each.choice: each for each in robustness.decomposition}
    rows = []
    for choice in sorted(
        robustness.choices, key=lambda each: list(carried).index(each.name) if each.name in carried else 99
    ):
        share = carried.get(choice.name)
        options = "; ".join(
            f"{visible(option.name)} {_agreeing(robustness, choice.name, option.name)}"
            for option in choice.options
        )
        rows.append((choice.name, visible(choice.declared), options, _part(share.verdict if share else None)))
    return Table(
        title="The choices",
        columns=columns(
            *("choice", "declared", "options, and how often the verdict stands", "accounts for"),
            kinds=("text", "text", "prose"),
        ),
        rows=tuple(rows),
        below=(ACCOUNTS,) if rows else (),
        folded=True,
    )


def _agreeing(robustness: RobustnessRecord, choice: str, option: str) -> str:
    share = share_of_option(robustness, choice, option)
    return "(none run)" if math.isnan(share) else percent(share)


def share_of_option(robustness: RobustnessRecord, choice: str, option: str) -> float:
    """Return the share of the analyses with an option in which the declared verdict stands; NaN if none was run."""
    same = [each.same for each in robustness.analyses if each.option(choice) == option]
    return sum(same) / len(same) if same else math.nan


def _part(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _influence(robustness: RobustnessRecord) -> Table:
    removals = robustness.influence.removals
    tried = Counter[str](each.kind for each in removals)
    changing = [each for each in removals if each.changes]
    rows = [
        (
            f"{each.kind} {shortened(' and '.join(each.items), LABEL)}",
            str(each.reading.status),
            ", ".join(each.reading.reasons) or "-",
            reading_words(each.reading),
        )
        for each in changing[:MOST_SHARES]
    ]
    below = [_tried(tried, changing)]
    below += [f"... and {len(changing) - MOST_SHARES} more that change it."] * (len(changing) > MOST_SHARES)
    smallest = robustness.influence.smallest
    if smallest is not None:
        named = names.listed(names.quoted(seed) for seed in smallest.seeds)
        exact = "" if smallest.exact else " (found one run at a time; a smaller set may exist)"
        below.append(
            f"Smallest set of runs of one condition that changes it: {named} of {names.quoted(smallest.condition)}, "
            f"then {smallest.reading.words}{exact}."
        )
    below += _tilts(robustness)
    below += [f"{visible(note)[:1].upper()}{visible(note)[1:]}." for note in robustness.influence.notes]
    return Table(
        title="Left out, one at a time",
        columns=columns("without", "verdict", "reason", "effect"),
        rows=tuple(rows),
        below=tuple(below),
        folded=True,
    )


def _tried(tried: Counter[str], changing: Sequence[Removal]) -> str:
    if not tried:
        return "Nothing could be left out."
    found = Counter[str](each.kind for each in changing)
    counted = [_counted(kind, tried[kind]) for kind in tried if not found[kind]]
    stands = f"the verdict stands without any one of {names.listed(counted, most=9)}" if counted else ""
    parts = [f"{found[kind]} of {_counted(kind, tried[kind])}" for kind in tried if found[kind]]
    changes = f"the verdict changes without {names.listed(parts, most=9)}" if parts else ""
    said = "; ".join(each for each in (changes, stands) if each)
    return f"{said[:1].upper()}{said[1:]}."


def _counted(kind: str, count: int) -> str:
    one, many = {"pair": ("pair of seeds", "pairs of seeds")}.get(kind, (kind, f"{kind}s"))
    return f"{count} {one if count == 1 else many}"


def _tilts(robustness: RobustnessRecord) -> list[str]:
    shifts = robustness.influence.shifts
    if not shifts:
        return []
    first = shifts[0]
    if first.shift is None:
        return [
            f"Tilting the curve of one seed by up to {number(first.farthest)} does not change the verdict."
        ]
    sds = f" ({number(abs(first.sds), digits=2)} sd of the scores)" if first.sds is not None else ""
    tilted = f"Tilting the curve of seed {names.quoted(first.seed)} by {number(first.shift)}{sds}"
    return [f"{tilted} changes the verdict; every other seed would have to be tilted at least as far."]


def _margins(robustness: RobustnessRecord) -> Table:
    rows = []
    for each in robustness.margins:
        declared = "not declared" if each.declared is None else number(each.declared)
        rows.append((BOUNDS.get(each.name, each.name), declared, _stands(each), _segments(each.segments)))
    return Table(
        title="The bounds",
        columns=columns(
            *("bound", "declared", "the verdict stands", "along the bound"),
            kinds=("text", "text", "text", "prose"),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _stands(margin: Margin) -> str:
    if margin.declared is None:
        return "-"
    low = None if margin.low is None else number(margin.low)
    high = None if margin.high is None else number(margin.high)
    if low is None and high is None:
        return "at every value tried"
    if low is None:
        return f"up to {high}"
    return f"from {low} on" if high is None else f"from {low} to {high}"


def _segments(segments: Iterable[Segment]) -> str:
    parts = [f"{each.status} {number(each.low)} to {number(each.high)}" for each in segments]
    return "; ".join(parts) or "no verdict"
