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
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from sigstats import __version__
from sigstats.cli import outputs, tasks
from sigstats.cli.options import (
    WITHOUT_CARD,
    Aggregate,
    Alpha,
    AsJson,
    Card,
    Comment,
    Condition,
    Data,
    Decimal,
    Delimiter,
    Design,
    Encoding,
    Figure,
    Force,
    Html,
    Jobs,
    Kind,
    Knob,
    Metric,
    MetricScale,
    Missing,
    Names,
    NoRecord,
    OnlySignature,
    Part,
    Seed,
    Thousands,
    Units,
)
from sigstats.errors import InputError, OutputError, SigstatsError
from sigstats.report.escaping import visible

FOUND = 1
WRONG_INPUT = 2
FAILED = 3
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
        _discard(sys.stdout)
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
        _write(sys.stdout, f"sigstats {__version__}")
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


@app.command()
def new(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", readable=False, help="Where to write; standard output by default."),
    ] = None,
) -> None:
    """Write a commented card to start from. A file that exists is never overwritten."""
    with _clean_errors():
        from importlib import resources

        text = resources.files("sigstats.cards").joinpath("card_template.toml").read_text(encoding="utf-8")
        if file is None:
            _write(sys.stdout, text.rstrip("\n"))
            return
        if os.path.lexists(file):
            raise OutputError(
                f"{str(file)!r} exists already; a new card never replaces a file. Choose another name."
            )
        _save(file, text)


@app.command()
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
    with _clean_errors():
        from sigstats.cards.card import Card

        report = Card.from_toml(card).lint(select=select or (), ignore=ignore or ())
        _write(sys.stdout, report.to_json() if as_json else report.summary())
        if not report.clean:
            raise typer.Exit(FOUND)


@app.command()
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
    """Say whether the predicted shape is present, absent or partial.

    Give a card, or data with --shape; name the columns that are not called knob, metric, seed and condition. Data are
    a table, or a folder of training logs.

    The exit code is 10 if a signature is otherwise than expected, else 11 if one is shown only in part, else 12 if one
    is open, else 0: all is as expected. Where the card expects a signature to be absent, absent counts as 0 and present
    as 10; everywhere else present is 0, absent 10, partial 11 and inconclusive 12. It is 2 if the input cannot be used,
    3 if something else went wrong and, with --confirmatory, 14 where the answer is not confirmatory.
    """
    options = locals()
    with _clean_errors():
        from sigstats.cli import lock as cli_lock

        with _working():
            card, table = tasks.chosen_files(first, second, data)
            given, reading = tasks.signature_options(options), tasks.reading_options(options)
            outputs.check_picture(figure)
            outputs.refuse((html, figure), outputs.inputs_of(card, table), force=force)
            if card is None:
                found = tasks.check_options(given, table, signature, reading, _note)
            else:
                tasks.refuse_options(given)
                found = tasks.check_card(
                    card, table, signature, reading, record=not no_record, tell=_note, warn=_warn
                )
            if html is not None:
                _save(html, found.to_html(), overwrite=force)
            if figure is not None:
                _draw(figure, [tasks.pictured(found)], overwrite=force)
            text = cli_lock.as_json(found) if as_json else tasks.summary(found, full=full)
        _write(sys.stdout, text)
        if confirmatory and (found.standing is None or found.standing.kind != "confirmatory"):
            raise typer.Exit(cli_lock.NOT_AS_LOCKED)
        raise typer.Exit(tasks.exit_code(found.predictions))


@app.command()
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
    with _clean_errors():
        from sigstats.cli import lock as cli_lock

        if export is not None:
            _write(sys.stdout, cli_lock.export(card, export, producer).rstrip("\n"))
        elif verify or head is not None:
            text, code = cli_lock.verify(card, head, as_json=as_json)
            _write(sys.stdout, text)
            raise typer.Exit(code)
        else:
            _write(sys.stdout, cli_lock.lock(card, as_json=as_json))


@app.command("shapes")
def shapes_(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one, in full; all are listed by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is known of them as JSON.")] = False,
) -> None:
    """List the shapes that can be claimed: a sketch, what each claims and what it needs."""
    with _clean_errors():
        from sigstats.cli.shapes import listing

        _write(sys.stdout, listing(name, as_json=as_json))


@app.command()
def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one; their names are listed by default.")
    ] = None,
) -> None:
    """Print the JSON schema of what a command prints, of a card or of a lock."""
    with _clean_errors():
        from sigstats.report.schemas import names, schema_text

        _write(sys.stdout, "\n".join(names()) if name is None else schema_text(name))


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, fish or zsh.")],
) -> None:
    """Print a script that completes commands and options in a shell.

    Write it where the shell looks, such as ~/.local/share/bash-completion/completions/sigstats for bash.
    """
    with _clean_errors():
        from sigstats.cli.completion import script
        from sigstats.shapes import SHAPES
        from sigstats.shapes.against import AGAINST

        _write(sys.stdout, script(app, shell, sorted({*SHAPES, *AGAINST})).rstrip("\n"))


@app.command()
def selftest(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check this installation against known answers and promised error rates; takes up to a minute.

    The exit code is 0 if every check passes, else 1.
    """
    with _clean_errors():
        from sigstats.cli import selftest as cli_selftest

        if not cli_selftest.run(lambda text: _write(sys.stdout, text), as_json=as_json):
            raise typer.Exit(FOUND)


@app.command()
def amend(
    card: Annotated[
        str, typer.Argument(metavar="CARD", help="A card that is locked, and was changed since.")
    ],
    why: Annotated[str, typer.Option(metavar="REASON", help="Why it was changed.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Declare in the lock of a card what was changed in the card since, and why."""
    with _clean_errors():
        from sigstats.cli import lock as cli_lock

        _write(sys.stdout, cli_lock.amend(card, why, as_json=as_json))


@app.command()
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
    with _clean_errors():
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
        with _working():
            results = cli_robust.results_of(asked, _note)
            if html is not None:
                _save(html, cli_robust.as_page(results), overwrite=force)
            if figure is not None:
                _draw(figure, results, overwrite=force)
            text = cli_robust.as_json(results) if as_json else cli_robust.as_text(results, share)
        _write(sys.stdout, text)
        raise typer.Exit(cli_robust.exit_code(results, share))


@app.command()
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
    """Ask the signatures of a card of every task, layer or other key, and say which findings stand together.

    The exit code is 0 whatever is found; 2 if the input cannot be used; 3 if something else went wrong.
    """
    from sigstats.cli import screen as cli_screen

    options = locals()
    with _clean_errors():
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
            reading=tasks.reading_options(options),
        )
        found = cli_screen.screen_of(asked, _note)
        if html is not None:
            _save(html, found.to_html(), overwrite=force)
        if parquet is not None:
            _note_written(found.to_parquet(parquet, overwrite=force))
        if csv is not None:
            _note_written(found.to_csv(csv, overwrite=force))
        if figure is not None:
            _draw(figure, [found], overwrite=force)
        _write(sys.stdout, cli_screen.as_json(found) if as_json else cli_screen.as_text(found))


@app.command()
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
    with _clean_errors():
        from sigstats.cli.record import record_of

        outputs.refuse((html,), (), force=force)
        with _working():
            found = record_of(folder)
            if html is not None:
                _save(html, found.to_html(), overwrite=force)
            text = found.to_json() if as_json else found.summary()
        _write(sys.stdout, text)


@app.command()
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
    with _clean_errors():
        from sigstats.cli.runs import listing

        levels = [None if each == "-" else each for each in level] if level else None
        options = {"format": format_, "step": step, "pattern": pattern, "levels": levels}
        text, any_run = listing(folder, options, as_json=as_json)
        _write(sys.stdout, text)
        if not any_run:
            raise typer.Exit(WRONG_INPUT)


@app.command()
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
    """Say before any run how likely each verdict is, what is out of reach, and which design is the cheapest.

    The exit code is 0 if every design reaches the target, else 15; 2 if the input cannot be used; 3 if something else
    went wrong.
    """
    from sigstats.cli import plan as cli_plan

    given = locals()
    own = ("noise", "slope_sd", "seed_sd", "correlation", "seeds", "levels", "effect", "start", "target")
    with _clean_errors():
        outputs.check_picture(figure, card, signature)
        outputs.refuse((html, figure), outputs.inputs_of(card, pilot), force=force)
        options = {
            name: given[name] for name in (*own, "cost", "budget", "fewest_levels", "replications")
        } | {"n_jobs": jobs}
        asked = cli_plan.Asked(
            card=card, name=signature, pilot=pilot, options=options, reading=tasks.reading_options(given)
        )
        with _working():
            found = cli_plan.outlook_of(asked, _note)
            if html is not None:
                _save(html, found.to_html(), overwrite=force)
            if figure is not None:
                _draw(figure, [found], overwrite=force)
            text = cli_plan.as_json(found) if as_json else found.summary()
        _write(sys.stdout, text)
        raise typer.Exit(cli_plan.exit_code(found))


@app.command()
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
    """Fit a law to the low levels, predict the higher ones, and say how far the prediction is off.

    Give a card, or data with --shape. Which levels are predicted is declared, on the card (`forecast`) or with --to,
    never chosen by the data. With a card, the answer says how it stands to the lock.

    The exit code is 10 if a prediction misses by more than --within, else 11 if it does so at some levels, else 12 if
    that is open, else 0; levels that were not run are not judged. It is 2 if the input cannot be used, 3 if something
    else went wrong.
    """
    options = locals()
    with _clean_errors():
        from sigstats.cli import forecast as cli_forecast

        card, table = tasks.chosen_files(first, second, None)
        outputs.check_picture(figure)
        outputs.refuse((html, figure), outputs.inputs_of(card, table, settles), force=force)
        asked = cli_forecast.Asked(
            card=card,
            table=table,
            name=signature,
            given=tasks.signature_options(options),
            reading=tasks.reading_options(options),
            to=to,
            within=within,
            beyond=beyond,
            settles=settles,
            record=not no_record,
        )
        with _working():
            found = cli_forecast.answer_to(asked, _note, _warn)
            if html is not None:
                _save(html, cli_forecast.as_page(found), overwrite=force)
            if figure is not None:
                _draw(figure, found.forecasts, overwrite=force)
            text = cli_forecast.as_json(found) if as_json else cli_forecast.as_text(found)
        _write(sys.stdout, text)
        raise typer.Exit(cli_forecast.exit_code(found))


def _draw(path: Path, results: Sequence[Any], *, overwrite: bool) -> None:
    from sigstats.report.files import write_content

    _note_written(write_content(path, outputs.drawn(results, path), overwrite=overwrite))


def _save(path: Path, text: str, *, overwrite: bool = False) -> None:
    from sigstats.report.files import write_report

    _note_written(write_report(path, text, overwrite=overwrite))


def _note_written(path: Path) -> None:
    with contextlib.suppress(OutputError):
        _write(sys.stderr, f"wrote {visible(path)}")


@contextlib.contextmanager
def _working() -> Iterator[None]:
    """Say on a terminal that something is being done, once it takes long; the answer is written afterwards."""
    from sigstats.data.progress import progress

    with progress("working", None):
        yield


@contextlib.contextmanager
def _clean_errors() -> Iterator[None]:
    """Turn every error into one message on standard error and an exit code."""
    try:
        yield
    except typer.Exit:
        raise
    except InputError as error:
        _fail(str(error), WRONG_INPUT)
    except SigstatsError as error:
        _fail(str(error), FAILED)
    except MemoryError:
        _fail(
            "there is not enough memory for this table. Leave out rows or columns that are not needed.",
            FAILED,
        )
    except OSError as error:
        _fail(_refusal(error), FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        _fail(_defect(error), FAILED)


def _refusal(error: OSError) -> str:
    """Return what the system refused, which is no defect of the program: a file, a pipe, a full disk."""
    if error.strerror is None:
        return _defect(error)
    what = "a file" if error.filename is None else repr(os.fspath(error.filename))
    return f"{what} could not be used: {error.strerror}. See that it may be used, and that the disk has room."


def _defect(error: BaseException) -> str:
    return f"something went wrong inside sigstats; please report it. {_origin(error)}"


def _origin(error: BaseException) -> str:
    """Return type, text and place of an unexpected error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        "" if trace is None else f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
    )
    return f"{type(error).__name__}: {error}{place}"


def _fail(message: str, code: int) -> None:
    lines = [visible(line) for line in message.split("\n")]
    with contextlib.suppress(OutputError):
        _write(sys.stderr, "\n".join(["sigstats: " + lines[0], *lines[1:]]))
    raise typer.Exit(code)


def _write(stream: TextIO | None, text: str) -> None:
    """Write a line; letters that the stream cannot show are escaped, and a closed pipe is not an error."""
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        _put(stream, text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except BrokenPipeError:
        _discard(stream)
    except OSError as error:
        _discard(stream)
        raise OutputError(f"the answer could not be written: {error.strerror}.") from error


def _put(stream: TextIO, text: str) -> None:
    """Write all of a text, or raise."""
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        stream.write(text)
        stream.flush()
        return
    # With PYTHONUNBUFFERED, Python does not tell that a disk which was filling up took a part of it only.
    left = text.replace("\n", os.linesep).encode(stream.encoding or "utf-8")
    while left:
        left = left[raw.write(left) or 0 :]


def _note(note: str) -> None:
    _write(sys.stderr, f"note: {visible(note)}")


def _warn(warning: str) -> None:
    _write(sys.stderr, f"warning: {visible(warning)}")


def _discard(stream: TextIO | None) -> None:
    """Discard what is left in the stream, so that closing it does not fail again."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
