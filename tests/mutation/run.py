"""Change the code of the decision in one place at a time, and see whether a test notices.

    python3.13 tests/mutation/run.py --mutants 100

Each mutant is one small fault: a comparison turned or moved by its bound, a sign, a tail, degrees of freedom moved by
one, a guard dropped. It is put into a copy of the tree, and tests that run its line are run until one fails, those of
its own file first. `survived` in the table means that none did. Mutants are drawn over all places alike, with a fixed
seed; a run that was stopped goes on where it was. What survived for a reason is listed in `equivalent.csv`. Where a
test was written because none had noticed, `outcome` is what became of the mutant then, `first` what had before.
"""

import argparse
import ast
import csv
import importlib
import json
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

# The children find these loaded.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
for loaded in ("matplotlib.pyplot", "pandas", "scipy.optimize", "scipy.stats"):
    importlib.import_module(loaded)

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("file", "line", "column", "kind", "before", "after", "outcome", "by", "tests", "first")

# What decides, and the tests that run against it.
TARGETS = (
    "sigstats/stats/scores",
    "sigstats/stats/blocks.py",
    "sigstats/evidence",
    "sigstats/verdict/criteria.py",
    "sigstats/verdict/findings.py",
    "sigstats/verdict/rules.py",
    "sigstats/detection/blocks.py",
)
TESTS = (
    "tests/stats/scores",
    "tests/stats/test_known_answers.py",
    "tests/evidence",
    "tests/verdict",
    "tests/shapes",
    "tests/test_detection.py",
    "tests/test_bad_input.py",
    "tests/test_detection_of_blocks.py",
    "tests/invariants",
)
LAID_OUT = {"figure"}
PYTEST = (
    "-q",
    "-p",
    "no:cacheprovider",
    "-m",
    "long or not slow",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATIONS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
NAMES = {
    "sf": "cdf",
    "cdf": "sf",
    "isf": "ppf",
    "ppf": "isf",
    "min": "max",
    "max": "min",
    "all": "any",
    "any": "all",
    "minimum": "maximum",
    "maximum": "minimum",
    "argmin": "argmax",
    "argmax": "argmin",
    "lower": "upper",
    "upper": "lower",
}
# Arguments that lay out arrays: a fault there fails at once.
LAYOUT = {"axis", "ndmin", "strict", "decimals", "maxsize"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    file: str
    line: int
    column: int
    kind: str
    before: str
    after: str
    start: tuple[int, int]  # line and column, from 0
    end: tuple[int, int]
    put: str  # what stands there instead

    @property
    def key(self) -> tuple[str, ...]:
        """Return what tells it from the others."""
        return (self.file, str(self.line), str(self.column), self.kind, self.after)

    def text(self) -> str | None:
        """Return the whole file, changed; None if that is no Python."""
        lines = (ROOT / self.file).read_bytes().split(b"\n")
        (first, left), (last, right) = self.start, self.end
        changed = lines[first][:left] + self.put.encode() + lines[last][right:]
        found = b"\n".join([*lines[:first], changed, *lines[last + 1 :]]).decode()
        try:
            ast.parse(found)
        except SyntaxError:
            return None
        return found


def places(tree: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:  # noqa: C901, PLR0912 - a case for each kind
    """Yield the kind of each change, the node, and what takes its place."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.Module():
                if isinstance(node, ast.FunctionDef):
                    parts = [node.returns, *(a.annotation for a in [*node.args.args, *node.args.kwonlyargs])]
                    skipped |= {id(inner) for part in parts if part for inner in ast.walk(part)}
            case ast.AnnAssign():
                skipped |= {id(inner) for inner in ast.walk(node.annotation)}
            case ast.Raise() | ast.JoinedStr():
                skipped |= {id(inner) for inner in ast.walk(node)}
            case ast.keyword() if node.arg in LAYOUT:
                skipped |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        match node:
            case ast.Compare(ops=[operator]):
                for other in COMPARISONS.get(type(operator), ()):
                    yield "comparison", node, _with(node, ops=[other()])
            case ast.BinOp() if type(node.op) in OPERATIONS:
                yield (
                    "sign" if isinstance(node.op, ast.Add | ast.Sub) else "factor",
                    node,
                    _with(node, op=OPERATIONS[type(node.op)]()),
                )
                if isinstance(node.right, ast.Constant) and isinstance(node.right.value, int):
                    yield "off by one", node, _with(node, right=ast.Constant(node.right.value + 1))
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                yield "sign", node, operand
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield "condition", node, operand
            case ast.BoolOp():
                other = ast.Or if isinstance(node.op, ast.And) else ast.And
                yield "condition", node, _with(node, op=other())
            case ast.If(orelse=[], body=[ast.Return() | ast.Raise() | ast.Continue()]):
                yield "guard", node, ast.Pass()
            case ast.IfExp():
                yield "condition", node, _with(node, body=node.orelse, orelse=node.body)
            case ast.Attribute() if node.attr in NAMES:
                yield "tail", node, _with(node, attr=NAMES[node.attr])
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                yield "tail", node, _with(node, func=ast.Name(NAMES[name]))
            case ast.Constant(value=float(value)) if value != 0.0:
                yield "constant", node, ast.Constant(value * 1.5)


def _with(node: ast.AST, **changed: object) -> ast.AST:
    """Return the node with some fields of other values."""
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **changed})


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of one file."""
    for kind, node, other in places(ast.parse(path.read_text())):
        before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(other))
        yield Mutant(
            file=str(path.relative_to(ROOT)),
            line=node.lineno,
            column=node.col_offset,
            kind=kind,
            before=" ".join(before.split())[:100],
            after=" ".join(after.split())[:100],
            start=(node.lineno - 1, node.col_offset),
            end=(node.end_lineno - 1, node.end_col_offset),
            # A part of a larger expression keeps its place in it by parentheses.
            put=after if isinstance(node, ast.If) else f"({after})",
        )


def all_mutants() -> list[Mutant]:
    """Return the mutants of every target."""
    found = []
    for target in TARGETS:
        path = ROOT / target
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found += mutants_of(file)
    return found


def tests_of(files: Sequence[str], root: Path) -> list[str]:
    """Return the test files of folders and files."""
    found = []
    for part in files:
        path = root / part
        found += (
            [str(p.relative_to(root)) for p in sorted(path.rglob("test_*.py"))] if path.is_dir() else [part]
        )
    return list(dict.fromkeys(each for each in found if not LAID_OUT & set(Path(each).parts)))


def copy_tree(folder: Path) -> None:
    """Lay out what the tests need in a folder of its own."""
    for part in ("sigstats", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy2(ROOT / part, folder / part)
    (folder / "docs").symlink_to(ROOT / "docs")
    (folder / "examples").symlink_to(ROOT / "examples")


def in_child(tree: Path, arguments: Sequence[str], limit: int, log: Path) -> int:
    """Run pytest in a child that has loaded the libraries, but nothing of the tree; return its status."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        with log.open("w") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        os.environ["PYTHONPATH"] = str(tree)
        status = 70
        try:
            status = pytest.main([*PYTEST, *arguments])
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def covered(tree: Path, store: Path) -> tuple[Mapping[str, Sequence[str]], Mapping[str, float]]:
    """Return the tests that run each line, and the processor time of each test; run them all if that is not stored."""
    if not store.exists():
        os.environ["SIGSTATS_WATCHED"] = os.pathsep.join(str(tree / target) for target in TARGETS)
        os.environ["SIGSTATS_COVERED"] = str(store)
        sys.path.insert(0, str(Path(__file__).parent))
        in_child(tree, ["-p", "covered", *tests_of(TESTS, tree)], 3_600, store.with_suffix(".log"))
        found = json.loads(store.read_text())
        found["lines"] = {str(Path(key).relative_to(tree)): tests for key, tests in found["lines"].items()}
        store.write_text(json.dumps(found))
    found = json.loads(store.read_text())
    return found["lines"], found["seconds"]


def chosen_tests(
    mutant: Mutant, lines: Mapping[str, Sequence[str]], seconds: Mapping[str, float], most: float
) -> list[str]:
    """Return the tests that run a place, as far as the time allows: those of its own file first, then the quickest."""
    found = {
        t
        for line in range(mutant.start[0] + 1, mutant.end[0] + 2)
        for t in lines.get(f"{mutant.file}:{line}", ())
    }
    if not found:  # a line that is run once, when the module is loaded
        found = {
            test for place, tests in lines.items() if place.startswith(f"{mutant.file}:") for test in tests
        }
    named = f"/test_{Path(mutant.file).name}::"
    taken, spent = [], 0.0
    for test in sorted(found, key=lambda test: (named not in test, seconds[test], test)):
        if spent + seconds[test] <= most:
            taken.append(test)
            spent += seconds[test]
    return taken


def batches(tests: Sequence[str]) -> list[list[str]]:
    """Return the tests of the first file, then of the one that has most of the others, then the rest: few load fast."""
    found: list[list[str]] = []
    left = list(tests)
    while left and len(found) < 2:
        files = [test.partition("::")[0] for test in left]
        file = files[0] if not found else max(files, key=files.count)
        found.append([test for test, own in zip(left, files, strict=True) if own == file])
        left = [test for test, own in zip(left, files, strict=True) if own != file]
    return [*found, left] if left else found


def outcome_of(tree: Path, tests: Sequence[str], limit: int, log: Path) -> tuple[str, str]:
    """Return what became of the tests in a tree, and the test that failed first."""
    for batch in batches(tests):
        status = in_child(tree, ["-x", *batch], limit, log)
        if os.WIFSIGNALED(status):
            return "killed", "time limit"
        if os.WEXITSTATUS(status) != 0:
            failed = re.search(r"^(?:FAILED|ERROR) (\S+)", log.read_text(), re.MULTILINE)
            if failed is None:
                raise RuntimeError(log.read_text()[-3_000:])
            return "killed", failed[1]
    return "survived", "" if tests else "no test runs this line"


def draw(options: argparse.Namespace) -> list[Mutant]:
    """Return a sample of all mutants that are Python."""
    every = [mutant for mutant in all_mutants() if options.only in mutant.file]
    random.Random(options.seed).shuffle(every)  # noqa: S311 - a sample, no secret
    found: list[Mutant] = []
    for mutant in every:
        if len(found) == options.mutants:
            break
        if mutant.before != mutant.after and mutant.text() is not None:
            found.append(mutant)
    return found


def run(options: argparse.Namespace) -> None:
    """Draw mutants, run those that the table does not hold, and append to it."""
    known = set()
    if options.out.exists():
        with options.out.open(newline="") as stream:
            known = {
                tuple(row[n] for n in ("file", "line", "column", "kind", "after"))
                for row in csv.DictReader(stream)
            }
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        drawn = [(mutant, mutant.text()) for mutant in draw(options)]
        lines, seconds = covered(tree, options.covered)
        with options.out.open("a", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            if not known:
                table.writerow(FIELDS)
            for mutant, text in drawn:
                if mutant.key in known:
                    continue
                target = tree / mutant.file
                original = target.read_text()
                start = time.monotonic()
                _put(target, text)
                tests = chosen_tests(mutant, lines, seconds, options.seconds)
                outcome, by = outcome_of(tree, tests, options.limit, options.covered.with_suffix(".log"))
                _put(target, original)
                row = [getattr(mutant, name) for name in FIELDS[:6]]
                table.writerow([*row, outcome, by, len(tests), outcome])
                stream.flush()
                print(*row[:4], outcome, by, f"{time.monotonic() - start:.0f} s", flush=True)


def _put(target: Path, text: str) -> None:
    """Write a file, and forget what was compiled from it."""
    target.write_text(text)
    for cached in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
        cached.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=30, help="processor time of the tests of one mutant")
    parser.add_argument(
        "--limit", type=int, default=120, help="processor time after which a mutant counts as killed"
    )
    parser.add_argument("--only", default="", help="part of the path of the files to change")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "mutants.csv")
    parser.add_argument("--covered", type=Path, default=Path(tempfile.gettempdir()) / "sigstats-covered.json")
    run(parser.parse_args())
