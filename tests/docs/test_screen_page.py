"""The page on screens says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
ALPHA = 0.05


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_screen_page", VALIDITY / "make_screen.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_every_setting_was_measured(make):
    rows = make.read()
    assert len(rows) == 3 * 3 * 3 * 3
    assert {row["correction"] for row in rows} == {"bh", "by", "holm"}
    assert min(int(row["replications"]) for row in rows) >= 200


@pytest.mark.parametrize("kind", ["false_present", "false_absent"])
def test_no_kind_of_discovery_is_false_more_often_than_promised(make, kind):
    for row in make.read():
        assert float(row[kind]) <= make.most(ALPHA, int(row["replications"])), row


def test_selective_intervals_miss_no_more_often_than_promised(make):
    rows = [row for row in make.read() if row["selective_miss"] != ""]
    assert len(rows) == 27
    for row in rows:
        assert float(row["selective_miss"]) <= make.most(2 * ALPHA, int(row["replications"])), row
