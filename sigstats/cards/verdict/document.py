"""The report on a card, before any format is chosen: the idea, a table of its signatures, notes, a closing sentence."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sigstats.cards.verdict.open_ones import counts_looks, settle
from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.rivals import Rivalry
from sigstats.cards.verdict.rules import IdeaStatus
from sigstats.cards.verdict.words import ALL, MEANINGS, brief, headline, predictions, sentence, title
from sigstats.report.document import Bundle, Column, Document, Picture, Table
from sigstats.report.escaping import shortened
from sigstats.report.numbers import bare_pvalue, interval, percent, pvalue
from sigstats.verdict.words.names import LONGEST_NAME, listed, quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHODS = {"any": "Holm", "positive": "Hommel, for positively dependent signatures"}


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
        notes=tuple(_notes(found)),
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
                "-" if each.verdict is None else each.verdict._document().brief,  # noqa: SLF001 - its own report
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


def _notes(found: CardDecision) -> Iterator[str]:
    if len(found.predictions) > 1:
        yield _bound(found)
    yield from (_rivalry(each) for each in found.rivals)
    yield from _same_data(found)
    suggested = [quoted(each.label) for each in found.predictions if each.suggested_by_these_data]
    if suggested:
        them = "it" if len(suggested) == 1 else "them"
        yield f"These data suggested {listed(suggested, most=ALL)}, so they cannot confirm {them}: only new data can."
    if (
        found.idea is not None
        and found.idea.fails_when
        and not any(p.role == "boundary" for p in found.predictions)
    ):
        yield "No boundary signature asks whether the idea fails where its author expects it to."


def _bound(found: CardDecision) -> str:
    """Return how many signatures hold at least."""
    n, of = found.at_least(), len(found.predictions)
    sure = percent(1.0 - found.alpha)
    how = f"whichever of them one counts ({METHODS[found.dependence]})"
    if n == 0:
        alone = f"After correction over all {of} signatures ({METHODS[found.dependence]}), none can be singled out"
        return f"{alone} as being as expected.{_no_correction(found, n)}"
    named = [
        quoted(each.label)
        for each, p in zip(found.predictions, found.adjusted, strict=True)
        if p <= found.alpha and each.outcome is Outcome.AS_EXPECTED
    ]
    who = f": {listed(named, most=ALL)}" if len(named) == n else ""
    counted = f"at least {n} of {of} signatures {'is' if n == 1 else 'are'} as expected"
    return f"With confidence {sure}, {counted}, {how}{who}.{_no_correction(found, n)}"


def _no_correction(found: CardDecision, n: int) -> str:
    """Return why an idea is supported although fewer signatures can be singled out."""
    if found.status is not IdeaStatus.SUPPORTED or n >= len(found.predictions):
        return ""
    return " That every core prediction holds needs no such correction, as all of them must be shown for it."


def _rivalry(rival: Rivalry) -> str:
    pair = f"{quoted(rival.better)} and {quoted(rival.worse)} exclude each other"
    first, second = (pvalue(p) for p in rival.pvalues)
    if rival.conflict:
        return f"{pair}, yet both are shown ({first} and {second}): at least one of the two answers is wrong."
    sides = f"p-values of present {_bare(rival.pvalues[0])} and {_bare(rival.pvalues[1])}"
    if not rival.decided:
        return f"{pair}, and the data do not say which one is better supported ({sides})."
    by = sides
    if rival.nearer is not None:
        nearer = f"{interval(rival.nearer)} ({percent(rival.nearer.confidence)} interval)"
        by = f"the exponent lies nearer to its range, by {nearer}; {sides}"
    return f"{pair}; the data support {quoted(rival.better)} better: {by}."


def _bare(p: float) -> str:
    return bare_pvalue(p) if math.isfinite(p) else "n/a"


def _same_data(found: CardDecision) -> Iterator[str]:
    """Yield which signatures were judged on one and the same table, and where that has several names."""
    by_hash: dict[str, list[Prediction]] = {}
    for each in found.predictions:
        if each.verdict is not None:
            by_hash.setdefault(each.verdict.provenance.data_hash, []).append(each)
    for same in by_hash.values():
        if len(same) < 2:
            continue
        who = listed((quoted(each.label) for each in same), most=ALL)
        files = {each.signature.data for each in same}
        if len(files) > 1:
            yield f"{who} name different data, but these hold the same values: the same data count twice."
        else:
            yield f"{who} were judged on the same values, so they are not independent; the corrections allow for that."
