"""Noise is what was stated, or what a pilot or a verdict shows, with how well it is known."""

import json

import numpy as np
import pytest
from scipy import stats

import sigstats as ss
from sigstats.errors import OptionError
from sigstats.studies.planning import noise

RISE = ss.Signature(shape="increasing", control="control", min_effect=2.0)
ROLES = {"treatment": "treatment", "control": "control"}
PLAN = ss.Plan(
    effects={"treatment": 3.0, "control": 0.0}, n_seeds=200, noise_sd={"treatment": 1.0, "control": 2.0}, slope_sd=1.5,
    intercept_sd=0.7, levels=6,
)  # fmt: skip


def few():
    return ss.simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=4, levels=6, slope_sd=0.5, rng=3)


def test_a_large_pilot_shows_the_truth():
    """Residual sd, spread of slopes and levels are found in a sweep of many seeds."""
    found = noise.from_pilot(PLAN.simulate(np.random.default_rng(1)), RISE, ROLES)
    assert found.sd["treatment"] == pytest.approx(1.0, rel=0.05)
    assert found.sd["control"] == pytest.approx(2.0, rel=0.05)
    assert found.slope_sd == pytest.approx(1.5, rel=0.15)
    assert found.source == "pilot"
    assert found.n_seeds == 400


def test_the_uncertainty_is_that_of_a_chi_square():
    """Factors on the sd come from the degrees of freedom of the residuals: (seeds - 1)(levels - 2), over conditions."""
    found = noise.from_pilot(few(), RISE, ROLES)
    df = 2 * 3 * 4
    assert found.low == pytest.approx(np.sqrt(df / stats.chi2.ppf(0.9, df)))
    assert found.high == pytest.approx(np.sqrt(df / stats.chi2.ppf(0.1, df)))
    assert found.low < 1 < found.high
    assert found.slope_high > found.slope_sd


@pytest.mark.long
@pytest.mark.parametrize("form", ["verdict", "dict", "file", "printed"])
def test_a_verdict_shows_the_same_noise(form, tmp_path):
    """A verdict, its dictionary, its file, and what the command line prints hold the curves."""
    verdict = ss.detect(few(), RISE)
    path = tmp_path / "verdict.json"
    path.write_text(verdict.to_json(), encoding="utf-8")
    given = {
        "verdict": verdict,
        "dict": json.loads(verdict.to_json()),
        "file": path,
        "printed": {"schema": 1, "results": [verdict.to_dict()]},
    }[form]
    assert noise.is_verdict(given)
    found, direct = noise.from_verdict(given, RISE, ROLES), noise.from_pilot(few(), RISE, ROLES)
    assert found.source == "verdict"
    assert found.sd == pytest.approx(direct.sd)
    assert found.slope_sd == pytest.approx(direct.slope_sd)
    assert found.high == pytest.approx(direct.high)


def test_a_pilot_may_lack_the_control():
    """Its noise is then taken to be that of the treatment."""
    pilot = ss.simulate_sweep(3.0, n_seeds=3, levels=6, rng=1)
    found = noise.from_pilot(pilot, RISE, ROLES)
    assert found.sd["control"] == found.sd["treatment"]


def test_two_seeds_are_a_pilot():
    """The noise of two seeds is estimated, with the little that it is known."""
    found = noise.from_pilot(ss.simulate_sweep(3.0, n_seeds=2, levels=5, rng=1), RISE, ROLES)
    assert found.high > 1.5


def test_one_seed_is_no_pilot():
    """Nothing tells noise from a curve."""
    with pytest.raises(OptionError, match="too few runs to tell the noise"):
        noise.from_pilot(ss.simulate_sweep(3.0, n_seeds=1, levels=5, rng=1), RISE, ROLES)


def test_runs_without_a_knob_are_a_pilot():
    """The sd between runs is taken from each condition."""
    rng = np.random.default_rng(2)
    import pandas as pd

    frame = pd.DataFrame(
        {
            "condition": np.repeat(["base", "new"], 50),
            "seed": np.arange(100),
            "metric": np.concatenate([rng.normal(0, 1, 50), rng.normal(1, 3, 50)]),
        }
    )
    claim = ss.Signature(shape="higher", baseline="base")
    found = noise.from_runs(frame, claim, {"new": "treatment", "base": "baseline"}, paired=False)
    assert found.sd == pytest.approx({"base": 1.0, "new": 3.0}, rel=0.25)


@pytest.mark.long
def test_a_noisier_world_is_tried():
    """The report says what happens at the upper end of what a pilot allows."""
    found = ss.plan(RISE, pilot=few(), seeds=4, levels=6, replications=60, budget=1e-9).prospect()
    assert found.noisier.probability <= found.design.probability + 0.05
    stated = ss.plan(RISE, noise=1.0, seeds=4, levels=6, replications=20, budget=1e-9)
    assert stated.prospect().noisier is None


@pytest.mark.parametrize("given", [{"evidence": {}}, {"results": []}, {"results": [1, 2]}])
def test_what_is_no_verdict_is_refused(given):
    """The error says what was expected."""
    with pytest.raises(OptionError, match="verdict"):
        noise.read_verdict(given)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """A missing file is an error of input."""
    with pytest.raises(OptionError, match="cannot be read"):
        noise.read_verdict(tmp_path / "none.json")


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_noise_that_cannot_be_squared_is_refused(unit):
    pilot = ss.simulate_sweep(0.0, n_seeds=4, levels=5).to_frame()
    pilot["metric"] *= unit
    with pytest.raises(OptionError, match="in another unit"):
        ss.plan(pilot=pilot, shape="increasing", seeds=3, replications=20)


def test_a_pilot_in_which_nothing_varies_leaves_nothing_open():
    pilot = ss.simulate_sweep({"a": 3.0, "b": 0.0}, n_seeds=3, levels=5, noise_sd=0.0)
    found = ss.plan(pilot=pilot, shape="increasing", control="b", effect=1.0, seeds=3, replications=20)
    assert set(found.prospects[0].noise.sd.values()) == {0.0}
