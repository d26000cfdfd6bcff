"""The values of one run while they are read, and everything odd about them, told once per kind."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sigstats.data.logs.model import LogProblem, Run, RunState, Scalar, Series
from sigstats.data.logs.series import Recorder, finish, listed
from sigstats.data.logs.values import as_metric

MISSING = frozenset({"", "na", "n/a", "-", "null", "none"})


@dataclass(slots=True, kw_only=True)
class Readings:
    """What was read of one run so far.

    Attributes
    ----------
    run : str
        Name of the run.
    format : str
        Name of the format.
    config : dict
        Flat settings.
    problems : list of LogProblem
        What was odd.
    """

    run: str
    format: str
    config: dict[str, Scalar] = field(default_factory=dict)
    problems: list[LogProblem] = field(default_factory=list)
    recorder: Recorder = field(default_factory=Recorder)
    not_finite: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    example: str = ""
    without_step: int = 0
    epoch: tuple[float, float] | None = None

    def note(self, code: str, message: str, done: str, metric: str | None = None) -> None:
        """Note something odd."""
        self.problems.append(LogProblem(code=code, run=self.run, metric=metric, message=message, done=done))

    def add(self, metric: str, step: object, value: object) -> None:
        """Take one value; a blank is no value, a word is noted, an epoch repeated on each row of a step counts once."""
        if value is None or value == "":
            return
        number = as_number(value)
        at = as_number(step)
        if number is None:
            self._odd(metric, value)
        elif at is None or not math.isfinite(at):
            self.without_step += 1
        elif metric != "epoch" or self.epoch != (at, number):
            self.recorder.add(metric, at, number)
            self.epoch = (at, number) if metric == "epoch" else self.epoch
            if not math.isfinite(number):
                self.not_finite[metric] = self.not_finite.get(metric, 0) + 1

    def _odd(self, metric: str, value: object) -> None:
        if isinstance(value, str) and value.strip().lower() in MISSING:
            if value.strip():
                self.missing[metric] = self.missing.get(metric, 0) + 1
            return
        self.example = self.example or str(value)[:40]
        self.unreadable[metric] = self.unreadable.get(metric, 0) + 1

    def finished(self, state: RunState = "unknown") -> Run:
        """Return the run."""
        columns = self.recorder.columns()
        back = {name for name, (steps, _) in columns.items() if (np.diff(steps) < 0).any()}
        series: dict[str, Series] = {}
        for resumes in (False, True):
            some = {name: pair for name, pair in columns.items() if (name in back) is resumes}
            found, odd = finish(some, self.run, resumes=resumes)
            series |= found
            self.problems += odd
        self.problems += self.recorder.problems(self.run)
        self._tell_values()
        return Run(
            name=self.run,
            format=self.format,
            series={name: series[name] for name in columns},
            config=self.config,
            state=state,
            problems=tuple(self.problems),
        )

    def _tell_values(self) -> None:
        self._tell("NOT_FINITE", self.not_finite, "NaN or infinite values", "they are kept")
        self._tell("MISSING_VALUE", self.missing, "words for a missing value", "they are left out")
        words = f"entries that are no numbers, such as {self.example!r},"
        self._tell("NOT_A_NUMBER", self.unreadable, words, "they are left out")
        if self.without_step:
            self.note(
                "NO_STEP", f"{self.without_step:,} values have no step that is a number", "they are left out"
            )

    def _tell(self, code: str, counts: dict[str, int], what: str, done: str) -> None:
        if counts:
            metric = next(iter(counts)) if len(counts) == 1 else None
            self.note(code, f"{sum(counts.values()):,} {what} in {listed(counts)}", done, metric)

    def take(self, config: dict[str, Scalar], *, prefix: str = "") -> None:
        """Take settings; a key that is known already gets the prefix."""
        for key, value in config.items():
            self.config[f"{prefix}{key}" if key in self.config else key] = value


def as_number(value: object) -> float | None:
    """Return a measured value as a number, quickly where it is one already, or text that plainly is."""
    if type(value) is float:
        return value
    if type(value) is str and value.isascii() and "_" not in value:
        try:
            return float(value)
        except ValueError:
            return None
    return as_metric(value)


def first_of(names: Iterable[str], wanted: Iterable[str]) -> str | None:
    """Return the first wanted name that is there."""
    known = set(names)
    return next((name for name in wanted if name in known), None)
