"""The vocabulary of shapes: options, scores, mirrors, and what must not change their verdicts."""

import dataclasses
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sigstats_shape_cases import (
    CASES,
    LINES,
    N_LEVELS,
    ROOF,
    X,
)

from sigstats import Card, Signature, SweepTable, detect
from sigstats.errors import SignatureError, TableError
from sigstats.shapes import (
    SHAPES,
    Above,
    Below,
    Concave,
    Convex,
    Custom,
    Decreasing,
    Fades,
    Flat,
    Increasing,
    Linear,
    Ordered,
    Peak,
    Saturating,
    ScalingLaw,
    Sigmoid,
    Threshold,
    Valley,
    as_shape,
)
from sigstats.shapes.base import directed, over_reach


def test_every_shape_has_a_case():
    """What is tested below is the whole vocabulary."""
    assert {case.shape.name for case in CASES.values()} | set(LINES) == set(SHAPES)


# --- options ---


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"name": "linear", "max_departure": 0.0}, ["`max_departure`", "0.0", "between 0 and 1"]),
        ({"name": "linear", "max_departure": "0.1"}, ["`max_departure`", "'0.1'", "finite number"]),
        ({"name": "linear", "direction": "up"}, ["direction", "'up'", "'increasing'"]),
        ({"name": "flat", "margin": 0}, ["`margin`", "0", "above 0"]),
        ({"name": "flat", "margin": float("nan")}, ["`margin`", "nan", "finite"]),
        ({"name": "flat", "margin": True}, ["`margin`", "True"]),
        ({"name": "saturating", "late": 1}, ["`late`", "1", "between 0 and 1"]),
        ({"name": "saturating", "direction": "either"}, ["direction", "'either'", "'decreasing'"]),
        ({"name": "threshold", "form": "stp"}, ["form", "'stp'", "Did you mean 'step'"]),
        ({"name": "threshold", "direction": None}, ["direction", "None", "'increasing'"]),
        ({"name": "threshold", "knot": 3}, ["no option 'knot'", "'direction'", "'form'"]),
        ({"name": "threshold", "onset": "early"}, ["`onset`", "'early'", "finite number"]),
        ({"name": "flat", "by": "levels"}, ["by of flat", "'levels'", "Did you mean 'level'"]),
        ({"name": "sigmoid", "direction": "up"}, ["direction", "'up'", "'increasing'"]),
        ({"name": "scaling_law", "floor": False}, ["`floor`", "False", "floor=0"]),
        ({"name": "scaling_law", "floor": "low"}, ["`floor`", "'low'", "finite number"]),
        ({"name": "scaling_law", "exponent": (-0.5, -0.2)}, ["`exponent`", "(-0.5, -0.2)", "`direction`"]),
        ({"name": "scaling_law", "exponent": 0.3}, ["`exponent`", "0.3", "two ascending"]),
        ({"name": "power_law", "exponent": 2}, ["`exponent`", "2", "two ascending"]),
        ({"name": "power_law", "exponent": (0.5, 0.1)}, ["`exponent`", "(0.5, 0.1)", "ascending"]),
        ({"name": "power_law", "exponent": (1, 2, 3)}, ["`exponent`", "(1, 2, 3)", "two ascending"]),
        ({"name": "power_law", "exponent": (float("inf"), 1)}, ["`exponent`", "finite"]),
        ("above", ["needs the option 'value'", "shape={'name': 'above'"]),
        ({"name": "below", "value": "low"}, ["`value`", "'low'", "finite number"]),
        ("ordered", ["needs the option 'weights'"]),
        ({"name": "ordered", "weights": (1, 2)}, ["`weights`", "(1, 2)", "sum to 0"]),
        ({"name": "ordered", "weights": (0, 0)}, ["`weights`", "not all 0"]),
        ({"name": "ordered", "weights": 3}, ["`weights`", "one number per level"]),
        ("fades", ["needs the option 'by'"]),
        ({"name": "fades", "by": ""}, ["`by`", "name of a column"]),
        ({"name": "fades", "by": "step", "by_scale": "logit"}, ["by_scale", "'logit'", "'rank'"]),
        ({"name": "custom", "function": "max"}, ["`function`", "'max'", "'ordered'"]),
        ({"name": "peek"}, ["'peek'", "Did you mean 'peak'"]),
        ({"form": "step"}, ["None", "'threshold'"]),
        (3, ["`shape` is 3", "'threshold'"]),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused_with_value_rule_and_remedy(shape, words):
    """Each message names what was given, what is allowed, and what to write instead."""
    with pytest.raises(SignatureError) as caught:
        as_shape(shape)
    for word in words:
        assert word in str(caught.value)


def test_a_flat_claim_needs_a_margin():
    """No data can show that a metric does not change at all."""
    with pytest.raises(SignatureError, match="needs a margin"):
        Signature(shape="flat")
    assert Signature(shape="flat", min_effect=1.0).shape == Flat()
    assert Signature(shape=Flat(margin=1.0)).shape == Flat(margin=1.0)


@pytest.mark.parametrize("name", CASES)
def test_shapes_are_values(name):
    """Equal options make equal shapes with equal hashes; a changed option makes another; a pickle comes back."""
    shape = CASES[name].shape
    again = type(shape)(**{each.name: getattr(shape, each.name) for each in dataclasses.fields(shape)})
    assert again == shape
    assert hash(again) == hash(shape)
    assert pickle.loads(pickle.dumps(shape)) == shape  # noqa: S301 - made in the line itself
    others = [case.shape for other, case in CASES.items() if other != name]
    assert shape not in others


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in CASES if name != "custom"])
def test_shapes_survive_a_card(name, tmp_path):
    """What is written to TOML is read back as an equal signature."""
    card = Card(signatures=[Signature(name="claim", shape=CASES[name].shape, min_effect=2.0)])
    path = tmp_path / "card.toml"
    path.write_text(card.to_toml(), encoding="utf-8")
    assert Card.from_toml(path) == card


def test_a_card_spells_options_beside_the_name(tmp_path):
    """The form that the documentation shows means the shape."""
    path = tmp_path / "card.toml"
    path.write_text('[[signature]]\nshape = { name = "threshold", form = "step" }\n', encoding="utf-8")
    assert Card.from_toml(path).signatures[0].shape == Threshold(form="step")


def test_words_follow_the_direction():
    """A falling claim turns every word of its clauses, and leaves names and reasons alone."""
    for rising, falling in [
        (Threshold(), Threshold(direction="decreasing")),
        (Threshold(form="step"), Threshold(form="step", direction="decreasing")),
        (Saturating(), Saturating(direction="decreasing")),
        (Sigmoid(), Sigmoid(direction="decreasing")),
        (ScalingLaw(direction="increasing"), ScalingLaw()),
    ]:
        for up, down in zip(rising.clauses, falling.clauses, strict=True):
            assert (up.name, up.refuted, up.kind, up.null) == (down.name, down.refuted, down.kind, down.null)
            assert "{" not in up.says + up.noun + up.measures + down.says + down.noun + down.measures
        assert rising.claim != falling.claim
        assert rising.clauses != falling.clauses
    again = directed(Threshold().clauses, falling=True)
    for done, twice in zip(Threshold().clauses, again, strict=True):
        assert (done.says, done.noun, done.measures) == (twice.says, twice.noun, twice.measures)


# --- scores ---


def scored(case, curve, **setting):
    """Return the scores of a curve's seeds by clause."""
    return case.shape.score(case.curves(curve), case.setting(**setting))


SCORED = [name for name, case in CASES.items() if not case.shape.is_trend]


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_a_clean_example_is_positive_in_all_parts_of_every_seed(name):
    """Every clause has a score, and a curve that has the shape shows all of them."""
    case = CASES[name]
    found = scored(case, case.clean)
    clauses = {clause.name for clause in case.shape.clauses if clause.name not in ("changes", "not_reversed")}
    if name == "power_law":
        clauses.remove("exponent_inside")
    assert clauses <= set(found)
    for clause in clauses:
        assert (found[clause].parts > 0).all(), clause


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_a_clear_violation_is_negative_in_some_part(name):
    """Some clause of the shape has a part whose mean over seeds is below zero."""
    case = CASES[name]
    found = scored(case, case.violation)
    assert any((scores.parts.mean(axis=0) < 0).any() for key, scores in found.items() if key != "control")


@pytest.mark.parametrize("shape", [shape for shape, _ in LINES.values()], ids=str)
def test_plain_trends_leave_their_claim_to_the_lines_of_evidence(shape):
    """They have no scores beside the linear and the rank score of every sweep."""
    setting = replace(CASES["linear"].setting(), orientation=shape.orientation)
    assert shape.score(np.ones((3, N_LEVELS)), setting) == {}


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [name for name in SCORED if CASES[name].shape.sized and CASES[name].shape.unit == "metric"]
)
def test_an_effect_is_a_change_that_the_plot_shows(name):
    """Never a slope per full range: it is no larger than the curve's highest value minus its lowest."""
    case = CASES[name]
    if name == "ordered":  # the weights are the user's
        return
    curves = case.curves(case.clean, noise=0.0)
    (found,) = over_reach([case.shape.score(curves, case.setting())], [0])
    size = found[case.shape.primary].parts[:, 0].mean()
    assert 0 < size <= np.ptp(curves, axis=1).mean() * (1 + 1e-9)


@pytest.mark.parametrize(
    ("name", "size"), [("hinge", 4.0), ("step", 4.0), ("peak", 4.0), ("saturating", 3.3)]
)
def test_an_effect_is_the_rise_that_a_reader_would_name(name, size):
    """From the onset to the end, at the jump, to the turn, over the first third."""
    case = CASES[name]
    curves = np.tile(4.0 * case.clean, (4, 1))
    (found,) = over_reach([case.shape.score(curves, case.setting())], [0])
    np.testing.assert_allclose(found[case.shape.primary].parts[:, 0], size, atol=0.25)


def test_a_bend_is_told_over_the_stretch_of_the_treatments():
    """One stretch for all conditions, so that their bends compare as the changes of slope do."""
    setting = CASES["hinge"].setting()
    late, early = (np.tile(np.maximum(X - at, 0.0), (3, 1)) for at in (0.625, 0.375))
    raw = [Threshold().score(curves, setting) for curves in (late, early)]
    treated, control = (each["control"].parts[:, 0] for each in over_reach(raw, [0]))
    np.testing.assert_allclose(treated, 0.375)
    np.testing.assert_allclose(control, 0.375)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_two_sides_of_one_comparison_come_in_pairs(name):
    """The number of parts is a multiple of the clause's sides."""
    case = CASES[name]
    found = scored(case, case.clean)
    for clause in case.shape.clauses:
        if clause.name in found:
            assert found[clause.name].parts.shape[1] % clause.sides == 0


WITH_WEIGHTS = [name for name, case in CASES.items() if case.shape.level_weights(case.setting()) is not None]


def test_only_shapes_that_choose_nothing_have_level_weights():
    """A split that the data choose, and a function, are no contrasts of level means."""
    chosen = {"hinge", "hinge falling", "step", "step falling", "peak", "valley", "custom"}
    chosen |= {"sigmoid", "sigmoid falling", "scaling_law", "scaling_law rising"}
    assert set(CASES) - set(WITH_WEIGHTS) == chosen


@pytest.mark.long
@pytest.mark.parametrize("name", WITH_WEIGHTS)
@pytest.mark.parametrize("which", ["clean", "violation"])
def test_level_weights_agree_with_scores_on_complete_curves(name, which):
    """The contrast of the level means is the mean of the seeds' scores, part by part."""
    case = CASES[name]
    curves = case.curves(getattr(case, which), noise=0.5)
    scores = case.shape.score(curves, case.setting())
    weights = case.shape.level_weights(case.setting())
    assert set(weights) >= {clause.name for clause in case.shape.clauses if clause.name in scores}
    for clause, each in weights.items():
        contrasts = each.weights @ curves.mean(axis=0) + each.offsets
        np.testing.assert_allclose(contrasts, scores[clause].parts.mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("name", ["hinge", "step", "peak"])
def test_scores_at_the_chosen_split_are_among_those_at_every_split(name):
    """Refutation looks at every split that could have been chosen, the chosen one included."""
    case = CASES[name]
    (found,) = over_reach([scored(case, case.clean)], [0])
    for clause, scores in found.items():
        if scores.every is None:
            assert clause in ("control", "no_fall_before", "place")
            continue
        nearest = np.abs(scores.every - scores.parts[:, :, None]).min(axis=2)
        assert (nearest < 1e-9).all(), clause


@pytest.mark.long
@pytest.mark.parametrize("name", SCORED)
def test_levels_that_change_places_break_a_claim_that_needs_their_order(name):
    """Where the order does not matter, each seed has the same scores, in another order."""
    case = CASES[name]
    curves = case.curves(case.clean)
    order = np.random.default_rng(3).permutation(N_LEVELS)
    before, after = (
        np.sort(case.shape.score(each, case.setting())[case.shape.primary].parts, axis=1)
        for each in (curves, curves[:, order])
    )
    assert np.allclose(before, after) is not case.shape.needs_order


@pytest.mark.parametrize("name", [name for name in SCORED if CASES[name].shape.free_scores])
def test_free_scores_do_not_depend_on_other_seeds(name):
    case = CASES[name]
    curves = case.curves(case.clean)
    together = case.shape.score(curves, case.setting())[case.shape.primary].parts
    alone = case.shape.score(curves[:1], case.setting())[case.shape.primary].parts
    assert together.shape[1] == 1
    np.testing.assert_allclose(alone[0], together[0], rtol=1e-12)


def test_shapes_contradict_shapes_that_exist_and_never_themselves():
    for name, shape in SHAPES.items():
        assert shape.opposes <= set(SHAPES) - {name}


@pytest.mark.parametrize("name", ["hinge", "step", "peak"])
def test_cross_fitted_scores_are_stretched(name):
    """Where the split is chosen, the simulated critical value is larger than Student's in some clause."""
    case = CASES[name]
    stretches = [scores.stretch for scores in scored(case, case.clean).values()]
    assert min(stretches) >= 1.0
    assert max(stretches) > 1.0


def test_a_custom_function_sees_the_metric_and_the_knob_in_their_own_units():
    """Scale, centre and orientation of the common scale are undone before the function is called."""
    seen = []

    def record(levels, values):
        seen.append((levels, values))
        return 6.0

    metric = np.array([[3.0, 5.0, np.nan, 9.0]])
    levels = np.array([1.0, 10.0, 100.0, 1000.0])
    setting = replace(CASES["custom"].setting(), levels=levels, x=np.linspace(0, 1, 4), scale=2.0, centre=4.0)
    found = Custom(function=record).score(metric / 2.0 - 4.0, setting)
    np.testing.assert_allclose(seen[0][0], [1.0, 10.0, 1000.0])
    np.testing.assert_allclose(seen[0][1], [3.0, 5.0, 9.0])
    assert found["score"].parts.tolist() == [[3.0]]


@pytest.mark.parametrize("result", [np.ones(3), "high", None, np.nan, np.inf])
def test_a_custom_function_must_return_one_finite_number(result):
    """Anything else is refused, and never becomes a verdict."""
    with pytest.raises(SignatureError, match="`function`"):
        detect(sweep("custom"), shape=Custom(function=lambda *_: result))


@pytest.mark.parametrize(("onset", "counts"), [(0.5, "1 levels up to it"), (99.0, "0 from it on")])
def test_a_declared_onset_needs_two_levels_on_each_side(onset, counts):
    """The error says how many there are; without the onset, the same claim is judged."""
    with pytest.raises(SignatureError, match=f"`onset`.*{counts}"):
        detect(sweep("hinge"), shape=Threshold(onset=onset))
    assert detect(sweep("hinge"), shape=Threshold()).status


def test_a_place_of_the_knob_is_found_on_its_scale():
    """Halfway between 1 and 100 is 10 on a log scale; outside the range there is no place."""
    levels = np.array([1.0, 100.0])
    setting = replace(CASES["custom"].setting(), levels=levels, x=np.array([0.0, 1.0]), knob_scale="log")
    np.testing.assert_allclose([setting.place(10.0), replace(setting, knob_scale="linear").place(50.5)], 0.5)
    assert np.isnan([setting.place(0.5), setting.place(-1.0), setting.place(200.0)]).all()


def test_one_level_that_departs_is_seen_by_level_and_let_pass_by_contrast():
    """What the two claims are about differs, as the documentation says."""
    curve = 2.0 * (np.arange(12) == 5)
    curves = curve + 0.05 * np.random.default_rng(1).normal(size=(5, 12))
    table = SweepTable.from_matrices(np.arange(12.0), {"a": curves})
    found = [detect(table, shape=Flat(margin=1.0, by=by)).status for by in ("level", "contrast")]
    assert found == ["absent", "present"]


@pytest.mark.long
@pytest.mark.parametrize("curve", [X, np.square(X - 0.5) * 4, X > 0.6, X > 0.8], ids=range(4))
def test_lines_bends_and_steps_refute_a_flat_claim_by_contrast(curve):
    """Each is twice as large as the margin allows, the last one a step up to the last two levels."""
    curves = 4.4 * curve + 0.05 * np.random.default_rng(1).normal(size=(4, N_LEVELS))
    table = SweepTable.from_matrices(X, {"a": curves})
    found = detect(table, shape=Flat(margin=1.0, by="contrast"))
    assert (found.status, found.reasons) == ("absent", ("not_flat",))


def test_treatments_of_other_levels_are_flat_step_by_step():
    """A step that one treatment alone could show must not be averaged with another step of the other."""
    rng = np.random.default_rng(2)
    rows = [
        (level, (level > 4) * size + rng.normal(0, 0.05), f"{name}{number}", name)
        for name, levels, size in (("a", (0, 1, 2, 3, 4, 5, 6, 8), 4.0), ("b", (0, 2, 4, 6, 8), 0.0))
        for level in levels
        for number in range(4)
    ]
    table = pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"])
    found = detect(table, shape=Flat(margin=1.0, by="contrast"))
    assert found.status == "absent"
    assert found.evidence.primary.about is not None


# --- whole verdicts ---


def sweep(name, curve=None, *, n_seeds=5, noise=0.3, seed=1):
    """Return a table of seeds around the clean curve of a case, times 4."""
    case = CASES[name]
    rng = np.random.default_rng(seed)
    mean = 4.0 * (case.clean if curve is None else curve)
    values = (
        mean + noise * rng.standard_normal((n_seeds, mean.size)) + rng.standard_normal((n_seeds, 1)) * 0.1
    )
    if case.shape.metric_scale == "log":
        values = np.exp(values)
    return SweepTable.from_matrices(case.levels, {"treatment": values})


def claim(name, **changes):
    """Return the keywords of a claim; "fades" needs a column of its own and is tested elsewhere."""
    case = CASES[name]
    size = {"flat": 2.0, "power_law": 0.1, "power_law range": 0.1}.get(name, 0.5)
    return {"shape": case.shape, "min_effect": size} | changes


CALLABLE = [name for name in CASES if not name.startswith("fades")]


@pytest.mark.long
@pytest.mark.parametrize("name", CALLABLE)
def test_a_clean_example_is_present_and_a_violation_is_not(name):
    """Eight seeds with little noise are enough for every shape."""
    case = CASES[name]
    assert detect(sweep(name, n_seeds=8, noise=0.1), **claim(name)).status == "present"
    found = detect(sweep(name, case.violation, n_seeds=8, noise=0.1), **claim(name))
    assert found.status in ("absent", "partial")


@pytest.mark.long
@pytest.mark.parametrize(
    ("rising", "falling", "name"),
    [
        (Increasing(), Decreasing(), "linear"),
        (Linear(direction="increasing"), Linear(direction="decreasing"), "linear"),
        (Linear(), Linear(), "linear"),
        (Saturating(), Saturating(direction="decreasing"), "saturating"),
        (Threshold(), Threshold(direction="decreasing"), "hinge"),
        (Threshold(form="step"), Threshold(form="step", direction="decreasing"), "step"),
        (Sigmoid(), Sigmoid(direction="decreasing"), "sigmoid"),
        (Peak(), Valley(), "peak"),
        (Convex(), Concave(), "convex"),
        (Above(value=-2.0), Below(value=2.0), "above"),
        (Flat(margin=1.0), Flat(margin=1.0), "flat"),
        (
            Ordered(weights=(-1,) * 4 + (0,) + (1,) * 4),
            Ordered(weights=(1,) * 4 + (0,) + (-1,) * 4),
            "ordered",
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("noise", [0.3, 3.0])
def test_a_falling_claim_on_minus_y_is_the_rising_claim_on_y(rising, falling, name, noise):
    """Status, reasons and every comparison are the same."""
    table = sweep(name, noise=noise)
    mirrored = SweepTable.from_matrices(table.levels, {"treatment": -table.matrix("treatment")})
    up, down = detect(table, shape=rising), detect(mirrored, shape=falling)
    assert (up.status, up.reasons, up.notes) == (down.status, down.reasons, down.notes)
    for one, other in zip(up.criteria, down.criteria, strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-6, abs=1e-9, nan_ok=True), one.name


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        (shape, form)
        for shape in (Saturating(), Threshold(), Threshold(form="step"), Sigmoid(), Peak(), Valley())
        for form in (X, ROOF)
    ],
    ids=lambda value: str(value)[:40] if not isinstance(value, np.ndarray) else "",
)
def test_too_few_levels_are_never_a_verdict(shape, form):
    """One level less than the shape needs is inconclusive, however clear the data."""
    some = np.linspace(0, N_LEVELS - 1, shape.min_levels - 1).round().astype(int)
    rng = np.random.default_rng(2)
    curves = 10.0 * form[some] + 0.1 * rng.standard_normal((8, some.size))
    found = detect(SweepTable.from_matrices(X[some], {"treatment": curves}), shape=shape)
    assert (found.status, found.reasons) == ("inconclusive", ("too_few_levels",))


@pytest.mark.long
def test_as_many_levels_as_a_shape_needs_are_enough():
    """At the fewest levels that are asked for, a clear example is not turned away."""
    rng = np.random.default_rng(2)
    for shape, form in [
        (Saturating(), lambda x: 1 - np.exp(-9 * x)),
        (Threshold(), lambda x: np.maximum(x - 0.5, 0)),
        (Threshold(form="step"), lambda x: (x > 0.5) * 1.0),
        (Sigmoid(), lambda x: (x > 0.5) * 1.0),
        (Peak(), lambda x: 1 - np.abs(2 * x - 1)),
    ]:
        x = np.linspace(0.0, 1.0, shape.min_levels)
        curves = 10.0 * form(x) + 0.05 * rng.standard_normal((12, x.size))
        found = detect(SweepTable.from_matrices(x, {"treatment": curves}), shape=shape)
        assert "too_few_levels" not in found.reasons
        assert found.status == "present", shape


@pytest.mark.parametrize("n_weights", [8, 10])
def test_a_contrast_needs_one_weight_per_level(n_weights):
    """The message counts both, and lists the levels."""
    weights = (-1.0, 1.0, *[0.0] * (n_weights - 2))
    with pytest.raises(SignatureError) as caught:
        detect(sweep("ordered"), shape=Ordered(weights=weights))
    for word in (f"{n_weights} numbers", f"{N_LEVELS} levels", "0, 1.25", "weight of 0"):
        assert word in str(caught.value)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_power_law_needs_a_positive_metric(value):
    """A value at or below 0 has no logarithm, and is an error that says so."""
    table = sweep("power_law")
    values = table.matrix("treatment").copy()
    values[1, 2] = value
    with pytest.raises((SignatureError, TableError)) as caught:
        detect(SweepTable.from_matrices(table.levels, {"treatment": values}), shape="power_law")
    assert "log" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"knob_scale": "rank"}, "knob_scale"),
        ({"metric_scale": "logit"}, "metric_scale"),
    ],
)
def test_a_power_law_brings_its_own_scales(options, word):
    """Another scale contradicts the claim."""
    with pytest.raises(SignatureError, match=word):
        Signature(shape="power_law", **options)


def comparisons(verdict):
    """Return names and numbers of every comparison that does not carry units."""
    return {
        each.name: each.value for each in verdict.criteria if "pvalue" in each.name or "prob" in each.name
    }


def assert_same(first, second):
    """Two verdicts say the same, with the same p-values."""
    assert (first.status, first.reasons, first.notes) == (second.status, second.reasons, second.notes)
    one, two = comparisons(first), comparisons(second)
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=1e-5, abs=1e-9, nan_ok=True), name


def rescaled(name, factor, shift):
    """Return the keywords of a claim in other units of the metric."""
    given_claim = claim(name)
    shape = given_claim["shape"]
    if isinstance(shape, Flat) and shape.margin is not None:
        shape = replace(shape, margin=factor * shape.margin)
    if isinstance(shape, Above | Below):
        shape = replace(shape, value=factor * shape.value + shift)
    size = given_claim["min_effect"] * (1.0 if shape.unit == "exponent" else factor)
    return {"shape": shape, "min_effect": size}


@pytest.mark.long
@pytest.mark.parametrize("name", [*CALLABLE])
@given(
    seed=st.integers(0, 2**32 - 1),
    factor=st.sampled_from([1e-3, 0.7, 25.0]),
    shift=st.sampled_from([-3.0, 0.0, 200.0]),
    noise=st.sampled_from([0.1, 1.0, 4.0]),
)
@settings(max_examples=5)
def test_units_of_the_metric_do_not_matter(name, seed, factor, shift, noise):
    """a y + b with a > 0 changes no verdict, when margins and values are in the new units."""
    table = sweep(name, noise=noise, seed=seed)
    shift = 0.0 if CASES[name].shape.metric_scale == "log" else shift
    changed = factor * table.matrix("treatment") + shift
    other = SweepTable.from_matrices(table.levels, {"treatment": changed}, seeds={"treatment": list("abcde")})
    assert_same(detect(table, **claim(name)), detect(other, **rescaled(name, factor, shift)))


@pytest.mark.long
@pytest.mark.parametrize("name", CALLABLE)
@pytest.mark.parametrize("design", ["repeated", "independent"])
@given(seed=st.integers(0, 2**32 - 1), noise=st.sampled_from([0.1, 1.0, 4.0]))
@settings(max_examples=2)
def test_order_of_rows_and_names_of_labels_do_not_matter(name, design, seed, noise):
    """Shuffled rows with other names of seeds and conditions give the same verdict."""
    frame = long_frame(sweep(name, noise=noise, seed=seed), design)
    rng = np.random.default_rng(seed)
    other = frame.sample(frac=1.0, random_state=int(rng.integers(2**31)))
    labels = dict(
        zip(frame["seed"].unique(), rng.permutation(frame["seed"].nunique()).astype(str), strict=True)
    )
    other = other.assign(seed=other["seed"].map(labels), condition="another name")
    assert_same(detect(frame, design=design, **claim(name)), detect(other, design=design, **claim(name)))


def long_frame(table, design):
    """Return rows of a table; every row is a run of its own where the design is independent."""
    values = table.matrix("treatment")
    rows = [
        (level, values[s, at], s if design == "repeated" else s * 100 + at)
        for s in range(len(values))
        for at, level in enumerate(table.levels)
    ]
    return pd.DataFrame(rows, columns=["knob", "metric", "seed"]).assign(condition="treatment")


# --- effects that fade ---

COURSES = {
    "lost": (4.0, 3.0, 2.0, 1.0, 0.0),
    "stays": (4.0, 4.0, 4.0, 4.0, 4.0),
    "turned round": (4.0, 2.0, 0.0, -2.0, -4.0),
}


def course_frame(course, *, seed=0, n_seeds=6, sign=1.0, noise=0.5):
    """Return a sweep of `size` at several steps, with an effect at each step."""
    rng = np.random.default_rng(seed)
    rows = [
        (step, size, run, sign * (effect * size / 5.0 + noise * rng.standard_normal()))
        for step, effect in enumerate(course)
        for size in range(6)
        for run in range(n_seeds)
    ]
    return pd.DataFrame(rows, columns=["step", "knob", "seed", "metric"])


@pytest.mark.long
@pytest.mark.parametrize("direction", ["increasing", "decreasing"])
@pytest.mark.parametrize(
    ("course", "status", "reasons"),
    [
        ("lost", "present", ()),
        ("stays", "inconclusive", ()),
        ("turned round", "partial", ("reversed_at_end",)),
    ],
)
def test_an_effect_fades_when_it_is_there_at_first_and_declines(course, status, reasons, direction):
    """One that stays does not fade; one that turns round does more than fade; in both directions."""
    sign = 1.0 if direction == "increasing" else -1.0
    frame = course_frame(COURSES[course], sign=sign)
    found = detect(frame, shape=Fades(by="step", direction=direction))
    assert found.status == status
    assert not reasons or found.reasons == reasons


@pytest.mark.long
@given(
    seed=st.integers(0, 2**32 - 1),
    course=st.sampled_from(sorted(COURSES)),
    factor=st.sampled_from([0.01, 30.0]),
)
@settings(max_examples=6)
def test_fading_does_not_depend_on_units_order_or_labels(seed, course, factor):
    """The metric in other units, shuffled rows and other names of seeds give the same verdict."""
    frame = course_frame(COURSES[course], seed=seed, noise=2.0)
    other = frame.sample(frac=1.0, random_state=seed % 2**31)
    other = other.assign(
        metric=factor * other["metric"] - 7.0, seed=other["seed"].map(lambda s: f"run {9 - s}")
    )
    options = {"shape": Fades(by="step")}
    assert_same(detect(frame, min_effect=1.0, **options), detect(other, min_effect=factor, **options))
