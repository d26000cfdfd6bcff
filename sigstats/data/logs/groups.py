"""Several runs in one table, and measurements of several phases: told apart by their columns, never merged.

A table of steps can hold many runs, one below the other or mixed, with a column such as ``run`` or ``seed``. If the
steps of the whole table go back but those within each value of such columns rise, each of them is a run. A column such
as ``phase`` with ``train`` and ``val`` parts the metrics of one run instead.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sigstats.data.logs.files.json_lines import BoolArray, Log
from sigstats.data.logs.model import FloatArray, LogError, LogProblem, Scalar
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_scalar

# Names of columns that tell runs apart, without dashes, underscores and groups.
RUNS = frozenset({
    "run", "runid", "runname", "seed", "randomseed", "trial", "trialid", "trialname", "experiment", "experimentid",
    "experimentname", "exp", "expid", "expname", "rep", "repeat", "replicate", "repetition", "fold", "job", "jobid",
    "model", "modelname", "algo", "algorithm", "method", "variant", "agent", "env", "environment", "task", "config",
})  # fmt: skip
ONE_ROW_EACH = frozenset({"seed", "randomseed", "run", "runid", "runname", "experimentid", "expid"})
PHASES = frozenset({"phase", "split", "mode", "subset", "set", "stage", "partition", "datasplit"})
CLOCKS = frozenset({
    "time", "timestamp", "date", "datetime", "created", "walltime", "createdat", "hostname", "host", "node",
})  # fmt: skip
SUMMARIES = frozenset({
    "mean", "avg", "average", "std", "stdev", "sd", "sem", "stderr", "se", "var", "median", "min", "max", "best",
    "worst", "all", "total", "sum", "ci", "ci95", "ci_low", "ci_high", "overall",
})  # fmt: skip
MAX_PHASES = 8
MAX_RUNS = 100_000
MAX_VALUES = 100
MOST_RESUMED = 0.3  # of the lines of a table
EPOCHS = ("epoch", "epochs", "Epoch")


def bare(name: str) -> str:
    """Return the last part of a column's name, without dashes and underscores."""
    last = name.strip().lower().rpartition("/")[2].rpartition(".")[2]
    return last.replace("_", "").replace("-", "").replace(" ", "")


def in_groups(log: Log, steps: str | None, counts: FloatArray, name: str, file: str) -> list[tuple[str, Log]]:
    """Return the runs that a log holds, each with what its name ends with; the log itself if it holds one."""
    if steps is not None and (np.diff(counts) > 0).all():
        return [("", log)]
    labels = _labels(log, steps)
    telling = [key for key in labels if bare(key) in RUNS]
    if steps is None:
        _refuse_results(telling, labels, file)
        return [("", log)]
    rows = _rows(log, counts, {steps, *labels, *EPOCHS})
    if not _goes_back(rows):
        return [("", log)]
    chosen = _chosen(log, rows, labels, telling, steps)
    return [("", log)] if chosen is None else _split(log, {key: labels[key] for key in chosen}, name)


def _refuse_results(telling: list[str], labels: Mapping[str, list[Scalar]], file: str) -> None:
    """Refuse a table with one row per run."""
    own = [key for key in telling if bare(key) in ONE_ROW_EACH and len(set(labels[key])) > 1]
    if own:
        raise LogError(
            "TABLE_OF_RESULTS",
            f"tells runs apart by {listed(own)} but has no column that counts steps: it is a table of results, not the "
            f"log of a run; sigstats.read_sweep({file!r}) reads it, or give its steps a column called step",
        )


def _labels(log: Log, steps: str | None) -> dict[str, list[Scalar]]:
    """Return the columns that could tell runs apart: all columns of text, and those of numbers with a telling name."""
    found: dict[str, list[Scalar]] = {
        key: [None if text is None else as_scalar(text) for text in texts]
        for key, texts in log.texts.items()
        if bare(key) not in PHASES | CLOCKS
    }
    for key, column in log.columns.items():
        if key != steps and bare(key) in RUNS:
            filled = column[np.isfinite(column)]
            if filled.size and np.unique(filled).size > 1:
                found[key] = [_number(value) for value in column.tolist()]
    return found


def _number(value: float) -> Scalar:
    if value != value:  # noqa: PLR0124 - NaN
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _goes_back(rows: "_Rows") -> bool:
    """Return whether steps go back, or a metric has several values at one step."""
    known = rows.steps[np.isfinite(rows.steps)]
    return bool((np.diff(known) < 0).any()) or not rows.rise([], fewest=1)


@dataclass(slots=True, kw_only=True)
class _Rows:
    """The steps of a table, and which metrics each line has."""

    steps: FloatArray
    metrics: list[int]  # a bit for each metric

    def conflicts(self, keys: list[list[Scalar]], *, fewest: int = 2) -> int:
        """Return how many lines go back, or repeat a metric at a step, within their group; many without groups."""
        last: dict[tuple[Scalar, ...], float] = {}
        seen: dict[tuple[tuple[Scalar, ...], float], int] = {}
        found = 0
        for step, metrics, *key in zip(self.steps.tolist(), self.metrics, *keys, strict=True):
            if step != step or None in key:  # noqa: PLR0124 - NaN
                continue
            group = tuple(key)
            there = seen.get((group, step), 0)
            found += step < last.get(group, step) or bool(there & metrics)
            last[group] = step
            seen[group, step] = there | metrics
        grouped = fewest <= len(last) <= MAX_RUNS and len(seen) > len(last)
        return found if grouped else len(self.metrics) + 1

    def rise(self, keys: list[list[Scalar]], *, fewest: int) -> bool:
        """Return whether in no group of lines a step goes back or a metric is there twice at a step."""
        return self.conflicts(keys, fewest=fewest) == 0


def _rows(log: Log, counts: FloatArray, aside: Collection[str]) -> _Rows:
    """Return the rows of a log; columns that may be labels or clocks are no metrics."""
    metrics = np.zeros(counts.size, dtype=object)
    for number, name in enumerate(name for name in log.columns if name not in aside):
        logged = log.logged.get(name)
        metrics += (
            (1 << (number % 62)) if logged is None else np.where(logged, 1 << (number % 62), 0).astype(object)
        )
    return _Rows(steps=counts, metrics=metrics.tolist())


def _chosen(
    log: Log, rows: _Rows, labels: dict[str, list[Scalar]], telling: list[str], steps: str
) -> list[str] | None:
    """Return the columns whose values tell the runs apart: with them, no run goes back."""
    text = [key for key in labels if key not in telling]
    for way in (telling, [*telling, *text]):
        if way and rows.rise([labels[key] for key in way], fewest=2):
            return way
    blocks = [key for key in _constant_in_blocks(log, rows.steps, steps) if key not in labels]
    numbers = {
        key: [_number(value) for value in log.columns[key].tolist()] for key in [*blocks, *_few(log, labels)]
    }
    ways = [[*telling, *text, *blocks]] if blocks else []
    if telling:
        ways += [
            [*telling, *text, key] for key in numbers if key not in blocks and key not in (steps, *EPOCHS)
        ]
    for way in ways:
        if rows.rise([labels.get(key) or numbers[key] for key in way], fewest=2):
            labels.update({key: numbers[key] for key in way if key not in labels})
            return way
    # Runs that were resumed go back within themselves, but seldom.
    some = [way for way in (telling, [*telling, *text]) if telling]
    counts = {tuple(way): rows.conflicts([labels[key] for key in way]) for way in some}
    best = min(counts, key=lambda way: counts[way], default=())
    return list(best) if best and counts[best] <= MOST_RESUMED * len(rows.metrics) else None


def _few(log: Log, labels: Collection[str]) -> list[str]:
    """Return the columns of a few numbers, each in several lines, as of a setting."""
    found = []
    for key, column in log.columns.items():
        if key not in labels and np.isfinite(column).all():
            n_values = np.unique(column).size
            if 1 < n_values <= min(MAX_VALUES, column.size // 4):
                found.append(key)
    return found


def _constant_in_blocks(log: Log, counts: FloatArray, steps: str) -> list[str]:
    """Return the columns of numbers that change only where the step goes back to the first one."""
    starts = np.flatnonzero(np.r_[True, np.diff(counts) < 0])
    if starts.size < 2 or not (counts[starts] == counts[0]).all():
        return []
    found = []
    for key, column in log.columns.items():
        if key in (steps, "epoch") or not np.isfinite(column).all():
            continue
        changes = np.flatnonzero(np.diff(column)) + 1
        if changes.size and np.isin(changes, starts).all() and np.diff(starts).min(initial=2) > 1:
            found.append(key)
    return found


def _split(log: Log, labels: Mapping[str, list[Scalar]], name: str) -> list[tuple[str, Log]]:
    """Return a log for each combination of labels, in the order in which they come up."""
    rows: dict[tuple[Scalar, ...], list[int]] = {}
    for place, key in enumerate(zip(*labels.values(), strict=True)):
        rows.setdefault(key, []).append(place)
    nameless = sum(len(places) for key, places in rows.items() if None in key)
    summaries = [key for key in rows if any(str(each).strip().lower() in SUMMARIES for each in key)]
    groups = {
        key: np.array(places) for key, places in rows.items() if None not in key and key not in summaries
    }
    settings = _settings(log, list(groups.values()), labels)
    named = next((number for number, key in enumerate(labels) if _names_all(key, number, groups)), None)
    found = []
    for key, places in groups.items():
        own = dict(zip(labels, key, strict=True))
        part = _part(log, places, [*settings, *labels])
        part.config |= own | {each: _number(float(log.columns[each][places][0])) for each in settings}
        ending = str(key[named]) if named is not None else ",".join(f"{k}={v}" for k, v in own.items())
        found.append((ending, part))
    if found:
        found[0][1].problems += [*log.problems, *_told(name, labels, len(found), nameless, summaries)]
    return found


def _names_all(key: str, place: int, groups: Mapping[tuple[Scalar, ...], object]) -> bool:
    """Return whether a column of names is different in every run."""
    return bare(key).startswith(("run", "exp", "trial")) and len({each[place] for each in groups}) == len(
        groups
    )


def _settings(log: Log, groups: list[BoolArray], labels: Mapping[str, object]) -> list[str]:
    """Return the columns of numbers that are the same within each run and differ between runs."""
    found = []
    for key, column in log.columns.items():
        if key in labels:
            continue
        firsts = {float(column[places[0]]) for places in groups}
        same = all(places.size > 1 and (column[places] == column[places[0]]).all() for places in groups)
        if same and len(firsts) > 1:
            found.append(key)
    return found


def _part(log: Log, places: BoolArray, labels: list[str]) -> Log:
    """Return some lines of a log, without the columns that say which run they belong to."""
    part = Log(config=dict(log.config), summary=log.summary, state=log.state)
    for key, column in log.columns.items():
        logged = log.logged.get(key)
        if key not in labels:
            part.columns[key] = column[places]
            part.logged[key] = None if logged is None else logged[places]
    part.texts = {
        key: [texts[place] for place in places] for key, texts in log.texts.items() if key not in labels
    }
    return part


def _told(
    name: str, labels: Mapping[str, object], n_runs: int, nameless: int, summaries: list[tuple[Scalar, ...]]
) -> Iterator[LogProblem]:
    yield LogProblem(
        code="SEVERAL_RUNS",
        run=name,
        message=f"the table holds {n_runs:,} runs, told apart by {listed(labels)}",
        done="each is read as a run",
    )
    if nameless:
        what = f"{nameless:,} lines are blank in {listed(labels)}"
        yield LogProblem(
            code="NO_LABEL", run=name, message=what, done="they belong to no run and are left out"
        )
    if summaries:
        words = listed(", ".join(map(str, key)) for key in summaries)
        what = f"lines of {words} sum up runs and are none themselves"
        yield LogProblem(code="SUMMARY_ROWS", run=name, message=what, done="they are left out")


def in_phases(log: Log, clocks: Collection[str]) -> Log:
    """Return a log in which each phase has metrics of its own, such as ``train/loss`` and ``val/loss``."""
    key = next((each for each in log.texts if bare(each) in PHASES), None)
    if key is None:
        return log
    texts = log.texts[key]
    phases = list(dict.fromkeys(text for text in texts if text))
    if not 1 < len(phases) <= MAX_PHASES:
        return log
    masks = {phase: np.array([text == phase for text in texts]) for phase in phases}
    columns: dict[str, FloatArray] = {}
    logged: dict[str, BoolArray | None] = {}
    for name, column in log.columns.items():
        own = log.logged.get(name)
        there = {phase: mask if own is None else mask & own for phase, mask in masks.items()}
        filled = [phase for phase, mask in there.items() if mask.any()]
        if name in clocks or len(filled) < 2:
            columns[name], logged[name] = column, own
            continue
        for phase in filled:
            columns[f"{phase}/{name}"], logged[f"{phase}/{name}"] = column, there[phase]
    return replace(
        log, columns=columns, logged=logged, texts={k: v for k, v in log.texts.items() if k != key}
    )
