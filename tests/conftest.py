"""Shared setting of all tests: Hypothesis profiles, modules that tests share, and verdicts that several tests read.

The profile is "fast"; a slow test runs all of Hypothesis' tests with "thorough", and `pytest --hypothesis-profile
nightly` looks much longer.
"""

import gc
import importlib
import importlib.abc
import importlib.util
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Arrays are small here, so threads of BLAS only wait for one another; set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# pytest rewrites every test file, which takes each process ten seconds unless the result is kept; the same holds for
# the package in every process that a test starts.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

for name, max_examples in (("fast", 12), ("thorough", 25)):
    settings.register_profile(
        name,
        max_examples=max_examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.register_profile(
    "nightly", max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fast")


SHARED = {
    "sigstats_browser": "browser/browser.py",
    "sigstats_words_in_figures": "report/words_in_figures.py",
    "sigstats_strategies": "strategies.py",
    "sigstats_report_samples": "verdict/samples.py",
    "sigstats_report_shape_samples": "verdict/shape_samples.py",
    "sigstats_lint_samples": "cards/lint/lint_samples.py",
    "sigstats_numbers_in_text": "verdict/defence/numbers_in_text.py",
    "sigstats_card_samples": "cards/verdict/card_samples.py",
    "sigstats_shape_cases": "shapes/cases.py",
    "sigstats_robustness_samples": "studies/robustness/report/robustness_samples.py",
    "sigstats_robustness_sweeps": "studies/robustness/sweeps.py",
}


class SharedModules(importlib.abc.MetaPathFinder):
    """Finds what tests share, by names of its own: tests run from any directory, against an installed package."""

    def find_spec(self, fullname, path, target=None):  # noqa: ARG002 - the signature is given
        if fullname not in SHARED:
            return None
        return importlib.util.spec_from_file_location(fullname, Path(__file__).parent / SHARED[fullname])


sys.meta_path.append(SharedModules())


@pytest.fixture
def samples():
    """Verdicts made by hand."""
    return importlib.import_module("sigstats_report_samples")


@pytest.fixture
def shapes():
    """A verdict of every shape."""
    return importlib.import_module("sigstats_report_shape_samples")


@pytest.fixture
def pictureless(monkeypatch):
    """Pages with an empty image: most of their time goes into drawing, and here only words are looked at."""

    from sigstats.report.html import Drawn

    def blank(picture):
        kind = {"svg": "svg+xml", "png": "png"}
        return Drawn() if picture is None else Drawn(source=f"data:image/{kind[picture.format]};base64,")

    monkeypatch.setattr("sigstats.report.html._drawn", blank)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Leave what was collected, a million objects that stay, out of each search for garbage."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each process tests in a row, since those of a file share what they set up."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What takes longer, runs the documentation, a browser or many sweeps is not among the fast tests."""
    for item in items:
        if any(item.get_closest_marker(name) for name in ("long", "docs", "rates", "browser")):
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc):
    if not {"report", "verdict"} & set(metafunc.definition.path.parts):
        return
    made = importlib.import_module("sigstats_report_samples")
    if "payload" in metafunc.fixturenames:
        metafunc.parametrize("payload", made.PAYLOADS, ids=lambda payload: ascii(payload)[1:20])
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", list(made.ALL.values()), ids=list(made.ALL))
    if "shown" in metafunc.fixturenames:
        shapes = importlib.import_module("sigstats_report_shape_samples").ALL
        metafunc.parametrize("shown", list(shapes.values()), ids=list(shapes))
