"""What the command line does with training logs: list what a folder holds, and what was decided about it."""

import dataclasses
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sigstats.report.escaping import visible

if TYPE_CHECKING:
    from sigstats.data.logs.model import LogProblem
    from sigstats.data.logs.overview import ConfigKey, Metric, Overview

MOST_SETTINGS = 30
MOST_METRICS = 30
MOST_PROBLEMS = 12
MOST_VALUES = 8
WIDTH = 100
CODE = 16


def listing(folder: str, options: Mapping[str, Any], *, as_json: bool) -> tuple[str, bool]:
    """Return what a folder of logs holds, as text, and whether it holds any run."""
    from sigstats.data.logs.overview import overview
    from sigstats.data.logs.runs import read_runs

    found = overview(read_runs(folder, **options))
    text = _as_json(folder, found) if as_json else "\n".join(_lines(folder, found))
    return text, bool(found.formats)


def _as_json(folder: str, found: "Overview") -> str:
    record = dataclasses.asdict(found)
    return json.dumps({"schema": 1, "folder": folder, **_plain(record)}, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a setting holds
    """Return a value as JSON can hold it; a number that is not finite becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value


def _lines(folder: str, found: "Overview") -> Iterator[str]:
    n = sum(sum(states.values()) for states in found.formats.values())
    yield f"{visible(folder)}: {_count(n, 'run')}"
    for name, states in found.formats.items():
        told = ", ".join(f"{count} {state}" for state, count in states.items() if state != "unknown")
        yield f"  {name:<18} {_count(sum(states.values()), 'run')}" + (f" ({told})" if told else "")
    if n:
        yield ""
        yield "names"
        yield from (_fitted(f"  {visible(name)}") for name in found.names)
        yield from _setting_lines(found)
        yield from _metric_lines(found.metrics)
    yield from _problem_lines(found.problems)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def _setting_lines(found: "Overview") -> Iterator[str]:
    """List the settings that can be knobs, conditions and seeds, and the number of seeds."""
    knobs = [each for each in found.settings if not each.is_seed]
    seeds = [each for each in found.settings if each.is_seed]
    yield ""
    yield "settings that vary (knobs and conditions)"
    yield from _cut([_setting(each) for each in knobs], MOST_SETTINGS) or ["  none"]
    yield ""
    yield "seeds"
    yield from [_setting(each) for each in seeds] or ["  no varying setting is named like a seed"]
    low, high = found.per_cell
    if high > 1 or found.n_cells > 1:
        each = _count(high, "run") if low == high else f"{low} to {high} runs"
        where = f"in each of {found.n_cells} combinations of" if found.n_cells > 1 else "with the same"
        yield f"  {each} {where} other settings"
    if found.unique:
        names = ", ".join(visible(name) for name in found.unique[:6])
        more = f" and {len(found.unique) - 6} more" if len(found.unique) > 6 else ""
        yield f"  different in every run: {names}{more}"


def _setting(each: "ConfigKey") -> str:
    values = ", ".join(_value(value) for value in each.values[:MOST_VALUES])
    more = f", ... ({len(each.values)} values)" if len(each.values) > MOST_VALUES else ""
    others = ", ".join(map(visible, each.others[:3])) + (", ..." if len(each.others) > 3 else "")
    also = f"   (likewise {others})" if others else ""
    return _fitted(f"  {visible(each.name):<24} {values}{more}{also}")


def _value(value: object) -> str:
    return "(none)" if value is None else visible(str(value))[:40]


def _fitted(line: str) -> str:
    return line if len(line) <= WIDTH + 20 else line[: WIDTH + 17] + "..."


def _cut(lines: Sequence[str], most: int) -> list[str]:
    more = [f"  and {len(lines) - most} more"] if len(lines) > most else []
    return [*lines[:most], *more]


def _metric_lines(metrics: Sequence["Metric"]) -> Iterator[str]:
    rows = []
    for each in metrics:
        values = f"{each.most}" if each.fewest == each.most else f"{each.fewest} to {each.most}"
        last = (
            f"{each.last_high:g}"
            if each.last_low == each.last_high
            else f"{each.last_low:g}..{each.last_high:g}"
        )
        steps = (
            f"step {each.first:g}"
            if each.most == 1 and last == f"{each.first:g}"
            else f"steps {each.first:g} to {last}"
        )
        if each.first != each.first:
            steps = "no step"
        noun = "value" if each.most == 1 else "values"
        rows.append(
            _fitted(f"  {visible(each.name):<32} {_count(each.n_runs, 'run')}, {values} {noun}, {steps}")
        )
    yield ""
    yield "metrics"
    yield from _cut(rows, MOST_METRICS) or ["  none"]


def _problem_lines(problems: Mapping[str, Sequence["LogProblem"]]) -> Iterator[str]:
    if not problems:
        return
    yield ""
    yield "problems"
    for code, found in list(problems.items())[:MOST_PROBLEMS]:
        runs = len({each.run for each in found})
        first = found[0]
        name = visible(first.run) if len(first.run) <= 60 else "..." + visible(first.run[-57:])
        where = name if runs == 1 else f"{runs} runs, such as {name}"
        yield f"  {code:<{CODE}} {where}"
        text = f"{visible(first.message)}; {visible(first.done)}"
        indent = " " * (CODE + 3)
        yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, max_lines=3)
    if len(problems) > MOST_PROBLEMS:
        yield f"  and {len(problems) - MOST_PROBLEMS} more kinds"
