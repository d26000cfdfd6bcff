"""The page on combined studies says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
ALPHA, LEVEL = 0.05, 0.95


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_combine_page", VALIDITY / "make_combine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def margin(rate, count):
    """Return what chance explains, once in a thousand."""
    return 3.29 * np.sqrt(rate * (1 - rate) / int(count))


@pytest.mark.long
def test_the_page_is_made_from_the_results(make):
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_every_cell_has_enough_tables(make):
    assert min(int(row["replications"]) for row in make.rows()) >= 2000


def test_intervals_cover(make):
    for row in make.rows():
        if row["what"] in ("mean", "next study"):
            assert float(row["rate"]) >= LEVEL - margin(LEVEL, row["replications"]), row


def test_no_statement_is_made_too_often(make):
    for row in make.rows():
        most = ALPHA + margin(ALPHA, row["replications"])
        same = row["cell"].startswith(("same effect", "no effect in either"))
        if row["what"] == "contradiction" or (row["what"] == "disagrees" and same):
            assert float(row["rate"]) <= most + 0.01, row
        if row["what"] == "agrees" and row["cell"].startswith(
            ("new one smaller", "new one larger", "new one has")
        ):
            assert float(row["rate"]) <= most + 0.01, row
        if row["what"] == "differ" and row["between"] == "0.0":
            assert float(row["rate"]) <= most + 0.01, row
