"""The page on cells says what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
ALPHA = 0.05


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_scope_cells_page", VALIDITY / "make_scope_cells.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_every_design_was_measured(make):
    rows = make.read()
    assert {(row["cells"], row["seeds"]) for row in rows} == {
        (cells, seeds) for cells in ("4", "12") for seeds in ("independent", "shared")
    }
    assert {row["tested"] for row in rows} == {"Holm", "in order"}
    assert min(int(row["replications"]) for row in rows) >= 1000


@pytest.mark.parametrize("kind", ["false_holds", "false_not"])
def test_no_kind_of_statement_is_false_more_often_than_promised(make, kind):
    rows = [row for row in make.read() if row[kind] != ""]
    assert rows
    for row in rows:
        assert float(row[kind]) <= make.most(ALPHA, int(row["replications"])), row
