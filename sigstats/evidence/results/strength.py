"""How strong the shape is from seed to seed: results that compare across metrics."""

from dataclasses import dataclass
from enum import StrEnum

from sigstats.stats.by_value import by_value
from sigstats.stats.estimate import Estimate

# Probability with which an effect is called detectable.
POWER = 0.8


class NoScores(StrEnum):
    """Why seeds cannot be compared one by one."""

    FRESH_RUNS = "fresh_runs"  # every cell is a run of its own
    EVERY_LEVEL = "every_level"  # the claim is on every level, and has no size
    EVERY_CONTRAST = "every_contrast"  # the claim is on slope, bend and steps at once, and has no size
    BY_FORM = "by_form"  # the control must depart from the shape, however much it changes
    OTHER_SEEDS = "other_seeds"  # where a seed is scored depends on other seeds
    TOO_FEW = "too_few"  # too few seeds or levels for a test


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class SeedStrength:
    """What a new seed of one treatment would show.

    Attributes
    ----------
    condition : str
        The treatment.
    control : str or None
        The control whose seeds it is compared with: of several the one that comes closest; None where seeds are
        compared with a score of 0.
    n_seeds, n_showing : int
        Seeds of the treatment, and how many of them have a score above 0.
    n_compared : int
        Seeds of the smaller side; pairs, where treatment and control are paired.
    probability : Estimate
        Probability that a new seed of the treatment shows more of the shape than a new seed of the control (paired:
        than the same seed there), or without a control that it shows it at all. Estimated by the share of pairs, or of
        seeds; the bounds hold whatever the distribution of the scores.
    if_normal : Estimate or None
        The same probability if scores are normally distributed; None where they do not vary.
    standardised : Estimate or None
        Mean effect in sds between seeds of the treatment, with bounds that hold for normal scores; None where they do
        not vary.
    """

    condition: str
    control: str | None
    n_seeds: int
    n_showing: int
    n_compared: int
    probability: Estimate
    if_normal: Estimate | None
    standardised: Estimate | None


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlShare:
    """Part of the treatment's effect that the control shows, by Fieller's method.

    Attributes
    ----------
    value : float
        The control's mean effect over the treatment's.
    low, high : float
        Ends of the shares that the data do not exclude; infinite where the treatment's effect is not shown to differ
        from 0, so that there are none.
    gap : tuple of float or None
        Shares that are excluded in the midst of an unbounded set.
    confidence : float
        Two-sided confidence, in (0, 1).
    """

    value: float
    low: float
    high: float
    gap: tuple[float, float] | None
    confidence: float


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Strength:
    """How strong the shape is from seed to seed, apart from its size in units of the metric.

    No verdict depends on it.

    Attributes
    ----------
    treatments : tuple of SeedStrength
        One per treatment, with bounds that hold for all of them together; empty where seeds cannot be compared one by
        one.
    no_scores : NoScores or None
        Why they cannot; None where they can.
    share : ControlShare or None
        The control's share of the effect; None without a control, and where the two are compared by another score.
    replication : Estimate or None
        Probability that a replication with as many new seeds would again show the effect, and less than the allowed
        share of it in the control. Predictive, with the interval of what it may be at the true effect. None where other
        tests than those of the mean effect, or of a count of seeds, decide.
    detectable : Estimate or None
        Mean effect that so many seeds would show with probability `POWER`, in units of the metric; its interval is that
        of the spread between seeds. It does not depend on the effect that was seen. None where nothing varies, and for
        claims that are not about a mean effect.
    """

    treatments: tuple[SeedStrength, ...]
    no_scores: NoScores | None
    share: ControlShare | None
    replication: Estimate | None
    detectable: Estimate | None

    def __repr__(self) -> str:
        """Return the same words as `str`."""
        return f"<Strength {self}>"

    def __str__(self) -> str:
        """Return what a new seed and a replication would show, as one line; `dataclasses.asdict` has all fields."""
        weakest = self.weakest
        parts = []
        if weakest is not None:
            what = "shows it" if weakest.control is None else f"shows more than one of {weakest.control!r}"
            parts.append(
                f"a new seed of {weakest.condition!r} {what} with probability {_short(weakest.probability)}"
            )
        if self.replication is not None:
            parts.append(f"as many new seeds would show it with probability {_short(self.replication)}")
        if self.detectable is not None:
            parts.append(f"detectable effect {self.detectable}")
        return "; ".join(parts) or f"no strength ({self.no_scores})"

    @property
    def power(self) -> float:
        """Probability with which an effect is called detectable."""
        return POWER

    @property
    def weakest(self) -> SeedStrength | None:
        """The treatment of which a new seed most likely shows no more; None where seeds cannot be compared."""
        return min(self.treatments, key=how_weak, default=None)


def _short(found: Estimate) -> str:
    """Return a probability with its interval."""
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


def how_weak(found: SeedStrength) -> tuple[float, float]:
    """Return what a treatment is ordered by: its probability, and where that is equal the one if scores are normal."""
    return found.probability.value, 1.0 if found.if_normal is None else found.if_normal.value
