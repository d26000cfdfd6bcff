"""What a report says, in order, before any format is chosen.

Text, Markdown, LaTeX and HTML all tell the same story: a headline, why, the numbers, the three lines, the
comparisons that were made, notes, what would resolve an open question, and what is needed to repeat it.
"""

import math
from dataclasses import dataclass

from sigstats.evidence.results import ArmEvidence
from sigstats.report import naming, phrases, words
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, level, number, percent, probability, pvalue
from sigstats.verdict import Criterion, Status, Verdict

NUMERICAL = ("sigstats", "python", "numpy", "scipy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of evidence in words.

    Attributes
    ----------
    name : str
        ``"trend"``, ``"interval"`` or ``"slopes"``.
    result : str
        Estimate with p-value, bound or probability.
    null : str
        The null hypothesis, or the statement whose probability is given.
    method : str
        How it was computed.
    replicate : str
        What was counted as one independent observation, and how many there are.
    """

    name: str
    result: str
    null: str
    method: str
    replicate: str


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
    claim, against, brief : str
        The claim, who was compared with whom, and the answer in a few words.
    why : tuple of str
        A sentence per reason.
    numbers : tuple of (str, str)
        Label and value: effect, ends, margin, control, contrast, scope.
    lines : tuple of Line
        The lines of evidence that exist.
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
    claim: str
    against: str
    brief: str
    why: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    criteria: tuple[tuple[bool, str], ...]
    notes: tuple[str, ...]
    resolve: tuple[str, ...]
    repeat: tuple[tuple[str, str], ...]


def tell(verdict: Verdict) -> Story:
    """Return what is to be said of a verdict.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    Story
        Sentences, free of markup and of invisible characters.
    """
    return Story(
        status=verdict.status,
        name=shortened(verdict.signature.name or "", naming.LONGEST_NAME),
        claim=naming.claim(verdict.signature),
        against=naming.against(verdict),
        brief=brief(verdict),
        why=tuple(words.why(verdict)),
        numbers=tuple(_numbers(verdict)),
        lines=tuple(_lines(verdict)),
        rows=tuple(_row(arm) for arm in verdict.evidence.arms),
        criteria=tuple((criterion.met, _criterion(criterion)) for criterion in verdict.criteria),
        notes=tuple(words.explain(verdict, note) for note in verdict.notes),
        resolve=tuple(words.resolve(verdict)),
        repeat=tuple(_repeat(verdict)),
    )


def brief(verdict: Verdict) -> str:
    """Return the answer in a few words.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    str
        The first reason, or whom the shape was shown for.
    """
    if verdict.reasons:
        return words.BRIEF[verdict.reasons[0]]
    if verdict.contrast is None:
        return "shown; no control to compare with"
    return f"shown, and less than {naming.fraction(verdict.signature.quiet_fraction)} as much in the control"


def _numbers(verdict: Verdict) -> list[tuple[str, str]]:
    found = [("effect", f"{phrases.effect(verdict)}: {_effect_means(verdict)}")]
    line, control = verdict.evidence.interval, verdict.evidence.control
    if line is not None and line.ends is not None:
        found.append(("ends", f"{interval(line.ends)} {phrases.unit(verdict)}: last level minus first level"))
    found.append(("margin", phrases.margin(verdict)))
    if control is not None:
        found.append(("control", phrases.control_change(verdict)))
    if verdict.contrast is not None:
        differ = "treatment minus control"
        found.append(("contrast", f"{interval(verdict.contrast)} {phrases.unit(verdict)}: {differ}"))
    if verdict.scope is not None:
        low, high = (level(end) for end in verdict.scope)
        found.append(("scope", f"{naming.knob(verdict.signature)} from {low} to {high}"))
    return found


def _effect_means(verdict: Verdict) -> str:
    agrees, _ = naming.verbs(verdict.signature)
    said = f"change of the fitted line, positive where it {agrees}"
    confidence = verdict.effect.confidence if verdict.effect else math.nan
    return said if math.isnan(confidence) else f"{said} ({percent(confidence)} interval)"


def _lines(verdict: Verdict) -> list[Line]:
    found = verdict.evidence
    lines = []
    if found.trend is not None:
        least = pvalue(found.trend.smallest_pvalue, symbol="smallest possible p")
        result = f"mean tau {number(found.trend.estimate, digits=2)}, {pvalue(found.trend.pvalue)} ({least})"
        lines.append(_line("trend", result, found.trend))
    if found.interval is not None:
        result = f"{interval(found.interval.estimate)}, {pvalue(found.interval.pvalue)}"
        lines.append(_line("interval", result, found.interval))
    if found.slopes is not None:
        chance = probability(found.slopes.prob_positive, "mean > 0")
        lines.append(_line("slopes", f"{interval(found.slopes.estimate)}, {chance}", found.slopes))
    return lines


def _line(name: str, result: str, found: object) -> Line:
    null, method, replicate, n = (getattr(found, part) for part in ("null", "method", "replicate", "n_seeds"))
    return Line(
        name=name,
        result=result,
        null=visible(null),
        method=visible(method),
        replicate=f"{visible(replicate)} (n = {n})",
    )


def _row(arm: ArmEvidence) -> Row:
    return Row(
        condition=visible(arm.condition),
        role=arm.role,
        seeds=str(arm.n_seeds),
        levels=str(len(arm.levels)),
        effect=interval(arm.effect),
        tau=number(arm.tau, digits=2),
        pvalue=pvalue(arm.pvalue).removeprefix("p = ").removeprefix("p ").replace("no p-value", "n/a"),
    )


def _criterion(criterion: Criterion) -> str:
    value = _tiny(criterion.value) if "pvalue" in criterion.name else number(criterion.value)
    return f"{visible(criterion.name)} {value} {criterion.relation} {number(criterion.bound)}"


def _tiny(value: float) -> str:
    return pvalue(value).removeprefix("p = ").removeprefix("p ").replace("no p-value", "n/a")


def _repeat(verdict: Verdict) -> list[tuple[str, str]]:
    source, signature = verdict.provenance, verdict.signature
    versions = [f"{name} {version}" for name, version in source.versions if name.lower() in NUMERICAL]
    return [
        ("data", f"{source.n_rows} rows, sha256 {visible(source.data_hash)[:16]}"),
        ("design", f"{verdict.evidence.design}, alpha {number(signature.alpha)}, rule {verdict.rule}"),
        ("random", "generator of the caller" if source.entropy is None else f"entropy {source.entropy}"),
        ("versions", visible(", ".join(versions))),
    ]
