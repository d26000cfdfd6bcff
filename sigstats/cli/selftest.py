"""What ``sigstats selftest`` prints: one line for each check, and a summary that can be filed."""

import datetime as dt
import os
import platform
import time
from collections.abc import Callable
from typing import Any

from sigstats.detection import versions
from sigstats.report import json
from sigstats.report.json import plain
from sigstats.studies.selftest.check import Check
from sigstats.studies.selftest.run import checks

NARROW = 1e-2  # relative width of bounds that are told as a number and its tolerance


def run(write: Callable[[str], None], *, as_json: bool) -> bool:
    """Run all checks, write the report, and return whether all passed."""
    begun, found = time.monotonic(), []
    for each in checks():
        found.append(each)
        if not as_json:
            write(line(each))
    seconds = time.monotonic() - begun
    failed = sum(not each.passed for each in found)
    if as_json:
        write(json.written(json.record(_record(found, seconds))))
        return not failed
    write("")
    said = f"all {len(found)} checks passed" if not failed else f"{failed} of {len(found)} checks failed"
    write(f"{said} in {seconds:.0f} s, {_now()}")
    write(", ".join(f"{name} {version}" for name, version in _installed().items()))
    return not failed


def line(check: Check) -> str:
    """Return one check as a line: the outcome, its name, what was found and what was expected."""
    outcome = "ok  " if check.passed else "FAIL"
    if check.found is None:
        return f"{outcome} {check.name}: {check.error}"
    said = f"{outcome} {check.name}: {check.found:.7g}, expected {expected(check)}"
    return said if check.passed else f"{said} ({check.source})"


def expected(check: Check) -> str:
    """Return the bounds of a check in words."""
    low, high = check.low, check.high
    if high == float("inf"):
        return f"at least {low:.4g}"
    if low == -float("inf"):
        return f"at most {high:.4g}"
    middle, half = (low + high) / 2, (high - low) / 2
    if half <= NARROW * abs(middle):
        return f"{middle:.7g} +- {half:.1g}"
    return f"{low:.4g} to {high:.4g}"


def _record(found: list[Check], seconds: float) -> dict[str, Any]:
    rows = [{**plain(each), "passed": each.passed} for each in found]
    return {
        "passed": all(each.passed for each in found),
        "date": _now(),
        "seconds": round(seconds, 1),
        "versions": _installed(),
        "checks": rows,
    }


def _installed() -> dict[str, str]:
    machine = f"{platform.system()} {platform.machine()}"
    return {**dict(versions()), "on": f"{machine}, {os.cpu_count()} processors"}


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
