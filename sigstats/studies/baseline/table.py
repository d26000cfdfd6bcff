"""From a data frame to one matrix of runs and items for each condition.

Without items a run has one value. With items every run must have been measured on the same ones; items that some run
lacks are left out. Items that belong to one run each are *nested*: they are averaged within their run, whose spread
then holds theirs.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sigstats.data.table import columns, frames, roles
from sigstats.data.table.cells import TableNote, encode, parse_numbers
from sigstats.data.table.frames import plural
from sigstats.data.table.items import ITEM_NAMES
from sigstats.data.table.no_seed import without_seeds
from sigstats.errors import SignatureError, TableError, did_you_mean, option
from sigstats.evidence.scales import metric_scale, on_metric_scale
from sigstats.signature.signature import Signature
from sigstats.stats.comparisons.unit import Unit, unit_of
from sigstats.studies.baseline.hints import copies, guard
from sigstats.studies.baseline.items import by_item
from sigstats.studies.baseline.refusals import not_numeric, refuse_flags, refuse_summaries
from sigstats.studies.baseline.rows import OTHER, FloatArray, IntArray, Rows, Runs, reduced, refusal

MOST_OTHERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsTable:
    """The runs of all conditions that are compared, on common items."""

    metric: str
    conditions: dict[str, Runs]
    unit: Unit  # of the values
    n_items: int  # items that all runs have; 0 without items
    nested: bool  # whether every item belongs to one run
    notes: tuple[TableNote, ...]
    n_rows: int
    data_hash: str


def read(data: object, signature: Signature) -> RunsTable:
    """Return the runs of the conditions that a signature compares."""
    frame, labels = _columns(data, signature)
    notes: list[TableNote] = []
    rows = _rows(frame, labels, notes)
    used = _used(rows.names["condition"], signature)
    rows = _only(rows, used)
    refuse_summaries(rows, labels)
    return _table(rows, used, labels, signature, notes, frame)


def _columns(data: object, signature: Signature) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the picked and filtered columns under internal names, and their labels."""
    source = frames.adopt(data)
    given: dict[str, object] = {
        "metric": signature.metric,
        "seed": signature.seed,
        "condition": signature.condition or "condition",
    }
    if signature.item is not None:
        given["item"] = signature.item
    chosen, problems = roles.choose(source.labels, given)
    others = _others(source, chosen) if signature.item is None else {}
    picked, filters, refused = columns.open_sheet(source, chosen | others, signature.where or {})
    problems = [without_seeds(each, source, given, chosen) for each in problems]
    if problems or refused:
        raise TableError([*problems, *refused])
    kept = frames.collect(picked.filter(*(each.keep for each in filters)) if filters else picked)
    table = kept.to_pandas()[[*chosen, *others]]
    return table.rename(columns={name: f"{OTHER}{label}" for name, label in others.items()}), {
        role: str(label) for role, label in chosen.items()
    }


def _others(source: frames.FrameSource, chosen: dict[str, object]) -> dict[str, object]:
    """Return some columns without a role, for hints at what was repeated within a run; none of a lazy frame."""
    if isinstance(source.frame, nw.LazyFrame):
        return {}
    taken = set(chosen.values())
    free = [label for label in source.labels if label not in taken][:MOST_OTHERS]
    return {f"other{place}": label for place, label in enumerate(free)}


def _rows(frame: pd.DataFrame, labels: dict[str, str], notes: list[TableNote]) -> Rows:
    """Return ids as codes and the metric as numbers; rows without a metric are left out."""
    if not len(frame):
        raise refusal("NO_ROWS", None, "the frame does not have any rows", "Check the file, and `where`.")
    value = _numbers(frame["metric"], labels["metric"])
    seen = ~np.isnan(value)
    if not seen.any():
        raise refusal(
            "METRIC_MISSING",
            labels["metric"],
            f"the metric column {labels['metric']!r} holds only missing values",
            "Check that the right column was named, and that the runs recorded it.",
        )
    if not seen.all():
        count = int((~seen).sum())
        message = f"Dropped {plural(count, 'row')} without a value of {labels['metric']!r}."
        notes.append(TableNote(code="dropped_rows", message=message, count=count))
    codes, names = {}, {}
    for role in ("condition", "seed", "item"):
        if role in frame:
            codes[role], names[role] = _ids(frame[role][seen], role, labels[role])
    return Rows(
        condition=codes["condition"],
        seed=codes["seed"],
        item=codes.get("item"),
        value=value[seen],
        names=names,
    )


def _numbers(series: "pd.Series[Any]", label: str) -> FloatArray:
    """Return the metric as numbers, NaN where missing, or refuse it."""
    if pd.api.types.is_complex_dtype(series.dtype) or any(isinstance(each, complex) for each in series):
        message = f"the metric column {label!r} holds complex numbers; a metric must be real"
        raise refusal("METRIC_NOT_NUMERIC", label, message, "Take the real part, the modulus or the phase.")
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_numeric_dtype(series.dtype):
        value = series.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        objects = series.to_list()
        missing = np.array([frames.is_missing(each) for each in objects])
        refuse_flags([each for each, gone in zip(objects, missing, strict=True) if not gone], label)
        value = np.array(
            [
                np.nan
                if gone
                else (parse_numbers([each])[0] if isinstance(each, str) else frames.to_number(each))
                for each, gone in zip(objects, missing, strict=True)
            ],
            dtype=np.float64,
        )
        wrong = np.flatnonzero(np.isnan(value) & ~missing)
        if wrong.size:
            raise not_numeric(objects, wrong.tolist(), label)
    bad = np.flatnonzero(np.isinf(value))
    if bad.size:
        message = f"the metric column {label!r} holds infinite values, which do not have a mean"
        remedy = "Leave out the diverged runs, or record a finite value for divergence."
        raise refusal("METRIC_INFINITE", label, message, remedy, bad[: frames.SHOWN].tolist())
    return value


def _ids(series: "pd.Series[Any]", role: str, label: str) -> tuple[IntArray, tuple[str, ...]]:
    codes, names = encode(series.to_numpy())
    if (codes < 0).any():
        rows = np.flatnonzero(codes < 0)[: frames.SHOWN].tolist()
        message = f"the {role} column {label!r} holds missing values; such rows are never dropped silently"
        raise refusal(
            f"MISSING_{role.upper()}",
            label,
            message,
            f"Fill in the {role}, or leave out the rows with `where`.",
            rows,
        )
    return codes, names


def _used(names: Sequence[str], signature: Signature) -> tuple[str, ...]:
    """Return the conditions that are compared: treatments, the baseline, controls."""
    baseline, controls = str(signature.baseline), signature.control or ()
    treatments = signature.treatment or tuple(
        name for name in names if name != baseline and name not in controls
    )
    for role, wanted in (("baseline", (baseline,)), ("treatment", treatments), ("control", controls)):
        for name in wanted:
            if name not in names:
                raise SignatureError(
                    f"`{role}` names {name!r}, which is not a condition of the table; its conditions are "
                    f"{tuple(names)}. {did_you_mean(name, names)}".rstrip()
                )
    if not treatments:
        raise SignatureError(
            f"there is no condition besides the baseline {baseline!r}; at least one treatment is needed. Add its runs "
            "to the table, or check `where`."
        )
    return (*treatments, baseline, *controls)


def _only(rows: Rows, used: Sequence[str]) -> Rows:
    """Return the rows of some conditions, whose codes are then places in `used`."""
    place = {name: at for at, name in enumerate(used)}
    lookup = np.array([place.get(name, -1) for name in rows.names["condition"]])
    condition = lookup[rows.condition]
    keep = condition >= 0
    return Rows(
        condition=condition[keep],
        seed=rows.seed[keep],
        item=None if rows.item is None else rows.item[keep],
        value=rows.value[keep],
        names=rows.names,
    )


def _table(
    rows: Rows,
    used: Sequence[str],
    labels: dict[str, str],
    signature: Signature,
    notes: list[TableNote],
    frame: pd.DataFrame,
) -> RunsTable:
    seeds = rows.names["seed"]
    run_keys, run = np.unique(rows.condition * len(seeds) + rows.seed, return_inverse=True)
    own = metric_scale(signature)
    value = on_metric_scale(rows.value, own, labels["metric"])
    unit = unit_of(value)
    value = unit.reduced(value)
    nested = False
    if rows.item is None:
        _check_repeats(rows, run, len(run_keys), labels, signature, notes, frame)
        values, n_items = reduced(value, run, len(run_keys), signature.aggregate)[:, None], 0
    else:
        values, n_items, nested = by_item(rows, value, run, run_keys, labels, used, notes)
    named = {}
    for at, name in enumerate(used):
        mine = np.flatnonzero(run_keys // len(seeds) == at)
        if not mine.size:
            raise SignatureError(
                f"the condition {name!r} has no run with a value; leave it out, or supply its values."
            )
        named[name] = Runs(
            seeds=tuple(seeds[code] for code in (run_keys[mine] % len(seeds)).tolist()), values=values[mine]
        )
    return RunsTable(
        metric=labels["metric"] if own == "linear" else f"{own} {labels['metric']}",
        conditions=named,
        unit=unit,
        n_items=n_items,
        nested=nested,
        notes=(*notes, *guard(named, labels, frame, n_items), *copies(named)),
        n_rows=int(rows.value.size),
        data_hash=_hash(named, unit),
    )


def _check_repeats(
    rows: Rows,
    run: IntArray,
    n_runs: int,
    labels: dict[str, str],
    signature: Signature,
    notes: list[TableNote],
    frame: pd.DataFrame,
) -> None:
    """Refuse several values of one run, unless it is said how to combine them."""
    count = np.bincount(run, minlength=n_runs)
    if count.max() == 1:
        return
    first = rows.value[np.unique(run, return_index=True)[1]]
    differs = rows.value != first[run]
    if not differs.any():
        copies = int((count - 1).sum())
        message = f"Collapsed {plural(copies, 'exact copy')} of rows."
        notes.append(TableNote(code="duplicate_rows", message=message, count=copies))
        return
    if signature.aggregate is not None:
        message = f"Reduced {rows.value.size} rows to {plural(n_runs, 'run')} by their {signature.aggregate}."
        notes.append(TableNote(code="repeats_aggregated", message=message, count=n_runs))
        return
    at = int(np.flatnonzero(differs)[0])
    seed = rows.names["seed"][rows.seed[at]]
    others = [name.removeprefix(OTHER) for name in frame.columns if name.startswith(OTHER)]
    named = next((name for name in others if name.lower() in ITEM_NAMES), None)
    item = "with `item`" if named is None else f"as in {option('item', named)}"
    hint = f" Columns without a role: {', '.join(map(repr, others[:6]))}." if others else ""
    raise refusal(
        "DUPLICATE_CELLS",
        labels["metric"],
        f"{int((count > 1).sum())} runs have several rows whose metrics differ, the first with seed {seed!r}",
        f"Name what was repeated within a run, {item}, choose "
        f"{option('aggregate', 'mean')}, or select rows with `where`.{hint}",
    )


def _hash(conditions: dict[str, Runs], unit: Unit) -> str:
    """Return the SHA-256 of conditions, runs and values; it does not depend on the order of rows."""
    digest = hashlib.sha256(b"sigstats runs 1")
    for name in sorted(conditions):
        runs = conditions[name]
        for text in (name, *runs.seeds):
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        digest.update(np.ascontiguousarray(unit.restored(runs.values), dtype="<f8").tobytes())
    return digest.hexdigest()
