"""Hypothesis strategies for sweeps: tidy frames that are valid, and frames in which anything may be wrong."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import strategies as st

LEVELS = st.one_of(
    st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda value: round(value, 3)),
    st.integers(-1000, 1000).map(float),
)
METRICS = st.floats(-1e12, 1e12, allow_nan=False)
IDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "S", "P"]), min_size=1, max_size=8)
NAMES = st.text(min_size=1, max_size=12)
ATOMS = st.one_of(
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.none(),
    st.text(max_size=4),
    st.complex_numbers(),
    st.decimals(allow_nan=True),
    st.fractions(),
    st.sampled_from(
        [
            pd.NA,
            pd.NaT,
            "NaN",
            "0,5",
            "5%",
            "∞",
            " 1",
            "007",
            b"x",
            (1, 2),
            1e-310,
            1e300,
            -0.0,
            np.float32(0.1),
            np.int8(3),
            Decimal("0.1"),
            Fraction(1, 3),
            dt.datetime(2024, 1, 1),  # noqa: DTZ001 - a naive time is the point
            dt.timedelta(1),
        ]
    ),
)


def separate(levels):
    """Return whether levels are far enough apart to stay levels of their own."""
    ordered = np.sort(np.array(levels))
    size = np.maximum(np.abs(ordered[1:]), np.abs(ordered[:-1]))
    return bool((np.diff(ordered) > 1e-5 * np.maximum(size, ordered[-1] - ordered[0])).all())


@st.composite
def sweep_frames(draw, min_conditions=1, max_conditions=3, min_seeds=1, max_seeds=4, max_levels=6):
    """Tidy pandas frames of valid sweeps in random row order, some with missing metrics."""
    levels = draw(st.lists(LEVELS, min_size=2, max_size=max_levels, unique=True).filter(separate))
    n_conditions = draw(st.integers(min_conditions, max_conditions))
    rows = []
    for condition in range(n_conditions):
        for seed in range(draw(st.integers(min_seeds, max_seeds))):
            values = draw(st.lists(METRICS, min_size=len(levels), max_size=len(levels)))
            gaps = (
                draw(st.sets(st.integers(0, len(levels) - 1), max_size=len(levels) - 2))
                if condition
                else set()
            )
            values = [np.nan if place in gaps else value for place, value in enumerate(values)]
            rows += [
                (level, value, seed, f"c{condition}") for level, value in zip(levels, values, strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"])
    order = draw(st.permutations(range(len(frame))))
    return frame.iloc[list(order)].reset_index(drop=True)


@st.composite
def wild_frames(draw):
    """Frames of four columns in which any cell may hold anything."""
    n_rows = draw(st.integers(0, 8))
    columns = {}
    for name in ("knob", "metric", "seed", "condition"):
        cells = draw(st.sampled_from([ATOMS, METRICS, st.integers(0, 3), IDS, st.floats(), st.booleans()]))
        columns[name] = draw(st.lists(cells, min_size=n_rows, max_size=n_rows))
    dtype = draw(st.sampled_from([None, object]))
    try:
        return pd.DataFrame(columns, dtype=dtype)
    except (OverflowError, TypeError, ValueError):
        return pd.DataFrame(columns, dtype=object)
