"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds."""

from sigstats import errors, priors, shapes, stats
from sigstats.card import Card, Idea
from sigstats.detection import detect
from sigstats.evidence import Estimate, Evidence
# read_sweep
from sigstats.signature import Signature
from sigstats.table import SweepTable
from sigstats.verdict import Criterion, Reason, Status, Verdict

__version__ = "0.1.0.dev0"

__all__ = [
    "Card",
    "Criterion",
    "Estimate",
    "Evidence",
    "Idea",
    "Reason",
    "Signature",
    "Status",
    "SweepTable",
    "Verdict",
    "detect",
    "errors",
    "priors",
    "shapes",
    "stats",
]
