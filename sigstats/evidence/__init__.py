"""Stage 3: the statistics of one signature on one table.

`results` holds the objects; `conditions` brings the conditions of a table into one form, with the help of `seeds` and
`scales`; `lines` computes the three lines of evidence of a trend, `clauses` those of other shapes; `control` compares
treatment with control; `reversal` asks whether the curve turns back; and `gather` puts them together.
"""

from sigstats.evidence.gather import gather
from sigstats.evidence.results import (
    ArmEvidence,
    ClauseEvidence,
    ContrastEvidence,
    ControlEvidence,
    Estimate,
    Evidence,
    IntervalEvidence,
    LocationEvidence,
    Look,
    MajorityEvidence,
    NegativeControls,
    ReversalEvidence,
    SeedGroups,
    SeedsNeeded,
    SlopesEvidence,
    TrendEvidence,
    UnseenSeeds,
)

__all__ = [
    "ArmEvidence",
    "ClauseEvidence",
    "ContrastEvidence",
    "ControlEvidence",
    "Estimate",
    "Evidence",
    "IntervalEvidence",
    "LocationEvidence",
    "Look",
    "MajorityEvidence",
    "NegativeControls",
    "ReversalEvidence",
    "SeedGroups",
    "SeedsNeeded",
    "SlopesEvidence",
    "TrendEvidence",
    "UnseenSeeds",
    "gather",
]
