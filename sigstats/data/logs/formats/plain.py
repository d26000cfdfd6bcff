"""Plain tables: each CSV, TSV, JSON Lines or Parquet file is a run, each numeric column a metric.

The step is the first column that is called step, iteration, timesteps or epoch; without one, the position in the file.
A blank field was not logged; the text ``nan`` was. A first line ``{"_meta": {...}}`` of JSON Lines holds the settings,
and a last line ``{"_summary": {...}}`` what the run ended with: without it, a run with settings did not finish. Files
such as ``config.json`` or ``hparams.yaml`` in the same folder hold settings for all its logs, and ``NAME.json``
those of ``NAME.csv``.
"""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sigstats.data.files import KINDS
from sigstats.data.logs.files.json_lines import BoolArray, Log, read_lines
from sigstats.data.logs.files.number_table import NumberTable, read_numbers, read_together
from sigstats.data.logs.files.yaml import load_yaml
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.model import FloatArray, Format, LogError, LogProblem, Run, Scalar, Series
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import not_resumed, together
from sigstats.data.logs.values import as_metric, as_scalar, flatten, parse_json

__all__ = ["FORMAT", "read_plain"]

STEPS = (
    "step", "_step", "global_step", "train/global_step", "trainer/global_step", "iteration", "iter", "iterations",
    "training_iteration", "timesteps", "total_timesteps", "time/total_timesteps", "timesteps_total", "num_timesteps",
    "env_steps", "env_step", "update", "epoch", "epochs",
)  # fmt: skip
SIDECARS = (
    "config.json", "params.json", "hparams.json", "args.json", "settings.json",
    "config.yaml", "params.yaml", "hparams.yaml", "args.yaml", "config.yml", "params.yml", "hparams.yml", "args.yml",
)  # fmt: skip
MAX_SIDECAR = 2**20
MAX_TOGETHER = 2**20


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the tables in a folder."""
    return [folder / name for name in names if Path(name).suffix.lower() in KINDS]


def read_plain(source: Path, root: Path) -> Iterator[Run]:
    """Read the run that a table holds."""
    name = _name(source, root)
    yield _run(source, name, _READERS[KINDS.get(source.suffix.lower(), "csv")](source, name))


def read_many(sources: Sequence[Path], root: Path) -> list[Run | LogError]:
    """Read the runs that several tables hold; tables of numbers with the same header are parsed together."""
    data = {source: _content(source) for source in sources if KINDS.get(source.suffix.lower()) == "csv"}
    tables = read_together(
        {source: content for source, content in data.items() if isinstance(content, bytes)}
    )
    found: list[Run | LogError] = []
    for source in sources:
        name = _name(source, root)
        try:
            if source in tables:
                found.append(_run(source, name, _as_log(tables[source])))
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


def _run(source: Path, name: str, log: Log) -> Run:
    config = {**_beside(source, log.problems, name), **log.config}
    series = _series(log, name)
    if not series:
        raise LogError("NO_METRICS", "does not have a column of numbers")
    return Run(
        name=name, format="plain", series=series, config=config, state=log.state, problems=tuple(log.problems)
    )


def _from_text(source: Path, name: str) -> Log:
    """Read CSV or TSV."""
    recorder = RunRecorder(run=name, format="plain")
    delimiter = "\t" if KINDS[source.suffix.lower()] == "tsv" else None
    log = _as_log(read_numbers(recorder, read_bytes(source), source.name, delimiter))
    log.problems = recorder.problems
    return log


def _as_log(table: NumberTable) -> Log:
    return Log(columns=table.columns, logged=table.logged, config=dict(table.constants))


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


def _series(log: Log, name: str) -> dict[str, Series]:
    """Return the metrics of a log, along its steps."""
    labels = {label.strip().lower(): label for label in reversed(log.columns)}
    own = next((labels[each] for each in STEPS if each in labels), None)
    length = max((len(column) for column in log.columns.values()), default=0)
    steps = np.arange(length, dtype=np.float64) if own is None else log.columns[own]
    finite = np.isfinite(steps)
    known = None if finite.all() else finite
    if own is None and length:
        what = "none of the columns is called step, iteration, timesteps or epoch"
        log.problems.append(LogProblem(code="NO_STEP", run=name, message=what, done="the lines were counted"))
    if known is not None:
        what = f"{int(np.count_nonzero(~finite))} lines lack a number in the column {own}"
        log.problems.append(LogProblem(code="NO_STEP", run=name, message=what, done="they were left out"))
    found, void = {}, {}
    for label, column in log.columns.items():
        keep = _both(known, log.logged.get(label))
        at, values = (steps, column) if keep is None else (steps[keep], column[keep])
        if label == own or not at.size:
            continue
        if at.size > 1 and not (at[1:] > at[:-1]).all():
            kept = not_resumed(at)
            void[label] = int(np.count_nonzero(~kept))
            at, values = at[kept], values[kept]
        found[label] = Series(steps=at, values=values)
    log.problems += together("RESUMED", name, void)
    return found | _ending(log.summary or {}, found, log.config, steps[finite])


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


def _beside(source: Path, problems: list[LogProblem], name: str) -> dict[str, Scalar]:
    """Return the settings in files beside a log."""
    beside = RunRecorder(run=name, format="plain", problems=problems)
    folder = source.parent
    present = _names(folder, folder.stat().st_mtime_ns)
    for other in (*SIDECARS, f"{source.stem}.json", f"{source.stem}.yaml"):
        if other in present and other != source.name:
            found = _settings(folder / other, beside)
            beside.take(flatten(found) if isinstance(found, dict) else {})
    return beside.config


@functools.lru_cache(maxsize=16)
def _names(folder: Path, changed: int) -> frozenset[str]:
    """Return the names in a folder, which are listed again when it changed."""
    del changed
    try:
        return frozenset(each.name for each in folder.iterdir())
    except OSError:
        return frozenset()


def _settings(path: Path, beside: RunRecorder) -> object:
    """Return the settings in a file of JSON or YAML."""
    if path.suffix != ".json":
        return load_yaml(beside, path, path.name)
    try:
        return parse_json(read_bytes(path, MAX_SIDECAR))
    except LogError as error:
        beside.note("BAD_CONFIG", f"{path.name} {error.message}", "its settings are left out")
        return None


FORMAT = Format(
    name="plain",
    title="CSV, TSV, JSON Lines, Parquet",
    find=find,
    read=read_plain,
    fallback=True,
    read_many=read_many,
)
