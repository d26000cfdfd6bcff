"""The multiverse: which analyses are listed, which are ruled out, what they say, and the joint test."""

import dataclasses
import itertools
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sigstats_robustness_sweeps import LEVELS, RISES, analysed, chosen, names_of, sweep

from sigstats import (
    Signature,
    SweepTable,
    detect,
    robustness,
)
from sigstats.detection import verdict_on
from sigstats.errors import OptionError, SignatureError
from sigstats.studies.robustness import (
    multiverse,
)
from sigstats.studies.robustness.choices import Choice, Option, default_choices
from sigstats.studies.robustness.joint_test import _between, decomposition, joint_test
from sigstats.studies.robustness.readings import read, seed_scores, signed_log_p

# ---- which choices there are


def test_a_trend_leaves_scales_windows_and_lines_open():
    found = names_of(
        sweep(conditions=("control", "treatment")), Signature(shape="increasing", control="control")
    )
    assert list(found) == [
        "window",
        "design",
        "knob_scale",
        "metric_scale",
        "paired",
        "quiet_fraction",
        "line",
    ]
    assert found["knob_scale"] == ["linear", "log", "rank"]
    assert found["line"] == ["all", "trend", "interval", "slopes"]


@pytest.mark.parametrize("shape", ["convex", "saturating", "linear", "power_law"])
def test_the_scale_is_part_of_a_claim_about_a_bend(shape):
    assert not {"knob_scale", "metric_scale"} & set(names_of(sweep(), Signature(shape=shape)))


def test_a_declared_design_is_no_choice():
    assert "design" not in names_of(sweep(), RISES)
    assert "design" in names_of(sweep(), Signature(shape="increasing"))


def test_missing_cells_are_a_choice_only_where_cells_are_missing():
    cells = np.array(sweep().matrix("treatment"))
    cells[0, 2] = np.nan
    gappy = SweepTable.from_matrices(LEVELS, {"treatment": cells})
    assert "missing" in names_of(gappy, RISES)
    assert "missing" not in names_of(sweep(), RISES)


def test_levels_that_a_condition_never_saw_are_no_missing_cells():
    """The other condition was swept further, and is not in the claim or complete at its own levels."""
    cells = {name: np.array(sweep().matrix("treatment")) for name in "ab"}
    cells["a"][:, -1] = np.nan
    table = SweepTable.from_matrices(LEVELS, cells)
    assert "missing" not in names_of(
        table, Signature(shape="increasing", treatment=("a",), design="repeated")
    )
    assert "missing" not in names_of(table, RISES)


def test_the_declared_quiet_fraction_is_among_the_options():
    table = sweep(conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control", quiet_fraction=0.4)
    assert names_of(table, claim)["quiet_fraction"] == ["0.33", "0.4", "0.5", "0.67"]


def test_every_option_has_a_reason():
    table = sweep(conditions=("control", "treatment"))
    for choice in default_choices(table, Signature(shape="increasing", control="control")):
        assert all(option.reason for option in choice.options)
        assert choice.declared in [option.name for option in choice.options]


def test_choices_do_not_depend_on_the_size_of_the_metric():
    small, large = sweep(effect=0.0), sweep(effect=5.0)
    assert default_choices(small, RISES) == default_choices(large, RISES)


def test_a_choice_keeps_its_declared_option():
    choice = next(each for each in default_choices(sweep(), RISES) if each.name == "knob_scale")
    assert [option.name for option in choice.only("rank").options] == ["linear", "rank"]
    with pytest.raises(OptionError, match=r"`knob_scale` is 'lin'; it must be one of"):
        choice.only("lin")


def test_a_choice_must_hold_its_declared_option():
    with pytest.raises(OptionError, match="keep the declared option"):
        Choice(name="knob_scale", options=(Option(name="log", reason=""),), declared="linear")


def test_wrong_choices_are_refused():
    choice = default_choices(sweep(), RISES)[0]
    with pytest.raises(OptionError, match="name each choice once"):
        robustness(sweep(), RISES, choices=[choice, choice])
    with pytest.raises(OptionError, match="must hold Choice objects"):
        robustness(sweep(), RISES, choices=["window"])  # type: ignore[list-item]
    with pytest.raises(SignatureError, match="it must be a Signature"):
        robustness(sweep(), "increasing")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="`n_jobs` is 0"):
        robustness(sweep(), RISES, n_jobs=0)
    with pytest.raises(OptionError, match="'by_scale', and the shape is 'increasing'"):
        robustness(sweep(), RISES, choices=[dataclasses.replace(choice, name="by_scale")])


@pytest.mark.parametrize("replications", [-1, 1_000_001, 2.0, True])
def test_wrong_replications_are_refused(replications):
    with pytest.raises(
        OptionError, match=r"`replications` is .*; it must be a whole number from 0 to 1,000,000"
    ):
        robustness(sweep(), RISES, replications=replications)


# ---- what is ruled out


def test_a_level_at_zero_rules_out_the_logarithm_but_not_without_that_level():
    table = sweep(levels=np.array([0.0, 1.0, 2.0, 4.0, 8.0, 17.0]))
    choices = chosen(table, RISES, knob_scale=True, window=("without the first level",))
    planned, pruned = multiverse.plan(table, RISES, choices)
    options = [dict(each.options) for each in planned]
    assert {"window": "whole range", "knob_scale": "log"} not in options
    assert {"window": "without the first level", "knob_scale": "log"} in options
    assert any("no logarithm" in each.reason and each.count == 1 for each in pruned)


def test_values_outside_the_unit_interval_rule_out_the_logit():
    planned, pruned = multiverse.plan(sweep(), RISES, chosen(sweep(), RISES, metric_scale=True))
    assert [dict(each.options)["metric_scale"] for each in planned] == ["linear", "log", "rank"]
    assert [each.reason for each in pruned] == [
        "the logit needs values of the metric strictly between 0 and 1"
    ]


def test_the_same_analysis_is_not_counted_twice():
    even = sweep(levels=np.arange(1.0, 7.0))
    planned, pruned = multiverse.plan(even, RISES, chosen(even, RISES, knob_scale=True))
    assert [dict(each.options)["knob_scale"] for each in planned] == ["linear", "log"]
    assert "rank scale is the same as its linear scale" in pruned[0].reason


def test_a_window_needs_the_levels_of_the_shape():
    table = sweep(levels=LEVELS[:4])
    planned, pruned = multiverse.plan(table, RISES, chosen(table, RISES, window=True))
    kept = [dict(each.options)["window"] for each in planned]
    assert kept == ["whole range", "without the first level", "without the last level"]
    assert sum(each.count for each in pruned) == 2


@pytest.mark.long
def test_planned_and_pruned_add_up_to_all_combinations():
    table = sweep(conditions=("control", "treatment"), levels=np.array([0.0, 1.0, 2.0, 4.0, 8.0, 17.0]))
    claim = Signature(shape="increasing", control="control")
    choices = default_choices(table, claim)
    planned, pruned = multiverse.plan(table, claim, choices)
    lines = len(next(each for each in choices if each.name == "line").options)
    total = int(np.prod([len(each.options) for each in choices]))
    assert len(planned) * lines + sum(each.count for each in pruned) == total


def test_too_many_analyses_are_refused(monkeypatch):
    monkeypatch.setattr(multiverse, "MOST", 10)
    with pytest.raises(OptionError, match=r"combine to \d+ analyses; at most 10"):
        multiverse.plan(sweep(), RISES, default_choices(sweep(), RISES))


def test_an_analysis_that_fails_is_no_verdict(monkeypatch):
    def failing(table, signature, **settings):
        if signature.knob_scale == "log":
            raise SignatureError("it broke")
        return verdict_on(table, signature, **settings)

    monkeypatch.setattr("sigstats.studies.robustness.readings.verdict_on", failing)
    choices = chosen(sweep(), RISES, knob_scale=("log",), line=True)
    planned, pruned = multiverse.plan(sweep(), RISES, choices)
    analyses, pruned = multiverse.run(planned, pruned, choices, detect(sweep(), RISES), n_jobs=1)
    assert len(analyses) == 4
    assert [(each.reason, each.count) for each in pruned] == [("cannot be done: it broke", 4)]


def test_a_numerical_warning_is_no_verdict(monkeypatch):
    def warning(table, signature, **settings):
        if signature.knob_scale == "log":
            warnings.warn("invalid value", RuntimeWarning, stacklevel=1)
        return verdict_on(table, signature, **settings)

    monkeypatch.setattr("sigstats.studies.robustness.readings.verdict_on", warning)
    choices = chosen(sweep(), RISES, knob_scale=("log",))
    analyses, pruned = analysed(sweep(), RISES, choices)
    assert [each.option("knob_scale") for each in analyses] == ["linear"]
    assert pruned[0].reason == "cannot be done: a number could not be computed (invalid value)"


@pytest.mark.parametrize("labels", [("0", "1", "2", "3"), ("5", "6", "7", "8"), ("2", "3", "4", "5")])
def test_contributions_of_seeds_add_up_to_the_effect(labels):
    table = sweep(4, conditions=("a", "b"))
    cells = {name: table.matrix(name) for name in "ab"}
    table = SweepTable.from_matrices(LEVELS, cells, seeds={"a": ("0", "1", "2", "3"), "b": labels})
    verdict = detect(table, RISES)
    found = seed_scores(verdict)
    assert found.values.sum() == pytest.approx(verdict.effect.value)
    assert found.seeds == tuple(sorted({"0", "1", "2", "3", *labels}))


# ---- what analyses say


@pytest.mark.long
def test_the_declared_analysis_says_what_detect_says():
    table = sweep(conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control", min_effect=0.5)
    analyses, _ = analysed(
        table, claim, chosen(table, claim, knob_scale=True, quiet_fraction=True, line=True)
    )
    declared = [each for each in analyses if each.declared]
    verdict = detect(table, claim)
    assert [each.reading for each in declared] == [read(verdict)]
    assert declared[0].same


@pytest.mark.long
def test_every_analysis_is_a_call_of_detect():
    choices = chosen(sweep(), RISES, knob_scale=True, metric_scale=("log",))
    for each in analysed(sweep(), RISES, choices)[0]:
        options = dict(each.options)
        verdict = detect(sweep(), dataclasses.replace(RISES, **options))
        assert read(verdict) == each.reading


def test_a_line_alone_shows_what_its_criterion_says():
    table = sweep(3, effect=0.4, sd=0.2, entropy=3)
    verdict = detect(table, RISES)
    met = {each.name: each.met for each in verdict.criteria}
    lines = {"trend": "trend_pvalue", "interval": "interval_low", "slopes": "slopes_prob_positive"}
    assert verdict.reasons == ("lines_disagree",)
    for line, name in lines.items():
        assert (read(verdict, line).status == "present") == met[name]


@pytest.mark.long
def test_no_line_alone_is_stricter_than_all_of_them():
    for entropy in range(12):
        verdict = detect(sweep(4, effect=0.5, entropy=entropy), RISES)
        alone = [read(verdict, line) for line in ("trend", "interval", "slopes")]
        assert read(verdict).pvalue == max(each.pvalue for each in alone)
        if read(verdict).status == "present":
            assert {each.status for each in alone} == {"present"}


@given(st.floats(1e-6, 0.5))
def test_the_signed_log_p_is_symmetric(pvalue):
    assert signed_log_p(pvalue) == pytest.approx(-signed_log_p(1.0 - pvalue), abs=1e-6)
    assert signed_log_p(pvalue) == pytest.approx(-np.log10(2.0 * pvalue), abs=1e-12)


def test_an_impossible_pvalue_is_finite_and_a_missing_one_stays_missing():
    assert (signed_log_p(0.0) > 200, signed_log_p(1.0) < -200) == (True, True)
    assert np.isnan(signed_log_p(float("nan")))


@pytest.mark.long
def test_shares_add_up_and_the_frame_has_a_row_per_analysis():
    table = sweep()
    choices = chosen(table, RISES, knob_scale=True, window=True, line=True)
    analyses, _ = analysed(table, RISES, choices)
    assert sum(multiverse.shares(analyses).values()) == pytest.approx(1.0)
    frame = multiverse.frame(analyses, choices)
    assert len(frame) == len(analyses)
    assert list(frame.columns[:3]) == [each.name for each in choices]
    assert frame["declared"].sum() == 1


# ---- all analyses together


@pytest.mark.long
def test_the_share_of_a_choice_is_its_sum_of_squares():
    """With scipy's one-way analysis of variance: F = (B / (k - 1)) / (W / (n - k)), so B / T = x / (1 + x)."""
    table = sweep(conditions=("treatment",), effect=0.7, sd=0.5)
    choices = chosen(table, RISES, window=True, knob_scale=True)
    analyses, _ = analysed(table, RISES, choices)
    frame = multiverse.frame(analyses, choices)
    values = frame["pvalue"].map(signed_log_p)
    groups = [values[frame["window"] == name] for name in frame["window"].unique()]
    ratio = stats.f_oneway(*groups).statistic * (len(groups) - 1) / (len(values) - len(groups))
    found = next(each for each in decomposition(analyses, choices) if each.choice == "window")
    assert found.log_p == pytest.approx(ratio / (1.0 + ratio))


def test_nothing_is_decomposed_where_all_agree():
    table = sweep(effect=9.0)
    analyses, _ = analysed(table, RISES, chosen(table, RISES, knob_scale=True))
    assert {each.verdict for each in decomposition(analyses, default_choices(table, RISES)[1:2])} == {None}


def brute_force(analyses):
    """Return p-values of mean and maximum by a loop over all sign patterns."""
    scores = [dict(zip(each.scores.seeds, each.scores.values, strict=True)) for each in analyses]
    seeds = sorted({seed for each in scores for seed in each})
    sums = []
    for signs in itertools.product([1, -1], repeat=len(seeds)):
        sign = dict(zip(seeds, signs, strict=True))
        z = [
            sum(sign[s] * v for s, v in each.items()) / np.sqrt(sum(v * v for v in each.values()))
            for each in scores
        ]
        sums.append((np.mean(z), np.max(z)))
    sums = np.array(sums)
    return (sums >= sums[0] - 1e-9).mean(axis=0)


@pytest.mark.long
def test_the_joint_test_is_an_enumeration_of_flips():
    table = sweep(6, effect=0.0, sd=0.5, entropy=11)
    choices = chosen(table, RISES, knob_scale=True, window=True)
    analyses, _ = analysed(table, RISES, choices)
    joint = joint_test(analyses, RISES)
    assert (joint.pvalue, joint.max_pvalue) == pytest.approx(tuple(brute_force(analyses)))
    assert 1 / 64 < joint.pvalue < 1
    assert (joint.smallest_pvalue, joint.method, joint.n_analyses) == (1 / 64, "exact", len(analyses))


@pytest.mark.long
def test_one_analysis_that_crosses_alpha_is_the_t_test():
    for entropy in range(6):
        table = sweep(5, effect=0.6, sd=0.6, entropy=entropy)
        analyses, _ = analysed(table, RISES, chosen(table, RISES, knob_scale=True))
        crossing = [
            stats.ttest_1samp(a.scores.values, 0, alternative="greater").pvalue <= 0.05 for a in analyses
        ]
        assert joint_test(analyses, RISES).n_significant == sum(crossing)


@pytest.mark.long
def test_lines_and_quiet_fractions_do_not_count_twice_in_the_joint_test():
    table = sweep(conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control", design="repeated")
    few = chosen(table, claim, knob_scale=True)
    many = chosen(table, claim, knob_scale=True, paired=True, quiet_fraction=True, line=True)
    assert {each.name for each in many} == {"knob_scale", "paired", "quiet_fraction", "line"}
    first, second = (joint_test(analysed(table, claim, each)[0], claim) for each in (few, many))
    assert first == second


@pytest.mark.long
def test_ranks_over_the_whole_table_take_no_part_in_the_joint_test():
    """There the score of a seed depends on all others, so that its sign cannot be flipped alone."""
    table = sweep(6, effect=0.3, entropy=2)
    scales = [
        each.only("linear", "rank") for each in default_choices(table, RISES) if each.name == "metric_scale"
    ]
    windows = chosen(table, RISES, window=True)
    analyses, _ = analysed(table, RISES, [*windows, *scales])
    own = [each for each in analyses if each.option("metric_scale") == "linear"]
    assert len(own) == len(analyses) / 2
    assert joint_test(analyses, RISES) == joint_test(own, RISES)


def test_the_last_digit_of_a_share_does_not_depend_on_the_process():
    """Shares are summed in the order of the analyses, not in that of a set, which differs between processes."""
    rng = np.random.default_rng(1)
    orders = 0
    for _ in range(50):
        labels = rng.choice(np.array(list("abcdefgh"), dtype=object), 400)
        values = rng.normal(0, 1, 400)
        parts = [
            group.size * (group.mean() - values.mean()) ** 2
            for group in (values[labels == label] for label in dict.fromkeys(labels.tolist()))
        ]
        total = float(((values - values.mean()) ** 2).sum())
        orders += sum(parts) != sum(parts[::-1])
        assert _between(values, labels) == sum(parts) / total
    assert orders > 10


@pytest.mark.long
def test_three_seeds_cannot_reject_and_it_is_said():
    choices = chosen(sweep(3), RISES, knob_scale=True)
    result = robustness(sweep(3, effect=9.0), RISES, choices=choices, replications=0)
    assert result.joint.pvalue == result.joint.smallest_pvalue == 1 / 8
    assert result.joint_note == (
        "with 3 seeds no p-value can be below 0.125, so the joint test cannot reject at 0.05"
    )


@pytest.mark.long
def test_many_seeds_are_drawn_and_the_answer_repeats():
    table = sweep(14, effect=0.2, entropy=4)
    analyses, _ = analysed(table, RISES, chosen(table, RISES, knob_scale=True))
    first, second = (joint_test(analyses, RISES) for _ in range(2))
    assert first == second
    assert (first.method, first.smallest_pvalue) == ("Monte Carlo", 1 / 4096)
    exact = stats.permutation_test(
        (analyses[0].scores.values,),
        np.sum,
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
    )
    only = joint_test(analyses[:1], RISES)
    assert only.pvalue == pytest.approx(exact.pvalue, abs=4 * np.sqrt(exact.pvalue / 4096))


@pytest.mark.long
def test_independent_runs_have_no_joint_test():
    claim = Signature(shape="increasing", design="independent")
    choices = chosen(sweep(4), claim, knob_scale=True)
    result = robustness(sweep(4), claim, choices=choices, replications=0)
    assert result.joint is None
    assert "runs are independent" in result.joint_note


def test_scores_that_depend_on_other_seeds_have_no_joint_test():
    table, claim = sweep(), Signature(shape="peak")
    analyses, _ = analysed(table, claim, chosen(table, claim, window=("without the last level",)))
    assert re.match("the primary clause of 'peak' does not score each seed", joint_test(analyses, claim))


def test_a_direction_that_the_data_choose_is_tested_on_both_sides():
    table, claim = sweep(5, effect=-3.0), Signature(shape="linear", design="repeated")
    analyses, _ = analysed(table, claim, chosen(table, claim, window=("without the last level",)))
    joint = joint_test(analyses, claim)
    assert joint.pvalue == joint.smallest_pvalue == 2 / 32


def test_the_measured_rejection_rates_are_those_of_the_docstring_and_within_the_level():
    path = Path(__file__).parents[3] / "docs" / "validity" / "multiverse_null.csv"
    measured_rates = pd.read_csv(path).set_index("seeds")
    assert set(measured_rates["slopes"]) == {"normal", "two-point"}
    joint = measured_rates[["joint_mean", "joint_max", "joint_count"]]
    assert (joint <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 1000)).all(axis=None)
    rates = measured_rates[measured_rates["slopes"] == "normal"]
    assert rates["replications"].min() >= 1000
    joint = rates[["joint_mean", "joint_max", "joint_count"]]
    assert (joint.loc[3] == 0).all()
    measured_text = joint_test.__doc__.split("*Measured*")[1].split("multiverse_null.csv")[0]
    said = [float(each) for each in re.findall(r"\.\d{3}", measured_text)]
    measured = [rates.loc[n, name] for name in (*joint.columns, "any_analysis") for n in (3, 5, 10)]
    assert said == [each for each in measured if each > 0]
