"""Cards: an idea and its signatures, declared in a file before anybody looks at the data.

What a card says as a whole is checked here: names, and signatures that cannot both hold.
"""

import os
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.errors import CardError, did_you_mean
from sigstats.signature import toml
from sigstats.signature.fields import listed, shown, without_defaults
from sigstats.signature.idea import Idea
from sigstats.signature.signature import ROLES, Signature, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An idea and its signatures.

    Attributes
    ----------
    idea : Idea or None
        The idea, in words.
    signatures : tuple of Signature
        At least one; no name occurs twice, and no two say the opposite of the same thing.
    path : Path or None
        The file that it was read from; cards that differ in nothing else are equal.

    Raises
    ------
    CardError
        If there is no signature, a name occurs twice, or two signatures contradict each other.

    Examples
    --------
    >>> card = Card(signatures=[Signature(name="rises", shape="increasing")])
    >>> print(card.to_toml(), end="")
    [[signature]]
    name = "rises"
    shape = "increasing"
    """

    idea: Idea | None = None
    signatures: tuple[Signature, ...]
    path: Path | None = field(default=None, compare=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            signatures: Iterable[Signature],
            idea: Idea | None = None,
            path: str | os.PathLike[str] | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "signatures", tuple(self.signatures))
        strangers = [each for each in self.signatures if type(each) is not Signature]
        if strangers:
            raise CardError(f"`signatures` holds {shown(strangers[0])}; every element must be a Signature.")
        object.__setattr__(self, "path", None if self.path is None else Path(self.path))
        problems = conflicts(self.signatures)
        if problems:
            raise CardError(listed("the card", [message for _, message in problems]))

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> "Card":
        """Read a card.

        Parameters
        ----------
        path : str or path-like
            A regular file of at most 1 MB, in UTF-8.

        Returns
        -------
        Card
            The checked card.

        Raises
        ------
        CardError
            If the file cannot be read, is not TOML, or says something that makes no sense; every problem is
            listed with its place in the file.
        """
        file = toml.read(path)
        idea, signatures = parts_of(file)
        if signatures and len(signatures) == len(file.tables["signature"]):
            for position, message in conflicts(signatures):
                name = signatures[position].name
                file.note(message, table="signature", number=position + 1, name=name)
        file.refuse()
        return cls(idea=idea, signatures=signatures, path=path)

    def to_toml(self) -> str:
        """Return the card as TOML, from which an equal card is read.

        Returns
        -------
        str
            The text of the file; what equals its default is left out.
        """
        blocks = [each.to_toml() for each in self.signatures]
        if self.idea is not None:
            blocks.insert(0, toml.table("[idea]", without_defaults(self.idea)))
        return "\n".join(blocks)

    def data_path(self, signature: Signature) -> Path | None:
        """Return where a signature's data are; a relative path starts at the card.

        Parameters
        ----------
        signature : Signature
            One of the card's signatures.

        Returns
        -------
        Path or None
            None where the signature names no data.
        """
        if signature.data is None:
            return None
        data = Path(signature.data).expanduser() if signature.data.startswith("~") else Path(signature.data)
        return data if self.path is None else self.path.parent / data

    def sweep(self, signature: Signature) -> Any:  # noqa: ANN401 - a frame of the kind that its file asks for
        r"""Read the sweep that a signature names: a file with a table, or a folder of training logs.

        Parameters
        ----------
        signature : Signature
            One of the card's signatures; its `runs` says how the runs in a folder become rows.

        Returns
        -------
        data frame
            For `sigstats.detect`. `where` is not applied yet: that is the work of `detect`.

        Raises
        ------
        CardError
            If the signature names no data.
        TableError, OptionError
            If the data cannot be read, or an option of `runs` makes no sense.

        See Also
        --------
        sigstats.read_sweep : Reads a file with a table.
        sigstats.read_runs : Finds the runs in a folder.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "sweep.csv").write_text("width,loss,seed\n1,0.9,0\n2,0.8,0\n")
        >>> signature = Signature(data="sweep.csv", knob="width", metric="loss", shape="decreasing")
        >>> card = Card(idea=Idea(name="width helps"), signatures=[signature], path=folder / "card.toml")
        >>> card.sweep(signature).shape
        (2, 3)
        """
        path = self.data_path(signature)
        if path is None:
            named = "the signature" if signature.name is None else f"signature {signature.name!r}"
            raise CardError(
                f'{named} names no `data`; add data = "sweep.csv" (or a folder of logs) to the card.'
            )
        return sweep_of(path, signature, {})


def sweep_of(path: Path, signature: Signature, known: MutableMapping[Any, Any]) -> Any:  # noqa: ANN401 - a frame
    """Return the sweep that a signature is about; `known` keeps what has been read."""
    from sigstats.data.sources import open_sweep

    roles = {role: getattr(signature, role) for role in ROLES}
    filtered = tuple(signature.where or ())
    return open_sweep(path, roles, filtered=filtered, runs=signature.runs, read=signature.read, known=known)


def conflicts(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    """Return what is wrong with signatures as a set."""
    if not signatures:
        return [(0, "there is no signature; a card declares at least one [[signature]].")]
    return _repeated_names(signatures) + _unknown_exclusions(signatures) + _opposed_pairs(signatures)


def _repeated_names(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    places: dict[str, list[int]] = {}
    for position, each in enumerate(signatures):
        if each.name is not None:
            places.setdefault(each.name, []).append(position)
    problems = []
    for name, found in places.items():
        if len(found) > 1:
            numbers = ", ".join(str(place + 1) for place in found)
            message = (
                f"signatures {numbers} are all named {shown(name)}; names must differ. Rename all but one."
            )
            problems.append((found[1], message))
    return problems


def _unknown_exclusions(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    """Return exclusions that name no other signature."""
    names = tuple(each.name for each in signatures if each.name is not None)
    problems = []
    for place, each in enumerate(signatures):
        others = tuple(name for name in names if name != each.name)
        for name in each.exclusive_with:
            if name not in others:
                what = (
                    "itself"
                    if name == each.name
                    else f"{shown(name)}, which no signature of the card is called"
                )
                hint = did_you_mean(name, others)
                message = f"`exclusive_with` names {what}; it names other signatures: {others}. {hint}"
                problems.append((place, message.rstrip()))
    return problems


def exclusive(one: Signature, other: Signature) -> bool:
    """Return whether two signatures are declared to exclude each other; either of them may say so."""
    return one.name in other.exclusive_with or other.name in one.exclusive_with


def _opposed_pairs(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    before: dict[tuple[object, ...], list[int]] = {}
    problems = []
    for second, each in enumerate(signatures):
        earlier = before.setdefault(target(each), [])
        first = next((place for place in earlier if _both_claimed(signatures[place], each)), None)
        if first is not None:
            message = (
                f"signatures {first + 1} and {second + 1} predict {signatures[first].shape.name!r} and "
                f"{each.shape.name!r} of the same rows; they cannot both hold. Give them different data, treatments or "
                "rows (`where`), or let one name the other in `exclusive_with`."
            )
            problems.append((second, message))
        earlier.append(second)
    return problems


def _both_claimed(one: Signature, other: Signature) -> bool:
    """Return whether a card claims that two opposed shapes both hold."""
    opposed = one.shape.name in other.shape.opposes or other.shape.name in one.shape.opposes
    return opposed and one.expect == other.expect == "present" and not exclusive(one, other)


def target(signature: Signature) -> tuple[object, ...]:
    """Return what the prediction is about: the rows and columns of its test."""
    columns = tuple(getattr(signature, role) for role in ROLES)
    named = signature.treatment
    treated = ("not", *sorted(signature.control or ())) if named is None else ("only", *sorted(named))
    rows = (signature.data, signature.where, signature.runs, signature.read)
    return (*rows, columns, treated, signature.baseline)
