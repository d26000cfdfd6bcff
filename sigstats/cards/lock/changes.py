"""Field by field: in what two versions of a card differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sigstats.cards.lock.canonical import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that two versions of a card say differently.

    Attributes
    ----------
    signature : str or None
        The signature, by name or place (``"#2"``); None for a field of the idea.
    field : str
        The field; ``"signature"`` where a whole signature was added or taken away.
    old, new : plain value or None
        What the earlier and the later version say; None where a field is left out.
    """

    signature: str | None
    field: str
    old: Any
    new: Any

    @property
    def place(self) -> tuple[str | None, str]:
        """The signature and the field."""
        return self.signature, self.field


def changes(old: Mapping[str, Record], new: Mapping[str, Record]) -> tuple[Change, ...]:
    """Return the fields in which two versions of a card differ."""
    return (
        *_fields(None, old["idea"], new["idea"]),
        *_signatures(old["signatures"], new["signatures"]),
    )


def _signatures(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        if key in old and key in new:
            yield from _fields(key, old[key], new[key])
        else:
            yield Change(signature=key, field="signature", old=old.get(key), new=new.get(key))


def _fields(signature: str | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in dict.fromkeys([*old, *new]):
        if old.get(field) != new.get(field):
            yield Change(signature=signature, field=field, old=old.get(field), new=new.get(field))
