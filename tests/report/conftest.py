"""Verdicts for the tests of the reports: made by hand, and of every shape.

The helpers are loaded by their paths, because tests run against an installed package from any directory.
"""

import importlib.util
import sys
from pathlib import Path

import pytest


def _loaded(name):
    spec = importlib.util.spec_from_file_location(
        f"sigstats_report_{name}", Path(__file__).with_name(f"{name}.py")
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_samples, _shapes = _loaded("samples"), _loaded("shape_samples")


@pytest.fixture
def samples():
    return _samples


@pytest.fixture
def shapes():
    return _shapes


def pytest_generate_tests(metafunc):
    if "payload" in metafunc.fixturenames:
        metafunc.parametrize("payload", _samples.PAYLOADS, ids=lambda payload: ascii(payload)[1:20])
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", list(_samples.ALL.values()), ids=list(_samples.ALL))
    if "shown" in metafunc.fixturenames:
        metafunc.parametrize("shown", list(_shapes.ALL.values()), ids=list(_shapes.ALL))
