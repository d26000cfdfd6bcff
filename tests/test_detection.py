"""The whole path: what may be handed in, and numbers recomputed from the formulas."""

import math
import random

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special
from scipy import stats as scipy_stats

import sigstats as ss
from sigstats import Signature, SweepTable, detect
from sigstats.errors import OptionError, SignatureError, TableError
from sigstats.evidence.reason import Reason
from sigstats.verdict.rules import Status

LEVELS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def tidy(matrices, *, levels=LEVELS, shared=False, fresh=False):
    """Return a frame of conditions; seeds have labels of their own unless shared, or one label per cell."""
    rows = []
    for name, values in matrices.items():
        for s, curve in enumerate(values):
            for k, value in enumerate(curve):
                label = f"{name}-{s}-{k}" if fresh else f"s{s}" if shared else f"{name}-{s}"
                rows.append((levels[k], value, label, name))
    return pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"]).dropna()


def noisy(slopes, *, rng=1, noise=0.5, levels=LEVELS, seeds=5):
    """Return curves that rise by the given amounts over the linear knob, on top of noise."""
    generator = np.random.default_rng(rng)
    x = (levels - levels[0]) / (levels[-1] - levels[0])
    found = {}
    for name, slope in slopes.items():
        steepness = slope + 0.5 * generator.normal(size=(seeds, 1))
        found[name] = steepness * x + noise * generator.normal(size=(seeds, levels.size)) + 3.0
    return found


FRAME = tidy(noisy({"a": 4.0, "ctl": 0.2}))


def slopes_of(values, x):
    """Return numpy's slope of each row, gaps left out, times the range of x."""
    fits = [np.polyfit(x[~np.isnan(row)], row[~np.isnan(row)], 1)[0] for row in values]
    return np.array(fits) * np.ptp(x)


# What may be handed in.


@pytest.mark.parametrize(
    "extra",
    [{"knob": None}, {"alpha": 0.05}, {"shape": "increasing"}, {"paired": False}, {"control": "ctl"}],
    ids=lambda extra: next(iter(extra)),
)
def test_a_signature_stands_alone(extra):
    """A Signature together with any keyword is an error, even where the keyword repeats a default."""
    with pytest.raises(SignatureError, match=f"'{next(iter(extra))}'"):
        detect(FRAME, Signature(shape="increasing"), **extra)


def test_a_signature_goes_with_a_generator():
    """Only `rng` may stand beside a Signature, which may be named or not."""
    signature = Signature(shape="increasing", control="ctl")
    assert detect(FRAME, signature, rng=1).status is detect(FRAME, signature=signature, rng=2).status


def test_keywords_mean_the_signature_that_they_spell():
    """Both ways of calling give the same verdict."""
    options = {"shape": "increasing", "control": "ctl", "min_effect": 1.0, "knob_scale": "log"}
    assert detect(FRAME, **options).to_dict() == detect(FRAME, Signature(**options)).to_dict()


@pytest.mark.parametrize("wrong", ["increasing", {"shape": "increasing"}, 3])
def test_something_else_is_no_signature(wrong):
    """A shape where the signature belongs is refused with a remedy."""
    with pytest.raises(SignatureError, match="must be a Signature"):
        detect(FRAME, wrong)


def test_the_shape_must_be_given():
    """Without a prediction there is nothing to judge."""
    with pytest.raises(SignatureError, match="`shape` is missing"):
        detect(FRAME)


@pytest.mark.parametrize("rng", ["1", -1, 1.5, True, np.random, [1]])
def test_only_generators_and_whole_numbers_draw(rng):
    """Whatever else is called `rng` is refused."""
    with pytest.raises(OptionError, match="`rng`"):
        detect(FRAME, shape="increasing", rng=rng)


def test_a_sweep_table_is_taken_as_it_is():
    """A table made before gives the verdict of its frame, and refuses filters that come too late."""
    table = SweepTable.from_frame(FRAME)
    options = {"shape": "increasing", "control": "ctl"}
    assert detect(table, **options).to_dict() == detect(FRAME, **options).to_dict()
    with pytest.raises(SignatureError, match="`where`"):
        detect(table, shape="increasing", where={"knob": {"min": 2}})
    with pytest.raises(SignatureError, match="`aggregate`"):
        detect(table, shape="increasing", aggregate="mean")


def test_filters_and_repeats_are_seen_to_before_anything_else():
    """`where` and `aggregate` give the verdict of a frame that was filtered and averaged by hand."""
    twice = pd.concat(
        [FRAME.assign(metric=FRAME["metric"] + 0.25), FRAME.assign(metric=FRAME["metric"] - 0.25)]
    )
    found = detect(twice, shape="increasing", where={"knob": {"min": 2}, "condition": "a"}, aggregate="mean")
    by_hand = detect(FRAME[(FRAME["knob"] >= 2) & (FRAME["condition"] == "a")], shape="increasing")
    assert found.effect.value == pytest.approx(by_hand.effect.value, rel=1e-9)
    assert found.status is by_hand.status


def test_columns_may_bear_any_name():
    """Renamed columns that are named in the call change nothing but the names."""
    renamed = FRAME.rename(columns={"knob": "lr", "metric": "loss", "seed": "run", "condition": "model"})
    names = {"knob": "lr", "metric": "loss", "seed": "run", "condition": "model"}
    found = detect(renamed, shape="increasing", control="ctl", **names)
    expected = detect(FRAME, shape="increasing", control="ctl")
    assert (found.status, found.effect.value) == (expected.status, expected.effect.value)
    assert found.effect.unit == "loss"


def test_a_frame_without_conditions_is_one_treatment():
    """A table of runs alone is judged as it stands, and said to be uncontrolled."""
    frame = FRAME[FRAME["condition"] == "a"].drop(columns="condition")
    found = detect(frame, shape="increasing")
    assert found.status is Status.PRESENT
    assert Reason.UNCONTROLLED in found.notes


@pytest.mark.parametrize("argument", ["treatment", "control"])
def test_an_unknown_condition_is_an_error_that_names_the_nearest(argument):
    """A misspelt condition is never silently an empty group."""
    with pytest.raises(
        SignatureError, match=rf"`{argument}` names 'clt'.*\('a', 'ctl'\).*Did you mean 'ctl'\?"
    ):
        detect(FRAME, shape="increasing", **{argument: "clt"})


def test_a_treatment_is_not_its_own_control():
    """The same condition in both places is a contradiction."""
    with pytest.raises(SignatureError, match="also a `treatment`"):
        detect(FRAME, shape="increasing", treatment="a", control="a")


def test_controls_alone_leave_nothing_to_judge():
    """At least one condition must be a treatment."""
    with pytest.raises(SignatureError, match="at least one treatment"):
        detect(FRAME, shape="increasing", control=["a", "ctl"])


def test_every_condition_that_is_no_control_is_a_treatment():
    """Naming the treatments is the same as leaving them out, in any order."""
    frame = tidy(noisy({"a": 4.0, "b": 3.0, "ctl": 0.0}))
    first = detect(frame, shape="increasing", control="ctl")
    second = detect(frame, shape="increasing", control="ctl", treatment=["b", "a"])
    assert [arm.role for arm in first.evidence.arms] == ["treatment", "treatment", "control"]
    assert (first.effect, first.contrast, first.notes) == (second.effect, second.contrast, second.notes)


# The three lines, recomputed.


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("knob_scale", ["linear", "log", "rank"])
def test_lines_of_one_treatment_follow_their_formulas(seeds, knob_scale):
    """Effect, interval, trend and posterior come out as computed with numpy and scipy on one score per seed."""
    curves = noisy({"a": 2.0}, seeds=seeds, rng=seeds)["a"]
    found = detect(tidy({"a": curves}), shape="increasing", knob_scale=knob_scale)
    x = {"linear": LEVELS, "log": np.log(LEVELS), "rank": np.arange(6.0)}[knob_scale]
    scores = slopes_of(curves, x)
    interval = found.evidence.interval
    assert found.effect.value == pytest.approx(scores.mean(), rel=1e-9)
    test = scipy_stats.ttest_1samp(scores, 0.0, alternative="greater")
    expected = scipy_stats.ttest_1samp(scores, 0.0).confidence_interval(0.9)
    assert (interval.estimate.low, interval.estimate.high) == pytest.approx(
        (expected.low, expected.high), rel=1e-9
    )
    assert (interval.pvalue, interval.df) == (pytest.approx(test.pvalue, rel=1e-9), seeds - 1)
    assert interval.pvalue_opposite == pytest.approx(1 - test.pvalue, rel=1e-9)
    taus = [scipy_stats.kendalltau(x, row).statistic for row in curves]
    trend = scipy_stats.ttest_1samp(taus, 0.0, alternative="greater")
    assert found.evidence.trend.estimate == pytest.approx(np.mean(taus), rel=1e-9)
    assert found.evidence.trend.pvalue == pytest.approx(trend.pvalue, rel=1e-9)
    ends = curves[:, -1] - curves[:, 0]
    assert interval.ends.value == pytest.approx(ends.mean(), rel=1e-9)


def test_posterior_line_is_the_model_that_is_described():
    """P(mean > 0) of the slopes line is that of the stated priors, with the sampling sd from the residuals."""
    curves = noisy({"a": 1.0}, seeds=4, rng=8, noise=0.8)["a"]
    found = detect(tidy({"a": curves}), shape="increasing")
    x = (LEVELS - LEVELS[0]) / np.ptp(LEVELS)
    scores = slopes_of(curves, x)
    seeds, levels = curves.shape
    design = np.zeros((seeds * levels, 2 * seeds + levels))
    for row in range(seeds * levels):
        s, k = divmod(row, levels)
        design[row, [s, seeds + s, 2 * seeds + k]] = 1.0, x[k], 1.0
    y = curves.ravel()
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    residual = math.sqrt(left @ left / ((seeds - 1) * (levels - 2)))
    sampling = residual / math.sqrt(((x - x.mean()) ** 2).sum())
    scale = max(2 * sampling, scores.std(ddof=1))

    def weight(phi):
        variance = (scale * math.tan(phi)) ** 2 + sampling**2
        return variance ** (-(seeds - 1) / 2) * math.exp(
            -((scores - scores.mean()) ** 2).sum() / 2 / variance
        )

    def positive(phi):
        variance = (scale * math.tan(phi)) ** 2 + sampling**2
        return weight(phi) * special.ndtr(scores.mean() / math.sqrt(variance / seeds))

    area = integrate.quad(weight, 0, math.pi / 2, epsrel=1e-11)[0]
    expected = integrate.quad(positive, 0, math.pi / 2, epsrel=1e-11)[0] / area
    slopes = found.evidence.slopes
    assert found.evidence.residual_sd == pytest.approx(residual, rel=1e-9)
    assert (slopes.sampling_sd, slopes.prior_scale) == pytest.approx((sampling, scale), rel=1e-9)
    assert slopes.prob_positive == pytest.approx(expected, rel=1e-7)
    assert found.evidence.interval.margin == pytest.approx(residual, rel=0.3)


def test_from_six_seeds_on_ranks_are_tested_by_flipping_signs():
    """The trend line's p-value is the share of sign patterns whose sum of taus is as large."""
    curves = noisy({"a": 1.0}, seeds=7, rng=4, noise=1.5)["a"]
    taus = np.array([scipy_stats.kendalltau(LEVELS, row).statistic for row in curves])
    signs = 1 - 2 * ((np.arange(2**7)[:, None] >> np.arange(7)) & 1)
    expected = (signs @ taus >= taus.sum() - 1e-9).mean()
    trend = detect(tidy({"a": curves}), shape="increasing").evidence.trend
    assert trend.pvalue == expected
    assert "exact" in trend.method


def test_seeds_that_rank_alike_are_held_against_kendalls_variance():
    """Three perfectly monotone seeds have no spread of taus; the known null variance takes its place."""
    curves = np.array([[1.0], [2.0], [4.0]]) * np.sqrt(LEVELS) + np.arange(3.0)[:, None]
    trend = detect(tidy({"a": curves}), shape="increasing").evidence.trend
    n = LEVELS.size
    expected = special.ndtr(-1 / math.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1)) / 3))
    assert trend.pvalue == pytest.approx(expected, rel=1e-9)


def test_seeds_with_gaps_are_scored_on_their_own_levels():
    """A seed's line is fitted to the levels it has, and taken over the common range."""
    curves = noisy({"a": 2.0}, rng=6)["a"]
    curves[0, 2] = curves[1, 3] = curves[3, 1] = np.nan
    found = detect(tidy({"a": curves}), shape="increasing")
    assert found.effect.value == pytest.approx(slopes_of(curves, LEVELS).mean(), rel=1e-9)
    assert sorted(found.evidence.arms[0].scores) == pytest.approx(sorted(slopes_of(curves, LEVELS)), rel=1e-9)


@pytest.mark.parametrize("quiet_fraction", [0.5, 0.3])
def test_control_contrasts_are_welchs_tests_of_weighted_scores(quiet_fraction):
    """Specific, quiet, responds and artifact are Welch's one-sided tests on the seeds' scores."""
    curves = noisy({"a": 2.0, "ctl": 0.7}, rng=3)
    curves["ctl"] = curves["ctl"][:4]
    frame = tidy(curves)
    found = detect(frame, shape="increasing", control="ctl", quiet_fraction=quiet_fraction).evidence.control
    t, c = slopes_of(curves["a"], LEVELS), slopes_of(curves["ctl"], LEVELS)
    pairs = {
        "specific": (t, c),
        "quiet": (quiet_fraction * t, c),
        "responds": (c, quiet_fraction * t),
        "artifact": (c, 0.8 * t),
    }
    for name, (first, second) in pairs.items():
        expected = scipy_stats.ttest_ind(first, second, equal_var=False, alternative="greater")
        contrast = getattr(found, name)
        assert contrast.pvalue == pytest.approx(expected.pvalue, rel=1e-9)
        assert contrast.df == pytest.approx(expected.df, rel=1e-9)
        assert contrast.estimate.value == pytest.approx(first.mean() - second.mean(), rel=1e-9)
    assert found.effect.value == pytest.approx(c.mean(), rel=1e-9)


def test_paired_runs_are_compared_within_seeds():
    """With `paired`, the contrasts are one-sample t tests of within-seed differences."""
    curves = noisy({"a": 2.0, "ctl": 0.5}, rng=7)
    frame = tidy(curves, shared=True)
    found = detect(frame, shape="increasing", control="ctl", paired=True).evidence.control
    t, c = slopes_of(curves["a"], LEVELS), slopes_of(curves["ctl"], LEVELS)
    for name, difference in (("specific", t - c), ("quiet", 0.5 * t - c), ("artifact", c - 0.8 * t)):
        expected = scipy_stats.ttest_1samp(difference, 0.0, alternative="greater")
        assert getattr(found, name).pvalue == pytest.approx(expected.pvalue, rel=1e-9)
        assert getattr(found, name).df == 4


def test_shared_seeds_that_pull_apart_must_hold_both_ways():
    """Where shared labels correlate negatively, the weaker of Welch's test and the paired one counts."""
    rng = np.random.default_rng(5)
    pull = rng.normal(size=(5, 1))
    x = (LEVELS - 1) / 31
    curves = {
        "a": (3 + pull) * x + 0.1 * rng.normal(size=(5, 6)),
        "ctl": (1 - pull) * x + 0.1 * rng.normal(size=(5, 6)),
    }
    t, c = slopes_of(curves["a"], LEVELS), slopes_of(curves["ctl"], LEVELS)
    welch = scipy_stats.ttest_ind(t, c, equal_var=False, alternative="greater").pvalue
    within = scipy_stats.ttest_1samp(t - c, 0.0, alternative="greater").pvalue
    shared = detect(tidy(curves, shared=True), shape="increasing", control="ctl").evidence.control
    apart = detect(tidy(curves), shape="increasing", control="ctl").evidence.control
    assert apart.specific.pvalue == pytest.approx(welch, rel=1e-9)
    assert shared.specific.pvalue == pytest.approx(max(welch, within), rel=1e-9)


def test_pairs_that_do_not_exist_are_an_error():
    """`paired` without a shared label, or without a control, is refused."""
    with pytest.raises(SignatureError, match="`paired`"):
        detect(FRAME, shape="increasing", control="ctl", paired=True)
    with pytest.raises(SignatureError, match="`paired`"):
        detect(FRAME, shape="increasing", treatment="a", paired=True)


def test_several_treatments_are_averaged_within_shared_seeds():
    """With shared seeds the scores are averaged first; with separate ones the variances add."""
    curves = noisy({"a": 3.0, "b": 1.0}, rng=9)
    a, b = slopes_of(curves["a"], LEVELS), slopes_of(curves["b"], LEVELS)
    shared = detect(tidy(curves, shared=True), shape="increasing").evidence.interval
    expected = scipy_stats.ttest_1samp((a + b) / 2, 0.0, alternative="greater")
    assert (shared.pvalue, shared.df) == (pytest.approx(expected.pvalue, rel=1e-9), 4)
    apart = detect(tidy(curves), shape="increasing").evidence.interval
    welch = scipy_stats.ttest_ind(a, -b, equal_var=False, alternative="greater")
    assert (apart.pvalue, apart.df) == pytest.approx((welch.pvalue, welch.df), rel=1e-9)
    assert apart.estimate.value == pytest.approx((a.mean() + b.mean()) / 2, rel=1e-9)


@pytest.mark.parametrize(
    ("metric_scale", "change", "back"), [("log", np.exp, np.log), ("logit", special.expit, special.logit)]
)
def test_the_metric_is_analysed_on_its_scale(metric_scale, change, back):
    """A transformed metric with its scale declared has the effect of the untransformed one."""
    curves = noisy({"a": 1.5}, rng=2)["a"] / 4
    found = detect(tidy({"a": change(curves)}), shape="increasing", metric_scale=metric_scale)
    assert found.effect.value == pytest.approx(slopes_of(back(change(curves)), LEVELS).mean(), rel=1e-6)
    assert found.effect.unit == f"{metric_scale} metric"


@pytest.mark.parametrize(
    ("metric_scale", "value"), [("log", 0.0), ("log", -1.0), ("logit", 1.0), ("logit", 0.0)]
)
def test_a_metric_outside_its_scale_is_an_error(metric_scale, value):
    """What has no logarithm is reported, never dropped."""
    curves = np.full((3, 6), 0.5) + 0.01 * np.arange(6)
    curves[1, 2] = value
    with pytest.raises(TableError) as caught:
        detect(tidy({"a": curves}), shape="increasing", metric_scale=metric_scale)
    assert [problem.code for problem in caught.value.problems] == ["METRIC_OUT_OF_SCALE"]


# Designs.


def test_cells_with_labels_of_their_own_are_independent_runs():
    """Where no label recurs, the contrast of level means is tested with Satterthwaite's degrees of freedom."""
    curves = noisy({"a": 2.0}, rng=3)["a"]
    found = detect(tidy({"a": curves}, fresh=True), shape="increasing")
    assert found.evidence.design == "independent"
    centred = LEVELS - LEVELS.mean()
    weights = centred / (centred @ centred) * np.ptp(LEVELS)
    parts = weights**2 * curves.var(axis=0, ddof=1) / 5
    df = parts.sum() ** 2 / (parts**2 / 4).sum()
    t = weights @ curves.mean(axis=0) / math.sqrt(parts.sum())
    interval, slopes = found.evidence.interval, found.evidence.slopes
    assert (interval.estimate.value, interval.df) == pytest.approx(
        (weights @ curves.mean(axis=0), df), rel=1e-9
    )
    assert interval.pvalue == pytest.approx(scipy_stats.t.sf(t, df), rel=1e-9)
    assert slopes.prob_positive == pytest.approx(scipy_stats.t.cdf(t, df), rel=1e-9)
    assert "Jonckheere" in found.evidence.trend.method
    assert found.evidence.arms[0].scores.size == 0


def test_labels_that_recur_mean_repeated_seeds():
    """The default for recurring labels is the design that is valid either way; declaring it is the same."""
    auto = detect(FRAME, shape="increasing", control="ctl")
    declared = detect(FRAME, shape="increasing", control="ctl", design="repeated")
    assert auto.evidence.design == "repeated"
    assert auto.evidence.interval == declared.evidence.interval


def test_designs_that_are_mixed_must_be_declared():
    """Recurring seeds in one condition and fresh runs in another cannot be told apart by looking."""
    curves = noisy({"a": 2.0, "ctl": 0.0})
    frame = pd.concat([tidy({"a": curves["a"]}), tidy({"ctl": curves["ctl"]}, fresh=True)])
    with pytest.raises(TableError) as caught:
        detect(frame, shape="increasing", control="ctl")
    assert [problem.code for problem in caught.value.problems] == ["MIXED_DESIGN"]
    assert (
        detect(frame, shape="increasing", control="ctl", design="independent").evidence.design
        == "independent"
    )


def test_independent_runs_deal_the_same_way_each_time_and_any_way_gives_the_same_lines():
    """The generator moves nothing but the dealing of fresh runs into curves."""
    frame = tidy(noisy({"a": 2.0, "ctl": 0.0}, rng=3), fresh=True)
    first = detect(frame, shape="increasing", control="ctl")
    assert first.to_dict() == detect(frame, shape="increasing", control="ctl").to_dict()
    other = detect(frame, shape="increasing", control="ctl", rng=5)
    assert other.evidence.interval == first.evidence.interval
    assert other.evidence.control == first.evidence.control
    assert other.provenance.entropy == 5


# Randomness.


def test_repeated_seeds_leave_nothing_to_chance():
    """With few repeated seeds every generator gives the same evidence."""
    verdicts = [
        detect(FRAME, shape="increasing", control="ctl", rng=rng)
        for rng in (None, 1, np.random.default_rng(7), np.random.default_rng(8))
    ]
    plain = [{**verdict.to_dict(), "provenance": None} for verdict in verdicts]
    assert all(each == plain[0] for each in plain)
    assert [verdict.provenance.entropy for verdict in verdicts][1:] == [1, None, None]


def test_global_state_is_left_alone():
    """Neither the global generators nor the caller's frame change."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is watched
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    frame = FRAME.copy(deep=True)
    detect(frame, shape="increasing", control="ctl")
    detect(tidy(noisy({"a": 1.0}), fresh=True), shape="increasing", rng=3)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    pd.testing.assert_frame_equal(frame, FRAME)


def test_a_verdict_says_how_to_repeat_it():
    """Hash of the data, entropy and versions are part of the answer."""
    provenance = detect(FRAME, shape="increasing", control="ctl").provenance
    assert provenance.data_hash == SweepTable.from_frame(FRAME).data_hash
    assert provenance.n_rows == len(FRAME)
    assert dict(provenance.versions)["sigstats"] == ss.__version__
    assert provenance.entropy == detect(FRAME, shape="increasing").provenance.entropy


EACH_LEVEL = np.linspace(0.0, 1.0, 12)


@pytest.mark.parametrize(
    ("shape", "true", "near_miss"),
    [
        ("linear", EACH_LEVEL, 0.5 * EACH_LEVEL**3),
        ("saturating", 1.0 - np.exp(-8.0 * EACH_LEVEL), 0.4 * EACH_LEVEL),
        ("sigmoid", 1.0 / (1.0 + np.exp(8.0 - 16.0 * EACH_LEVEL)), 0.4 * EACH_LEVEL),
    ],
)
def test_every_treatment_must_show_every_clause_where_the_claim_is_about_each(shape, true, near_miss):
    """A near miss has the effect, and lacks what else the shape asks for."""

    def status(second):
        rng = np.random.default_rng(5)
        rows = [
            {"knob": knob, "metric": mean + rng.normal(0.0, 0.02), "seed": seed, "condition": name}
            for name, curve in (("a", true), ("b", second))
            for seed in range(5)
            for knob, mean in zip(EACH_LEVEL, curve, strict=True)
        ]
        return ss.detect(pd.DataFrame(rows), shape=shape, across="each")

    both, one = status(0.8 * true), status(near_miss)
    assert both.status == "present"
    assert one.status != "present"
    assert "only 1 of 2 treatments shows it on its own" in str(one)
