"""What ``sigstats shapes`` prints."""

import textwrap
from collections.abc import Iterator, Sequence

from sigstats.report import json
from sigstats.report.escaping import visible
from sigstats.studies.vocabulary.described import ToldShape, told

WIDTH = 100


def listing(name: str | None, *, as_json: bool) -> str:
    """Return all shapes as a list, or one in full."""
    found = told(name)
    if as_json:
        return json.written(json.record({"shapes": found}))
    if name is None:
        return "\n".join(
            [*_rows(found), "", "sigstats shapes NAME: its clauses, what else it may be, and a card."]
        )
    parts = ["\n".join(_full(each)) for each in found]
    shapes = list(dict.fromkeys(each.name for each in found))
    if name not in shapes:
        parts.insert(0, f"{visible(name)!r} is another word for {' or '.join(map(repr, shapes))}:")
    return "\n\n".join(parts)


def _rows(found: Sequence[ToldShape]) -> Iterator[str]:
    shared = [need for need in found[0].needs if all(need in each.needs for each in found)]
    called = max(len(each.called) for each in found)
    sketched = max(len(each.sketch) for each in found)
    for each in found:
        head = f"{each.called:<{called}}  {each.sketch:<{sketched}}  "
        needs = "; ".join(need for need in each.needs if need not in shared)
        yield from textwrap.wrap(
            f"{each.claim} ({needs})", WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
        )
    yield ""
    yield f"All of them need {'; '.join(shared)}."


def _full(each: ToldShape) -> Iterator[str]:
    yield f"{each.called}  {each.sketch}".rstrip()
    yield from _wrapped(f"claims that the metric {each.claim}", 0)
    yield ""
    for paragraph in each.about.split("\n\n"):
        yield from _wrapped(paragraph, 0)
    if each.also_called:
        yield ""
        yield from _wrapped(f"other words for it: {', '.join(each.also_called)}", 2)
    yield ""
    yield from _wrapped(f"needs: {'; '.join(each.needs)}", 7)
    if each.location:
        yield f"also gives its {each.location}, with an interval"
    for option in each.options:
        yield f"option {option.name}: " + (
            "must be given" if option.required else f"{option.default!r} by default"
        )
    yield ""
    yield "clauses:"
    for clause in each.clauses:
        yield from _wrapped(f"  {clause.name} ({clause.kind}): {clause.says}", 4)
        yield from _wrapped(f"    tested against: {clause.null}", 6)
        yield from _wrapped(f"    if refuted: {clause.refuted}", 6)
    if each.near_misses or each.opposes:
        yield ""
        yield "what else it may be:"
    for miss in each.near_misses:
        yield from _wrapped(f"  {miss.seen} -> {miss.use}", 4)
    if each.opposes:
        yield from _wrapped(f"  never true of the same curve: {', '.join(each.opposes)}", 4)
    yield ""
    yield f"in Python: shape={each.call}"
    if each.card is None:
        yield "A card cannot hold it."
        return
    yield "as a card:"
    yield ""
    yield each.card.rstrip("\n")


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False)
