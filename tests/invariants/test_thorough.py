"""All tests of Hypothesis once more, with twice as many examples as among the fast tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_what_holds_for_few_examples_holds_for_more():
    """Examples are the same each time, and so are a part of what must hold before a change is accepted."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "hypothesis and not slow",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, "--hypothesis-profile", "thorough", Path(__file__).parents[1]],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
