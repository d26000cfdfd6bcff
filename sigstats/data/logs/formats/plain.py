"""Plain tables: each CSV, TSV, JSON Lines or Parquet file is a run, each numeric column a metric.

The step is the first column that is called step, iteration, timesteps or epoch; without one, the position in the file.
A blank field was not logged; the text ``nan`` was. A first line ``{"_meta": {...}}`` of JSON Lines holds the settings,
and a last line ``{"_summary": {...}}`` what the run ended with: without it, a run with settings did not finish.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sigstats.data.files import KINDS
from sigstats.data.logs.files.fetched import fetched_run, is_fetched
from sigstats.data.logs.files.json_lines import BoolArray, Log, read_lines
from sigstats.data.logs.files.number_table import NumberTable, read_numbers, read_together
from sigstats.data.logs.files.settings import NAMES
from sigstats.data.logs.files.spelled import STEPS, is_step
from sigstats.data.logs.files.text_table import first_text
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.groups import CLOCKS, bare, in_groups, in_phases
from sigstats.data.logs.model import FloatArray, Format, LogError, LogProblem, Run, Scalar, Series
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.restarts import counted_on, told
from sigstats.data.logs.series import ends_with_result, final_result, listed, not_resumed, together
from sigstats.data.logs.values import as_metric, as_scalar

__all__ = ["FORMAT", "read_plain"]

EPOCHS = ("epoch", "epochs")
MAYBE_LINES = (".json", ".txt", ".log", ".out")
MAX_TOGETHER = 2**20
MAX_HEAD = 2**16
_RUN_COLUMN = re.compile(r"(?:seed|run|rep|replicate|trial|fold|s|r)[ _-]?[0-9]{1,6}", re.IGNORECASE)


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the tables in a folder."""
    return [folder / name for name in names if _is_ours(folder / name)]


def _is_ours(path: Path) -> bool:
    ending = path.suffix.lower()
    return ending in KINDS or (ending in MAYBE_LINES and path.name not in NAMES and _are_lines(path, ending))


def _are_lines(path: Path, ending: str) -> bool:
    """Return whether a file begins with a JSON object on each line, and with two of them if it is called .json."""
    lines = [line for line in first_text(path, MAX_HEAD).split("\n") if line.strip()][:3]
    if not lines or not lines[0].lstrip().startswith("{"):
        return False
    if len(lines) == 1:
        return ending != ".json" and lines[0].startswith('{"') and lines[0].rstrip().endswith("}")
    return all(line.lstrip().startswith("{") for line in lines) and lines[0].rstrip().endswith("}")


def read_plain(source: Path, root: Path) -> Iterator[Run]:
    """Read the runs that a table holds."""
    name = _name(source, root)
    kind = _kind(source)
    if kind == "jsonl" and is_fetched(source):
        yield fetched_run(source, name, "plain")
    else:
        yield from runs_of_log(source, name, _READERS[kind](source, name))


def read_many(sources: Sequence[Path], root: Path) -> list[Run | LogError]:
    """Read the runs that several tables hold; tables of numbers with the same header are parsed together."""
    data = {source: _content(source) for source in sources if _kind(source) == "csv"}
    tables = read_together(
        {source: content for source, content in data.items() if isinstance(content, bytes)}
    )
    found: list[Run | LogError] = []
    for source in sources:
        name = _name(source, root)
        try:
            if source in tables:
                found.extend(runs_of_log(source, name, _as_log(tables[source])))
            else:
                found.extend(read_plain(source, root))
        except LogError as error:
            found.append(error)
    return found


def _content(source: Path) -> bytes | None:
    try:
        return read_bytes(source, MAX_TOGETHER)
    except LogError:
        return None


def _name(source: Path, root: Path) -> str:
    name = name_below(source, root)
    return name.removesuffix(source.suffix) or name


def runs_of_log(source: Path, name: str, log: Log, form: str = "plain") -> list[Run]:
    """Return the runs in a log: one, unless its columns tell several apart."""
    step, epoch = _clocks(log)
    if step is None:
        _refuse_words(log)
    counts = np.empty(0) if step is None else log.columns[step]
    again = None if step is None or epoch is None else counted_on(log.columns[epoch], counts)
    if again is not None:
        counts = again[0]
    log = in_phases(log, {name for name in (step, epoch) if name})
    parts = in_groups(log, step, counts, name, source.name)
    return [_run(f"{name}/{ending}" if ending else name, part, (step, epoch), form) for ending, part in parts]


def _refuse_words(log: Log) -> None:
    """Refuse a log whose only count of steps is text: its lines must not stand in for its steps."""
    words = next((key for key in log.texts if is_step(key)), None)
    if words is not None:
        cells = list(dict.fromkeys(text for text in log.texts[words] if text))
        what = f"counts steps by the column {words}, whose cells are not numbers: {listed(map(repr, cells))}"
        raise LogError("STEP_IS_TEXT", f"{what}; write steps as numbers, such as 1000")


def _clocks(log: Log) -> tuple[str | None, str | None]:
    """Return the column that counts steps and, beside it, the one that counts epochs."""
    labels = {label.strip().lower(): label for label in reversed(log.columns)}
    step = next((labels[each] for each in STEPS if each in labels), None)
    epoch = next((labels[each] for each in EPOCHS if each in labels), None)
    return step, epoch if epoch != step else None


def _run(name: str, log: Log, clocks: tuple[str | None, str | None], form: str) -> Run:
    """Return one run, along its steps."""
    problems = list(log.problems)
    config = {**log.config, **_constants(log)}
    left = [key for key in log.texts if key not in config and bare(key) not in CLOCKS]
    if left:
        what = f"the text in {listed(left)} changes from line to line"
        problems.append(
            LogProblem(code="TEXT_COLUMN", run=name, message=what, done="left out: it is no metric")
        )
    columns = [key for key in log.columns if _RUN_COLUMN.fullmatch(key)]
    if len(columns) > 1:
        what = f"the columns {listed(columns)} look like runs"
        done = "read as metrics of one run; sigstats.from_wide makes a table with rows for each"
        problems.append(LogProblem(code="COLUMNS_ARE_RUNS", run=name, message=what, done=done))
    log = replace(log, config=config, problems=problems)
    series = _series(log, name, *clocks)
    if not series:
        raise LogError("NO_METRICS", "does not have a column of numbers")
    return Run(
        name=name,
        format=form,
        series=series,
        config=log.config,
        state=log.state,
        problems=tuple(log.problems),
    )


def _constants(log: Log) -> dict[str, Scalar]:
    """Return the columns of text that are the same in all lines of a run."""
    found = {key: set(texts) - {None} for key, texts in log.texts.items()}
    return {key: as_scalar(next(iter(texts))) for key, texts in found.items() if len(texts) == 1}


def _kind(source: Path) -> str:
    """Return how a file is written: by its ending, or as JSON Lines if it begins as that."""
    kind = KINDS.get(source.suffix.lower())
    return kind or ("jsonl" if source.suffix.lower() in MAYBE_LINES else "csv")


def _from_text(source: Path, name: str) -> Log:
    """Read CSV or TSV."""
    recorder = RunRecorder(run=name, format="plain")
    delimiter = "\t" if _kind(source) == "tsv" else None
    log = _as_log(read_numbers(recorder, read_bytes(source), source.name, delimiter))
    log.problems = recorder.problems
    return log


def _as_log(table: NumberTable) -> Log:
    return Log(columns=table.columns, logged=table.logged, config=dict(table.constants), texts=table.texts)


def _from_parquet(source: Path, name: str) -> Log:
    """Read Parquet."""
    del name
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise LogError("NEEDS_PYARROW", "is Parquet, which needs: pip install 'sigstats[parquet]'") from None
    try:
        table = parquet.read_table(pa.BufferReader(read_bytes(source)))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise LogError("BAD_PARQUET", f"is not a readable Parquet file: {str(error)[:200]}") from None
    log = Log()
    for label, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            numbers = column.cast(pa.float64(), safe=False)
            log.columns[label] = np.array(numbers.fill_null(np.nan), dtype=np.float64)
            log.logged[label] = None if not column.null_count else np.array(column.is_valid())
        elif any(
            is_text(kind)
            for is_text in (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)
        ):
            found = column.unique().to_pylist()
            if len(found) == 1:
                log.config[label] = as_scalar(found[0])
    return log


_READERS = {"csv": _from_text, "tsv": _from_text, "jsonl": read_lines, "parquet": _from_parquet}


def _series(log: Log, name: str, own: str | None, epoch: str | None) -> dict[str, Series]:
    """Return the metrics of a log, along its steps."""
    length = max((len(column) for column in log.columns.values()), default=0)
    steps = np.arange(length, dtype=np.float64) if own is None else log.columns[own]
    again = None if own is None or epoch is None else counted_on(log.columns[epoch], steps)
    if again is not None and own is not None and epoch is not None:
        steps = again[0]
        log.problems.append(told(name, own, epoch, again[1]))
    if own is not None and epoch is not None:
        steps = _carried(log, steps, epoch, name)
    finite = np.isfinite(steps)
    known = None if finite.all() else finite
    if own is None and length:
        what = "none of the columns is called step, iteration, timesteps or epoch"
        log.problems.append(LogProblem(code="NO_STEP", run=name, message=what, done="the lines were counted"))
    if known is not None:
        what = f"{int(np.count_nonzero(~finite))} lines lack a number in the column {own}"
        log.problems.append(LogProblem(code="NO_STEP", run=name, message=what, done="they were left out"))
    found, void, results = {}, {}, {}
    for label, column in log.columns.items():
        keep = _both(known, log.logged.get(label))
        at, values = (steps, column) if keep is None else (steps[keep], column[keep])
        if label == own or not at.size:
            continue
        if label == epoch and at.size > 1:
            fresh = np.r_[True, (np.diff(at) != 0) | (np.diff(values) != 0)]
            at, values = at[fresh], values[fresh]
        if ends_with_result(at):
            results[label] = float(at[-1]), float(values[-1])
            at, values = at[:-1], values[:-1]
        if at.size > 1 and not (at[1:] > at[:-1]).all():
            kept = not_resumed(at)
            void[label] = int(np.count_nonzero(~kept))
            at, values = at[kept], values[kept]
        found[label] = Series(steps=at, values=values)
    log.problems += together("RESUMED", name, void) + final_result(name, results)
    return found | _ending(log.summary or {}, found, log.config, steps[finite])


def _carried(log: Log, steps: FloatArray, epoch: str, name: str) -> FloatArray:
    """Return steps in which lines that name only the epoch stand at the last step above them."""
    lost = np.isnan(steps) & np.isfinite(log.columns[epoch])
    last = np.maximum.accumulate(np.where(np.isnan(steps), -1, np.arange(steps.size)))
    lost &= last >= 0
    if not lost.any():
        return steps
    what = f"{int(lost.sum()):,} lines name the {epoch} but no step"
    done = "they stand at the last step above them"
    log.problems.append(LogProblem(code="STEP_CARRIED", run=name, message=what, done=done))
    return np.where(lost, steps[np.maximum(last, 0)], steps)


def _both(one: BoolArray | None, other: BoolArray | None) -> BoolArray | None:
    """Return where both hold; None holds everywhere."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _ending(
    summary: Mapping[str, Scalar],
    found: Mapping[str, Series],
    config: Mapping[str, Scalar],
    steps: FloatArray,
) -> dict[str, Series]:
    """Return the summary of a run, without its settings, as metrics of one value at the last step; null is NaN."""
    last = np.array([steps.max() if steps.size else 0.0])
    values = {key: math.nan if value is None else as_metric(value) for key, value in summary.items()}
    return {
        key: Series(steps=last, values=np.array([value]))
        for key, value in values.items()
        if value is not None and key not in found and key not in config
    }


FORMAT = Format(
    name="plain",
    title="CSV, TSV, JSON Lines, Parquet",
    find=find,
    read=read_plain,
    fallback=True,
    read_many=read_many,
    written_by="scripts, pandas, detectron2, MMEngine, DeiT, YOLO, rlkit",
    reads="each column of numbers along the step; several runs in one table; JSON Lines under any ending",
    leaves="tables of results, which `read_sweep` reads; text that changes",
)
