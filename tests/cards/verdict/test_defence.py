"""Every number of a card's defence against the card: by its source, and again by all numbers that JSON holds."""

import collections
import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest
from sigstats_card_samples import prediction, verdict
from sigstats_numbers_in_text import body, unsupported

from sigstats import Idea, Signature, compare
from sigstats.cards.lock.result import Deviation, Kind, SignatureStanding, Standing
from sigstats.cards.lock.standing import worded
from sigstats.cards.verdict import defence
from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.defence.teller import STYLES, CardTeller
from sigstats.cards.verdict.outcomes import Outcome, judged
from sigstats.report.numbers import pvalue
from sigstats.studies.baseline import defence as defence_of_comparison
from sigstats.studies.baseline.defence import STYLES as COMPARISON_STYLES

IDEA = Idea(name="More helps", fails_when=["there is enough"])
TRIED = "Which analyses were tried?"
TOLD = "How many predictions were made, and how many came true?"


def comparison():
    """Return the answer to a claim on a baseline."""
    frame = pd.DataFrame(
        [
            (name, seed, level * (1.0 + 0.02 * seed))
            for name, level in (("new", 3.0), ("old", 1.0))
            for seed in range(5)
        ],
        columns=["condition", "seed", "metric"],
    )
    return compare(frame, Signature(shape="higher", baseline="old", metric="metric", min_effect=0.5))


@pytest.fixture(scope="module")
def answers():
    """Verdicts of every status, and a comparison."""
    return {
        "present": verdict({"t": 5.0, "c": 0.0}, control="c", min_effect=1.0, n_seeds=6),
        "absent": verdict({"t": 0.0}, min_effect=4.0),
        "partial": verdict({"t": 8.0, "c": 5.0}, control="c", min_effect=1.0, n_seeds=10),
        "inconclusive": verdict({"t": 0.6}, n_seeds=3),
        "compared": comparison(),
    }


def card(answers, *kinds, idea=IDEA, dependence="any", **of_first):
    """Return the verdict on a card of these answers, all core; fields are those of the first signature."""
    made = []
    for number, kind in enumerate(kinds, start=1):
        fields = {"name": kind} | (of_first if number == 1 else {})
        answer = answers[kind]
        made.append(judged(dataclasses.replace(answer.signature, **fields), answer, number=number))
    return conclude(idea, made, dependence=dependence)


def standing(kind=Kind.CONFIRMATORY, *, look=2, deviations=()):
    """Return a standing to a lock with looks."""
    each = tuple(
        SignatureStanding(signature=name, kind=kind, look=at, planned=3)
        for name, at in (("a", look), ("b", 1))
    )
    return worded(Standing(kind=kind, signatures=each, deviations=deviations, locked="2031-05-17T11:12:13Z"))


def cases(answers):
    every = card(answers, *answers)
    return {
        "every": every,
        "supported": card(answers, "present"),
        "contradicted": card(answers, "absent", "present", "compared"),
        "no idea": card(answers, "present", "partial", idea=None, dependence="positive"),
        "boundary": card(answers, "present", "absent", role="boundary", expect="absent"),
        "exclusive": card(answers, "present", "absent", exclusive_with=["absent"]),
        "locked": dataclasses.replace(every, standing=standing()),
        "missing": conclude(IDEA, [prediction("left", outcome=Outcome.MISSING), prediction("b")]),
    }


NAMES = ("every", "supported", "contradicted", "no idea", "boundary", "exclusive", "locked", "missing")


@pytest.fixture(scope="module")
def defended(answers):
    return cases(answers)


def texts(found):
    return found.methods(), found.methods(full=True), found.answers()


def record(found):
    """Return the JSON, with what only counts what it holds."""
    written = found.to_dict()
    outcomes = collections.Counter(each["outcome"] for each in written["idea"]["predictions"])
    details = [] if found.standing is None else list(found.standing.details)
    return {**written, "outcomes": dict(outcomes), "details": details}


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_words_hold_no_digit_of_their_own(defended, name):
    """So that a number can come from a fact only; a title may hold the name of a signature."""
    found = defended[name]
    for text in texts(found):
        for passage in text.passages:
            assert [each.template for each in passage.sentences if re.search(r"\d", each.template)] == []
            assert not re.search(r"\d", passage.title)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_sources_tell_every_fact_again(defended, name):
    found = defended[name]
    for text in texts(found):
        assert text.facts
        assert CardTeller(found).differing(text) == []


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in NAMES if name != "missing"])
def test_json_holds_every_number_of_the_text(defended, name):
    found = defended[name]
    for text in texts(found):
        assert unsupported(body(text), record(found)) == []


@pytest.mark.long
def test_a_number_that_no_field_holds_is_found(defended):
    found = defended["every"]
    said = body(found.methods(full=True)) + " The effect is 17.31."
    assert unsupported(said, record(found)) == ["17.31"]


def test_the_text_of_another_card_is_found(answers, defended):
    """The same signatures with other answers: what differs is found within the verdicts, too."""
    text = card(answers, "present", "absent").methods(full=True)
    other = card(
        {**answers, "present": verdict({"t": 7.0, "c": 0.0}, control="c", min_effect=1.0)},
        "present",
        "absent",
    )
    differing = {fact.source for fact in CardTeller(other).differing(text)}
    assert "predictions[0].verdict.effect" in differing
    assert "predictions[1].verdict.effect" not in differing


def test_every_style_is_used():
    """A style that no sentence needs would be dead."""
    for folder, styles in (
        (Path(defence.__file__).parent, STYLES),
        (Path(defence_of_comparison.__file__), COMPARISON_STYLES),
    ):
        paths = folder.glob("*.py") if folder.is_dir() else [folder]
        written = "".join(path.read_text(encoding="utf-8") for path in paths)
        assert [name for name in styles if not re.search(rf'"{name}"(?!:)', written)] == []


def test_methods_of_verdicts_are_taken_over_whole(answers, defended):
    """What a verdict says of itself stands on the card, except that nobody knows when it was predicted."""
    said = body(defended["every"].methods(full=True))
    for kind in ("present", "absent", "partial", "inconclusive"):
        methods, result, limits = answers[kind].methods(full=True).passages
        for sentence in (*methods.sentences, *result.sentences, *limits.sentences[:-1]):
            assert str(sentence) in said
    assert said.count("does not know when") == 1


def test_what_holds_for_all_is_said_once_and_the_rest_with_names(answers):
    limits = [
        str(each)
        for each in card(answers, "absent", "inconclusive").methods(full=True).passages[-1].sentences
    ]
    shared = "It is about the mean over seeds, not about every seed."
    assert limits.count(shared) == 1
    assert "'inconclusive': It shows neither the signature nor its absence." in limits


def test_corrections_are_named(answers):
    holm, hommel = (
        str(card(answers, "present", "absent", dependence=kind).methods(full=True))
        for kind in ("any", "positive")
    )
    assert "correction by Holm's procedure over all 2 core predictions, at an error rate of 0.05" in holm
    assert "correction by Hommel's procedure over all 2 core predictions" in hommel
    alone = str(card(answers, "present").methods(full=True))
    assert "correction by" not in alone
    assert "closed testing" not in alone


def test_corrected_p_values_are_told(answers):
    """Of two signatures that are as expected, Holm multiplies the smaller p-value by two."""
    made = [
        judged(dataclasses.replace(answers[kind].signature, name=kind), answers[kind], number=1)
        for kind in ("present", "compared")
    ]
    found = conclude(IDEA, made)
    least = min(each.pvalue for each in made)
    assert f"corrected over all signatures {pvalue(2 * least)}" in body(found.methods(full=True))


def test_a_lock_is_told_with_its_looks_and_deviations(answers):
    change = Deviation(signature="a", field="min_effect", locked=0.5, now=0.25)
    every = card(answers, "present", "absent")
    found = dataclasses.replace(every, standing=standing(Kind.DEVIATES, deviations=(change,)))
    for text in texts(found):
        said = body(text)
        assert found.standing.sentence in said
        assert "'a': deviates; look 2 of 3." in said
        assert "`min_effect` of 'a' was 0.5 and is 0.25; not declared." in said
        assert "Nothing says whether" not in said
    assert "does not know when the predictions were made" not in body(found.methods(full=True))
    assert "Nothing says whether the card was written before the data." in titles(every)[TRIED]


def titles(found):
    return {each.title: " ".join(map(str, each.sentences)) for each in found.answers().passages}


def test_answers_count_what_became_of_the_predictions(defended):
    found = defended["every"]
    assert titles(found)[TOLD] == (
        "Signatures on the card: 5. Of these: 2 as expected, 1 in part, 1 otherwise and 1 open. Verdicts can be wrong "
        f"by chance. With confidence 95%, the number of those that are as expected is at least {found.at_least()}."
    )


def test_each_analysis_is_named_with_its_data(answers):
    """One for each signature that has an answer."""
    found = card(answers, "present", "compared")
    said = titles(found)[TRIED]
    for each in found.verdicts:
        assert f"on {each.provenance.n_rows} rows (SHA-256 {each.provenance.data_hash[:16]})" in said


def test_a_question_that_no_verdict_answers_is_not_asked(answers):
    assert "Does the curve turn back?" not in titles(card(answers, "compared"))
    assert "Is a test that finds nothing taken for absence?" not in titles(card(answers, "present"))


def test_names_stay_literal(answers):
    """What a user wrote can start nothing, in titles either."""
    hostile = Idea(name=r"<script>\input{x}")
    one = answers["present"]
    found = conclude(
        hostile,
        [judged(dataclasses.replace(one.signature, name=r"[a](b)<script>\input{x}%"), one, number=1)],
    )
    for text in texts(found):
        assert "<script" not in text.to_markdown()
        assert not re.search(r"(?<!\\)\]\(", text.to_markdown())
        assert not re.search(r"\\input\b", text.to_latex())


def test_latex_has_a_paragraph_for_each_title(defended):
    text = defended["every"].methods(full=True)
    assert text.to_latex().count(r"\paragraph") == len(text.passages) + 1
    assert "10.1214/11-STS356" in text.to_latex()
