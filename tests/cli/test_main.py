"""The command line answers on standard output, explains on standard error, and tells the shell by a number."""
# ruff: noqa: ISC004 - messages verbatim

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import sigstats
from sigstats.cards.card import Card
from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cli import tasks
from sigstats.cli.filters import read_filters, schema_of, settled
from sigstats.cli.main import app, main
from sigstats.data.files import read_sweep
from sigstats.errors import OptionError

COLUMNS = ("--knob", "steps", "--metric", "score", "--seed", "run", "--condition", "model")
RISES = ("--shape", "increasing", *COLUMNS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a sweep, in which "trained" rises and "untrained" does not, and cards for it."""
    rng = np.random.default_rng(1)
    rows = [
        (
            model,
            run,
            1000 * step,
            slope * step + rng.normal(0, 0.3),
            "late" if step > 3 else "early",
            f"{run:03d}",
        )
        for model, slope in (("trained", 1.0), ("untrained", 0.0))
        for run in range(6)
        for step in range(8)
    ]
    folder = tmp_path_factory.mktemp("sweep")
    names = ["model", "run", "steps", "score", "part", "tag"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "sweep.csv", index=False)
    rises = card_of(name="rises", treatment="trained", control="untrained")
    (folder / "one.toml").write_text(rises)
    (folder / "two.toml").write_text(rises + card_of(name="falls", treatment="untrained", shape="decreasing"))
    (folder / "broken.toml").write_text(rises + card_of(name="broken", metric="scor"))
    (folder / "dataless.toml").write_text(card_of(name="rises", data=None, control="untrained"))
    return folder


def card_of(**fields):
    """Return the text of a signature for the sweep."""
    columns = {"knob": "steps", "metric": "score", "seed": "run", "condition": "model"}
    fields = {"shape": "increasing", "data": "sweep.csv", "min_effect": 1, **columns, **fields}
    return sigstats.Signature(**fields).to_toml() + "\n"


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Return a function that runs the command line inside the folder: code, standard output, standard error."""
    monkeypatch.chdir(folder)

    def runner(*arguments):
        code = main([str(each) for each in arguments])
        return code, *capsys.readouterr()

    return runner


def in_process(*arguments, cwd, **options):
    """Run the command line as a process of its own, where every warning is an error."""
    command = [sys.executable, "-W", "error", "-m", "sigstats", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, check=False, timeout=120, **{"capture_output": True, **options})


# --- answers ---


@pytest.mark.long
def test_a_card_is_checked(run):
    """The summary stands on standard output, and present is success."""
    code, out, err = run("check", "one.toml")
    assert (code, err) == (0, "")
    assert out.startswith("PRESENT: score rises with steps")


@pytest.mark.long
def test_everything_is_printed_where_it_is_asked_for(run):
    """The short text names the option of the shell; with it, all that summary(full=True) says is printed."""
    _, short, _ = run("check", "one.toml", "--no-record")
    code, whole, err = run("check", "one.toml", "--no-record", "--full")
    found = Card.from_toml("one.toml").check(record=False)
    assert "all numbers: --full)" in " ".join(short.split())
    assert "summary(full=True)" not in short
    assert (code, err, whole.rstrip("\n")) == (0, "", found.summary(full=True).rstrip("\n"))
    assert "all numbers: summary(full=True))" in " ".join(found.summary().split())


@pytest.mark.long
def test_a_table_is_checked_without_a_card(run):
    """Columns and shape as options say the same as a card."""
    code, out, _ = run("check", "sweep.csv", *RISES, "--treatment", "trained", "--control", "untrained")
    assert code == 0
    assert out.startswith("PRESENT: score rises with steps")


@pytest.mark.long
@pytest.mark.parametrize("arguments", [("--data", "sweep.csv"), ("sweep.csv",)])
def test_data_are_an_argument_or_an_option(run, arguments):
    """Both spellings name the table."""
    code, out, _ = run("check", *arguments, *RISES, "--control", "untrained", "--json")
    assert code == 0
    assert json.loads(out)["results"][0]["status"] == "present"


@pytest.mark.long
def test_options_reach_the_signature(run):
    """Every option is a field of the signature, under its own name."""
    options = {
        "min-effect": "2",
        "knob-scale": "rank",
        "metric-scale": "linear",
        "design": "repeated",
        "quiet-fraction": "0.25",
        "alpha": "0.01",
        "across": "each",
        "across-seeds": "mean",
        "short-seeds": "keep",
        "aggregate": "median",
    }
    flat = [part for key, value in options.items() for part in ("--" + key, value)]
    _, out, _ = run("check", "sweep.csv", *RISES, "--control", "untrained", *flat, "--paired", "--json")
    told = json.loads(out)["results"][0]["signature"]
    assert {key: told[key.replace("-", "_")] for key in options} == {
        **options,
        "min-effect": 2.0,
        "quiet-fraction": 0.25,
        "alpha": 0.01,
    }
    assert told["paired"] is True
    assert told["control"] == ["untrained"]


@pytest.mark.long
def test_json_is_all_there_is_on_standard_output(run):
    """One strict JSON document with a schema number and each verdict's dictionary."""
    _, out, err = run("check", "two.toml", "--json")
    document = json.loads(out, parse_constant=pytest.fail)
    assert list(document) == ["schema", "results", "idea", "standing", "next"]
    assert document["schema"] == 1
    assert [result["status"] for result in document["results"]] == ["present", "absent"]
    assert document["idea"]["status"] == "contradicted"
    assert err == ""


@pytest.mark.long
def test_json_holds_what_the_verdict_says(run, folder):
    """The command line and detect() give the same dictionary."""
    _, out, _ = run("check", "one.toml", "--json")
    card = Card.from_toml(folder / "one.toml")
    verdict = sigstats.detect(read_sweep(folder / "sweep.csv"), card.signatures[0])
    assert json.loads(out)["results"] == [json.loads(json.dumps(verdict.to_dict()))]


@pytest.mark.long
def test_several_signatures_end_with_one_sentence_on_the_idea(run):
    """Below the verdicts stands what becomes of what the card predicts."""
    code, out, _ = run("check", "two.toml")
    assert code == 10
    assert out.count("PRESENT: score rises with steps") == 1
    last = " ".join(out.split("\n\n")[-1].split())
    assert last.startswith("The data contradict the predictions of this card as declared: 'falls' (")
    assert last.endswith("after correction over 2 core predictions; 1 of 2 is as expected.")


@pytest.mark.long
def test_one_signature_can_be_chosen(run):
    """Only the named signature is checked."""
    code, out, _ = run("check", "two.toml", "--signature", "falls")
    assert code == 10
    assert "ABSENT" in out
    assert "PRESENT" not in out
    assert "not asked" in out


@pytest.mark.long
def test_data_on_the_command_line_replace_those_of_the_card(run, folder, tmp_path):
    """The card's own path is not even looked at."""
    table = pd.read_csv(folder / "sweep.csv")
    table["score"] *= -1
    table.to_csv(tmp_path / "other.csv", index=False)
    assert run("check", "one.toml", tmp_path / "other.csv")[0] == 10
    assert run("check", "dataless.toml", "sweep.csv")[0] == 0


@pytest.mark.long
def test_data_are_relative_to_the_card(run, folder, tmp_path, monkeypatch):
    """It does not matter where the program runs."""
    run("check", "one.toml")
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(folder / "one.toml")]) == 0


@pytest.mark.long
def test_each_file_is_read_once(run, monkeypatch):
    """Two signatures on one table read it once."""
    from sigstats.data import files

    read, original = [], files.read_sweep
    monkeypatch.setattr(files, "read_sweep", lambda path: read.append(path) or original(path))
    run("check", "two.toml")
    assert len(read) == 1


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["as expected"], 0),
        (["as expected", "not asked"], 0),
        (["as expected", "open"], 12),
        (["as expected", "data missing"], 12),
        (["open", "in part", "as expected"], 11),
        (["in part", "as expected", "otherwise", "open"], 10),
    ],
)
def test_the_exit_code_tells_the_worst(outcomes, code):
    """Otherwise comes before in part, in part before open, and as expected is success."""

    class Stub:
        def __init__(self, outcome):
            self.outcome = Outcome(outcome)

    assert tasks.exit_code([Stub(outcome) for outcome in outcomes]) == code


def test_every_outcome_of_an_answer_has_an_exit_code():
    """Whoever was not asked counts for nothing."""
    assert set(tasks.EXIT_CODES) == set(Outcome) - {Outcome.NOT_ASKED}


@pytest.mark.long
@pytest.mark.parametrize(
    ("expect", "rise", "code"),
    [("present", 1, 0), ("present", -1, 10), ("absent", 1, 10), ("absent", -1, 0)],
)
def test_the_exit_code_follows_what_was_expected(run, tmp_path, expect, rise, code):
    """A boundary that is absent, as it should be, is success; one that is present is not."""
    rng = np.random.default_rng(5)
    rows = [(seed, x, rise * x + rng.normal(0, 0.1)) for seed in range(5) for x in range(6)]
    pd.DataFrame(rows, columns=["seed", "knob", "metric"]).to_csv(tmp_path / "ends.csv", index=False)
    signature = f'shape = "increasing"\nexpect = "{expect}"\nrole = "boundary"\nmin_effect = 0.5\n'
    (tmp_path / "ends.toml").write_text(f'[[signature]]\ndata = "ends.csv"\n{signature}')
    assert run("check", tmp_path / "ends.toml")[0] == code


# --- the report as a page ---


@pytest.mark.long
def test_the_page_is_written_and_nothing_is_overwritten_unasked(run, tmp_path):
    """--html writes beside the answer, refuses a file that exists, and --force replaces it."""
    page = tmp_path / "report.html"
    code, out, err = run("check", "two.toml", "--html", page)
    assert (code, err) == (10, f"wrote {page}\n")
    assert "PRESENT" in out
    assert page.read_text(encoding="utf-8").startswith("<!")
    page.write_text("mine")
    code, out, err = run("check", "two.toml", "--html", page)
    assert (code, out) == (2, "")
    assert err == f"sigstats: {str(page)!r} exists already; pass --force to overwrite it.\n"
    assert page.read_text() == "mine"
    assert run("check", "one.toml", "--html", page, "--force")[0] == 0
    assert page.read_text(encoding="utf-8") != "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.long
@pytest.mark.parametrize("force", [(), ("--force",)], ids=["unasked", "forced"])
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_computed(
    run, tmp_path, monkeypatch, force
):
    """In no folder, below a file, in place of a folder."""
    monkeypatch.setattr("sigstats.cli.tasks.check_card", lambda *_: pytest.fail("computed first"))
    (tmp_path / "file").write_text("mine")
    for page in (tmp_path / "nowhere" / "a.html", tmp_path / "file" / "a.html", tmp_path):
        code, out, err = run("check", "one.toml", "--html", page, *force)
        assert (code, out) == (3, "")
        assert err.startswith("sigstats: ")
        assert repr(str(page)) in err


@pytest.mark.long
def test_a_link_is_not_followed(run, tmp_path):
    """A link is never written through, not even with --force."""
    (tmp_path / "target").write_text("mine")
    (tmp_path / "report.html").symlink_to(tmp_path / "target")
    assert run("check", "one.toml", "--html", tmp_path / "report.html", "--force")[0] == 3
    assert (tmp_path / "target").read_text() == "mine"


def test_a_page_that_cannot_be_written_is_no_verdict(run, tmp_path):
    """The code is that of a failure, and standard output stays empty."""
    code, out, err = run("check", "one.toml", "--html", tmp_path / "nowhere" / "report.html")
    assert (code, out) == (3, "")
    assert "could not be written" in err


# --- wrong input ---


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to check; give a card, or data with --shape. See: sigstats check --help"),
        (
            ("sweep.csv",),
            "'sweep.csv' is taken for data, since the name of a card ends in .toml; neither a card nor --shape was "
            "given. State the prediction, as in: --shape increasing",
        ),
        (
            ("sweep.csv", "more.csv"),
            "'sweep.csv' and 'more.csv' both name data; only one table is checked at a time. The name of a card ends "
            "in .toml.",
        ),
        (
            ("one.toml", "sweep.csv", "--data", "more.csv"),
            "'sweep.csv' and 'more.csv' both name data; only one table is checked at a time. The name of a card ends "
            "in .toml.",
        ),
        (
            ("one.toml", "--knob", "steps", "--paired"),
            "a card and --knob, --paired were both given; what is claimed, and of which rows, is said by the fields of "
            'the card alone. Write there, under [[signature]]: knob = "steps"; paired = true. Beside a card go the '
            "data and options that say how a file is read or what is printed, such as --signature, --delimiter or "
            "--json.",
        ),
        (
            ("one.toml", "--signature", "rise"),
            "`--signature` is 'rise'; the card has ('rises',). Did you mean 'rises'?",
        ),
        (
            ("sweep.csv", *RISES, "--signature", "rises"),
            "`--signature` is 'rises', but there is no card. Give the card first.",
        ),
        (
            ("dataless.toml",),
            "signature 'rises' names no `data`; add data = \"sweep.csv\" (or a folder of logs) to the card, or give "
            "the data after the card.",
        ),
        (("on.toml",), "card 'on.toml' does not exist. Did you mean 'one.toml'"),
        (
            ("sweep.csv", "--shape", "increasin"),
            "`shape` is 'increasin'; it must be one of ",
        ),
        (("sweep.csv", "--shape", "{ name = "), "`--shape` is '{ name = '; it is not a TOML table: "),
        (
            ("sweep.csv", *RISES, "--control", "trained", "--treatment", "trained"),
            "`control` names 'trained', which",
        ),
        (("sweep.csv", *RISES, "--alpha", "nan"), "`alpha` is nan; it must be a number in (0, 0.5)."),
        (
            ("sweep.csv", *RISES, "--min-effect", "0"),
            "`min_effect` is 0.0; it must be a finite number above 0",
        ),
        (
            ("sweep.csv", *RISES, "--where", "steps>3"),
            "`--where` is 'steps>3'; it must name a column and a value.",
        ),
        (
            ("sweep.csv", *RISES, "--where", "steps=9..3"),
            "`where` for column 'steps' is {'min': 9, 'max': 3}; ",
        ),
        (("broken.toml",), "signature 2 'broken': the table has a problem:\n"),
        (("nowhere.csv", *RISES), "the table has a problem:\n"),
    ],
)
def test_wrong_input_is_one_clean_message(run, arguments, said):
    """The code is 2, standard output is empty, and no traceback is shown."""
    code, out, err = run("check", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("sigstats: " + said)
    assert "Traceback" not in err


@pytest.mark.long
@pytest.mark.parametrize("arguments", [("check", "--alpha", "x"), ("check", "--nonsense"), ("chek",), ()])
def test_usage_errors_have_the_same_code(run, arguments):
    """What the parser refuses is wrong input too."""
    assert run(*arguments)[0] == 2


def test_names_cannot_steer_the_terminal(run):
    """Control characters and direction overrides in a user's words are spelled out."""
    code, _, err = run("check", "a\x1b[31m\u202eb\x07.csv", *RISES)
    assert code == 2
    assert "a\\x1b[31m\\u202eb\\x07.csv" in err
    assert not set("\x1b\u202e\x07") & set(err)


def test_an_unforeseen_error_is_one_message_with_its_place(run, monkeypatch):
    """A defect of the program has its own code, and says where it is."""

    def broken(*_, **__):
        raise ZeroDivisionError("oh\x1b")

    monkeypatch.setattr("sigstats.detection.detect", broken)
    code, out, err = run("check", "one.toml")
    assert (code, out) == (3, "")
    assert err.startswith(
        "sigstats: something went wrong inside sigstats; please report it. ZeroDivisionError: oh\\x1b ("
    )
    assert "test_main.py, line " in err


def test_too_little_memory_is_said(run, monkeypatch):
    """A table that does not fit is no defect of the program."""

    def broken(*_, **__):
        raise MemoryError

    monkeypatch.setattr("sigstats.data.files.read_sweep", broken)
    code, _, err = run("check", "one.toml")
    assert code == 3
    assert err.startswith("sigstats: there is not enough memory")


# --- filters ---


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("layer=last", {"layer": "last"}),
        ("layer=last,first", {"layer": ["last", "first"]}),
        ("layer = last , first", {"layer": ["last", "first"]}),
        ("step=10", {"step": 10}),
        ("step=-1.5e3", {"step": -1500.0}),
        ("step=1,2.5,x", {"step": [1, 2.5, "x"]}),
        ("step=1..5", {"step": {"min": 1, "max": 5}}),
        ("step=1.5..", {"step": {"min": 1.5}}),
        ("step=..-2", {"step": {"max": -2}}),
        ("file=../x", {"file": "../x"}),
        ("file=..", {"file": ".."}),
        ("file=a..b", {"file": "a..b"}),
        ("file=1..b", {"file": "1..b"}),
        ('layer="1,2"', {"layer": "1,2"}),
        ("layer='7', \"8..9\"", {"layer": ["7", "8..9"]}),
        ('layer=""', {"layer": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("ok=true,False", {"ok": [True, False]}),
        ("big=" + "9" * 30, {"big": 1e30}),
        ("name=nan,inf,1_000,0x10", {"name": ["nan", "inf", "1_000", "0x10"]}),
        ("x=__import__('os')", None),
    ],
)
def test_filters_are_read_as_data(text, read):
    """Values, lists and ranges have one spelling each; nothing is evaluated."""
    if read is None:
        with pytest.raises(OptionError):
            read_filters([text])
    else:
        plain = settled(read_filters([text]), {})
        assert plain == read
        assert repr(plain) == repr(read)


def test_dates_are_read():
    """Days and moments are dates, also as ends of a range; a day that does not exist is text."""
    import datetime as dt

    plain = settled(read_filters(["d=2024-05-30..2024-05-31", "t=2024-05-31T12:00", "n=2024-02-31"]), {})
    assert plain["d"] == {"min": dt.date(2024, 5, 30), "max": dt.date(2024, 5, 31)}
    assert plain["t"] == dt.datetime(2024, 5, 31, 12)  # noqa: DTZ001 - as it was typed
    assert plain["n"] == "2024-02-31"


def test_the_column_decides_between_number_and_text():
    """In a column of text, what looks like a number stays as it was typed."""
    frame = pd.DataFrame({"tag": ["007", "1.50"], "step": [7, 8]})
    plain = settled(read_filters(["tag=007,1.50", "step=7"]), schema_of(frame))
    assert plain == {"tag": ["007", "1.50"], "step": 7}


@pytest.mark.parametrize("text", ["", "layer", "=x", "a=", "a=1,,2", "a=1,", "a='x", "a=1..2,5", "a='x'y"])
def test_filters_of_no_form_are_refused(text):
    """The message holds the text and the three forms."""
    with pytest.raises(OptionError, match=r"Write column=value, column=a,b or column=min\.\.max\."):
        read_filters([text])


def test_a_column_has_one_filter():
    """Two filters on one column would contradict each other."""
    with pytest.raises(OptionError, match="names column 'a' twice; list its values in one"):
        read_filters(["a=1", "a=2"])


@pytest.mark.long
def test_filters_choose_rows(run):
    """The rows that are used are those that were asked for."""
    base = ("check", "sweep.csv", *RISES, "--control", "untrained", "--json")
    rows = {}
    for text in ("part=late", "steps=2000..", "tag=000,001,002", "run=0..3", "steps=0,1000,2000"):
        _, out, _ = run(*base, "--where", text)
        rows[text] = json.loads(out)["results"][0]["provenance"]["n_rows"]
    assert list(rows.values()) == [48, 72, 48, 64, 36]


# --- a card to start from ---


def test_a_new_card_is_a_card(run, tmp_path):
    """What is written can be read as it stands, on standard output and in a file alike."""
    code, out, _ = run("new")
    assert code == 0
    code, silent, err = run("new", tmp_path / "card.toml")
    assert (code, silent) == (0, "")
    assert err == f"wrote {tmp_path / 'card.toml'}\n"
    assert (tmp_path / "card.toml").read_text(encoding="utf-8") == out
    assert Card.from_toml(tmp_path / "card.toml").signatures[0].shape.name == "increasing"


def test_every_line_of_a_new_card_is_valid(run, tmp_path):
    """With the commented lines made active, the card is still valid, and names every field there is."""
    _, out, _ = run("new")
    lines = [
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in out.split("\n")
    ]
    path = tmp_path / "full.toml"
    path.write_text("\n".join(lines))
    card = Card.from_toml(path)
    assert card.idea.fails_when
    # Claims without a knob have lines of their own, which cannot stand beside the others.
    # What `Card.narrowed` writes is not for the hand.
    assert set(sigstats.Signature.__dataclass_fields__) - {"suggested_by"} <= {
        line.removeprefix("## ").split(" = ")[0] for line in lines
    }


def test_a_new_card_overwrites_nothing(run, tmp_path):
    """A file that exists stays as it is."""
    (tmp_path / "card.toml").write_text("mine")
    code, _, err = run("new", tmp_path / "card.toml")
    assert code == 3
    assert err.endswith("exists already; a new card never replaces a file. Choose another name.\n")
    assert (tmp_path / "card.toml").read_text() == "mine"


# --- as a program ---


def test_the_version_is_told(run):
    """--version prints the name and the version."""
    assert run("--version") == (0, f"sigstats {sigstats.__version__}\n", "")


@pytest.mark.long
def test_the_application_can_be_run_by_a_runner(folder):
    """The application object works where typer programs are tested or embedded."""
    result = CliRunner().invoke(app, ["check", str(folder / "one.toml")])
    assert result.exit_code == 0
    assert result.output.startswith("PRESENT")


@pytest.mark.long
def test_a_process_gives_the_same_answer(run, folder):
    """Code, output and silence are the same in a process of its own, whatever its terminal is like."""
    code, out, _ = run("check", "two.toml", "--json")
    terminal = {"COLUMNS": "40", "PYTHONIOENCODING": "ascii"}
    result = in_process("check", "two.toml", "--json", cwd=folder, env={**os.environ, **terminal})
    assert (result.returncode, result.stderr) == (code, b"")
    assert json.loads(result.stdout) == json.loads(out)


@pytest.mark.long
@pytest.mark.parametrize("arguments", [("check", "one.toml"), ("check", "--help")])
def test_the_width_of_the_terminal_changes_nothing(run, monkeypatch, arguments):
    """Output that goes to no terminal is the same everywhere, also the help."""
    outputs = []
    for width in ("40", "300"):
        monkeypatch.setenv("COLUMNS", width)
        outputs.append(run(*arguments))
    assert outputs[0] == outputs[1] == (0, outputs[0][1], "")


def test_letters_that_a_stream_cannot_show_are_spelled_out(folder, monkeypatch):
    """A plain ASCII terminal gets an answer, not a crash."""
    monkeypatch.chdir(folder)
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["check", "ü.csv", "--shape", "increasing"]) == 2
    assert b"\\xfc.csv" in written.getvalue()


@pytest.mark.long
def test_a_reader_that_leaves_is_no_error(folder):
    """With the pipe closed, the code is still the verdict's, and nothing is complained about."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = in_process(
            "check", "two.toml", cwd=folder, capture_output=False, stdout=writer, stderr=subprocess.PIPE
        )
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (10, b"")


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.parametrize("arguments", [("check", "one.toml"), ("new",), ("--help",)])
def test_a_full_disk_is_a_failure(folder, capsys, monkeypatch, arguments):
    """An answer that could not be written is not given by the code either."""
    monkeypatch.chdir(folder)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main([*arguments]) == 3
    assert "Traceback" not in capsys.readouterr().err


class Filling(io.RawIOBase):
    """A disk with room for so many bytes."""

    def __init__(self, room):
        self.room, self.taken = room, b""

    def writable(self):
        return True

    def write(self, content):
        part = bytes(content)[: self.room - len(self.taken)]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.taken += part
        return len(part)


def test_a_disk_that_fills_up_is_a_failure_without_buffers(folder, capsys, monkeypatch):
    """Of an answer that is written to a disk without a buffer, a part may be taken: that is no answer."""
    monkeypatch.chdir(folder)
    for room, code in ((100, 3), (10_000_000, 0)):
        disk = Filling(room)
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(disk, encoding="utf-8", write_through=True))
        assert main(["check", "one.toml", "--json"]) == code
    assert "the answer could not be written: No space left on device" in capsys.readouterr().err
    assert json.loads(disk.taken)["results"]


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_disk_is_a_failure_of_the_process(folder):
    """Nothing is left in a buffer that fails once more when the process ends."""
    with Path("/dev/full").open("wb") as full:
        result = in_process(
            "check", "one.toml", cwd=folder, capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert result.returncode == 3
    assert b"Traceback" not in result.stderr


@pytest.mark.long
def test_no_bar_is_shown_where_nobody_watches(run, monkeypatch):
    """Progress goes to a terminal only."""
    monkeypatch.setattr("sigstats.data.progress.PATIENCE", 0.0)
    assert run("check", "two.toml")[2] == ""


class AtOnce:
    """A timer without patience."""

    def __init__(self, _, function):
        self.start = function

    def cancel(self):
        pass

    join = cancel


@pytest.mark.long
def test_a_bar_is_shown_on_a_terminal_once_it_takes_long(run, monkeypatch):
    """After the time of patience, standard error shows a bar; standard output stays the answer."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("threading.Timer", AtOnce)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    code, out, _ = run("check", "two.toml")
    assert code == 10
    assert "working" in terminal.getvalue()  # until the answer is there
    assert "checking" in terminal.getvalue()
    assert "checking" not in out


def test_an_interrupt_ends_quietly(run, monkeypatch, tmp_path):
    """Ctrl-C leaves no traceback, no half-written page and no verdict."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("sigstats.detection.detect", interrupted)
    code, out, err = run("check", "one.toml", "--html", tmp_path / "report.html")
    assert code not in {0, 2, 3, 10, 11, 12}
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_conditions_that_are_not_in_use_block_nothing(run, folder):
    """A duplicate, a word and fresh runs in a third condition: only the two that are named count."""
    odd = ["odd,1,r1,0.5", "odd,1,r1,0.7", "odd,2,r2,diverged", "odd,3,r3,inf"]
    table = (folder / "sweep.csv").read_text()
    order = table.partition("\n")[0].split(",")
    columns = ["model", "steps", "run", "score"]
    lines = [
        ",".join(dict(zip(columns, row.split(","), strict=True)).get(name, "") for name in order)
        for row in odd
    ]
    (folder / "odd.csv").write_text(table + "\n".join(lines) + "\n")
    arguments = (*RISES, "--treatment", "trained", "--control", "untrained")
    code, out, err = run("check", "odd.csv", *arguments)
    assert (code, err) == (0, "")
    assert out == run("check", "sweep.csv", *arguments)[1]


@pytest.mark.long
def test_a_claim_on_a_baseline_is_checked(run, tmp_path):
    """Without a knob, with a margin in per cent: on the command line and on a card, with the usual exit codes."""
    rows = [
        f"{name},{seed},{10 + shift + seed / 10 + (seed % 2) / 50}"
        for name, shift in (("base", 0), ("new", 1))
        for seed in range(5)
    ]
    (tmp_path / "runs.csv").write_text(
        "\n".join(["condition,seed,metric", *rows, "new,5,11.4", "base,5,10.6"])
    )
    data = str(tmp_path / "runs.csv")
    code, out, _ = run(
        "check", data, "--shape", "higher", "--baseline", "base", "--min-effect", "2%", "--json"
    )
    assert code == 0
    assert json.loads(out)["results"][0]["signature"]["baseline"] == "base"
    card = tmp_path / "card.toml"
    card.write_text('[[signature]]\nshape = "lower"\nbaseline = "base"\n')
    code, out, _ = run("check", str(card), data)
    assert code == 10
    assert out.startswith("ABSENT: metric is lower in 'new' than in 'base' (the other way round)")
