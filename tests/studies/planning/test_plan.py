"""What a design can find out: probabilities that simulations give, in every world, whatever the way of asking."""

import json
import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

import sigstats as ss
from sigstats.errors import OptionError, SignatureError
from sigstats.stats.random import stream
from sigstats.studies.planning.plan import joined

RISE = ss.Signature(shape="increasing", control="control", min_effect=2.0)
QUICK = {"noise": 1.0, "replications": 20}
ALONE = QUICK | {"budget": 1e-9}  # which leaves nothing to search
SEARCH = QUICK | {
    "truths": {"as predicted": {"treatment": 4.0, "control": 0.0}}
}  # the only one that a search asks


@dataclass
class Several:
    """What holds signatures, without being a card."""

    signatures: tuple


@pytest.fixture(scope="module")
def small():
    """Return the outlook of three seeds each, at eight levels."""
    return ss.plan(RISE, noise=1.0, seeds=3, levels=8, replications=60)


def present(outlook, truth="as predicted"):
    return outlook.prospect().chance(truth, "present").probability


@pytest.mark.long
def test_probabilities_are_those_that_detect_gives(small):
    """The same draws, made into sweeps and judged by detect, give exactly the same shares."""
    plan = ss.Plan(effects={"treatment": 4.0, "control": 0.0}, n_seeds=3, levels=8)
    sweeps = [plan.simulate(stream(small.entropy, 0, number)) for number in range(small.replications)]
    found = [ss.detect(sweep.to_frame(), RISE).status for sweep in sweeps]
    assert len(set(found)) > 1
    for status in ss.Status:
        predicted = small.prospect().chance("as predicted", status).probability
        assert predicted == pytest.approx(found.count(status) / len(found))


@pytest.mark.slow
def test_probabilities_are_those_of_sweeps_that_are_simulated_apart():
    """With draws of their own, sweeps that are judged by detect give the same shares, within their error."""
    outlook = ss.plan(RISE, noise=1.0, seeds=3, levels=8, replications=400)
    plan = ss.Plan(effects={"treatment": 4.0, "control": 0.0}, n_seeds=3, levels=8)
    rng = np.random.default_rng(77)
    found = [ss.detect(plan.simulate(rng).to_frame(), RISE).status for _ in range(200)]
    for status in ss.Status:
        predicted = outlook.prospect().chance("as predicted", status).probability
        share = found.count(status) / len(found)
        assert share == pytest.approx(predicted, abs=3.3 * math.sqrt(0.25 * (1 / 200 + 1 / 400)))


def test_each_truth_has_its_own_verdicts(small):
    """What is true is found more often than anything else that is definite."""
    prospect = small.prospect()
    assert present(small) > 0.5
    assert prospect.chance("nothing", "absent").probability > 0.4
    assert prospect.chance("nothing", "present").probability <= 0.05
    same = prospect.chance("control does the same", "partial")
    assert same.probability > 0.2
    assert same.reasons[0][0] == "unspecific"
    assert prospect.chance("half the effect", "present").probability < 0.3


def test_the_table_has_a_row_for_each_truth_and_status(small):
    """Probabilities of one truth add up to one, and each has an error that is never zero."""
    table = small.table()
    assert list(table.columns) == ["truth", "status", "probability", "error", "reasons"]
    assert all(each.look is None for each in small.prospect().chances)
    assert len(table) == 16
    assert np.allclose(table.groupby("truth")["probability"].sum(), 1.0)
    assert (table["error"] > 0).all()


@pytest.mark.long
def test_the_next_seed_goes_to_the_control():
    """With levels as they are, a fourth seed of the control buys more than one of the treatment."""
    runs = {"levels": 8, "replications": 150, "noise": 1.0, "budget": 1e-9}
    runs["truths"] = {"as predicted": {"treatment": 4.0, "control": 0.0}}
    one, other = (ss.plan(RISE, seeds={"treatment": n, "control": m}, **runs) for n, m in ((3, 4), (4, 3)))
    assert present(one) > present(other) + 0.05


@pytest.mark.long
def test_the_cheapest_design_reaches_the_target_within_its_error(small):
    """It costs less than the largest that was looked at, and was simulated with draws of its own."""
    best = small.cheapest()
    assert best.error is not None
    assert best.probability >= small.target
    assert best.cells == sum(best.seeds.values()) * len(best.levels)
    truth = {"as predicted": {"treatment": 4.0, "control": 0.0}}
    runs = {"noise": 1.0, "replications": 150, "budget": 1e-9, "truths": truth}
    again = ss.plan(RISE, seeds=best.seeds, levels=best.levels, **runs)
    assert present(again) == pytest.approx(best.probability, abs=0.12)


@pytest.mark.long
def test_a_budget_bounds_the_design():
    """No design above the budget is proposed; where none is left, there is none."""
    found = ss.plan(RISE, seeds=3, levels=8, budget=40, **SEARCH)
    assert found.cheapest().cost <= 40
    assert ss.plan(RISE, seeds=3, levels=8, **ALONE | {"budget": 10}).cheapest() is None


@pytest.mark.long
def test_costs_decide_between_seeds_and_levels():
    """Where a seed costs the same whatever its levels, all levels are kept; where levels cost, fewer are run."""
    free = ss.plan(RISE, seeds=3, levels=8, cost={"seed": 1.0}, **SEARCH).cheapest()
    dear = ss.plan(RISE, seeds=3, levels=8, **SEARCH).cheapest()
    assert len(free.levels) == 8
    assert len(dear.levels) < 8


@pytest.mark.long
def test_levels_can_be_kept():
    """No design has fewer levels than asked for."""
    found = ss.plan(RISE, seeds=3, levels=8, fewest_levels=8, **SEARCH)
    assert len(found.cheapest().levels) == 8


@pytest.mark.long
def test_the_same_answer_for_any_number_of_processes(small):
    """Processes share the work, not the random numbers."""
    one, two = (ss.plan(RISE, seeds=3, levels=6, n_jobs=n, **SEARCH) for n in (1, 2))
    assert one.to_json() == two.to_json()
    assert one.to_json() != ss.plan(RISE, seeds=3, levels=6, rng=9, **SEARCH).to_json()


@pytest.mark.long
def test_what_a_signature_declares_is_the_default():
    """Planned seeds, levels and costs of a card need not be repeated."""
    declared = replace(RISE, seeds={"treatment": 4, "control": 6}, levels=[1, 2, 4, 8, 16], cost_per_run=3.0)
    design = ss.plan(declared, **ALONE).prospect().design
    assert design.seeds == {"treatment": 4, "control": 6}
    assert design.levels == (1.0, 2.0, 4.0, 8.0, 16.0)
    assert design.cost == 150.0


@pytest.mark.long
def test_several_signatures_are_told_apart():
    """Anything that has signatures can be planned; what cannot be is named, and the rest is planned."""
    card = Several(
        (
            replace(RISE, name="rises"),
            ss.Signature(name="fades", shape={"name": "fades", "by": "step"}),
        )
    )
    found = ss.plan(card, seeds=3, levels=5, **ALONE)
    assert [each.name for each in found.prospects] == ["rises"]
    assert found.not_covered[0][0] == "fades"
    assert "second column" in found.not_covered[0][1]
    assert set(found.table()["signature"]) == {"rises"}
    assert "fades was not planned" in found.summary(full=True)


def test_one_signature_that_is_not_covered_is_an_error():
    """The error says why."""
    with pytest.raises(OptionError, match="second column"):
        ss.plan(ss.Signature(shape={"name": "fades", "by": "step"}), **QUICK)


@pytest.mark.long
def test_outlooks_are_joined():
    """Outlooks of several files become one."""
    parts = [ss.plan(replace(RISE, name=name), seeds=3, levels=4, **SEARCH) for name in ("a", "b")]
    both = joined(parts, [("c", "no data")])
    assert [each.name for each in both.prospects] == ["a", "b"]
    assert both.not_covered == (("c", "no data"),)
    with pytest.raises(OptionError, match="the signatures are"):
        both.cheapest()
    assert both.cheapest("a") == parts[0].cheapest()


@pytest.mark.long
def test_own_truths_replace_the_usual_ones():
    """A mapping by role or condition is one truth; several have names."""
    one = ss.plan(RISE, seeds=3, levels=5, truths={"treatment": 8.0, "control": 0.0}, **ALONE)
    assert [each.name for each in one.prospect().worlds] == ["as predicted"]
    named = {"large": {"treatment": 8.0, "control": 0.0}, "leaks": {"treatment": 8.0, "control": 6.0}}
    two = ss.plan(RISE, seeds=3, levels=5, truths=named, **ALONE)
    assert [each.name for each in two.prospect().worlds] == ["large", "leaks"]
    assert present(two, "large") > 0.9
    assert present(two, "leaks") <= 0.05


@pytest.mark.long
def test_several_treatments_have_seeds_and_noise_of_their_own():
    """Numbers may be given by condition; roles stand for all conditions that have them."""
    claim = ss.Signature(shape="increasing", treatment=["a", "b"], control="c", min_effect=2.0)
    found = ss.plan(
        claim,
        noise={"sd": {"a": 1.0, "b": 2.0, "control": 0.5}, "slope_sd": 0.3},
        seeds={"a": 3, "b": 4, "control": 5},
        levels=5,
        replications=20,
        budget=1e-9,
    )
    assert found.prospect().design.seeds == {"a": 3, "b": 4, "c": 5}
    assert found.prospect().noise.sd == {"a": 1.0, "b": 2.0, "c": 0.5}


CLAIMS = {
    "decreasing": {"shape": "decreasing"},
    "linear": {"shape": "linear"},
    "flat": {"shape": "flat"},
    "step": {"shape": {"name": "threshold", "form": "step"}},
    "peak": {"shape": "peak"},
    "valley": {"shape": "valley"},
    "convex": {"shape": "convex"},
    "concave": {"shape": "concave"},
    "ordered": {"shape": {"name": "ordered", "weights": [-1, 0, 0, 1]}},
    "power_law": {"shape": {"name": "power_law", "exponent": [-0.75, -0.25]}, "min_effect": 0.25},
    "scaling_law": {"shape": "scaling_law"},
    "above": {"shape": {"name": "above", "value": 0.5}, "min_effect": None},
    "below": {"shape": {"name": "below", "value": 0.5}, "min_effect": None},
}


ALIKE = ("linear", "valley", "convex", "ordered", "below")  # each like another one, whose test is fast


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.slow if each in ALIKE else []) for each in CLAIMS]
)
def test_shapes_of_every_kind_are_planned(name):
    """A true claim is found present with little noise, and never where the claim is false.

    A mirror image of another shape, and what is planned like one, is slow.
    """
    claim = ss.Signature(**{"min_effect": 2.0, **CLAIMS[name]})
    found = ss.plan(
        claim,
        noise=0.05,
        seeds=4,
        levels=None if name == "ordered" else 8,
        replications=20,
        budget=1e-9,
        effect=6.0 if name != "power_law" else None,
    ).prospect()
    assert found.chance("as predicted", "present").probability > 0.8
    worst = next(each.name for each in found.worlds if each.name in ("nothing", "it changes"))
    assert found.chance(worst, "present").probability <= 0.1
    assert not found.at_risk


@pytest.mark.long
@pytest.mark.parametrize(
    "shape",
    [
        "higher",
        "equivalent",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("lower", "not_worse")),
    ],
)
def test_claims_on_a_baseline_are_decided_by_compare(shape):
    """Claims without a knob have runs, and no levels; two that are decided like the others are slow."""
    claim = ss.Signature(shape=shape, baseline="base", min_effect=2.0)
    found = ss.plan(claim, noise=0.5, seeds=5, replications=20).prospect()
    assert found.chance("as predicted", "present").probability > 0.9
    worst = found.worlds[1].name
    assert found.chance(worst, "absent").probability > 0.8
    assert found.design.levels == ()
    assert found.cheapest.seeds == {"treatment": 3, "base": 3}


@pytest.mark.long
def test_a_part_of_the_baseline_needs_its_mean():
    """A margin in per cent asks for the level of the baseline."""
    claim = ss.Signature(shape="higher", baseline="base", min_effect="5%")
    with pytest.raises(OptionError, match="Give it as `start`"):
        ss.plan(claim, **QUICK)
    assert ss.plan(claim, start=20.0, **QUICK).prospect().effect == 2.0


@pytest.mark.long
def test_reports_are_made_in_every_format(small):
    """Text, JSON, Markdown, LaTeX and HTML tell the same two sentences."""
    text = small.summary(full=True)
    assert text.startswith("If all is as predicted, 3 seeds of treatment and 3 of control at 8 levels")
    values = json.loads(small.to_json())
    assert values["prospects"][0]["next"][0]["code"] == "change_design"
    assert values["prospects"][0]["cheapest"]["seeds"] == small.cheapest().seeds
    assert values["prospects"][0]["chances"][0]["truth"] == "as predicted"
    for report in (small.to_markdown(), small.to_html(), small._repr_html_()):
        assert "as predicted" in report
    assert "as predicted" in small.to_latex()
    assert str(small) in " ".join(text.split())[: len(str(small)) + 1]


@pytest.mark.long
def test_the_figure_shows_the_target_and_both_designs(small):
    """The declared and the cheapest design are named."""
    figure = small.plot()
    texts = [each.get_text() for each in figure.axes[1].texts]
    assert any(each.startswith("declared: 3 + 3") for each in texts)
    assert any(each.startswith("cheapest") for each in texts)
    assert any(each == "target 0.8" for each in texts)
    assert figure.axes[2].get_ylabel() == "cost"


def codes(outlook):
    return {each.code for each in outlook.prospect().next}


@pytest.mark.long
def test_what_to_do_is_data():
    """A design that reaches the target needs nothing; one that cannot be afforded asks for a larger budget."""
    assert ss.plan(RISE, seeds=12, levels=5, **SEARCH | {"budget": 120}).prospect().next == ()
    assert codes(ss.plan(RISE, seeds=3, levels=5, budget=10, **SEARCH)) == {"raise_budget"}
    more = ss.plan(RISE, seeds=3, levels=3, **SEARCH)
    assert codes(more) == {"add_seeds"}
    added = {each.condition: each.n for each in more.prospect().next}
    assert added["control"] == more.cheapest().seeds["control"] - 3
    small = replace(RISE, min_effect=5.0)
    assert codes(ss.plan(small, seeds=3, levels=3, effect=2.0, **ALONE)) == {"change_card"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "nothing says how much runs vary"),
        ({"noise": 1.0, "pilot": ss.simulate_sweep(1.0)}, "both given"),
        ({"noise": {"slope_sd": 1.0}}, "lacks the residual sd"),
        ({"noise": {"sd": 1.0, "slop_sd": 1.0}}, "Did you mean 'slope_sd'"),
        ({"noise": -1.0}, "noise"),
        ({"noise": 1.0, "seeds": {"treatmnt": 3}}, "Did you mean 'treatment'"),
        ({"noise": 1.0, "seeds": {"treatment": 3}}, "says nothing of 'control'"),
        ({"noise": 1.0, "seeds": 2.5}, "seeds"),
        ({"noise": 1.0, "levels": [3, 2, 1]}, "ascending"),
        ({"noise": 1.0, "target": 1.0}, "target"),
        ({"noise": 1.0, "truths": {}}, "empty"),
        ({"noise": 1.0, "cost": {"seed": -1.0}}, "cost"),
        ({"noise": 1.0, "replications": 5}, "replications"),
        ({"noise": 1.0, "effect": -1.0}, "effect"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    """The error names the option and what it may be."""
    with pytest.raises(OptionError, match=message):
        ss.plan(RISE, **options)


def test_only_signatures_can_be_planned():
    """Something else is refused by its type."""
    with pytest.raises(SignatureError, match="is a str 'increasing'; it must be a Signature"):
        ss.plan("increasing", noise=1.0)


@pytest.mark.long
def test_a_name_is_whole_up_to_sixty_characters():
    """Lines are wrapped, so that a name may be long; a longer one is cut."""
    whole, long = "accuracy on shifted test images rises with crops", "a name that goes on " * 10
    for name in (whole, long):
        outlook = ss.plan(replace(RISE, name=name), seeds=3, levels=4, **SEARCH)
        said = " ".join(outlook.summary(full=True).split())
        assert (f"{name}: If all is as predicted" in said) == (name == whole)
        assert long.strip() not in said
        assert max(map(len, outlook.summary(full=True).splitlines())) <= 100
