"""Collect what a sweep table needs of each run, one run after the other.

A run that cannot be used is counted together with the reason: that it never reached a value, or lacks one, is seldom
an accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sigstats.data.logs.model import Run, Scalar, Series
from sigstats.data.logs.sweep.events import Event, Relation, check_sides, first_reached
from sigstats.data.logs.sweep.options import RUN, SweepOptions
from sigstats.data.logs.sweep.reduce import Reduction, reduce_series
from sigstats.data.logs.sweep.told import Told

MOST_NAMES = 5_000
NO_STEPS = "do not say their step"


@dataclass(slots=True)
class CollectedRuns:
    """What has been collected of the runs."""

    options: SweepOptions  # what the table should hold
    names: list[str] = field(default_factory=list)
    labels: list[dict[str, Scalar]] = field(default_factory=list)
    courses: list[Series] = field(default_factory=list)
    censored: list[bool] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    sides: dict[Event, dict[Relation, str]] = field(default_factory=dict)
    metrics: set[str] = field(default_factory=set)
    keys: dict[str, int] = field(default_factory=dict)
    n_runs: int = 0
    n_unfinished: int = 0
    seed_from: str = ""
    from_metric: dict[str, int] = field(default_factory=dict)

    told: Told = field(init=False)

    def __post_init__(self) -> None:
        self.told = Told(self.options.metric)

    def leave_out(self, run: Run, why: str, detail: str = "") -> None:
        """Note that a run is not in the table."""
        self.left_out.setdefault(why, []).append(run.name)
        self.reasons.append(f"{run.name}: {detail or why}")

    def take(self, run: Run) -> None:
        """Collect what the table needs of a run."""
        self.n_runs += 1
        self.told.take(run.problems)
        if len(self.metrics) < MOST_NAMES:
            self.metrics.update(run.series)
        if len(self.keys) < MOST_NAMES:
            for key in run.config:
                self.keys[key] = self.keys.get(key, 0) + 1
        if run.is_summary:
            self.leave_out(run, "sum up several runs, as a mean over seeds does, and are no runs themselves")
            return
        if self.options.unfinished == "drop" and run.state in ("unfinished", "failed"):
            self.leave_out(run, "did not finish")
            return
        labels = self._labels(run)
        series = None if labels is None else self._after(run)
        if labels is None or series is None:
            return
        found = self._course(run, series)
        if found is None:
            return
        course, censored = found
        self.n_unfinished += run.state in ("unfinished", "failed")
        self.names.append(run.name)
        self.labels.append(labels)
        self.courses.append(course)
        self.censored.append(censored)

    def _labels(self, run: Run) -> dict[str, Scalar] | None:
        """Return knob, seed, condition and further settings of a run; None if one is missing."""
        options = self.options
        wanted = [options.knob] if options.how is not None else []
        wanted += [each for each in (options.seed, options.condition) if each is not None and each != RUN]
        kept = {*wanted, *options.columns, "condition"}
        labels = {key: value for key, value in run.config.items() if key in kept or is_seed(key)}
        for key in wanted:
            if labels.get(key) is None and key in run.series and run.series[key].values.size == 1:
                labels[key] = float(run.series[key].values[0])
                self.from_metric[key] = self.from_metric.get(key, 0) + 1
            if labels.get(key) is None:
                self.leave_out(run, f"lack {key!r}", f"it lacks {key!r}")
                return None
        return labels

    def _after(self, run: Run) -> Mapping[str, Series] | None:
        """Return the metrics of a run from the event on; None if it never happened."""
        event = self.options.after
        if event is None:
            return run.series
        reached = self._reached(run, event)
        if reached is None:
            return None
        if not np.isfinite(reached):
            self.leave_out(run, f"never reached {event}", f"it never reached {event}")
            return None
        shift = reached if self.options.count_from == "event" else 0.0
        kept = {}
        for key, each in run.series.items():
            later = each.steps >= reached
            kept[key] = Series(steps=each.steps[later] - shift, values=each.values[later])
        return kept

    def _reached(self, run: Run, event: Event, series: Mapping[str, Series] | None = None) -> float | None:
        """Return when a run reached a value, infinity for never; None if it lacks the metric."""
        own = (run.series if series is None else series).get(event.metric)
        if own is not None and not own.has_steps:
            self.leave_out(run, NO_STEPS)
            return None
        found = first_reached(run.series if series is None else series, event)
        if found is None:
            self.leave_out(run, f"lack the metric {event.metric!r}", f"it lacks the metric {event.metric!r}")
            return None
        if event.relation is None and found.relation is not None:
            sides = self.sides.setdefault(event, {})
            sides.setdefault(found.relation, run.name)
            check_sides(event, sides)
        return np.inf if found.step is None else found.step

    def _course(self, run: Run, series: Mapping[str, Series]) -> tuple[Series, bool] | None:
        """Return what goes into the table, a course or one value at step 0, and whether it is censored."""
        options = self.options
        if options.how is not None and options.how.event is not None:
            return self._first(run, series, options.how.event)
        own = series.get(options.metric)
        if own is None or not own.steps.size:
            self.leave_out(
                run, f"lack the metric {options.metric!r}", f"it lacks the metric {options.metric!r}"
            )
            return None
        if (options.how is None or options.how.kind in ("step", "window")) and not own.has_steps:
            self.leave_out(run, NO_STEPS)
            return None
        return (own, False) if options.how is None else self._reduced(run, own, options.how)

    def _first(self, run: Run, series: Mapping[str, Series], event: Event) -> tuple[Series, bool] | None:
        first = self._reached(run, event, series)
        if first is None:
            return None
        self.ends.append(_last_step(series.get(event.metric)))
        return _single(first), not np.isfinite(first)

    def _reduced(self, run: Run, own: Series, how: Reduction) -> tuple[Series, bool] | None:
        found = reduce_series(own, how, self.options.align)
        if found.value is None:
            self.leave_out(run, f"lack {how}", found.why)
            return None
        self.ends.append(float(own.steps[-1]))
        if np.isnan(found.value) and self.options.missing == "censored":
            return _single(np.inf), True
        return _single(found.value), False


def _single(value: float) -> Series:
    return Series(steps=np.zeros(1), values=np.array([value]))


def _last_step(series: Series | None) -> float:
    return float(series.steps[-1]) if series is not None and series.steps.size else float("nan")


def is_seed(key: str) -> bool:
    """Return whether a setting is called "seed", in any group."""
    return key.rpartition(".")[2].lower() == "seed"
