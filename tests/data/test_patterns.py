"""Patterns of callers have the answers of `re`, and no pattern takes more than its time or its memory."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigstats.data import patterns
from sigstats.data.patterns import CallersPattern
from sigstats.errors import OptionError

ATOMS = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\d",
    "\\w",
    "\\s",
    "\\W",
    "^",
    "$",
    "\\b",
    "\\B",
    "_",
    "\\.",
    "[a-c_]",
]
COUNTS = ["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{1,3}?", "{2,}"]
one = st.tuples(st.sampled_from(ATOMS), st.sampled_from(COUNTS)).map("".join)
some = st.lists(one, max_size=3).map("".join)
group = st.tuples(st.sampled_from(["(", "(?:", "(?P<x>"]), some, st.sampled_from(["", "|"]), some, st.just(")"),
                  st.sampled_from(["", "?"])).map("".join)  # fmt: skip
expressions = st.lists(one | group, min_size=1, max_size=3).map("".join)


def made(text):
    return CallersPattern("pattern", text, most_letters=500, remedy="Try another.")


@given(pattern=expressions, text=st.text("ab1_é. \n", max_size=9))
@example(pattern=r"(a|ab)(?P<x>c|bcd)(d*)", text="abcd")
@example(pattern=r"(?P<x>a*?)b??$", text="aab\n")
@example(pattern=r"\w+", text="é1")
def test_a_search_finds_what_python_finds(pattern, text):
    """First match, whole match, and every group."""
    try:
        compiled = re.compile(pattern)
    except re.error:  # two groups of one name, or a repetition of nothing
        return
    groups = range(compiled.groups + 1)
    for found, expected in (
        (made(pattern).search(text), compiled.search(text)),
        (made(pattern).fullmatch(text), compiled.fullmatch(text)),
    ):
        assert (found is None) == (expected is None)
        if expected is not None:
            assert [found[i] for i in groups] == [expected[i] for i in groups]
            assert found.groupdict() == expected.groupdict()


@pytest.mark.parametrize("method", ["search", "fullmatch"])
def test_a_search_without_end_is_given_up(method, monkeypatch):
    """Ways through this pattern double with every letter."""
    monkeypatch.setattr(patterns, "MOST_SECONDS", 0.05)
    with pytest.raises(
        OptionError, match=r"`pattern` is '\(a\|aa\)\+\$'; a search of .* seconds. Try another."
    ):
        getattr(made("(a|aa)+$"), method)("a" * 60 + "b")


def test_many_slow_searches_are_not_slow_together(monkeypatch):
    """The time is that of all searches with a pattern."""
    monkeypatch.setattr(patterns, "MOST_SECONDS", 0.05)
    slow = made("(?:a|aa)+$")

    def many():
        for _ in range(1_000):
            slow.search("a" * 24 + "b")

    with pytest.raises(OptionError, match="takes more than"):
        many()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a{99999999}", "99,999,999 times"),
        ("(?:a{0,1000}){,1000}", "1,000,000 times"),
        ("(", "not a regular expression"),
        ("a" * 501, "more than 500 characters"),
        ("a{" + "9" * 400 + "}", "times"),
    ],
)
def test_what_would_fill_the_memory_or_is_no_pattern_is_refused(pattern, words):
    """Before it is compiled."""
    with pytest.raises(OptionError, match=words):
        made(pattern)
