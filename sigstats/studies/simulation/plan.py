"""Sweeps with known truth: to plan a sweep, to test a method, to calibrate a verdict."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, did_you_mean, unknown_option, unquoted
from sigstats.evidence.scales import rescaled_knob
from sigstats.signature.fields import KnobScale
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import FloatArray
from sigstats.stats.random import generator
from sigstats.studies.simulation.tables import table_of

Form = Callable[[FloatArray], FloatArray]
Spread = Literal["normal", "t3", "contaminated", "two-point", "lognormal", "lognormal-left"]


def _standard_lognormal(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    return np.asarray((rng.lognormal(0.0, 1.0, shape) - np.exp(0.5)) / np.sqrt(np.exp(2.0) - np.exp(1.0)))


FORMS: dict[str, Form] = {
    "linear": lambda x: x,
    "saturating": lambda x: (1.0 - np.exp(-4.0 * x)) / (1.0 - np.exp(-4.0)),
    "exponential": lambda x: np.expm1(4.0 * x) / np.expm1(4.0),
    "logarithmic": lambda x: np.log1p(9.0 * x) / np.log(10.0),
    # A law with a floor or ceiling on levels from 1 to 1000, which are in proportion to 1 + 999 x.
    "scaling law": lambda x: (1.0 - (1.0 + 999.0 * x) ** -0.34) / (1.0 - 1000.0**-0.34),
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-12.0 * (x - 0.5))),
    "step": lambda x: (x > 0.5).astype(float),
    "late": lambda x: np.clip((x - 0.75) / 0.25, 0.0, 1.0),
    "plateau": lambda x: np.minimum(x / 0.2, 1.0),
    "umbrella": lambda x: np.where(x <= 2 / 3, 1.5 * x, 1.0 - 1.2 * (x - 2 / 3)),
    "fall first": lambda x: np.where(x <= 1 / 3, -1.2 * x, -0.4 + 1.5 * (x - 1 / 3)),
}

SPREADS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], FloatArray]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t3": lambda rng, shape: np.asarray(rng.standard_t(3, shape) / np.sqrt(3.0)),
    "contaminated": lambda rng, shape: np.asarray(
        rng.standard_normal(shape) * np.where(rng.random(shape) < 0.1, 10.0, 1.0) / np.sqrt(10.9)
    ),
    "two-point": lambda rng, shape: np.asarray(2.0 * rng.integers(0, 2, shape) - 1.0),
    "lognormal": _standard_lognormal,
    "lognormal-left": lambda rng, shape: -_standard_lognormal(rng, shape),
}


MOST_CELLS = 100_000_000  # of one simulated sweep, as of one that is read

# Numbers that are the same for all conditions, with the closed range of each.
_RANGES = (
    ("noise_growth", 0.0, np.inf),
    ("noise_between_seeds", 1.0, np.inf),
    ("autocorrelation", -1.0, 1.0),
    ("intercept_sd", 0.0, np.inf),
    ("slope_sd", 0.0, np.inf),
    ("level_shift_sd", 0.0, np.inf),
    ("missing", 0.0, 1.0),
)


def _of(option: Any, condition: str, name: str) -> Any:  # noqa: ANN401 - whatever the option holds
    """Return the value of an option for a condition, whether it is the same for all or given by condition."""
    if not isinstance(option, Mapping):
        return option
    if condition not in option:
        raise OptionError(
            f"`{name}` lacks the condition {condition!r}; it has {tuple(sorted(option))}. "
            "Give each condition of `effects` an entry, or one value for all."
        )
    return option[condition]


def _number(name: str, value: Any, low: float, high: float) -> None:  # noqa: ANN401 - it is checked here
    if not low <= checks.number(name, value) <= high:
        bounds = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
        raise OptionError(f"`{name}` is {value!r}; it must be a finite number {bounds}.")


def _levels(given: Any) -> FloatArray:  # noqa: ANN401 - it is checked here
    """Return ascending levels; a whole number means so many of them, evenly spaced."""
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if whole and given > MOST_CELLS:
        raise OptionError(
            f"`levels` is {given!r}; at most {MOST_CELLS:,} levels are simulated. Ask for fewer."
        )
    try:
        levels = np.arange(float(given)) if whole else np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        levels = np.empty(0)
    if levels.ndim != 1 or levels.size < 2 or not np.isfinite(levels).all() or (np.diff(levels) <= 0).any():
        raise OptionError(
            f"`levels` is {given!r}; it must be a number of levels, or at least 2 ascending finite levels."
            f"{unquoted('levels', given)}"
        )
    return levels


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How sweeps are simulated.

    Attributes
    ----------
    effects : mapping of str to float
        Size of the mean curve of each condition, in units of the metric: the curve is this number times the
        form.
    form : str, callable or mapping of str to either
        Mean curve on the rescaled knob in [0, 1]: a name of `FORMS`, a function, or one of them per condition.
    levels : ndarray, shape (n_levels,)
        Levels of the knob.
    knob_scale : {"linear", "log", "rank"}
        Scale on which levels are rescaled to [0, 1]: the form is a function of it, the slopes of seeds are lines on
        it, and noise grows along it.
    n_seeds : int or mapping of str to int
        Seeds of each condition, at least 1.
    noise_sd : float or mapping of str to float
        Sd of the noise of one cell.
    noise_growth : float
        Factor by which the noise sd grows from the first level to the last.
    noise_between_seeds : float
        Largest factor by which the noise sd differs between seeds (log-uniform between 1/f and f).
    autocorrelation : float
        First-order autocorrelation of the noise along the levels, in (-1, 1).
    intercept_sd, slope_sd : float
        Sd between seeds of the intercept, and of the change from end to end.
    slope_spread : str
        Distribution of the slopes between seeds: a name of `SPREADS`.
    seed_correlation : float or None
        Correlation between conditions of what a seed brings (intercept, slope and noise); None means that
        conditions have seeds of their own labels.
    level_shift_sd : float
        Sd of a shift that all seeds of a condition share at a level.
    missing : float
        Share of cells that are missing at random, in [0, 1).
    items : int or None
        The metric becomes a share of so many items (clipped to [0, 1]), which makes ties.
    start : float or mapping of str to float
        Level of the metric to which the mean curve is added.
    bounds : (float, float) or None
        Lowest and highest value of the metric; what lies beyond is set to it.
    exponential : bool
        The metric becomes the exponential of what is simulated, so that effects and noise are multiplicative.
    independent : bool
        Whether every cell is a fresh run, with an intercept and a slope of its own.
    """

    effects: Mapping[str, float] = field(default_factory=lambda: {"treatment": 0.0})
    form: str | Form | Mapping[str, str | Form] = "linear"
    levels: FloatArray = field(default_factory=lambda: np.arange(8.0))
    knob_scale: KnobScale = "linear"
    n_seeds: int | Mapping[str, int] = 5
    noise_sd: float | Mapping[str, float] = 1.0
    noise_growth: float = 1.0
    noise_between_seeds: float = 1.0
    autocorrelation: float = 0.0
    intercept_sd: float = 0.0
    slope_sd: float = 0.0
    slope_spread: Spread = "normal"
    seed_correlation: float | None = None
    level_shift_sd: float = 0.0
    missing: float = 0.0
    items: int | None = None
    start: float | Mapping[str, float] = 0.0
    bounds: tuple[float, float] | None = None
    exponential: bool = False
    independent: bool = False

    def __post_init__(self) -> None:
        levels = _levels(self.levels)
        levels.flags.writeable = False
        object.__setattr__(self, "levels", levels)
        checks.choice("knob_scale", self.knob_scale, get_args(KnobScale))
        if self.knob_scale == "log" and levels[0] <= 0:
            raise OptionError(
                f"`levels` starts at {levels[0]:g}; with knob_scale='log' every level must be above 0."
            )
        checks.choice("slope_spread", self.slope_spread, tuple(SPREADS))
        if not isinstance(self.effects, Mapping):
            raise OptionError(
                f"`effects` is {type(self.effects).__name__}; it must give each condition its effect, as in "
                "{'treatment': 1.0}."
            )
        if not self.effects:
            raise OptionError("`effects` is empty; give each condition its effect, as in {'treatment': 1.0}.")
        for name, size in self.effects.items():
            _number("effects", size, -np.inf, np.inf)
            self._form(name)
            _number("noise_sd", _of(self.noise_sd, name, "noise_sd"), 0.0, np.inf)
            checks.whole("n_seeds", _of(self.n_seeds, name, "n_seeds"), low=1)
            _number("start", _of(self.start, name, "start"), -np.inf, np.inf)
        for option, low, high in _RANGES:
            _number(option, getattr(self, option), low, high)
        if self.seed_correlation is not None:
            _number("seed_correlation", self.seed_correlation, -1.0, 1.0)
        if self.items is not None:
            checks.whole("items", self.items, low=1)
        self._check_limits()

    def _check_limits(self) -> None:
        """Refuse limits that leave no room between them."""
        if self.bounds is not None:
            if not isinstance(self.bounds, list | tuple | np.ndarray) or np.shape(self.bounds) != (2,):
                raise OptionError(
                    f"`bounds` is {self.bounds!r}; it must be the lowest and the highest value."
                )
            low, high = (checks.number("bounds", each) for each in self.bounds)
            if not low < high:
                raise OptionError(f"`bounds` is {self.bounds!r}; the first must lie below the second.")
        if not (-1 < self.autocorrelation < 1) or not (0 <= self.missing < 1):
            raise OptionError("`autocorrelation` must lie in (-1, 1) and `missing` in [0, 1).")

    @property
    def x(self) -> FloatArray:
        """Levels on the knob's scale, rescaled to [0, 1]."""
        return rescaled_knob(self.levels, self.knob_scale, "levels")

    def mean_curve(self, condition: str) -> FloatArray:
        """Return the true mean curve of a condition.

        Parameters
        ----------
        condition : str
            One of the keys of `effects`.

        Returns
        -------
        ndarray, shape (n_levels,)
            In units of the metric.
        """
        start = _of(self.start, condition, "start") + (0.5 if self.items else 0.0)
        return np.asarray(
            start + self.effects[condition] * np.asarray(self._form(condition)(self.x), dtype=float)
        )

    def true_effect(self, condition: str, *, knob_scale: KnobScale = "linear") -> float:
        """Return the true linear score: the change of the best line through the true mean curve.

        Parameters
        ----------
        condition : str
            One of the keys of `effects`.
        knob_scale : {"linear", "log", "rank"}
            Scale on which the line is straight.

        Returns
        -------
        float
            In units of the metric.
        """
        x = rescaled_knob(self.levels, knob_scale, "levels")
        centred = x - x.mean()
        return float(centred @ self.mean_curve(condition) / (centred @ centred))

    def _form(self, condition: str) -> Form:
        form = _of(self.form, condition, "form")
        if isinstance(form, str):
            if form not in FORMS:
                raise OptionError(unknown_option("form", form, FORMS))
            return FORMS[form]
        return form  # type: ignore[no-any-return]

    @property
    def _own_cells(self) -> bool:
        return self.independent and (self.intercept_sd > 0 or self.slope_sd > 0)

    def _seeds(self, condition: str) -> int:
        return int(_of(self.n_seeds, condition, "n_seeds"))

    def _noise(self, condition: str) -> float:
        return float(_of(self.noise_sd, condition, "noise_sd"))

    def simulate(self, rng: np.random.Generator | int | None = None) -> SweepTable:
        """Return one simulated sweep.

        Parameters
        ----------
        rng : numpy.random.Generator, int or None
            Source of randomness; None means a fixed one.

        Returns
        -------
        SweepTable
            Conditions named as in `effects`.
        """
        return next(self.simulate_looks(generator(rng), [{name: self._seeds(name) for name in self.effects}]))

    def simulate_looks(
        self, rng: np.random.Generator, looks: Iterable[Mapping[str, int]]
    ) -> Iterator[SweepTable]:
        """Yield one simulated sweep as it is at each look, with the first seeds of each condition.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        looks : iterable of mapping of str to int
            Seeds of each condition at each look, at most `n_seeds`.

        Yields
        ------
        SweepTable
            The sweep at one look.
        """
        values = self._values(rng)
        prefixed = self.seed_correlation is None
        for look in looks:
            seeds = {
                name: [f"{name}-{s}" if prefixed else f"{s}" for s in range(look[name])] for name in values
            }
            first = {name: each[: look[name]] for name, each in values.items()}
            yield table_of(self.levels, first, seeds, independent=self.independent)

    def _values(self, rng: np.random.Generator) -> dict[str, FloatArray]:
        """Return the simulated values of each condition, a row per seed."""
        most = max(self._seeds(name) for name in self.effects)
        shared = self._seed_parts(rng, most) if self.seed_correlation is not None else None
        matrices = {}
        for number, name in enumerate(self.effects):
            n = self._seeds(name)
            part = self._seed_parts(rng, n)
            if shared is not None:
                part = self._mix(shared, part, n, flip=number > 0)
            values = self.mean_curve(name) + self._curves(part, self._noise(name), rng, n)
            if self.level_shift_sd:
                values += self.level_shift_sd * rng.standard_normal(self.levels.size)
            if self.items:
                values = np.clip(np.round(values * self.items) / self.items, 0.0, 1.0)
            if self.bounds is not None:
                values = np.clip(values, *self.bounds)
            if self.exponential:
                values = np.exp(values)
            if self.missing:
                values[rng.random(values.shape) < self.missing] = np.nan
            matrices[name] = values
        return matrices

    def _seed_parts(self, rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        noise = rng.standard_normal((n, self.levels.size))
        if self.autocorrelation:
            rho = self.autocorrelation
            for k in range(1, self.levels.size):
                noise[:, k] = rho * noise[:, k - 1] + np.sqrt(1 - rho**2) * noise[:, k]
        # Where every cell is a run, its own level and slope are those of no other cell.
        size = (n, self.levels.size) if self._own_cells else (n, 1)
        return rng.standard_normal(size), SPREADS[self.slope_spread](rng, size), noise

    def _mix(
        self, shared: tuple[FloatArray, ...], own: tuple[FloatArray, ...], n: int, *, flip: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        rho = self.seed_correlation or 0.0
        weight, sign = np.sqrt(abs(rho)), -1.0 if rho < 0 and flip else 1.0
        parts = [
            sign * weight * a[:n] + np.sqrt(1.0 - abs(rho)) * b for a, b in zip(shared, own, strict=True)
        ]
        return parts[0], parts[1], parts[2]

    def _curves(
        self,
        part: tuple[FloatArray, FloatArray, FloatArray],
        noise_sd: float,
        rng: np.random.Generator,
        n: int,
    ) -> FloatArray:
        intercept, slope, noise = part
        sd = noise_sd * (1.0 + (self.noise_growth - 1.0) * self.x)
        if self.noise_between_seeds != 1.0:
            factor = np.log(self.noise_between_seeds)
            sd = sd * np.exp(rng.uniform(-factor, factor, (n, 1)))
        return np.asarray(self.intercept_sd * intercept + self.slope_sd * slope * self.x + sd * noise)


def simulate_sweep(
    effects: Mapping[str, float] | float = 0.0,
    *,
    rng: np.random.Generator | int | None = None,
    **plan: object,
) -> SweepTable:
    """Simulate one sweep with known truth.

    Parameters
    ----------
    effects : mapping of str to float, or float
        Size of the mean curve of each condition, in units of the metric; a number means one treatment.
    rng : numpy.random.Generator, int or None
        Source of randomness; None means a fixed one.
    **plan
        Further fields of `Plan`: form, levels, knob_scale, n_seeds, noise_sd, slope_sd, missing and others.

    Returns
    -------
    SweepTable
        Ready for `detect`; `to_frame` gives it as a frame.

    Raises
    ------
    OptionError
        If an option is unknown or out of range, or `rng` is not a generator, a whole number or None.

    Examples
    --------
    >>> table = simulate_sweep({"treatment": 4.0, "control": 0.0}, n_seeds=3, levels=8, rng=1)
    >>> table.conditions
    ('control', 'treatment')
    """
    given = dict(effects) if isinstance(effects, Mapping) else {"treatment": effects}
    return make_plan(given, plan).simulate(rng)


def make_plan(effects: Mapping[str, float], options: Mapping[str, object]) -> Plan:
    """Return a plan, with near names for misspelt options."""
    allowed = tuple(name for name in Plan.__slots__ if name != "effects")
    for name in options:
        if name not in allowed:
            hint = did_you_mean(name, allowed)
            raise OptionError(
                f"{name!r} is not an option of a plan; the options are {allowed}. {hint}".rstrip()
            )
    return Plan(effects=effects, **options)  # type: ignore[arg-type]
