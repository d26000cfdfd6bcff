"""The page on sigmoids: made from its results, which keep what it says."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


@pytest.fixture(scope="module")
def page():
    """The script that makes the page."""
    spec = importlib.util.spec_from_file_location("make_sigmoid_page", VALIDITY / "make_sigmoid.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(page):
    """Making the page again changes nothing."""
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.refreshed(text) == text


def test_curves_that_come_close_are_seldom_called_sigmoids(page):
    """At most 5 %, within Monte Carlo error, whatever the noise; but for landings that are told of."""
    rows = [row for row in page.read() if row["holds"] == "no" and row["mean"] not in page.HARD]
    assert len(rows) > 300
    for row in rows:
        error = 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5
        assert float(row["all"]) <= 0.05 + error, row


def test_intervals_cover(page):
    """The 90 % intervals of midpoint and width hold the truth in 90 %, within Monte Carlo error."""
    for row in page.read(page.INTERVALS):
        error = 3.29 * (0.9 * 0.1 / int(row["replications"])) ** 0.5
        assert min(float(row["midpoint_covered"]), float(row["width_covered"])) >= 0.9 - error, row
