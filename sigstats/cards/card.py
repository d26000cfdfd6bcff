"""Cards: an idea and its signatures, declared in a file before anybody looks at the data.

What a card says as a whole is checked here: names, and signatures that cannot both hold.
"""

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.cards.data import exclusive, no_data, sweep_of, target
from sigstats.data.table.frames import plural
from sigstats.errors import CardError, did_you_mean, remedies_for
from sigstats.signature import toml
from sigstats.signature.fields import listed, shown, without_defaults
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature, parts_of
from sigstats.stats.by_value import by_value

if TYPE_CHECKING:
    import numpy as np

    from sigstats.cards.lint.report import LintReport
    from sigstats.cards.verdict.check import Missing
    from sigstats.cards.verdict.result import CardVerdict
    from sigstats.stats.classical.closed_testing import Dependence
    from sigstats.studies.scope.record import ScopeRecord
    from sigstats.verdict.verdict import Verdict


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the idea, and what each signature claims."""
        from sigstats.cards.shown import document
        from sigstats.report import html

        return html.fragment(document(self.idea, self.signatures))

    def __repr__(self) -> str:
        """Return the idea and the number of signatures as one line."""
        name = self.idea.name if self.idea is not None else "no idea"
        return f"<Card {name}: {plural(len(self.signatures), 'signature')}>"

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
        with remedies_for("card", os.fspath(path)):
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

    def lint(self, *, select: str | Iterable[str] = (), ignore: str | Iterable[str] = ()) -> "LintReport":
        """Say what the card leaves open, before any data are looked at.

        Parameters
        ----------
        select, ignore : str or iterable of str
            Codes of rules, or their beginnings, to be asked or left out: ``"SIG1"`` or ``["SIG201", "SIG4"]``. By
            default all are asked.

        Returns
        -------
        LintReport
            Findings with code, message, reason, remedy and line. Data are never opened.

        Raises
        ------
        OptionError
            If no code begins like this.

        Notes
        -----
        A comment on the card ignores a rule, ``# lint: ignore[SIG107] why``: for the table in which it stands or, above
        the first one, for the whole card. Line numbers and comments are known while the file says what the card says.

        Examples
        --------
        >>> report = Card(signatures=[Signature(shape="increasing", min_effect=0.1)]).lint(select="SIG20")
        >>> [finding.rule for finding in report.findings]
        ['missing-quantity', 'missing-computation', 'missing-place', 'missing-why']
        """
        from sigstats.cards.lint.run import lint

        return lint(self, select=select, ignore=ignore)

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
            raise no_data(signature)
        return sweep_of(path, signature, {})

    def check(
        self,
        data: Any = None,  # noqa: ANN401 - a frame, a path, or a mapping from names to either
        *,
        signature: str | None = None,
        dependence: "Dependence" = "any",
        missing: "Missing" = "error",
        rng: "np.random.Generator | int | None" = None,
        record: bool = True,
    ) -> "CardVerdict":
        r"""Return the verdict on every signature, one on the idea, and how they stand to the lock of the card.

        Parameters
        ----------
        data : data frame, path, mapping or None
            Data for all signatures, or by the names of some of them; None means the data that each signature names.
        signature : str or None
            Check this signature only. The others count as not asked: those of the core keep the idea open, unless this
            one contradicts it.
        dependence : {"any", "positive"}
            What is assumed of the dependence between the signatures: nothing, or that it is positive, which finds more.
        missing : {"error", "open"}
            What becomes of a signature whose data do not exist: an error, or a prediction that stays open.
        rng : numpy.random.Generator, int or None
            As for `sigstats.detect`.
        record : bool
            Whether this look at the data is recorded in the lock beside the card's file, if there is one. Where the
            lock cannot be written, a warning says so.

        Returns
        -------
        CardVerdict
            ``"supported"``, ``"contradicted"``, ``"bounded"`` or ``"open"``, with all that led to it.

        Raises
        ------
        CardError
            If a signature names no data, and none were given.
        InputError
            If data cannot be used, or do not fit a signature; the message names the signature.

        Notes
        -----
        *Assumptions.* Those of each verdict. The statements on the idea hold whatever the dependence between the
        signatures; `dependence="positive"` assumes Simes' inequality.

        *Standing.* For a card with a file, `standing` says whether the answer is confirmatory, as ``sigstats check``
        does. Runs that are handed in as a table are known again by their values; when they were made is not known.

        *What would fool it.* Signatures that were tried and left off the card; a core that was chosen after the data
        were seen.

        Examples
        --------
        >>> import pandas as pd
        >>> wiggle = [0.0, 0.1, -0.1, 0.05]
        >>> rows = [(s, x, x * (1 + 0.1 * s) + wiggle[(s + x) % 4]) for s in range(5) for x in range(6)]
        >>> frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
        >>> card = Card(idea=Idea(name="More helps"), signatures=[Signature(name="rises", shape="increasing")])
        >>> found = card.check(frame)
        >>> found.status
        <IdeaStatus.SUPPORTED: 'supported'>
        >>> print(found.summary().splitlines()[-1])
        The data support "More helps": its one core prediction, 'rises', is as expected (p = 3.6e-5).
        """
        from sigstats.cards.lock.checked import checked

        return checked(
            self,
            data,
            signature=signature,
            dependence=dependence,
            missing=missing,
            rng=rng,
            record=record,
            warn=lambda said: warnings.warn(said, stacklevel=5),
        )

    def narrowed(
        self,
        found: "ScopeRecord | Verdict",
        *,
        signature: str | None = None,
        data: Any = None,  # noqa: ANN401 - any data frame that narwhals knows
    ) -> "Card":
        """Return the next card, on which a signature is narrowed to where it was found to hold.

        Parameters
        ----------
        found : Scope or Verdict
            Where one of the signatures holds; of a verdict, the part of the knob's range, or the treatments, to which
            it is *partial*.
        signature : str or None
            Which signature was asked; None means the one that makes the same claim.
        data : data frame or None
            The data of a verdict; None means those that the signature names. A scope needs none.

        Returns
        -------
        Card
            The signature has the smaller `where` or `treatment`, and in `suggested_by` the hashes of the data that
            suggested it: a check on these data says that they cannot confirm it. Cells that repeat the same runs under
            other values of a moderator become a signature each. What the idea says of its scope in words, in
            `applies_to` and `fails_when`, is left to its author.

        Raises
        ------
        OptionError
            If nothing was found to narrow it to, or the signature makes another claim.
        """
        from sigstats.cards.narrowed import narrowed

        return Card(idea=self.idea, signatures=narrowed(self, found, signature=signature, data=data))


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
    for position, each in enumerate(signatures):
        at = places.get(f"signature {position + 1}", [])
        if each.name is None and at:
            message = (
                f"signature {at[0] + 1} is named {shown(signatures[at[0]].name)}, which is what reports call the one "
                "without a name at that place. Name that one, or rename this one."
            )
            problems.append((at[0], message))
    return problems


def _unknown_exclusions(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    """Return exclusions that name no other signature."""
    names = {each.name for each in signatures if each.name is not None}
    problems = []
    for place, each in enumerate(signatures):
        for name in each.exclusive_with:
            if name in names and name != each.name:
                continue
            others = tuple(sorted(names - {each.name or ""}))
            what = (
                "itself" if name == each.name else f"{shown(name)}, which no signature of the card is called"
            )
            hint = did_you_mean(name, others)
            message = f"`exclusive_with` names {what}; it names other signatures: {others}. {hint}"
            problems.append((place, message.rstrip()))
    return problems


def _opposed_pairs(signatures: Sequence[Signature]) -> list[tuple[int, str]]:
    """Return opposed pairs that are both expected to hold, and not declared to exclude each other."""
    before: dict[tuple[object, ...], dict[str, list[int]]] = {}
    problems = []
    for second, each in enumerate(signatures):
        if each.expect != "present":
            continue
        earlier = before.setdefault(target(each), {})
        against = (
            place
            for name, places in earlier.items()
            if name in each.shape.opposes or each.shape.name in signatures[places[0]].shape.opposes
            for place in places
        )
        first = next((place for place in against if not exclusive(signatures[place], each)), None)
        if first is not None:
            message = (
                f"signatures {first + 1} and {second + 1} predict {signatures[first].shape.name!r} and "
                f"{each.shape.name!r} of the same rows; they cannot both hold. Give them different data, treatments or "
                "rows (`where`), or let one name the other in `exclusive_with`."
            )
            problems.append((second, message))
        earlier.setdefault(each.shape.name, []).append(second)
    return problems
