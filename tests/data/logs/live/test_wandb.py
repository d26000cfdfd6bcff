"""Runs of W&B's public API: objects as it documents them, without the network."""

import pytest

from sigstats import read_wandb
from sigstats.errors import OptionError


class FakeRun:
    """A run as ``wandb.Api().runs(...)`` gives it."""

    def __init__(self, number, state="finished", rows=3):
        self.id, self.name, self.state = f"id{number}", "adam", state
        self.config = {"lr": 0.1, "seed": number, "_wandb": {"x": 1}}
        self.summary = {"best": 0.5, "_step": rows}
        self.rows, self.scans = rows, 0

    def scan_history(self):
        self.scans += 1
        yield from (
            {"_step": 10 * n, "loss": 1 / (n + 1), "eval": {"acc": n}, "note": None} for n in range(self.rows)
        )


def test_the_whole_history_settings_and_states_are_kept():
    runs = read_wandb([FakeRun(0), FakeRun(1, "crashed")])
    assert [(each.name, each.state) for each in runs.outlines] == [("id0", "finished"), ("id1", "failed")]
    assert runs.config["seed"].tolist() == [0, 1]
    assert set(runs.config["wandb.name"]) == {"adam"}
    first = next(runs.each())
    assert first.series["loss"].steps.tolist() == [0, 10, 20]
    assert first.series["eval.acc"].values.tolist() == [0, 1, 2]
    assert first.series["best"].steps.tolist() == [20]


def test_what_was_fetched_is_not_fetched_again_but_what_goes_on_is(tmp_path):
    done, going = FakeRun(0), FakeRun(1, "running")
    read_wandb([done, going], folder=tmp_path)
    going.rows = 5
    runs = read_wandb([done, going], folder=tmp_path)
    assert (done.scans, going.scans) == (1, 2)
    assert [run.series["loss"].values.size for run in runs.each()] == [3, 5]


def test_an_interrupted_call_goes_on_where_it_stopped(tmp_path):
    class Broken(FakeRun):
        def scan_history(self):
            yield {"_step": 0, "loss": 1}
            raise ConnectionError("lost")

    first = FakeRun(0)
    with pytest.raises(ConnectionError):
        read_wandb([first, Broken(1)], folder=tmp_path)
    runs = read_wandb([first, FakeRun(1)], folder=tmp_path)
    assert first.scans == 1
    assert [each.name for each in runs.outlines] == ["id0", "id1"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".jsonl", ".jsonl"]


def test_ids_that_are_no_names_of_files_do_not_leave_the_folder(tmp_path):
    odd, other = FakeRun(0), FakeRun(1)
    odd.id, other.id = "../../x", "..//../x"
    runs = read_wandb([odd, other], folder=tmp_path / "in")
    assert len(runs.outlines) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("given", ["entity/project", 3, [object()], [{"id": 1}]])
def test_what_is_no_run_of_the_api_is_refused(given):
    with pytest.raises(OptionError, match="`runs`"):
        read_wandb(given)
