"""What goes beside the lines: margins, seeds needed, ends, each condition on its own, notes."""

import math
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.power import TTestPower

from sigstats import Estimate, SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.shapes import Custom

LEVELS = np.arange(6.0)
X = LEVELS / 5


def evidence(*, seeds=None, **given):
    """Return the evidence of a rise; arrays are conditions, all else are options."""
    matrices = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
    options = {name: value for name, value in given.items() if name not in matrices}
    labels = seeds or {name: [f"{name}{s}" for s in range(len(v))] for name, v in matrices.items()}
    table = SweepTable.from_matrices(LEVELS, matrices, seeds=labels)
    return detect(table, **{"shape": "increasing", **options}).evidence


def noisy(effect, rng, seeds=5, noise=0.5):
    """Return noisy lines."""
    return effect * X + noise * np.random.default_rng(rng).normal(size=(seeds, 6))


def slopes(values):
    """Return numpy's slope of each row over the range of the knob."""
    return np.polyfit(X, values.T, 1)[0]


@pytest.mark.parametrize("least", [0.4, 0.5, 0.6, 0.8, 1.0])
def test_seeds_needed_are_those_of_the_declared_effect(least):
    """Statsmodels agrees on the seeds at which the declared effect has the stated power, never the observed one."""
    curves = noisy(0.3, 1)
    needed = evidence(a=curves, min_effect=least).seeds_needed
    size = least / slopes(curves).std(ddof=1)
    n = next(
        n for n in range(3, 1000) if TTestPower().power(size, n, 0.05, alternative="larger") >= needed.power
    )
    assert (needed.n_seeds, needed.effect, needed.effect_source) == (n, least, "min_effect")
    assert needed.bottleneck == "treatment"


def test_a_noisy_control_is_the_bottleneck():
    """Where comparing with the control takes more seeds, that is said."""
    needed = evidence(a=noisy(1, 1), b=noisy(0, 2, noise=3.0), control="b", min_effect=1.0).seeds_needed
    assert needed.bottleneck == "control"
    assert needed.n_seeds > 50


def test_last_minus_first_stands_beside_the_line():
    """The change from end to end is tested against the margin on its own."""
    curves = noisy(2, 3)
    interval = evidence(a=curves, min_effect=1.5).interval
    ends = curves[:, -1] - curves[:, 0]
    expected = scipy_stats.ttest_1samp(ends, 1.5, alternative="greater").pvalue
    assert interval.ends.value == pytest.approx(ends.mean())
    assert interval.pvalue_late == pytest.approx(expected, rel=1e-9)


def test_smallness_is_tested_against_the_margin():
    """The p-value of a small effect is that of a one-sided t test at the margin."""
    curves = noisy(0.2, 4)
    expected = scipy_stats.ttest_1samp(slopes(curves), 1.2, alternative="less").pvalue
    assert evidence(a=curves, min_effect=1.2).interval.pvalue_small == pytest.approx(expected, rel=1e-9)


@pytest.mark.long
def test_each_condition_has_numbers_of_its_own():
    """Effects, p-values and taus of every arm are those of its own seeds, in units of the metric."""
    curves = {"a": noisy(2, 1), "b": noisy(0.3, 2), "c": noisy(0, 3)}
    found = {
        arm.condition: arm for arm in evidence(**curves, control="c", min_effect=1.0, across="each").arms
    }
    for name, values in curves.items():
        scores = slopes(values)
        arm = found[name]
        assert arm.role == ("control" if name == "c" else "treatment")
        assert arm.effect.value == pytest.approx(scores.mean())
        assert sorted(arm.scores) == pytest.approx(sorted(scores))
        for attribute, bound, alternative in (
            ("pvalue", 0.0, "greater"), ("pvalue_opposite", 0.0, "less"), ("pvalue_small", 1.0, "less"),
        ):  # fmt: skip
            expected = scipy_stats.ttest_1samp(scores, bound, alternative=alternative).pvalue
            assert getattr(arm, attribute) == pytest.approx(expected, rel=1e-9)
        taus = [scipy_stats.kendalltau(LEVELS, row).statistic for row in values]
        assert arm.tau == pytest.approx(np.mean(taus))
        np.testing.assert_allclose(np.sort(arm.curves, axis=0), np.sort(values, axis=0), atol=1e-12)
    assert found["a"].claim_pvalue < 0.05 < found["b"].claim_pvalue
    assert found["a"].claim_prob_positive > 0.95 > found["b"].claim_prob_positive
    assert np.isnan([found["c"].claim_pvalue, found["c"].claim_prob_positive]).all()


def test_partly_shared_treatments_have_one_posterior_for_their_mean():
    """The slopes line is centred on the same estimate as the interval, and spreads about as widely."""
    curves = {"a": noisy(2, 1), "b": noisy(2.5, 2)}
    labels = {"a": list("pqrst"), "b": list("stuvw")}
    found = evidence(seeds=labels, **curves)
    assert found.slopes.estimate.value == pytest.approx(found.interval.estimate.value, rel=0.05)
    widths = [each.estimate.high - each.estimate.low for each in (found.slopes, found.interval)]
    assert widths[0] == pytest.approx(widths[1], rel=0.5)


@pytest.mark.parametrize("design", ["repeated", "independent"])
def test_every_line_names_its_null_its_method_and_its_replicate(design):
    """Each result says what was tested, how, and what counted as one observation."""
    found = evidence(a=noisy(2, 1), design=design)
    for line in (found.trend, found.interval, found.slopes):
        assert line.null
        assert line.method
        assert ("seed" if design == "repeated" else "run") in line.replicate
        assert line.n_seeds == 5


def test_an_estimate_reads_as_one_line():
    """Value, interval and unit."""
    estimate = Estimate(value=1.5, low=0.25, high=2.75, confidence=0.9, unit="nats")
    assert str(estimate) == "1.5 [0.25, 2.75] nats"


def test_what_cannot_be_computed_is_missing_rather_than_zero():
    """With two seeds the lines are absent, and the arm's interval is not a number."""
    found = evidence(a=noisy(5, 1, seeds=2))
    assert (found.trend, found.interval, found.slopes, found.reversal, found.control) == (None,) * 5
    assert math.isnan(found.arms[0].effect.low)
    assert found.arms[0].effect.value == pytest.approx(slopes(noisy(5, 1, seeds=2)).mean())


@pytest.mark.long
def test_seeds_are_counted_at_the_error_rate_of_the_test():
    """A direction that the data choose is tested at half the rate, and a line's control at half of that again."""
    curves = {"a": noisy(0.6, 4), "c": noisy(0, 3)}

    def needed(shape, alpha, **options):
        return evidence(**curves, shape=shape, alpha=alpha, min_effect=1.0, **options).seeds_needed

    rising = {"name": "linear", "direction": "increasing"}
    options = {"treatment": "a"}
    assert needed("linear", 0.05, **options) == needed(rising, 0.025, **options)
    assert needed("linear", 0.05, **options).n_seeds > needed(rising, 0.05, **options).n_seeds
    line, trend = needed(rising, 0.05, control="c"), needed("increasing", 0.025, control="c")
    assert line.bottleneck == trend.bottleneck == "control"
    assert line.n_seeds == trend.n_seeds


@pytest.mark.long
@pytest.mark.parametrize(
    ("alone", "said"), [((5,), "the level 5 of"), ((0, 5), "the levels 0, 5 of"), ((), "")]
)
@pytest.mark.parametrize("few", [1, 2])
def test_levels_with_few_runs_are_told(alone, said, few):
    """A line is not drawn through a level whose variance is hardly known, and nobody should think that it was."""
    noise = np.random.default_rng(2)
    rows = [
        (level, level + 0.1 * noise.normal(), f"r{level}{run}")
        for level in range(6)
        for run in range(few if level in alone else 4)
    ]
    found = detect(pd.DataFrame(rows, columns=["knob", "metric", "seed"]), shape="increasing")
    notes = {note.code: note for note in found.evidence.table_notes}
    assert ("lone_runs" in notes) is bool(alone)
    assert said in " ".join(found.summary(full=True).split())
    if alone:
        assert notes["lone_runs"].count == len(alone)


@pytest.mark.parametrize(("pvalue", "shifted"), [(0.0009, True), (0.001, True), (0.0011, False)])
def test_levels_are_shifted_from_a_p_value_of_a_thousandth_on(pvalue, shifted, monkeypatch):
    """Rarer than once in a thousand sweeps without a shift."""
    monkeypatch.setattr(sys.modules["sigstats.evidence.gather"], "level_shift_pvalue", lambda *_: pvalue)
    assert (Reason.COMMON_SHIFT in evidence(a=noisy(3.0, 2)).notes) == shifted


def test_independent_runs_that_all_agree_are_no_evidence():
    """Without any variance nothing is known of the mean, and nothing is divided by zero."""
    levels = np.arange(4.0)
    frame = pd.DataFrame(
        [(f"{x} {run}", x, 2 * x) for x in levels for run in range(3)], columns=["seed", "knob", "metric"]
    )
    found = detect(frame, shape="increasing", design="independent")
    assert found.status == "inconclusive"
    assert np.isnan(found.evidence.slopes.sd)


def test_dealt_curves_in_two_groups_are_no_groups_of_seeds():
    """Independent runs of a claim of one's own are dealt into curves, which have no labels."""
    rng = np.random.default_rng(2)
    values = np.array([0.0, 0.0, 0.0, 9.0, 9.0, 9.0])[:, None] * X + 0.01 * rng.standard_normal((6, 6))
    frame = pd.DataFrame(
        [(f"{x} {run}", x, values[run, at]) for at, x in enumerate(LEVELS) for run in range(6)],
        columns=["seed", "knob", "metric"],
    )
    shape = Custom(function=lambda _, curve: float(curve[-1] - curve[0]))
    arm = detect(frame, shape=shape, design="independent").evidence.arms[0]
    assert (arm.scores.size, arm.groups) == (6, None)


def test_a_small_sample_of_either_condition_is_noted():
    """One of many seeds beside it changes nothing."""
    small, large = noisy(1, 1, seeds=4), noisy(0, 2, seeds=20)
    assert Reason.SMALL_SAMPLE in evidence(a=small, b=large, control="b").notes
    assert Reason.SMALL_SAMPLE not in evidence(a=large, b=large[::-1] + 0.1, control="b").notes


def test_shared_seeds_widen_the_mean_of_last_minus_first():
    """Treatments that share seeds may move together: their standard errors are averaged, not pooled."""
    curves = {name: noisy(2, rng) for name, rng in (("a", 3), ("b", 4))}
    ids = {name: list("uvwxy") for name in curves}
    found = evidence(**curves, seeds=ids).interval.ends
    ends = [each[:, -1] - each[:, 0] for each in curves.values()]
    se = np.mean([each.std(ddof=1) / np.sqrt(5) for each in ends])
    assert (found.high - found.low) / 2 == pytest.approx(se * scipy_stats.t.ppf(0.95, 4))


def test_fresh_runs_have_the_posterior_of_a_t_statistic():
    """Its sd is that of t with the degrees of freedom of the contrast, in units of the standard error."""
    rows = [
        (k, k + e, f"{k}-{i}")
        for k in LEVELS
        for i, e in enumerate(np.random.default_rng(int(k)).normal(size=4))
    ]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    found = detect(frame, shape="increasing", design="independent").evidence
    assert found.slopes.sd == pytest.approx(found.interval.se * scipy_stats.t.std(found.interval.df))
    assert found.slopes.sampling_sd == pytest.approx(found.interval.se)


def test_a_step_counts_as_small_only_if_it_does_not_stand_near_an_end_either():
    """The larger p-value counts: that of the splits which are sought, or that of those which are not."""
    curves = np.where(np.arange(6) == 0, 0.0, 1.0) + noisy(0, 5, noise=0.2)
    found = evidence(a=-curves, shape={"name": "threshold", "form": "step"}, min_effect=0.1)
    near, sought = found.near_end, dict(found.near_end.refuted)
    assert found.interval.pvalue_small == near.pvalue_large > sought["small"]
    assert found.interval.pvalue_opposite == sought["opposite"] > near.pvalue


def test_a_control_of_few_seeds_bounds_the_degrees_of_freedom_that_more_seeds_bring(monkeypatch):
    """One seed more in each of two treatments brings nearly two, one in the control only one."""
    asked = []

    def noted(_, __, df, **___):
        asked.append(df)
        return 5

    monkeypatch.setattr(sys.modules["sigstats.evidence.gather"], "seeds_for_power", noted)
    evidence(a=noisy(1, 1), b=noisy(1, 2), c=noisy(0, 3), control="c", min_effect=1.0)
    treatment, control = asked[:2]
    assert treatment > 1.5
    assert control == pytest.approx(1.0)
