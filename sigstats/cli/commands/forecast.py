"""The command that carries a law on to higher levels."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sigstats.cli import outputs, tasks
from sigstats.cli.options import (
    WITHOUT_CARD,
    Aggregate,
    Alpha,
    AsJson,
    Condition,
    Data,
    Design,
    Figure,
    Force,
    Html,
    Knob,
    Metric,
    MetricScale,
    NoRecord,
    OnlySignature,
    Seed,
    reads_table,
)
from sigstats.cli.terminal import clean_errors, draw, note, save, warn, working, write


@reads_table
def forecast(  # one parameter per option
    first: Annotated[
        str, typer.Argument(metavar="CARD", help="A card (a file that ends in .toml); anything else is DATA.")
    ],
    second: Data = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="LEVELS",
            help="Levels to predict, as 1e9,1e10; by default those that the card declares, else the largest third.",
        ),
    ] = None,
    within: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER", help="Largest error that is allowed, as a part of the mean; default 0.05."
        ),
    ] = None,
    beyond: Annotated[
        bool,
        typer.Option("--beyond", help="Let --to hold levels that were not run: nothing is judged there."),
    ] = False,
    settles: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Judge an earlier forecast, the JSON of which this is, by newer DATA."
        ),
    ] = None,
    no_record: NoRecord = False,
    signature: OnlySignature = None,
    as_json: AsJson = False,
    html: Html = None,
    figure: Figure = None,
    force: Force = False,
    knob: Knob = None,
    metric: Metric = None,
    seed: Seed = None,
    condition: Condition = None,
    shape: Annotated[
        str | None,
        typer.Option(
            metavar="SHAPE",
            help=WITHOUT_CARD + "the law: power_law, scaling_law, linear or saturating.",
        ),
    ] = None,
    treatment: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help=WITHOUT_CARD + "a condition with a law of its own; repeatable."),
    ] = None,
    knob_scale: Annotated[
        str | None, typer.Option(metavar="SCALE", help=WITHOUT_CARD + "linear (default) or log.")
    ] = None,
    metric_scale: MetricScale = None,
    design: Design = None,
    alpha: Alpha = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FILTER", help=WITHOUT_CARD + "rows to use, as of check; repeatable."),
    ] = None,
    aggregate: Aggregate = None,
    *,
    reading: dict[str, Any],
) -> None:
    """Fit a law to the low levels, predict the higher ones, and say how far the prediction is off.

    Give a card, or data with --shape. Which levels are predicted is declared, on the card (`forecast`) or with --to,
    never chosen by the data. With a card, the answer says how it stands to the lock.

    The exit code is 10 if a prediction misses by more than --within, else 11 if it does so at some levels, else 12 if
    that is open, else 0; levels that were not run are not judged. It is 2 if the input cannot be used, 3 if something
    else went wrong.
    """
    options = locals()
    with clean_errors():
        from sigstats.cli import forecast as cli_forecast

        card, table = tasks.chosen_files(first, second, None)
        outputs.check_picture(figure)
        outputs.refuse((html, figure), outputs.inputs_of(card, table, settles), force=force)
        asked = cli_forecast.Asked(
            card=card,
            table=table,
            name=signature,
            given=tasks.signature_options(options),
            reading=reading,
            to=to,
            within=within,
            beyond=beyond,
            settles=settles,
            record=not no_record,
        )
        with working():
            found = cli_forecast.answer_to(asked, note, warn)
            if html is not None:
                save(html, cli_forecast.as_page(found), overwrite=force)
            if figure is not None:
                draw(figure, found.forecasts, overwrite=force)
            text = cli_forecast.as_json(found) if as_json else cli_forecast.as_text(found)
        write(sys.stdout, text)
        raise typer.Exit(cli_forecast.exit_code(found))
