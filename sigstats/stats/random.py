"""The random generator that a caller's `rng` means, and streams that are told apart by a key."""

import numpy as np

from sigstats.errors import OptionError

ENTROPY = 20260101


def make_generator(rng: object) -> tuple[int | None, np.random.Generator]:
    """Return the entropy (None for a generator, which has its own) and the generator that `rng` means."""
    if isinstance(rng, np.random.Generator):
        return None, rng
    if rng is None or (isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0):
        entropy = ENTROPY if rng is None else int(rng)
        return entropy, np.random.default_rng(entropy)
    raise OptionError(
        f"`rng` is {rng!r}; it must be a numpy.random.Generator, a non-negative integer or None. "
        "Make one with numpy.random.default_rng(12345)."
    )


def generator(rng: object) -> np.random.Generator:
    """Return the generator that `rng` means; None means a fixed entropy."""
    return make_generator(rng)[1]


def entropy_of(rng: object) -> int:
    """Return the entropy for streams; a generator draws one."""
    entropy, source = make_generator(rng)
    return int(source.integers(2**62)) if entropy is None else entropy


def stream(entropy: int, *key: int) -> np.random.Generator:
    """Return the generator of one stream; streams with different keys are independent."""
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=key))
