"""The command that asks how far a claim hangs on how it is analysed."""

import sys
from typing import Annotated, Any

import typer

from sigstats.cli import outputs
from sigstats.cli.options import (
    AsJson,
    Card,
    Figure,
    Force,
    Html,
    Jobs,
    OnlySignature,
    reads_table,
)
from sigstats.cli.terminal import clean_errors, draw, note, save, working, write


@reads_table
def robust(  # one parameter per option
    card: Card,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="The sweep; replaces the data named on the card.")
    ] = None,
    signature: OnlySignature = None,
    share: Annotated[
        float, typer.Option(metavar="NUMBER", help="Share of the analyses in which a verdict must stand.")
    ] = 0.8,
    replications: Annotated[
        int, typer.Option(metavar="NUMBER", help="Altered tables of each synthetic control; 0 for none.")
    ] = 100,
    jobs: Jobs = 1,
    as_json: AsJson = False,
    html: Html = None,
    figure: Figure = None,
    force: Force = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Say how far a verdict depends on the analysis, on single seeds and levels, and on its bounds.

    The exit code is 0 if every verdict, whatever it is, stands in at least the share of the analyses, else 13; 2 if the
    input cannot be used; 3 if something else went wrong.
    """
    from sigstats.cli import robust as cli_robust

    with clean_errors():
        outputs.check_picture(figure, card, signature)
        outputs.refuse((html, figure), outputs.inputs_of(card, data), force=force)
        asked = cli_robust.Asked(
            card=card,
            data=data,
            name=signature,
            share=share,
            replications=replications,
            jobs=jobs,
            reading=reading,
        )
        with working():
            results = cli_robust.results_of(asked, note)
            if html is not None:
                save(html, cli_robust.as_page(results), overwrite=force)
            if figure is not None:
                draw(figure, results, overwrite=force)
            text = cli_robust.as_json(results) if as_json else cli_robust.as_text(results, share)
        write(sys.stdout, text)
        raise typer.Exit(cli_robust.exit_code(results, share))
