"""A forecast as data: what words, figures and formats read."""

import enum
from dataclasses import dataclass, field

from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.ahead import Law
from sigstats.stats.estimate import Design, Estimate
from sigstats.verdict.decision import Provenance
from sigstats.verdict.rules import Status


class Rival(enum.StrEnum):
    """A naive forecast."""

    LAST_VALUE = "last value"
    LOG_LOG = "line in log-log"
    SEMI_LOG = "line in log knob"
    LINE = "line"


class Ground(enum.StrEnum):
    """Why the claim has its status."""

    OUTSIDE = "outside"
    SOME_LEVELS = "some_levels"
    TOO_FEW_SEEDS = "too_few_seeds"
    ZERO_VARIANCE = "zero_variance"
    UNDERPOWERED = "underpowered"


class Note(enum.StrEnum):
    """What else the reader must know."""

    BEYOND_DATA = "beyond_data"
    FAR_BEYOND = "far_beyond"
    AT_LIMIT = "at_limit"
    RIVAL_NEARER = "rival_nearer"
    NO_NEARER = "no_nearer"
    LEVELS_LEFT_OUT = "levels_left_out"
    SEEDS_LEFT_OUT = "seeds_left_out"
    COPIES_LEFT_OUT = "copies_left_out"
    FEWER_SEEDS_AHEAD = "fewer_seeds_ahead"
    NO_LOG_RIVALS = "no_log_rivals"
    CONTROLS_LEFT_OUT = "controls_left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLaw:
    """The law that was fitted to the low levels of one condition.

    Attributes
    ----------
    condition : str
        The condition.
    n_seeds : int
        Seeds that it was fitted to; independent runs: the fewest at a level.
    levels : tuple of float
        Levels that it was fitted to.
    means : tuple of float
        Mean of the metric at these levels.
    parameters : tuple of (str, float)
        Names and values of the parameters, on the scales on which the law was fitted.
    at_limit : bool
        Whether the exponent stands at an end of its range: the levels do not bend as such a law does.
    seeds_left_out, copies_left_out : int
        Seeds that were not seen at every fitted level, and copies of others.
    """

    condition: str
    n_seeds: int
    levels: tuple[float, ...]
    means: tuple[float, ...]
    parameters: tuple[tuple[str, float], ...]
    at_limit: bool
    seeds_left_out: int
    copies_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLevel:
    """One level that was predicted, in one condition.

    Attributes
    ----------
    condition : str
        The condition.
    level : float
        The level of the knob.
    n_seeds : int
        Runs at this level; 0 where it was not run.
    prediction : Estimate
        The mean over seeds that the law predicts.
    new_run : Estimate
        Where a single new run is expected.
    observed : Estimate or None
        The mean that was observed; None where nothing was.
    error : Estimate or None
        Prediction minus observed mean, in units of the metric.
    relative_error : Estimate or None
        The same as a part of the observed mean.
    pvalue_within : float
        p-value of an error that reaches the declared part, to either side; 1 where it could not be tested.
    pvalue_outside : float
        p-value of an error within the declared part, adjusted over levels, conditions and sides.
    adjusted_within : float
        `pvalue_within`, adjusted over levels and conditions.
    within : bool or None
        True where the error is shown to be within the declared part, False where it is shown to exceed it.
    """

    condition: str
    level: float
    n_seeds: int
    prediction: Estimate
    new_run: Estimate
    observed: Estimate | None = None
    error: Estimate | None = None
    relative_error: Estimate | None = None
    pvalue_within: float = 1.0
    pvalue_outside: float = 1.0
    adjusted_within: float = 1.0
    within: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalLevel:
    """What a rival predicts at one level of one condition.

    Attributes
    ----------
    rival : Rival
        The rival.
    condition : str
        The condition.
    level : float
        The level of the knob.
    prediction : float
        Its prediction, in units of the metric.
    relative_error : float or None
        Its error as a part of the observed mean; None where nothing was observed.
    """

    rival: Rival
    condition: str
    level: float
    prediction: float
    relative_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Whether the law is nearer than a rival at the largest level that was run.

    Attributes
    ----------
    rival : Rival
        The rival.
    condition : str
        The condition.
    level : float
        The largest level at which there are runs.
    law_error, rival_error : float
        Sizes of the errors of both, as parts of the observed mean.
    pvalue_law, pvalue_rival : float
        p-values of the law, and of the rival, not being nearer; adjusted over rivals and conditions.
    law_nearer : bool or None
        True where the law is shown to be nearer, False where the rival is.
    """

    rival: Rival
    condition: str
    level: float
    law_error: float
    rival_error: float
    pvalue_law: float
    pvalue_rival: float
    law_nearer: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the figure of one condition shows."""

    condition: str
    levels: FloatArray  # shape (n_levels,): those that were run
    values: FloatArray  # shape (n_rows, n_levels): runs, NaN where missing
    grid: FloatArray  # shape (n_grid,): levels from the first that was fitted to the last that was predicted
    law: FloatArray  # law, low, high: shape (n_grid,), the law and the interval of the mean
    low: FloatArray
    high: FloatArray
    rivals: tuple[tuple[Rival, FloatArray], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRecord:
    """A forecast without its reports; `Forecast` lists the attributes."""

    status: Status | None
    reasons: tuple[Ground, ...]
    notes: tuple[Note, ...]
    signature: Signature
    law: Law
    to: tuple[float, ...]
    within: float
    alpha: float
    design: Design
    fits: tuple[FittedLaw, ...]
    levels: tuple[ForecastLevel, ...]
    rivals: tuple[RivalLevel, ...]
    duels: tuple[Duel, ...]
    seeds_needed: int | None
    left_out: tuple[float, ...]
    fitted_hash: str
    provenance: Provenance
    drawn: tuple[Drawn, ...] = field(default=(), repr=False, compare=False, metadata={"json": False})

    @property
    def observed(self) -> tuple[ForecastLevel, ...]:
        """Levels at which there are runs to judge the forecast."""
        return tuple(each for each in self.levels if each.observed is not None)

    @property
    def not_run(self) -> tuple[ForecastLevel, ...]:
        """Levels at which there is no run yet."""
        return tuple(each for each in self.levels if each.observed is None)
