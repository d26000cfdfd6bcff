"""Numbers of many tables at once."""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.blocks import chosen


@dataclass(frozen=True)
class Answer:
    """An answer with a number, a count and a word."""

    value: float
    count: int
    word: str


def test_each_table_has_the_number_at_its_place():
    """Numbers and counts that differ are looked up; what is the same for all stays as it was."""
    at = np.array([0, 1, 1])
    found = chosen([Answer(1.0, 3, "a"), Answer(2.0, 4, "a")], at)
    assert found.value.tolist() == [1.0, 2.0, 2.0]
    assert found.count.tolist() == [3.0, 4.0, 4.0]
    same = chosen([Answer(1.0, 3, "a"), Answer(2.0, 3, "a")], at)
    assert isinstance(same.count, int)
    assert same.word == "a"
