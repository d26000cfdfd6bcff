"""One function over many tasks: in order, whatever the number of processes."""

import operator
import os
import signal
import sys

import pytest

from sigstats.data.parallel import parallel_map
from sigstats.errors import WorkerError


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


def end_process(_):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_process_that_is_killed_is_a_typed_error():
    """As where a system ends it for want of memory: no answer, no waiting, and what to do."""
    with pytest.raises(
        WorkerError, match=r"its part of the work \('cubes'\) was done.*Use fewer processes: n_jobs=1"
    ):
        parallel_map(end_process, range(40), n_jobs=2, label="cubes")
