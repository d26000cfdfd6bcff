"""Logs of Inspect AI as archives and as JSON, against what its own reader says, and hostile archives."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from sigstats import read_runs
from sigstats.data import zstd
from sigstats.data.logs.files import archives
from sigstats.data.logs.files.archives import read_members
from sigstats.data.logs.model import LogError

SAMPLE = Path(__file__).parents[1] / "samples" / "inspect_ai"
CASE = Path(__file__).parents[1] / "cases" / "inspect_eval"


def test_results_and_settings_are_those_of_its_own_reader():
    expected = json.loads((CASE / "expected.json").read_text())
    runs = read_runs(CASE / "input")
    assert len(runs.outlines) == expected["runs"]
    for run in runs.each():
        value = expected["metrics"]["match/accuracy"][f"seed {run.config['seed']}"]
        assert run.series["match/accuracy"].values.tolist() == [value]
        assert not run.series["match/accuracy"].has_steps
        assert run.state == "finished"
        assert (run.config["model"], run.config["task"]) == ("mockllm/model", "toy")
    assert sorted(set(runs.config["seed"])) == expected["settings"]["seed"]


def test_scores_of_samples_have_an_item_each():
    items = read_runs(SAMPLE).items
    assert items["run"].unique().tolist() == ["2026-01-01T00-00-02_toy_2.json"]
    assert items["item"].tolist() == ["1", "2", "1", "2"]
    assert items["value"].tolist() == [1, 0, 1, 1]
    assert set(items.columns) == {"run", "metric", "item", "value"}


def log(**changes):
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "t", "model": "m", "task_args": {"k": 3}},
        **changes,
    }


def write(folder, content, name="a.json"):
    (folder / name).write_text(json.dumps(content))
    (run,) = read_runs(folder).each()
    return run


def test_an_evaluation_that_failed_says_so(tmp_path):
    run = write(tmp_path, log(status="error", error={"message": "no key"}))
    assert run.state == "failed"
    assert [problem.code for problem in run.problems] == ["NO_RESULTS", "FAILED"]
    assert run.config["task_args.k"] == 3


def test_samples_that_were_not_completed_are_told(tmp_path):
    scores = [{"name": "s", "metrics": {"acc": {"value": 0.5}}}]
    run = write(tmp_path, log(results={"total_samples": 4, "completed_samples": 3, "scores": scores}))
    assert [problem.code for problem in run.problems] == ["LIMITED"]


def packed(members):
    """Return a zip archive whose members are packed with zstd."""
    body, listed = b"", b""
    for name, data in members.items():
        raw = pa.Codec("zstd").compress(data, asbytes=True)
        sizes = struct.pack("<III", zlib.crc32(data), len(raw), len(data))
        head = struct.pack("<HHHHH", 20, 0, 93, 0, 0) + sizes + struct.pack("<HH", len(name), 0)
        where = len(body)
        body += b"PK\x03\x04" + head + name.encode() + raw
        listed += b"PK\x01\x02\x14\0" + head + struct.pack("<HHHII", 0, 0, 0, 0, where) + name.encode()
    n = len(members)
    return body + listed + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, n, n, len(listed), len(body), 0)


def test_an_evaluation_that_is_not_finished_is_read_from_its_journal(tmp_path):
    (tmp_path / "a.eval").write_bytes(packed({"_journal/start.json": json.dumps(log()).encode()}))
    (run,) = read_runs(tmp_path).each()
    assert run.state == "unfinished"


def test_samples_in_an_archive_are_items(tmp_path):
    samples = [{"id": "q", "epoch": 1, "scores": {"s": {"value": {"a": 0.5, "b": True}}}}]
    members = {"header.json": json.dumps(log()).encode(), "summaries.json": json.dumps(samples).encode()}
    (tmp_path / "a.eval").write_bytes(packed(members))
    items = read_runs(tmp_path).items
    assert dict(zip(items["metric"], items["value"], strict=True)) == {"s/a": 0.5, "s/b": 1}


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 2**20)
    (tmp_path / "a.eval").write_bytes(packed({"header.json": bytes(2**22)}))
    runs = read_runs(tmp_path)
    assert runs.problems[0].code == "TOO_LARGE"


def test_a_member_that_fails_its_checksum_is_refused(tmp_path):
    data = bytearray(packed({"header.json": json.dumps(log()).encode()}))
    place = bytes(data).find(b"PK\x01\x02") + 16
    data[place] ^= 1
    (tmp_path / "a.eval").write_bytes(data)
    assert read_runs(tmp_path).problems[0].code == "BAD_ARCHIVE"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"x" * 100,
        packed({"../../header.json": b"{}"}),
        packed({"header.json": b"[]"}),
        packed({"header.json": b"{"}),
        packed({"header.json": b"[" * 100_000}),
        packed({"header.json": b"{}"})[:-30],
        packed({"header.json": b'{"eval": 3}'}),
    ],
)
def test_other_archives_are_a_problem_and_write_nothing(tmp_path, content):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eval").write_bytes(content)
    runs = read_runs(tmp_path / "in")
    assert not runs.outlines
    assert not [problem for problem in runs.problems if problem.code == "READER_FAILED"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.eval", "in"]


def test_deflated_archives_are_read_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(log()))
    (run,) = read_runs(tmp_path).each()
    assert run.config["task"] == "t"


def test_without_a_library_for_zstd_the_remedy_is_told(tmp_path, monkeypatch):
    def missing(data, most):
        raise zstd.ZstdMissing("zstd needs Python 3.14, or: pip install 'sigstats[parquet]'")

    monkeypatch.setattr(archives, "unpacked", missing)
    (tmp_path / "a.eval").write_bytes(packed({"header.json": b"{}"}))
    with pytest.raises(LogError, match=r"pip install 'sigstats\[parquet\]'"):
        read_members(tmp_path / "a.eval", lambda _: True)


def test_zstd_that_is_broken_is_an_error():
    sound = pa.Codec("zstd").compress(b"hello" * 100, asbytes=True)
    assert zstd.unpacked(sound, 1_000) == b"hello" * 100
    assert len(zstd.unpacked(sound, 10)) == 11
    with pytest.raises(ValueError, match="zstd"):
        zstd.unpacked(b"\x28\xb5\x2f\xfd" + bytes(20), 10)


def test_the_list_of_members_is_bounded(tmp_path):
    buffer = io.BytesIO(packed({"header.json": b"{}"}))
    data = bytearray(buffer.getvalue())
    place = data.rfind(b"PK\x05\x06")
    data[place + 12 : place + 16] = struct.pack("<I", 2**30)
    (tmp_path / "a.eval").write_bytes(data)
    assert read_runs(tmp_path).problems[0].code == "TOO_LARGE"
