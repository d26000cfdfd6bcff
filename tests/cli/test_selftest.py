"""``sigstats selftest``: one line for each check, a summary, and an exit code."""

import json
import math

import pytest

from sigstats import __version__
from sigstats.cli import selftest
from sigstats.cli.main import main
from sigstats.studies.selftest.check import Check, at_least, at_most, failure, near

GOOD = near("slope", "Sen (1968)", 4.0, 4.0, 1e-9)
BAD = near("p-value", "R clinfun", 0.5, 0.25, 1e-9)


@pytest.fixture
def checked(monkeypatch, capsys):
    """Return exit code and output of the command where it makes the given checks."""

    def of(checks, *options):
        monkeypatch.setattr(selftest, "checks", lambda: iter(checks))
        code = main(["selftest", *options])
        return code, capsys.readouterr().out

    return of


def test_each_check_has_a_line_and_the_summary_can_be_filed(checked):
    """Found, expected, outcome; then how many passed, when, and with which versions."""
    code, said = checked([GOOD, at_most("wrong", "promise", 0.01, 0.05)])
    first, second, blank, summary, versions = said.splitlines()
    assert code == 0
    assert first == "ok   slope: 4, expected 4 +- 1e-09"
    assert second == "ok   wrong: 0.01, expected at most 0.05"
    assert blank == ""
    assert summary.startswith("all 2 checks passed in 0 s, 20")
    assert versions.startswith(f"sigstats {__version__}, python 3.")


def test_a_failed_check_names_its_source_and_sets_the_exit_code(checked):
    """One failure is enough; the line says where the expected number comes from."""
    code, said = checked([GOOD, BAD, failure("detect", ImportError("no such name"))])
    lines = said.splitlines()
    assert code == 1
    assert lines[1] == "FAIL p-value: 0.5, expected 0.25 +- 1e-09 (R clinfun)"
    assert lines[2] == "FAIL detect: ImportError: no such name"
    assert lines[4].startswith("2 of 3 checks failed in")


def test_json_holds_the_same(checked):
    """Strict JSON with every check, and whether all passed."""
    code, said = checked([GOOD, BAD, at_least("digits", "NIST", 12.0, 9.0)], "--json")
    found = json.loads(said, parse_constant=pytest.fail)
    assert code == 1
    assert found["passed"] is False
    assert [each["passed"] for each in found["checks"]] == [True, False, True]
    assert found["checks"][2]["high"] is None
    assert found["versions"]["sigstats"] == __version__


def test_bounds_that_are_far_apart_are_told_as_a_range():
    """A rate has a range, a number a tolerance."""
    rate = Check(name="size", source="", found=0.05, low=0.014, high=0.086)
    assert selftest.expected(rate) == "0.014 to 0.086"
    assert selftest.expected(at_most("", "", 0.0, 0.0)) == "at most 0"
    assert selftest.expected(Check(name="", source="", found=1.0, low=0.0, high=math.inf)) == "at least 0"
