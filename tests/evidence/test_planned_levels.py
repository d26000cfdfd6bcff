"""Levels that were planned are held against those that the data have; a difference is a note, never a verdict."""

import numpy as np
import pandas as pd
import pytest

import sigstats as ss

LEVELS = (1, 2, 8, 16, 32)
NOISE = np.array([0.03, -0.05, 0.01, 0.06, -0.04])


def table(levels=LEVELS, **columns):
    """Return a clean rise over the levels, five seeds."""
    rows = [
        (seed, level, place + float(NOISE[(seed + place) % 5]))
        for seed in range(5)
        for place, level in enumerate(levels)
    ]
    return pd.DataFrame(rows, columns=["seed", "width", "score"]).assign(**columns)


def verdict(levels, data=None, **options):
    """Return the verdict on a rise with planned levels."""
    data = table() if data is None else data
    columns = {} if isinstance(data, ss.SweepTable) else {"knob": "width", "metric": "score"}
    return ss.detect(data, **{"shape": "increasing", **columns, **options}, levels=levels)


@pytest.mark.long
@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (
            [1, 2, 4, 16, 32, 64],
            "Of the levels of width, 4 and 64 were planned and not run; 8 was run and not planned.",
        ),
        ([1, 2, 8, 16, 32, 64], "Of the levels of width, 64 was planned and not run."),
        ([1, 32], "Of the levels of width, 2, 8 and 16 were run and not planned."),
        (
            [1, 2, 8, 16, 32, *range(40, 50)],
            "Of the levels of width, 40, 41, 42, 43, 44, 45 and 4 more were planned and not run.",
        ),
    ],
)
def test_other_levels_than_planned_are_a_note(planned, said):
    """The note lists both kinds, and nothing else of the verdict differs from one without a plan."""
    plain, found = verdict(None), verdict(planned)
    assert said in " ".join(found.summary(full=True).split())
    assert set(found.notes) - set(plain.notes) == {ss.Reason.LEVELS_NOT_AS_PLANNED}
    assert (found.status, found.reasons, found.effect, found.criteria) == (
        plain.status,
        plain.reasons,
        plain.effect,
        plain.criteria,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "planned", [LEVELS, [1, 2, 8 * (1 + 1e-8), 16, 32], np.array(LEVELS, dtype=np.float32)]
)
def test_levels_as_planned_are_no_news(planned):
    """Also where they differ by rounding."""
    assert verdict(planned).notes == verdict(None).notes


def test_only_levels_that_are_looked_at_are_held_against_the_plan():
    """What `where` leaves out is not missed."""
    plain = verdict(None, where={"width": {"min": 2}})
    assert verdict(list(LEVELS), where={"width": {"min": 2}}).notes == plain.notes
    found = verdict([0, *LEVELS[:-1]], where={"width": {"min": 2}})
    assert "Of the levels of width, 32 was run and not planned." in " ".join(found.summary(full=True).split())


def test_planned_levels_do_not_rank_the_knob():
    """The distances between numbers stay what they are."""
    assert verdict(list(LEVELS)).effect == verdict(None).effect
    assert verdict([str(level) for level in LEVELS]).effect != verdict(None).effect


def test_a_sweep_table_is_held_against_the_plan_too():
    """Nothing in it need change for that."""
    whole = ss.SweepTable.from_frame(table(), knob="width", metric="score")
    assert ss.Reason.LEVELS_NOT_AS_PLANNED in verdict([1, 2, 4], data=whole).notes


def test_levels_without_a_number_are_not_held_against_numbers():
    """True and false are no numbers that could be planned."""
    data = table((0, 1)).assign(width=lambda frame: frame["width"] == 1)
    assert ss.Reason.LEVELS_NOT_AS_PLANNED not in verdict([3, 4], data=data).notes


@pytest.mark.long
def test_the_knob_whose_effect_fades_is_held_against_its_plan():
    """Planned are the levels of the knob, not those of the column along which its effect fades."""
    rows = [
        (seed, step, width, width * (5 - step) / 5 + float(NOISE[(seed + step + width) % 5]) / 5)
        for seed in range(5)
        for step in range(5)
        for width in (1, 2, 3, 4)
    ]
    data = pd.DataFrame(rows, columns=["seed", "step", "width", "score"])
    shape = {"name": "fades", "by": "step"}
    assert ss.Reason.LEVELS_NOT_AS_PLANNED not in verdict([1, 2, 3, 4], data=data, shape=shape).notes
    found = verdict([1, 2, 3, 5], data=data, shape=shape)
    assert "5 was planned and not run; 4 was run and not planned" in " ".join(
        found.summary(full=True).split()
    )


def test_what_happened_on_reading_is_told_beside_it():
    """One note for the plan, and one for the rest."""
    data = table()
    data.loc[0, "score"] = np.nan
    notes = verdict([1, 2], data=data).notes
    assert {ss.Reason.LEVELS_NOT_AS_PLANNED, ss.Reason.TABLE_NOTES} <= set(notes)
