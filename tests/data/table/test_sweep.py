"""The sweep table: what it accepts, what it says about what it changed, and what it refuses."""

import copy
import datetime as dt
import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigstats_strategies import sweep_frames, wild_frames

from sigstats.data.table import grouping
from sigstats.data.table.frames import Column
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, SigstatsError, TableError

N_LEVELS = 4


def sweep(**columns):
    """Return two conditions of three seeds at four levels, with columns replaced."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "knob": np.tile(np.arange(1.0, N_LEVELS + 1), 6),
            "metric": rng.normal(size=6 * N_LEVELS),
            "seed": np.tile(np.repeat([0, 1, 2], N_LEVELS), 2),
            "condition": np.repeat(["a", "b"], 3 * N_LEVELS),
        }
    )
    return frame.assign(**columns)


def codes(error):
    """Return the codes of all problems of an error."""
    return [problem.code for problem in error.value.problems]


def notes(table):
    """Return the counts of a table's notes by code."""
    return {note.code: note.count for note in table.notes}


def refused(frame, **options):
    """Return the one problem for which a frame is refused."""
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame, **options)
    assert len(error.value.problems) == 1
    return error.value.problems[0]


def replaced(column, row, value, frame=None):
    """Return a sweep with one cell replaced, as Python objects where needed."""
    frame = sweep() if frame is None else frame
    values = frame[column].astype(object)
    values.iloc[row] = value
    return frame.assign(**{column: values.infer_objects()})


def as_duckdb(frame):
    """Return a lazy duckdb relation of a pandas frame."""
    connection = duckdb.connect()
    connection.register("sweep", frame)
    return connection.sql("select * from sweep")


def as_dask(frame):
    """Return a lazy dask frame of a pandas frame."""
    from dask import dataframe

    return dataframe.from_pandas(frame, npartitions=2)


ENGINES = {
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": as_duckdb,
    "dask": as_dask,
}


@pytest.fixture(params=list(ENGINES))
def engine(request):
    return ENGINES[request.param]


# --- what a table holds


def test_matrix_has_a_row_per_seed_and_a_column_per_level():
    """Values stand where condition, seed and level say, whatever the order of the rows."""
    frame = sweep().sample(frac=1, random_state=1)
    table = SweepTable.from_frame(frame)
    assert table.conditions == ("a", "b")
    assert table.seeds("b") == ("0", "1", "2")
    assert table.levels.tolist() == [1.0, 2.0, 3.0, 4.0]
    expected = sweep().query("condition == 'b' and seed == 1")["metric"].tolist()
    assert table.matrix("b")[1].tolist() == expected
    assert table.n_rows == 24
    assert table.notes == ()


def test_a_table_without_condition_column_is_one_treatment():
    """An absent column that nobody named makes one condition; one that was named is an error."""
    frame = sweep().query("condition == 'a'").drop(columns="condition")
    table = SweepTable.from_frame(frame)
    assert table.conditions == ("treatment",)
    assert table.condition is None
    assert refused(frame, condition="condition").code == "MISSING_COLUMN"


def test_arrays_cannot_be_written_to():
    """Levels and matrices are read-only, also after pickling and copying."""
    table = SweepTable.from_frame(sweep())
    for same in (table, pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):  # noqa: S301 - made right here
        assert same == table
        assert hash(same) == hash(table)
        assert not same.levels.flags.writeable
        assert not same.matrix("a").flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        table.matrix("a")[0, 0] = 1.0


def test_the_hash_knows_the_data_and_not_their_names():
    """Renaming columns keeps the hash; changing one value, one id or one level changes it."""
    table = SweepTable.from_frame(sweep())
    renamed = sweep().rename(columns={"metric": "loss"})
    assert SweepTable.from_frame(renamed, metric="loss").data_hash == table.data_hash
    assert SweepTable.from_frame(renamed, metric="loss") != table
    others = [
        replaced("metric", 3, 0.25),
        sweep(seed=sweep()["seed"] + 1),
        sweep(knob=sweep()["knob"] * 2),
        sweep(condition=sweep()["condition"].str.upper()),
    ]
    hashes = {SweepTable.from_frame(frame).data_hash for frame in others}
    assert len(hashes | {table.data_hash}) == 5
    assert len(table.data_hash) == 64


def test_the_hash_stays_the_same_between_versions():
    """A stored hash still names the same data."""
    table = SweepTable.from_matrices(
        [1, 2], {"a": [[0.5, np.nan]], "b": [[1, -0.0]]}, seeds={"a": ["x"], "b": ["y"]}
    )
    assert table.data_hash == "39a6592de6322e447f607b7930b3a873229dd39c83e3b4359cdcd80fd22aefb3"


def test_the_frame_of_a_table_makes_the_table_again():
    """to_frame gives back every cell under the user's own names."""
    frame = replaced("metric", 5, np.nan).rename(columns={"knob": "lr", "condition": "model"})
    table = SweepTable.from_frame(frame, knob="lr", condition="model")
    tidy = table.to_frame()
    assert list(tidy.columns) == ["lr", "metric", "seed", "model"]
    assert len(tidy) == 23
    assert SweepTable.from_frame(tidy, knob="lr", condition="model") == table


def test_the_repr_is_one_short_line():
    """A table in a notebook says what it is without printing its numbers."""
    assert repr(SweepTable.from_frame(sweep())) == (
        "SweepTable('metric' over 'knob': 2 conditions, 6 seeds, 4 levels, 24 rows, 0 notes)"
    )


def test_an_unknown_condition_is_named_with_those_there_are():
    """Asking for a condition that is not there shows the others."""
    table = SweepTable.from_matrices([1, 2], {"adam": [[1, 2]], "sgd": [[1, 2]]})
    with pytest.raises(
        OptionError, match=r"`condition` is 'adm'; it must be one of \('adam', 'sgd'\). Did you mean"
    ):
        table.matrix("adm")


# --- any frame


@pytest.mark.long
def test_every_engine_gives_the_same_table(engine):
    """Frame libraries differ; the table does not."""
    frame = replaced("metric", 5, np.nan)
    expected = SweepTable.from_frame(frame)
    table = SweepTable.from_frame(engine(frame))
    assert table == expected
    assert table.notes == expected.notes
    assert table.n_rows == 23


@pytest.mark.long
@pytest.mark.parametrize("aggregate", ["mean", "median", "min", "max"])
def test_every_engine_aggregates_alike(engine, aggregate):
    """One value per cell comes out the same, in whatever order an engine adds."""
    rng = np.random.default_rng(3)
    frame = pd.concat([sweep(metric=rng.integers(0, 64, 24) / 8) for _ in range(4)])
    frame = frame.sample(frac=1, random_state=2).reset_index(drop=True)
    expected = SweepTable.from_frame(frame, aggregate=aggregate)
    assert SweepTable.from_frame(engine(frame), aggregate=aggregate) == expected
    cell = frame.query("condition == 'a' and seed == 0 and knob == 1")["metric"]
    assert expected.matrix("a")[0, 0] == getattr(cell, aggregate)()


@pytest.mark.long
def test_every_engine_filters_alike(engine):
    """Filters mean the same everywhere."""
    frame = sweep(layer=np.tile(["first", "last"], 12), step=np.arange(24.0))
    where = {"layer": ["first", "last"], "step": {"min": 2, "max": 20.5}, "condition": "a"}
    expected = SweepTable.from_frame(frame, where=where)
    assert SweepTable.from_frame(engine(frame), where=where) == expected
    assert expected.n_rows == 10


@pytest.mark.long
def test_every_engine_refuses_alike(engine):
    """Problems have the same codes everywhere; rows are named where the engine has an order."""
    frame = replaced("metric", 5, np.inf)
    frame = replaced("knob", 7, np.nan, frame)
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(engine(frame))
    assert codes(error) == ["METRIC_INFINITE", "KNOB_NOT_FINITE"]


@pytest.mark.long
def test_many_rows_take_the_engine_and_few_do_not():
    """The two ways of grouping give the same table, bit for bit."""
    rng = np.random.default_rng(5)
    large = pd.concat([sweep()] * 2100)
    sizes = np.repeat(10.0 ** rng.integers(-8, 8, size=2100), 24)
    large = large.assign(metric=rng.normal(size=len(large)) * sizes)
    small = as_duckdb(large)
    assert len(large) > 50_000
    expected = SweepTable.from_frame(small, aggregate="mean")
    assert SweepTable.from_frame(large, aggregate="mean") == expected
    assert SweepTable.from_frame(pl.from_pandas(large), aggregate="mean") == expected
    assert SweepTable.from_frame(large.sample(frac=1, random_state=1), aggregate="mean") == expected


@pytest.mark.long
@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"knob": [1, 2]}, "pd.DataFrame(...)"),
        ([{"knob": 1}], "pd.DataFrame(...)"),
        (np.zeros((3, 4)), "pd.DataFrame(...)"),
        ((row for row in []), "pd.DataFrame(...)"),
        (None, "pd.DataFrame(...)"),
        ("sweep.csv", "read_sweep"),
        (pd.Series([1.0], name="metric"), "pd.DataFrame(...)"),
    ],
)
def test_what_is_no_frame_is_refused_with_a_hint(given, hint):
    """Dicts, lists, arrays and the like are not guessed at."""
    problem = refused(given)
    assert problem.code == "NOT_A_FRAME"
    assert hint in problem.remedy


def test_an_xarray_dataset_is_told_how_to_become_a_frame():
    """xarray objects have their own way to a frame."""
    xarray = pytest.importorskip("xarray")
    data = xarray.Dataset({"metric": ("knob", [1.0, 2.0])}, coords={"knob": [1, 2]})
    assert "to_dataframe" in refused(data).remedy


def test_the_callers_frame_is_never_changed():
    """Neither values, nor types, nor the index of the frame handed in are touched."""
    frame = sweep(seed=pd.Categorical(sweep()["seed"]), layer="x")
    frame.index = pd.Index(range(100, 124), name="knob")
    before = frame.copy(deep=True)
    SweepTable.from_frame(frame, where={"layer": "x"}, aggregate="mean")
    pd.testing.assert_frame_equal(frame, before)


def test_an_index_of_any_kind_is_ignored():
    """Duplicated, nested and unsorted indices change nothing."""
    expected = SweepTable.from_frame(sweep())
    indices = [np.zeros(24), list("ab" * 12), pd.MultiIndex.from_arrays([range(24), [1] * 24])]
    for index in indices:
        assert SweepTable.from_frame(sweep().set_axis(index, axis=0)) == expected


def test_nested_columns_are_refused_with_the_way_to_flatten_them():
    """A pandas frame with MultiIndex columns says how to get rid of them."""
    frame = pd.concat({"x": sweep()}, axis=1)
    problem = refused(frame)
    assert problem.code == "MULTIINDEX_COLUMNS"
    assert "'_'.join" in problem.remedy


def test_repeated_column_names_are_refused():
    """Two columns of one name cannot be told apart."""
    assert refused(pd.concat([sweep(), sweep()[["metric"]]], axis=1)).code == "DUPLICATE_COLUMNS"
    assert refused(pa.table([pa.array([1.0])] * 2, names=["metric", "metric"])).code == "DUPLICATE_COLUMNS"


def test_column_names_need_not_be_text():
    """Numbers and tuples name columns of a pandas frame as they are."""
    frame = sweep()
    frame.columns = pd.Index([0, 1, ("s", 1), 2.5], dtype=object, tupleize_cols=False)
    table = SweepTable.from_frame(frame, knob=0, metric=1, seed=("s", 1), condition=2.5)
    assert table.matrix("a").tolist() == SweepTable.from_frame(sweep()).matrix("a").tolist()
    assert (table.knob, table.condition) == ("0", "2.5")


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "index",
        "level_0",
        "row",
        "value",
        "rows",
        "part0",
        "where0",
        "__x",
        "*",
        "^.*$",
        "\x00\n\u202e🙂",
        "x" * 500,
    ],
)
def test_any_column_name_is_only_a_name(name):
    """Names that mean something inside the package or to an engine are read as themselves."""
    expected = SweepTable.from_frame(sweep())
    for role in ("knob", "metric", "seed", "condition"):
        frame = sweep().rename(columns={role: name}).assign(layer=1)
        for make in (lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).lazy()):
            table = SweepTable.from_frame(make(frame), **{role: name}, where={"layer": 1})
            assert table.data_hash == expected.data_hash


def test_a_subclass_of_a_frame_is_a_frame():
    """Subclasses of pandas frames work like pandas frames."""

    class Mine(pd.DataFrame):
        @property
        def _constructor(self):
            return Mine

    assert SweepTable.from_frame(Mine(sweep())) == SweepTable.from_frame(sweep())


# --- columns


def test_a_missing_column_is_named_with_its_neighbours():
    """A misspelt column gives the nearest name and the list of all."""
    problem = refused(sweep().rename(columns={"metric": "Metric"}))
    assert str(problem) == (
        "MISSING_COLUMN: `metric` was not given, so its column is 'metric', which the frame does not have; "
        "its columns are 'knob', 'Metric', 'seed', 'condition'. Did you mean 'Metric'?"
    )
    problem = refused(sweep(), knob="konb")
    assert problem.message.startswith("`knob` names the column 'konb'")
    assert problem.remedy == "Did you mean 'knob'?"


def test_a_column_named_by_a_number_is_not_found_by_its_text():
    """Where only the type of the name differs, the hint says so."""
    frame = sweep().rename(columns={"knob": 0})
    assert refused(frame, knob="0").remedy == "Did you mean 0, which is not text?"


def test_one_column_cannot_have_two_roles():
    """Knob and metric must be different columns."""
    assert refused(sweep(), knob="metric").code == "SAME_COLUMN"


def test_all_problems_are_listed_at_once():
    """Nobody has to repair a table one error at a time."""
    frame = replaced("seed", 2, None, sweep(metric="0.5", knob=pd.Timestamp("2024")))
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame, condition="model")
    assert set(codes(error)) == {"MISSING_COLUMN", "METRIC_IS_TEXT", "KNOB_NOT_NUMERIC", "MISSING_SEED"}
    assert str(error.value).startswith("the table has 4 problems:\n  - ")


# --- metric


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
def test_rows_without_a_metric_are_dropped_and_counted(missing):
    """A missing metric costs its row and is noted."""
    table = SweepTable.from_frame(replaced("metric", [5, 6], missing))
    assert notes(table) == {"dropped_rows": 2, "missing_cells": 2}
    assert str(table.notes[0]) == "Dropped 2 rows without a value of 'metric'."
    assert np.isnan(table.matrix("a")[1]).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "dtype", ["Float64", "Int64", "float64[pyarrow]", "int64[pyarrow]", "float32", "object"]
)
def test_missing_values_of_any_type_are_missing(dtype):
    """NaN, NA and null are one thing."""
    values = pd.Series(np.arange(24.0)).astype(dtype)
    values[3] = None
    table = SweepTable.from_frame(sweep(metric=values))
    assert table.matrix("a")[0, :3].tolist() == [0, 1, 2]
    assert np.isnan(table.matrix("a")[0, 3])


def test_a_seed_without_any_value_is_left_out_and_noted():
    """Such a seed is no replicate."""
    frame = sweep()
    frame.loc[frame["seed"].eq(2) & frame["condition"].eq("a"), "metric"] = np.nan
    table = SweepTable.from_frame(frame)
    assert table.seeds("a") == ("0", "1")
    assert notes(table) == {"dropped_rows": 4, "seeds_dropped": 1}
    assert table.notes[1].message == "Left out 1 seed without a value at any level: '2' of 'a'."


def test_a_level_that_is_lost_is_mentioned():
    """When no run reached a level, the note says that it is gone."""
    frame = sweep()
    frame.loc[frame["knob"].eq(4), "metric"] = np.nan
    table = SweepTable.from_frame(frame)
    assert table.levels.size == 3
    assert table.notes[0].message == "Dropped 6 rows without a value of 'metric'. 1 level lost all values."


def test_a_condition_without_any_value_is_an_error():
    """A treatment or control never disappears quietly."""
    frame = sweep()
    frame.loc[frame["condition"].eq("b"), "metric"] = np.nan
    problem = refused(frame)
    assert (problem.code, problem.rows) == ("EMPTY_CONDITION", (12, 13, 14, 15, 16))


def test_a_metric_without_any_value_is_an_error():
    """An empty column was probably not the one that was meant."""
    for values in (np.nan, None, pd.NA):
        assert refused(sweep(metric=values)).code == "METRIC_MISSING"
    for values in (None, pl.lit(None, pl.String), pl.lit(None, pl.Float64)):
        assert refused(pl.from_pandas(sweep()).with_columns(metric=values)).code == "METRIC_MISSING"


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_metric_is_an_error_with_rows(value):
    """A diverged run has no mean."""
    problem = refused(replaced("metric", [3, 9], value))
    assert (problem.code, problem.column, problem.rows) == ("METRIC_INFINITE", "metric", (3, 9))


@pytest.mark.long
@pytest.mark.parametrize("text", ["0.5", "NaN", "", "N/A", "None", "-", "0,5", "1,000", "5%"])
def test_text_in_the_metric_is_never_guessed_at(text):
    """One text among numbers, or a column of texts, is an error naming the rows."""
    problem = refused(replaced("metric", 4, text))
    assert (problem.code, problem.rows) == ("METRIC_IS_TEXT", (4,))
    assert repr(text) in problem.message
    problem = refused(pl.from_pandas(sweep(metric=text)))
    assert (problem.code, problem.rows) == ("METRIC_IS_TEXT", (0, 1, 2, 3, 4))


@pytest.mark.long
@pytest.mark.parametrize("text", ["NaN", "N/A", "-", "0,5", "1,000", "5%"])
@pytest.mark.parametrize(
    "library", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "pyarrow"]
)
def test_the_cells_that_made_a_column_text_are_named(text, library):
    """A file with one cell that is no number is read as text throughout: the numbers are not to blame."""
    frame = sweep()
    written = frame["metric"].astype(str).tolist()
    written[4] = written[7] = text
    problem = refused(library(frame.assign(metric=written)))
    assert (problem.code, problem.rows) == ("METRIC_IS_TEXT", (4, 7))
    assert repr(text) in problem.message


@pytest.mark.parametrize(
    "values",
    [1j, pd.Timestamp("2024"), pd.Timedelta(1, "s"), pd.Period("2024"), (1, 2), b"1", 10**400],
)
def test_what_is_no_real_number_is_no_metric(values):
    """Complex numbers, times and containers are refused with a remedy."""
    frame = sweep(metric=pd.Series([values] * 24))
    problem = refused(frame)
    assert problem.code == "METRIC_NOT_NUMERIC"
    assert problem.rows == (0, 1, 2, 3, 4)


@pytest.mark.long
@pytest.mark.parametrize(
    "convert", [float, int, Decimal, Fraction, np.float32, np.float16, np.longdouble, np.int8, np.uint8]
)
def test_numbers_of_any_type_are_numbers(convert):
    """The type of a number does not matter, only its value."""
    values = [convert(value) for value in range(24)]
    expected = SweepTable.from_frame(sweep(metric=np.arange(24.0)))
    for metric in (pd.Series(values), pd.Series(values, dtype=object)):
        assert SweepTable.from_frame(sweep(metric=metric)) == expected


@pytest.mark.long
@pytest.mark.parametrize("dtype", [pl.Decimal(10, 2), pl.Int128, pl.UInt8, pl.Float32])
def test_polars_number_types_are_numbers(dtype):
    """So too for types that only polars has."""
    frame = pl.from_pandas(sweep(metric=np.arange(24.0))).with_columns(pl.col("metric", "knob").cast(dtype))
    assert SweepTable.from_frame(frame) == SweepTable.from_frame(sweep(metric=np.arange(24.0)))


@pytest.mark.long
@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=">f8"),
        np.arange(48.0)[::2] / 2,
        pd.arrays.SparseArray(np.arange(24.0), fill_value=0),
        pd.array(np.arange(24), dtype="Int16"),
    ],
    ids=["big-endian", "strided", "sparse", "nullable"],
)
def test_memory_layout_does_not_matter(array):
    """Byte order, strides and sparse storage are not part of a value."""
    assert SweepTable.from_frame(sweep(metric=array)) == SweepTable.from_frame(sweep(metric=np.arange(24.0)))


def test_read_only_arrays_are_read():
    """Nothing is written into the caller's memory."""
    values = np.arange(24.0)
    values.flags.writeable = False
    SweepTable.from_frame(pd.DataFrame({**sweep(), "metric": values}, copy=False))


def test_true_and_false_are_one_and_zero_and_noted():
    """Success flags are a metric."""
    flags = np.arange(24) % 3 == 0
    for values in (flags, pd.array(flags, dtype="boolean"), pd.Series([*flags[:-1], None], dtype=object)):
        table = SweepTable.from_frame(sweep(metric=values))
        assert table.matrix("a")[0].tolist() == [1, 0, 0, 1]
        assert notes(table)["boolean_metric"] == 1


def test_whole_numbers_beyond_double_precision_are_noted():
    """2**53 + 1 is not a double."""
    table = SweepTable.from_frame(sweep(metric=np.arange(24) + 2**53))
    assert notes(table) == {"precision": 24}


@pytest.mark.long
@pytest.mark.parametrize(
    "knob",
    [
        lambda values: values,
        pl.Series,
        lambda values: pd.Series(values, dtype=object),
        lambda values: [str(value) for value in values],
    ],
    ids=["pandas", "polars", "objects", "text"],
)
def test_whole_numbers_that_become_one_level_are_named(knob):
    """2**53 and 2**53 + 1 are one number of 64 bits: no level is lost without a word."""
    values = [2**53 + place % 4 * (1 if place % 4 < 2 else 1000) for place in range(24)]
    frame = {**sweep(), "knob": knob(values)}
    make = pl.DataFrame if isinstance(frame["knob"], pl.Series) else pd.DataFrame
    with pytest.raises(TableError, match=r"LEVELS_COLLIDE.* 9007199254740992 and 9007199254740993") as caught:
        SweepTable.from_frame(make(frame))
    assert "Subtract an offset such as 9007199254740992" in str(caught.value)
    less = {**frame, "knob": knob([value - 2**53 for value in values])}
    assert SweepTable.from_frame(make(less)).levels.tolist() == [0.0, 1.0, 2000.0, 3000.0]


def test_values_that_rounding_took_for_one_are_named_where_no_other_level_is_left():
    """Two numbers that are neighbours in 64 bits: what became of them is said."""
    with pytest.raises(TableError, match=r"ONE_LEVEL.*such as 9007199254740992 and 9007199254740994"):
        SweepTable.from_frame(pd.DataFrame({**sweep(), "knob": [2**53, 2**53 + 2] * 12}))


def test_single_and_double_precision_of_the_same_values_agree():
    """Only values count, not the type that held them."""
    single = sweep().astype({"metric": "float32", "knob": "float32"})
    assert SweepTable.from_frame(single) == SweepTable.from_frame(
        single.astype({"metric": float, "knob": float})
    )


def test_negative_zero_is_zero():
    """-0.0 and 0.0 are the same value, level and id."""
    plus = sweep(metric=0.0, knob=np.tile([0.0, 1, 2, 3], 6))
    minus = sweep(metric=-0.0, knob=np.tile([-0.0, 1, 2, 3], 6))
    table = SweepTable.from_frame(minus)
    assert table.data_hash == SweepTable.from_frame(plus).data_hash
    assert not np.signbit(table.matrix("a")).any()
    assert not np.signbit(table.levels).any()


@pytest.mark.parametrize("scale", [1e300, 1e-300, 5e-324, 1e308])
def test_extreme_magnitudes_survive_averaging(scale):
    """Means neither overflow nor vanish."""
    frame = pd.concat([sweep(metric=scale), sweep(metric=scale)])
    frame = pd.concat([frame, sweep(metric=0.0)])
    table = SweepTable.from_frame(frame, aggregate="mean")
    assert table.matrix("a")[0, 0] == pytest.approx(scale / 3 * 2, rel=1e-15, abs=5e-324)


# --- knob


def test_text_numbers_are_ordered_as_numbers_and_noted():
    """10 comes after 9."""
    table = SweepTable.from_frame(sweep(knob=np.tile(["1", "10", "9", "2e1"], 6)))
    assert table.levels.tolist() == [1, 9, 10, 20]
    assert notes(table) == {"numeric_strings": 4}
    assert table.matrix("a")[0].tolist() == sweep()["metric"][[0, 2, 1, 3]].tolist()


@pytest.mark.long
@pytest.mark.parametrize("text", ["inf", "nan", "∞", "1_000", "1,5", "small", "0x10", "", "١"])
def test_other_text_is_no_level(text):
    """Only plain decimal numbers are read; infinity in words is not one of them."""
    problem = refused(sweep(knob=np.tile(["1", "2", "3", text], 6)))
    assert (problem.code, problem.rows) == ("KNOB_IS_TEXT", (3, 7, 11, 15, 19))
    assert "ordered=True" in problem.remedy


def test_levels_that_differ_by_blanks_are_refused():
    """'1' and ' 1' in one column are a mistake somewhere."""
    assert refused(sweep(knob=np.tile(["1", " 1", "2", "3"], 6))).code == "LEVELS_COLLIDE"


@pytest.mark.long
@pytest.mark.parametrize("missing", [np.nan, None, np.inf, -np.inf])
def test_a_level_that_is_not_finite_is_an_error(missing):
    """The remedy is a filter that can be pasted."""
    problem = refused(replaced("knob", [7, 9], missing))
    assert (problem.code, problem.rows) == ("KNOB_NOT_FINITE", (7, 9))
    end = "{'min': 1.0}" if missing == -np.inf else "{'max': 4.0}"
    assert f"where={{'knob': {end}}}" in problem.remedy
    where = {"knob": {"min": 1.0} if missing == -np.inf else {"max": 4.0}}
    assert SweepTable.from_frame(replaced("knob", [7, 9], missing), where=where).n_rows == 22


def test_ordered_categories_become_ranks_and_are_noted():
    """The declared order counts, not the alphabet."""
    names = ["tiny", "base", "large", "huge"]
    ordered = pd.Categorical(np.tile(names, 6), categories=names, ordered=True)
    enum = pl.from_pandas(sweep()).with_columns(knob=pl.Series(np.tile(names, 6), dtype=pl.Enum(names)))
    for frame in (sweep(knob=ordered), enum, enum.lazy()):
        table = SweepTable.from_frame(frame)
        assert table.levels.tolist() == [1, 2, 3, 4]
        assert notes(table) == {"ordered_categories": 4}
        assert "'tiny' = 1, 'base' = 2" in table.notes[0].message


@pytest.mark.long
@pytest.mark.parametrize(
    ("knob", "code"),
    [
        (pd.Categorical(np.tile(["a", "b", "c", "d"], 6)), "KNOB_UNORDERED"),
        (pd.Categorical(np.tile([1, 10, 9, 2], 6)), "KNOB_UNORDERED"),
        (np.tile(["a", "b", "c", "d"], 6), "KNOB_IS_TEXT"),
        (np.tile(pd.date_range("2024", periods=4), 6), "KNOB_NOT_NUMERIC"),
        (np.tile(pd.date_range("2024", periods=4, tz="UTC"), 6), "KNOB_NOT_NUMERIC"),
        (np.tile(pd.to_timedelta([1, 2, 3, 4], unit="h"), 6), "KNOB_NOT_NUMERIC"),
        (np.arange(24) * 1j, "KNOB_NOT_NUMERIC"),
        (pd.Series([1, "a", 2, 3] * 6, dtype=object), "KNOB_NOT_NUMERIC"),
    ],
)
def test_a_knob_without_order_or_unit_is_refused(knob, code):
    """Categories have no order and times no unit until the user says so."""
    assert refused(sweep(knob=knob)).code == code


def test_a_true_or_false_knob_has_two_levels():
    """A switch is a knob."""
    frame = sweep(knob=np.tile([False, True], 12)).drop_duplicates(["knob", "seed", "condition"])
    for make in (lambda f: f, pl.from_pandas, lambda f: f.astype({"knob": object})):
        table = SweepTable.from_frame(make(frame))
        assert table.levels.tolist() == [0, 1]


@pytest.mark.long
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0.1, 0.3, 0.1 + 0.2], 2),
        ([float(np.float32(0.1)), 0.1, 0.5], 2),
        ([2024.0001, 2024.0002, 2024.0003], 3),
        ([1e-7, 1e-6, 1.0], 3),
        ([1e-12, 2e-12, 3e-12], 3),
        ([1.0, 1.0 + 4e-7, 1.0 + 8e-7, 2.0], 2),
        ([0.0, 1e-9, 1.0], 3),
        ([-0.3, -(0.1 + 0.2), 1.0], 2),
    ],
)
def test_levels_are_merged_when_they_differ_by_rounding_only(levels, expected):
    """Rounding noise is one level, a fine grid is not."""
    rows = [(level, place, seed) for seed in range(2) for place, level in enumerate(levels)]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    table = SweepTable.from_frame(frame, aggregate="mean")
    assert table.levels.size == expected
    assert notes(table).get("levels_merged", 0) == len(levels) - expected


def test_a_merged_level_is_written_as_shortly_as_possible():
    """0.3 stands for 0.1 + 0.2, and 0.7 for its single-precision neighbour."""
    frame = pd.DataFrame(
        {"knob": [0.1, 0.1 + 0.2, 0.3, 0.7, float(np.float32(0.7))], "metric": 1.0, "seed": range(5)}
    )
    assert SweepTable.from_frame(frame).levels.tolist() == [0.1, 0.3, 0.7]


@pytest.mark.long
def test_an_even_grid_of_any_length_is_not_merged():
    """Two million training steps are closer than the tolerance, yet levels of their own."""
    steps = np.arange(0, 3_000_000, dtype=float)
    from sigstats.data.table.cells import merge_levels

    levels, place = merge_levels(steps, 1e-6)
    assert levels.size == place.size == steps.size


def test_the_tolerance_can_be_set():
    """0 merges nothing, a large one much."""
    frame = sweep(knob=np.tile([1.0, 1.0 + 1e-9, 2.0, 2.05], 6))
    assert SweepTable.from_frame(frame, level_tolerance=0).levels.size == 4
    assert SweepTable.from_frame(frame, level_tolerance=0.1, aggregate="mean").levels.size == 2
    for wrong in (-1, 1, np.nan, True, "small"):
        with pytest.raises(OptionError, match="`level_tolerance` is"):
            SweepTable.from_frame(frame, level_tolerance=wrong)


@pytest.mark.long
def test_a_median_over_merged_levels_uses_all_rows(engine):
    """Groups that share a level are not averaged twice."""
    knob = np.repeat([0.3, 0.1 + 0.2, 1.0], [3, 2, 4])
    frame = pd.DataFrame({"knob": knob, "metric": [1, 2, 9, 10, 11, 0, 0, 1, 1.0], "seed": 0})
    for same in (frame, engine(frame)):
        table = SweepTable.from_frame(same, aggregate="median")
        assert table.matrix("treatment").tolist() == [[9, 0.5]]


def test_one_level_is_no_sweep():
    """A knob that was not turned is an error."""
    problem = refused(sweep().query("knob == 2"))
    assert (problem.code, problem.column) == ("ONE_LEVEL", "knob")
    assert "has only one level, 2;" in problem.message


def test_large_whole_levels_are_noted_when_rounded():
    """Levels beyond 2**53 may not be told apart."""
    table = SweepTable.from_frame(sweep(knob=np.tile(2**53 + np.arange(0, 8000, 2000), 6)))
    assert notes(table)["precision"] == 24


# --- seeds and conditions


@pytest.mark.long
@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([7, 8, 9], ("7", "8", "9")),
        ([7.0, 8.0, 9.0], ("7", "8", "9")),
        ([0.5, 1.5, 2.0], ("0.5", "1.5", "2")),
        (["007", "08", "9"], ("007", "08", "9")),
        ([True, False, True], None),
        ([2**60, 2**60 + 1, 2**60 + 2], (str(2**60), str(2**60 + 1), str(2**60 + 2))),
        (pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]), None),
        ([(1, 2), (1, 3), (2, 1)], ("(1, 2)", "(1, 3)", "(2, 1)")),
    ],
)
def test_ids_are_text(labels, expected):
    """Whole numbers lose their decimal point, text stays as it is."""
    frame = sweep().query("condition == 'a'").reset_index(drop=True)
    frame["seed"] = pd.Series(np.repeat(np.arange(3), N_LEVELS)).map(dict(enumerate(labels)))
    if expected is not None:
        assert SweepTable.from_frame(frame).seeds("a") == expected
    else:
        SweepTable.from_frame(frame, aggregate="mean")


def test_ids_of_text_and_numbers_in_one_column_are_one_and_noted():
    """7 and '7' are the same seed, and a note says that they were taken so."""
    frame = sweep(seed=pd.Series([0, 1, 2, "0", "1", "2"], dtype=object).repeat(N_LEVELS).to_numpy())
    table = SweepTable.from_frame(frame)
    assert table.seeds("a") == table.seeds("b") == ("0", "1", "2")
    assert notes(table) == {"ids_converted": 3}


def test_seeds_that_are_one_number_in_two_spellings_are_noted():
    """'7' and '007' stay apart, but not silently."""
    table = SweepTable.from_frame(sweep(seed=np.tile(np.repeat(["7", "007", "8"], N_LEVELS), 2)))
    assert table.seeds("a") == ("007", "7", "8")
    assert notes(table) == {"ids_alike": 2}


@pytest.mark.long
@pytest.mark.parametrize("role", ["seed", "condition"])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_id_is_an_error_and_no_row_is_dropped(role, missing):
    """Who a row belongs to is not guessed."""
    problem = refused(replaced(role, [2, 13], missing))
    assert (problem.code, problem.column, problem.rows) == (f"MISSING_{role.upper()}", role, (2, 13))


@pytest.mark.long
@pytest.mark.parametrize("text", ["NA", "nan", "None", "", " ", "N/A"])
def test_a_seed_that_says_it_is_missing_is_missing(text):
    """Words for missing are no seeds."""
    frame = sweep(seed=sweep()["seed"].astype(str))
    problem = refused(replaced("seed", 5, text, frame))
    assert (problem.code, problem.rows) == ("MISSING_SEED", (5,))


def test_none_is_a_condition():
    """An optimiser called 'none' exists."""
    assert SweepTable.from_frame(sweep(condition=np.repeat(["none", "adam"], 12))).conditions == (
        "adam",
        "none",
    )


@pytest.mark.parametrize("other", ["A", "a ", " a", "a\u00a0"])
def test_conditions_that_look_alike_are_refused(other):
    """'a' and 'A' are probably one condition, and splitting it would change the answer."""
    problem = refused(sweep(condition=np.repeat(["a", other], 12)))
    assert problem.code == "CONDITIONS_COLLIDE"
    assert "blanks, case or Unicode form" in problem.message


def test_conditions_in_two_unicode_forms_are_refused():
    """Composed and decomposed letters look the same."""
    assert refused(sweep(condition=np.repeat(["caf\u00e9", "cafe\u0301"], 12))).code == "CONDITIONS_COLLIDE"


def test_seeds_that_differ_by_blanks_are_refused_but_case_counts():
    """A seed split in two would count twice."""
    seeds = np.tile(np.repeat(["x", "x ", "y"], N_LEVELS), 2)
    assert refused(sweep(seed=seeds)).code == "SEEDS_COLLIDE"
    assert SweepTable.from_frame(sweep(seed=np.where(seeds == "x ", "X", seeds)))


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["category", "string", "string[pyarrow]", object])
def test_ids_of_any_text_type_are_the_same(dtype):
    """How text is stored does not matter."""
    frame = sweep(seed=sweep()["seed"].astype(str))
    expected = SweepTable.from_frame(frame)
    assert SweepTable.from_frame(frame.astype({"seed": dtype, "condition": dtype})) == expected
    assert SweepTable.from_frame(sweep(seed=pd.Categorical(sweep()["seed"]))) == expected
    cast = pl.from_pandas(frame).with_columns(pl.col("seed", "condition").cast(pl.Categorical))
    assert SweepTable.from_frame(cast) == expected
    assert SweepTable.from_frame(cast.to_arrow()) == expected


# --- cells


def test_exact_copies_of_rows_are_used_once_and_noted():
    """Concatenating a file with itself changes nothing but the notes."""
    table = SweepTable.from_frame(pd.concat([sweep(), sweep()]))
    assert table == SweepTable.from_frame(sweep())
    assert notes(table) == {"duplicate_rows": 24}
    assert table.n_rows == 48


def test_rows_that_disagree_are_an_error_unless_something_says_how_they_become_one():
    """The message names the first cell and its rows."""
    frame = pd.concat([sweep(), sweep().iloc[[2]].assign(metric=9.0)], ignore_index=True)
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame)
    assert str(error.value) == (
        "the table has a problem:\n"
        "  - DUPLICATE_CELLS: 1 cell with several rows whose metrics differ, the first at "
        "condition 'a', seed '0', level 3 (first rows: 2, 24). Choose how to combine them, such as "
        "aggregate='mean', or select one with `where`."
    )
    table = SweepTable.from_frame(frame, aggregate="max")
    assert table.matrix("a")[0, 2] == 9.0
    assert notes(table) == {"repeats_aggregated": 1}
    assert str(table.notes[0]) == "Reduced 2 rows to 1 cell by their max."


def test_an_unknown_aggregate_is_refused_with_those_there_are():
    """A typo is not a new method."""
    with pytest.raises(
        OptionError, match=r"`aggregate` is 'men'; it must be one of \('max', 'mean', 'median', 'min'\)"
    ):
        SweepTable.from_frame(sweep(), aggregate="men")
    with pytest.raises(OptionError):
        SweepTable.from_frame(sweep(), aggregate=["mean"])


def test_runs_that_break_off_are_noted():
    """Seeds that are missing from some level on to the end may be a selection."""
    frame = sweep()
    broken = frame["condition"].eq("a") & frame["seed"].eq(1) & frame["knob"].ge(3)
    table = SweepTable.from_frame(frame[~broken])
    assert notes(table) == {"missing_cells": 2, "missing_at_extreme": 2}
    assert "2 cells of 'a' are missing at the highest levels of 'knob'" in table.notes[1].message
    holes = frame["condition"].eq("a") & frame["knob"].eq(2) & frame["seed"].ne(1)
    assert notes(SweepTable.from_frame(frame[~holes])) == {"missing_cells": 2}


@pytest.mark.parametrize("levels", [[3, 4], [1], [3]])
def test_levels_at_which_a_condition_was_not_run_are_no_missing_cells(levels):
    """A shorter task, a shifted range or other levels: no run stopped, and none survived."""
    frame = sweep()
    table = SweepTable.from_frame(frame[~(frame["condition"].eq("a") & frame["knob"].isin(levels))])
    assert notes(table) == {}
    broken = frame["condition"].eq("a") & (
        frame["knob"].isin(levels) | frame["seed"].eq(1) & frame["knob"].eq(2)
    )
    table = SweepTable.from_frame(frame[~broken])
    assert notes(table)["missing_cells"] == 1
    assert table.notes[0].message.startswith(f"1 of {3 * (2 * N_LEVELS - len(levels))} cells")


def test_copies_of_seeds_and_of_conditions_are_noted():
    """Replicates that are bit for bit the same are no replicates."""
    once = sweep()["metric"].iloc[:N_LEVELS]
    table = SweepTable.from_frame(sweep(metric=np.tile(once, 6)))
    assert notes(table) == {"identical_seeds": 6, "identical_conditions": 2}


def test_a_sweep_too_sparse_to_hold_is_refused():
    """Distinct seeds at distinct levels would make a matrix of nothing but gaps."""
    n = 20_000
    frame = pd.DataFrame({"knob": np.arange(n) ** 1.5, "metric": 0.0, "seed": np.arange(n)})
    assert refused(frame).code == "TOO_MANY_CELLS"


def test_too_little_memory_is_an_error_that_says_what_to_do(monkeypatch):
    """Running out of memory is reported like any other problem."""

    def fail(*_arguments):
        raise MemoryError

    monkeypatch.setattr("sigstats.data.table.intake.opened", fail)
    problem = refused(sweep())
    assert problem.code == "NO_MEMORY"
    assert "lazy polars or duckdb frame" in problem.remedy


def test_an_empty_table_is_refused():
    """No rows, no columns: each says so."""
    assert refused(sweep().iloc[:0]).code == "NO_ROWS"
    assert refused(pl.from_pandas(sweep()).clear()).code == "NO_ROWS"
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(pd.DataFrame())
    assert codes(error) == ["MISSING_COLUMN"] * 3


# --- where


def filtered(where, **columns):
    """Return how many rows a filter leaves."""
    frame = sweep(step=np.arange(24), flag=np.arange(24) < 12, layer=np.repeat(["in", "out"], 12), **columns)
    return SweepTable.from_frame(frame, where=where).n_rows


@pytest.mark.long
@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, 24),
        ({"layer": "in"}, 12),
        ({"layer": ["in", "out"]}, 24),
        ({"layer": {"in"}}, 12),
        ({"step": {"min": 4, "max": 11}}, 8),
        ({"step": {"max": 11.5}}, 12),
        ({"step": {"min": -(10**30)}}, 24),
        ({"step": np.arange(8)}, 8),
        ({"step": [4.0, 5, 6, 7]}, 4),
        ({"flag": True}, 12),
        ({"knob": {"max": 2}}, 12),
        ({"seed": [0, 1], "condition": "b"}, 8),
        ({"layer": np.str_("in"), "step": {"min": np.int64(4)}}, 8),
    ],
)
def test_filters_keep_what_they_say(where, rows):
    """Equality, lists and inclusive ranges, by any column, the knob included."""
    assert filtered(where) == rows


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"step": "4"}, "compares numbers with '4'"),
        ({"step": True}, "compares numbers with True"),
        ({"step": None}, "compares numbers with None"),
        ({"step": np.nan}, "compares numbers with nan"),
        ({"layer": 1}, "compares text with 1"),
        ({"layer": {"min": "a"}}, "asks for a range, but the column holds text"),
        ({"flag": 1}, "compares true/false values with 1"),
        ({"step": {"mim": 1}}, "a range takes 'min', 'max' or both"),
        ({"step": {}}, "a range takes 'min', 'max' or both"),
        ({"step": {"min": 3, "max": 1}}, "has min 3 above max 1"),
        ({"layer": []}, "is an empty list"),
        ({"layer": ["in", 3]}, "compares text with 3"),
        ({"step": [[1]]}, "compares numbers with [1]"),
        ({"mixed": 1}, "its values have several types"),
    ],
)
def test_a_filter_of_another_type_is_an_error(where, words):
    """A comparison that could never hold does not quietly remove everything."""
    frame = sweep(step=np.arange(24), flag=True, layer="in", mixed=pd.Series([1, "a"] * 12, dtype=object))
    problem = refused(frame, where=where)
    assert problem.code == "WHERE_VALUE"
    assert words in problem.message


def test_a_filter_on_an_unknown_column_names_the_nearest():
    """A misspelt filter does not pass unnoticed."""
    problem = refused(sweep(layer="in"), where={"layre": "in"})
    assert (problem.code, problem.remedy) == ("MISSING_COLUMN", "Did you mean 'layer'?")


def test_the_filter_that_removed_everything_is_named_with_what_there_was():
    """The message helps to correct the filter."""
    frame = sweep(layer=np.repeat(["in", "out"], 12), step=np.arange(24))
    problem = refused(frame, where={"layer": "last"})
    assert str(problem) == (
        "WHERE_EMPTY: `where` on column 'layer' for 'last' removes all rows. "
        "Before this filter, the column holds 'in', 'out'."
    )
    problem = refused(frame, where={"layer": "in", "step": {"min": 20}})
    assert "on column 'step'" in problem.message
    assert problem.message.endswith("removes all rows together with the filters before it")
    assert problem.remedy == "Before this filter, the column holds 12 values from 0 to 11."


def test_filters_come_before_checks():
    """What is filtered away may be anything."""
    frame = replaced("metric", 12, "diverged")
    frame = replaced("knob", 13, np.nan, frame)
    frame = replaced("seed", 14, None, frame)
    table = SweepTable.from_frame(frame, where={"condition": "a"})
    assert table.conditions == ("a",)
    problem = refused(replaced("metric", 5, "diverged"), where={"condition": "a", "seed": 1})
    assert problem.rows == (5,)


def test_a_filter_is_never_an_expression():
    """Text is compared, not evaluated, and `where` is no query."""
    frame = sweep(layer="@x")
    assert refused(frame, where={"layer": "__import__('os')"}).code == "WHERE_EMPTY"
    with pytest.raises(OptionError, match="expressions are not evaluated"):
        SweepTable.from_frame(frame, where="knob > 2")


def test_a_filter_uses_the_precision_of_its_column():
    """0.1 finds the single-precision 0.1, and a range includes it."""
    frame = sweep(lr=np.float32(0.1))
    for where in (0.1, [0.1], {"max": 0.1}, {"min": 0.1}):
        assert SweepTable.from_frame(frame, where={"lr": where}).n_rows == 24


@pytest.mark.long
def test_a_range_never_keeps_missing_values(engine):
    """NaN and null are outside of every range."""
    frame = sweep(step=np.arange(24.0))
    frame.loc[[3, 5], "step"] = np.nan
    for same in (frame, engine(frame), frame.astype({"step": "Float64"})):
        assert SweepTable.from_frame(same, where={"step": {"min": 0}}).n_rows == 22


@pytest.mark.parametrize("ordered", [True, False])
def test_categories_are_compared_with_what_they_stand_for(ordered):
    """How a column stores its text or numbers does not matter to a filter."""
    names = pd.Categorical(np.repeat(["in", "out"], 12), ordered=ordered)
    sizes = pd.Categorical(np.repeat([1, 2], 12), ordered=ordered)
    frame = sweep(layer=names, size=sizes)
    assert SweepTable.from_frame(frame, where={"layer": "in", "size": {"max": 1}}).n_rows == 12
    enum = pl.from_pandas(sweep(layer=np.repeat(["in", "out"], 12)))
    enum = enum.with_columns(pl.col("layer").cast(pl.Enum(["out", "in"])))
    assert SweepTable.from_frame(enum, where={"layer": ["in"]}).n_rows == 12


def test_times_are_compared_with_times():
    """A date column takes datetimes and nothing else."""
    frame = sweep(day=pd.date_range("2024-01-01", periods=24))
    start = dt.datetime(2024, 1, 13)  # noqa: DTZ001 - the column has no time zone
    assert SweepTable.from_frame(frame, where={"day": {"min": start}}).n_rows == 12
    for wrong in ("2024-01-13", start.replace(tzinfo=dt.UTC), 3):
        assert refused(frame, where={"day": {"min": wrong}}).code == "WHERE_VALUE"


# --- without a frame


def test_matrices_make_the_same_table_as_their_frame():
    """The short way and the long way meet."""
    rng = np.random.default_rng(0)
    short = SweepTable.from_matrices([1, 2, 3], {"b": rng.normal(size=(12, 3)), "a": rng.normal(size=(2, 3))})
    assert SweepTable.from_frame(short.to_frame()) == short
    assert short.seeds("b")[:3] == ("00", "01", "02")


def test_rows_of_matrices_follow_their_ids():
    """Seeds are sorted, and their rows with them."""
    table = SweepTable.from_matrices([1, 2], {"a": [[1, 1], [2, 2]]}, seeds={"a": ["y", "x"]})
    assert table.seeds("a") == ("x", "y")
    assert table.matrix("a").tolist() == [[2, 2], [1, 1]]


def test_matrices_are_copied():
    """Later changes of the caller's arrays do not reach the table."""
    values, levels = np.zeros((2, 3)), np.arange(3.0)
    table = SweepTable.from_matrices(levels, {"a": values})
    values[:], levels[:] = 9, 9
    assert table.matrix("a").max() == 0
    assert table.levels.tolist() == [0, 1, 2]
    assert values.flags.writeable


@pytest.mark.parametrize(
    ("levels", "matrices", "seeds", "code"),
    [
        ([1, 1], {"a": [[1, 2]]}, None, "BAD_LEVELS"),
        ([2, 1], {"a": [[1, 2]]}, None, "BAD_LEVELS"),
        ([1, np.inf], {"a": [[1, 2]]}, None, "BAD_LEVELS"),
        ([1, 2], {"a": [[1, 2, 3]]}, None, "BAD_SHAPE"),
        ([1, 2], {"a": [1, 2]}, None, "BAD_SHAPE"),
        ([1, 2], {"a": [[1, np.inf]]}, None, "METRIC_INFINITE"),
        ([1, 2], {"a": [[1, 2]]}, {"a": ["x", "y"]}, "BAD_SHAPE"),
        ([1, 2], {"a": [[1, 2], [3, 4]]}, {"a": ["x", "x"]}, "BAD_SHAPE"),
        ([1, 2], {}, None, "NO_ROWS"),
        ([1, 10**400], {"a": [[1, 2]]}, None, "BAD_LEVELS"),
        ({1}, {"a": [[1, 2]]}, None, "BAD_LEVELS"),
        ([1, 2], {"a": [["x", 2]]}, None, "METRIC_NOT_NUMERIC"),
        ([1, 2], {"a": [[1j, 2]]}, None, "METRIC_NOT_NUMERIC"),
        ([1, 2], {"a": [[1, 2], [3]]}, None, "METRIC_NOT_NUMERIC"),
        ([1, 2], {"a": [[1, 2]], 0: [[1, 2]]}, None, "BAD_SHAPE"),
        ([1, 2], {"a": [[1, 2]]}, {"a": 7}, "BAD_SHAPE"),
        ([1, 2], {"a": [[1, 2]]}, ["x"], "BAD_SHAPE"),
    ],
)
def test_matrices_that_do_not_fit_are_refused(levels, matrices, seeds, code):
    """Shapes and values are checked, if little else."""
    with pytest.raises(TableError) as error:
        SweepTable.from_matrices(levels, matrices, seeds=seeds)
    assert codes(error) == [code]


# --- whatever comes


@pytest.mark.long
@given(sweep_frames(), st.randoms(use_true_random=False))
def test_order_index_and_engine_never_matter(frame, random):
    """Rows, columns, index and frame library leave the table as it is, bit for bit."""
    expected = SweepTable.from_frame(frame)
    rows = random.sample(range(len(frame)), len(frame))
    columns = random.sample(list(frame.columns), 4)
    shuffled = frame.iloc[rows][columns]
    same = [
        shuffled,
        shuffled.set_axis([0] * len(frame)),
        pl.from_pandas(shuffled),
        pa.Table.from_pandas(shuffled),
    ]
    for given_frame in (*same, pl.from_pandas(shuffled).lazy()):
        table = SweepTable.from_frame(given_frame)
        assert table == expected
        assert table.notes == expected.notes


@pytest.mark.long
@given(sweep_frames(), st.sampled_from(["mean", "median", "min", "max"]), st.randoms(use_true_random=False))
def test_aggregates_do_not_depend_on_order(frame, aggregate, random):
    """Sums are exact, so that the order of repeats is irrelevant."""
    repeated = pd.concat([frame, frame.assign(metric=frame["metric"] / 3), frame.assign(metric=0.1)])
    rows = random.sample(range(len(repeated)), len(repeated))
    expected = SweepTable.from_frame(repeated, aggregate=aggregate)
    assert SweepTable.from_frame(repeated.iloc[rows], aggregate=aggregate) == expected
    assert SweepTable.from_frame(pl.from_pandas(repeated.iloc[rows]).lazy(), aggregate=aggregate) == expected


@pytest.mark.long
@given(sweep_frames())
def test_a_valid_sweep_keeps_every_value(frame):
    """Nothing is lost between frame and table."""
    table = SweepTable.from_frame(frame)
    assert table.n_rows == frame["metric"].notna().sum()
    values = np.concatenate([table.matrix(name).ravel() for name in table.conditions])
    assert sorted(values[~np.isnan(values)]) == sorted(frame["metric"].dropna())


@pytest.mark.long
@given(wild_frames())
def test_any_frame_gives_a_table_or_a_documented_error(frame):
    """Nothing but a valid table or an error of the package comes out, and no warning."""
    try:
        table = SweepTable.from_frame(frame)
    except SigstatsError:
        return
    assert table.levels.size >= 2
    assert np.isfinite(table.levels).all()
    for name in table.conditions:
        assert not np.isinf(table.matrix(name)).any()
        assert not np.isnan(table.matrix(name)).all(axis=1).any()


@pytest.mark.long
def test_importing_the_table_loads_no_optional_library():
    """polars, pyarrow, duckdb and dask are not touched until a frame of theirs comes in."""
    script = (
        "import sys, numpy, pandas, narwhals; before = set(sys.modules); import sigstats.data.table.sweep; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "assert not new & {'polars', 'pyarrow', 'duckdb', 'dask'}, new"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_only_rows_that_repeat_cells_are_grouped():
    """A sample of the rows tells whether cells repeat."""
    seed, knob = np.divmod(np.arange(10_000), 100)
    keys = pd.DataFrame({"condition": "a", "seed": seed, "knob": knob})
    columns = {name: Column(role=name, label=name, kind="number") for name in keys}
    assert grouping.seem_distinct(nw.from_native(keys), columns)
    assert not grouping.seem_distinct(nw.from_native(pd.concat([keys, keys])), columns)
