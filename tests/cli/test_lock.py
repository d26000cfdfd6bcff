"""Locks on the command line: what is written, what is refused, and what programs read."""

import json

import numpy as np
import pandas as pd
import pytest

from sigstats.cli.main import main

CARD = '[[signature]]\nname = "rises"\ndata = "sweep.csv"\nshape = "increasing"\nmin_effect = 0.5\n'


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in a folder with a card: code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.toml").write_text(CARD)

    def runner(*arguments):
        code = main([str(each) for each in arguments])
        return code, *capsys.readouterr()

    return runner


def sweep(tmp_path, n_seeds=4):
    rng = np.random.default_rng(3)
    rows = [(seed, knob, knob + rng.normal(0, 0.2)) for seed in range(n_seeds) for knob in range(5)]
    pd.DataFrame(rows, columns=["seed", "knob", "metric"]).to_csv(tmp_path / "sweep.csv", index=False)


def test_a_card_is_locked(run, tmp_path):
    code, out, err = run("lock", "card.toml")
    assert (code, err) == (0, "")
    entry = json.loads((tmp_path / "card.toml.lock").read_text())
    assert f"card   {entry['card_hash']}\n" in out
    assert f"head   {entry['hash']}\n" in out
    assert "data   none yet\n" in out


def test_a_lock_is_never_replaced(run, tmp_path):
    run("lock", "card.toml")
    content = (tmp_path / "card.toml.lock").read_bytes()
    code, out, err = run("lock", "card.toml")
    assert (code, out) == (2, "")
    assert err == (
        "sigstats: the lock 'card.toml.lock' exists already; a lock is never replaced. Declare a change of the card "
        "with: sigstats amend card.toml --why REASON\n"
    )
    assert (tmp_path / "card.toml.lock").read_bytes() == content


@pytest.mark.parametrize("kind", ["directory", "link"])
def test_what_is_no_file_is_not_replaced(run, tmp_path, kind):
    if kind == "directory":
        (tmp_path / "card.toml.lock").mkdir()
    else:
        (tmp_path / "card.toml.lock").symlink_to(tmp_path / "nowhere")
    assert run("lock", "card.toml")[0] == 2
    assert not (tmp_path / "nowhere").exists()


def test_what_exists_is_said(run, tmp_path):
    sweep(tmp_path)
    _, out, _ = run("lock", "card.toml")
    assert "data   'rises': sweep.csv, 20 rows, 4 runs; answers on them will be exploratory\n" in out


WITHOUT_LOCK = (("lock", "--verify"), ("amend", "--why", "x"), ("lock", "--export", "osf"))


@pytest.mark.parametrize("command", WITHOUT_LOCK)
def test_a_card_without_a_lock_is_named(run, command):
    code, out, err = run(command[0], "card.toml", *command[1:])
    assert (code, out) == (2, "")
    assert err == "sigstats: the card 'card.toml' is not locked. Lock it with: sigstats lock card.toml\n"


@pytest.mark.long
def test_an_amendment_needs_a_reason_and_a_change(run, tmp_path):
    run("lock", "card.toml")
    assert run("amend", "card.toml", "--why", " ")[2].startswith("sigstats: `--why` is empty")
    assert "has not changed since" in run("amend", "card.toml", "--why", "x")[2]
    (tmp_path / "card.toml").write_text(CARD.replace("0.5", "0.25"))
    code, out, _ = run("amend", "card.toml", "--why", "half is too much")
    assert code == 0
    assert "half is too much\n  `min_effect` of 'rises' was 0.5 and is 0.25\nhead   " in out


@pytest.mark.long
def test_signs_that_could_hurt_a_terminal_are_spelled_out(run, tmp_path):
    run("lock", "card.toml")
    (tmp_path / "card.toml").write_text(CARD.replace("rises", "\\u001b[31mrises"))
    _, out, _ = run("amend", "card.toml", "--why", "\x1b[2J")
    assert "\x1b" not in out
    sweep(tmp_path)
    assert "\x1b" not in run("check", "card.toml")[1]


@pytest.mark.long
def test_programs_read_the_same(run, tmp_path):
    _, out, _ = run("lock", "card.toml", "--json")
    told = json.loads(out)
    assert list(told) == ["schema", "lock", "head", "next"]
    assert [step["code"] for step in told["next"]] == ["publish_head", "collect_data"]
    (tmp_path / "card.toml").write_text(CARD.replace("0.5", "0.25"))
    _, out, _ = run("amend", "card.toml", "--why", "x", "--json")
    assert json.loads(out)["amendment"]["changes"] == [
        {"signature": "rises", "field": "min_effect", "old": 0.5, "new": 0.25}
    ]
    _, out, _ = run("lock", "card.toml", "--verify", "--json")
    assert {key: json.loads(out)[key] for key in ("whole", "lines", "amendments", "looks", "breaks")} == {
        "whole": True, "lines": 2, "amendments": 1, "looks": 0, "breaks": [],
    }  # fmt: skip
    code, out, _ = run("lock", "card.toml", "--verify", "--head", "0" * 64, "--json")
    told = json.loads(out)
    assert (code, told["whole"], told["breaks"][0]["code"]) == (14, False, "head_missing")
    assert told["next"][0]["code"] == "restore_lock"


@pytest.mark.long
def test_the_page_shows_the_standing(run, tmp_path):
    run("lock", "card.toml")
    sweep(tmp_path)
    run("check", "card.toml", "--html", "page.html")
    assert "<strong>Confirmatory: the card is as it was locked" in (tmp_path / "page.html").read_text()


def steps(run, *options):
    return json.loads(run("check", "card.toml", "--json", *options)[1])["next"]


@pytest.mark.long
def test_nothing_to_do_is_said(run, tmp_path):
    (tmp_path / "card.toml").write_text(CARD + 'condition = "model"\ncontrol = "still"\n')
    run("lock", "card.toml")
    rng = np.random.default_rng(3)
    rows = [
        (model, seed, knob, slope * knob + rng.normal(0, 0.2))
        for model, slope in (("moving", 1), ("still", 0))
        for seed in range(6)
        for knob in range(5)
    ]
    pd.DataFrame(rows, columns=["model", "seed", "knob", "metric"]).to_csv(
        tmp_path / "sweep.csv", index=False
    )
    assert [step["code"] for step in steps(run)] == ["nothing_to_do"]


def test_seeds_that_are_missing_are_counted(run, tmp_path):
    sweep(tmp_path, 2)
    found = {step["code"]: step for step in steps(run)}
    assert (found["add_seeds"]["n"], found["add_seeds"]["role"]) == (1, "treatment")
    assert "lock_card" in found


def test_a_missing_min_effect_is_asked_for(run, tmp_path):
    (tmp_path / "card.toml").write_text(CARD.replace("min_effect = 0.5\n", ""))
    rng = np.random.default_rng(3)
    rows = [(seed, knob, rng.normal()) for seed in range(3) for knob in range(5)]
    pd.DataFrame(rows, columns=["seed", "knob", "metric"]).to_csv(tmp_path / "sweep.csv", index=False)
    found = {step["code"]: step for step in steps(run)}
    assert found["declare_min_effect"]["field"] == "min_effect"
    assert found["add_seeds"]["n"] > 0


def test_a_change_that_was_not_declared_is_asked_for(run, tmp_path):
    run("lock", "card.toml")
    sweep(tmp_path)
    (tmp_path / "card.toml").write_text(CARD.replace("0.5", "0.25"))
    found = {step["code"]: step for step in steps(run)}
    assert (found["amend_card"]["signature"], found["amend_card"]["field"]) == ("rises", "min_effect")


@pytest.mark.long
def test_seeds_up_to_the_next_planned_look_are_counted(run, tmp_path):
    (tmp_path / "card.toml").write_text(CARD + "looks = [3, 5]\n")
    rng = np.random.default_rng(3)
    rows = [(seed, knob, 0.1 * knob + rng.normal()) for seed in range(5) for knob in range(5)]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    frame[frame["seed"] < 3].to_csv(tmp_path / "sweep.csv", index=False)
    found = {step["code"]: step for step in steps(run)}
    assert found["add_seeds"]["n"] == 2
    frame.to_csv(tmp_path / "sweep.csv", index=False)
    found = {step["code"]: step for step in steps(run)}
    assert "add_seeds" not in found
    assert found["change_card"]["field"] == "looks"


@pytest.mark.long
def test_a_comparison_says_how_many_runs_are_missing(run, tmp_path):
    card = '[[signature]]\ndata = "sweep.csv"\nshape = "higher"\nbaseline = "a"\n'
    (tmp_path / "card.toml").write_text(card)
    scores = {"a": (1.0, 1.4, 0.8, 1.3), "b": (1.1, 1.5, 1.0, 1.2)}
    rows = [(name, run, score) for name, found in scores.items() for run, score in enumerate(found)]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    frame.to_csv(tmp_path / "sweep.csv", index=False)
    assert steps(run)[0]["code"] == "declare_min_effect"
    (tmp_path / "card.toml").write_text(card + "min_effect = 0.1\n")
    _, out, _ = run("check", "card.toml", "--json")
    told = json.loads(out)
    needed = told["results"][0]["rows"][0]["needed"]["runs"]
    assert (told["next"][0]["code"], told["next"][0]["n"]) == ("add_seeds", needed - 4)
    assert told["next"][0]["condition"] == "b"
