"""The page on strength says what the committed results say, and these keep what is promised."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_strength_page", VALIDITY / "make_strength.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def misses(row):
    return float(row["below"]), float(row["above"])


def error(rate, row):
    """Return the error of the simulation, at one false alarm in a thousand."""
    return 3.29 * (rate * (1 - rate) / int(row["replications"])) ** 0.5


@pytest.mark.long
def test_the_pages_are_made_from_the_results(make):
    """Making the pages again changes nothing."""
    for path in make.PAGES:
        page = path.read_text(encoding="utf-8")
        assert make.refreshed(page) == page


def test_the_probability_covers_whatever_the_scores(make):
    """Neither end errs in more than .05, at any number of seeds, truth and distribution."""
    rows = [row for row in make.read() if row["method"] == "probability"]
    assert len(rows) == 375
    for row in rows:
        assert max(misses(row)) <= 0.05 + error(0.05, row), row


def test_intervals_for_normal_scores_cover_these(make):
    """Both ends together err in .10 at most."""
    rows = [
        row
        for row in make.read()
        if row["spread"] == "normal" and row["method"] in ("if_normal", "standardised", "share")
    ]
    assert len(rows) == 126
    for row in rows:
        assert sum(misses(row)) <= 0.1 + error(0.1, row), row


def test_other_intervals_fail_as_their_docstrings_say(make):
    """Newcombe's and Brunner and Munzel's where the sides differ, Reiser and Guttman's with 3 seeds beside 10."""
    rows = [
        row
        for row in make.read()
        if row["design"] == "between" and (row["n_treatment"], row["n_control"]) == ("3", "10")
    ]
    worst = {
        name: max(sum(misses(row)) for row in rows if row["method"] == name)
        for name in ("Newcombe", "Brunner and Munzel")
    }
    assert worst["Newcombe"] > 0.2
    assert worst["Brunner and Munzel"] > 0.9
    normal = [row for row in rows if row["spread"] == "normal" and row["method"] == "Reiser and Guttman"]
    assert max(max(misses(row)) for row in normal) > 0.1


def test_the_interval_of_a_replication_covers(make):
    for row in make.read(make.REPLICATION):
        if row["coverage"]:
            assert float(row["coverage"]) >= 0.9 - error(0.1, row), row
