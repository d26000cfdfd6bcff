"""Checks of arrays and options: what passes, and the words of what does not."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([1, 2, 3], dtype=">f4"),
        np.array([1, 0, 2, 0, 3])[::2],
        [Decimal(1), Fraction(2), 3],
        np.array([1, 2.0, np.int8(3)], dtype=object),
    ],
)
def test_numbers_of_any_kind_become_floats(values):
    """Integers, decimals, fractions, foreign byte orders and strided views all become the same floats."""
    array = checks.vector("y", values)
    assert array.dtype == np.float64
    assert array.tolist() == [1.0, 2.0, 3.0]


def test_the_input_is_copied():
    """The array that comes back is not the one that went in."""
    given = np.array([1.0, 2.0])
    checks.vector("y", given)[0] = 9.0
    assert given.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1", "2"], "real numbers"),
        ([1, "2", None], "real numbers"),
        (np.array([1, "2"], dtype=object), "'2' at position 1"),
        ([1j, 2.0], "real numbers"),
        ([1.0, float("nan"), float("inf")], r"first positions: 1, 2"),
        ([[1.0, 2.0]], "2 dimensions"),
        ([[1.0], [1.0, 2.0]], "not rectangular"),
        ([], "0 values; at least 1"),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "masked"),
        (np.array([object()], dtype=object), "real numbers"),
    ],
)
def test_what_is_not_a_series_is_refused(values, words):
    """Text, complex numbers, gaps and wrong shapes raise an error that names the argument."""
    with pytest.raises(InputError, match=words) as caught:
        checks.vector("y", values)
    assert str(caught.value).startswith("`y`")


def test_matrices_and_groups_are_checked_alike():
    """Shapes that are too small and single groups are errors; the group is named by position."""
    assert checks.matrix("m", [[1, 2], [3, 4]]).shape == (2, 2)
    with pytest.raises(InputError, match="at least 2 rows and 3 columns"):
        checks.matrix("m", [[1, 2], [3, 4]], min_rows=2, min_columns=3)
    with pytest.raises(InputError, match="must have two"):
        checks.matrix("m", [1, 2])
    with pytest.raises(InputError, match="1 groups; at least 2"):
        checks.groups("groups", [[1, 2]])
    with pytest.raises(InputError, match=r"`groups\[1\]` has 0 values"):
        checks.groups("groups", [[1, 2], []])
    with pytest.raises(InputError, match="sequence of arrays"):
        checks.groups("groups", "abc")
    with pytest.raises(InputError, match="sequence of arrays"):
        checks.groups("groups", 3)


@pytest.mark.parametrize("value", [0, 1, -0.1, 1.5, float("nan"), True, "0.95", None])
def test_a_confidence_lies_strictly_between_0_and_1(value):
    """Ends, NaN, booleans and text are refused."""
    with pytest.raises(OptionError, match="confidence"):
        checks.fraction("confidence", value)


@pytest.mark.parametrize("value", [0, -3, 2.0, True, "7", 11])
def test_a_whole_number_is_whole_and_in_range(value):
    """Floats, booleans, text and numbers outside the range are refused."""
    with pytest.raises(OptionError, match="from 1 to 10"):
        checks.whole("n_draws", value, low=1, high=10)


def test_numpy_scalars_are_numbers():
    """NumPy's own scalars pass where Python's do."""
    assert checks.whole("n", np.int32(4), low=1) == 4
    assert checks.number("low", np.float32(0.5)) == 0.5


def test_unknown_words_come_with_a_suggestion():
    """A word that is nearly right is answered with the right one."""
    with pytest.raises(OptionError, match=r"'two sided'.*Did you mean 'two-sided'"):
        checks.alternative("two sided")
    with pytest.raises(OptionError, match="must be one of"):
        checks.alternative(None)


@pytest.mark.parametrize("given", [1, 4, -1, np.int64(2)])
def test_numbers_of_processes_pass(given):
    """Negative numbers leave processors free, as in joblib."""
    assert checks.processes("n_jobs", given) == given


@pytest.mark.parametrize("given", [0, 1.0, True, None, "2"])
def test_what_is_no_number_of_processes_is_refused(given):
    with pytest.raises(OptionError, match="it must be a whole number of processes, or -1 for all"):
        checks.processes("n_jobs", given)


@pytest.mark.parametrize("given", [10**9, -(10**9), 10_001])
def test_more_processes_than_a_machine_runs_are_refused(given):
    with pytest.raises(OptionError, match=r"Use -1 for all processors"):
        checks.processes("n_jobs", given)
