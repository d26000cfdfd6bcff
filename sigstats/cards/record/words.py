"""A folder of answers in words: a table for each idea."""

from collections import Counter
from itertools import groupby

from sigstats.cards.record.rows import RecordedAnswer, RecordRows
from sigstats.report.document import Column, Document, Kind, Table
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval
from sigstats.report.units import with_unit

LONGEST_NAME = 60
HASH = 12  # letters of a hash that are shown
HEADS: tuple[tuple[str, Kind], ...] = (
    ("signature", "text"),
    ("verdict", "status"),
    ("effect", "interval"),
    ("standing", "text"),
    ("data", "text"),
    ("made", "text"),
    ("file", "text"),
)
NO_IDEA = "No idea named"


def headline(found: RecordRows) -> str:
    """Return how many answers there are, by verdict."""
    counts = Counter(answer.status for answer in found.answers)
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    ideas = len({answer.idea for answer in found.answers if answer.idea is not None})
    of_ideas = f" on {_counted(ideas, 'idea')}" if ideas else ""
    return f"{_counted(len(found.answers), 'answer')}{of_ideas}: {visible(by_status)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def tell(found: RecordRows) -> Document:
    """Return all that reports say."""
    by_idea = groupby(found.answers, key=lambda answer: answer.idea)
    return Document(
        headline=headline(found),
        title=f"Record of {shortened(found.folder, LONGEST_NAME)}",
        brief=headline(found),
        blocks=tuple(_table(found, idea, list(answers)) for idea, answers in by_idea),
        notes=tuple(_notes(found)),
    )


def _table(found: RecordRows, idea: str | None, answers: list[RecordedAnswer]) -> Table:
    sentences = [f"{each.date}: {visible(each.sentence)}" for each in found.ideas if each.name == idea]
    return Table(
        title=shortened(idea or NO_IDEA, LONGEST_NAME),
        columns=tuple(Column(head=head, kind=kind) for head, kind in HEADS),
        rows=tuple(_row(answer) for answer in answers),
        below=tuple(sentences),
    )


def _row(answer: RecordedAnswer) -> tuple[str, ...]:
    effect = "" if answer.effect is None else with_unit(interval(answer.effect), answer.effect.unit)
    seeds = "" if answer.seeds is None else f" ({_counted(answer.seeds, 'seed')})"
    return (
        shortened(answer.signature or answer.claim, LONGEST_NAME),
        visible(answer.status),
        effect,
        _standing(answer),
        f"{visible(answer.data_hash[:HASH])}{seeds}",
        f"{answer.date}, {visible(answer.version)}",
        visible(answer.file),
    )


def _standing(answer: RecordedAnswer) -> str:
    """Return how an answer stands to its lock: kind, look and lock."""
    if answer.standing is None:
        return "not said"
    look = "" if answer.look is None else f", look {answer.look} of {answer.planned}"
    lock = "" if answer.locked is None else f", locked {visible(str(answer.locked)[:10])}"
    return f"{visible(answer.standing)}{look}{lock}"


def _notes(found: RecordRows) -> list[str]:
    twins = [
        f"{visible(answer.file)} answers the same claim on the same data as {visible(answer.same_data)}."
        for answer in found.answers
        if answer.same_data is not None
    ]
    strays = [each for each in found.ideas if each.name not in {answer.idea for answer in found.answers}]
    alone = [f"{visible(each.file)}, {each.date}: {visible(each.sentence)}" for each in strays]
    changed = sorted({visible(answer.file) for answer in found.answers if not answer.committed})
    now = "it is" if len(changed) == 1 else "they are"
    day = f"Not committed to git as {now} now, so that the day is that of the last change: {', '.join(changed)}."
    out = [f"{visible(each.file)} is left out: {visible(each.why)}" for each in found.unread]
    return [*alone, *twins, *([day] * bool(changed)), *out]
