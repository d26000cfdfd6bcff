"""A report before any format is chosen: one `Document` that text, Markdown, LaTeX, HTML and notebooks render.

The words come from whoever made the result. A format is one function of a document; it arranges, aligns and escapes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["text", "prose", "number", "interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what is said under it.

    Attributes
    ----------
    label, said : str
        Such as ``"margin"`` and ``"0.5 return"``.
    in_caption : bool
        Whether the caption of a printed table repeats it.
    """

    label: str
    said: str
    in_caption: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labelled values, one per line; the heading stands on pages only."""

    kind: ClassVar = "facts"
    heading: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head, and what its cells hold (names, sentences, numbers, numbers with an interval)."""

    head: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose cells are words already.

    Attributes
    ----------
    columns : tuple of Column
        Heads and kinds of the columns.
    rows : tuple of tuple of str
        The cells; empty where there are only sentences.
    title : str
        Stands above the table in every format; may be empty.
    heading : str
        What pages call a table without a title.
    below : tuple of str
        Sentences that belong to the table.
    most : int or None
        How many rows plain text shows; None shows all.
    rest : tuple of (str, str)
        What a row is, and where to find the rows that are not shown: ``("condition", "table()")``.
    compact : bool
        In plain text, the table starts at the margin, and long names in its first column are cut.
    folded : bool
        Notebooks show the table on demand.
    """

    kind: ClassVar = "table"
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    heading: str = ""
    below: tuple[str, ...] = ()
    most: int | None = None
    rest: tuple[str, str] = ("row", "table()")
    compact: bool = False
    folded: bool = False

    def cut(self, most: int | None) -> tuple[tuple[tuple[str, ...], ...], str]:
        """Return the rows up to a number, and how many more there are, in words."""
        shown = self.rows[:most]
        more, noun = len(self.rows) - len(shown), self.rest[0]
        return shown, f"and {more} more {noun}{'' if more == 1 else 's'}" if more else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of evidence.

    Attributes
    ----------
    name : str
        What it is called: ``"trend"``.
    says : str
        What it claims; empty where the name says it.
    state : str
        ``"shown"``, ``"not shown"``, ``"refuted"`` or ``"not refuted"``; empty where no comparison decides.
    duty : str
        ``"must be shown"`` or ``"must not be refuted"``.
    result : str
        Estimate with p-value, bound or probability.
    null : str
        The null hypothesis, or the statement whose probability is given.
    method : str
        How it was computed.
    replicate : str
        What counts as one independent observation, and how many there are.
    """

    name: str
    says: str
    state: str
    duty: str
    result: str
    null: str
    method: str
    replicate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of evidence, under a title and what must hold of them."""

    kind: ClassVar = "lines"
    title: str
    duty: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Comparisons, each with whether it holds; `whole` is where to find those that plain text leaves out."""

    kind: ClassVar = "checks"
    title: str
    checks: tuple[tuple[bool, str], ...]
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure that is drawn when a format asks for it.

    Attributes
    ----------
    draw : callable
        Returns a `matplotlib.figure.Figure`.
    format : {"svg", "png"}
        How it is embedded: pixels where thousands of marks would make a vector image slow.
    """

    draw: "Callable[[], Figure]"
    format: Literal["svg", "png"] = "svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that a report says, without markup, in the order in which it is read.

    Attributes
    ----------
    headline : str
        The answer as one line.
    title : str
        The claim, or the question.
    status : str
        ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``; empty where nothing was decided.
    brief : str
        The answer in a few words.
    name : str
        What the user calls the claim.
    compared : str
        Who was compared with whom; where that is empty, `brief` takes its place.
    meaning : str
        What the status means.
    answer : tuple of str
        Why, or what was found, as sentences.
    resolve : tuple of str
        What would settle an open question.
    picture : Picture or None
        The figure.
    blocks : tuple of Facts or Table
        The results.
    grounds : tuple of Lines or Checks
        What the answer rests on.
    notes : tuple of str
        What the reader must know, as a list.
    remarks : tuple of str
        Closing sentences.
    repeat : tuple of Fact
        What is needed to repeat the analysis.
    wrapped : bool
        Whether plain text is at most 100 columns wide; else each sentence stays on one line.
    """

    headline: str
    title: str
    status: str = ""
    brief: str = ""
    name: str = ""
    compared: str = ""
    meaning: str = ""
    answer: tuple[str, ...] = ()
    resolve: tuple[str, ...] = ()
    picture: Picture | None = None
    blocks: tuple[Facts | Table, ...] = ()
    grounds: tuple[Lines | Checks, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    repeat: tuple[Fact, ...] = ()
    wrapped: bool = True

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables among the results."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the overview of several documents: status, name, claim, the answer in a few words, and a p-value."""

    status: str
    name: str
    claim: str
    brief: str
    pvalue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Several documents in one report.

    Attributes
    ----------
    documents : tuple of Document
        At least one.
    overview : tuple of Entry
        One line per document; may be empty.
    together : str
        What holds for all of them together; may be empty.
    """

    documents: tuple[Document, ...]
    overview: tuple[Entry, ...] = ()
    together: str = ""


def capitalised(said: str) -> str:
    """Return a sentence with a capital letter at its start."""
    return said[:1].upper() + said[1:]


def columns(*heads: str, kinds: Sequence[Kind] = ()) -> tuple[Column, ...]:
    """Return columns from their heads; those after the last of `kinds` hold text."""
    rest: list[Kind] = ["text"] * (len(heads) - len(kinds))
    return tuple(Column(head=head, kind=kind) for head, kind in zip(heads, (*kinds, *rest), strict=True))
