"""What memory is needed is measured, and said where there is too little."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import sigstats
from sigstats.data import memory
from sigstats.data.table.sweep import SweepTable
from sigstats.detection.single import verdict_on
from sigstats.errors import Problem, TableError

TOLERANCE = 1.5
ROWS = "grouping 40,000 rows, beside the frame itself, needs about 6.0 MB"


def frame_of(n, *, cells=None):
    """Return rows of two conditions at ten levels; so many cells, or as many as rows."""
    row = np.arange(n) % (cells or n)
    rising = np.where(row // 10 % 2 == 1, row % 10, 0)
    noise = np.random.default_rng(0).normal(size=n)
    return pd.DataFrame(
        {"knob": row % 10, "metric": rising + noise, "seed": row // 20, "condition": row // 10 % 2}
    )


def peak_of(work):
    """Return the bytes that some work takes at most."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def near(measured, promised):
    return 1 / TOLERANCE < measured / promised < TOLERANCE


@pytest.mark.parametrize(
    ("cells", "aggregate", "row"),
    [(None, None, memory.ROW_OF_ITS_OWN), (1000, "mean", memory.ROW_OF_MANY)],
)
def test_grouping_rows_takes_what_is_said(cells, aggregate, row):
    """Beside the frame, each row takes so many bytes."""
    n = 60_000
    frame = frame_of(n, cells=cells)

    def work():
        SweepTable.from_frame(frame, condition="condition", aggregate=aggregate)

    work()  # what is loaded the first time is no part of it
    assert near(peak_of(work), n * row)


@pytest.mark.slow
@pytest.mark.parametrize("n", [100_000, 1_000_000, 10_000_000])
def test_it_grows_with_the_rows(n):
    """From a hundred thousand rows to ten million."""
    frame = frame_of(n)
    assert near(
        peak_of(lambda: SweepTable.from_frame(frame, condition="condition")), n * memory.ROW_OF_ITS_OWN
    )


@pytest.mark.parametrize(
    ("shape", "cell"),
    [("increasing", memory.CELL), ("peak", memory.CELL), ("threshold", memory.CELL_OF_CURVE)],
)
def test_judging_cells_takes_what_is_said(shape, cell):
    """A curve with an onset is fitted to each seed's cells; contrasts take less."""
    n = 20_000
    table = SweepTable.from_frame(frame_of(n), condition="condition")
    signature = sigstats.Signature(shape=shape, condition="condition", control=0)
    verdict_on(table, signature)  # what is loaded, and kept, the first time is no part of it
    assert near(peak_of(lambda: verdict_on(table, signature)), n * cell)


@pytest.mark.long
def test_the_posterior_of_slopes_takes_what_is_said():
    """Half a megabyte for each seed."""
    table = SweepTable.from_frame(frame_of(2000), condition="condition")

    def work():
        sigstats.hierarchical_slopes(table, shape="increasing", control=0)

    assert near(peak_of(work), 200 * memory.LINE)


def test_a_file_takes_what_is_said(tmp_path):
    """Five times what it has of text."""
    path = tmp_path / "sweep.csv"
    frame_of(20_000).to_csv(path, index=False)
    size = path.stat().st_size
    assert near(peak_of(lambda: sigstats.read_sweep(path)), 5 * size)


def fail(*_arguments, **_options):
    raise MemoryError


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("sigstats.data.table.intake.opened", ROWS),
        ("sigstats.data.table.intake._find_levels", ROWS),
        ("sigstats.detection.single.gather", "judging 40,000 cells (seeds x levels) needs about 3.6 MB"),
        ("sigstats.detection.single.read_table", "there is not enough memory for this"),
    ],
)  # fmt: skip
def test_too_little_memory_is_a_typed_error_with_the_need(monkeypatch, place, said):
    """Wherever it ends, the error has a code, and the total for this table."""
    frame = frame_of(40_000)
    monkeypatch.setattr(place, fail)
    with pytest.raises(TableError) as caught:
        sigstats.detect(frame, shape="increasing", control=0)
    (problem,) = caught.value.problems
    assert problem.code == "NO_MEMORY"
    assert said in problem.message


@pytest.mark.parametrize("ask", [sigstats.robustness, sigstats.scope])
def test_an_analysis_that_does_not_fit_is_no_answer(monkeypatch, ask):
    """What is asked of parts of the data leaves no part out because of it."""
    frame = frame_of(200).assign(part="a")
    monkeypatch.setattr("sigstats.detection.single.gather", fail)
    options = {"by": "part"} if ask is sigstats.scope else {"replications": 0}
    with pytest.raises(TableError, match="NO_MEMORY"):
        ask(frame, shape="increasing", control=0, **options)


def test_slopes_say_what_their_posterior_needs(monkeypatch):
    """Which is far more than the verdict does."""
    monkeypatch.setattr("sigstats.studies.slopes.fit.random_slopes", fail)
    with pytest.raises(TableError, match="a posterior over 200 seeds needs about 110 MB"):
        sigstats.hierarchical_slopes(frame_of(2000), shape="increasing", control=0)


def test_a_screen_says_what_its_rows_need(monkeypatch):
    """Whatever the number of keys."""
    monkeypatch.setattr("sigstats.studies.screen.run.interleaved", fail)
    signature = sigstats.Signature(shape="increasing", condition="condition", control=0)
    with pytest.raises(TableError, match="grouping 400 rows, beside the frame itself, needs about 60 kB"):
        sigstats.screen(frame_of(400).assign(task="a"), signature, by="task")


def test_a_file_that_does_not_fit_is_measured(monkeypatch, tmp_path):
    """The file is named, with its size."""
    path = tmp_path / "sweep.csv"
    frame_of(20_000).to_csv(path, index=False)
    monkeypatch.setattr("pandas.read_csv", fail)
    with pytest.raises(TableError, match=r"reading 'sweep.csv', \d+ kB of csv, needs about \d.\d MB"):
        sigstats.read_sweep(path)


@pytest.mark.parametrize(
    ("n_bytes", "written"),
    [(0, "1 kB"), (2_340, "2.3 kB"), (996_000, "1,000 kB"), (1.44e8, "140 MB"), (9.96e9, "10 GB"),
     (1.2e12, "1,200 GB")],
)  # fmt: skip
def test_bytes_are_written_in_natural_units(n_bytes, written):
    assert memory.amount(n_bytes) == written


def test_it_passes_between_processes():
    """A process that another one waits for sends it whole."""
    problem = Problem(code="NO_MEMORY", column=None, message="m", remedy="r")
    assert pickle.loads(pickle.dumps(memory.TooLittleMemoryError(problem))).problem == problem  # noqa: S301 - made here
