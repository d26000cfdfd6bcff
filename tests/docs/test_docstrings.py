"""The examples in docstrings run and print what they show."""

import doctest
import importlib
import pkgutil

import pytest

import sigstats

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(sigstats.__path__, "sigstats.")
    if module.name != "sigstats.__main__"
)


def failures(module: str) -> int:
    """Return how many examples of a module fail; doctest prints them."""
    found = importlib.import_module(module)
    scope = {"np": importlib.import_module("numpy"), "pd": importlib.import_module("pandas"), **vars(found)}
    return doctest.testmod(found, extraglobs=scope, optionflags=doctest.NORMALIZE_WHITESPACE).failed


@pytest.mark.docs
def test_examples_in_docstrings_run():
    assert len(MODULES) > 200
    assert [module for module in ("sigstats", *MODULES) if failures(module)] == []
