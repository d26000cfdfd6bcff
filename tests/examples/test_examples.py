"""Each example gives its verdict, from Python and from the command line, and its pages show it as it is."""

import json
import re
import runpy
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
EXPECTED = {
    ("procgen_maze", "return rises on the training mazes"): ("present", []),
    ("lr_sweep", "four optimisers together"): ("partial", ["reverses"]),
    ("lr_sweep", "adabelief"): ("partial", ["reverses"]),
    ("lr_sweep", "adabound"): ("absent", ["opposite"]),
    ("lr_sweep", "lion"): ("partial", ["reverses"]),
    ("lr_sweep", "sgd-m"): ("partial", ["reverses"]),
    ("montezuma", "return rises with practice"): ("absent", ["below_min_effect"]),
    ("ntk", "falls with width"): ("partial", ["unspecific"]),
    ("ntk", "grows with training"): ("present", []),
    ("ntk", "exponent near one half"): ("partial", ["exponent_outside"]),
    ("ntk", "exponent near one"): ("present", []),
    ("max_margin", "normalised margin rises"): ("present", []),
    ("max_margin", "classifier turns to the SVM"): ("inconclusive", ["control_unresolved"]),
    ("mixup", "logit is linear"): ("absent", ["artifact"]),
    ("mixup", "probability is linear"): ("present", []),
    ("mixup", "each pair follows its own line"): ("absent", ["not_below"]),
    ("mixup", "fewer wrong labels are reproduced"): ("present", []),
    ("mixup", "wrong labels get less probability"): ("present", []),
    ("topic_inertia", "mixture by document"): ("absent", ["artifact"]),
    ("topic_inertia", "mixture by model"): ("absent", ["artifact"]),
    ("topic_inertia", "prompt against gru"): ("absent", ["artifact"]),
    ("topic_inertia", "prompt against real text"): ("absent", ["artifact"]),
    ("topic_inertia", "prompt against other document"): ("inconclusive", ["control_unresolved"]),
    ("topic_inertia", "real text is level"): ("present", []),
}
IDEAS = {
    "lr_sweep": "contradicted",
    "max_margin": "open",
    "mixup": "contradicted",
    "montezuma": "contradicted",
    "ntk": "bounded",
    "procgen_maze": "supported",
    "topic_inertia": "contradicted",
}
CASES = sorted({name for name, _ in EXPECTED})
MEASURED = sorted(path.parent.name for path in EXAMPLES.glob("*/run.py"))
PUBLISHED = sorted(set(CASES) - set(MEASURED))
WORST_FIRST = {"absent": 10, "partial": 11, "inconclusive": 12, "present": 0}
REFRESH = runpy.run_path(str(EXAMPLES / "refresh.py"))


def verdicts(case: str) -> dict[str, ss.Verdict]:
    card = ss.Card.from_toml(EXAMPLES / case / "card.toml")
    return {str(each.name): ss.detect(card.sweep(each), each) for each in card.signatures}


def test_every_folder_is_tested():
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/card.toml")) == CASES


@pytest.mark.docs
@pytest.mark.parametrize("case", CASES)
def test_python_gives_the_expected_verdicts(case):
    found = {
        (case, name): (str(verdict.status), [str(reason) for reason in verdict.reasons])
        for name, verdict in verdicts(case).items()
    }
    assert found == {key: value for key, value in EXPECTED.items() if key[0] == case}


@pytest.mark.docs
@pytest.mark.parametrize("case", CASES)
def test_the_command_line_gives_the_same_verdicts(case, capsys):
    code = main(["check", str(EXAMPLES / case / "card.toml"), "--json"])
    answer, complained = capsys.readouterr()
    results = json.loads(answer)["results"]
    assert json.loads(answer)["idea"]["status"] == IDEAS[case]
    expected = [value for key, value in EXPECTED.items() if key[0] == case]
    said = {status for status, _ in expected}
    assert code == next(code for status, code in WORST_FIRST.items() if status in said), complained
    assert [(each["status"], each["reasons"]) for each in results] == expected


@pytest.mark.docs
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


@pytest.mark.docs
@pytest.mark.parametrize("page", REFRESH["PAGES"], ids=[str(page.parent.name) for page in REFRESH["PAGES"]])
def test_pages_show_the_current_output(page):
    text = page.read_text(encoding="utf-8")
    assert REFRESH["MARK"].search(text)
    assert REFRESH["refreshed"](text) == text, "run: python examples/refresh.py"


SCRIPTS = {(EXAMPLES / case / "analyse.py").read_text(encoding="utf-8"): case for case in CASES[::-1]}


@pytest.mark.docs
@pytest.mark.parametrize("case", sorted(SCRIPTS.values()))
def test_the_script_writes_beside_itself_and_nowhere_else(case, tmp_path, monkeypatch):
    folder = tmp_path / case
    folder.mkdir()
    for path in EXAMPLES.joinpath(case).iterdir():
        if path.name in {"card.toml", "runs", "analyse.py"} or path.suffix == ".csv":
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    before = set(folder.iterdir())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    script = runpy.run_path(str(folder / "analyse.py"))
    assert set(folder.iterdir()) == before, "importing the script must do nothing"
    script["main"]()
    assert {path.suffix for path in set(folder.iterdir()) - before} == {".png", ".html"}
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("case", PUBLISHED)
def test_source_commit_and_licence_stand_beside_the_data(case):
    readme = (EXAMPLES / case / "README.md").read_text(encoding="utf-8")
    for wanted in ("https://github.com/", "at commit", "[LICENSE.txt](LICENSE.txt)", "licen", "arXiv:"):
        assert wanted in " ".join(readme.split())
    assert (EXAMPLES / case / "LICENSE.txt").stat().st_size > 1000


@pytest.mark.parametrize("case", CASES)
def test_the_script_is_short(case):
    assert len((EXAMPLES / case / "analyse.py").read_text(encoding="utf-8").splitlines()) <= 30


@pytest.mark.parametrize("case", MEASURED)
def test_what_was_measured_is_small_and_its_readme_says_how(case):
    folder = EXAMPLES / case
    data = [*folder.glob("*.csv"), *folder.glob("runs/**/*")]
    assert 0 < sum(path.stat().st_size for path in data if path.is_file()) <= 300_000
    readme = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    for wanted in (
        f"python examples/{case}/run.py",
        "torch 2.13.0",
        "licence",
        "What was predicted",
        "arXiv:",
    ):
        assert wanted in readme


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def tables(readme: str, first: str) -> list[list[list[float]]]:
    """Return the numbers of each table whose first cell in the header is the given one, row by row."""
    found, inside = [], False
    for line in readme.splitlines():
        if line.startswith(f"| {first} | `gpt`"):
            found.append([])
            inside = True
        elif inside and line.startswith("|"):
            found[-1] += [] if set(line) <= set("|- ") else [numbers(line)]
        else:
            inside = False
    return found


def test_the_means_in_the_readme_are_those_of_the_data():
    """The two tables of mean cosines show the committed means, to two digits, against mixture and prompt."""
    folder = EXAMPLES / "topic_inertia"
    means = pd.read_csv(folder / "means.csv")
    shown = tables((folder / "README.md").read_text(encoding="utf-8"), "prompt")
    columns = ["gpt", "gru", "ideal", "true", "other", "segment"]
    for table, reference in zip(shown, ("to_mixture", "to_prompt"), strict=True):
        wide = means.pivot_table(index="prompt_tokens", columns="model", values=reference)[columns]
        expected = np.column_stack([wide.index, wide])
        assert np.array(table) == pytest.approx(expected, abs=0.00501)
    sweep = pd.read_csv(folder / "sweep.csv").groupby(["model", "prompt_tokens"])["cosine"].mean()
    kept = means.set_index(["model", "prompt_tokens"])["to_mixture"].loc[sweep.index]
    assert kept.to_numpy() == pytest.approx(sweep.to_numpy(), abs=0.0002)


def test_the_perplexities_in_the_readme_are_those_of_the_models():
    """Smallest and largest of each kind, and those of the two readers, to one digit."""
    folder = EXAMPLES / "topic_inertia"
    models = pd.read_csv(folder / "models.csv").groupby("model")
    (shown,) = tables((folder / "README.md").read_text(encoding="utf-8"), "perplexities")
    for row, column in zip(shown, ("perplexity", "perplexity_after_150"), strict=True):
        ends = models[column].agg(["min", "max"])
        expected = [*ends.loc["gpt"], *ends.loc["gru"], ends["min"]["ideal"], ends["min"]["segment"]]
        assert row[-6:] == pytest.approx(expected, abs=0.0501)
