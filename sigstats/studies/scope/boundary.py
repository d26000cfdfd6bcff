"""Where along an ordered moderator a signature stops to hold, from what is settled at its values."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Pattern(enum.StrEnum):
    """What the settled cells along an ordered moderator look like."""

    HOLDS_BELOW = "holds below"
    HOLDS_ABOVE = "holds above"
    NO_CHANGE = "no change"
    NOT_MONOTONE = "not monotone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What becomes of a signature along an ordered moderator.

    Attributes
    ----------
    moderator : str
        Its column.
    within : dict
        The values of the other moderators.
    pattern : Pattern
        ``"holds below"`` or ``"holds above"`` a boundary, ``"no change"`` where everything that is settled is settled
        the same way, ``"not monotone"`` where it changes more than once, ``"unknown"`` where nothing is settled.
    low, high : value or None
        The boundary lies between these two values of the moderator: the signature is shown to hold at one of them and
        not to hold at the other. None where it does not change, or more than once.
    confidence : float
        Probability, at least, that the interval holds a value at which the signature changes over: each end is a
        statement with error rate alpha over all cells.
    changes : tuple of (value, bool)
        Every value that is settled, in order, with whether the signature holds there.
    """

    moderator: str
    within: dict[str, Any]
    pattern: Pattern
    low: Any
    high: Any
    confidence: float
    changes: tuple[tuple[Any, bool], ...]


def boundary_along(
    moderator: str,
    within: dict[str, Any],
    values: Sequence[Any],
    holds: Sequence[bool | None],
    *,
    alpha: float,
) -> Boundary:
    """Return what becomes of a signature along the values of a moderator, in their order."""
    settled = [(value, held) for value, held in zip(values, holds, strict=True) if held is not None]
    turns = [at for at in range(1, len(settled)) if settled[at][1] is not settled[at - 1][1]]
    pattern, low, high = Pattern.NO_CHANGE, None, None
    if not settled:
        pattern = Pattern.UNKNOWN
    elif len(turns) > 1:
        pattern = Pattern.NOT_MONOTONE
    elif turns:
        (low, first), (high, _) = settled[turns[0] - 1 : turns[0] + 1]
        pattern = Pattern.HOLDS_BELOW if first else Pattern.HOLDS_ABOVE
    return Boundary(
        moderator=moderator,
        within=within,
        pattern=pattern,
        low=low,
        high=high,
        confidence=1.0 - 2.0 * alpha,
        changes=tuple(settled),
    )
