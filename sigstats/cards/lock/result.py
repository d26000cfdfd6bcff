"""How the answers to a card stand to what was declared before the data, as data."""

import enum
from dataclasses import dataclass, field
from typing import Any

from sigstats.cards.lock.chain import Break
from sigstats.report.escaping import visible
from sigstats.stats.by_value import by_value


class Kind(enum.StrEnum):
    """How an answer stands to what was declared, the weakest last."""

    CONFIRMATORY = "confirmatory"
    DEVIATES = "deviates"
    EXPLORATORY = "exploratory"


class Ground(enum.StrEnum):
    """Why an answer is not confirmatory."""

    NO_LOCK = "no_lock"
    BROKEN_LOCK = "broken_lock"
    DATA_EXISTED = "data_existed"
    SOME_DATA_EXISTED = "some_data_existed"
    DATA_OLDER = "data_older"
    CARD_CHANGED = "card_changed"
    UNPLANNED_LOOK = "unplanned_look"
    REPEATED_LOOK = "repeated_look"
    OTHER_VERSION_SEEN = "other_version_seen"
    SUGGESTED_BY_THESE_DATA = "suggested_by_these_data"
    NOT_DECLARED = "not_declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One field that the card says differently than when it was locked.

    Attributes
    ----------
    signature : str or None
        The signature, by name or place (``"#2"``); None for a field of the idea.
    field : str
        The field; ``"signature"`` where a whole signature was added or taken away.
    locked, now : plain value or None
        What the lock and the card say; None where the field is left out.
    why : str or None
        The reason that was declared with `sigstats amend`; None where none was.
    declared : str or None
        When it was declared, in UTC.
    before_data : bool
        Whether it was declared before any look, and before there were data for a signature.
    """

    signature: str | None
    field: str
    locked: Any
    now: Any
    why: str | None = None
    declared: str | None = None
    before_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStanding:
    """How the answer to one signature stands to what was declared.

    Attributes
    ----------
    signature : str
        The signature, by name or place (``"#2"``).
    kind : Kind
        *confirmatory*, *deviates* or *exploratory*.
    grounds : tuple of Ground
        Why; empty where it is confirmatory.
    look : int or None
        Which look at data this is, from 1: of the planned looks the one with these numbers of seeds; where none are
        planned, how many data were seen up to these. None without a lock, or at numbers of seeds that were not planned.
    planned : int
        How many looks the locked card plans: the length of `looks`, else 1.
    repeated : bool
        Whether the same data were checked with the same signature before.
    n_runs, n_existed : int
        Runs in the data, and those of them that existed when the card was locked.
    n_between : int
        How often parts of these data were seen at numbers of seeds that were not planned, where nothing was claimed.
    dated : bool
        Whether it is known how old the data are; False for a table that was handed in.
    ahead : bool
        Whether the answer is a forecast: then only runs at the levels that it predicts count as data.
    """

    signature: str
    kind: Kind
    grounds: tuple[Ground, ...] = ()
    look: int | None = None
    planned: int = 1
    repeated: bool = False
    n_runs: int = 0
    n_existed: int = 0
    n_between: int = 0
    dated: bool = True
    ahead: bool = False


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the answers to a card stand to what was declared before the data.

    Attributes
    ----------
    kind : Kind
        The weakest of the signatures: *confirmatory*, *deviates* or *exploratory*.
    signatures : tuple of SignatureStanding
        One for each signature that was checked.
    deviations : tuple of Deviation
        What the card says differently than when it was locked.
    locked : str or None
        When the card was locked, in UTC; None without a lock.
    head : str or None
        Hash of the last line of the lock, before this look was recorded.
    breaks : tuple of Break
        Where the lock is not as it was written.
    sentence : str
        All of it in one sentence.
    clause : str
        The same in a few words, for the end of another sentence; empty without a lock. Not written to JSON.
    details : tuple of str
        What else is to be said: where signatures differ, and each deviation. Not written to JSON.
    """

    kind: Kind
    signatures: tuple[SignatureStanding, ...]
    deviations: tuple[Deviation, ...] = ()
    locked: str | None = None
    head: str | None = None
    breaks: tuple[Break, ...] = ()
    sentence: str = ""
    clause: str = field(default="", repr=False, metadata={"json": False})
    details: tuple[str, ...] = field(default=(), repr=False, metadata={"json": False})

    def __str__(self) -> str:
        """Return the standing as one sentence."""
        return visible(self.sentence)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values.

        Returns
        -------
        dict
            As ``sigstats check --json`` holds it under ``standing``.
        """
        from sigstats.report.json import fields, strict

        return strict(fields(self))
