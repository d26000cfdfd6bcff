"""Groups of draws and data as ArviZ sees them, on whichever version is installed."""

import importlib
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy import stats

import sigstats as ss
from sigstats import priors
from sigstats.errors import OptionError

GROUPS = {"posterior", "posterior_predictive", "log_likelihood", "prior", "observed_data", "constant_data"}
PROPER = {
    "mu_beta": priors.normal(0, 5),
    "sigma": priors.half_normal(1),
    "sigma_alpha": priors.half_normal(1),
    "sigma_beta": priors.exponential(1.0),
}


@pytest.fixture(scope="module")
def arviz():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("arviz")


@pytest.fixture(scope="module")
def sweep() -> ss.SweepTable:
    """Two treatments and a control, a level of one seed missing."""
    effects = {"a": 4.0, "b": 3.0, "control": 0.0}
    whole = ss.simulate_sweep(effects, n_seeds=5, levels=8, slope_sd=0.5, intercept_sd=1.0, rng=5)
    frame = whole.to_frame()
    return ss.SweepTable.from_frame(frame.drop(index=frame.index[3]))


@pytest.fixture(scope="module")
def found(sweep: ss.SweepTable) -> ss.Slopes:
    return ss.hierarchical_slopes(sweep, control="control")


@pytest.fixture(scope="module")
def data(found: ss.Slopes):
    return found.to_arviz(2000)


def groups_of(data) -> set[str]:
    """Return the names of the groups, on either version."""
    names = data.children if hasattr(data, "children") else data.groups()
    return {name.strip("/") for name in names}


def test_every_group_is_there_with_named_dimensions(found, data):
    """Slopes go by condition and seed, rows by condition, seed and level; draws lie in four chains."""
    assert groups_of(data) == GROUPS
    posterior = data["posterior"]
    assert posterior["beta"].dims == ("chain", "draw", "seed")
    assert dict(posterior["beta"].sizes) == {"chain": 4, "draw": 500, "seed": 10}
    assert posterior["condition_slope"].coords["condition"].values.tolist() == ["a", "b"]
    assert "a: a-0" in posterior["beta"].coords["seed"].values.tolist()
    assert (
        data["log_likelihood"]["y"].dims == data["posterior_predictive"]["y"].dims == ("chain", "draw", "obs")
    )
    assert data["observed_data"]["y"].sizes["obs"] == data["log_likelihood"]["y"].sizes["obs"] == 79
    treated = found.seeds[found.seeds["role"] == "treatment"]
    labels = (treated["condition"] + ": " + treated["seed"]).tolist()
    assert posterior["beta"].coords["seed"].values.tolist() == labels
    means = posterior["beta"].mean(("chain", "draw")).values
    np.testing.assert_allclose((means - treated["shrunken"]) / treated["sd"], 0.0, atol=0.1)


def test_rows_are_those_of_the_table(sweep, data):
    """Each row carries the user's own metric, condition, seed and level."""
    observed = data["observed_data"]["y"]
    rows = zip(
        observed.coords["condition"].values.tolist(),
        observed.coords["seed"].values.tolist(),
        observed.coords["level"].values.tolist(),
        strict=True,
    )
    frame = sweep.to_frame().set_index([sweep.condition, sweep.seed, sweep.knob])[sweep.metric]
    np.testing.assert_allclose(observed.values, [frame.loc[row] for row in rows], rtol=1e-12)
    level, x = observed.coords["level"].values, data["constant_data"]["x"].values
    np.testing.assert_allclose(x, (level - level.min()) / np.ptp(level) - 0.5, atol=1e-12)


@pytest.mark.parametrize("shape", ["increasing", "decreasing"])
def test_the_pointwise_log_likelihood_is_that_of_the_lines(sweep, shape):
    """It is the normal log density of each row around its seed's line, whichever direction was predicted."""
    data = ss.hierarchical_slopes(sweep, treatment=["a", "b"], shape=shape).to_arviz(40)
    posterior, y = data["posterior"], data["observed_data"]["y"]
    labels = [f"{c}: {s}" for c, s in zip(y["condition"].values, y["seed"].values, strict=True)]
    lines = posterior["alpha"].sel(seed=labels).values
    lines = lines + posterior["beta"].sel(seed=labels).values * data["constant_data"]["x"].values
    expected = stats.norm(lines, posterior["sigma"].values[..., None]).logpdf(y.values)
    np.testing.assert_allclose(data["log_likelihood"]["y"].values, expected, rtol=1e-9, atol=1e-9)
    assert abs(float((y.values - lines).mean())) < 0.3


def test_predictions_scatter_around_the_data_as_the_model_says(data):
    """Predicted rows rank the observed ones about evenly."""
    predicted, y = data["posterior_predictive"]["y"], data["observed_data"]["y"]
    rank = (predicted.values <= y.values).mean(axis=(0, 1))
    assert 0.4 < rank.mean() < 0.6
    assert 0.15 < rank.std() < 0.35


def test_the_prior_group_says_which_parameters_a_flat_prior_leaves_out(data):
    """Default priors on the means are flat: only the standard deviations have draws, and the group says so."""
    prior = data["prior"]
    assert set(prior.data_vars) == {"sigma", "sigma_alpha", "sigma_beta", "sigma_condition_slope"}
    assert "mu_beta" in prior.attrs["left_out"]
    assert "flat prior" in prior.attrs["left_out"]
    half = float(np.median(prior["sigma"].values))
    scale = float(prior.attrs["priors"].split("sigma ~ half_cauchy(")[1].split(")")[0])
    assert half == pytest.approx(scale, rel=0.15)


def test_proper_priors_have_draws_of_everything(sweep):
    """With proper priors the prior group holds every variable of the posterior."""
    alone = ss.hierarchical_slopes(sweep, treatment="a", mu_alpha=priors.normal(1, 2), **PROPER).to_arviz(
        8000
    )
    assert set(alone["prior"].data_vars) == set(alone["posterior"].data_vars)
    assert alone["prior"].attrs["left_out"] == ""
    assert float(alone["prior"]["alpha"].mean()) == pytest.approx(1.0, abs=0.1)
    assert float(alone["prior"]["beta"].var()) == pytest.approx(25 + 2, rel=0.1)
    spread = priors.half_normal(1)
    both = ss.hierarchical_slopes(sweep, treatment=["a", "b"], sigma_condition_slope=spread, **PROPER)
    prior = both.to_arviz(8000)["prior"]
    assert float(prior["condition_slope"].var()) == pytest.approx(25 + 1, rel=0.1)
    assert float(prior["beta"].var()) == pytest.approx(25 + 1 + 2, rel=0.1)
    assert set(prior.attrs["left_out"].split(":")[0].split(", ")) == {"condition_intercept", "alpha"}


def test_without_any_proper_prior_there_is_no_prior_group():
    """All priors flat: the posterior exists with enough seeds, and says why no prior group is there."""
    sweep = ss.simulate_sweep(3.0, n_seeds=8, levels=6, slope_sd=0.5, rng=7)
    flat = dict.fromkeys(("sigma", "sigma_alpha", "sigma_beta"), priors.flat())
    data = ss.hierarchical_slopes(sweep, **flat).to_arviz(8)
    assert groups_of(data) == GROUPS - {"prior"}
    assert "sigma_beta" in data["posterior"].attrs["no_prior_group"]


def test_arviz_summarises_compares_and_draws(arviz, sweep, data):
    """Summary, leave-one-out, comparison and forest plot work; lines that may rise have the better elpd."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    narrow = priors.half_normal(0.1)
    level = ss.hierarchical_slopes(
        sweep,
        treatment=["a", "b"],
        mu_beta=priors.normal(0, 0.1),
        sigma_beta=narrow,
        sigma_condition_slope=narrow,
    )
    table = arviz.summary(data, var_names=["mean_slope", "condition_slope", "sigma"])
    assert len(table) == 4
    assert float(table["r_hat"].astype(float).max()) < 1.02
    loo = arviz.loo(data)
    assert loo.n_data_points == 79
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pandas 3.1, for ArviZ 0.23
        warnings.simplefilter("ignore", UserWarning)  # a Pareto k just above 0.7 is no concern here
        compared = arviz.compare({"free": data, "level": level.to_arviz(2000)})
    assert compared.index[0] == "free"
    drawn = arviz.plot_forest(data, var_names=["beta"])
    assert drawn is not None
    plt.close("all")


def test_the_control_has_draws_of_its_own(found):
    """The control's model is another object, with its own rows."""
    control = found.to_arviz(40, role="control")
    assert set(control["observed_data"]["y"].coords["condition"].values.tolist()) == {"control"}
    assert "sigma_condition_slope" not in control["posterior"]


def test_too_many_or_too_few_draws_are_refused(found):
    """Fewer than one draw per chain, and more than memory holds, raise; a rest is left out."""
    with pytest.raises(OptionError, match="`n`"):
        found.to_arviz(3)
    with pytest.raises(OptionError, match=r"`n` is 1000000 and the table has 79 rows.* 632908 draws"):
        found.to_arviz(1_000_000)
    assert found.to_arviz(43)["posterior"].sizes["draw"] == 10


def test_the_notice_of_arviz_never_reaches_the_user():
    """Importing ArviZ through sigstats is silent, also where it is the first import."""
    code = (
        "import warnings; warnings.simplefilter('always'); import sigstats as ss; "
        "ss.hierarchical_slopes(ss.simulate_sweep(3.0, n_seeds=3)).to_arviz(40)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "rviz" not in done.stdout + done.stderr
