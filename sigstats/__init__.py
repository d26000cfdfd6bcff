"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds.

What `detect` needs is loaded at once; cards, planning, single lines of evidence, hierarchical slopes and priors are
loaded when they are first asked for, so that the import stays quick.
"""

import importlib
from typing import TYPE_CHECKING

from sigstats import errors, shapes, stats
from sigstats.data.table.sweep import SweepTable
from sigstats.detection import detect
from sigstats.evidence import Estimate, Evidence
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.verdict.groups import Criterion
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

if TYPE_CHECKING:
    from sigstats import priors
    from sigstats.data.files import read_sweep
    from sigstats.data.logs.runs import Runs, read_runs
    from sigstats.evidence.single import compare_control, effect_interval, onset, trend_test
    from sigstats.signature.card import Card, Idea
    from sigstats.studies.comparison.compare import ShapeComparison, compare_shapes
    from sigstats.studies.robustness.result import Robustness
    from sigstats.studies.robustness.run import robustness
    from sigstats.studies.simulation.calibration import Calibration, calibrate, plan_like
    from sigstats.studies.simulation.plan import Plan, simulate_sweep
    from sigstats.studies.slopes.slopes import Slopes, hierarchical_slopes

__version__ = "0.1.0.dev0"

_LATER = {
    "Calibration": "studies.simulation.calibration",
    "Card": "signature.card",
    "Idea": "signature.card",
    "Plan": "studies.simulation.plan",
    "Robustness": "studies.robustness.result",
    "Runs": "data.logs.runs",
    "ShapeComparison": "studies.comparison.compare",
    "Slopes": "studies.slopes.slopes",
    "calibrate": "studies.simulation.calibration",
    "compare_control": "evidence.single",
    "compare_shapes": "studies.comparison.compare",
    "effect_interval": "evidence.single",
    "hierarchical_slopes": "studies.slopes.slopes",
    "onset": "evidence.single",
    "plan_like": "studies.simulation.calibration",
    "priors": "priors",
    "read_runs": "data.logs.runs",
    "read_sweep": "data.files",
    "robustness": "studies.robustness.run",
    "simulate_sweep": "studies.simulation.plan",
    "trend_test": "evidence.single",
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
