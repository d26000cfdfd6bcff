"""Verdicts on scaling laws: published ones, near misses, ranges that are too short, and a control."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.evidence.law import _difference
from sigstats.verdict.next_steps import steps

SIZES = np.geomspace(1e6, 1e9, 8)
U = np.log(SIZES / SIZES[0]) / np.log(1e3)


def verdict(curves, shape="scaling_law", *, sizes=SIZES, noise=0.01, **claim):
    """Return the verdict on five seeds of every condition."""
    rng = np.random.default_rng(3)
    rows = [
        (name, seed, size, value + noise * rng.standard_normal())
        for name, curve in curves.items()
        for seed in range(5)
        for size, value in zip(sizes, curve, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["model", "seed", "N", "loss"])
    names = {"knob": "N", "metric": "loss", "seed": "seed", "condition": "model"}
    return ss.detect(frame, shape=shape, **names, **claim)


WIDE = np.geomspace(1e6, 1e10, 8)
CHINCHILLA = 1.69 + 406 * SIZES**-0.34


def test_a_published_law_is_present_with_its_numbers():
    """1.69 + 406 N^-.34: present, with floor and exponent inside their intervals."""
    found = verdict({"dense": CHINCHILLA}, {"name": "scaling_law", "exponent": (0.25, 0.45)})
    (law,) = found.evidence.law.conditions
    assert found.status == "present"
    assert law.exponent.low < 0.34 < law.exponent.high
    assert law.floor.low < 1.69 < law.floor.high
    assert law.excess.value == pytest.approx(406 * law.at**-0.34, rel=0.02)
    assert found.effect.value == pytest.approx(CHINCHILLA[0] - CHINCHILLA[-1], rel=0.01)
    assert "floor 1.6" in found.summary(full=True)


def test_a_power_law_that_bends_points_to_the_law_with_a_floor():
    """Without its floor the same curve is no power law: a note and a next step name the shape that has one."""
    found = verdict({"dense": 1.69 + 406 * WIDE**-0.34}, "power_law", sizes=WIDE)
    assert (found.status, found.reasons) == ("partial", ("not_linear",))
    assert "other_shape" in found.notes
    assert "'scaling_law' claims that: declare it for new runs" in " ".join(found.summary(full=True).split())
    assert [step.field for step in steps(found)] == ["control", "shape"]
    straight = verdict({"dense": 406 * SIZES**-0.34}, "power_law", noise=0.001)
    assert straight.status == "present"
    assert "other_shape" not in straight.notes


def test_an_accuracy_that_rises_to_a_ceiling_is_its_mirror():
    """The same numbers upside down."""
    found = verdict({"dense": -CHINCHILLA}, {"name": "scaling_law", "direction": "increasing"})
    (law,) = found.evidence.law.conditions
    assert found.status == "present"
    assert law.floor.low < -1.69 < law.floor.high
    assert "ceiling -1.7" in found.summary(full=True)


@pytest.mark.parametrize(
    ("curve", "reason"),
    [
        (5 - 3 * U, "semi_log"),
        (5 - 3 * np.minimum(2 * U, 1.0), "breaks"),
        (5 - 2 * U - np.minimum(2 * U, 1.0), "breaks"),
        (5 - 3 * (2.8 * U - 2 * U**2), "not_a_power_law"),
        (2 + 3 * np.exp(-SIZES / 3e6), "breaks"),
        (2 + 3 * np.exp(-SIZES / 3e7), "not_a_power_law"),
    ],
    ids=["semi-log line", "plateau", "two regimes", "turns back", "exponential", "late exponential"],
)
def test_near_misses_are_partial_for_what_they_are(curve, reason):
    """Each is refuted, and the reason names what it is."""
    found = verdict({"dense": curve})
    assert found.status == "partial"
    assert reason in found.reasons


def test_exponent_and_floor_are_held_to_what_was_declared():
    """Another range, or another floor, is refuted."""
    law = {"name": "scaling_law"}
    assert verdict({"a": CHINCHILLA}, law | {"exponent": (0.1, 0.25)}).reasons == ("exponent_outside",)
    assert verdict({"a": CHINCHILLA}, law | {"exponent": (0.5, 0.9)}).reasons == ("exponent_outside",)
    assert verdict({"a": CHINCHILLA}, law | {"floor": 1.69}).status == "present"
    assert "not_a_power_law" in verdict({"a": CHINCHILLA}, law | {"floor": 1.0}).reasons


def test_a_short_range_is_inconclusive_and_says_how_many_decades_more():
    """Half a decade of a weak law: floor and exponent trade off."""
    sizes = np.geomspace(1e6, 3e6, 8)
    found = verdict({"dense": 1.69 + 20 * sizes**-0.1}, sizes=sizes, noise=0.02)
    assert found.status == "inconclusive"
    assert "not_identified" in found.reasons
    assert found.evidence.law.decades_more > 0
    assert "decades more" in found.summary(full=True)


def test_two_laws_are_compared():
    """The same exponent and half of the size: a ratio of 2, and no difference in exponents."""
    found = verdict({"sparse": CHINCHILLA, "dense": 1.69 + 203 * SIZES**-0.34}, control="dense", noise=0.005)
    law = found.evidence.law
    assert law.exponent_difference.low < 0 < law.exponent_difference.high
    assert law.excess_ratio.low < 2 < law.excess_ratio.high
    assert "times as far from its floor" in found.summary(full=True)


def test_exponents_are_compared_with_the_mean_of_all_controls():
    """Two treatments and three controls, each with known exponents."""
    setting = SimpleNamespace(confidence=0.9)
    treated, controls = (
        [np.array([0.3, 0.31, 0.32]), np.array([0.4, 0.42, 0.41])],
        [np.full(3, v) for v in (0.1, 0.2, 0.6)],
    )
    found = _difference(treated, controls, setting)
    assert found.value == pytest.approx((0.31 + 0.41) / 2 - 0.3)


@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_a_declared_floor_is_in_units_of_the_metric(unit):
    """A floor of 1.69 is one of 1690 thousandths."""
    found = verdict(
        {"dense": unit * CHINCHILLA}, {"name": "scaling_law", "floor": 1.69 * unit}, noise=0.01 * unit
    )
    (law,) = found.evidence.law.conditions
    assert law.exponent.value == pytest.approx(0.34, abs=0.01)
