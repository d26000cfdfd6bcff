"""The commands about cards and what becomes of them: new, lint, lock, amend, record."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sigstats.cli import outputs
from sigstats.cli.options import Card, Force
from sigstats.cli.terminal import FOUND, clean_errors, save, working, write
from sigstats.errors import OutputError


def new(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", readable=False, help="Where to write; standard output by default."),
    ] = None,
) -> None:
    """Write a commented card to start from. A file that exists is never overwritten."""
    with clean_errors():
        from importlib import resources

        text = resources.files("sigstats.cards").joinpath("card_template.toml").read_text(encoding="utf-8")
        if file is None:
            write(sys.stdout, text.rstrip("\n"))
            return
        if os.path.lexists(file):
            raise OutputError(
                f"{str(file)!r} exists already; a new card never replaces a file. Choose another name."
            )
        save(file, text)


def lint(
    card: Card,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="Ask these rules only: SIG201, or SIG2 for all that begin so; repeatable."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave these rules out; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what a card leaves open, before any data are looked at.

    A comment on the card ignores a rule: # lint: ignore[SIG107] why.

    The exit code is 0 if nothing is found, 1 if a rule trips, 2 if the card cannot be read.
    """
    with clean_errors():
        from sigstats.cards.card import Card

        report = Card.from_toml(card).lint(select=select or (), ignore=ignore or ())
        write(sys.stdout, report.to_json() if as_json else report.summary())
        if not report.clean:
            raise typer.Exit(FOUND)


def lock(
    card: Card,
    verify: Annotated[
        bool, typer.Option("--verify", help="Say instead whether the lock is as it was written.")
    ] = False,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="With --verify: a head that was published, which must be in it."),
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help="Print the locked card for a registry instead: osf or prml."),
    ] = None,
    producer: Annotated[
        str | None,
        typer.Option(metavar="ID", help="With --export prml: who makes the claim (domain, ORCID, handle)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Lock a card before the data: write what it says, and which data exist, to CARD.lock. It is never overwritten.

    With --verify, the exit code is 14 where the lock is not as it was written.
    """
    with clean_errors():
        from sigstats.cli import lock as cli_lock

        if export is not None:
            write(sys.stdout, cli_lock.export(card, export, producer).rstrip("\n"))
        elif verify or head is not None:
            text, code = cli_lock.verify(card, head, as_json=as_json)
            write(sys.stdout, text)
            raise typer.Exit(code)
        else:
            write(sys.stdout, cli_lock.lock(card, as_json=as_json))


def amend(
    card: Annotated[
        str, typer.Argument(metavar="CARD", help="A card that is locked, and was changed since.")
    ],
    why: Annotated[str, typer.Option(metavar="REASON", help="Why it was changed.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Declare in the lock of a card what was changed in the card since, and why."""
    with clean_errors():
        from sigstats.cli import lock as cli_lock

        write(sys.stdout, cli_lock.amend(card, why, as_json=as_json))


def record(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="What `sigstats check --json` wrote, at any depth.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", readable=False, help="Also write the record as one HTML page."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """List the answers in a folder by idea: verdicts, effects, locks and looks, data hashes, dates and versions.

    JSON files that hold something else are named. The exit code is 2 where there is no answer.
    """
    with clean_errors():
        from sigstats.cli.record import record_of

        outputs.refuse((html,), (), force=force)
        with working():
            found = record_of(folder)
            if html is not None:
                save(html, found.to_html(), overwrite=force)
            text = found.to_json() if as_json else found.summary()
        write(sys.stdout, text)
