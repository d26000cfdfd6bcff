"""The command that judges a card, or one claim."""

import sys
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
    Seed,
    reads_table,
)
from sigstats.cli.terminal import clean_errors, draw, note, save, warn, working, write


@reads_table
def check(  # one parameter per option
    first: Annotated[
        str | None,
        typer.Argument(metavar="CARD", help="A card (a file that ends in .toml); anything else is DATA."),
    ] = None,
    second: Data = None,
    signature: Annotated[
        str | None, typer.Option("--signature", metavar="NAME", help="Check this signature of the card only.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Print all numbers and notes, not only the first lines.")
    ] = False,
    as_json: AsJson = False,
    html: Html = None,
    figure: Figure = None,
    force: Force = False,
    confirmatory: Annotated[
        bool, typer.Option("--confirmatory", help="Exit with 14 unless the answer is confirmatory.")
    ] = False,
    no_record: NoRecord = False,
    data: Annotated[str | None, typer.Option("--data", metavar="FILE", help="The same as DATA.")] = None,
    knob: Knob = None,
    metric: Metric = None,
    seed: Seed = None,
    condition: Condition = None,
    shape: Annotated[
        str | None,
        typer.Option(
            metavar="SHAPE", help=WITHOUT_CARD + "a name, or as on a card: '{ name = \"...\", ... }'."
        ),
    ] = None,
    treatment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL", help=WITHOUT_CARD + "a condition that should show the shape; repeatable."
        ),
    ] = None,
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help=WITHOUT_CARD + "a condition that should not; repeatable."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL", help=WITHOUT_CARD + "what others are compared with: --shape higher ..."
        ),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help=WITHOUT_CARD + "what was repeated within a run; for sweeps too."),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT", help=WITHOUT_CARD + "new seed (default), item or seed,item; repeatable."
        ),
    ] = None,
    correction: Annotated[
        str | None, typer.Option(metavar="HOW", help=WITHOUT_CARD + "holm (default), dunnett or none.")
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(metavar="ORDER", help=WITHOUT_CARD + "the knob's, as off,on in order or planned 1,2,4."),
    ] = None,
    min_effect: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=WITHOUT_CARD + "smallest effect that would matter.")
    ] = None,
    knob_scale: Annotated[
        str | None,
        typer.Option(metavar="SCALE", help=WITHOUT_CARD + "linear (default), log, rank or fraction."),
    ] = None,
    metric_scale: MetricScale = None,
    design: Design = None,
    bounds: Annotated[
        str | None,
        typer.Option(metavar="LOW,HIGH", help=WITHOUT_CARD + "values that the metric can take, or none."),
    ] = None,
    paired: Annotated[
        bool, typer.Option("--paired", help=WITHOUT_CARD + "treatment and control share their seeds.")
    ] = False,
    quiet_fraction: Annotated[
        float | None, typer.Option(metavar="NUMBER", help=WITHOUT_CARD + "share of the effect; default 0.5.")
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help=WITHOUT_CARD + "five or more controls show how far effects err."),
    ] = False,
    alpha: Alpha = None,
    across: Annotated[
        str | None, typer.Option(metavar="WHICH", help=WITHOUT_CARD + "mean (default) or each treatment.")
    ] = None,
    across_seeds: Annotated[
        str | None,
        typer.Option(metavar="WHICH", help=WITHOUT_CARD + "mean (default) or majority of the seeds."),
    ] = None,
    short_seeds: Annotated[
        str | None,
        typer.Option(metavar="HOW", help=WITHOUT_CARD + "drop (default) or keep runs that stop early."),
    ] = None,
    looks: Annotated[
        str | None,
        typer.Option(metavar="SEEDS", help=WITHOUT_CARD + "per condition at each planned look, as 3,5,8."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILTER",
            help=WITHOUT_CARD
            + "rows to use: column=value, column=a,b or column=min..max (ends included, either "
            "may be left out); quotes make a value text; repeatable.",
        ),
    ] = None,
    aggregate: Aggregate = None,
    runs: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE", help=WITHOUT_CARD + "how training logs become rows: '{ at = \"last\" }'."
        ),
    ] = None,
    *,
    reading: dict[str, Any],
) -> None:
    """Say whether the predicted shape is present, absent or partial.

    Give a card, or data with --shape; name the columns that are not called knob, metric, seed and condition. Data are
    a table, or a folder of training logs.

    The exit code is 10 if a signature is otherwise than expected, else 11 if one is shown only in part, else 12 if one
    is open, else 0: all is as expected. Where the card expects a signature to be absent, absent counts as 0 and present
    as 10; everywhere else present is 0, absent 10, partial 11 and inconclusive 12. It is 2 if the input cannot be used,
    3 if something else went wrong and, with --confirmatory, 14 where the answer is not confirmatory.
    """
    options = locals()
    with clean_errors():
        from sigstats.cli import lock as cli_lock

        with working():
            card, table = tasks.chosen_files(first, second, data)
            given = tasks.signature_options(options)
            outputs.check_picture(figure)
            outputs.refuse((html, figure), outputs.inputs_of(card, table), force=force)
            if card is None:
                found = tasks.check_options(given, table, signature, reading, note)
            else:
                tasks.refuse_options(given)
                found = tasks.check_card(
                    card, table, signature, reading, record=not no_record, tell=note, warn=warn
                )
            if html is not None:
                save(html, found.to_html(), overwrite=force)
            if figure is not None:
                draw(figure, [tasks.pictured(found)], overwrite=force)
            text = cli_lock.as_json(found) if as_json else tasks.summary(found, full=full)
        write(sys.stdout, text)
        if confirmatory and (found.standing is None or found.standing.kind != "confirmatory"):
            raise typer.Exit(cli_lock.NOT_AS_LOCKED)
        raise typer.Exit(tasks.exit_code(found.predictions))
