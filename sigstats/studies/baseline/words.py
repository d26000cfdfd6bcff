"""The answer to a claim on a baseline in words."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sigstats.evidence.reason import Reason
from sigstats.report.document import Checks, Column, Document, Fact, Facts, Picture, Table
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_pvalue, interval, number, percent, pvalue
from sigstats.signature.share import Share
from sigstats.studies.baseline.record import Against, Compared
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names
from sigstats.verdict.words.criteria import told as told_criteria

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LONGEST_NAME = 40
POPULATIONS = {
    "runs": "new runs",
    "items": "new items, with these runs",
    "both": "new runs and new items",
}
MEANINGS = {
    Status.PRESENT: "The claim holds: it is shown.",
    Status.ABSENT: "The claim does not hold: the data speak against it.",
    Status.PARTIAL: "The claim holds in part.",
    Status.INCONCLUSIVE: "The data cannot tell: neither the claim nor its denial is shown.",
}
BRIEF = {
    Reason.TOO_FEW_SEEDS: "fewer than 3 runs",
    Reason.TOO_FEW_ITEMS: "fewer than 3 items",
    Reason.OPPOSITE: "the other way round",
    Reason.BELOW_MIN_EFFECT: "any gain is smaller than the margin",
    Reason.NOT_EQUIVALENT: "they differ by more than the margin",
    Reason.WORSE: "worse by more than the margin",
    Reason.UNDERPOWERED: "the data cannot tell",
    Reason.ZERO_VARIANCE: "nothing varies, so nothing can be tested",
    Reason.WEAK: "shown, but smaller than min_effect",
    Reason.ARTIFACT: "the control gains as much",
    Reason.UNSPECIFIC: "the control gains as well",
    Reason.SIZE_UNRESOLVED: "shown, but not to be as large as min_effect",
    Reason.CONTROL_UNRESOLVED: "shown, but not shown to be less in the control",
    Reason.SOME_CONDITIONS: "for some treatments, not for others",
}
CORRECTIONS = {"holm": "Holm's", "dunnett": "Dunnett's"}
PAIRED = {
    "paired": "paired by run",
    "independent": "independent runs",
    "partly paired": "partly paired runs",
}


def headline(found: Compared) -> str:
    """Return the answer as one line."""
    return f"{found.status.upper()}: {claim(found)} ({brief(found)})"


def claim(found: Compared) -> str:
    """Return the claim: ``"accuracy is higher in 'muon' than in 'adamw'"``."""
    who = names.listed((quoted(row.condition) for row in found.rows), most=3)
    shape = found.signature.shape
    link = "and" if shape.name == "equivalent" else "than"
    return f"{metric(found)} {shape.claim}{by_margin(found)} in {who} {link} in {quoted(found.baseline.condition)}"


def by_margin(found: Compared) -> str:
    """Return the margin that a claim is about: ``" by 1 or more"``; else nothing."""
    margin = found.signature.min_effect
    if margin is None or found.signature.shape.name not in ("equivalent", "not_worse"):
        return ""
    said = str(margin) if isinstance(margin, Share) else number(margin)
    return f" within {said}" if found.signature.shape.name == "equivalent" else f" by {said} or more"


def quoted(name: str) -> str:
    """Return the name of a condition in quotes."""
    return f"'{shortened(name, LONGEST_NAME)}'"


def metric(found: Compared) -> str:
    """Return the name of the metric."""
    return shortened(found.unit, LONGEST_NAME)


def brief(found: Compared) -> str:
    """Return the answer in a few words."""
    holding = [quoted(row.condition) for row in found.rows if row.status is Status.PRESENT]
    if holding and len(holding) < len(found.rows):
        return f"shown only for {names.listed(holding, most=3)}"
    if found.reasons:
        return BRIEF.get(found.reasons[0], str(found.reasons[0]))
    if found.signature.control:
        return (
            "shown, and less than half as much in the control"
            if found.signature.quiet_fraction == 0.5
            else "shown"
        )
    return "shown" if len(found.rows) == 1 else f"shown for all {len(found.rows)}"


def tell(found: Compared, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    one = found.rows[0] if len(found.rows) == 1 else None
    checks = [pair for row in found.rows for pair in _checks(row, several=one is None)]
    return Document(
        headline=headline(found),
        title=claim(found),
        status=found.status,
        brief=brief(found),
        name=shortened(found.signature.name or "", LONGEST_NAME),
        compared=_compared(found),
        meaning=MEANINGS[found.status],
        answer=tuple(why(found, row) for row in found.rows),
        resolve=tuple(dict.fromkeys(said for row in found.rows for said in resolve(found, row))),
        picture=Picture(draw=draw),
        blocks=(*_facts(found, one), _table(found)),
        grounds=(Checks(title="comparisons that were made", checks=tuple(checks), whole="rows"),),
        notes=tuple(visible(note.message) for note in found.notes),
        repeat=tuple(_repeat(found)),
    )


def _compared(found: Compared) -> str:
    controls = [group.condition for group in found.groups if group.role == "control"]
    treated = names.listed((quoted(row.condition) for row in found.rows), most=4)
    who = f"{treated} with {quoted(found.baseline.condition)}"
    against = f", against the control {names.listed(map(quoted, controls))}" if controls else ""
    return f"{who}{against}; this speaks about {POPULATIONS[found.population]}"


def difference(found: Compared, row: Against) -> str:
    """Return the difference with its interval, unit and ratio."""
    said = f"{interval(row.difference)} {metric(found)}"
    if row.ratio is not None and math.isfinite(row.ratio.low):
        said += f", {interval(row.ratio)} times the baseline"
    return said


def margin(found: Compared, row: Against) -> str:
    """Return the margin in units of the metric, and as it was declared."""
    declared = found.signature.min_effect
    if row.margin is None or not math.isfinite(row.margin):
        return str(declared) if declared is not None else "none"
    said = f"{number(row.margin)} {metric(found)}"
    return f"{said} ({declared} of the baseline)" if isinstance(declared, Share) else said


def why(found: Compared, row: Against) -> str:
    """Return one sentence on one treatment: what is shown of it, with the difference first."""
    who, size = quoted(row.condition), f"the difference is {difference(found, row)}"
    reason = row.reasons[0] if row.reasons else None
    if reason in (Reason.TOO_FEW_SEEDS, Reason.TOO_FEW_ITEMS):
        few = f"{min(row.n_runs)} run{'s' if min(row.n_runs) > 1 else ''}"
        lack = (
            f"fewer than 3 runs ({few})"
            if reason is Reason.TOO_FEW_SEEDS
            else f"fewer than 3 items ({row.n_items})"
        )
        return f"{who}: {size}; nothing is claimed from {lack}."
    return f"{who}: {size}; {_said(found, row, reason)}."


def _said(found: Compared, row: Against, reason: Reason | None) -> str:
    shape, p, at = found.signature.shape, pvalue(row.pvalue), margin(found, row)
    shown = {
        "higher": f"it is shown to be higher ({p})",
        "lower": f"it is shown to be lower ({p})",
        "equivalent": f"it is shown to lie within the margin of {at} ({p})",
        "not_worse": f"it is shown not to be worse by the margin of {at} ({p})",
    }[shape.name]
    against = pvalue(row.pvalue_against)
    open_ = f"neither that it {shape.claim} ({p}) nor the denial ({against}) is shown"
    if row.margin is None and shape.name in ("higher", "lower"):
        open_ = f"it is not shown to be {shape.name} ({p}), and without min_effect it cannot be shown to be no gain"
    control = f"the treatment minus the control is {interval(row.contrast)}" if row.contrast else "no control"
    words = {
        None: shown,
        Reason.OPPOSITE: f"the opposite is shown ({against})",
        Reason.BELOW_MIN_EFFECT: f"a gain of {at} or more is ruled out ({pvalue(row.pvalue_small)})",
        Reason.NOT_EQUIVALENT: f"it is shown to lie outside the margin of {at} ({against})",
        Reason.WORSE: f"it is shown to be worse by more than {at} ({against})",
        Reason.UNDERPOWERED: open_,
        Reason.ZERO_VARIANCE: f"{_constant(row)} do not vary, so that there is nothing to compare it with",
        Reason.WEAK: f"{shown}, but a gain of {at} or more is ruled out ({pvalue(row.pvalue_small)})",
        Reason.SIZE_UNRESOLVED: f"{shown}, but the estimate lies below the margin of {at}",
        Reason.ARTIFACT: f"{shown}, but the control gains at least 80% as much ({control})",
        Reason.UNSPECIFIC: f"{shown}, but the control gains more than the allowed part of it ({control})",
        Reason.CONTROL_UNRESOLVED: f"{shown}, but not that the control gains less than the allowed part ({control})",
    }
    return words.get(reason, str(reason))


def _constant(row: Against) -> str:
    """Return what has no variance: runs, or differences between those that belong together."""
    return "the differences within pairs" if row.pairing == "paired" else "the runs"


def resolve(found: Compared, row: Against) -> Iterator[str]:
    """Yield what would resolve an open question on one treatment."""
    if row.status is not Status.INCONCLUSIVE:
        return
    if Reason.TOO_FEW_SEEDS in row.reasons:
        yield "At least 3 runs are needed in every condition; 5 or more make the answer likely."
        return
    if Reason.TOO_FEW_ITEMS in row.reasons:
        yield "At least 3 items are needed; a benchmark usually needs many more."
        return
    if Reason.ZERO_VARIANCE in row.reasons:
        paired = (
            "Pairs that all differ by the same hint at runs that were not run apart: check both of a pair."
        )
        yield (
            paired
            if row.pairing == "paired"
            else "Runs must truly differ: check that the seed reaches the system."
        )
        return
    if row.needed is None:
        if row.margin is None:
            yield (
                "Declare `min_effect`, the smallest difference that would matter: then the report says how many runs "
                "would tell."
            )
        return
    yield _needed(found, row)


def _needed(found: Compared, row: Against) -> str:
    need = row.needed
    if need is None:
        return ""
    at = f"would settle it at a difference of {number(need.margin)} with probability {number(need.power)}"
    ways = []
    if need.runs is not None:
        beside = f" with these {row.n_items} items" if found.population == "both" else ""
        ways.append(f"about {need.runs} runs per condition{beside} (now {min(row.n_runs)})")
    if need.items is not None:
        beside = f" with {min(row.n_runs)} runs" if found.population == "both" else ""
        ways.append(f"about {need.items} items{beside} (now {row.n_items})")
    if not ways:
        return f"{quoted(row.condition)}: no number of runs up to 1000 alone {at}."
    return f"{quoted(row.condition)}: {', or '.join(ways)} {at}."


def buys_more(found: Compared, row: Against) -> str:
    """Return how the variance of the difference splits, and whether more runs or more items narrow it more."""
    if row.split is None:
        return ""
    runs = 2.0 / (1.0 / row.n_runs[0] + 1.0 / row.n_runs[1])
    now = row.split.variance(runs, row.n_items)
    if not now > 0:
        return ""
    parts = (row.split.runs / runs, row.split.items / row.n_items, row.split.rest / (runs * row.n_items))
    shares = dict(zip(("runs", "items", "rest"), (part / now for part in parts), strict=True))
    said = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
    if found.population != "both":
        return f"{said} of its variance over new runs and items"
    by_runs = 1.0 - math.sqrt(row.split.variance(2 * runs, row.n_items) / now)
    by_items = 1.0 - math.sqrt(row.split.variance(runs, 2 * row.n_items) / now)
    better, worse = ("runs", "items") if by_runs >= by_items else ("items", "runs")
    most, least = max(by_runs, by_items), min(by_runs, by_items)
    return (
        f"{said}; twice the {better} would narrow the interval by about {percent(most)}, twice the {worse} by "
        f"{percent(least)}"
    )


def _facts(found: Compared, one: Against | None) -> tuple[Facts, ...]:
    said = [("over", POPULATIONS[found.population])]
    if len(found.rows) > 1:
        how = CORRECTIONS.get(found.correction)
        corrected = f"{how} correction for {len(found.rows)} treatments" if how else "none"
        said.append(("correction", f"{corrected}; intervals are those of single comparisons"))
    if one is not None:
        said = [
            ("difference", f"{difference(found, one)} ({percent(one.difference.confidence)} interval)"),
            ("margin", margin(found, one)),
            ("size", _size(one)),
            ("design", _design(one)),
            *said,
        ]
    said += [("variance", buys_more(found, row)) for row in found.rows[:1]]
    facts = tuple(Fact(label=label, said=words) for label, words in said if words)
    return (Facts(heading="In numbers", facts=facts),)


def _size(row: Against) -> str:
    standard = (
        f"{number(row.standardised, digits=2)} sd between runs; " if math.isfinite(row.standardised) else ""
    )
    of = "runs" if row.pairing == "paired" else "pairs of runs"
    return f"{standard}higher in {percent(row.wins)} of {of}"


def _design(row: Against) -> str:
    said = PAIRED[row.pairing]
    if math.isfinite(row.correlation):
        said += f" (correlation {number(row.correlation, digits=2)})"
    items = f", {row.n_items} items in every run" if row.n_items else ""
    return f"{said}: {row.n_runs[0]} against {row.n_runs[1]}{items}"


def _table(found: Compared) -> Table:
    heads = (
        ("treatment", "text"),
        ("runs", "number"),
        ("mean", "number"),
        ("baseline", "number"),
        ("difference", "interval"),
        ("ratio", "number"),
        ("p", "number"),
        ("answer", "text"),
    )
    return Table(
        heading="Treatments",
        columns=tuple(Column(head=head, kind=kind) for head, kind in heads),  # type: ignore[arg-type]
        rows=tuple(_cells(found, row) for row in found.rows),
        most=12,
        rest=("treatment", "table()"),
        compact=True,
    )


def _cells(found: Compared, row: Against) -> tuple[str, ...]:
    mean = next(group.mean for group in found.groups if group.condition == row.condition)
    runs = str(row.n_runs[0]) if row.n_runs[0] == row.n_runs[1] else f"{row.n_runs[0]}/{row.n_runs[1]}"
    return (
        visible(row.condition),
        runs,
        number(mean, digits=4),
        number(found.baseline.mean, digits=4),
        interval(row.difference),
        "n/a" if row.ratio is None else number(row.ratio.value, digits=4),
        bare_pvalue(row.pvalue),
        f"{row.status}{f' ({row.reasons[0]})' if row.reasons else ''}",
    )


def _checks(row: Against, *, several: bool) -> list[tuple[bool, str]]:
    told = told_criteria(row.criteria)
    return [(met, f"{visible(row.condition)}: {said}" if several else said) for met, said in told]


def _repeat(found: Compared) -> list[Fact]:
    source, signature = found.provenance, found.signature
    versions = ", ".join(f"{name} {version}" for name, version in source.versions)
    said = {
        "data": f"{source.n_rows} rows, sha256 {source.data_hash[:16]}",
        "design": f"alpha {number(signature.alpha)}, over {' and '.join(signature.over)}",
        "versions": visible(versions),
    }
    return [Fact(label=label, said=words) for label, words in said.items()]


def frame(found: Compared) -> "pd.DataFrame":
    """Return one row per treatment."""
    import pandas as pd

    means = {group.condition: group.mean for group in found.groups}
    return pd.DataFrame(
        {
            "treatment": row.condition,
            "runs": row.n_runs[0],
            "baseline_runs": row.n_runs[1],
            "items": row.n_items,
            "mean": means[row.condition],
            "baseline_mean": found.baseline.mean,
            "difference": row.difference.value,
            "low": row.difference.low,
            "high": row.difference.high,
            "ratio": math.nan if row.ratio is None else row.ratio.value,
            "standardised": row.standardised,
            "wins": row.wins,
            "pvalue": row.pvalue,
            "status": str(row.status),
            "reason": str(row.reasons[0]) if row.reasons else "",
        }
        for row in found.rows
    )
