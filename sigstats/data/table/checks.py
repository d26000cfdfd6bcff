"""Checks on the values of a sweep, made on groups of equal rows instead of on single rows.

A check that fails records a problem with the first affected rows and a remedy; only then are the rows
searched for.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from sigstats.data.table import frames, grouping
from sigstats.data.table.cells import (
    NUMBER,
    Cells,
    FloatArray,
    Groups,
    IntArray,
    TableNote,
    folded,
    id_text,
    spelled,
    stops_early,
)
from sigstats.data.table.columns import NO_CONDITION, Sheet
from sigstats.data.table.frames import SHOWN, plural, shorten
from sigstats.data.table.grouping import ranks_of
from sigstats.data.table.no_seed import number_rows
from sigstats.data.table.roles import argument
from sigstats.data.table.summaries import is_summary_name, summaries_among
from sigstats.data.table.to_numbers import as_numbers, declare_order, has_number
from sigstats.errors import nearest, option, place_of_caller

NO_SEED = frozenset({
    "", "nan", "na", "n/a", "n.a.", "none", "null", "<na>", "nat", "#n/a", "#na", "#null!", "#div/0!", "#ref!",
    "#name?", "#num!", "#value!", "-", "--", "\u2013", "\u2014", "?", "??", ".", "..", "...",
})  # fmt: skip
EXACT = 2.0**53
MAX_LISTED = 50
INTEGER = re.compile(r"[+-]?\d{1,400}", re.ASCII)


def check_metric(sheet: Sheet, groups: Groups) -> None:
    """Report infinite metrics; note lost precision."""
    if sheet.columns["metric"].kind == "broken":
        return
    label = sheet.columns["metric"].label
    live = groups.take(groups.count > 0)
    if np.isinf(live.low).any() or np.isinf(live.high).any():
        rows = sheet.first_rows(nw.col("metric").cast(nw.Float64).abs() == math.inf)
        message = f"the metric column {label!r} holds infinite values, which do not have a mean"
        remedy = (
            "Leave out the diverged runs, or record a finite value for divergence. Values that mean 'never' can be "
            "ranked: Runs.sweep(censored='rank')."
        )
        sheet.report("metric", "METRIC_INFINITE", message, remedy, rows)
    elif sheet.columns["metric"].kind == "integer":
        count = int((np.maximum(np.abs(live.low), np.abs(live.high)) >= EXACT).sum())
        message = f"The metric {label!r} is a whole number of 2**53 or more in {plural(count, 'cell')}: it is rounded."
        sheet.note("precision", count, message)


def check_conditions_left(sheet: Sheet, groups: Groups, live: Groups) -> None:
    """Report conditions without any value, note seeds without any."""
    if groups is live:
        return
    lost: list[str] = []
    if "condition" in sheet.columns and sheet.columns["condition"].kind != "broken":
        lost = [groups.condition_names[code] for code in _only_in(groups.condition, live.condition)]
    if lost:
        label = sheet.columns["condition"].label
        message = f"the metric is missing in every row of the condition {', '.join(map(shorten, lost[:5]))}"
        left = [name for name in groups.condition_names if name not in lost]
        remedy = "Supply its values."
        if len(left) <= MAX_LISTED:
            remedy = f"Leave it out: {option('where', {**sheet.where, label: left})}; or supply its values."
        rows = sheet.first_rows(nw.col("condition").cast(nw.String).is_in(lost))
        sheet.report("condition", "EMPTY_CONDITION", message, remedy, rows)
    names = len(groups.seed_names)
    pairs = _only_in(groups.condition * names + groups.seed, live.condition * names + live.seed)
    gone = [pair for pair in pairs if groups.condition_names[pair // names] not in lost] if names else []
    if gone:
        shown = ", ".join(
            f"{shorten(groups.seed_names[pair % names])} of {shorten(groups.condition_names[pair // names])}"
            for pair in gone[:5]
        )
        sheet.note(
            "seeds_dropped",
            len(gone),
            f"Left out {plural(len(gone), 'seed')} without a value at any level: {shown}.",
        )


def _only_in(first: IntArray, second: IntArray) -> list[int]:
    """Return the codes that occur in the first array only, missing labels apart."""
    codes = np.setdiff1d(first, second)
    return [code for code in codes.tolist() if code >= 0]


def check_knob(sheet: Sheet, live: Groups, labels: nw.Series[Any] | None) -> None:
    """Report values of the knob that are missing, infinite, or text that is not a number."""
    column = sheet.columns["knob"]
    if column.kind == "broken" or labels is None:
        return
    if column.kind == "text":
        _check_knob_text(sheet, live, labels)
    elif sheet.order is not None and _report_undeclared(sheet, sheet.order, labels):
        return
    elif not np.isfinite(live.knob).all():
        _report_not_finite(sheet, live)
    elif column.kind == "ranks":
        ranks = ", ".join(
            f"{shorten(name, 40)} = {place}" for place, name in enumerate(column.categories[:10], start=1)
        )
        said = (
            "is an ordered categorical; its categories"
            if sheet.order is None
            else "has the declared levels; they"
        )
        message = f"The knob {column.label!r} {said} are ranked: {ranks}."
        sheet.note("ordered_categories", len(column.categories), message)
    elif column.kind == "integer" and not _report_collided(sheet, live, labels.to_list()):
        count = int((np.abs(live.knob) >= EXACT).sum())
        sheet.note(
            "precision",
            count,
            f"The knob {column.label!r} is 2**53 or more in {plural(count, 'cell')}: it is rounded.",
        )


def _report_undeclared(sheet: Sheet, order: Sequence[str], labels: nw.Series[Any]) -> bool:
    """Report values of the knob that are not among its declared levels; return whether there are any."""
    found = sorted({text for value in labels.to_list() if (text := id_text(value)) is not None})
    others = [text for text, rank in zip(found, ranks_of(found, order), strict=True) if np.isnan(rank)]
    if not others:
        return False
    label = sheet.columns["knob"].label
    message = (
        f"{sheet.knob.column} {label!r} holds {_listed(others)}, which `levels` does not name: {tuple(order)}"
    )
    sheet.report("knob", "KNOB_NOT_IN_LEVELS", message, _name_levels(sheet, order, found, others))
    return True


def _name_levels(sheet: Sheet, order: Sequence[str], found: Sequence[str], others: Sequence[str]) -> str:
    """Return how every level is named; rows are left out only where that keeps at least two levels."""
    kept = [name for name in order if name in found]
    meant = [name if name in found else nearest(name, others) for name in order]
    if set(meant) == set(found) and len(meant) == len(found):
        return f"Did you mean {option('levels', meant)}?"
    if len(found) > MAX_LISTED:
        return "Name every level in its order."
    near = [name for name in meant if name is not None]
    every = option("levels", [*near, *(name for name in found if name not in near)])
    remedy = f"Name every level, in the order that you mean, such as {every}"
    return remedy + (f"; or leave rows out: {_only(sheet, 'knob', kept, others)}." if len(kept) > 1 else ".")


def _report_collided(sheet: Sheet, live: Groups, values: Iterable[object]) -> bool:
    """Report two whole numbers that became one when they were rounded; return whether there are any."""
    if not (np.abs(live.knob) >= EXACT).any():
        return False
    numbers = sorted({int(value) for value in values if isinstance(value, int | str)})
    pair = next(((low, high) for low, high in pairwise(numbers) if float(low) == float(high)), None)
    if pair is None:
        return False
    label = sheet.columns["knob"].label
    message = (
        f"{sheet.knob.column} {label!r} holds {pair[0]} and {pair[1]}, which became one level: from 2**53 on, floats "
        "cannot represent every whole number"
    )
    remedy = f"Subtract an offset such as {numbers[0]} from the column, or divide it into a larger unit."
    sheet.report("knob", "LEVELS_COLLIDE", message, remedy)
    return True


def _report_not_finite(sheet: Sheet, live: Groups) -> None:
    """Report a knob that is missing or infinite."""
    column = sheet.columns["knob"]
    missing, infinite = bool(np.isnan(live.knob).any()), bool(np.isinf(live.knob).any())
    what = " or ".join(["missing"] * missing + ["infinite"] * infinite)
    knob = nw.col("knob")
    bad = knob.is_null()
    if column.kind == "number":
        number = knob.cast(nw.Float64)
        bad = bad | number.is_nan() | (number.abs() == math.inf)
    metric = sheet.columns["metric"]
    if metric.kind != "broken":
        bad = bad & ~grouping.clean_metric(metric.kind).is_null()
    finite = _finite_part(column, live)
    sheet.report(
        "knob",
        "KNOB_NOT_FINITE",
        f"{sheet.knob.column} {column.label!r} holds {what} values; each row needs a finite level",
        f"Correct the rows, or leave them out: {option('where', {**sheet.where, column.label: finite})}.",
        sheet.first_rows(bad),
    )


def _finite_part(column: frames.Column, live: Groups) -> list[str] | dict[str, float]:
    """Return the filter that keeps the finite levels."""
    if column.kind == "ranks":
        return list(column.categories)
    finite = live.knob[np.isfinite(live.knob)]
    if np.isneginf(live.knob).any() and not np.isposinf(live.knob).any():
        return {"min": float(finite.min()) if finite.size else 0.0}
    return {"max": float(finite.max()) if finite.size else 1.0}


def _check_knob_text(sheet: Sheet, live: Groups, labels: nw.Series[Any]) -> None:
    """Report text levels that are not numbers, or that differ only by blanks."""
    label = sheet.columns["knob"].label
    texts = sorted({text for text in labels.to_list() if isinstance(text, str)})
    wrong = [text for text in texts if not NUMBER.fullmatch(text.strip())]
    if wrong or labels.null_count():
        found = f"text that is not a number, such as {shorten(wrong[0])}" if wrong else "missing values"
        rows = sheet.first_rows(nw.col("knob").is_in(wrong) if wrong else nw.col("knob").is_null())
        message = f"{sheet.knob.column} {label!r} holds {found}; it must be numeric"
        remedy = declare_order(texts)
        numbers = [text for text in texts if text not in wrong]
        if wrong and all(map(is_summary_name, wrong)) and 0 < len(numbers) <= MAX_LISTED:
            kept = option("where", {**sheet.where, label: numbers})
            remedy = f"If such rows are summaries, use the levels alone: {kept}. {remedy}"
        elif not labels.null_count() and len(wrong) == len(texts) and all(map(has_number, texts)):
            remedy = as_numbers(label, texts, otherwise=remedy)
        sheet.report("knob", "KNOB_IS_TEXT", message, remedy, rows)
        return
    stripped = {text for text in texts if text.strip() != text and text.strip() in set(texts)}
    if stripped:
        rows = sheet.first_rows(nw.col("knob").is_in(sorted(stripped)))
        found = shorten(min(stripped))
        message = f"{sheet.knob.column} {label!r} holds levels that differ only by blanks, such as {found}"
        sheet.report(
            "knob", "LEVELS_COLLIDE", message, "Strip the blanks, or convert the column to numbers.", rows
        )
        return
    if not np.isfinite(live.knob).all():
        _report_not_finite(sheet, live)
        return
    if _report_collided(sheet, live, [text for text in texts if INTEGER.fullmatch(text.strip())]):
        return
    message = (
        f"The knob {label!r} holds numbers as text; its {len(texts)} levels were read and ordered as numbers."
    )
    sheet.note("numeric_strings", len(texts), message)


def check_ids(sheet: Sheet, role: str, codes: IntArray, names: Sequence[str]) -> None:
    """Report missing ids, and ids that differ only by blanks, case or Unicode form."""
    if role not in sheet.columns or sheet.columns[role].kind == "broken":
        return
    label = sheet.columns[role].label
    if sheet.frame.collect_schema()[role].is_numeric() and (
        _report_merged(sheet, role) or (codes >= 0).all()
    ):
        return
    used = [names[code] for code in np.unique(codes).tolist() if code >= 0]
    blank = [
        name for name in used if name.strip().casefold() in (NO_SEED if role == "seed" else NO_CONDITION)
    ]
    summaries = summaries_among([name for name in used if name not in blank]) if role == "seed" else []
    if summaries:
        _report_summaries(sheet, summaries, [name for name in used if name not in {*summaries, *blank}])
        return
    if blank or (codes < 0).any():
        _report_missing_ids(sheet, role, blank, [name for name in used if name not in blank])
        return
    for same in alike(used, fold=role == "condition"):
        rows = sheet.first_rows(nw.col(role).cast(nw.String).is_in(same[1:]))
        message = (
            f"the {role} column {label!r} holds {' and '.join(map(shorten, same))}, "
            "which differ only by blanks, case or Unicode form"
        )
        remedy = (
            f"Make them one id, or, if they are different {role}s, rename them so that they differ clearly."
        )
        sheet.report(role, f"{role.upper()}S_COLLIDE", message, remedy, rows)
        return
    if role == "seed":
        _note_zeros(sheet, used)


def _report_merged(sheet: Sheet, role: str) -> bool:
    """Report ids that became one number when their file was read; return whether there are any."""
    attrs = getattr(sheet.source.native, "attrs", None)
    told = attrs.get("merged", {}) if isinstance(attrs, dict) else {}
    label = sheet.columns[role].label
    pair = told.get(label) if isinstance(told, dict) else None
    if pair is None:
        return False
    message = f"the {role} column {label!r} holds {' and '.join(map(shorten, pair))}, which became one number when read"
    remedy = f"Name the column {role!r}, so that its text is kept; or write labels such as 'v{pair[0]}'."
    sheet.report(role, f"{role.upper()}S_COLLIDE", message, remedy)
    return True


def _only(sheet: Sheet, role: str, names: Sequence[str], without: Sequence[str]) -> str:
    """Return the filter that keeps some ids, in the type of their column; without a type, code that drops others."""
    label = sheet.columns[role].label
    numeric = sheet.frame.collect_schema()[role].is_numeric()
    values: list[str] | list[float] = list(names)
    if numeric:
        values = [int(name) if name.lstrip("-").isdigit() else float(name) for name in names]
    # No filter can be written with an infinite number.
    if (numeric and {"inf", "-inf"} & {*names}) or frames.is_opaque(sheet.base.collect_schema()[role]):
        if place_of_caller() != "python":
            return "in the file"
        if not without:
            return f"frame = frame.dropna(subset=[{label!r}])"
        return f"frame = frame[~frame[{label!r}].isin({list(without)!r})]"
    return option("where", {**sheet.where, label: values})


def _report_summaries(sheet: Sheet, summaries: Sequence[str], runs: Sequence[str]) -> None:
    """Report seeds that are no runs but summaries over runs."""
    label = sheet.columns["seed"].label
    named = " and ".join(map(shorten, summaries[:SHOWN]))
    verb = (
        "is no run but a summary over runs" if len(summaries) == 1 else "are no runs but summaries over runs"
    )
    message = f"the seed column {label!r} holds {named}, which {verb}; such rows never count as seeds"
    remedy = "Leave these rows out of the table, or rename the runs if they are some."
    if runs and len(runs) <= MAX_LISTED:
        remedy = f"Use the runs alone: {_only(sheet, 'seed', runs, summaries)}."
    rows = sheet.first_rows(nw.col("seed").cast(nw.String).is_in(list(summaries)))
    sheet.report("seed", "SUMMARY_SEEDS", message, remedy, rows)


def _report_missing_ids(sheet: Sheet, role: str, blank: Sequence[str], known: Sequence[str]) -> None:
    """Report rows whose seed or condition is missing, or is text that means missing."""
    label = sheet.columns[role].label
    column = nw.col(role)
    bad = column.is_null()
    if sheet.frame.collect_schema()[role].is_float():
        bad = bad | column.is_nan()
    if blank:
        bad = bad | column.cast(nw.String).is_in(list(blank))
    if role == "seed" and not known:
        message = f"the seed column {label!r} holds missing values only; such rows are never dropped silently"
        remedy = f"Name the column that holds the seed: {argument('seed').given()} {number_rows(label)}"
        sheet.report(role, "MISSING_SEED", message, remedy, sheet.first_rows(bad))
        return
    out = "leave out the rows with `where`"
    if known and len(known) <= MAX_LISTED:
        out = f"leave out these rows: {_only(sheet, role, known, blank)}"
    what = f"{shorten(blank[0])}, which means a missing value" if blank else "missing values"
    remedy = f"Fill in the {role}, or {out}."
    if not blank and _is_written_once(sheet, role):
        how = (
            f"frame[{label!r}] = frame[{label!r}].ffill()"
            if place_of_caller() == "python"
            else "fill it down there"
        )
        remedy = f"If each {role} is written once above its rows, as in merged cells, fill down: {how}. Else {out}."
    sheet.report(
        role,
        f"MISSING_{role.upper()}",
        f"the {role} column {label!r} holds {what}; such rows are never dropped silently",
        remedy,
        sheet.first_rows(bad),
    )


def _is_written_once(sheet: Sheet, role: str) -> bool:
    """Return whether a column has each id once, with empty cells below it, as a pivot with merged cells does."""
    if not isinstance(sheet.base, nw.DataFrame):
        return False
    values = frames.python_values(sheet.base[role])
    gaps = sum(value is None for value in values)
    return bool(values) and values[0] is not None and values[-1] is None and 2 * gaps >= len(values)


def alike(names: Iterable[str], *, fold: bool) -> list[list[str]]:
    """Return groups of names that differ only by blanks, invisible characters, Unicode form and, if `fold`, case."""
    groups: dict[str, list[str]] = {}
    for name in names:
        key = folded(name) if fold else spelled(name)
        groups.setdefault(key, []).append(name)
    return [same for same in groups.values() if len(same) > 1]


def _note_zeros(sheet: Sheet, names: Iterable[str]) -> None:
    """Note seeds that are the same number written in two ways."""
    groups: dict[float, list[str]] = {}
    for name in names:
        if NUMBER.fullmatch(name):
            groups.setdefault(float(name), []).append(name)
    same = [group for group in groups.values() if len(group) > 1]
    if same:
        shown = " and ".join(map(shorten, same[0]))
        message = f"Seeds such as {shown} are the same number but different text; they are kept apart."
        sheet.note("ids_alike", sum(map(len, same)), message)


def check_cells(
    sheet: Sheet, cells: Cells, rows: tuple[int, ...], place: str, aggregate: str | None, separated: str
) -> None:
    """Report cells whose rows disagree if `aggregate` is not given, and what separates them; note repeated rows."""
    same = ~cells.differs & (cells.count > 1)
    copies = int((cells.count[same] - 1).sum())
    sheet.note("duplicate_rows", copies, f"Collapsed {plural(copies, 'exact copy')} of rows.")
    differing = int(cells.differs.sum())
    if differing and aggregate is None:
        message = f"{plural(differing, 'cell')} with several rows whose metrics differ, the first at {place}"
        remedy = (
            f"Choose how to combine them, such as {option('aggregate', 'mean')}, or select one with `where`."
        )
        if separated:
            again = f"Only repeats of one measurement can be combined, by {option('aggregate', 'mean')}."
            message, remedy = f"{message}; {separated}", again
        sheet.report("metric", "DUPLICATE_CELLS", message, remedy, rows)
    elif differing:
        used = int(cells.count[cells.differs].sum())
        message = f"Reduced {used} rows to {plural(differing, 'cell')} by their {aggregate}."
        sheet.note("repeats_aggregated", differing, message)


FROM_MATRICES = frozenset({"missing_cells", "missing_at_extreme", "identical_seeds", "identical_conditions"})


def notes_on_matrices(
    knob: str, conditions: Sequence[str], seeds: Sequence[Sequence[str]], matrices: Sequence[FloatArray]
) -> list[TableNote]:
    """Return the notes on missing cells and on copies, which depend on the conditions that are looked at."""
    return [*_gaps(knob, conditions, matrices), *_copies(conditions, seeds, matrices)]


def _gaps(knob: str, conditions: Sequence[str], matrices: Sequence[FloatArray]) -> list[TableNote]:
    """Return notes on missing cells, and on conditions whose missing cells lie at one end of the knob.

    A level at which a condition has no run at all was not lost by its runs: it is none of their levels.
    """
    matrices = [matrix[:, ~np.isnan(matrix).all(axis=0)] for matrix in matrices]
    missing = sum(int(np.isnan(matrix).sum()) for matrix in matrices)
    total = sum(matrix.size for matrix in matrices)
    if not missing:
        return []
    notes = [
        TableNote(
            code="missing_cells",
            count=missing,
            message=f"{missing} of {total} cells (seeds x levels) are empty.",
        )
    ]
    ends = {name: stops_early(matrix) for name, matrix in zip(conditions, matrices, strict=True)}
    found = {name: end for name, end in ends.items() if end is not None}
    if found:
        count = sum(cells for _, cells in found.values())
        where = " or ".join(sorted({end for end, _ in found.values()}))
        message = (
            f"{plural(count, 'cell')} of {_listed(tuple(found))} {'is' if count == 1 else 'are'} missing at the "
            f"{where} levels of {knob!r}, as when runs stop early; the seeds left there may be survivors."
        )
        notes.append(TableNote(code="missing_at_extreme", count=count, message=message))
    return notes


def _listed(names: Sequence[str]) -> str:
    """Return the first few of some names."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(shorten, names[:SHOWN])) + more


def _copies(
    conditions: Sequence[str], seeds: Sequence[Sequence[str]], matrices: Sequence[FloatArray]
) -> list[TableNote]:
    """Return notes on seeds that are copies of each other, and on conditions that are."""
    groups: dict[bytes, list[str]] = {}
    copies: list[str] = []
    count = 0
    for name, ids, matrix in zip(conditions, seeds, matrices, strict=True):
        runs, inverse, counts = _distinct_rows(matrix)
        copied = np.flatnonzero(counts[inverse] > 1)
        count += copied.size
        copies += [f"{shorten(ids[place])} of {shorten(name)}" for place in copied[:SHOWN].tolist()]
        groups.setdefault(hashlib.sha256(runs.tobytes()).digest(), []).append(name)
    notes = []
    if count:
        shown = ", ".join(copies[:SHOWN])
        message = f"{count} seeds are copies of another seed of their condition: {shown}."
        notes.append(TableNote(code="identical_seeds", count=count, message=message))
    same = [names for names in groups.values() if len(names) > 1]
    if same:
        message = f"The conditions {_listed(same[0])} have identical values."
        notes.append(TableNote(code="identical_conditions", count=sum(map(len, same)), message=message))
    return notes


def _distinct_rows(matrix: FloatArray) -> tuple[npt.NDArray[np.void], IntArray, IntArray]:
    """Return the distinct rows of a matrix as bytes, sorted, with the place and number of each."""
    rows = np.ascontiguousarray(matrix).view(np.dtype((np.void, matrix.itemsize * matrix.shape[1]))).ravel()
    runs, inverse, counts = np.unique(rows, return_inverse=True, return_counts=True)
    return runs, inverse, counts
