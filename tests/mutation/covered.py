"""Plugin of pytest that writes which tests run which lines of what is mutated, and how long each test takes.

SIGSTATS_COVERED=covered.json pytest -p covered tests/evidence ...
"""

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

WATCHED = tuple(os.environ.get("SIGSTATS_WATCHED", "").split(os.pathsep))
TOOL = sys.monitoring.COVERAGE_ID
lines: dict[str, set[str]] = defaultdict(set)
seconds: dict[str, float] = {}
seen: set[tuple[str, int]] = set()


def _at_line(code, line):
    if code.co_filename.startswith(WATCHED):
        seen.add((code.co_filename, line))
    return sys.monitoring.DISABLE


def pytest_configure():
    sys.monitoring.use_tool_id(TOOL, "covered")
    sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, _at_line)
    sys.monitoring.set_events(TOOL, sys.monitoring.events.LINE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    seen.clear()
    sys.monitoring.restart_events()
    start = time.process_time()
    found = yield
    seconds[item.nodeid] = time.process_time() - start
    for file, line in seen:
        lines[f"{file}:{line}"].add(item.nodeid)
    return found


def pytest_sessionfinish():
    found = {"lines": {key: sorted(tests) for key, tests in lines.items()}, "seconds": seconds}
    Path(os.environ["SIGSTATS_COVERED"]).write_text(json.dumps(found))
