"""Training logs on the command line: what a folder holds, and verdicts on it."""

import json
from pathlib import Path

import pytest

from sigstats.cli import main
from sigstats.cli.runs import listing
from sigstats.data.logs.overview import overview
from sigstats.data.logs.runs import read_runs

SAMPLES = Path(__file__).parents[1] / "data" / "logs" / "samples"


def write(folder, name, values, **meta):
    path = folder / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [
        {"_meta": meta},
        *({"step": step, "acc": value} for step, value in enumerate(values)),
        {"_summary": {}},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def run(capsys):
    """Run the command line and return its code, output and messages."""

    def runner(*arguments):
        code = main.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return runner


@pytest.fixture
def folder(tmp_path):
    """Two optimisers, three widths, four seeds; the accuracy rises with the width under adam only."""
    for optimizer in ("adam", "sgd"):
        for width in (1, 2, 4):
            for seed in range(4):
                last = (width if optimizer == "adam" else 2) + 0.05 * ((seed * 7 + width) % 5)
                write(
                    tmp_path / "logs",
                    f"{optimizer}/w{width}_s{seed}",
                    [0, last],
                    model={"width": width},
                    data="x",
                )
    return tmp_path / "logs"


CARD = """
[[signature]]
name = "wider is better"
data = "logs"
knob = "width"
metric = "acc"
seed = "seed"
condition = "optimizer"
shape = "increasing"
control = "sgd"
min_effect = 0.5
runs = { at = "last", pattern = '^(?P<optimizer>\\w+)/w(?P<width>\\d+)_s(?P<seed>\\d+)$' }
"""


@pytest.mark.long
def test_a_card_that_names_a_folder_is_checked(run, folder):
    card = folder.parent / "card.toml"
    card.write_text(CARD)
    code, out, err = run("check", card)
    assert code == 0, err
    assert out.startswith("PRESENT: acc rises with width")
    assert err == "note: 24 of 24 runs are in the table, 'acc' as the last value.\n"


@pytest.mark.long
def test_a_folder_can_replace_the_data_of_a_card(run, folder, tmp_path):
    card = tmp_path / "card.toml"
    card.write_text(CARD.replace('data = "logs"', ""))
    assert run("check", card, folder)[0] == 0


def test_options_do_what_a_card_does(run, folder):
    table = r"{ pattern = '^(?P<optimizer>\w+)/w(?P<width>\d+)_s(?P<seed>\d+)$', at = 'max' }"
    code, out, _ = run(
        "check", folder, "--knob", "width", "--metric", "acc", "--seed", "seed", "--condition", "optimizer",
        "--shape", "increasing", "--control", "sgd", "--runs", table, "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["results"][0]["status"] == "present"


@pytest.mark.long
def test_filters_may_name_settings_that_have_no_role(run, folder):
    options = [
        "--knob",
        "model.width",
        "--metric",
        "acc",
        "--shape",
        "increasing",
        "--runs",
        "{ levels = ['opt'] }",
    ]
    code, out, err = run("check", folder, *options, "--full", "--where", "opt=sgd", "--where", "data=x")
    assert code == 12, err
    assert "data 12 rows" in out
    code, _, err = run("check", folder, *options, "--where", "opt=rmsprop")
    assert code == 2
    assert "opt" in err


@pytest.mark.long
@pytest.mark.parametrize(
    ("runs", "hint"),
    [
        ('{ at = "final" }', "`at` is 'final'"),
        ('{ att = "last" }', "Did you mean 'at'"),
        ("{ pattern = '(?P<x>a{99999})' }", "`pattern` is"),
        ("{ at = ", "not a TOML table"),
        ("last", "must map options to values"),
        ("{ at = { x = 1 } }", "must be text, a number or a list"),
        ('{ format = "tensorbord" }', "Did you mean 'tensorboard'"),
    ],
)
def test_wrong_options_are_wrong_input(run, folder, runs, hint):
    options = ["--knob", "width", "--metric", "acc", "--shape", "increasing", "--runs", runs]
    code, out, err = run("check", folder, *options)
    assert (code, out) == (2, "")
    assert hint in err


def test_a_folder_without_runs_is_wrong_input(run, tmp_path):
    code, _, err = run("check", tmp_path, "--knob", "k", "--metric", "m", "--shape", "increasing")
    assert code == 2
    assert "does not hold any runs" in err


def test_the_list_says_what_can_be_knob_condition_and_seed(run, folder):
    code, out, err = run("runs", folder, "--pattern", r"_s(?P<seed>\d+)", "--level", "optimizer")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{folder}: 24 runs"
    assert lines[1] == "  plain              24 runs (24 finished)"
    assert "  model.width              1, 2, 4" in lines
    assert "  optimizer                adam, sgd" in lines
    assert "  seed                     0, 1, 2, 3" in lines
    assert "  4 runs in each of 6 combinations of other settings" in lines
    assert "  acc                              24 runs, 2 values, steps 0 to 1" in lines
    assert "problems" not in lines


def test_the_list_as_json(run, folder):
    (folder / "bad.csv").write_bytes(b"\0")
    code, out, _ = run("runs", folder, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["formats"] == {"plain": {"finished": 24}}
    assert [each["name"] for each in found["settings"]] == ["model.width"]
    assert found["problems"]["NO_TEXT"][0]["run"] == "bad.csv"
    assert found["metrics"] == [
        {"name": "acc", "n_runs": 24, "fewest": 2, "most": 2, "first": 0.0, "last_low": 1.0, "last_high": 1.0}
    ]


def test_settings_that_divide_the_runs_alike_are_told_together(tmp_path):
    for number in range(6):
        write(
            tmp_path,
            f"r{number}",
            [1],
            lr=number // 2,
            log_lr=-(number // 2),
            seed=number % 2,
            where=f"/x/{number}",
        )
    found = overview(read_runs(tmp_path))
    assert [(each.name, each.others, each.is_seed) for each in found.settings] == [
        ("lr", ("log_lr",), False),
        ("seed", (), True),
    ]
    assert found.unique == ("where",)
    assert (found.n_cells, found.per_cell) == (3, (2, 2))


def test_names_with_control_characters_are_spelled_out(tmp_path):
    (tmp_path / "a\x1b[31m.csv").write_text("step,x\x1b[0m\n1,2\n")
    text, _ = listing(str(tmp_path), {}, as_json=False)
    assert "\x1b" not in text


@pytest.mark.long
@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
@pytest.mark.parametrize("as_json", [False, True])
def test_every_sample_can_be_listed(sample, as_json):
    text, any_run = listing(str(SAMPLES / sample), {}, as_json=as_json)
    assert any_run is (sample not in ("yaml", "hydra"))
    if as_json:
        assert json.loads(text)["schema"] == 1
    else:
        assert max(map(len, text.splitlines())) <= 120


def test_a_folder_that_is_not_there_is_wrong_input(run, tmp_path):
    code, _, err = run("runs", tmp_path / "nowhere")
    assert code == 2
    assert "does not exist" in err


def test_a_folder_without_runs_says_what_was_seen_and_exits_with_2(run, tmp_path):
    (tmp_path / "a.json").write_text("1")
    code, out, _ = run("runs", tmp_path)
    assert code == 2
    assert "0 runs" in out
    assert "1 .json such as 'a.json'" in out
