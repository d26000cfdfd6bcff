"""What an argument `rng` means: the same everywhere, checked once, and streams told apart by a key."""

import numpy as np
import pytest

from sigstats.errors import OptionError
from sigstats.stats.random import ENTROPY, entropy_of, generator, make_generator, stream


def test_no_rng_is_the_fixed_entropy():
    assert generator(None).random() == generator(ENTROPY).random() == np.random.default_rng(ENTROPY).random()
    assert entropy_of(None) == ENTROPY


def test_a_generator_is_used_as_it_is():
    """It has no entropy that could be told; for streams it draws one."""
    given = np.random.default_rng(1)
    assert make_generator(given) == (None, given)
    assert entropy_of(np.random.default_rng(1)) == entropy_of(np.random.default_rng(1)) < 2**62


@pytest.mark.parametrize("given", [-1, 1.5, True, "7", [1, 2]])
def test_anything_else_is_refused(given):
    with pytest.raises(OptionError, match=r"`rng` is .*; it must be a numpy.random.Generator"):
        generator(given)


def test_streams_differ_by_their_keys_and_repeat():
    first = [stream(5, *key).random() for key in ((), (0,), (1,), (0, 1))]
    assert len(set(first)) == 4
    assert first[1] == stream(5, 0).random()
