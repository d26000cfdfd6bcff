"""Reading with several processes: the same answer for any number of them."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sigstats import read_runs
from sigstats.data import parallel
from sigstats.data.logs import search
from sigstats.data.logs.formats import registry
from sigstats.data.logs.model import Format, Run, Series
from sigstats.errors import OptionError

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def two_processors(monkeypatch):
    """Let two processes be used, however many processors this machine has."""
    monkeypatch.setattr(parallel, "n_processors", lambda: 2)


def everything(runs):
    """Return all that is to be had of runs, in their order."""
    items = [{metric: (each.names, each.values) for metric, each in run.items.items()} for run in runs.each()]
    states = [(run.name, run.format, run.state, run.is_summary, run.problems) for run in runs.each()]
    return states, items, runs.problems, runs.config, runs.frame


def assert_same(one, other):
    assert one[0] == other[0]
    assert one[2] == other[2]
    for mine, theirs in zip(one[1], other[1], strict=True):
        assert mine.keys() == theirs.keys()
        for metric, (names, values) in mine.items():
            assert names == theirs[metric][0]
            np.testing.assert_array_equal(values, theirs[metric][1])
    pd.testing.assert_frame_equal(one[3], other[3])
    pd.testing.assert_frame_equal(one[4], other[4])


@pytest.mark.long
@pytest.mark.usefixtures("two_processors")
def test_the_samples_of_all_formats_are_the_same_for_any_number_of_processes():
    alone = everything(read_runs(SAMPLES))
    assert len(alone[0]) > 100
    assert any(alone[1])
    for n_jobs in (2, -1, 9_999):
        assert_same(alone, everything(read_runs(SAMPLES, n_jobs=n_jobs)))


@pytest.mark.usefixtures("two_processors")
def test_a_relative_path_is_that_of_the_caller_not_of_a_process_that_started_elsewhere(tmp_path, monkeypatch):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        for seed in range(3):
            (tmp_path / place / f"s{seed}.csv").write_text(f"step,loss\n1,{seed}\n2,{ord(place)}\n")
        monkeypatch.chdir(tmp_path / place)
        alone, shared = (everything(read_runs(".", n_jobs=n)) for n in (1, 2))
        assert_same(alone, shared)
        assert shared[4]["value"].max() == ord(place)


@pytest.mark.usefixtures("two_processors")
def test_reading_may_be_left_early():
    """Nothing warns, and the next reading is whole."""
    runs = read_runs(SAMPLES / "plain", n_jobs=2)
    reading = runs.each()
    first = next(reading)
    reading.close()
    assert next(runs.each()).name == first.name
    assert len(list(runs.each())) == len(list(read_runs(SAMPLES / "plain").each()))


def _dying(source, root):
    """Read a run, but end the process that does so unless it is the first."""
    if os.getpid() != int((source / "parent").read_text()):
        os.kill(os.getpid(), signal.SIGKILL)
    yield Run(name=source.name, format="dying", series={"loss": Series(steps=np.ones(1), values=np.ones(1))})


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes end otherwise here")
@pytest.mark.usefixtures("two_processors")
def test_what_a_process_leaves_when_it_is_ended_is_read_without_it(tmp_path, monkeypatch):
    form = Format(
        name="dying", title="", find=lambda folder, names: (folder,) if "parent" in names else (), read=_dying
    )
    monkeypatch.setattr(registry, "formats", lambda: (form,))
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "parent").write_text(str(os.getpid()))
    assert [run.name for run in read_runs(tmp_path, n_jobs=2).each()] == list("abc")


@pytest.mark.parametrize("n_jobs", [0, 1.5, True, None, "2", 10**9, -(10**9), float("nan"), [2]])
def test_what_is_no_number_of_processes_is_refused_before_anything_is_read(tmp_path, n_jobs):
    with pytest.raises(OptionError, match="`n_jobs` is"):
        read_runs(tmp_path, n_jobs=n_jobs)


@pytest.mark.parametrize(
    ("n_jobs", "n_tasks", "count"),
    [(1, 9, 1), (3, 9, 3), (9, 9, 4), (9, 2, 2), (-1, 9, 4), (-2, 9, 3), (-9, 9, 1), (2, 0, 1)],
)
def test_there_are_no_more_processes_than_tasks_or_processors(monkeypatch, n_jobs, n_tasks, count):
    monkeypatch.setattr(parallel, "n_processors", lambda: 4)
    assert parallel.n_processes(n_jobs, n_tasks) == count


@pytest.mark.usefixtures("two_processors")
def test_what_waits_to_be_used_is_bounded(tmp_path, monkeypatch):
    """While the first run is looked at, no more is read than two windows hold."""
    monkeypatch.setattr(search, "WINDOW", 1)
    form = Format(name="seen", title="", find=_seen, read=_noting)
    monkeypatch.setattr(registry, "formats", lambda: (form,))
    for number in range(40):
        (tmp_path / f"r{number:02}").mkdir()
        (tmp_path / f"r{number:02}" / "log").touch()
    reading = read_runs(tmp_path, n_jobs=2).each()
    next(reading)
    time.sleep(0.5)
    assert len(list(tmp_path.rglob("was_read"))) <= 2 * 2 * (40 // 8)
    assert len(list(reading)) == 39


def _seen(folder, names):
    return (folder,) if "log" in names else ()


def _noting(source, root):
    """Read a run, and leave a mark that it was read."""
    (source / "was_read").touch()
    yield Run(name=source.name, format="seen", series={"loss": Series(steps=np.ones(1), values=np.ones(1))})
