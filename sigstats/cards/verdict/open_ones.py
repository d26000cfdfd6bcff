"""What is open about an idea, and what would settle it."""

from collections.abc import Iterable, Iterator

from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.rules import IdeaStatus, Settled
from sigstats.cards.verdict.weigh import CorePrediction
from sigstats.report.numbers import number, pvalue
from sigstats.verdict.words.names import quoted


def what_is_open(core: CorePrediction, found: CardDecision) -> str:
    """Return in a few words why a core prediction is not settled."""
    return "; ".join(dict.fromkeys(_open(each, core, found) for each in _open_members(core, found)))


def settle(found: CardDecision) -> Iterator[str]:
    """Yield what would settle an idea that is open; where it is decided, nothing need be settled for it."""
    for core in found.core if found.status is IdeaStatus.OPEN else ():
        if core.settled is Settled.OPEN:
            for each in _open_members(core, found):
                yield from (f"{quoted(each.label)}: {said}" for said in _remedies(each))


def counted(p: float, members: Iterable[Prediction]) -> str:
    """Return a p-value of predictions, and that it counts their planned looks if there are several."""
    return f"{pvalue(p)}{', looks counted' if any(counts_looks(each) for each in members) else ''}"


def counts_looks(each: Prediction) -> bool:
    """Return whether the p-values of a prediction count several planned looks."""
    return len(each.signature.looks or ()) > 1


def _open_members(core: CorePrediction, found: CardDecision) -> list[Prediction]:
    """Return the signatures that keep a core prediction open: those without an answer, else those not sure enough."""
    members = [each for each in found.predictions if each.label in core.labels]
    undecided = (Outcome.OPEN, Outcome.MISSING, Outcome.NOT_ASKED)
    shown = [each for each in members if each.outcome is Outcome.AS_EXPECTED]
    left = [each for each in members if each.outcome in undecided]
    return [each for each in left if each.outcome is Outcome.NOT_ASKED] or shown or left or members


def _open(each: Prediction, core: CorePrediction, found: CardDecision) -> str:
    if each.outcome is Outcome.AS_EXPECTED:
        n = len(core.labels)
        return f"shown, but not after correction for {n} that exclude each other ({counted(core.pvalue, [each])})"
    if each.outcome is Outcome.OTHERWISE:
        over = f"{len(found.core)} core predictions at {number(found.alpha)}"
        alone, corrected = counted(core.pvalue_otherwise, [each]), pvalue(core.adjusted_otherwise)
        return f"otherwise than predicted on its own ({alone}), but not after correction over {over} ({corrected})"
    if each.verdict is None:
        return "its data are missing" if each.outcome is Outcome.MISSING else "it was not asked"
    return each.verdict._brief()  # noqa: SLF001 - its own report


def _remedies(each: Prediction) -> tuple[str, ...]:
    """Return what would settle one signature."""
    if each.outcome is Outcome.MISSING:
        where = f" ({each.signature.data})" if each.signature.data else ""
        return (f"provide its data{where}.",)
    if each.outcome is Outcome.NOT_ASKED:
        return ("check the whole card.",)
    if each.verdict is None or each.outcome is not Outcome.OPEN:
        return ("more seeds; its answer is there, but not clear enough to stand beside the others.",)
    return each.verdict._document().resolve  # noqa: SLF001 - its own report
