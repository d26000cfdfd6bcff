"""Speed of `screen`, as ratios to a loop of `detect` and to bare groupings of the same rows.

Run with `pytest tests/benchmarks/bench_screen.py -s`. Times are of the processor. SIGSTATS_BENCH_KEYS sets the largest
number of keys (10,000 unless set; 100,000 needs 1.5 GB). `python tests/benchmarks/bench_screen.py FILE` writes the
table of the page on speed.
"""

import csv
import math
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.studies.screen.tables import Tables

SIGNATURE = ss.Signature(shape="increasing", control="shuffled", min_effect=1.0)
LOOPED = 100  # keys of which the loop is timed
MOST = int(os.environ.get("SIGSTATS_BENCH_KEYS", "10000"))


def processor(call):
    """Return the processor time of a call in seconds, and its result."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def suite(n_keys):
    """Return n_keys tables of 2 conditions, 5 seeds and 10 levels: 100 rows each."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "task": np.repeat(np.arange(n_keys), 100),
            "condition": pd.Categorical.from_codes(
                np.tile(np.repeat([0, 1], 50), n_keys), ["model", "shuffled"]
            ),
            "seed": np.tile(np.repeat(np.arange(5), 10), 2 * n_keys),
            "knob": np.tile(np.arange(10.0), 10 * n_keys),
            "metric": rng.normal(size=100 * n_keys),
        }
    )
    rises = (frame["task"] % 5 == 0) & (frame["condition"] == "model")
    frame["metric"] += 0.5 * rises * frame["knob"]
    return frame


def test_keys_are_screened_faster_than_by_a_loop():
    """Prints seconds, ratios and the growth exponent; a loop of detect is extrapolated from 100 keys."""
    frame = suite(LOOPED)
    rows = [own for _, own in frame.groupby("task")]
    loop = processor(lambda: [ss.detect(own, SIGNATURE) for own in rows])[0] / LOOPED
    print(f"\na loop: {loop * 1e3:.1f} ms a key")
    sizes = [n for n in (100, 1_000, 10_000, 100_000) if n <= MOST]
    times = []
    for n in sizes:
        frame = suite(n)
        seconds, found = processor(lambda frame=frame: ss.screen(frame, SIGNATURE, by="task"))
        assert found.discovery.sum() > 0
        times.append(seconds)
        print(f"{n:>7} keys, {100 * n:>9} rows: {seconds:8.2f} s, 1/{loop * n / seconds:.1f} of a loop")
    growth = math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])
    print(f"growth exponent over keys: {growth:.2f}")
    assert growth < 1.15
    assert times[-1] < loop * sizes[-1]


@pytest.mark.parametrize("order", ["in order", "shuffled"])
def test_rows_become_blocks_in_a_few_groupings(order):
    """Reading all keys costs at most a few groupings of the same rows."""
    frame = suite(MOST)
    if order == "shuffled":
        frame = frame.sample(frac=1.0, random_state=0).reset_index(drop=True)
    columns = ["task", "condition", "seed", "knob"]
    bare, _ = processor(frame.groupby(columns, sort=False, observed=True)["metric"].mean)
    ours, tables = processor(lambda: Tables(frame, ["task"]).of(SIGNATURE))
    assert not tables.singles.size
    print(f"\n{order}: {len(frame)} rows in {ours:.2f} s, {ours / bare:.2f} of a grouping")
    assert ours < 2 * bare


CLAIMS = {
    "increasing": SIGNATURE,
    "flat": ss.Signature(shape="flat", treatment="model", min_effect=3.0),
    "linear": ss.Signature(shape="linear", control="shuffled"),
    "hinge": ss.Signature(shape="threshold", control="shuffled"),
    "step": ss.Signature(shape={"name": "threshold", "form": "step"}, control="shuffled"),
    "peak": ss.Signature(shape="peak", control="shuffled"),
    "saturating": ss.Signature(shape="saturating", control="shuffled", min_effect=1.0),
    "sigmoid": ss.Signature(shape="sigmoid", control="shuffled"),
}
TIMED = 10_000  # keys of which every shape is timed


def main() -> None:
    """Write the time of a key in a screen and in a loop, by shape, and that of 100,000 keys."""
    rows = []
    own = [each for _, each in suite(TIMED).groupby("task") if each["task"].iloc[0] < LOOPED // 2]
    for name, signature in CLAIMS.items():
        ss.detect(own[0], signature)
        loop = processor(lambda signature=signature: [ss.detect(each, signature) for each in own])[0] / len(
            own
        )
        frame = suite(TIMED)
        one = min(
            processor(lambda frame=frame, signature=signature: ss.screen(frame, signature, by="task"))[0]
            for _ in range(3)
        )
        rows.append((name, TIMED, one / TIMED, loop, loop * TIMED / one, ""))
        print(*rows[-1])
    frame = suite(100_000)
    one = processor(lambda: ss.screen(frame, SIGNATURE, by="task"))[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    rows.append(("increasing", 100_000, one / 100_000, rows[0][3], rows[0][3] * 100_000 / one, memory))
    print(*rows[-1])
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("shape", "keys", "seconds a key", "seconds in a loop", "ratio", "gigabytes"))
        writer.writerows(
            (
                *each[:2],
                *(f"{number:.3g}" for number in each[2:5]),
                *(f"{n:.2g}" if n else "" for n in each[5:]),
            )
            for each in rows
        )


if __name__ == "__main__":
    main()
