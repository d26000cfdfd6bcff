"""A screen as a file: all of it or nothing, and never over a file that should be kept."""

import io
import os
from pathlib import Path

import pandas as pd

from sigstats.errors import OutputError, missing_extra
from sigstats.report.files import check_target, write_content
from sigstats.studies.screen.frame import table
from sigstats.studies.screen.record import ScreenRecord

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(screen: ScreenRecord, path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Write the table as text; words that a spreadsheet would run as a formula get a quote in front."""
    check_target(path, overwrite=overwrite)
    frame = table(screen)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            frame[name] = pd.Series([_harmless(each) for each in frame[name]], dtype=object)
    text = frame.to_csv(index=False, lineterminator="\n")
    return write_content(path, text.encode("utf-8", errors="backslashreplace"), overwrite=overwrite)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_parquet(screen: ScreenRecord, path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Write the table as Parquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Parquet files") from None
    check_target(path, overwrite=overwrite)
    content = io.BytesIO()
    try:
        pq.write_table(pa.Table.from_pandas(table(screen), preserve_index=False), content)
    except (pa.ArrowException, TypeError) as error:
        raise OutputError(
            f"the columns of `by`, {screen.by}, hold values that cannot be stored as Parquet ({error}); convert them "
            "to text first, or write text with to_csv."
        ) from None
    return write_content(path, content.getvalue(), overwrite=overwrite)
