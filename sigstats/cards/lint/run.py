"""From a card to a report: every rule is asked, and what comments ignore is set apart."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from sigstats.cards.lint.ignores import Ignore, ignores_in
from sigstats.cards.lint.report import Finding, Ignored, LintReport
from sigstats.cards.lint.rule import Declared, Rule, Trip
from sigstats.cards.lint.rules import BY_CODE, NO_REASON, NOTHING, RULES
from sigstats.errors import CardError, OptionError
from sigstats.report.next_steps import NextStep
from sigstats.signature import toml
from sigstats.signature.signature import parts_of


class CardOnFile(Declared, Protocol):
    """A card, and where it was read from."""

    @property
    def path(self) -> Path | None:
        """The file; None where it was made in Python."""


def lint(
    card: CardOnFile, *, select: str | Iterable[str] = (), ignore: str | Iterable[str] = ()
) -> LintReport:
    """Return what the rules find on a card; see `Card.lint`."""
    rules = _chosen(select, ignore)
    file = _file_of(card)
    comments = () if file is None else ignores_in(file)
    lines = {} if file is None else file.lines
    found = [_finding(rule, trip, card, lines) for rule in rules for trip in rule.find(card)]
    kept, ignored, used = _set_apart(found, comments)
    kept += _about_comments(comments, used, rules, card)
    order = {rule.code: place for place, rule in enumerate(RULES)}
    kept.sort(key=lambda each: (each.line or 0, each.number, order[each.code]))
    name = "card" if card.path is None else str(card.path)
    return LintReport(card=name, findings=tuple(kept), ignored=tuple(ignored))


def _chosen(select: str | Iterable[str], ignore: str | Iterable[str]) -> list[Rule]:
    """Return the rules that codes or their beginnings choose; all of them where none is given."""
    wanted, unwanted = _codes("select", select), _codes("ignore", ignore)
    return [
        rule
        for rule in RULES
        if (not wanted or rule.code.startswith(wanted)) and not (unwanted and rule.code.startswith(unwanted))
    ]


def _codes(option: str, given: str | Iterable[str]) -> tuple[str, ...]:
    several = [given] if isinstance(given, str) else list(given)
    codes = tuple(code.strip().upper() for each in several for code in str(each).split(",") if code.strip())
    for code in codes:
        if not any(rule.code.startswith(code) for rule in RULES):
            raise OptionError(
                f"`{option}` is {code!r}, with which no code begins; codes lie between {RULES[0].code} and "
                f"{RULES[-1].code}. Give a code such as SIG107, or its beginning, such as SIG1."
            )
    return codes


def _file_of(card: CardOnFile) -> toml.CardFile | None:
    """Return the file of a card, if it still says what the card says."""
    if card.path is None:
        return None
    try:
        file = toml.read(card.path)
    except CardError:
        return None
    same = (card.idea, list(card.signatures)) == parts_of(file) and not file.problems
    return file if same else None


def _finding(rule: Rule, trip: Trip, card: Declared, lines: dict[toml.Place, int]) -> Finding:
    about_idea = not trip.number and card.idea is not None and rule.code.startswith("SIG1")
    table = "signature" if trip.number else "idea" if about_idea else ""
    number = trip.number or int(about_idea)
    line = lines.get((table, number, trip.field)) or lines.get((table, number, "")) or (1 if lines else None)
    return _found(rule, trip, card, line=line, table=table, number=number)


def _found(rule: Rule, trip: Trip, card: Declared, *, line: int | None, table: str, number: int) -> Finding:
    name = card.signatures[number - 1].name if table == "signature" else None
    why = f"{rule.code}: {trip.says}; {rule.reason}."
    step = NextStep(
        code=rule.step, why=why, signature=name, role=trip.role, field=trip.field or None, n=trip.n
    )
    return Finding(
        code=rule.code,
        rule=rule.name,
        message=trip.says,
        reason=rule.reason,
        remedy=trip.remedy or rule.remedy,
        line=line,
        table=table,
        number=number,
        signature=name,
        field=trip.field,
        next=step,
    )


def _set_apart(
    found: Sequence[Finding], comments: Sequence[Ignore]
) -> tuple[list[Finding], list[Ignored], set[tuple[int, str]]]:
    """Return what is left, what comments ignore, and which code of which line was of use."""
    kept, ignored = [], []
    used: set[tuple[int, str]] = set()
    about: dict[tuple[str, int, str], list[Ignore]] = {}
    for comment in comments:
        for code in comment.codes:
            about.setdefault((comment.table, comment.number, code), []).append(comment)
    for each in found:
        places = sorted({("", 0, each.code), (each.table, each.number, each.code)})
        covering = [comment for place in places for comment in about.get(place, ())]
        used |= {(comment.line, each.code) for comment in covering}
        if covering:
            ignored.append(Ignored(finding=each, reason=covering[-1].reason))
        else:
            kept.append(each)
    return kept, ignored, used


def _about_comments(
    comments: Sequence[Ignore], used: set[tuple[int, str]], rules: Sequence[Rule], card: Declared
) -> list[Finding]:
    """Return what is wrong with the comments themselves."""
    return [
        _found(rule, Trip(says=says), card, line=comment.line, table=comment.table, number=comment.number)
        for comment in comments
        for rule, says in _wrong_with(comment, used, rules)
        if rule in rules
    ]


def _wrong_with(
    comment: Ignore, used: set[tuple[int, str]], rules: Sequence[Rule]
) -> Iterator[tuple[Rule, str]]:
    if not comment.reason:
        yield NO_REASON, f"{', '.join(comment.codes) or 'a comment'} is ignored without a reason"
    if not comment.codes:
        yield NOTHING, "`lint: ignore` names no code, as in ignore[SIG107]"
    for code in comment.codes:
        if code not in BY_CODE:
            yield NOTHING, f"there is no rule {code}"
        elif BY_CODE[code] in rules and (comment.line, code) not in used:
            yield NOTHING, f"{code} is ignored, and does not trip here"
