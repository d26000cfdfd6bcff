"""The validity page says what the committed results say."""

import csv
import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


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


@pytest.fixture(scope="module")
def confusion():
    """The script that makes the page of declared against true shapes."""
    spec = importlib.util.spec_from_file_location("make_confusion_page", VALIDITY / "make_confusion.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_confusion_page_is_made_from_the_results(confusion):
    """Making the page again changes nothing."""
    page = (VALIDITY / "confusion.md").read_text(encoding="utf-8")
    assert confusion.refreshed(page) == page


def test_false_shapes_are_seldom_called_present(confusion):
    """Where the declared shape is false by its own clauses, present has at most 5 %, within Monte Carlo error."""
    rows = [row for row in confusion.read() if row["holds"] == "no"]
    assert len(rows) > 400
    for row in rows:
        error = 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5
        assert float(row["present"]) <= 0.05 + error, row


def test_shares_of_the_confusion_table_add_up(confusion):
    """The four statuses share all sweeps of a cell."""
    for row in confusion.read():
        total = sum(float(row[status]) for status in ("present", "absent", "partial", "inconclusive"))
        assert total == pytest.approx(1.0, abs=1e-3), row


def test_clear_shapes_are_found_with_ten_seeds(confusion):
    """Ten seeds and 16 noise sd show most shapes to be what they are."""
    same = {
        "increasing": "line",
        "linear": "line",
        "flat": "flat",
        "saturating": "1 - exp(-12x)",
        "threshold (hinge)": "hinge at .4",
        "threshold (step)": "step at .5",
        "peak": "symmetric peak",
        "valley": "valley",
        "convex": "x^2",
        "concave": "1 - exp(-4x)",
    }
    found = {(row["declared"], row["truth"]): float(row["present"]) for row in confusion.chosen("16", "10")}
    assert {name: found[name, truth] > 0.8 for name, truth in same.items()} == dict.fromkeys(same, True)
