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
import json
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
from sigstats import Signature
from sigstats.cli.main import main
from sigstats.errors import SigstatsError
from sigstats.studies.answers.pvalues import present_pvalue
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.screen.rows import STATUSES, UNKNOWN

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


def count(outcome):
    """Count a frame by what became of it, and write the counts down now and then where that is asked for."""
    counts.update(["frames", outcome])
    store = os.environ.get("SIGSTATS_FRAMES_OUT")
    if store and counts["frames"] % 100 == 0:
        with Path(store).open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([("what", "count"), *sorted(counts.items())])


@pytest.mark.slow
@settings(max_examples=N_FRAMES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(frame=odd_frames(), claim=claims)
def test_no_frame_has_an_undocumented_answer(frame, claim):
    """A result or a documented error within the time; what is definite has finite numbers and 0 < p <= 1."""
    start = time.process_time()
    try:
        found = sigstats.detect(frame, **claim)
    except SigstatsError:
        count("refused")
        return
    finally:
        counts["slowest_ms"] = max(counts["slowest_ms"], round(1_000 * (time.process_time() - start)))
    count(str(found.status))
    for told in (found.summary, found.to_markdown, found.to_json, found.methods, found.to_latex):
        assert str(told()).encode("utf-8")
    assert counts["slowest_ms"] < 1_000 * PATIENCE
    if not found.is_inconclusive:
        assert all(math.isfinite(each) for each in (found.effect.value, found.effect.low, found.effect.high))
        for each in found.criteria:
            if "pvalue" in each.name and not math.isnan(each.value):
                assert 0 < each.value <= 1
            assert not (each.met and math.isnan(each.value))


def screened(frame, claim, _):
    """Each key of a screen has the answer of `detect`."""
    twice = pd.concat([frame.assign(key=1), frame[::-1].assign(key=2)])
    found = sigstats.screen(twice, Signature(**claim), by="key")
    assert ((found.rows.pvalue > 0) & (found.rows.pvalue <= 1)).all()
    for code, pvalue, key in zip(found.rows.status, found.rows.pvalue, (1, 2), strict=True):
        try:
            verdict = found.verdict(key)
        except SigstatsError:
            assert code == UNKNOWN
            continue
        assert STATUSES[code] is verdict.status
        assert pvalue == pytest.approx(present_pvalue(verdict), abs=1e-9)
    return found


def hardened(frame, claim, draw):
    """Whatever `detect` answers can be asked how robust it is, but for a look that was not planned."""
    verdict = sigstats.detect(frame, **claim)
    choices = default_choices(frame, Signature(**claim))[: draw(st.integers(0, 2))]
    try:
        return sigstats.robustness(
            frame, choices=choices, replications=draw(st.sampled_from([0, 2])), **claim
        )
    except SigstatsError:
        assert "unplanned_look" in verdict.reasons
        raise


def together(frame, claim, draw):
    """A verdict is combined with itself and with its JSON, beside another in a table and a figure."""
    verdict = sigstats.detect(frame, **claim)
    sigstats.tabulate([verdict, verdict])
    pair, of = [verdict, json.loads(verdict.to_json())], draw(st.sampled_from(["effect", "contrast"]))
    if draw(st.booleans()):
        return sigstats.combine(pair, of=of, allow="runs")
    return sigstats.replicates(*pair, of=of, allow="runs", margin=draw(st.sampled_from([None, 1.0, 1e-300])))


def told_in_full(frame, claim, _):
    """A verdict has a page and a figure."""
    verdict = sigstats.detect(frame, **claim)
    assert "<html" in verdict.to_html()
    sigstats.plot_grid([verdict])
    verdict.answers()
    verdict.methods(full=True)
    return verdict


def scoped(frame, claim, draw):
    """The same rows in several cells, along an ordered moderator."""
    whole = pd.concat([frame.assign(size=each) for each in (1, 2)])
    return sigstats.scope(whole, ordered="size", holds_at=draw(st.sampled_from([None, "low"])), **claim)


def compared(frame, claim, draw):
    """Each row is a run of its own where the seeds are those of a sweep."""
    asked = draw(st.sampled_from(["higher", "lower", "equivalent", "not_worse"]))
    options = {"correction": draw(st.sampled_from(["holm", "dunnett", "none"])), "min_effect": 0.5}
    return sigstats.compare(frame, baseline=draw(st.sampled_from("ab")), claim=asked, **options)


def made_of_arrays(frame, _, draw):
    """Arrays and wide tables of odd things."""
    column, how = (
        draw(st.sampled_from(list(frame.columns))),
        draw(st.sampled_from(["wide", "array", "matrices"])),
    )
    if how == "wide":
        given = draw(st.sampled_from(["(.*)", [column], list(frame.columns)]))
        sigstats.from_wide(frame, **{draw(st.sampled_from(["seeds", "levels"])): given})
    elif how == "array":
        sigstats.from_array(frame.to_numpy().T, knob=list(frame.index))
    else:
        sigstats.SweepTable.from_matrices(list(frame.iloc[:, 0]), {"a": frame.iloc[:, -1:].to_numpy().T})


EXITS = {0, 2, 10, 11, 12, 13}


def typed(frame, claim, draw, folder, capsys):
    """A command on a file that was written from the frame ends with a documented exit code, and no traceback."""
    kind = draw(st.sampled_from(["csv", "json", "parquet"]))
    path, card = folder / f"table.{kind}", folder / "card.toml"
    try:
        {"csv": frame.to_csv, "json": frame.reset_index(drop=True).to_json, "parquet": frame.to_parquet}[
            kind
        ](path)
    except Exception:  # noqa: BLE001 - what pandas cannot write nobody can read
        return
    shape = claim["shape"] if isinstance(claim["shape"], str) else "threshold"
    card.write_text(
        f'[[signature]]\nname = "it"\ndata = "{path.name}"\nshape = "{shape}"\n', encoding="utf-8"
    )
    commands = [
        ["check", "--full"],
        ["check", "--json"],
        ["robust", "--replications", "0"],
        ["screen", "--by", "condition"],
    ]
    command, *options = draw(st.sampled_from(commands))
    assert main([command, str(card), *options]) in EXITS
    assert "Traceback" not in capsys.readouterr().err


def with_claim(function, **drawn):
    """Call a function that takes the keywords of `detect`, and some of its own."""
    return lambda frame, claim, draw: function(
        frame, **{name: draw(st.sampled_from(values)) for name, values in drawn.items()}, **claim
    )


OTHERS = {  # what is asked of odd frames, and of which part of them: what takes longer sees fewer
    "screen": (screened, 10),
    "robustness": (hardened, 20),
    "combine": (together, 20),
    "figures": (told_in_full, 50),
    "scope": (scoped, 20),
    "compare": (compared, 5),
    "arrays": (made_of_arrays, 5),
    "compare_control": (with_claim(sigstats.compare_control), 5),
    "compare_shapes": (with_claim(sigstats.compare_shapes), 50),
    "effect_interval": (
        with_claim(sigstats.effect_interval, method=["t", "bootstrap-t", "wild cluster", "bca"]),
        5,
    ),
    "forecast": (
        with_claim(sigstats.forecast, to=[None, [6], 1], within=[None, 0.1], beyond=[False, True]),
        5,
    ),
    "hierarchical_slopes": (with_claim(sigstats.hierarchical_slopes), 50),
    "onset": (with_claim(sigstats.onset, value=[None, 0.5, 1e300, math.nan]), 5),
    "trend_test": (with_claim(sigstats.trend_test), 5),
    "plan_like": (lambda frame, claim, _: sigstats.plan_like(frame, Signature(**claim)).simulate(1), 5),
    "plan": (lambda frame, claim, _: sigstats.plan(pilot=frame, seeds=3, replications=20, **claim), 50),
}


def answered(function, frame, claim, draw):
    """Call a function; it and the texts of its answer take no longer than they may."""
    start = time.process_time()
    with contextlib.suppress(SigstatsError):
        found = function(frame, claim, draw)
        for name in ("summary", "to_markdown", "to_json", "to_latex"):
            if hasattr(found, name):
                assert getattr(found, name)().encode("utf-8")
    # Robustness repeats a verdict some hundred times: its documentation says how long that takes.
    assert time.process_time() - start < PATIENCE * (4 if function is hardened else 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_no_function_has_an_undocumented_answer(name):
    """A result or a documented error within the time, as of `detect`."""
    function, part = OTHERS[name]

    @settings(
        max_examples=N_FRAMES // part, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(frame=odd_frames(), claim=claims, data=st.data())
    def tried(frame, claim, data):
        answered(function, frame, claim, data.draw)

    tried()


@pytest.mark.slow
@settings(max_examples=N_FRAMES // 50, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(frame=odd_frames(), claim=claims, data=st.data())
def test_no_file_of_a_frame_breaks_a_command(tmp_path, capsys, frame, claim, data):
    """An answer or one message, and an exit code that is documented."""
    typed(frame, claim, data.draw, tmp_path, capsys)
