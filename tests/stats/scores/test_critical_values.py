"""Critical values of cross-fitted scores: what the table says, between its rows, and beyond."""

import csv
import math
from importlib import resources

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import OptionError
from sigstats.stats.scores.critical_values import ALPHAS, COLUMNS, FILES, STATISTICS, critical_value
from sigstats.stats.scores.hinge import hinge_scores
from sigstats.stats.scores.peak import peak_scores
from sigstats.stats.scores.reversal import t_statistic
from sigstats.stats.scores.step import step_scores

COMMON = "split_critical_values.csv"


def committed_rows(file=COMMON):
    """Return the rows of a committed table."""
    source = resources.files("sigstats.stats.scores").joinpath(file)
    lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    return {(row["n_seeds"], row["n_levels"]): row for row in rows}


ROWS = committed_rows()


@pytest.mark.parametrize("file", [COMMON, *FILES.values()])
def test_every_pair_of_sizes_has_a_row(file):
    """The table is a full grid, from 3 seeds to infinitely many."""
    rows = committed_rows(file)
    seeds, levels = ({key[side] for key in rows} for side in (0, 1))
    assert len(rows) == len(seeds) * len(levels)
    assert min(seeds) == 3
    assert max(seeds) == math.inf


@pytest.mark.long
@pytest.mark.parametrize("statistic", STATISTICS)
def test_at_a_row_the_value_is_that_of_the_table_or_of_student(statistic):
    """The larger of the two counts, in every column."""
    for (seeds, levels), row in list(committed_rows(FILES.get(statistic, COMMON)).items())[::4]:
        if math.isinf(seeds):
            continue
        for alpha in ALPHAS:
            entry = row[f"{COLUMNS.get(statistic, statistic)}_{alpha}"]
            expected = max(entry, stats.t.isf(alpha, seeds - 1))
            assert critical_value(statistic, int(seeds), int(levels), alpha) == pytest.approx(expected)


def test_between_the_rows_the_larger_neighbour_counts():
    """Sizes that were not simulated take critical values that are on the safe side."""
    corners = [ROWS[seeds, levels]["step_jump_0.05"] for seeds in (20, 50) for levels in (20, 32)]
    assert critical_value("step_jump", 25, 25, 0.05) == max(corners)
    corners = [ROWS[seeds, 150]["step_jump_0.05"] for seeds in (50, math.inf)]
    assert critical_value("step_jump", 5000, 9999, 0.05) == max(corners)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_smaller_alpha_needs_larger_statistics(statistic):
    """Critical values grow as alpha shrinks."""
    alphas = (0.4, 0.2, 0.1, 0.07, 0.05, 0.02, 0.01, 0.002, 0.001)
    for seeds, levels in ((3, 6), (5, 8), (12, 30), (200, 100)):
        values = [critical_value(statistic, seeds, levels, alpha) for alpha in alphas]
        assert values == sorted(values)
        assert np.isfinite(values).all()


def test_what_cannot_be_shown_needs_infinity():
    """Too few seeds, too few levels for a split, or an alpha below the table."""
    assert critical_value("hinge_change", 2, 8, 0.05) == math.inf
    assert critical_value("hinge_change", 5, 4, 0.05) == math.inf
    assert critical_value("peak_rise", 5, 4, 0.05) == math.inf
    assert critical_value("middle_steeper", 5, 5, 0.05) == math.inf
    assert critical_value("step_jump", 5, 3, 0.05) == math.inf
    assert critical_value("step_jump", 5, 8, 0.0005) == math.inf
    assert np.isfinite(critical_value("step_jump", 5, 4, 0.05))


def test_a_wrong_name_is_answered_with_the_right_ones():
    """The error lists the statistics."""
    with pytest.raises(OptionError, match=r"'hinge'; choose one of .*'hinge_change'.*'step_jump'"):
        critical_value("hinge", 5, 8, 0.05)


@pytest.mark.rates
@pytest.mark.parametrize("seeds", [3, 12])
def test_the_table_is_what_a_simulation_gives(seeds):
    """Flat noise at even levels exceeds the tabled values at their rates; at most, where crowded levels need more."""
    replications, levels = 12_000, 8
    curves = np.random.default_rng(31).normal(size=(replications, seeds, levels))
    x = np.linspace(0, 1, levels)
    hinge, step, peak = hinge_scores(curves, x), step_scores(curves, x), peak_scores(curves, x)
    for statistic, scores in (
        ("hinge_change", hinge.change),
        ("hinge_flat_before", 0.25 * hinge.after - hinge.before),
        ("step_jump", step.jump),
        ("step_gap", step.gap - 0.5 * step.jump),
        ("peak_rise", peak.rise),
        ("peak_fall", peak.fall),
    ):
        for alpha in (0.1, 0.05, 0.01):
            rate = (t_statistic(scores) > critical_value(statistic, seeds, levels, alpha)).mean()
            slack = 4.5 * np.sqrt(alpha / replications)
            lowest = alpha - slack if statistic.startswith("step") else 0.6 * alpha - slack
            assert lowest <= rate <= alpha + slack


@pytest.mark.rates
def test_many_seeds_keep_the_error_rate():
    """Folds keep near ties between splits from spoiling the scores of hundreds of seeds."""
    replications, seeds, levels = 1000, 200, 8
    curves = np.random.default_rng(32).normal(size=(replications, seeds, levels))
    x = np.linspace(0, 1, levels)
    hinge, step = hinge_scores(curves, x), step_scores(curves, x)
    for statistic, scores in (
        ("hinge_change", hinge.change),
        ("step_jump", step.jump),
        ("step_gap", step.gap - 0.5 * step.jump),
    ):
        rate = (t_statistic(scores) > critical_value(statistic, seeds, levels, 0.01)).mean()
        assert rate <= 0.01 + 4 * np.sqrt(0.01 / replications)


@pytest.mark.long
def test_crowded_levels_keep_the_error_rate():
    """Where each gap is four times the one before, noise has its way more easily; the table knows."""
    replications, seeds, levels = 3000, 20, 8
    x = np.concatenate([[0.0], np.cumsum(4.0 ** np.arange(levels - 1))])
    curves = np.random.default_rng(33).normal(size=(replications, seeds, levels))
    shown = t_statistic(hinge_scores(curves, x / x[-1]).change) > critical_value(
        "hinge_change", seeds, levels, 0.05
    )
    assert shown.mean() <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / replications)
