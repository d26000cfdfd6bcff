"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds."""

from sigstats import errors, priors, shapes, stats
from sigstats.calibration import Calibration, calibrate, plan_like
from sigstats.card import Card, Idea
from sigstats.detection import detect
from sigstats.evidence import Estimate, Evidence
from sigstats.hierarchy import Slopes, hierarchical_slopes
from sigstats.reading import read_sweep
from sigstats.signature import Signature
from sigstats.simulation import Plan, simulate_sweep
from sigstats.single_lines import compare_control, effect_interval, trend_test
from sigstats.table import SweepTable
from sigstats.verdict import Criterion, Reason, Status, Verdict

__version__ = "0.1.0.dev0"

__all__ = [
    "Calibration",
    "Card",
    "Criterion",
    "Estimate",
    "Evidence",
    "Idea",
    "Plan",
    "Reason",
    "Signature",
    "Slopes",
    "Status",
    "SweepTable",
    "Verdict",
    "calibrate",
    "compare_control",
    "detect",
    "effect_interval",
    "errors",
    "hierarchical_slopes",
    "plan_like",
    "priors",
    "read_sweep",
    "shapes",
    "simulate_sweep",
    "stats",
    "trend_test",
]
