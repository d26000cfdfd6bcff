"""The answer to a claim on a baseline in words."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sigstats.report.document import Checks, Column, Document, Fact, Facts, Picture, Table
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_pvalue, interval, number, percent
from sigstats.stats.estimate import Estimate
from sigstats.studies.baseline.advice import buys_more, resolve
from sigstats.studies.baseline.answer import why
from sigstats.studies.baseline.phrases import (
    POPULATIONS,
    brief,
    claim,
    controls,
    declared,
    difference,
    headline,
    margin,
    metric,
    quoted,
    several_controls,
)
from sigstats.studies.baseline.record import Against, Compared
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names
from sigstats.verdict.words.criteria import told as told_criteria

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEANINGS = {
    Status.PRESENT: "The claim holds: it is shown.",
    Status.ABSENT: "The claim does not hold: the data speak against it.",
    Status.PARTIAL: "The claim holds in part.",
    Status.INCONCLUSIVE: "The data cannot tell: neither the claim nor its denial is shown.",
}
CORRECTIONS = {"holm": "Holm's", "dunnett": "Dunnett's"}
PAIRED = {
    "paired": "paired by run",
    "independent": "independent runs",
    "partly paired": "partly paired runs",
}
ROUNDING = 1e-9
PAIRS = {
    "auto": "runs paired where they share a label",
    "repeated": "runs paired",
    "independent": "runs not paired",
}


def tell(found: Compared, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    one = found.rows[0] if len(found.rows) == 1 else None
    checks = [pair for row in found.rows for pair in _checks(row, several=one is None)]
    return Document(
        headline=headline(found),
        title=claim(found),
        status=found.status,
        brief=brief(found),
        name=shortened(found.signature.name or "", names.LONGEST_NAME),
        compared=_compared(found),
        meaning=MEANINGS[found.status],
        answer=tuple(why(found, row) for row in found.rows),
        resolve=tuple(dict.fromkeys(said for row in found.rows for said in resolve(found, row))),
        picture=Picture(draw=draw),
        blocks=(_facts(found), _table(found)),
        grounds=(Checks(title="comparisons that were made", checks=tuple(checks), whole="rows"),),
        notes=tuple(visible(note.message) for note in found.notes),
        repeat=tuple(_repeat(found)),
    )


def _compared(found: Compared) -> str:
    treated = names.listed((quoted(row.condition) for row in found.rows), most=4)
    who = f"{treated} with {quoted(found.baseline.condition)}"
    the = "the controls" if several_controls(found) else "the control"
    against = f", against {the} {controls(found)}" if controls(found) else ""
    return f"{who}{against}; this speaks about {POPULATIONS[found.population]}"


def _facts(found: Compared) -> Facts:
    """Return sizes and design: of a single treatment all of them, of several what they have in common."""
    first, several = found.rows[0], len(found.rows) > 1
    sizes = [] if several else [("difference", _difference(found, first)), ("size", size(found, first))]
    said = [
        *sizes,
        ("control", _control(found, first)),
        ("gain", "" if several else _gain(found, first)),
        ("margin", margin(found, first)),
        ("design", _designs(found)),
        ("over", POPULATIONS[found.population]),
        ("correction", correction(found) if several else ""),
        ("variance", buys_more(found, first)),
    ]
    return Facts(
        heading="In numbers", facts=tuple(Fact(label=label, said=words) for label, words in said if words)
    )


def _difference(found: Compared, row: Against) -> str:
    return f"{difference(found, row)} ({percent(row.difference.confidence)} interval)"


def _control(found: Compared, row: Against) -> str:
    """Return how the controls differ from the baseline; nothing without any."""
    if row.control is None:
        return ""
    mean = ", on average" if several_controls(found) else ""
    return f"{controls(found)}: {interval(row.control)} {metric(found)} from the baseline{mean}"


def _gain(found: Compared, row: Against) -> str:
    """Return what the treatment gains beyond the controls: the difference in differences."""
    if row.contrast is None:
        return ""
    them = "their mean" if several_controls(found) else "the control"
    return f"{interval(row.contrast)} {metric(found)} beyond {them} (difference in differences)"


def correction(found: Compared) -> str:
    """Return how p-values are corrected for several treatments."""
    how = CORRECTIONS.get(found.correction)
    corrected = f"{how} correction for {len(found.rows)} treatments" if how else "none"
    return f"{corrected}; intervals are those of single comparisons"


def size(found: Compared, row: Against) -> str:
    """Return the size of a difference without the unit of the metric, and how often runs differ as claimed."""
    standard = (
        f"{number(row.standardised, digits=2)} sd between runs; " if math.isfinite(row.standardised) else ""
    )
    of = "runs" if row.pairing == "paired" else "pairs of runs"
    if found.signature.shape.name != "lower":
        return f"{standard}higher in {_share(row.wins)} of {of}"
    wins = row.wins
    losses = replace(wins, value=1.0 - wins.value, low=1.0 - wins.high, high=1.0 - wins.low)
    return f"{standard}lower in {_share(losses)} of {of}"


def _share(found: Estimate) -> str:
    """Return a share in percent with its interval, whose ends are rounded outwards."""
    low, high = math.floor(found.low * 100 + ROUNDING), math.ceil(found.high * 100 - ROUNDING)
    return f"{percent(found.value)} [{low}%, {high}%]"


def _designs(found: Compared) -> str:
    """Return how runs belong together; of several treatments, who has which design."""
    who: dict[str, list[str]] = {}
    for row in found.rows:
        who.setdefault(design(row, correlated=len(found.rows) == 1), []).append(quoted(row.condition))
    if len(who) == 1:
        return next(iter(who))
    return "; ".join(f"{names.listed(treated, most=3)} {said}" for said, treated in who.items())


def design(row: Against, *, correlated: bool) -> str:
    """Return how runs belong together, and how many there are."""
    said = PAIRED[row.pairing]
    if correlated and math.isfinite(row.correlation):
        said += f" (correlation {number(row.correlation, digits=2)})"
    items = f", {row.n_items} items in every run" if row.n_items else ""
    return f"{said}: {row.n_runs[0]} against {row.n_runs[1]}{items}"


def _table(found: Compared) -> Table:
    plain = (
        ("baseline", "number"),
        ("difference", "interval"),
        ("ratio", "number"),
    )
    controlled = (("difference", "interval"), ("minus control", "interval"))
    heads = (
        ("treatment", "text"),
        ("runs", "number"),
        ("mean", "number"),
        *(plain if found.rows[0].contrast is None else controlled),
        ("p", "number"),
        ("answer", "text"),
    )
    return Table(
        heading="Treatments",
        columns=tuple(Column(head=head, kind=kind) for head, kind in heads),
        rows=tuple(_cells(found, row) for row in found.rows),
        most=12,
        rest=("treatment", "table()"),
        compact=True,
    )


def _cells(found: Compared, row: Against) -> tuple[str, ...]:
    mean = next(group.mean for group in found.groups if group.condition == row.condition)
    ratio = "n/a" if row.ratio is None else number(row.ratio.value, digits=4)
    plain = (number(found.baseline.mean, digits=4), interval(row.difference), ratio)
    runs = str(row.n_runs[0]) if row.n_runs[0] == row.n_runs[1] else f"{row.n_runs[0]}/{row.n_runs[1]}"
    return (
        visible(row.condition),
        runs,
        number(mean, digits=4),
        *(plain if row.contrast is None else (interval(row.difference), interval(row.contrast))),
        bare_pvalue(row.pvalue),
        str(row.status),
    )


def _checks(row: Against, *, several: bool) -> list[tuple[bool, str]]:
    told = told_criteria(row.criteria)
    return [(met, f"{visible(row.condition)}: {said}" if several else said) for met, said in told]


def _repeat(found: Compared) -> list[Fact]:
    """Return what is needed to repeat the comparison: data, claim, design and versions."""
    source, signature = found.provenance, found.signature
    shape = signature.shape.name + (
        f" ({signature.shape.better} is better)" if signature.shape.name == "not_worse" else ""  # type: ignore[attr-defined]
    )
    least = (
        "no min_effect" if signature.min_effect is None else f"min_effect {declared(signature.min_effect)}"
    )
    asked = [
        f"alpha {number(signature.alpha)}",
        f"over {' and '.join(signature.over)}",
        PAIRS[signature.design],
        f"correction {found.correction}",
    ]
    if signature.control:
        asked.append(f"quiet_fraction {number(signature.quiet_fraction)}")
    versions = ", ".join(f"{name} {version}" for name, version in source.versions)
    said = {
        "data": f"{source.n_rows} rows, sha256 {source.data_hash[:16]}",
        "claim": f"{shape}, {least}",
        "design": ", ".join(asked),
        "versions": visible(versions),
    }
    return [Fact(label=label, said=words) for label, words in said.items()]
