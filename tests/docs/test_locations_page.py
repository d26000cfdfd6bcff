"""The page on locations says what the committed results say, and the results keep what the page promises."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_locations_page", VALIDITY / "make_locations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows_of(make, *families):
    """Return our lines of some families."""
    return [row for row in make.read() if row["family"] in families and row["method"] == make.OURS]


def error(row, rate):
    """Return three standard errors of a rate, for one false alarm in a thousand."""
    return 3.29 * (rate * (1 - rate) / int(row["replications"])) ** 0.5


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_hinges_are_covered(make):
    """Intervals for a hinge cover it in .88 of the sweeps from 5 seeds on, and in .86 at 3."""
    rows = rows_of(make, "hinge")
    assert len(rows) > 40
    for row in rows:
        assert float(row["coverage"]) >= (0.86 if row["n_seeds"] == "3" else 0.88), row


def test_breaks_steps_peaks_and_crossings_keep_their_confidence(make):
    """Coverage is at least nominal, within Monte Carlo error and a hundredth."""
    for row in rows_of(make, "break", "crossing", "peak", "step"):
        if "places vary" not in row["about"]:
            nominal = float(row["confidence"])
            assert float(row["coverage"]) >= nominal - 0.01 - error(row, nominal), row


def test_estimates_of_breaks_are_off_by_less_than_half_a_gap(make):
    """At 5 seeds the median error is below half the distance between levels."""
    rows = [row for row in rows_of(make, "break", "hinge") if row["n_seeds"] == "5"]
    assert rows
    for row in rows:
        assert abs(float(row["median_error_in_gaps"])) <= 0.5, row


def test_methods_in_use_miss_what_ours_keeps(make):
    """The percentile bootstrap over 3 seeds falls short in every cell, so the bounds above can fail."""
    rows = [row for row in make.read() if row["method"] == "percentile bootstrap" and row["n_seeds"] == "3"]
    assert rows
    assert max(float(row["coverage"]) for row in rows) < 0.86
