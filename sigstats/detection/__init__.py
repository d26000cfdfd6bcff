"""The path from a table to a verdict: for one table (`single`, the file to read first), and for many (`blocks`)."""

from sigstats.detection.single import (
    decision_of,
    detect,
    judge,
    signature_stands_alone,
    verdict_on,
    versions,
)

__all__ = [
    "decision_of",
    "detect",
    "judge",
    "signature_stands_alone",
    "verdict_on",
    "versions",
]
