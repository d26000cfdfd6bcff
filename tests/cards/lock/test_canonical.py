"""The hash of a card is that of what it says."""

import pytest

from sigstats.cards.lock import canonical


def hash_of(place, text):
    return canonical.hash_of(canonical.record_of(place.write(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n[[signature]]", "\n# a comment\n\n\n[[signature]]"),
        ("min_effect = 0.5", "min_effect    =   0.50"),
        ('knob = "steps"\nmetric = "score"', 'metric = "score"\nknob = "steps"'),
        ('shape = "increasing"', 'shape = { name = "increasing" }'),
        ('shape = "increasing"', 'shape = "increasing"\nalpha = 0.05'),
        ("\n", "\r\n"),
    ],
)
def test_spelling_changes_no_hash(place, old, new):
    assert old in place.CARD
    assert hash_of(place, place.CARD.replace(old, new)) == hash_of(place, place.CARD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("min_effect = 0.5", "min_effect = 0.51"),
        ('"increasing"', '"decreasing"'),
        ('knob = "steps"\n', ""),
        ("More steps", "Many steps"),
        ('name = "rises"', 'name = "rose"'),
    ],
)
def test_what_is_said_changes_the_hash(place, old, new):
    assert old in place.CARD
    assert hash_of(place, place.CARD.replace(old, new)) != hash_of(place, place.CARD)


def test_the_order_of_named_signatures_says_nothing(place):
    one, other = (
        '[[signature]]\nname = "a"\nshape = "increasing"\n',
        '[[signature]]\nname = "b"\nshape = "convex"\n',
    )
    assert hash_of(place, one + other) == hash_of(place, other + one)


def test_whole_numbers_have_one_spelling(place):
    text = place.CARD + "where = { layer = 2, step = { min = 1000 } }\n"
    assert hash_of(place, text) == hash_of(place, text.replace("1000", "1000.0"))


def test_canonical_json_is_this(place):
    """A change of this text would make every lock unreadable."""
    assert canonical.written(
        canonical.record_of(place.write('[[signature]]\nshape = "peak"\nmin_effect = 2.0\n'))
    ) == ('{"idea":{},"signatures":{"#1":{"min_effect":2,"shape":{"name":"peak"}}}}')
    assert canonical.hash_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
