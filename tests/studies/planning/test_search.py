"""Designs are ordered by an approximation that agrees with exact power, and only then simulated."""

from dataclasses import replace

import numpy as np
import pytest

import sigstats as ss
from sigstats.stats.scores.power import t_power
from sigstats.studies.planning import search
from sigstats.studies.planning.record import Noise
from sigstats.studies.planning.trials import Asked

LEVELS = np.arange(8.0)


def space(*, control=False, effect=2.0, target=0.8, budget=None, cell=1.0, **noise):
    """Return the space of designs of a rise."""
    roles = {"treatment": "treatment"} | ({"control": "control"} if control else {})
    asked = Asked(
        signature=ss.Signature(shape="increasing", control="control" if control else None),
        roles=roles,
        noise=Noise(sd=dict.fromkeys(roles, 1.0), **noise),
        start=dict.fromkeys(roles, 0.0),
        start_known=False,
        bounds=None,
        levels=LEVELS,
    )
    return search.Space(
        asked=asked,
        effect=effect,
        margin=None,
        prices=search.Prices(cell=dict.fromkeys(roles, cell), seed=0.0),
        level_sets=search.level_sets(LEVELS, 3, fixed=False, scale="linear"),
        target=target,
        budget=budget,
    )


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("slope_sd", [0.0, 1.0])
def test_without_a_control_it_is_the_power_of_a_t_test(n, slope_sd):
    """The draws give the noncentral t distribution's power."""
    x = np.linspace(0.0, 1.0, LEVELS.size)
    variance = slope_sd**2 + 1.0 / ((x - x.mean()) ** 2).sum()
    found = search.approximate(
        space(slope_sd=slope_sd), np.array([float(n)]), np.array([float(n)]), LEVELS, 1.0
    )
    assert found[0] == pytest.approx(t_power(n, 2.0, variance, n - 1.0, 0.05), abs=0.03)


def test_more_of_anything_is_no_worse():
    """Seeds of either side raise the approximate probability; noise lowers it."""
    seeds = np.arange(3.0, 13.0)
    wide = space(control=True)
    assert (np.diff(search.approximate(wide, seeds, np.full(10, 5.0), LEVELS, 1.0)) > -0.02).all()
    assert (np.diff(search.approximate(wide, np.full(10, 5.0), seeds, LEVELS, 1.0)) > -0.02).all()
    chances = [
        search.approximate(wide, seeds[:1], seeds[:1], LEVELS, factor)[0] for factor in (0.5, 1.0, 2.0)
    ]
    assert chances == sorted(chances, reverse=True)


def test_level_sets_keep_the_ends():
    """Fewer levels are spread over the whole range, on the knob's scale."""
    levels = 2.0 ** np.arange(9)
    for chosen in search.level_sets(levels, 3, fixed=False, scale="log"):
        assert chosen[0] == 1.0
        assert chosen[-1] == 256.0
    assert search.level_sets(levels, 3, fixed=True, scale="log")[0].size == 9


def simulated(truth):
    """Return a stand-in for simulations: the approximation itself, with other noise."""

    def simulate(design, key):
        n, m = (np.array([float(design.seeds[name])]) for name in ("treatment", "control"))
        share = search.approximate(space(control=True), n, m, np.array(design.levels), truth)[0]
        return replace(design, probability=float(share), error=0.01)

    return simulate


@pytest.mark.long
@pytest.mark.parametrize("truth", [0.7, 1.6])
def test_the_cheapest_design_is_found_although_the_approximation_is_off(truth):
    """What is simulated brings the approximation in line; no cheaper design reaches the target."""
    wide, seeds = space(control=True), {"treatment": 3, "control": 3}
    simulate = simulated(truth)
    declared = simulate(search.made(seeds, LEVELS, wide.prices, 0.0), 0)
    found = search.cheapest(wide, declared, simulate)
    assert found.cheapest.probability >= wide.target
    assert found.nearest is None
    cheaper = [each for each in search.designs(wide) if each.cost < found.cheapest.cost]
    assert list(search.first_good(wide, cheaper, truth, wide.target)) == []
    assert len(found.tried) <= search.MOST_TRIED + 1


@pytest.mark.long
@pytest.mark.parametrize("lucky", [0.03, 0.1, 0.2])
def test_a_design_reaches_the_target_only_if_new_draws_confirm_it(lucky):
    """Draws by which designs were chosen are too favourable; the next design is tried, or the nearest one is named."""
    wide = space(control=True)

    def simulate(design, key):
        found = simulated(1.0)(design, key)
        share = found.probability if key == 1 else found.probability - lucky
        return replace(found, probability=share)

    declared = simulate(search.made({"treatment": 3, "control": 3}, LEVELS, wide.prices, 0.0), 2)
    found = search.cheapest(wide, declared, simulate)
    said = found.cheapest or found.nearest
    assert (said.probability >= wide.target) == (found.cheapest is not None)
    assert said == simulate(said, 2)
    assert None in (found.cheapest, found.nearest)


@pytest.mark.long
def test_where_no_design_reaches_the_target_the_nearest_one_is_named():
    """Its probability is that of new draws, too."""
    wide = space(control=True, target=0.9)

    def simulate(design, key):
        return replace(
            design, probability=0.3 + 0.01 * max(design.seeds.values()) - 0.1 * (key == 2), error=0.01
        )

    declared = simulate(search.made({"treatment": 3, "control": 3}, LEVELS, wide.prices, 0.0), 0)
    found = search.cheapest(wide, declared, simulate)
    assert found.cheapest is None
    most = max(max(each.seeds.values()) for each in found.tried)
    assert max(found.nearest.seeds.values()) == most
    assert found.nearest.probability == pytest.approx(0.2 + 0.01 * most)


def test_nothing_is_found_where_nothing_is_affordable():
    """A budget below three seeds at three levels leaves no design."""
    wide = space(control=True, budget=10.0)
    declared = search.made({"treatment": 3, "control": 3}, LEVELS, wide.prices, 0.5)
    found = search.cheapest(wide, declared, simulated(1.0))
    assert found.cheapest is None
    assert found.nearest is None
