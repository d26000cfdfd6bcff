"""What ``sigstats forecast`` does: a card or options and data in, forecasts out, and one number for the shell."""

import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.cards.data import named, place_of
from sigstats.cli import tasks
from sigstats.errors import OptionError, remedies_for

if TYPE_CHECKING:
    from sigstats.cards.lock.result import Standing
    from sigstats.report.document import Bundle
    from sigstats.studies.forecast.result import Forecast

EXIT_CODES = {"absent": 10, "partial": 11, "inconclusive": 12}  # by status, the worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    card: str | None
    table: str | None
    name: str | None  # of the one signature; all that say how a curve goes on where None
    given: dict[str, Any]  # fields of a signature, where there is no card
    reading: dict[str, Any]  # how the data are read
    to: str | None
    within: float | None
    beyond: bool
    settles: Path | None  # an earlier forecast
    record: bool = True  # whether the look at the data is recorded in the lock of the card


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The forecasts, and how they stand to the lock of the card, where there is a card."""

    forecasts: "list[Forecast]"
    standing: "Standing | None"


def answer_to(asked: Asked, tell: Callable[[str], None], warn: Callable[[str], None]) -> Answered:
    """Return a forecast for each signature that was asked for, and how they stand to the lock."""
    frames = dict[Any, Any]()
    pairs = _forecasts(asked, frames, tell)
    return Answered(forecasts=[made for _, made in pairs], standing=_standing(asked, pairs, frames, warn))


def _standing(
    asked: Asked,
    pairs: "Sequence[tuple[tasks.CheckTask, Forecast]]",
    frames: dict[Any, Any],
    warn: Callable[[str], None],
) -> "Standing | None":
    if asked.card is None:
        return None
    from sigstats.cards.lock.canonical import keyed
    from sigstats.cards.lock.existing import look
    from sigstats.cards.lock.forecasts import Forecasted, stands

    card = tasks.read_card(asked.card, {})
    keys, own = list(keyed(card)), card.signatures
    found = {}
    for task, made in pairs:
        key = keys[task.number - 1]
        seen = look(key, task.signature, task.path, frames)
        found[key] = Forecasted(made=made, signature=own[task.number - 1], seen=seen)
    return stands(card, found, record=asked.record, warn=warn)


def _forecasts(
    asked: Asked, frames: dict[Any, Any], tell: Callable[[str], None]
) -> "list[tuple[tasks.CheckTask, Forecast]]":
    from sigstats.studies.forecast.ask import forecast
    from sigstats.studies.forecast.files import promises

    if asked.settles is not None and (asked.to is not None or asked.within is not None):
        raise OptionError(
            "--settles names an earlier forecast, which says which levels it predicts and how well; leave --to and "
            "--within out."
        )
    promised = None if asked.settles is None else promises(asked.settles)
    chosen, found = _tasks(asked, tell), []
    if promised is not None and len(promised) != len(chosen):
        raise OptionError(
            f"{str(asked.settles)!r} holds {len(promised)} forecasts, and {len(chosen)} signatures are asked for; they "
            "must be the same. Choose one with --signature, as when the forecast was made."
        )
    for number, task in enumerate(chosen):
        with (
            named(place_of(task.number, task.signature), only=len(chosen) == 1),
            _choosing(asked, chosen),
            remedies_for(task.place, str(task.path), task.signature.read),
        ):
            signature, frame = tasks.read_task(task, frames, tell)
            if promised is not None:
                made = promised[number].settled(frame, signature)
            else:
                to = _levels(asked.to)
                made = forecast(frame, signature, to=to, within=asked.within, beyond=asked.beyond)
            found.append((task, made))
    return found


@contextlib.contextmanager
def _choosing(asked: Asked, chosen: Sequence[tasks.CheckTask]) -> Iterator[None]:
    """Where --to is held against several signatures, add that one of them can be chosen."""
    try:
        yield
    except OptionError as error:
        names = [shlex.quote(each.signature.name) for each in chosen if each.signature.name]
        if len(chosen) == 1 or asked.to is None or not names:
            raise
        raise OptionError(
            f"{error} --to counts for every signature; choose one with --signature {' or --signature '.join(names)}"
        ) from error


def _tasks(asked: Asked, tell: Callable[[str], None]) -> list[tasks.CheckTask]:
    if asked.card is None:
        return [tasks.task_from_options(asked.given, asked.table, asked.name, asked.reading)]
    tasks.refuse_options(asked.given)
    every = tasks.tasks_from_card(asked.card, asked.table, asked.name, asked.reading)
    able = [each for each in every if each.signature.shape.goes_on]
    declared = [each for each in able if each.signature.forecast is not None]
    wanted = declared if declared and asked.to is None and asked.settles is None else able
    for each in every:
        if wanted and each not in wanted:
            name = each.signature.name or each.signature.metric or f"signature {each.number}"
            tell(f"{name!r} left out: {_lacking(each)}")
    return wanted or every


def _lacking(task: tasks.CheckTask) -> str:
    """Return why a signature of the card is not forecast."""
    shape = task.signature.shape
    if not shape.goes_on:
        return f"the shape {shape.name!r} does not say how a curve goes on"
    return "it declares no forecast, which others on the card do"


def _levels(written: str | None) -> list[float] | None:
    """Return levels from text: ``"1e9,1e10"``."""
    if written is None:
        return None
    try:
        return [float(each) for each in written.split(",")]
    except ValueError:
        raise OptionError(
            f"`--to` is {written!r}; it must be levels of the knob with commas, as in 1e9,1e10."
        ) from None


def as_json(found: Answered) -> str:
    """Return the forecasts as strict JSON; how they stand to the lock, where there is a card."""
    from sigstats.report import json

    standing = {} if found.standing is None else {"standing": found.standing.to_dict()}
    results = [each.to_dict() for each in found.forecasts]
    return json.written({"schema": json.SCHEMA, "results": results, **standing})


def as_text(found: Answered) -> str:
    """Return the reports for a terminal."""
    from sigstats.report import text

    return text.several(_bundle(found))


def as_page(found: Answered) -> str:
    """Return the forecasts as one HTML page."""
    from sigstats.report import html

    return html.several(_bundle(found))


def _bundle(found: Answered) -> "Bundle":
    from sigstats.report.reported import bundle

    told = bundle(found.forecasts)
    stands = found.standing
    return told if stands is None else replace(told, standing=(stands.sentence, *stands.details))


def exit_code(found: Answered) -> int:
    """Return the code of the worst status; a forecast that is not judged yet counts as 0."""
    statuses = {str(each.status) for each in found.forecasts}
    return next((code for status, code in EXIT_CODES.items() if status in statuses), 0)
