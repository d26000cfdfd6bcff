"""From a folder to runs, and from runs to a sweep table and a verdict."""

import gc
import hashlib
import json
import math
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sigstats
from sigstats import read_runs
from sigstats.data.logs import search
from sigstats.data.logs.formats import registry
from sigstats.data.logs.model import Format, LogError, Run, Series
from sigstats.errors import OptionError, TableError

SAMPLES = Path(__file__).parent / "samples"
GROKKING = SAMPLES / "plain"
PATTERN = r"k(?P<cap>inf|\d+p?\d*)_s\d+$"


def write(folder, name, rows, **meta):
    """Write a run of JSON Lines."""
    path = folder / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    records = ([{"_meta": meta}] if meta else []) + rows
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def _finish(path):
    with path.open("a") as file:
        file.write('{"_summary": {}}\n')


def curve(values, steps=None, metric="loss"):
    steps = range(len(values)) if steps is None else steps
    return [{"step": step, metric: value} for step, value in zip(steps, values, strict=True)]


def codes(runs):
    return [problem.code for problem in runs.problems]


@pytest.fixture
def sweep_folder(tmp_path):
    """Three learning rates with three seeds: the last loss is the rate plus a hundredth of the seed."""
    for rate in (0.1, 0.2, 0.4):
        for seed in range(3):
            write(tmp_path, f"lr{rate}/{seed}", curve([1.0, rate + seed / 100]), lr=rate, seed=seed)
            _finish(tmp_path / f"lr{rate}/{seed}.jsonl")
    return tmp_path


# --- finding and reading ---


def test_runs_are_named_by_their_place(sweep_folder):
    runs = read_runs(sweep_folder)
    assert [each.name for each in runs.outlines][:4] == ["lr0.1/0", "lr0.1/1", "lr0.1/2", "lr0.2/0"]
    assert runs.metrics == ("loss",)
    assert dict(runs.candidates()) == {"lr": (0.1, 0.2, 0.4), "seed": (0, 1, 2)}


def test_one_file_is_read_like_a_folder(sweep_folder):
    (found,) = read_runs(sweep_folder / "lr0.1" / "0.jsonl").each()
    assert found.name == "0"
    assert found.series["loss"].values.tolist() == [1.0, 0.1]


def test_settings_are_a_frame_with_a_row_per_run(sweep_folder):
    config = read_runs(sweep_folder).config
    assert list(config.columns) == ["run", "format", "state", "lr", "seed"]
    assert config["lr"].tolist() == [0.1] * 3 + [0.2] * 3 + [0.4] * 3


def test_values_are_a_long_frame(sweep_folder):
    frame = read_runs(sweep_folder).frame
    assert list(frame.columns) == ["run", "metric", "step", "value"]
    assert len(frame) == 18
    wide = frame.pivot(index=["run", "step"], columns="metric", values="value")
    assert wide.loc[("lr0.2/1", 1), "loss"] == 0.2 + 1 / 100


def test_an_empty_folder_has_no_runs(tmp_path):
    runs = read_runs(tmp_path)
    assert (runs.outlines, codes(runs), len(runs.frame), len(runs.config)) == ((), ["NO_RUNS"], 0, 0)
    with pytest.raises(OptionError, match="does not hold any runs"):
        runs.sweep(knob="lr", metric="loss")


@pytest.mark.parametrize("path", ["/nowhere/at/all", "", "a\0b", 3, None])
def test_what_is_no_folder_is_refused(path):
    with pytest.raises(OptionError, match="path"):
        read_runs(path)


def test_an_unknown_format_is_refused_with_the_near_one(tmp_path):
    with pytest.raises(OptionError, match="'tensorboard'"):
        read_runs(tmp_path, format="tensorbord")


def test_files_that_cannot_be_read_are_problems_and_the_others_stand(sweep_folder):
    (sweep_folder / "broken.csv").write_bytes(b"\0\1\2")
    (sweep_folder / "empty.jsonl").touch()
    runs = read_runs(sweep_folder)
    assert len(runs.outlines) == 9
    assert {(each.code, each.run) for each in runs.problems} >= {
        ("NO_TEXT", "broken.csv"),
        ("NO_METRICS", "empty.jsonl"),
    }


def test_links_are_not_followed(sweep_folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    write(other, "x", curve([1]))
    (sweep_folder / "link").symlink_to(other)
    runs = read_runs(sweep_folder)
    assert len(runs.outlines) == 9
    assert "LINKS" in codes(runs)


@pytest.mark.long
def test_two_files_of_one_name_are_two_runs(tmp_path):
    write(tmp_path, "a", curve([1]))
    (tmp_path / "a.csv").write_text("step,loss\n1,2\n")
    runs = read_runs(tmp_path)
    assert [each.name for each in runs.outlines] == ["a", "a.jsonl"]
    assert "DUPLICATE_NAME" in codes(runs)


def fingerprint(folder):
    """Return content, time of change and rights of everything in a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (status.st_mtime_ns, status.st_mode, status.st_size, content)
    return found


@pytest.mark.long
def test_nothing_is_written_into_the_folder(tmp_path):
    """All samples, read in every way: afterwards the copy has the same files, contents and times."""
    import shutil

    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)
    before = fingerprint(folder)
    runs = read_runs(folder)
    assert len(runs.outlines) > 20
    assert len(runs.problems) > 0
    assert len(runs.frame) > 0
    assert fingerprint(folder) == before


# --- formats beside each other ---


def reader(name, ending, *, fallback=False, takes_folder=False, fails=None):
    def find(folder, names):
        found = [folder / each for each in names if each.endswith(ending)]
        return [folder] if found and takes_folder else found

    def read(source, root):
        yield Run(name=source.name, format=name, series={"x": Series(steps=np.zeros(1), values=np.ones(1))})
        if fails is not None:
            raise fails

    return Format(name=name, title=name, find=find, read=read, fallback=fallback)


def found_by(folder, *readers):
    found = search.search(folder, readers)
    return [(each.format.name, str(each.path.relative_to(folder))) for each in found.sources], found.problems


def test_what_one_format_takes_the_next_does_not_see(tmp_path):
    for name in ("a.x", "b.y"):
        (tmp_path / name).touch()
    assert found_by(tmp_path, reader("one", ".x"), reader("two", ""))[0] == [("one", "a.x"), ("two", "b.y")]


def test_a_format_that_takes_the_folder_leaves_its_sub_folders(tmp_path):
    for name in ("a.x", "b.y", "sub/c.y"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    taken, _ = found_by(tmp_path, reader("one", ".x", takes_folder=True), reader("two", ".y"))
    assert taken == [("one", "."), ("two", "sub/c.y")]


def test_a_fallback_is_not_read_beside_or_below_another_format(tmp_path):
    for name in ("a.x", "b.csv", "sub/c.csv", "other/d.csv"):
        (tmp_path / "runs" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "runs" / name).touch()
    (tmp_path / "e.csv").touch()
    specific, plain = reader("one", ".x", takes_folder=True), reader("plain", ".csv", fallback=True)
    taken, problems = found_by(tmp_path, specific, plain)
    assert taken == [("plain", "e.csv"), ("one", "runs")]
    assert [each.code for each in problems] == ["PASSED_OVER"] * 2
    assert len(found_by(tmp_path, plain)[0]) == 4


@pytest.mark.parametrize(
    ("failure", "code"), [(LogError("BAD", "is bad"), "BAD"), (KeyError("x"), "READER_FAILED")]
)
def test_a_reader_that_fails_leaves_the_runs_before_it(tmp_path, monkeypatch, failure, code):
    (tmp_path / "a.x").touch()
    (tmp_path / "b.x").touch()
    monkeypatch.setattr(registry, "formats", lambda: (reader("one", ".x", fails=failure),))
    runs = read_runs(tmp_path)
    assert [each.name for each in runs.outlines] == ["a.x", "b.x"]
    assert [each.code for each in runs.problems][:2] == [code, code]


def test_every_listed_format_is_one_with_its_own_name():
    found = registry.formats()
    assert len({each.name for each in found}) == len(found) == len(registry.MODULES)
    assert found[-1].name == "plain"
    assert [registry.chosen(each.name) for each in found] == [(each,) for each in found]


# --- one run at a time ---


@pytest.mark.long
@pytest.mark.parametrize("single", [False, True])
def test_a_sweep_holds_few_runs_at_a_time(tmp_path, monkeypatch, single):
    """Of 200 runs no more are alive at any time than are read ahead."""
    alive = most = 0

    def forget():
        nonlocal alive
        alive -= 1

    def read(source, root):
        nonlocal alive, most
        values, steps = np.ones(5), np.arange(5.0)
        weakref.finalize(values, forget)
        alive += 1
        most = max(most, alive)
        yield Run(
            name=source.stem, format="w", config={"k": 1}, series={"x": Series(steps=steps, values=values)}
        )

    def find(folder, names):
        return [folder / name for name in names]

    for number in range(200):
        (tmp_path / f"{number}.w").touch()
    many = (lambda paths, root: [run for path in paths for run in read(path, root)]) if single else None
    watched = Format(name="w", title="w", find=find, read=read, read_many=many)
    monkeypatch.setattr(registry, "formats", lambda: (watched,))
    gc.collect()
    table = read_runs(tmp_path).sweep(knob="k", metric="x")
    assert len(table) == 200
    assert most <= ((search.AHEAD + 2) * search.BATCH if single else 3)


# --- sweep tables ---


def test_a_setting_as_the_knob(sweep_folder):
    table = read_runs(sweep_folder).sweep(knob="lr", metric="loss", seed="seed")
    assert list(table.columns) == ["lr", "loss", "seed", "run"]
    expected = [rate + seed / 100 for rate in (0.1, 0.2, 0.4) for seed in range(3)]
    assert table["loss"].tolist() == expected
    assert table.attrs["notes"] == ("9 of 9 runs are in the table, 'loss' as the last value.",)
    assert table.attrs["left_out"] == ()


def test_the_step_as_the_knob(sweep_folder):
    table = read_runs(sweep_folder).sweep(knob="step", metric="loss", seed="seed", condition="lr")
    assert list(table.columns) == ["step", "loss", "seed", "lr", "run"]
    assert table["step"].tolist() == [0, 1] * 9
    assert table["step"].dtype == np.int64


def test_the_verdict_on_the_table_is_that_on_the_same_numbers(sweep_folder):
    table = read_runs(sweep_folder).sweep(knob="lr", metric="loss", seed="seed")
    rows = [(rate, rate + seed / 100, seed) for rate in (0.1, 0.2, 0.4) for seed in range(3)]
    frame = pd.DataFrame(rows, columns=["lr", "loss", "seed"])
    columns = {"knob": "lr", "metric": "loss", "shape": "increasing", "design": "independent"}
    one, other = sigstats.detect(table, **columns), sigstats.detect(frame, **columns)
    assert one.status == other.status == "present"
    assert one.effect == other.effect


def test_columns_bear_the_users_own_names(sweep_folder):
    runs = read_runs(sweep_folder, levels=["rate"], step="step_count")
    with pytest.raises(OptionError, match="None of the runs has a metric"):
        runs.sweep(knob="step_count", metric="loss")
    table = read_runs(sweep_folder, levels=["rate"]).sweep(
        knob="lr", metric="loss", condition="rate", columns=["seed"], seed="run"
    )
    assert list(table.columns) == ["lr", "loss", "run", "rate", "seed"]
    assert table["rate"].unique().tolist() == ["lr0.1", "lr0.2", "lr0.4"]


def test_without_a_seed_each_run_is_one_and_that_is_on_record(tmp_path):
    for number in range(3):
        write(tmp_path, f"r{number}", curve([1, 2]), lr=number)
    runs = read_runs(tmp_path)
    table = runs.sweep(knob="lr", metric="loss")
    assert table["seed"].tolist() == ["r0", "r1", "r2"]
    assert "each run counts as a separate seed" in " ".join(table.attrs["notes"])
    assert "NO_SEED" in codes(runs)


def test_a_seed_in_a_group_of_settings_is_found_and_named(tmp_path):
    for number in range(3):
        write(tmp_path, f"r{number}", curve([1, 2]), lr=number, train={"seed": 7 + number})
    table = read_runs(tmp_path).sweep(knob="lr", metric="loss")
    assert table["seed"].tolist() == [7, 8, 9]
    assert "the seed is 'train.seed'." in table.attrs["notes"]


def test_two_seeds_are_no_choice(tmp_path):
    for number in range(3):
        write(tmp_path, f"r{number}", curve([1]), lr=1, a={"seed": number}, b={"seed": number})
    assert read_runs(tmp_path).sweep(knob="lr", metric="loss")["seed"].tolist() == ["r0", "r1", "r2"]


def test_a_condition_of_that_name_is_in_the_table(tmp_path):
    for name in ("adam_0", "sgd_0"):
        write(tmp_path, name, curve([1]), lr=1)
    runs = read_runs(tmp_path, pattern="(?P<condition>[a-z]+)_(?P<seed>[0-9]+)")
    assert runs.sweep(knob="lr", metric="loss")["condition"].tolist() == ["adam", "sgd"]


def test_a_knob_that_was_logged_as_a_metric_of_one_value_is_one(tmp_path):
    for number in range(3):
        write(tmp_path, f"r{number}", [{"step": 0, "width": 2 * number}, *curve([1, number])], seed=number)
    table = read_runs(tmp_path).sweep(knob="width", metric="loss")
    assert table["width"].tolist() == [0, 2, 4]
    assert (
        "'width' is not a setting of 3 runs; it was taken from a metric with one value."
        in table.attrs["notes"]
    )


def test_labels_of_mixed_kinds_are_text():
    table = read_runs(GROKKING, pattern=PATTERN).sweep(knob="step", metric="test_acc", condition="cap")
    assert set(table["cap"]) == {"1", "1p5", "inf"}


def test_what_is_left_out_is_counted_with_the_reason(tmp_path):
    write(tmp_path, "a", curve([1]), lr=1, seed=0)
    write(tmp_path, "b", curve([1]), seed=0)
    write(tmp_path, "c", curve([1], metric="acc"), lr=1, seed=1)
    write(tmp_path, "d", curve([1]), lr=2)
    table = read_runs(tmp_path).sweep(knob="lr", metric="loss", seed="seed")
    assert table["run"].tolist() == ["a"]
    assert table.attrs["left_out"] == (
        "b: it lacks 'lr'",
        "c: it lacks the metric 'loss'",
        "d: it lacks 'seed'",
    )
    assert table.attrs["notes"][0] == "1 of 4 runs are in the table, 'loss' as the last value."


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"knob": "lr", "metric": "los"}, "Did you mean 'loss'"),
        ({"knob": "rl", "metric": "loss"}, "lack 'rl'"),
        ({"knob": "lr", "metric": "loss", "seed": "sead"}, "Did you mean 'seed'"),
        ({"knob": "lr", "metric": "loss", "at": 99}, "lack the value at step 99"),
        ({"knob": "lr", "metric": "loss", "after": ("acc", 1)}, "lack the metric 'acc'"),
    ],
)
def test_a_table_without_rows_is_an_error_that_helps(sweep_folder, options, hint):
    with pytest.raises(OptionError, match=hint):
        read_runs(sweep_folder).sweep(**options)


def test_a_setting_in_a_group_is_suggested(tmp_path):
    write(tmp_path, "a", curve([1]), optimizer={"lr": 1})
    with pytest.raises(OptionError, match=r"Did you mean 'optimizer\.lr'"):
        read_runs(tmp_path).sweep(knob="lr", metric="loss")


@pytest.mark.parametrize(
    "options",
    [
        {"knob": "step", "at": "last"}, {"knob": "lr", "count_from": "event"}, {"knob": "lr", "align": "bin"},
        {"knob": "lr", "seed": "lr"}, {"knob": "lr", "condition": "loss"}, {"knob": 3}, {"knob": "lr", "metric": None},
        {"knob": "lr", "censored": "x"}, {"knob": "lr", "missing": "x"}, {"knob": "lr", "unfinished": "x"},
        {"knob": "lr", "grid": 1}, {"knob": "lr", "columns": [3]}, {"knob": "lr", "count_from": "end"},
    ],
)  # fmt: skip
def test_options_that_contradict_each_other_are_refused_before_anything_is_read(
    sweep_folder, options, monkeypatch
):
    runs = read_runs(sweep_folder)
    monkeypatch.setattr(type(runs), "each", lambda _: pytest.fail("a file was read"))
    with pytest.raises(OptionError):
        runs.sweep(**{"metric": "loss", **options})


def test_unfinished_runs_are_counted_or_dropped(tmp_path):
    for number in range(4):
        rows = curve([1, 2]) + ([{"_summary": {}}] if number else [])
        write(tmp_path, f"r{number}", rows, lr=number, seed=1)
    runs = read_runs(tmp_path)
    kept = runs.sweep(knob="lr", metric="loss")
    assert len(kept) == 4
    assert "1 runs that did not finish are in the table; see `unfinished`." in kept.attrs["notes"]
    assert runs.sweep(knob="lr", metric="loss", unfinished="drop")["run"].tolist() == ["r1", "r2", "r3"]


def test_runs_that_diverged_are_on_record_and_stay_nan(tmp_path):
    for number in range(3):
        write(tmp_path, f"r{number}", curve([1, float("nan") if number else 2]), lr=number, seed=1)
    table = read_runs(tmp_path).sweep(knob="lr", metric="loss")
    assert table["loss"].isna().tolist() == [False, True, True]
    assert "'loss' is NaN in 2 rows of 2 runs, as when training diverges." in table.attrs["notes"]


def test_runs_that_end_at_different_steps_are_on_record(tmp_path):
    write(tmp_path, "a", curve([1, 2]), lr=1, seed=0)
    write(tmp_path, "b", curve([1, 2, 3]), lr=1, seed=1)
    runs = read_runs(tmp_path)
    assert "STEPS_DIFFER" in codes(runs)
    notes = runs.sweep(knob="lr", metric="loss").attrs["notes"]
    assert "runs end at different steps, from 1 to 2." in notes
    along = runs.sweep(knob="step", metric="loss").attrs["notes"]
    assert any("2 of 3 steps were logged by all 2 runs" in note for note in along)


def test_a_moving_average_is_on_record(tmp_path):
    write(tmp_path, "a", curve([1], metric="reward_smooth"), lr=1)
    notes = read_runs(tmp_path).sweep(knob="lr", metric="reward_smooth").attrs["notes"]
    assert any("moving average" in note for note in notes)


# --- events and censoring ---


@pytest.fixture
def grokking(tmp_path):
    """Four runs that memorise at step 10; the test accuracy gets to 1 at 10, 20, 30 and never."""
    for number, late in enumerate((1, 2, 3, None)):
        rows = [
            {
                "step": 10 * step,
                "train_error": 0.5 * (step < 1),
                "test_acc": float(late is not None and step >= late),
            }
            for step in range(5)
        ]
        write(tmp_path, f"r{number}", rows, lr=number, seed=number)
    return read_runs(tmp_path)


def test_only_what_follows_an_event_is_used(grokking):
    table = grokking.sweep(knob="step", metric="test_acc", after=("train_error", 0))
    assert sorted(set(table["step"])) == [10, 20, 30, 40]
    table = grokking.sweep(knob="step", metric="test_acc", after=("train_error", 0), count_from="event")
    assert sorted(set(table["step"])) == [0, 10, 20, 30]


def test_runs_that_never_see_the_event_are_counted(grokking):
    table = grokking.sweep(knob="step", metric="train_error", after=("test_acc", ">=", 1))
    assert table["run"].nunique() == 3
    assert "1 runs were left out because they never reached test_acc >= 1: r3." in table.attrs["notes"]
    assert table.attrs["left_out"] == ("r3: it never reached test_acc >= 1",)


def test_a_step_that_was_never_reached_is_censored_and_not_dropped(grokking):
    table = grokking.sweep(knob="lr", at=("first", "test_acc", ">=", 1))
    assert list(table.columns) == ["lr", "first_step", "seed", "run", "censored"]
    assert table["first_step"].tolist() == [10, 20, 30, math.inf]
    assert table["censored"].tolist() == [False, False, False, True]
    with pytest.raises(TableError, match=r"censored='rank'"):
        sigstats.detect(table, knob="lr", metric="first_step", shape="increasing")


def test_the_delay_after_an_event_counts_from_there(grokking):
    table = grokking.sweep(
        knob="lr",
        metric="delay",
        at=("first", "test_acc", ">=", 1),
        after=("train_error", 0),
        count_from="event",
    )
    assert table["delay"].tolist() == [0, 10, 20, math.inf]


def test_ranks_put_censored_runs_last(grokking):
    table = grokking.sweep(knob="lr", at=("first", "test_acc", ">=", 1), censored="rank")
    assert table["first_step"].tolist() == [1, 2, 3, 4]
    assert any("censored runs share the last" in note for note in table.attrs["notes"])


def test_censored_runs_share_the_mean_of_the_last_ranks(tmp_path):
    for number, values in enumerate(([1, 1], [0, 1], [0, 0], [0, 0])):
        write(tmp_path, f"r{number}", curve(values, metric="acc"), lr=number, seed=0)
    table = read_runs(tmp_path).sweep(knob="lr", at=("first", "acc", ">=", 1), censored="rank")
    assert table["first_step"].tolist() == [1, 2, 3.5, 3.5]
    assert table["censored"].tolist() == [False, False, True, True]


def test_dropping_censored_runs_is_on_record(grokking):
    table = grokking.sweep(knob="lr", at=("first", "test_acc", ">=", 1), censored="drop")
    assert table["run"].tolist() == ["r0", "r1", "r2"]
    assert any("1 censored runs were dropped" in note for note in table.attrs["notes"])


def test_a_run_that_ended_before_others_got_there_is_on_record(tmp_path):
    for number, values in enumerate(([0, 0], [0, 0, 0, 1])):
        write(tmp_path, f"r{number}", curve(values, metric="acc"), lr=number, seed=0)
    notes = read_runs(tmp_path).sweep(knob="lr", at=("first", "acc", 1)).attrs["notes"]
    assert any("1 of the censored runs end before the slowest of the others" in note for note in notes)


def test_a_missing_value_can_stand_for_never(tmp_path):
    for number, step in enumerate((10, None)):
        write(tmp_path, f"r{number}", [*curve([1]), {"_summary": {"grok_step": step}}], lr=number, seed=0)
    runs = read_runs(tmp_path)
    assert runs.sweep(knob="lr", metric="grok_step")["grok_step"].isna().tolist() == [False, True]
    table = runs.sweep(knob="lr", metric="grok_step", missing="censored")
    assert table["grok_step"].tolist() == [10, math.inf]
    assert table["censored"].tolist() == [False, True]


def test_runs_that_reach_a_value_from_both_sides_are_an_error(tmp_path):
    write(tmp_path, "a", curve([1, 0]), lr=1, seed=0)
    write(tmp_path, "b", curve([0, 1]), lr=1, seed=1)
    runs = read_runs(tmp_path)
    with pytest.raises(OptionError, match="give the side from which"):
        runs.sweep(knob="lr", at=("first", "loss", 0.5))
    assert runs.sweep(knob="lr", at=("first", "loss", "<=", 0.5))["first_step"].tolist() == [1, 0]


def test_the_sample_gives_the_grok_steps_that_its_authors_report():
    """The summaries of the sample hold the step at which the test accuracy first reached 0.95."""
    runs = read_runs(GROKKING, pattern=PATTERN)
    ours = runs.sweep(knob="lr", metric="t", condition="cap", at=("first", "test_acc", ">=", 0.95))
    theirs = runs.sweep(knob="lr", metric="grok_step", condition="cap")
    assert len(ours) == 12
    assert ours["t"].tolist() == theirs["grok_step"].tolist()


def test_a_table_of_runs_survives_parquet_with_its_notes(sweep_folder, tmp_path):
    table = read_runs(sweep_folder).sweep(knob="lr", metric="loss")
    table.to_parquet(tmp_path / "t.parquet")
    again = pd.read_parquet(tmp_path / "t.parquet")
    assert list(again.attrs["notes"]) == list(table.attrs["notes"])
    pd.testing.assert_frame_equal(table, again, check_dtype=False)


def test_extra_settings_come_from_a_frame(sweep_folder):
    names = [each.name for each in read_runs(sweep_folder).outlines]
    extra = pd.DataFrame({"run": [*names, "gone"], "lr": range(10)})
    runs = read_runs(sweep_folder, extra=extra)
    assert runs.sweep(knob="lr", metric="loss")["lr"].tolist() == list(range(9))
    assert {"NO_RUN", "LABEL_DIFFERS"} <= set(codes(runs))


def test_reading_needs_no_current_folder(sweep_folder, monkeypatch):
    monkeypatch.chdir(sweep_folder)
    assert len(read_runs(".").outlines) == 9
    assert repr(read_runs(".")).startswith("Runs('.': 9 sources")


# --- hints and results without steps ---


def test_a_logged_metric_as_the_knob_gets_the_call_that_counts_by_it(tmp_path):
    for seed in range(2):
        rows = [{"step": n, "epoch": n / 10, "loss": 1 / (n + 1)} for n in range(3)]
        write(tmp_path, f"s{seed}", rows, seed=seed)
    runs = read_runs(tmp_path)
    with pytest.raises(OptionError, match=r"read_runs\(\.\.\., step='epoch'\)"):
        runs.sweep(knob="epoch", metric="loss")
    assert len(read_runs(tmp_path, step="epoch").sweep(knob="epoch", metric="loss")) == 6


# --- files are read once ---


def counted(monkeypatch):
    """Count how often files are searched for runs."""
    reads = []
    read_ahead = search.read_ahead
    monkeypatch.setattr(
        "sigstats.data.logs.runs.read_ahead", lambda *given: reads.append(1) or read_ahead(*given)
    )
    return reads


def test_a_sweep_and_a_frame_after_an_overview_read_nothing_again(sweep_folder, monkeypatch):
    reads = counted(monkeypatch)
    runs = read_runs(sweep_folder)
    first = runs.sweep(knob="lr", metric="loss")
    assert (len(reads), len(runs.outlines), len(reads)) == (1, 9, 2)
    pd.testing.assert_frame_equal(runs.sweep(knob="lr", metric="loss"), first)
    assert len(runs.frame) == 18
    assert len(reads) == 2


def test_what_is_large_is_not_kept(sweep_folder, monkeypatch):
    reads = counted(monkeypatch)
    monkeypatch.setattr("sigstats.data.logs.runs.MOST_KEPT", 5)
    runs = read_runs(sweep_folder)
    assert len(runs.outlines) == 9
    runs.sweep(knob="lr", metric="loss")
    assert len(reads) == 2
