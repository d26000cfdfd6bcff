"""Whatever lies in a folder, under whatever name, reading it ends and raises nothing."""

import io
import json
import sqlite3
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigstats.data.logs.formats import registry
from sigstats.data.logs.runs import read_runs
from sigstats.errors import OptionError

NAMES = (
    "a.csv", "a.tsv", "a.jsonl", "a.ndjson", "a.parquet", "metrics.csv", "hparams.yaml", "config.json", "progress.csv",
    "params.json", "result.json", "run.json", "metrics.json", "info.json", "trainer_state.json", "0.monitor.csv",
    "evaluations.npz", "args.yml", "config.yml", "run-x.wandb", "events.out.tfevents.1.h", "study.db", "mlflow.db",
    "trackio.db", "journal.log", "optuna.log", "train.log", "out.txt", "results_1.json", "task.json", "metrics.jsonl",
    "params.yaml", "meta.yaml", "a.zip", "wandb.csv", "train/events.out.tfevents.2.h", ".hydra/config.yaml",
    ".hydra/overrides.yaml", "params/lr", "metrics/loss", "tags/x", "plots/metrics/loss.tsv",
    "checkpoint-5/trainer_state.json", "a.eval", "stats.json", "run_spec.json", "progress.txt", "wandb-summary.json",
    "wandb-history.jsonl", "all_results.json", "run-a-tag-b.csv", "samples_t_1.jsonl", "args.txt", "config.toml",
    "log.txt",
)  # fmt: skip
SAMPLES = Path(__file__).parent / "samples"
SAMPLE_FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.stat().st_size < 200_000)
NUMBERS = st.floats() | st.integers() | st.just("NaN") | st.none() | st.text(max_size=3)
JSON = st.recursive(
    NUMBERS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def all_of(folder):
    """Read a folder in every way that there is; only the missing of any run may be an error."""
    runs = read_runs(folder, pattern=r"(?P<a>.+)_(?P<b>\d+)", levels=["one", "two"])
    for run in runs.each():
        for each in run.series.values():
            assert each.steps.size == each.values.size > 0
            assert (np.diff(each.steps) > 0).all()
    assert all(problem.code.isupper() and problem.message and problem.done for problem in runs.problems)
    assert not [str(problem) for problem in runs.problems if problem.code == "READER_FAILED"]
    assert len(runs.config) == len(runs.outlines)
    assert set(runs.frame.columns) == {"run", "metric", "step", "value"}
    for metric in runs.metrics[:2]:
        for align in ("exact", "bin"):
            try:
                runs.sweep(knob="step", metric=metric, align=align)
            except OptionError as error:
                told = str(error)
                assert "align" in told or "do not say their step" in told
    return runs


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Give a fresh folder each time."""
    base = tmp_path_factory.mktemp("fuzz")
    count = iter(range(10**9))

    def fresh():
        folder = base / str(next(count))
        folder.mkdir()
        return folder

    return fresh


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


COMMON = {
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    "deadline": None,
}


@pytest.mark.long
@settings(max_examples=25, **COMMON)
@given(files=st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=60), max_size=6))
def test_random_bytes_under_every_known_name(folders, files):
    folder = folders()
    for name, content in files.items():
        if not (folder / name).exists():
            put(folder, name, content)
    all_of(folder)


@pytest.mark.long
def test_random_bytes_under_all_known_names_at_once(folders):
    rng = np.random.default_rng(5)
    for size in (0, 1, 7, 64, 5_000):
        folder = folders()
        for name in NAMES:
            put(folder, name, rng.bytes(size))
        all_of(folder)


@pytest.mark.long
@settings(max_examples=25, **COMMON)
@given(
    names=st.lists(st.sampled_from([name for name in NAMES if "json" in name]), min_size=1, max_size=4, unique=True),
    records=st.lists(st.dictionaries(st.sampled_from(
        ["step", "loss", "_meta", "_summary", "_step", "log_history", "config", "results", "epoch", "global_step",
         "training_iteration", "steps", "values", "status", "loss/train"]), JSON, max_size=5), max_size=4),
)  # fmt: skip
def test_json_of_the_wrong_shape(folders, names, records):
    folder = folders()
    for name in names:
        lines = "\n".join(json.dumps(record) for record in records)
        put(folder, name, (lines if name.endswith("l") else lines.split("\n")[0]).encode())
    all_of(folder)


@pytest.mark.long
@settings(max_examples=25, **COMMON)
@given(
    name=st.sampled_from(["a.csv", "metrics.csv", "progress.csv", "0.monitor.csv", "a.tsv", "wandb.csv"]),
    header=st.lists(st.sampled_from(["step", "epoch", "Step", "loss", "r", "l", "t", "a - b", "Name", ""]), max_size=4),
    rows=st.lists(
        st.lists(st.sampled_from(["1", "2.5", "nan", "", "inf", "x", '"', "1e999", "-3"]), max_size=5), max_size=6
    ),
)  # fmt: skip
def test_tables_of_the_wrong_shape(folders, name, header, rows):
    folder = folders()
    put(folder, name, "\n".join(",".join(row) for row in [header, *rows]).encode())
    all_of(folder)


@pytest.mark.long
@settings(max_examples=40, **COMMON)
@given(data=st.data())
def test_real_logs_with_a_stretch_replaced_or_cut_off(folders, data):
    """A sample file, damaged in one place, in a copy of its folder."""
    victim = data.draw(st.sampled_from(SAMPLE_FILES))
    content = victim.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    filling = data.draw(st.binary(max_size=40))
    rest = content[start + length :] if data.draw(st.booleans()) else b""
    folder = folders()
    top = SAMPLES / victim.relative_to(SAMPLES).parts[0]
    for path in sorted(top.rglob("*")):
        if path.is_file() and path.stat().st_size < 200_000 and path.parent in victim.parents:
            put(
                folder,
                path.relative_to(top),
                content[:start] + filling + rest if path == victim else path.read_bytes(),
            )
    all_of(folder)


def empty_database(path, statements=()):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("name", ["mlflow.db", "study.db", "trackio.db", "x.db"])
def test_databases_without_the_tables_or_columns_that_are_meant(folders, name):
    folder = folders()
    tables = (
        "runs",
        "metrics",
        "params",
        "trials",
        "studies",
        "configs",
        "experiments",
        "trial_values",
        "tags",
    )
    empty_database(folder / name)
    all_of(folder)
    empty_database(folder / f"other-{name}", [f"CREATE TABLE {table} (x)" for table in tables])
    all_of(folder)


def test_archives_that_promise_more_than_they_hold(folders):
    folder = folders()
    for content in (b"", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"\xff" * 40):
        put(folder, "evaluations.npz", content)
        all_of(folder)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }"
        header = header.ljust(117) + b"\n"
        archive.writestr("timesteps.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        archive.writestr("results.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", 5) + b"exit\n")
    put(folder, "evaluations.npz", buffer.getvalue())
    all_of(folder)


def test_names_of_folders_where_files_are_expected(folders):
    folder = folders()
    for name in NAMES:
        (folder / name).mkdir(parents=True)
    assert all_of(folder).metrics == ()


def test_a_name_that_is_no_text(folders):
    folder = folders()
    put(folder, b"bad\xff_1.csv".decode("utf-8", "surrogateescape"), b"step,loss\n1,2\n")
    (run,) = all_of(folder).each()
    assert (run.name, run.series["loss"].values.tolist()) == ("bad\ufffd_1", [2])


def test_half_letters_in_settings_and_names_of_metrics(folders):
    """JSON can spell half of a surrogate pair, which no file or frame can hold."""
    folder = folders()
    lines = r'{"_meta": {"\ud800": "\udfff"}}', r'{"step": 1, "lo\ud800ss": 2}'
    put(folder, "a.jsonl", "\n".join(lines).encode())
    (run,) = all_of(folder).each()
    assert (run.config["\ufffd"], list(run.series)) == ("\ufffd", ["lo\ufffdss"])


@pytest.mark.long
def test_every_format_on_its_own_reads_any_folder(folders):
    rng = np.random.default_rng(6)
    folder = folders()
    for name in NAMES:
        put(folder, name, rng.bytes(50))
    for each in registry.formats():
        runs = read_runs(folder, format=each.name)
        assert not [problem for problem in runs.problems if problem.code == "READER_FAILED"]
