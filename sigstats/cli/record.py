"""What ``sigstats record`` does."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigstats.cards.record.result import Record


def record_of(folder: str) -> "Record":
    """Return the answers in a folder."""
    from sigstats.cards.record.folder import read_record

    return read_record(Path(folder))
