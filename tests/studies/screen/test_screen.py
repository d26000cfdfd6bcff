"""Signatures asked of many keys at once."""

import datetime as dt
import json
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

import sigstats as ss
from sigstats.errors import OptionError, OutputError, SignatureError, SigstatsError, TableError
from sigstats.studies.screen.correction import found

RISES = ss.Signature(shape="increasing", control="shuffled", min_effect=1.0)
FALLS = ss.Signature(name="falls", shape="decreasing")


def suite(n_tasks=12, n_rising=4, noise=0.4, seed=3):
    """Return a suite in which the metric rises in the first tasks."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [range(n_tasks), ["big", "small"], ["model", "shuffled"], range(5), range(5)],
        names=["task", "size", "condition", "seed", "knob"],
    )
    frame = index.to_frame(index=False)
    slope = (frame["task"] < n_rising) & (frame["condition"] == "model")
    return frame.assign(metric=slope * frame["knob"] + noise * rng.normal(size=len(frame)))


@pytest.fixture(scope="module")
def frame():
    """A suite in which one task cannot be read, one has a gap and one has odd labels."""
    frame = suite()
    frame.loc[(frame["task"] == 5) & (frame["size"] == "big") & (frame["knob"] == 2), "metric"] = np.inf
    frame = frame.drop(index=frame.index[(frame["task"] == 6) & (frame["seed"] == 1) & (frame["knob"] == 1)])
    frame["seed"] = frame["seed"].astype(str)
    frame.loc[(frame["task"] == 7) & (frame["seed"] == "3"), "seed"] = "p50"
    return frame.reset_index(drop=True)


@pytest.fixture(scope="module")
def screened(frame):
    return ss.screen(frame, [RISES, FALLS], by=["task", "size"])


def rows_of(frame, task, size):
    return frame[(frame["task"] == task) & (frame["size"] == size)]


def answer(rows, signature):
    try:
        return ss.detect(rows, signature), None
    except SigstatsError as error:
        return None, str(error)


@pytest.mark.long
@pytest.mark.parametrize("signature", [RISES, FALLS])
def test_every_row_is_what_detect_says_of_the_rows_of_its_key(frame, screened, signature):
    table = screened.table()
    table = table[table["signature"] == (signature.name or "metric rises with knob")]
    assert len(table) == 24
    for _, row in table.iterrows():
        verdict, problem = answer(rows_of(frame, row["task"], row["size"]), signature)
        if verdict is None:
            assert pd.isna(row["status"])
            assert row["problem"] == problem
            continue
        assert row["status"] == verdict.status
        assert row["reasons"] == ", ".join(verdict.reasons)
        assert row["rule"] == verdict.rule
        assert row[["effect", "low", "high"]].tolist() == pytest.approx(
            [verdict.effect.value, verdict.effect.low, verdict.effect.high], rel=1e-9, nan_ok=True
        )


def test_a_key_that_cannot_be_read_is_a_row_with_its_message_and_counts_as_asked(screened):
    table = screened.table()
    unread = table.loc[table["status"].isna(), ["task", "size"]].to_numpy().tolist()
    assert unread == [[5, "big"]] * 2 + [[7, "big"]] * 2 + [[7, "small"]] * 2
    assert "METRIC_INFINITE" in table.loc[table["status"].isna(), "problem"].iloc[0]
    assert screened.n_unknown == 6
    assert "could not be analysed" in screened.summary()
    assert screened.fallbacks > 0


@pytest.mark.long
def test_a_verdict_on_demand_is_that_of_detect(frame, screened):
    expected = ss.detect(rows_of(frame, 2, "small"), RISES)
    assert screened.verdict((2, "small"), 0) == expected
    assert screened.verdict({"size": "small", "task": 2}, RISES) == expected
    assert screened.verdict((2, "small"), "falls") == ss.detect(rows_of(frame, 2, "small"), FALLS)


@pytest.mark.parametrize(
    ("key", "signature", "said"),
    [((99, "small"), 0, "none of the 24 keys"), (2, 0, "none of"), ((2, "small"), None, "name one"),
     ((2, "small"), "rises", "name one")],
)  # fmt: skip
def test_a_key_or_signature_that_is_not_there_is_refused_by_name(screened, key, signature, said):
    with pytest.raises(OptionError, match=said):
        screened.verdict(key, signature)


def test_discoveries_are_present_on_their_own_and_after_correction(screened):
    table = screened.table()
    _, adjusted, *_ = multipletests(table["pvalue"], method="fdr_bh")
    assert table["adjusted_pvalue"].to_numpy() == pytest.approx(adjusted)
    said = (table["status"] == "present") & (table["adjusted_pvalue"] <= 0.05)
    assert table["discovery"].tolist() == said.tolist()
    assert set(table.loc[said, "task"]) == {0, 1, 2, 3}
    absent = (table["status"] == "absent") & (table["adjusted_absent_pvalue"] <= 0.05)
    assert table["absent_discovery"].tolist() == absent.tolist()


@pytest.mark.long
@pytest.mark.parametrize(("correction", "theirs"), [("bh", "fdr_bh"), ("by", "fdr_by"), ("holm", "holm")])
def test_corrections_are_those_of_statsmodels(correction, theirs):
    p = np.random.default_rng(0).uniform(size=50) ** 3
    ours = found(p, p < 0.05, rate=0.1, correction=correction)
    reject, adjusted, *_ = multipletests(p, alpha=0.1, method=theirs)
    assert ours.adjusted == pytest.approx(adjusted)
    assert ours.discovery.tolist() == (reject & (p < 0.05)).tolist()


def test_intervals_of_discoveries_have_the_error_rate_that_their_number_allows(frame, screened):
    """Benjamini and Yekutieli (2005): of m intervals, n selected ones have n / m of the error rate."""
    table = screened.table()
    row = table[table["discovery"]].iloc[0]
    share = table["discovery"].sum() / len(table)
    signature = ss.Signature(shape="increasing", control="shuffled", min_effect=1.0, alpha=0.05 * share)
    effect = ss.detect(rows_of(frame, row["task"], row["size"]), signature).effect
    assert (row["selective_low"], row["selective_high"]) == pytest.approx((effect.low, effect.high))
    assert row["selective_low"] < row["low"]
    assert table.loc[~table["discovery"] & ~table["absent_discovery"], "selective_low"].isna().all()


@pytest.mark.long
@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_order_of_rows_and_the_number_of_processes_change_nothing(frame, screened, n_jobs):
    mixed = frame.sample(frac=1.0, random_state=1)
    again = ss.screen(pl.from_pandas(mixed).lazy(), [RISES, FALLS], by=["task", "size"], n_jobs=n_jobs)
    columns = [name for name in screened.table().columns if name != "problem"]  # which names places of rows
    pd.testing.assert_frame_equal(again.table()[columns], screened.table()[columns], rtol=1e-12, atol=1e-14)


@pytest.mark.long
def test_a_claim_without_a_knob_is_asked_of_every_key():
    rng = np.random.default_rng(5)
    rows = [
        (task, name, seed, (name == "new") * (task < 2) + 0.2 * rng.normal())
        for task in range(4) for name in ("new", "old") for seed in range(6)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["task", "condition", "seed", "metric"])
    signature = ss.Signature(shape="higher", treatment="new", baseline="old", metric="metric")
    screened = ss.screen(frame, signature, by="task")
    assert screened.table()["discovery"].tolist() == [True, True, False, False]
    assert screened.verdict(0).status == "present"


@pytest.mark.long
def test_reports_have_every_format(screened, tmp_path):
    assert "\n" not in repr(screened)
    assert "discoveries of present" in str(screened)
    assert "image/svg" in screened.to_html()
    assert "<script" not in screened._repr_html_()
    record = json.loads(screened.to_json())
    assert record["schema"] == 1
    assert len(record["rows"]) == 48
    assert record["counts"]["present"] == (screened.table()["status"] == "present").sum()
    path = screened.to_parquet(tmp_path / "screen.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), screened.table(), check_dtype=False)
    with pytest.raises(OutputError, match="exists already"):
        screened.to_parquet(path)
    text = pd.read_csv(screened.to_csv(tmp_path / "screen.csv"))
    assert text["pvalue"].tolist() == screened.table()["pvalue"].tolist()


def test_words_in_csv_that_a_spreadsheet_would_run_are_quoted(tmp_path):
    frame = suite(n_tasks=1).assign(task="=1+1")
    screened = ss.screen(frame[frame["size"] == "big"], RISES, by="task")
    assert screened.to_csv(tmp_path / "screen.csv").read_text().splitlines()[1].startswith("'=1+1,")


@pytest.mark.long
def test_the_figure_marks_every_key_that_was_analysed(screened):
    figure = screened.plot()
    volcano = figure.axes[1]
    dots = sum(line.get_xdata().size for line in volcano.lines if line.get_gid() is not None)
    assert dots == 21  # and three keys that were not analysed
    filled = sum(line.get_xdata().size for line in volcano.lines if line.get_gid() == "discoveries")
    assert filled == screened.table().query("signature != 'falls'")["discovery"].sum()


def test_a_screen_can_be_pickled_and_compared(screened):
    assert pickle.loads(pickle.dumps(screened)) == screened  # noqa: S301 - our own


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"by": []}, OptionError, "`by`"),
        ({"by": "tsak"}, OptionError, "Did you mean 'task'"),
        ({"by": "task", "fdr": 1.0}, OptionError, "`fdr` is 1.0; .* such as 0.05"),
        ({"by": ["task", "seed"]}, OptionError, "'seed', which is the `seed` of a signature"),
        ({"by": ["task", "knob"]}, OptionError, "'knob', which is the `knob` of a signature"),
        ({"by": "task", "correction": "bhy"}, OptionError, "`correction`"),
        ({"by": ["task", "size"], "null": {"layer": 0}}, OptionError, "must map columns of `by`"),
        ({"by": "task", "engine": "slurm"}, OptionError, "`engine`"),
        ({"by": "task", "signature": "increasing"}, SignatureError, "must be a Signature"),
    ],
)
def test_options_that_make_no_sense_are_refused(frame, options, error, said):
    with pytest.raises(error, match=said):
        ss.screen(frame, **({"signature": RISES} | options))


@pytest.mark.parametrize(
    ("tasks", "code"),
    [((1, "1"), "KEY_KINDS"), ((dt.date(2024, 1, 1), dt.datetime(2024, 1, 1)), "KEY_KINDS"),  # noqa: DTZ001
     ((dt.timedelta(1), dt.date(2024, 1, 1)), "KEY_KINDS"), (([1], [2]), "KEY_VALUES"),
     ((None, "a"), "KEY_MISSING")],
)  # fmt: skip
def test_keys_that_cannot_be_told_apart_safely_are_refused(tasks, code):
    frame = suite(n_tasks=2)
    frame["task"] = pd.Series([tasks[at] for at in frame["task"]], dtype=object)
    with pytest.raises(TableError, match=code):
        ss.screen(frame, RISES, by=["task", "size"])


def test_data_without_rows_are_refused(frame):
    for study in (ss.screen, ss.scope):
        with pytest.raises(TableError, match="NO_ROWS"):
            study(frame.iloc[:0], RISES, by=["task", "size"])


def test_columns_of_keys_keep_apart_from_those_of_the_answer(tmp_path):
    frame = suite(n_tasks=2).rename(columns={"task": "status", "size": "status_"})
    table = ss.screen(frame, RISES, by=["status", "status_"]).table()
    assert table.columns[:3].tolist() == ["status__", "status_", "signature"]
    assert table["status__"].tolist() == [0, 0, 1, 1]


def test_what_parquet_cannot_hold_is_refused_with_the_way_out(tmp_path):
    frame = suite(n_tasks=1)
    frame["task"] = pd.Series([1j] * len(frame), dtype=object)
    screened = ss.screen(frame, RISES, by=["task", "size"])
    with pytest.raises(OutputError, match="to_csv"):
        screened.to_parquet(tmp_path / "screen.parquet")
    assert not list(tmp_path.iterdir())
    assert screened.to_csv(tmp_path / "screen.csv").exists()


@pytest.mark.long
def test_where_no_key_can_be_analysed_the_error_of_the_first_is_raised(frame):
    with pytest.raises(TableError, match="DUPLICATE_CELLS"):
        ss.screen(frame, RISES, by="task")
    mistyped = ss.Signature(shape="increasing", metric="metrc")
    with pytest.raises(TableError, match="Did you mean 'metric'"):
        ss.screen(frame, [RISES, mistyped], by=["task", "size"])


def test_keys_without_an_effect_calibrate_the_others():
    """All seeds of a task share a slope of their own, so that p-values are too small; null tasks show by how much."""
    rng = np.random.default_rng(4)
    frame = suite(n_tasks=44, n_rising=2, seed=6)
    frame = frame[(frame["size"] == "big") & (frame["condition"] == "model")].drop(
        columns=["condition", "size"]
    )
    frame["metric"] += rng.normal(size=44)[frame["task"]] * 0.3 * frame["knob"]
    signature = ss.Signature(shape="increasing")
    plain = ss.screen(frame, signature, by="task")
    screened = ss.screen(frame, signature, by="task", null={"task": range(4, 44)})
    table = screened.table()
    assert plain.discovery[4:].sum() >= 5
    assert table["null"].tolist() == [False] * 4 + [True] * 40
    assert not table.loc[table["null"], "discovery"].any()
    theirs = table.loc[table["null"], "pvalue"].to_numpy()
    for _, row in table[~table["null"]].iterrows():
        rank = (1 + (theirs <= row["pvalue"]).sum()) / 41
        assert row["calibrated_pvalue"] == max(rank, row["pvalue"])
    with pytest.raises(OptionError, match="19 or more"):
        ss.screen(frame, signature, by="task", null={"task": [5]})


def test_where_keys_have_several_columns_each_value_is_counted(screened):
    """A long list of discoveries may be all of one size: the counts by size say so, the most discoveries first."""
    blocks = {block.heading: block for block in screened._document().blocks}
    by_size, table = blocks["Verdicts by size"], screened.table().groupby("size")
    assert {row[0]: int(row[-1]) for row in by_size.rows} == table["discovery"].sum().to_dict()
    assert {row[0]: int(row[1]) for row in by_size.rows} == (
        table["status"].agg(lambda each: (each == "present").sum()).to_dict()
    )
    counts = [int(row[-1]) for row in blocks["Verdicts by task"].rows]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == screened.table()["task"].nunique()
