"""Each example gives its verdict, from Python and from the command line, and its pages show it as it is."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import sigstats as ss

EXAMPLES = Path(__file__).parents[1] / "examples"
EXPECTED = {
    ("procgen_maze", "return rises on the training mazes"): ("present", []),
    ("lr_sweep", "four optimisers together"): ("partial", ["reverses"]),
    ("lr_sweep", "adabelief"): ("partial", ["reverses"]),
    ("lr_sweep", "adabound"): ("absent", ["opposite"]),
    ("lr_sweep", "lion"): ("partial", ["reverses"]),
    ("lr_sweep", "sgd-m"): ("partial", ["reverses"]),
    ("montezuma", "return rises with practice"): ("absent", ["below_min_effect"]),
}
CASES = sorted({name for name, _ in EXPECTED})
EXIT_CODES = {"procgen_maze": 0, "lr_sweep": 10, "montezuma": 10}
REFRESH = runpy.run_path(str(EXAMPLES / "refresh.py"))


def verdicts(case: str) -> dict[str, ss.Verdict]:
    card = ss.Card.from_toml(EXAMPLES / case / "card.toml")
    return {str(each.name): ss.detect(card.sweep(each), each) for each in card.signatures}


def test_every_folder_is_tested():
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/card.toml")) == CASES


@pytest.mark.parametrize("case", CASES)
def test_python_gives_the_expected_verdicts(case):
    found = {
        (case, name): (str(verdict.status), [str(reason) for reason in verdict.reasons])
        for name, verdict in verdicts(case).items()
    }
    assert found == {key: value for key, value in EXPECTED.items() if key[0] == case}


@pytest.mark.parametrize("case", CASES)
def test_the_command_line_gives_the_same_verdicts(case):
    done = subprocess.run(
        [sys.executable, "-m", "sigstats.cli", "check", str(EXAMPLES / case / "card.toml"), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_CODES[case], done.stderr
    results = json.loads(done.stdout)["results"]
    expected = [value for key, value in EXPECTED.items() if key[0] == case]
    assert [(each["status"], each["reasons"]) for each in results] == expected


def test_the_control_of_the_mazes_rises_by_about_a_quarter():
    (verdict,) = verdicts("procgen_maze").values()
    control = verdict.evidence.control
    assert control is not None
    assert control.effect.low > 0
    assert 0.2 < control.effect.value / verdict.effect.value < 0.3


def test_runs_that_diverge_are_values_at_chance_and_stay_in():
    table = ss.SweepTable.from_frame(
        pd.read_csv(EXAMPLES / "lr_sweep" / "sweep.csv"),
        knob="learning_rate",
        metric="val_accuracy",
        seed="run",
        condition="optimizer",
    )
    assert table.n_rows == 84
    assert (table.matrix("adabelief")[:, -1] < 0.012).all()


@pytest.mark.parametrize("page", REFRESH["PAGES"], ids=[str(page.parent.name) for page in REFRESH["PAGES"]])
def test_pages_show_the_current_output(page):
    text = page.read_text(encoding="utf-8")
    assert REFRESH["MARK"].search(text)
    assert REFRESH["refreshed"](text) == text, "run: python examples/refresh.py"


@pytest.mark.parametrize("case", CASES)
def test_the_script_writes_beside_itself_and_nowhere_else(case, tmp_path, monkeypatch):
    folder = tmp_path / case
    folder.mkdir()
    for name in ("card.toml", "sweep.csv", "analyse.py"):
        shutil.copy(EXAMPLES / case / name, folder)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    script = runpy.run_path(str(folder / "analyse.py"))
    assert len(list(folder.iterdir())) == 3, "importing the script must do nothing"
    script["main"]()
    written = {path.suffix for path in folder.iterdir()} - {".toml", ".csv", ".py"}
    assert written == {".png", ".html"}
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_source_commit_and_licence_stand_beside_the_data(case):
    readme = (EXAMPLES / case / "README.md").read_text(encoding="utf-8")
    for wanted in ("https://github.com/", "at commit", "[LICENSE.txt](LICENSE.txt)", "licen", "arXiv:"):
        assert wanted in " ".join(readme.split())
    assert (EXAMPLES / case / "LICENSE.txt").stat().st_size > 1000
    assert len((EXAMPLES / case / "analyse.py").read_text(encoding="utf-8").splitlines()) <= 30
