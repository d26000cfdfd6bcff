"""A verdict on a card in words: the answer on the idea, and one sentence that its author can defend."""

from collections.abc import Iterator, Sequence

from sigstats.cards.verdict.open_ones import counted, what_is_open
from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.rules import IdeaStatus, Settled
from sigstats.cards.verdict.weigh import CorePrediction
from sigstats.evidence.reason import Reason
from sigstats.report.escaping import shortened
from sigstats.verdict.words.names import LONGEST_NAME, listed, quoted

ALL = 99
MEANINGS = {
    IdeaStatus.SUPPORTED: "Everything that the idea needs is shown.",
    IdeaStatus.CONTRADICTED: "Something that the idea needs is shown to be otherwise.",
    IdeaStatus.BOUNDED: "The idea holds in part: something that it needs holds, but not as far as it was declared.",
    IdeaStatus.OPEN: "The data cannot tell what becomes of the idea.",
}


def headline(found: CardDecision) -> str:
    """Return the answer as one line."""
    return f"{found.status.upper()}: {title(found)} ({brief(found)})"


def title(found: CardDecision) -> str:
    """Return the name of the idea, or what stands for it."""
    return "the predictions of this card" if found.idea is None else shortened(found.idea.name, LONGEST_NAME)


def brief(found: CardDecision) -> str:
    """Return the answer in a few words."""
    words_of = {
        IdeaStatus.SUPPORTED: (Settled.AS_EXPECTED, "as expected"),
        IdeaStatus.CONTRADICTED: (Settled.OTHERWISE, "otherwise than predicted"),
        IdeaStatus.BOUNDED: (Settled.IN_PART, "shown only in part"),
        IdeaStatus.OPEN: (Settled.OPEN, "not settled"),
    }
    if not found.core:
        return "no core signature decides"
    if found.rule == 3:
        return "two that exclude each other are both shown"
    wanted, words = words_of[found.status]
    n = sum(each.settled is wanted for each in found.core)
    if len(found.core) == 1:
        return f"its one core prediction is {words}"
    return f"{n} of {predictions(len(found.core))} {'is' if n == 1 else 'are'} {words}"


def predictions(n: int) -> str:
    """Return a count of core predictions."""
    return f"{n} core prediction{'' if n == 1 else 's'}"


def sentence(found: CardDecision) -> str:
    """Return one sentence about the idea that its author can defend: what is shown, and by which part of the card."""
    said = {
        IdeaStatus.SUPPORTED: _supported,
        IdeaStatus.CONTRADICTED: _contradicted,
        IdeaStatus.BOUNDED: _bounded,
        IdeaStatus.OPEN: _open,
    }[found.status](found)
    beside = listed(_beside(found), most=ALL)
    link = "and" if found.status is IdeaStatus.CONTRADICTED else "but"
    parts = [said, *([f"{link} {beside}"] if beside else [])]
    if found.standing is not None and found.standing.clause:
        parts.append(found.standing.clause)
    return f"{'; '.join(parts)}."


def _name(found: CardDecision) -> str:
    return title(found) if found.idea is None else f'"{title(found)}"'


def _supported(found: CardDecision) -> str:
    core, name = found.core, _name(found)
    weakest_one = max(core, key=lambda each: each.pvalue)
    worst = counted(weakest_one.pvalue, _members(weakest_one, found))
    if len(core) == 1:
        one = f"its one core prediction, {_labels(core[0], found)}, is as expected"
        return f"The data support {name}: {one} ({worst})"
    every, needed = ("both", "both") if len(core) == 2 else (f"all {len(core)}", "all")
    weakest = f"the weaker has {worst}" if len(core) == 2 else f"the weakest has {worst}"
    return f"The data support {name}: {every} core predictions are as expected ({weakest}, and {needed} are needed)"


def _contradicted(found: CardDecision) -> str:
    core = found.core
    wrong = [each for each in core if each.settled is Settled.OTHERWISE]
    told = listed(
        (
            f"{_labels(each, found)} ({_why(each, found)}; {counted(each.adjusted_otherwise, _members(each, found))})"
            for each in wrong
        ),
        most=ALL,
    )
    corrected = f", after correction over {predictions(len(core))}" if len(core) > 1 else ""
    rest = _tally(found, but=Settled.OTHERWISE)
    verb = "is" if len(wrong) == 1 else "are"
    if all(_only_unspecific(each, found) for each in wrong):
        said = "The shape is there, and in the control as well, which"
        return f"{said} {_name(found)} rules out: {told} {verb} otherwise than predicted{corrected}{rest}"
    return f"The data contradict {_name(found)} as declared: {told} {verb} otherwise than predicted{corrected}{rest}"


def _only_unspecific(core: CorePrediction, found: CardDecision) -> bool:
    """Return whether a core prediction fails because its control shows the shape too, and for no other reason."""
    verdicts = [each.verdict for each in found.predictions if each.label in core.labels]
    return all(each is not None and tuple(each.reasons) == (Reason.ARTIFACT,) for each in verdicts)


def _bounded(found: CardDecision) -> str:
    parts = [each for each in found.core if each.settled is Settled.IN_PART]
    told = listed((f"{_labels(each, found)} ({_why(each, found)})" for each in parts), most=ALL)
    verb = "holds" if len(parts) == 1 else "hold"
    rest = _tally(found, but=Settled.IN_PART)
    return f"The data support {_name(found)} only in part: {told} {verb} in part{rest}"


def _open(found: CardDecision) -> str:
    core, name = found.core, _name(found)
    if not core:
        return f"The data cannot decide about {name}: none of its signatures is declared as core"
    if found.rule == 3:
        both = [each for each in found.core if each.settled is Settled.CONFLICT]
        shown = listed((quoted(label) for each in both for label in _shown(each, found)), most=ALL)
        return f"The data leave {name} open: {shown} are both shown, although they exclude each other"
    left = [each for each in core if each.settled is Settled.OPEN]
    told = listed((f"{_labels(each, found)} ({what_is_open(each, found)})" for each in left), most=ALL)
    verb = "is" if len(left) == 1 else "are"
    return f"The data leave {name} open: {told} {verb} not settled{_tally(found, but=Settled.OPEN)}"


def in_short(found: CardDecision) -> str:
    """Return what the status means, with what became of every core prediction counted."""
    counts = (sum(each.settled is settled for each in found.core) for settled in Settled)
    said = [f"{n} {settled}" for n, settled in zip(counts, Settled, strict=True) if n]
    return f"{MEANINGS[found.status]} Core predictions: {listed(said, most=ALL) or 'none'}."


def _tally(found: CardDecision, *, but: Settled) -> str:
    """Return what became of the other core predictions, as the end of a sentence."""
    counts = [
        (sum(each.settled is settled for each in found.core), str(settled))
        for settled in Settled
        if settled is not but
    ]
    said = [f"{n} of {len(found.core)} {'is' if n == 1 else 'are'} {words}" for n, words in counts if n]
    return f"; {listed(said, most=ALL)}" if said else ""


def _beside(found: CardDecision) -> Iterator[str]:
    """Yield what signatures that do not decide say against the idea, or against what it rests on."""
    failed = (Outcome.OTHERWISE, Outcome.IN_PART)
    limits = [each for each in found.predictions if each.role == "boundary" and each.outcome in failed]
    if limits:
        one = len(limits) == 1
        noun, where = (
            ("boundary", "is not where it was") if one else ("boundaries", "are not where they were")
        )
        yield f"the {noun} {_told(limits)} {where} declared"
    for outcome, said in (
        (Outcome.OTHERWISE, "not as expected"),
        (Outcome.IN_PART, "as expected only in part"),
    ):
        checks = [each for each in found.predictions if each.role == "auxiliary" and each.outcome is outcome]
        if checks:
            noun, verb = ("signature", "is") if len(checks) == 1 else ("signatures", "are")
            yield f"the auxiliary {noun} {_told(checks)} {verb} {said}"


def _told(predictions: Sequence[Prediction]) -> str:
    """Return the names of signatures, each with its answer."""
    return listed((f"{quoted(each.label)} ({answer_in_brief(each)})" for each in predictions), most=ALL)


def _members(core: CorePrediction, found: CardDecision) -> list[Prediction]:
    return [each for each in found.predictions if each.label in core.labels]


def _shown(core: CorePrediction, found: CardDecision) -> list[str]:
    return [each.label for each in _members(core, found) if each.outcome is Outcome.AS_EXPECTED]


def _labels(core: CorePrediction, found: CardDecision) -> str:
    """Return the name of a core prediction; of alternatives the one that is shown, or all."""
    names = (core.settled is Settled.AS_EXPECTED and _shown(core, found)) or list(core.labels)
    return " or ".join(map(quoted, names))


def _why(core: CorePrediction, found: CardDecision) -> str:
    """Return the answers to a core prediction in a few words."""
    told = dict.fromkeys(answer_in_brief(each) for each in _members(core, found))
    return "; ".join(told)


def answer_in_brief(each: Prediction) -> str:
    """Return the answer to one signature in a few words."""
    if each.verdict is None:
        return str(each.outcome)
    expected = (
        "" if each.expect == "present" else f"{each.verdict.status}, where {each.expect} was expected: "
    )
    right = (
        ""
        if each.outcome is not Outcome.AS_EXPECTED or not expected
        else f"{each.verdict.status}, as expected: "
    )
    return f"{right or expected}{each.verdict._brief()}"  # noqa: SLF001 - its own report
