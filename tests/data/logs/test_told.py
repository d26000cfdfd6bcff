"""What reading left out or took to mean reaches the notes of the sweep, and those of the verdict."""

import numpy as np
import pytest

import sigstats as ss


def write(folder, last, name="csv"):
    for seed in range(3):
        values = [(100, 0.1), (200, 0.2), (300, 0.3), *last]
        rows = [(step, value + 0.01 * seed) for step, value in values]
        text = "step,acc\n" + "".join(f"{step},{value:.3f}\n" for step, value in rows)
        if name == "jsonl":
            text = "".join(f'{{"step": {step}, "acc": {value:.3f}}}\n' for step, value in rows)
        if name == "log":
            text = "".join(f"step {step}: acc {value:.3f}\n" for step, value in rows)
        (folder / f"s{seed}.{name}").write_text(text)
    return ss.read_runs(folder)


@pytest.mark.long
@pytest.mark.parametrize("name", ["csv", "jsonl", "log"])
@pytest.mark.parametrize("step", [0, -1])
def test_a_last_value_at_step_0_or_minus_1_keeps_the_course(tmp_path, step, name):
    if (name, step) == ("log", -1):
        pytest.skip("printed steps have no sign")
    runs = write(tmp_path, [(step, 0.9)], name)
    assert [each.code for each in runs.problems] == ["FINAL_RESULT"] * 3 + ["NO_SEED"]
    table = runs.sweep(knob="step", metric="acc")
    assert table["step"].tolist() == [100, 200, 300] * 3
    assert np.allclose(table["acc"], [0.1, 0.2, 0.3, 0.11, 0.21, 0.31, 0.12, 0.22, 0.32])
    told = f"a last value stands at step {step}"
    assert any(told in note for note in table.attrs["notes"])
    verdict = ss.detect(table, knob="step", metric="acc", shape="increasing")
    assert told in " ".join(verdict.summary(full=True).split())


def test_a_run_that_goes_on_from_step_0_still_replaces_what_was_before(tmp_path):
    runs = write(tmp_path, [(0, 0.4), (100, 0.5)])
    assert "RESUMED" in [each.code for each in runs.problems]
    assert any(
        "goes back to an earlier step" in note
        for note in runs.sweep(knob="step", metric="acc").attrs["notes"]
    )


def test_a_source_that_cannot_be_read_is_told(tmp_path):
    write(tmp_path, [])
    (tmp_path / "s3.csv").write_text("step,acc\nfirst,0.1\nsecond,0.2\n")
    table = ss.read_runs(tmp_path).sweep(knob="step", metric="acc")
    assert any(
        "1 source could not be read: s3.csv counts steps" in note for note in table.attrs["interpreted"]
    )
