"""Columns whose numbers are spelled: 1k and 1,000 as steps, 51% and 0,51 as values; read where they mean one thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sigstats.data.logs.recording import MISSING
from sigstats.data.logs.values import as_metric
from sigstats.data.table.spelled import COMMA, GROUPED, MAGNITUDES, POINT, spelling

STEPS = (
    "step", "_step", "global_step", "train/global_step", "trainer/global_step", "iteration", "iter", "iterations",
    "training_iteration", "timesteps", "total_timesteps", "time/total_timesteps", "timesteps_total", "num_timesteps",
    "env_steps", "env_step", "totalenvinteracts", "update", "num_updates", "n_iter", "total_steps", "global_steps",
    "batch", "batch_idx", "batch_index", "minibatch", "mini_batch", "timestep",
    "time_step", "frame", "frames", "env_frames", "epoch", "epochs", "episode", "episodes",
)  # fmt: skip
_STEPS = frozenset(STEPS)
_READ_UNITS = frozenset({*MAGNITUDES, "%"})
_WORDS = MISSING | {"nan"}


@dataclass(slots=True)
class Spelled:
    """The numbers that the texts of a column spell, and how they were read; nothing if they spell none."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    told: str = ""  # how they were read, with an example
    is_open: bool = False  # whether they can be read in two ways


def is_step(column: str) -> bool:
    """Return whether a column is called like a count of steps."""
    return column.strip().lower() in _STEPS


def spelled(column: str, texts: Iterable[str]) -> Spelled:
    """Return the numbers of a column that holds text that is no plain number."""
    distinct = sorted({text for text in texts if text.strip().lower() not in _WORDS})
    odd = next((text for text in distinct if as_metric(text) is None), None)
    if odd is None:
        return Spelled()
    found = spelling(distinct)
    numbers = found.numbers if found is not None and set(found.units) <= _READ_UNITS else None
    numbers = numbers or (_counts(distinct) if is_step(column) else None)
    if numbers is not None:
        return Spelled(numbers=numbers, told=f"{odd!r} is {numbers[odd]:g}")
    return Spelled(is_open=bool(distinct) and _are_open(distinct))


def with_decimal_commas(column: str, texts: Iterable[str]) -> Spelled:
    """Return the numbers of a column such as 1.000 beside columns with decimal commas; they are open unless steps."""
    distinct = sorted({text for text in texts if text.strip().lower() not in _WORDS})
    odd = next((text for text in distinct if "." in text and GROUPED.fullmatch(text)), None)
    numbers = COMMA.numbers(distinct)
    if odd is None or numbers is None:
        return Spelled()
    if is_step(column):
        return Spelled(numbers=numbers, told=f"{odd!r} is {numbers[odd]:g}")
    return Spelled(is_open=True)


def _counts(texts: Sequence[str]) -> dict[str, float] | None:
    """Return steps with commas between thousands: a step is a whole number."""
    found: dict[str, float] = {}
    for text in texts:
        factor = MAGNITUDES.get(text.strip()[-1:], 1.0)
        number = POINT.number(text.strip()[:-1] if factor != 1 else text)
        if number is None:
            return None
        found[text] = float(number) * factor
    return found if all(number == round(number) for number in found.values()) else None


def _are_open(texts: Sequence[str]) -> bool:
    """Return whether commas stand before decimals or between thousands, and nothing tells which."""
    return POINT.numbers(texts) is not None and COMMA.numbers(texts) is not None
