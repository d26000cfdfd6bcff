"""What a report says, in order, before any format is chosen.

Text, Markdown, LaTeX and HTML all tell the same story: a headline, why, the numbers, the three lines, the
comparisons that were made, notes, what would resolve an open question, and what is needed to repeat it.
"""

import math
from collections.abc import Sequence
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
    meaning : str
        What the status means.
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
    meaning: str
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
        meaning=words.STATUS_WORDS[verdict.status],
        claim=naming.claim(verdict.signature),
        against=naming.against(verdict),
        brief=brief(verdict),
        why=tuple(words.why(verdict)),
        numbers=tuple(_numbers(verdict)),
        lines=tuple(_lines(verdict)),
        rows=tuple(_row(arm) for arm in naming.ordered(verdict)),
        criteria=tuple(_criteria(verdict.criteria)),
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
    moves = naming.noun(verdict.signature)
    found = [("effect", f"{phrases.effect(verdict)}: {moves} of the fitted line{_confidence(verdict)}")]
    line, control = verdict.evidence.interval, verdict.evidence.control
    if line is not None and line.ends is not None:
        ends = f"{interval(line.ends)} {phrases.unit(verdict)}"
        found.append(("ends", f"{ends}: {moves} from the first level to the last"))
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


def _confidence(verdict: Verdict) -> str:
    found = verdict.effect
    if found is None or not (math.isfinite(found.low) and math.isfinite(found.confidence)):
        return ""
    return f" ({percent(found.confidence)} interval)"


def _lines(verdict: Verdict) -> list[Line]:
    found = verdict.evidence
    lines = []
    if found.trend is not None:
        least = pvalue(found.trend.smallest_pvalue, symbol="smallest possible for an exact test: p")
        result = f"mean tau {_tau(found.trend.estimate)}, {pvalue(found.trend.pvalue)} ({least})"
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
        tau=_tau(arm.tau),
        pvalue=_bare(pvalue(arm.pvalue)),
    )


def _criteria(criteria: Sequence[Criterion]) -> list[tuple[bool, str]]:
    """Return the comparisons; those on which all conditions agree are told once for all."""
    groups: dict[str, list[Criterion]] = {}
    for each in criteria:
        groups.setdefault(_family(each.name), []).append(each)
    said: list[tuple[bool, str]] = []
    for name, group in groups.items():
        outcomes = {each.met for each in group}
        if len(group) > 1 and len(outcomes) == 1:
            met = outcomes.pop()
            said.append((met, f"{_family_bound(name, group)}, in {'all' if met else 'none'} of {len(group)}"))
        else:
            said.extend((each.met, _criterion(each)) for each in group)
    return said


def _family(name: str) -> str:
    """Return the name of a comparison without its condition: ``"seeds[...]"``."""
    return f"{name.partition('[')[0]}[...]" if "[" in name else name


def _family_bound(name: str, group: Sequence[Criterion]) -> str:
    bounds = {each.bound for each in group}
    bound = number(bounds.pop()) if len(bounds) == 1 else "its Holm bound"
    return f"{visible(name)} {group[0].relation} {bound}"


def _criterion(criterion: Criterion) -> str:
    relation = (
        f"{shortened(criterion.name, naming.LONGEST_NAME)} {criterion.relation} {number(criterion.bound)}"
    )
    return f"{relation}: {_compared(criterion)}"


def _compared(criterion: Criterion) -> str:
    """Return the value with enough digits to be told from the bound, a p-value never as 0."""
    value, bound = criterion.value, criterion.bound
    if "pvalue" in criterion.name:
        said = _bare(pvalue(value))
    elif "prob" in criterion.name:
        said = _bare(probability(value, "").replace("P() ", "p "))
    else:
        said = number(value)
    if said == number(bound) and value != bound:
        return repr(float(value))
    return said


def _tau(value: float) -> str:
    return number(round(value, 2)) if math.isfinite(value) else "n/a"


def _bare(said: str) -> str:
    """Return the number of a statement on a p-value: ``"0.012"``, ``"below 1e-16"``."""
    for sign, word in (("p = ", ""), ("p < ", "below "), ("p > ", "over ")):
        if said.startswith(sign):
            return word + said.removeprefix(sign)
    return "n/a"


def _repeat(verdict: Verdict) -> list[tuple[str, str]]:
    source, signature = verdict.provenance, verdict.signature
    versions = [f"{name} {version}" for name, version in source.versions if name.lower() in NUMERICAL]
    return [
        ("data", f"{source.n_rows} rows, sha256 {visible(source.data_hash)[:16]}"),
        ("design", f"{verdict.evidence.design}, alpha {number(signature.alpha)}, rule {verdict.rule}"),
        ("random", "generator of the caller" if source.entropy is None else f"entropy {source.entropy}"),
        ("versions", visible(", ".join(versions))),
    ]
