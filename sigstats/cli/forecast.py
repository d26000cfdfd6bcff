"""What ``sigstats forecast`` does: a card or options and data in, forecasts out, and one number for the shell."""

import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.cards.data import named, place_of
from sigstats.cli import tasks
from sigstats.errors import OptionError, remedies_for

if TYPE_CHECKING:
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


def forecasts_of(asked: Asked, tell: Callable[[str], None]) -> "list[Forecast]":
    """Return a forecast for each signature that was asked for."""
    from sigstats.studies.forecast.ask import forecast
    from sigstats.studies.forecast.files import promises

    if asked.settles is not None and (asked.to is not None or asked.within is not None):
        raise OptionError(
            "--settles names an earlier forecast, which says which levels it predicts and how well; leave --to and "
            "--within out."
        )
    promised = None if asked.settles is None else promises(asked.settles)
    chosen, frames, found = _tasks(asked, tell), dict[Any, Any](), []
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
                found.append(promised[number].settled(frame, signature))
            else:
                within = 0.05 if asked.within is None else asked.within
                found.append(
                    forecast(frame, signature, to=_levels(asked.to), within=within, beyond=asked.beyond)
                )
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
    able = [each for each in every if _goes_on(each)]
    for each in every:
        if able and each not in able:
            name, shape = each.signature.name or each.signature.metric, each.signature.shape.name
            tell(f"{name!r} left out: the shape {shape!r} does not say how a curve goes on")
    return able or every


def _goes_on(task: tasks.CheckTask) -> bool:
    from sigstats.studies.forecast.chosen import goes_on

    return goes_on(task.signature.shape)


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


def as_json(found: "Sequence[Forecast]") -> str:
    """Return the forecasts as strict JSON."""
    from sigstats.report import json

    return json.several(each.to_dict() for each in found)


def as_text(found: "Sequence[Forecast]") -> str:
    """Return the reports for a terminal."""
    from sigstats.report import text
    from sigstats.report.reported import bundle

    return text.several(bundle(found))


def as_page(found: "Sequence[Forecast]") -> str:
    """Return the forecasts as one HTML page."""
    from sigstats.report import html
    from sigstats.report.reported import bundle

    return html.several(bundle(found))


def exit_code(found: "Sequence[Forecast]") -> int:
    """Return the code of the worst status; a forecast that is not judged yet counts as 0."""
    statuses = {str(each.status) for each in found}
    return next((code for status, code in EXIT_CODES.items() if status in statuses), 0)
