import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.report import escaping


@given(st.text())
def test_visible_text_has_no_hidden_characters(text):
    """Nothing is left that a terminal or a browser acts upon without showing it."""
    shown = escaping.visible(text)
    hidden = [each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert set(hidden) <= {"\u200c", "\u200d"}


@pytest.mark.long
@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_letters_of_all_scripts_stay(text):
    """Names that are merely foreign are not touched."""
    assert escaping.visible(text) == text


def test_terminal_escapes_are_spelled_out():
    """An escape sequence shows as text."""
    assert escaping.visible("a\x1b[31mb\x07\u202e\ud800") == r"a\x1b[31mb\x07\u202e\ud800"


@given(st.text(max_size=200), st.integers(min_value=5, max_value=60))
def test_a_shortened_name_fits(text, width):
    """A name is never wider than asked for, and is whole where it fits."""
    shown = escaping.shortened(text, width)
    assert len(shown) <= width
    if len(escaping.visible(text)) <= width:
        assert shown == escaping.visible(text)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6, unique_by=escaping.visible))
def test_cut_names_stay_apart(names):
    """Two conditions never share a label only because their names are long."""
    shown = escaping.told_apart(names, 15)
    assert len(set(shown)) == len(names)
    assert max(map(len, shown)) <= 15


def test_names_that_differ_in_the_middle_are_cut_where_they_agree():
    """What differs is what is shown."""
    assert escaping.told_apart(["sweep_with_lr0.001_final", "sweep_with_lr0.003_final"], 13) == [
        "...lr0.001...",
        "...lr0.003...",
    ]


def test_latex_commands_become_text():
    """A command, a comment and a row option are typeset, not carried out."""
    expected = r"\textbackslash{}input\{x\} \% \& \_ \# \$ {[}2pt{]} \textasciicircum{} \textasciitilde{}"
    assert escaping.latex("\\input{x} % & _ # $ [2pt] ^ ~") == expected


def test_markdown_marks_become_text():
    """A table cell, an image, a tag and a bare link stay text."""
    expected = r"\| \!\[x\](http\://y) &lt;b&gt; \`c\` \*d\* www\.z &amp;lt;"
    assert escaping.markdown("| ![x](http://y) <b> `c` *d* www.z &lt;") == expected
