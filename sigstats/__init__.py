"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds.

A public name is loaded when it is first used, so that the import is quick. Type checkers read the imports, the program
reads `_PLACES`: a new name goes into both, and a test compares them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigstats import errors as errors
    from sigstats import priors as priors
    from sigstats import shapes as shapes
    from sigstats import stats as stats
    from sigstats.cards.card import Card as Card
    from sigstats.cards.lint.report import LintReport as LintReport
    from sigstats.cards.lock.result import Standing as Standing
    from sigstats.cards.verdict.result import CardVerdict as CardVerdict
    from sigstats.cards.verdict.rules import IdeaStatus as IdeaStatus
    from sigstats.data.example import example_data as example_data
    from sigstats.data.files import read_sweep as read_sweep
    from sigstats.data.logs.live.mlflow import read_mlflow as read_mlflow
    from sigstats.data.logs.live.wandb import read_wandb as read_wandb
    from sigstats.data.logs.runs import Runs as Runs
    from sigstats.data.logs.runs import read_runs as read_runs
    from sigstats.data.table.from_arrays import from_array as from_array
    from sigstats.data.table.sweep import SweepTable as SweepTable
    from sigstats.data.table.wide import from_wide as from_wide
    from sigstats.detection import detect as detect
    from sigstats.evidence import Estimate as Estimate
    from sigstats.evidence import Evidence as Evidence
    from sigstats.evidence.reason import Reason as Reason
    from sigstats.evidence.single import compare_control as compare_control
    from sigstats.evidence.single import effect_interval as effect_interval
    from sigstats.evidence.single import onset as onset
    from sigstats.evidence.single import trend_test as trend_test
    from sigstats.signature.idea import Idea as Idea
    from sigstats.signature.signature import Signature as Signature
    from sigstats.studies.baseline.compare import compare as compare
    from sigstats.studies.baseline.result import Comparison as Comparison
    from sigstats.studies.combining.combine import combine as combine
    from sigstats.studies.combining.replicate import replicates as replicates
    from sigstats.studies.combining.result import Combined as Combined
    from sigstats.studies.combining.result import Replication as Replication
    from sigstats.studies.comparison.compare import ShapeComparison as ShapeComparison
    from sigstats.studies.comparison.compare import compare_shapes as compare_shapes
    from sigstats.studies.forecast.ask import forecast as forecast
    from sigstats.studies.forecast.result import Forecast as Forecast
    from sigstats.studies.planning.outlook import Outlook as Outlook
    from sigstats.studies.planning.plan import plan as plan
    from sigstats.studies.robustness.result import Robustness as Robustness
    from sigstats.studies.robustness.run import robustness as robustness
    from sigstats.studies.scope.result import Scope as Scope
    from sigstats.studies.scope.run import scope as scope
    from sigstats.studies.screen.result import Screen as Screen
    from sigstats.studies.screen.run import screen as screen
    from sigstats.studies.simulation.calibration import Calibration as Calibration
    from sigstats.studies.simulation.calibration import calibrate as calibrate
    from sigstats.studies.simulation.calibration import plan_like as plan_like
    from sigstats.studies.simulation.plan import Plan as Plan
    from sigstats.studies.simulation.plan import simulate_sweep as simulate_sweep
    from sigstats.studies.slopes.slopes import Slopes as Slopes
    from sigstats.studies.slopes.slopes import hierarchical_slopes as hierarchical_slopes
    from sigstats.verdict.figure.grid import plot_grid as plot_grid
    from sigstats.verdict.groups import Criterion as Criterion
    from sigstats.verdict.rules import Status as Status
    from sigstats.verdict.verdict import Verdict as Verdict
    from sigstats.verdict.words.side_by_side import tabulate as tabulate

__version__ = "0.2.0"

# Module to its public names; a module that is public itself stands for its own name.
_PLACES = {
    "errors": ("errors",),
    "priors": ("priors",),
    "shapes": ("shapes",),
    "stats": ("stats",),
    "data.example": ("example_data",),
    "data.files": ("read_sweep",),
    "data.logs.live.mlflow": ("read_mlflow",),
    "data.logs.live.wandb": ("read_wandb",),
    "data.logs.runs": ("Runs", "read_runs"),
    "data.table.sweep": ("SweepTable",),
    "data.table.from_arrays": ("from_array",),
    "data.table.wide": ("from_wide",),
    "detection": ("detect",),
    "evidence": ("Estimate", "Evidence"),
    "evidence.reason": ("Reason",),
    "evidence.single": ("compare_control", "effect_interval", "onset", "trend_test"),
    "cards.card": ("Card",),
    "cards.lint.report": ("LintReport",),
    "cards.lock.result": ("Standing",),
    "cards.verdict.result": ("CardVerdict",),
    "cards.verdict.rules": ("IdeaStatus",),
    "signature.idea": ("Idea",),
    "signature.signature": ("Signature",),
    "studies.baseline.compare": ("compare",),
    "studies.baseline.result": ("Comparison",),
    "studies.combining.combine": ("combine",),
    "studies.combining.replicate": ("replicates",),
    "studies.combining.result": ("Combined", "Replication"),
    "studies.comparison.compare": ("ShapeComparison", "compare_shapes"),
    "studies.forecast.ask": ("forecast",),
    "studies.forecast.result": ("Forecast",),
    "studies.planning.outlook": ("Outlook",),
    "studies.planning.plan": ("plan",),
    "studies.robustness.result": ("Robustness",),
    "studies.robustness.run": ("robustness",),
    "studies.scope.result": ("Scope",),
    "studies.scope.run": ("scope",),
    "studies.screen.result": ("Screen",),
    "studies.screen.run": ("screen",),
    "studies.simulation.calibration": ("Calibration", "calibrate", "plan_like"),
    "studies.simulation.plan": ("Plan", "simulate_sweep"),
    "studies.slopes.slopes": ("Slopes", "hierarchical_slopes"),
    "verdict.figure.grid": ("plot_grid",),
    "verdict.groups": ("Criterion",),
    "verdict.rules": ("Status",),
    "verdict.verdict": ("Verdict",),
    "verdict.words.side_by_side": ("tabulate",),
}
_MODULE_OF = dict(sorted((name, module) for module, names in _PLACES.items() for name in names))
__all__ = list(_MODULE_OF)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used."""
        if name not in _MODULE_OF:
            raise AttributeError(
                f"module 'sigstats' has no attribute {name!r}; its public names are {__all__}"
            )
        module = importlib.import_module(f"sigstats.{_MODULE_OF[name]}")
        found = module if name == _MODULE_OF[name] else getattr(module, name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
