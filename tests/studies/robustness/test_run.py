"""Everything that `robustness` asks, in one call."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sigstats_robustness_sweeps import RISES, analysed, chosen, sweep

from sigstats import (
    Robustness,
    Signature,
    SweepTable,
    robustness,
    simulate_sweep,
)
from sigstats.studies.practice.common_practice import common_practice
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.synthetic_controls import synthetic_controls
from sigstats.studies.seeds.audit import seed_audit


@pytest.mark.long
def test_the_effect_that_lives_on_the_log_scale_is_named():
    rng = np.random.default_rng(5)
    levels = 2.0 ** np.arange(9)
    start = np.exp(rng.normal(0.0, 2.0, (6, 1)))
    cells = start * np.exp(np.linspace(0.0, 1.0, 9) + rng.normal(0.0, 0.1, (6, 9)))
    table = SweepTable.from_matrices(levels, {"treatment": cells})
    claim = Signature(shape="increasing", metric_scale="log", min_effect=0.3, design="repeated")
    result = robustness(table, claim, replications=0)
    assert result.verdict.status == "present"
    assert (result.weakest.kind, result.weakest.name) == ("choice", "metric_scale")
    assert result.decomposition[0].choice == "metric_scale"
    assert result.weakest.sentence.startswith(
        "With metric_scale 'linear' instead of 'log', the verdict is inconclus"
    )
    opposite = dataclasses.replace(claim, metric_scale="linear", min_effect=None)
    choices = chosen(table, opposite, metric_scale=True)
    found = robustness(table, opposite, choices=choices, replications=0)
    assert (found.weakest.kind, found.weakest.name, found.weakest.status) == (
        "choice",
        "metric_scale",
        "present",
    )


@pytest.mark.long
def test_a_clear_effect_has_no_weak_point_among_few_choices():
    table = sweep(8, effect=9.0)
    choices = chosen(table, RISES, knob_scale=True, line=True)
    result = robustness(table, RISES, choices=choices, replications=0)
    assert isinstance(result, Robustness)
    assert (result.agreement, result.weakest) == (1.0, None)
    assert str(result) == "present: 12 of 12 analyses agree. Nothing that was tried changes the verdict."


@pytest.mark.long
def test_the_result_is_the_same_whatever_the_number_of_processes():
    table = sweep(5, effect=0.6)
    choices = chosen(table, RISES, knob_scale=True, window=True, metric_scale=("log",))
    one, two = (robustness(table, RISES, choices=choices, replications=40, n_jobs=n, rng=3) for n in (1, 2))
    assert one.joint == two.joint
    assert one.synthetic == two.synthetic
    assert one.practice.to_dict() == two.practice.to_dict()
    assert one.audit == two.audit
    assert one.margins == two.margins
    assert one.influence == two.influence
    assert one.weakest == two.weakest
    pd.testing.assert_frame_equal(one.table(), two.table())


@pytest.mark.long
def test_everything_is_asked_in_one_call():
    """The parts are what the functions of their own say."""
    table = sweep(4, effect=1.0, conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control")
    few = chosen(table, claim, line=True)
    found = robustness(table, claim, choices=few, replications=7, rng=5)
    assert found.audit == seed_audit(table, claim)
    assert found.practice.to_dict() == common_practice(table, claim).to_dict()
    entropy = found.synthetic.entropy
    assert found.synthetic == synthetic_controls(table, claim, replications=7, rng=entropy)
    assert {each.replications for each in found.synthetic.controls} == {7}
    other = robustness(table, claim, choices=[], replications=7, rng=6).synthetic
    assert other.entropy != entropy


@pytest.mark.long
def test_what_does_not_apply_is_none():
    claim = Signature(shape="convex", design="repeated")
    found = robustness(sweep(4), claim, choices=[], replications=0)
    assert (found.synthetic, found.practice) == (None, None)


@pytest.mark.long
def test_a_generator_is_used_up_and_the_global_one_is_not():
    table = sweep(4)
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the generator that must not be touched
    generator = np.random.default_rng(1)
    first, second = (
        robustness(table, RISES, choices=[], replications=3, rng=generator).synthetic for _ in range(2)
    )
    assert first.entropy != second.entropy
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.long
def test_a_frame_and_its_table_give_the_same():
    table = simulate_sweep({"treatment": 2.0, "control": 0.0}, n_seeds=4, levels=5, rng=2)
    claim = Signature(shape="increasing", control="control")
    choices = chosen(table, claim, quiet_fraction=True, line=True)
    assert default_choices(table.to_frame(), claim) == default_choices(table, claim)
    found = [analysed(data, claim, choices)[0] for data in (table, table.to_frame())]
    assert [each.reading for each in found[0]] == [each.reading for each in found[1]]
