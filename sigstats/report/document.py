"""A report before any format is chosen: one `Document` that text, Markdown, LaTeX, HTML and notebooks render.

The words come from whoever made the result. A format is one function of a document; it arranges, aligns and escapes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["text", "prose", "number", "interval", "status"]  # a status has a badge on pages
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what is said under it."""

    label: str
    said: str
    in_caption: bool = False  # whether the caption of a printed table repeats it


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labelled values, one per line."""

    kind: ClassVar = "facts"
    heading: str  # on pages only
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head, and what its cells hold."""

    head: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose cells are words already; without rows, only the sentences below it are shown."""

    kind: ClassVar = "table"
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""  # above the table in every format
    heading: str = ""  # what pages call a table without a title
    below: tuple[str, ...] = ()  # sentences that belong to the table
    most: int | None = None  # rows that plain text shows; None shows all
    rest: tuple[str, str] = ("row", "table()")  # what a row is, and where to find those that are not shown
    compact: bool = False  # in plain text, from the margin on, and with long names in the first column cut
    folded: bool = False  # notebooks show it on demand

    def cut(self, most: int | None) -> tuple[tuple[Row, ...], str]:
        """Return the rows up to a number, and how many more there are, in words."""
        shown = self.rows[:most]
        more, noun = len(self.rows) - len(shown), self.rest[0]
        return shown, f"and {more} more {noun}{'' if more == 1 else 's'}" if more else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of evidence."""

    name: str
    says: str  # what it claims; empty where the name says it
    state: str  # "shown", "not shown", "refuted" or "not refuted"; empty where no comparison decides
    duty: str  # "must be shown" or "must not be refuted"
    result: str  # estimate with p-value, bound or probability
    null: str  # the null hypothesis, or the statement whose probability is given
    method: str
    replicate: str  # what counts as one independent observation, and how many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of evidence, under a title and what must hold of them."""

    kind: ClassVar = "lines"
    title: str
    duty: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Comparisons, each with whether it holds."""

    kind: ClassVar = "checks"
    title: str
    checks: tuple[tuple[bool, str], ...]
    whole: str  # where to find those that plain text leaves out


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure that is drawn when a format asks for it."""

    draw: "Callable[[], Figure]"
    format: Literal["svg", "png"] = "svg"  # pixels where thousands of marks would make a vector image slow
    laid_out: bool = False  # the figure comes with its layout computed, to which its labels were fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that a report says, without markup; each format takes what it has room for."""

    headline: str  # the answer as one line
    title: str  # the claim, or the question
    status: str = ""  # "present", "absent", "partial" or "inconclusive"; empty where nothing was decided
    brief: str = ""  # the answer in a few words
    first: tuple[
        Fact, ...
    ] = ()  # the lines that a reader meets first; without any, a summary says everything
    name: str = ""  # what the user calls the claim
    compared: str = ""  # who was compared with whom; where that is empty, `brief` takes its place
    meaning: str = ""  # what the status means
    answer: tuple[str, ...] = ()  # why, or what was found
    resolve: tuple[str, ...] = ()  # what would settle an open question
    picture: Picture | None = None
    blocks: tuple[Facts | Table, ...] = ()  # the results
    grounds: tuple[Lines | Checks, ...] = ()  # what the answer rests on
    notes: tuple[str, ...] = ()  # what the reader must know, as a list
    remarks: tuple[str, ...] = ()  # closing sentences
    repeat: tuple[Fact, ...] = ()  # what is needed to repeat the analysis
    wrapped: bool = True  # plain text is at most 100 columns wide; else each sentence stays on one line

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables among the results."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Several documents in one report."""

    documents: tuple[Document, ...]
    whole: Document | None = None  # what holds for all of them together: last in a terminal, first on a page
    # How they stand to what was declared before the data: a sentence, then details.
    standing: tuple[str, ...] = ()

    @property
    def pages(self) -> tuple[Document, ...]:
        """The documents in the order of a page."""
        return self.documents if self.whole is None else (self.whole, *self.documents)


def capitalised(said: str) -> str:
    """Return a sentence with a capital letter at its start."""
    return said[:1].upper() + said[1:]


def columns(*heads: str, kinds: Sequence[Kind] = ()) -> tuple[Column, ...]:
    """Return columns from their heads; those after the last of `kinds` hold text."""
    rest: list[Kind] = ["text"] * (len(heads) - len(kinds))
    return tuple(Column(head=head, kind=kind) for head, kind in zip(heads, (*kinds, *rest), strict=True))
