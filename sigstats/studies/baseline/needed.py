"""How many runs or items would resolve an open question."""

from collections.abc import Callable

from sigstats.signature.signature import Signature
from sigstats.stats.comparisons.groups import Split, split, typical_runs
from sigstats.stats.scores.combine import Combination
from sigstats.stats.scores.power import seeds_for_power, t_power
from sigstats.studies.baseline.evidence import Question
from sigstats.studies.baseline.record import Needed

POWER = 0.8
MOST_RUNS = 1000
MOST_ITEMS = 1_000_000


def what_is_needed(
    question: Question, name: str, gain: Combination, margin: float | None, signature: Signature
) -> Needed | None:
    """Return the runs, and the items, at which the declared margin would be found; None without one or a variance."""
    if margin is None or not (margin > 0 and gain.variance > 0 and gain.df > 0):
        return None
    pair = question.pair(name)
    n_runs, n_items = typical_runs(pair, (1.0, -1.0)), pair[0].values.shape[1]
    alpha = signature.alpha / len(question.treatments) if signature.correction != "none" else signature.alpha
    # Two tests must both succeed for equivalence.
    power = 1.0 - (1.0 - POWER) / 2.0 if signature.shape.name == "equivalent" else POWER
    if question.population == "runs":
        ratio = gain.df / max(n_runs - 1.0, 1.0)
        runs = seeds_for_power(margin, gain.variance * n_runs, ratio, alpha=alpha, power=power)
        return Needed(runs=runs, items=None, margin=question.unit.size(margin), power=POWER)
    if question.population == "items":
        items = _first(
            lambda n: t_power(n, margin, gain.variance * n_items, n - 1.0, alpha) >= power, MOST_ITEMS
        )
        return Needed(runs=None, items=items, margin=question.unit.size(margin), power=POWER)
    parts = split(pair, (1.0, -1.0))
    if parts is None:
        return None

    def enough(runs: float, items: float) -> bool:
        variance = parts.variance(runs, items)
        return variance > 0 and t_power(1.0, margin, variance, _df(parts, runs, items), alpha) >= power

    return Needed(
        runs=_first(lambda n: enough(n, n_items), MOST_RUNS),
        items=_first(lambda n: enough(n_runs, n), MOST_ITEMS),
        margin=question.unit.size(margin),
        power=POWER,
    )


def _df(parts: Split, runs: float, items: float) -> float:
    """Return the degrees of freedom to expect, by Satterthwaite's formula."""
    rest = parts.rest / (runs * items)
    by_run, by_item = parts.runs / runs + rest, parts.items / items + rest
    spread = sum(
        variance**2 / df
        for variance, df in (
            (by_run, runs - 1.0),
            (by_item, items - 1.0),
            (rest, (runs - 1.0) * (items - 1.0)),
        )
    )
    return (by_run + by_item - rest) ** 2 / spread


def _first(enough: Callable[[float], bool], most: int) -> int | None:
    """Return the smallest number from 3 on that is enough, as larger ones are; None where none is."""
    if not enough(most):
        return None
    low, high = 2, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
