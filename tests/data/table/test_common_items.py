"""Sweeps whose runs were measured on items: every cell is the mean over the items that all cells have."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import sigstats as ss
from sigstats.cli.main import app
from sigstats.errors import SignatureError, TableError

KEYS = ["condition", "seed", "knob"]
CALL = {"shape": "increasing", "treatment": "new", "control": "old"}


def scores(*, repeats: bool = False) -> pd.DataFrame:
    """Return scores of four runs on 20 questions at four levels; hard questions are repeated more often."""
    rng = np.random.default_rng(5)
    rows = [
        (condition, seed, knob, f"q{at}", at / 20 + (knob * (1 + seed / 10) / 8) * (condition == "new"))
        for condition in ("new", "old")
        for seed in range(4)
        for knob in range(4)
        for at in range(20)
        for _ in range(1 + repeats * (at % 3) * knob)
    ]
    frame = pd.DataFrame(rows, columns=[*KEYS, "question", "metric"])
    return frame.assign(metric=frame["metric"] + 0.05 * rng.normal(size=len(frame)))


def by_hand(frame: pd.DataFrame) -> pd.Series:
    """Return the mean over items of the means of each item."""
    return frame.groupby([*KEYS, "question"])["metric"].mean().groupby(KEYS).mean()


def cells(table: ss.SweepTable) -> pd.Series:
    """Return the cells of a table in the order of the means by hand."""
    frame = table.to_frame()
    return frame.assign(seed=frame["seed"].astype(int)).set_index(KEYS)["metric"].sort_index()


def notes(table: ss.SweepTable) -> dict[str, str]:
    """Return what was noted, by its code."""
    return {note.code: note.message for note in table.notes}


def refused(frame: object, **options: object) -> str:
    """Return how `detect` refuses a table."""
    with pytest.raises((TableError, SignatureError)) as caught:
        ss.detect(frame, **{**CALL, **options})
    return str(caught.value)


@pytest.mark.parametrize("repeats", [False, True])
def test_a_cell_is_the_mean_over_its_items(repeats: bool) -> None:
    """Repeats of an item are averaged first, so that their number has no weight."""
    frame = scores(repeats=repeats)
    table = ss.SweepTable.from_frame(frame, item="question")
    np.testing.assert_allclose(cells(table), by_hand(frame), rtol=1e-13)
    assert table.n_rows == len(frame)
    assert ("repeats_averaged" in notes(table)) == repeats
    if repeats:
        plain = frame.groupby(KEYS)["metric"].mean()
        assert np.abs(plain - cells(table)).max() > 0.01


def test_the_verdict_is_that_on_the_means() -> None:
    """No number differs from those of a table of means, and a note says what the claim is about."""
    frame = scores(repeats=True)
    found = ss.detect(frame, **CALL, item="question")
    means = ss.detect(by_hand(frame).reset_index(), **CALL)
    assert found.status == means.status == ss.Status.PRESENT
    assert found.effect.value == pytest.approx(means.effect.value, rel=1e-12)
    told = " ".join(found.summary(full=True).split())
    said = "Averaged over 20 items of 'question' within each cell; the claim is about new runs on these items"
    assert said in told


@pytest.mark.long
@pytest.mark.parametrize("engine", [pl.DataFrame, lambda frame: pl.DataFrame(frame).lazy()])
@pytest.mark.parametrize("copies", [1, 30])
def test_frames_of_polars_and_the_order_of_rows_change_nothing(engine: object, copies: int) -> None:
    """Small and large tables give the same cells as in pandas."""
    frame = scores(repeats=True)
    frame = pd.concat([frame.assign(question=frame["question"] + f"/{at}") for at in range(copies)])
    expected = ss.SweepTable.from_frame(frame, item="question")
    shuffled = frame.sample(frac=1, random_state=1)
    for other in (shuffled, engine(shuffled)):
        found = ss.SweepTable.from_frame(other, item="question")
        np.testing.assert_allclose(cells(found), cells(expected), rtol=1e-13)
        assert notes(found) == notes(expected)


@pytest.mark.parametrize("how", ["no row", "no value"])
def test_items_that_a_cell_lacks_are_left_out_everywhere(how: str) -> None:
    """Two cells lack three items in all; these count nowhere."""
    frame = scores()
    lacks = (frame["seed"] == 1) & (frame["knob"] == 2) & frame["question"].isin(["q1", "q2"])
    lacks |= (frame["seed"] == 3) & (frame["knob"] == 0) & (frame["question"] == "q19")
    given = frame[~lacks] if how == "no row" else frame.assign(metric=frame["metric"].where(~lacks))
    table = ss.SweepTable.from_frame(given, item="question")
    kept = frame[~frame["question"].isin(["q1", "q2", "q19"])]
    np.testing.assert_allclose(cells(table), by_hand(kept), rtol=1e-13)
    assert notes(table)["items_left_out"] == "Left out 3 items of 20 that some cell lacks."
    assert "17 items" in notes(table)["items_averaged"]
    assert table.n_rows == len(kept)


def test_items_of_conditions_that_are_not_in_use_do_not_matter() -> None:
    """A condition that nobody asked about cannot take items away."""
    frame = scores()
    other = frame[frame["condition"] == "old"].assign(condition="other", question="x" + frame["question"])
    found = ss.detect(pd.concat([frame, other]), **CALL, item="question")
    assert found.evidence.table_notes == ss.detect(frame, **CALL, item="question").evidence.table_notes


def test_a_run_that_was_not_measured_at_a_level_is_a_missing_cell() -> None:
    """Without a single value there is no cell, and it lacks no items."""
    frame = scores()
    table = ss.SweepTable.from_frame(frame[(frame["seed"] != 1) | (frame["knob"] != 2)], item="question")
    assert "items_left_out" not in notes(table)
    assert "missing_cells" in notes(table)


def test_too_few_common_items_are_refused() -> None:
    """Cells on other items are no levels of one sweep; the cell that stands apart is named."""
    frame = scores()
    apart = (frame["condition"] == "new") & (frame["seed"] == 2) & (frame["knob"] == 1)
    told = refused(frame[~apart | (frame["question"] < "q15")], item="question")
    assert "ITEMS_DIFFER: runs were measured on different items: 7 of 20 are common to all cells" in told
    assert "condition 'new', seed '2', level 1 has least in common" in told


def test_other_ways_to_reduce_repeats_work_within_the_item() -> None:
    """The best of several attempts is that of one item."""
    frame = scores(repeats=True)
    table = ss.SweepTable.from_frame(frame, item="question", aggregate="max")
    best = frame.groupby([*KEYS, "question"])["metric"].max().groupby(KEYS).mean()
    np.testing.assert_allclose(cells(table), best, rtol=1e-13)


@pytest.mark.long
def test_fresh_runs_two_levels_and_filters() -> None:
    """Items go with every design."""
    frame = scores().assign(part=lambda each: each["question"].str.len())
    fresh = frame.assign(seed=frame["seed"] * 10 + frame["knob"])
    assert ss.detect(fresh, **CALL, item="question").evidence.design == "independent"
    pair = ss.detect(frame[frame["knob"] < 2], **CALL, item="question")
    assert len(pair.evidence.arms[0].levels) == 2
    short = ss.detect(frame, **CALL, item="question", where={"part": 2})
    assert "10 items" in str(short.evidence.table_notes[0])


@pytest.mark.long
def test_an_effect_that_fades_needs_the_same_items_along_its_column() -> None:
    """Effects on other items at another step would be no course of one effect."""
    frame = pd.concat([scores().assign(step=step) for step in range(4)])
    frame["metric"] += 0.1 * frame["knob"] * (3 - frame["step"])
    shape = {"name": "fades", "by": "step"}
    own = {"treatment": "new", "control": None, "shape": shape}
    found = ss.detect(frame, **own, item="question")
    means = frame.groupby([*KEYS, "step"])["metric"].mean().reset_index()
    assert found.effect.value == pytest.approx(ss.detect(means, **own).effect.value, rel=1e-9)
    assert found.evidence.table_notes[0].code == "items_averaged"
    lacks = (frame["step"] == 2) & (frame["question"] == "q3")
    assert "items would differ along 'step'" in refused(frame[~lacks], **own, item="question")


@pytest.mark.long
@pytest.mark.parametrize("over", ["item", ["seed", "item"]])
def test_new_items_are_for_slopes(over: object) -> None:
    """A sweep speaks about new runs; the error names what speaks about new items."""
    told = refused(scores(), item="question", over=over)
    assert "sigstats.hierarchical_slopes(data, item='question', ...)" in told
    assert ss.detect(scores(), **CALL, item="question", over=["seed"]).status == ss.Status.PRESENT


def test_a_card_keeps_the_items() -> None:
    """What is written is what is read."""
    signature = ss.Signature(**CALL, item="question")
    assert 'item = "question"' in signature.to_toml()
    assert ss.detect(scores(), signature).status == ss.Status.PRESENT


@pytest.mark.long
@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("engine", [pd.DataFrame, lambda frame: pl.DataFrame(frame).lazy()])
def test_rows_that_items_tell_apart_name_the_remedy(repeats: bool, engine: object) -> None:
    """The remedy works as it is typed."""
    frame = engine(scores(repeats=repeats))
    assert "pass item='question'" in refused(frame)
    assert ss.detect(frame, **CALL, item="question").status == ss.Status.PRESENT


def test_the_remedy_serves_comparisons_and_slopes() -> None:
    """The same words for the same question."""
    frame = scores()
    with pytest.raises(TableError, match="item='question'"):
        ss.compare(frame[frame["knob"] == 3], baseline="old")
    with pytest.raises(TableError, match="item='question'"):
        ss.hierarchical_slopes(frame, treatment="new", control="old")


@pytest.mark.long
def test_many_values_in_every_cell_may_be_items() -> None:
    """Without a telling name, both readings are named; few values stay what they were."""
    frame = scores().rename(columns={"question": "puzzle"})
    told = refused(frame)
    assert "item='puzzle' if it was repeated within a run, or else where={'puzzle': 'q0'}" in told
    few = frame[frame["puzzle"].isin(["q0", "q1"])]
    assert "pass where={'puzzle': 'q0'}" in refused(few)
    steps = frame.assign(step=frame["puzzle"].str[1:].astype(int)).drop(columns="puzzle")
    assert "pass where={'step': 19}" in refused(steps)


def test_an_item_column_that_does_not_exist_is_the_only_problem() -> None:
    """What follows from it is not told."""
    told = refused(scores(), item="quesion")
    assert "Did you mean 'question'?" in told
    assert "DUPLICATE_CELLS" not in told


def test_missing_items_are_refused() -> None:
    """A row without an item is never dropped."""
    frame = scores()
    frame.loc[3, "question"] = None
    assert "MISSING_ITEM" in refused(frame, item="question")


def test_a_finished_table_has_no_items() -> None:
    """Items are averaged while a table is made."""
    table = ss.SweepTable.from_frame(scores(), item="question")
    assert "Pass them to SweepTable.from_frame" in refused(table, item="question")


@pytest.mark.long
def test_the_command_line(tmp_path) -> None:
    """Sweeps take --item, and --over takes both words at once."""
    path = tmp_path / "scores.csv"
    scores().to_csv(path, index=False)
    options = ["check", str(path), "--shape", "increasing", "--treatment", "new", "--control", "old"]
    found = CliRunner().invoke(app, [*options, "--full", "--item", "question"])
    assert found.exit_code == 0
    assert "20 items of 'question'" in " ".join(found.output.split())
    assert "pass --item question" in CliRunner().invoke(app, options).stderr
    pair = [
        "check",
        str(path),
        "--where",
        "knob=3",
        "--shape",
        "higher",
        "--baseline",
        "old",
        "--item",
        "question",
    ]
    both = CliRunner().invoke(app, [*pair, "--over", "seed,item"])
    assert "new runs and new items" in both.output
    assert both.output == CliRunner().invoke(app, [*pair, "--over", "seed", "--over", "item"]).output
