"""Wide tables and arrays: how they are made long, and the call that an error shows."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sigstats
from sigstats import detect, from_array, from_wide
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, TableError

LEVELS, SEEDS = [1, 2, 4, 8], [0, 1, 2, 3, 4]
VALUES = np.random.default_rng(0).normal(0, 0.1, (2, 5, 4)) + np.arange(4) * np.array([1, 0])[:, None, None]
LONG = pd.DataFrame(
    [
        (model, seed, width, VALUES[m, s, k])
        for m, model in enumerate("ab")
        for s, seed in enumerate(SEEDS)
        for k, width in enumerate(LEVELS)
    ],
    columns=["model", "seed", "width", "acc"],
)
WANTED = SweepTable.from_frame(LONG, knob="width", metric="acc", condition="model")
ROLES = {"knob": "width", "metric": "acc", "condition": "model"}


def by_seed(name="seed_{}"):
    """Return one column per seed."""
    wide = LONG.pivot_table(index=["model", "width"], columns="seed", values="acc").reset_index()
    wide.columns = ["model", "width", *(name.format(seed) for seed in SEEDS)]
    return wide


def by_level(name="{}"):
    """Return one column per level."""
    wide = LONG.pivot_table(index=["model", "seed"], columns="width", values="acc").reset_index()
    wide.columns = ["model", "seed", *(name.format(level) for level in LEVELS)]
    return wide


def same(frame):
    return SweepTable.from_frame(frame, **ROLES) == WANTED


@pytest.mark.long
@pytest.mark.parametrize(
    "make", [lambda f: f, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "arrow"]
)
def test_columns_of_seeds_become_rows(make):
    wide = make(by_seed())
    assert same(from_wide(wide, seeds=r"seed_(\d+)", metric="acc"))
    named = from_wide(wide, seeds=[f"seed_{seed}" for seed in SEEDS], metric="acc")
    assert sorted(set(named["seed"])) == [f"seed_{seed}" for seed in SEEDS]
    assert SweepTable.from_frame(named, **ROLES).n_rows == 40


@pytest.mark.long
def test_columns_of_levels_become_rows():
    assert same(from_wide(by_level(), levels=[str(level) for level in LEVELS], knob="width", metric="acc"))
    assert same(from_wide(by_level("w={} "), levels=r"w=(\d+) ", knob="width", metric="acc"))
    assert same(
        from_wide(by_level("w{}"), levels=[f"w{level}" for level in LEVELS], knob="width", metric="acc")
    )


def test_columns_of_pairs_become_rows():
    wide = pd.DataFrame(
        {f"w{w}_s{s}": [VALUES[m, s, k] for m in (0, 1)] for s in SEEDS for k, w in enumerate(LEVELS)}
    )
    wide.insert(0, "model", ["a", "b"])
    assert same(from_wide(wide, seeds=r"w(?P<width>\d+)_s(?P<seed>\d+)", metric="acc"))


@pytest.mark.long
@pytest.mark.parametrize(
    "columns", ["seed", "width", ["seed", "width"], ["model", "seed"], ["width", "model", "seed"]]
)
def test_pivots_become_rows_without_being_told_how(columns):
    """Index and columns of a pivot have names; those are the names of the columns."""
    keys = [columns] if isinstance(columns, str) else columns
    index = [name for name in ("model", "seed", "width") if name not in keys]
    pivot = LONG.pivot(index=index or None, columns=columns, values="acc") if index else None
    if pivot is None:
        pivot = pd.DataFrame([LONG["acc"].tolist()], columns=pd.MultiIndex.from_frame(LONG[keys]))
    before = pivot.copy()
    assert same(from_wide(pivot, metric="acc"))
    pd.testing.assert_frame_equal(pivot, before)
    if index and len(keys) > 1:
        assert same(from_wide(pivot.reset_index(), metric="acc"))


def test_a_pivot_of_several_metrics_keeps_them_apart():
    both = LONG.assign(loss=-LONG["acc"]).pivot(
        index=["model", "width"], columns="seed", values=["acc", "loss"]
    )
    frame = from_wide(both)
    assert same(frame)
    assert frame["loss"].tolist() == (-frame["acc"]).tolist()


def test_levels_of_names_without_names_are_asked_for():
    """The remedy works when it is typed."""
    frame = LONG.pivot(index="width", columns=["model", "seed"], values="acc")
    frame.columns.names = [None, None]
    with pytest.raises(TableError, match="MULTIINDEX_COLUMNS") as error:
        from_wide(frame, metric="acc")
    (problem,) = error.value.problems
    code = re.search(r"frame\.columns\.names = \[.*?\]", problem.remedy)[0]
    exec(code, {"frame": frame})  # noqa: S102 - the remedy as a user types it
    long = from_wide(frame, metric="acc")
    assert SweepTable.from_frame(long, knob="width", metric="acc", condition="condition").n_rows == 40


@pytest.mark.long
@pytest.mark.parametrize(
    "wide",
    [
        by_seed(),
        by_seed("seed {}"),
        by_seed("{}"),
        by_seed("acc (run {})"),
        by_level(),
        by_level("width={}"),
        pl.from_pandas(by_seed()),
        LONG.pivot(index=["model", "width"], columns="seed", values="acc"),
        LONG.pivot(index=["model", "width"], columns="seed", values="acc").reset_index(),
        LONG.pivot(index=["model", "seed"], columns="width", values="acc"),
        LONG.pivot(index="width", columns=["model", "seed"], values="acc"),
        by_seed().assign(mean=0.5, std=0.1),
    ],
)
def test_where_a_wide_table_is_seen_the_call_that_is_shown_works(wide):
    """`detect` says what it sees, and the frame that the call makes gives the verdict."""
    claim = {**ROLES, "seed": "seed", "shape": "increasing", "treatment": "a"}
    with pytest.raises(TableError, match=r"WIDE_TABLE|MULTIINDEX_COLUMNS") as error:
        detect(wide, **claim)
    (problem,) = error.value.problems
    code = re.search(r"frame = sigstats\.from_wide\(.*\)", problem.remedy)[0]
    names = {"frame": wide, "sigstats": sigstats}
    exec(code, names)  # noqa: S102 - the remedy as a user types it
    assert detect(names["frame"], **claim).status.value == "present"


def test_of_several_metrics_the_one_that_was_asked_for_is_made_long():
    wide = by_seed("acc_seed{}").assign(**{f"loss_seed{seed}": 0.5 for seed in range(7)})
    with pytest.raises(TableError, match="WIDE_TABLE") as error:
        detect(wide, **ROLES, shape="increasing")
    assert "seeds=['acc_seed0'," in error.value.problems[0].remedy


def test_one_seed_named_as_the_metric_is_seen_too():
    with pytest.raises(TableError, match="WIDE_TABLE") as error:
        detect(by_seed(), knob="width", metric="seed_1", condition="model", shape="increasing")
    code = re.search(r"frame = sigstats\.from_wide\(.*\)", error.value.problems[0].remedy)[0]
    names = {"frame": by_seed(), "sigstats": sigstats}
    exec(code, names)  # noqa: S102 - the remedy as a user types it
    assert SweepTable.from_frame(names["frame"], knob="width", condition="model").n_rows == 40


@pytest.mark.long
def test_many_columns_are_shown_as_a_pattern():
    wide = pd.DataFrame({"width": [1, 2], **{f"seed {n}": [0.5, 0.7] for n in range(30)}})
    with pytest.raises(TableError, match="WIDE_TABLE") as error:
        detect(wide, knob="width", metric="acc", shape="increasing")
    assert r"seeds=r'seed (\d+)'" in error.value.problems[0].remedy
    assert len(from_wide(wide, seeds=r"seed (\d+)", metric="acc")) == 60


def test_a_long_table_with_a_misspelt_column_is_not_called_wide():
    with pytest.raises(TableError, match=r"MISSING_COLUMN.*Did you mean 'acc'"):
        detect(LONG.assign(loss1=0.0, loss2=0.0), knob="width", metric="accc", shape="increasing")


def test_means_over_seeds_are_no_seeds():
    wide = by_seed().assign(mean=0.5)
    with pytest.raises(TableError, match=r"SUMMARY_SEEDS.*'mean'") as error:
        from_wide(wide, seeds=["seed_0", "seed_1", "mean"], metric="acc")
    assert "seeds=['seed_0', 'seed_1']" in error.value.problems[0].remedy


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, OptionError, "`seeds` or `levels` must say"),
        ({"seeds": "a", "levels": "b"}, OptionError, "not both"),
        ({"seeds": ["seed_9"]}, TableError, "Did you mean"),
        ({"seeds": r"run_(\d+)"}, TableError, "no column matches"),
        ({"seeds": "("}, OptionError, "not a regular expression"),
        ({"seeds": "(a{100}){101}"}, OptionError, "its parts are asked for 10,100 times"),
        ({"seeds": "a" * 300}, OptionError, "more than 200 characters"),
        ({"seeds": ["seed_0", "seed_0"]}, OptionError, "names something twice"),
        ({"seeds": ["seed_0"], "metric": "width"}, OptionError, "two columns named 'width'"),
        ({"seeds": ["seed_0"], "metric": 3}, OptionError, "`metric` is 3"),
        ({"seeds": ["seed_0"], "seed": "metric"}, OptionError, "must differ"),
        ({"levels": ["model"]}, OptionError, "does not say which level it is"),
    ],
)
def test_what_cannot_be_made_long_says_why(options, error, words):
    with pytest.raises(error, match=re.escape(words)):
        from_wide(by_seed(), **options)


def test_arrays_become_rows():
    frame = from_array(VALUES, knob=LEVELS, seeds=SEEDS, conditions=["a", "b"])
    table = SweepTable.from_frame(frame)
    assert table == SweepTable.from_frame(LONG.set_axis(["condition", "seed", "knob", "metric"], axis=1))
    assert SweepTable.from_frame(from_array(dict(zip("ab", VALUES, strict=True)), knob=LEVELS)) == table
    assert from_array(VALUES[0], knob=LEVELS).columns.tolist() == ["seed", "knob", "metric"]


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (VALUES[0].T, {"knob": LEVELS}, "values.T"),
        (VALUES[0].T, {"knob": LEVELS, "seeds": SEEDS}, "values.T"),
        (VALUES, {"knob": LEVELS}, "conditions=[...]"),
        (VALUES, {"knob": LEVELS, "conditions": ["a"]}, "there are 1 conditions"),
        (VALUES[0], {"knob": [1, 1, 2, 3]}, "names something twice"),
        (VALUES[0], {"knob": "abcd"}, "must be a list"),
        ([[1, 2], [3]], {"knob": [1, 2]}, "rows of equal length"),
        ([["a", "b"]], {"knob": [1, 2]}, "not an array of numbers"),
        ({}, {"knob": [1]}, "empty mapping"),
        ({"a": VALUES[0]}, {"knob": LEVELS, "conditions": ["a"]}, "Leave it out"),
        (3.0, {"knob": [1]}, "has the shape ()"),
    ],
)
def test_arrays_that_do_not_fit_say_why(values, options, words):
    with pytest.raises(OptionError, match=re.escape(words)):
        from_array(values, **options)


def test_masked_values_are_missing():
    values = np.ma.masked_array([[1, 2], [3, 4]], mask=[[False, True], [False, False]])
    for given in (values, {"a": values}):
        assert from_array(given, knob=[1, 2])["metric"].isna().tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    "values", [np.ones((2, 2)) * 1j, [[1, 2], [3, 1j]], np.array([[1, 1j]] * 2, dtype=object)]
)
def test_complex_arrays_are_refused(values):
    with pytest.raises(OptionError, match="complex"):
        from_array(values, knob=[1, 2])


@pytest.mark.parametrize("option", ["seeds", "levels"])
@pytest.mark.parametrize("none", [[], ()])
def test_no_columns_are_no_choice(option, none):
    with pytest.raises(OptionError, match="at least one column"):
        from_wide(by_seed(), **{option: none})


def call_in(frame, **roles):
    """Return what the call in the error of a wide table makes of it."""
    with pytest.raises(TableError, match="WIDE_TABLE") as error:
        SweepTable.from_frame(frame, **roles)
    code = re.search(r"frame = (sigstats\.from_wide\(.*\))\.", error.value.problems[0].remedy)[1]
    return eval(code, {"sigstats": sigstats, "frame": frame})  # noqa: S307 - the remedy as a user types it


@pytest.mark.long
@pytest.mark.parametrize("form", ["{}_s{}", "{} seed {}", "{}.run{}", "{}-{}"])
def test_columns_of_seeds_of_several_conditions_are_all_made_long(form):
    wide = pd.DataFrame({"width": [1, 2]})
    for place, model in enumerate(["mlp", "cnn", "big net"]):
        for seed in range(3):
            wide[form.format(model, seed)] = [place + seed, place + seed + 0.5]
    table = SweepTable.from_frame(call_in(wide, knob="width"), knob="width")
    assert table.conditions == ("big net", "cnn", "mlp")
    assert all(table.seeds(name) == ("0", "1", "2") for name in table.conditions)


@pytest.mark.parametrize("count", [3, 9])
def test_names_of_seeds_in_capitals_and_small_letters_are_alike(count):
    names = [f"{'Seed' if seed % 2 else 'seed'}{seed}" for seed in range(count)]
    wide = pd.DataFrame({"width": [1, 2], **{name: [place, place + 1] for place, name in enumerate(names)}})
    assert call_in(wide, knob="width")["seed"].nunique() == count


def test_metrics_beside_each_other_are_no_conditions():
    wide = pd.DataFrame(
        {"width": [1, 2], **{f"{m}_s{s}": [s, s + 1] for m in ("acc", "loss") for s in range(3)}}
    )
    assert "condition" not in call_in(wide, knob="width")


def test_two_columns_of_one_name_are_refused_and_so_is_one_named_as_the_index():
    wide = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["knob", "seed_0", "seed_1"])
    for frame in (wide.set_index("knob", drop=False), wide.set_axis(["knob", "seed_0", "seed_0"], axis=1)):
        with pytest.raises(TableError, match="DUPLICATE_COLUMNS"):
            sigstats.from_wide(frame, seeds=r"seed_(\d+)")
