"""YAML means what PyYAML says it means; what only code could make is left out with its place, bad YAML refused."""

import json
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from sigstats.data.logs.files.yaml import MAX_LENGTH, MAX_VALUES, parse
from sigstats.data.logs.runs import read_runs

SAMPLES = Path(__file__).parents[1] / "samples"
CASES = Path(__file__).parents[1] / "cases"
ORDERED = "!!python/object/apply:collections.OrderedDict"


def value_of(text):
    value, left_out = parse(text)
    assert left_out == ()
    return value


def same(mine, other):
    """Return whether two values are equal in type and value, NaN included.

    A word such as 1e5, which YAML 1.1 takes for text because it has no dot, is the number that YAML 1.2 takes it for.
    """
    if isinstance(mine, float) and isinstance(other, str):
        return "_" not in other and float(other) == mine
    if type(mine) is not type(other):
        return False
    if isinstance(mine, list):
        return len(mine) == len(other) and all(map(same, mine, other))
    if isinstance(mine, dict):
        return len(mine) == len(other) and all(map(same, [*mine, *mine.values()], [*other, *other.values()]))
    return mine == other or (mine != mine and other != other)  # noqa: PLR0124 - NaN


def from_pairs(told):
    if isinstance(told, dict):
        return {key: from_pairs(value) for key, value in told["pairs"]}
    return [from_pairs(each) for each in told] if isinstance(told, list) else told


def test_a_document_means_what_pyyaml_made_of_it():
    text = (SAMPLES / "yaml" / "reference.yaml").read_text(encoding="utf-8")
    expected = from_pairs(json.loads((SAMPLES / "yaml" / "reference.json").read_text(encoding="utf-8")))
    mine = value_of(text)
    assert {key: mine.get(key) for key in expected if not same(mine.get(key), expected[key])} == {}
    assert list(mine) == list(expected)


TEXTS = st.text(max_size=30) | st.text(alphabet="ab :-#'\"\n[]{},\t\\!&*|>%@0.e", max_size=60)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.text(max_size=8) | st.text(alphabet="ab :-#'", max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.long
@given(
    VALUES,
    st.sampled_from([None, False, True]),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([20, 80]),
    st.booleans(),
)
def test_whatever_pyyaml_writes_is_read_back_alike(value, flow, style, width, unicode):
    text = yaml.safe_dump(
        value,
        default_flow_style=flow,
        default_style=style,
        width=width,
        allow_unicode=unicode,
        sort_keys=False,
    )
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    if any(text.startswith("? ") or each in text for each in ("\n? ", " ? ", "<<")):
        return
    mine, left_out = parse(text)
    assert left_out == ()
    assert same(mine, expected)


@given(st.text(max_size=200) | st.text(alphabet="ab1:-#'\"\n []{},\t\\!&*|>?%.", max_size=200))
@example("a: [b, {c: d")
@example("- - - - |\n  x")
def test_any_text_is_understood_or_refused_with_its_line(text):
    refusal = "line 1: none"
    try:
        parse(text)
    except ValueError as error:
        refusal = str(error)
    assert refusal.startswith("line ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-08", 1e-08), ("1e3", 1000.0), ("'1e3'", "1e3"),
        (".5", 0.5), ("-0x1F", -31), ("no", "no"), ("on", "on"), ("012", "012"),
        ("1_000", "1_000"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("TRUE", True), ("", None), ("nan", "nan"),
        ("---\n- a\n", ["a"]), ("--- # only a comment\n...\n", None), ("a:\r\n  b: 1\r\n", {"a": {"b": 1}}),
        ("\ufeffa: 1", {"a": 1}), ("1" * 400, "1" * 400),
    ],
)  # fmt: skip
def test_words_on_which_versions_of_yaml_disagree_stay_words(text, value):
    assert same(value_of(text), value)


def test_not_a_number_is_one():
    assert math.isnan(value_of(".nan"))


def test_an_ordered_dictionary_of_pyyaml_is_a_mapping():
    text = f"{ORDERED}\n- - - seed\n    - 1648070233\n  - - env\n    - CartPole-v1\n"
    assert value_of(text) == {"seed": 1648070233, "env": "CartPole-v1"}


def test_tuples_are_lists():
    assert value_of("betas: !!python/tuple\n- 0.9\n- 0.999\n") == {"betas": [0.9, 0.999]}


def test_a_comment_may_follow_a_key():
    text = "model:  # the network\n  width: 64\nsizes: # one per layer\n  - 1\nnotes: # none\nseed: 3\n"
    assert value_of(text) == {"model": {"width": 64}, "sizes": [1], "notes": None, "seed": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &id [1]\nb: *id\nc: 3\n", {"a": [1], "b": [1], "c": 3}),
        ("b: &x {k: 1, e: 1}\nd:\n  e: 2\n  <<: *x\n", {"b": {"k": 1, "e": 1}, "d": {"k": 1, "e": 2}}),
        ("- &x {k: 1}\n- &y {k: 2, m: 3}\n- <<: [*x, *y]\n", [{"k": 1}, {"k": 2, "m": 3}, {"k": 1, "m": 3}]),
        ("a: {'<<': 1}\n", {"a": {"<<": 1}}),
    ],
)
def test_aliases_and_merge_keys_are_resolved(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("cfg: !!python/object:__main__.Config\n  width: 64\n", {"cfg": {"width": 64}}),
        ("!!python/object/new:easydict.EasyDict\nstate: {lr: 0.1}\n", {"state": {"lr": 0.1}}),
        ("a: !mine [1, 2]\nb: !mine {c: 1}\nd: !mine 5\n", {"a": [1, 2], "b": {"c": 1}, "d": 5}),
        ("a: !!str 5\nb: !!float 5\nc: !!int '5'\nd: ! 5\n", {"a": "5", "b": 5.0, "c": 5, "d": "5"}),
        ("!!set {a, b}", {"a": None, "b": None}),
    ],
)
def test_a_tag_is_not_needed_to_read_a_mapping_a_list_or_a_word(text, value):
    assert same(value_of(text), value)


@pytest.mark.parametrize(
    ("text", "value", "left_out"),
    [
        ("a: 1\nf: !!python/name:torch.relu\n", {"a": 1}, ("f: tag !!python/name:torch.relu",)),
        (
            "x:\n- !!python/object/apply:os.system ['echo']\n- 2\n",
            {"x": [None, 2]},
            ("x.0: tag !!python/object/apply:os.system",),
        ),
        (
            "n: !!python/object/apply:numpy.core.multiarray.scalar\n- !!binary |\n  AAAA\n",
            {},
            ("n: tag !!python/object/apply:numpy.core.multiarray.scalar",),
        ),
        (f"{ORDERED}\n- [1, 2]\n", None, (f"the document: tag {ORDERED}",)),
        ("b: &x !!binary AAAA\nc: *x\n", {}, ("b: tag !!binary", "c: alias *x")),
        ("d:\n  <<: 5\n  e: 2\n", {"d": {"e": 2}}, ("d: merge key",)),
    ],
)
def test_what_only_code_could_make_is_left_out_with_its_place(text, value, left_out):
    assert parse(text) == (value, left_out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "line 2: the key 'a' occurs twice"),
        ("{a: 1, a: 2}", "line 1: the key 'a' occurs twice"),
        ("a: 1\n---\nb: 2\n", "line 2: more than one document"),
        ("a:\n\tb: 1\n", "line 2: found character"),
        ("? [a]\n: b\n", "line 1: a key must be a word or a number"),
        ("a: b: c\n", "line 1: mapping values are not allowed"),
        ("a:\n    b: 1\n  c: 2\n", "line 3"),
        ("b: 1\na: 'open\n", "found unexpected end of stream while scanning a quoted scalar from line 2"),
        ("a: [1, 2\n", "while parsing a flow sequence from line 1"),
        ("a: [1 2, [3}]\n", "line 1"),
        ("b: 1\na: \x00\n", "line 2: the character '\\x00' is not allowed"),
        ('a: "\\q"\n', "line 1: found unknown escape character"),
        ("- a\nb: 1\n", "line 2"),
        ("a: *x\n", "line 1: *x refers to nothing"),
        ("a: &x [1, *x]\n", "line 1: *x refers to nothing"),
    ],
)
def test_bad_yaml_is_refused_with_its_line(text, message):
    with pytest.raises(ValueError, match="line") as error:
        parse(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 100_000,
        "a: " + "{b: " * 1_000,
        "".join(f"{' ' * depth}k:\n" for depth in range(200)),
        "x" * (MAX_LENGTH + 1),
    ],
)
def test_what_is_too_deep_or_too_long_is_refused(text):
    with pytest.raises(ValueError, match=r"deep|depth|characters"):
        parse(text)


def test_aliases_within_aliases_do_not_grow():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ValueError, match=f"line 6: the document has more than {MAX_VALUES:,} values"):
        parse("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: " + " " * 300_000 + "b", {"a": "b"}),
        ("a: b" + "\n" * 300_000, {"a": "b"}),
        ("x " * 200_000, ("x " * 200_000).strip()),
        ("#" * 900_000, None),
    ],
    ids=["spaces", "lines", "words", "comment"],
)
def test_long_texts_are_read(text, value):
    assert parse(text) == (value, ())


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("yaml_*")))
def test_settings_of_whole_folders_are_right(case):
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    runs = read_runs(CASES / case / "input")
    (config,) = (run.config for run in runs.each())
    assert config == expected["settings"]
    told = [problem.message for problem in runs.problems if problem.code == "CONFIG_LEFT_OUT"]
    assert [place for place in expected.get("left_out", ()) if f": {place}: " not in "".join(told)] == []
