"""What `sigstats selftest` checks: answers of others that it ships, and rates that it measures."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sigstats.studies.selftest import rates, run
from sigstats.studies.selftest.check import Check
from sigstats.studies.selftest.known import cases, known_answers
from sigstats.studies.selftest.ranks import calibrated_ranks

REFERENCE = Path(__file__).parents[2] / "reference"
CASES = {case["name"]: case for case in cases()}


def read(name):
    """Return a file of reference answers."""
    return json.loads((REFERENCE / name).read_text("utf-8"))


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_known_answers_are_found_and_wrong_ones_are_not(case):
    """Every number agrees with its source; moved by ten tolerances, it would not pass."""
    checks = list(known_answers(case))
    assert len(checks) == (1 if case["asks"] == "regression" else len(case["expected"]))
    for check in checks:
        assert check.passed, check
        assert check.source
        away = 10 * (check.high - check.low) if math.isfinite(check.high) else math.inf
        assert not replace(check, low=check.low + away, high=check.high + away).passed


def numbers(value):
    """Return all numbers of nested lists and dictionaries."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = {float(value)} if isinstance(value, int | float) else set()
    return own.union(*map(numbers, inner))


def test_what_is_shipped_is_what_the_references_say():
    """Data and answers of the package stand in the reference files of the tests, too."""
    files = ("classical.json", "nist/nist_linear.json", "hierarchical/posteriors.json")
    data = ("hierarchical/rats_data.json", "hierarchical/eight_schools.json")
    known = set().union(*(numbers(read(name)) for name in (*files, *data)))
    lmm = next(case for case in read("classical.json") if case["name"] == "LMM_synth_6")["expected"]
    known |= {4 * lmm["fixef"][1], lmm["p_kr"][1] / 2, 1.0}
    for case in CASES.values():
        assert numbers(case["expected"]) | numbers(case["data"]) <= known, case["name"]


def test_ranks_that_are_not_uniform_are_told(monkeypatch):
    """A posterior that is always too low fails; the real one passes."""
    assert all(check.passed for check in calibrated_ranks(8))
    monkeypatch.setattr(
        "sigstats.studies.selftest.ranks._ranks", lambda number: {"slope": 0.9 + number / 1e3}
    )
    assert [check.passed for check in calibrated_ranks(20)] == [True, False]
    monkeypatch.setattr(
        "sigstats.studies.selftest.ranks._ranks", lambda number: None if number else {"slope": 0.5}
    )
    assert not next(calibrated_ranks(20)).passed


@pytest.mark.parametrize(
    ("part", "lines", "failing"),
    [
        (rates.no_effect, {"interval_low": 20}, [False, True, True]),
        (rates.moderate_effect, {"interval_low": 5}, [False]),
    ],
)
def test_rates_off_their_promise_fail(monkeypatch, part, lines, failing):
    """A lower bound that is above 0 far too often, or far too seldom, fails."""
    honest = rates.calibrate

    def tampered(*arguments, **options):
        return replace(honest(*arguments, **options), lines=lines)

    assert all(check.passed for check in part(40))
    monkeypatch.setattr(rates, "calibrate", tampered)
    assert [check.passed for check in part(40)] == failing


def test_an_error_is_a_check_that_failed(monkeypatch):
    """What cannot run is told by name, and what comes after it runs all the same."""

    def broken():
        raise ImportError("no such function")
        yield

    fine = Check(name="fine", source="", found=1.0, low=1.0, high=1.0)
    monkeypatch.setattr(run, "parts", lambda: {"broken": broken, "fine": lambda: iter([fine])})
    first, second = run.checks()
    assert (first.name, first.passed, first.error) == ("broken", False, "ImportError: no such function")
    assert second.passed


@pytest.mark.parametrize("found", [None, math.nan])
def test_no_number_does_not_pass(found):
    """What could not be computed lies between no bounds."""
    assert not Check(name="x", source="", found=found, low=-math.inf, high=math.inf).passed


def test_bytes_that_differ_are_counted():
    """Every byte counts, and so does every one that is missing."""
    assert rates._differ("abc", "abc") == 0
    assert rates._differ("abc", "axcde") == 3


@pytest.mark.slow
def test_all_checks_pass():
    """Everything that the command runs passes here."""
    found = list(run.checks())
    assert [check.name for check in found if not check.passed] == []
    assert len(found) > 30
    assert np.isfinite([check.found for check in found]).all()
