"""A table with one row per step, as CSV loggers write it, becomes the series of a run."""

from collections.abc import Iterable

from sigstats.data.logs.files.text_table import Rows
from sigstats.data.logs.recording import RunRecorder, as_number
from sigstats.data.logs.series import listed


def take_columns(
    recorder: RunRecorder, table: Rows, steps: Iterable[str], *, leave_out: Iterable[str] = ()
) -> None:
    """Take the columns of a table as metrics."""
    recorder.problems += table.problems
    ways = [table.header.index(name) for name in steps if name in table.header]
    columns = _metrics(recorder, table, set(leave_out), ways[:1])
    for position, (_, cells) in enumerate(table.rows):
        at = next((cells[way] for way in ways if cells[way].strip()), "" if ways else position)
        step = as_number(at)
        for column, metric in columns:
            cell = cells[column].strip()
            if cell:
                recorder.add(metric, step, cell)


def _metrics(
    recorder: RunRecorder, table: Rows, leave_out: set[str], step: list[int]
) -> list[tuple[int, str]]:
    """Return the columns that are metrics; of columns with one name the first."""
    columns: dict[str, int] = {}
    twice: list[str] = []
    for column, name in enumerate(table.header):
        if column in step or name in leave_out:
            continue
        if name in columns:
            twice.append(name)
        elif name:
            columns[name] = column
    if twice:
        recorder.note("DUPLICATE_COLUMN", f"several columns are called {listed(twice)}", "the first is taken")
    return [(column, name) for name, column in columns.items()]
