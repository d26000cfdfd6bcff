"""Null distributions counted out exactly, in whole numbers.

A permutation test asks in how many of all arrangements of the observations the statistic is at least as large
as the one observed. The number of arrangements explodes, the number of different values of the statistic does
not: so arrangements are counted per value, as coefficients of a polynomial, and polynomials are multiplied.
Each is packed into one long integer, with so many bits per coefficient that no carry reaches the next;
Python's integers then do the work exactly.

References
----------
.. [1] H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the
       other", Annals of Mathematical Statistics 18(1), 50-60, 1947. https://doi.org/10.1214/aoms/1177730491
.. [2] C. R. Mehta, N. R. Patel, P. Senchaudhuri, "Importance sampling for estimating exact probabilities in
       permutational inference", Journal of the American Statistical Association 83(404), 999-1005, 1988 (networks of
       margins). https://doi.org/10.1080/01621459.1988.10478691
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from sigstats.stats.checks import IntArray

Counts = tuple[int, ...]
MAX_UNTIED = 100  # observations: about 0.2 s
MAX_STEPS = 100_000  # steps of the network over tied values: about 0.2 s
MAX_COLUMNS = 10  # of a row whose orders are counted: about 0.1 s
MAX_BITS = 1 << 24  # of the packed distribution of Page's L: about 0.2 s


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
    """Return how many arrangements have each value of a sum of independent Jonckheere counts, without ties."""
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
    """Return about how many steps `tied_counts` takes; at least as many as there are states."""
    if _size(sizes) > 2.0 * math.log(MAX_STEPS):  # the numbers themselves would have thousands of digits
        return MAX_STEPS**2
    states = math.prod(size + 1 for size in sizes)
    return sum(min(states, math.comb(tie + len(sizes) - 1, tie)) for tie in set(ties)) * states


def _size(sizes: tuple[int, ...]) -> float:
    """Return the logarithm of the number of states in which groups of these sizes can be filled."""
    return float(np.log1p(sizes).sum())


def tied_counts(sizes: tuple[int, ...], ties: tuple[int, ...], order: IntArray) -> Counts:
    """Return how many arrangements have each value of twice a sum of Mann-Whitney counts, with ties.

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
    """Return the number of arrangements at most and at least as large as the observed one, and of all."""
    return sum(counts[: observed + 1]), sum(counts[observed:]), sum(counts)


def concordance_tails(score: int, x: Counts, y: Counts) -> tuple[int, int, int] | None:
    """Return the tails of S, concordant minus discordant pairs, over all orders of the observations."""
    n = sum(x if len(x) < len(y) else y)
    if n > MAX_UNTIED and n in (len(x), len(y)):  # without ties on one side
        return None
    # S is the same if x and y change places: the side that is dealt out is the untied one, or the cheaper one
    x, y = sorted((x, y), key=lambda sizes: (max(sizes) == 1, _size(sizes)))
    compared = (sum(x) ** 2 - sum(size**2 for size in x)) // 2
    if max(y) == 1:
        return tail_counts(untied_counts((x,)), (score + compared) // 2) if len(y) <= MAX_UNTIED else None
    if network_steps(x, y) > MAX_STEPS:
        return None
    order = np.triu(np.ones((len(x), len(x)), dtype=np.int64), k=1)
    return tail_counts(tied_counts(x, y, order), score + compared)


@lru_cache(maxsize=256)
def row_counts(ties: Counts) -> Counts:
    """Return how many orders of one row have each value of the sum of position times rank."""
    k = sum(ties)
    bits = _bits(math.factorial(k))
    below = [sum(ties[:c]) for c in range(len(ties))]
    doubled = [2 * under + tie + 1 for under, tie in zip(below, ties, strict=True)]
    nodes = {ties: 1}
    for position in range(1, k + 1):
        following: dict[tuple[int, ...], int] = {}
        for left, packed in nodes.items():
            for c, remaining in enumerate(left):
                if remaining:
                    node = (*left[:c], remaining - 1, *left[c + 1 :])
                    step = (packed * remaining) << (bits * (position * doubled[c]))
                    following[node] = following.get(node, 0) + step
        nodes = following
    counts = unpack(nodes[(0,) * len(ties)], bits)
    return counts[least_row_sum(ties) :]


def least_row_sum(ties: Counts) -> int:
    """Return twice the smallest sum of position times rank, reached by a falling row with these ties."""
    below, least, position = 0, 0, sum(ties)
    for tie in ties:
        for _ in range(tie):
            least += position * (2 * below + tie + 1)
            position -= 1
        below += tie
    return least


def page_tails(observed: int, ties: Iterable[Counts], m: int, k: int) -> tuple[int, int, int] | None:
    """Return the tails of twice Page's L over all orders within rows, m of them with k columns."""
    if k > MAX_COLUMNS or m**2 * k**3 > MAX_BITS:
        return None
    bits = _bits(math.factorial(k) ** m)
    if bits * m * k**3 > MAX_BITS:
        return None
    rows = list(ties)
    packed = math.prod(pack(row_counts(row), bits) for row in rows)
    return tail_counts(unpack(packed, bits), observed - sum(map(least_row_sum, rows)))
