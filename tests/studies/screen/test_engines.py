"""Parts of the data that are judged by other engines give the same rows, numbers up to rounding."""

import os
import sys

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.studies.screen.engines.split import parts_of

SIGNATURES = [
    ss.Signature(shape="increasing", control="shuffled", min_effect=1.0),
    ss.Signature(name="falls", shape="decreasing"),
]


def suite(n_tasks, seed=1):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [range(n_tasks), ["big", "small"], ["model", "shuffled"], range(5), range(5)],
        names=["task", "size", "condition", "seed", "knob"],
    )
    frame = index.to_frame(index=False)
    rising = (frame["task"] % 4 == 0) & (frame["condition"] == "model")
    frame["metric"] = rising * frame["knob"] + 0.6 * rng.normal(size=len(frame))
    frame.loc[3, "metric"] = np.inf
    return frame.drop(index=np.arange(60, 63)).sample(frac=1.0, random_state=0).reset_index(drop=True)


def same(one, other):
    """Compare every word exactly and numbers up to rounding: a sum over tables at once may end in another digit."""
    one, other = one.table(), other.table()
    columns = [name for name in one.columns if name != "problem"]  # which names places of rows
    pd.testing.assert_frame_equal(one[columns], other[columns], check_dtype=False, rtol=1e-12, atol=1e-14)
    assert one["problem"].isna().tolist() == other["problem"].isna().tolist()


def through(engine, frame, *, own_frame):
    """Return the screen by an engine with two workers, of a pandas frame or of a frame of its own."""
    data = frame
    if engine == "dask" and own_frame:
        data = pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=3)
    elif engine == "ray":
        ray = pytest.importorskip("ray", reason="ray is not installed")
        ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True, log_to_driver=False)
        data = ray.data.from_pandas([frame.iloc[::2], frame.iloc[1::2]]) if own_frame else frame
    elif engine == "spark":
        sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        session = (
            sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        )
        data = session.createDataFrame(frame) if own_frame else frame
    screened = ss.screen(data, SIGNATURES, by=["task", "size"], engine=engine, n_jobs=2)
    assert screened.engine == engine
    assert screened.verdict((4, "big"), 0).status == "present"
    return screened


def test_parts_keep_the_rows_of_a_key_together():
    frame = suite(5)
    parts = parts_of(frame, ["task", "size"], 3)
    keys = [set(map(tuple, part[["task", "size"]].to_numpy().tolist())) for part in parts]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 10
    assert sum(map(len, parts)) == len(frame)


@pytest.mark.long
def test_what_is_wrong_is_refused_as_on_this_machine():
    pytest.importorskip("dask")
    with pytest.raises(ss.errors.OptionError, match="Did you mean 'task'"):
        ss.screen(suite(1), SIGNATURES, by=["tsk"], engine="dask")
    with pytest.raises(ss.errors.TableError, match="NO_ROWS"):
        ss.screen(suite(1).iloc[:0], SIGNATURES, by=["task", "size"], engine="dask")


@pytest.mark.long
@pytest.mark.parametrize("own_frame", [False, True])
def test_dask_gives_the_rows_of_this_machine(own_frame):
    frame = suite(6)
    same(ss.screen(frame, SIGNATURES, by=["task", "size"]), through("dask", frame, own_frame=own_frame))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the engines about themselves
@pytest.mark.parametrize("own_frame", [False, True])
@pytest.mark.parametrize("engine", ["ray", "spark"])
def test_a_cluster_gives_the_rows_of_this_machine(engine, own_frame):
    frame = suite(6)
    same(ss.screen(frame, SIGNATURES, by=["task", "size"]), through(engine, frame, own_frame=own_frame))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the engines about themselves
@pytest.mark.parametrize("own_frame", [False, True])
@pytest.mark.parametrize("engine", ["dask", "ray", "spark"])
def test_a_million_rows_give_the_rows_of_this_machine(engine, own_frame):
    frame = suite(10_000)
    same(ss.screen(frame, SIGNATURES, by=["task", "size"]), through(engine, frame, own_frame=own_frame))
