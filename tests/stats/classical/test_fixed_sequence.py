"""Tests in a declared order."""

import numpy as np
import pytest

from sigstats.errors import InputError
from sigstats.stats.classical.fixed_sequence import in_sequence


def test_comparing_with_alpha_is_the_same_as_stopping_at_the_first_that_is_not_shown():
    rng = np.random.default_rng(0)
    for _ in range(200):
        pvalues, alpha = rng.random(6) ** 3, 0.05
        stopped, shown = False, []
        for p in pvalues:
            stopped = stopped or p > alpha
            shown.append(not stopped)
        assert (in_sequence(pvalues) <= alpha).tolist() == shown


def test_an_empty_order_has_no_pvalues():
    assert in_sequence([]).size == 0


def test_what_is_no_probability_is_refused():
    with pytest.raises(InputError, match="p-values are probabilities"):
        in_sequence([0.1, 1.2])
