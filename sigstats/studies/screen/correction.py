"""Which of many findings stand together: how many of them may be false, and intervals that allow for the selection.

Two kinds of statement are made, "present" and "absent". Within each, the expected share of false statements (or, with
Holm's procedure, the chance of any) is at most what was asked for.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sigstats.data.table.cells import FloatArray
from sigstats.data.table.keyed.reduce import BoolArray
from sigstats.stats.classical.multiplicity import adjust

Correction = Literal["bh", "by", "holm"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Statements of one kind after correction; arrays have shape (n_rows,)."""

    adjusted: FloatArray  # p-values
    discovery: BoolArray  # which statements stand
    share: float  # by which the error rate of an interval is multiplied for what was selected; 1 where nothing was


def calibrated(pvalues: FloatArray, null: BoolArray) -> FloatArray:
    """Return p-values that also count how many keys without an effect have one as small, shape (n_keys, n_signatures).

    The second p-value is the rank of the first among those of the `null` keys: conformal p-values, of Bates et al.
    (2023), https://doi.org/10.48550/arXiv.2104.08279, which are positively dependent, so that Benjamini-Hochberg holds.
    The larger of both counts.
    """
    if not null.any():
        return pvalues
    whole = np.ones_like(pvalues)
    for at in range(pvalues.shape[1]):
        known = np.sort(pvalues[null, at])
        smaller = np.searchsorted(known, pvalues[:, at], side="right")
        whole[:, at] = np.maximum(pvalues[:, at], (1.0 + smaller) / (1.0 + known.size))
    return whole


def found(
    pvalues: FloatArray,
    said: BoolArray,
    *,
    rate: float,
    correction: Correction,
    asked: BoolArray | None = None,
) -> Found:
    """Return which statements stand after correction, of those that the verdicts make on their own.

    Rows that are not `asked` take no part.

    The share for intervals is that of Benjamini and Yekutieli (2005), https://doi.org/10.1198/016214504000001907: of
    the intervals of `n` selected out of `m`, each with error rate ``alpha * n / m``, an expected share of at most alpha
    misses what it is about.
    """
    asked = np.ones(pvalues.size, dtype=bool) if asked is None else asked
    adjusted = np.ones(pvalues.size)
    adjusted[asked] = adjust(pvalues[asked], method=correction)
    discovery = np.asarray((adjusted <= rate) & said & asked)
    return Found(adjusted=adjusted, discovery=discovery, share=_share(discovery[asked], correction))


def _share(discovery: BoolArray, correction: Correction) -> float:
    m, selected = discovery.size, int(discovery.sum())
    if selected == 0:
        return 1.0
    if correction == "holm":
        return 1.0 / m
    harmonic = float(np.sum(1.0 / np.arange(1, m + 1))) if correction == "by" else 1.0
    return selected / (m * harmonic)
