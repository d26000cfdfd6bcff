"""Ordinary mistakes: what a message says is true, and its remedy works when it is typed."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import InputError, KeywordError, TableError, did_you_mean, nearest, remedies_for
from sigstats.shapes import SHAPES, as_shape
from sigstats.shapes.against import AGAINST

ROLES = {"knob": "knob", "metric": "metric", "seed": "seed"}
MEAN = re.compile(r"Did you mean (.*)\?")


def frame_of(levels=(1, 2, 4), *, metric=None, seeds=3):
    """Return a small sweep of two conditions."""
    rows = [(condition, seed, level) for condition in ("a", "b") for seed in range(seeds) for level in levels]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "knob"])
    values = np.arange(len(frame)) / 10 if metric is None else metric
    return frame.assign(metric=pd.Series(values, dtype=None if metric is None else object))


def problems(frame, **options):
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame, **{**ROLES, **options})
    return error.value.problems


def typed(remedy, frame):
    """Type the code of a remedy."""
    code = re.search(r"frame\[.*?\] = .*?(?=\.$|, and seed=)", remedy)[0]
    exec(code, {"frame": frame, "pd": pd})  # noqa: S102 - as a user types it


def options_of(text):
    """Return the options that a remedy shows, as a user types them."""
    found = {}
    for each in re.findall(r"(?:levels=\[.*?\]|where=\{.*?\})", text):
        exec(f"found.update({each.split('=')[0]}={each.split('=', 1)[1]})", {"found": found})  # noqa: S102
    return found


def said(call, *args, **options):
    with pytest.raises(InputError) as error:
        call(*args, **options)
    return str(error.value)


# --- text among numbers


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (["diverged"], np.nan),
        (["diverged", "n/a"], np.nan),
        (["diverged", "NaN at step 30"], np.nan),
        ([f"word {letter}" for letter in "cdefghijklmnop"], np.nan),
        ([""], np.nan),
        ([" ", "", "diverged"], np.nan),
    ],
)
@pytest.mark.parametrize(
    "write", [str, float, "{:.2f}%".format, lambda x: f"{x:.2f}".replace(".", ","), "{:.2f} ms".format]
)
def test_words_and_blanks_among_numbers_become_missing_by_the_code_that_is_shown(odd, expected, write):
    numbers = [each / 10 for each in range(18)]
    frame = frame_of(metric=[*odd, *map(write, numbers[len(odd) :])])
    (problem,) = problems(frame)
    assert problem.code == "METRIC_IS_TEXT"
    assert "Correct the cells" not in problem.remedy
    typed(problem.remedy, frame)
    np.testing.assert_allclose(frame["metric"], [*[expected] * len(odd), *numbers[len(odd) :]])


def test_decimal_commas_name_the_option_of_the_reader_that_reads_them(tmp_path):
    frame = frame_of(metric=[f"{each / 10:.2f}".replace(".", ",") for each in range(18)])
    (problem,) = problems(frame)
    assert "decimal=','" in problem.remedy
    frame.to_csv(tmp_path / "s.csv", sep=";", index=False)
    again = pd.read_csv(tmp_path / "s.csv", sep=";", decimal=",")
    np.testing.assert_allclose(again["metric"], np.arange(18) / 10)


def test_a_cell_without_a_number_is_never_to_be_made_up():
    assert "leave them empty" in problems(frame_of(metric=["good"] * 18))[0].remedy


@pytest.mark.parametrize(
    "levels",
    [
        pd.date_range("2026-01-01", periods=3),
        [dt.date(2026, 1, day) for day in (1, 2, 3)],
        pd.to_timedelta([24, 48, 72], unit="h"),
    ],
)
def test_dates_become_numbers_by_the_code_that_is_shown(levels):
    frame = frame_of(levels)
    typed(problems(frame)[0].remedy, frame)
    table = SweepTable.from_frame(frame, **ROLES)
    assert np.diff(table.levels).tolist() in ([1.0, 1.0], [24.0, 24.0])


# --- levels


@pytest.mark.parametrize(
    ("levels", "declared"),
    [
        (("off", "on"), ["Off", "On"]),
        (("off", "on"), ["no", "yes"]),
        (("off", "on"), ["of", "onn"]),
        (("off", "on", "auto"), ["off", "on"]),
        (("off", "on", "auto"), ["off", "onn"]),
        ((1, 2, 4), ["1", "2"]),
    ],
)
def test_every_remedy_for_levels_keeps_rows(levels, declared):
    (problem,) = problems(frame_of(levels), levels=declared)
    found = options_of(problem.remedy)
    assert found
    for name, value in found.items():
        given = {"levels": declared, name: value}
        assert SweepTable.from_frame(frame_of(levels), **ROLES, **given).n_rows >= 12


# --- columns


@pytest.mark.parametrize(
    "wrong", [{"condition": "conditions"}, {"seed": "sed"}, {"item": "itm"}, {"seed": "condition"}]
)
def test_what_follows_from_a_wrong_column_is_no_problem_of_its_own(wrong):
    codes = [each.code for each in problems(frame_of(), **{"condition": "condition", **wrong})]
    assert codes in (["MISSING_COLUMN"], ["SAME_COLUMN"])


@pytest.mark.parametrize("seed", [None, "seed", "empty"])
def test_without_a_column_of_seeds_rows_are_numbered_by_the_code_that_is_shown(seed):
    frame = frame_of().drop(columns="seed").assign(**({"empty": np.nan} if seed == "empty" else {}))
    (problem,) = problems(frame, seed=seed)
    assert "one run for each level answers nothing" in problem.remedy
    typed(problem.remedy, frame)
    name = re.search(r"and seed='(\w+)'", problem.remedy)[1]
    verdict = ss.detect(frame, **{**ROLES, "seed": name}, shape="increasing", control="b")
    assert verdict.evidence.design == "independent"


def test_one_row_for_each_level_is_said_to_answer_nothing():
    frame = frame_of(seeds=1).drop(columns="seed")
    assert "one run per level answers nothing" in problems(frame, seed=None)[0].remedy
    with remedies_for("shell"):
        assert "frame[" not in problems(frame_of().drop(columns="seed"), seed=None)[0].remedy


def test_a_column_named_as_runs_are_is_suggested_for_the_seed():
    frame = frame_of().rename(columns={"seed": "run_id"})
    assert "seed='run_id'" in problems(frame, seed=None)[0].remedy


def test_a_frame_whose_fields_were_not_told_apart_has_one_problem():
    (problem,) = problems(pd.DataFrame({"knob;metric;seed": ["1;2;3"]}))
    assert problem.code == "WRONG_DELIMITER"
    assert "sep=';'" in problem.remedy


@pytest.mark.parametrize("condition", ["condition", None])
def test_a_control_that_was_not_run_has_a_remedy(condition):
    frame = frame_of()
    frame = frame[frame["condition"] == "a"].drop(columns=[] if condition else "condition")
    text = said(ss.detect, frame, **ROLES, condition=condition, shape="increasing", control="zzz")
    assert ("leave `control` out" if condition else "condition='COLUMN'") in text


# --- words


@pytest.mark.parametrize("name", [*SHAPES, *AGAINST])
@pytest.mark.parametrize("write", [str.upper, str.title, lambda name: f" {name.replace('_', '-')} "])
def test_another_case_has_one_suggestion(name, write):
    if write(name) != name:
        assert MEAN.search(said(as_shape, write(name)))[1] == repr(name)


@pytest.mark.parametrize(
    ("given", "options", "meant"),
    [
        ("increasin", SHAPES, ["increasing"]),
        ("encreasing", SHAPES, []),
        ("decreasng", SHAPES, ["decreasing"]),
        ("concav", SHAPES, ["concave"]),
        ("contol", ("control", "condition"), ["control"]),
        ("cost", ("across", "cost_per_run"), ["cost_per_run"]),
        ("scale", ("knob_scale", "metric_scale", "seed"), ["knob_scale", "metric_scale"]),
        ("zzz", SHAPES, []),
    ],
)
def test_the_opposite_is_never_suggested(given, options, meant):
    assert did_you_mean(given, options) == (f"Did you mean {' or '.join(map(repr, meant))}?" if meant else "")
    assert nearest(given, options) == (meant[0] if len(meant) == 1 else None)


@pytest.mark.parametrize(
    ("option", "given", "remedy"),
    [
        ("min_effect", "1.0", "min_effect=1.0"),
        ("min_effect", "0,5", "min_effect=0.5"),
        ("alpha", "5%", "alpha=0.05"),
        ("quiet_fraction", "0.5", "quiet_fraction=0.5"),
        ("looks", "3,5", "looks=[3, 5]"),
        ("looks", ["3", "5"], "looks=[3, 5]"),
        ("bounds", ["0", "1"], "bounds=[0, 1]"),
        ("paired", "yes", "paired=True"),
        ("calibrate", "false", "calibrate=False"),
    ],
)
def test_a_number_in_quotes_is_written_without_them(option, given, remedy):
    text = said(ss.Signature, shape="increasing", control="b", **{option: given})
    assert f"Write {remedy}, without quotes." in text
    exec(f"ss.Signature(shape='increasing', control='b', {remedy})", {"ss": ss})  # noqa: S102 - as a user types it


@pytest.mark.parametrize(
    ("call", "options", "remedy"),
    [
        (
            ss.screen,
            {"signature": ss.Signature(**ROLES, shape="increasing"), "by": "condition", "fdr": "0.05"},
            "fdr=0.05",
        ),
        (ss.plan, {"shape": "increasing", "noise": 1.0, "seeds": "3", "levels": 5}, "seeds=3"),
        (ss.plan, {"shape": "increasing", "noise": 1.0, "seeds": 3, "levels": "5"}, "levels=5"),
    ],
)
def test_so_is_an_option_of_a_function(call, options, remedy):
    data = () if call is ss.plan else (frame_of(),)
    assert f"Write {remedy}, without quotes." in said(call, *data, **options)


@pytest.mark.parametrize(
    ("call", "keyword", "meant"),
    [
        *(
            (call, "contol", "`?'?control")
            for call in (
                ss.detect, ss.robustness, ss.plan, ss.scope, ss.forecast, ss.screen, ss.trend_test, ss.effect_interval,
                ss.onset, ss.compare_control, ss.compare_shapes, ss.hierarchical_slopes, ss.compare, ss.Signature,
            )
        ),
        (ss.robustness, "replicatons", "'replications'"),
        (ss.screen, "shape", "`shape` is a field of the signature"),
        (ss.combine, "sgnature", "'signature'"),
        (ss.from_wide, "seds", "'seeds'"),
        (ss.read_sweep, "decimals", "'decimal'"),
    ],
)  # fmt: skip
def test_a_misspelt_keyword_is_named_with_the_nearest(call, keyword, meant):
    with pytest.raises(KeywordError, match=rf"no keyword '{keyword}'.*{meant}") as error:
        call(**{keyword: "b"})
    assert isinstance(error.value, TypeError)


# --- cards


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ('min_effect = "1.0"', "min_effect = 1.0"),
        ('paired = "true"', "paired = true"),
        ("knob_scale = log", 'knob_scale = "log"'),
        ("min_effect = 0,5", "min_effect = 0.5"),
        ("paired = True", "paired = true"),
        ('looks = "3,5"', "looks = [3, 5]"),
    ],
)
def test_a_card_is_mended_by_the_line_that_is_shown(tmp_path, line, remedy):
    head = '[[signature]]\nshape = "increasing"\ncontrol = "b"\n'
    path = tmp_path / "card.toml"
    path.write_text(f"{head}{line}\n")
    assert remedy in said(ss.Card.from_toml, path)
    path.write_text(f"{head}{remedy}\n")
    assert len(ss.Card.from_toml(path).signatures) == 1
