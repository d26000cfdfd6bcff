"""Where on the knob a shape has its onset, knee or turn."""

from sigstats.evidence.arms import Sweep
from sigstats.evidence.lines import Frame
from sigstats.evidence.results import LocationEvidence
from sigstats.signature import Signature


def locate(sweep: Sweep, signature: Signature, frame: Frame) -> LocationEvidence | None:
    """Return the location of a shape that has one."""
    del sweep, signature, frame
    return None
