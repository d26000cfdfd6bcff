"""Hand-made verdicts for the tests of the reports.

The helper is loaded by its path, because tests run against an installed package from any directory.
"""

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location(
    "sigstats_report_samples", Path(__file__).with_name("samples.py")
)
_samples = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _samples
_spec.loader.exec_module(_samples)


@pytest.fixture
def samples():
    return _samples


def pytest_generate_tests(metafunc):
    if "payload" in metafunc.fixturenames:
        metafunc.parametrize("payload", _samples.PAYLOADS, ids=lambda payload: ascii(payload)[1:20])
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", list(_samples.ALL.values()), ids=list(_samples.ALL))
