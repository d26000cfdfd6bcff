"""Forecasts: predictions and errors against answers by hand, statuses, rivals, levels that were not run."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sigstats import Signature, SweepTable, forecast
from sigstats.errors import OptionError, SignatureError, TableError
from sigstats.studies.forecast.judge import judged
from sigstats.studies.forecast.record import Ground, Note, Rival
from sigstats.verdict.rules import Status

LEVELS = 2.0 ** np.arange(9)
LINE = Signature(shape="linear", knob_scale="log")
POWER = Signature(shape="power_law")
SATURATING = Signature(shape="saturating", knob_scale="log")


def approach(levels=LEVELS):
    return 3.0 - 2.0 * np.exp(-0.5 * np.log2(levels))


def sweep(means, *, n_seeds=5, noise=0.01, rng=0, levels=LEVELS):
    """Return a table of one treatment: means, an offset for each seed, and noise of each run."""
    generator = np.random.default_rng(rng)
    own = noise * generator.standard_normal((n_seeds, 1))
    return SweepTable.from_matrices(
        levels, {"a": means + own + noise * generator.standard_normal((n_seeds, levels.size))}
    )


def test_a_level_without_measure_far_away_is_refused():
    """Numbers would overflow, and no law holds there."""
    with pytest.raises(OptionError, match="Predict nearer levels"):
        forecast(sweep(approach()), SATURATING, to=[512, 1e300], beyond=True)


def test_a_law_may_be_asked_for_a_level_many_orders_of_magnitude_above():
    """As from small models to ones that nobody has trained."""
    levels = np.geomspace(1e18, 1e19, 6)
    table = SweepTable.from_matrices(levels, {"a": 5.0 * (levels / 1e18) ** -0.3 * np.ones((4, 1))})
    claim = Signature(shape="power_law")
    (found,) = forecast(table, claim, to=[1e25], beyond=True).levels
    assert found.prediction.value == pytest.approx(5.0 * 1e7**-0.3, rel=1e-6)


def test_predictions_errors_and_p_values_of_a_line_are_those_by_hand():
    """A line that is fitted to the means is the mean of the lines of the seeds, so that t tests of these are exact."""
    table = sweep(4.0 - 0.3 * np.log(LEVELS), noise=0.05)
    found = forecast(table, LINE, to=[128, 256], within=0.04)
    values, x = table.matrix("a"), np.log(LEVELS)
    for at, each in zip((7, 8), found.levels, strict=True):
        ahead = np.array([np.polyval(np.polyfit(x[:7], row[:7], 1), x[at]) for row in values])
        own = values[:, at]
        mean = stats.ttest_1samp(ahead, 0).confidence_interval(0.9)
        assert (each.prediction.value, each.prediction.low, each.prediction.high) == pytest.approx(
            (ahead.mean(), *mean)
        )
        error = stats.ttest_1samp(ahead - own, 0).confidence_interval(0.9)
        assert (each.error.value, each.error.low, each.error.high) == pytest.approx(
            ((ahead - own).mean(), *error)
        )
        sides = [ahead - 0.96 * own, 1.04 * own - ahead]
        inside = [stats.ttest_1samp(side, 0, alternative="greater").pvalue for side in sides]
        assert each.pvalue_within == pytest.approx(max(inside))
        assert each.relative_error.value == pytest.approx((ahead - own).mean() / own.mean())
        assert each.n_seeds == 5
    first = found.fits[0]
    assert first.means == pytest.approx(values.mean(axis=0)[:7])
    assert found.levels[0].relative_error.confidence == pytest.approx(0.9)


def test_where_a_new_run_is_expected():
    table = sweep(4.0 - 0.3 * np.log(LEVELS), noise=0.05)
    (each,) = forecast(table, LINE, to=256).levels
    values, x = table.matrix("a"), np.log(LEVELS)
    ahead = np.array([np.polyval(np.polyfit(x[:8], row[:8], 1), x[8]) for row in values])
    sd = np.sqrt(values[:, :8].var(axis=0, ddof=1).mean())
    reach = stats.t.ppf(0.95, 4) * np.hypot(ahead.std(ddof=1) / np.sqrt(5), sd)
    assert (each.new_run.low, each.new_run.high) == pytest.approx(
        (ahead.mean() - reach, ahead.mean() + reach)
    )


def test_independent_runs_have_the_errors_of_their_levels():
    table = sweep(4.0 - 0.3 * np.log(LEVELS), noise=0.05)
    frame = table.to_frame()
    frame["seed"] = range(len(frame))
    found = forecast(frame, LINE, to=256)
    values, x = table.matrix("a"), np.log(LEVELS)
    weights = np.array([np.polyval(np.polyfit(x[:8], row, 1), x[8]) for row in np.eye(8)])
    parts = np.append(weights, -1.0) ** 2 * values.var(axis=0, ddof=1) / 5
    df = parts.sum() ** 2 / (parts**2 / 4).sum()
    reach = stats.t.ppf(0.95, df) * np.sqrt(parts.sum())
    (each,) = found.levels
    assert found.design == "independent"
    assert (each.error.high - each.error.low) / 2 == pytest.approx(reach)
    assert each.error.value == pytest.approx(forecast(table, LINE, to=256).levels[0].error.value)


def test_a_law_that_goes_on_is_present_and_nearer_than_the_rivals():
    found = forecast(sweep(approach()), SATURATING, to=[64, 128, 256])
    assert (found.status, found.reasons) == (Status.PRESENT, ())
    assert [each.law_nearer for each in found.duels] == [True, True, True]
    assert {each.rival for each in found.duels} == {Rival.LAST_VALUE, Rival.LOG_LOG, Rival.SEMI_LOG}
    assert dict(found.fits[0].parameters)["plateau"] == pytest.approx(3.0, abs=0.05)
    assert found.summary(full=True).startswith("PRESENT")


def test_a_power_law_with_a_floor_is_carried_on_with_the_floor_that_was_fitted_or_declared():
    means = 2.0 + 3.0 * LEVELS**-0.5
    free = forecast(sweep(means), Signature(shape="scaling_law"), to=[64, 128, 256])
    assert free.status is Status.PRESENT
    parameters = dict(free.fits[0].parameters)
    assert (parameters["floor"], parameters["exponent"]) == pytest.approx((2.0, 0.5), abs=0.05)
    known = forecast(sweep(means), Signature(shape={"name": "scaling_law", "floor": 2.0}), to=[64, 128, 256])
    width = [each.levels[-1].prediction.high - each.levels[-1].prediction.low for each in (free, known)]
    assert known.status is Status.PRESENT
    assert width[1] < width[0]
    assert dict(known.fits[0].parameters)["floor"] == 2.0


@pytest.mark.long
@pytest.mark.parametrize("column", [0, 3])
def test_one_run_that_diverged_refutes_no_law(column):
    """The logarithm of a mean that one run decides is not known to first order."""
    values = sweep(3.0 * LEVELS**-0.3).matrix("a").copy()
    values[0, column] = 1e4
    found = forecast(SweepTable.from_matrices(LEVELS, {"a": values}), Signature(shape="power_law"))
    assert found.status is Status.INCONCLUSIVE
    assert all(each.error.low < 0.0 < each.error.high for each in found.levels)


def test_scores_of_seeds_on_a_log_scale_are_pseudo_values_of_the_jackknife():
    table = sweep(3.0 * LEVELS**-0.3, noise=0.4)
    found = forecast(table, Signature(shape="power_law"), to=[256]).levels[0]
    values, x = table.matrix("a"), np.log(LEVELS[:8])

    def ahead(rows):
        slope, start = np.polyfit(x, np.log(rows[:, :8].mean(axis=0)), 1)
        return np.exp(start + slope * np.log(LEVELS[8]))

    every = ahead(values)
    pseudo = np.array([5 * every - 4 * ahead(np.delete(values, row, axis=0)) for row in range(5)])
    # Around the prediction itself, not around their mean: on the safe side.
    se = np.sqrt(((pseudo - every) ** 2).sum() / (5 * 4))
    expected = every + np.array([-1.0, 1.0]) * stats.t.ppf(0.95, 4) * se
    assert (found.prediction.low, found.prediction.high) == pytest.approx(tuple(expected))


def test_a_law_that_breaks_is_absent():
    means = approach() + np.where(LEVELS >= 64, 0.6, 0.0)
    found = forecast(sweep(means), SATURATING, to=[64, 128, 256])
    assert (found.status, found.reasons) == (Status.ABSENT, (Ground.OUTSIDE,))
    assert "misses the mean metric by more than 5 %" in " ".join(found.summary(full=True).split())


def test_a_law_that_breaks_later_is_partial():
    means = approach() + np.where(LEVELS >= 256, 0.6, 0.0)
    found = forecast(sweep(means), SATURATING, to=[64, 128, 256])
    assert (found.status, found.reasons) == (Status.PARTIAL, (Ground.SOME_LEVELS,))
    assert [each.within for each in found.levels] == [True, True, False]


@pytest.mark.long
def test_too_little_data_is_inconclusive_and_says_how_many_seeds_would_do():
    noisy = forecast(sweep(approach(), noise=0.4, n_seeds=3), SATURATING)
    assert (noisy.status, noisy.reasons) == (Status.INCONCLUSIVE, (Ground.UNDERPOWERED,))
    assert noisy.seeds_needed > 3
    few = forecast(sweep(approach(), n_seeds=2), SATURATING)
    assert (few.status, few.reasons) == (Status.INCONCLUSIVE, (Ground.TOO_FEW_SEEDS,))
    same = forecast(SweepTable.from_matrices(LEVELS, {"a": [approach()] * 3}), SATURATING)
    assert same.status is Status.INCONCLUSIVE


@pytest.mark.slow
def test_seeds_that_are_said_to_do_are_enough():
    """Simulated at that number of seeds, a law that is exact is shown in about 0.8 of sweeps (Monte Carlo: 60)."""
    noisy = forecast(
        sweep(4.0 - 0.3 * np.log(LEVELS), noise=0.15, n_seeds=40, rng=3), LINE, to=256, within=0.02
    )
    assert noisy.status is Status.INCONCLUSIVE
    shown = [
        forecast(
            sweep(4.0 - 0.3 * np.log(LEVELS), noise=0.15, n_seeds=noisy.seeds_needed, rng=at),
            LINE,
            to=256,
            within=0.02,
        ).status
        is Status.PRESENT
        for at in range(60)
    ]
    assert 0.6 <= np.mean(shown) <= 0.97


def test_a_level_with_few_seeds_stays_open():
    values = sweep(approach()).matrix("a").copy()
    values[2:, -1] = np.nan
    found = forecast(SweepTable.from_matrices(LEVELS, {"a": values}), SATURATING, to=[64, 128, 256])
    assert (found.status, found.reasons) == (Status.INCONCLUSIVE, (Ground.TOO_FEW_SEEDS,))
    assert found.levels[-1].pvalue_within == 1.0
    assert found.duels[0].level == 128.0
    assert Note.FEWER_SEEDS_AHEAD in found.notes


def test_seeds_without_some_of_the_fitted_levels_are_left_out():
    table = sweep(approach(), n_seeds=6)
    values = table.matrix("a").copy()
    values[5, 2] = np.nan
    found = forecast(SweepTable.from_matrices(LEVELS, {"a": values}), SATURATING)
    whole = forecast(SweepTable.from_matrices(LEVELS, {"a": values[:5]}), SATURATING)
    assert found.levels == whole.levels
    assert found.fits[0].seeds_left_out == 1
    assert "1 seed left out" in found.summary(full=True)


def test_copies_of_a_seed_count_once():
    values = sweep(approach(), n_seeds=4).matrix("a")
    found = forecast(SweepTable.from_matrices(LEVELS, {"a": [*values, values[0]]}), SATURATING)
    once = forecast(SweepTable.from_matrices(LEVELS, {"a": values}), SATURATING)
    assert found.levels == once.levels
    assert found.fits[0].copies_left_out == 1


def test_the_largest_third_is_predicted_by_default_and_at_least_four_levels_are_fitted():
    assert forecast(sweep(approach()), SATURATING).to == (64.0, 128.0, 256.0)
    short = forecast(sweep(approach(LEVELS[:5]), levels=LEVELS[:5]), SATURATING)
    assert (short.to, short.fits[0].levels) == ((16.0,), (1.0, 2.0, 4.0, 8.0))
    with pytest.raises(OptionError, match="3 levels of knob below it"):
        forecast(sweep(approach()), SATURATING, to=[8, 16])
    with pytest.raises(OptionError, match="a law is fitted to at least 4"):
        forecast(sweep(approach(LEVELS[:4]), levels=LEVELS[:4]), SATURATING)


def test_levels_between_are_neither_fitted_nor_predicted():
    found = forecast(sweep(approach()), SATURATING, to=[64, 256])
    assert (found.left_out, found.fits[0].levels[-1]) == ((128.0,), 32.0)
    assert "Neither fitted nor predicted: knob 128" in found.summary(full=True)


def test_levels_that_were_not_run_need_a_word_and_are_not_judged():
    table = sweep(approach())
    with pytest.raises(OptionError, match=r"512, at which there is no run.*beyond=True"):
        forecast(table, SATURATING, to=512)
    found = forecast(table, SATURATING, to=[512, 1024], beyond=True)
    assert (found.status, found.duels, found.observed) == (None, (), ())
    assert Note.BEYOND_DATA in found.notes
    assert all(np.isfinite([each.prediction.low, each.new_run.high]).all() for each in found.levels)
    assert "goes beyond the data" in " ".join(found.summary(full=True).split())
    assert str(found).startswith("FORECAST: metric at knob 512 and 1024, predicted")


def test_the_claim_is_about_the_levels_that_were_run():
    found = forecast(sweep(approach()), SATURATING, to=[128, 256, 512], beyond=True)
    assert found.status is Status.PRESENT
    assert str(found).startswith("PRESENT: metric at knob 128 and 256 is predicted within 5 %")
    assert "Without runs at knob 512, these are predicted, but not judged" in " ".join(
        found.summary(full=True).split()
    )
    assert [each.level for each in found.not_run] == [512.0]


def test_a_metric_that_may_be_zero_has_no_error_in_per_cent():
    found = forecast(sweep(0 * LEVELS, noise=1.0), Signature(shape="flat", min_effect=1.0))
    assert found.status is Status.INCONCLUSIVE
    assert "the observed mean may be 0" in " ".join(found.summary(full=True).split())


def test_a_negative_metric_is_predicted_like_its_mirror():
    values = sweep(approach()).matrix("a")
    one, other = (
        forecast(SweepTable.from_matrices(LEVELS, {"a": sign * values}), SATURATING) for sign in (1.0, -1.0)
    )
    for up, down in zip(one.levels, other.levels, strict=True):
        assert down.pvalue_within == pytest.approx(up.pvalue_within)
        assert down.pvalue_outside == pytest.approx(up.pvalue_outside)
        assert down.relative_error.low == pytest.approx(-up.relative_error.high)


@pytest.mark.long
def test_a_forecast_is_settled_by_runs_that_came_later():
    levels = np.append(LEVELS, 512.0)
    later = sweep(approach(levels), levels=levels)
    before = SweepTable.from_matrices(LEVELS, {"a": later.matrix("a")[:, :-1]})
    made = forecast(before, SATURATING, to=512, beyond=True)
    settled = made.settle(later)
    assert settled == forecast(later, SATURATING, to=512)
    assert settled.levels[0].prediction == made.levels[0].prediction
    assert settled.status is Status.PRESENT
    assert made.settle(before) == made
    other = SweepTable.from_matrices(levels, {"a": later.matrix("a") + 0.001})
    with pytest.raises(OptionError, match="are not those that the forecast was made from"):
        made.settle(other)


def test_fresh_seeds_at_the_predicted_level_settle_it_too():
    levels = np.append(LEVELS, 512.0)
    full = sweep(approach(levels), levels=levels, n_seeds=8).matrix("a").copy()
    full[:4, -1], full[4:, :-1] = np.nan, np.nan
    found = forecast(SweepTable.from_matrices(levels, {"a": full}), SATURATING, to=512)
    assert (found.status, found.fits[0].n_seeds, found.levels[0].n_seeds) == (Status.PRESENT, 4, 4)


def test_each_treatment_has_a_law_of_its_own_and_all_must_be_predicted():
    good, bad = sweep(approach()).matrix("a"), sweep(approach() + (LEVELS > 50) * 0.6, rng=1).matrix("a")
    both = SweepTable.from_matrices(LEVELS, {"good": good, "bad": bad, "control": bad})
    claim = dataclasses.replace(SATURATING, control=("control",))
    found = forecast(both, claim)
    assert (found.status, [fit.condition for fit in found.fits]) == (Status.PARTIAL, ["bad", "good"])
    assert Note.CONTROLS_LEFT_OUT in found.notes
    assert "of 'bad'" in found.summary(full=True)


def test_a_rival_is_not_the_law_itself():
    assert Rival.LOG_LOG not in {each.rival for each in forecast(sweep(3 * LEVELS**-0.2), POWER).duels}
    assert Rival.SEMI_LOG not in {each.rival for each in forecast(sweep(approach()), LINE).duels}


def test_a_rival_that_is_nearer_is_named():
    levels = np.arange(9.0)
    table = sweep(4.0 + np.minimum(levels, 5.0), levels=levels)
    found = forecast(table, Signature(shape="linear"), to=[6, 7, 8], within=0.3)
    assert [(each.rival, each.law_nearer) for each in found.duels] == [(Rival.LAST_VALUE, False)]
    assert {Note.RIVAL_NEARER, Note.NO_LOG_RIVALS} <= set(found.notes)
    assert "shown to be further off than the last value carried on" in " ".join(
        found.summary(full=True).split()
    )


@pytest.mark.parametrize(
    ("claim", "error", "message"),
    [
        (Signature(shape="increasing"), SignatureError, "does not say how a curve goes on"),
        (Signature(shape="linear", knob_scale="rank"), SignatureError, "have no place"),
        (Signature(shape="higher", baseline="a"), SignatureError, "has no knob"),
        ("linear", SignatureError, "must be a Signature"),
    ],
)
def test_claims_that_predict_no_level_are_refused(claim, error, message):
    with pytest.raises(error, match=message):
        forecast(sweep(approach()), claim)


def test_options_and_levels_that_cannot_be_used_are_refused():
    table = sweep(approach())
    for within in (0.0, 1.0, "5%"):
        with pytest.raises(OptionError, match="`within` is"):
            forecast(table, SATURATING, within=within)
    for to in ([], "big", [float("nan")]):
        with pytest.raises(OptionError, match="`to` is"):
            forecast(table, SATURATING, to=to)
    levels = np.arange(9.0)
    with pytest.raises(TableError, match="a log scale needs levels above 0"):
        forecast(sweep(approach(levels + 1), levels=levels), SATURATING)
    with pytest.raises(TableError, match="needs values above 0"):
        forecast(sweep(approach() - 4), POWER)
    named = pd.DataFrame({"knob": ["off", "on"] * 3, "metric": range(6), "seed": [0, 0, 1, 1, 2, 2]})
    with pytest.raises(SignatureError, match="are words"):
        forecast(named, Signature(shape="linear", levels=["off", "on"]))


@pytest.mark.long
@given(st.data())
@settings(max_examples=6, deadline=None)
def test_labels_order_and_units_do_not_matter(data):
    table = sweep(approach(), n_seeds=4, rng=data.draw(st.integers(0, 99)))
    frame = table.to_frame()
    found = forecast(table, SATURATING)
    names = data.draw(st.permutations(["p", "q", "r", "s"]))
    other = frame.assign(
        seed=frame.seed.map(dict(zip("0123", names, strict=True))), metric=8.0 * frame.metric
    )
    order = data.draw(st.permutations(range(len(frame))))
    again = forecast(other.iloc[list(order)], SATURATING)
    assert again.status is found.status
    for one, two in zip(found.levels, again.levels, strict=True):
        assert two.relative_error.low == pytest.approx(one.relative_error.low, rel=1e-6, abs=1e-9)
        assert two.prediction.high == pytest.approx(8.0 * one.prediction.high)
        assert two.pvalue_within == pytest.approx(one.pvalue_within, rel=1e-5)


@pytest.mark.long
@given(st.integers(0, 99), st.floats(0.01, 0.2), st.floats(1.0, 4.0))
@settings(max_examples=6, deadline=None)
def test_a_wider_part_is_never_harder_to_show(rng, within, wider):
    table = sweep(approach() + (LEVELS > 50) * 0.1, noise=0.05, rng=rng)
    narrow, wide = (forecast(table, SATURATING, within=each) for each in (within, min(within * wider, 0.9)))
    for one, two in zip(narrow.levels, wide.levels, strict=True):
        assert two.pvalue_within <= one.pvalue_within + 1e-12
        assert two.pvalue_outside >= one.pvalue_outside - 1e-12
    assert not (narrow.status is Status.PRESENT and wide.status is not Status.PRESENT)


@pytest.mark.long
def test_p_values_and_intervals_agree():
    for rng in range(4):
        found = forecast(sweep(approach() + (LEVELS > 50) * 0.1, noise=0.06, rng=rng), SATURATING)
        for each in found.levels:
            inside = max(-each.relative_error.low, each.relative_error.high) < 0.05
            assert inside == (each.pvalue_within < 0.05)


def test_the_first_rule_that_applies_decides():
    level = forecast(sweep(approach()), SATURATING, to=256).levels[0]
    shown = dataclasses.replace(level, pvalue_within=0.01, within=True)
    missed = dataclasses.replace(level, pvalue_within=1.0, within=False)
    unclear = dataclasses.replace(level, pvalue_within=0.2, within=None)
    cases = [
        ([shown, missed], Status.PARTIAL),
        ([missed, unclear], Status.ABSENT),
        ([shown, shown], Status.PRESENT),
        ([shown, unclear], Status.INCONCLUSIVE),
    ]
    for levels, status in cases:
        assert judged(levels, 0.05, 5).status is status
    assert judged([shown], 0.05, 2).reasons == (Ground.TOO_FEW_SEEDS,)


@pytest.mark.long
def test_every_format_says_the_same(tmp_path):
    found = forecast(sweep(approach()), SATURATING)
    for text in (found.to_markdown(), found.to_html(), found.to_latex(), found.summary(full=True)):
        assert "256" in text
    held = json.loads(found.to_json())
    assert (held["status"], held["law"], held["fits"][0]["n_seeds"]) == ("present", "saturating", 5)
    assert list(found.table()["level"]) == [64.0, 128.0, 256.0]
    assert found.table()["last_value_relative_error"].notna().all()
    found.plot().savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000


@pytest.mark.long
def test_the_law_is_dashed_where_it_is_carried_on():
    axes = forecast(sweep(approach()), SATURATING, to=[512], beyond=True).plot().axes[1]
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert lines["law, fitted"].get_linestyle() == "-"
    assert lines["law, carried on"].get_linestyle() == "--"
    assert lines["law, fitted"].get_xdata().max() == 256.0 == lines["law, carried on"].get_xdata().min()


@pytest.mark.long
def test_what_lines_stand_for_takes_four_rows_in_a_column_of_a_paper():
    """However long the name of the knob is."""
    held = pd.DataFrame(
        [
            (level, seed, value + 0.01 * seed)
            for level, value in zip(LEVELS, approach(), strict=True)
            for seed in range(4)
        ],
        columns=["number of layers in a block", "seed", "metric"],
    )
    signature = Signature(shape="saturating", knob="number of layers in a block", knob_scale="log")
    figure = forecast(held, signature).plot(width="column")
    (legend,) = [axes.get_legend() for axes in figure.axes if axes.get_legend()]
    tops = {round(text.get_window_extent().y1) for text in legend.get_texts()}
    assert len(legend.get_texts()) == 8
    assert len(tops) <= 4


@pytest.mark.parametrize(
    ("means", "shape", "said"),
    [
        (2.0 + 3.0 * LEVELS**-0.5, "scaling_law", "floor 2"),
        (5.0 - 3.0 * LEVELS**-0.5, {"name": "scaling_law", "direction": "increasing"}, "ceiling 5"),
        (approach(), "saturating", "plateau 3"),
    ],
)
def test_a_floor_above_the_start_is_called_a_ceiling(means, shape, said):
    found = forecast(sweep(means, noise=1e-6), Signature(shape=shape, knob_scale="log"))
    assert said in found.summary(full=True)


def test_one_seed_is_one_seed():
    assert "(1 seed)" in forecast(sweep(3.0 * LEVELS**-0.3, n_seeds=1), LINE).summary(full=True)


def test_the_band_of_the_figure_has_the_bounds_of_the_predictions():
    """On a log scale, too, where seeds count by the jackknife."""
    found = forecast(sweep(3.0 * LEVELS**-0.3, noise=0.3), Signature(shape="power_law"))
    drawn = found.drawn[0]
    for each in found.levels:
        at = int(np.flatnonzero(drawn.grid == each.level)[0])
        assert (drawn.low[at], drawn.high[at]) == pytest.approx((each.prediction.low, each.prediction.high))


def test_keywords_say_the_same_as_a_signature():
    """The fields may be given one by one; a signature stands alone."""
    frame = sweep(approach()).to_frame().rename(columns={"knob": "n"})
    said = {"shape": "saturating", "knob": "n", "knob_scale": "log", "alpha": 0.1}
    assert forecast(frame, **said) == forecast(frame, Signature(**said))
    with pytest.raises(SignatureError, match=r"together with \('alpha',\)"):
        forecast(frame, Signature(**said), to=256, alpha=0.1)
    with pytest.raises(SignatureError, match="`shape` is missing"):
        forecast(frame, knob="n")


def test_a_signature_that_declares_its_forecast_is_asked_nothing_else():
    """Levels and part come from the signature, also levels without runs; other ones are refused."""
    table = sweep(approach())
    claim = dataclasses.replace(SATURATING, forecast={"to": [256, 512], "within": 0.1})
    found = forecast(table, claim)
    assert (found.to, found.within) == ((256.0, 512.0), 0.1)
    assert [level.n_seeds for level in found.levels] == [5, 0]
    again = forecast(table, SATURATING, to=[256, 512], within=0.1, beyond=True)
    assert found.levels == again.levels
    assert found.settle(table) == found
    for asked in ({"to": 256}, {"within": 0.1}):
        with pytest.raises(OptionError, match="the signature declares its forecast"):
            forecast(table, claim, **asked)
