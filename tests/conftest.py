"""Shared setting of all tests: Hypothesis profiles, and the strategies under the name `sigstats_strategies`.

The strategies are loaded by their path, because tests run against an installed package from any directory.
The profile is "fast"; `pytest --hypothesis-profile nightly` looks much longer.
"""

import importlib.util
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "nightly", max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fast")

_spec = importlib.util.spec_from_file_location(
    "sigstats_strategies", Path(__file__).with_name("strategies.py")
)
_strategies = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _strategies
_spec.loader.exec_module(_strategies)
