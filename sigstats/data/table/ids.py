"""The text by which a condition is known."""

import math

import numpy as np

from sigstats.data.table.cells import id_text


def label(value: object) -> str | None:
    """Return the text by which a condition is known; None if the value cannot name one."""
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if not isinstance(value, (int, float, np.integer, np.floating)) or not math.isfinite(value):
        return None
    return id_text(value)
