"""The command that lists training logs."""

import sys
from typing import Annotated

import typer

from sigstats.cli.terminal import WRONG_INPUT, clean_errors, write


def runs(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Training logs, at any depth.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="The format of the logs; found out by default.")
    ] = "auto",
    step: Annotated[
        str | None, typer.Option(metavar="METRIC", help="Count steps with this metric instead.")
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX", help="Settings from a run's name: '(?P<model>.+)_seed(?P<seed>[0-9]+)'."
        ),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A setting from a folder on the run's path; repeatable, - for none."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the training runs in a folder: formats, settings that vary, seeds, metrics, problems.

    The exit code is 2 where there is no run.
    """
    with clean_errors():
        from sigstats.cli.runs import listing

        levels = [None if each == "-" else each for each in level] if level else None
        options = {"format": format_, "step": step, "pattern": pattern, "levels": levels}
        text, any_run = listing(folder, options, as_json=as_json)
        write(sys.stdout, text)
        if not any_run:
            raise typer.Exit(WRONG_INPUT)
