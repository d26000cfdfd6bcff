"""How long reading event files takes here, in tbparse and in TensorBoard's EventAccumulator, in one process.

Run by hand: ``python bench_tensorboard.py [FOLDER]`` in an environment with sigstats, tbparse and tensorboard. Without
a folder, real samples of the tests are read. Each reader reads every folder with event files; the best of five
processor times counts. All of them verify the checksums of all records.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from tbparse import SummaryReader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sigstats.data.logs.formats.tensorboard import FORMAT

SAMPLES = Path(__file__).parents[1] / "data" / "logs" / "samples" / "tensorboard" / "algoperf"
REPEATS = 5


def ours(folder: Path) -> int:
    """Return how many values sigstats reads."""
    return sum(len(each.steps) for run in FORMAT.read(folder, folder) for each in run.series.values())


def accumulator(folder: Path) -> int:
    """Return how many values EventAccumulator reads."""
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    reader.Reload()
    tags = reader.Tags()
    scalars = sum(len(reader.Scalars(tag)) for tag in tags["scalars"])
    return scalars + sum(len(reader.Tensors(tag)) for tag in tags["tensors"])


def tbparse(folder: Path) -> int:
    """Return how many values tbparse reads."""
    reader = SummaryReader(str(folder))
    return len(reader.scalars) + len(reader.tensors)


def best(read: Callable[[Path], int], folders: list[Path]) -> tuple[float, int]:
    """Return the shortest time for all folders, in seconds, and the number of values."""
    times, count = [], 0
    for _ in range(REPEATS):
        started = time.process_time()
        count = sum(read(folder) for folder in folders)
        times.append(time.process_time() - started)
    return min(times), count


def main() -> None:
    """Print one line per reader."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    folders = sorted({path.parent for path in root.rglob("*tfevents*")})
    size = sum(path.stat().st_size for path in root.rglob("*tfevents*"))
    print(f"{len(folders)} folders, {size / 1e6:.2f} MB")
    base, _ = best(ours, folders)
    for name, read in (("sigstats", ours), ("EventAccumulator", accumulator), ("tbparse", tbparse)):
        seconds, count = best(read, folders)
        print(f"{name:17} {seconds * 1e3:9.1f} ms  {count:8,} values  {seconds / base:6.1f} x")


if __name__ == "__main__":
    main()
