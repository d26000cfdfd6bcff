"""`sigstats plan` says what a card's designs can find out."""

import json

import pytest

import sigstats as ss
from sigstats.cli.main import main

CARD = """
[[signature]]
name = "rises"
shape = "increasing"
control = "control"
min_effect = 2.0
seeds = { treatment = 4, control = 6 }
levels = [1, 2, 3, 4, 5]
"""


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text(CARD, encoding="utf-8")
    return str(path)


def run(capsys, *arguments):
    code = main(["plan", *arguments, "--replications", "20"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.long
def test_the_design_on_the_card_is_planned(card, capsys):
    """Seeds and levels of the card are the design; the exit code says that it reaches its target."""
    code, out, _ = run(capsys, card, "--noise", "0.5")
    assert code == 0
    assert "4 seeds of treatment and 6 of control at 5 levels" in " ".join(out.split())


@pytest.mark.long
def test_a_design_that_misses_its_target_has_a_code_of_its_own(card, capsys):
    """Options replace what the card says."""
    code, out, _ = run(
        capsys, card, "--noise", "1.5", "--seeds", "treatment=3,control=3", "--levels", "4", "--json"
    )
    assert code == 15
    answer = json.loads(out)
    (result,) = answer["results"]
    assert result["design"]["seeds"] == {"treatment": 3, "control": 3}
    assert answer["next"] == result["next"]
    assert result["next"][0]["code"] in ("add_seeds", "change_design")
    assert len(result["chances"]) == 16


@pytest.mark.long
def test_a_pilot_is_read_from_a_table_or_a_verdict(card, capsys, tmp_path):
    """Either file shows the noise."""
    sweep = ss.simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=4, levels=6, noise_sd=0.5, rng=1)
    table, verdict = tmp_path / "pilot.csv", tmp_path / "verdict.json"
    sweep.to_frame().to_csv(table, index=False)
    verdict.write_text(ss.detect(sweep, shape="increasing", control="control").to_json(), encoding="utf-8")
    for path, source in ((table, "a pilot"), (verdict, "a verdict")):
        code, out, _ = run(capsys, card, "--pilot", str(path), "--budget", "1")
        assert code == 0
        assert f"from {source} with 8 seeds" in " ".join(out.split())


@pytest.mark.long
def test_the_page_holds_the_figure(card, capsys, tmp_path):
    """One file holds everything."""
    page = tmp_path / "plan.html"
    run(capsys, card, "--noise", "0.5", "--html", str(page), "--budget", "1")
    assert page.read_text(encoding="utf-8").count("data:image/") == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "with --pilot, or the sd with --noise"),
        (["--slope-sd", "1"], "came without --noise"),
        (["--noise", "a"], "`--noise` is 'a'"),
        (["--noise", "1", "--seeds", "treatmnt=3"], "Did you mean 'treatment'"),
        (["--noise", "1", "--signature", "rise"], "the card has ('rises',)"),
    ],
)
def test_wrong_options_are_named(card, capsys, options, message):
    """The error says what was written, and the exit code is that of wrong input."""
    code, _, err = run(capsys, card, *options)
    assert code == 2
    assert message in err


def test_only_cards_are_planned(capsys):
    """A table is no card."""
    code, _, err = run(capsys, "sweep.csv", "--noise", "1")
    assert code == 2
    assert "is not a card" in err
