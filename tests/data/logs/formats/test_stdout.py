"""Printed logs: the lines that are known, those that are not, and a pattern of the user's."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data import patterns
from sigstats.data.logs.formats.stdout import FORMAT, read_stdout
from sigstats.data.logs.model import LogError
from sigstats.data.logs.search import runs_of, search
from sigstats.errors import OptionError

CASES = Path(__file__).parents[1] / "cases"
SAMPLE = Path(__file__).parents[1] / "samples" / "stdout"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


def points(run, metric):
    series = run.series[metric]
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def write(folder, text, name="train.log"):
    (folder / name).write_text(text)
    (run,) = runs_in(folder)
    return run


def test_lines_of_nanogpt():
    (run,) = runs_in(SAMPLE / "nanogpt.log")
    assert points(run, "train_loss") == [(0, 4.2874), (20, 2.6541)]
    assert points(run, "val_loss") == [(0, 4.2823), (20, 2.6611)]
    assert points(run, "loss")[:3] == [(0, 4.2649), (10, 3.1462), (20, 2.732)]
    assert math.isnan(run.series["loss"].values[3])
    assert points(run, "time")[0] == (0, 38154.03)
    assert points(run, "mfu")[0] == (0, -100.0)
    assert (run.state, codes(run)) == ("unknown", ["NOT_FINITE"])


def test_lines_of_modded_nanogpt_below_the_source_and_only_the_later_curve():
    (run,) = runs_in(SAMPLE / "modded.txt")
    assert points(run, "val_loss") == [(0, 10.8258), (10, 8.09), (20, 7.02), (30, 6.5)]
    assert run.state == "unfinished"
    assert codes(run) == ["SOURCE_SKIPPED", "RESUMED", "NOT_FINITE"]


def test_lines_of_llm_c():
    (run,) = runs_in(SAMPLE / "llmc.log")
    assert points(run, "tel") == [(0, 11.0092), (2, 10.84)]
    assert points(run, "norm") == [(0, 15.37), (1, 15.24), (2, 14.84)]
    assert codes(run) == []


def test_the_last_planned_step_is_the_end(tmp_path):
    run = write(tmp_path, "step:0/20 val_loss:3\nstep:20/20 val_loss:2\n")
    assert run.state == "finished"


def test_a_rule_below_the_values_hides_nothing(tmp_path):
    run = write(tmp_path, f"step 1: loss 3\nstep 2: loss 2\n{'=' * 40}\nbye\n")
    assert points(run, "loss") == [(1, 3), (2, 2)]
    assert codes(run) == []


def test_times_in_front_and_infinite_values_are_read(tmp_path):
    run = write(tmp_path, "[2024-01-01 00:00:01] [INFO] step 1: val loss inf\n  Step 2: val loss 1e-3\n")
    assert points(run, "val_loss") == [(1, math.inf), (2, 0.001)]


def test_a_last_line_that_does_not_end_is_left_out(tmp_path):
    run = write(tmp_path, "step 1: loss 3\nstep 2: loss 2\nstep 3: loss 1.2")
    assert points(run, "loss") == [(1, 3), (2, 2)]
    assert codes(run) == ["TRUNCATED"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello\n" * 100,
        "step 1: loss 3\n",
        "# step 1: loss 3\n# step 2: loss 2\n",
        'print(f"step {i}: loss {x}")\n' * 3,
    ],
)
def test_other_texts_are_not_claimed(tmp_path, text):
    (tmp_path / "notes.txt").write_text(text)
    assert search(tmp_path, (FORMAT,)).sources == ()


def test_a_pattern_of_the_user_reads_other_lines(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("Epoch 1/3 - acc: 0.5 (best)\nnoise\nEpoch 2/3 - acc: nan (best)\n")
    run = read_stdout(path, pattern=r"Epoch (?P<epoch>\d+)/3 - acc: (?P<acc>\S+)")
    np.testing.assert_array_equal(run.series["acc"].values, [0.5, np.nan])
    assert run.series["acc"].steps.tolist() == [1, 2]
    run = read_stdout(path, pattern=r"acc: (?P<acc>\S+)")
    assert run.series["acc"].steps.tolist() == [0, 1]


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path):
    (tmp_path / "a.log").write_text("x\n")
    with pytest.raises(LogError, match="NO_MATCH"):
        read_stdout(tmp_path / "a.log", pattern="(?P<y>y)")


@pytest.mark.parametrize(
    "pattern", ["loss", "(?P<x>", "(?P<x>a{99999})$", "(?P<x>(a|aa)+)$", "(?P<x>" + "a" * 10_000 + ")"]
)
def test_a_pattern_that_is_none_or_dangerous_is_refused(tmp_path, monkeypatch, pattern):
    monkeypatch.setattr(patterns, "MOST_SECONDS", 0.05)
    (tmp_path / "a.log").write_text("a" * 1000 + "b\n")
    with pytest.raises(OptionError, match="pattern"):
        read_stdout(tmp_path / "a.log", pattern=pattern)


LINES = st.text(alphabet="step iter:0123456789.,-+einfa=/ []\t\n", max_size=200)


@given(text=LINES)
def test_no_text_makes_the_reader_fail(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("printed")
    run = write(folder, f"step 1: loss 2\nstep 2: loss 1\n{text}")
    for series in run.series.values():
        assert (np.diff(series.steps) > 0).all()


@pytest.mark.long
@pytest.mark.parametrize(
    "line",
    [
        "step 1: " + "a " * 900,
        "step 1: " + "a" * 1900,
        "[" * 1900,
        "step 1: " + "a b=" * 400,
        "s:1 " + "a:" * 900,
        " " * 1900,
    ],
)
def test_hostile_lines_leave_the_others_as_they_are(tmp_path, line):
    run = write(tmp_path, "step 1: loss 2\nstep 2: loss 1\n" + f"{line}\n" * 300)
    assert points(run, "loss") == [(1, 2.0), (2, 1.0)]


def test_lines_behind_prefixes_colours_and_returns_are_read():
    folder = CASES / "stdout_prefixes"
    runs = {run.name.removesuffix(".log"): run for run in runs_in(folder / "input")}
    expected = json.loads((folder / "expected.json").read_text())["values"]
    assert set(runs) == set(expected)
    for name, metrics in expected.items():
        for metric, values in metrics.items():
            assert points(runs[name], metric) == [(float(step), value) for step, value in values.items()]


@pytest.mark.parametrize(
    "lead",
    [
        "[INFO] ",
        "INFO:root:",
        "INFO:my.trainer:",
        "2026-01-01 10:00:00 | INFO     | my_pkg.train:main:42 - ",
        "[2026-01-01 10:00:00,123][my.trainer][INFO] - ",
        "I0101 10:00:00.123456 12345 train.py:42] ",
        "2026-01-01T10:00:00.123Z INFO train - ",
        "10:00:00 ",
        "0: ",
        "[rank0]: ",
        "rank 0: ",
        "(RayTrainWorker pid=123, ip=10.0.0.1) ",
        "\x1b[36m(trainer pid=7)\x1b[0m ",
        "\x1b[1;32mINFO\x1b[0m ",
        ">>> ",
    ],
)
def test_what_logging_packages_put_in_front_is_taken_off(tmp_path, lead):
    run = write(tmp_path, "".join(f"{lead}step {n}: loss {n / 10}\n" for n in (1, 2, 3)))
    assert points(run, "loss") == [(1, 0.1), (2, 0.2), (3, 0.3)]


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("Epoch {n}/9 - loss: {x} - val_acc: 0.5", {"loss", "val_acc"}),
        ("Epoch {n}: loss={x}, acc=0.5", {"loss", "acc"}),
        ("Epoch: {n} | Train Loss: {x} | Val Loss: 0.5", {"Train Loss", "Val Loss"}),
        ("epoch {n} loss: {x} acc: 0.5", {"loss", "acc"}),
        ("Iter {n}, loss {x}, lr 1e-4", {"loss", "lr"}),
        ("global_step={n} loss={x} acc=50.0%", {"loss", "acc"}),
        ("Step {n} of 9 | loss: {x} | 12.5 it/s", {"loss"}),
        ("Iteration: {n}, Loss: {x}", {"Loss"}),
        ("{{'loss': {x}, 'grad_norm': 1.5, 'step': {n}}}", {"loss", "grad_norm"}),
        ("{{'loss': '{x}', 'epoch': '{n}'}}", {"loss"}),
        (' 5%| | 1/20 [00:01<00:20]{{"loss": {x}, "step": {n}}}', {"loss"}),
        (" iteration {n}/ 9 | lm loss: {x} | elapsed time per iteration (ms): 12.5 |",
         {"lm loss", "elapsed time per iteration (ms)"}),
        (" validation loss at iteration {n} | lm loss value: {x} | lm loss PPL: 2.5 | ",
         {"validation lm loss value", "validation lm loss PPL"}),
        ("Epoch {n}/3\n10/10 [====] - 1s 5ms/step - loss: {x} - val_acc: 0.5", {"loss", "val_acc"}),
        ("Epoch {n}/3\n10/10 \u2501\u2501\u2501 1s 5ms/step - loss: {x} - val_acc: 0.5", {"loss", "val_acc"}),
        ("2023/01/01 00:00:00 - mmengine - INFO - Iter(train) [ {n}/9]  lr: 1.0e-02  loss: {x}", {"lr", "loss"}),
        ("[01/01 00:00:00 d2.utils.events]:  eta: 0:00:00  iter: {n}  loss: {x}  lr: 0.1", {"lr", "loss"}),
    ],
)  # fmt: skip
def test_common_forms_are_read(tmp_path, line, metrics):
    run = write(tmp_path, "".join(line.format(n=n, x=n / 10) + "\n" for n in (1, 2, 3)))
    assert set(run.series) == metrics
    loss = next(name for name in run.series if "loss" in name.lower() and "PPL" not in name)
    own = points(run, "Train Loss" if "Val" in loss else loss)
    assert own == [(1, 0.1), (2, 0.2), (3, 0.3)]


def test_steps_that_start_again_with_every_epoch_are_counted_on(tmp_path):
    lines = (
        f"Epoch [{e}/2], Step [{s}/300], Loss: {e + s / 1000}\n" for e in (1, 2) for s in (100, 200, 300)
    )
    run = write(tmp_path, "".join(lines))
    assert run.series["Loss"].steps.tolist() == [100, 200, 300, 400, 500, 600]
    assert codes(run) == ["STEP_PER_EPOCH"]


def test_lines_that_name_only_the_epoch_stand_at_the_last_step(tmp_path):
    run = write(tmp_path, "step 10: loss 3\nepoch 1: val loss 2\nstep 20: loss 2\nepoch 2: val loss 1\n")
    assert points(run, "val_loss") == [(10, 2), (20, 1)]
    assert codes(run) == ["STEP_CARRIED"]


@pytest.mark.parametrize(
    "text",
    [
        "Saving a checkpoint at step 100: took 3.5 s\n" * 5,
        "We trained for 3 epochs: accuracy 0.9 was reached.\n" * 5,
        '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}\n',
    ],
)
def test_prose_and_json_lines_are_not_claimed(tmp_path, text):
    (tmp_path / "notes.txt").write_text(text)
    assert search(tmp_path, (FORMAT,)).sources == ()
