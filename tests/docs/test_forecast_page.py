"""The page on forecasts says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
ALPHA = 0.05


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_forecast_page", VALIDITY / "make_forecast.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_every_law_was_measured_at_3_5_and_10_seeds(make):
    rows = make.read()
    laws = ("linear", "power_law", "saturating", "scaling_law")
    assert {(row["law"], row["seeds"]) for row in rows} == {
        (law, n) for law in laws for n in ("3", "5", "10")
    }
    assert min(int(row["replications"]) for row in rows) >= 1000


@pytest.mark.parametrize("kind", ["false_present", "false_outside", "false_nearer", "false_nearer_constant"])
def test_no_statement_is_false_more_often_than_promised(make, kind):
    rows = [row for row in make.read() if row[kind] != ""]
    assert rows
    for row in rows:
        assert float(row[kind]) <= make.most(ALPHA, int(row["replications"])), row


@pytest.mark.parametrize("interval", ["mean", "error", "new_run"])
def test_intervals_hold_the_truth_as_often_as_they_say(make, interval):
    for row in make.read():
        assert float(row[interval]) >= make.least(1 - 2 * ALPHA, int(row["replications"])), row
