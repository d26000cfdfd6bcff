"""The report on a card, before any format is chosen: the idea, a table of its signatures, notes, a closing sentence."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sigstats.cards.verdict.notes import METHODS, notes
from sigstats.cards.verdict.open_ones import counts_looks, settle
from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.words import MEANINGS, brief, headline, predictions, sentence, title
from sigstats.report.document import Bundle, Column, Document, Picture, Table
from sigstats.report.escaping import shortened
from sigstats.report.numbers import bare_pvalue
from sigstats.verdict.words.names import LONGEST_NAME

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def bundled(found: CardDecision, draw: "Callable[[], Figure]") -> Bundle:
    """Return every report, and the one on the idea where the card has one or several signatures."""
    documents = tuple(each._document() for each in found.verdicts)  # noqa: SLF001 - their own reports
    suggested = any(each.suggested_by_these_data for each in found.predictions)
    alone = found.idea is None and len(found.predictions) == 1
    standing = () if found.standing is None else (found.standing.sentence, *found.standing.details)
    return Bundle(
        documents=documents,
        whole=None if alone and documents and not suggested else tell(found, draw),
        standing=standing,
    )


def tell(found: CardDecision, draw: "Callable[[], Figure]") -> Document:
    """Return all that is said of the idea; its closing sentence stands last."""
    several = len(found.predictions) > 1
    return Document(
        headline=headline(found),
        title=title(found),
        status=found.status,
        brief=brief(found),
        meaning=MEANINGS[found.status],
        answer=()
        if found.idea is None or found.idea.claim is None
        else (f"The idea: {_one_line(found.idea.claim)}",),
        resolve=tuple(settle(found)),
        picture=Picture(draw=draw) if found.verdicts else None,
        blocks=(_table(found),) if several else (),
        notes=tuple(notes(found)),
        remarks=(sentence(found),),
    )


def _one_line(said: str) -> str:
    return " ".join(shortened(said, 400).split())


def _table(found: CardDecision) -> Table:
    roles = any(each.role != "core" for each in found.predictions)
    expected = any(each.expect != "present" for each in found.predictions)
    heads = [
        "signature",
        *["role"] * roles,
        *["expected"] * expected,
        "verdict",
        "outcome",
        "in a few words",
        "p",
        "corrected",
    ]
    corrections = _corrections(found)
    rows = []
    for each, (own, corrected) in zip(found.predictions, corrections, strict=True):
        status = "-" if each.verdict is None else str(each.verdict.status).upper()
        rows.append(
            (
                shortened(each.label, LONGEST_NAME),
                *[each.role] * roles,
                *[each.expect] * expected,
                status,
                str(each.outcome),
                "-" if each.verdict is None else each.verdict._brief(),  # noqa: SLF001 - its own report
                own,
                corrected,
            )
        )
    return Table(
        heading="Signatures",
        columns=tuple(
            Column(head=head, kind="number" if head in ("p", "corrected") else "text") for head in heads
        ),
        rows=tuple(rows),
        below=(_about_pvalues(found),),
    )


def _corrections(found: CardDecision) -> list[tuple[str, str]]:
    """Return the p-value of every outcome, on its own and corrected; none where nothing is shown either way."""
    otherwise = {
        label: each.adjusted_otherwise
        for each in found.core
        if len(each.labels) == 1
        for label in each.labels
    }
    cells = []
    for each, adjusted in zip(found.predictions, found.adjusted, strict=True):
        if each.outcome is Outcome.OTHERWISE:
            corrected = otherwise.get(each.label)
            cells.append(
                (bare_pvalue(each.pvalue_otherwise), "-" if corrected is None else bare_pvalue(corrected))
            )
        elif each.outcome is Outcome.AS_EXPECTED:
            cells.append((bare_pvalue(each.pvalue), bare_pvalue(adjusted)))
        else:
            cells.append(("-", "-"))
    return cells


def _about_pvalues(found: CardDecision) -> str:
    looks = (
        ", with the planned looks counted" if any(counts_looks(each) for each in found.predictions) else ""
    )
    return (
        f"p is that of the whole outcome, in all its parts and with its control{looks}; it is corrected over all "
        f"{len(found.predictions)} signatures ({METHODS[found.dependence]}), or, for what is otherwise, over the "
        f"{predictions(len(found.core))}."
    )
