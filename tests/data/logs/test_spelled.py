"""Numbers that are spelled, keys that come twice, UTF-16, and phases: read, or refused with the cells named."""

import os

import numpy as np
import pytest

import sigstats as ss


def one(folder, text, name="a.csv", encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return ss.read_runs(folder)


def values(runs):
    frame = runs.frame
    return {
        str(metric): list(zip(part["step"], part["value"], strict=True))
        for metric, part in frame.groupby("metric", observed=True)
    }


def codes(runs):
    return [each.code for each in runs.problems if each.code not in ("NO_SEED", "UNENDED_LINE")]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("step,acc\n1k,0.1\n10k,0.2\n1M,0.3\n", [1e3, 1e4, 1e6]),
        ("step,acc\n500,0.1\n1k,0.2\n1.5k,0.3\n2000,0.4\n", [500, 1000, 1500, 2000]),
        ('step,acc\n"1,000",0.1\n"10,000",0.2\n', [1000, 10000]),
        ("epoch,acc\n1k,0.1\n2k,0.2\n", [1000, 2000]),  # as Keras writes them
        ("step;acc\n1.000;0,1\n2.000;0,2\n", [1000, 2000]),
    ],
)
def test_steps_that_are_spelled_are_read(tmp_path, text, steps):
    runs = one(tmp_path, text)
    assert [step for step, _ in values(runs)["acc"]] == steps
    assert np.allclose([value for _, value in values(runs)["acc"]], np.arange(1, len(steps) + 1) / 10)
    assert codes(runs) == ["SPELLED_NUMBER"]


def test_steps_that_are_spelled_in_json_lines_are_read(tmp_path):
    runs = one(tmp_path, '{"step": 500, "acc": 0.1}\n{"step": "1k", "acc": 0.2}\n', "a.jsonl")
    assert values(runs) == {"acc": [(500, 0.1), (1000, 0.2)]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "step,acc\nfirst,0.1\nsecond,0.2\n"),
        ("a.jsonl", '{"step": "first", "acc": 0.1}\n{"step": "second", "acc": 0.2}\n'),
    ],
)
def test_steps_of_words_are_refused_with_the_cells(tmp_path, name, text):
    runs = one(tmp_path, text, name)
    assert not runs.outlines
    assert "'first', 'second'" in next(each for each in runs.problems if each.code == "STEP_IS_TEXT").message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_decimal_commas_are_read(tmp_path, encoding):
    runs = one(tmp_path, "step;acc;loss\n1;0,2323;1\n2;0,2466;0,5\n", encoding=encoding)
    assert values(runs) == {"acc": [(1, 0.2323), (2, 0.2466)], "loss": [(1, 1), (2, 0.5)]}


def test_utf_16_is_read_in_printed_logs_and_json_lines(tmp_path):
    one(tmp_path, "step 1: loss 0.5\nstep 2: loss 0.4\n", "b.log", "utf-16")
    assert values(ss.read_runs(tmp_path)) == {"loss": [(1, 0.5), (2, 0.4)]}
    (tmp_path / "b.log").unlink()
    runs = one(tmp_path, '{"step": 1, "acc": 0.5}\n{"step": 2, "acc": 0.4}\n', "b.jsonl", "utf-16")
    assert values(runs) == {"acc": [(1, 0.5), (2, 0.4)]}


def test_per_cent_is_read(tmp_path):
    runs = one(tmp_path, "step,acc\n1,51%\n2,52.5%\n")
    assert values(runs) == {"acc": [(1, 51), (2, 52.5)]}


def test_a_column_with_two_readings_is_left_out_and_told(tmp_path):
    runs = one(tmp_path, "step;acc;loss\n1;1,234;1\n2;1,235;2\n")
    assert set(values(runs)) == {"loss"}
    assert codes(runs) == ["OPEN_NUMBER"]


def test_settings_that_look_like_magnitudes_stay_settings(tmp_path):
    runs = one(tmp_path, "step,acc,size\n1,0.1,7B\n2,0.2,7B\n")
    assert runs.outlines[0].config == {"size": "7B"}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_column_of_phases_parts_the_metrics(tmp_path, name):
    rows = [(1, 0.1, "train"), (1, 0.2, "test"), (2, 0.3, "train"), (2, 0.4, "test")]
    text = "epoch,acc,split\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows)
    if name == "a.jsonl":
        text = "".join(f'{{"epoch": {a}, "acc": {b}, "split": "{c}"}}\n' for a, b, c in rows)
    runs = one(tmp_path, text, name)
    assert values(runs) == {"test/acc": [(1, 0.2), (2, 0.4)], "train/acc": [(1, 0.1), (2, 0.3)]}
    assert codes(runs) == []


def test_keys_that_come_twice_with_two_values_are_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"seed": 1, "seed": 2, "lr": 0.1}')
    text = (
        '{"step": 1, "acc": 0.1}\n{"step": 2, "acc": 0.5, "acc": 0.7}\n{"step": 3, "acc": 0.3, "acc": 0.3}\n'
    )
    runs = one(tmp_path, text, "a.jsonl")
    assert runs.outlines[0].config == {}
    assert values(runs) == {"acc": [(1, 0.1), (3, 0.3)]}
    assert codes(runs) == ["SAME_KEY", "BAD_CONFIG"]
    assert "line 2 gives 'acc' twice, as 0.5 and as 0.7" in str(runs.problems[0])


def test_a_truth_value_is_no_step(tmp_path):
    runs = one(tmp_path, '{"step": true, "acc": 0.1}\n{"step": 2, "acc": 0.2}\n', "a.jsonl")
    assert values(runs) == {"acc": [(2, 0.2)]}
    assert codes(runs) == ["NOT_A_NUMBER", "NO_STEP"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_called_like_an_event_file_but_is_none_hides_nothing(tmp_path, make):
    make(tmp_path / "events.out.tfevents.1.a")
    runs = one(tmp_path, "step,acc\n1,0.1\n2,0.2\n", "metrics.csv")
    assert values(runs) == {"acc": [(1, 0.1), (2, 0.2)]}
