"""The page on claims without a knob says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_compare_page", VALIDITY / "make_compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_no_claim_is_made_too_often(make):
    """No claim that is only just false is made in more than .05 of the tables, within the error of the simulation."""
    promised = ("higher", "equivalent", "not_worse", "relative", "higher, over both", "higher, over runs")
    promised += ("any of several, holm", "any of several, dunnett")
    rows = [row for row in make.read() if row["what"] in promised or _as_it_is(row)]
    assert len(rows) > 330
    for row in rows:
        assert float(row["rate"]) <= 0.05 + 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5, row


def _as_it_is(row):
    """Return whether a row is the size of the analysis of partly paired runs that is made."""
    return row["what"] == "partly paired, size" and row["cell"].endswith("as it is")


def test_intervals_cover(make):
    """Intervals of 90 % cover the difference at least that often, within the error of the simulation."""
    for row in make.read():
        if row["what"].startswith("coverage"):
            assert float(row["rate"]) >= 0.9 - 3.29 * (0.09 / int(row["replications"])) ** 0.5, row


def test_off_and_on_keep_the_promise(make):
    """No false statement of a knob with two levels is made in more than .05 of the sweeps, within the error."""
    rows = make.read(make.ON_OFF)
    assert len(rows) == 32
    for row in rows:
        for statement in make.FALSE[row["cell"]]:
            assert float(row[statement]) <= 0.05 + 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5, row
