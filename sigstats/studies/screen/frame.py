"""A screen as a pandas frame."""

from typing import TYPE_CHECKING

import numpy as np

from sigstats.studies.screen.record import ScreenRecord
from sigstats.studies.screen.rows import STATUSES
from sigstats.verdict.words.names import claim

if TYPE_CHECKING:
    import pandas as pd

SHARED = ("effect", "low", "high", "pvalue", "absent_pvalue")
COLUMNS = (
    "signature", "status", "reasons", "rule", "effect", "low", "high", "pvalue", "calibrated_pvalue", "adjusted_pvalue",
    "discovery", "absent_pvalue", "adjusted_absent_pvalue", "absent_discovery", "selective_low", "selective_high",
    "null", "problem",
)  # fmt: skip


def table(screen: ScreenRecord) -> "pd.DataFrame":
    """Return one row per key and signature; effects are positive where they go the predicted way."""
    from sigstats.data.table.frames import told

    n, rows = len(screen.signatures), screen.rows
    columns: dict[str, object] = {}
    for at, name in enumerate(screen.by):
        values = told({name: np.repeat(screen.keys.column(at), n)})
        columns[_free(name, {*COLUMNS, *columns, *screen.by[at + 1 :]})] = values.iloc[:, 0].infer_objects()
    columns["signature"] = np.tile(np.array(names(screen), dtype=object), len(screen.keys))
    words = np.array([*map(str, STATUSES), None], dtype=object)  # the last one for UNKNOWN, which is -1
    columns["status"] = words[rows.status]
    columns["reasons"] = np.array([", ".join(each) for each in rows.reasons], dtype=object)
    columns["rule"] = rows.rule.astype(np.int64)
    columns |= {name: getattr(rows, name) for name in SHARED}
    for name in (
        "null",
        "calibrated_pvalue",
        "adjusted_pvalue",
        "adjusted_absent_pvalue",
        "discovery",
        "absent_discovery",
    ):
        columns[name] = getattr(screen, name)
    columns |= {"selective_low": screen.selective_low, "selective_high": screen.selective_high}
    columns["problem"] = rows.problem
    keys = list(columns)[: len(screen.by)]
    return told(columns)[[*keys, *COLUMNS]]


def _free(name: str, taken: set[str]) -> str:
    """Return the name of a column of keys, with underscores behind it if another column has the name."""
    while name in taken:
        name += "_"
    return name


def names(screen: ScreenRecord) -> list[str]:
    """Return what the signatures are called: their names, or what they claim."""
    return [each.name or claim(each) for each in screen.signatures]
