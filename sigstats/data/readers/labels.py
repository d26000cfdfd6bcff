"""Labels that look like numbers: version 3.10 is not version 3.1, and run 1e5 is not run 100000.

As numbers, two such labels are one, and so are whole numbers beyond 2**53 in a column of floats. Which column holds
labels is said later, when roles are given. Columns that are named as labels keep their text; of others a word is left
for the check of the table.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

MERGED = "merged"  # under which a frame keeps, for each column, two texts that became one number
EXACT = 2.0**53
SAMPLE, RARE = 10_000, 0.9
LABEL = re.compile(
    r"(?:.*[^a-z])?(?:seeds?|run|runs|run_?id|id|ids|uid|trial|rep|replicate|fold|version|ver|condition|cond|variant|arm|"
    r"group|model|method|config|treatment|name|label|tag|setting|experiment|exp|release|checkpoint|task)",
    re.IGNORECASE,
)
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


def is_label(name: object) -> bool:
    """Return whether a column is named as labels are."""
    return LABEL.fullmatch(str(name).strip()) is not None


def with_labels(frame: pd.DataFrame, texts: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return columns of a text, in which labels that would become one number are text, or a word is left of them."""
    asked = [name for name in frame.columns if _may_merge(frame[name])]
    if not asked:
        return frame
    written = texts()
    merged = {}
    for name in asked:
        distinct = [text for text in written[name].dropna().unique().tolist() if isinstance(text, str)]
        try:
            pair = merges({text: float(text) for text in distinct})
        except ValueError:
            continue
        if pair and is_label(name):
            frame[name] = written[name].str.strip()
        elif pair:
            merged[name] = pair
    if merged:
        frame.attrs[MERGED] = merged
    return frame


def _may_merge(column: "pd.Series[Any]") -> bool:
    """Return whether a column of floats repeats its numbers as labels do, or has some that lost digits."""
    if column.dtype != np.float64:
        return False
    values = column.to_numpy()
    low, high = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    if np.isinf(low) or np.isinf(high):
        known = values[np.isfinite(values)]
        low, high = known.min(initial=0.0), known.max(initial=0.0)
    large = bool(high >= EXACT or low <= -EXACT)
    return large or _repeats(column)


def _repeats(column: "pd.Series[Any]") -> bool:
    """Return whether a column has each of its values twice on average.

    In a long column some rows tell: where these hardly repeat, there are tens of thousands of values, more than labels.
    """
    if len(column) > 4 * SAMPLE:
        some = column.iloc[:: len(column) // SAMPLE]
        if some.nunique() > RARE * len(some):
            return False
    return column.nunique() <= len(column) / 2


def merges(numbers: Mapping[str, float]) -> tuple[str, str] | None:
    """Return two texts that are one number and yet two labels; 1 and 1.0 are one label."""
    known: dict[float, str] = {}
    for text, number in numbers.items():
        other = known.setdefault(float(number), text)
        if _as_label(other) != _as_label(text):
            return other, text
    return None


def _as_label(text: str) -> str:
    text = text.strip().removeprefix("+")
    return re.sub(r"\.0*$", "", text) if WHOLE.fullmatch(text.partition(".")[0]) else text
