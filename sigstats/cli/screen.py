"""What ``sigstats screen`` does: a card and data in, a row for every key out, as text or in files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sigstats.cli.tasks import read_task, tasks_from_card
from sigstats.errors import OptionError, remedies_for

if TYPE_CHECKING:
    from sigstats.studies.screen.result import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    card: str
    data: str | None  # replaces the data named on the card
    by: Sequence[str]
    name: str | None  # of the one signature; all of them where None
    fdr: float
    correction: str
    jobs: int
    reading: dict[str, Any] = field(default_factory=dict)  # how the data are read

    def __post_init__(self) -> None:
        if not self.card.lower().endswith(".toml"):
            raise OptionError(
                f"{self.card!r} is not a card; a card's name ends in .toml. Start one with: sigstats new card.toml"
            )
        if not self.by:
            raise OptionError(
                "`--by` is missing; name the columns that tell keys apart, as in --by task --by model."
            )


def screen_of(asked: Asked, tell: Callable[[str], None]) -> "Screen":
    """Return the screen of all signatures that were asked for, which are about the same data."""
    from sigstats.studies.screen.run import screen

    tasks = tasks_from_card(asked.card, asked.data, asked.name, asked.reading)
    if len({(str(each.path), repr(each.signature.read)) for each in tasks}) > 1:
        raise OptionError(
            "the signatures of the card are about different data; they are screened together only on the same. Choose "
            "one with --signature, or give DATA."
        )
    frames: dict[Any, Any] = {}
    signatures = []
    for task in tasks:
        with remedies_for(task.place, str(task.path), task.signature.read):
            signature, frame = read_task(task, frames, tell)
            signatures.append(signature)
    # Columns are named on the card: the command has no options for them.
    with remedies_for("card", str(tasks[0].path), tasks[0].signature.read):
        correction: Any = asked.correction
        return screen(
            frame, signatures, by=list(asked.by), fdr=asked.fdr, correction=correction, n_jobs=asked.jobs
        )


def as_text(found: "Screen") -> str:
    """Return the screen as text, which tells how a shell asks for more."""
    with remedies_for("shell"):
        return found.summary()


def as_json(found: "Screen") -> str:
    """Return the result as strict JSON."""
    from sigstats.report import json

    return json.several([found.to_dict()])
