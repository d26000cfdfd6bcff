"""Options that several commands take, each with its help: what is printed, without a card, and how data are read."""

import functools
import inspect
from collections.abc import Callable
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

WITHOUT_CARD = "Without a card: "
_READ = "How DATA is read: "

Card = Annotated[str, typer.Argument(metavar="CARD", help="A card (a file that ends in .toml).")]
Data = Annotated[
    str | None, typer.Argument(metavar="DATA", help="The sweep; replaces the data named on the card.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the results as JSON.")]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", readable=False, help="Also write the report as one HTML page."),
]
Figure = Annotated[
    Path | None,
    typer.Option(
        "--figure", metavar="FILE", readable=False, help="Also draw the figure, as .png, .svg or .pdf."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Let files be overwritten.")]
NoRecord = Annotated[
    bool, typer.Option("--no-record", help="Do not record this look at the data in the card's lock.")
]
OnlySignature = Annotated[
    str | None, typer.Option("--signature", metavar="NAME", help="Only this signature of the card.")
]
Jobs = Annotated[int, typer.Option(metavar="NUMBER", help="Processes; -1 for all processors.")]

Knob = Annotated[str | None, typer.Option(metavar="COLUMN", help=WITHOUT_CARD + "what was swept.")]
Metric = Annotated[str | None, typer.Option(metavar="COLUMN", help=WITHOUT_CARD + "what was measured.")]
Seed = Annotated[str | None, typer.Option(metavar="COLUMN", help=WITHOUT_CARD + "which run.")]
Condition = Annotated[
    str | None, typer.Option(metavar="COLUMN", help=WITHOUT_CARD + "which model, optimiser ...")
]
MetricScale = Annotated[
    str | None, typer.Option(metavar="SCALE", help=WITHOUT_CARD + "linear (default), log or logit.")
]
Design = Annotated[
    str | None, typer.Option(metavar="DESIGN", help=WITHOUT_CARD + "auto (default), repeated or independent.")
]
Alpha = Annotated[
    float | None, typer.Option(metavar="NUMBER", help=WITHOUT_CARD + "error rate of a claim; default 0.05.")
]
Aggregate = Annotated[
    str | None, typer.Option(metavar="HOW", help=WITHOUT_CARD + "mean, median, min or max of repeats.")
]

Kind = Annotated[
    str | None,
    typer.Option("--kind", metavar="KIND", help=_READ + "csv, json, excel ...; by its ending otherwise."),
]
Delimiter = Annotated[
    str | None, typer.Option(metavar="SIGN", help=_READ + "the sign between fields of text.")
]
Decimal = Annotated[str | None, typer.Option(metavar="SIGN", help=_READ + "the sign before decimals, . or ,")]
Thousands = Annotated[str | None, typer.Option(metavar="SIGN", help=_READ + "the sign between thousands.")]
Units = Annotated[
    list[str] | None,
    typer.Option(metavar="UNIT", help=_READ + "a unit behind numbers, such as ms, M or B; repeatable."),
]
Comment = Annotated[
    str | None, typer.Option(metavar="SIGN", help=_READ + "the start of lines that are left out.")
]
Encoding = Annotated[str | None, typer.Option(metavar="NAME", help=_READ + "of text, such as cp1252.")]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD",
        help=_READ + "a field that means a missing value; repeatable, replaces the usual ones.",
    ),
]
Part = Annotated[
    str | None, typer.Option(metavar="NAME", help=_READ + "the sheet of a workbook, or the file in a .zip.")
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help=_READ + "a level of nested JSON or an axis, from the outside in; repeatable."
    ),
]

READING: dict[str, Any] = {
    "kind": Kind,
    "delimiter": Delimiter,
    "decimal": Decimal,
    "thousands": Thousands,
    "units": Units,
    "comment": Comment,
    "encoding": Encoding,
    "missing": Missing,
    "part": Part,
    "names": Names,
}


def reads_table(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take every option of how a table is read; it is given those that were set, as `reading`."""

    @functools.wraps(command)
    def asked(**options: Any) -> None:  # noqa: ANN401 - options of any kind
        given = {name: options.pop(name) for name in READING}
        command(**options, reading={name: value for name, value in given.items() if value not in (None, [])})

    own = inspect.signature(command)
    kept = [each for name, each in own.parameters.items() if name != "reading"]
    added = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in READING.items()
    ]
    asked.__signature__ = own.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
    asked.__annotations__ = {each.name: each.annotation for each in (*kept, *added)}
    return asked
