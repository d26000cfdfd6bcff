"""The objects of stage 3: the statistics of one signature on one table, before they are judged.

Every line of evidence is a function of the same scores, one per seed, oriented so that larger always means
more of the predicted shape. Each result names its null hypothesis, its replicate and its method.
"""

from sigstats.evidence.results.comparison import ContrastEvidence, ControlEvidence, NegativeControls
from sigstats.evidence.results.law import ConditionLaw, LawEvidence
from sigstats.evidence.results.lines import (
    ClauseEvidence,
    IntervalEvidence,
    LocationEvidence,
    NearEndEvidence,
    ReversalEvidence,
    ScaleEvidence,
    SlopesEvidence,
    TrendEvidence,
)
from sigstats.evidence.results.look import Look
from sigstats.evidence.results.majority import MajorityEvidence
from sigstats.evidence.results.whole import (
    ArmEvidence,
    Evidence,
    LostCells,
    SeedGroups,
    SeedsNeeded,
    ShortRun,
    UnseenSeeds,
)
from sigstats.stats.estimate import ClauseKind, Design, Estimate, FloatArray, Ranges, Role

__all__ = [
    "ArmEvidence",
    "ClauseEvidence",
    "ClauseKind",
    "ConditionLaw",
    "ContrastEvidence",
    "ControlEvidence",
    "Design",
    "Estimate",
    "Evidence",
    "FloatArray",
    "IntervalEvidence",
    "LawEvidence",
    "LocationEvidence",
    "Look",
    "LostCells",
    "MajorityEvidence",
    "NearEndEvidence",
    "NegativeControls",
    "Ranges",
    "ReversalEvidence",
    "Role",
    "ScaleEvidence",
    "SeedGroups",
    "SeedsNeeded",
    "ShortRun",
    "SlopesEvidence",
    "TrendEvidence",
    "UnseenSeeds",
]
