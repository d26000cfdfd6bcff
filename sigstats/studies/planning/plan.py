"""What a design can find out, before it is run: the probability of each verdict, and the cheapest design that decides.

The design that a signature declares is simulated in worlds whose truth is known - as predicted, nothing there, the
control does the same, half the effect - and `detect` itself gives the verdict on each simulated sweep.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from sigstats.errors import InputError, OptionError, did_you_mean
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.random import entropy_of
from sigstats.studies.planning import noise as noises
from sigstats.studies.planning import reach, search
from sigstats.studies.planning.claims import (
    by_condition,
    claimed,
    holds,
    kind_of,
    not_covered,
    predicted_effect,
    worlds_of,
)
from sigstats.studies.planning.outlook import Outlook
from sigstats.studies.planning.record import Design, Next, Noise, Prospect
from sigstats.studies.planning.trials import (
    Asked,
    chances,
    counts_of,
    margin_of,
    share_present,
    trial,
)

FEWEST_REPLICATIONS = 20
SEEDS = 3
LEVELS = 8
NO_KNOB = np.empty(0)


@runtime_checkable
class HasSignatures(Protocol):
    """What holds several signatures, such as a card."""

    @property
    def signatures(self) -> Sequence[Signature]:
        """The signatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What the caller says beside the signature."""

    pilot: Any
    noise: object
    seeds: object
    levels: object
    truths: Mapping[str, object] | None
    effect: float | None
    start: object
    target: float
    cost: object
    budget: float | None
    fewest_levels: int | None
    replications: int
    n_jobs: int
    entropy: int


def plan(
    signature_or_card: Signature | HasSignatures,
    *,
    pilot: Any = None,  # noqa: ANN401 - see detect
    noise: object = None,
    seeds: object = None,
    levels: object = None,
    truths: Mapping[str, object] | None = None,
    effect: float | None = None,
    start: object = None,
    target: float = 0.8,
    cost: object = None,
    budget: float | None = None,
    fewest_levels: int | None = None,
    replications: int = 1000,
    n_jobs: int = 1,
    rng: np.random.Generator | int | None = None,
) -> Outlook:
    """Say what a design can find out before it is run, and which one is the cheapest that reaches a target.

    Parameters
    ----------
    signature_or_card : Signature or Card
        What is claimed; of a card, every signature.
    pilot : data frame, SweepTable, Verdict, mapping, path or None
        Earlier runs that show the noise: a sweep as for `detect`, or a verdict, its `to_dict` or a file of its JSON.
        Only the noise is taken from it, never the effect.
    noise : float, mapping or None
        The noise, instead of a pilot: the residual sd of one cell in units of the metric (after `metric_scale`), or a
        mapping with ``sd`` (a number, or one per condition or role), ``slope_sd`` (sd between seeds of the change from
        end to end), ``seed_sd`` (of their own level) and ``correlation`` (of paired seeds; 0.5 by default). For claims
        without a knob, ``sd`` is that between runs.
    seeds : int, mapping or None
        Seeds of every condition, or by condition or role, as in ``{"treatment": 3, "control": 4}``; None means those
        that the signature declares, else 3.
    levels : int, sequence of float or None
        Levels of the knob, or their number; None means those that the signature declares, else 8.
    truths : mapping or None
        Effects by condition or role, in the units of `min_effect`, or several such mappings by name. None means: as
        predicted, nothing, control does the same, half the effect.
    effect : float or None
        True effect as predicted, in the units of `min_effect`. None means twice `min_effect`; where that is missing,
        the middle of the range that a shape declares, or else twice the noise.
    start : float, mapping or None
        Level at which the metric starts, for every condition, or by condition or role: with declared `bounds` it says
        whether there is room for the effect, and whether the control sits at a bound.
    target : float
        Probability of *present* that is wanted, if all is as predicted, in (0, 1).
    cost : float, mapping or None
        Cost of one measurement (one seed at one level), for every condition, or by condition or role; the key
        ``"seed"`` is what a seed costs whatever its levels. None means `cost_per_run` of the signature, else 1.
    budget : float or None
        Most that a design may cost.
    fewest_levels : int or None
        Fewest levels that a cheaper design may have; None means as few as the shape needs. Few levels show that a
        metric changes, and hardly how.
    replications : int
        Simulated sweeps for each truth, at least 20: 1000 tell a probability to within 0.03.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : numpy.random.Generator, int or None
        Source of the random streams; None means a fixed one.

    Returns
    -------
    Outlook
        Probabilities, verdicts that are out of reach, the cheapest design, and reports.

    Raises
    ------
    OptionError
        If an option makes no sense, or nothing says how large the noise is.
    TableError, SignatureError
        If the pilot cannot be used.

    See Also
    --------
    sigstats.calibrate : Rates of wrong verdicts for one design.

    Notes
    -----
    *Method.* Monte Carlo simulation: noise is normal, slopes and levels of seeds are normal, and every simulated sweep
    is judged as by `detect`. Errors are 95 % intervals by Agresti and Coull [1]_. Designs are ordered by a fast
    approximation (t tests on normal scores, [2]_), the best few are simulated, and the one that is chosen is simulated
    again with new draws.

    *Assumptions.* The curve that is simulated is one that the shape describes (a straight line for a trend); seeds are
    independent; the noise is as stated, or as a pilot shows it, which few seeds do poorly: `Noise.low` and `Noise.high`
    say how poorly, and the summary gives the probability at the upper end.

    *What would fool it.* An effect that was chosen from the pilot because it was large; noise that differs between
    pilot and sweep, as in other models or at other levels; runs that fail.

    References
    ----------
    .. [1] A. Agresti and B. A. Coull, "Approximate is better than 'exact' for interval estimation of binomial
           proportions", The American Statistician 52 (1998). https://doi.org/10.1080/00031305.1998.10480550
    .. [2] B. L. Welch, "The generalization of Student's problem when several different population variances are
           involved", Biometrika 34 (1947). https://doi.org/10.1093/biomet/34.1-2.28

    Examples
    --------
    >>> claim = Signature(shape="increasing", control="control", min_effect=2.0)
    >>> found = plan(claim, noise=1.0, seeds=3, levels=8, replications=200)
    >>> found.prospects[0].design.probability < 0.8
    True
    >>> found.cheapest().seeds["control"] > 3
    True
    """
    options = _Options(
        pilot=pilot,
        noise=noise,
        seeds=seeds,
        levels=levels,
        truths=truths,
        effect=effect,
        start=start,
        target=checks.fraction("target", target),
        cost=cost,
        budget=None if budget is None else checks.positive("budget", budget),
        fewest_levels=None if fewest_levels is None else checks.whole("fewest_levels", fewest_levels, low=2),
        replications=checks.whole("replications", replications, low=FEWEST_REPLICATIONS, high=1_000_000),
        n_jobs=checks.processes("n_jobs", n_jobs),
        entropy=entropy_of(rng),
    )
    signatures = _signatures_of(signature_or_card)
    _refuse_two_sources(pilot, noise)
    prospects, left_out = [], []
    for number, each in enumerate(signatures):
        try:
            prospects.append(_prospect(each, options, number))
        except InputError as error:
            if len(signatures) == 1:
                raise
            left_out.append((each.name, str(error)))
    return Outlook(
        prospects=tuple(prospects),
        not_covered=tuple(left_out),
        target=options.target,
        budget=options.budget,
        replications=options.replications,
        entropy=options.entropy,
    )


def joined(found: Sequence[Outlook], left_out: Sequence[tuple[str | None, str]]) -> Outlook:
    """Return several outlooks, made with the same options, as one."""
    return replace(
        found[0],
        prospects=tuple(prospect for each in found for prospect in each.prospects),
        not_covered=(*(pair for each in found for pair in each.not_covered), *left_out),
    )


def _signatures_of(given: object) -> tuple[Signature, ...]:
    if isinstance(given, Signature):
        return (given,)
    if isinstance(given, HasSignatures):
        return tuple(given.signatures)
    raise OptionError(
        f"a {type(given).__name__} was given; `plan` needs a Signature or a Card. Make one, or read it with "
        "Card.from_toml."
    )


def _refuse_two_sources(pilot: object, noise: object) -> None:
    if pilot is None and noise is None:
        raise OptionError(
            "nothing says how much runs vary; give earlier runs or a verdict as `pilot`, or the sd as `noise`."
        )
    if pilot is not None and noise is not None:
        raise OptionError("`pilot` and `noise` were both given; they may differ. Give one of them.")


def _prospect(signature: Signature, options: _Options, number: int) -> Prospect:
    """Return what one signature's design can find out."""
    roles = _roles(signature, options)
    levels = _levels(signature, options)
    why = not_covered(signature.shape, levels)
    if why is not None:
        raise OptionError(f"the shape {signature.shape.name!r} cannot be planned: {why}.")
    asked = Asked(
        signature=signature,
        roles=roles,
        noise=_noise(signature, options, roles),
        start=by_condition("start", 0.0 if options.start is None else options.start, roles),
        start_known=options.start is not None,
        bounds=_bounds(signature),
        levels=levels,
    )
    seeds = _seeds(signature, options, roles)
    baseline = next((asked.start[name] for name, role in roles.items() if role == "baseline"), 0.0)
    margin = margin_of(signature, baseline)
    if margin == 0.0:
        raise OptionError(
            f"`min_effect` is {signature.min_effect}, a part of the baseline's mean, which nothing tells. Give it as "
            "`start`."
        )
    typical = max(asked.noise.sd.values())
    effect, source = predicted_effect(signature, options.effect, typical, margin)
    return _Study(
        asked=asked, options=options, number=number, seeds=seeds, effect=effect, margin=margin
    ).prospect(source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Study:
    """The study of one signature: its worlds, its trials, the search."""

    asked: Asked
    options: _Options
    number: int
    seeds: Mapping[str, int]
    effect: float
    margin: float | None
    prices: search.Prices = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prices", _prices(self.asked.signature, self.options, self.asked.roles))

    def prospect(self, source: Any) -> Prospect:  # noqa: ANN401 - a literal
        """Return everything that is known of the design."""
        asked, levels, signature = self.asked, self.asked.levels, self.asked.signature
        kind = kind_of(signature.shape)
        worlds = worlds_of(kind, asked.roles, self.effect, self.options.truths)
        known = reach.before_any_run(asked, self.seeds, levels, self.effect, self.margin)
        trials = [trial(asked, self.seeds, levels, world) for world in worlds]
        counts = self._counts(trials, key=0, replications=self.options.replications)
        every = tuple(
            each for world, count in zip(worlds, counts, strict=True) for each in chances(world, count)
        )
        share, error = share_present(counts[0])
        design = replace(search.made(self.seeds, levels, self.prices, share), error=error)
        space = self._space(kind, worlds[0].effects)
        found: Design | None = None
        explored: tuple[Design, ...] = (design,)
        if share > 0 or not known:
            found, explored = search.cheapest(space, design, self._simulate(worlds[0]))
        spread = float(
            np.sqrt(search.variance(asked, self._treated, levels, 1.0)[0] / min(self.seeds.values()))
        )
        never = known + reach.by_simulation(asked, every, known, self.seeds, spread, self._least(kind))
        curve = None if asked.against_baseline else claimed(signature, levels)
        return Prospect(
            signature=signature,
            roles=asked.roles,
            noise=asked.noise,
            effect=self.effect,
            effect_source=source,
            design=design,
            worlds=worlds,
            chances=every,
            noisier=self._noisier(worlds[0], design),
            unreachable=never,
            at_risk=reach.at_risk(
                asked,
                holds=curve is None or holds(signature, levels, curve, self.effect),
                effect=self.effect,
            ),
            cheapest=found,
            explored=explored + _around(space, explored, design),
            next=_next(design, found, self.options, signature, never),
        )

    @property
    def _treated(self) -> list[str]:
        return [name for name, role in self.asked.roles.items() if role == "treatment"]

    def _counts(self, trials: Sequence[Any], *, key: int, replications: int) -> list[Any]:
        named = "" if self.asked.signature.name is None else f" of {self.asked.signature.name}"
        return counts_of(
            trials,
            replications=replications,
            entropy=self.options.entropy,
            key=10 * self.number + key,
            n_jobs=self.options.n_jobs,
            label=f"simulated sweeps{named}",
        )

    def _simulate(self, world: Any) -> search.Simulated:  # noqa: ANN401 - a World
        def simulate(seeds: Mapping[str, int], levels: FloatArray, key: int) -> tuple[float, float]:
            replications = (
                self.options.replications
                if key == 2
                else max(self.options.replications // 2, FEWEST_REPLICATIONS)
            )
            made = trial(self.asked, seeds, levels, world)
            return share_present(self._counts([made], key=key, replications=replications)[0])

        return simulate

    def _noisier(self, world: Any, design: Design) -> Design | None:  # noqa: ANN401 - a World
        """Return the chance of the design if the noise is at the upper end of what the pilot allows."""
        noise = self.asked.noise
        if noise.source == "stated":
            return None
        more = replace(
            noise, sd={name: sd * noise.high for name, sd in noise.sd.items()}, slope_sd=noise.slope_high
        )
        made = trial(replace(self.asked, noise=more), self.seeds, self.asked.levels, world)
        replications = max(self.options.replications // 2, FEWEST_REPLICATIONS)
        share, error = share_present(self._counts([made], key=3, replications=replications)[0])
        return replace(design, probability=share, error=error)

    def _least(self, kind: str) -> float | None:
        """Return the margin below which an effect counts as small: declared, or the noise."""
        if self.margin is None and kind == "sized" and self.asked.signature.shape.unit == "metric":
            return max(self.asked.noise.sd.values())
        return self.margin

    def _space(self, kind: str, effects: Mapping[str, float]) -> search.Space:
        signature, asked = self.asked.signature, self.asked
        shape = signature.shape
        fixed = asked.against_baseline or shape.levels_to_spare == "none" or asked.levels.size == 2
        by_margin = self.margin if kind in ("no change", "no difference") else None
        bounds = None if asked.against_baseline else shape.bounds(signature.min_effect)
        if kind == "no change" and bounds is not None:
            by_margin = bounds.high
        size = float(np.mean([effects[name] for name in self._treated]))
        return search.Space(
            asked=asked,
            effect=size if by_margin is None else by_margin,
            margin=self.margin if kind == "sized" else None,
            prices=self.prices,
            level_sets=(NO_KNOB,)
            if asked.against_baseline
            else search.level_sets(
                asked.levels,
                max(reach.FEWEST_LEVELS, shape.min_levels, self.options.fewest_levels or 0),
                fixed=fixed,
                scale=shape.knob_scale or signature.knob_scale,
            ),
            target=self.options.target,
            budget=self.options.budget,
        )


def _around(space: search.Space, tried: Sequence[Design], declared: Design) -> tuple[Design, ...]:
    """Return designs with more and fewer seeds, approximated in line with the declared one, for the figure."""
    factor = search.factor_for(space, declared, declared.probability)
    most = max((max(each.seeds.values()) for each in tried), default=SEEDS) + 4
    found = []
    for levels in space.level_sets:
        n = np.arange(search.FEWEST_SEEDS, most + 1, dtype=float)
        chance = search.approximate(space, n, n, levels, factor)
        found += [space.design(int(k), int(k), levels, float(p)) for k, p in zip(n, chance, strict=True)]
    return tuple(found)


def _next(
    design: Design, found: Design | None, options: _Options, signature: Signature, never: Iterable[Any]
) -> Next:
    if any(each.code in ("no_room", "effect_below_min_effect") for each in never):
        return Next(do="change_card")
    if design.probability >= options.target and (options.budget is None or design.cost <= options.budget):
        return Next(do="nothing")
    if found is None:
        if signature.min_effect is None and signature.shape.sized:
            return Next(do="declare_min_effect")
        return Next(do="raise_budget")
    only_more = found.levels == design.levels and all(found.seeds[k] >= n for k, n in design.seeds.items())
    return Next(
        do="add_seeds" if only_more else "change_design",
        seeds=found.seeds,
        n_levels=len(found.levels) or None,
    )


def _roles(signature: Signature, options: _Options) -> dict[str, str]:
    """Return the role of each condition; treatments that are not named are those of the options, else one."""
    control = signature.control or ()
    named = signature.treatment
    if named is None:
        mentioned = [
            name
            for given in (options.seeds, options.noise)
            if isinstance(given, Mapping)
            for name in given
            if name not in ("treatment", "control", "baseline", *noises.PARTS)
            and name not in control
            and name != signature.baseline
            and not did_you_mean(str(name), ("treatment", "control", "baseline", *noises.PARTS))
        ]
        named = tuple(dict.fromkeys(map(str, mentioned))) or ("treatment",)
    roles = dict.fromkeys(named, "treatment")
    if signature.baseline is not None:
        roles[signature.baseline] = "baseline"
    return roles | dict.fromkeys(control, "control")


def _noise(signature: Signature, options: _Options, roles: Mapping[str, str]) -> Noise:
    paired = signature.paired or (signature.shape.against_baseline and signature.design == "repeated")
    if options.pilot is None:
        return noises.stated(options.noise, roles, paired=paired)
    if signature.shape.against_baseline:
        return noises.from_runs(options.pilot, signature, roles, paired=paired)
    if noises.is_verdict(options.pilot):
        return noises.from_verdict(options.pilot, signature, roles)
    return noises.from_pilot(options.pilot, signature, roles)


def _seeds(signature: Signature, options: _Options, roles: Mapping[str, str]) -> dict[str, int]:
    given = options.seeds if options.seeds is not None else signature.seeds
    found = by_condition("seeds", SEEDS if given is None else _like_control(given), roles)
    return {name: checks.whole("seeds", _whole(n), low=1) for name, n in found.items()}


def _like_control(given: object) -> object:
    """Return seeds of a baseline as those of a control, where only these were given."""
    if isinstance(given, Mapping) and "control" in given and "baseline" not in given:
        return {**given, "baseline": given["control"]}
    return given


def _whole(n: float) -> object:
    return int(n) if float(n).is_integer() else n


def _levels(signature: Signature, options: _Options) -> FloatArray:
    if signature.shape.against_baseline:
        return NO_KNOB
    given = options.levels
    if given is None:
        weights = getattr(signature.shape, "weights", None)
        given = LEVELS if weights is None else len(weights)
        if signature.levels is not None:
            given = signature.planned_levels or len(signature.levels)
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        given = np.arange(1.0, checks.whole("levels", given, low=2) + 1.0)
        if (signature.shape.knob_scale or signature.knob_scale) == "log":
            given = 2.0 ** (given - 1.0)
    try:
        levels = np.array(given, dtype=float)
    except (TypeError, ValueError):
        levels = np.empty(0)
    if levels.ndim != 1 or levels.size < 2 or not np.isfinite(levels).all() or (np.diff(levels) <= 0).any():
        raise OptionError(
            f"`levels` is {options.levels!r}; it must be a number of levels, or at least 2 ascending numbers."
        )
    return levels


def _bounds(signature: Signature) -> tuple[float, float] | None:
    """Return the metric's bounds, where they were declared and the scale is the metric's own."""
    given = signature.bounds
    if given is None or given == "none" or signature.metric_scale != "linear":
        return None
    return float(given[0]), float(given[1])


def _prices(signature: Signature, options: _Options, roles: Mapping[str, str]) -> search.Prices:
    given = options.cost
    if given is None:
        given = 1.0 if signature.cost_per_run is None else signature.cost_per_run
    if not isinstance(given, Mapping):
        return search.Prices(cell=dict.fromkeys(roles, checks.positive("cost", given)), seed=0.0)
    parts = dict(given)
    seed = checks.number("cost", parts.pop("seed", 0.0))
    cell = by_condition("cost", parts, roles) if parts else dict.fromkeys(roles, 0.0)
    if seed < 0 or min(cell.values()) < 0 or seed + min(cell.values()) <= 0:
        hint = did_you_mean("cost", tuple(roles))
        raise OptionError(
            f"`cost` is {given!r}; every cost is at least 0, and a seed must cost something. {hint}".rstrip()
        )
    return search.Prices(cell=cell, seed=seed)
