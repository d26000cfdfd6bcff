"""Speed and memory of reading a folder of logs, against the bare scan of the same files by polars.

Run with `pytest tests/benchmarks/bench_logs.py -s`. Both read the same 1,000 files of 1,000 lines, in turns, and the
best time of each counts. What is held to a bound is processor time, of all threads together, because what else the
machine does changes the time on the clock; that is printed as well.
"""

import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

from sigstats import read_runs

N_RUNS, N_STEPS, TURNS = 1_000, 1_000, 5
PATTERN = r"lr(?P<lr>\d+)_s(?P<seed>\d+)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write 1,000 runs of 1,000 steps with three metrics."""
    root = tmp_path_factory.mktemp("logs")
    rng = np.random.default_rng(0)
    for number in range(N_RUNS):
        values = rng.normal(size=(N_STEPS, 3))
        lines = [f"{10 * step},{a:.6f},{b:.6f},{c:.6f}\n" for step, (a, b, c) in enumerate(values)]
        (root / f"lr{number // 10}_s{number % 10}.csv").write_text("step,loss,acc,norm\n" + "".join(lines))
    return root


def seconds(call):
    """Return processor time and time on the clock of a call."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return np.array([time.process_time() - processor, time.perf_counter() - clock])


def compared(folder, ours):
    """Return our best times and the best times of polars, taken in turns."""
    theirs = pl.scan_csv(folder / "*.csv", include_file_paths="run").collect
    pairs = np.array([(seconds(ours), seconds(theirs)) for _ in range(TURNS)])
    return pairs.min(axis=0)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("sweep", lambda folder: read_runs(folder, pattern=PATTERN).sweep(knob="lr", metric="loss")),
        ("frame", lambda folder: read_runs(folder).frame),
        ("problems", lambda folder: read_runs(folder).problems),
    ],
)
def test_a_thousand_runs_take_at_most_twice_as_long_as_a_bare_scan(folder, name, ours):
    """Finding, reading, checking and reducing, against reading alone."""
    mine, bare = compared(folder, lambda: ours(folder))
    for what, one, other in zip(("processor", "clock"), mine, bare, strict=True):
        print(f"\n{name}, {what}: {one:.2f} s, polars {other:.2f} s, ratio {one / other:.2f}", end="")
    assert mine[0] <= 2 * bare[0]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in the unit of Linux")
def test_a_sweep_needs_little_memory(folder):
    """What a sweep adds to the peak is far below the 32 MB that the values take."""
    code = (
        "import resource, sys; from sigstats import read_runs\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3\n"
        "def sweep(n): read_runs(sys.argv[1], pattern=sys.argv[2]).sweep(knob='lr', metric='loss')\n"
        "import pathlib, tempfile; first = pathlib.Path(tempfile.mkdtemp())\n"
        "[(first / f.name).write_bytes(f.read_bytes()) for f in sorted(pathlib.Path(sys.argv[1]).iterdir())[:20]]\n"
        "read_runs(first, pattern=sys.argv[2]).sweep(knob='lr', metric='loss')\n"
        "before = peak(); sweep(1); print(peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), PATTERN], capture_output=True, text=True, check=True
    )
    more = float(done.stdout)
    print(f"\n{more:.1f} MB more for {N_RUNS} runs than for 20")
    assert more < 16
