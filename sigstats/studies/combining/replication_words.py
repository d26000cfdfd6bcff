"""A replication beside its original, in words."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from sigstats.report.document import Column, Document, Fact, Facts, Picture, Table, capitalised
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_pvalue, interval, number, percent, pvalue
from sigstats.report.units import with_unit
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.judge import Agrees, Ground
from sigstats.studies.combining.record import ReplicationRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_NAME = 40
SAID = {
    Agrees.AGREES: "the replication agrees with the original",
    Agrees.DISAGREES: "the replication disagrees with the original",
    Agrees.CANNOT_TELL: "the two studies cannot tell whether they agree",
}


def headline(found: ReplicationRecord) -> str:
    """Return the answer as one line."""
    first, then = _sized(found, found.original.effect), _sized(found, found.new.effect)
    return f"{capitalised(SAID[found.status])}: {first}, then {then}"


def _sized(found: ReplicationRecord, estimate: Estimate) -> str:
    return with_unit(interval(estimate), found.prediction.unit)


def _number(found: ReplicationRecord, value: float) -> str:
    return with_unit(number(value), found.prediction.unit)


def tell(found: ReplicationRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    return Document(
        headline=headline(found),
        title=f"{found.claim}: {SAID[found.status]}",
        brief=f"'{shortened(found.original.name, LONGEST_NAME)}', then '{shortened(found.new.name, LONGEST_NAME)}'",
        answer=tuple(_answer(found)),
        picture=Picture(draw=draw),
        blocks=(_facts(found), _table(found)),
        notes=tuple(_notes(found)),
        repeat=(
            Fact(
                label="data",
                said=f"sha256 {found.original.data_hash[:16]} and {found.new.data_hash[:16]}",
            ),
        ),
    )


def _answer(found: ReplicationRecord) -> list[str]:
    """Return a sentence for each reason."""
    difference, margin = _sized(found, found.difference), _number(found, found.margin or math.nan)
    value, inside = _number(found, found.new.effect.value), percent(found.level)
    said = {
        Ground.WITHIN_MARGIN: f"The difference, new minus original, is {difference}: it is shown to be smaller than "
        f"{margin}, the difference that would matter ({pvalue(found.pvalue_within)}).",
        Ground.SHOWN_TO_DIFFER: f"The effects are shown to differ all the same ({pvalue(found.pvalue)}), by less "
        "than matters.",
        Ground.OUTSIDE_PREDICTION: f"The new effect, {value}, lies outside what the original predicts, "
        f"{_sized(found, found.prediction)} ({inside}; {pvalue(found.pvalue)}). The difference is {difference}.",
        Ground.INSIDE_PREDICTION: f"The new effect, {value}, lies inside what the original predicts, "
        f"{_sized(found, found.prediction)} ({inside}; {pvalue(found.pvalue)}). {_open(found, difference, margin)}",
        Ground.OPPOSITE: f"The new effect is shown to be opposite to the original one "
        f"({pvalue(found.pvalue_opposite)}).",
        Ground.NO_MARGIN: "No difference that would matter was declared, so that agreement cannot be shown: give "
        "`margin`, or declare `min_effect`.",
        Ground.UNDETECTABLE_BY_ORIGINAL: f"The new effect is shown to be smaller than "
        f"{_number(found, found.smallest_original)} "
        f"({pvalue(found.pvalue_undetectable)}), the smallest that the original could "
        "have seen (with a power of one third).",
    }
    return [said[reason] for reason in found.reasons]


def _open(found: ReplicationRecord, difference: str, margin: str) -> str:
    if found.margin is None:
        return f"The difference, new minus original, is {difference}."
    return (
        f"The difference, new minus original, is {difference}, and not shown to be smaller than {margin} "
        f"({pvalue(found.pvalue_within)})."
    )


def _facts(found: ReplicationRecord) -> Facts:
    said = {
        "original": f"{_sized(found, found.original.effect)}, {found.original.n_seeds} seeds, {found.original.status}",
        "new": f"{_sized(found, found.new.effect)}, {found.new.n_seeds} seeds, {found.new.status}",
        "prediction": f"{_sized(found, found.prediction)} ({percent(found.level)}, errors of both studies)",
        "power": (
            f"the new study shows {_number(found, found.detectable)} with 80% power; the original's estimate with "
            f"{percent(found.power)}; a difference of {_number(found, found.detectable_difference)} between studies "
            f"is found with 80%"
        ),
    }
    return Facts(
        heading="In numbers", facts=tuple(Fact(label=label, said=words) for label, words in said.items())
    )


def _table(found: ReplicationRecord) -> Table:
    heads = (
        ("study", "text"),
        ("seeds", "number"),
        ("effect", "interval"),
        ("p", "number"),
        ("verdict", "text"),
    )
    rows = [
        (visible(each.name), str(each.n_seeds), interval(each.effect), "", each.status)
        for each in (found.original, found.new)
    ]
    rows.append(("difference", "", interval(found.difference), bare_pvalue(found.pvalue), str(found.status)))
    return Table(
        heading="Studies",
        columns=tuple(Column(head=head, kind=kind) for head, kind in heads),  # type: ignore[arg-type]
        rows=tuple(rows),
        compact=True,
    )


def _notes(found: ReplicationRecord) -> list[str]:
    notes = [
        "Whether both studies are significant is not used: it says little about whether their effects are the same.",
        "An original that was made known because its effect was large overstates it; the new effect is then smaller.",
    ]
    if found.original.version != found.new.version:
        notes.append("The studies were judged by different versions of sigstats.")
    return notes + [f"The studies differ in `{name}`, which was allowed." for name in found.differing]
