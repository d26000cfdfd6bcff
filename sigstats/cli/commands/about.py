"""The commands about the program: its shapes, its schemas, and whether it works here."""

import sys
from typing import Annotated

import typer

from sigstats.cli.terminal import FOUND, clean_errors, write


def shapes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one, in full; all are listed by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is known of them as JSON.")] = False,
) -> None:
    """List the shapes that can be claimed: a sketch, what each claims and what it needs."""
    with clean_errors():
        from sigstats.cli.shapes import listing

        write(sys.stdout, listing(name, as_json=as_json))


def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one; their names are listed by default.")
    ] = None,
) -> None:
    """Print the JSON schema of what a command prints, of a card or of a lock."""
    with clean_errors():
        from sigstats.report.schemas import names, schema_text

        write(sys.stdout, "\n".join(names()) if name is None else schema_text(name))


def selftest(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check this installation against known answers and promised error rates; takes up to a minute.

    The exit code is 0 if every check passes, else 1.
    """
    with clean_errors():
        from sigstats.cli import selftest as cli_selftest

        if not cli_selftest.run(lambda text: write(sys.stdout, text), as_json=as_json):
            raise typer.Exit(FOUND)
