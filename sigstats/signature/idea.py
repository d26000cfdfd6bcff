"""The idea behind the signatures of a card, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sigstats.errors import CardError
from sigstats.signature import toml
from sigstats.signature.fields import Problems, listed, normalised, shown, texts
from sigstats.stats.by_value import by_value


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """The idea behind the signatures of a card, in its author's words.

    Attributes
    ----------
    name : str
        A short name.
    claim : str or None
        What the idea says about how the system works.
    mechanism : str or None
        What is thought to bring the claim about.
    simplified_setting : str or None
        The simple system in which the idea is thought through, such as a linear model.
    applies_to : str or None
        The systems it is meant for.
    fails_when : tuple of str
        Where its author expects it to fail.
    rivals : tuple of str
        Other explanations of the same signatures.
    references : tuple of str
        Where the idea comes from.

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
    mechanism: str | None = None
    simplified_setting: str | None = None
    applies_to: str | None = None
    fails_when: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str,
            claim: str | None = None,
            mechanism: str | None = None,
            simplified_setting: str | None = None,
            applies_to: str | None = None,
            fails_when: str | Sequence[str] = (),
            rivals: str | Sequence[str] = (),
            references: str | Sequence[str] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        given: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        problems = idea_problems(given)
        if problems:
            raise CardError(listed("the idea", [message for _, message in problems]))
        for key in LISTS:
            object.__setattr__(self, key, texts(key, given[key]))


TEXTS = ("name", "claim", "mechanism", "simplified_setting", "applies_to")
LISTS = ("fails_when", "rivals", "references")


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
    for key in TEXTS:
        value = given.get(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            problems.append((key, f"`{key}` is {shown(value)}; it must be text, and not empty."))
    lists = {key: given[key] for key in LISTS if key in given}
    return problems + normalised(lists, dict.fromkeys(LISTS, texts))[1]
