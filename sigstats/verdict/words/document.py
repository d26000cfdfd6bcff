"""What a report says, in order, before any format is chosen.

Text, Markdown, LaTeX and HTML all tell the same story: a headline, why, the numbers, the lines of evidence, the
comparisons that were made, notes, what would resolve an open question, and what is needed to repeat it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sigstats.evidence.results import ArmEvidence, Estimate
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, level, number, percent, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import Status
from sigstats.verdict.words import clauses, controls, names, phrases, sentences
from sigstats.verdict.words.criteria import bare
from sigstats.verdict.words.criteria import told as told_criteria
from sigstats.verdict.words.lines import Line
from sigstats.verdict.words.lines import told as told_lines

NUMERICAL = ("sigstats", "python", "numpy", "scipy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One condition in words.

    Attributes
    ----------
    condition, role, seeds, levels, effect, tau, pvalue : str
        The cells of the table of conditions.
    """

    condition: str
    role: str
    seeds: str
    levels: str
    effect: str
    tau: str
    pvalue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that a report says, as plain sentences without markup.

    Attributes
    ----------
    status : Status
        The answer.
    name : str
        What the signature is called; empty where it has no name.
    meaning : str
        What the status means.
    claim, against, brief : str
        The claim, who was compared with whom, and the answer in a few words.
    why : tuple of str
        A sentence per reason.
    numbers : tuple of (str, str)
        Label and value: effect, ends and margin, or the closest level and its bounds; location, direction, control,
        contrast, scope; those that there are.
    duty : str
        What must hold of the lines of evidence.
    lines : tuple of Line
        The lines of evidence that exist.
    effect_head : str
        What the column of effects is called: ``"change"`` where the claim is on every level, and the fitted line
        only describes.
    rows : tuple of Row
        One per condition.
    criteria : tuple of (bool, str)
        Whether each comparison is met, and the comparison.
    notes, resolve : tuple of str
        What the reader must know, and what would resolve an inconclusive verdict.
    repeat : tuple of (str, str)
        Label and value of what is needed to repeat the verdict.
    """

    status: Status
    name: str
    meaning: str
    claim: str
    against: str
    brief: str
    why: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    duty: str
    lines: tuple[Line, ...]
    effect_head: str
    rows: tuple[Row, ...]
    criteria: tuple[tuple[bool, str], ...]
    notes: tuple[str, ...]
    resolve: tuple[str, ...]
    repeat: tuple[tuple[str, str], ...]


def tell(verdict: Decision) -> Story:
    """Return what is to be said of a verdict."""
    lines = told_lines(verdict)
    return Story(
        status=verdict.status,
        name=shortened(verdict.signature.name or "", names.LONGEST_NAME),
        meaning=sentences.STATUS_WORDS[verdict.status],
        claim=names.claim(verdict.signature),
        against=names.against(verdict),
        brief=brief(verdict),
        why=tuple(sentences.why(verdict)),
        numbers=tuple(_numbers(verdict)),
        duty=_duty(lines),
        lines=tuple(lines),
        effect_head="effect" if names.is_sized(verdict) else "change",
        rows=tuple(_row(verdict, arm) for arm in names.ordered(verdict)),
        criteria=tuple(told_criteria(verdict.criteria)),
        notes=tuple(sentences.explain(verdict, note) for note in verdict.notes),
        resolve=tuple(sentences.resolve(verdict)),
        repeat=tuple(_repeat(verdict)),
    )


def _duty(lines: Sequence[Line]) -> str:
    """Return what must hold of the lines of evidence."""
    duties = tuple(dict.fromkeys(line.duty for line in lines))
    if duties == ("must be shown",):
        return "each must hold"
    return "each must be shown; tolerated ones must not be refuted"


def brief(verdict: Decision) -> str:
    """Return the answer in a few words."""
    if verdict.reasons:
        return sentences.in_brief(verdict, verdict.reasons[0])
    if controls.departs(verdict):
        return "shown, and the control departs from it"
    if verdict.contrast is None:
        return "shown; no control to compare with"
    return f"shown, and less than {names.fraction(verdict.signature.quiet_fraction)} as much in the control"


def _numbers(verdict: Decision) -> list[tuple[str, str]]:
    found = _size(verdict) if names.is_sized(verdict) else _closest(verdict)
    said = [*found, ("location", phrases.located(verdict)), ("direction", _direction(verdict))]
    said += [("control", controls.change(verdict)), ("contrast", _contrast(verdict))]
    if verdict.scope is not None:
        low, high = (level(end) for end in verdict.scope)
        said.append(("scope", f"{names.knob(verdict.signature)} from {low} to {high}"))
    return [(label, words_) for label, words_ in said if words_]


def _size(verdict: Decision) -> list[tuple[str, str]]:
    """Return the effect, and what it is held against."""
    says = names.effect_says(verdict)
    found = [("effect", f"{phrases.effect(verdict)}: {says}{_confidence(verdict.effect)}")]
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


def _row(verdict: Decision, arm: ArmEvidence) -> Row:
    return Row(
        condition=visible(arm.condition),
        role=arm.role,
        seeds=str(arm.n_seeds),
        levels=str(len(arm.levels)),
        effect=interval(names.signed(verdict, arm.effect), beside=names.beside(verdict, arm.role)),
        tau=_tau(arm.tau),
        pvalue=bare(pvalue(arm.pvalue)) if names.is_sized(verdict) else "-",
    )


def _tau(value: float) -> str:
    return number(round(value, 2)) if math.isfinite(value) else "n/a"


def _repeat(verdict: Decision) -> list[tuple[str, str]]:
    source, signature = verdict.provenance, verdict.signature
    versions = [f"{name} {version}" for name, version in source.versions if name.lower() in NUMERICAL]
    return [
        ("data", f"{source.n_rows} rows, sha256 {visible(source.data_hash)[:16]}"),
        ("design", f"{verdict.evidence.design}, alpha {number(signature.alpha)}, rule {verdict.rule}"),
        ("random", "generator of the caller" if source.entropy is None else f"entropy {source.entropy}"),
        ("versions", visible(", ".join(versions))),
    ]
