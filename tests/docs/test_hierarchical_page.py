"""The page on hierarchical models says what the committed results say, and the results are what is promised."""

import importlib.util
from pathlib import Path

import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
DISTANCE = {200: 0.137, 500: 0.087, 1_000: 0.0615, 2_000: 0.0435}  # of Kolmogorov-Smirnov, at p = .001


@pytest.fixture(scope="module")
def make():
    """The script that makes the page."""
    spec = importlib.util.spec_from_file_location("make_hierarchical_page", VALIDITY / "make_hierarchical.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = (VALIDITY / "hierarchical.md").read_text(encoding="utf-8")
    assert make.refreshed(page) == page


def test_posteriors_agree_with_the_stored_ones(make):
    """Means within 1e-4 sd and sds within 1e-3, but for the stored value whose box was cut; the wider box agrees."""
    rows = make.rows(VALIDITY / "hierarchical_reference.csv")
    assert len(rows) == 22
    for row in rows:
        cut = (
            row["case"] == "synth_6seeds" and row["against"] == "stored" and row["parameter"] == "sigma_alpha"
        )
        close = float(row["mean_difference_in_sd"]) <= 1e-4 and float(row["sd_relative_difference"]) <= 1e-3
        assert close != cut, row


def test_ranks_are_uniform(make):
    """Every quantity of every case keeps within the critical distance and the band, and no posterior failed."""
    rows = make.rows(make.TESTS / "calibration" / "sbc_random_slopes.csv")
    sizes = {(row["groups"], row["levels"]) for row in rows if row["tables"] == "2000"}
    assert sizes == {("3", "4"), ("5", "8"), ("10", "5")}
    assert {row["parameters_from"] for row in rows} == {"priors", "synth_6seeds", "rats_data"}
    for row in rows:
        assert float(row["ks_distance"]) < DISTANCE[int(row["tables"])], row
        assert float(row["band_pvalue"]) > 0.001, row
        assert row["not_accurate"] == "0", row


def test_intervals_of_the_mean_score_cover(make):
    """The 95 % interval covers at least .92 (.90 with 3 seeds), and P > .95 is rare enough without an effect."""
    rows = make.rows(VALIDITY / "slopes_coverage.csv")
    assert {row["seeds"] for row in rows} == {"3", "5", "8", "10"}
    assert {"0.1", "20.0"} <= {row["spread"] for row in rows}
    for row in rows:
        few = row["seeds"] == "3"
        assert float(row["coverage_95"]) >= (0.90 if few else 0.92), row
        assert float(row["positive"]) <= (0.08 if few else 0.07), row


def test_ranks_of_crossed_slopes_are_uniform(make):
    """Every quantity keeps within the critical distance but one, which does so where it was repeated; none failed."""
    rows = make.rows(VALIDITY / "crossed_ranks.csv")
    assert {(row["runs"], row["items"]) for row in rows} == {("3", "3"), ("3", "20"), ("10", "5")}
    assert "contrast" in {row["quantity"] for row in rows}
    for row in rows:
        named = (row["tables"], row["quantity"]) == ("1000", "item_1")
        assert (float(row["ks_distance"]) >= DISTANCE[int(row["tables"])]) == named, row
        assert row["not_accurate"] == "0", row


def test_intervals_of_crossed_slopes_cover(make):
    """The 90 % interval covers at least .85, whatever the spreads, and P > .95 is rare enough without an effect."""
    rows = make.rows(VALIDITY / "crossed_coverage.csv")
    assert len(rows) == 10
    for row in rows:
        assert float(row["coverage_90"]) >= 0.85, row
        assert float(row["these_90"]) >= 0.85, row
        assert float(row["positive"]) <= 0.09, row


def test_a_careful_sampler_finds_the_exact_posterior(make):
    """With small steps and many draws, a sampler agrees with the exact posterior within its own error."""
    careful = [row for row in make.nuts()["samplers"] if "small steps" in row["method"]]
    assert len(careful) == 1
    assert careful[0]["largest_mean_difference_in_its_errors"] < 4.0
    assert careful[0]["smallest_effective_sample_size"] > 1_000


def test_the_exact_posterior_is_much_faster(make):
    """The ratios that are claimed: 500 times Bambi's default, 200 times NumPyro."""
    ratio = {row["method"].split(",")[0]: row["processor_ratio"] for row in make.nuts()["samplers"]}
    assert ratio["Bambi"] >= 500
    assert ratio["NumPyro"] >= 200
