"""Make the counts of the page on reliability from committed results.

``python docs/reliability/make.py`` rewrites what stands between the marks of `index.md`; a test fails while it differs.
``--count`` first counts the cases in the tests again (`cases.csv`). `tests/mutation/run.py` makes the table of mutants,
`tests/invariants/test_atoms.py` with ``SIGSTATS_FRAMES_OUT=docs/reliability/frames.csv`` that of frames, and
`versions.csv` tells of `.ci/minimum` and `.ci/test`.
"""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MUTATION = ROOT / "tests" / "mutation"
PAGE = HERE / "index.md"
CASES = {
    "bad input, of every public function": ("tests/test_bad_input.py",),
    "odd tables": ("tests/data/table",),
    "files of tables, hostile ones among them": ("tests/data/readers",),
    "training logs, hostile ones among them": ("tests/data/logs",),
    "patterns of callers": ("tests/data/test_patterns.py",),
    "names in reports, and code that could run text": ("tests/test_security.py", "tests/report"),
    "the command line: full disks, closed pipes, interrupts": (
        "tests/cli/test_main.py",
        "tests/cli/test_permissions.py",
        "tests/cli/test_signals.py",
    ),
    "memory that is needed, and that is missing": ("tests/data/test_memory.py",),
    "other surroundings: locales, threads, hash seeds": ("tests/test_faults.py",),
    "invariants: order, labels, scale": ("tests/invariants",),
}
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def count() -> None:
    """Write how many cases the tests of each list have."""
    files = [file for several in CASES.values() for file in several]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-q", *files]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - as written
    found = [line.rpartition(": ") for line in said.stdout.splitlines() if ": " in line]
    rows = [
        (name, sum(int(number) for file, _, number in found if file.startswith(several)))
        for name, several in CASES.items()
    ]
    with (HERE / "cases.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("what", "cases"), *rows])


def _table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def cases() -> str:
    """Return how many cases of each kind are tried; each test passes only if all of its cases are handled."""
    rows = [(row["what"], f"{int(row['cases']):,}") for row in read(HERE / "cases.csv")]
    return _table(("what is tried", "cases"), rows)


def frames() -> str:
    """Return what became of frames made of odd things."""
    found = {row["what"]: int(row["count"]) for row in read(HERE / "frames.csv")}
    definite = {name: found.get(name, 0) for name in ("present", "absent", "partial", "inconclusive")}
    judged = ", ".join(f"{number:,} {name}" for name, number in definite.items())
    return (
        f"{found['frames']:,} frames were tried: {found['refused']:,} were refused by a documented error, the others "
        f"were judged ({judged}). None raised anything else, and the slowest took {found['slowest_ms'] / 1000:.1f} s.\n"
    )


def mutants() -> str:
    """Return how many mutants the tests noticed, and why the others are no faults."""
    rows, excused = read(MUTATION / "mutants.csv"), read(MUTATION / "equivalent.csv")
    killed = sum(row["outcome"] == "killed" for row in rows)
    known = {(row["file"], row["line"], row["before"]): row["reason"] for row in excused}
    survivors = [row for row in rows if row["outcome"] == "survived"]
    same = sum((row["file"], row["line"], row["before"]) in known for row in survivors)
    kinds = Counter(row["kind"] for row in rows)
    of_kind = Counter(row["kind"] for row in rows if row["outcome"] == "killed")
    text = (
        f"Of {len(rows)} faults, tests noticed {killed}. {same} change no answer; {len(survivors) - same} are open. "
        f"Of those that change one, {killed / max(len(rows) - same, 1):.0%} were noticed.\n\n"
    )
    recorded = [row for row in rows if row["first"]]
    matter = [row for row in recorded if (row["file"], row["line"], row["before"]) not in known]
    at_first = sum(row["first"] == "killed" for row in matter)
    text += (
        f"The last run made {len(recorded)} of them. At first {at_first} of the {len(matter)} that matter were "
        f"noticed, {at_first / max(len(matter), 1):.0%}; the others now have tests.\n\n"
    )
    text += _table(
        ("kind of fault", "made", "noticed"), [(k, n, of_kind[k]) for k, n in sorted(kinds.items())]
    )
    listed = [
        (
            _cell(f"{row['file'].removeprefix('sigstats/')}:{row['line']}"),
            _cell(row["before"]),
            _cell(row["after"]),
            known.get((row["file"], row["line"], row["before"]), "open"),
        )
        for row in survivors
    ]
    return text + "\n" + _table(("place", "from", "to", "why no test notices it"), listed)


def versions() -> str:
    """Return what was run with which versions."""
    rows = [
        (row["python"], row["packages"], row["tests"], row["outcome"]) for row in read(HERE / "versions.csv")
    ]
    return _table(("Python", "packages", "tests", "outcome"), rows)


PARTS = {"cases": cases, "frames": frames, "mutants": mutants, "versions": versions}


def refreshed(page: str) -> str:
    """Return the page with its counts as the results have them."""
    for name, part in PARTS.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->"
        before, _, rest = page.partition(start)
        page = before + start + part() + end + rest.partition(end)[2]
    return page


if __name__ == "__main__":
    if "--count" in sys.argv:
        count()
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
