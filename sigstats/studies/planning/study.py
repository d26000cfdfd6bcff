"""The study of one signature: its worlds, its trials, and the search for a cheaper design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sigstats.errors import OptionError
from sigstats.signature.signature import Signature
from sigstats.studies.planning import reach, search, settings
from sigstats.studies.planning.claims import (
    by_condition,
    claimed,
    holds,
    kind_of,
    not_covered,
    predicted_effect,
    worlds_of,
)
from sigstats.studies.planning.record import Design, Prospect, World
from sigstats.studies.planning.settings import Options
from sigstats.studies.planning.steps import Wanted, next_steps
from sigstats.studies.planning.trials import (
    Asked,
    Counts,
    Trial,
    chances,
    counts_of,
    margin_of,
    mean_over_looks,
    share_present,
    trial,
)

FEWEST_REPLICATIONS = 20
LARGEST = 1e140  # a size up to which squares, and products of them with others, are numbers


def prospect_of(signature: Signature, options: Options, number: int) -> Prospect:
    """Return what one signature's design can find out."""
    roles = settings.roles_of(signature, options)
    levels = settings.levels_of(signature, options)
    why = not_covered(signature.shape, levels)
    if why is not None:
        raise OptionError(f"the shape {signature.shape.name!r} cannot be planned: {why}.")
    asked = Asked(
        signature=signature,
        roles=roles,
        noise=settings.noise_of(signature, options, roles),
        start=by_condition("start", 0.0 if options.start is None else options.start, roles),
        start_known=options.start is not None,
        bounds=settings.bounds_of(signature),
        levels=levels,
    )
    seeds = settings.seeds_of(signature, options, roles)
    baseline = next((asked.start[name] for name, role in roles.items() if role == "baseline"), 0.0)
    margin = margin_of(signature, baseline)
    if margin == 0.0:
        raise OptionError(
            f"`min_effect` is {signature.min_effect}, a part of the baseline's mean, which nothing tells. Give it as "
            "`start`."
        )
    typical = max(asked.noise.sd.values())
    effect, source = predicted_effect(signature, options.effect, typical, margin)
    _refuse_sizes([*asked.noise.sd.values(), asked.noise.seed_sd, asked.noise.slope_sd, abs(effect)])
    return Study(
        asked=asked, options=options, number=number, seeds=seeds, effect=effect, margin=margin
    ).prospect(source)


def _refuse_sizes(sizes: Sequence[float]) -> None:
    """Refuse noise and effects whose squares would be 0 or infinite."""
    wrong = [size for size in sizes if size and not 1.0 / LARGEST <= size <= LARGEST]
    if wrong:
        raise OptionError(
            f"noise or effect is {wrong[0]:.3g}, which cannot be squared. Give the metric in another unit, in which "
            f"they lie between {1 / LARGEST:g} and {LARGEST:g}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The study of one signature: its worlds, its trials, the search."""

    asked: Asked
    options: Options
    number: int
    seeds: Mapping[str, int]
    effect: float
    margin: float | None
    prices: search.Prices = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "prices", settings.prices_of(self.asked.signature, self.options, self.asked.roles)
        )

    def prospect(self, source: Any) -> Prospect:  # noqa: ANN401 - a literal
        """Return everything that is known of the design."""
        asked, levels, signature = self.asked, self.asked.levels, self.asked.signature
        kind = kind_of(signature.shape)
        worlds = worlds_of(kind, asked.roles, self.effect, self.options.truths)
        known = reach.before_any_run(asked, self.seeds, levels, self.effect, self.margin)
        trials = [trial(asked, self.seeds, levels, world) for world in worlds]
        counts = self._counts(trials, key=0, replications=self.options.replications)
        looks = asked.looks(self.seeds)
        every = tuple(
            each for world, count in zip(worlds, counts, strict=True) for each in chances(world, count, looks)
        )
        plain = search.made(self.seeds, levels, self.prices, 0.0, looks=looks)
        design = self._judged(plain, counts[0])
        space = self._space(kind, worlds[0].effects)
        found = search.Found(cheapest=None, nearest=None, tried=(design,))
        if design.probability > 0 or not reach.hopeless(known):
            found = search.cheapest(space, design, self._simulate(worlds[0]))
        spread = float(
            np.sqrt(search.variance(asked, self._treated, levels, 1.0)[0] / min(self.seeds.values()))
        )
        last = tuple(each for each in every if each.look == (len(looks) or None))
        never = known + reach.by_simulation(asked, last, known, self.seeds, spread, self._least(kind))
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
            mean_costs={
                world.name: mean_over_looks(count, self._costs(design))
                for world, count in zip(worlds, counts, strict=True)
                if looks
            },
            noisier=self._noisier(worlds[0], design),
            unreachable=never,
            at_risk=reach.at_risk(
                asked,
                holds=curve is None or holds(signature, levels, curve, self.effect),
                effect=self.effect,
            ),
            cheapest=found.cheapest,
            nearest=found.nearest,
            explored=found.tried + _around(space, found.tried, design),
            next=next_steps(
                design,
                found.cheapest,
                Wanted(self.options.target, self.options.budget),
                signature,
                asked.roles,
                never,
            ),
        )

    @property
    def _treated(self) -> list[str]:
        return [name for name, role in self.asked.roles.items() if role == "treatment"]

    def _counts(self, trials: Sequence[Trial], *, key: int, replications: int) -> list[Counts]:
        named = "" if self.asked.signature.name is None else f" of {self.asked.signature.name}"
        return counts_of(
            trials,
            replications=replications,
            entropy=self.options.entropy,
            key=10 * self.number + key,
            n_jobs=self.options.n_jobs,
            label=f"simulated sweeps{named}",
        )

    def _simulate(self, world: World) -> search.Simulated:
        def simulate(design: Design, key: int) -> Design:
            replications = (
                self.options.replications
                if key == 2
                else max(self.options.replications // 2, FEWEST_REPLICATIONS)
            )
            made = trial(self.asked, design.seeds, np.array(design.levels), world)
            return self._judged(design, self._counts([made], key=key, replications=replications)[0])

        return simulate

    def _judged(self, design: Design, counts: Counts) -> Design:
        """Return a design with what was simulated of it."""
        share, error = share_present(counts)
        mean = mean_over_looks(counts, self._costs(design)) if design.looks else None
        return replace(design, probability=share, error=error, mean_cost=mean)

    def _costs(self, design: Design) -> list[float]:
        """Return what a design has cost by each look."""
        n_levels = max(len(design.levels), 1)
        return [self.prices.of(seeds, n_levels) for seeds in self.asked.sizes(design.seeds)]

    def _noisier(self, world: World, design: Design) -> Design | None:
        """Return the chance of the design if the noise is at the upper end of what the pilot allows."""
        noise = self.asked.noise
        if noise.source == "stated":
            return None
        more = replace(
            noise, sd={name: sd * noise.high for name, sd in noise.sd.items()}, slope_sd=noise.slope_high
        )
        made = trial(replace(self.asked, noise=more), self.seeds, self.asked.levels, world)
        replications = max(self.options.replications // 2, FEWEST_REPLICATIONS)
        return self._judged(design, self._counts([made], key=3, replications=replications)[0])

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
            level_sets=(settings.NO_KNOB,)
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
    most = max((max(each.seeds.values()) for each in tried), default=settings.SEEDS) + 4
    found = []
    for levels in space.level_sets:
        n = np.arange(search.FEWEST_SEEDS, most + 1, dtype=float)
        chance = search.approximate(space, n, n, levels, factor)
        found += [space.design(int(k), int(k), levels, float(p)) for k, p in zip(n, chance, strict=True)]
    return tuple(found)
