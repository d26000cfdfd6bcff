"""`sigstats forecast` carries a law on, from a card or from options, and settles an earlier forecast."""

import json
import re

import jsonschema
import numpy as np
import pandas as pd
import pytest

from sigstats.cli.main import main
from sigstats.report.schemas import schema_text
from sigstats.shapes import SHAPES
from sigstats.stats.curves.ahead import LAWS

LEVELS = 2.0 ** np.arange(10)
CARD = """
[[signature]]
name = "scales"
data = "sweep.csv"
knob = "size"
metric = "loss"
shape = "scaling_law"

[[signature]]
name = "falls"
data = "sweep.csv"
knob = "size"
metric = "loss"
shape = "decreasing"
"""


def frame(means):
    noise = np.random.default_rng(0)
    rows = [
        (seed, n, y + 0.01 * noise.standard_normal())
        for seed in range(5)
        for n, y in zip(LEVELS, means, strict=True)
    ]
    return pd.DataFrame(rows, columns=["seed", "size", "loss"])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.toml").write_text(CARD, encoding="utf-8")
    frame(2.0 + 3.0 * LEVELS**-0.5).to_csv("sweep.csv", index=False)
    return tmp_path


def run(capsys, *arguments):
    code = main(["forecast", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.long
def test_a_card_is_carried_on_where_its_shapes_say_how(folder, capsys):
    code, out, err = run(capsys, "card.toml", "--to", "128,256,512")
    assert (code, out[:7]) == (0, "PRESENT")
    assert "'falls' left out: the shape 'decreasing' does not say how a curve goes on" in err
    code, _, err = run(capsys, "card.toml", "--signature", "falls")
    assert code == 2
    assert "does not say how a curve goes on" in err


@pytest.mark.long
def test_json_follows_its_schema_and_a_page_is_written(folder, capsys):
    code, out, _ = run(capsys, "card.toml", "--json", "--html", "page.html")
    found = json.loads(out)
    jsonschema.validate(found, json.loads(schema_text("forecast")))
    assert (code, found["results"][0]["status"]) == (0, "present")
    assert "data:image/svg" in (folder / "page.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_options_take_the_place_of_a_card_and_a_miss_has_a_code(folder, capsys):
    options = ("sweep.csv", "--shape", "power_law", "--knob", "size", "--metric", "loss")
    code, out, _ = run(capsys, *options, "--to", "128,256,512", "--within", "0.05")
    assert (code, out[:6]) == (10, "ABSENT")
    code, _, err = run(capsys, "card.toml", "--shape", "power_law")
    assert code == 2
    assert "a card and --shape were both given" in err


@pytest.mark.long
def test_levels_that_were_not_run_are_predicted_and_settled_later(folder, capsys):
    early = pd.read_csv("sweep.csv")
    early[early["size"] < 512].to_csv("early.csv", index=False)
    code, _, err = run(capsys, "card.toml", "early.csv", "--to", "512")
    assert code == 2
    assert "--beyond" in err
    code, out, _ = run(capsys, "card.toml", "early.csv", "--to", "512", "--beyond", "--json")
    made = json.loads(out)
    jsonschema.validate(made, json.loads(schema_text("forecast")))
    assert (code, made["results"][0]["status"]) == (0, None)
    (folder / "made.json").write_text(out, encoding="utf-8")
    code, out, _ = run(capsys, "card.toml", "--settles", "made.json", "--json")
    (settled,) = json.loads(out)["results"]
    assert (code, settled["status"]) == (0, "present")
    assert settled["levels"][0]["prediction"] == made["results"][0]["levels"][0]["prediction"]
    code, _, err = run(capsys, "card.toml", "--settles", "made.json", "--to", "512")
    assert (code, "leave --to and --within out" in " ".join(err.split())) == (2, True)
    frame(2.1 + 3.0 * LEVELS**-0.5).to_csv("sweep.csv", index=False)
    code, _, err = run(capsys, "card.toml", "--settles", "made.json")
    assert (code, "are not those that the forecast was made from" in err) == (2, True)
    code, _, err = run(capsys, "card.toml", "--settles", "sweep.csv")
    assert code == 2


def test_wrong_levels_are_named(folder, capsys):
    code, _, err = run(capsys, "card.toml", "--to", "large")
    assert (code, "`--to` is 'large'" in err) == (2, True)


def test_help_names_every_law_that_goes_on(capsys):
    assert main(["forecast", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    listed = said.split("the law: ")[1].split(".")[0]
    # "flat" needs a margin, which a card gives.
    assert set(re.findall(r"\w+", listed)) - {"or"} == {name for name in SHAPES if name in LAWS} - {"flat"}


@pytest.mark.long
def test_an_error_names_the_signature_by_its_number_and_how_to_choose_one(folder, capsys):
    """Signatures that do not go on are left out, and keep their numbers; the remedies work."""
    twice = CARD.split("[[signature]]")
    other = twice[1].replace('"scales"', '"it levels"').replace("scaling_law", "saturating")
    (folder / "card.toml").write_text("[[signature]]".join(["", twice[2], twice[1], other]), encoding="utf-8")
    code, _, err = run(capsys, "card.toml", "--to", "100000")
    assert code == 2
    assert "signature 2 'scales'" in err
    assert "--signature scales or --signature 'it levels'" in err
    assert "beyond=True" not in err
    code, out, _ = run(capsys, "card.toml", "--to", "100000", "--beyond", "--signature", "it levels")
    assert (code, out[:8]) == (0, "FORECAST")


PROMISE = CARD.replace(
    'shape = "scaling_law"\n', 'shape = "scaling_law"\nforecast = { to = [256, 512], within = 0.02 }\n'
)


def stands(capsys, *arguments):
    code, out, _ = run(capsys, "card.toml", "--json", *arguments)
    found = json.loads(out)
    jsonschema.validate(found, json.loads(schema_text("forecast")))
    (one,) = found["standing"]["signatures"]
    return code, found["results"][0], found["standing"], one


@pytest.mark.long
def test_a_forecast_on_a_locked_card_is_kept_and_confirmatory_once_the_levels_are_run(folder, capsys):
    """The runs below may exist when the card is locked; those that it predicts may not."""
    later = pd.read_csv("sweep.csv")
    later[later["size"] < 256].to_csv("sweep.csv", index=False)
    (folder / "card.toml").write_text(PROMISE, encoding="utf-8")
    assert stands(capsys)[3]["grounds"] == ["no_lock"]
    assert main(["lock", "card.toml"]) == 0
    told = capsys.readouterr().out
    assert (
        "no run at the levels that the forecast predicts is among them, so that it can be confirmatory"
        in told
    )
    assert "answers of `check` on them will be exploratory" in told
    code, result, _, one = stands(capsys)
    assert (code, result["status"], one["kind"]) == (0, None, "confirmatory")
    later.to_csv("sweep.csv", index=False)
    code, result, said, one = stands(capsys)
    assert (code, result["status"], result["to"], result["within"]) == (0, "present", [256, 512], 0.02)
    assert (one["kind"], one["grounds"], one["look"], one["n_runs"]) == ("confirmatory", [], 1, 5)
    assert "no run at the levels that it predicts was there then; look 1 of 1" in said["sentence"]
    lock = (folder / "card.toml.lock").read_text(encoding="utf-8")
    assert (lock.count("\n"), stands(capsys)[3]["look"]) == (2, 1)  # one line for the card, one for the look
    assert (folder / "card.toml.lock").read_text(encoding="utf-8") == lock
    pd.concat([later, later[later["seed"] == 0].assign(seed=7, loss=later["loss"] + 0.01)]).to_csv(
        "sweep.csv", index=False
    )
    assert stands(capsys, "--no-record")[3]["grounds"] == ["unplanned_look"]
    (folder / "card.toml").write_text(PROMISE.replace("0.02", "0.05"), encoding="utf-8")
    assert stands(capsys, "--no-record")[3]["grounds"] == ["card_changed", "unplanned_look"]


@pytest.mark.long
def test_a_forecast_of_runs_that_were_there_confirms_nothing(folder, capsys):
    """Runs at the predicted levels when the card was locked; or levels that the card does not declare."""
    (folder / "card.toml").write_text(PROMISE, encoding="utf-8")
    assert main(["lock", "card.toml"]) == 0
    told = capsys.readouterr().out
    assert "exploratory, the forecast as well: runs at the levels that it predicts are there" in told
    _, _, said, one = stands(capsys)
    assert (one["kind"], one["grounds"]) == ("exploratory", ["data_existed"])
    assert "runs at the levels that it predicts existed when the card was locked" in said["sentence"]
    (folder / "card.toml").write_text(CARD, encoding="utf-8")
    grounds = stands(capsys, "--to", "512", "--signature", "scales")[3]["grounds"]
    assert grounds[0] == "not_declared"


@pytest.mark.long
def test_a_card_that_declares_a_forecast_is_asked_for_it_alone(folder, capsys):
    """Other laws on the card are left out and named; other levels are refused."""
    first = CARD.split("\n\n", maxsplit=1)[0]
    other = first.replace("scales", "levels off").replace("scaling_law", "saturating")
    (folder / "card.toml").write_text(PROMISE + other, encoding="utf-8")
    code, out, err = run(capsys, "card.toml")
    assert (code, out[:7]) == (0, "PRESENT")
    assert "'levels off' left out: it declares no forecast" in err
    code, _, err = run(capsys, "card.toml", "--to", "512", "--signature", "scales")
    assert (code, "--to was given, and the signature declares its forecast" in err) == (2, True)
