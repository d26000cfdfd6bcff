"""The files around the package agree with each other, and tests keep the rules for tests."""

import ast
import tomllib
from pathlib import Path

import yaml

import sigstats

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BY_HAND = {"benchmarks", "calibration", "mutation"}
TIMED = {"test_atoms.py"}  # gives each odd frame 5 s of processor time, a hundred times what one needs
CLOCKS = {"monotonic", "perf_counter", "perf_counter_ns", "process_time", "time_ns", "timeit"}


def test_groups_repeat_the_extras_of_their_name():
    extras, groups = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
    for name in ("test", "docs"):
        assert groups[name] == extras[name]
    assert groups["dev"] == [{"include-group": name} for name in ("test", "docs", "lint", "browser")]


def test_the_version_is_told_alike_in_all_places():
    """The package, the citation and the changelog speak of one release, of one day."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(cited["version"]) == sigstats.__version__
    assert f"\nVersion {sigstats.__version__} | Python 3.11 to 3.14 |" in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{sigstats.__version__}] - {cited['date-released']}\n" in changes


def test_what_a_user_needs_is_in_the_package_and_in_the_source_archive():
    package = Path(sigstats.__file__).parent
    assert (package / "py.typed").exists()
    assert len(list((package / "data" / "example_tables").glob("*.csv"))) > 5
    archived = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {"/sigstats", "/tests", "/docs", "/examples", "/CHANGELOG.md", "/CITATION.cff", "/LICENSE"} <= {
        *archived
    }


def clocks(path: Path) -> list[str]:
    """Return the lines of a file that read a clock."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in read
        if node.attr in CLOCKS or ast.unparse(node) == "time.time"
    ]


def test_no_test_asks_a_clock():
    """Times depend on what else the machine does; benchmarks print ratios instead."""
    files = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if path.relative_to(ROOT / "tests").parts[0] not in BY_HAND
        and "samples" not in path.parts
        and path.name not in TIMED
    ]
    assert len(files) > 150
    assert [line for path in files for line in clocks(path)] == []
    assert clocks(ROOT / "tests" / "benchmarks" / "bench_detect.py")
