"""Exact sign-flip test of a mean of zero, and its maximum over a family of scores.

If the scores of the seeds are symmetric about zero, every pattern of signs is equally likely. The test counts
how many patterns give a sum at least as large as the one observed. The observed pattern is always among them,
so the p-value is never zero: with S seeds it is at least ``1 / 2**S``.
"""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.blocks import beside, by_table, plain
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import Alternative, FloatArray, IndexArray
from sigstats.stats.random import generator

ByteArray = npt.NDArray[np.uint8]

SLACK = 1e-10
LARGEST = 1e307  # sum of sizes up to which nothing overflows
ENUMERATED = 12
EXACT_LIMIT = 24
DRAWS = 2**15
ENTROPY = 20260101


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlipTest:
    """What one sign-flip test and a family of them have in common."""

    # smallest p-value that is possible with so many scores; in a family, smallest adjusted one
    smallest_pvalue: float
    n_patterns: int  # number of sign patterns
    n: int  # number of scores, one per seed
    alternative: (
        str  # alternative, method, null: direction, "exact" or "Monte Carlo", and the null hypothesis
    )
    method: str
    null: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlipResult(SignFlipTest):
    """Result of a sign-flip test."""

    statistic: float  # sum of the scores
    pvalue: float  # share of sign patterns with a sum at least as extreme, in (0, 1]
    n_as_extreme: int  # how many patterns that is


def sign_flip(
    scores: FloatArray,
    *,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator | int | None = None,
) -> SignFlipResult:
    """Test whether scores are symmetric about zero.

    Parameters
    ----------
    scores : array_like, shape (n,)
        One score per seed; finite.
    alternative : {"two-sided", "greater", "less"}
        Direction of the departure from zero.
    rng : numpy.random.Generator, int or None
        Used only for more than 24 scores, where patterns are drawn; None means a fixed generator, so that the
        same scores always give the same answer.

    Returns
    -------
    SignFlipResult
        Counts and p-value.

    Raises
    ------
    InputError
        If `scores` is not a one-dimensional array of finite numbers, or `alternative` is unknown.

    Notes
    -----
    Assumptions: independent scores, each symmetric about its mean. Sums within a relative 1e-10 of the observed
    one count as ties, so rounding never loses the observed pattern. Up to 24 scores the count is exact: all
    patterns of two halves are listed and combined by sorting.

    What would fool it: strongly skewed scores, whose mean is zero without being symmetric.

    References
    ----------
    R. A. Fisher, *The Design of Experiments*, 1935, section 21. B. Phipson and G. K. Smyth, "Permutation
    P-values should never be zero", 2010, https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    >>> sign_flip([1.0, 2.0, 3.0], alternative="greater").pvalue
    0.125
    """
    values = np.sort(checks.vector("scores", scores))
    side = checks.alternative(alternative)
    if float(np.abs(values).max()) > LARGEST / values.size:
        raise InputError("`scores` are too large to be added. Give them in a larger unit.")
    total = float(values.sum())
    oriented = -values[::-1] if side == "less" else values
    threshold = abs(total) if side == "two-sided" else float(oriented.sum())
    n = values.size
    exact = n <= EXACT_LIMIT
    found, patterns = (
        _exact_count(oriented, np.asarray(threshold)) if exact else _drawn_count(oriented, threshold, rng)
    )
    count = int(found)
    if side == "two-sided":
        zero = threshold <= SLACK * float(np.abs(values).sum())
        count = patterns if zero else (2 * count if exact else min(patterns, 2 * count))
    both = 2 if side == "two-sided" else 1
    return SignFlipResult(
        statistic=total,
        pvalue=count / patterns,
        smallest_pvalue=min(1.0, both / patterns),
        n_as_extreme=count,
        n_patterns=patterns,
        n=n,
        alternative=side,
        method="exact" if exact else "Monte Carlo",
        null="scores are symmetric about 0",
    )


def flip_pvalue(scores: FloatArray) -> tuple[float, str]:
    """Return the p-value of a mean of at most 0, and the method; scores on the last axis, tables before it."""
    values = np.sort(scores, axis=-1)
    n = values.shape[-1]
    if n <= ENUMERATED:
        counts, patterns = _exact_count(values, values.sum(axis=-1))
        return plain(counts / patterns), "exact"
    found = by_table(lambda each: sign_flip(each, alternative="greater").pvalue, values, axes=(1,))
    return found, "exact" if n <= EXACT_LIMIT else "Monte Carlo"


def _sums(values: FloatArray) -> FloatArray:
    sums = np.zeros((*values.shape[:-1], 1))
    for value in np.moveaxis(values, -1, 0):
        sums = np.concatenate([sums - value[..., None], sums + value[..., None]], axis=-1)
    return sums


def _exact_count(values: FloatArray, threshold: FloatArray) -> tuple[IndexArray, int]:
    """Return how many patterns give at least a sum, and how many there are; many scores of one table only."""
    bound = threshold - SLACK * np.abs(values).sum(axis=-1)
    n = values.shape[-1]
    if n <= ENUMERATED:
        return (_sums(values) >= beside(bound, 1)).sum(axis=-1), 2**n
    half = n // 2
    left, right = np.sort(_sums(values[:half])), _sums(values[half:])
    below = np.searchsorted(left, bound - right, side="left")
    return (left.size - below).sum(), 2**n


def _drawn_count(
    values: FloatArray, threshold: float, rng: np.random.Generator | int | None
) -> tuple[int, int]:
    """Count over drawn patterns; the observed one comes on top and always counts."""
    bound = threshold - SLACK * float(np.abs(values).sum())
    sums = _flipped_sums(_drawn_signs(values.size, DRAWS - 1, rng), values[:, None])
    return 1 + int((sums >= bound).sum()), DRAWS


def _drawn_signs(n: int, draws: int, rng: np.random.Generator | int | None) -> ByteArray:
    """Return drawn patterns, a bit for each sign, shape (bytes, draws); without `rng` always the same ones."""
    return _usual_signs(n, draws) if rng is None else _packed(n, draws, generator(rng))


@functools.lru_cache(maxsize=8)
def _usual_signs(n: int, draws: int) -> ByteArray:
    return _packed(n, draws, generator(None))


def _packed(n: int, draws: int, source: np.random.Generator) -> ByteArray:
    block = max(1, int(4e6 / n))
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    bits = (source.integers(0, 2, size=(size, n)).astype(np.uint8) for size in sizes)
    packed = np.concatenate([np.packbits(each, axis=1, bitorder="little") for each in bits])
    signs = np.ascontiguousarray(packed.T)
    signs.flags.writeable = False
    return signs


def _flipped_sums(signs: ByteArray, values: FloatArray) -> FloatArray:
    """Return the sums of the columns under each pattern: the sums of eight rows at a time are looked up."""
    sums = np.zeros((signs.shape[1], values.shape[1]))
    for start, byte in zip(range(0, len(values), 8), signs, strict=True):
        part = values[start : start + 8]
        sums += (-_patterns(len(part)) @ part)[byte & (2 ** len(part) - 1)]
    return sums


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlipFamilyResult(SignFlipTest):
    """Result of a family of sign-flip tests."""

    statistic: FloatArray  # shape (n_tests,): sum of each column over the root of its sum of squares
    pvalue: FloatArray  # shape (n_tests,): adjusted for the family, in (0, 1]
    n_tests: int  # number of tests


def sign_flip_family(
    scores: FloatArray,
    *,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator | int | None = None,
) -> SignFlipFamilyResult:
    """Test several scores of the same seeds at once, by the largest statistic under flips of whole seeds.

    Parameters
    ----------
    scores : array_like, shape (n, n_tests)
        One row per seed, one column per test; finite.
    alternative : {"two-sided", "greater", "less"}
        Direction of the departures from zero.
    rng : numpy.random.Generator, int or None
        Used only for more than 12 seeds, where patterns are drawn; None means a fixed generator.

    Returns
    -------
    SignFlipFamilyResult
        Adjusted p-values: the chance of any false claim over the family is at most the level they are held against.

    Raises
    ------
    InputError
        If `scores` is not a finite two-dimensional array, or `alternative` is unknown.

    Notes
    -----
    Assumptions: seeds are independent, and the rows are symmetric about zero jointly; columns may depend on each
    other in any way. A column of zeros has the p-value 1.

    What would fool it: a seed whose scores are skewed; columns chosen after looking at the signs.

    References
    ----------
    P. H. Westfall and S. S. Young, *Resampling-Based Multiple Testing*, 1993. A. M. Winkler et al., "Permutation
    inference for the general linear model", NeuroImage 92 (2014), https://doi.org/10.1016/j.neuroimage.2014.01.060

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[1.0, 0.3], [2.0, -0.5], [1.5, 0.1], [2.5, 0.2]])
    >>> sign_flip_family(scores, alternative="greater").pvalue
    array([0.0625, 0.75  ])
    """
    values = checks.matrix("scores", scores)
    # Powers of two change no digit, and keep squares from overflowing and from vanishing.
    values = values / np.ldexp(1.0, np.clip(np.frexp(np.abs(values).max(axis=0))[1], -1000, 1000))
    side = checks.alternative(alternative)
    n, n_tests = values.shape
    order = np.lexsort(values.T[::-1])
    size = np.sqrt((values**2).sum(axis=0))
    scaled = values[order] / np.where(size > 0, size, 1.0)
    scaled = -scaled if side == "less" else scaled
    exact = n <= ENUMERATED
    flipped = _patterns(n) @ scaled if exact else _flipped_sums(_drawn_signs(n, DRAWS, rng), scaled)
    observed = scaled.sum(axis=0)
    flipped[0] = observed  # the observed pattern always counts
    statistic = -observed if side == "less" else observed
    if side == "two-sided":
        flipped, observed = np.abs(flipped), np.abs(observed)
    largest = flipped.max(axis=1)
    counts = (largest[:, None] >= observed - SLACK * np.abs(scaled).sum(axis=0)).sum(axis=0)
    both = 2 if side == "two-sided" else 1
    return SignFlipFamilyResult(
        statistic=statistic,
        pvalue=np.asarray(np.where(size > 0, np.maximum(counts, 1) / len(flipped), 1.0)),
        smallest_pvalue=min(1.0, both / len(flipped)),
        n_patterns=len(flipped),
        n=n,
        n_tests=n_tests,
        alternative=side,
        method="exact" if exact else "Monte Carlo",
        null="the scores of every test are symmetric about 0, jointly over tests",
    )


def _patterns(n: int) -> FloatArray:
    return np.asarray(1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1), dtype=float)
