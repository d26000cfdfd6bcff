"""What a plan finds, as data: worlds, the chances of each verdict, what is out of reach, designs and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import NextStep
from sigstats.signature.signature import Signature
from sigstats.verdict.rules import Status

# What stands in the way of a verdict; a reason of verdicts stands for itself.
ObstacleCode = Literal[
    "too_few_seeds",
    "too_few_levels",
    "too_few_for_majority",
    "smallest_pvalue",
    "no_margin",
    "no_room",
    "control_at_bound",
    "effect_below_min_effect",
    "underpowered",
    "form",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How much runs vary, and how well that is known.

    Attributes
    ----------
    sd : mapping of str to float
        Residual sd of one cell about the line of its seed, by condition, in units of the metric (after `metric_scale`).
    slope_sd : float
        Sd between seeds of the change from the first level to the last, beyond what the residuals explain.
    seed_sd : float
        Sd between seeds of their own level. It matters where every cell is a fresh run.
    correlation : float or None
        Correlation of what a shared seed brings to treatment and control; None where they share no seeds.
    source : str
        ``"stated"``, ``"pilot"`` or ``"verdict"``.
    low, high : float
        Factors between which the true sd lies, relative to the estimate, with a confidence of 80 %; 1 where it was
        stated.
    slope_high : float
        Upper end of `slope_sd` at the same confidence.
    n_seeds : int or None
        Seeds from which it was estimated, over all conditions; None where it was stated.
    """

    sd: Mapping[str, float]
    slope_sd: float = 0.0
    seed_sd: float = 0.0
    correlation: float | None = None
    source: Literal["stated", "pilot", "verdict"] = "stated"
    low: float = 1.0
    high: float = 1.0
    slope_high: float = 0.0
    n_seeds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One state of the world in which a design is tried.

    Attributes
    ----------
    name : str
        What is true in it, as in ``"as predicted"``.
    effects : mapping of str to float
        True effect of each condition, in the units of `min_effect`, positive where it is as claimed.
    """

    name: str
    effects: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely a verdict is in one world.

    Attributes
    ----------
    truth : str
        Name of the world.
    look : int or None
        Number of the planned look by which it is given; a definite verdict at an earlier look stands. The last look has
        what is found altogether. None where no looks are planned.
    status : Status
        The verdict.
    probability : float
        Share of the simulated sweeps, in [0, 1].
    error : float
        Half-width of its 95 % interval, by the method of Agresti and Coull.
    reasons : tuple of (Reason, float)
        Reasons of these verdicts with their probabilities, the most frequent first.
    """

    truth: str
    look: int | None = None
    status: Status
    probability: float
    error: float
    reasons: tuple[tuple[Reason, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What keeps a design from a verdict.

    Attributes
    ----------
    signature : str or None
        Name of the signature.
    status : Status
        The verdict that is out of reach, or may be.
    code : str
        Stable name of the reason.
    words : str
        Why, and what would help.
    """

    signature: str | None
    status: Status
    code: ObstacleCode
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Seeds and levels, what they cost, and how often the claim is then found present, if it is true as predicted.

    Attributes
    ----------
    seeds : mapping of str to int
        Seeds of each condition.
    levels : tuple of float
        Levels of the knob; empty for claims without a knob.
    cells : int
        Measurements: one per seed and level.
    cost : float
        What they cost, with all looks.
    probability : float
        Probability of *present*, as predicted, at any look.
    error : float or None
        Half-width of its 95 % interval; None where it is approximated, not simulated.
    looks : tuple of int
        Seeds of each treatment at each planned look; empty where none are planned.
    mean_cost : float or None
        What it costs on average, as predicted, if the first definite verdict ends it; None where no looks are planned,
        or where it was not simulated.
    """

    seeds: Mapping[str, int]
    levels: tuple[float, ...]
    cells: int
    cost: float
    probability: float = field(default=float("nan"))
    error: float | None = None
    looks: tuple[int, ...] = ()
    mean_cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What one signature's design can find out.

    Attributes
    ----------
    signature : Signature
        The claim.
    roles : mapping of str to str
        Role of each condition: ``"treatment"`` or ``"control"``.
    noise : Noise
        How much runs vary.
    effect : float
        True effect as predicted, in the units of `min_effect`.
    effect_source : str
        ``"stated"``, ``"min_effect"`` (twice it), ``"noise"`` (twice it) or ``"shape"``.
    design : Design
        The design as declared.
    worlds : tuple of World
        The truths in which it was tried.
    chances : tuple of Chance
        One for each truth, planned look and status.
    mean_costs : mapping of str to float
        What the design costs on average in each truth, if the first definite verdict ends it; empty where no looks are
        planned.
    noisier : Design or None
        The same design if the noise is at the upper end of what the pilot allows; None where it was stated.
    unreachable, at_risk : tuple of Obstacle
        Verdicts that the design can never reach, and those that it may not.
    cheapest : Design or None
        The cheapest design that was found to reach the target; None where none does within the budget.
    nearest : Design or None
        Where no design reaches the target, the one that comes nearest.
    explored : tuple of Design
        Designs around the declared one, for the figure.
    next : tuple of NextStep
        What to do; empty where nothing is missing.
    """

    signature: Signature = field(repr=False)
    roles: Mapping[str, str]
    noise: Noise
    effect: float
    effect_source: Literal["stated", "min_effect", "noise", "shape"]
    design: Design
    worlds: tuple[World, ...]
    chances: tuple[Chance, ...] = field(repr=False)
    mean_costs: Mapping[str, float]
    noisier: Design | None
    unreachable: tuple[Obstacle, ...]
    at_risk: tuple[Obstacle, ...]
    cheapest: Design | None
    nearest: Design | None
    explored: tuple[Design, ...] = field(repr=False)
    next: tuple[NextStep, ...]

    @property
    def name(self) -> str | None:
        """Name of the signature."""
        return self.signature.name

    @property
    def altogether(self) -> tuple[Chance, ...]:
        """The chances after the last look; all of them where no looks are planned."""
        last = len(self.design.looks) or None
        return tuple(each for each in self.chances if each.look == last)

    def chance(self, truth: str, status: str, look: int | None = None) -> Chance:
        """Return one chance.

        Parameters
        ----------
        truth : str
            Name of a world.
        status : str
            The verdict.
        look : int or None
            Number of the look by which it is given; None means the last one.

        Returns
        -------
        Chance
            Its probability, error and reasons.
        """
        among = self.altogether if look is None else tuple(each for each in self.chances if each.look == look)
        return next(each for each in among if (each.truth, each.status) == (truth, status))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookRecord:
    """What designs can find out, without reports; `Outlook` lists the attributes."""

    prospects: tuple[Prospect, ...]
    not_covered: tuple[tuple[str | None, str], ...]
    target: float
    budget: float | None
    replications: int
    entropy: int


def half_width(count: int, total: int) -> float:
    """Return the half-width of the 95 % interval of a share, by Agresti and Coull: never 0."""
    share = (count + 2.0) / (total + 4.0)
    return float(1.96 * np.sqrt(share * (1.0 - share) / (total + 4.0)))
