"""Labels that look like numbers are kept apart, whatever a float would make of them."""

import json

import numpy as np
import pandas as pd
import pytest

from sigstats.data.files import read_sweep
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import TableError

BIG = (9007199254740992, 9007199254740993)


@pytest.fixture
def read(tmp_path):
    def read(pairs, title="version", name="a.csv", **options):
        rows = [f"{k},{label},0,0.{place}{k}\n" for place, label in enumerate(pairs) for k in (1, 2)]
        (tmp_path / name).write_text(f"knob,{title},seed,metric\n" + "".join(rows))
        return read_sweep(tmp_path / name, **options)

    return read


@pytest.mark.long
@pytest.mark.parametrize("options", [{}, {"decimal": "."}])
@pytest.mark.parametrize("pair", [("3.1", "3.10"), ("1e5", "100000"), ("1.5", "15e-1"), (*map(str, BIG), "")])
def test_two_labels_of_one_number_are_two(read, pair, options):
    assert read(pair, **options)["version"].dropna().unique().tolist() == [text for text in pair if text]


@pytest.mark.parametrize("pair", [("1", "1.0"), ("0.25", "0.75"), ("1", "")])
def test_labels_that_differ_as_numbers_stay_numbers(read, pair):
    assert read(pair)["version"].dtype == float


@pytest.mark.parametrize("options", [{}, {"decimal": "."}])
def test_a_column_of_another_name_is_refused_as_a_condition_alone(read, options):
    """As a knob its numbers are one level; as labels they are two."""
    frame = read(("3.1", "3.10"), title="stage", **options)
    with pytest.raises(TableError, match=r"CONDITIONS_COLLIDE.*'3\.1' and '3\.10'"):
        SweepTable.from_frame(frame, condition="stage")
    assert read(("3.1", "3.10", "4.5"), title="knob2", **options)["knob2"].dtype == float


@pytest.mark.long
def test_a_long_file_is_checked_too(tmp_path):
    rows = [f"{k},{v},{s},0.{s}{k}\n" for v in ("3.1", "3.10") for s in range(40_000) for k in (1, 2)]
    (tmp_path / "a.csv").write_text("knob,version,seed,metric\n" + "".join(rows))
    assert read_sweep(tmp_path / "a.csv")["version"].nunique() == 2


def test_whole_numbers_beside_a_missing_one_keep_all_digits(tmp_path):
    rows = [{"knob": k, "seed": seed, "metric": k} for seed in (*BIG, None) for k in (1, 2)]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    frame = read_sweep(tmp_path / "a.json")
    assert frame["seed"].dropna().unique().tolist() == list(BIG)
    kept = frame.dropna(subset=["seed"])
    assert SweepTable.from_frame(kept).seeds("treatment") == tuple(map(str, BIG))
    objects = pd.DataFrame(rows).assign(seed=pd.Series([row["seed"] for row in rows], dtype=object))
    with pytest.raises(TableError, match="MISSING_SEED") as error:
        SweepTable.from_frame(objects)
    assert all(str(seed) in error.value.problems[0].remedy for seed in BIG) or "dropna" in str(error.value)


def test_what_one_of_several_files_merged_is_known(tmp_path):
    for place in range(2):
        rows = "".join(f"{k},{v},{place},{k}\n" for v in ("3.1", "3.10") for k in (1, 2))
        (tmp_path / f"{place}.csv").write_text("knob,stage,seed,metric\n" + rows)
    with pytest.raises(TableError, match="CONDITIONS_COLLIDE"):
        SweepTable.from_frame(read_sweep(tmp_path / "*.csv"), condition="stage")


@pytest.mark.long
def test_labels_of_a_long_column_are_found_among_its_rows(tmp_path):
    """Of a long column some rows say whether its values repeat; versions do, measurements do not."""
    n = 60_000
    measured = np.random.default_rng(0).normal(size=n)
    rows = [f"{'3.1' if at % 2 else '3.10'},{at % 7},{value!r}" for at, value in enumerate(measured.tolist())]
    (tmp_path / "long.csv").write_text("\n".join(["version,seed,metric", *rows]), encoding="utf-8")
    found = read_sweep(tmp_path / "long.csv")
    assert sorted(found["version"].unique()) == ["3.1", "3.10"]
    assert found["metric"].to_numpy() == pytest.approx(measured, abs=0)
