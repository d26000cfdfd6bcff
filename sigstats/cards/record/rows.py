"""A folder of answers, as data: what reports read."""

from dataclasses import dataclass

from sigstats.stats.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """One answer of the record.

    Attributes
    ----------
    file : str
        The file that holds it, from the folder on.
    idea, signature : str or None
        Their names.
    claim : str
        What was claimed.
    status : str
        The verdict.
    effect : Estimate or None
        The effect; None where there are several treatments.
    seeds : int or None
        Seeds of the treatment that has fewest.
    standing : str or None
        ``"confirmatory"``, ``"deviates"`` or ``"exploratory"``; None where the file does not say.
    look, planned : int or None
        Which look at data it was, and how many were planned.
    locked : str or None
        When the card was locked, in UTC.
    data_hash : str
        SHA-256 of the table.
    version : str
        Version of sigstats that made it.
    date : str
        Day on which the file was committed to git; where it was not, or was changed since, day of the last change.
    committed : bool
        Whether the date is that of a commit.
    same_data : str or None
        An earlier file with an answer to the same claim on the same data.
    """

    file: str
    idea: str | None
    signature: str | None
    claim: str
    status: str
    effect: Estimate | None
    seeds: int | None
    standing: str | None
    look: int | None
    planned: int | None
    locked: str | None
    data_hash: str
    version: str
    date: str
    committed: bool
    same_data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedIdea:
    """What a file says of an idea as a whole.

    Attributes
    ----------
    file, name, status, sentence, date : str
        The file, the idea, its status, that in a sentence, and the day of the file.
    """

    file: str
    name: str
    status: str
    sentence: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that holds no answer.

    Attributes
    ----------
    file, why : str
        The file, from the folder on, and why.
    """

    file: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRows:
    """The answers in a folder, without reports; `Record` lists the attributes."""

    folder: str
    answers: tuple[RecordedAnswer, ...]
    ideas: tuple[RecordedIdea, ...]
    unread: tuple[Unread, ...]
