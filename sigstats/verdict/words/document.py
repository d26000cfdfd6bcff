"""What the reports of a verdict say, in the order in which it is read.

A headline, why, the numbers, the conditions, the lines of evidence, the comparisons that were made, notes, what would
resolve an open question, and what is needed to repeat it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sigstats.errors import place_of_caller
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ArmEvidence, Estimate
from sigstats.report.document import Checks, Document, Fact, Facts, Line, Lines, Picture, Table, columns
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_pvalue, interval, number, percent, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import Status
from sigstats.verdict.words import (
    clauses,
    controls,
    laws,
    looks,
    majority,
    names,
    negative_controls,
    phrases,
    sentences,
    strength,
)
from sigstats.verdict.words.criteria import told as told_criteria
from sigstats.verdict.words.lines import told as told_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 8
# Notes on what the answer does without: nothing is left out in silence, not even in a short answer.
CHANGED = (Reason.TABLE_NOTES, Reason.SEEDS_EXCLUDED, Reason.LEVELS_LEFT_OUT, Reason.DUPLICATE_SEEDS)
CAPTION = ("margin", "bounds", "location", "direction", "control", "calibrated")
NUMERICAL = ("sigstats", "python", "numpy", "scipy")


def headline(verdict: Decision) -> str:
    """Return the answer as one line: status, claim and the main reason."""
    return f"{verdict.status.upper()}: {names.claim(verdict.signature)} ({brief(verdict)})"


def tell(verdict: Decision, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say of a verdict."""
    facts = numbers(verdict)
    return Document(
        headline=headline(verdict),
        title=names.claim(verdict.signature),
        status=verdict.status,
        brief=brief(verdict),
        first=tuple(first(verdict, facts)),
        name=shortened(verdict.signature.name or "", names.LONGEST_NAME),
        compared=names.against(verdict),
        meaning=sentences.STATUS_WORDS[verdict.status],
        answer=(*sentences.why(verdict), *sentences.hanging(verdict)),
        resolve=tuple(sentences.resolve(verdict)),
        picture=Picture(draw=draw, laid_out=True),
        blocks=(Facts(heading="In numbers", facts=tuple(facts)), _conditions(verdict)),
        grounds=tuple(_grounds(verdict)),
        notes=tuple(sentences.explain(verdict, note) for note in verdict.notes),
        repeat=tuple(_repeat(verdict)),
    )


def first(verdict: Decision, facts: list[Fact]) -> list[Fact]:
    """Return what a reader needs first: the size in its own units, the seeds, the control, then tests or a remedy."""
    every = {fact.label: fact.said for fact in facts}
    size = next(label for label in ("effect", "closest", "change") if label in every)
    margin = f"; held against {every['margin']}" if "margin" in every else ""
    name = shortened(verdict.signature.name or "", names.LONGEST_NAME)
    return [
        *([Fact(label="signature", said=name)] if name else []),
        Fact(label=size, said=f"{every[size]}{margin}"),
        Fact(label="seeds", said=every.get("seeds") or _replicates(verdict)),
        *(
            Fact(label="data", said=sentences.explain(verdict, note))
            for note in verdict.notes
            if note in CHANGED
        ),
        Fact(
            label="control",
            said=every.get("control") or controls.uncompared(verdict),
        ),
        _last(verdict),
    ]


def _replicates(verdict: Decision) -> str:
    """Return how many seeds each condition has, where none is counted as showing the claim."""
    return names.listed(
        f"{arm.n_seeds} in {names.condition(verdict, arm.condition)}" for arm in names.ordered(verdict)
    )


def _last(verdict: Decision) -> Fact:
    """Return what decides on the answer or on the next step, and where all else is said."""
    n = len(verdict.notes)
    noted = f"{n} note{'' if n == 1 else 's'} and " if n else ""
    more = f" ({noted}all numbers: {'--full' if place_of_caller() == 'shell' else 'summary(full=True)'})"
    hanging, remedies = sentences.hanging(verdict), sentences.resolve(verdict)
    if hanging:
        return Fact(label="one run", said=f"{hanging[0]}{more}")
    if verdict.status is Status.INCONCLUSIVE and remedies:
        return Fact(label="to resolve", said=f"{remedies[0]}{more}")
    tests = _tests(verdict)
    if verdict.status is Status.PRESENT and tests:
        return Fact(label="tests", said=f"{tests}{more}")
    return Fact(label="why", said=f"{sentences.why(verdict)[0]}{more}")


def _tests(verdict: Decision) -> str:
    """Return the p-values that the answer rests on."""
    evidence = verdict.evidence
    if evidence.primary is not None:
        found = [pvalue(evidence.primary.pvalue)]
    else:
        found = [
            f"{name} {pvalue(line.pvalue)}"
            for name, line in (("trend", evidence.trend), ("interval", evidence.interval))
            if line is not None
        ]
    return f"{', '.join(found)}; the seed is the replicate" if found else ""


def _conditions(verdict: Decision) -> Table:
    """Return the table of conditions; for a claim on every level, the fitted line only describes."""
    effect = "effect" if names.is_sized(verdict) else "change"
    heads = columns(
        *("condition", "role", "seeds", "levels", effect, "tau", "p"),
        kinds=("text", "text", "number", "number", "interval", "number", "number"),
    )
    if verdict.evidence.negative_controls is not None:
        heads = (*heads, *columns("calibrated p", kinds=("number",)))
    return Table(
        heading="Conditions",
        columns=heads,
        rows=tuple(_row(verdict, arm) for arm in names.ordered(verdict)),
        most=MOST_ROWS,
        rest=("condition", "table()"),
        compact=True,
    )


def _grounds(verdict: Decision) -> "Iterator[Lines | Checks]":
    """Yield the lines of evidence and the comparisons, where there are any."""
    lines, checks = told_lines(verdict), told_criteria(verdict.criteria)
    if lines:
        yield Lines(title="lines of evidence", duty=_duty(lines), lines=tuple(lines))
    if checks:
        yield Checks(title="comparisons that were made", checks=tuple(checks), whole="criteria")


def _duty(lines: Sequence[Line]) -> str:
    """Return what must hold of the lines of evidence."""
    duties = tuple(dict.fromkeys(line.duty for line in lines))
    if duties == ("must be shown",):
        return "each must hold"
    return "each must be shown; tolerated ones must not be refuted"


def brief(verdict: Decision) -> str:
    """Return the answer in a few words: with the treatments and seeds that show it, and the runs that were used."""
    said = (
        _answer(verdict),
        controls.beside(verdict),
        phrases.treatments_showing(verdict),
        majority.count(verdict) or phrases.divided(verdict),
        names.runs_used(verdict),
        looks.brief(verdict),
        phrases.unseen(verdict),
        "those left may be survivors" if Reason.SURVIVORS in verdict.notes else "",
    )
    return "; ".join(part for part in said if part)


def _answer(verdict: Decision) -> str:
    if verdict.reasons:
        return sentences.in_brief(verdict, verdict.reasons[0])
    if controls.departs(verdict):
        return "shown, and the control departs from it"
    if verdict.contrast is None:
        return "shown; no control to compare with"
    return f"shown, and less than {names.fraction(verdict.signature.quiet_fraction)} as much in the control"


def numbers(verdict: Decision) -> list[Fact]:
    """Return effect or closest level, what they are held against, location, control and scope."""
    found = _size(verdict) if names.is_sized(verdict) else _closest(verdict)
    said = [*found, ("location", phrases.located(verdict)), *laws.told(verdict)]
    said.append(("direction", _direction(verdict)))
    said.append(("seeds", phrases.agreeing(verdict)))
    said += [("control", controls.change(verdict)), ("contrast", _contrast(verdict))]
    said.append(("calibrated", negative_controls.told(verdict)))
    said.append(("strength", strength.told(verdict)))
    said.append(("scope", _scope(verdict)))
    return [Fact(label=label, said=words, in_caption=label in CAPTION) for label, words in said if words]


def _scope(verdict: Decision) -> str:
    """Return the part of the knob's range in which the shape holds."""
    if verdict.scope is not None:
        low, high = (names.level(verdict, end) for end in verdict.scope)
        return f"{names.knob(verdict.signature)} from {low} to {high}"
    own = verdict.evidence.ranges == "own" and verdict.status is Status.PRESENT
    return f"each condition's own range: {names.ranges(verdict)}" if own else ""


def _size(verdict: Decision) -> list[tuple[str, str]]:
    """Return the effect, and what it is held against."""
    says = names.effect_says(verdict)
    near = ", where it could be tested" if Reason.ONSET_NEAR_END in verdict.reasons else ""
    found = [("effect", f"{phrases.effect(verdict)}: {says}{near}{_confidence(verdict.effect)}")]
    line = verdict.evidence.interval
    if line is not None and line.ends is not None:
        ends = phrases.measured(verdict, interval(line.ends))
        found.append(("ends", f"{ends}: {names.noun(verdict)} from the first level to the last"))
    return [*found, ("margin", phrases.margin(verdict))]


def _closest(verdict: Decision) -> list[tuple[str, str]]:
    """Return the least clear level of a claim on every level, and the fitted line, which only describes."""
    found = verdict.evidence.primary
    closest = "" if found is None else f"{clauses.found(verdict, found)}{_confidence(found.estimate)}"
    change = f"{phrases.effect(verdict)}: {names.effect_says(verdict)}{_confidence(verdict.effect)}"
    return [("closest", closest), ("bounds", phrases.bounds(verdict)), ("change", change)]


def _direction(verdict: Decision) -> str:
    """Return which direction the data chose, where the claim left it open."""
    if verdict.evidence.sides != 2:
        return ""
    rate = f"chosen by the data, so that each direction was tested at {number(phrases.alpha(verdict))}"
    return f"{names.metric(verdict.signature)} {names.verbs(verdict)[0]}: {rate}"


def _contrast(verdict: Decision) -> str:
    if verdict.contrast is None:
        return ""
    by = f", by {controls.compared(verdict)}" if controls.compared(verdict) else ""
    found = interval(names.signed(verdict, verdict.contrast))
    return f"{phrases.measured(verdict, found)}: treatment minus control{by}"


def _confidence(found: Estimate | None) -> str:
    if found is None or not (math.isfinite(found.low) and math.isfinite(found.confidence)):
        return ""
    return f" ({percent(found.confidence)} interval)"


def _row(verdict: Decision, arm: ArmEvidence) -> tuple[str, ...]:
    return (
        visible(arm.condition),
        arm.role,
        f"{arm.n_seeds} of {arm.n_seeds + arm.n_excluded}" if arm.n_excluded else str(arm.n_seeds),
        str(len(arm.levels)),
        interval(names.signed(verdict, arm.effect), beside=names.beside(verdict, arm.role)),
        _tau(arm.tau),
        bare_pvalue(arm.pvalue) if names.is_sized(verdict) else "-",
        *_calibrated(verdict, arm),
    )


def _calibrated(verdict: Decision, arm: ArmEvidence) -> tuple[str, ...]:
    """Return the calibrated p-value of a treatment; nothing where none was asked for."""
    found = verdict.evidence.negative_controls
    if found is None:
        return ()
    pvalue = dict(found.pvalues).get(arm.condition)
    return ("-" if pvalue is None else bare_pvalue(pvalue),)


def _tau(value: float) -> str:
    return number(round(value, 2)) if math.isfinite(value) else "n/a"


def _alpha(verdict: Decision) -> str:
    """Return the error rate of each claim; at a planned look, what it is part of."""
    if verdict.look is None:
        return number(verdict.alpha)
    return f"{number(verdict.alpha)} at each look ({number(verdict.signature.alpha)} over all looks)"


def _repeat(verdict: Decision) -> list[Fact]:
    source = verdict.provenance
    versions = [f"{name} {version}" for name, version in source.versions if name.lower() in NUMERICAL]
    said = {
        "data": f"{source.n_rows} rows, sha256 {visible(source.data_hash)[:16]}",
        "design": f"{verdict.evidence.design}, alpha {_alpha(verdict)}, rule {verdict.rule}",
        "random": "generator of the caller" if source.entropy is None else f"entropy {source.entropy}",
        "versions": visible(", ".join(versions)),
    }
    return [Fact(label=label, said=words) for label, words in said.items()]
