"""Tests of whether cells were lost by chance, against all ways to lose as many, counted one by one."""

import itertools

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.classical import lost_cells as module
from sigstats.stats.classical.lost_cells import Draw, lost_by_last_value, lost_by_level, two_sided


def counted(strata: list[tuple[list[float], list[int]]]) -> float:
    """Return the two-sided p-value by listing every way: scores of each stratum, and the places of those lost."""
    ways = [list(itertools.combinations(scores, len(lost))) for scores, lost in strata]
    sums = np.array([sum(map(sum, way)) for way in itertools.product(*ways)])
    observed = sum(scores[place] for scores, lost in strata for place in lost)
    least = min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean())
    return min(1.0, 2.0 * float(least))


@pytest.mark.parametrize("rng", range(5))
def test_missing_cells_are_held_against_every_way_to_lose_as_many(rng):
    """Three seeds at five levels: the p-value is the share of ways that are as far from the middle."""
    missing = np.random.default_rng(rng).random((3, 5)) < 0.4
    strata = [(list(range(5)), np.flatnonzero(row).tolist()) for row in missing]
    assert lost_by_level(missing) == pytest.approx(counted(strata))


@pytest.mark.parametrize("rng", range(5))
def test_last_values_are_held_against_every_way_to_end_as_many(rng):
    """Six runs, of which two end after the first level and one after the second; values may tie."""
    curves = np.random.default_rng(rng).integers(0, 4, (6, 3)).astype(float)
    curves[:2, 1:] = np.nan
    curves[2, 2:] = np.nan
    first = stats.rankdata(curves[:, 0]).tolist()
    second = stats.rankdata(curves[2:, 1]).tolist()
    assert lost_by_last_value(curves) == pytest.approx(counted([(first, [0, 1]), (second, [0])]))


def test_nothing_lost_says_nothing():
    """Complete curves, and curves that all end together, have p = 1."""
    assert lost_by_level(np.zeros((4, 5), dtype=bool)) == 1.0
    assert lost_by_last_value(np.ones((4, 5))) == 1.0
    assert lost_by_last_value(np.full((4, 5), np.nan)) == 1.0


def test_the_normal_approximation_agrees_where_sums_can_be_counted(monkeypatch):
    """A sweep that is just small enough, by both ways."""
    missing = np.random.default_rng(1).random((12, 20)) < 0.3 * np.linspace(0.5, 1.5, 20)
    exact = lost_by_level(missing)
    monkeypatch.setattr(module, "MOST_COUNTED", 0)
    assert lost_by_level(missing) == pytest.approx(exact, rel=0.15)


def test_the_order_of_seeds_and_the_direction_of_the_knob_do_not_matter():
    """Two-sided p-values are the same for the mirrored table."""
    missing = np.random.default_rng(2).random((6, 7)) < 0.3
    assert lost_by_level(missing[::-1, ::-1]) == pytest.approx(lost_by_level(missing))


def test_a_large_table_has_no_p_value_of_zero():
    """The least that is said is the smallest number."""
    missing = np.zeros((400, 100), dtype=bool)
    missing[:, 50:] = True
    assert 0 < lost_by_level(missing) < 1e-100


def test_a_stratum_that_lost_all_or_nothing_does_not_count():
    """Neither can have been lost otherwise."""
    scores = np.arange(4)
    whole = Draw(scores=scores, lost=np.ones(4, dtype=bool))
    part = Draw(scores=scores, lost=np.array([False, False, False, True]))
    assert two_sided([whole, part]) == two_sided([part]) == 0.5
