"""A knob that is on or off: claims of a difference, by seed or between runs, with a control or without."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sigstats as ss

OFF = {"treatment": [0.10, 0.55, 0.31, 0.74, 0.22], "control": [0.41, 0.12, 0.63, 0.35, 0.57]}
ON = {"treatment": [0.52, 0.91, 0.75, 1.20, 0.58], "control": [0.45, 0.10, 0.66, 0.31, 0.60]}


def on_off(*, fresh: bool = False, seeds: int = 5) -> pd.DataFrame:
    """Return runs with a knob that is off or on; `fresh` runs share no labels."""
    rows = [
        {"condition": name, "knob": knob, "seed": f"{name}{knob}{seed}" if fresh else seed, "metric": value}
        for name in OFF
        for knob, values in ((0, OFF[name]), (1, ON[name]))
        for seed, value in enumerate(values[:seeds])
    ]
    return pd.DataFrame(rows)


def only(frame: pd.DataFrame, condition: str) -> pd.DataFrame:
    """Return the rows of one condition."""
    return frame[frame["condition"] == condition].drop(columns="condition")


def test_a_repeated_difference_is_students_t_of_pairs() -> None:
    """The p-value of a rise is that of a paired t test, and nothing else is asked."""
    verdict = ss.detect(only(on_off(), "treatment"), shape="increasing")
    expected = stats.ttest_rel(ON["treatment"], OFF["treatment"], alternative="greater")
    assert verdict.status == "present"
    assert verdict.evidence.trend is None
    assert verdict.evidence.primary is not None
    assert verdict.evidence.primary.pvalue == pytest.approx(expected.pvalue)


def test_fresh_runs_are_compared_by_welch() -> None:
    """Runs without a shared label are compared by Welch's t test."""
    verdict = ss.detect(only(on_off(fresh=True), "treatment"), shape="increasing")
    expected = stats.ttest_ind(ON["treatment"], OFF["treatment"], equal_var=False, alternative="greater")
    assert verdict.evidence.design == "independent"
    assert verdict.evidence.primary is not None
    assert verdict.evidence.primary.pvalue == pytest.approx(expected.pvalue)


@pytest.mark.long
@pytest.mark.parametrize("fresh", [False, True])
def test_a_control_is_a_difference_in_differences(fresh: bool) -> None:
    """The contrast is the rise of the treatment minus that of the control."""
    verdict = ss.detect(on_off(fresh=fresh), shape="increasing", control="control")
    rise = np.mean(ON["treatment"]) - np.mean(OFF["treatment"])
    quiet = np.mean(ON["control"]) - np.mean(OFF["control"])
    assert verdict.contrast is not None
    assert verdict.contrast.value == pytest.approx(rise - quiet)
    assert verdict.status == ("inconclusive" if fresh else "present")


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "status"),
    [
        ("increasing", "present"),
        ("decreasing", "absent"),
        ({"name": "flat", "margin": 0.4}, "present"),
        ({"name": "flat", "margin": 0.05}, "absent"),
        ({"name": "above", "value": 0.0}, "present"),
        ({"name": "below", "value": 2.0}, "present"),
        ({"name": "ordered", "weights": [-1, 1]}, "present"),
    ],
)
def test_claims_that_two_levels_can_carry(shape: object, status: str) -> None:
    """Six shapes are decided on two levels."""
    assert ss.detect(only(on_off(), "treatment"), shape=shape).status == status


@pytest.mark.long
@pytest.mark.parametrize(
    "shape", ["linear", "saturating", "threshold", "peak", "valley", "convex", "concave"]
)
def test_other_shapes_name_what_fits(shape: str) -> None:
    """A shape that needs a curve says how many levels it needs, and what two levels can show."""
    verdict = ss.detect(only(on_off(), "treatment"), shape=shape)
    assert verdict.reasons == ("too_few_levels",)
    assert "On 2 levels these can be asked: above, below, decreasing, flat, increasing and ordered." in (
        " ".join(verdict.summary(full=True).split())
    )


def test_without_a_margin_only_the_opposite_is_absent() -> None:
    """Two levels leave no residual noise as a margin: a small effect needs a declared one to be ruled out."""
    quiet = only(on_off(), "control")
    without = ss.detect(quiet, shape="increasing")
    assert (without.status, without.reasons) == ("inconclusive", ("underpowered",))
    assert "Declare `min_effect`" in without.summary(full=True)
    declared = ss.detect(quiet, shape="increasing", min_effect=0.2)
    assert (declared.status, declared.reasons) == ("absent", ("below_min_effect",))


def test_two_seeds_are_too_few() -> None:
    """Nothing is claimed from two pairs."""
    verdict = ss.detect(only(on_off(seeds=2), "treatment"), shape="increasing")
    assert verdict.reasons == ("too_few_seeds",)


@pytest.mark.long
def test_every_report_can_be_made() -> None:
    """Figure, page, table and JSON of a difference."""
    verdict = ss.detect(on_off(), shape="increasing", control="control")
    assert "second level minus first" in verdict.to_html()
    assert '"status": "present"' in verdict.to_json()
    assert len(verdict.table()) == 2
    verdict.plot()


def test_one_level_points_to_compare() -> None:
    """A knob with a single level is refused, with what can be asked instead."""
    frame = only(on_off(), "treatment")
    with pytest.raises(ss.errors.TableError, match=r"sigstats\.compare"):
        ss.detect(frame[frame["knob"] == 1], shape="increasing")


WORDS = {0: "off", 1: "on"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (lambda knob: knob.map(WORDS), ["off", "on"]),
        (lambda knob: knob.map(WORDS).astype("category"), ["off", "on"]),
        (lambda knob: knob == 1, None),
        (lambda knob: knob == 1, [False, True]),
        (lambda knob: knob * 1.0, [0, 1]),
        (lambda knob: pd.Categorical(knob.map(WORDS), categories=["off", "on"], ordered=True), None),
        (lambda knob: pd.Categorical(knob * 0.5, categories=[0.0, 0.5], ordered=True), None),
        (lambda knob: pd.Categorical(knob * 1.0, categories=[0.0, 1.0], ordered=True), None),
    ],
)
def test_a_knob_may_be_words_with_an_order(
    values: Callable[[pd.Series], object], levels: list[object] | None
) -> None:
    """Words with declared levels, truth values and ordered categories are all read as off and on."""
    frame = only(on_off(), "treatment")
    frame = frame.assign(knob=values(frame["knob"]))
    assert ss.detect(frame, shape="increasing", levels=levels).status == "present"


def test_the_declared_order_gives_the_direction() -> None:
    """With the order turned round, the rise is a fall."""
    frame = only(on_off(), "treatment")
    frame = frame.assign(knob=frame["knob"].map(WORDS))
    signature = ss.Signature(shape="increasing", levels=["on", "off"])
    assert ss.detect(frame, signature).reasons == ("opposite",)
    assert 'levels = ["on", "off"]' in signature.to_toml()


def test_a_level_without_a_place_is_refused() -> None:
    """A value that the declared order does not name is an error that names it."""
    frame = only(on_off(), "treatment")
    frame = frame.assign(knob=frame["knob"].map(WORDS))
    with pytest.raises(ss.errors.TableError, match=r"KNOB_NOT_IN_LEVELS.*holds 'on'"):
        ss.detect(frame, shape="increasing", levels=["off", "mid"])


@pytest.mark.parametrize("levels", ["off", ["off"], ["off", "off"], {"off", "on"}, [None, "on"]])
def test_an_order_names_two_different_levels(levels: object) -> None:
    """Anything but a list of different levels is refused."""
    with pytest.raises(ss.errors.SignatureError, match="`levels`"):
        ss.Signature(shape="increasing", levels=levels)
