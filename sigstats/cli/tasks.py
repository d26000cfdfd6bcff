"""What ``sigstats check`` does: signatures and files in, verdicts out, one number for the shell."""

import contextlib
import dataclasses
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.errors import READING_OPTIONS, InputError, OptionError, Place, did_you_mean, remedies_for

if TYPE_CHECKING:
    from sigstats.signature.signature import Signature
    from sigstats.studies.baseline.result import Comparison
    from sigstats.verdict.verdict import Verdict

EXIT_CODES = {"absent": 10, "partial": 11, "inconclusive": 12, "present": 0}

Pairs = list[tuple["Signature", "Verdict | Comparison"]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CheckTask:
    """One signature and the file that it is checked against."""

    signature: "Signature"
    path: Path
    filters: dict[str, Any] | None = None  # of the command line, which wait for the types of the columns
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


def reading_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return those options of the command line that say how a file is read."""
    return {name: options[name] for name in READING_OPTIONS if options.get(name) not in (None, [])}


def refuse_options(given: dict[str, Any]) -> None:
    """Raise if a card and options that would contradict it were both given."""
    if given:
        named = ", ".join("--" + key.replace("_", "-") for key in given)
        raise OptionError(f"a card and {named} were both given; the card already says this. Change the card.")


def task_from_options(
    given: dict[str, Any], table: str | None, name: str | None, reading: dict[str, Any]
) -> CheckTask:
    """Return the one task of a call without a card."""
    from sigstats.cli.filters import read_filters, settled
    from sigstats.signature.signature import Signature

    if name is not None:
        raise OptionError(f"`--signature` is {name!r}, but there is no card. Give the card first.")
    if table is None or "shape" not in given:
        raise OptionError(
            "neither a card nor --shape was given. State the prediction, as in: --shape increasing"
        )
    filters = read_filters(given.pop("where", []))
    shape = _inline("shape", given.pop("shape"))
    if "bounds" in given:
        given["bounds"] = _bounds(given["bounds"])
    if "min_effect" in given:
        given["min_effect"] = _number(given["min_effect"])
    if "levels" in given:
        given["levels"] = _levels(given["levels"])
    if "runs" in given:
        given["runs"] = _inline("runs", given["runs"])
    with remedies_for("shell", table):
        signature = Signature(data=table, shape=shape, where=settled(filters, {}), read=reading, **given)
    return CheckTask(signature=signature, path=Path(table), filters=filters)


def _number(written: str) -> object:
    """Return a number from text; what is none, such as "2%", is read or refused by the signature."""
    try:
        return float(written)
    except ValueError:
        return written


def _levels(written: str) -> list[object]:
    """Return levels from text: numbers if all of them are, words otherwise."""
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
    try:
        return tomllib.loads(f"{option} = {text}")[option]
    except (ValueError, RecursionError) as error:
        raise OptionError(f"`--{option}` is {text!r}; it is not a TOML table: {error}.") from error


def tasks_from_card(
    path: str, table: str | None, name: str | None, reading: dict[str, Any]
) -> list[CheckTask]:
    """Return the tasks of a card; what the command line says of how the data are read goes before the card."""
    from sigstats.cards.card import Card

    with remedies_for("card", path):
        card = Card.from_toml(path)
    chosen = [each for each in card.signatures if name is None or each.name == name]
    if not chosen:
        names = tuple(each.name for each in card.signatures if each.name is not None)
        hint = did_you_mean(str(name), names)
        raise OptionError(f"`--signature` is {name!r}; the card has {names}. {hint}".rstrip())
    tasks = []
    for declared in chosen:
        each = (
            dataclasses.replace(declared, read={**(declared.read or {}), **reading}) if reading else declared
        )
        if table is not None:
            signature = dataclasses.replace(each, data=table)
            tasks.append(CheckTask(signature=signature, path=Path(table), place="card"))
            continue
        found = card.data_path(each)
        if found is None:
            raise OptionError(f"card {path!r} does not name data{_of(each)}. Give the data after the card.")
        tasks.append(CheckTask(signature=each, path=found, place="card"))
    return tasks


def place_of(number: int, signature: "Signature") -> str:
    """Return how an error names one of several signatures."""
    return f"signature {number}" if signature.name is None else f"signature {number} {signature.name!r}"


def _of(signature: "Signature") -> str:
    return "" if signature.name is None else f" for signature {signature.name!r}"


def verdicts_of(tasks: Sequence[CheckTask], tell: Callable[[str], None] = lambda _: None) -> Pairs:
    """Return each signature with its verdict; every file is read once."""
    from sigstats.data.progress import progress

    frames: dict[Any, Any] = {}
    pairs = []
    with progress("checking", len(tasks)) as advance:
        for number, task in enumerate(tasks, start=1):
            with named(place_of(number, task.signature), only=len(tasks) == 1):
                pairs.append(_verdict(task, frames, tell))
            advance()
    return pairs


def _verdict(
    task: CheckTask, frames: dict[Any, Any], tell: Callable[[str], None]
) -> "tuple[Signature, Verdict | Comparison]":
    with remedies_for(task.place, str(task.path), task.signature.read):
        signature, frame = read_task(task, frames, tell)
        if signature.shape.against_baseline:
            from sigstats.studies.baseline.compare import compare

            return signature, compare(frame, signature)
        from sigstats.detection import detect

        return signature, detect(frame, signature)


def read_task(
    task: CheckTask, frames: dict[Any, Any], tell: Callable[[str], None]
) -> "tuple[Signature, Any]":
    """Return the signature of a task with its filters settled, and its data."""
    from sigstats.cards.card import sweep_of
    from sigstats.cli.filters import schema_of, settled
    from sigstats.cli.runs import notes_of

    signature = task.signature
    frame = sweep_of(task.path, signature, frames)
    for note in notes_of(frame):
        tell(note)
    if task.filters:
        signature = dataclasses.replace(signature, where=settled(task.filters, schema_of(frame)))
    return signature, frame


@contextlib.contextmanager
def named(place: str, *, only: bool) -> Iterator[None]:
    """Name the signature in an error, where there are several."""
    try:
        yield
    except InputError as error:
        if only:
            raise
        raise InputError(f"{place}: {error}") from error


def exit_code(pairs: Pairs) -> int:
    """Return the code of the worst status."""
    statuses = {str(verdict.status) for _, verdict in pairs}
    return next(code for status, code in EXIT_CODES.items() if status in statuses)
