"""Tables of any kind on the command line: the remedies that are printed are options, and work when they are typed."""

import inspect
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sigstats.cli.main import app, main
from sigstats.cli.options import READING
from sigstats.errors import READING_OPTIONS

SAMPLES = Path(__file__).parents[1] / "data/table/samples"
CLAIM = ["--shape", "increasing"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line inside a folder: code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def runner(*arguments):
        code = main([str(each) for each in arguments])
        return code, *capsys.readouterr()

    return runner


def options(err, *names):
    """Return the options that a message shows, as a shell takes them apart."""
    found = [re.search(rf"--{name} (?:'[^']*'|[^\s;.]+)", err) for name in names]
    return [part for each in found for part in shlex.split(each[0])]


@pytest.mark.long
def test_a_number_with_two_readings_is_settled_by_the_option_that_is_printed(run, tmp_path):
    shutil.copy(SAMPLES / "german_thousands/input/sweep.csv", tmp_path)
    claim = ["check", "sweep.csv", *CLAIM, "--knob", "tokens", "--metric", "solved"]
    code, _, err = run(*claim)
    assert code == 2
    assert "Say which: --decimal '.' or --thousands '.'." in err
    code, out, err = run(*claim, *options(err, "thousands"))
    assert (code, out.partition(":")[0]) == (0, "PRESENT")
    assert "note: 'sweep.csv': its fields stand between ';'." in err


@pytest.mark.long
def test_summaries_are_left_out_by_the_option_that_is_printed(run, tmp_path):
    shutil.copy(SAMPLES / "summary_rows_as_seeds/input/sweep.csv", tmp_path)
    claim = ["check", "sweep.csv", *CLAIM, "--knob", "width", "--metric", "accuracy"]
    code, _, err = run(*claim)
    assert code == 2
    code, out, _ = run(*claim, *options(err, "where"))
    assert (code, out.partition(":")[0]) == (12, "INCONCLUSIVE")


def sweep(**columns):
    rng = np.random.default_rng(0)
    rows = [
        (model, seed, knob, knob * (model == "a") + rng.normal(0, 0.1))
        for model in ("a", "b c")
        for seed in range(5)
        for knob in (1, 2, 3, 4)
    ]
    return pd.DataFrame(rows, columns=["model", "seed", "knob", "metric"]).assign(**columns)


@pytest.mark.long
def test_a_forgotten_condition_is_given_by_the_option_that_is_printed(run):
    sweep().to_csv("sweep.csv", index=False)
    code, _, err = run("check", "sweep.csv", *CLAIM)
    assert code == 2
    assert "condition=" not in err
    code, out, _ = run(
        "check", "sweep.csv", *CLAIM, *options(err, "condition"), "--treatment", "a", "--control", "b c"
    )
    assert (code, out.partition(":")[0]) == (0, "PRESENT")


@pytest.mark.long
@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ({"decimal": ","}, []),
        ({"decimal": ",", "unit": " ms"}, ["units"]),
        ({"decimal": ".", "unit": "%"}, []),
        ({"decimal": ".", "unit": "s"}, ["units"]),
    ],
)
def test_numbers_in_other_notations_are_read(run, written, needed):
    frame = sweep()[lambda f: f["model"] == "a"]
    frame["metric"] = [
        f"{each:.4f}".replace(".", written["decimal"]) + written.get("unit", "") for each in frame["metric"]
    ]
    frame.to_csv("sweep.csv", index=False, sep=";")
    code, out, err = run("check", "sweep.csv", *CLAIM)
    if needed:
        assert code == 2
        shown = options(err, *needed) + (options(err, "decimal") if "--decimal" in err else [])
        code, out, _ = run("check", "sweep.csv", *CLAIM, *shown)
    assert (code, out.partition(":")[0]) == (0, "PRESENT")


@pytest.mark.long
def test_a_wide_table_is_made_long_by_the_command_that_is_printed(run, tmp_path):
    wide = sweep()[lambda f: f["model"] == "a"].pivot(index="knob", columns="seed", values="metric")
    wide.columns = [f"run {seed}" for seed in wide.columns]
    wide.reset_index().to_csv("sweep.csv", index=False)
    code, _, err = run("check", "sweep.csv", *CLAIM)
    assert code == 2
    command = shlex.split(re.search(r"python -c '.*?'(?=; then)", err)[0])
    subprocess.run([sys.executable, *command[1:]], cwd=tmp_path, check=True)
    code, out, _ = run("check", "sweep_long.csv", *CLAIM)
    assert (code, out.partition(":")[0]) == (0, "PRESENT")


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        'a$(touch INJ)`touch INJ` "w".csv',
        "a';touch INJ;'\\'$(touch INJ).csv",
        "-x !.csv",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ('it\'s "w".csv', "a\\'$(touch INJ).csv")),
    ],
)
def test_the_printed_command_is_inert_whatever_the_file_is_called(run, tmp_path, name):
    """It reads the file as it was read before, with all options, and makes it long; a shell runs nothing else.

    Each name has several ways out of the quotes; one way alone is slow.
    """
    wide = sweep()[lambda f: f["model"] == "a"].pivot(index="knob", columns="seed", values="metric")
    wide.columns = [f"run é {seed}" for seed in wide.columns]
    Path(name).write_bytes(wide.reset_index().to_csv(index=False, sep=";", decimal=",").encode("latin-1"))
    reading = ["--encoding", "latin-1", "--decimal", ","]
    code, _, err = run("check", f"./{name}", *CLAIM, *reading)
    assert code == 2
    line = re.search(r"(?s)python -c (.*); then check (.*)\.\n", err)
    command = f"{shlex.quote(sys.executable)} -c {line[1]}"
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    (target,) = shlex.split(line[2])
    assert not Path("INJ").exists()
    assert set(map(str, Path().iterdir())) == {name, target}
    code, out, _ = run("check", f"./{target}", *CLAIM)
    assert (code, out.partition(":")[0]) == (0, "PRESENT")


@pytest.mark.long
def test_a_card_says_how_its_file_is_read(run, tmp_path):
    """Its remedies are lines of a card; options of the command line go before them."""
    shutil.copy(SAMPLES / "german_thousands/input/sweep.csv", tmp_path)
    card = (
        '[idea]\nname = "more tokens help"\n[[signature]]\ndata = "sweep.csv"\nknob = "tokens"\nmetric = "solved"\n'
        'shape = "increasing"\n'
    )
    Path("card.toml").write_text(card)
    code, _, err = run("check", "card.toml")
    assert code == 2
    line = re.search(r'read = { thousands = "\." }', err)[0]
    assert run("check", "card.toml", "--thousands", ".")[0] == 0
    Path("card.toml").write_text(card + line + "\n")
    assert run("check", "card.toml")[0] == 0
    assert run("check", "card.toml", "--decimal", ".", "--thousands", ",")[0] in (10, 11, 12)
    assert run("robust", "card.toml", "--replications", "0")[0] in (0, 13)


def test_several_files_and_packed_ones_are_data_too(run, tmp_path):
    frame = sweep()
    for seed, part in frame[frame["model"] == "a"].groupby("seed"):
        part.drop(columns="seed").to_csv(tmp_path / f"s{seed}.csv.gz", index=False)
    code, out, err = run("check", "s*.csv.gz", *CLAIM, "--seed", "file")
    assert (code, out.partition(":")[0]) == (0, "PRESENT")
    assert "5 files were joined" in err


@pytest.mark.parametrize("command", ["check", "robust", "screen", "plan", "forecast"])
def test_every_command_on_tables_takes_what_says_how_they_are_read(command):
    """The same options everywhere, and each that a remedy may name."""
    (found,) = (each.callback for each in app.registered_commands if each.callback.__name__ == command)
    assert set(READING) == set(READING_OPTIONS)
    assert set(READING) < set(inspect.signature(found).parameters)
