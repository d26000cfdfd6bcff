"""``sigstats screen``: a card of every key."""

import json

import jsonschema
import pandas as pd
import pytest

from sigstats.cli.main import main
from sigstats.report.schemas import schema_text

CARD = """
[[signature]]
name = "rises"
data = "suite.csv"
knob = "step"
metric = "score"
shape = "increasing"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    wiggle = [0.0, 0.1, -0.1, 0.05]
    rows = [
        (task, model, seed, x, (task < 2) * x * (1 + 0.1 * seed) + wiggle[(seed + x + task) % 4])
        for task in range(3) for model in "ab" for seed in range(5) for x in range(5)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["task", "model", "seed", "step", "score"])
    frame.to_csv(tmp_path / "suite.csv", index=False)
    (tmp_path / "card.toml").write_text(CARD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.long
def test_a_card_is_asked_of_every_key_and_written_to_files(folder, capsys):
    files = ["--parquet", "o.parquet", "--csv", "o.csv", "--figure", "o.png", "--html", "o.html"]
    assert main(["screen", "card.toml", "--by", "task", "--by", "model", *files]) == 0
    said = capsys.readouterr()
    assert "6 keys: 4 discoveries of present" in said.out
    assert said.err.count("wrote") == 4
    table = pd.read_parquet(folder / "o.parquet")
    assert table["discovery"].tolist() == [True] * 4 + [False] * 2
    assert pd.read_csv(folder / "o.csv")["status"].tolist() == table["status"].tolist()
    assert (folder / "o.png").read_bytes().startswith(b"\x89PNG")
    assert main(["screen", "card.toml", "--by", "task", "--by", "model", "--csv", "o.csv"]) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.long
def test_json_holds_one_result(folder, capsys):
    assert (
        main(["screen", "card.toml", "--by", "task", "--by", "model", "--json", "--correction", "holm"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(schema_text("screen")))
    (result,) = document["results"]
    assert result["correction"] == "holm"
    assert [row["task"] for row in result["rows"]] == [0, 0, 1, 1, 2, 2]


@pytest.mark.long
def test_a_condition_that_is_missing_is_a_field_of_the_card(folder, capsys):
    """The command has no option for it; what the message names works when it is written."""
    suite = pd.read_csv("suite.csv")
    suite.assign(score=suite["score"] + (suite["model"] == "b")).to_csv("suite.csv", index=False)
    assert main(["screen", "card.toml", "--by", "task"]) == 2
    said = capsys.readouterr().err
    assert 'write on the card condition = "model"' in said
    assert "--condition" not in said
    (folder / "card.toml").write_text(CARD + 'condition = "model"\ntreatment = "a"\n')
    assert main(["screen", "card.toml", "--by", "task"]) == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--by"),
        (["--by", "tsk"], "Did you mean 'task'"),
        (["--by", "task", "--figure", "o.gif"], ".png"),
    ],
)
def test_what_makes_no_sense_is_refused(folder, capsys, options, said):
    assert main(["screen", "card.toml", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize(
    "files", [["--csv", "card.toml"], ["--parquet", "./suite.csv"], ["--csv", "o.csv", "--html", "o.csv"]]
)
def test_files_never_replace_the_card_its_data_or_each_other(folder, capsys, files):
    before = [(folder / name).read_bytes() for name in ("card.toml", "suite.csv")]
    assert main(["screen", "card.toml", "--by", "task", "--by", "model", *files, "--force"]) == 2
    assert "a name of its own" in capsys.readouterr().err
    assert [(folder / name).read_bytes() for name in ("card.toml", "suite.csv")] == before


@pytest.mark.long
def test_the_remedy_for_a_column_that_is_not_there_is_a_line_of_the_card(folder, capsys):
    (folder / "card.toml").write_text(CARD.replace("score", "zzz"))
    assert main(["screen", "card.toml", "--by", "task", "--by", "model"]) == 2
    assert 'metric = "COLUMN"' in capsys.readouterr().err
