"""A frame cut into parts, each with all rows of its keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sigstats.data.table import frames
from sigstats.data.table.keyed.keys import find_keys, names_of

if TYPE_CHECKING:
    import pandas as pd


def parts_of(data: Any, by: Sequence[str], n: int) -> "list[pd.DataFrame]":  # noqa: ANN401 - see screen
    """Return the parts of a frame as pandas frames; `n` of them, or as many as there are keys."""
    source = frames.adopt(data)
    frame = frames.collect(source.frame)
    source = frames.adopt(frame.to_native())
    picked = frames.collect(source.pick(names_of(by)))
    keys = find_keys(picked, by)
    n_parts = max(min(n, len(keys)), 1)
    part = keys.of_rows(picked) * n_parts // max(len(keys), 1)
    return [_pandas(frame[np.flatnonzero(part == each).tolist()]) for each in range(n_parts)]


def _pandas(frame: nw.DataFrame[Any]) -> "pd.DataFrame":
    return frame.to_native() if frame.implementation.is_pandas() else frame.to_pandas()
