"""TensorBoard event files: values as TensorBoard reads them, and nothing wrong from damaged files."""

import csv
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs import recording
from sigstats.data.logs.files.crc32c import checksums
from sigstats.data.logs.formats.tensorboard import FORMAT
from sigstats.data.logs.model import LogError, Run

SAMPLES = Path(__file__).parents[1] / "samples" / "tensorboard"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
RESUMED = SAMPLES / "generated" / "resumed"
ALGOPERF = SAMPLES / "algoperf" / "study_2" / "trial_1"


def read(folder, root=None):
    """Return the runs of a folder."""
    names = tuple(sorted(each.name for each in folder.iterdir()))
    sources = list(FORMAT.find(folder, names))
    return [run for source in sources for run in FORMAT.read(source, root or folder)]


def only(folder, root=None):
    (run,) = read(folder, root)
    return run


def later(pairs):
    """Return the last value of each step, in the order of writing."""
    kept = {}
    for step, value in pairs:
        kept.pop(step, None)
        kept[step] = value
    return list(kept.items())


def pairs(run, metric):
    series = run.series[metric]
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def codes(run):
    return {problem.code for problem in run.problems}


def frame(data):
    """Return a record of an event file."""

    def masked(piece):
        (found,) = checksums(piece, np.array([0]), np.array([len(piece)]))
        turned = ((int(found) >> 15) | (int(found) << 17)) & 0xFFFFFFFF
        return struct.pack("<I", (turned + 0xA282EAD8) & 0xFFFFFFFF)

    head = struct.pack("<Q", len(data))
    return head + masked(head) + data + masked(data)


def scalar(tag, step, value):
    """Return an event with one number, as TensorFlow 1 writes it; short tags, steps below 128."""
    name = tag.encode()
    message = b"\x0a" + bytes([len(name)]) + name + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(message)]) + message
    return (
        b"\x09" + struct.pack("<d", 0.0) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary
    )


def written(folder, *records, tail=b"", name="events.out.tfevents.1.host"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(map(frame, records)) + tail)
    return folder


@pytest.mark.parametrize("name", ["algoperf/study_2/trial_1", "algoperf/study_3/trial_1", "generated/types"])
def test_steps_and_values_are_those_of_event_accumulator(name):
    run = only(SAMPLES / name)
    assert set(run.series) == set(EXPECTED[name])
    assert {metric: pairs(run, metric) for metric in run.series} == {
        metric: later(map(tuple, found)) for metric, found in EXPECTED[name].items()
    }


def test_values_are_those_of_the_csv_that_the_same_program_wrote():
    run = only(ALGOPERF)
    with (ALGOPERF / "eval_measurements.csv").open() as file:
        rows = list(csv.DictReader(file))
    for metric in ("train/loss", "validation/mean_average_precision", "test/accuracy"):
        expected = [float(row[metric]) for row in rows]
        np.testing.assert_allclose(run.series[metric].values, expected, rtol=1e-6)
        assert run.series[metric].steps.tolist() == [float(row["global_step"]) for row in rows]


def test_a_step_written_twice_keeps_the_later_value_and_is_told():
    run = only(ALGOPERF)
    (problem,) = run.problems
    assert problem.code == "DUPLICATE_STEP"
    assert "score, global_step, preemption_count" in problem.message


def test_train_and_validation_of_keras_are_one_run():
    root = SAMPLES / "keras"
    run = only(root / "short", root)
    assert run.name == "short"
    for phase in ("train", "validation"):
        for metric, found in EXPECTED[f"keras/short/{phase}"].items():
            assert pairs(run, f"{phase}/{metric}") == [tuple(each) for each in found]
    assert len(run.series) == 6
    assert read(root / "short" / "train", root) == []


def test_a_phase_that_was_asked_for_itself_is_a_run():
    run = only(SAMPLES / "keras" / "short" / "train")
    assert set(run.series) == {"epoch_loss", "epoch_accuracy"}


def test_a_file_without_any_value_is_told():
    run = only(SAMPLES / "keras" / "crashed")
    assert run.series == {}
    assert codes(run) == {"EMPTY"}


def test_a_resumed_run_replaces_the_values_from_its_first_step_on():
    run = only(RESUMED)
    found = EXPECTED["generated/resumed"]
    first, second = found["loss"][:10], found["loss"][10:]
    assert [step for step, _ in second] == [6, 7, 8]
    assert pairs(run, "loss") == [tuple(each) for each in first[:6] + second]
    assert pairs(run, "rate") == [tuple(each) for each in found["rate"]]
    assert codes(run) == {"RESUMED", "NOT_FINITE"}
    assert np.isnan(run.series["val"].values[-1])
    assert run.series["negative"].steps.tolist() == [-4]
    assert run.series["far"].steps.tolist() == [2.0**40]


def test_one_file_of_several_can_be_read_alone():
    (source,) = FORMAT.find(RESUMED, ("events.out.tfevents.1700000000.host",))
    (run,) = FORMAT.read(source, RESUMED)
    assert run.name == "events.out.tfevents.1700000000.host"
    assert len(run.series["loss"].steps) == 10


def test_settings_come_from_the_hparams_plugin_and_from_the_text_args():
    run = only(SAMPLES / "generated" / "torch")
    assert run.config == {
        "learning_rate": 5e-05, "seed": 42, "fsdp": "[]", "deepspeed": None,
        "lr": 0.1, "depth": 3, "opt": "adam", "bn": True,
    }  # fmt: skip
    assert pairs(run, "train/loss") == [tuple(each) for each in EXPECTED["generated/torch"]["train/loss"]]
    assert run.series["hparam/accuracy"].values.tolist() == [0.75]


def test_settings_lie_beside_the_event_files_too(tmp_path):
    folder = written(tmp_path / "run", scalar("loss", 1, 0.5))
    (folder / "hparams.yaml").write_text("lr: 1e-3\nmodel:\n  depth: 3\n")
    (folder / "hparams.json").write_text('{"lr": 0.5, "beta": 0.9}')
    (folder / "flags_0.json").write_text("no json")
    run = only(folder)
    assert run.config == {"lr": 0.001, "model.depth": 3, "hparams.lr": 0.5, "beta": 0.9}
    assert codes(run) == {"BAD_JSON"}


def test_checksums_are_those_of_the_standard():
    """Test vectors of RFC 3720, appendix B.4."""
    messages = [bytes(32), b"\xff" * 32, bytes(range(32)), bytes(range(31, -1, -1)), b"123456789", b""]
    data = b"".join(messages)
    sizes = np.array([len(each) for each in messages])
    found = checksums(data, np.cumsum(sizes) - sizes, sizes).tolist()
    assert found == [0x8A9136AA, 0x62A8AB43, 0x46DD794E, 0x113FDB5C, 0xE3069283, 0]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8))
def test_checksums_of_many_messages_are_those_of_each(messages):
    sizes = np.array([len(each) for each in messages])
    found = checksums(b"".join(messages), np.cumsum(sizes) - sizes, sizes).tolist()
    assert found == [slow_checksum(each) for each in messages]


def slow_checksum(data):
    """Return a CRC-32C bit by bit, as its definition says."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def damaged(tmp_path, data):
    """Return the run in a file with these bytes, or None where it holds none."""
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    (folder / "events.out.tfevents.1.host").write_bytes(data)
    try:
        return only(folder)
    except LogError:
        return None


def triples(run):
    return (
        {(name, *pair) for name in run.series for pair in pairs(run, name)} if isinstance(run, Run) else set()
    )


@pytest.fixture(scope="module")
def small():
    """Return an event file of two metrics, and what it says."""
    records = [scalar(tag, step, step + 0.5) for step in range(8) for tag in ("loss", "accuracy")]
    said = {(tag, float(step), step + 0.5) for step in range(8) for tag in ("loss", "accuracy")}
    return b"".join(map(frame, records)), said


@pytest.mark.long
def test_a_flipped_bit_never_makes_a_wrong_number(tmp_path, small):
    data, said = small
    for place in range(0, len(data), 3):
        flipped = bytearray(data)
        flipped[place] ^= 1 << (place % 8)
        run = damaged(tmp_path, bytes(flipped))
        found = triples(run)
        assert found < said
        assert run is None or "CORRUPT" in codes(run)


@pytest.mark.long
def test_a_file_cut_anywhere_gives_what_was_written_before(tmp_path, small):
    data, said = small
    size = len(data) // 16
    for length in range(1, len(data), 5):
        run = damaged(tmp_path, data[:length])
        assert triples(run) <= said
        assert run is None or len(triples(run)) in (length // size, length // size + 1, length // size - 1)
        assert run is None or "TRUNCATED" in codes(run) or triples(run)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_run_or_an_error(tmp_path_factory, data):
    damaged(tmp_path_factory.mktemp("any"), data)


@given(st.binary(max_size=120))
def test_any_bytes_in_a_sound_record_are_a_run_or_an_error(tmp_path_factory, data):
    damaged(tmp_path_factory.mktemp("any"), frame(scalar("loss", 1, 0.5)) + frame(data))


@given(st.data())
def test_any_change_of_a_sound_event_is_a_run_or_an_error(tmp_path_factory, data):
    """The checksum is made anew, so that the decoding of messages is reached."""
    (path,) = (SAMPLES / "generated" / "types").iterdir()
    length = int.from_bytes(path.read_bytes()[24 + 16 : 24 + 24], "little")
    record = bytearray(path.read_bytes()[24 + 16 + 12 :][:length])
    for _ in range(3):
        record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    damaged(tmp_path_factory.mktemp("any"), frame(bytes(record)))


def test_a_length_of_2_to_the_63_is_a_file_that_ends_early(tmp_path):
    head = struct.pack("<Q", 1 << 63)
    sound = frame(head)[12:20]  # the same bytes as data
    assert sound == head
    huge = head + frame(head)[20:24]
    run = only(written(tmp_path / "run", scalar("loss", 1, 0.5), tail=huge + bytes(50)))
    assert codes(run) == {"TRUNCATED"}
    assert pairs(run, "loss") == [(1.0, 0.5)]


def test_a_tail_of_zeros_is_told(tmp_path):
    run = only(written(tmp_path / "run", scalar("loss", 1, 0.5), tail=bytes(5000)))
    assert codes(run) == {"ZERO_TAIL"}
    assert pairs(run, "loss") == [(1.0, 0.5)]


def test_a_damaged_record_is_left_out_and_the_next_is_read(tmp_path):
    first, second = frame(scalar("loss", 1, 0.5)), frame(scalar("loss", 2, 0.25))
    broken = first[:-6] + b"\xff" + first[-5:]
    run = damaged(tmp_path, broken + second)
    assert pairs(run, "loss") == [(2.0, 0.25)]
    assert codes(run) == {"CORRUPT"}


def test_a_file_of_something_else_is_an_error(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "events.out.tfevents.1.host").write_bytes(b"step,loss\n1,0.5\n2,0.25\n")
    with pytest.raises(LogError, match="CORRUPT"):
        read(folder)


def test_metrics_beyond_the_most_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "MAX_METRICS", 10)
    run = only(written(tmp_path / "run", *(scalar(f"metric{i}", 1, 0.5) for i in range(30))))
    assert len(run.series) == 10
    assert codes(run) == {"TOO_MANY_METRICS"}


def test_steps_that_go_back_within_a_file_are_told_and_kept(tmp_path):
    run = only(written(tmp_path / "run", *(scalar("loss", step, step) for step in (5, 7, 6, 8))))
    assert pairs(run, "loss") == [(5.0, 5.0), (7.0, 7.0), (6.0, 6.0), (8.0, 8.0)]
    assert codes(run) == {"STEPS_GO_BACK"}


def test_reading_writes_nothing():
    paths = sorted(SAMPLES.rglob("*"))
    before = [path.stat().st_mtime_ns for path in paths]
    for name in EXPECTED:
        read(SAMPLES / name)
    assert sorted(SAMPLES.rglob("*")) == paths
    assert [path.stat().st_mtime_ns for path in paths] == before


CASE = Path(__file__).parents[1] / "cases" / "tb_purge_session_log"


def session(step):
    """Return an event that says that a session starts at a step."""
    return b"\x09" + struct.pack("<d", 0.0) + b"\x10" + bytes([step]) + b"\x3a\x02\x08\x01"


def test_a_session_that_starts_voids_what_is_not_before_it_in_all_metrics():
    expected = json.loads((CASE / "expected.json").read_text())
    run = only(CASE / "input" / "run0", CASE / "input")
    assert run.series["acc"].steps.tolist() == expected["acc"]["steps"]
    assert run.series["loss"].steps.size == expected["loss"]["n"]
    assert "RESUMED" in codes(run)


def test_a_session_can_start_again_within_a_file(tmp_path):
    events = [scalar("a", 1, 1.0), scalar("a", 2, 2.0), scalar("b", 2, 3.0), session(2), scalar("a", 3, 4.0)]
    run = only(written(tmp_path / "x", *events))
    assert pairs(run, "a") == [(1, 1.0), (3, 4.0)]
    assert "b" not in run.series
    assert codes(run) == {"RESUMED"}


def test_a_session_that_starts_where_nothing_is_voids_nothing(tmp_path):
    run = only(written(tmp_path / "x", session(0), scalar("a", 0, 1.0), scalar("a", 1, 2.0), session(2)))
    assert pairs(run, "a") == [(0, 1.0), (1, 2.0)]
    assert codes(run) == set()
