"""The cards of the examples pass, or say why not."""

import re
from pathlib import Path

import pytest

import sigstats as ss

CARDS = sorted((Path(__file__).parents[3] / "examples").glob("*/card.toml"))


def test_there_are_cards():
    """The examples are where they are looked for."""
    assert len(CARDS) >= 7


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_a_shipped_card_passes_or_carries_a_written_ignore(path):
    """What is ignored has a reason of several words."""
    report = ss.Card.from_toml(path).lint()
    assert report.clean, report.summary()
    assert all(len(each.reason.split()) >= 4 for each in report.ignored)


def test_exponents_that_exclude_each_other_are_flagged_before_the_data(tmp_path):
    """Two ranges of an exponent on the same runs, both expected and neither naming the other."""
    (ntk,) = (path for path in CARDS if path.parent.name == "ntk")
    bare = re.sub(
        r"^(?:role|expect|exclusive_with) = .*\n", "", ntk.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    copy = tmp_path / "card.toml"
    copy.write_text(bare, encoding="utf-8")
    (found,) = ss.Card.from_toml(copy).lint().findings
    assert (found.code, found.signature) == ("SIG305", "exponent near one")
    assert "no exponent lies in -0.75 to -0.25 and in -1.25 to -0.75" in found.message
