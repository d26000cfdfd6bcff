"""What an option does to the table and to the signature: ranks, pairs, windows, scales, repeats."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sigstats_robustness_sweeps import LEVELS, RISES, analysed, chosen, names_of, sweep

from sigstats import (
    Signature,
    SweepTable,
    detect,
)
from sigstats.errors import OptionError
from sigstats.studies.robustness import (
    multiverse,
)
from sigstats.studies.robustness.readings import read
from sigstats.studies.robustness.repeats import reduced_table, trimmed_mean
from sigstats.studies.robustness.variants import carried_over, ranked, within


def test_ranks_are_over_all_cells_and_ties_share_their_mean():
    cells = {"a": [[5.0, 1.0, 1.0, np.nan], [1.5, 2.0, 3.0, 4.0]], "b": [[7.0, 1.0, 9.0, 2.0]]}
    found = ranked(SweepTable.from_matrices([1, 2, 3, 4], cells))
    every = [value for rows in cells.values() for row in rows for value in row if not np.isnan(value)]
    expected = dict(zip(every, (stats.rankdata(every) - 1.0) / (len(every) - 1), strict=True))
    for name, rows in cells.items():
        ranks = found.matrix(name)
        assert np.isnan(ranks).tolist() == np.isnan(rows).tolist()
        pairs = zip(np.ravel(rows), ranks.ravel(), strict=True)
        assert all(expected[value] == rank for value, rank in pairs if not np.isnan(value))
    assert (ranks.max(), found.matrix("a")[0, 1]) == (1.0, 0.1)
    assert found.metric == "rank of metric"


def test_ranks_see_the_order_of_values_alone():
    table = sweep(conditions=("control", "treatment"))
    other = SweepTable.from_matrices(
        LEVELS, {name: np.exp(3.0 * table.matrix(name)) for name in table.conditions}
    )
    assert all((ranked(table).matrix(n) == ranked(other).matrix(n)).all() for n in table.conditions)


@pytest.mark.long
@pytest.mark.parametrize("design", ["repeated", "independent"])
@pytest.mark.parametrize("entropy", range(5))
def test_a_clean_sweep_is_present_on_ranks_too(design, entropy):
    """All seeds rise in the same order of levels; over the whole table they are still different runs."""
    table = sweep(5, effect=3.0, sd=0.03, entropy=entropy)
    claim = Signature(shape="increasing", min_effect=1.0, design=design)
    analyses, pruned = analysed(table, claim, chosen(table, claim, metric_scale=("rank",)))
    assert {each.option("metric_scale"): each.reading.status for each in analyses} == {
        "linear": "present",
        "rank": "present",
    }
    assert pruned == ()


def test_ranks_are_not_asked_whether_a_control_is_quiet():
    """With a control, of which ranks keep no ratio to the treatment, they are ruled out and counted."""
    table = sweep(5, conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control")
    planned, pruned = multiverse.plan(table, claim, chosen(table, claim, metric_scale=("log", "rank")))
    assert [dict(each.options)["metric_scale"] for each in planned] == ["linear", "log"]
    assert [(each.count, "not their ratio" in each.reason) for each in pruned] == [(1, True)]


@pytest.mark.long
def test_ranks_inflate_the_noise_of_a_flat_control_as_often_as_the_page_says():
    claim = Signature(shape="increasing", control="control")
    said = []
    for entropy in range(40):
        clean = sweep(5, effect=3.0, sd=0.03, conditions=("control", "treatment"), entropy=entropy)
        said.append(detect(ranked(clean), claim).status)
    page = Path(__file__).parents[3] / "docs" / "explanation" / "robustness.md"
    lost = sum(each != "present" for each in said)
    assert f"effect), {lost} were not *present*" in page.read_text(encoding="utf-8")


def test_ranks_keep_sizes_in_order():
    """Without noise a control with a quarter of the effect carries 0.77 of it on ranks, by the integral of its curve.

    With x uniform, ranks are min(4x, 1)/2 + x/2 in the treatment, and of slope 1/2 + 1/8 in the control: 10/13.
    """
    x = np.linspace(0.0, 1.0, 401)
    made = ranked(SweepTable.from_matrices(x, {"control": [x / 4], "treatment": [x]}))
    slopes = {name: np.polyfit(x, made.matrix(name)[0], 1)[0] for name in made.conditions}
    assert slopes["control"] / slopes["treatment"] == pytest.approx(10 / 13, abs=0.01)


def test_pairs_are_a_choice_where_all_labels_are_shared():
    table = sweep(4, conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control")
    assert names_of(table, claim)["paired"] == ["no", "yes"]
    assert "paired" not in names_of(table, dataclasses.replace(claim, paired=True))
    assert "paired" not in names_of(table, Signature(shape="increasing"))
    assert "paired" not in names_of(table, dataclasses.replace(claim, design="independent"))
    cells = {name: table.matrix(name) for name in table.conditions}
    other = SweepTable.from_matrices(LEVELS, cells, seeds={"control": [*"abcd"], "treatment": [*"abce"]})
    assert "paired" not in names_of(other, claim)


@pytest.mark.long
def test_paired_analyses_are_those_of_a_paired_signature():
    table = sweep(5, effect=0.8, conditions=("control", "treatment"))
    claim = Signature(shape="increasing", control="control")
    for each in analysed(table, claim, chosen(table, claim, paired=True))[0]:
        again = detect(table, dataclasses.replace(claim, paired=each.option("paired") == "yes"))
        assert read(again) == each.reading


def test_pairs_are_ruled_out_where_labels_are_not_shared():
    """Among complete seeds, label 0 of the treatment has lost its partner; and fresh runs have none."""
    table = sweep(5, conditions=("control", "treatment"))
    cells = {name: np.array(table.matrix(name)) for name in table.conditions}
    cells["control"][0, 2] = np.nan
    gappy = SweepTable.from_matrices(LEVELS, cells)
    claim = Signature(shape="increasing", control="control")
    choices = chosen(gappy, claim, paired=True, missing=True, design=True)
    planned, pruned = multiverse.plan(gappy, claim, choices)
    kept = [dict(each.options) for each in planned if dict(each.options)["paired"] == "yes"]
    assert kept == [{"missing": "as it is", "design": "repeated", "paired": "yes"}]
    assert {each.reason: each.count for each in pruned} == {
        "independent runs do not form curves that could be complete": 2,
        "the labels of independent runs do not pair them": 1,
        "treatment and control do not share all seed labels in the window": 1,
    }


def test_windows_take_their_levels():
    table = sweep(levels=np.arange(1.0, 8.0))
    assert within(table, "lower half").levels.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert within(table, "upper half").levels.tolist() == [4.0, 5.0, 6.0, 7.0]
    assert within(table, "without the last level").levels.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_the_smallest_effect_is_as_large_on_another_scale():
    before, after = np.log([10.0 - 0.05, 10.0 + 0.05])
    assert carried_over(0.1, 10.0, "linear", "log") == pytest.approx(after - before, rel=1e-4)
    assert carried_over(0.01, 10.0, "log", "linear") == pytest.approx(0.1)
    assert carried_over(0.02, 0.5, "linear", "logit") == pytest.approx(0.08)
    assert carried_over(0.1, 10.0, "linear", "rank") is None


@pytest.mark.long
@pytest.mark.parametrize("option", ["trimmed mean", "interquartile mean", "median"])
def test_repeats_are_reduced_as_said(option):
    values = [3.0, 1.0, 2.0, 90.0, 4.0, 5.0, 6.0, 7.0]
    rows = [(s, k, v + k) for s in range(3) for k in range(4) for v in values]
    frame = pd.DataFrame(rows, columns=["run", "lr", "loss"])
    claim = Signature(shape="increasing", knob="lr", metric="loss", seed="run", aggregate="mean")
    expected = {
        "trimmed mean": stats.trim_mean(values, 1 / 8),
        "interquartile mean": stats.trim_mean(values, 0.25),
        "median": np.median(values),
    }[option]
    found = reduced_table(frame, claim, option)
    assert found.matrix("treatment")[0] == pytest.approx(expected + np.arange(4.0))
    assert (found.knob, found.metric) == ("lr", "loss")


def test_filters_hold_for_every_way_to_reduce_repeats():
    rows = [(s, k, k + 0.1 * r, r < 4) for s in range(3) for k in range(4) for r in range(8)]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric", "keep"])
    claim = Signature(shape="increasing", aggregate="mean", where={"keep": True})
    found = reduced_table(frame, claim, "interquartile mean")
    assert found.matrix("treatment")[0] == pytest.approx(np.arange(4.0) + 0.15)
    assert names_of(frame, claim)["aggregate"] == ["mean", "median", "trimmed mean", "interquartile mean"]


def test_repeats_of_a_sweep_table_are_reduced_already():
    with pytest.raises(OptionError, match="reduced already"):
        reduced_table(sweep(), RISES, "median")


def test_a_trimmed_mean_keeps_something():
    assert [trimmed_mean(np.array([1.0, 2.0]), 0.25), trimmed_mean(np.array([4.0]), 0.1)] == [1.5, 4.0]
