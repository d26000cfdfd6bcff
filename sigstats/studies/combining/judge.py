"""The judgement: whether a replication agrees, and what several studies show together."""

import enum
import math
from dataclasses import dataclass

from sigstats.stats.combining.agreement import Agreement


class Agrees(enum.StrEnum):
    """Whether a replication agrees with the original."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    CANNOT_TELL = "cannot_tell"


class Ground(enum.StrEnum):
    """Why, and what else is known."""

    WITHIN_MARGIN = "within_margin"
    SHOWN_TO_DIFFER = "shown_to_differ"
    OUTSIDE_PREDICTION = "outside_prediction"
    INSIDE_PREDICTION = "inside_prediction"
    OPPOSITE = "opposite"
    NO_MARGIN = "no_margin"
    UNDETECTABLE_BY_ORIGINAL = "undetectable_by_original"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a replication agrees, and why."""

    status: Agrees
    reasons: tuple[Ground, ...]


def judged(found: Agreement, *, alpha: float) -> Judgement:
    """Return whether a replication agrees; the first rule that applies decides.

    1. The true effects are shown to differ by less than the margin: *agrees*.
    2. The new estimate lies outside the prediction interval: *disagrees*.
    3. Else *cannot tell*.
    """
    outside = found.pvalue <= alpha
    within = not math.isnan(found.pvalue_within) and found.pvalue_within <= alpha
    opposite = [Ground.OPPOSITE] * (outside and found.pvalue_opposite <= alpha)
    smaller = [Ground.UNDETECTABLE_BY_ORIGINAL] * (found.pvalue_undetectable <= alpha)
    if within:
        reasons = [Ground.WITHIN_MARGIN, *([Ground.SHOWN_TO_DIFFER] * outside)]
        return Judgement(status=Agrees.AGREES, reasons=tuple(reasons))
    if outside:
        return Judgement(status=Agrees.DISAGREES, reasons=(Ground.OUTSIDE_PREDICTION, *opposite, *smaller))
    missing = [Ground.NO_MARGIN] * math.isnan(found.pvalue_within)
    return Judgement(status=Agrees.CANNOT_TELL, reasons=(Ground.INSIDE_PREDICTION, *missing, *smaller))
