"""Margins: over which bounds a verdict stands.

The smallest effect, alpha and the quiet fraction are bounds against which the same numbers are held. Each is moved up
and down while everything else stays; where the verdict changes is found to 1 %. The scale of the prior is no such
bound: another one changes the evidence, not what it is held against, and it is left out.
"""

from dataclasses import dataclass

from sigstats.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A range of a bound over which the verdict is the same.

    Attributes
    ----------
    low, high : float
        Its ends; the outermost are where the search ends.
    status : Status
        What is said there.
    """

    low: float
    high: float
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The verdict as a function of one bound.

    Attributes
    ----------
    name : str
        ``"min_effect"``, ``"alpha"`` or ``"quiet_fraction"``.
    declared : float or None
        What the signature declares; None where no smallest effect was declared.
    low, high : float or None
        Range around the declared value over which the status stands, each end to 1 %; None where it stands as far as
        was looked, or nothing was declared.
    segments : tuple of Segment
        All that was found, from the smallest value to the largest.
    """

    name: str
    declared: float | None
    low: float | None
    high: float | None
    segments: tuple[Segment, ...]

    @property
    def nearest(self) -> float | None:
        """Smallest factor (at least 1) by which the bound must move before the verdict changes."""
        if self.declared is None:
            return None
        factors = [] if self.low is None else [self.declared / self.low]
        factors += [] if self.high is None else [self.high / self.declared]
        return min(factors, default=None)
