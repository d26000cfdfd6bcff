"""What input that means harm costs, beside harmless input of the same size.

Run it by hand: ``python tests/benchmarks/bench_hostile.py``. Every reader gets a text that provokes backtracking, deep
nesting or many errors, and then an ordinary one of the same length; processor time, the best of several turns. A ratio
far above 1 that grows with the size is the sign of a reader that takes longer than linear time.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sigstats import Card, errors, read_sweep
from sigstats.data.logs.files.yaml import parse
from sigstats.data.logs.formats.stdout import FORMAT
from sigstats.data.logs.labels import MAX_NAME, Labels, as_pattern

REPEATS = 3
CARD = '[[signature]]\nname = "a"\nmetric = "b"\n'
PRINTED = "step 1: loss 2\nstep 2: loss 1\n"
YAML = {
    "open brackets": ("[" * 100_000, "a: [b]\n"),
    "dashes": ("- " * 100_000, "a: [b]\n"),
    "spaces": ("a: " + " " * 300_000 + "b", "# a comment\n"),
    "empty lines": ("a: b" + "\n" * 300_000, "# a comment\n"),
    "words": ("x " * 200_000, "# a comment\n"),
}
TOML = {
    "deep nesting": "a = " + "[" * 400_000,
    "parts of a key": "a." * 450_000 + "b = 1",
    "quotes": '\\"""\n' * 180_000,
    "escapes": '"' + '\\"' * 440_000,
    "spaces": "[a" + " " * 400_000 + "." + " " * 400_000 + "b]",
    "tables": "[[signature]]\n" * 60_000,
}
LINES = {
    "words": "step 1: " + "a " * 900,
    "one word": "step 1: " + "a" * 1900,
    "brackets": "[" * 1900,
    "equal signs": "step 1: " + "a b=" * 400,
    "colons": "s:1 " + "a:" * 900,
    "spaces": " " * 1900,
}


def filled(line: str, length: int) -> str:
    """Return a line repeated up to a length."""
    return (line * (length // len(line) + 1))[:length]


def seconds(call: Callable[[], object]) -> float:
    """Return the least processor time of a call that may end in an error of ours."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        with contextlib.suppress(errors.SigstatsError, ValueError):
            call()
        times.append(time.process_time() - start)
    return min(times)


def show(name: str, harm: Callable[[], object], harmless: Callable[[], object]) -> None:
    """Print one line: both times and their ratio."""
    worst, usual = seconds(harm), seconds(harmless)
    print(f"{name:32} {1000 * worst:9.1f} ms {1000 * usual:9.1f} ms  ratio {worst / max(usual, 1e-6):8.2f}")


def written(path: Path, text: str) -> Path:
    """Return the path of a file with this text."""
    path.write_text(text, encoding="utf-8")
    return path


def main() -> None:
    """Print one line for each kind of input."""
    print(f"{'':32} {'hostile':>12} {'harmless':>12}")
    folder = Path(tempfile.mkdtemp())
    for name, (text, line) in YAML.items():
        harmless = filled(line, len(text)).rpartition("\n")[0]
        show(f"YAML: {name}", lambda text=text: parse(text), lambda text=harmless: parse(text))
    for name, text in TOML.items():
        bad = written(folder / "bad.toml", text)
        good = written(folder / "good.toml", CARD + filled("# a comment\n", len(text) - len(CARD)))
        show(f"card: {name}", lambda path=bad: Card.from_toml(path), lambda path=good: Card.from_toml(path))
    for name, line in LINES.items():
        bad = written(folder / "bad.log", PRINTED + f"{line}\n" * 300)
        good = written(folder / "good.log", PRINTED + filled("an ordinary line of a log\n", len(line) * 300))
        show(
            f"printed log: {name}",
            lambda path=bad: list(FORMAT.read(path, folder)),
            lambda path=good: list(FORMAT.read(path, folder)),
        )
    labels = Labels(pattern=as_pattern("(?P<x>a*b*a*b*)c"))
    usual = Labels(pattern=as_pattern(r"(?P<x>\w+)_seed(?P<seed>\d+)"))
    name = "ab" * (MAX_NAME // 2)
    show("pattern: repetitions", lambda: labels.of(name, {}), lambda: usual.of(name, {}))
    quotes = written(folder / "bad.csv", "knob,metric,seed\n" + '"' * 1_000_000)
    rows = written(folder / "good.csv", "knob,metric,seed\n" + "1,2,3\n" * 166_667)
    show("sweep: quotes", lambda: read_sweep(quotes), lambda: read_sweep(rows))


if __name__ == "__main__":
    main()
