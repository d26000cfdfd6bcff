"""Hierarchical slopes of a sweep."""

import numpy as np
import pytest

import sigstats as ss
from sigstats import priors
from sigstats.errors import OptionError
from sigstats.stats import random_slopes


@pytest.fixture(scope="module")
def sweep() -> ss.SweepTable:
    """Two treatments and a control whose slopes vary by seed."""
    effects = {"a": 4.0, "b": 3.0, "control": 0.0}
    return ss.simulate_sweep(effects, n_seeds=5, levels=8, slope_sd=0.5, intercept_sd=1.0, rng=5)


def test_one_treatment_is_the_random_slopes_model_of_its_curves():
    """The posterior is that of random_slopes on the rescaled knob under the priors that are printed."""
    sweep = ss.simulate_sweep(3.0, n_seeds=5, levels=6, slope_sd=0.5, rng=7)
    given = {
        "sigma": priors.half_normal(2.0),
        "sigma_alpha": priors.half_normal(3.0),
        "sigma_beta": priors.half_normal(2.0),
    }
    found = ss.hierarchical_slopes(sweep, mu_alpha=priors.normal(0, 9), mu_beta=priors.normal(0, 9), **given)
    curves = sweep.matrix("treatment")
    rows, columns = np.nonzero(np.isfinite(curves))
    x = (sweep.levels - sweep.levels[0]) / np.ptp(sweep.levels) - 0.5
    centred = curves - np.median(curves)
    direct = random_slopes(
        x[columns],
        centred[rows, columns],
        rows,
        mu_alpha=priors.normal(0, 9),
        mu_beta=priors.normal(0, 9),
        **given,
    )
    assert found.mean == pytest.approx(float(direct.mu_beta.mean), rel=1e-6)
    assert found.sd == pytest.approx(float(direct.mu_beta.sd), rel=1e-5)
    assert found.prob_positive == pytest.approx(direct.prob_positive, rel=1e-6)


def test_seeds_are_drawn_towards_each_other_and_controls_stay_apart(sweep):
    """Shrunken slopes lie closer together than raw ones; removing the control changes nothing for the treatments."""
    found = ss.hierarchical_slopes(sweep, control="control")
    treated = found.seeds[found.seeds["role"] == "treatment"]
    assert treated["shrunken"].std() < treated["raw"].std()
    assert len(treated) == found.n_seeds == 10
    alone = ss.hierarchical_slopes(sweep, treatment=["a", "b"])
    assert alone.mean == pytest.approx(found.mean, rel=1e-9)
    assert set(found.conditions["condition"]) == {"a", "b", "control"}


def test_wider_priors_on_the_spread_widen_the_posterior(sweep):
    """Sensitivity tells how the answer moves when the scales of the priors are multiplied."""
    table = ss.hierarchical_slopes(sweep, control="control").sensitivity((0.3, 1.0, 3.0))
    spread = table[table["prior"] == "sigma_beta"].sort_values("factor")
    assert spread["sd"].is_monotonic_increasing
    assert len(table) == 9


def test_the_metric_s_unit_does_not_matter(sweep):
    """Multiplying the metric multiplies the answer."""
    frame = sweep.to_frame()
    column = sweep.metric
    scaled = frame.assign(**{column: frame[column] * 1024.0})
    one, other = (ss.hierarchical_slopes(data, control="control") for data in (frame, scaled))
    assert other.mean == pytest.approx(1024 * one.mean, rel=1e-6)
    assert other.prob_positive == pytest.approx(one.prob_positive, rel=1e-6)


def test_draws_follow_the_posterior_and_reach_arviz(sweep):
    """Draws have the posterior's mean, and ArviZ sees the seeds by name."""
    found = ss.hierarchical_slopes(sweep, control="control")
    draws = found.draws(4000)
    assert draws.mu_beta.mean() == pytest.approx(found.mean, abs=4 * found.sd / np.sqrt(4000))
    data = found.to_arviz(400)
    posterior = data["posterior"]
    assert posterior["beta"].sizes["seed"] == 10
    assert "a: a-0" in posterior["beta"].coords["seed"].values.tolist()


def test_what_the_model_cannot_say_is_an_error():
    """Fresh runs have no lines of their own, and curves without noise give no scale."""
    fresh = ss.simulate_sweep(2.0, n_seeds=4, independent=True)
    with pytest.raises(OptionError, match="repeated design"):
        ss.hierarchical_slopes(fresh)
    lines = np.outer(np.arange(1.0, 5.0), np.arange(5.0))
    exact = ss.SweepTable.from_matrices(np.arange(5.0), {"treatment": lines})
    with pytest.raises(OptionError, match="priors"):
        ss.hierarchical_slopes(exact)


def test_importing_the_package_loads_no_arviz_notice(sweep, recwarn):
    """The notice that ArviZ prints at import never reaches the user."""
    ss.hierarchical_slopes(sweep, control="control").to_arviz(40)
    assert not [each for each in recwarn if "arviz" in str(each.message).lower()]
