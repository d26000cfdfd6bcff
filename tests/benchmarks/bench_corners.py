"""Corners that could be slow, each beside what a user would call instead, and how times grow.

Run it by hand: ``python tests/benchmarks/bench_corners.py docs/explanation/speed.csv``. One run prints the whole table
and writes it; ``docs/explanation/make_speed.py`` puts it on the page. Processor time, the least of several turns, ours
and theirs in turn. The environment of whole processes holds compiled files, as an installed package does. No bound:
read the ratios.
"""

import csv
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from scipy import stats

import sigstats as ss
from sigstats.stats import jonckheere, page, sign_flip, theil_sen
from sigstats.stats.scores.linear import residuals_repeated
from sigstats.stats.scores.reversal import mean_of_others

TURNS = 3
LEVELS = np.arange(50.0)
RNG = np.random.default_rng(1)
CARD = Path(__file__).parents[2] / "examples" / "topic_inertia" / "card.toml"
HEADS = ("topic", "what", "seconds", "instead", "their_seconds", "ratio")
SHAPES = {
    "hinge": ({"name": "threshold", "form": "hinge"}, np.maximum(LEVELS - 20, 0) / 15),
    "step": ({"name": "threshold", "form": "step"}, np.where(LEVELS > 25, 1.0, 0.0)),
    "flat": ({"name": "flat", "margin": 1.0}, 0.0 * LEVELS),
    "peak": ("peak", 2 - np.abs(LEVELS - 25) / 12),
    "saturating": ("saturating", 1 - np.exp(-LEVELS / 8)),
}
Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Corner:
    """Something of ours, and what a user would call instead; without it, only the time counts."""

    topic: str
    what: str
    ours: Call
    instead: str = ""
    theirs: Call | None = None


def processor() -> float:
    """Return the processor time of this process and of those that it waited for, in seconds."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def seconds(*calls: Call, turns: int = TURNS) -> list[float]:
    """Return the least processor time of each call; they take turns."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(turns):
        for call, times in zip(calls, found, strict=True):
            start = processor()
            call()
            times.append(processor() - start)
    return [min(times) for times in found]


def run(code: str) -> Call:
    """Return a call that runs code in a process of its own."""
    where = Path(tempfile.gettempdir()) / f"sigstats-compiled-{os.getpid()}"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(where),
    }
    command = [sys.executable, "-c", code]
    return lambda: subprocess.run(command, env=environment, capture_output=True, check=False)


def start() -> Iterator[Corner]:
    """Yield whole processes."""
    command = "from sigstats.cli.main import main; main({!r})"
    bare = "import typer; app = typer.Typer(rich_markup_mode=None); app.command('a')(lambda: None); "
    bare += "app.command('b')(lambda: None); app(['--help'])"
    libraries = "import numpy, pandas, scipy.special, narwhals"
    yield Corner(
        "start", "`sigstats --help`", run(command.format(["--help"])), "a bare typer program", run(bare)
    )
    yield Corner("start", "`import sigstats`", run("import sigstats"), "`import numpy`", run("import numpy"))
    imports = "numpy, pandas, scipy.special, narwhals"
    yield Corner(
        "start", "`from sigstats import detect`", run("from sigstats import detect"), imports, run(libraries)
    )
    check = command.format(["check", str(CARD), "--no-record"])
    yield Corner("start", "`sigstats check`, 6 signatures", run(check), imports, run(libraries))


def tests() -> Iterator[Corner]:
    """Yield single statistics."""
    for n in (30, 1_000):
        scores = RNG.normal(0.1, 1.0, n)
        sign_flip(scores)  # draws the patterns
        draws = {"permutation_type": "samples", "n_resamples": 2**15 - 1, "vectorized": True}
        yield Corner(
            "statistics",
            f"`sign_flip`, {n:,} seeds",
            lambda scores=scores: sign_flip(scores),
            "`scipy.stats.permutation_test`",
            lambda scores=scores, draws=draws: stats.permutation_test((scores,), np.sum, **draws),
        )
    for shape in ((50, 8), (1_000, 20)):
        rows = RNG.normal(size=shape)
        yield Corner(
            "statistics",
            f"`page`, {shape[0]:,} x {shape[1]}",
            lambda rows=rows: page(rows),
            "`scipy.stats.page_trend_test`",
            lambda rows=rows: stats.page_trend_test(rows, method="asymptotic"),
        )
    for n_groups, size in ((5, 10), (10, 1_000)):
        groups = [RNG.normal(0.1 * place, 1.0, size) for place in range(n_groups)]
        label, values = np.repeat(np.arange(n_groups), size), np.concatenate(groups)
        yield Corner(
            "statistics",
            f"`jonckheere`, {n_groups} groups of {size:,}",
            lambda groups=groups: jonckheere(groups),
            "`scipy.stats.kendalltau`",
            lambda label=label, values=values: stats.kendalltau(label, values),
        )
    for n in (3_000, 10_000, 100_000):
        x = np.arange(float(n))
        y = x / n + RNG.normal(size=n)
        direct = None if n > 5_000 else (lambda x=x, y=y: stats.theilslopes(y, x))
        yield Corner(
            "statistics",
            f"`theil_sen`, {n:,} points",
            lambda x=x, y=y: theil_sen(x, y),
            "" if direct is None else "`scipy.stats.theilslopes`",
            direct,
        )


def gaps() -> Iterator[Corner]:
    """Yield what is harder where cells are missing."""
    for shape in ((10, 1_000), (10, 10_000)):
        curves, x = RNG.normal(size=shape), np.linspace(0.0, 1.0, shape[1])
        holes = np.where(RNG.random(shape) < 0.05, np.nan, curves)
        yield Corner(
            "gaps",
            f"residual, {shape[0]} seeds, {shape[1]:,} levels, gaps",
            lambda holes=holes, x=x: residuals_repeated(holes, x),
            "the same without gaps",
            lambda curves=curves, x=x: residuals_repeated(curves, x),
        )
    curves = RNG.normal(size=(10, 50))
    curves[RNG.random(curves.shape) < 0.05] = np.nan
    yield Corner(
        "gaps",
        "mean curves of the others, 10 seeds, 50 levels, gaps",
        lambda: mean_of_others(curves),
        "dense least squares",
        lambda: additive_fits(curves),
    )


def additive_fits(curves: np.ndarray) -> None:
    """Fit seed and level by dense least squares, each seed left out in turn."""
    for left_out in range(len(curves)):
        rest = np.delete(curves, left_out, axis=0)
        where = np.argwhere(~np.isnan(rest))
        design = np.zeros((len(where), sum(rest.shape)))
        rows = np.arange(len(where))
        design[rows, where[:, 0]] = design[rows, len(rest) + where[:, 1]] = 1.0
        np.linalg.lstsq(design, rest[~np.isnan(rest)], rcond=None)


def sweep(n_conditions: int = 2, n_seeds: int = 10, n_levels: int = 50) -> ss.SweepTable:
    """Return a sweep in which every other condition rises."""
    levels = np.arange(float(n_levels))
    noise = np.random.default_rng(1).normal(0.0, 0.2, (n_conditions, n_seeds, n_levels))
    rise = {f"c{place}": levels / n_levels * (place % 2) + noise[place] for place in range(n_conditions)}
    return ss.SweepTable.from_matrices(levels, rise)


def verdict(table: ss.SweepTable) -> ss.Verdict:
    """Return the verdict on a sweep; every other condition is a control."""
    return ss.detect(table, shape="increasing", control=list(table.conditions)[::2])


def shapes() -> Iterator[Corner]:
    """Yield verdicts on every kind of shape, beside the plainest."""
    plain = sweep()
    for name, (shape, mean) in SHAPES.items():
        noise = np.random.default_rng(1).normal(0.0, 0.2, (2, 10, 50))
        table = ss.SweepTable.from_matrices(
            LEVELS, {"a": mean + noise[0], "none": noise[1] + LEVELS * (name == "flat")}
        )
        yield Corner(
            "shapes",
            f"`{name}`",
            lambda table=table, shape=shape: ss.detect(table, shape=shape, control="none"),
            "`increasing`",
            lambda: verdict(plain),
        )

    table = fresh_runs()
    yield Corner(
        "shapes",
        "`flat`, a run of its own for every cell",
        lambda: ss.detect(table, shape=SHAPES["flat"][0], control="none"),
        "`increasing` on the same runs",
        lambda: ss.detect(table, shape="increasing", control="none"),
    )


def fresh_runs() -> ss.SweepTable:
    """Return a sweep in which every cell is a run of its own: flat beside a control that rises."""
    noise = np.random.default_rng(1).normal(0.0, 0.2, (2, 10, 50))
    rows = [
        (name, f"{name}{seed}-{level:g}", level, noise[place, seed, at] + place * level)
        for place, name in enumerate(("a", "none"))
        for seed in range(10)
        for at, level in enumerate(LEVELS)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])
    return ss.SweepTable.from_frame(frame)


def reports() -> Iterator[Corner]:
    """Yield reports and posteriors, beside the verdict that they tell of."""
    table = sweep(3, 5, 10)
    for name in ("summary", "to_json", "to_html"):
        yield Corner(
            "reports",
            f"`detect` and `{name}`, 3 conditions, 5 seeds, 10 levels",
            lambda name=name: getattr(verdict(table), name)(),
            "`detect`",
            lambda: verdict(table),
        )
    yield Corner(
        "reports",
        "`hierarchical_slopes` with 1,000 draws, 3 conditions, 5 seeds, 10 levels",
        lambda: ss.hierarchical_slopes(table, control="c0").draws(1_000),
        "`detect`",
        lambda: verdict(table),
    )


def reading(folder: Path) -> Iterator[Corner]:
    """Yield what is read, beside readers that check nothing."""
    place = RNG.permutation(1_000_000)
    frame = pd.DataFrame(
        {
            "condition": np.array(["a", "b", "c", "d"])[place // 250_000],
            "seed": place // 5_000 % 50,
            "knob": place % 5_000 * 1.0,
            "metric": RNG.normal(size=place.size),
        }
    )
    pivot = {"index": ["condition", "seed"], "columns": "knob", "values": "metric"}
    yield Corner(
        "reading",
        "`SweepTable.from_frame`, 10^6 different cells",
        lambda: ss.SweepTable.from_frame(frame),
        "`pandas.pivot_table`",
        lambda: frame.pivot_table(**pivot),
    )
    lines = folder / "lines.jsonl"
    records = frame.head(100_000).to_dict("records")
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    yield Corner(
        "reading",
        "`read_sweep`, JSON Lines, 100,000 lines",
        lambda: ss.read_sweep(lines),
        "`json.loads` of every line",
        lambda: [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()],
    )
    yield Corner(
        "reading",
        "`read_sweep`, JSON Lines, 100,000 lines",
        lambda: ss.read_sweep(lines),
        "`polars.read_ndjson`",
        lambda: pl.read_ndjson(lines),
    )


def growth() -> Iterator[tuple[str, list[int], list[float], float]]:
    """Yield what grows, its sizes, the times of a verdict and the exponent between the two largest."""
    makers = {
        "seeds": ([10, 100, 1_000], lambda n: sweep(n_seeds=n, n_levels=10)),
        "levels": ([50, 500, 5_000], lambda n: sweep(n_levels=n)),
        "conditions": ([4, 16, 64, 128], lambda n: sweep(n_conditions=n, n_seeds=5, n_levels=10)),
    }
    for name, (sizes, make) in makers.items():
        tables = [make(size) for size in sizes]
        times = [seconds(lambda table=table: verdict(table))[0] for table in tables]
        yield name, sizes, times, math.log(times[-1] / times[-2]) / math.log(sizes[-1] / sizes[-2])


def main() -> None:
    """Print one line for each corner, then how times grow, and write both."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        corners = [*start(), *tests(), *gaps(), *shapes(), *reports(), *reading(Path(folder))]
        for corner in corners:
            calls = [corner.ours] if corner.theirs is None else [corner.ours, corner.theirs]
            times = seconds(*calls)
            theirs = times[1] if len(times) > 1 else None
            ratio = "" if theirs is None else f"{times[0] / theirs:.3g}"
            shown = "" if theirs is None else f"{theirs:.3g}"
            values = (corner.topic, corner.what, f"{times[0]:.3g}", corner.instead, shown, ratio)
            rows.append(dict(zip(HEADS, values, strict=True)))
            print(f"{corner.what:72} {times[0]:9.4f} s  {ratio:>8}  {corner.instead}", flush=True)
    for name, sizes, times, exponent in growth():
        for size, spent in zip(sizes, times, strict=True):
            values = ("growth", f"{size:,} {name}", f"{spent:.3g}", name, "", "")
            rows.append(dict(zip(HEADS, values, strict=True)))
        rows[-1]["ratio"] = f"{exponent:.2f}"
        told = ", ".join(f"{size:,}: {1000 * spent:.1f} ms" for size, spent in zip(sizes, times, strict=True))
        print(f"{name:12} {told}; exponent {exponent:.2f}")
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, HEADS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
