"""One function over many tasks: in order, whatever the number of processes."""

import operator

import pytest

from sigstats.data.parallel import parallel_map


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("n_tasks", [0, 1, 16, 17, 40])
def test_results_come_in_the_order_of_the_tasks(n_jobs, n_tasks):
    """With fewer tasks than a block holds, with exactly as many, and with more."""
    found = parallel_map(operator.pow, range(n_tasks), 3, n_jobs=n_jobs, label="cubes")
    assert found == [task**3 for task in range(n_tasks)]


def test_the_size_of_a_block_changes_nothing():
    small, large = (
        parallel_map(operator.pow, range(7), 2, n_jobs=1, label="", block=size) for size in (1, 100)
    )
    assert small == large == [task**2 for task in range(7)]
