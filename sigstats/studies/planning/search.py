"""The cheapest design that reaches a target: approximate many, simulate the best few, ask the chosen one again.

The approximation holds three conditions of *present* to scores that are normal: the t test of the treatments' mean, an
estimate of at least `min_effect`, and a control that is shown quiet. All designs share one set of normal and chi-square
draws, so that they can be compared. It decides nothing: it only orders designs, and is brought in line with what
`detect` says of those that are simulated, by a factor on the noise. The chosen design is simulated once more, with
draws that played no part in the choice.

References
----------
B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
Biometrika 34 (1947), https://doi.org/10.1093/biomet/34.1-2.28
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from sigstats.evidence.scales import rescaled_knob
from sigstats.stats.checks import BoolArray, FloatArray
from sigstats.studies.planning.record import Design
from sigstats.studies.planning.trials import Asked

DRAWS = 600
CHUNK = 200
MOST_SEEDS = 40
MOST_TRIED = 8
MOST_LEVEL_COUNTS = 6
FEWEST_SEEDS = 3
CAUTION = 4.0  # misses after which half the way from the target to certainty is asked for
FACTORS = (0.1, 50.0)  # of the noise, between which the approximation is brought in line

Simulated = Callable[[Design, int], Design]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What measurements cost."""

    cell: Mapping[str, float]  # one seed at one level, by condition
    seed: float  # one more seed of a condition, whatever its levels

    def of(self, seeds: Mapping[str, int], n_levels: int) -> float:
        """Return the cost of a design."""
        return float(sum(n * (self.cell[name] * n_levels + self.seed) for name, n in seeds.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The designs that may be chosen, and what they are compared by."""

    asked: Asked
    effect: float
    margin: float | None
    prices: Prices
    level_sets: tuple[FloatArray, ...] = field(repr=False)
    target: float
    budget: float | None
    alpha: float = field(init=False)  # of one look as declared; the last look stands for all

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", self.asked.alpha)

    def affords(self, design: Design) -> bool:
        """Return whether a design is within the budget."""
        return self.budget is None or design.cost <= self.budget

    def design(self, treated: int, others: int, levels: FloatArray, probability: float) -> Design:
        """Return a design by the seeds of its treatments and of the other conditions."""
        seeds = {name: treated if role == "treatment" else others for name, role in self.asked.roles.items()}
        return made(seeds, levels, self.prices, probability, looks=self.asked.looks(seeds))


def made(
    seeds: Mapping[str, int],
    levels: FloatArray,
    prices: Prices,
    probability: float,
    *,
    looks: tuple[int, ...] = (),
) -> Design:
    """Return a design with its size and cost."""
    n_levels = max(levels.size, 1)
    return Design(
        seeds=dict(seeds),
        levels=tuple(levels.tolist()),
        cells=sum(seeds.values()) * n_levels,
        cost=prices.of(seeds, n_levels),
        probability=probability,
        looks=looks,
    )


def level_sets(levels: FloatArray, fewest: int, *, fixed: bool, scale: str) -> tuple[FloatArray, ...]:
    """Return the sets of levels that may be run: all of them, and fewer that are spread evenly over the range."""
    if fixed or levels.size <= fewest:
        return (levels,)
    counts = np.unique(np.linspace(fewest, levels.size, MOST_LEVEL_COUNTS).round().astype(int))
    x = rescaled_knob(levels, "log" if scale == "log" else "rank", "levels")
    sets = []
    for count in counts:
        nearest = {int(np.abs(x - place).argmin()) for place in np.linspace(0.0, 1.0, count)}
        if len(nearest) == count:
            sets.append(levels[sorted(nearest)])
    return tuple(sets) or (levels,)


def approximate(space: Space, n: FloatArray, m: FloatArray, levels: FloatArray, factor: float) -> FloatArray:
    """Return the approximate probability of *present* with n seeds of each treatment and m of each other condition."""
    asked, signature = space.asked, space.asked.signature
    roles = asked.roles
    names = [name for name, role in roles.items() if role == "treatment"]
    others = [name for name, role in roles.items() if role != "treatment"]
    one, df_ratio = variance(asked, names, levels, factor)
    alpha = space.alpha / (2.0 if signature.shape.two_sided else 1.0)
    treated = space.effect
    se_t = np.sqrt(one / n)
    df_t = np.maximum(len(names) * (n - 1.0) * df_ratio, 1.0)
    estimate, spread = _draws(treated, se_t, df_t, 0)
    if asked.against_baseline:
        other, ratio = variance(asked, others, levels, factor)
        sides = (estimate, se_t, spread, df_t), (0.0, other, m, ratio, len(others))
        return np.asarray(_welch(*sides, 1.0, alpha).mean(axis=-1), dtype=np.float64)
    shown = estimate > _critical(df_t, alpha)[:, None] * spread
    if space.margin is not None and signature.shape.sized:
        shown &= estimate >= space.margin
    if others and not signature.shape.positive_control:
        other, ratio = variance(asked, others, levels, factor)
        quiet = signature.quiet_fraction
        shown &= _welch((estimate, se_t, spread, df_t), (0.0, other, m, ratio, len(others)), quiet, alpha)
    return np.asarray(shown.mean(axis=-1))


def _welch(
    treated: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    other: tuple[float, float, FloatArray, float, int],
    weight: float,
    alpha: float,
) -> BoolArray:
    """Return in which draws the weighted treatment is shown to exceed the other conditions, by Welch's test."""
    estimate, _, spread, df_t = treated
    mean, variance, m, ratio, count = other
    df_c = np.maximum(count * (m - 1.0) * ratio, 1.0)
    level, spread_c = _draws(mean, np.sqrt(variance / m), df_c, 1)
    a, b = (weight * spread) ** 2, spread_c**2
    total = a + b
    # Where nothing varies any share will do.
    part = np.divide(a, total, out=np.full_like(total, 0.5), where=total > 0.0)
    df = 1.0 / (part**2 / df_t[:, None] + (1.0 - part) ** 2 / df_c[:, None])
    return np.asarray(weight * estimate - level > _critical(df, alpha) * np.sqrt(total))


@functools.cache
def _critical_values(alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return one over degrees of freedom, ascending, and the critical values of Student's t there."""
    inverse = np.linspace(0.0, 1.0, 2001)
    return inverse, np.asarray(
        special.stdtrit(1.0 / np.maximum(inverse, 1e-9), 1.0 - alpha), dtype=np.float64
    )


def _critical(df: FloatArray, alpha: float) -> FloatArray:
    """Return critical values of Student's t, read off a table, for very many degrees of freedom."""
    return np.interp(1.0 / np.maximum(df, 1.0), *_critical_values(alpha))


@functools.cache
def _base(side: int) -> tuple[FloatArray, FloatArray]:
    """Return standard normal draws and probabilities, the same for all designs; evenly spread, so that few will do."""
    rng = np.random.default_rng([20261130, side])
    ranks = (np.arange(DRAWS) + 0.5) / DRAWS
    return special.ndtri(rng.permutation(ranks)), rng.permutation(ranks)


def _draws(mean: float, se: FloatArray, df: FloatArray, side: int) -> tuple[FloatArray, FloatArray]:
    """Return estimates and their standard errors, one row per design."""
    normal, share = _base(side)
    own, at = np.unique(df, return_inverse=True)
    ratio = np.sqrt(special.chdtri(own[:, None], share[None, :]) / own[:, None])
    return mean + se[:, None] * normal[None, :], se[:, None] * ratio[at]


def variance(asked: Asked, names: Sequence[str], levels: FloatArray, factor: float) -> tuple[float, float]:
    """Return the variance of one seed's score in the mean of conditions, and degrees of freedom per seed."""
    noise = asked.noise
    sds = np.array([noise.sd[name] for name in names])
    if asked.against_baseline:
        share = 1.0 - (noise.correlation or 0.0)
        return float(factor**2 * (sds**2).sum() * share / len(names) ** 2), 1.0
    x = rescaled_knob(levels, asked.signature.shape.knob_scale or asked.signature.knob_scale, "levels")
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    if asked.signature.design == "independent":
        cells = sds[:, None] ** 2 + noise.seed_sd**2 + (noise.slope_sd * x) ** 2
        parts = weights**2 * cells
        sizes = parts / (float(parts.max()) or 1.0)
        ratio = float((sizes.sum() ** 2 / (float((sizes**2).sum()) or 1.0)) / len(names))
        return float(factor**2 * parts.sum() / len(names) ** 2), max(ratio, 1.0)
    own = noise.slope_sd**2 + sds**2 * (weights**2).sum()
    share = 1.0 - (noise.correlation or 0.0) if asked.signature.paired else 1.0
    return float(factor**2 * own.sum() * share / len(names) ** 2), 1.0


def factor_for(space: Space, design: Design, probability: float) -> float:
    """Return the factor on the noise with which the approximation gives what was simulated of a design."""
    n, m, levels = _sizes(space, design)
    target = float(np.clip(probability, 0.01, 0.99))
    low, high = FACTORS
    for _ in range(24):
        middle = float(np.sqrt(low * high))
        found = float(approximate(space, n, m, levels, middle)[0])
        low, high = (middle, high) if found > target else (low, middle)
    return float(np.sqrt(low * high))


def _sizes(space: Space, design: Design) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the seeds of treatments and of others, and the levels, of a design."""
    by_role: dict[bool, list[int]] = {True: [], False: []}
    for name, n in design.seeds.items():
        by_role[space.asked.roles[name] == "treatment"].append(n)
    others = by_role[False] or by_role[True]
    return np.array([np.mean(by_role[True])]), np.array([np.mean(others)]), np.array(design.levels)


def designs(space: Space) -> list[Design]:
    """Return all designs within the budget, the cheapest first."""
    grid = [n for n in range(FEWEST_SEEDS, MOST_SEEDS + 1) if n <= 12 or n % 2 == 0]
    has_others = any(role != "treatment" for role in space.asked.roles.values())
    pairs = [(n, m) for n in grid for m in (grid if has_others else (n,)) if max(n, m) <= 3 * min(n, m)]
    found = [space.design(n, m, levels, 0.0) for levels in space.level_sets for n, m in pairs]
    # A planned look needs a control of three seeds, too.
    kept = [each for each in found if space.affords(each) and _decides(space, each)]
    return sorted(kept, key=lambda each: (each.cost, -each.cells))


def _decides(space: Space, design: Design) -> bool:
    """Return whether every condition has enough seeds at the first look."""
    return min(space.asked.sizes(design.seeds)[0].values()) >= FEWEST_SEEDS


def first_good(space: Space, ordered: Sequence[Design], factor: float, wanted: float) -> Iterator[Design]:
    """Yield the designs that reach a wanted probability by the approximation, the cheapest first."""
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        chance = np.empty(len(some))
        for levels in {each.levels for each in some}:
            at = [k for k, each in enumerate(some) if each.levels == levels]
            sizes = [_sizes(space, some[k]) for k in at]
            n, m = np.array([each[0][0] for each in sizes]), np.array([each[1][0] for each in sizes])
            chance[at] = approximate(space, n, m, np.array(levels), factor)
        good = [
            replace(each, probability=float(p)) for each, p in zip(some, chance, strict=True) if p >= wanted
        ]
        yield from sorted(good, key=lambda each: (each.cost, -each.probability))


def _most_promising(space: Space, ordered: Sequence[Design], factor: float) -> Design | None:
    """Return the design that is likeliest to find the claim by the approximation, the cheapest of such."""
    found = first_good(space, ordered, factor, 0.0)
    return max(found, key=lambda each: (each.probability, -each.cost), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found."""

    cheapest: Design | None  # that reaches the target
    nearest: Design | None  # where none does
    tried: tuple[Design, ...]


def cheapest(space: Space, declared: Design, simulate: Simulated) -> Found:
    """Return the cheapest design that reaches the target, and all that were simulated on the way.

    `simulate` asks a design with one of two sets of draws. A design reaches the target only if it does so with the
    second set as well, since the first favours designs that were lucky. The declared one was not chosen by its draws.
    """
    # A design that never finds the claim, as one of two seeds, does not tell how far the approximation is off.
    factor = factor_for(space, declared, declared.probability) if declared.probability > 0 else 1.0
    misses = 0
    sure: dict[tuple[object, ...], Design] = {key_of(declared): declared}
    tried, ordered = dict(sure), designs(space)
    for _ in range(MOST_TRIED):
        best = _best(space, sure.values())
        # Each miss asks the approximation for more, so that the search goes on where it promises too much.
        wanted = space.target + (1.0 - space.target) * misses / (misses + CAUTION)
        hopeful = (each for each in first_good(space, ordered, factor, wanted) if key_of(each) not in tried)
        chosen = next(hopeful, None)
        if chosen is None and best is None and len(tried) == 1:
            # The approximation promises nothing: what it thinks best is simulated before that is believed.
            chosen = _most_promising(space, ordered, factor)
        if chosen is None or (best is not None and chosen.cost >= best.cost):
            break
        asked = simulate(chosen, 1)
        tried[key_of(chosen)] = asked
        if asked.probability >= space.target:
            asked = sure[key_of(chosen)] = simulate(chosen, 2)
        misses += asked.probability < space.target
        factor = factor_for(space, chosen, asked.probability)
    best, nearest = _best(space, sure.values()), None
    if best is None:
        affordable = [each for each in tried.values() if space.affords(each)]
        top = max(affordable, key=lambda each: (each.probability, -each.cost), default=None)
        if top is not None:
            nearest = sure.get(key_of(top)) or simulate(top, 2)
            sure[key_of(top)] = nearest
    return Found(cheapest=best, nearest=nearest, tried=tuple((tried | sure).values()))


def _best(space: Space, designs: Iterable[Design]) -> Design | None:
    """Return the cheapest of those that reach the target."""
    good = [each for each in designs if each.probability >= space.target and space.affords(each)]
    return min(good, key=lambda each: (each.cost, -each.probability), default=None)


def key_of(design: Design) -> tuple[object, ...]:
    """Return what tells a design from others."""
    return tuple(sorted(design.seeds.items())), design.levels
