"""The validity page says what the committed results say."""

import csv
import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[1] / "docs" / "validity"


@pytest.fixture(scope="module")
def make():
    """The script that makes the page."""
    spec = importlib.util.spec_from_file_location("make_validity_page", VALIDITY / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = (VALIDITY / "index.md").read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_no_statement_is_false_more_often_than_promised():
    """In every cell that the promise covers, the worst statement is false in at most 5 %, within Monte Carlo error."""
    with (VALIDITY / "validity.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] == "promise"]
    assert rows
    for row in rows:
        error = 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5
        assert float(row["worst_statement"]) <= 0.05 + error, (row["cell"], row["n_seeds"])
