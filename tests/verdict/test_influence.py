"""Single runs that decide a verdict: found by the screen, judged again, and said."""

import json

import numpy as np
import pandas as pd
import pytest

from sigstats import SweepTable, detect
from sigstats.verdict.influence import suspects

LEVELS = np.arange(1.0, 7.0)


def rises(seeds=6, noise=0.3, rise=1.0, rng=1):
    """Return noisy lines."""
    return rise * LEVELS + np.random.default_rng(rng).normal(0, noise, (seeds, LEVELS.size))


def verdict(shape="increasing", control=None, **options):
    """Return the verdict on matrices by condition."""
    matrices = {name: options.pop(name) for name in list(options) if name in ("a", "b", "c")}
    seeds = {name: [f"{name}{s}" for s in range(len(values))] for name, values in matrices.items()}
    table = SweepTable.from_matrices(LEVELS, matrices, seeds=seeds)
    return detect(table, shape=shape, control=control, **options)


def runs(found):
    """Return what was found as plain tuples."""
    return [(each.condition, each.seed, each.level, str(each.status)) for each in found.influence]


def test_a_clear_sweep_hangs_on_no_run():
    """Nothing is judged again, and nothing is said."""
    found = verdict(a=rises(), b=rises(rise=0.0, rng=2), control="b")
    assert (found.status, found.influence) == ("present", ())
    assert suspects(found.evidence, found.signature) == ()
    assert "Without" not in found.summary(full=True)


def test_a_diverged_run_is_named_in_place_of_advice_on_seeds():
    """One cell of 36 keeps a clear rise from being shown."""
    values = rises()
    values[2, 3] = 1000
    found = verdict(a=values)
    assert found.status == "inconclusive"
    assert runs(found) == [("a", "a2", None, "present")]
    for text in (found.summary(full=True), found.to_markdown(), found.to_html()):
        assert "Without seed a2 of" in text
        assert "present." in text
        assert "More seeds would" not in text
        assert "seeds per condition would" not in text
    written = json.loads(found.to_json())["influence"]
    assert written == [{"condition": "a", "seed": "a2", "level": None, "status": "present"}]


def test_a_run_of_the_control_that_decides_is_found():
    """A control in which a single seed rises."""
    quiet = rises(rise=0.0, rng=2)
    quiet[1] += 12 * LEVELS
    found = verdict(a=rises(), b=quiet, control="b")
    assert found.status != "present"
    assert runs(found) == [("b", "b1", None, "present")]


def test_a_run_that_alone_makes_an_effect_is_found():
    """Without the one seed that falls far, nothing of the fall is left."""
    values = rises(rise=0.0, noise=1.0, seeds=8, rng=5)
    values[0] -= 100 * LEVELS
    found = verdict(a=values, min_effect=20.0)
    assert found.status == "inconclusive"
    assert runs(found) == [("a", "a0", None, "absent")]


def test_a_run_of_the_independent_design_has_a_level():
    """Every cell is a run of its own, so that one cell is left out."""
    values = rises(seeds=5)
    values[2, 5] = -1000
    rows = [(f"r{s}-{k}", x, values[s, k]) for s in range(5) for k, x in enumerate(LEVELS)]
    found = detect(pd.DataFrame(rows, columns=["seed", "knob", "metric"]), shape="increasing")
    assert found.evidence.design == "independent"
    assert runs(found) == [("treatment", "r2-5", 6.0, "present")]
    assert "Without seed r2-5 at knob = 6 of" in found.summary(full=True)


def test_one_seed_fewer_is_no_influence():
    """Four clear seeds: without one, three may show less, but the verdict hangs on none of them."""
    found = [verdict(a=rises(seeds=4, rise=0.3, rng=rng)) for rng in range(20)]
    told = [each for each in found if each.status == "present" and each.influence]
    assert len(told) <= 2


@pytest.mark.parametrize("seeds", [3, 2])
def test_three_seeds_cannot_lose_one(seeds):
    """Two seeds would claim nothing, so that every verdict would hang on every run."""
    values = rises(seeds=seeds)
    values[0, 3] = 1000
    assert verdict(a=values).influence == ()


def test_at_most_five_runs_are_judged_again():
    """Where many runs could change the answer, none decides alone."""
    for rng in range(30):
        found = verdict(a=rises(seeds=12, rise=0.05, noise=0.3, rng=rng))
        assert len(suspects(found.evidence, found.signature)) <= 5


@pytest.mark.parametrize("shape", ["flat", {"name": "above", "value": 0.0}, {"name": "below", "value": 2.0}])
@pytest.mark.parametrize("design", ["repeated", "independent"])
def test_a_claim_on_every_level_can_hang_on_one_cell(shape, design):
    """One diverged cell of 36 keeps every other level from being shown; a clear sweep hangs on none."""
    values = 1 + rises(rise=0.0, noise=0.1)
    options = {"design": design} | ({"min_effect": 1.0} if shape == "flat" else {})
    clear = verdict(shape, a=values, **options)
    assert (clear.status, clear.influence) == ("present", ())
    values[2, 3] = 8.0
    level = None if design == "repeated" else 4.0
    assert runs(verdict(shape, a=values, **options)) == [("a", "a2", level, "present")]


def test_curves_without_noise_hang_on_no_run():
    """Where seeds hardly differ, a difference in the last digit is no sign of a diverged run."""
    values = np.ones((6, 6)) + np.arange(6)[:, None] * 1e-3
    values[0, 0] += 1e-9
    assert verdict("flat", a=values, min_effect=1.0).influence == ()


@pytest.mark.parametrize("shape", ["threshold", "saturating", "peak"])
def test_a_seed_without_a_score_is_left_out_of_what_is_told_of_seeds(shape):
    """A seed that misses levels which the score needs keeps its curve, and has no score."""
    values = rises()
    values[2, [0, 2]] = np.nan
    found = verdict(shape, a=values, b=rises(rng=2), control="b")
    arm = found.evidence.arms[0]
    assert arm.scored_seeds == tuple(seed for seed in arm.seeds if seed != "a2")
    assert (len(arm.seeds), arm.scores.size) == (6, 5)
