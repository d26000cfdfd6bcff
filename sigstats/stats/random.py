"""The random generator that a caller's `rng` means."""

import numpy as np

from sigstats.errors import OptionError

ENTROPY = 20260101


def make_generator(rng: np.random.Generator | int | None) -> tuple[int | None, np.random.Generator]:
    """Return the entropy and the generator that `rng` means."""
    if isinstance(rng, np.random.Generator):
        return None, rng
    if rng is None or (isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0):
        entropy = ENTROPY if rng is None else int(rng)
        return entropy, np.random.default_rng(entropy)
    raise OptionError(
        f"`rng` is {rng!r}; it must be a numpy.random.Generator, a non-negative integer or None. "
        "Make one with numpy.random.default_rng(12345)."
    )
