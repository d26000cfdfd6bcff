"""Which statements on cells stand together: corrected for the number of cells, or tested in a declared order.

Two kinds of statement are made, "the signature holds here" and "it does not hold here". Within each kind, the
probability of any false statement is at most alpha.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from sigstats.stats.checks import FloatArray
from sigstats.stats.classical.fixed_sequence import in_sequence
from sigstats.stats.classical.multiplicity import adjust

End = Literal["low", "high"]
ENDS: tuple[End, ...] = get_args(End)


def corrected(
    present: Sequence[float], absent: Sequence[float], chains: Sequence[Sequence[int]], holds_at: End | None
) -> tuple[FloatArray, FloatArray]:
    """Return the p-values of both kinds of statement, adjusted over the cells.

    `chains` are the cells along an ordered moderator, from its low end on; one chain for each combination of the other
    moderators. Where the end at which the signature holds was declared, each chain is tested from that end on for
    "holds", from the other end on for "does not hold"; several chains share alpha evenly. Else both kinds are adjusted
    by Holm's procedure.
    """
    if holds_at is None:
        return adjust(present, method="holm"), adjust(absent, method="holm")
    forward = [list(each) if holds_at == "low" else list(reversed(each)) for each in chains]
    backward = [each[::-1] for each in forward]
    return _along(present, forward), _along(absent, backward)


def _along(pvalues: Sequence[float], chains: Sequence[Sequence[int]]) -> FloatArray:
    given, found = np.asarray(pvalues, dtype=np.float64), np.ones(len(pvalues))
    for chain in chains:
        found[list(chain)] = np.minimum(in_sequence(given[list(chain)]) * len(chains), 1.0)
    return found
