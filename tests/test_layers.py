"""Who may import whom, what a bare import may load, and what no source file may do."""

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

import sigstats

SOURCE = Path(sigstats.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

# From the bottom to the top: a module imports from its own line or from lines above it in this list.
LAYERS = (
    {"errors"},
    {"stats"},
    {"shapes"},
    {"_cells", "_frames", "_where", "_columns", "_reduce", "_checks", "_intake"},
    {"fields"},
    {"priors"},
    {"table", "reading", "logs"},
    {"signature"},
    {"card", "cardfile", "card_data"},
    {"evidence"},
    {"fading"},
    {"verdict"},
    {"weighing"},
    {"report"},
    {"detection"},
    {"single_lines"},
    {"hierarchy_fit"},
    {"hierarchy_draws", "hierarchy_frames"},
    {"hierarchy"},
    {"comparison_curves"},
    {"comparison_forms"},
    {"comparison"},
    {"simulation"},
    {"truth"},
    {"calibration"},
    {"robustness_options"},
    {"robustness_choices"},
    {"robustness_tables", "robustness_repeats", "robustness_readings"},
    {"robustness_forms", "robustness_rules"},
    {"multiverse"},
    {"influence", "margins", "robustness_joint", "robustness_shifts"},
    {"robustness_result", "robustness_weakest"},
    {"seed_checks"},
    {"seed_likeness"},
    {"seed_audit", "specificity", "synthetic_controls", "trend_practices"},
    {"common_practice"},
    {"robustness_run"},
    {"sigstats"},
    {"cli_filters", "cli_runs"},
    {"cli_tasks"},
    {"cli_robust"},
    {"cli"},
)
RANK = {name: number for number, layer in enumerate(LAYERS) for name in layer}

# Doors: imports that go up, and therefore stand inside a function.
DOORS = {
    ("verdict", "report"),
    ("signature", "card"),
    ("signature", "cardfile"),
    ("detection", "sigstats"),
}
HEAVY = (
    "arviz", "dask", "duckdb", "jinja2", "joblib", "matplotlib", "polars", "pymannkendall",
    "rich", "statsmodels", "typer", "xarray",
)  # fmt: skip


def head(path: Path) -> str:
    """Return the layer's name of a file: the first part of its place in the package."""
    first = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return "sigstats" if first == "__init__" else first


def label(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the modules that are imported at run time, and whether that happens inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from ((alias.name, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide which layer is meant"
            assert child.module is not None
            yield from ((f"{child.module}.{alias.name}", inside) for alias in child.names)
        within = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports(child, inside=within)


def imported_heads(path: Path) -> Iterator[tuple[str, bool]]:
    for name, inside in imports(tree(path)):
        parts = name.split(".")
        if parts[0] == "sigstats":
            is_module = len(parts) > 1 and parts[1] in RANK
            yield (parts[1] if is_module else "sigstats"), inside


def test_every_module_has_its_layer():
    assert {head(path) for path in FILES} <= set(RANK)


@pytest.mark.parametrize("path", FILES, ids=label)
def test_imports_point_one_way(path):
    own = head(path)
    for other, inside in imported_heads(path):
        up = RANK[other] > RANK[own]
        assert not up or (inside and (own, other) in DOORS), f"{own} imports {other}"


@pytest.mark.parametrize("path", [path for path in FILES if head(path) == "stats"], ids=label)
def test_statistics_know_neither_frames_nor_stages(path):
    at_import = {name.split(".")[0] for name, inside in imports(tree(path)) if not inside}
    anywhere = {name.split(".")[0] for name, _ in imports(tree(path))}
    assert not at_import & {"pandas"}
    assert not anywhere & {"narwhals", "polars", "pyarrow", "matplotlib"}
    assert {other for other, _ in imported_heads(path)} <= {"stats", "errors"}


@pytest.mark.parametrize("path", [path for path in FILES if head(path) == "report"], ids=label)
def test_reports_compute_and_decide_nothing(path):
    heads = {other for other, _ in imported_heads(path)}
    assert not heads & {"weighing", "detection", "stats"}
    named = {name for name, _ in imports(tree(path))}
    assert not [name for name in named if name.startswith(("scipy.stats", "statsmodels", "pymannkendall"))]


@pytest.mark.parametrize("path", [path for path in FILES if head(path) in {"verdict", "weighing"}], ids=label)
def test_judging_compares_and_computes_nothing(path):
    named = {name.split(".")[0] for name, _ in imports(tree(path))}
    assert not named & {"numpy", "scipy", "statsmodels"}


@pytest.mark.parametrize("package", ["arviz", "pymannkendall"])
def test_an_awkward_package_is_imported_in_one_file_at_most(package):
    users = {path for path in FILES for name, _ in imports(tree(path)) if name.split(".")[0] == package}
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


def test_a_bare_import_loads_nothing_heavy():
    code = "import sys, sigstats; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
    assert done.stderr == ""


def test_a_verdict_loads_no_package_that_it_does_not_need():
    code = (
        "import sys, pandas, sigstats\n"
        "rows = [(s, k, k + s * (k % 2)) for s in range(4) for k in range(6)]\n"
        "frame = pandas.DataFrame(rows, columns=['seed', 'knob', 'metric'])\n"
        "sigstats.detect(frame, shape='increasing')\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & (set(HEAVY) - {"duckdb", "dask", "polars"}) == set()


FORBIDDEN_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "print"}
FORBIDDEN_METHODS = {"eval", "query", "read_pickle", "to_pickle", "allow_pickle"}
FORBIDDEN_QUALIFIED = {"np.load", "numpy.load", "os.system", "os.popen", "yaml.load", "builtins.eval"}
FORBIDDEN_MODULES = {"cloudpickle", "dill", "marshal", "pickle", "shelve", "subprocess", "yaml"}
RANDOM_ALLOWED = {"default_rng", "Generator", "SeedSequence"}


def _draws_from_global_state(node: ast.Attribute) -> bool:
    return ast.unparse(node.value) in {"np.random", "numpy.random"} and node.attr not in RANDOM_ALLOWED


def offences(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Assert):
            yield f"line {each.lineno}: assert"
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in FORBIDDEN_CALLS:
            yield f"line {each.lineno}: {each.func.id}()"
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            written = ast.unparse(each.func)
            if each.func.attr in FORBIDDEN_METHODS or written in FORBIDDEN_QUALIFIED:
                yield f"line {each.lineno}: {written}()"
        if isinstance(each, ast.Attribute) and _draws_from_global_state(each):
            yield f"line {each.lineno}: the global generator, {ast.unparse(each)}"
    for name, _ in imports(node):
        if name.split(".")[0] in FORBIDDEN_MODULES:
            yield f"import of {name}"


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_file_evaluates_text_prints_or_draws_from_global_state(path):
    assert list(offences(tree(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')", "exec('1')", "frame.query('a > 1')", "frame.eval('a')", "np.load('x.npy')",
        "import pickle", "from pickle import load", "import yaml", "assert x", "print(1)",
        "np.random.seed(0)", "def f():\n    import subprocess",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(code):
    assert list(offences(ast.parse(code)))
