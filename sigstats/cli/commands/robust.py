"""The command that asks how far a claim hangs on how it is analysed."""

import sys
from typing import Annotated

import typer

from sigstats.cli import outputs, tasks
from sigstats.cli.options import (
    AsJson,
    Card,
    Comment,
    Decimal,
    Delimiter,
    Encoding,
    Figure,
    Force,
    Html,
    Jobs,
    Kind,
    Missing,
    Names,
    OnlySignature,
    Part,
    Thousands,
    Units,
)
from sigstats.cli.terminal import clean_errors, draw, note, save, working, write


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
    kind: Kind = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    units: Units = None,
    comment: Comment = None,
    encoding: Encoding = None,
    missing: Missing = None,
    part: Part = None,
    names: Names = None,
) -> None:
    """Say how far a verdict depends on the analysis, on single seeds and levels, and on its bounds.

    The exit code is 0 if every verdict, whatever it is, stands in at least the share of the analyses, else 13; 2 if the
    input cannot be used; 3 if something else went wrong.
    """
    from sigstats.cli import robust as cli_robust

    options = locals()
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
            reading=tasks.reading_options(options),
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
