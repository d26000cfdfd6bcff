"""What a report on a card says: in one sentence, in a table, in notes, and in a figure."""

import itertools
import json

import pytest
from sigstats_card_samples import prediction, sweep, verdict

from sigstats import Card, Idea, Signature
from sigstats.cards.lock.result import Standing
from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.outcomes import Outcome, judged
from sigstats.cards.verdict.words import sentence
from sigstats.verdict.rules import Status

IDEA = Idea(name="More helps", fails_when=["there is enough"])


def said(*predictions, idea=IDEA, **options):
    return sentence(conclude(idea, predictions, **options))


@pytest.fixture(scope="module")
def found():
    """Verdicts of every status, by their status."""
    cases = {
        "present": verdict({"t": 5.0, "c": 0.0}, control="c", min_effect=1.0, n_seeds=6),
        "absent": verdict({"t": 0.0}, min_effect=4.0),
        "partial": verdict({"t": 8.0, "c": 5.0}, control="c", min_effect=1.0, n_seeds=10),
        "inconclusive": verdict({"t": 0.6}, n_seeds=3),
    }
    assert {name: each.status for name, each in cases.items()} == {name: name for name in cases}
    return cases


def asked(found, name, status, **fields):
    """Return a prediction with a real verdict."""
    from dataclasses import replace

    answer = found[status]
    return judged(replace(answer.signature, name=name, **fields), answer, number=1)


def test_a_supported_idea_names_the_weakest_of_its_core(found):
    one = asked(found, "rises", "present")
    assert (
        said(one)
        == "The data support \"More helps\": its one core prediction, 'rises', is as expected (p = 0.016)."
    )
    two = prediction("sharp", p=1e-5)
    assert said(one, two) == (
        'The data support "More helps": both core predictions are as expected (the weaker has p = 0.016, and both are '
        "needed)."
    )


def test_a_contradicted_idea_names_what_is_otherwise_and_the_correction(found):
    wrong, right = asked(found, "matters", "absent"), prediction("rises")
    p = 2 * wrong.pvalue_otherwise
    assert said(wrong, right) == (
        "The data contradict \"More helps\" as declared: 'matters' (any effect is smaller than the margin; "
        f"p = {p:.2g}) is otherwise than predicted, after correction over 2 core predictions; 1 of 2 is as expected."
    )


def test_a_bounded_idea_names_what_holds_in_part(found):
    assert said(asked(found, "specific", "partial"), prediction("rises")) == (
        "The data support \"More helps\" only in part: 'specific' (the control responds as well) holds in part; 1 of 2 "
        "is as expected."
    )


def test_an_open_idea_names_what_is_open(found):
    left = asked(found, "rises", "inconclusive")
    assert said(left, prediction("other")).startswith(
        "The data leave \"More helps\" open: 'rises' (the data cannot tell"
    )
    faint = prediction("faint", Status.ABSENT, otherwise=0.03)
    assert said(faint, prediction("other")) == (
        "The data leave \"More helps\" open: 'faint' (otherwise than predicted on its own (p = 0.03), but not after "
        "correction over 2 core predictions at 0.05 (p = 0.06)) is not settled; 1 of 2 is as expected."
    )
    pair = prediction("a", p=0.03, exclusive_with=["b"]), prediction("b", Status.ABSENT)
    assert "'a' or 'b' (shown, but not after correction for 2 that exclude each other (p = 0.06))" in said(
        *pair
    )
    both = prediction("a", exclusive_with=["b"]), prediction("b")
    assert said(*both) == (
        "The data leave \"More helps\" open: 'a' and 'b' are both shown, although they exclude each other."
    )


def test_what_does_not_decide_is_told_beside(found):
    limit = asked(found, "limit", "present", role="boundary", expect="absent")
    check = asked(found, "check", "absent", role="auxiliary")
    told = said(prediction("rises"), limit, check)
    assert "; but the boundary 'limit' (present, where absent was expected: shown, and less than half" in told
    assert (
        "the auxiliary signature 'check' (any effect is smaller than the margin) is not as expected." in told
    )
    assert said(prediction("x", role="auxiliary")) == (
        'The data cannot decide about "More helps": none of its signatures is declared as core.'
    )


def test_several_that_do_not_decide_are_told_together():
    """Beside an idea that is contradicted they say more of the same; beside another one, something against it."""
    wrong = [prediction(name, Status.ABSENT, role="auxiliary", outcome=Outcome.OTHERWISE) for name in "ab"]
    part = prediction("c", role="auxiliary", outcome=Outcome.IN_PART)
    limits = [prediction(name, role="boundary", outcome=Outcome.OTHERWISE) for name in "de"]
    told = said(prediction("rises"), *wrong, part, *limits)
    assert told.endswith(
        "; but the boundaries 'd' (otherwise) and 'e' (otherwise) are not where they were declared, the auxiliary "
        "signatures 'a' (otherwise) and 'b' (otherwise) are not as expected and the auxiliary signature 'c' (in part) "
        "is as expected only in part."
    )
    denied = said(prediction("rises", Status.ABSENT), *wrong)
    assert denied.endswith(
        "; and the auxiliary signatures 'a' (otherwise) and 'b' (otherwise) are not as expected."
    )


@pytest.mark.long
def test_every_combination_has_one_sentence_and_a_report():
    """Two signatures of every role, expectation and status: one line, one full stop at its end, no gap."""
    statuses = (*Status, Outcome.MISSING, Outcome.NOT_ASKED)
    kinds = list(itertools.product(("core", "auxiliary", "boundary"), ("present", "absent"), statuses))
    for kinds_of_two in itertools.product(kinds, repeat=2):
        made = [
            prediction(
                f"s{at}",
                status,
                role=role,
                expect=expect,
                outcome=status if isinstance(status, Outcome) else None,
            )
            for at, (role, expect, status) in enumerate(kinds_of_two)
        ]
        told = said(*made)
        assert told.startswith("The data ")
        assert told.endswith(".")
        assert "  " not in told
        assert "()" not in told
        assert "None" not in told


@pytest.mark.long
def test_a_summary_ends_with_the_sentence(found):
    made = [asked(found, name, name) for name in found]
    card = conclude(IDEA, made)
    lines = card.summary(full=True).splitlines()
    assert max(map(len, lines)) <= 100
    assert " ".join(card.summary(full=True).split()).endswith(sentence(card))
    assert all(each.verdict.summary(full=True) in card.summary(full=True) for each in made)
    assert str(card) in " ".join(card.summary(full=True).split())


def test_open_ideas_say_what_would_settle_them_and_decided_ones_do_not(found):
    left = asked(found, "rises", "inconclusive")
    assert "to resolve 'rises': About " in conclude(IDEA, [left]).summary(full=True).split("-" * 100)[-1]
    decided = conclude(IDEA, [left, asked(found, "matters", "absent")])
    assert decided.status == "contradicted"
    assert "to resolve" not in decided.summary(full=True).split("-" * 100)[-1]


def test_pvalues_are_those_of_the_outcome_with_its_correction():
    """As expected: Holm over the card; otherwise: Holm over the core; neither: none."""
    card = conclude(None, [prediction("a", p=0.01), prediction("b", Status.ABSENT, otherwise=0.002)])
    rows = card._document().tables[0].rows
    assert [row[-2:] for row in rows] == [("0.01", "0.02"), ("0.002", "0.004")]
    open_ = conclude(None, [prediction("a", Status.INCONCLUSIVE), prediction("b", outcome=Outcome.MISSING)])
    assert [row[-2:] for row in open_._document().tables[0].rows] == [("-", "-"), ("-", "-")]


def test_notes_say_how_many_hold_at_least():
    card = conclude(
        None, [prediction("a", p=0.001), prediction("b", p=0.04), prediction("c", Status.INCONCLUSIVE)]
    )
    assert (card.at_least(), card.at_least("a"), card.at_least(["b", "c"])) == (1, 1, 0)
    assert card._document().notes[0] == (
        "With confidence 95%, at least 1 of 3 signatures is as expected, whichever of them one counts (Holm): 'a'."
    )


def test_one_exponent_names_the_range_that_it_lies_nearer_to():
    """Ranges of -1.25 to -0.75 and -0.75 to -0.25; the true exponent is -1, a quarter from the other range."""
    law = {"name": "power_law"}
    signatures = [
        Signature(name=name, shape={**law, "exponent": ends})
        for name, ends in (("half", (-0.75, -0.25)), ("one", (-1.25, -0.75)))
    ]
    levels = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    frame = sweep(
        {"t": 1.0}, form=lambda x: -x, exponential=True, noise_sd=0.02, n_seeds=6, levels=levels
    ).to_frame()
    frame["metric"] = frame["knob"] ** -1.0 * frame["metric"] ** 0.01
    card = Card(idea=IDEA, signatures=signatures).check(frame)
    rival = card.rivals[0]
    assert (rival.better, rival.worse, rival.decided, rival.conflict) == ("one", "half", True, False)
    assert rival.nearer.low < 0.25 + 0.02
    assert rival.nearer.value == pytest.approx(0.25, abs=0.02)
    assert card.status == "supported"
    assert (
        "the data support 'one' better: the exponent lies nearer to its range, by 0.2" in card.to_markdown()
    )


def test_rivals_without_a_common_number_stand_side_by_side():
    card = Card(
        idea=IDEA,
        signatures=[
            Signature(name="up", shape="increasing"),
            Signature(name="down", shape="decreasing", exclusive_with=["up"]),
        ],
    ).check(sweep({"t": 5.0}))
    rival = card.rivals[0]
    assert (rival.better, rival.decided, rival.nearer) == ("up", True, None)
    assert rival.pvalues[0] < 0.05 < rival.pvalues[1]
    assert card.status == "supported"


def test_the_same_data_are_named(found):
    from dataclasses import replace

    answer = found["present"]
    copies = [
        judged(replace(answer.signature, name=name, data=f"{name}.csv"), answer, number=1)
        for name in ("a", "b")
    ]
    assert (
        "'a' and 'b' name different data, but these hold the same values"
        in conclude(IDEA, copies).to_markdown()
    )
    same = [replace(each, signature=replace(each.signature, data="a.csv")) for each in copies]
    assert "'a' and 'b' were judged on the same values" in conclude(IDEA, same).to_markdown()


@pytest.mark.long
def test_a_standing_is_told_where_there_is_one(found):
    from dataclasses import replace

    standing = Standing(
        kind="deviates", signatures=(), sentence="The card was locked.", details=("One thing differs.",)
    )
    card = replace(conclude(IDEA, [asked(found, "a", "present"), prediction("b")]), standing=standing)
    for report in (card.summary(full=True), card.to_markdown(), card.to_html()):
        assert "The card was locked." in report
        assert "One thing differs." in report
    assert card.summary(full=True).endswith("both are needed).")
    assert card.to_dict()["standing"]["sentence"] == "The card was locked."


def test_json_has_everything(found):
    card = conclude(IDEA, [asked(found, name, name) for name in found])
    plain = json.loads(card.to_json())
    assert plain["idea"]["sentence"] == sentence(card)
    assert [each["outcome"] for each in plain["idea"]["predictions"]] == [
        "as expected",
        "otherwise",
        "in part",
        "open",
    ]
    assert [each["status"] for each in plain["results"]] == list(found)


COUNTS: dict[str, int] = {}


@pytest.mark.long
def test_names_act_in_no_format(found, payload, pictureless):
    """Pages and tables have the parts of a card with plain names, which are counted once."""
    boundary = asked(found, "b", "absent", role="boundary")
    if not COUNTS:
        plain = conclude(IDEA, [asked(found, "a", "present"), boundary])
        COUNTS["articles"] = plain.to_html().count("<article")
        COUNTS["tables"] = plain.to_latex().count(r"\begin{table}")
    idea = Idea(name=payload.replace("\x00", ""), claim="x " + payload.replace("\x00", ""))
    name = payload.replace("\x00", "")
    card = conclude(idea, [asked(found, name, "present"), boundary])
    page = card.to_html()
    assert "<script" not in page
    assert "<script" not in card.to_markdown()
    assert "\x1b" not in card.summary(full=True)
    assert page.count("<article") == COUNTS["articles"] > 0
    assert card.to_latex().count(r"\begin{table}") == COUNTS["tables"] > 0
    assert card._repr_html_()


def texts(figure):
    return [each.get_text() for axes in figure.axes for each in axes.texts]


@pytest.mark.long
def test_the_figure_has_a_row_for_each_signature(found):
    """Effect, control, expectation, badge; one that was not asked has a row as well."""
    made = [asked(found, name, name) for name in found] + [prediction("later", outcome=Outcome.MISSING)]
    figure = conclude(IDEA, made).plot()
    told = texts(figure)
    for status in found:
        assert f" {status.upper()} " in told
    assert told.count("expected: present") == 5
    assert " NO VERDICT " in told
    assert "nothing to draw" in told
    drawn = [axes for axes in figure.axes if axes.lines]
    assert len(drawn) == 4


@pytest.mark.long
def test_effects_stand_where_they_are(found):
    answer = found["present"]
    axes = next(axes for axes in conclude(IDEA, [asked(found, "a", "present")]).plot().axes if axes.lines)
    dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert sorted(dots) == pytest.approx(sorted([answer.effect.value, answer.evidence.control.effect.value]))
    upright = {line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]}
    assert upright == {0.0, answer.signature.min_effect}
