"""The command line: ``new`` starts a card, ``lint`` and ``check`` judge it, ``robust`` asks more, ``runs`` lists logs.

``plan`` says what a card can find out, ``forecast`` carries a law on to higher levels, ``lock`` and ``amend`` keep what
a card said before the data, ``screen`` asks a card of very many tables, ``record`` lists the answers in a folder, and
``selftest`` checks the installation; ``completion`` prints a script for a shell.

Standard output holds the answer and nothing else; notes about it go to standard error.
The exit code gives the worst outcome: 0 as expected, 10 otherwise than expected, 11 in part, 12 open; 2 means that
the input cannot be used, 3 that something else went wrong, 13 that a verdict is not robust (``robust`` only), 1 that
a rule trips (``lint``) or a check fails (``selftest``), 14 that a lock does not hold (``lock --verify``) or the
answer is not confirmatory (``check --confirmatory``), 15 that a design does not reach its target (``plan`` only).
"""

import contextlib
import gc
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from sigstats import __version__
from sigstats.cli.commands.about import schema, selftest, shapes
from sigstats.cli.commands.cards import amend, lint, lock, new, record
from sigstats.cli.commands.check import check
from sigstats.cli.commands.forecast import forecast
from sigstats.cli.commands.plan import plan
from sigstats.cli.commands.robust import robust
from sigstats.cli.commands.runs import runs
from sigstats.cli.commands.screen import screen
from sigstats.cli.terminal import FAILED, clean_errors, discard, write

OBJECTS = 50_000  # that are made before it is looked for garbage

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"terminal_width": 100, "help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    try:
        with _seldom_collected():
            app(args=None if arguments is None else list(arguments), prog_name="sigstats")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except OSError:  # the help could not be written
        discard(sys.stdout)
        return FAILED
    return 0


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage less often: what a command loads and makes stays until it ends."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _show_version(wanted: bool) -> None:
    if wanted:
        write(sys.stdout, f"sigstats {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave."),
    ] = False,
) -> None:
    """Decide whether a predicted trend is present, absent or partial in a sweep with few seeds."""
    del version


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, fish or zsh.")],
) -> None:
    """Print a script that completes commands and options in a shell.

    Write it where the shell looks, such as ~/.local/share/bash-completion/completions/sigstats for bash.
    """
    with clean_errors():
        from sigstats.cli.completion import script
        from sigstats.shapes import SHAPES
        from sigstats.shapes.against import AGAINST

        write(sys.stdout, script(app, shell, sorted({*SHAPES, *AGAINST})).rstrip("\n"))


# In the order of the help.
app.command()(new)
app.command()(lint)
app.command()(check)
app.command()(lock)
app.command()(shapes)
app.command()(schema)
app.command()(completion)
app.command()(selftest)
app.command()(amend)
app.command()(robust)
app.command()(screen)
app.command()(record)
app.command()(runs)
app.command()(plan)
app.command()(forecast)
