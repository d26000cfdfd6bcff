"""Null distributions counted out exactly, in whole numbers.

A permutation test asks in how many of all arrangements of the observations the statistic is at least as large
as the one observed. The number of arrangements explodes, the number of different values of the statistic does
not: so arrangements are counted per value, as coefficients of a polynomial, and polynomials are multiplied.
Each is packed into one long integer, with so many bits per coefficient that no carry reaches the next;
Python's integers then do the work exactly.

References
----------
.. [1] H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger
       than the other", Annals of Mathematical Statistics 18(1), 50-60, 1947.
       https://doi.org/10.1214/aoms/1177730491
.. [2] C. R. Mehta, N. R. Patel, P. Senchaudhuri, "Importance sampling for estimating exact probabilities in
       permutational inference", Journal of the American Statistical Association 83(404), 999-1005, 1988
       (networks of margins).
       https://doi.org/10.1080/01621459.1988.10478691
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sigstats.stats.checks import IntArray

Counts = tuple[int, ...]
MAX_UNTIED = 100  # observations: about 0.2 s
MAX_STEPS = 100_000  # steps of the network over tied values: about 0.2 s


def _bits(total: int) -> int:
    """Return how many bits a coefficient needs so that sums up to `total` do not overflow, in whole bytes."""
    return 8 * (total.bit_length() // 8 + 1)


def pack(counts: Sequence[int], bits: int) -> int:
    """Return a polynomial with these coefficients as one integer."""
    width = bits // 8
    return int.from_bytes(b"".join(count.to_bytes(width, "little") for count in counts), "little")


def unpack(packed: int, bits: int) -> Counts:
    """Return the coefficients of a packed polynomial, lowest power first."""
    width = bits // 8
    size = -(-packed.bit_length() // bits)
    raw = packed.to_bytes(size * width, "little")
    return tuple(int.from_bytes(raw[i : i + width], "little") for i in range(0, len(raw), width))


def multinomial(sizes: Sequence[int]) -> int:
    """Return the number of ways to share out sum(sizes) things to groups of these sizes."""
    total, result = 0, 1
    for size in sizes:
        total += size
        result *= math.comb(total, size)
    return result


@lru_cache(maxsize=64)
def untied_counts(blocks: tuple[tuple[int, ...], ...]) -> Counts:
    """Return how many arrangements have each value of a sum of independent Jonckheere counts, without ties.

    Parameters
    ----------
    blocks : tuple of tuple of int
        For each independent block, the sizes of its ordered groups.

    Returns
    -------
    tuple of int
        At position u the number of arrangements with u pairs in the expected order. For one block of groups
        of size 1 these are the permutations of n by inversions; for two groups, the Mann-Whitney
        distribution.
    """
    bits = _bits(math.prod(multinomial(sizes) for sizes in blocks))
    packed = 1
    for sizes in blocks:
        before = sizes[0]
        for size in sizes[1:]:
            # the Gaussian binomial coefficient: product of (q^(before + i) - 1) / (q^i - 1)
            for i in range(1, size + 1):
                packed = (packed << (bits * (before + i))) - packed
                packed //= (1 << (bits * i)) - 1
            before += size
    return unpack(packed, bits)


def _shares(total: int, room: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every way to share out `total` things among places with limited room."""
    if not room:
        if total == 0:
            yield ()
        return
    for first in range(max(0, total - sum(room[1:])), min(total, room[0]) + 1):
        for rest in _shares(total - first, room[1:]):
            yield (first, *rest)


def network_steps(sizes: tuple[int, ...], ties: tuple[int, ...]) -> int:
    """Return about how many steps `tied_counts` takes."""
    states = math.prod(size + 1 for size in sizes)
    return sum(min(states, math.comb(tie + len(sizes) - 1, tie)) for tie in set(ties)) * states


def tied_counts(sizes: tuple[int, ...], ties: tuple[int, ...], order: IntArray) -> Counts:
    """Return how many arrangements have each value of twice a sum of Mann-Whitney counts, with ties.

    Parameters
    ----------
    sizes : tuple of int, length k
        Sizes of the groups.
    ties : tuple of int
        How often each value occurs, smallest value first.
    order : ndarray of int, shape (k, k)
        order[g, h] is 1 where pairs with the value of group g below that of group h are counted. Tied pairs
        count half.

    Returns
    -------
    tuple of int
        At position u the number of arrangements with a statistic of u / 2.

    Notes
    -----
    Values are dealt to the groups from the smallest to the largest; arrangements that have filled the groups
    to the same extent are continued together [2]_.
    """
    bits = _bits(multinomial(sizes))
    compared = [(g, h) for g in range(len(sizes)) for h in range(len(sizes)) if order[g, h] == 1]
    nodes = {(0,) * len(sizes): 1}
    for tie in ties:
        following: dict[tuple[int, ...], int] = {}
        for filled, packed in nodes.items():
            room = tuple(size - used for size, used in zip(sizes, filled, strict=True))
            for share in _shares(tie, room):
                gain = sum(share[h] * (2 * filled[g] + share[g]) for g, h in compared)
                node = tuple(used + new for used, new in zip(filled, share, strict=True))
                following[node] = following.get(node, 0) + ((packed * multinomial(share)) << (bits * gain))
        nodes = following
    return unpack(nodes[sizes], bits)


def tail_counts(counts: Counts, observed: int) -> tuple[int, int, int]:
    """Return the number of arrangements at most and at least as large as the observed one, and of all.

    Parameters
    ----------
    counts : tuple of int
        Arrangements per value of the statistic.
    observed : int
        The position of the observed value.

    Returns
    -------
    tuple of int
        Lower tail, upper tail, total. The observed value is in both tails.
    """
    return sum(counts[: observed + 1]), sum(counts[observed:]), sum(counts)
