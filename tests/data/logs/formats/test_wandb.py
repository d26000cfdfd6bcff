"""W&B files: what W&B's own classes decode, and nothing wrong from damaged files."""

import json
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.formats.wandb import FORMAT, run_of_api
from sigstats.data.logs.model import LogError

SAMPLES = Path(__file__).parents[1] / "samples" / "wandb"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
FIRST, SECOND = sorted(EXPECTED)
HEADER = b":W&B\xe1\xbe\x00"


def read(folder, root=None):
    """Return the run in a folder."""
    (source,) = FORMAT.find(folder, tuple(sorted(each.name for each in folder.iterdir())))
    (run,) = FORMAT.read(source, root or folder)
    return run


def damaged(tmp_path, data):
    """Return the run in a file with these bytes, or None where it holds none."""
    (tmp_path / "run-x.wandb").write_bytes(data)
    try:
        return read(tmp_path)
    except LogError:
        return None


def codes(run):
    return {problem.code for problem in run.problems}


def triples(run):
    found = set()
    for name, series in () if run is None else run.series.items():
        found |= {(name, step, repr(v)) for step, v in zip(series.steps, series.values.tolist(), strict=True)}
    return found


def numbers(history):
    """Return step and number by metric, as they were logged."""
    found = {}
    for step, row in history:
        for key, value in row.items():
            if not key.startswith(("_", "weights")) and isinstance(value, int | float):
                found.setdefault(key, []).append((step, value))
    return found


@pytest.mark.parametrize("name", [FIRST, SECOND])
def test_history_is_what_the_records_hold(name):
    run = read(SAMPLES / name, SAMPLES)
    expected = numbers(EXPECTED[name]["history"])
    assert run.name == name
    assert set(run.series) == {*expected, "best"}
    for metric, pairs in expected.items():
        assert run.series[metric].steps.tolist() == [step for step, _ in pairs]
        np.testing.assert_array_equal(run.series[metric].values, [value for _, value in pairs])
    assert len(run.series["loss"].values) == len(EXPECTED[name]["history"])


def test_a_file_of_several_blocks_is_read_whole():
    (path,) = (SAMPLES / FIRST).iterdir()
    assert path.stat().st_size > 32768
    assert read(SAMPLES / FIRST).series["loss"].steps.tolist() == list(range(80))


def test_nan_and_infinities_are_numbers():
    run = read(SAMPLES / FIRST)
    assert [repr(value) for value in run.series["loss"].values[7:10].tolist()] == ["nan", "inf", "-inf"]
    assert codes(run) == {"NOT_FINITE", "NOT_A_NUMBER"}


def test_settings_are_flat_and_labels_stand_beside_them():
    run = read(SAMPLES / FIRST)
    assert run.config == {
        "lr": 0.001, "seed": 1, "optimizer.name": "adam", "optimizer.betas": "[0.9, 0.999]", "note": None,
        "late": "yes", "wandb.id": "run1", "wandb.project": "sweep", "wandb.group": "adam",
        "wandb.job_type": "train", "wandb.name": "seed 1", "wandb.tags": "first, second",
    }  # fmt: skip
    assert set(EXPECTED[FIRST]["config"]) - {"_wandb"} == {"lr", "seed", "optimizer", "note", "late"}


def test_a_number_of_the_summary_only_is_a_metric_of_one_value():
    run = read(SAMPLES / FIRST)
    assert (run.series["best"].steps.tolist(), run.series["best"].values.tolist()) == ([79.0], [0.875])


def test_the_exit_record_tells_how_the_run_ended():
    assert EXPECTED[FIRST]["exit_code"] == 0
    assert EXPECTED[SECOND]["exit_code"] == 1
    assert (read(SAMPLES / FIRST).state, read(SAMPLES / SECOND).state) == ("finished", "failed")


@pytest.fixture(scope="module")
def small():
    (path,) = (SAMPLES / SECOND).iterdir()
    return path.read_bytes()


@pytest.mark.long
def test_a_file_cut_anywhere_gives_what_was_written_before(tmp_path, small):
    said = triples(damaged(tmp_path, small))
    for length in range(1, len(small), 331):
        run = damaged(tmp_path, small[:length])
        if run is not None:
            assert run.state == "unfinished"
            assert triples(run) <= said


def test_a_cut_within_a_piece_is_told(tmp_path, small):
    run = damaged(tmp_path, small[: len(small) * 2 // 3 + 5])
    assert {"TRUNCATED"} <= codes(run)


@pytest.mark.long
def test_a_flipped_bit_never_makes_a_wrong_number(tmp_path, small):
    said = triples(damaged(tmp_path, small))
    for place in range(0, len(small), 97):
        flipped = bytearray(small)
        flipped[place] ^= 1 << (place % 8)
        run = damaged(tmp_path, bytes(flipped))
        if run is not None:
            assert {"CORRUPT", "TRUNCATED", "ZERO_TAIL"} & codes(run)
            assert triples(run) <= said


def piece(kind, data):
    return struct.pack("<IHB", zlib.crc32(data, zlib.crc32(bytes([kind]))), len(data), kind) + data


def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data


def item(key, value, *, nested=False):
    return field(
        1, field(2 if nested else 1, key.encode()) + b"\x82\x01" + bytes([len(value)]) + value.encode()
    )


def history(step, *items):
    return field(2, b"".join(items) + field(2, b"\x08" + bytes([step])))


@pytest.mark.parametrize("nested", [False, True])
def test_keys_may_be_plain_or_nested(tmp_path, nested):
    rows = [history(step, item("loss", f"{step / 4}", nested=nested)) for step in range(3)]
    run = damaged(tmp_path, HEADER + b"".join(piece(1, row) for row in rows))
    assert run.series["loss"].values.tolist() == [0.0, 0.25, 0.5]
    assert run.state == "unfinished"


def test_a_mapping_in_one_value_is_spread_and_a_figure_is_not(tmp_path):
    row = history(
        1, item("eval", '{"a": 0.5, "b": {"c": 2}}'), item("plot", '{"_type": "image", "width": 7}')
    )
    run = damaged(tmp_path, HEADER + piece(1, row))
    assert {name: each.values.tolist() for name, each in run.series.items()} == {
        "eval.a": [0.5],
        "eval.b.c": [2.0],
    }


def test_a_record_in_pieces_over_a_damaged_one_is_left_out(tmp_path):
    row = history(1, item("loss", "0.5"))
    data = HEADER + piece(2, row[:9]) + piece(1, history(2, item("loss", "0.25")))
    run = damaged(tmp_path, data)
    assert run.series["loss"].steps.tolist() == [2.0]
    assert codes(run) == {"CORRUPT"}


def test_a_summary_ahead_of_the_history_is_told(tmp_path):
    summary = field(3, item("_step", "9"))
    run = damaged(tmp_path, HEADER + piece(1, history(1, item("loss", "0.5"))) + piece(1, summary))
    assert codes(run) == {"HISTORY_ENDS_EARLY"}


def test_a_tail_of_zeros_is_told(tmp_path):
    run = damaged(tmp_path, HEADER + piece(1, history(1, item("loss", "0.5"))) + bytes(40_000))
    assert codes(run) == {"ZERO_TAIL"}


def test_a_file_of_something_else_is_an_error(tmp_path):
    (tmp_path / "run-x.wandb").write_bytes(b"step,loss\n1,0.5\n")
    with pytest.raises(LogError, match="NOT_WANDB"):
        read(tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_header_are_a_run_or_an_error(tmp_path_factory, data):
    damaged(tmp_path_factory.mktemp("any"), HEADER + data)


@given(st.binary(max_size=200))
def test_any_bytes_in_a_sound_piece_are_a_run_or_an_error(tmp_path_factory, data):
    damaged(tmp_path_factory.mktemp("any"), HEADER + piece(1, data))


@given(st.integers(0, 31), st.binary(max_size=100))
def test_any_bytes_in_a_known_field_are_a_run_or_an_error(tmp_path_factory, number, data):
    wrapped = bytes([number << 3 & 0x7F | 2, len(data)]) + data
    damaged(tmp_path_factory.mktemp("any"), HEADER + piece(1, wrapped))


class Fake:
    """A run of the public API."""

    name = "sunny-1"
    state = "crashed"
    config = {"lr": 0.1, "model": {"depth": 3}, "_wandb": {"version": 1}}  # noqa: RUF012

    def scan_history(self):
        yield {
            "_step": 0,
            "_runtime": 1.5,
            "loss": 2.0,
            "eval": {"top1": 0.5},
            "image": {"_type": "image", "w": 3},
        }
        yield {"_step": 10, "loss": "NaN", "val": None}
        yield {"_step": 20, "loss": "-Infinity", "val": 3}


def test_runs_of_the_api_need_no_more_than_four_attributes():
    run = run_of_api(Fake())
    assert run.state == "failed"
    assert run.config == {"lr": 0.1, "model.depth": 3, "wandb.name": "sunny-1"}
    assert set(run.series) == {"loss", "eval.top1", "val"}
    assert run.series["loss"].steps.tolist() == [0, 10, 20]
    assert [repr(value) for value in run.series["loss"].values.tolist()] == ["2.0", "nan", repr(-math.inf)]


def test_an_error_of_the_network_is_not_a_short_run():
    class Broken(Fake):
        def scan_history(self):
            yield {"_step": 0, "loss": 2.0}
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        run_of_api(Broken())
