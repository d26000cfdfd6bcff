"""What stands beside the table of a card: how many signatures hold, which exclude each other, which share data."""

import math
from collections.abc import Iterator

from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.rivals import Rivalry
from sigstats.cards.verdict.rules import IdeaStatus
from sigstats.cards.verdict.words import ALL
from sigstats.report.numbers import bare_pvalue, interval, percent, pvalue
from sigstats.verdict.words.names import listed, quoted

METHODS = {"any": "Holm", "positive": "Hommel, for positively dependent signatures"}


def notes(found: CardDecision) -> Iterator[str]:
    """Yield what is to be said beside the table of signatures."""
    if len(found.predictions) > 1:
        yield _bound(found)
    yield from (rivalry(each) for each in found.rivals)
    yield from same_data(found)
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


def rivalry(rival: Rivalry) -> str:
    """Return which one of two signatures that exclude each other is better supported."""
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


def same_data(found: CardDecision) -> Iterator[str]:
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
