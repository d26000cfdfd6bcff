"""What ``sigstats plan`` does: a card and the noise in, what its designs can find out, and one number for the shell."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.errors import InputError, OptionError, did_you_mean, remedies_for

if TYPE_CHECKING:
    from sigstats.signature.signature import Signature
    from sigstats.studies.planning.outlook import Outlook

MISSES_TARGET = 15
NOISE = ("noise", "slope_sd", "seed_sd", "correlation")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    card: str
    name: str | None  # of the one signature; all of them where None
    pilot: str | None
    options: dict[str, Any]  # of `sigstats.plan`, as they were written
    reading: dict[str, Any] = dataclasses.field(default_factory=dict)  # how the pilot is read


def outlook_of(asked: Asked, tell: Callable[[str], None]) -> "Outlook":
    """Return what the designs of a card can find out."""
    from sigstats.studies.planning.plan import joined, plan

    options = _settled(asked.options)
    if asked.pilot is None and "noise" not in options:
        raise OptionError(
            "nothing says how much runs vary; give earlier runs or a verdict with --pilot, or the sd with --noise."
        )
    signatures = _signatures(asked)
    frames: dict[Any, Any] = {}
    found: list[Outlook] = []
    left_out: list[tuple[str | None, str]] = []
    with remedies_for("shell", asked.pilot):
        for signature in signatures:
            try:
                pilot = _pilot(asked, signature, frames, tell)
                found.append(plan(signature, pilot=pilot, **options))
            except InputError as error:
                if len(signatures) == 1:
                    raise
                left_out.append((signature.name, str(error)))
    if not found:
        raise InputError("\n".join(f"{name}: {why}" for name, why in left_out))
    return joined(found, left_out)


def as_json(found: "Outlook") -> str:
    """Return one result for each signature as strict JSON."""
    from sigstats.report import json
    from sigstats.report.next_steps import records
    from sigstats.studies.planning.words import results

    steps = records(step for each in found.prospects for step in each.next)
    return json.written(json.record({"results": results(found), "next": steps}))


def exit_code(found: "Outlook") -> int:
    """Return 0 where every design reaches the target, else 15."""
    reached = all(each.design.probability >= found.target for each in found.prospects)
    return 0 if reached and not found.not_covered else MISSES_TARGET


def _signatures(asked: Asked) -> "Sequence[Signature]":
    from sigstats.cards.card import Card

    if not asked.card.lower().endswith(".toml"):
        raise OptionError(
            f"{asked.card!r} is not a card; a card's name ends in .toml. Start one with: sigstats new card.toml"
        )
    with remedies_for("card", asked.card):
        card = Card.from_toml(asked.card)
    chosen = [each for each in card.signatures if asked.name is None or each.name == asked.name]
    if not chosen:
        names = tuple(each.name for each in card.signatures if each.name is not None)
        hint = did_you_mean(str(asked.name), names)
        raise OptionError(f"`--signature` is {asked.name!r}; the card has {names}. {hint}".rstrip())
    return chosen


def _pilot(asked: Asked, signature: "Signature", frames: dict[Any, Any], tell: Callable[[str], None]) -> Any:  # noqa: ANN401 - a path or a frame
    """Return a verdict's file as it is, or the table in any other file."""
    if asked.pilot is None or asked.pilot.lower().endswith(".json"):
        return asked.pilot
    from sigstats.cli.tasks import CheckTask, read_task

    read = {**(signature.read or {}), **asked.reading} or None
    task = CheckTask(
        signature=dataclasses.replace(signature, data=asked.pilot, read=read),
        path=Path(asked.pilot),
        place="card",
    )
    return read_task(task, frames, tell)[1]


def _settled(written: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `plan` from what was written."""
    options = {name: value for name, value in written.items() if value is not None}
    noise = {name: options.pop(name) for name in NOISE if name in options}
    if noise and "noise" not in noise:
        given = ", ".join("--" + name.replace("_", "-") for name in noise)
        raise OptionError(f"{given} came without --noise, the residual sd. Give that as well.")
    for name in ("seeds", "start", "cost"):
        if name in options:
            options[name] = _by_condition(name, options[name])
    if "levels" in options:
        options["levels"] = _levels(options["levels"])
    if noise:
        sd = _by_condition("noise", noise.pop("noise"))
        options["noise"] = {"sd": sd, **noise}
    return options


def _by_condition(option: str, written: str) -> Any:  # noqa: ANN401 - a number, or several by name
    """Return a number, or numbers by condition or role: ``"treatment=3,control=4"``."""
    if "=" not in written:
        return _number(option, written)
    pairs = [part.rpartition("=") for part in written.split(",")]
    return {name.strip(): _number(option, value) for name, _, value in pairs}


def _number(option: str, written: str) -> float | int:
    try:
        value = float(written)
    except ValueError:
        raise OptionError(
            f"`--{option}` is {written!r}; it must be a number, or numbers by condition or role, as in "
            "treatment=3,control=4."
        ) from None
    return int(value) if value.is_integer() else value


def _levels(written: str) -> Any:  # noqa: ANN401 - a number of levels, or the levels
    """Return a number of levels, or the levels themselves: ``"1,2,4,8"``."""
    if "," not in written:
        return _number("levels", written)
    return [_number("levels", each) for each in written.split(",")]
