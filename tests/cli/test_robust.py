"""``sigstats robust``: the report on standard output, and one number that says whether every verdict is robust."""

import dataclasses
import io
import json
import sys

import numpy as np
import pandas as pd
import pytest

import sigstats
from sigstats.cli import robust
from sigstats.cli.main import main
from sigstats.studies.robustness.run import robustness


def card_of(**fields):
    columns = {"knob": "steps", "metric": "score", "seed": "run", "condition": "model"}
    fields = {"shape": "increasing", "data": "sweep.csv", "min_effect": 1, **columns, **fields}
    return sigstats.Signature(**fields).to_toml() + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A sweep in which one model rises and one falls back, with cards of fresh runs, which leave few choices open."""
    rng = np.random.default_rng(1)
    rows = [
        (model, f"{run}-{step}", 1000 * step - 3000, curve(step) + rng.normal(0, 0.2))
        for model, curve in (("rises", float), ("saturates", lambda step: 2.0 * min(step, 1)))
        for run in range(3)
        for step in range(6)
    ]
    folder = tmp_path_factory.mktemp("robust")
    pd.DataFrame(rows, columns=["model", "run", "steps", "score"]).to_csv(folder / "sweep.csv", index=False)
    clear = card_of(name="clear", treatment="rises")
    (folder / "clear.toml").write_text(clear)
    (folder / "both.toml").write_text(clear + card_of(name="early", treatment="saturates"))
    (folder / "broken.toml").write_text(clear + card_of(name="broken", metric="scor"))
    return folder


KNOWN = {}


@pytest.fixture
def run(folder, capsys, monkeypatch):
    """Run the command line; the analyses of a signature, which take seconds, are made once for all tests."""
    monkeypatch.chdir(folder)

    def remembered(data, signature, *, replications, **options):
        key = signature.to_toml(), *options.items()
        if key not in KNOWN:
            KNOWN[key] = robustness(data, signature, replications=5, **options)
        return KNOWN[key] if replications else dataclasses.replace(KNOWN[key], synthetic=None)

    monkeypatch.setattr("sigstats.studies.robustness.run.robustness", remembered)
    monkeypatch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 20)

    def call(*arguments):
        code = main([*map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


FAST = ("--replications", "5")


def without_choices(data, signature, **options):
    """Analyse without other choices, which is enough to see what a terminal shows meanwhile."""
    return robustness(data, signature, choices=[], **options)


@pytest.mark.long
def test_a_robust_verdict_is_success(run):
    """A clear rise stands in most analyses; the last line says what was asked for."""
    code, out, err = run("robust", "clear.toml", *FAST)
    assert (code, err) == (0, "")
    assert out.startswith("PRESENT: score rises with steps; stands in ")
    assert "weakest point:" in out
    assert out.rstrip().splitlines()[-1].startswith("robust: stands in ")
    for section in ("The seeds", "The claim broken on purpose", "What common practice says"):
        assert section in out


@pytest.mark.long
def test_a_fragile_verdict_has_a_code_of_its_own(run):
    """A rise that is over after the first step does not stand on the upper half of the range."""
    code, out, _ = run("robust", "both.toml", "--signature", "early", "--share", "0.99", *FAST)
    assert code == 13
    assert out.rstrip().splitlines()[-1].startswith("not robust: stands in ")
    assert run("robust", "both.toml", "--signature", "early", "--share", "0.05", *FAST)[0] == 0


def test_one_fragile_verdict_is_enough(run):
    """All signatures must stand; each has its report, told apart by a rule."""
    code, out, _ = run("robust", "both.toml", "--share", "0.99", "--replications", "0")
    assert code == 13
    assert out.count("-" * 100) == 1
    assert "The claim broken on purpose" not in out


@pytest.mark.long
def test_json_and_page_hold_the_same(run, tmp_path):
    """Standard output is JSON alone; the page is written beside it and overwrites nothing unasked."""
    page = tmp_path / "robust.html"
    code, out, err = run("robust", "clear.toml", "--json", "--html", page, *FAST)
    assert (code, err) == (0, f"wrote {page}\n")
    plain = json.loads(out)
    assert plain["schema"] == 1
    (result,) = plain["results"]
    assert result["agreement"] >= 0.8
    assert result["synthetic"]["controls"][0]["kind"] == "knob permuted"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    code, out, err = run("robust", "clear.toml", "--html", page, *FAST)
    assert (code, out) == (2, "")
    assert err == f"sigstats: {str(page)!r} exists already; pass --force to overwrite it.\n"


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sweep.csv",), "'sweep.csv' is not a card; a card's name ends in .toml."),
        (("clear.toml", "--share", "0"), "`--share` is 0.0; it must be a number in (0, 1], such as 0.8."),
        (("clear.toml", "--share", "nan"), "`--share` is nan; "),
        (("clear.toml", "--share", "1.5"), "`--share` is 1.5; "),
        (("clear.toml", "--jobs", "0"), "`--jobs` is 0; it must be a whole number of processes, or -1"),
        (("clear.toml", "--replications", "-1"), "`--replications` is -1; it must be a whole number from 0 "),
        (
            ("clear.toml", "--signature", "cler"),
            "`--signature` is 'cler'; the card has ('clear',). Did you mean",
        ),
        (("nowhere.toml",), "card 'nowhere.toml' does not exist."),
        (("broken.toml", "--signature", "broken"), "the table has a problem:\n"),
    ],
)
def test_wrong_input_is_one_clean_message(run, arguments, said):
    """The code is 2, standard output is empty, and no traceback is shown."""
    code, out, err = run("robust", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("sigstats: " + said)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("agreeing", "share", "code"), [(8, 0.8, 0), (7, 0.8, 13), (10, 1.0, 0), (9, 1.0, 13)]
)
def test_the_share_is_met_exactly_or_not(agreeing, share, code):
    """Eight of ten meet 80 %, whatever floating point makes of it."""

    class Stub:
        n_agreeing = agreeing
        analyses = range(10)

    assert robust.exit_code([Stub()], share) == code


@pytest.mark.long
def test_progress_goes_to_a_terminal_only(run, monkeypatch):
    """With nobody watching, standard error stays empty; on a terminal, a bar shows what is being done."""
    monkeypatch.setattr("sigstats.data.progress.PATIENCE", 0.0)
    monkeypatch.setattr("sigstats.studies.robustness.run.robustness", without_choices)
    assert run("robust", "clear.toml", *FAST)[2] == ""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    class AtOnce:
        def __init__(self, _, function):
            self.start = function

        def cancel(self):
            pass

        join = cancel

    terminal = Terminal()
    monkeypatch.setattr("threading.Timer", AtOnce)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    code, out, _ = run("robust", "clear.toml", *FAST)
    assert code == 0
    assert "knob permuted" in terminal.getvalue()
    assert out.startswith("PRESENT")


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["unasked", "forced"])
def test_a_page_in_no_folder_is_refused_before_anything_is_computed(run, tmp_path, monkeypatch, force):
    """Minutes of work are not thrown away because of a name."""
    monkeypatch.setattr("sigstats.cli.robust.results_of", lambda *_: pytest.fail("computed first"))
    page = tmp_path / "nowhere" / "robust.html"
    code, out, err = run("robust", "clear.toml", "--html", page, *force)
    assert (code, out) == (3, "")
    assert err.startswith(
        f"sigstats: the report {str(page)!r} could not be written: No such file or directory."
    )
