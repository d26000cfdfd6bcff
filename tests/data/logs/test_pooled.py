"""Runs that would be pooled although their names differ in more than the seed."""

import ast
import re

import pytest

import sigstats as ss


def folder_of(folder, names):
    for place, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        (folder / name / "metrics.csv").write_text(
            f"step,acc\n1,0.{place + 1}\n2,0.{place + 2}\n3,0.{place + 3}\n"
        )
    return folder


def pattern_in(text):
    return ast.literal_eval(re.search(r"pattern=(r'[^']*'|r\"[^\"]*\")", text)[1])


@pytest.mark.long
@pytest.mark.parametrize(
    ("names", "setting", "values"),
    [
        ([f"lr{lr}_seed{s}" for lr in (0.1, 0.01) for s in range(3)], "lr", (0.01, 0.1)),
        (
            [f"adam/seed_{s}" for s in range(3)] + [f"sgd/seed_{s}" for s in range(3)],
            "condition",
            ("adam/seed", None),
        ),
        ([f"seed{s}-{o}" for o in ("adam", "sgd") for s in range(3)], "condition", None),
        ([f"adam_{s}" for s in range(3)] + [f"sgd_{s}" for s in range(3)], "condition", None),
    ],
)
def test_pooled_runs_are_told_with_a_pattern_that_works(tmp_path, names, setting, values):
    runs = ss.read_runs(folder_of(tmp_path, names))
    (problem,) = [each for each in runs.problems if each.code == "POOLED"]
    table = runs.sweep(knob="step", metric="acc")
    assert any("differ in more than a seed" in each for each in table.attrs["notes"])
    assert any("differ in more than a seed" in each for each in table.attrs["interpreted"])
    parted = ss.read_runs(tmp_path, pattern=pattern_in(problem.done))
    frame = parted.sweep(knob="step", metric="acc", condition=setting)
    assert frame.groupby(setting)["seed"].nunique().tolist() == [3, 3]
    assert not [each for each in parted.problems if each.code == "POOLED"]
    if setting == "lr":
        assert sorted(frame["lr"].unique()) == list(values)


@pytest.mark.parametrize(
    "names",
    [
        [f"exp_seed{s}" for s in range(4)],
        [f"2024010{s}-120{s}_seed{s}" for s in range(4)],
        ["alpha", "beta", "gamma"],
        [f"run_{s}" for s in range(4)],
    ],
)
def test_runs_that_differ_in_the_seed_alone_are_not_told(tmp_path, names):
    runs = ss.read_runs(folder_of(tmp_path, names))
    assert not [each for each in runs.problems if each.code == "POOLED"]
    assert not any(
        "more than a seed" in each for each in runs.sweep(knob="step", metric="acc").attrs["notes"]
    )


def test_a_knob_in_the_names_is_not_told_in_its_own_sweep(tmp_path):
    folder_of(tmp_path, [f"lr{lr}_seed{s}" for lr in (0.1, 0.01) for s in range(3)])
    table = ss.read_runs(tmp_path, pattern=r"lr(?P<lr>[0-9.]+)_").sweep(knob="lr", metric="acc")
    assert not any("more than a seed" in each for each in table.attrs["notes"])
