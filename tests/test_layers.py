"""Who may import whom, what a bare import may load, and what no source file may do."""

import ast
import functools
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

import sigstats

SOURCE = Path(sigstats.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

# From the top floor down: a file imports from its own room or from rooms below it.
FLOORS = (
    {"__main__"},
    {"cli"},
    {"sigstats"},
    {"cards"},
    {"studies"},
    {"detection"},
    {"verdict"},
    {"report", "evidence"},
    {"signature"},
    {"data", "shapes"},
    {"priors"},
    {"stats"},
    {"errors"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
HEAVY = (
    "arviz", "dask", "duckdb", "jinja2", "joblib", "matplotlib", "polars", "pymannkendall",
    "rich", "statsmodels", "typer", "xarray",
)  # fmt: skip


def room(path: Path) -> str:
    """Return the room of a file: the first part of its place in the package."""
    first = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return "sigstats" if first == "__init__" else first


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Return all that a file imports, wherever in the file that stands, as full names."""
    nodes = list(ast.walk(tree(path)))
    whole = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    parts = {
        f"{node.module}.{each.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    return frozenset(whole | parts)


def module(path: Path) -> str:
    return ".".join(("sigstats", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module(path): path for path in FILES}


def imported_files(path: Path) -> set[Path]:
    """Return the files of the package from which a file imports."""
    names = (name for name in imports(path) if name.split(".")[0] == "sigstats")
    return {MODULES.get(name) or MODULES[name.rpartition(".")[0]] for name in names} - {path}


def inside(*rooms: str) -> list[Path]:
    return [path for path in FILES if room(path) in rooms]


def test_imports_point_downwards():
    up = [
        f"{module(path)} imports {module(other)}"
        for path in FILES
        for other in imported_files(path)
        if room(path) != room(other) and FLOOR[room(path)] >= FLOOR[room(other)]
    ]
    assert up == []


def test_no_file_reaches_itself_through_its_imports():
    order = graphlib.TopologicalSorter({path: imported_files(path) for path in FILES})
    order.prepare()


def test_the_root_holds_at_most_fifteen_rooms():
    doors = {"__main__.py", "__pycache__"}  # of Python itself
    entries = [path for path in SOURCE.iterdir() if path.name not in doors]
    assert len(entries) <= 15


def test_statistics_know_neither_frames_nor_stages():
    known = {name.split(".")[0] for path in inside("stats") for name in imports(path)}
    assert not known & {"narwhals", "polars", "pyarrow", "matplotlib"}
    assert {room(other) for path in inside("stats") for other in imported_files(path)} <= {"stats", "errors"}


def test_reports_compute_and_decide_nothing():
    assert {room(other) for path in inside("report") for other in imported_files(path)} <= {
        "report",
        "errors",
        "stats",
    }
    named = {name for path in inside("report") for name in imports(path)}
    assert not [name for name in named if name.startswith(("scipy", "statsmodels", "pymannkendall"))]


def test_judging_compares_and_computes_nothing():
    judges = [
        SOURCE / "verdict" / f"{name}.py" for name in ("rules", "criteria", "groups", "findings", "decision")
    ]
    named = {name.split(".")[0] for path in judges for name in imports(path)}
    assert not named & {"numpy", "scipy", "statsmodels"}


@pytest.mark.parametrize("package", ["arviz", "pymannkendall"])
def test_an_awkward_package_is_imported_in_one_file_at_most(package):
    users = {path for path in FILES for name in imports(path) if name.split(".")[0] == package}
    assert len(users) <= 1


def test_no_module_bears_the_name_of_a_public_function():
    """Else the function would hide the module, or the module the function."""
    for package, folder in ((sigstats, SOURCE), (sigstats.stats, SOURCE / "stats")):
        modules = {path.stem for path in folder.glob("*.py")} | {
            path.parent.name for path in folder.glob("*/__init__.py")
        }
        functions = {
            name
            for name in getattr(package, "__all__", [])
            if isinstance(getattr(package, name), FunctionType)
        }
        assert functions & modules == set()


@pytest.mark.parametrize("loaded", ["import sigstats", "from sigstats import Card, detect, stats, shapes"])
def test_a_bare_import_loads_nothing_heavy(loaded):
    code = f"import sys; {loaded}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
    assert done.stderr == ""


def test_help_and_version_load_no_package_that_computes():
    """Whoever asks for help waits for nothing else."""
    code = (
        "import sys; from sigstats.cli.main import main\n"
        "assert [main([option]) for option in ('--version', '--help')] == [0, 0]\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        set(done.stderr.split()) & {"numpy", "scipy", "pandas", "narwhals", "matplotlib", "jinja2"} == set()
    )


def test_a_verdict_loads_no_package_that_it_does_not_need():
    code = (
        "import sys, pandas, sigstats\n"
        "rows = [(s, k, k + s * (k % 2)) for s in range(4) for k in range(6)]\n"
        "frame = pandas.DataFrame(rows, columns=['seed', 'knob', 'metric'])\n"
        "sigstats.detect(frame, shape='increasing').summary(full=True)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {name.split(".")[0] for name in loaded} & (set(HEAVY) - {"duckdb", "dask", "polars"}) == set()
    assert loaded & {"scipy.optimize", "scipy.stats"} == set()


FORBIDDEN_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "print"}
FORBIDDEN_METHODS = {"eval", "query", "read_pickle", "to_pickle", "allow_pickle"}
FORBIDDEN_QUALIFIED = {"np.load", "numpy.load", "os.system", "os.popen", "builtins.eval"}
# All of PyYAML that is used: its events, which construct nothing.
YAML_NAMES = re.compile(r"(C?SafeLoader|parse|reader|MarkedYAMLError|Event|\w+Event)")
FORBIDDEN_MODULES = {"cloudpickle", "dill", "marshal", "pickle", "shelve", "subprocess", "yaml"}
# What one file may do, and no other: split YAML into events, load arrays of plain numbers, ask git with a list of
# words, and write plain values as the YAML that a registry defines.
ALLOWED = {
    SOURCE / "cards/lock/git.py": {"import of subprocess"},
    SOURCE / "cards/lock/export/prml.py": {"import of yaml", "use of yaml.safe_dump"},
    SOURCE / "data/logs/files/yaml.py": {"import of yaml"},
    SOURCE / "data/logs/files/npz.py": {"np.load(allow_pickle=False)"},
}
RANDOM_ALLOWED = {"default_rng", "Generator", "SeedSequence"}


def _draws_from_global_state(node: ast.Attribute) -> bool:
    return ast.unparse(node.value) in {"np.random", "numpy.random"} and node.attr not in RANDOM_ALLOWED


def offences(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Assert):
            yield "assert"
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in FORBIDDEN_CALLS:
            yield f"{each.func.id}()"
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            written = ast.unparse(each.func)
            if each.func.attr in FORBIDDEN_METHODS or written in FORBIDDEN_QUALIFIED:
                safe = any(ast.unparse(word) == "allow_pickle=False" for word in each.keywords)
                yield f"{written}({'allow_pickle=False' if safe else ''})"
        if isinstance(each, ast.Attribute) and _draws_from_global_state(each):
            yield f"the global generator, {ast.unparse(each)}"
        if (
            isinstance(each, ast.Attribute)
            and ast.unparse(each.value) == "yaml"
            and not YAML_NAMES.fullmatch(each.attr)
        ):
            yield f"use of yaml.{each.attr}"
        names = [alias.name for alias in each.names] if isinstance(each, ast.Import) else []
        names += [str(each.module)] if isinstance(each, ast.ImportFrom) else []
        yield from (f"import of {name}" for name in names if name.split(".")[0] in FORBIDDEN_MODULES)


def test_no_file_evaluates_text_prints_or_draws_from_global_state():
    found = [
        f"{module(path)}: {each}"
        for path in FILES
        for each in offences(tree(path))
        if each not in ALLOWED.get(path, ())
    ]
    assert found == []


def test_what_one_file_may_do_is_still_done_there():
    assert {path: set(offences(tree(path))) for path in ALLOWED} == ALLOWED


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')", "exec('1')", "frame.query('a > 1')", "frame.eval('a')", "np.load('x.npy')",
        "import pickle", "from pickle import load", "import yaml", "yaml.load(x, Loader=y)", "yaml.UnsafeLoader(x)",
        "assert x", "print(1)",
        "np.random.seed(0)", "def f():\n    import subprocess",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(code):
    assert list(offences(ast.parse(code)))
