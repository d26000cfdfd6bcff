"""The public names: which there are, and that each is described."""

import ast
import dataclasses
import importlib
import inspect
import re
import subprocess
import sys
import types
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import sigstats

EXPECTED = [
    "Calibration",
    "Card",
    "CardVerdict",
    "Combined",
    "Comparison",
    "Criterion",
    "Estimate",
    "Evidence",
    "Forecast",
    "Idea",
    "IdeaStatus",
    "LintReport",
    "Outlook",
    "Plan",
    "Reason",
    "Replication",
    "Robustness",
    "Runs",
    "Scope",
    "Screen",
    "ShapeComparison",
    "Signature",
    "Slopes",
    "Standing",
    "Status",
    "SweepTable",
    "Verdict",
    "calibrate",
    "combine",
    "compare",
    "compare_control",
    "compare_shapes",
    "detect",
    "effect_interval",
    "errors",
    "example_data",
    "forecast",
    "from_array",
    "from_wide",
    "hierarchical_slopes",
    "onset",
    "plan",
    "plan_like",
    "plot_grid",
    "priors",
    "read_mlflow",
    "read_runs",
    "read_sweep",
    "read_wandb",
    "replicates",
    "robustness",
    "scope",
    "screen",
    "shapes",
    "simulate_sweep",
    "stats",
    "tabulate",
    "trend_test",
]


def public(module: ModuleType = sigstats) -> dict[str, object]:
    """Return all public objects by their full names, those of public modules included."""
    found: dict[str, object] = {}
    own_classes = [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    for name in getattr(module, "__all__", own_classes):
        value = getattr(module, name)
        if isinstance(value, ModuleType):
            found |= public(value)
        else:
            found[f"{module.__name__}.{name}"] = value
    return found


OBJECTS = public()
FUNCTIONS = {name: value for name, value in OBJECTS.items() if isinstance(value, FunctionType)}
CLASSES = {name: value for name, value in OBJECTS.items() if inspect.isclass(value)}
METHODS = {
    f"{name}.{key}": inspect.unwrap(getattr(value, key))
    for name, value in CLASSES.items()
    for key, member in vars(value).items()
    if not key.startswith("_") and isinstance(member, FunctionType | classmethod)
}
OVERRIDING = {
    f"{name}.{key}"
    for name, value in CLASSES.items()
    for key in vars(value)
    if any(hasattr(base, key) for base in value.__mro__[1:])
}


def sections(documented: object) -> dict[str, str]:
    """Return the sections of a numpydoc docstring by their headings; the text before them is the summary."""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-+\n", inspect.getdoc(documented) or "", flags=re.MULTILINE)
    return {"Summary": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


def described(section: str) -> set[str]:
    """Return the names that a section lists, as in "low, high : float"."""
    heads = [line.split(" :")[0] for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def parameters(function: object) -> set[str]:
    """Return the parameters as they are written; keywords of a claim that `help` lists are described by `detect`."""
    shown = vars(function).get("__signature__") if inspect.isfunction(function) else None
    names = inspect.signature(bare(function) if shown else function).parameters  # type: ignore[arg-type]
    return {name for name in names if name not in {"self", "cls"}}


def bare(function: types.FunctionType) -> types.FunctionType:
    """Return a function without the keywords that a decorator lists."""
    function = inspect.unwrap(function)
    copy = types.FunctionType(function.__code__, function.__globals__)
    copy.__kwdefaults__, copy.__defaults__ = function.__kwdefaults__, function.__defaults__
    return copy


def test_the_public_names_are_these_and_sorted():
    assert sigstats.__all__ == EXPECTED
    assert sorted(sigstats.__all__) == sigstats.__all__


@pytest.mark.parametrize("package", [sigstats, sigstats.stats])
def test_type_checkers_and_programs_find_the_same_names_in_the_same_places(package):
    """What is imported for type checkers is what is loaded when it is first used."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    imported = {
        (each.asname, node.module)
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    name = package.__name__
    places = {
        (public, name if module == public else f"{name}.{module}")
        for module, names in package._PLACES.items()
        for public in names
    }
    assert imported == places
    assert len(package.__all__) == len(imported)


@pytest.mark.parametrize("module", ["sigstats.stats", "sigstats.priors"])
def test_names_of_public_modules_are_sorted_and_there(module):
    found = importlib.import_module(module)
    names = getattr(found, "__all__", [])
    assert sorted(names) == list(names)
    assert all(isinstance(name, str) and hasattr(found, name) for name in names)


def test_a_star_import_brings_the_public_names_and_no_more():
    code = "from sigstats import *; print(*sorted(name for name in globals() if name[0] != '_'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == EXPECTED


def test_the_version_is_that_of_the_installed_package():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|(a|b|rc)\d+)?", sigstats.__version__)


def test_the_package_is_marked_as_typed():
    assert (Path(sigstats.__file__).parent / "py.typed").exists()


def test_a_public_object_says_in_one_sentence_what_it_is():
    summaries = {name: sections(value)["Summary"].split("\n\n")[0] for name, value in OBJECTS.items()}
    assert {name: first for name, first in summaries.items() if not first.endswith((".", "?"))} == {}


def missing_from(name: str, function: object) -> list[str]:
    """Return what the docstring of a public function lacks."""
    found = sections(function)
    lacks = {
        "Parameters": described(found.get("Parameters", "")) != parameters(function),
        "Returns": not found.get("Returns", "").strip(),
        "Examples": ">>> " not in found.get("Examples", ""),
    }
    return [f"{name}: {heading}" for heading, lacking in lacks.items() if lacking]


def test_a_public_function_describes_parameters_and_result_and_gives_an_example():
    assert len(FUNCTIONS) > 30
    assert [each for name, value in FUNCTIONS.items() for each in missing_from(name, value)] == []


def tells_its_parameters(name: str, method: object) -> bool:
    """Return whether a public method describes its parameters, or overrides one whose base class does."""
    found = sections(method)
    inherited = name in OVERRIDING and "Parameters" not in found
    return inherited or described(found.get("Parameters", "")) == parameters(method)


def test_a_public_method_describes_its_parameters():
    assert len(METHODS) > 30
    assert [name for name, method in METHODS.items() if not sections(method)["Summary"]] == []
    assert [name for name, method in METHODS.items() if not tells_its_parameters(name, method)] == []


def test_a_public_dataclass_describes_its_attributes():
    undescribed = {
        f"{name}.{each.name}"
        for name, value in CLASSES.items()
        if dataclasses.is_dataclass(value)
        for each in dataclasses.fields(value)
        if not each.name.startswith("_") and each.name not in described(sections(value).get("Attributes", ""))
    }
    assert undescribed == set()


def test_the_check_of_sections_finds_what_is_missing():
    def undocumented(data, *, knob=None):
        """Do something.

        Parameters
        ----------
        data : frame
            The table.
        """

    found = sections(undocumented)
    assert described(found["Parameters"]) == {"data"} != parameters(undocumented)
    assert "Returns" not in found
    assert missing_from("f", undocumented) == ["f: Parameters", "f: Returns", "f: Examples"]
    assert not tells_its_parameters("f", undocumented)
