"""An effect along a second column."""

import numpy as np
import pandas as pd
import pytest

from sigstats import SweepTable, detect
from sigstats.errors import SignatureError, TableError

FADES = {"name": "fades", "by": "step", "by_scale": "log"}
COURSES = {
    "fades": {1: 4.0, 10: 3.0, 100: 1.5, 1000: 0.0},
    "stays": {1: 3.0, 10: 3.0, 100: 3.0, 1000: 3.0},
    "turns": {1: 3.0, 10: 1.0, 100: -1.0, 1000: -3.0},
    "never": {1: 0.0, 10: 0.0, 100: 0.0, 1000: 0.0},
}


def frame(*names, noise=0.3, seeds=6):
    """Return runs whose effect of the knob follows a course along the step."""
    rng = np.random.default_rng(3)
    rows = [
        (name, seed, step, knob, effect * knob / 5 + 0.1 * seed + noise * rng.standard_normal())
        for name in names
        for seed in range(seeds)
        for step, effect in COURSES[name].items()
        for knob in range(6)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "step", "knob", "metric"])


@pytest.mark.parametrize(
    ("course", "status", "reasons"),
    [
        ("fades", "present", ()),
        ("stays", "inconclusive", ("underpowered",)),
        ("turns", "partial", ("reversed_at_end",)),
    ],
)
def test_the_course_of_the_effect_decides(course, status, reasons):
    """Fading is present, staying is not shown to fade, turning round is partial."""
    verdict = detect(frame(course), shape=FADES)
    assert (verdict.status, verdict.reasons) == (status, reasons)


def test_the_effect_is_the_linear_score_at_the_first_level():
    """The first effect is the mean change of the seeds' lines at the first step."""
    data = frame("fades")
    first = detect(data, shape="increasing", where={"step": 1}).effect
    found = detect(data, shape=FADES).effect
    assert found.value == pytest.approx(first.value, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((first.low, first.high), rel=1e-9)


def test_a_control_whose_effect_stays_is_no_quiet_control():
    """The control shows as much of the first effect as the treatment."""
    verdict = detect(frame("fades", "stays"), shape=FADES, control="stays")
    assert verdict.reasons == ("unspecific",)
    assert detect(frame("fades", "never"), shape=FADES, control="never").status == "present"


def test_seeds_with_too_few_levels_at_a_step_have_no_effect_there():
    """Two levels of the knob make no line; the rest of the course is still used."""
    data = frame("fades")
    short = data[~((data["seed"] == 0) & (data["step"] == 10) & (data["knob"] > 1))]
    verdict = detect(short, shape=FADES)
    assert verdict.status == "present"
    assert np.isnan(verdict.evidence.arms[0].curves).sum() == 1


def test_fading_needs_a_frame_with_the_column():
    """A sweep table has no further column; a frame without it is told so."""
    with pytest.raises(SignatureError, match="needs a further column"):
        detect(SweepTable.from_matrices(range(3), {"t": np.eye(3)}), shape=FADES)
    with pytest.raises(TableError, match="step"):
        detect(frame("fades").drop(columns="step"), shape=FADES)


def test_an_effect_needs_seeds_that_recur():
    """With one level of the knob per step nothing can be scored."""
    data = frame("fades")
    with pytest.raises(TableError, match="NO_EFFECT"):
        detect(data[data["knob"] < 2], shape=FADES)
