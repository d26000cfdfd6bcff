"""Patterns that callers give are searched in bounded time, with the answers of `re`."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigstats.data import patterns
from sigstats.data.linear_search import LinearPattern
from sigstats.data.patterns import CallersPattern, why_refused

ATOMS = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    r"\d",
    r"\w",
    r"\s",
    r"\W",
    "^",
    "$",
    r"\b",
    r"\B",
    "_",
    r"\.",
    "[a-c_]",
]
COUNTS = ["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{1,3}?", "{2,}"]
one = st.tuples(st.sampled_from(ATOMS), st.sampled_from(COUNTS)).map("".join)
some = st.lists(one, max_size=3).map("".join)
group = st.tuples(st.sampled_from(["(", "(?:", "(?P<x>"]), some, st.sampled_from(["", "|"]), some, st.just(")"),
                  st.sampled_from(COUNTS)).map("".join)  # fmt: skip
expressions = st.lists(one | group, min_size=1, max_size=3).map("".join)


@given(pattern=expressions, text=st.text("ab1_. \n", max_size=9))
@example(pattern=r"(a|ab)(?P<x>c|bcd)(d*)", text="abcd")
@example(pattern=r"(?P<x>a*?)b??$", text="aab\n")
def test_the_linear_search_finds_what_python_finds(pattern, text):
    """First match, whole match, and every group."""
    if why_refused(pattern):
        return
    compiled = re.compile(pattern)
    groups = range(compiled.groups + 1)
    for whole in (False, True):
        expected = compiled.fullmatch(text) if whole else compiled.search(text)
        found = LinearPattern(compiled).search(text, whole=whole)
        assert (found is None) == (expected is None)
        if expected is not None:
            assert [found[i] for i in groups] == [expected[i] for i in groups]
            assert found.groupdict() == expected.groupdict()


@pytest.mark.parametrize(
    "pattern", [r"(?P<x>.*).*.*.*!", "(?P<x>" + ".*" * 8 + ")b", r"(?P<x>\w*\d*\w*\d*)-"]
)
def test_a_text_that_python_would_take_long_for_is_searched_in_linear_time(pattern, monkeypatch):
    """No text of a hundred letters or more is left to the search that tries one way after the other."""
    searched = CallersPattern(pattern)
    monkeypatch.setattr(searched, "_compiled", None)
    for length in (100, 200, 1_000):
        assert searched.search("a" * length) is None


def test_a_pattern_that_took_long_is_searched_in_linear_time_from_then_on(monkeypatch):
    """Many texts that are a little slow are not slow together."""
    searched = CallersPattern("(?P<x>a+)b")
    assert searched.search("aab")["x"] == "aa"
    monkeypatch.setattr(patterns, "MOST_SECONDS", -1.0)
    monkeypatch.setattr(searched, "_compiled", None)
    assert searched.search("aab").groupdict() == {"x": "aa"}


@pytest.mark.parametrize(
    "pattern",
    ["(?:a?){30}a{30}", "(?:a{1,9}){9}", "(?P<x>(a?b?)+)", "(?i)a", "a(?=b)", "(?<!a)b", r"(\b)*a", "a{9999}", "(?>a)b"],
)  # fmt: skip
def test_what_cannot_be_bounded_is_refused(pattern):
    """Repeated choices, looks around, and flags."""
    assert "not allowed" in why_refused(pattern)
