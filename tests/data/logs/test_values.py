"""Values as logs write them."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.model import LogError
from sigstats.data.logs.values import (
    as_metric,
    as_scalar,
    flatten,
    json_lines,
    parse_json,
    read_json,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3", 3), ("-7", -7), ("1e-3", 0.001), (".5", 0.5), ("1.", 1.0), ("True", True), ("false", False),
        ("None", None), ("null", None), ("inf", math.inf), ("-Infinity", -math.inf), (" 4 ", 4),
        ("007", "007"), ("00.5", 0.5), ("nan", "nan"), ("1_000", "1_000"), ("1e5x", "1e5x"), ("0x10", "0x10"),
        ("adam", "adam"), (" adam ", " adam "), ("", ""), (3, 3), (True, True), (None, None), (0.1, 0.1),
        ("12345678901234567890", 12345678901234567890.0), ([1, "a"], '[1, "a"]'),
    ],
)  # fmt: skip
def test_a_setting_is_what_it_says(written, meant):
    found = as_scalar(written)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("text", ["nan", "NaN", " NAN "])
def test_the_word_nan_is_a_measured_value(text):
    value = as_metric(text)
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["N/A", "", "None", "1,5", "1 2", "0x10", "١", "1e", "--1"])
def test_other_words_are_no_measured_values(text):
    assert as_metric(text) is None


def test_a_whole_number_too_large_for_a_float_is_infinite():
    assert as_metric(-(10**400)) == -math.inf


@given(st.floats(allow_nan=False))
def test_a_float_survives_as_text(value):
    assert as_metric(repr(value)) == value


@given(st.text(max_size=50))
def test_any_text_is_read(text):
    assert as_metric(text) is None or isinstance(as_metric(text), float)
    assert isinstance(as_scalar(text), str | int | float | None)


def test_nested_settings_become_dotted_in_their_order():
    nested = {"model": {"width": "128", "act": {"name": "gelu"}}, "seed": 1, "empty": {}}
    assert list(flatten(nested).items()) == [("model.width", 128), ("model.act.name", "gelu"), ("seed", 1)]


def test_settings_nested_beyond_reason_end_as_text():
    deep = {"a": 1}
    for _ in range(5_000):
        deep = {"a": deep}
    (key,) = flatten(deep)
    assert key.count(".") == 31


def test_bare_nan_and_infinity_are_read():
    assert math.isnan(parse_json(b"[NaN]")[0])
    assert parse_json(b"-Infinity") == -math.inf


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": 1} x'])
def test_what_is_no_json_is_a_log_error(data, tmp_path):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(LogError) as caught:
        read_json(tmp_path / "a.json")
    assert caught.value.code == "BAD_JSON"


def test_lines_are_numbered_and_broken_ones_told_apart():
    found = list(json_lines(b'{"a": 1}\n\n{"a": \n[2]'))
    assert [number for number, _ in found] == [1, 3, 4]
    assert found[0][1] == {"a": 1}
    assert isinstance(found[1][1], LogError)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=5))
def test_json_that_was_written_is_read(record):
    assert parse_json(json.dumps(record).encode()) == record
