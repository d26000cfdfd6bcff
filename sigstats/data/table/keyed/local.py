"""The values that occur in each key, and their ranks there."""

from dataclasses import dataclass

import numpy as np

from sigstats.data.table.cells import IntArray

MOST_DENSE = 200_000_000  # entries of a table of all keys by all values


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The distinct values of each key, by key and then in order."""

    keys: IntArray  # shape (n_pairs,)
    values: IntArray  # shape (n_pairs,)
    rank: IntArray  # of the value of each cell among those of its key, shape (n_cells,)

    def of_key(self, key: int) -> IntArray:
        """Return the values of a key."""
        first, end = np.searchsorted(self.keys, [key, key + 1]).tolist()
        return self.values[first:end]


def local_values(keys: IntArray, values: IntArray, n_keys: int, n_values: int) -> Local:
    """Return which values occur in each key."""
    pairs = keys * n_values + values
    if n_keys * n_values <= MOST_DENSE:
        seen = np.zeros(n_keys * n_values, dtype=bool)
        seen[pairs] = True
        found = np.flatnonzero(seen)
        if found.size == seen.size:
            rank = values
        else:
            place = np.cumsum(seen.reshape(n_keys, n_values), axis=1, dtype=np.int32)
            rank = place.ravel()[pairs].astype(np.int64) - 1
    else:
        found, inverse = np.unique(pairs, return_inverse=True)
        first = np.searchsorted(found, np.arange(n_keys) * n_values)
        rank = inverse - first[keys]
    return Local(keys=found // n_values, values=found % n_values, rank=rank)


def set_numbers(keys: IntArray, members: IntArray, n_keys: int) -> IntArray:
    """Return for each key the number of the set of its members; equal sets have equal numbers.

    `keys` ascend. Sets are told apart by a sum of random numbers of 64 bits; `members` are not negative.
    """
    sums = np.zeros(n_keys, dtype=np.uint64)
    if keys.size:
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        sums[keys[starts]] = np.add.reduceat(_scrambled(members), starts)
    _, number = np.unique(sums, return_inverse=True)
    return number.astype(np.int64)


def _scrambled(members: IntArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a number of 64 bits for each member, which looks random (SplitMix64)."""
    top = int(members.max(initial=0)) + 1
    if top <= members.size:
        return _mixed(np.arange(top))[members]
    return _mixed(members)


def _mixed(numbers: IntArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: np.ndarray[tuple[int], np.dtype[np.uint64]] = mixed ^ (mixed >> np.uint64(31))
    return found
