"""What is printed as JSON is what the shipped schemas say, and these follow from the classes."""

import copy
import importlib.util
import json
import tomllib
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from sigstats import Signature, compare, detect
from sigstats.cli.main import main
from sigstats.report.schemas import names, schema_text

ROOT = Path(__file__).parents[2]
CARDS = sorted(ROOT.glob("examples/*/card.toml"))


@pytest.fixture(scope="module")
def script():
    """Return the script that writes the schemas."""
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "docs" / "schemas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problems(name, document):
    """Return what a schema finds wrong with a document."""
    checker = jsonschema.Draft202012Validator(json.loads(schema_text(name)))
    return [f"{each.json_path}: {each.message[:200]}" for each in checker.iter_errors(document)]


@pytest.mark.long
@pytest.mark.parametrize("name", names())
def test_a_schema_is_that_of_the_classes(script, name):
    """Else run: python docs/schemas.py."""
    assert script.written(name) == schema_text(name) + "\n"


def test_every_schema_is_shipped(script):
    assert sorted(script.SCHEMAS) == names()


@pytest.mark.long
@pytest.mark.parametrize("name", names())
def test_a_schema_is_valid(name):
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


@pytest.mark.long
def test_verdicts_follow_their_schema(sample):
    assert problems("verdict", json.loads(sample().to_json())) == []


@pytest.mark.long
def test_verdicts_on_every_shape_follow_their_schema(shown):
    assert problems("verdict", json.loads(shown().to_json())) == []


@pytest.mark.parametrize("margin", [None, 1, "2%"])
def test_comparisons_follow_their_schema(margin):
    rows = [
        (model, run, level + run % 3)
        for model, level in (("a", 50), ("b", 53), ("c", 49))
        for run in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    found = compare(frame, Signature(shape="higher", baseline="a", min_effect=margin))
    assert problems("comparison", json.loads(found.to_json())) == []


def test_numbers_that_are_missing_follow_the_schema():
    rows = [(seed, knob, float(knob + seed)) for seed in range(2) for knob in range(3)]
    found = detect(pd.DataFrame(rows, columns=["seed", "knob", "metric"]), shape="increasing")
    assert problems("verdict", json.loads(found.to_json())) == []


WRONG = {"status": "perhaps", "reasons": "none", "evidence": None, "schema": 2}


@pytest.mark.long
@pytest.mark.parametrize("key", WRONG)
def test_a_schema_finds_what_is_wrong(samples, key):
    document = json.loads(samples.present().to_json())
    assert problems("verdict", {**document, key: WRONG[key]}) != []
    del document[key]
    assert problems("verdict", document) != []


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command in a folder with a card and data, and returns its JSON."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.toml").write_text(
        '[[signature]]\nname = "rises"\ndata = "sweep.csv"\nshape = "increasing"\nmin_effect = 0.5\n'
    )
    rows = [(seed, knob, knob + 0.1 * ((seed + knob) % 3)) for seed in range(4) for knob in range(5)]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])

    def runner(*arguments):
        main([*arguments, "--json"])
        return json.loads(capsys.readouterr().out)

    runner.folder, runner.frame = tmp_path, frame
    return runner


@pytest.mark.long
def test_commands_follow_their_schemas(run):
    assert problems("lock", run("lock", "card.toml")) == []
    run.frame.to_csv("sweep.csv", index=False)
    assert problems("check", run("check", "card.toml")) == []
    path = run.folder / "card.toml"
    path.write_text(path.read_text().replace("0.5", "0.25"))
    assert problems("lock", run("amend", "card.toml", "--why", "half is too much")) == []
    assert problems("check", run("check", "card.toml")) == []
    assert problems("verify", run("lock", "card.toml", "--verify")) == []
    lines = (run.folder / "card.toml.lock").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["lock", "look", "amendment", "look"]
    assert [problems("lock_line", json.loads(line)) for line in lines] == [[]] * 4
    (run.folder / "card.toml.lock").write_text(lines[1] + "\n")
    assert problems("verify", run("lock", "card.toml", "--verify")) == []
    assert problems("check", run("check", "card.toml")) == []


def test_findings_on_cards_follow_their_schema(run):
    found = run("lint", "card.toml")
    assert found["findings"] != []
    assert problems("lint", found) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "more", ["", "looks = [4, 8]", '[[signature]]\nname = "fades"\nshape = { name = "fades", by = "step" }']
)
def test_plans_follow_their_schema(run, more):
    path = run.folder / "card.toml"
    path.write_text(f"{path.read_text()}{more}\n")
    found = run("plan", "card.toml", "--noise", "0.5", "--replications", "20", "--budget", "1")
    assert problems("plan", found) == []
    assert problems("plan", {**found, "next": []}) != []
    del found["results"][0]["design"]
    assert problems("plan", found) != []


@pytest.mark.long
def test_a_check_without_a_card_follows_its_schema(run):
    run.frame.to_csv("sweep.csv", index=False)
    assert problems("check", run("check", "sweep.csv", "--shape", "increasing")) == []


def test_a_line_with_a_strange_hash_is_refused_by_the_schema(run):
    found = run("lock", "card.toml")
    broken = copy.deepcopy(found)
    broken["lock"]["hash"] = "x"
    assert problems("lock", broken) != []


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_shipped_cards_follow_the_schema(path):
    assert problems("card", tomllib.loads(path.read_text(encoding="utf-8"))) == []


def test_a_key_that_no_card_has_is_refused_by_the_schema():
    assert problems("card", {"signature": [{"shape": "increasing", "knobb": "x"}]}) != []


def test_schemas_are_printed(capsys):
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.split() == names()
    assert main(["schema", "lock"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "sigstats:lock:1"
    assert main(["schema", "lok"]) == 2
    assert "Did you mean 'lock'" in capsys.readouterr().err


def test_a_check_of_a_claim_on_a_baseline_follows_its_schema(run, tmp_path):
    """Results of both kinds are in one file, so what they share has one form."""
    rows = [(model, seed, level + seed % 3) for model, level in (("a", 50), ("b", 53)) for seed in range(5)]
    path = tmp_path / "runs.csv"
    pd.DataFrame(rows, columns=["condition", "seed", "metric"]).to_csv(path, index=False)
    document = run("check", str(path), "--shape", "higher", "--baseline", "a", "--min-effect", "2%")
    assert problems("check", document) == []
    assert document["results"][0]["provenance"]["versions"]["python"]
