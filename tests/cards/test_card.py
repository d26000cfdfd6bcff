"""Cards are read strictly, and every problem names its place."""
# ruff: noqa: ISC004 - messages verbatim

import dataclasses
import json
import os
import pickle

import pytest

from sigstats.cards.card import Card
from sigstats.errors import CardError
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature

GOOD = """
[idea]
name = "Topic inertia"
claim = "Self-attention holds a model to the topic of a longer prompt."
applies_to = "decoder-only transformers, prompts of 10 to 200 tokens"
fails_when = ["architectures without attention", "multi-step agentic use"]

[[signature]]
name = "similarity rises with prompt length"
data = "sweep.csv"                                  # relative to the card
knob = "prompt_tokens"
metric = "cosine"
seed = "document"
condition = "model"
where = { layer = "last", step = { min = 1000 } }
shape = "increasing"
min_effect = 0.05
knob_scale = "log"
treatment = ["llama-2", "mpt"]
control = ["rnn"]
"""


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a card from its text."""

    def reader(text):
        path = tmp_path / "card.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Card.from_toml(path)

    return reader


@pytest.fixture
def problem(read):
    """Return a function that tells what is wrong with a text, the path of the file left out."""

    def teller(text):
        with pytest.raises(CardError) as caught:
            read(text)
        head, _, rest = str(caught.value).partition("card.toml'")
        assert head.startswith("card '")
        return rest

    return teller


def test_a_card_holds_an_idea_and_signatures(read):
    """Everything that the card says arrives."""
    card = read(GOOD)
    assert card.idea.name == "Topic inertia"
    assert card.idea.fails_when == ("architectures without attention", "multi-step agentic use")
    (signature,) = card.signatures
    assert signature == Signature(
        name="similarity rises with prompt length",
        data="sweep.csv",
        knob="prompt_tokens",
        metric="cosine",
        seed="document",
        condition="model",
        where={"layer": "last", "step": {"min": 1000}},
        shape="increasing",
        min_effect=0.05,
        knob_scale="log",
        treatment=["llama-2", "mpt"],
        control=["rnn"],
    )


def test_data_are_found_beside_the_card(read, tmp_path):
    """A relative path starts at the card, wherever the program runs."""
    card = read(GOOD)
    assert card.data_path(card.signatures[0]) == tmp_path / "sweep.csv"
    absolute = Signature(shape="increasing", data="/elsewhere/sweep.csv")
    assert str(card.data_path(absolute)) == "/elsewhere/sweep.csv"
    assert card.data_path(Signature(shape="increasing")) is None


def test_a_card_is_written_and_read_again(read):
    """The text of a card gives an equal card, also with strange letters; cards can be pickled."""
    idea = Idea(name='a "b" \\ \n\x1b', claim="ü \u202e 🙂", fails_when="never")
    card = Card(
        idea=idea, signatures=[Signature(name="x\x7f", shape="increasing"), Signature(shape="increasing")]
    )
    again = read(card.to_toml())
    assert again == card
    assert hash(again) == hash(card)
    assert pickle.loads(pickle.dumps(again)) == card  # noqa: S301 - our own bytes


def test_windows_files_are_read(read):
    """A byte order mark and two-byte line ends are no problem."""
    assert (
        read(b"\xef\xbb\xbf[[signature]]\r\nshape = 'increasing'\r\n").signatures[0].shape.name
        == "increasing"
    )


def test_a_subtable_may_hold_the_filters(read):
    """TOML has several ways to write a table, and all of them are read."""
    card = read("[[signature]]\nshape = 'increasing'\nwhere.a = 1\n[signature.where.b]\nmin = 2\n")
    assert dict(card.signatures[0].where) == {"a": 1, "b": {"min": 2}}


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_spelling(problem):
    """The message says where, what, and what was probably meant."""
    said = problem('[[signature]]\nname = "rises"\nshape = "increasing"\n\nknob_scal = "log"\n')
    assert said.startswith(
        ", line 5, signature 1 'rises': there is no key 'knob_scal'; a signature has ('across', "
    )
    assert said.endswith("Did you mean 'knob_scale'?")


def test_every_problem_is_listed_with_its_place(problem):
    """Several problems in several tables are raised once, each with its line."""
    said = problem("""# [[signature]] in a comment
[idea]
nme = "x"
claim = \"\"\"
[[signature]]
shape = "not a key"
\"\"\"

[[signature]]
name = "one"
shape = "increasing"
alpha = 2
contol = ["a"]

[[signature]]
"name" = "two"
shape = "increasin"
  [signature.where]
  step = { mn = 1 }

[[ signature ]]
knob = 3

[extra]
shape = "increasing"
""")
    lines = said.split("\n  - ")
    assert lines[0] == " has 9 problems:"
    assert [line.split(":")[0] for line in lines[1:]] == [
        "line 24",
        "line 3, [idea]",
        "line 2, [idea]",
        "line 13, signature 1 'one'",
        "line 12, signature 1 'one'",
        "line 17, signature 2 'two'",
        "line 18, signature 2 'two'",
        "line 21, signature 3",
        "line 22, signature 3",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": there is no signature; a card declares at least one [[signature]]."),
        ("[idea]\nname = 'x'\n", ": there is no signature; a card declares at least one [[signature]]."),
        ("signature = []\n", ": there is no signature; a card declares at least one [[signature]]."),
        (
            "\n[signature]\nshape = 'increasing'\n",
            ", line 2: `signature` must be a list of tables; write [[signature]], with two brackets, above each.",
        ),
        (
            "[[signature]]\nknob = 'x'\n",
            ", line 1, signature 1: `shape` is missing; every signature predicts one, as in: "
            'shape = "increasing"',
        ),
        (
            "idea = 'x'\n[[signature]]\nshape = 'increasing'\n",
            ", line 1: `idea` must be a table; write [idea] above its keys.",
        ),
        (
            "[idea]\nclaim = 'x'\n[[signature]]\nshape = 'increasing'\n",
            ", line 1, [idea]: `name` is missing; an idea has one.",
        ),
        (
            "[idea]\nname = 'x'\nfails_when = [1]\n[[signature]]\nshape = 'increasing'\n",
            ", line 3, [idea]: `fails_when` is [1]; it must be a list of texts, none empty.",
        ),
        (
            "[[signatures]]\nshape = 'increasing'\n",
            " has 2 problems:\n"
            "  - line 1: there is no key 'signatures'; the top of a card holds [idea] and [[signature]]. "
            "Did you mean 'signature'?\n"
            "  - there is no signature; a card declares at least one [[signature]].",
        ),
        (
            "[[signature]]\nshape = 'increasing'\ncontrol = ['a']\ntreatment = ['a']\n",
            ", line 3, signature 1: `control` names 'a', which is also a `treatment`; a condition is one or the "
            "other. Leave it out of one of them.",
        ),
        (
            "[[signature]]\nname = 'x'\nshape = 'increasing'\n[[signature]]\nname = 'x'\nshape = 'increasing'\n",
            ", line 4, signature 2 'x': signatures 1, 2 are all named 'x'; names must differ. Rename all but one.",
        ),
        (
            "[[signature]]\nname = 'signature 2'\nshape = 'increasing'\n[[signature]]\nshape = 'increasing'\n"
            "treatment = 'b'\n",
            ", line 1, signature 1 'signature 2': signature 1 is named 'signature 2', which is what reports call the "
            "one without a name at that place. Name that one, or rename this one.",
        ),
        (
            "[[signature]]\nshape = 'increasing'\n[[signature]]\nshape = 'decreasing'\n",
            ", line 3, signature 2: signatures 1 and 2 predict 'increasing' and 'decreasing' of the same rows; "
            "they cannot both hold. Give them different data, treatments or rows (`where`), or let one name the other "
            "in `exclusive_with`.",
        ),
        (
            "[[signature]]\nname = 'a'\nshape = 'increasing'\n"
            "[[signature]]\nname = 'b'\nshape = 'increasing'\nexclusive_with = ['A']\n",
            ", line 4, signature 2 'b': `exclusive_with` names 'A', which no signature of the card is called; it names "
            "other signatures: ('a',). Did you mean 'a'?",
        ),
        (
            "[[signature]]\nname = 'a'\nshape = 'increasing'\nexclusive_with = ['a']\n",
            ", line 1, signature 1 'a': `exclusive_with` names itself; it names other signatures: ().",
        ),
        ("signature = [3]\n", ": signature 1: `signature` holds 3; it must hold tables."),
    ],
)
def test_each_problem_has_its_sentence(problem, text, said):
    """Messages say the place, what is wrong, the rule and the remedy."""
    assert problem(text) == said


def test_opposite_shapes_of_different_rows_are_no_contradiction(read):
    """The treatment may rise where the placebo falls."""
    card = read(
        "[[signature]]\nshape = 'increasing'\ntreatment = ['a']\n"
        "[[signature]]\nshape = 'decreasing'\ntreatment = ['b']\n"
        "[[signature]]\nshape = 'decreasing'\ntreatment = ['a']\nwhere = { late = true }\n"
    )
    assert len(card.signatures) == 3


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[signature]\n", "is not valid TOML"),
        ("[[signature]]\nshape = increasing\n", "(at line 2, column 9)"),
        ("[[signature]]\nshape = 'increasing'\nshape = 'increasing'\n", "Cannot overwrite a value"),
        ("[[signature]]\nalpha = " + "9" * 5000 + "\n", "is not valid TOML"),
        ("a = " + "[" * 400_000, "is nested too deeply"),
        ("a." * 450_000 + "b = 1", "has a key of more than 64 parts"),
        ("[" + "a . " * 200_000 + "b]", "has a key of more than 64 parts"),
        (b"[[signature]]\nname = '\xff'\n", "is not UTF-8 (line 2)"),
        (b"\xff\xfe[\x00", "is not UTF-8 (line 1)"),
        ("# " + "x" * 1_000_000, "is larger than 1 MB"),
        ("a = '" + "." * 400_000 + "'", "there is no key 'a'"),
        ('\\"""\n' * 180_000, "is not valid TOML"),
        ('"' + '\\"' * 440_000, "is not valid TOML"),
        ("[a" + " " * 400_000 + "." + " " * 400_000 + "b]", "there is no key 'a'"),
        ("[[signature]]\n" * 60_000, "and 59980 more"),
    ],
)
def test_files_that_mean_harm_are_refused(problem, text, said):
    """Nothing that fits into a card brings anything but a clean error."""
    assert said in problem(text)


def test_deep_values_are_refused(problem):
    """A value nested within what TOML allows is still no filter."""
    assert "it must be text" in problem(
        "[[signature]]\nshape = 'increasing'\nwhere.a = " + "[" * 65 + "]" * 65
    )


def test_a_file_that_is_not_there_is_named_with_a_near_one(tmp_path):
    """A slip in the file's name is answered with the file that is there."""
    (tmp_path / "inertia.toml").write_text(GOOD)
    with pytest.raises(CardError, match=r"does not exist. Did you mean 'inertia.toml'\?"):
        Card.from_toml(tmp_path / "inerta.toml")
    with pytest.raises(CardError, match=r"does not exist\. Write one with: sigstats new FILE"):
        Card.from_toml(tmp_path / "nowhere" / "zzz.toml")


def test_only_regular_files_are_read(tmp_path):
    """A directory, a device and a pipe that nobody writes to are refused without waiting."""
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (tmp_path, "/dev/zero", pipe):
        with pytest.raises(CardError, match="is not a regular file"):
            Card.from_toml(path)


def test_a_name_that_no_file_can_have_is_a_card_error():
    """A zero byte in the path is no crash."""
    with pytest.raises(CardError, match="cannot be read"):
        Card.from_toml("a\0b.toml")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"signatures": []}, "there is no signature; a card declares at least one [[signature]]."),
        (
            {"signatures": ["increasing"]},
            "`signatures` holds 'increasing'; every element must be a Signature.",
        ),
    ],
)
def test_cards_made_by_hand_are_checked_too(fields, said):
    """The same rules hold without a file."""
    with pytest.raises(CardError) as caught:
        Card(**fields)
    assert str(caught.value) == said


def test_ideas_are_words():
    """An idea with a wrong type is refused, all of it at once."""
    with pytest.raises(CardError, match=r"the idea has 3 problems:"):
        Idea(name=3, claim="", fails_when={"a": 1})


def test_a_card_reads_its_file(read, tmp_path):
    """The sweep of a signature is the table that it names, with every column."""
    (tmp_path / "sweep.csv").write_text("prompt_tokens,cosine,layer\n10,0.5,last\n20,0.75,first\n")
    card = read(GOOD)
    found = card.sweep(card.signatures[0])
    assert found["cosine"].tolist() == [0.5, 0.75]
    assert found["layer"].tolist() == ["last", "first"]


def test_a_card_reads_its_folder_of_logs(tmp_path):
    """The runs in a folder become rows as the signature says: here the last value of each run."""
    for width, loss in ((16, 0.5), (32, 0.25)):
        lines = [{"_meta": {"width": width, "seed": 0}}, {"step": 0, "loss": 1.0}, {"step": 1, "loss": loss}]
        (tmp_path / f"{width}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    signature = Signature(
        shape="decreasing", data=".", knob="width", metric="loss", seed="seed", runs={"at": "last"}
    )
    found = Card(signatures=[signature], path=tmp_path / "card.toml").sweep(signature)
    assert dict(zip(found["width"], found["loss"], strict=True)) == {16: 0.5, 32: 0.25}


def test_a_signature_without_data_is_named():
    """Where there is nothing to read, the error says whose data are missing."""
    signature = Signature(shape="increasing", name="rises")
    with pytest.raises(CardError, match="signature 'rises' names no `data`"):
        Card(signatures=[signature]).sweep(signature)


def test_a_condition_may_lie_between_two_baselines():
    """Higher than one baseline and lower than another is no contradiction; both of one baseline is."""
    above = Signature(name="a", shape="higher", treatment="new", baseline="old")
    below = Signature(name="b", shape="lower", treatment="new", baseline="oracle")
    assert len(Card(signatures=[above, below]).signatures) == 2
    with pytest.raises(CardError, match="cannot both hold"):
        Card(signatures=[above, Signature(name="c", shape="lower", treatment="new", baseline="old")])


def test_signatures_that_exclude_each_other_may_be_opposed():
    """Rivals stand on one card where either names the other; so does a shape that is expected to be absent."""
    rises = Signature(name="rises", shape="increasing")
    falls = Signature(name="falls", shape="decreasing")
    with pytest.raises(CardError, match="or let one name the other in `exclusive_with`"):
        Card(signatures=[rises, falls])
    for pair in (
        [rises, dataclasses.replace(falls, exclusive_with="rises")],
        [dataclasses.replace(rises, exclusive_with="falls"), falls],
        [rises, dataclasses.replace(falls, expect="absent")],
    ):
        assert len(Card(signatures=pair).signatures) == 2


def test_each_opposed_pair_is_looked_at():
    """A signature that the first of its shape excludes may still oppose the second."""
    first = Signature(name="a", shape="increasing", exclusive_with="c")
    second = Signature(name="b", shape="increasing")
    with pytest.raises(CardError, match="signatures 2 and 3 predict 'increasing' and 'decreasing'"):
        Card(signatures=[first, second, Signature(name="c", shape="decreasing")])


def test_an_idea_says_what_brings_it_about_and_what_else_would():
    """Every field of an idea is read from a card as it is written."""
    idea = Idea(
        name="a",
        mechanism="b",
        simplified_setting="c",
        rivals="d",
        references=["e", "f"],
    )
    assert (idea.rivals, idea.references, idea.fails_when) == (("d",), ("e", "f"), ())
    with pytest.raises(CardError, match="`references` is 3; it must be a list of texts, none empty"):
        Idea(name="a", references=3)
