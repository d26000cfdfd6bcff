"""Every reader of this table meets files that are cut off, empty, foreign, full of zeros or hit by bit flips."""

import hashlib
import importlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from sigstats.data.logs.model import LogProblem, Run
from sigstats.data.logs.search import runs_of, search

SAMPLES = Path(__file__).parent / "samples"
FORMATS = (
    "huggingface", "lightning", "keras", "stable_baselines", "dvclive", "clearml", "lm_eval", "stdout", "wandb_csv",
    "inspect_ai", "lighteval", "helm", "spinning_up", "tensorboard_csv", "huggingface_results", "wandb_files",
    "long_table", "json_history",
)  # fmt: skip
KEPT = {"SOURCE.txt", "LICENSE.upstream", "make_sample.py"}


def cut(data, rng):
    return data[: int(rng.integers(0, len(data)))]


def flip(data, rng):
    changed = np.frombuffer(data, dtype=np.uint8).copy()
    for place in rng.integers(0, len(changed), size=20):
        changed[place] ^= np.uint8(1 << int(rng.integers(0, 8)))
    return changed.tobytes()


def zeros(data, rng):
    return data[: int(rng.integers(0, len(data)))] + bytes(4096)


def noise(data, rng):
    return rng.bytes(len(data))


def shuffled(data, rng):
    lines = data.splitlines(keepends=True)
    return b"".join(lines[place] for place in rng.permutation(len(lines)))


def unended(data, rng):
    return data + b'"' + data


DAMAGES = (cut, flip, zeros, noise, shuffled, unended)


def fingerprint(folder):
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_all(folder, name):
    """Return what a reader makes of all sources that were found before the damage."""
    form = importlib.import_module(f"sigstats.data.logs.formats.{name}").FORMAT
    found = search(folder, (form,))
    return [each for source in found.sources for each in runs_of(source, found.root)]


def sane(each):
    if isinstance(each, LogProblem):
        return each.code != "READER_FAILED"
    rising = [(np.diff(series.steps) > 0).all() for series in each.series.values()]
    return isinstance(each, Run) and all(rising) and all(problem.code for problem in each.problems)


@pytest.mark.long
@pytest.mark.parametrize("n_files", [3, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", FORMATS)
def test_damage_gives_runs_with_problems_or_a_problem(name, damage, n_files, tmp_path):
    """Every damage to some files of every format; to more of them is slow."""
    rng = np.random.default_rng(20240817)
    files = [path for path in sorted((SAMPLES / name).rglob("*")) if path.is_file() and path.name not in KEPT]
    some = [files[place] for place in np.linspace(0, len(files) - 1, n_files).astype(int)]
    for number, path in enumerate(some):
        folder = tmp_path / str(number)
        shutil.copytree(SAMPLES / name, folder, ignore=shutil.ignore_patterns(*KEPT))
        target = folder / path.relative_to(SAMPLES / name)
        target.write_bytes(damage(target.read_bytes(), rng))
        before = fingerprint(folder)
        found = read_all(folder, name)
        assert [each for each in found if not sane(each)] == []
        assert fingerprint(folder) == before


@pytest.mark.long
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100, b"\n", b"{}", b"[" * 100_000, b"\xff\xfe" * 50, b'"' * 200_000]
)
@pytest.mark.parametrize("name", FORMATS)
def test_a_source_that_turns_into_something_else_is_a_problem(name, data, tmp_path):
    """The files are found first and changed then, so that the reader meets what `find` would not have claimed."""
    form = importlib.import_module(f"sigstats.data.logs.formats.{name}").FORMAT
    shutil.copytree(SAMPLES / name, tmp_path / "logs")
    found = search(tmp_path / "logs", (form,))
    assert found.sources
    for path in (tmp_path / "logs").rglob("*"):
        if path.is_file() and path.name not in KEPT:
            path.write_bytes(data)
    results = [each for source in found.sources for each in runs_of(source, found.root)]
    assert results
    assert all(isinstance(each, LogProblem) and each.code != "READER_FAILED" for each in results)


@pytest.mark.long
@pytest.mark.parametrize("name", FORMATS)
def test_a_source_that_vanishes_is_a_problem(name, tmp_path):
    form = importlib.import_module(f"sigstats.data.logs.formats.{name}").FORMAT
    shutil.copytree(SAMPLES / name, tmp_path / "logs")
    found = search(tmp_path / "logs", (form,))
    shutil.rmtree(tmp_path / "logs")
    results = [each for source in found.sources for each in runs_of(source, found.root)]
    assert all(isinstance(each, LogProblem) and each.code != "READER_FAILED" for each in results)
