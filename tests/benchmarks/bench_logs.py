"""Speed and memory of reading a folder of logs, against the bare scan of the same files by polars.

Run with `pytest tests/benchmarks/bench_logs.py -s`. Both read the same 1,000 files of 1,000 lines, in turns, and the
best time of each counts. What is held to a bound is processor time, of all threads together, because what else the
machine does changes the time on the clock; that is printed as well.
"""

import struct
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

from sigstats import read_runs
from sigstats.data.logs.files.crc32c import checksums

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


N_POINTS = 20_000


@pytest.fixture(scope="module")
def event_files(tmp_path_factory):
    """Write ten runs of 20,000 scalars as event files."""
    root = tmp_path_factory.mktemp("events")
    rng = np.random.default_rng(1)
    for number in range(10):
        records = []
        for step, value in enumerate(rng.normal(size=N_POINTS).astype("<f4")):
            message = b"\x0a\x04loss\x15" + value.tobytes()
            summary = b"\x0a" + bytes([len(message)]) + message
            whole, digits = step, b""
            while whole >= 0x80:
                digits += bytes([whole & 0x7F | 0x80])
                whole >>= 7
            count = b"\x10" + digits + bytes([whole])
            records.append(
                b"\x09" + struct.pack("<d", step) + count + b"\x2a" + bytes([len(summary)]) + summary
            )
        (root / f"r{number}").mkdir()
        (root / f"r{number}" / "events.out.tfevents.1.h").write_bytes(b"".join(framed(records)))
    return root


def framed(records):
    """Return records with their lengths and checksums."""
    heads = [struct.pack("<Q", len(record)) for record in records]
    for head, record, one, other in zip(heads, records, masked(heads), masked(records), strict=True):
        yield head + one + record + other


def masked(pieces):
    sizes = np.array([len(piece) for piece in pieces])
    found = checksums(b"".join(pieces), np.cumsum(sizes) - sizes, sizes).astype(np.uint32)
    return [value.tobytes() for value in ((found >> 15) | (found << 17)) + np.uint32(0xA282EAD8)]


def walked(root):
    """Walk through all records without reading them."""
    count = 0
    for path in root.rglob("*tfevents*"):
        data, position = path.read_bytes(), 0
        while position < len(data):
            position += struct.unpack_from("<Q", data, position)[0] + 16
            count += 1
    return count


def test_event_files_are_read_in_thirty_walks_through_their_records(event_files):
    """With both checksums of every record verified; a walk in pure Python is the least that reading could cost."""
    pairs = np.array(
        [
            (seconds(lambda: read_runs(event_files).frame), seconds(lambda: walked(event_files)))
            for _ in range(TURNS)
        ]
    )
    (mine, _), (bare, _) = pairs.min(axis=0)
    print(f"\nevent files: {mine / 10:.3f} s of processor per run, {mine / bare:.1f} walks", end="")
    assert mine <= 30 * bare


def test_a_sweep_after_an_overview_takes_a_fraction_of_the_reading(event_files):
    runs = read_runs(event_files)
    first = seconds(lambda: runs.problems)[0]
    again = min(seconds(lambda: runs.sweep(knob="step", metric="loss"))[0] for _ in range(TURNS))
    print(f"\nsweep after an overview: {again / first:.2f} of the first reading", end="")
    assert again <= 0.5 * first


def test_other_processes_take_over_most_of_the_reading(event_files):
    """What stays in this process bounds the gain of many; the ratio on the clock needs two idle processors."""
    calls = [lambda n_jobs=n_jobs: read_runs(event_files, n_jobs=n_jobs).frame for n_jobs in (2, 1)]
    started = seconds(calls[0])[1]
    two, one = np.array([[seconds(call) for call in calls] for _ in range(TURNS)]).min(axis=0)
    print(f"\ntwo processes: {two[0] / one[0]:.2f} of the processor time stays here, ", end="")
    print(f"{two[1] / one[1]:.2f} of the time on the clock; {started:.2f} s the first time", end="")
    assert two[0] <= 0.5 * one[0]
