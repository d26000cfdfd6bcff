"""The page on ideas says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_ideas_page", VALIDITY / "make_ideas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


@pytest.mark.parametrize("statement", ["false_support", "false_contradiction", "bound_too_high"])
def test_no_statement_is_false_too_often(make, statement):
    """In at most .05 of the cards, within the error of the simulation, whatever the dependence."""
    rows = make.read()
    assert len(rows) == 84
    for row in rows:
        n = int(row["replications"])
        assert n >= 1000
        assert float(row[statement]) <= 0.05 + 3.29 * (0.05 * 0.95 / n) ** 0.5, row


def test_what_assumes_positive_dependence_holds_under_it(make):
    for row in make.read():
        if row["dependence"] != "opposed":
            n = int(row["replications"])
            assert float(row["simes_too_high"]) <= 0.05 + 3.29 * (0.05 * 0.95 / n) ** 0.5, row


def test_the_statements_are_put_to_the_test(make):
    """Where a statement is only just false, it is made now and then; else the test could not fail."""
    for statement in ("false_support", "false_contradiction", "bound_too_high", "simes_too_high"):
        assert max(float(row[statement]) for row in make.read()) > 0.02
