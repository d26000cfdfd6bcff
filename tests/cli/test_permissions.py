"""Files and folders that may not be read, written or entered: one message, code 3, and nothing changed."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sigstats

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there"),
]
PR_CAPBSET_DROP = 24
MAY_EVERYTHING = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

# Each line is a command; one process runs them all.
PROGRAM = """
import contextlib, io, json, sys
from sigstats.cli.main import main
for line in sys.stdin.read().splitlines():
    said, out = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(out):
        code = main(json.loads(line))
    print(json.dumps([code, said.getvalue()]))
"""


def drop():
    """Let the superuser be refused like everybody else."""
    if os.geteuid() == 0:
        for each in MAY_EVERYTHING:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, each, 0, 0, 0)


def run_all(folder, commands):
    """Return code and standard error of each command, in the folder."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input="\n".join(map(json.dumps, commands)), cwd=folder,
        capture_output=True, text=True, check=True, preexec_fn=drop,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(path):
    """Return whether a process as it is run here may not write to a file that is read-only."""
    program = f"import os; print(os.access({str(path)!r}, os.W_OK))"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, check=True, preexec_fn=drop).stdout == b"False\n"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a card, data, and outputs that were written before."""
    rows = [(s, x, x + 0.1 * ((s + x) % 3)) for s in range(4) for x in range(5)]
    text = "\n".join(["seed,knob,metric", *(f"{s},{x},{y}" for s, x, y in rows)])
    (tmp_path / "sweep.csv").write_text(text)
    card = sigstats.Signature(name="rises", shape="increasing", data="sweep.csv", min_effect=1.0).to_toml()
    (tmp_path / "card.toml").write_text(card)
    (tmp_path / "out").mkdir()
    for name in ("x.html", "x.png", "x.csv", "x.parquet"):
        (tmp_path / "out" / name).write_text("before")
    yield tmp_path
    for path in [tmp_path / "out", *tmp_path.iterdir()]:
        path.chmod(0o700)


WRITING = (
    ["new", "out/new.toml"],
    ["check", "card.toml", "--force", "--html", "out/x.html"],
    ["check", "card.toml", "--html", "out/new.html"],
    ["check", "card.toml", "--force", "--figure", "out/x.png"],
    ["robust", "card.toml", "--force", "--html", "out/x.html"],
    ["screen", "card.toml", "--by", "seed", "--force", "--csv", "out/x.csv", "--parquet", "out/x.parquet"],
    ["plan", "card.toml", "--noise", "1", "--force", "--html", "out/x.html"],
    ["forecast", "card.toml", "--force", "--html", "out/x.html"],
    ["record", ".", "--force", "--html", "out/x.html"],
)


@pytest.mark.parametrize("mode", [0o500, 0o600], ids=["read-only", "cannot be entered"])
def test_a_folder_that_may_not_be_written_to_is_refused_at_once(folder, mode):
    """Before anything is computed, by every command; what is there stays."""
    (folder / "out").chmod(mode)
    if not refused(folder / "out" / "y"):
        pytest.skip("this user may write everywhere")
    for command, (code, said) in zip(WRITING, run_all(folder, WRITING), strict=True):
        assert (command, code, said.count("\n")) == (command, 3, 1)
        assert "could not be written: Permission denied" in said
    (folder / "out").chmod(0o700)
    assert {path.read_text() for path in (folder / "out").iterdir()} == {"before"}


@pytest.mark.parametrize("mode", [0o400, 0o000])
def test_a_file_that_is_write_protected_stays(folder, mode):
    """--force replaces what may be replaced; the message says how to allow it."""
    for path in (folder / "out").iterdir():
        path.chmod(mode)
    if not refused(folder / "out" / "x.html"):
        pytest.skip("this user may write everywhere")
    forced = [each for each in WRITING if "--force" in each]
    for command, (code, said) in zip(forced, run_all(folder, forced), strict=True):
        assert (command, code, said.count("\n")) == (command, 3, 1)
        assert "is write-protected. Allow it with chmod u+w out/x." in said
    for path in (folder / "out").iterdir():
        path.chmod(0o600)
    assert {path.read_text() for path in (folder / "out").iterdir()} == {"before"}


def test_what_may_not_be_read_is_one_message(folder):
    """Folders that cannot be entered are no defect of the program, and no absence of data."""
    closed = folder / "closed"
    closed.mkdir()
    for name in ("card.toml", "sweep.csv"):
        (closed / name).write_bytes((folder / name).read_bytes())
    elsewhere = (folder / "card.toml").read_text().replace("sweep.csv", "closed/sweep.csv")
    (folder / "elsewhere.toml").write_text(elsewhere)
    closed.chmod(0o600)
    if not refused(closed / "y"):
        pytest.skip("this user may read everywhere")
    commands = [
        ["check", "closed/card.toml"],
        ["check", "elsewhere.toml"],
        ["lock", "elsewhere.toml"],
        ["check", "closed/sweep.csv", "--shape", "increasing"],
        ["runs", "closed/logs"],
        ["record", "closed/answers"],
    ]
    for command, (code, said) in zip(commands, run_all(folder, commands), strict=True):
        assert (command, code) == (command, 2)
        assert "Permission denied" in said
        assert "inside sigstats" not in said
    assert not Path(folder, "elsewhere.toml.lock").exists()
    for path in folder.glob("*.*"):
        path.unlink()
    (folder / "run.jsonl").write_text('{"_step": 1, "loss": 2.0}\n{"_step": 2, "loss": 1.0}\n')
    assert run_all(folder, [["runs", "."]]) == [[0, ""]]  # a folder beside it stops nothing
