"""Every number of a defence against the verdict: by its source, and again by all numbers that JSON holds."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from sigstats_numbers_in_text import body, unsupported

from sigstats import SweepTable, detect
from sigstats.evidence.control import ARTIFACT_FRACTION
from sigstats.verdict import defence
from sigstats.verdict.defence.facts import Teller
from sigstats.verdict.defence.styles import STYLES
from sigstats.verdict.words import laws, phrases


def texts(verdict):
    return verdict.methods(), verdict.methods(full=True), verdict.answers()


def test_words_hold_no_digit_of_their_own(sample):
    """So that a number can come from a fact only."""
    for text in texts(sample()):
        for passage in text.passages:
            assert not re.search(r"\d", passage.title)
            assert [each.template for each in passage.sentences if re.search(r"\d", each.template)] == []


@pytest.mark.long
def test_words_on_every_shape_hold_no_digit_of_their_own(shown):
    for text in texts(shown()):
        templates = [each.template for passage in text.passages for each in passage.sentences]
        assert [each for each in templates if re.search(r"\d", each)] == []


@pytest.mark.long
def test_sources_tell_every_fact_again(sample):
    verdict = sample()
    for text in texts(verdict):
        assert text.facts
        assert Teller(verdict).differing(text) == []


@pytest.mark.long
def test_sources_tell_every_fact_of_every_shape_again(shown):
    verdict = shown()
    for text in texts(verdict):
        assert Teller(verdict).differing(text) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "style", sorted({"effect", "pvalue", "count", "percent", "level", "versions", "digest", "chance"})
)
def test_a_number_that_was_changed_is_found(samples, style):
    """One digit, in the first fact of each style."""
    verdict = samples.present()
    text = verdict.methods(full=True)
    fact = next(each for each in text.facts if each.style == style and re.search(r"\d", each.said))
    wrong = dataclasses.replace(
        fact, said=re.sub(r"\d", lambda at: str((int(at[0]) + 1) % 10), fact.said, count=1)
    )
    sentences = [
        dataclasses.replace(
            each, facts=tuple((name, wrong if found is fact else found) for name, found in each.facts)
        )
        for passage in text.passages
        for each in passage.sentences
    ]
    passage = dataclasses.replace(text.passages[0], sentences=tuple(sentences))
    assert Teller(verdict).differing(dataclasses.replace(text, passages=(passage,))) == [wrong]


def test_the_text_of_another_verdict_is_found(samples):
    """A methods section belongs to one verdict."""
    text, other = samples.present().methods(full=True), samples.absent()
    assert "effect" in {fact.style for fact in Teller(other).differing(text)}


@pytest.mark.long
def test_json_holds_every_number_of_the_text(sample):
    """Found without the sources: rounded, each numeral is a number, a length or part of a name in the JSON."""
    verdict = sample()
    for text in texts(verdict):
        assert unsupported(body(text), verdict.to_dict()) == []


def test_a_number_that_no_field_holds_is_found(samples):
    """The search that finds nothing above finds what it looks for."""
    verdict = samples.present()
    said = body(verdict.methods(full=True)) + " The effect is 17.31."
    assert unsupported(said, verdict.to_dict()) == ["17.31"]


def test_every_style_is_used():
    """A style that no sentence needs would be dead."""
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(defence.__file__).parent.glob("*.py")
        if path.stem != "styles"
    )
    assert [name for name in STYLES if f'"{name}"' not in written and f'"{name}s"' not in written] == []


def test_works_that_are_cited_are_listed_once(samples):
    text = samples.present().methods(full=True)
    assert text.references
    for each in text.references:
        assert str(text).count(each.doi) == 1
        assert each.cited.split(",")[0] in str(text)


@pytest.mark.long
def test_names_stay_literal(payload, samples):
    """In both formats, what a user wrote can start nothing."""
    for text in texts(samples.hostile(payload)):
        written = text.to_markdown()
        assert "<script" not in written.replace("<https://doi.org", "")
        assert "\x1b" not in written
        assert not re.search(r"(?<!\\)\]\(", written)
        latex = text.to_latex()
        assert not re.search(r"\\(input|write18|frac)\b", latex)


def test_latex_has_a_paragraph_for_each_title(samples):
    text = samples.present().methods(full=True)
    latex = text.to_latex()
    assert latex.count(r"\paragraph") == len(text.passages) + 1
    assert latex.count(r"\begin{itemize}") == latex.count(r"\end{itemize}") == 2
    assert "%" not in latex.replace(r"\%", "")
    assert r"\url{https://doi.org/10.1093/biomet/34.1-2.28}" in latex


def titles(verdict):
    return {passage.title: " ".join(map(str, passage.sentences)) for passage in verdict.answers().passages}


def test_a_question_without_an_answer_is_not_asked(samples, shapes):
    """Curves of which nothing else than the level is claimed neither dip nor have a margin."""
    assert "is shown to turn" in titles(samples.reverses())["Does the curve turn back?"]
    flat = titles(shapes.sample("flat"))
    assert "Does the curve turn back?" not in flat
    assert "Is a test that finds nothing taken for absence?" not in titles(samples.present())


def test_what_the_author_says_of_the_metric_and_the_margin_is_told(samples):
    """The reason stands where it is asked for; without one, none is made up."""
    bare = samples.present()
    said = dataclasses.replace(
        bare,
        signature=dataclasses.replace(
            bare.signature,
            quantity="share of 3 held-out tasks",
            computed="mean of 5 trials",
            why="a retry gains 2",
        ),
    )
    methods = str(said.methods(full=True))
    assert (
        "By its author, the metric is share of 3 held-out tasks. How it was computed: mean of 5 trials."
        in methods
    )
    assert "The metric is" not in str(bare.methods(full=True))
    assert 'The reason that its author gives: "a retry gains 2".' in titles(said)["Why this margin?"]
    assert "declares it without a reason" in titles(bare)["Why this margin?"]
    for text in texts(said):
        assert Teller(said).differing(text) == []


def test_what_was_not_shown_is_not_spoken_of_as_shown(samples):
    absent = str(samples.absent().methods(full=True))
    assert "That one shape is shown" not in absent
    assert "what causes the effect" not in absent
    assert "That one shape is shown" in str(samples.present().methods(full=True))


def test_absence_is_told_from_ignorance(samples):
    question = "Is a test that finds nothing taken for absence?"
    assert titles(samples.absent())[question].startswith("That the signature is absent was shown")
    assert titles(samples.inconclusive())[question].startswith("The verdict is not that it is absent")


def test_a_control_that_was_not_declared_is_missed(samples):
    verdict = samples.absent()
    control = titles(verdict)["What about the control?"]
    assert ("No control was declared" in control) == (not verdict.signature.control)


@pytest.mark.long
def test_what_is_not_shown_is_part_of_the_methods(sample):
    assert sample().methods(full=True).passages[-1].title == "What this does not show"


@pytest.mark.long
def test_json_holds_every_number_of_the_text_on_every_shape(shown):
    verdict = shown()
    for text in texts(verdict):
        assert unsupported(body(text), verdict.to_dict()) == []


@pytest.mark.long
def test_only_an_exact_test_is_said_to_flip_signs(samples):
    """Where all taus agree, or with few seeds, a test that rests on normality takes its place."""
    trend = samples.present().evidence.trend
    few = samples.with_evidence(samples.present(), trend=dataclasses.replace(trend, df=None, n_seeds=5))
    many = dataclasses.replace(trend, df=None, n_seeds=10, smallest_pvalue=0.001, pvalue=0.001)
    exact = samples.with_evidence(samples.present(), trend=many)
    below = samples.with_evidence(samples.present(), trend=dataclasses.replace(many, pvalue=1e-9))
    assert ["Pitman" in str(verdict.methods(full=True)) for verdict in (few, exact, below)] == [
        False,
        True,
        False,
    ]


def test_a_margin_that_is_missing_is_said_to_be(samples):
    verdict = samples.present()
    signature = dataclasses.replace(verdict.signature, min_effect=None)
    line = dataclasses.replace(verdict.evidence.interval, margin=None, margin_source=None)
    bare = dataclasses.replace(samples.with_evidence(verdict, interval=line), signature=signature)
    assert "There is no margin" in titles(bare)["Why this margin?"]


@pytest.mark.long
def test_the_place_and_the_law_are_in_the_methods_as_in_the_report(shown):
    """Midpoints, floors and exponents stand there with their intervals, as the summary has them."""
    verdict = shown()
    law = verdict.evidence.law
    said = " ".join(str(each) for each in verdict.methods(full=True).passages[1].sentences)
    assert phrases.located(verdict) in said
    assert ("The fitted law" in said) == (law is not None)
    for _, words in laws.told(verdict):
        assert words in said


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"step": {"min": 10}}, "step is at least 10"),
        ({"step": {"max": 2.5}}, "step is at most 2.5"),
        ({"step": {"min": 10, "max": 20}}, "step is at least 10 and at most 20"),
        ({"layer": ["last", 3], "step": 1}, "layer is one of 'last', 3, step is 1"),
    ],
)
def test_rows_are_told_by_whichever_bounds_they_have(where, said):
    assert STYLES["where"](None, where) == said


def test_the_part_at_which_a_control_does_the_same_is_that_of_the_test(samples):
    said = [
        each.template
        for passage in samples.present().methods(full=True).passages
        for each in passage.sentences
    ]
    assert any("more than four fifths of the effect" in each for each in said)
    assert ARTIFACT_FRACTION == 4 / 5


def test_a_paragraph_for_a_paper_is_short_and_in_natural_order(samples):
    """What was claimed, data, test, bounds, the size, and only then p; the rest is in the full text."""
    text = samples.present().methods()
    (passage,) = text.passages
    said = " ".join(map(str, passage.sentences))
    assert 100 <= len(said.split()) <= 180
    parts = (
        "We predicted",
        "Each condition",
        "counts as shown",
        "The effect",
        "p = ",
        "In the control",
        "is present",
        "with sigstats",
    )
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


@pytest.fixture(scope="module")
def with_gaps():
    """A run that stops after two levels, and two empty cells, on a log scale."""
    rng, x = np.random.default_rng(1), 2.0 ** np.arange(6)
    curves = {name: slope * np.log2(x) + rng.normal(0, 0.3, (4, 6)) for name, slope in (("a", 1), ("b", 0))}
    curves["a"][0, 2:] = np.nan
    curves["b"][1, 2] = curves["b"][2, 3] = np.nan
    table = SweepTable.from_matrices(x, curves)
    return detect(table, shape="increasing", control="b", knob_scale="log")


@pytest.mark.parametrize("full", [False, True])
def test_what_was_run_and_is_not_used_is_told(with_gaps, full):
    """Runs with the reason, missing cells with their number, and the scale of the knob."""
    said = str(with_gaps.methods(full=full))
    assert "Left out, as they have fewer than 3 levels or less than 80% of their condition's range" in said
    assert "seed '0' of 'a' (1 to 2, of 1 to 32)" in said
    assert "Missing in the runs that are used: 2 of 42 cells" in said
    assert "The knob is taken on a log scale" in said
    assert "Each condition was run with" not in said


def test_nothing_is_said_to_be_left_out_of_a_whole_table(samples):
    said = str(samples.present().methods())
    assert "Each condition was run with" in said
    assert "Missing" not in said
    assert "Left out" not in said
    assert "scale" not in said


def test_printed_it_is_plain_text(with_gaps):
    """Markup is for notebooks and files: a terminal shows names and brackets as they are."""
    text = with_gaps.methods()
    assert text._repr_markdown_() == text.to_markdown()
    assert "\\" in text.to_markdown()
    assert not set("\\#<") & set(str(text))
    assert "min_effect" in str(text)
    assert all(str(each) in str(text) for each in text.passages[0].sentences)
