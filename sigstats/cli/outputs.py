"""What commands write beside their answer: checked before the work is done, and never over what is read."""

import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sigstats.errors import InputError, OptionError

PICTURES = (".pdf", ".png", ".svg")


def refuse(outputs: Iterable[Path | None], inputs: Iterable[str | Path | None], *, force: bool) -> None:
    """Raise if a file could not be written, is written twice, or would replace something that is read."""
    from sigstats.report.files import check_target

    read = {Path(each).resolve() for each in inputs if each is not None}
    written: set[Path] = set()
    for path in outputs:
        if path is None:
            continue
        place = path.resolve()
        if place in written:
            raise OptionError(f"{str(path)!r} is another of the files to write; give a name of its own.")
        if place in read or (
            os.path.exists(place)  # noqa: PTH110 - unlike that of a path, it never raises
            and read.intersection(place.parents)
        ):
            raise OptionError(f"{str(path)!r} is the card or its data; give a name of its own.")
        if not force and os.path.lexists(path) and not path.is_dir():
            raise InputError(f"{str(path)!r} exists already; pass --force to overwrite it.")
        check_target(path, overwrite=force)
        written.add(place)


def inputs_of(card: str | None, *others: str | Path | None) -> list[str | Path | None]:
    """Return what is read: a card with its lock, the data that it names, and what the command line names.

    A card that cannot be read names nothing; what is wrong with it is said when it is used.
    """
    found: list[str | Path | None] = [card, *others]
    if card is None:
        return found
    from sigstats.cards.card import Card
    from sigstats.cards.lock.file import lock_path

    found.append(lock_path(Path(card)))
    try:
        read = Card.from_toml(card)
    except InputError:
        return found
    return [*found, *(read.data_path(each) for each in read.signatures)]


def check_picture(path: Path | None, card: str | None = None, name: str | None = None) -> None:
    """Raise if a figure cannot have the format of its name, or where the card has several signatures to draw."""
    if path is None:
        return
    if path.suffix.lower() not in PICTURES:
        raise OptionError(f"`--figure` is {str(path)!r}; its name must end in one of {PICTURES}.")
    if card is None or name is not None:
        return
    from sigstats.cards.card import Card

    try:
        n = len(Card.from_toml(card).signatures)
    except InputError:  # said when the card is used
        return
    _refuse_several(n)


def _refuse_several(n: int) -> None:
    if n != 1:
        raise OptionError(f"`--figure` draws one answer, and there are {n}; choose one with --signature.")


def drawn(results: "Sequence[Any]", path: Path) -> bytes:
    """Return the figure of the one result, in the format that the name of a file asks for."""
    _refuse_several(len(results))
    content = io.BytesIO()
    results[0].plot().savefig(content, format=path.suffix.lower().removeprefix("."), dpi=150)
    return content.getvalue()
