"""Shared setting of all tests: Hypothesis profiles, strategies, and verdicts that several tests read.

Helpers are loaded by their paths, because tests run against an installed package from any directory; the strategies
go by the name `sigstats_strategies`. The profile is "fast"; `pytest --hypothesis-profile nightly` looks much longer.
"""

import functools
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

# Arrays are small here, so threads of BLAS only wait for one another; set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile(
    "fast", max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "nightly", max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fast")


@functools.cache
def helper(name: str, place: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


helper("sigstats_strategies", "strategies.py")


def _samples() -> ModuleType:
    return helper("sigstats_report_samples", "verdict/samples.py")


def _shapes() -> ModuleType:
    return helper("sigstats_report_shape_samples", "verdict/shape_samples.py")


@pytest.fixture
def samples():
    """Verdicts made by hand."""
    return _samples()


@pytest.fixture
def shapes():
    """A verdict of every shape."""
    return _shapes()


@pytest.fixture
def pictureless(monkeypatch):
    """Pages of verdicts with a blank image: most of their time goes into drawing, and words are looked at."""
    from matplotlib.figure import Figure

    monkeypatch.setattr("sigstats.verdict.figure.figure.verdict_figure", lambda _: Figure(figsize=(1.0, 1.0)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What runs the documentation or measures error rates has a step of its own, and is not among the fast tests."""
    for item in items:
        if item.get_closest_marker("docs") or item.get_closest_marker("rates"):
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc):
    if not {"report", "verdict"} & set(metafunc.definition.path.parts):
        return
    if "payload" in metafunc.fixturenames:
        metafunc.parametrize("payload", _samples().PAYLOADS, ids=lambda payload: ascii(payload)[1:20])
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", list(_samples().ALL.values()), ids=list(_samples().ALL))
    if "shown" in metafunc.fixturenames:
        metafunc.parametrize("shown", list(_shapes().ALL.values()), ids=list(_shapes().ALL))
