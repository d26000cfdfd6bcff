"""What the signatures of a card are about: the data that they name, and the rows and columns of their tests."""

import contextlib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sigstats.errors import CardError, InputError, OptionError, did_you_mean, place_of_caller
from sigstats.signature.idea import Idea
from sigstats.signature.signature import ROLES, Signature


class Checkable(Protocol):
    """What is asked of a card."""

    @property
    def idea(self) -> Idea | None:
        """The idea."""

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The signatures."""

    @property
    def path(self) -> Path | None:
        """The file of the card."""

    def data_path(self, signature: Signature) -> Path | None:
        """Return where the data of a signature are."""


def sweep_of(path: Path, signature: Signature, known: MutableMapping[Any, Any]) -> Any:  # noqa: ANN401 - a frame
    """Return the sweep that a signature is about; `known` keeps what has been read."""
    from sigstats.data.sources import open_sweep

    roles = {role: getattr(signature, role) for role in ROLES}
    filtered = tuple(signature.where or ())
    return open_sweep(path, roles, filtered=filtered, runs=signature.runs, read=signature.read, known=known)


def target(signature: Signature) -> tuple[object, ...]:
    """Return what the prediction is about: the rows and columns of its test."""
    columns = tuple(getattr(signature, role) for role in ROLES)
    named = signature.treatment
    treated = ("not", *sorted(signature.control or ())) if named is None else ("only", *sorted(named))
    rows = (signature.data, signature.where, signature.runs, signature.read)
    return (*rows, columns, treated, signature.baseline)


def exclusive(one: Signature, other: Signature) -> bool:
    """Return whether two signatures are declared to exclude each other; either of them may say so."""
    return one.name in other.exclusive_with or other.name in one.exclusive_with


def is_suggested(signature: Signature, data_hash: str | None) -> bool:
    """Return whether data with this hash suggested a signature, so that they cannot confirm it."""
    return data_hash is not None and data_hash in signature.suggested_by


def no_data(signature: Signature) -> CardError:
    """Return the error for a signature whose data nothing names."""
    named = "the signature" if signature.name is None else f"signature {signature.name!r}"
    return CardError(
        f'{named} names no `data`; add data = "sweep.csv" (or a folder of logs) to the card, or give the data after '
        "the card."
    )


def chosen(signatures: Sequence[Signature], name: str | None) -> list[tuple[int, Signature]]:
    """Return the signature of a name, or all of them, each with its place from 1."""
    found = [(at, each) for at, each in enumerate(signatures, start=1) if name is None or each.name == name]
    if not found:
        names = tuple(each.name for each in signatures if each.name is not None)
        given = "`--signature`" if place_of_caller() == "shell" else "`signature`"
        raise OptionError(
            f"{given} is {name!r}; the card has {names}. {did_you_mean(str(name), names)}".rstrip()
        )
    return found


def notes_of(table: Any) -> tuple[str, ...]:  # noqa: ANN401 - any frame
    """Return what was decided and counted when runs became a table."""
    attrs = getattr(table, "attrs", {})
    return tuple(attrs.get("notes", ())) if isinstance(attrs, Mapping) else ()


def place_of(number: int, signature: Signature) -> str:
    """Return how an error names one of several signatures."""
    return f"signature {number}" if signature.name is None else f"signature {number} {signature.name!r}"


@contextlib.contextmanager
def named(place: str, *, only: bool) -> Iterator[None]:
    """Name the signature in an error, where there are several."""
    try:
        yield
    except InputError as error:
        if only:
            raise
        raise InputError(f"{place}: {error}") from error
