"""Rows that are no runs, rows that fall into one cell, and text that could be numbers: what the remedies say works."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sigstats import detect, read_sweep
from sigstats.data.table.summaries import is_summary_name, summaries_among
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import TableError, remedies_for

SAMPLES = Path(__file__).parent / "samples/summary_rows_as_seeds/input"
MAKERS = pytest.mark.parametrize(
    "make", [lambda f: f, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "pyarrow"]
)


def refused(frame, **options):
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame, **options)
    (problem,) = error.value.problems
    return problem


def typed(problem):
    """Return the options that a remedy shows, as a user types them."""
    found = re.findall(
        r"\b(?:where=\{.*?\}(?!\})|(?:condition|seed)='[^']*')", f"{problem.message} {problem.remedy}"
    )
    options = {}
    for each in found:
        exec(f"options.update({each})", {"options": options})  # noqa: S102 - the remedy as a user types it
    return options


# --- rows that are no runs


@pytest.mark.long
@pytest.mark.parametrize("name", ["sweep.csv", "sweep_mean_only.csv"])
def test_summaries_never_count_as_seeds(name):
    frame = read_sweep(SAMPLES / name)
    roles = {"knob": "width", "metric": "accuracy", "seed": "seed"}
    problem = refused(frame, **roles)
    assert problem.code == "SUMMARY_SEEDS"
    assert "'mean'" in problem.message
    table = SweepTable.from_frame(frame, **roles, **typed(problem))
    assert table.seeds("treatment") == ("0", "1")
    verdict = detect(frame, **roles, shape="increasing", **typed(problem))
    assert verdict.status.value == "inconclusive"


def test_summaries_never_count_as_seeds_of_arrays_either():
    with pytest.raises(TableError, match=r"SUMMARY_SEEDS.*'mean'"):
        SweepTable.from_matrices([1, 2], {"a": [[1, 2], [2, 3]]}, seeds={"a": ["0", "mean"]})


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    ["mean", "Mean", "AVG", "std", "std.", "stderr", "best", "Median", "all", "total", "ci95", "CI 95%", "95% ci",
     "mean±std", "average over seeds", "mean_of_5", "std (n=5)", "min", "max", "sem", "Summe", "Mittelwert",
     "seed_mean",
     "IQM", "Grand Total", "Ø", "Durchschnitt", "StdAbw", "Standardabweichung", "Gesamt", "25%", "97.5%", "count",
     "s.d.", "lower", "upper", "geomean", "平均", "标准差", "均值", "promedio", "media", "moyenne", "среднее",
     "écart-type", "desviación estándar", "run_mean.csv", "mean_run.csv", "seed_3/mean.csv", "std.csv.gz"],
)  # fmt: skip
def test_what_names_a_summary_is_known(name):
    assert is_summary_name(name)


@pytest.mark.parametrize(
    "name",
    ["0", "seed 0", "a", "run_3", "meaning", "allen", "minnie", "s7", "lucky-dust-12", "", "q", "maxwell",
     "best-practice-3", "n", "0x1F", "std-dev-server-1"],
)  # fmt: skip
def test_what_names_a_run_is_not_taken_for_a_summary(name):
    assert not is_summary_name(name)


@pytest.mark.parametrize(
    ("names", "summaries"),
    [
        (["0", "1", "q25", "p50", "n"], ["q25", "p50", "n"]),
        (["p0", "p1", "p50"], []),
        (["p1", "p50", "p99"], []),
        (["m", "n", "o"], []),
        (["mlp_0.csv", "mlp_1.csv", "mlp_mean.csv", "mlp_std.csv"], ["mlp_mean.csv", "mlp_std.csv"]),
        (["mean", "mean 2"], ["mean", "mean 2"]),
    ],
)
def test_other_names_of_the_column_say_whether_a_short_name_is_a_run(names, summaries):
    assert summaries_among(names) == summaries


@pytest.mark.long
@pytest.mark.parametrize("blank", ["-", "?", "#N/A", "n.a.", "#DIV/0!"])
def test_signs_that_mean_a_missing_value_are_no_seeds(blank):
    """The remedy keeps neither them nor summaries."""
    seeds = ["0", "1", blank, "Ø", "q25"]
    frame = pd.DataFrame([(k, k, s) for s in seeds for k in (1, 2)], columns=["knob", "metric", "seed"])
    problem = refused(frame)
    assert problem.code == "SUMMARY_SEEDS"
    assert "where={'seed': ['0', '1']}" in problem.remedy
    assert refused(frame[~frame["seed"].isin(["Ø", "q25"])]).code == "MISSING_SEED"


@pytest.mark.long
@MAKERS
@pytest.mark.parametrize("blank", ["", None])
def test_an_empty_seed_is_an_error_with_the_filter_that_leaves_it_out(make, blank):
    frame = pd.DataFrame(
        {"knob": [1, 2] * 3, "metric": np.arange(6.0), "seed": ["0", "0", "1", "1", blank, blank]}
    )
    problem = refused(make(frame))
    assert problem.code == "MISSING_SEED"
    assert SweepTable.from_frame(make(frame), **typed(problem)).seeds("treatment") == ("0", "1")


@pytest.mark.parametrize("odd", [np.inf, -np.inf])
def test_infinite_seeds_beside_missing_ones_are_left_out_by_code(odd):
    """No filter can be typed with an infinite number."""
    frame = pd.DataFrame(
        {"knob": [1, 2] * 3, "metric": np.arange(6.0), "seed": [0, 0, odd, odd, np.nan, np.nan]}
    )
    problem = refused(frame)
    assert problem.code == "MISSING_SEED"
    assert problem.remedy.endswith("frame = frame.dropna(subset=['seed']).")
    assert len(SweepTable.from_frame(frame.dropna(subset=["seed"])).seeds("treatment")) == 2


@pytest.mark.parametrize("odd", ["mean", ""])
def test_a_column_of_several_types_is_mended_by_code(odd):
    """A filter needs one type; numbers beside text have none."""
    frame = pd.DataFrame(
        {"knob": [1, 2] * 3, "metric": np.arange(6.0), "seed": [0, 0, 1, 1, odd, odd]}, dtype=object
    )
    names = {"frame": frame.assign(seed=pd.Series([0, 0, 1, 1, odd, odd], dtype=object))}
    remedy = refused(names["frame"]).remedy
    code = re.search(r"frame = frame.*\)\]?(?=\.)|frame = frame\[.*\](?=\.)", remedy)[0]
    exec(code, names)  # noqa: S102 - the remedy as a user types it
    assert SweepTable.from_frame(names["frame"]).seeds("treatment") == ("0", "1")


def test_the_filter_keeps_what_was_filtered_before():
    frame = pd.DataFrame(
        {"knob": [1, 2] * 3, "metric": np.arange(6.0), "seed": [0, 0, 1, 1, None, None], "d": "x"}
    )
    problem = refused(frame, where={"d": "x"})
    assert typed(problem) == {"where": {"d": "x", "seed": [0, 1]}}
    assert SweepTable.from_frame(frame, **typed(problem)).n_rows == 4


# --- rows that fall into one cell


def crossed():
    """Return every pair of two models and two tasks, with a second metric and the place of each row."""
    rng = np.random.default_rng(0)
    rows = [
        (model, task, seed, knob, knob * (model == "a") + rng.normal(), rng.normal())
        for model in "ab"
        for task in ("x", "y")
        for seed in range(4)
        for knob in (1, 2, 3)
    ]
    frame = pd.DataFrame(rows, columns=["model", "task", "seed", "knob", "metric", "loss"])
    return frame.assign(place=np.arange(len(frame)))


@MAKERS
def test_a_forgotten_condition_is_named_before_any_average(make):
    """Averaging treatment and control would give a verdict on neither."""
    one_task = make(crossed()[lambda f: f["task"] == "x"].drop(columns="task"))
    problem = refused(one_task)
    assert problem.code == "DUPLICATE_CELLS"
    text = str(problem)
    assert "column 'model' separates them: pass condition='model'" in text
    assert text.index("condition='model'") < text.index("aggregate")
    assert SweepTable.from_frame(one_task, **typed(problem)).conditions == ("a", "b")


def test_of_a_lazy_frame_the_columns_without_a_role_are_named():
    """Its rows are not searched, but no average is advised first."""
    one_task = crossed()[lambda f: f["task"] == "x"].drop(columns="task")
    lazy = pl.from_pandas(one_task).lazy()
    problem = refused(lazy)
    assert "no role was given to 'model', which may separate them: pass condition='model'" in problem.message
    assert SweepTable.from_frame(lazy, **typed(problem)).conditions == ("a", "b")


def test_two_columns_that_separate_rows_together_are_named_together():
    problem = refused(crossed())
    assert "columns 'model' and 'task' separate them" in problem.message
    assert SweepTable.from_frame(crossed(), **typed(problem)).n_rows == 24


def test_with_a_condition_the_second_one_is_filtered():
    problem = refused(crossed(), condition="model")
    assert "column 'task' separates them: pass where={'task': 'x'}" in problem.message
    assert SweepTable.from_frame(crossed(), condition="model", **typed(problem)).n_rows == 24


def test_a_column_of_seeds_is_passed_as_such():
    frame = crossed()[lambda f: (f["task"] == "x") & (f["model"] == "a")].rename(columns={"seed": "trial"})
    problem = refused(frame.assign(lab="l"), seed="lab")
    assert "pass seed='trial'" in problem.message
    assert SweepTable.from_frame(frame.assign(lab="l"), **typed(problem)).n_rows == 12


def test_of_many_steps_the_last_is_taken():
    frame = pd.DataFrame(
        [(k, s, step, k + s + step / 100) for k in (1, 2) for s in (0, 1) for step in range(0, 100, 5)],
        columns=["knob", "seed", "step", "metric"],
    )
    problem = refused(frame)
    assert "pass where={'step': 95}" in problem.message
    assert SweepTable.from_frame(frame, **typed(problem)).n_rows == 4


def test_where_nothing_separates_the_rows_nothing_is_named():
    """Not the second metric either, nor the number of the row."""
    frame = crossed().drop(columns=["model", "task"])
    assert refused(frame).remedy.startswith("Choose how to combine them")


# --- text that could be numbers


@pytest.mark.long
@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["70.7%", "71%"], [70.7, 71]),
        (["0,7069", "0,71"], [0.7069, 0.71]),
        (["12 ms", "8 ms"], [12, 8]),
        (["1.234,5", "2,5"], [1234.5, 2.5]),
        (["1,234,567", "2"], [1234567, 2]),
        (["350M", "1.3B"], [350e6, 1.3e9]),
        (["0.5", "N/A"], [0.5, np.nan]),
    ],
)
def test_the_code_that_makes_numbers_of_text_works(cells, numbers):
    frame = pd.DataFrame({"knob": [1, 2] * 2, "metric": cells * 2, "seed": [0, 0, 1, 1]})
    problem = refused(frame)
    assert problem.code == "METRIC_IS_TEXT"
    exec(re.search(r"frame\['metric'\] = .*(?=\.$)", problem.remedy)[0], {"frame": frame})  # noqa: S102
    np.testing.assert_array_equal(frame["metric"], numbers * 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["0,7069", "0,71"], "--decimal ','"),
        (["12 ms", "8 ms"], "--units ms"),
        (["1,234,567", "2"], "--thousands ','"),
        (["350M", "1.3B"], "--units B --units M"),
        (
            ["1.5", "2.5", "x"],
            "--missing NA --missing '<NA>' --missing x",
        ),
    ],
)
def test_in_a_shell_the_remedy_is_an_option(cells, options):
    frame = pd.DataFrame({"knob": range(len(cells)), "metric": cells, "seed": 0})
    with remedies_for("shell"):
        problem = refused(frame)
    assert options in problem.remedy
    assert "frame[" not in problem.remedy
    with remedies_for("card"):
        problem = refused(frame)
    assert "read = { " in problem.remedy


def test_a_number_with_two_readings_has_two_remedies():
    frame = pd.DataFrame({"knob": [1, 2] * 2, "metric": ["1.000", "2.500"] * 2, "seed": [0, 0, 1, 1]})
    problem = refused(frame)
    assert "1 if '.' stands before decimals, and 1000 if it groups thousands" in problem.remedy
    codes = re.findall(r"= (frame\['metric'\].*?astype\(float\))", problem.remedy)
    values = [eval(code, {"frame": frame}).tolist()[:2] for code in codes]  # noqa: S307 - as a user types it
    assert values == [[1.0, 2.5], [1000.0, 2500.0]]


def test_means_with_their_spread_are_refused_in_any_frame():
    frame = pd.DataFrame({"knob": [1, 2], "metric": ["0.9 ± 0.1", "0.8 ± 0.1"], "seed": [0, 0]})
    assert "a mean over seeds is not a seed" in refused(frame).message
    assert refused(pl.from_pandas(frame)).code == "MEANS_NOT_SEEDS"


def test_a_knob_with_units_says_what_makes_numbers_of_it():
    frame = pd.DataFrame({"knob": ["350M", "1.3B"] * 2, "metric": [0.5, 0.7, 0.4, 0.8], "seed": [0, 0, 1, 1]})
    problem = refused(frame)
    assert problem.code == "KNOB_IS_TEXT"
    exec(re.search(r"frame\['knob'\] = .*(?=\.$)", problem.remedy)[0], {"frame": frame})  # noqa: S102
    assert SweepTable.from_frame(frame).levels.tolist() == [350e6, 1.3e9]


def test_a_summary_in_the_column_of_the_knob_is_left_out_by_the_filter_that_is_printed():
    frame = pd.DataFrame(
        {"knob": ["1", "2", "mean"] * 2, "metric": [0.5, 0.7, 0.6] * 2, "seed": [0, 0, 0, 1, 1, 1]}
    )
    problem = refused(frame)
    assert problem.code == "KNOB_IS_TEXT"
    assert SweepTable.from_frame(frame, **typed(problem)).levels.tolist() == [1, 2]


def test_a_verdict_says_which_values_were_interpreted():
    """Decimal commas that were read as such are no secret of the reader."""
    frame = read_sweep(Path(__file__).parent / "samples/german_decimal/input/sweep.csv")
    table = SweepTable.from_frame(frame, knob="Breite", metric="Genauigkeit")
    assert [(note.code, note.message) for note in table.notes] == [("interpreted", frame.attrs["notes"][-1])]
    verdict = detect(frame, knob="Breite", metric="Genauigkeit", shape="increasing")
    assert "decimal commas were read as such" in verdict.to_markdown()


@pytest.mark.parametrize("role", ["seed", "model"])
def test_ids_that_stand_once_above_their_rows_are_filled_down(role):
    """To keep the rows with an id alone would leave the first level of each."""
    rows = [(m, s, k, s + k) for m in "ab" for s in (0, 1) for k in (1, 2, 4)]
    frame = pd.DataFrame(rows, columns=["model", "seed", "knob", "metric"])
    whole = frame.copy()
    frame[role] = frame[role].where(frame[role] != frame[role].shift())
    problem = refused(frame, condition="model")
    names = {"frame": frame}
    exec(re.search(r"fill down: (.*?ffill\(\))", problem.remedy)[1], names)  # noqa: S102 - as a user types it
    table = SweepTable.from_frame(names["frame"], condition="model")
    assert table.seeds("a") == SweepTable.from_frame(whole, condition="model").seeds("a") == ("0", "1")
