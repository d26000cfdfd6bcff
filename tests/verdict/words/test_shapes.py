"""Every shape is told in its own words, in every format."""

import dataclasses
import functools
import html
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import ClassVar

import matplotlib as mpl
import numpy as np
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import LocationEvidence
from sigstats.report.numbers import interval, mirrored
from sigstats.report.style import STATUS_COLOURS
from sigstats.shapes import SHAPES, Clause, Custom, Saturating, Scores, Shape, Sigmoid, Threshold
from sigstats.studies.simulation.plan import simulate_sweep
from sigstats.verdict.rules import Status
from sigstats.verdict.words import clauses, controls, names, phrases, sentences
from sigstats.verdict.words.document import brief, numbers, tell
from sigstats.verdict.words.lines import told


def numbers_of(verdict):
    return {fact.label: fact.said for fact in numbers(verdict)}


def flat_text(said):
    return " ".join(said.split())


DRAWN = {}


def panels(verdict):
    """Return the panels of a figure; that of a sample is drawn once for all tests, which only look at it."""
    if id(verdict) not in DRAWN:
        DRAWN[id(verdict)] = verdict, {axes.get_label(): axes for axes in verdict.plot().axes}
    return DRAWN[id(verdict)][1]


def gids(axes):
    return {part.get_gid() for part in (*axes.get_lines(), *axes.patches, *axes.collections)}


def texts(axes):
    return " ".join(text.get_text() for text in axes.texts)


def with_clause(samples, verdict, clause, reason, *, refuted):
    """Return the verdict with one reason, and with a clause that is not shown, or even refuted."""
    changed = dataclasses.replace(
        clause, pvalue=0.9, prob_positive=0.1, pvalue_refuted=0.01 if refuted else 0.9
    )
    found = tuple(changed if each is clause else each for each in verdict.evidence.clauses)
    return dataclasses.replace(samples.with_evidence(verdict, clauses=found), reasons=(reason,))


def location(**changes):
    fields = {
        "name": "onset",
        "value": 12.0,
        "low": 8.0,
        "high": 16.0,
        "confidence": 0.9,
        "resolution": 4.0,
        "spread": 1.3,
        "status": "inside",
        "method": "bootstrap over seeds",
        "replicate": "seed",
        "n_seeds": 8,
    }
    return LocationEvidence(**{**fields, **changes})


def test_every_shape_has_a_sample(shapes):
    """A new shape must show here what its reports look like."""
    assert {verdict().signature.shape.name for verdict in shapes.ALL.values()} == set(SHAPES)


def test_every_format_can_be_written(shown):
    """No format fails, prints a number that is missing as one, or leaves a placeholder."""
    verdict = shown()
    for report in (verdict.summary(full=True), verdict.to_markdown(), verdict.to_latex()):
        assert not re.search(r"\bnan\b|\{(rise|fall|slope|jump)s?\}", report)
    assert max(map(len, verdict.summary(full=True).splitlines())) <= 100
    assert json.loads(verdict.to_json()) == verdict.to_dict()
    assert names.claim(verdict.signature) in verdict.summary(full=True).replace("\n  ", " ")


def test_every_page_can_be_written(shown, pictureless):
    """The page tells the claim and the state of each line of evidence."""
    verdict = shown()
    page = verdict.to_html()
    assert names.claim(verdict.signature) in html.unescape(page)
    for line in told(verdict):
        assert f">{line.state}</span>" in page


def test_every_figure_gives_the_answer(shown):
    """The title is there, and references and estimates are inside the right panel."""
    verdict = shown()
    found = panels(verdict)
    badge = found["title"].texts[0]
    assert mpl.colors.to_hex(badge.get_bbox_patch().get_facecolor()) == STATUS_COLOURS[verdict.status]
    low, high = found["scores"].get_ylim()
    drawn = [line for line in found["scores"].get_lines() if line.get_gid() in {"reference", "estimate"}]
    assert len(drawn) >= 2
    assert all(low <= each <= high for line in drawn for each in line.get_ydata())


def test_only_trends_speak_of_a_trend(shown):
    """What is no trend is not called one, and its effect is not the change of a line."""
    verdict = shown()
    if verdict.signature.shape.is_trend:
        return
    said = flat_text(
        " ".join(
            [verdict.summary(full=True), *(sentences.explain(verdict, each) for each in verdict.reasons)]
        )
    )
    assert "trend" not in said.lower()
    assert "fitted line" not in numbers_of(verdict).get("effect", "")


@pytest.mark.parametrize(
    ("shape", "falling"),
    [
        (Threshold, ("bends", "falls after", "flat before", "no rise before")),
        (Saturating, ("falls early", "levels off")),
        (Sigmoid, ("falls", "steepest in middle", "keeps ends")),
    ],
)
def test_clauses_are_called_in_the_words_of_the_direction(shape, falling):
    """The name by which a field knows a clause stays the same; what is read follows the direction."""
    up, down = shape().clauses, shape(direction="decreasing").clauses
    assert tuple(each.called for each in down) == falling
    assert [each.called for each in up] == [each.name.replace("_", " ") for each in up]
    assert [each.name for each in up] == [each.name for each in down]


def test_a_falling_step_drops():
    assert Threshold(form="step", direction="decreasing").clauses[0].called == "drops"


def test_reports_and_methods_call_a_clause_as_its_direction(shapes):
    """A threshold that falls is never said to rise after its onset."""
    verdict = shapes.sample("threshold falling")
    assert [line.name for line in told(verdict)] == ["bends", "falls after", "flat before", "no rise before"]
    methods = str(verdict.methods(full=True))
    assert "The clause falls after must be shown" in methods
    assert "rises after" not in methods


def test_all_lines_of_a_present_shape_are_shown(shown):
    """States agree with the verdict."""
    verdict = shown()
    states = {line.state for line in told(verdict)}
    if verdict.status is Status.PRESENT:
        assert states <= {"shown", "not refuted"}
    if verdict.reasons and verdict.reasons[0] in {
        Reason.NOT_FLAT,
        Reason.NOT_ABOVE,
        Reason.NOT_LEVELLING_OFF,
    }:
        assert "refuted" in states


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("threshold", "rise that the bend adds by the end of the range"),
        ("threshold falling", "fall that the bend adds by the end of the range"),
        ("step", "rise from the mean before the onset to the mean after it"),
        ("peak", "rise of the line up to the turn"),
        ("valley", "fall of the line up to the turn"),
        ("convex", "depth of the fitted parabola's middle below the line between its ends"),
        ("concave", "height of the fitted parabola's middle above the line between its ends"),
        ("saturating", "rise of the line over the first third"),
        ("ordered", "weighted sum of the levels"),
        ("custom", "mean score of the function"),
        ("linear", "fall of the fitted line"),
        ("decreasing", "fall of the fitted line"),
    ],
)
def test_the_effect_is_told_in_the_words_of_the_shape(name, says, shapes):
    """The reader learns what the number measures."""
    verdict = shapes.sample(name)
    said = numbers_of(verdict)["effect"]
    assert said.startswith(phrases.effect(verdict))
    assert says in said


def test_every_refuted_clause_has_a_sentence(shown, samples):
    """A refuted clause is told with what it says, its estimate and the p-value that refutes it."""
    verdict = shown()
    for clause in verdict.evidence.clauses:
        if clause.reason != Reason.OPPOSITE:
            refuted = with_clause(samples, verdict, clause, Reason(clause.reason), refuted=True)
            said = sentences.explain(refuted, Reason(clause.reason))
            assert f"{clauses.says(verdict, clause)} is refuted: " in said
            assert clauses.found(verdict, clause, least=False) in said
            where = "refuted: " if clause.at is None else f"refuted at knob = {clause.at:g}"
            assert sentences.in_brief(refuted, Reason(clause.reason)).startswith(where)


def test_every_open_clause_has_a_sentence_and_a_remedy(shown, samples):
    """A required clause that is not shown is told with its numbers, and with what would help."""
    verdict = shown()
    unresolved = {each.name: each.unresolved for each in verdict.signature.shape.clauses}
    for clause in verdict.evidence.clauses:
        if clause.kind == "required":
            reason = Reason(unresolved[clause.name])
            still_open = dataclasses.replace(
                with_clause(samples, verdict, clause, reason, refuted=False), status=Status.INCONCLUSIVE
            )
            said = sentences.explain(still_open, reason)
            assert f"{clauses.says(verdict, clause)} is neither shown nor refuted: " in said
            assert said.endswith(").")
            assert "More seeds" in " ".join(sentences.resolve(still_open))
            assert "per condition would" not in " ".join(sentences.resolve(still_open))
            assert sentences.in_brief(still_open, reason).startswith("not shown: ")


def test_every_reason_can_be_told_of_every_shape(shown):
    """Also where it makes little sense, a sentence stands."""
    verdict = shown()
    for reason in Reason:
        said = sentences.explain(verdict, reason)
        assert said.endswith(".")
        assert "nan" not in said.split()
        assert sentences.in_brief(verdict, reason)


def test_a_claim_on_every_level_names_the_least_clear_one(shapes):
    """Not the fitted line, but the level that is nearest to failing."""
    verdict = shapes.sample("flat")
    clause = verdict.evidence.clauses[0]
    numbers = numbers_of(verdict)
    assert f"at knob = {clause.at:g}, the least clear level" in numbers["closest"]
    assert (
        numbers["bounds"] == "0.9 metric on either side of the curve's mean (half of the declared min_effect)"
    )
    assert "effect" not in numbers
    assert numbers_of(shapes.sample("above"))["bounds"] == "above 2 metric"


def test_a_level_outside_is_named(shapes):
    """Refuted by one level, which the sentence names."""
    verdict = shapes.sample("not above")
    assert verdict.reasons == (Reason.NOT_ABOVE,)
    said = sentences.why(verdict)[0]
    outside = mirrored(verdict.evidence.clauses[0].estimate)
    assert outside.low > 0
    assert f"the distance below the value is {interval(outside)} " in said
    assert f"at knob = {verdict.evidence.clauses[0].at:g}" in said


def test_an_open_claim_on_every_level_says_neither(shapes):
    """Neither inside nor outside: with the numbers of the least clear level and the seeds that would do."""
    verdict = shapes.sample("flat open")
    assert (
        "neither that metric stays within the margin of its mean at every level, nor"
        in sentences.why(verdict)[0]
    )
    assert (
        "show that a curve which is exactly flat stays within the margin of 0.2 metric with"
        in sentences.resolve(verdict)[0]
    )


def test_a_positive_control_must_depart(shapes, samples):
    """Shown to depart, shown to be the same, or neither."""
    departs = shapes.sample("flat")
    assert "'test' is shown to depart from the shape: " in controls.change(departs)
    assert brief(departs) == "shown, and the control departs from it"
    same = shapes.sample("flat control")
    assert same.reasons == (Reason.UNSPECIFIC,)
    assert "'test' is shown to have the same shape: " in sentences.why(same)[0]
    assert "the control has the same shape" in str(same)
    unclear = dataclasses.replace(departs.evidence.control_departs, pvalue=0.6, pvalue_refuted=0.4)
    neither = samples.with_evidence(departs, control_departs=unclear)
    said = sentences.explain(neither, Reason.CONTROL_UNRESOLVED)
    assert "is shown, but the control 'test' is not shown to depart from the shape: " in said


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("saturating", "the early change minus the late change over an equal stretch"),
        ("peak", "the weaker of rise and fall"),
        ("above", "the mean distance above 2"),
    ],
)
def test_what_treatment_and_control_are_compared_by_is_named(name, by, shapes):
    """Where that is not the effect, the numbers are those of the comparison."""
    verdict = shapes.sample(name)
    numbers = numbers_of(verdict)
    control = verdict.evidence.control
    (arm,) = names.arms(verdict, "control")
    own, said = f"in the control 'test', the {names.noun(verdict)} is ", numbers["control"]
    if names.is_sized(verdict):
        size = phrases.interval(arm.effect, beside=verdict.effect)
        assert said.startswith(f"{own}{size}; what is compared, {by}, is {phrases.interval(control.effect)}")
    else:
        assert said.startswith(f"in the control 'test', {by} is {phrases.interval(control.effect)}")
    assert numbers["contrast"].endswith(f"treatment minus control, by {by}")


def test_a_direction_that_the_data_chose_is_told(shapes):
    """With the error rate that each direction had."""
    verdict = shapes.sample("linear")
    assert verdict.evidence.sides == 2
    numbers = numbers_of(verdict)
    assert (
        numbers["direction"] == "metric falls: chosen by the data, so that each direction was tested at 0.025"
    )
    assert "(metric falls)" in sentences.why(verdict)[0]
    assert "(must be <= 0.025)" in sentences.explain(verdict, Reason.LINES_DISAGREE)
    assert "direction" not in numbers_of(shapes.sample("decreasing"))


def test_an_exponent_has_its_own_sign_and_no_unit(shapes):
    """Scores count a fall as positive; the exponent of a falling power law is negative."""
    verdict = shapes.sample("power_law")
    numbers = numbers_of(verdict)
    assert verdict.effect.value > 0
    assert numbers["effect"].startswith("-0.5")
    assert numbers["effect"].endswith("]: exponent of knob (95% interval)")
    assert numbers["margin"] == "0.05 (the declared min_effect)"
    assert "the exponent is -0.5" in sentences.why(verdict)[0]
    assert "P(mean < 0) > 0.9999" in told(verdict)[0].result
    curves = panels(verdict)["curves"]
    assert curves.get_xscale() == "log"
    assert curves.get_ylabel().endswith(", log scale")


def falling_power(exponent, **options):
    """Return the verdict on a metric that falls as the knob to the power of -0.86, beside one that hardly does."""
    rng, levels = np.random.default_rng(5), 2.0 ** np.arange(4, 12)
    curves = {
        name: 3.0 * levels**power * np.exp(0.05 * rng.normal(size=(6, levels.size)))
        for name, power in (("wide", -0.86), ("narrow", -0.1))
    }
    shape = {"name": "power_law", "exponent": exponent}
    table = SweepTable.from_matrices(levels, curves)
    return detect(table, shape=shape, control="narrow", **{"min_effect": 0.25, **options})


def test_an_exponent_has_the_same_sign_in_every_place():
    """Subtitle, right panel, control, contrast and table agree with the range in the claim."""
    verdict = falling_power((-1.25, -0.75))
    assert verdict.status == "present"
    found = panels(verdict)
    assert "exponent -0.8" in texts(found["title"])
    assert "the exponent is -0.1" in texts(found["title"])
    assert "min_effect\n-0.25" in texts(found["scores"])
    drawn = {line.get_gid(): line.get_ydata() for line in found["scores"].get_lines()}
    assert all((np.asarray(drawn[gid]) < 0).all() for gid in ("scores", "estimate", "interval"))
    assert numbers_of(verdict)["contrast"].startswith("-0.7")
    (table,) = tell(verdict, verdict.plot).tables
    assert all(row[4].startswith("-") for row in table.rows)


def test_a_negative_exponent_is_held_against_bounds_on_its_own_side():
    """What lies below a margin in size lies above it in value."""
    small = falling_power((-1.25, -0.75), min_effect=1.5)
    assert small.reasons == (Reason.WEAK,)
    assert ", and its lower bound is above minus the margin of 1.5 (" in sentences.why(small)[0]
    opposite = sentences.explain(small, Reason.OPPOSITE)
    assert opposite.startswith("The opposite is shown: the exponent is -0.8")
    assert opposite.endswith("its lower bound is above 0.")
    assert "nearer to 0 than the margin" in sentences.explain(small, Reason.SIZE_UNRESOLVED)


def test_an_exponent_outside_its_range_is_told_with_the_range():
    """Not by a negative distance, which nobody can read."""
    verdict = falling_power((-0.75, -0.25))
    assert verdict.reasons == (Reason.EXPONENT_OUTSIDE,)
    outside = verdict.evidence.clauses[2].estimate
    said = sentences.why(verdict)[0]
    assert "is refuted: the exponent -0.8" in said
    assert f"] lies outside -0.75 to -0.25, by {interval(mirrored(outside))} (p" in said
    assert brief(verdict).startswith("refuted by an exponent of -0.8")
    inside = falling_power((-1.25, -0.75))
    lines = {line.name: line.result for line in told(inside)}
    room = interval(inside.evidence.clauses[2].estimate)
    assert f"] lies inside -1.25 to -0.75, {room} from the nearer end; p" in lines["exponent inside"]


@pytest.mark.parametrize(
    ("changes", "said", "label"),
    [
        (
            {},
            "onset at knob = 12 [8, 16] (levels are 4 apart; seeds differ by sd 1.3) (90% interval)",
            "onset 12 [8, 16]",
        ),
        (
            {"low": -math.inf, "spread": math.nan},
            "onset at knob = 12, not after 16 (levels",
            "onset 12, not after 16",
        ),
        (
            {"low": -math.inf, "high": math.inf},
            "onset at knob = 12, without bounds",
            "onset 12, without bounds",
        ),
        (
            {"value": math.nan, "low": -math.inf, "status": "below_range"},
            "onset before the first level that can tell, not after 16",
            "onset before the first level",
        ),
        (
            {"value": math.nan, "high": math.inf, "status": "above_range"},
            "onset beyond the last level that can tell, not before 8",
            "onset beyond the last level",
        ),
        (
            {"value": math.nan, "low": -math.inf, "high": math.inf, "status": "unresolved"},
            "onset not located",
            "onset not located",
        ),
    ],
)
def test_a_location_is_told_and_drawn(changes, said, label, shapes, samples):
    """With its interval, one end of it, or the lack of any; in text, JSON and figure."""
    verdict = samples.with_evidence(shapes.sample("threshold"), location=location(**changes))
    assert numbers_of(verdict)["location"].startswith(said)
    assert said in flat_text(verdict.summary(full=True))
    assert json.loads(verdict.to_json())["evidence"]["location"]["status"] == verdict.evidence.location.status
    curves = panels(verdict)["curves"]
    assert label in texts(curves)
    bounded = math.isfinite(verdict.evidence.location.low) or math.isfinite(verdict.evidence.location.high)
    assert ("location" in gids(curves)) == (bounded or verdict.evidence.location.status == "inside")


def test_a_band_ends_where_the_sweep_does(shapes, samples):
    """An open end is drawn to the last level, not to infinity."""
    verdict = samples.with_evidence(shapes.sample("threshold"), location=location(high=math.inf))
    band = next(patch for patch in panels(verdict)["curves"].patches if patch.get_gid() == "location")
    corners = band.get_extents().transformed(panels(verdict)["curves"].transData.inverted())
    assert np.isfinite([corners.x0, corners.x1]).all()
    assert band.get_width() == pytest.approx(36.0)


@pytest.mark.parametrize("name", ["flat", "above", "below"])
def test_bounds_of_every_level_are_drawn(name, shapes):
    """The margin around the mean, or the value."""
    found = panels(shapes.sample(name))
    assert "bound" in gids(found["curves"])
    assert "at the least clear level" in found["scores"].get_title(loc="left")


def test_the_right_panel_shows_the_least_clear_level(shapes):
    """One dot per seed at that level, and their mean."""
    verdict = shapes.sample("above")
    arm, at = verdict.evidence.arms[0], verdict.evidence.clauses[0].at
    column = int(np.flatnonzero(arm.levels == at)[0])
    lines = panels(verdict)["scores"].get_lines()
    dots = next(line.get_ydata() for line in lines if line.get_gid() == "scores")
    np.testing.assert_allclose(dots, arm.curves[:, column])
    estimate = next(line.get_ydata() for line in lines if line.get_gid() == "estimate")
    assert estimate[0] == pytest.approx(verdict.evidence.clauses[0].estimate.value + 2.0)


def test_the_margin_that_is_drawn_is_the_one_that_was_tested(shapes):
    """Mean departure and margin of the figure give the score of the evidence."""
    verdict = shapes.sample("flat")
    lines = panels(verdict)["scores"].get_lines()
    estimate = next(line.get_ydata()[0] for line in lines if line.get_gid() == "estimate")
    assert 0.9 - abs(estimate) == pytest.approx(verdict.evidence.clauses[0].estimate.value)


def said_by(payload, shapes):
    verdict = shapes.sample("custom")
    shape = Custom(function=shapes.rise_of_ends, says=payload)
    return dataclasses.replace(verdict, signature=dataclasses.replace(verdict.signature, shape=shape))


@functools.cache
def tags_of_plain(shapes):
    return re.findall(r"<[a-z/]+", said_by("plain", shapes).to_html())


def test_the_users_words_of_a_shape_stay_text(payload, shapes, pictureless):
    """What a custom shape says is escaped like every name."""
    verdict = said_by(payload, shapes)
    hidden = {unicodedata.category(each) for each in verdict.summary(full=True) if each != "\n"}
    assert not hidden & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert "<" not in verdict.to_markdown()
    assert not re.search(r"\\(input|write18|frac)", verdict.to_latex())
    assert re.findall(r"<[a-z/]+", verdict.to_html()) == tags_of_plain(shapes)


class Zigzag(Shape):
    """A shape that the reports have never seen, with as few words as it may have."""

    name: ClassVar[str] = "zigzag"
    claim: ClassVar[str] = "zigzags along the knob"
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(name="zigzags", kind="primary", says="zigzags", refuted="opposite", null="no zigzag"),
        Clause(
            name="straight",
            kind="required",
            says="is even",
            refuted="not_linear",
            unresolved="straight",
            null="uneven",
        ),
    )

    def score(self, curves, setting) -> Mapping[str, Scores]:
        del setting
        sign = np.where(np.arange(curves.shape[1]) % 2, 1.0, -1.0)
        steps = curves @ sign
        return {
            "zigzags": Scores(parts=steps[:, None]),
            "straight": Scores(parts=5.0 - np.abs(steps[:, None])),
        }


def test_a_shape_that_was_never_seen_is_told_in_generic_words():
    """A new shape needs no entry in the reports."""
    table = simulate_sweep(
        {"train": 1.0, "test": 0.0}, form=lambda x: np.round(7 * x) % 2, n_seeds=6, noise_sd=0.1, rng=1
    )
    verdict = detect(table, shape=Zigzag(), control="test", min_effect=0.5, rng=1)
    assert verdict.status is Status.PRESENT
    assert str(verdict).startswith("PRESENT: metric zigzags along knob (shown, and less than half as much")
    numbers = numbers_of(verdict)
    assert numbers["effect"].endswith("mean score over seeds (90% interval)")
    assert "in the control 'test', the score is" in numbers["control"]
    assert "ZIGZAGS" not in verdict.to_markdown()
    assert "zigzags" in verdict.to_html()
    assert panels(verdict)["scores"].get_ylabel() == "score (in metric)"


def test_an_effect_that_fades_is_told_along_its_column(shapes):
    """Levels are those of the further column, and what is measured there is the effect of the knob."""
    verdict = shapes.sample("fades")
    assert names.claim(verdict.signature) == "loss rises with width at first, and less and less so along step"
    assert numbers_of(verdict)["scope"] == "step from 1 to 1000"
    assert numbers_of(verdict)["effect"].endswith("effect on loss: effect at the first level (90% interval)")
    first = told(verdict)[0].result
    assert first.startswith("the effect at the first level, or its decline from there, is 4.1")
    assert "That effect on loss is there at the first level" in sentences.explain(verdict, Reason.WEAK)
    curves = panels(verdict)["curves"]
    assert (curves.get_xlabel(), curves.get_ylabel()) == ("step, log scale", "effect on loss")
