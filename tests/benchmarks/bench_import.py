"""What ``from sigstats import detect`` adds to the imports that its users have already.

Run it by hand: ``python tests/benchmarks/bench_import.py``. Each figure is CPU time, the best of several processes, so
that other work on the machine counts as little as possible. Whole processes follow, from the start of Python.
Bound: 0.1 s on top of numpy, scipy.stats and pandas.
"""

import resource
import subprocess
import sys

REPEATS = 9
BOUND = 0.1
MODULES = ("sigstats.detection", "pymannkendall", "statsmodels.api", "matplotlib.figure", "arviz")
COMMAND = "from sigstats.cli.main import main; main({!r})"
PROCESSES = {
    "python, nothing imported": "pass",
    "import typer": "import typer",
    "sigstats --help": COMMAND.format(["--help"]),
    "import numpy, pandas": "import numpy, pandas",
    "import sigstats": "import sigstats",
    "from sigstats import detect": "from sigstats import detect",
    "sigstats check": COMMAND.format(["check", "examples/topic_inertia/card.toml"]),
}
CODE = """
import time, warnings
warnings.simplefilter("ignore")
start = time.process_time()
import numpy, scipy.stats, pandas
middle = time.process_time()
import {module}
end = time.process_time()
print(middle - start, end - middle)
"""


def seconds(module: str) -> tuple[float, float]:
    """Return the time of the usual imports and that of one more module, in seconds: the best of several."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE.format(module=module)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(REPEATS)
    ]
    return min(float(run[0]) for run in runs), min(float(run[1]) for run in runs)


def whole(code: str) -> float:
    """Return the processor time of a whole process that runs some code, in seconds: the least of several."""
    times = []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main() -> int:
    """Print all figures side by side; return 1 if the bound is missed."""
    added = {module: seconds(module) for module in MODULES}
    base = min(usual for usual, _ in added.values())
    print(f"{'numpy + scipy.stats + pandas':32} {base:7.3f} s")
    for module, (_, extra) in added.items():
        print(f"{'  + ' + module:32} {extra:7.3f} s  {extra / base:6.1%} of it")
    for name, code in PROCESSES.items():
        print(f"{name:32} {whole(code):7.3f} s")
    return int(added["sigstats.detection"][1] > BOUND)


if __name__ == "__main__":
    sys.exit(main())
