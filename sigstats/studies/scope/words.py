"""A scope in words: where the claim holds, where it does not, where that is not known, and where it changes over."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sigstats.data.table.cells import id_text
from sigstats.report.document import Column, Document, Picture, Table
from sigstats.report.escaping import shortened
from sigstats.report.json import fields
from sigstats.report.numbers import bare_pvalue, number, percent
from sigstats.signature.share import Share
from sigstats.studies.scope.boundary import Boundary, Pattern
from sigstats.studies.scope.frame import cell_size
from sigstats.studies.scope.record import ScopeCell, ScopeRecord, Unsettled
from sigstats.verdict.rules import Status
from sigstats.verdict.words.names import BARE_NUMBER, LONGEST_NAME, claim, counted, listed, quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 12
BELOW = (
    "Verdict, effect and interval are those of each cell alone. p is that of the answer in all its parts; whether the "
    "claim holds is decided on the corrected one."
)
NARROW = (
    "`Card.narrowed` writes a card for the cells in which it holds. That these data suggested them is marked on it: "
    "only new data can confirm it."
)
HOLDS = {True: "holds", False: "does not hold", None: "not known"}
WHY = {
    Unsettled.NOT_ANALYSED: "could not be analysed",
    Unsettled.INCONCLUSIVE: "the data cannot tell",
    Unsettled.IN_PART: "it holds in part",
    Unsettled.CORRECTED: "it is answered in the cell alone, but not after correction; more seeds would settle it",
    Unsettled.EARLIER_CELL: "a cell before it in the declared order is not settled",
}


def tell(found: ScopeRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    return Document(
        headline=headline(found),
        title=claim(found.signature),
        brief=brief(found),
        answer=(sentence(found), *(boundary(each) for each in found.boundaries)),
        picture=Picture(draw=draw),
        blocks=(_table(found),),
        notes=tuple(_notes(found)),
        remarks=tuple(_remarks(found)),
    )


def headline(found: ScopeRecord) -> str:
    """Return the answer as one line."""
    return f"{claim(found.signature)} ({brief(found)})"


def brief(found: ScopeRecord) -> str:
    """Return the answer in counts."""
    others = ((found.holds_not, "does not in"), (found.unknown, "is not known in"))
    said = [f"holds in {len(found.holds)} of {counted(len(found.cells), 'cell')}"]
    return listed([*said, *(f"{words} {len(cells)}" for cells, words in others if cells)])


def sentence(found: ScopeRecord) -> str:
    """Return one sentence that names where the claim holds, where it does not, and where that is not known."""
    kinds = (
        (found.holds, "holds at"),
        (found.holds_not, "does not hold at"),
        (found.unknown, "is not known to hold or not at"),
    )
    parts = [
        f"{words} {_places(cells)} ({len(cells)} of {len(found.cells)} cells)"
        for cells, words in kinds
        if cells
    ]
    return f"The claim that {claim(found.signature)}{_margin(found)} {'; it '.join(parts)}."


def _margin(found: ScopeRecord) -> str:
    margin = found.signature.min_effect
    if margin is None:
        return ""
    said = str(margin) if isinstance(margin, Share) else number(margin)
    return f" (min_effect {said})"


def boundary(found: Boundary) -> str:
    """Return where the claim changes over along a moderator."""
    along = shortened(found.moderator, LONGEST_NAME)
    inside = places_of(found.within)
    start = f"At {inside}, along {along}," if inside else f"Along {along},"
    low, high = _named(found.low), _named(found.high)
    between = f"it changes over between {low} and {high} ({percent(found.confidence)} interval)"
    if found.pattern is Pattern.HOLDS_BELOW:
        return f"{start} {between}: it holds up to {low}, and not from {high} on."
    if found.pattern is Pattern.HOLDS_ABOVE:
        return f"{start} {between}: it does not hold up to {low}, and does from {high} on."
    if found.pattern is Pattern.UNKNOWN:
        return f"{start} nothing is settled."
    if found.pattern is Pattern.NOT_MONOTONE:
        return (
            f"{start} it changes over more than once, so that there is no single boundary: {_turns(found)}."
        )
    verb = "holds" if found.changes[0][1] else "does not hold"
    if len(found.changes) == 1:
        return f"{start} only {_named(found.changes[0][0])} is settled, where it {verb}."
    settled = listed((_named(value) for value, _ in found.changes), most=MOST)
    return f"{start} no change is seen: it {verb} at every value that is settled ({settled})."


def _turns(found: Boundary) -> str:
    return listed(
        (f"{'yes' if held else 'no'} at {_named(value)}" for value, held in found.changes), most=MOST
    )


def label(cell: ScopeCell) -> str:
    """Return the name of a cell: ``"game 'pong', width 16"``."""
    return places_of(cell.values)


def places_of(values: Mapping[str, Any]) -> str:
    """Return values of moderators as one phrase; of several values of one, all."""
    parts = []
    for name, value in values.items():
        several = value if isinstance(value, list | tuple) else [value]
        parts.append(
            f"{shortened(name, LONGEST_NAME)} {listed((_named(each) for each in several), most=MOST)}"
        )
    return ", ".join(parts)


def _places(cells: Sequence[ScopeCell]) -> str:
    """Return several cells as one phrase; the name of a single moderator is said once."""
    if len(cells[0].values) > 1:
        return "; ".join(
            [label(each) for each in cells[:MOST]] + ([f"{len(cells) - MOST} more"] * (len(cells) > MOST))
        )
    (name,) = cells[0].values
    return (
        f"{shortened(name, LONGEST_NAME)} {listed((_named(each.values[name]) for each in cells), most=MOST)}"
    )


def _named(value: Any) -> str:  # noqa: ANN401 - whatever the column holds
    """Return a value of a moderator: words in quotes, numbers bare."""
    said = str(id_text(value))
    return shortened(said, LONGEST_NAME) if BARE_NUMBER.fullmatch(said) else quoted(said)


def _table(found: ScopeRecord) -> Table:
    rows = []
    for each in found.cells:
        size = cell_size(each)
        own, corrected = _pvalues(each)
        rows.append(
            (
                *(_named_plain(value) for value in each.values.values()),
                HOLDS[each.holds],
                "-" if each.status is None else str(each.status).upper(),
                _brief(each),
                "-" if size is None else size.said,
                own,
                corrected,
            )
        )
    texts = (
        *(shortened(name, LONGEST_NAME) for name in found.moderators.columns),
        "the claim",
        "verdict",
        "in a few words",
    )
    heads = [*(Column(head=head) for head in texts), Column(head="effect", kind="interval")]
    heads += [Column(head=head, kind="number") for head in ("p", "corrected")]
    return Table(
        heading="Cells",
        columns=tuple(heads),
        rows=tuple(rows),
        rest=("cell", "table()"),
        below=(BELOW,),
    )


def _named_plain(value: Any) -> str:  # noqa: ANN401 - whatever the column holds
    return shortened(str(id_text(value)), LONGEST_NAME)


def _brief(cell: ScopeCell) -> str:
    if cell.verdict is None:
        return "not analysed"
    return cell.verdict._brief()  # noqa: SLF001 - its own report


def _pvalues(cell: ScopeCell) -> tuple[str, str]:
    """Return the p-value of what is said of a cell, or would be in the cell alone."""
    shown = cell.holds is True or (cell.holds is None and cell.status is Status.PRESENT)
    denied = cell.holds is False or (cell.holds is None and not shown and cell.unsettled in _ANSWERED)
    if shown:
        return bare_pvalue(cell.pvalue_holds), bare_pvalue(cell.adjusted_holds)
    return (bare_pvalue(cell.pvalue_not), bare_pvalue(cell.adjusted_not)) if denied else ("-", "-")


_ANSWERED = (Unsettled.CORRECTED, Unsettled.EARLIER_CELL)


def _notes(found: ScopeRecord) -> Iterator[str]:
    for why in Unsettled:
        cells = [each for each in found.unknown if each.unsettled is why]
        if cells and why is not Unsettled.NOT_ANALYSED:
            yield f"Not known at {_places(cells)}: {WHY[why]}."
    for each in found.cells:
        if each.problem is not None:
            said = " ".join(shortened(each.problem, 300).split())
            yield f"{label(each)} {WHY[Unsettled.NOT_ANALYSED]}: {said}"


def _remarks(found: ScopeRecord) -> Iterator[str]:
    n, rate = len(found.cells), percent(found.alpha)
    how = "Holm's correction" if found.holds_at is None else _in_order(found)
    if n > 1:
        yield (
            f"Over all {n} cells together, the probability of saying of any cell that the claim holds where it does "
            f"not is at most {rate}, and so is that of saying of any that it does not hold where it does ({how})."
        )
    if found.holds and len(found.holds) < n:
        yield NARROW


def _in_order(found: ScopeRecord) -> str:
    (along,) = found.moderators.ordered
    return f"cells tested in order from the {found.holds_at} end of {shortened(along, LONGEST_NAME)}, as declared"


def record(found: ScopeRecord) -> dict[str, Any]:
    """Return everything by name, the sentences, and what is known of each cell in short."""
    shape = found.signature.shape
    signature = {**fields(found.signature), "shape": {"name": shape.name, **shape.options()}}
    if isinstance(found.signature.min_effect, Share):
        signature["min_effect"] = str(found.signature.min_effect)
    return {
        **fields(found),
        "signature": signature,
        "sentence": sentence(found),
        "holds": [each.values for each in found.holds],
        "holds_not": [each.values for each in found.holds_not],
        "unknown": [each.values for each in found.unknown],
        "cells": [_cell(each) for each in found.cells],
        "boundaries": [{**fields(each), "sentence": boundary(each)} for each in found.boundaries],
    }


def _cell(cell: ScopeCell) -> dict[str, Any]:
    size, verdict = cell_size(cell), cell.verdict
    return {
        **fields(cell),
        "status": cell.status,
        "reasons": cell.reasons,
        "effect": None if size is None else size.estimate,
        "margin": None if size is None else size.margin,
        "data_hash": None if verdict is None else verdict.provenance.data_hash,
        "n_rows": None if verdict is None else verdict.provenance.n_rows,
    }
