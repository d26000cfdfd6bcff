"""The same answer in every process, and nothing half done where one is stopped; see also `tests/cli`."""

import concurrent.futures
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sigstats

pytestmark = pytest.mark.slow
ANSWER = """
import sys
import pandas as pd
import sigstats
frame = pd.read_csv(sys.argv[1]).sample(frac=1, random_state=int(sys.argv[2]))[["seed", "metric", "condition", "knob"]]
print(sigstats.detect(frame, shape="increasing", control="b").to_json())
for shape in ("threshold", "peak", "flat"):
    print(sigstats.detect(frame, shape=shape, min_effect=1.0).to_json())
"""
SURROUNDINGS = (
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"},
    {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
    {"LC_ALL": "tr_TR.UTF-8", "OMP_NUM_THREADS": "8", "OPENBLAS_NUM_THREADS": "8"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "OMP_NUM_THREADS": "1"},
)


def frame_of(seeds=5):
    """Return a rise, and a control without one."""
    rng = np.random.default_rng(1)
    rows = [
        (level, level * (name == "a") + 0.3 * rng.normal(), f"s{s}", name)
        for name in "ab" for s in range(seeds) for level in range(7)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"])


@pytest.fixture
def table(tmp_path):
    """Return the path of a table."""
    path = tmp_path / "sweep.csv"
    frame_of().to_csv(path, index=False)
    return path


def test_neither_hash_seed_locale_threads_nor_order_changes_a_digit(table):
    """Every process writes the same JSON, to the last bit."""
    found = set()
    for number, surroundings in enumerate(SURROUNDINGS):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-X", "dev", "-c", ANSWER, str(table), str(number)],
            env={**os.environ, **surroundings}, capture_output=True, check=True,
        )  # fmt: skip
        assert done.stderr == b""
        found.add(done.stdout)
    assert len(found) == 1


def test_32_threads_give_one_answer():
    """Nothing is shared between calls that one of them changes."""
    frame = frame_of()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        found = list(
            pool.map(lambda _: sigstats.detect(frame, shape="threshold", control="b").to_json(), range(64))
        )
    assert len(set(found)) == 1


def test_a_report_is_whole_or_as_it_was_when_its_process_is_killed(table, tmp_path):
    """Killed at any time, the file of before or the whole new one is there."""
    report = tmp_path / "report.html"
    report.write_text("before")
    program = "import sys; from sigstats.cli.main import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        program,
        "check",
        str(table),
        "--shape",
        "increasing",
        "--force",
        "--html",
        str(report),
    ]
    subprocess.run([*command[:-1], str(tmp_path / "whole.html")], capture_output=True, check=False)
    assert (tmp_path / "whole.html").read_text().rstrip().endswith("</html>")
    for pause in (0.5, 1.0, 2.0, 3.0, 4.0):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        text = report.read_text()
        assert text == "before" or text.rstrip().endswith("</html>")


def test_too_little_memory_is_one_message(tmp_path):
    """With less memory than the table needs, the command says so, and does not blame the rows."""
    path = tmp_path / "large.csv"
    rows = 3_000_000
    with path.open("w") as stream:
        stream.write("knob,metric,seed\n")
        stream.writelines(f"{i % 10},{i % 97}.{i % 7},{i // 10}\n" for i in range(rows))
    program = "import sys; from sigstats.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", str(path), "--shape", "increasing"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000)),
        capture_output=True, text=True, check=False, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 2
    assert re.search(r"NO_MEMORY: .* needs about [0-9.]+ [MG]B of memory", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_is_read_only_is_an_error(table, tmp_path):
    """Nothing is written, and the code is that of a failure."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    program = "import sys; from sigstats.cli.main import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        program,
        "check",
        str(table),
        "--shape",
        "increasing",
        "--html",
        str(folder / "x.html"),
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 3
    assert list(Path(folder).iterdir()) == []
