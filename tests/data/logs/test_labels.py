"""Labels from names, folders and tables."""

import contextlib

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.labels import MAX_NAME, Labels, as_extra, as_levels, as_pattern
from sigstats.errors import OptionError


def of(name, config=None, **options):
    return Labels(**options).of(name, config or {})


def test_groups_of_a_pattern_become_settings():
    pattern = as_pattern(r"(?P<optimizer>.+)_seed(?P<seed>\d+)")
    assert of("adam_seed3", pattern=pattern) == ({"optimizer": "adam", "seed": 3}, [])


def test_a_name_without_match_is_a_problem_and_has_no_label():
    found, problems = of("adam", pattern=as_pattern(r"(?P<seed>\d+)$"))
    assert found == {}
    assert [each.code for each in problems] == ["NO_LABEL"]


def test_a_group_that_took_no_part_gives_no_label():
    assert of("a", pattern=as_pattern(r"(?P<x>a)(?P<y>b)?"))[0] == {"x": "a"}


def test_folders_become_settings_from_the_left():
    levels = as_levels(["optimizer", None, "seed"])
    assert of("adam/try/3/metrics", levels=levels) == ({"optimizer": "adam", "seed": 3}, [])
    found, problems = of("adam/try", levels=levels)
    assert found == {"optimizer": "adam"}
    assert "'seed'" in problems[0].message


def test_the_table_goes_before_the_pattern_and_this_before_folders_and_log():
    options = {"levels": ("lr",), "pattern": as_pattern(r"(?P<lr>\d)$"), "extra": {"0.1/x3": {"lr": 7}}}
    config, problems = of("0.1/x3", {"lr": 9, "bs": 1}, **options)
    assert config == {"lr": 7, "bs": 1}
    assert [each.code for each in problems] == ["LABEL_DIFFERS"]
    assert "7" in problems[0].message
    assert "9" in problems[0].message


def test_a_label_that_agrees_with_the_log_is_no_problem():
    assert of("s3", {"seed": 3}, pattern=as_pattern(r"s(?P<seed>\d)"))[1] == []


def test_names_of_great_length_are_not_searched():
    found, problems = of("a" * (MAX_NAME + 1), pattern=as_pattern("(?P<x>a)"))
    assert found == {}
    assert "characters" in problems[0].message


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<model>.+)_seed(?P<seed>\d+)", r"lr=(?P<lr>[0-9.e-]+)", r"(?P<x>a(?:b+)?)", r"(?P<x>adam|sgd)_(?P<s>\d)",
        r"k(?P<k>inf|\d+p?\d*)_s(?P<s>\d+)$", r"(?P<x>[)(*+]+)", r"\((?P<x>.*)\)+", r"(?P<d>\d{3})_(?P<e>\d{1,3})",
    ],
)  # fmt: skip
def test_ordinary_patterns_are_taken(pattern):
    assert as_pattern(pattern).pattern == pattern


@pytest.mark.parametrize("given_", ["(", "abc", r"(?P<x>a)" * 200, 3, "[", "(?P<1>a)"])
def test_what_is_no_pattern_is_refused(given_):
    with pytest.raises(OptionError, match="pattern"):
        as_pattern(given_)


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_refused(text):
    with contextlib.suppress(OptionError):
        as_pattern(text)


@pytest.mark.parametrize("given_", ["seed", [], [None], ["a", "a"], [3], 3, [""]])
def test_what_names_no_folders_is_refused(given_):
    with pytest.raises(OptionError, match="levels"):
        as_levels(given_)


@pytest.mark.parametrize("library", [pd, pl])
def test_a_frame_of_settings_is_read(library):
    frame = library.DataFrame({"run": ["a", "b"], "lr": [0.1, 0.2], "model": ["x", "y"]})
    assert as_extra(frame) == {"a": {"lr": 0.1, "model": "x"}, "b": {"lr": 0.2, "model": "y"}}


@pytest.mark.parametrize("given_", [3, {"a": 3}, pd.DataFrame({"a": [1]}), pd.DataFrame({"run": [1, 1]})])
def test_what_is_no_table_of_settings_is_refused(given_):
    with pytest.raises(OptionError, match="extra"):
        as_extra(given_)
