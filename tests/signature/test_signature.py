"""A signature is checked, normalised, frozen data."""

import ast
import copy
import dataclasses
import datetime as dt
import inspect
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigstats.data.table.ids import label
from sigstats.detection import detect
from sigstats.errors import CardError, SignatureError
from sigstats.shapes import Decreasing, Increasing
from sigstats.signature.signature import CLAIM, Signature


def make(**fields):
    """Return a signature with a shape."""
    return Signature(**{"shape": "increasing", **fields})


def message(**fields):
    """Return what is said of fields that make no sense."""
    with pytest.raises(SignatureError) as caught:
        make(**fields)
    return str(caught.value)


# --- what is stored ---


def test_only_the_shape_is_needed():
    """Everything but the shape has a default, and the columns default to nothing named."""
    signature = Signature(shape="increasing")
    assert (signature.knob, signature.metric, signature.seed, signature.condition) == (None,) * 4
    assert (signature.alpha, signature.quiet_fraction, signature.across) == (0.05, 0.5, "mean")


@pytest.mark.parametrize("given_shape", ["decreasing", {"name": "decreasing"}, Decreasing(), Decreasing])
def test_every_spelling_of_a_shape_means_the_same(given_shape):
    """A name, a mapping, an object and a class give equal signatures."""
    assert Signature(shape=given_shape) == Signature(shape=Decreasing())


@pytest.mark.parametrize(
    ("given_labels", "stored"),
    [
        ("rnn", ("rnn",)),
        (["b", "a"], ("b", "a")),
        (("a",), ("a",)),
        (7, ("7",)),
        (7.0, ("7",)),
        ([7, 0.5, True, "007"], ("7", "0.5", "True", "007")),
        (np.array([1.0, 2.0]), ("1", "2")),
        (np.array(["a", "b"]), ("a", "b")),
        (pd.Series(["x", "y"]), ("x", "y")),
        (np.int64(3), ("3",)),
        (np.bool_(False), ("False",)),
        ({"b", "a"}, ("a", "b")),
        (range(2), ("0", "1")),
        ("two words", ("two words",)),
        ("ünï", ("ünï",)),
    ],
)
def test_labels_become_a_tuple_of_text(given_labels, stored):
    """Treatment and control take one label or several; numbers lose a pointless fraction."""
    assert make(control=given_labels).control == stored
    assert make(treatment=given_labels).treatment == stored


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), np.int8(2), Fraction(2), Decimal(2)])
def test_numbers_of_every_kind_become_floats(number):
    """min_effect is stored as a float, whatever kind of number it was."""
    stored = make(min_effect=number).min_effect
    assert type(stored) is float
    assert stored == 2.0


def test_numbers_without_a_fraction_are_known_by_their_whole_number():
    """The label of a number does not depend on how it is held."""
    assert label(7) == label(7.0) == label(np.float32(7)) == label(np.uint8(7)) == "7"


def test_a_path_is_stored_as_text():
    """The data file may be a path object."""
    assert make(data=Path("a") / "b.csv").data == str(Path("a") / "b.csv")


def test_levels_that_are_numbers_are_planned_ones():
    """Words, and numbers among words, are levels in their order; numbers alone have an order of their own."""
    planned = make(levels=[1, np.int64(10), 100.0])
    assert (planned.planned_levels, planned.order) == ((1.0, 10.0, 100.0), None)
    for words in (["off", "on"], ["8", "2"], [True, False], [1, "many"]):
        assert make(levels=words).planned_levels is None
        assert make(levels=words).order == make(levels=words).levels
    assert (make().planned_levels, make().order) == (None, None)


def test_planned_seeds_are_whole_numbers():
    """One number for each condition, or one for the treatment and one for the control, in this order."""
    assert make(seeds=np.int64(5)).seeds == 5
    assert list(make(seeds={"control": 8, "treatment": 5.0}).seeds.items()) == [
        ("treatment", 5),
        ("control", 8),
    ]


def test_one_excluded_signature_may_stand_alone():
    """A name is a list of one name."""
    assert make(exclusive_with="falls").exclusive_with == ("falls",)


def test_where_is_a_frozen_copy():
    """Changing the caller's dictionary later does not change the signature."""
    wanted = {"layer": ["last"], "step": {"min": 10}}
    signature = make(where=wanted)
    wanted["layer"].append("first")
    wanted["step"]["min"] = 0
    wanted["more"] = 1
    assert dict(signature.where) == {"layer": ("last",), "step": {"min": 10}}
    with pytest.raises(TypeError):
        signature.where["layer"] = "x"
    with pytest.raises(TypeError):
        signature.where["step"]["min"] = 0


def test_an_empty_where_is_none():
    """No filter is no filter, however it is said."""
    assert make(where={}) == make()


def test_numpy_values_in_where_become_plain():
    """Filters hold plain Python values, dates among them."""
    where = make(where={"a": np.int64(3), "b": np.datetime64("2024-05-31"), "c": np.array([1.5, 2.5])}).where
    assert where["a"] == 3
    assert type(where["a"]) is int
    assert where["b"] == dt.datetime(2024, 5, 31)  # noqa: DTZ001 - as the column holds it
    assert where["c"] == (1.5, 2.5)


def test_a_signature_cannot_be_changed():
    """Frozen means frozen."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().alpha = 0.1


FULL = make(
    name="rises",
    data="sweep.csv",
    knob="steps",
    metric="score",
    seed="run",
    condition="model",
    treatment=["a", "b"],
    control="c",
    item="question",
    levels=["off", "on"],
    min_effect=0.1,
    knob_scale="rank",
    metric_scale="logit",
    design="repeated",
    bounds=[0, 1],
    paired=True,
    quiet_fraction=0.25,
    alpha=0.01,
    across="each",
    short_seeds="keep",
    where={"layer": ["last", 3], "step": {"min": 1, "max": 2.5}},
    aggregate="median",
    runs={"at": ["first", "acc", 0.9], "pattern": "(?P<model>.+)_(?P<run>[0-9]+)"},
    read={"decimal": ",", "missing": ["", "-"]},
    quantity="share of correct answers",
    computed="argmax of the logits",
    place="last layer",
    role="boundary",
    expect="absent",
    why="the noise of one run is 0.05",
    exclusive_with=["falls"],
    looks=[3, 5],
    calibrate=True,
    seeds={"control": 6, "treatment": 5},
    cost_per_run=2,
    suggested_by=["0f" * 32],
)


@pytest.mark.parametrize("signature", [make(), FULL])
def test_equal_signatures_hash_alike_and_survive_copies(signature):
    """Pickle, copy, deepcopy and replace give an equal signature with the same hash."""
    for twin in (
        pickle.loads(pickle.dumps(signature)),  # noqa: S301 - our own bytes
        copy.copy(signature),
        copy.deepcopy(signature),
        dataclasses.replace(signature),
    ):
        assert twin == signature
        assert hash(twin) == hash(signature)


def test_a_claim_on_most_seeds_is_another_than_one_on_their_mean():
    """The field decides what is claimed."""
    plain = Signature(shape="increasing")
    assert plain.across_seeds == "mean"
    assert dataclasses.replace(plain, across_seeds="majority") != plain


def test_every_field_makes_a_difference():
    """Two signatures that differ in any one field are not equal."""
    for each in dataclasses.fields(Signature):
        default = Decreasing() if each.name == "shape" else each.default
        if each.name in ("control", "across_seeds", "over", "forecast") or each.metadata["only_compare"]:
            continue  # needed by a pair, none of a claim on each treatment, never new items, and not of a law
        assert dataclasses.replace(FULL, **{each.name: default}) != FULL
    compared = make(shape="higher", baseline="b", item="q", over=["seed", "item"], correction="dunnett")
    changes = ({"baseline": "c"}, {"item": "p"}, {"over": "seed"}, {"correction": "holm"})
    for change in changes:
        assert dataclasses.replace(compared, **change) != compared


# --- what is refused ---


@pytest.mark.parametrize("key", ["alpha", "quiet_fraction"])
@pytest.mark.parametrize(
    "value", [0, 1, -0.1, 1.5, math.nan, math.inf, -math.inf, "0.05", None, True, [0.05], 10**400]
)
def test_fractions_must_lie_inside_their_range(key, value):
    """Alpha and quiet_fraction are numbers strictly between their ends."""
    assert message(**{key: value}).startswith(f"`{key}` is ")


def test_alpha_says_its_range():
    """The message names the value, the range and the default."""
    assert message(alpha=0.5) == "`alpha` is 0.5; it must be a number in (0, 0.5). The default is 0.05."


@pytest.mark.parametrize(
    "value", [0, -1, math.nan, math.inf, "0.1", True, np.bool_(1), 1j, [1], Decimal("sNaN"), 10**400]
)
def test_min_effect_must_be_a_finite_number_above_zero(value):
    """The smallest effect of interest has a size, and no direction."""
    assert message(min_effect=value).startswith("`min_effect` is ")


def test_min_effect_explains_the_sign():
    """A negative smallest effect is met with where the direction comes from."""
    assert message(min_effect=-0.1) == (
        "`min_effect` is -0.1; it must be a finite number above 0, in units of the metric. The shape gives the "
        "direction; leave `min_effect` out to declare none."
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("shape", "incresing", "Did you mean 'increasing'"),
        ("shape", "Increasing", "Did you mean 'increasing'"),
        ("shape", None, "must be the name of a shape"),
        ("shape", 3, "must be the name of a shape"),
        ("shape", {"form": "step"}, "must be one of"),
        ("shape", {"name": "increasing", "form": "step"}, "has no option 'form'"),
        ("levels", [3, 1, 2], "List them in ascending order"),
        ("levels", [1, 1], "each above the one before"),
        ("levels", [1], "at least two finite numbers"),
        ("levels", [0, math.inf], "at least two finite numbers"),
        ("levels", ["off"], "at least two different levels"),
        ("levels", {1, 2}, "in their order"),
        ("looks", 3, "as in looks=[3, 5, 8]"),
        ("looks", [5, 3], "each above the one before"),
        ("looks", [2.5, 3], "must list the number of seeds"),
        ("looks", [], "must list the number of seeds"),
        ("looks", [2, 4], "fewer than 3 claim nothing"),
        ("looks", range(3, 40), "at most 20 looks"),
        ("seeds", 0, "a whole number of seeds"),
        ("seeds", True, "a whole number of seeds"),
        ("seeds", {"treated": 3}, "one for treatment and one for control"),
        ("seeds", {}, "one for treatment and one for control"),
        ("suggested_by", ["0F" * 32], "64 hexadecimal digits"),
        ("forecast", [512], "must name the levels"),
        ("forecast", {"within": 0.1}, "must name the levels"),
        ("forecast", {"to": [512], "by": 0.1}, "must name the levels"),
        ("forecast", {"to": []}, "a level of the knob or a list of them"),
        ("forecast", {"to": "512"}, "a level of the knob or a list of them"),
        ("forecast", {"to": math.inf}, "all finite numbers"),
        ("forecast", {"to": 512, "within": True}, "a part of the observed mean, in (0, 1)"),
        ("forecast", {"to": 512, "within": 1}, "a part of the observed mean, in (0, 1)"),
        ("forecast", {"to": 512}, "shape 'increasing' does not say how a curve goes on"),
        ("cost_per_run", 0, "a finite number above 0"),
        ("cost_per_run", math.inf, "a finite number above 0"),
        ("exclusive_with", ["a", ""], "must be a list of texts"),
        ("role", "main", "must be one of ('auxiliary', 'boundary', 'core')"),
        ("expect", None, "must be one of ('absent', 'present')"),
        ("why", "", "must be text, and not empty"),
        ("knob_scale", "Log", "Did you mean 'log'?"),
        ("metric_scale", "logistic", "Did you mean 'logit'?"),
        ("design", "repeat", "Did you mean 'repeated'?"),
        ("across", "mean_", "Did you mean 'mean'?"),
        ("aggregate", "avg", "must be one of ('max', 'mean', 'median', 'min')"),
        ("design", None, "must be one of ('auto', 'independent', 'repeated')"),
        ("knob_scale", 1, "must be one of ('fraction', 'linear', 'log', 'rank')"),
        ("paired", 1, "must be True or False"),
        ("paired", "true", "must be True or False"),
        ("knob", "", "not empty"),
        ("metric", 3, "must be the name of a column"),
        ("seed", ["a"], "must be the name of a column"),
        ("condition", b"a", "must be the name of a column"),
        ("name", " ", "must be text, and not empty"),
        ("data", 3, "must be text, and not empty"),
        ("treatment", [], "must name at least one condition"),
        ("control", (), "must name at least one condition"),
        ("control", [None], "named by text"),
        ("control", math.nan, "named by text"),
        ("control", "", "named by text"),
        ("control", {"name": "a"}, "named by text"),
        ("treatment", ["a", "a"], "names 'a' more than once"),
        ("treatment", [7, "7"], "names '7' more than once"),
        ("where", "step > 3", "Expressions are not evaluated"),
        ("where", {3: 1}, "a column is named by text"),
        ("where", {"": 1}, "a column is named by text"),
        ("where", {"a": None}, "Expressions are not evaluated"),
        ("where", {"a": math.nan}, "equals nothing"),
        ("where", {"a": []}, "is an empty list"),
        ("where", {"a": [[1]]}, "it must be text, a number"),
        ("where", {"a": {}}, "a range has `min`, `max` or both"),
        ("where", {"a": {"mn": 1}}, "a range has `min`, `max` or both"),
        ("where", {"a": {"min": 1, "max": 2, "step": 1}}, "and nothing else"),
        ("where", {"a": {"min": 2, "max": 1}}, "`min` must not be above `max`"),
        ("where", {"a": {"min": "a", "max": "b"}}, "numbers or dates"),
        ("where", {"a": {"min": 1, "max": dt.date(2024, 1, 1)}}, "both ends must be of one kind"),
        ("where", {"a": {"min": [1]}}, "it must be text, a number"),
        ("where", {"a": lambda x: x}, "Expressions are not evaluated"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(key, value, said):
    """A message names the field in backticks, the value in hand and the rule."""
    text = message(**{key: value})
    assert said in text
    assert "`" in text or key == "shape"


def test_options_are_listed_sorted():
    """The allowed values stand in a sorted tuple, and the nearest one is suggested."""
    assert message(knob_scale="lin") == (
        "`knob_scale` is 'lin'; it must be one of ('fraction', 'linear', 'log', 'rank'). Did you mean 'linear'?"
    )


def test_a_condition_cannot_be_treatment_and_control():
    """Also where the same label is spelled as a number and as text."""
    assert message(treatment=["a", 7], control=["7", "b"]) == (
        "`control` names '7', which is also a `treatment`; a condition is one or the other. Leave it out of one "
        "of them."
    )


def test_pairing_needs_a_control():
    """Without a control there is nothing to pair with."""
    assert (
        message(paired=True) == "`paired` is True, but there is no `control` to pair with. Name the control."
    )


def test_pairing_needs_repeated_seeds():
    """Fresh runs in every cell cannot be paired."""
    assert "no seed is seen twice" in message(paired=True, control="a", design="independent")


def test_two_roles_cannot_share_a_column():
    """The knob cannot be the seed."""
    assert message(knob="step", seed="step") == (
        "`seed` and `knob` both name column 'step'; each has one of its own."
    )


def test_all_problems_are_raised_at_once():
    """Three wrong fields are three lines of one error."""
    text = message(alpha=2, paired="yes", control=[])
    assert text.startswith("the signature has 3 problems:\n  - ")
    assert text.count("\n") == 3


def test_long_values_are_cut():
    """A message stays readable whatever was handed in."""
    assert len(message(knob_scale=3, where="x" * 10_000)) < 1000


def test_errors_are_value_errors():
    """A signature that makes no sense is a ValueError to those who know nothing of sigstats."""
    with pytest.raises(ValueError, match="alpha"):
        make(alpha=1)


# --- TOML ---

texts = st.text(min_size=1, max_size=12).filter(str.strip)
numbers = st.floats(min_value=1e-300, max_value=1e300)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times()
)
ends = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).map(sorted)
ranges = st.one_of(
    ends.map(lambda pair: {"min": pair[0], "max": pair[1]}),
    ends.map(lambda pair: {"min": pair[0]}),
    st.dates().map(lambda day: {"max": day}),
)
filters = st.dictionaries(texts, scalars | st.lists(scalars, min_size=1, max_size=3) | ranges, max_size=3)


WORDS = (["off", "on"], [True, False], ["3", "1"])  # levels that have no logarithm


@st.composite
def signatures(draw):
    """Draw any signature that makes sense."""
    labels = draw(st.lists(texts, unique=True, min_size=2, max_size=4))
    split = draw(st.integers(0, len(labels)))
    columns = draw(st.lists(texts, unique=True, min_size=4, max_size=4))
    control = labels[split:] or None
    paired = control is not None and draw(st.booleans())
    scale = draw(st.sampled_from(["linear", "log", "rank", "fraction"]))
    return Signature(
        shape=draw(st.sampled_from([Increasing(), Decreasing()])),
        name=draw(st.none() | texts),
        data=draw(st.none() | texts),
        **dict(zip(("knob", "metric", "seed", "condition"), columns, strict=True)),
        treatment=labels[:split] or None,
        control=control,
        levels=draw(st.sampled_from([None, *([] if scale == "log" else WORDS), [1, 2.5, 3]])),
        min_effect=draw(st.none() | numbers),
        knob_scale=scale,
        metric_scale=draw(st.sampled_from(["linear", "log", "logit"])),
        design=draw(st.sampled_from(["auto", "repeated"] if paired else ["auto", "repeated", "independent"])),
        paired=paired,
        quiet_fraction=draw(st.floats(0, 1, exclude_min=True, exclude_max=True)),
        alpha=draw(st.floats(0, 0.5, exclude_min=True, exclude_max=True)),
        across=draw(st.sampled_from(["mean", "each"])),
        short_seeds=draw(st.sampled_from(["drop", "keep"])),
        where=draw(st.none() | filters),
        aggregate=draw(st.sampled_from([None, "mean", "median", "min", "max"])),
        quantity=draw(st.none() | texts),
        why=draw(st.none() | texts),
        role=draw(st.sampled_from(["core", "auxiliary", "boundary"])),
        expect=draw(st.sampled_from(["present", "absent"])),
        exclusive_with=draw(st.lists(texts, max_size=2)),
        looks=draw(
            st.none() | st.lists(st.integers(3, 99), unique=True, min_size=1, max_size=20).map(sorted)
        ),
        seeds=draw(st.none() | st.integers(1, 99) | st.just({"treatment": 3, "control": 4})),
        cost_per_run=draw(st.none() | numbers),
        suggested_by=draw(st.sampled_from([[], ["0f" * 32]])),
    )


@pytest.fixture(scope="module")
def card_file(tmp_path_factory):
    """Return a file to write to."""
    return tmp_path_factory.mktemp("cards") / "card.toml"


@pytest.mark.long
@settings(deadline=None, max_examples=200)
@given(signature=signatures())
def test_toml_brings_an_equal_signature_back(card_file, signature):
    """What is written as TOML is read as the same signature, whatever letters its names have."""
    card_file.write_text(signature.to_toml(), encoding="utf-8", newline="")
    assert Signature.from_toml(card_file) == signature


@pytest.mark.long
@settings(deadline=None, max_examples=100)
@given(signature=signatures())
def test_signatures_can_be_pickled(signature):
    """Any signature survives pickling with its hash."""
    twin = pickle.loads(pickle.dumps(signature))  # noqa: S301 - our own bytes
    assert twin == signature
    assert hash(twin) == hash(signature)


def test_toml_leaves_defaults_out():
    """A short signature is a short card."""
    assert make(metric="score").to_toml() == '[[signature]]\nmetric = "score"\nshape = "increasing"\n'


def test_toml_of_everything():
    """Each field has its line, in the order of the documentation."""
    assert FULL.to_toml() == (
        "[[signature]]\n"
        'name = "rises"\n'
        'data = "sweep.csv"\n'
        'knob = "steps"\n'
        'metric = "score"\n'
        'seed = "run"\n'
        'condition = "model"\n'
        'shape = "increasing"\n'
        'treatment = ["a", "b"]\n'
        'control = ["c"]\n'
        'item = "question"\n'
        'levels = ["off", "on"]\n'
        "min_effect = 0.1\n"
        'knob_scale = "rank"\n'
        'metric_scale = "logit"\n'
        'design = "repeated"\n'
        "bounds = [0.0, 1.0]\n"
        "paired = true\n"
        "quiet_fraction = 0.25\n"
        "calibrate = true\n"
        "alpha = 0.01\n"
        'across = "each"\n'
        'short_seeds = "keep"\n'
        "looks = [3, 5]\n"
        'where = { layer = ["last", 3], step = { min = 1, max = 2.5 } }\n'
        'aggregate = "median"\n'
        'runs = { at = ["first", "acc", 0.9], pattern = "(?P<model>.+)_(?P<run>[0-9]+)" }\n'
        'read = { decimal = ",", missing = ["", "-"] }\n'
        'quantity = "share of correct answers"\n'
        'computed = "argmax of the logits"\n'
        'place = "last layer"\n'
        'role = "boundary"\n'
        'expect = "absent"\n'
        'why = "the noise of one run is 0.05"\n'
        'exclusive_with = ["falls"]\n'
        "seeds = { treatment = 5, control = 6 }\n"
        "cost_per_run = 2.0\n"
        f'suggested_by = ["{"0f" * 32}"]\n'
    )


def test_one_signature_is_one(tmp_path):
    """A card with several signatures is refused where one was asked for, and they are named."""
    path = tmp_path / "card.toml"
    path.write_text(
        '[[signature]]\nname="a"\nshape="increasing"\n[[signature]]\nname="b"\nshape="increasing"\n'
    )
    with pytest.raises(
        CardError, match=r"holds 2 signatures; .*Card.from_toml and choose among \('a', 'b'\)"
    ):
        Signature.from_toml(path)


# --- one source of fields ---


def test_detect_has_the_fields_of_a_signature_with_their_defaults():
    """What a signature says of a table is a keyword of `detect`, in the same order and with the same default."""
    given = inspect.signature(detect).parameters
    assert tuple(given) == ("data", "signature", *CLAIM, "rng")
    for each in dataclasses.fields(Signature):
        if each.name in CLAIM:
            default = None if each.default is dataclasses.MISSING else each.default
            assert given[each.name].default == default
            assert given[each.name].kind is inspect.Parameter.KEYWORD_ONLY


def test_type_checkers_see_the_fields_of_a_signature_with_their_defaults():
    """The wider types for callers stand beside the fields, and name each of them with its default."""
    tree = ast.parse(Path(inspect.getfile(Signature)).read_text(encoding="utf-8"))
    (init,) = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    )
    named = {
        argument.arg: dataclasses.MISSING if default is None else ast.literal_eval(default)
        for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
    }
    assert named == {each.name: each.default for each in dataclasses.fields(Signature)}


def test_every_field_names_its_check():
    """Each check accepts the default of its field, and says what is wrong with an object that no field can hold."""
    for each in dataclasses.fields(Signature):
        check = each.metadata["check"]
        if each.default is not dataclasses.MISSING:
            assert check(each.name, each.default) == each.default
        with pytest.raises(SignatureError, match=f"`{each.name}`"):
            check(each.name, object())


@pytest.mark.parametrize("bounds", [[1, 0], [0], "both", 3, [0, "x"], [0, math.nan]])
def test_bounds_that_make_no_sense_are_refused(bounds):
    """Two numbers in order, or the word none."""
    with pytest.raises(SignatureError, match="`bounds`"):
        make(bounds=bounds)


def test_bounds_are_kept_as_numbers():
    """On a card as in a call."""
    assert make(bounds=[0, 1]).bounds == (0.0, 1.0)
    assert make(bounds="none").bounds == "none"
    assert make().bounds is None


@pytest.mark.parametrize("shape", ["power_law", "scaling_law"])
def test_words_have_no_logarithm(shape):
    with pytest.raises(SignatureError, match=f"'off'.*'{shape}'.*logarithm.*column of numbers"):
        Signature(levels=("off", "low", "high"), shape=shape)


def test_a_promised_forecast_has_one_spelling_and_needs_a_law():
    """Levels are sorted, the part is written out; without a law, or a knob that goes on, nothing is predicted."""
    law = {"shape": "scaling_law", "forecast": {"to": [1024, 512, 512]}}
    assert Signature(**law).forecast == {"to": (512.0, 1024.0), "within": 0.05}
    assert Signature(**law) == Signature(shape="scaling_law", forecast={"to": [512, 1024], "within": 0.05})
    assert Signature(**law) != Signature(shape="scaling_law")
    assert "forecast = { to = [512.0, 1024.0], within = 0.05 }" in Signature(**law).to_toml()
    for fields in ({"knob_scale": "rank"}, {"levels": ["off", "on"]}):
        with pytest.raises(SignatureError, match="levels that were not run have no place"):
            Signature(shape="linear", forecast={"to": 9}, **fields)
