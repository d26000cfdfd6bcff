"""Tables of many keys that are read at once equal those that are read one by one."""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigstats as ss
from sigstats.data.table.keyed.codes import codes_of, number_codes
from sigstats.data.table.keyed.read import Reading, keys_in, read_keys, rows_of_keys
from sigstats.errors import OptionError, TableError

ROLES = {"knob": None, "metric": None, "seed": None, "condition": None}
ODD_SEEDS = ["mean", "nan", " 1", "p50", "n"]


def reading(**options):
    fixed = {
        "given": ROLES,
        "where": {},
        "aggregate": None,
        "conditions": None,
        "order": None,
        "bounds": None,
    }
    return Reading(**(fixed | options))


def messy(seed, n_keys=8):  # noqa: C901 - one line per kind
    """Return rows of keys, some of which are complete and others odd in some way."""
    rng = np.random.default_rng(seed)
    parts = []
    for key in range(n_keys):
        grid = pd.MultiIndex.from_product([["model", "control"], list("abcd"), [1.0, 2.0, 4.0, 8.0]])
        part = pd.DataFrame([*grid], columns=["condition", "seed", "knob"])
        part["metric"] = np.round(rng.normal(size=len(part)), 2)
        part["task"] = f"t{key}"
        part["width"] = key % 3
        kind = rng.integers(12)
        if kind == 1:
            part = part.drop(index=rng.choice(32, 3, replace=False))
        elif kind == 2:
            part.loc[rng.choice(32, 3, replace=False), "metric"] = np.nan
        elif kind == 3:
            part.loc[:15, "metric"] = np.nan
        elif kind == 4:
            part.loc[5, "metric"] = np.inf
        elif kind == 5:
            part = pd.concat([part, part.iloc[[3]].assign(metric=9.0)])
        elif kind == 6:
            part = pd.concat([part, part.iloc[[3]]])
        elif kind == 7:
            part["seed"] = part["seed"].replace("b", str(rng.choice(ODD_SEEDS)))
        elif kind == 8:
            part.loc[2, "knob"] += 1e-12
        elif kind == 9:
            part = part[part["knob"] == 2.0]
        elif kind == 10:
            part["seed"] = part["seed"] + ("x" if rng.random() < 0.5 else str(key))
        elif kind == 11:
            part.loc[part["condition"] == "control", "seed"] += "c"
        parts.append(part)
    frame = pd.concat(parts)
    return frame.sample(frac=1.0, random_state=int(rng.integers(1000))).reset_index(drop=True)


def read_both(frame, native=None, **options):
    """Return tables read at once by key, keys left to be read singly, and what reading one by one gives."""
    asked = reading(**options)
    _, keys = keys_in(frame if native is None else native, ["task", "width"])
    found = read_keys(frame if native is None else native, keys, asked)
    together = {
        keys.key(key): block.table(at)
        for block in found.blocks
        for at, key in enumerate(block.table_of.tolist())
    }
    alone = {}
    for key in map(keys.key, range(len(keys))):
        rows = frame[(frame["task"] == key[0]) & (frame["width"] == key[1])]
        try:
            alone[key] = ss.SweepTable.from_frame(
                rows, where=asked.where, aggregate=asked.aggregate, conditions=asked.conditions
            )
        except TableError as error:
            alone[key] = error
    return together, {keys.key(each) for each in found.singles.tolist()}, alone


def same(one, other):
    return (
        one.conditions == other.conditions
        and one.levels.tolist() == other.levels.tolist()
        and all(
            np.array_equal(one.matrix(each), other.matrix(each), equal_nan=True) for each in one.conditions
        )
    )


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, "mean", "median", "min", "max"]))
def test_whatever_is_odd_tables_read_at_once_equal_those_read_one_by_one(seed, aggregate):
    together, singles, alone = read_both(messy(seed), aggregate=aggregate)
    assert set(together) | singles == set(alone)
    assert not set(together) & singles
    for key, table in together.items():
        assert not isinstance(alone[key], TableError), alone[key]
        assert same(table, alone[key])


@pytest.mark.long
@pytest.mark.parametrize("engine", ["polars", "lazy polars", "duckdb", "pyarrow"])
@pytest.mark.parametrize("aggregate", [None, "mean"])
def test_every_frame_library_gives_the_same_tables(engine, aggregate):
    frame = messy(3)
    native = {
        "polars": pl.from_pandas,
        "lazy polars": lambda rows: pl.from_pandas(rows).lazy(),
        "duckdb": duckdb.from_df,
        "pyarrow": lambda rows: pl.from_pandas(rows).to_arrow(),
    }[engine](frame)
    together, singles, _ = read_both(frame, native, aggregate=aggregate)
    expected, theirs, _ = read_both(frame, aggregate=aggregate)
    assert singles == theirs
    assert all(same(together[key], table) for key, table in expected.items())


@pytest.mark.long
def test_filters_and_conditions_in_use_are_those_of_single_tables():
    frame = messy(5)
    options = {"where": {"knob": {"max": 4.0}}, "conditions": ("model",)}
    together, singles, alone = read_both(frame, **options)
    assert together
    assert all(same(table, alone[key]) for key, table in together.items())
    assert all(key in singles for key, table in alone.items() if isinstance(table, TableError))


def test_keys_are_in_the_order_of_numbers_and_of_the_alphabet():
    frame = pd.DataFrame({"task": ["b", "a", "b", "a"], "size": ["10", "9", "9", "10"], "metric": 0.0})
    _, keys = keys_in(frame, ["task", "size"])
    assert [keys.key(at) for at in range(len(keys))] == [("a", "9"), ("a", "10"), ("b", "9"), ("b", "10")]
    assert keys.find(("b", "9")) == 2
    assert keys.find(("c", "9")) == -1


def test_a_key_that_is_missing_is_refused():
    with pytest.raises(TableError, match="belong to no key"):
        keys_in(pd.DataFrame({"task": ["a", None]}), ["task"])
    with pytest.raises(OptionError, match="tsak"):
        keys_in(pd.DataFrame({"task": ["a"]}), ["tsak"])


@pytest.mark.long
def test_rows_of_single_keys_are_those_rows_with_all_columns():
    frame = messy(8)
    for native in (frame, pl.from_pandas(frame).lazy()):
        source, keys = keys_in(native, ["task", "width"])
        for at, rows in rows_of_keys(source, keys, np.array([1, 4])):
            task, width = keys.key(at)
            own = frame[(frame["task"] == task) & (frame["width"] == width)]
            assert np.nansum(rows["metric"].to_numpy().astype(float)) == pytest.approx(own["metric"].sum())
            assert list(rows.columns) == list(frame.columns)


def test_means_on_common_grids_are_those_of_each_key_or_left_to_it():
    """A key whose values are far smaller than those of others is read on its own."""
    frame = messy(11, n_keys=3)
    frame = pd.concat([frame, frame.assign(metric=frame["metric"] + 0.01)])
    frame.loc[frame["task"] == "t0", "metric"] *= 1e-30
    together, singles, alone = read_both(frame, aggregate="mean")
    assert ("t0", 0) in singles
    assert together
    assert all(same(table, alone[key]) for key, table in together.items())


@pytest.mark.long
def test_labels_that_differ_by_key_share_a_block_where_conditions_share_them_alike():
    frame = pd.concat(messy(2, n_keys=1).assign(task=f"k{at}") for at in range(40))
    frame["seed"] = frame["seed"] + frame["task"]
    _, keys = keys_in(frame, ["task"])
    found = read_keys(frame, keys, reading())
    assert [block.n_tables for block in found.blocks] == [40]
    assert found.blocks[0].seeds[0] == ("ak0", "bk0", "ck0", "dk0")


WORDS = ["b", None, "a", "b", "c", "a"]
CODED = {
    "pandas": pd.Series(WORDS, dtype="category"),
    "polars text": pl.Series(WORDS),
    "polars categorical": pl.Series(WORDS, dtype=pl.Categorical),
    "polars enum": pl.Series(WORDS, dtype=pl.Enum(["c", "unused", "a", "b"])),
    "arrow text": pa.chunked_array([WORDS[:2], WORDS[2:]]),
    "arrow dictionary": pa.chunked_array([pa.array(WORDS).dictionary_encode()]),
}


@pytest.mark.parametrize("name", CODED)
def test_words_of_any_library_are_told_apart_by_their_codes(name):
    codes, found = codes_of(nw.from_native(CODED[name], series_only=True))
    assert [None if code < 0 else found[code] for code in codes.tolist()] == WORDS
    assert sorted(found) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "values", [[3.0, -0.0, 3.0], [0.5, np.nan, np.inf], [2**40, 1, 1], [True, False, True]]
)
def test_numbers_are_told_apart_by_their_codes(values):
    codes, found = number_codes(np.array(values))
    assert [found[code] if code >= 0 else None for code in codes.tolist()] == [
        None if np.isnan(each) else each for each in values
    ]


def test_a_lazy_frame_of_cells_gives_the_tables_of_an_eager_one():
    n, rng = 600, np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "task": np.repeat(np.arange(n), 12),
            "seed": np.tile(np.repeat(["0", "1", "2"], 4), n),
            "knob": np.tile(np.arange(4.0), 3 * n),
            "metric": rng.normal(size=12 * n),
        }
    )
    twice = pl.concat([frame, frame[:24]])
    for rows in (frame, twice):
        lazy, eager = (read_keys(each, keys_in(each, ["task"])[1], reading()) for each in (rows.lazy(), rows))
        assert not lazy.singles.size
        assert not eager.singles.size
        np.testing.assert_array_equal(lazy.blocks[0].cells, eager.blocks[0].cells)


def plain(n_keys=3):
    return pd.DataFrame(
        [
            (key, level, level + 0.1 * seed, seed)
            for key in range(n_keys)
            for seed in range(3)
            for level in range(5)
        ],
        columns=["task", "knob", "metric", "seed"],
    )


def test_a_screen_of_rows_without_any_condition_says_so():
    with pytest.raises(TableError, match="MISSING_CONDITION"):
        ss.screen(plain().assign(condition=None), ss.Signature(shape="increasing"), by="task")


def test_keys_that_are_read_one_by_one_may_hold_numbers_in_another_order_of_bytes():
    frame = plain()
    frame.loc[0, "metric"] = np.inf  # so that its key is read alone
    turned = frame.assign(metric=frame["metric"].astype(">f8"))
    plainly, found = (
        ss.screen(each, ss.Signature(shape="increasing"), by="task") for each in (frame, turned)
    )
    assert found.rows.status.tolist() == plainly.rows.status.tolist()
    assert found.verdict(1).status is plainly.verdict(1).status
