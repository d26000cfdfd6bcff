"""Cells that were lost for what they showed: a definite answer must outlast the worst that they could have been."""

import numpy as np
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason

N_LEVELS = 10


def noise(n_seeds: int, rng: int) -> np.ndarray:
    return np.random.default_rng(rng).normal(0, 1, (n_seeds, N_LEVELS))


def asked(curves: np.ndarray, **claim):
    table = SweepTable.from_matrices(np.arange(curves.shape[1]), {"a": curves})
    return detect(table, shape="increasing", **claim)


def without_bad_high_cells(n_seeds: int, rng: int) -> np.ndarray:
    """Return curves without an effect, of which the bad cells of the upper half are lost."""
    curves = noise(n_seeds, rng)
    curves[:, 5:][curves[:, 5:] < -0.2] = np.nan
    return curves


def said(verdict) -> str:
    return " ".join(verdict.summary(full=True).split())


@pytest.mark.long
@pytest.mark.parametrize("rng", range(20))
def test_survivors_of_no_effect_are_never_an_effect(rng):
    """Where the bad cells are lost at high levels, what is left rises; that is no longer *present*."""
    verdict = asked(without_bad_high_cells(10, rng))
    assert verdict.status != "present"


@pytest.mark.long
def test_the_reason_says_what_was_lost_and_that_the_answer_hangs_on_it():
    """Reason, rule, headline and remedy speak of the lost cells."""
    verdict = next(
        found
        for found in (asked(without_bad_high_cells(10, rng)) for rng in range(20))
        if Reason.SURVIVORS in found.reasons
    )
    assert (verdict.status, verdict.rule) == ("inconclusive", 2)
    assert verdict.evidence.lost.stands is False
    assert "the answer hangs on what they were" in str(verdict)
    assert "those that are left may be survivors" in said(verdict)
    assert "Run the lost cells again" in said(verdict)


def clear_rise(rng: int = 1) -> np.ndarray:
    """Return a rise of 10 noise sd, of which two runs lost their last two levels."""
    curves = noise(8, rng) + 10 * np.linspace(0, 1, N_LEVELS)
    curves[:2, -2:] = np.nan
    return curves


def test_a_clear_rise_outlasts_a_few_lost_cells():
    """The note stands in the headline, and the answer is the same with the lost cells at the lowest value."""
    verdict = asked(clear_rise(), short_seeds="keep")
    assert verdict.status == "present"
    assert Reason.SURVIVORS in verdict.notes
    assert verdict.evidence.lost.stands is True
    assert str(verdict).endswith("those left may be survivors)")
    assert "With the worst values in place of what was lost, the answer is the same" in said(verdict)


def test_declared_bounds_say_how_bad_the_lost_cells_could_have_been():
    """A metric that can fall to -1000 leaves the same rise open."""
    verdict = asked(clear_rise(), short_seeds="keep", bounds=[-1000, 1000])
    assert verdict.reasons == (Reason.SURVIVORS,)


def test_a_bound_without_a_logarithm_is_no_obstacle():
    """On a logit scale the bounds lie at infinity: the lowest and highest value seen stand for them."""
    shares = 1 / (1 + np.exp(3 - clear_rise()))
    verdict = asked(shares, short_seeds="keep", bounds=[0, 1], metric_scale="logit")
    assert (verdict.status, verdict.evidence.lost.stands) == ("present", True)


@pytest.mark.long
@pytest.mark.parametrize("rng", range(10))
def test_the_worst_that_could_have_been_depends_on_the_claim(rng):
    """*Absent* must outlast the best values, as *present* the worst."""
    curves = -10 * np.linspace(0, 1, N_LEVELS) + noise(8, rng)
    curves[:2, -2:] = np.nan
    assert asked(curves, short_seeds="keep").reasons == (Reason.OPPOSITE,)
    assert asked(curves, short_seeds="keep", bounds=[-1000, 1000]).reasons == (Reason.SURVIVORS,)


def test_a_few_cells_lost_by_chance_are_no_survivors():
    """Single cells in the middle of the sweep go with nothing."""
    curves = noise(6, 2) + 5 * np.linspace(0, 1, N_LEVELS)
    curves[0, 4] = curves[3, 6] = curves[5, 5] = np.nan
    verdict = asked(curves)
    assert verdict.status == "present"
    assert Reason.SURVIVORS not in (*verdict.notes, *verdict.reasons)
    assert (verdict.evidence.lost.n_lost, verdict.evidence.lost.n_cells) == (3, 60)
    assert asked(noise(6, 2)).evidence.lost is None


def test_what_a_run_that_was_left_out_would_change_is_said():
    """One run breaks off after 3 of 10 levels: with it the answer is open."""
    curves = noise(8, 3) * 0.5 + 5 * np.linspace(0, 1, N_LEVELS)
    curves[0, 3:] = np.nan
    curves[0, :3] = [4.0, 0.0, -4.0]
    verdict = asked(curves)
    assert (verdict.status, verdict.with_short) == ("present", "inconclusive")
    assert "With it: inconclusive." in said(verdict)
    assert verdict.to_json().count('"with_short"') == 1
    assert asked(curves[1:]).with_short is None


def test_runs_that_end_because_they_fall_are_survivors():
    """Half of the runs fall and stop when they have; those that go on rise."""
    rng = np.random.default_rng(4)
    slopes = np.repeat([-6.0, 3.0], [5, 7]) + rng.normal(0, 0.5, 12)
    curves = slopes[:, None] * np.linspace(0, 1, N_LEVELS) + rng.normal(0, 0.3, (12, N_LEVELS))
    curves[:5, 4:] = np.nan
    verdict = asked(curves)
    assert verdict.reasons == (Reason.SURVIVORS,)
    assert "runs that end early differ in their last values from others" in said(verdict).lower()


def test_fractions_of_a_range_have_lost_cells_too():
    """Conditions over ranges of their own are asked over these."""
    short, long = clear_rise(), clear_rise(2)
    cells = {"a": np.full((8, 20), np.nan), "b": np.full((8, 20), np.nan)}
    cells["a"][:, :10], cells["b"][:, ::2] = short, long
    table = SweepTable.from_matrices(np.arange(20), cells)
    verdict = detect(table, shape="increasing", knob_scale="fraction", short_seeds="keep")
    assert verdict.evidence.lost.n_lost == 8
    assert verdict.status == "present"
