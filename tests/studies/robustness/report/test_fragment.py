"""What a notebook shows of a robustness analysis: the answer first, the rest folded, and nothing that acts."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import sigstats_robustness_samples as made

from sigstats import Signature, SweepTable, detect
from sigstats.studies.practice.common_practice import common_practice
from sigstats.studies.robustness.synthetic_controls import synthetic_controls
from sigstats.studies.seeds.audit import seed_audit

VOID = {"img"}
TAGS = {
    "div",
    "p",
    "span",
    "strong",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
}


class Reader(HTMLParser):
    """Collect tags, attributes and text, and check that tags close in order."""

    def __init__(self, document):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.folded, self.open = [], [], [], [], []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.folded if "details" in self.open else self.texts).append(data)


def said(parts):
    return " ".join(" ".join(parts).split())


@pytest.fixture(scope="module")
def whole(few):
    """A result with every check."""
    return made.robust(
        audit=seed_audit(made.SWEEP, made.CLAIM),
        synthetic=synthetic_controls(made.SWEEP, made.CLAIM, replications=5),
        practice=common_practice(made.SWEEP, made.CLAIM),
    )


def named(payload):
    """Return a result whose conditions, seeds, columns and sentences are a user's names, with a finding on them."""
    curves = {payload: made.SWEEP.matrix("treatment"), f"{payload}2": made.SWEEP.matrix("control").copy()}
    curves[f"{payload}2"][1] = curves[f"{payload}2"][0]
    seeds = {name: [f"{payload}{s}" for s in range(5)] for name in curves}
    sweep = SweepTable.from_matrices(made.SWEEP.levels, curves, seeds=seeds)
    claim = Signature(
        shape="increasing", treatment=payload, control=f"{payload}2", min_effect=1.0, name=payload
    )
    (first, *rest) = made.robust().influence.removals
    verdict = detect(sweep, claim)
    return made.robust(
        verdict=replace(verdict, signature=replace(claim, metric=payload)),
        audit=seed_audit(sweep, claim),
        influence=replace(
            made.robust().influence,
            removals=(replace(first, items=(payload,)), *rest),
            smallest=replace(made.robust().influence.smallest, condition=payload, seeds=(payload,)),
            notes=(payload,),
        ),
        weakest=replace(made.robust().weakest, sentence=payload),
        pruned=(replace(made.robust().pruned[0], reason=payload),),
    )


@pytest.mark.long
def test_names_cannot_become_markup(payload, pictureless):
    """Whatever conditions, seeds, columns and reasons are called, the tags are those of the template."""
    result = named(payload)
    assert result.audit.findings
    fragment = result._repr_html_()
    reader, plain = Reader(fragment), Reader(named("a")._repr_html_())
    assert reader.open == []
    assert set(reader.tags) <= TAGS
    assert {attribute for attribute, _ in reader.attributes} <= {"style", "src", "alt"}
    assert reader.tags == plain.tags
    assert not set("\x00\x07\x1b\u2028\u202e") & set(fragment)


def test_names_are_shown_as_they_are(pictureless):
    """Escaping shows the name; a template in a name is not filled in."""
    for name in ("<script>alert(1)</script>", "{{7*7}}{% raw %}", "a & b"):
        reader = Reader(named(name)._repr_html_())
        assert f"'{name}2'" in said(reader.folded)
        assert name in said(reader.texts)
        assert "49" not in said(reader.texts)


@pytest.mark.long
def test_the_answer_comes_before_what_is_folded(whole, pictureless):
    """Status, agreement, weakest point and the share of each verdict are open; all other tables are folded."""
    reader = Reader(whole._repr_html_())
    opened, folded = said(reader.texts), said(reader.folded)
    for words in (
        "PRESENT return rises with step",
        "Stands in 8 of 12 analyses (67%).",
        "Without the seed '3' the verdict is inconclusive.",
        "inconclusive underpowered 4 33%",
    ):
        assert words in opened, words
    titles = (
        "The choices",
        "Left out, one at a time",
        "The bounds",
        "The seeds",
        "The claim broken on purpose",
        "What common practice says of the treatments",
        "What common practice says of the control",
    )
    for title in titles:
        assert title in folded, title
        assert title not in opened, title
    assert reader.tags.count("details") == len(titles)


@pytest.mark.long
def test_the_figure_is_inside_on_a_ground_of_its_own():
    """The picture is in the fragment, and stays legible on a dark page; text has the colours of the page."""
    result = made.robust()
    attributes = Reader(result._repr_html_()).attributes
    (source,) = [value for name, value in attributes if name == "src"]
    assert base64.b64decode(source.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG\r\n\x1a\n")
    styles = [value for name, value in attributes if name == "style"]
    coloured = [style for style in styles if re.search(r"(^|[; ])color:", style)]
    assert len(coloured) == 1
    assert "background: #00694f" in coloured[0]
    assert any("background: #ffffff" in style for style in styles)


def test_a_fragment_leaves_the_notebook_alone(pictureless):
    """One element with inline styles, without scripts, classes or addresses."""
    fragment = made.without_numbers()._repr_html_()
    reader = Reader(fragment)
    assert reader.tags[0] == "div"
    assert not {"style", "script", "link", "a", "iframe"} & set(reader.tags)
    assert not re.search(r"https?://|url\(", fragment)
    assert "nan" not in said(reader.texts + reader.folded)
