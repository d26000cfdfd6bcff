"""Stage 3: the statistics of one signature on one table.

`results` holds the objects; `arms` brings conditions into one canonical form, with the help of `rows` and `scales`;
`lines` computes the three lines of evidence; `control` compares treatment with control, whose two sides are in `sides`;
`turning` asks whether the curve turns; and `gather` puts them together.
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
    ReversalEvidence,
    SeedsNeeded,
    SlopesEvidence,
    TrendEvidence,
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
    "ReversalEvidence",
    "SeedsNeeded",
    "SlopesEvidence",
    "TrendEvidence",
    "gather",
]
