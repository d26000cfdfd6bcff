"""Remedies name what works where they are typed."""

import shlex

import pytest

from sigstats.cli.main import main

ROWS = [
    (seed, word, seed * seed % 5 / 10 + (word == "on") * (1 + seed / 20))
    for seed in range(4)
    for word in ("off", "on")
]
COLUMNS = ("--shape", "increasing", "--knob", "switch", "--metric", "score")


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    """Run the command line on a table whose knob holds words; return the exit code and what it says."""
    lines = ["seed,switch,score", *(f"{seed},{word},{score}" for seed, word, score in ROWS)]
    (tmp_path / "runs.csv").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)

    def said(*arguments):
        code = main(["check", "--full", *arguments])
        out, err = capsys.readouterr()
        return code, " ".join((out + err).split())

    return said


@pytest.mark.long
def test_a_knob_of_words_asks_for_the_option(say):
    """Without declared levels, the remedy is an option of the command line, and it works."""
    _, said = say("runs.csv", *COLUMNS)
    assert "declare the order of the levels, as in --levels off,on." in said
    assert "Categorical" not in said
    code, said = say("runs.csv", *COLUMNS, "--levels", "off,on")
    assert (code, "switch from off to on" in said) == (0, True)


def test_levels_that_are_numbers_are_planned_ones(say):
    """As on a card, numbers are held against the levels of the data, and change nothing."""
    knob_is_seed = ("--shape", "increasing", "--knob", "seed", "--metric", "score", "--seed", "switch")
    _, said = say("runs.csv", *knob_is_seed, "--levels", "0,1,2,5")
    assert "Of the levels of seed, 5 was planned and not run; 3 was run and not planned." in said


@pytest.mark.long
@pytest.mark.parametrize("bounds", ["0", "0,1,2", "low"])
def test_bounds_that_are_no_pair_are_answered_with_the_option(say, bounds):
    """The answer quotes what was typed and shows the form of the command line."""
    _, said = say("runs.csv", *COLUMNS, "--levels", "off,on", "--bounds", bounds)
    assert f"`bounds` is '{bounds}'" in said
    assert "as in --bounds 0,1, or be --bounds none" in said


def test_bounds_that_do_not_hold_name_the_level_and_the_option(say):
    """A value outside the declared bounds is named with its level, as the user calls it."""
    _, said = say("runs.csv", *COLUMNS, "--levels", "off,on", "--bounds", "0,1")
    assert (
        "at switch = on; declared bounds must hold for every value. Correct them, or declare --bounds none."
        in said
    )


def test_a_card_is_answered_with_a_line_of_a_card(say, tmp_path):
    """The same on a card shows lines of a card."""
    field = 'data = "runs.csv"\nshape = "increasing"\nknob = "switch"\nmetric = "score"\n'
    (tmp_path / "card.toml").write_text(f"[[signature]]\n{field}bounds = 0\n")
    _, said = say("card.toml")
    assert 'as in bounds = [0, 1], or be bounds = "none"' in said
    (tmp_path / "card.toml").write_text(f"[[signature]]\n{field}")
    _, said = say("card.toml")
    assert 'as in levels = ["off", "on"].' in said


def test_levels_without_a_logarithm_are_left_out_as_the_remedy_says(say, tmp_path):
    """The filter that is printed can be typed, and keeps every other level."""
    rows = [
        (seed, step, (1 + seed % 3 / 9) * step / 1e5) for seed in range(4) for step in (0, 1234567, 2e6, 4e6)
    ]
    lines = ["seed,step,score", *(f"{seed},{step},{score}" for seed, step, score in rows)]
    (tmp_path / "steps.csv").write_text("\n".join(lines))
    asked = (
        "steps.csv",
        "--shape",
        "increasing",
        "--knob",
        "step",
        "--metric",
        "score",
        "--knob-scale",
        "log",
    )
    code, said = say(*asked)
    assert code == 2
    remedy = said.split("Leave it out with ")[1].split(", or use ")
    assert remedy[1].startswith("--knob-scale rank.")
    code, said = say(*asked, *shlex.split(remedy[0]))
    assert (code, "step from 1.23457e6 to 4e6" in said) == (0, True)
