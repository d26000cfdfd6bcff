"""``sigstats shapes``: every shape with its sketch, and a card that works."""

import json
import re

import pytest

from sigstats import Card
from sigstats.cli.main import main
from sigstats.errors import SignatureError
from sigstats.shapes import SHAPES, as_shape
from sigstats.shapes.against import AGAINST
from sigstats.studies.vocabulary.described import BARS, told

EVERY = told()


@pytest.mark.long
def test_every_shape_is_listed_with_what_it_claims_and_needs(capsys):
    assert main(["shapes"]) == 0
    said = capsys.readouterr().out
    assert {each.name for each in EVERY} == set(SHAPES) | set(AGAINST)
    for each in EVERY:
        assert each.called in said
        assert each.sketch in said
    assert "All of them need 3 seeds or more in every condition." in said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.long
@pytest.mark.parametrize("shape", EVERY, ids=[each.called for each in EVERY])
def test_the_card_of_a_shape_can_be_read_and_declares_it(shape, tmp_path):
    """A card that is copied from the screen declares this shape, and says why none can where none can."""
    if shape.name == "custom":
        assert shape.card is None
        return
    place = tmp_path / "card.toml"
    place.write_text(shape.card, encoding="utf-8")
    (signature,) = Card.from_toml(place).signatures
    assert signature.shape.name == shape.name
    assert signature.shape.claim == shape.claim


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("increasing", BARS[0], BARS[-1]),
        ("decreasing", BARS[-1], BARS[0]),
        ("peak", BARS[0], BARS[0]),
        ("valley", BARS[-1], BARS[-1]),
        ("convex", BARS[0], BARS[-1]),
        ("fades", BARS[-1], BARS[0]),
    ],
)
def test_a_sketch_shows_the_shape(name, start, end):
    (found,) = told(name)
    assert (found.sketch[0], found.sketch[-1]) == (start, end)


@pytest.mark.long
def test_another_word_shows_the_shapes_that_it_leads_to(capsys):
    """In any spelling; what an error would suggest is shown at once."""
    assert main(["shapes", "emergence"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("'emergence' is another word for 'sigmoid' or 'threshold':\n\nsigmoid  ")
    assert "\nthreshold  " in said
    assert main(["shapes", "Phase-Change", "--json"]) == 0
    assert {each["name"] for each in json.loads(capsys.readouterr().out)["shapes"]} <= {
        "sigmoid",
        "threshold",
    }


def test_one_shape_is_told_in_full_with_its_forms_and_near_misses(capsys):
    assert main(["shapes", "threshold"]) == 0
    said = capsys.readouterr().out
    for words in ("bends (primary)", "jumps (primary)", "tested against", "sigmoid", "[[signature]]"):
        assert words in said
    assert "sigstats.shapes.Threshold(form='step')" in said


@pytest.mark.long
def test_programs_read_the_same_as_json(capsys):
    assert main(["shapes", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert [each["name"] for each in found["shapes"]] == [each.name for each in EVERY]
    assert found["shapes"][0]["clauses"][0]["null"] == "mean linear score over seeds <= 0"


def test_a_name_that_is_none_is_refused_with_the_nearest_one(capsys):
    assert main(["shapes", "peek"]) == 2
    assert "'peak'" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("hinge", "Did you mean 'threshold'?"),
        ("U-shape", "Did you mean 'valley'?"),
        ("phase_change", "Did you mean 'sigmoid' or 'threshold'?"),
        ("monotone", "Did you mean 'decreasing' or 'increasing'?"),
        ("scaling", "Did you mean 'power_law' or 'scaling_law'?"),
        ("plateau", "Did you mean 'saturating'?"),
        ("constant", "Did you mean 'flat'?"),
        ("emergence", "'sigmoid'"),
    ],
)
def test_other_words_for_a_shape_lead_to_it(word, hint, capsys):
    """Where one is asked for it is shown; where one is declared, a word for a shape names the shape."""
    assert main(["shapes", word]) == 0
    assert hint.removeprefix("Did you mean ").removesuffix("?") in capsys.readouterr().out.splitlines()[0]
    with pytest.raises(SignatureError, match=re.escape(hint)):
        as_shape(word)


def test_other_words_are_written_as_they_are_looked_up():
    """Small letters with spaces, and no name of a shape, which would mean that shape."""
    known = SHAPES | AGAINST
    for shape in known.values():
        for word in shape.also_called:
            assert word == word.casefold() == " ".join(word.replace("_", " ").replace("-", " ").split())
            assert word not in known
