"""Commas within the numbers of printed logs: read where they mean one thing, told where not, never cut."""

import pytest

from sigstats.data.logs.formats.stdout import FORMAT
from sigstats.data.logs.model import LogProblem
from sigstats.data.logs.search import runs_of, search


def read(folder, text):
    (folder / "a.log").write_text(text + "\n")
    found = search(folder, (FORMAT,))
    return [each for source in found.sources for each in runs_of(source, found.root)]


def values(run):
    return {
        name: list(zip(each.steps.tolist(), each.values.tolist(), strict=True))
        for name, each in run.series.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "step 1,000 | loss 1,234.5 | acc 0.1\nstep 1,500 | loss 800 | acc 0.2",
            {"loss": [(1000, 1234.5), (1500, 800)], "acc": [(1000, 0.1), (1500, 0.2)]},
        ),
        ("step 1,000 | loss 3.020\nstep 10,000 | loss 2.020", {"loss": [(1000, 3.02), (10000, 2.02)]}),
        (
            "epoch: 1 acc: 51,3 loss: 0,9\nepoch: 2 acc: 62,234 loss: 0,8",
            {"acc": [(1, 51.3), (2, 62.234)], "loss": [(1, 0.9), (2, 0.8)]},
        ),
        ("Epoch 1: top1:51,3 k:0,9\nEpoch 2: top1:51,4 k:1", {"top1": [(1, 51.3), (2, 51.4)], "k": [(1, 0.9), (2, 1)]}),
        ("step 1.000 | loss 0,9\nstep 2.000 | loss 0,8", {"loss": [(1000, 0.9), (2000, 0.8)]}),
        ("step:1,000 loss:1,234,567.5\nstep:2,000 loss:9.5", {"loss": [(1000, 1234567.5), (2000, 9.5)]}),
        ("Step [1,100/6,000], Loss: 0,5432\nStep [1,200/6,000], Loss: 0,4", {"Loss": [(1100, 0.5432), (1200, 0.4)]}),
        (
            "2024-01-01 10:00:00,123 step 1,000/5,000: loss 2.5\n2024-01-01 10:00:01,123 step 2,000/5,000: loss 2",
            {"loss": [(1000, 2.5), (2000, 2)]},
        ),
    ],
)  # fmt: skip
def test_commas_that_mean_one_thing_are_read(tmp_path, text, expected):
    (run,) = read(tmp_path, text)
    assert values(run) == expected
    assert not [each for each in run.problems if each.code == "OPEN_NUMBER"]


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        (
            "step 1: a 1,234 b 5\nstep 2: a 1,300, b 6\nstep 3: a 2, b 7",
            {"a": [(3, 2)], "b": [(2, 6), (3, 7)]},
            "line 2 has '1,300', which is 1300 or 1.300",
        ),
        ("step 1: loss 3.5, gpu 0,1\nstep 2: loss 2.5, gpu 0,1", {"loss": [(1, 3.5), (2, 2.5)]}, "line 1 has '0,1'"),
        (
            "Epoch 1,500 loss 0,9\nEpoch 2 loss 0,9\nEpoch 3 loss 0,8",
            {"loss": [(2, 0.9), (3, 0.8)]},
            "line 1 has '1,500', which is 1500 or 1.500",
        ),
    ],
)  # fmt: skip
def test_a_number_with_two_readings_is_left_out_and_told(tmp_path, text, expected, words):
    (run,) = read(tmp_path, text)
    assert values(run) == expected
    (problem,) = [each for each in run.problems if each.code == "OPEN_NUMBER"]
    assert words in problem.message


def test_a_log_of_numbers_with_two_readings_is_not_read(tmp_path):
    (problem,) = read(tmp_path, "step 1,000 | loss 3,020\nstep 10,000 | loss 2,020")
    assert isinstance(problem, LogProblem)
    assert "line 1 has '3,020', which is 3020 or 3.020" in problem.message


def test_pairs_between_bars_and_a_counter_in_brackets(tmp_path):
    (run,) = read(tmp_path, "Epoch 1 | train 0.5 | val 0.6\nEpoch 2 | train 0.4 | val 0.5")
    assert values(run) == {"train": [(1, 0.5), (2, 0.4)], "val": [(1, 0.6), (2, 0.5)]}
    (run,) = read(tmp_path, "[001/100] train loss: 0.5\n[002/100] train loss: 0.4")
    assert values(run) == {"train_loss": [(1, 0.5), (2, 0.4)]}
    assert run.state == "unfinished"
    assert read(tmp_path, "[1/4] Building foo.o 5\n[2/4] Compiling bar 2") == []
