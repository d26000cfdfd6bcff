"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds.

What `detect` needs is loaded at once; cards, planning, single lines of evidence, hierarchical slopes and priors are
loaded when they are first asked for, so that the import stays quick.
"""

import importlib
from typing import TYPE_CHECKING

from sigstats import errors, shapes, stats
from sigstats.detection import detect
from sigstats.evidence import Estimate, Evidence
from sigstats.signature import Signature
from sigstats.table import SweepTable
from sigstats.verdict import Criterion, Reason, Status, Verdict

if TYPE_CHECKING:
    from sigstats import priors
    from sigstats.calibration import Calibration, calibrate, plan_like
    from sigstats.card import Card, Idea
    from sigstats.comparison import ShapeComparison, compare_shapes
    from sigstats.hierarchy import Slopes, hierarchical_slopes
    from sigstats.logs.collection import Runs, read_runs
    from sigstats.reading import read_sweep
    from sigstats.robustness_result import Robustness
    from sigstats.robustness_run import robustness
    from sigstats.simulation import Plan, simulate_sweep
    from sigstats.single_lines import compare_control, effect_interval, onset, trend_test

__version__ = "0.1.0.dev0"

_LATER = {
    "Calibration": "calibration",
    "Card": "card",
    "Idea": "card",
    "Plan": "simulation",
    "Robustness": "robustness_result",
    "Runs": "logs.collection",
    "ShapeComparison": "comparison",
    "Slopes": "hierarchy",
    "calibrate": "calibration",
    "compare_control": "single_lines",
    "compare_shapes": "comparison",
    "effect_interval": "single_lines",
    "hierarchical_slopes": "hierarchy",
    "onset": "single_lines",
    "plan_like": "calibration",
    "priors": "priors",
    "read_runs": "logs.collection",
    "read_sweep": "reading",
    "robustness": "robustness_run",
    "simulate_sweep": "simulation",
    "trend_test": "single_lines",
}

__all__ = [
    "Calibration",
    "Card",
    "Criterion",
    "Estimate",
    "Evidence",
    "Idea",
    "Plan",
    "Reason",
    "Robustness",
    "Runs",
    "ShapeComparison",
    "Signature",
    "Slopes",
    "Status",
    "SweepTable",
    "Verdict",
    "calibrate",
    "compare_control",
    "compare_shapes",
    "detect",
    "effect_interval",
    "errors",
    "hierarchical_slopes",
    "onset",
    "plan_like",
    "priors",
    "read_runs",
    "read_sweep",
    "robustness",
    "shapes",
    "simulate_sweep",
    "stats",
    "trend_test",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module 'sigstats' has no attribute {name!r}; its public names are {__all__}")
    module = importlib.import_module(f"sigstats.{_LATER[name]}")
    found: object = module if name == _LATER[name] else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
