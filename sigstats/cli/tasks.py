"""What ``sigstats check`` does: signatures and files in, verdicts out, one number for the shell."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.errors import OptionError, Place, option, remedies_for

if TYPE_CHECKING:
    from sigstats.cards.card import Card
    from sigstats.cards.verdict.outcomes import Prediction
    from sigstats.cards.verdict.result import CardVerdict
    from sigstats.signature.signature import Signature

EXIT_CODES = {"otherwise": 10, "in part": 11, "open": 12, "data missing": 12, "as expected": 0}  # by outcome


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CheckTask:
    """One signature and the file that it is checked against."""

    signature: "Signature"
    path: Path
    filters: dict[str, Any] | None = None  # of the command line, which wait for the types of the columns
    number: int = 1  # of the signature on its card
    place: Place = "shell"  # where the claim is written, and where a remedy is to be typed


def chosen_files(first: str | None, second: str | None, data: str | None) -> tuple[str | None, str | None]:
    """Return the card and the data that the command line names."""
    card = first if first is not None and first.lower().endswith(".toml") else None
    tables = [each for each in (None if card else first, second, data) if each is not None]
    if len(tables) > 1:
        named = " and ".join(map(repr, tables))
        raise OptionError(
            f"{named} both name data; only one table is checked at a time. The name of a card ends in .toml."
        )
    if card is None and not tables:
        raise OptionError(
            "there is nothing to check; give a card, or data with --shape. See: sigstats check --help"
        )
    return card, tables[0] if tables else None


def signature_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return those options of the command line that were given and are fields of a signature."""
    from sigstats.signature.signature import Signature

    fields = {each.name for each in dataclasses.fields(Signature)} - {"name", "data"}
    return {
        key: value
        for key, value in options.items()
        if key in fields and value is not None and value is not False and value != []
    }


def refuse_options(given: dict[str, Any]) -> None:
    """Raise if a card was given together with options that stand for its fields."""
    if not given:
        return
    named = ", ".join("--" + key.replace("_", "-") for key in given)
    fields = field_values(given)
    with remedies_for("card"):
        lines = "; ".join(option(key, value) for key, value in fields.items())
    raise OptionError(
        f"a card and {named} were both given; what is claimed, and of which rows, is said by the fields of the card "
        f"alone. Write there, under [[signature]]: {lines}. Beside a card go the data and options that say how a "
        "file is read or what is printed, such as --signature, --delimiter or --json."
    )


def field_values(given: dict[str, Any]) -> dict[str, Any]:
    """Return what options of the command line say, as a card would hold it."""
    from sigstats.cli.filters import read_filters, settled

    read: dict[str, Callable[[Any], Any]] = {
        "where": lambda texts: settled(read_filters(texts), {}),
        "shape": lambda text: _inline("shape", text),
        "runs": lambda text: _inline("runs", text),
        "bounds": _bounds,
        "min_effect": _number,
        "levels": _levels,
        "looks": _levels,
        "over": lambda words: [word for each in words for word in each.split(",")],
    }
    return {key: read[key](value) if key in read else value for key, value in given.items()}


def task_from_options(
    given: dict[str, Any], table: str | None, name: str | None, reading: dict[str, Any]
) -> CheckTask:
    """Return the one task of a call without a card."""
    from sigstats.cli.filters import read_filters, settled
    from sigstats.signature.signature import Signature

    if name is not None:
        raise OptionError(f"`--signature` is {name!r}, but there is no card. Give the card first.")
    if table is None or "shape" not in given:
        taken = (
            "" if table is None else f"{table!r} is taken for data, since the name of a card ends in .toml; "
        )
        raise OptionError(
            f"{taken}neither a card nor --shape was given. State the prediction, as in: --shape increasing"
        )
    filters = read_filters(given.pop("where", []))
    fields = {"where": settled(filters, {}), **field_values(given)}
    with remedies_for("shell", table):
        signature = Signature(data=table, read=reading, **fields)
    return CheckTask(signature=signature, path=Path(table), filters=filters)


def _number(written: str) -> object:
    """Return a number from text; what is none, such as "2%", is read or refused by the signature."""
    try:
        return float(written)
    except ValueError:
        return written


def _levels(written: str) -> list[object]:
    """Return levels or looks from text: numbers if all of them are, words otherwise."""
    words = written.split(",")
    try:
        return [float(word) for word in words]
    except ValueError:
        return list(words)


def _bounds(written: str) -> object:
    """Return bounds from text: ``"0,1"`` or ``"none"``; what is neither is refused by the signature."""
    try:
        low, high = map(float, written.split(","))
    except ValueError:
        return written
    return [low, high]


def _inline(option: str, text: str) -> Any:  # noqa: ANN401 - a name or a mapping; checked by the signature
    """Return a name, or a table as a card would hold it."""
    if not text.lstrip().startswith("{"):
        return text
    import tomllib

    try:
        return tomllib.loads(f"{option} = {text}")[option]
    except (ValueError, RecursionError) as error:
        raise OptionError(f"`--{option}` is {text!r}; it is not a TOML table: {error}.") from error


def check_options(
    given: dict[str, Any],
    table: str | None,
    name: str | None,
    reading: dict[str, Any],
    tell: Callable[[str], None],
) -> "CardVerdict":
    """Return the answer to a call without a card, as that to a card with one signature."""
    from sigstats.cards.card import Card

    task = task_from_options(given, table, name, reading)
    with remedies_for(task.place, str(task.path), task.signature.read):
        signature, frame = read_task(task, {}, tell)
        return Card(signatures=[signature]).check(frame)


def check_card(
    path: str,
    table: str | None,
    name: str | None,
    reading: dict[str, Any],
    *,
    record: bool,
    tell: Callable[[str], None],
    warn: Callable[[str], None],
) -> "CardVerdict":
    """Return the answer to a card, as `Card.check` does; what Python would warn of is told to `warn`."""
    from sigstats.cards.lock.checked import checked

    card = read_card(path, reading)
    with remedies_for("shell"):
        return checked(card, table, signature=name, record=record, tell=tell, warn=warn)


def read_card(path: str, reading: dict[str, Any]) -> "Card":
    """Return a card; what the command line says of how the data are read goes before what the card says."""
    from sigstats.cards.card import Card

    with remedies_for("card", path):
        card = Card.from_toml(path)
    if not reading:
        return card
    signatures = (
        dataclasses.replace(each, read={**(each.read or {}), **reading}) for each in card.signatures
    )
    return dataclasses.replace(card, signatures=tuple(signatures))


def tasks_from_card(
    path: str, table: str | None, name: str | None, reading: dict[str, Any]
) -> list[CheckTask]:
    """Return one task for each signature of a card that was asked for."""
    from sigstats.cards.data import chosen, no_data

    card = read_card(path, reading)
    with remedies_for("shell"):
        asked = chosen(card.signatures, name)
    tasks = []
    for number, each in asked:
        signature = each if table is None else dataclasses.replace(each, data=table)
        found = card.data_path(each) if table is None else Path(table)
        if found is None:
            raise no_data(each)
        tasks.append(CheckTask(signature=signature, path=found, number=number, place="card"))
    return tasks


def read_task(
    task: CheckTask, frames: dict[Any, Any], tell: Callable[[str], None]
) -> "tuple[Signature, Any]":
    """Return the signature of a task with its filters settled, and its data."""
    from sigstats.cards.data import notes_of, sweep_of
    from sigstats.cli.filters import schema_of, settled

    signature = task.signature
    frame = sweep_of(task.path, signature, frames)
    for note in notes_of(frame):
        tell(note)
    if task.filters:
        signature = dataclasses.replace(signature, where=settled(task.filters, schema_of(frame)))
    return signature, frame


def pictured(found: "CardVerdict") -> Any:  # noqa: ANN401 - an answer that can be drawn
    """Return what is drawn of an answer: the verdict where there is one, else all signatures in rows."""
    only = [each.verdict for each in found.predictions]
    return only[0] if len(only) == 1 and only[0] is not None else found


def summary(found: "CardVerdict", *, full: bool) -> str:
    """Return an answer as text, which tells how a shell asks for more."""
    with remedies_for("shell"):
        return found.summary(full=full)


def exit_code(predictions: "Sequence[Prediction]") -> int:
    """Return the code of the worst outcome among the signatures that were asked."""
    outcomes = {each.outcome for each in predictions}
    return next(code for outcome, code in EXIT_CODES.items() if outcome in outcomes)
