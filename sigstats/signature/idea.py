"""The idea behind the signatures of a card, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sigstats.errors import CardError
from sigstats.signature import toml
from sigstats.signature.fields import Problems, listed, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """The idea behind the signatures of a card, in its author's words.

    Attributes
    ----------
    name : str
        A short name.
    claim : str or None
        What the idea says about how the system works.
    applies_to : str or None
        The systems it is meant for.
    fails_when : tuple of str
        Where its author expects it to fail.

    Raises
    ------
    CardError
        If an attribute is not text.

    Examples
    --------
    >>> Idea(name="Topic inertia", fails_when="models without attention").fails_when
    ('models without attention',)
    """

    name: str
    claim: str | None = None
    applies_to: str | None = None
    fails_when: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str,
            claim: str | None = None,
            applies_to: str | None = None,
            fails_when: str | Iterable[str] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        given: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        problems = idea_problems(given)
        if problems:
            raise CardError(listed("the idea", [message for _, message in problems]))
        fails_when = given["fails_when"]
        object.__setattr__(
            self, "fails_when", (fails_when,) if isinstance(fails_when, str) else tuple(fails_when)
        )


def idea_of(card: toml.CardFile) -> Idea | None:
    """Return the idea of a card; what is wrong with it is noted in the card file."""
    given = card.tables.get("idea")
    if given is None:
        return None
    if not isinstance(given, dict):
        card.note("`idea` must be a table; write [idea] above its keys.", table="idea")
        return None
    problems = toml.unknown_keys(given, "the idea", [each.name for each in fields(Idea)]) + idea_problems(
        given
    )
    for key, message in problems:
        card.note(message, table="idea", number=1, key=key)
    return None if problems else Idea(**given)


def idea_problems(given: Mapping[str, Any]) -> Problems:
    """Return what is wrong with the fields of an idea."""
    problems: Problems = []
    if given.get("name") is None:
        problems.append(("", "`name` is missing; an idea has one."))
    for key in ("name", "claim", "applies_to"):
        value = given.get(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            problems.append((key, f"`{key}` is {shown(value)}; it must be text, and not empty."))
    value = given.get("fails_when", ())
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(
        isinstance(each, str) and each.strip() for each in items
    ):
        problems.append(
            ("fails_when", f"`fails_when` is {shown(value)}; it must be a list of texts, none empty.")
        )
    return problems
