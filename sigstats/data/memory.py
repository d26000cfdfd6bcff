"""What an answer takes of memory, so that one that does not fit is told how much it needs.

The numbers were measured; `tests/data/test_memory.py` measures them again. A stage says what it needs
(`need_stated`), and only a function that users call makes an error of it (`says_need`): on its way, nothing takes it
for a fault of the data.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from sigstats.errors import Problem, TableError

ROW_OF_ITS_OWN = 150  # bytes for a row that is the only one of its cell, beside the frame
ROW_OF_MANY = 90  # bytes for a row that shares its cell with others
CELL = 90  # bytes for a cell of a table that has been read
CELL_OF_CURVE = 350  # bytes for a cell where a curve with a knee or an onset is fitted
LINE = 530_000  # bytes for the line of a seed: its place and slope at each of the grid's points
LEAVE_OUT = "Leave out rows or columns that are not needed, or use a machine with more memory."

P = ParamSpec("P")
R = TypeVar("R")
_WITHIN: ContextVar[bool] = ContextVar("within", default=False)


class TooLittleMemoryError(MemoryError):
    """There is too little memory for something, with what is said of it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)


@contextlib.contextmanager
def need_stated(problem: Callable[[], Problem]) -> Iterator[None]:
    """Say what needs how much, where there is not enough memory."""
    try:
        yield
    except TooLittleMemoryError:
        raise
    except MemoryError:
        raise TooLittleMemoryError(problem()) from None


def says_need(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that users call raise a typed error where there is not enough memory."""

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if _WITHIN.get():
            return function(*args, **kwargs)
        token = _WITHIN.set(True)
        try:
            return function(*args, **kwargs)
        except TooLittleMemoryError as error:
            raise TableError([error.problem]) from None
        except MemoryError:
            raise TableError([_UNMEASURED]) from None
        finally:
            _WITHIN.reset(token)

    return checked


_UNMEASURED = Problem(
    code="NO_MEMORY", column=None, message="there is not enough memory for this", remedy=LEAVE_OUT
)


def too_little(what: str, need: float, remedy: str = LEAVE_OUT) -> Problem:
    """Return the problem of something that needs so many bytes."""
    message = f"{what} needs about {amount(need)} of memory, and there is not as much"
    return Problem(code="NO_MEMORY", column=None, message=message, remedy=remedy)


def amount(n_bytes: float) -> str:
    """Return a number of bytes with two digits: 1.5 GB, 140 MB."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= size:
            value = n_bytes / size
            return f"{value:.1f} {unit}" if value < 9.95 else f"{float(f'{value:.2g}'):,.0f} {unit}"
    return "1 kB"
