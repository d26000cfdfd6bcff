"""Make a sweep table of runs: one row per run, or one per run and step, with a record of every decision."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sigstats.data.logs.model import FloatArray, LogProblem, Run, Scalar, Series
from sigstats.data.logs.normalise import is_averaged
from sigstats.data.logs.pooled import pooled, sentence
from sigstats.data.logs.series import listed
from sigstats.data.logs.sweep.accumulate import CollectedRuns, is_seed
from sigstats.data.logs.sweep.align import aligned
from sigstats.data.logs.sweep.options import RUN, STEP, SweepOptions
from sigstats.data.table.ids import label
from sigstats.errors import OptionError, did_you_mean


def sweep_table(runs: Iterable[Run | LogProblem], options: SweepOptions) -> pd.DataFrame:
    """Return the sweep table of runs; a problem among them is a source that could not be read."""
    kept = CollectedRuns(options)
    with np.errstate(over="ignore", invalid="ignore"):
        for run in runs:
            if isinstance(run, LogProblem):
                kept.told.take_source(run)
            else:
                kept.take(run)
        if not kept.names:
            raise _nothing(kept)
        courses, notes = (
            (kept.courses, ()) if options.how else aligned(kept.courses, options.align, options.grid)
        )
    frame = _frame(kept, courses)
    frame, more = _with_censored(frame, kept)
    told = (*kept.told.sentences(), *_pooled(kept))
    frame.attrs["notes"] = (*_notes(kept, frame), *notes, *more, *told)
    frame.attrs["interpreted"] = (*_left_out(kept), *told)
    frame.attrs["left_out"] = tuple(kept.reasons)
    return frame


def _nothing(kept: CollectedRuns) -> OptionError:
    """Return the error for runs none of which can be used."""
    options = kept.options
    if not kept.n_runs:
        return OptionError(
            "this folder does not hold any runs. See `Runs.problems`, or: sigstats runs FOLDER"
        )
    why, names = max(kept.left_out.items(), key=lambda each: len(each[1]))
    hints = [] if kept.metrics else ["None of the runs has a metric. See `Runs.problems`."]
    if (
        kept.metrics
        and options.metric not in kept.metrics
        and (options.how is None or options.how.kind != "first")
    ):
        hints.append(did_you_mean(options.metric, kept.metrics))
        hints.append(f"The metrics are {listed(sorted(kept.metrics), 12)}.")
    settings = [
        each for each in (options.knob, options.seed, options.condition) if each not in (None, STEP, RUN)
    ]
    for key in (each for each in settings if each not in kept.keys):
        near = near_keys(key, kept.keys) or did_you_mean(key, kept.keys)
        hints.append(_is_a_metric(key) if key in kept.metrics else near)
    text = " ".join(hint for hint in hints if hint) or f"The first is {names[0]!r}."
    return OptionError(f"none of the {kept.n_runs} runs can be used: {len(names)} {why}. {text}")


def _is_a_metric(key: str) -> str:
    """Return a hint for a knob that is logged along the run."""
    return f"{key!r} is a logged metric, not a setting; to count steps by it: read_runs(..., step={key!r})."


def near_keys(key: str, keys: Iterable[str]) -> str:
    """Return a hint at settings whose last part is the name, such as ``optimizer.lr`` for ``lr``."""
    near = [each for each in keys if each.rpartition(".")[2].lower() == key.lower()]
    return f"Did you mean {' or '.join(map(repr, near[:3]))}?" if near else ""


def _frame(kept: CollectedRuns, courses: Sequence[Series]) -> pd.DataFrame:
    """Return the table, with knob, metric, seed, condition, further settings and the run."""
    options = kept.options
    sizes = [course.steps.size for course in courses]
    place = np.repeat(np.arange(len(courses)), sizes)
    columns: dict[str, Any] = {}
    if options.how is None:
        columns[options.knob] = np.concatenate([course.steps for course in courses])
    else:
        columns[options.knob] = _spread([labels[options.knob] for labels in kept.labels], place)
    columns[options.metric] = np.concatenate([course.values for course in courses])
    seed = _seed_key(kept)
    for key in (options.condition or _condition_key(kept), *options.columns):
        if key is not None:
            values = kept.names if key == RUN else [labels.get(key) for labels in kept.labels]
            columns[key] = _spread(values, place)
    name = options.seed or "seed"
    if name not in columns:
        values = kept.names if seed == RUN else [labels[seed] for labels in kept.labels]
        columns[name] = _spread(values, place)
    columns.setdefault(RUN, _spread(kept.names, place))
    order = [options.knob, options.metric, name]
    frame = pd.DataFrame(
        {key: columns[key] for key in [*order, *(key for key in columns if key not in order)]}
    )
    whole = frame[options.knob]
    if options.how is None and (whole % 1 == 0).all() and (whole.abs() < 2**53).all():
        frame[options.knob] = whole.astype(np.int64)
    return frame


def _condition_key(kept: CollectedRuns) -> str | None:
    """Return "condition" if every run has a setting of that name, which `detect` would look for."""
    known = all(labels.get("condition") is not None for labels in kept.labels)
    return "condition" if known and kept.options.knob != "condition" else None


def _spread(values: Sequence[Any], place: Any) -> Any:  # noqa: ANN401 - arrays of any kind
    """Return a value per row from a value per run: as text if any of them is."""
    if any(isinstance(each, str) for each in values):
        values = [None if each is None else label(each) or str(each) for each in values]
    return pd.Series(list(values)).infer_objects().take(place).to_numpy()


def _seed_key(kept: CollectedRuns) -> str:
    """Return the setting that is the seed, or "run" if there is none."""
    if kept.options.seed is not None:
        return kept.options.seed
    full = [key for key in kept.labels[0] if all(labels.get(key) is not None for labels in kept.labels)]
    named = [key for key in full if key == "seed"] or [key for key in full if is_seed(key)]
    roles = (kept.options.knob, kept.options.metric, kept.options.condition, *kept.options.columns)
    found = named[0] if len(named) == 1 and named[0] not in roles else RUN
    kept.seed_from = found
    return found


def _with_censored(frame: pd.DataFrame, kept: CollectedRuns) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table with a column for censored values, which are treated as the options say."""
    options = kept.options
    if options.how is None or not (options.how.kind == "first" or options.missing == "censored"):
        return frame, ()
    marked = np.array(kept.censored, dtype=bool)
    name = "censored" if "censored" not in frame.columns else "censored_"
    count, n = int(marked.sum()), len(marked)
    frame[name] = marked
    ends = np.array(kept.ends)
    notes: list[str] = []
    reached = frame[options.metric].to_numpy()[~marked]
    early = (
        int(np.count_nonzero(ends[marked] < reached.max()))
        if reached.size and options.how.kind == "first"
        else 0
    )
    if count:
        what = (
            f"{count} of {n} runs never reached the value: {options.metric!r} is censored (infinite) in them."
        )
        notes.append(what)
    if early:
        notes.append(
            f"{early} of the censored runs end before the slowest of the others reached it; that they would have "
            "taken even longer is an assumption."
        )
    if options.censored == "rank":
        frame[options.metric] = frame[options.metric].rank(method="average")
        notes.append(f"{options.metric!r} holds ranks, from 1 to {n}; censored runs share the last.")
    elif options.censored == "drop" and count:
        frame = frame[~marked].reset_index(drop=True)
        notes.append(f"{count} censored runs were dropped; the table looks as if they had never been run.")
    return frame, tuple(notes)


def _notes(kept: CollectedRuns, frame: pd.DataFrame) -> list[str]:
    """Return what was decided and counted, except on alignment and censoring."""
    options, n = kept.options, len(kept.names)
    what = "every step" if options.how is None else str(options.how)
    notes = [f"{n} of {kept.n_runs} runs are in the table, {options.metric!r} as {what}."]
    if options.how is not None and options.how.guessed:
        notes.append(
            f"best means {options.how.kind}, judging by the name {options.metric!r}; the best of more values is better."
        )
    notes += _left_out(kept)
    if options.after is not None:
        start = "counts from there" if options.count_from == "event" else "counts from the start of the run"
        notes.append(f"only what follows {options.after} was used; the step {start}.")
    if kept.n_unfinished:
        notes.append(f"{kept.n_unfinished} runs that did not finish are in the table; see `unfinished`.")
    ends = {end for end in kept.ends if np.isfinite(end)}
    if options.how is not None and options.how.kind in ("last", "max", "min") and len(ends) > 1:
        notes.append(f"runs end at different steps, from {min(ends):g} to {max(ends):g}.")
    for key, count in kept.from_metric.items():
        notes.append(f"{key!r} is not a setting of {count} runs; it was taken from a metric with one value.")
    if kept.seed_from:
        run = kept.seed_from == RUN
        why = "none of the settings is a seed, so each run counts as a separate seed."
        notes.append(why if run else f"the seed is {kept.seed_from!r}.")
    notes += _value_notes(kept, frame)
    return notes


def _pooled(kept: CollectedRuns) -> Iterator[str]:
    """Yield a sentence if runs at one level count as seeds of one thing although their names differ in more."""
    if kept.seed_from != RUN or kept.options.condition is not None or _condition_key(kept) is not None:
        return
    levels: dict[Scalar, list[str]] = {}
    for name, labels in zip(kept.names, kept.labels, strict=True):
        levels.setdefault(labels.get(kept.options.knob) if kept.options.how else None, []).append(name)
    found = next((each for names in levels.values() if (each := pooled(names))), None)
    if found is not None:
        yield f"each run counts as a seed, but {sentence(found)}; {found.remedy()}."


def _left_out(kept: CollectedRuns) -> list[str]:
    """Return which runs were left out, and why."""
    return [
        f"{len(names)} runs were left out because they {why}: {listed(names)}."
        for why, names in kept.left_out.items()
    ]


def _value_notes(kept: CollectedRuns, frame: pd.DataFrame) -> list[str]:
    """Return what is irregular about the values in the table."""
    metric = kept.options.metric
    notes = []
    values = frame[metric].to_numpy()
    for name, bad in (("NaN", np.isnan(values)), ("infinite", np.isinf(values) & ~_rows(kept, values))):
        if bad.any():
            where = f"{int(bad.sum())} rows of {frame[RUN][bad].nunique()} runs"
            notes.append(f"{metric!r} is {name} in {where}, as when training diverges.")
    if is_averaged(metric):
        notes.append(f"{metric!r} seems to be a moving average: neighbouring steps share measurements.")
    return notes


def _rows(kept: CollectedRuns, values: FloatArray) -> Any:  # noqa: ANN401 - an array of truth values
    """Return which rows are censored."""
    marked = np.array(kept.censored, dtype=bool)
    return marked if marked.size == values.size else np.zeros(values.size, dtype=bool)
