"""The command that asks a card of very many tables."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sigstats.cli import outputs
from sigstats.cli.options import (
    AsJson,
    Card,
    Data,
    Figure,
    Force,
    Html,
    Jobs,
    OnlySignature,
    reads_table,
)
from sigstats.cli.terminal import clean_errors, draw, note, note_written, save, write


@reads_table
def screen(  # one parameter per option
    card: Card,
    data: Data = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column that tells keys apart, such as task; repeatable."),
    ] = None,
    fdr: Annotated[
        float, typer.Option(metavar="NUMBER", help="Share of discoveries that may be false.")
    ] = 0.05,
    correction: Annotated[
        str,
        typer.Option(metavar="HOW", help="bh, by (whatever the dependence) or holm (no false one at all)."),
    ] = "bh",
    signature: OnlySignature = None,
    jobs: Jobs = 1,
    as_json: AsJson = False,
    html: Html = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Also write the table as Parquet.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Also write the table as comma-separated text."),
    ] = None,
    figure: Figure = None,
    force: Force = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Ask the signatures of a card of every task, layer or other key, and say which findings stand together.

    The exit code is 0 whatever is found; 2 if the input cannot be used; 3 if something else went wrong.
    """
    from sigstats.cli import screen as cli_screen

    with clean_errors():
        outputs.check_picture(figure)
        outputs.refuse((html, parquet, csv, figure), outputs.inputs_of(card, data), force=force)
        asked = cli_screen.Asked(
            card=card,
            data=data,
            by=by or (),
            name=signature,
            fdr=fdr,
            correction=correction,
            jobs=jobs,
            reading=reading,
        )
        found = cli_screen.screen_of(asked, note)
        if html is not None:
            save(html, found.to_html(), overwrite=force)
        if parquet is not None:
            note_written(found.to_parquet(parquet, overwrite=force))
        if csv is not None:
            note_written(found.to_csv(csv, overwrite=force))
        if figure is not None:
            draw(figure, [found], overwrite=force)
        write(sys.stdout, cli_screen.as_json(found) if as_json else cli_screen.as_text(found))
