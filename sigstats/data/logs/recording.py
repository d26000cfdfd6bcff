"""Record one run while it is read; irregularities are noted once per kind."""

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sigstats.data.logs.model import FloatArray, LogProblem, Run, RunState, Scalar, Series
from sigstats.data.logs.series import finish, listed
from sigstats.data.logs.values import as_metric

MAX_METRICS = 100_000
MISSING = frozenset({"", "na", "n/a", "-", "null", "none"})


@dataclass(slots=True, kw_only=True)
class RunRecorder:
    """Records one run as it is read."""

    run: str  # name of the run
    format: str  # name of the format
    config: dict[str, Scalar] = field(default_factory=dict)  # flat settings
    problems: list[LogProblem] = field(default_factory=list)  # what was irregular
    # steps, values: two columns per metric, which grow; at most `MAX_METRICS` metrics
    steps: dict[str, "array[float]"] = field(default_factory=dict)
    values: dict[str, "array[float]"] = field(default_factory=dict)
    n_refused: int = 0
    n_without_step: int = 0
    not_finite: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    example: str = ""
    last_epoch: tuple[float, float] | None = None

    def note(self, code: str, message: str, done: str, metric: str | None = None) -> None:
        """Note an irregularity."""
        self.problems.append(LogProblem(code=code, run=self.run, metric=metric, message=message, done=done))

    def take(self, config: dict[str, Scalar], *, prefix: str = "") -> None:
        """Take settings; a key that is known already gets the prefix."""
        for key, value in config.items():
            self.config[f"{prefix}{key}" if key in self.config else key] = value

    def add(self, metric: str, step: object, value: object) -> None:
        """Take one value as it is written.

        A blank is not a value, a word is noted, and an epoch that is repeated on each row of a step counts once.
        """
        if value is None or value == "":
            return
        number = as_number(value)
        at = as_number(step)
        if number is None:
            self.count_word(metric, value)
        elif at is None or not math.isfinite(at):
            self.n_without_step += 1
        elif metric != "epoch" or self.last_epoch != (at, number):
            self.append(metric, at, number)
            self.last_epoch = (at, number) if metric == "epoch" else self.last_epoch
            if not math.isfinite(number):
                self.not_finite[metric] = self.not_finite.get(metric, 0) + 1

    def add_result(self, metric: str, value: object) -> None:
        """Take one value, as it is written, that does not say its step."""
        if value is None or value == "":
            return
        number = as_number(value)
        if number is None:
            self.count_word(metric, value)
            return
        self.append(metric, math.nan, number)
        if not math.isfinite(number):
            self.not_finite[metric] = self.not_finite.get(metric, 0) + 1

    def append(self, metric: str, step: float, value: float) -> None:
        """Append a number."""
        known = self.values.get(metric)
        if known is None:
            if len(self.values) >= MAX_METRICS:
                self.n_refused += 1
                return
            self.steps[metric] = array("d")
            known = self.values[metric] = array("d")
        self.steps[metric].append(step)
        known.append(value)

    def count_word(self, metric: str, value: object) -> None:
        """Count an entry that is not a number."""
        if isinstance(value, str) and value.strip().lower() in MISSING:
            if value.strip():
                self.missing[metric] = self.missing.get(metric, 0) + 1
            return
        self.example = self.example or str(value)[:40]
        self.unreadable[metric] = self.unreadable.get(metric, 0) + 1

    def columns(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Return steps and values of each metric."""
        return {name: (np.array(self.steps[name]), np.array(self.values[name])) for name in self.values}

    def finished(self, state: RunState = "unknown") -> Run:
        """Return the run."""
        columns = self.columns()
        back = {name for name, (steps, _) in columns.items() if (np.diff(steps) < 0).any()}
        series: dict[str, Series] = {}
        for resumes in (False, True):
            some = {name: pair for name, pair in columns.items() if (name in back) is resumes}
            found, odd = finish(some, self.run, resumes=resumes)
            series |= found
            self.problems += odd
        self.note_refused()
        self._note_values()
        return Run(
            name=self.run,
            format=self.format,
            series={name: series[name] for name in columns},
            config=self.config,
            state=state,
            problems=tuple(self.problems),
        )

    def note_refused(self, where: str = "") -> None:
        """Note the metrics beyond the most that are kept."""
        if self.n_refused:
            what = f"{where}there are more than {MAX_METRICS:,} metrics"
            done = f"{self.n_refused:,} values of the further metrics were left out"
            self.note("TOO_MANY_METRICS", what, done)

    def _note_values(self) -> None:
        self._note_counts("NOT_FINITE", self.not_finite, "NaN or infinite values", "they are kept")
        self.note_words()
        if self.n_without_step:
            what = f"{self.n_without_step:,} values do not have a number as their step"
            self.note("NO_STEP", what, "they are left out")

    def note_words(self) -> None:
        """Note the entries that are not numbers."""
        self._note_counts("MISSING_VALUE", self.missing, "words for a missing value", "they are left out")
        words = f"entries that are not numbers, such as {self.example!r},"
        self._note_counts("NOT_A_NUMBER", self.unreadable, words, "they are left out")

    def _note_counts(self, code: str, counts: dict[str, int], what: str, done: str) -> None:
        if counts:
            metric = next(iter(counts)) if len(counts) == 1 else None
            self.note(code, f"{sum(counts.values()):,} {what} in {listed(counts)}", done, metric)


def as_number(value: object) -> float | None:
    """Return a measured value as a number; fast for floats and plain text."""
    if type(value) is float:
        return value
    if type(value) is str and value.isascii() and "_" not in value:
        try:
            return float(value)
        except ValueError:
            return None
    return as_metric(value)


def first_of(names: Iterable[str], wanted: Iterable[str]) -> str | None:
    """Return the first wanted name that is among the names."""
    known = set(names)
    return next((name for name in wanted if name in known), None)
