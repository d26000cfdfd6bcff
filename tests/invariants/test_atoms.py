"""Frames put together from everything that was ever odd about a table: a documented error or a sound verdict, soon.

`SIGSTATS_FRAMES` sets how many are tried; how many were, and what became of them, is written to the file that
`SIGSTATS_FRAMES_OUT` names.
"""

import collections
import contextlib
import csv
import datetime as dt
import decimal
import fractions
import math
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sigstats
from sigstats.errors import SigstatsError

N_FRAMES = int(os.environ.get("SIGSTATS_FRAMES", "10000"))
PHASES = [Phase.generate] if "SIGSTATS_FRAMES" in os.environ else list(Phase)
PATIENCE = 5.0  # seconds of processor time

NUMBERS = [
    0.0, -0.0, 1.0, 1, -1.5, 0.1 + 0.2, 0.3, 1e300, -1e300, 1e-300, 5e-324, 1e-310, 1.7e308, math.nan, math.inf,
    -math.inf, 2**53 + 1, 10**30, 10**400, np.float32(0.3), np.int8(127), np.uint8(255), True, False, None, pd.NA,
    pd.NaT, decimal.Decimal("0.1"), fractions.Fraction(1, 3), 1j, np.float64("nan"), 2024.0001,
]  # fmt: skip
TEXTS = [
    "", " ", "nan", "NA", "N/A", "None", "-", "0,5", "1,000", "5%", "1e3", "\u221e", "7", "007", "7.0", " 7", "a", "A",
    "a ", "caf\u00e9", "cafe\u0301", "\udcff", "\u202e", "x\x00y", "<b>", "=1+1", "\U0001f600", "x" * 300, "a\u200b",
    "\u0130", "\u00df",
]  # fmt: skip
OBJECTS = [
    (), (1,), [1], {"a": 1}, {1}, b"x", object, dt.datetime(2020, 1, 1), dt.date(2020, 1, 1), dt.timedelta(1),  # noqa: DTZ001
    pd.Timestamp("2020", tz="UTC"), pd.Period("2020"), pd.Interval(0, 1), np.array([1.0]), np.array(1.0),
]  # fmt: skip
cells = st.sampled_from(NUMBERS) | st.sampled_from(TEXTS) | st.sampled_from(OBJECTS)
COLUMNS = ("knob", "metric", "seed", "condition")
DTYPES = {
    "knob": ["float32", "int8", "Int64", "Float64", "category", "string", "bool", ">f8", "object", "int64[pyarrow]"],
    "metric": ["float32", "Float64", "string", "bool", ">f8", "object", "complex128", "Sparse[float]", "int8",
        "double[pyarrow]", "m8[s]"],
    "seed": ["int8", "float32", "category", "string", "object", "bool"],
    "condition": ["category", "string", "object"],
}  # fmt: skip
SHAPES = ["increasing", "decreasing", "flat", "linear", "saturating", "threshold",
    {"name": "threshold", "form": "step"}, "peak", "valley", "convex", "concave", "power_law", "sigmoid"]  # fmt: skip


@st.composite
def plain_frames(draw, levels, seeds):
    """Return a frame of a sweep, of any scale, before anything is odd about it."""
    levels, seeds = draw(st.sampled_from(levels)), draw(st.sampled_from(seeds))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    spacing, start = (
        draw(st.sampled_from([1.0, 1e-12, 1e300, 0.1])),
        draw(st.sampled_from([0.0, 1.0, -3.0, 1e12])),
    )
    unit = draw(st.sampled_from([1.0, 0.0, 1e-300, 1e300, 1e12, 2.0**-900]))
    noise = draw(st.sampled_from([0.0, 0.3, 3.0]))
    rows = [
        (start + spacing * level, unit * ((level if name == "a" else 0) + noise * rng.normal()), seed, name)
        for name in draw(st.sampled_from(["a", "ab", "abc"]))
        for seed in range(seeds)
        for level in range(levels)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def odd_cell(draw, frame, name):
    """Put something odd into one cell."""
    values = list(frame[name])
    if values:
        values[draw(st.integers(0, len(values) - 1))] = draw(cells)
    return frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})


def odd_column(draw, frame, name):
    """Fill a column with a few odd things."""
    some = draw(st.lists(cells, min_size=1, max_size=3))
    values = [some[i % len(some)] for i in range(len(frame))]
    return frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})


def odd_type(draw, frame, name):
    """Store a column in another way, if pandas can."""
    kind = draw(st.sampled_from(DTYPES[name]))
    with contextlib.suppress(Exception):  # pyarrow has errors of its own
        return frame.assign(**{name: frame[name].astype(kind)})
    return frame


def odd_rows(draw, frame, _):
    """Change order, number or copies of rows."""
    how = draw(st.sampled_from(["shuffled", "reversed", "twice", "some", "first"]))
    with contextlib.suppress(ValueError):  # pandas cannot take rows of big-endian columns
        return {
            "shuffled": lambda: frame.sample(frac=1, random_state=1),
            "reversed": lambda: frame[::-1],
            "twice": lambda: pd.concat([frame, frame]),
            "some": lambda: frame.sample(frac=0.7, random_state=2),
            "first": lambda: frame.head(1),
        }[how]()
    return frame


def odd_names(draw, frame, name):
    """Rename a column, maybe to the name of another."""
    names = st.sampled_from(["x", 0, None, "metric", "level_0", "\u202e", "__x"])
    return frame.rename(columns={name: draw(names)})


def odd_index(_, frame, name):
    """Make a column the index, with or without dropping it; pandas cannot look into a big-endian one."""
    if frame[name].dtype == ">f8":
        return frame
    return frame.set_index(name, drop=len(frame) % 2 == 0)


def odd_condition(draw, frame, _):
    """Give one condition another name."""
    last, other = max(frame["condition"]), draw(st.sampled_from(TEXTS + NUMBERS))
    names = [other if name == last else name for name in frame["condition"]]
    return frame.assign(condition=pd.Series(names, index=frame.index, dtype=object))


def _is_unique(index):
    """Return whether no label is there twice; pandas cannot tell where a label is a list."""
    with contextlib.suppress(TypeError):
        return index.is_unique
    return False


@st.composite
def odd_frames(draw):
    """Return a frame with up to three odd things, each of them of a kind that users have.

    Half of the frames have the size of a sweep, and only what a table may have.
    """
    if draw(st.booleans()):
        frame = draw(plain_frames([0, 1, 2, 3, 5, 6, 7, 7, 8], [0, 1, 2, 3, 3, 4, 5, 6, 8]))
        ways = st.sampled_from([odd_cell, odd_column, odd_type, odd_rows, odd_names, odd_index])
    else:
        frame = draw(plain_frames([5, 6, 7, 9], [3, 4, 5, 6, 8]))
        if draw(st.booleans()):
            frame = odd_condition(draw, frame, "condition")
        ways = st.sampled_from([odd_type, odd_rows])
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        left = [name for name in COLUMNS if name in frame.columns]
        if not left or not frame.columns.is_unique or not _is_unique(frame.index):
            return frame
        frame = draw(ways)(draw, frame, draw(st.sampled_from(left)))
    return frame


OPTIONS = [
    {},
    *({"control": each} for each in ("b", "a", ["b", "c"], "\udcff")),
    *({"min_effect": each} for each in (1e-300, 0.5, 1e300, 0.0, math.nan)),
    *({"alpha": each} for each in (0.2, 1e-3, 1e-9, 0.5)),
    *({"knob_scale": each} for each in ("log", "rank")),
    *({"metric_scale": each} for each in ("log", "logit")),
    *({"design": each} for each in ("repeated", "independent")),
    {"control": "b", "paired": True}, {"aggregate": "mean"}, {"across": "each"}, {"control": "b", "across": "each"},
    {"looks": [3, 5]}, {"across_seeds": "majority"}, {"short_seeds": "keep"},
    {"calibrate": True, "control": ["b", "c"]},
    {"where": {"knob": {"min": 2}}}, {"levels": [1, 2, 3]}, {"bounds": [0, 1]},
]  # fmt: skip
claims = st.builds(
    lambda shape, options: {"shape": shape, **options}, st.sampled_from(SHAPES), st.sampled_from(OPTIONS)
)
counts: collections.Counter[str] = collections.Counter()


def keep_counts():
    """Write down now and then what was tried, where that is asked for."""
    store = os.environ.get("SIGSTATS_FRAMES_OUT")
    if store and counts["frames"] % 100 == 0:
        with Path(store).open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([("what", "count"), *sorted(counts.items())])


@pytest.mark.slow
@settings(max_examples=N_FRAMES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(frame=odd_frames(), claim=claims)
def test_no_frame_has_an_undocumented_answer(frame, claim):
    """A result or a documented error within the time; what is definite has finite numbers and 0 < p <= 1."""
    counts["frames"] += 1
    keep_counts()
    start = time.process_time()
    try:
        found = sigstats.detect(frame, **claim)
    except SigstatsError:
        counts["refused"] += 1
        return
    finally:
        counts["slowest_ms"] = max(counts["slowest_ms"], round(1_000 * (time.process_time() - start)))
    counts[str(found.status)] += 1
    for told in (found.summary, found.to_markdown, found.to_json, found.methods, found.to_latex):
        assert str(told()).encode("utf-8")
    assert counts["slowest_ms"] < 1_000 * PATIENCE
    if not found.is_inconclusive:
        assert all(math.isfinite(each) for each in (found.effect.value, found.effect.low, found.effect.high))
        for each in found.criteria:
            if "pvalue" in each.name and not math.isnan(each.value):
                assert 0 < each.value <= 1
            assert not (each.met and math.isnan(each.value))
