"""Significant here and not there is no evidence of a difference; how often it misleads is counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sigstats import Signature, SweepTable, detect, plan_like, simulate_sweep
from sigstats.studies.practice import specificity as module
from sigstats.studies.practice.common_practice import common_practice

CLAIM = Signature(shape="increasing", control="control")
TABLE = simulate_sweep({"treatment": 2.0, "control": 0.8}, n_seeds=5, levels=7, slope_sd=0.8, rng=3)


@pytest.fixture(scope="module", autouse=True)
def few():
    """Simulate few tables, except where rates are looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 30)
        yield


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 300)


@pytest.fixture(scope="module")
def found(few):
    return common_practice(TABLE, CLAIM).specificity


def rates(specificity):
    return [each.false_claims for each in specificity.practices]


@pytest.mark.long
def test_each_side_is_a_t_test_of_its_slopes(found):
    """Both p-values are those of scipy on one slope per seed."""
    for condition, ours in (("treatment", found.treatments), ("control", found.controls)):
        slopes = [stats.linregress(TABLE.levels, curve).slope for curve in TABLE.matrix(condition)]
        assert ours == pytest.approx(stats.ttest_1samp(slopes, 0, alternative="greater").pvalue, rel=1e-9)


@pytest.mark.long
@pytest.mark.parametrize(
    ("signature", "doubled"),
    [
        (CLAIM, 1),
        (replace(CLAIM, paired=True), 1),
        (Signature(shape={"name": "linear", "direction": "either"}, control="control"), 2),
    ],
    ids=["decreasing", "paired", "open"],
)
def test_the_difference_is_that_of_the_verdict(signature, doubled):
    """The last rule is the contrast that a verdict prints; in pairs where the signature says so."""
    seeds = {name: list("abcde") for name in TABLE.conditions}
    curves = {name: TABLE.matrix(name) for name in TABLE.conditions}
    table = SweepTable.from_matrices(TABLE.levels, curves, seeds=seeds)
    found = common_practice(table, signature).specificity
    expected = detect(table, signature).evidence.control.specific.pvalue
    assert found.practices[-1].pvalue == pytest.approx(min(1.0, doubled * expected), rel=1e-9)


@pytest.mark.long
def test_significant_here_and_not_there_is_a_claim():
    """One p-value below 5 % and one above make the claim, whatever the difference says."""
    curves = np.tile(np.arange(4.0), (4, 1))
    rise, fewer = np.array([[0.7], [1.0], [1.0], [1.3]]), np.array([[-0.4], [0.3], [1.5], [2.0]])
    table = SweepTable.from_matrices(range(4), {"treatment": rise * curves, "control": fewer * curves})
    found = common_practice(table, CLAIM).specificity
    assert found.treatments < 0.05 < found.controls
    here, _, difference = found.practices
    assert (here.claims, difference.claims) == (True, False)
    assert here.pvalue is None


@pytest.mark.long
def test_shifted_scores_are_scores_of_tables_with_the_effect():
    """Counts are the same as on tables that are simulated with the effect in both conditions."""
    effects = (0.0, 1.3)
    counted = module.same_effect(
        plan_like(TABLE, CLAIM), CLAIM, effects=effects, alpha=0.05, replications=60, entropy=7
    )
    for effect, hits in zip(effects, counted.here_not_there, strict=True):
        plan = plan_like(TABLE, CLAIM, effects={"treatment": effect, "control": effect})
        slow, difference = 0, 0
        for replication in range(60):
            stream = np.random.SeedSequence(7, spawn_key=(module.STREAM, replication))
            groups = module.two_groups(plan.simulate(np.random.default_rng(stream)), CLAIM, two_sided=False)
            slow += groups.here() <= 0.05 < groups.there()
            difference += groups.difference() <= 0.05
        assert (slow, difference) == (hits, counted.difference)
    assert counted.here_not_there[1] > counted.here_not_there[0]


@pytest.mark.rates
def test_the_rule_is_wrong_in_a_quarter_of_tables_where_tests_find_half(many):
    """Two independent tests of power p differ in the right order in p (1 - p) of tables: a quarter at most."""
    table = simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=12, levels=8, slope_sd=1.0, rng=1)
    estimated, worst, difference = common_practice(table, CLAIM).specificity.practices
    assert worst.false_claims == pytest.approx(0.25, abs=0.08)
    assert worst.errs == "claims too often"
    assert difference.false_claims == pytest.approx(0.05, abs=0.04)
    assert difference.errs == "not told from nominal"
    assert (estimated.effect > worst.effect, difference.effect) == (True, None)
    assert estimated.false_claims < worst.false_claims


def test_the_effect_that_tests_find_half_of_the_time_is_found_half_of_the_time():
    """Power at that effect, by the noncentral t distribution, is near one half."""
    groups = module.two_groups(TABLE, CLAIM, two_sided=False)
    group = groups.treatments
    effect = replace_both(groups, group).found_by_half(0.05)
    power = stats.nct.sf(stats.t.isf(0.05, group.df), group.df, effect / group.se)
    assert power == pytest.approx(0.5, abs=0.06)


def replace_both(groups, group):
    return replace(groups, treatments=group, controls=group)


@pytest.mark.long
def test_without_a_common_effect_there_is_none(many):
    """Estimates whose mean is negative stand for no effect; then the first rule errs at about 0.05 x 0.95."""
    table = simulate_sweep({"treatment": -2.0, "control": -1.0}, n_seeds=5, levels=7, rng=3)
    first, *_ = common_practice(table, CLAIM).specificity.practices
    assert first.effect == 0.0
    assert first.errs == "not told from nominal"


@pytest.mark.long
def test_a_fall_is_the_mirror_of_a_rise(found):
    """The mirrored table with the mirrored claim has the same p-values, and effects that count in its direction."""
    curves = {name: -TABLE.matrix(name) for name in TABLE.conditions}
    table = SweepTable.from_matrices(TABLE.levels, curves)
    falling = common_practice(table, replace(CLAIM, shape=Signature(shape="decreasing").shape)).specificity
    assert falling.treatments == pytest.approx(found.treatments, rel=1e-6)
    assert falling.practices[0].effect == pytest.approx(found.practices[0].effect, rel=1e-6)


@pytest.mark.long
def test_scales_of_knob_and_metric_are_kept():
    """What is analysed on a log scale is the same table with logarithms in it."""
    curves = {name: TABLE.matrix(name) for name in TABLE.conditions}
    levels = np.geomspace(1.0, 64.0, 7)
    logs = common_practice(
        SweepTable.from_matrices(levels, {name: np.exp(values) for name, values in curves.items()}),
        replace(CLAIM, knob_scale="log", metric_scale="log"),
    ).specificity
    plain = common_practice(SweepTable.from_matrices(np.log(levels), curves), CLAIM).specificity
    assert logs.treatments == pytest.approx(plain.treatments, rel=1e-6)
    assert rates(logs) == rates(plain)


@pytest.mark.long
def test_fresh_runs_are_compared_by_level_means(many):
    """In the independent design, both rules use the variance between runs of a level."""
    table = simulate_sweep({"treatment": 2.0, "control": 0.0}, n_seeds=6, levels=6, independent=True, rng=1)
    signature = replace(CLAIM, design="independent")
    found = common_practice(table, signature).specificity
    arms = {arm.condition: arm for arm in detect(table, signature).evidence.arms}
    assert found.treatments == pytest.approx(arms["treatment"].pvalue, rel=1e-9)
    assert rates(found)[1] > 0.1


def test_without_a_control_or_with_two_seeds_there_is_nothing_to_compare():
    """No control, no claim of specificity; too few seeds leave nothing to simulate from."""
    few = simulate_sweep({"treatment": 1.0, "control": 0.0}, n_seeds=2, rng=1)
    alone = common_practice(simulate_sweep(1.0, rng=1), Signature(shape="increasing"))
    assert alone.specificity is None
    assert alone.to_dict()["specificity"] is None
    assert common_practice(few, CLAIM).specificity is None


@pytest.mark.long
def test_no_variance_is_no_claim():
    """A treatment whose seeds are all alike in slope has no p-value, and nothing is claimed of it."""
    curves = np.tile(np.arange(5.0), (4, 1)) + np.arange(4.0)[:, None]
    table = SweepTable.from_matrices(
        range(5), {"treatment": curves, "control": TABLE.matrix("control")[:4, :5]}
    )
    found = common_practice(table, CLAIM).specificity
    first = found.practices[0]
    assert found.treatments is None
    assert (first.claims, first.false_claims, first.errs) == (None, None, "not measured")


def test_no_two_rules_are_called_the_same(found):
    """The rule stands twice in the table, with another effect that both conditions have."""
    labels = [each.label for each in found.practices]
    assert labels == [*dict.fromkeys(labels)]
    assert [each.name for each in found.practices[:2]] == ["here_not_there"] * 2


@pytest.mark.long
def test_the_same_table_gives_the_same_counts(found):
    again = common_practice(TABLE, CLAIM).to_dict()
    assert again["specificity"] == found.to_dict()
    assert (
        json.loads(json.dumps(again, allow_nan=False))["specificity"]["practices"][0]["name"]
        == "here_not_there"
    )
