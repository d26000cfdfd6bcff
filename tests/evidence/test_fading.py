"""An effect along a second column."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sigstats import (
    Signature,
    SweepTable,
    detect,
    robustness,
)
from sigstats.errors import SignatureError, TableError
from sigstats.studies.robustness import (
    multiverse,
)
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.readings import read

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


@pytest.mark.long
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


@pytest.mark.long
def test_the_effect_is_the_linear_score_at_the_first_level():
    """The first effect is the mean change of the seeds' lines at the first step."""
    data = frame("fades")
    first = detect(data, shape="increasing", where={"step": 1}).effect
    found = detect(data, shape=FADES).effect
    assert found.value == pytest.approx(first.value, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((first.low, first.high), rel=1e-9)


@pytest.mark.long
def test_a_control_is_compared_by_the_weaker_of_its_effect_and_its_decline():
    """An effect that stays is no fading effect, nor is one that was never there; one that declines alike is."""
    for other in ("stays", "never"):
        verdict = detect(frame("fades", other), shape=FADES, control=other)
        assert verdict.status == "present"
        assert abs(verdict.evidence.control.effect.value) < 0.3
    alike = pd.concat([frame("fades"), frame("fades", noise=0.2).assign(condition="alike")])
    verdict = detect(alike, shape=FADES, control="alike")
    assert (verdict.status, verdict.reasons) == ("absent", ("artifact",))
    assert "the weaker of first effect and decline" in verdict.summary(full=True)


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


@pytest.mark.parametrize(
    ("by", "change", "said"),
    [
        ("stepp", {}, r"`by` of the shape 'fades' names the column 'stepp'.*Did you mean 'step'\?"),
        ("nothing", {}, r"Name the column along which the effect fades: shape="),
        ("step", {"step": 2}, r"the `by` column 'step' has only one level, 2; at least two are needed"),
        ("step", {"step": "early"}, r"the `by` column 'step' holds .*it must be numeric"),
        ("metric", {}, r"`by` of the shape 'fades' and `metric` both name"),
    ],
)
def test_errors_on_the_column_speak_of_by(by, change, said):
    """The user named it in the shape, and has another knob."""
    with pytest.raises(TableError, match=said) as caught:
        detect(frame("fades").assign(**change), shape={"name": "fades", "by": by})
    assert "`knob`" not in str(caught.value)


def test_an_effect_cannot_fade_along_its_own_knob():
    """The knob is named, or has its default name."""
    with pytest.raises(SignatureError, match="'knob', which is the knob itself"):
        detect(frame("fades"), shape={"name": "fades", "by": "knob"})
    with pytest.raises(SignatureError, match="Name that one"):
        detect(frame("fades"), knob="step", shape=FADES)


def test_an_effect_needs_seeds_that_recur():
    """With one level of the knob per step nothing can be scored."""
    data = frame("fades")
    with pytest.raises(TableError, match="NO_EFFECT"):
        detect(data[data["knob"] < 2], shape=FADES)


# ---- how robust it is


def fading(**changes):
    shape = {"name": "fades", "by": "step", "by_scale": "log"}
    return Signature(**{"shape": shape, "control": "never", "min_effect": 0.5, **changes})


UNEVEN = dict(enumerate((1.0, 2.0, 3.0, 6.0, 9.0, 20.0)))


def uneven(*names, noise=0.3, seeds=5):
    """Return runs whose levels of the knob are not equally far apart, above 10 so that all have logarithms."""
    data = frame(*names, noise=noise, seeds=seeds)
    return data.assign(knob=data["knob"].map(UNEVEN), metric=data["metric"] + 10.0)


def chosen(data, signature, *names):
    return [each for each in default_choices(data, signature) if each.name in names]


def test_scales_of_the_sweep_and_of_the_column_are_open():
    """The knob's scale is that of the effects; the column has windows and a scale of its own."""
    found = {
        each.name: [option.name for option in each.options]
        for each in default_choices(uneven("fades", "never"), fading())
    }
    assert list(found) == [
        "window", "design", "knob_scale", "metric_scale", "by_scale", "paired", "quiet_fraction", "line",
    ]  # fmt: skip
    assert found["window"] == ["whole range", "without the first level", "without the last level"]
    assert found["metric_scale"] == ["linear", "log", "logit"]
    assert found["line"] == ["all", "test", "posterior"]


@pytest.mark.long
def test_every_analysis_of_a_fading_effect_is_a_call_of_detect():
    """Each option is what detect says with that field in the signature; the smallest effect is carried over."""
    data, claim = uneven("fades", "never"), fading()
    choices = chosen(data, claim, "knob_scale", "metric_scale", "by_scale")
    planned, pruned = multiverse.plan(data, claim, choices)
    analyses, _ = multiverse.run(planned, pruned, choices, detect(data, claim), n_jobs=1)
    typical = float(np.median(data[data["condition"] == "fades"].groupby(["seed", "step"])["metric"].mean()))
    assert len(analyses) == 3 * 2 * 2
    for each in analyses:
        changes = dict(each.options)
        shape = {**FADES, "by_scale": changes.pop("by_scale")}
        least = 0.5 if changes["metric_scale"] == "linear" else 0.5 / typical
        again = detect(data, dataclasses.replace(claim, shape=shape, min_effect=least, **changes))
        assert read(again) == each.reading
    assert {each.reading.unit for each in analyses} == {"effect on metric", "effect on log metric"}
    reasons = " ".join(each.reason for each in pruned)
    assert "the column's rank scale is the same as its log scale" in reasons
    assert "do not fit metric_scale='logit'" in reasons


@pytest.mark.long
def test_scales_that_give_the_same_effects_are_counted_once():
    """Equal steps of the knob are equal ranks."""
    data, claim = frame("fades"), fading(control=None)
    planned, pruned = multiverse.plan(data, claim, chosen(data, claim, "knob_scale"))
    assert [dict(each.options)["knob_scale"] for each in planned] == ["linear"]
    assert {each.reason: each.count for each in pruned} == {
        "at these levels the knob's rank scale is the same as its linear scale": 1,
        "the level 0 has no logarithm; a log scale needs levels above 0": 1,
    }


@pytest.mark.long
def test_a_level_of_the_column_that_carries_the_decline_is_named():
    """The effect is small at the last step only; up to the one before it stays."""
    data = frame("stays", "never", noise=0.1, seeds=5)
    at = (data["condition"] == "stays") & (data["step"] == 1000)
    data.loc[at, "metric"] -= 2.4 * data.loc[at, "knob"] / 5
    claim = fading()
    result = robustness(data, claim, choices=chosen(data, claim, "window", "line"), replications=0)
    assert result.verdict.status == "present"
    assert (result.weakest.kind, result.weakest.name) == ("level", "1000")
    assert [each.items for each in result.influence.of("level") if each.changes] == [("1000",)]


@pytest.mark.long
def test_margins_and_checks_of_a_fading_effect():
    """The first effect bounds the smallest one; what does not apply is said or left out."""
    data, claim = uneven("fades", "never"), fading()
    result = robustness(data, claim, choices=[], replications=5)
    margins = {each.name: each for each in result.margins}
    assert list(margins) == ["min_effect", "alpha", "quiet_fraction", "prior_scale"]
    assert margins["min_effect"].high == pytest.approx(result.verdict.effect.low, rel=0.1)
    assert result.audit.design == "repeated"
    assert (result.practice, result.synthetic.controls) == (None, ())
    assert "does not score each seed" in result.joint_note
    assert len(result.influence.of("seed")) == 5
    assert result.summary(full=True)


@pytest.mark.slow
def test_a_fading_effect_gives_the_same_whatever_the_number_of_processes():
    """A fast test asks the same of a rise (`test_run.py`)."""
    data, claim = uneven("fades", "never"), fading()
    choices = chosen(data, claim, "window", "knob_scale", "quiet_fraction", "line")
    one, two = (robustness(data, claim, choices=choices, replications=0, n_jobs=n) for n in (1, 2))
    assert one.to_json() == two.to_json()


@pytest.mark.long
def test_repeats_of_a_fading_effect_are_reduced_in_the_ways_that_a_table_offers():
    """Every cell twice, of which the mean was declared."""
    data = pd.concat(
        [uneven("fades").assign(metric=lambda d, by=by: d["metric"] + by) for by in (0.0, 0.1, 5.0)]
    )
    claim = fading(control=None, aggregate="mean")
    choice = chosen(data, claim, "aggregate")[0]
    assert [option.name for option in choice.options] == ["mean", "median"]
    planned, _ = multiverse.plan(data, claim, [choice])
    assert len(planned) == 2
