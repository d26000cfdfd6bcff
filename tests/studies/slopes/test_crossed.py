"""Hierarchical slopes where every run was measured on the same items."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import sigstats as ss
from sigstats import priors
from sigstats.errors import InputError, OptionError, TableError
from sigstats.stats.bayes.crossed import crossed_slopes
from sigstats.stats.bayes.marginals import Marginal

REFERENCE = Path(__file__).parents[2] / "reference" / "crossed"
COLUMNS = {"knob": "level", "metric": "score", "seed": "run", "condition": "condition"}
GIVEN = {  # the priors of the sampler's script
    "sigma_beta": priors.half_cauchy(0.5),
    "sigma_item": priors.half_cauchy(0.8),
    "sigma_rest": priors.half_cauchy(0.6),
}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Two conditions, five runs each, on eight items at four levels."""
    return pd.read_csv(REFERENCE / "rows.csv")


@pytest.fixture(scope="module")
def found(rows: pd.DataFrame) -> ss.Slopes:
    return ss.hierarchical_slopes(rows, item="item", control="old", min_effect=0.5, **COLUMNS)


@pytest.fixture(scope="module")
def sampled(rows: pd.DataFrame) -> ss.Slopes:
    """The same under the priors of the sampler."""
    return ss.hierarchical_slopes(rows, item="item", control="old", **COLUMNS, **GIVEN)


def lme4() -> dict[str, float]:
    return pd.read_csv(REFERENCE / "lme4.csv").set_index("name")["value"].to_dict()


def without_priors(found: ss.Slopes, which: str) -> tuple[np.ndarray, float]:
    """Return the variances of rest, runs and items that fit best, and the log likelihood there."""
    model = (found.posterior if which == "new" else found.control_posterior).model
    priors_of = [lambda log_sd, j=j: float(model.log_prior(j, log_sd)) for j in range(3)]

    def misfit(log_sds: np.ndarray) -> float:
        return sum(p(log_sd) for p, log_sd in zip(priors_of, log_sds, strict=True)) - float(
            model.log_density(*log_sds)
        )

    best = optimize.minimize(
        misfit, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    return (model.unit * np.exp(best.x)) ** 2, -best.fun


@pytest.mark.parametrize("which", ["new", "old"])
def test_without_priors_the_model_is_that_of_lme4_and_statsmodels(found, which):
    """The likelihood has its maximum at their variances (REML), the same height there, and their mean and error."""
    known = lme4()
    other = pd.read_csv(REFERENCE / "statsmodels.csv").set_index("case").loc[which]
    variances, height = without_priors(found, which)
    for name, value in zip(("rest", "run", "item"), variances, strict=True):
        assert value == pytest.approx(known[f"{which}_{name}"], rel=1e-4)
        assert value == pytest.approx(known[f"{which}_rows_{name}"], rel=1e-4)  # of the rows themselves
        assert value == pytest.approx(other[name], rel=1e-3)
    assert height == pytest.approx(known[f"{which}_loglik"], abs=1e-6)
    row = found.conditions.set_index("condition").loc[which]
    assert row["raw"] == pytest.approx(known[f"{which}_mean"], rel=1e-8)
    assert row["raw_sd"] == pytest.approx(known[f"{which}_se"], rel=1e-5)
    assert row["raw"] == pytest.approx(known[f"{which}_rows_mean"], rel=1e-8)
    assert row["raw_sd"] == pytest.approx(other["se"], rel=1e-3)


def test_shrunken_runs_are_lme4_s_where_the_spreads_are_known(rows):
    """With priors that fix the spreads at lme4's, each run's slope is its best linear prediction."""
    known = lme4()
    fixed = {
        name: priors.half_t(1e6, 1e-3 * math.sqrt(known[f"new_{part}"]))
        for name, part in (("sigma_seed", "run"), ("sigma_item", "item"), ("sigma_rest", "rest"))
    }
    mine = rows[rows["condition"] == "new"].pivot_table(
        index=["run", "item"], columns="level", values="score"
    )
    x = np.linspace(-0.5, 0.5, 4)
    slopes = pd.Series(mine.to_numpy() @ x / (x @ x), index=mine.index).unstack("item")
    model = crossed_slopes([slopes.to_numpy()], [1.0], **fixed).model
    seed, rest = known["new_run"], known["new_rest"]
    keep = seed / (seed + rest / 8)
    means = model.unit * (model.centre + keep * (model.means[0] - model.centre))
    for run, value in zip(slopes.index, means, strict=True):
        assert known[f"blup_{run}"] == pytest.approx(value, rel=1e-4)


def answers(found: ss.Slopes, case: str) -> dict[str, Marginal]:
    """Return the marginals of a case of the sampler."""
    if case == "new - old":
        return {"mean": found.contrast}
    posterior = found.posterior if case == "new" else found.control_posterior
    return {
        "mean": posterior.mean_slope,
        "these": posterior.these_items,
        "run": posterior.sigma_seed,
        "item": posterior.sigma_item,
        "rest": posterior.sigma_rest,
    }


@pytest.mark.parametrize("case", ["new", "old", "new - old"])
def test_the_posterior_is_that_of_a_gibbs_sampler(sampled, case):
    """Means, second moments and tail probabilities agree with a million draws within five Monte Carlo errors."""
    known = pd.read_csv(REFERENCE / "gibbs.csv")
    known = known[known["case"] == case]
    compared = 0
    for parameter, marginal in answers(sampled, case).items():
        for row in known[known["parameter"] == parameter].itertuples():
            value = {
                "mean": lambda m: m.mean,
                "square": lambda m: m.mean**2 + m.sd**2,
                "positive": lambda m: m.prob_positive,
            }.get(row.number)
            if row.number.startswith("below"):
                end = float(row.number.removeprefix("below "))
                assert float(marginal.cdf(end)) == pytest.approx(row.value, abs=5 * row.error)
            elif value is not None:
                assert float(value(marginal)) == pytest.approx(row.value, abs=5 * row.error)
            compared += 1
    assert compared >= 6


def test_raw_errors_are_those_of_the_analysis_of_variance(found):
    """Treatment minus control has the two-way error over new runs and items, and that of runs alone on these."""
    known, means = lme4(), found.means.set_index("mean_over")
    both, these = means.loc["treatment - control"], means.loc["treatment - control, on these items"]
    assert both["raw"] == pytest.approx(known["difference_mean"], rel=1e-8)
    assert both["raw_sd"] == pytest.approx(known["difference_se"], rel=1e-6)
    assert these["raw_sd"] == pytest.approx(known["difference_these_se"], rel=1e-6)


def test_new_items_widen_every_interval(found):
    """On these items the mean slope is known better than on new ones, and its centre is the same."""
    crossing = found.crossing
    assert crossing.n_items == 8
    assert crossing.n_left_out == 0
    assert crossing.these_items.value == pytest.approx(found.mean, rel=1e-12)
    assert found.estimate.low < crossing.these_items.low < crossing.these_items.high < found.estimate.high
    assert crossing.prob_positive > found.prob_positive
    assert crossing.contrast.sd < found.contrast.sd
    # an item that is steep in both conditions cancels in their difference
    each = found.conditions["sd"].to_numpy()
    assert found.contrast.sd < 0.75 * math.hypot(*each)


def test_the_split_of_the_variance_sums_to_one_and_names_what_is_large(rows):
    """Items that differ much take most of the variance; without them runs do."""
    tuned = rows[rows["condition"] == "new"]
    for factor, larger in ((4.0, "items"), (0.0, "seeds")):
        bend = tuned["item"].str[1:].astype(int) - 4.5
        noise = np.random.default_rng(5).normal(0, 0.1, len(tuned))
        own = tuned["run"].str[-1].astype(int) * tuned["level"] + factor * bend * tuned["level"]
        split = ss.hierarchical_slopes(tuned.assign(score=own + noise), item="item", **COLUMNS).crossing.split
        assert split.seeds + split.items + split.rest == pytest.approx(1.0)
        assert getattr(split, larger) > 0.9


def test_items_are_shrunken_towards_each_other(found, rows):
    """One row per condition and item: the raw mean over runs, and one nearer to the mean."""
    table = found.items
    assert len(table) == 16
    assert set(table["condition"]) == {"new", "old"}
    mine = table[table["condition"] == "new"]
    assert mine["shrunken"].std() < mine["raw"].std()
    assert mine["shrunken"].mean() == pytest.approx(mine["raw"].mean())
    assert np.all((mine["low"] < mine["shrunken"]) & (mine["shrunken"] < mine["high"]))
    q1 = rows[(rows["condition"] == "new") & (rows["item"] == "q1")]
    lines = [np.polyfit(each["level"] / 3, each["score"], 1)[0] for _, each in q1.groupby("run")]
    assert mine.set_index("item").loc["q1", "raw"] == pytest.approx(np.mean(lines))
    run = rows[rows["run"] == "new1"].groupby("level")["score"].mean()
    own = found.seeds.set_index("seed").loc["new1"]
    assert own["raw"] == pytest.approx(np.polyfit(run.index / 3, run, 1)[0])
    assert own["raw_sd"] == pytest.approx(math.sqrt(lme4()["new_rest"] / 8), rel=1e-4)


def test_many_items_without_a_spread_are_the_plain_model(rows):
    """Where items do not differ and are many, the answer comes near to that of seeds' means."""
    source = np.random.default_rng(9)
    runs = source.normal(2.0, 0.7, 6)
    parts = [
        (run, item, level, runs[run] * level / 4 + source.normal(0, 0.2))
        for run in range(6)
        for item in range(60)
        for level in range(5)
    ]
    frame = pd.DataFrame(parts, columns=["run", "item", "level", "score"])
    names = {name: column for name, column in COLUMNS.items() if name != "condition"}
    crossed = ss.hierarchical_slopes(frame, item="item", **names)
    plain = ss.hierarchical_slopes(frame, aggregate="mean", **names)
    assert crossed.mean == pytest.approx(plain.mean, rel=1e-9)
    assert crossed.sd == pytest.approx(plain.sd, rel=0.1)
    assert crossed.crossing.split.items < 0.05


def test_several_treatments_answer_for_their_mean(rows):
    """Each condition has a flat prior: none is drawn to another, and the mean is that of their means."""
    found = ss.hierarchical_slopes(rows, item="item", **COLUMNS)
    assert found.n_seeds == 10
    assert found.contrast is None
    assert list(found.means["mean_over"]) == ["treatments", "treatments, on these items"]
    np.testing.assert_allclose(found.conditions["shrunken"], found.conditions["raw"], rtol=1e-9)
    assert found.mean == pytest.approx(found.conditions["raw"].mean())
    assert len(found.items) == 16


def test_direction_and_unit_turn_and_stretch_the_answer(rows, found):
    """A predicted fall turns the sign; another unit multiplies everything; the order of rows is nothing."""
    fall = rows.assign(score=100.0 - rows["score"])
    down = ss.hierarchical_slopes(fall, item="item", control="old", shape="decreasing", **COLUMNS)
    assert down.mean == pytest.approx(found.mean, rel=1e-9)
    assert down.contrast.sd == pytest.approx(found.contrast.sd, rel=1e-6)
    other = rows.assign(score=rows["score"] * 2.0**-30).sample(frac=1.0, random_state=1)
    other = ss.hierarchical_slopes(other, item="item", control="old", **COLUMNS)
    for unit in (1e300, 1e-300):
        scaled = ss.hierarchical_slopes(
            rows.assign(score=rows["score"] * unit), item="item", control="old", **COLUMNS
        )
        for one, two in zip(found.means.itertuples(), scaled.means.itertuples(), strict=True):
            assert two.raw_sd == pytest.approx(one.raw_sd * unit, rel=1e-9)
            assert two.high == pytest.approx(one.high * unit, rel=1e-5)
        assert scaled.crossing.split.items == pytest.approx(found.crossing.split.items, rel=1e-4)
    assert other.sd * 2.0**30 == pytest.approx(found.sd, rel=1e-6)
    assert other.contrast.prob_positive == pytest.approx(found.contrast.prob_positive, rel=1e-6)


def test_sensitivity_multiplies_each_prior(found):
    """Priors of runs, items and rest, for the mean and the contrast; a wider one of the items widens the answer."""
    table = found.sensitivity((1.0, 10.0))
    assert list(dict.fromkeys(table["prior"])) == ["sigma_beta", "sigma_item", "sigma_rest"]
    mine = table[table["prior"] == "sigma_item"].reset_index(drop=True)
    assert mine.loc[0, "sd"] == pytest.approx(found.sd)
    assert mine.loc[0, "contrast_sd"] == pytest.approx(found.contrast.sd)
    assert mine.loc[1, "sd"] > mine.loc[0, "sd"]
    assert mine.loc[1, "contrast_sd"] > mine.loc[0, "contrast_sd"]


def test_reports_say_that_items_were_crossed(found, rows):
    """Text names the items, the split of the variance and both populations; JSON has the numbers."""
    text = found.summary(full=True)
    assert "the same 8 items (seeds and items are crossed)" in text
    assert "Variance of the treatment's mean slope: " in text
    assert "treatment, on these items" in text
    plain = found.to_dict()
    assert plain["crossing"]["n_items"] == 8
    assert plain["crossing"]["split"]["items"] == found.crossing.split.items
    assert plain["contrast"] == {
        name: getattr(found.contrast, name) for name in ("mean", "sd", "prob_positive", "error")
    }
    assert found.to_html()
    lacking = rows[~((rows["run"] == "new2") & (rows["item"] == "q3") & (rows["level"] == 2))]
    again = ss.hierarchical_slopes(lacking, item="item", control="old", **COLUMNS)
    assert again.crossing.n_left_out == 1
    assert "note: 1 of 8 items left out, which some seed lacks at some level" in again.summary(full=True)
    assert "crossing" not in ss.hierarchical_slopes(rows, aggregate="mean", **COLUMNS).to_dict()
    assert ss.hierarchical_slopes(rows, aggregate="mean", **COLUMNS).items is None


def test_draws_of_lines_are_refused_and_those_of_slopes_are_there(found):
    """Levels are not modelled, so that there are no lines to draw; the error names where the slopes are."""
    with pytest.raises(OptionError, match=r"Use `posterior.draws\(n\)`"):
        found.draws(4)
    with pytest.raises(OptionError, match=r"Use `control_posterior.draws\(n\)`"):
        found.to_arviz(role="control")
    assert found.posterior.draws(7).item_slope.shape == (7, 8)


def test_nested_items_are_recognised(rows):
    """Items that belong to one run each cannot be told from their run."""
    nested = rows.assign(item=rows["run"] + rows["item"])
    with pytest.raises(OptionError, match=r"items are nested in runs.*aggregate='mean'"):
        ss.hierarchical_slopes(nested, item="item", **COLUMNS)


def test_what_does_not_fit_names_the_remedy(rows):
    """Other items, runs that lack a level, fewer than three items, repeats, priors without a place."""
    apart = rows.assign(item=rows["condition"] + rows["item"])
    with pytest.raises(OptionError, match="one condition at a time"):
        ss.hierarchical_slopes(apart, item="item", **COLUMNS)
    short = rows[~((rows["run"] == "old3") & (rows["level"] == 4))]
    with pytest.raises(OptionError, match="run 'old3' of 'old' was not measured at level = 4"):
        ss.hierarchical_slopes(short, item="item", **COLUMNS)
    other = rows[~((rows["run"] == "new1") & rows["item"].isin([f"q{i}" for i in range(1, 7)]))]
    with pytest.raises(OptionError, match="Leave out runs that lack many items"):
        ss.hierarchical_slopes(other, item="item", **COLUMNS)
    with pytest.raises(OptionError, match="at least 3"):
        ss.hierarchical_slopes(rows[rows["item"].isin(["q1", "q2"])], item="item", **COLUMNS)
    with pytest.raises(TableError, match="aggregate"):
        ss.hierarchical_slopes(pd.concat([rows, rows.assign(score=0.0)]), item="item", **COLUMNS)
    with pytest.raises(OptionError, match=r"`sigma_alpha` is half_normal.*slopes are modelled"):
        ss.hierarchical_slopes(rows, item="item", sigma_alpha=priors.half_normal(1), **COLUMNS)
    with pytest.raises(OptionError, match=r"`sigma_item` is half_normal.*only with `item`"):
        ss.hierarchical_slopes(rows, aggregate="mean", sigma_item=priors.half_normal(1), **COLUMNS)
    with pytest.raises(TableError, match="question"):
        ss.hierarchical_slopes(rows, item="question", **COLUMNS)
    with pytest.raises(TableError, match="missing values"):
        ss.hierarchical_slopes(
            rows.assign(item=rows["item"].mask(rows["item"] == "q1")), item="item", **COLUMNS
        )
    with pytest.raises(OptionError, match="SweepTable was given"):
        ss.hierarchical_slopes(ss.simulate_sweep(2.0), item="item")
    fresh = rows.assign(run=rows["run"] + rows["level"].astype(str))
    with pytest.raises(OptionError, match="repeated design"):
        ss.hierarchical_slopes(fresh, item="item", **COLUMNS)
    with pytest.raises(OptionError, match="'fraction'"):
        ss.hierarchical_slopes(rows, item="item", knob_scale="fraction", **COLUMNS)
    with pytest.raises(OptionError, match="at least 3 seeds"):
        ss.hierarchical_slopes(rows[rows["run"].isin(["new1", "new2"])], item="item", **COLUMNS)


def test_slopes_without_a_rest_are_an_error(rows):
    """Where runs and items explain every slope to the last digit nothing tells how well the mean is known."""
    run, item = rows["run"].str[-1].astype(int), rows["item"].str[1:].astype(int)
    exact = rows.assign(score=(0.1 * run + 0.3 * item) * rows["level"])
    with pytest.raises(InputError, match="beyond what seeds and items share"):
        ss.hierarchical_slopes(exact, item="item", control="old", **COLUMNS)
    with pytest.raises((InputError, OptionError), match="vary"):
        ss.hierarchical_slopes(rows.assign(score=1.0), item="item", control="old", **COLUMNS)


def test_solved_or_not_is_a_score_like_others():
    """Items that are solved or not, on a log scale of the knob, and repeats that are averaged when asked to."""
    source = np.random.default_rng(12)
    hard = source.normal(size=30)
    parts = [
        (run, item, width, float(0.5 * math.log2(width) - 1.5 + hard[item] + source.normal() > 0))
        for run in range(4)
        for item in range(30)
        for width in (1, 4, 16, 64)
        for _ in range(2)
    ]
    frame = pd.DataFrame(parts, columns=["run", "item", "width", "solved"])
    names = {"knob": "width", "metric": "solved", "seed": "run", "knob_scale": "log"}
    found = ss.hierarchical_slopes(frame, item="item", aggregate="mean", **names)
    assert found.prob_positive > 0.999
    means = frame.groupby("width")["solved"].mean()
    assert found.mean == pytest.approx(np.polyfit(np.linspace(0, 1, 4), means, 1)[0])
