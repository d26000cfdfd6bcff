"""The series of a run: what happens to steps that were written twice, and to those that go back."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.model import FloatArray, LogProblem, Series


def last_written(steps: FloatArray) -> NDArray[np.bool_]:
    """Return which values are the last ones written for their step."""
    keep = np.zeros(len(steps), dtype=bool)
    _, last = np.unique(steps[::-1], return_index=True)
    keep[len(steps) - 1 - last] = True
    return keep


def not_resumed(steps: FloatArray) -> NDArray[np.bool_]:
    """Return which values a resumed run did not replace: all steps written after them are larger."""
    later = np.minimum.accumulate(steps[::-1])[::-1]
    keep = np.ones(len(steps), dtype=bool)
    keep[:-1] = steps[:-1] < later[1:]
    return keep


def ends_with_result(steps: FloatArray) -> bool:
    """Return whether a single last value stands at step 0 or -1 behind higher ones, as a final result does."""
    return (
        steps.size > 2
        and steps[-1] in (0.0, -1.0)
        and steps[-2] > 0
        and bool((np.diff(steps[:-1]) > 0).all())
    )


def final_result(run: str, found: Mapping[str, tuple[float, float]]) -> list[LogProblem]:
    """Return one problem for the final results that are no part of a course, given their steps and values."""
    if not found:
        return []
    names = list(found)
    step, value = found[names[0]]
    return [
        LogProblem(
            code="FINAL_RESULT",
            run=run,
            metric=names[0] if len(names) == 1 else None,
            message=f"a last value stands at step {step:g} behind higher steps, as a final result does, in "
            f"{listed(names)}",
            done=f"the course is kept, and the last value, {value:g}, is left out",
        )
    ]


def overtaken(parts: list[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray, int]:
    """Return the values of a metric that a resumed run wrote to several files, one after the other."""
    kept: list[tuple[FloatArray, FloatArray]] = []
    ceiling, dropped = np.inf, 0
    for steps, values in reversed(parts):
        keep = steps < ceiling
        dropped += int(np.count_nonzero(~keep))
        kept.append((steps[keep], values[keep]))
        ceiling = min(ceiling, steps.min(initial=np.inf))
    kept.reverse()
    return np.concatenate([each[0] for each in kept]), np.concatenate([each[1] for each in kept]), dropped


def finish(
    columns: Mapping[str, tuple[FloatArray, FloatArray]], run: str, *, resumes: bool = False
) -> tuple[dict[str, Series], list[LogProblem]]:
    """Return the series of a run, one value per step, and the problems found."""
    series: dict[str, Series] = {}
    twice: dict[str, int] = {}
    back: list[str] = []
    results: dict[str, tuple[float, float]] = {}
    for metric, (steps, values) in columns.items():
        if ends_with_result(steps):
            results[metric] = float(steps[-1]), float(values[-1])
            series[metric] = Series(steps=steps[:-1], values=values[:-1])
            continue
        if (steps[1:] > steps[:-1]).all():
            series[metric] = Series(steps=steps, values=values)
            continue
        keep = not_resumed(steps) if resumes else last_written(steps)
        if not keep.all():
            twice[metric] = int(np.count_nonzero(~keep))
        if (np.diff(steps[keep]) < 0).any():
            back.append(metric)
        series[metric] = Series(steps=steps[keep], values=values[keep])
    problems = together("RESUMED" if resumes else "DUPLICATE_STEP", run, twice) + final_result(run, results)
    if back:
        problems.append(
            LogProblem(
                code="STEPS_GO_BACK",
                run=run,
                metric=back[0] if len(back) == 1 else None,
                message=f"steps go back in {listed(back)}",
                done="the values are kept in the order in which they were written",
            )
        )
    return series, problems


def together(code: str, run: str, dropped: Mapping[str, int]) -> list[LogProblem]:
    """Return one problem for all metrics in which later values replaced earlier ones."""
    if not dropped:
        return []
    names = list(dropped)
    count = sum(dropped.values())
    what = (
        "the run goes back to an earlier step, as after a resume,"
        if code == "RESUMED"
        else "a step was written more than once"
    )
    return [
        LogProblem(
            code=code,
            run=run,
            metric=names[0] if len(names) == 1 else None,
            message=f"{what} in {listed(names)}",
            done=f"the later values are kept, {count:,} earlier ones are left out",
        )
    ]


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return names for a message."""
    known = list(names)
    shown = ", ".join(known[:most])
    rest = len(known) - most
    return shown if rest <= 0 else f"{shown} and {rest} other{'s' if rest > 1 else ''}"
