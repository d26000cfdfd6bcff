"""The command that says what a design can find out."""

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
def plan(  # one parameter per option
    card: Card,
    pilot: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Earlier runs, or a verdict's JSON, that show how much runs vary."),
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(metavar="SD", help="Instead of --pilot: sd of one cell about its seed's line."),
    ] = None,
    slope_sd: Annotated[
        float | None, typer.Option(metavar="SD", help="With --noise: sd between seeds of the change.")
    ] = None,
    seed_sd: Annotated[
        float | None, typer.Option(metavar="SD", help="With --noise: sd between seeds of their own level.")
    ] = None,
    correlation: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="With --noise: of paired seeds; 0.5 by default.")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Planned seeds: 3, or treatment=3,control=4.")
    ] = None,
    levels: Annotated[
        str | None, typer.Option(metavar="LEVELS", help="Planned levels: their number, or 1,2,4,8.")
    ] = None,
    effect: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="True effect as predicted; twice min_effect by default."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Where the metric starts: 0.5, or treatment=0.5,control=1."),
    ] = None,
    target: Annotated[float, typer.Option(metavar="NUMBER", help="Wanted probability of present.")] = 0.8,
    cost: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Of one seed at one level: 2, or treatment=2,control=1."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Most that a design may cost.")
    ] = None,
    fewest_levels: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Fewest levels that a cheaper design may have.")
    ] = None,
    signature: OnlySignature = None,
    replications: Annotated[
        int, typer.Option(metavar="NUMBER", help="Simulated sweeps for each truth, at least 20.")
    ] = 1000,
    jobs: Jobs = 1,
    as_json: AsJson = False,
    html: Html = None,
    figure: Figure = None,
    force: Force = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Say before any run how likely each verdict is, what is out of reach, and which design is the cheapest.

    The exit code is 0 if every design reaches the target, else 15; 2 if the input cannot be used; 3 if something else
    went wrong.
    """
    from sigstats.cli import plan as cli_plan

    given = locals()
    own = ("noise", "slope_sd", "seed_sd", "correlation", "seeds", "levels", "effect", "start", "target")
    with clean_errors():
        outputs.check_picture(figure, card, signature)
        outputs.refuse((html, figure), outputs.inputs_of(card, pilot), force=force)
        options = {
            name: given[name] for name in (*own, "cost", "budget", "fewest_levels", "replications")
        } | {"n_jobs": jobs}
        asked = cli_plan.Asked(card=card, name=signature, pilot=pilot, options=options, reading=reading)
        with working():
            found = cli_plan.outlook_of(asked, note)
            if html is not None:
                save(html, found.to_html(), overwrite=force)
            if figure is not None:
                draw(figure, [found], overwrite=force)
            text = cli_plan.as_json(found) if as_json else found.summary()
        write(sys.stdout, text)
        raise typer.Exit(cli_plan.exit_code(found))
