"""Planned looks: each simulated sweep is judged as it grows, and the first definite verdict ends it."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import sigstats as ss
from sigstats.detection import verdict_on
from sigstats.detection.blocks import decisions_on
from sigstats.errors import OptionError
from sigstats.evidence.reason import Reason
from sigstats.stats.random import stream
from sigstats.studies.planning.record import Noise
from sigstats.studies.planning.trials import Asked, mean_over_looks

RISE = ss.Signature(shape="increasing", control="control", min_effect=2.0, looks=[4, 8])
ALONE = {"noise": 1.5, "replications": 20, "levels": 5, "budget": 1e-9}
INCONCLUSIVE, PRESENT = ss.Status.INCONCLUSIVE, ss.Status.PRESENT


@pytest.fixture(scope="module")
def looked():
    """Return the outlook of two looks, without a search."""
    return ss.plan(RISE, **ALONE | {"replications": 40})


def asked(signature, **roles):
    roles = roles or {"treatment": "treatment", "control": "control"}
    return Asked(
        signature=signature,
        roles=roles,
        noise=Noise(sd=dict.fromkeys(roles, 1.0)),
        start=dict.fromkeys(roles, 0.0),
        start_known=False,
        bounds=None,
        levels=np.arange(5.0),
    )


@pytest.mark.long
def test_seeds_come_from_the_looks(looked):
    """Without other seeds, the last look is the design."""
    design = looked.prospect().design
    assert design.seeds == {"treatment": 8, "control": 8}
    assert design.looks == (4, 8)


def test_a_definite_verdict_ends_the_runs(looked):
    """Definite verdicts only grow from look to look, open ones only shrink; each look adds up to 1."""
    prospect = looked.prospect()
    for world in prospect.worlds:
        by_look = [
            {s: prospect.chance(world.name, s, look).probability for s in ss.Status} for look in (1, 2)
        ]
        assert [sum(each.values()) for each in by_look] == pytest.approx([1.0, 1.0])
        for status in ss.Status:
            first, last = (each[status] for each in by_look)
            assert first >= last if status is INCONCLUSIVE else first <= last
            assert prospect.chance(world.name, status).probability == last
    assert 0.1 < prospect.chance("as predicted", "present", 1).probability < 0.9


def shares(sweeps):
    """Return how often detect says present at the first look, and by the last, in frames of 4 and 8 seeds."""
    found = []
    for sweep in sweeps:
        verdicts = [ss.detect(table.to_frame(), RISE) for table in sweep]
        assert [each.look.number for each in verdicts] == [1, 2]
        found.append([each.status for each in verdicts])
    first = np.mean([a is PRESENT for a, _ in found])
    last = np.mean([PRESENT in (a, b) and (a is PRESENT or a is INCONCLUSIVE) for a, b in found])
    return first, last


GROWS = ss.Plan(effects={"treatment": 4.0, "control": 0.0}, n_seeds=8, levels=5, noise_sd=1.5)
SIZES = [{"treatment": n, "control": n} for n in RISE.looks]


@pytest.mark.long
def test_what_a_look_finds_is_what_detect_says_there(looked):
    """The same draws, judged as data frames of 4 and then 8 seeds, give exactly the same shares."""
    draws = [stream(looked.entropy, 0, number) for number in range(looked.replications)]
    first, last = shares(GROWS.simulate_looks(rng, SIZES) for rng in draws)
    assert 0.0 < first < last
    assert looked.prospect().chance("as predicted", "present", 1).probability == pytest.approx(first)
    assert looked.prospect().chance("as predicted", "present").probability == pytest.approx(last)


@pytest.mark.slow
def test_what_a_look_finds_is_what_detect_says_of_other_sweeps():
    """Sweeps that are made apart give the same shares at each look, within their error."""
    prospect = ss.plan(RISE, **ALONE | {"replications": 200}).prospect()
    rng = np.random.default_rng(5)
    first, last = shares(GROWS.simulate_looks(rng, SIZES) for _ in range(60))
    margin = 3.3 * math.sqrt(0.25 * (1 / 60 + 1 / 200))
    assert prospect.chance("as predicted", "present", 1).probability == pytest.approx(first, abs=margin)
    assert prospect.chance("as predicted", "present").probability == pytest.approx(last, abs=margin)


@pytest.mark.long
def test_a_decision_at_a_look_is_that_of_the_verdict():
    """Decisions without a report are made at the level of the look, too; unplanned numbers claim nothing."""
    plan = ss.Plan(effects={"treatment": 2.5, "control": 0.0}, n_seeds=8, levels=5, noise_sd=1.5)
    rng = np.random.default_rng(3)
    differs = False
    for _ in range(8):
        sizes = [{"treatment": n, "control": n} for n in (4, 5, 8)]
        for n, table in zip((4, 5, 8), plan.simulate_looks(rng, sizes), strict=True):
            verdict = verdict_on(table, RISE)
            decided = decisions_on([table, table], RISE)
            assert decided == [(verdict.status, verdict.reasons)] * 2
            assert (Reason.UNPLANNED_LOOK in verdict.reasons) == (n == 5)
            differs |= n != 5 and decisions_on([table, table], replace(RISE, looks=None)) != decided
    assert differs


def test_costs_are_those_of_the_runs_that_were_made(looked):
    """The mean cost lies between that of the first look and that of all."""
    prospect = looked.prospect()
    assert prospect.design.cost == 80.0
    shares = {
        world.name: prospect.chance(world.name, "inconclusive", 1).probability for world in prospect.worlds
    }
    for truth, mean in prospect.mean_costs.items():
        assert mean == pytest.approx(40.0 + 40.0 * shares[truth])
    assert prospect.design.mean_cost == prospect.mean_costs["as predicted"]
    over, under = (INCONCLUSIVE, ()), (PRESENT, ())
    assert mean_over_looks({(over, under): 1, (under,): 3}, [10.0, 20.0]) == 12.5


@pytest.mark.long
def test_controls_keep_their_surplus_at_each_look():
    """Controls have as many more seeds as declared, at every look."""
    more = replace(RISE, seeds={"treatment": 8, "control": 10})
    found = ss.plan(more, **ALONE).prospect()
    assert found.design.seeds == {"treatment": 8, "control": 10}
    assert asked(more).sizes(found.design.seeds) == (
        {"treatment": 4, "control": 6},
        {"treatment": 8, "control": 10},
    )
    for look in (1, 2):
        reasons = found.chance("as predicted", "inconclusive", look).reasons
        assert Reason.UNPLANNED_LOOK not in dict(reasons)
    assert "looks at 4 and 8 seeds of treatment, with 6 and 10 of control" in " ".join(
        str(found_words(more)).split()
    )


def found_words(signature):
    return ss.plan(signature, **ALONE | {"replications": 20})


@pytest.mark.parametrize(
    ("planned", "last", "looks"),
    [
        ((4, 8), 8, (4, 8)),
        ((4, 8), 6, (3, 6)),
        ((4, 8), 3, (3,)),
        ((3, 5, 8), 16, (6, 10, 16)),
        ((5, 6), 3, (3,)),
    ],
)
def test_other_designs_have_looks_in_proportion(planned, last, looks):
    """None has fewer than three seeds, and none comes twice."""
    assert asked(replace(RISE, looks=planned)).looks({"treatment": last, "control": last}) == looks


@pytest.mark.long
def test_the_cheapest_design_says_its_looks():
    """It is confirmed with its own looks, and reports say which they are."""
    found = ss.plan(RISE, noise=1.0, replications=20, levels=3)
    best = found.cheapest()
    assert best.looks == asked(RISE).looks(best.seeds)
    assert best.probability >= found.target
    assert best.mean_cost <= best.cost < found.prospect().design.cost
    said = " ".join(str(found).split())
    assert said.startswith("If all is as predicted, looks at 4 and 8 seeds per condition at 3 levels find")
    assert "at the first look); the target is 0.8." in said


def test_tables_and_json_have_a_look(looked):
    """Only where looks are planned is there a column for them."""
    table = looked.table()
    assert list(table.columns) == ["truth", "look", "status", "probability", "error", "reasons"]
    assert set(table["look"]) == {1, 2}
    values = json.loads(looked.to_json())["prospects"][0]
    assert {each["look"] for each in values["chances"]} == {1, 2}
    assert values["design"]["looks"] == [4, 8]
    assert "by 4" in looked.summary(full=True)


@pytest.mark.parametrize("seeds", [6, {"treatment": 8, "control": 3}, {"treatment": 4, "control": 8}])
def test_seeds_that_no_look_is_planned_at_are_refused(seeds):
    """Nothing could be claimed with them."""
    with pytest.raises(OptionError, match="looks are planned at 4, 8 seeds"):
        ss.plan(RISE, seeds=seeds, **ALONE)
