"""Is an effect specific? Two p-values, one below 5 % and one above, do not say so; their difference must be tested.

Many papers claim that a treatment has an effect that the control lacks because a trend is significant in the treatment
and not in the control. But two conditions with the very same effect often differ in this way by chance: if each test
finds the effect half of the time, one finds it and the other does not in half of all tables. Here both rules are asked
of one table, and of tables like it in which treatment and control have the same effect.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import InputError
from sigstats.evidence.conditions import enough, prepare
from sigstats.evidence.control import compare
from sigstats.evidence.gather import frame_of
from sigstats.evidence.lines import mean_effect
from sigstats.shapes import Increasing
from sigstats.signature.signature import Signature
from sigstats.stats.random import stream
from sigstats.stats.scores.combine import Combination
from sigstats.studies.simulation.plan import Plan

STREAM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The effects of treatments and controls, and the p-value of their difference.

    Attributes
    ----------
    treatments, controls : Combination
        Mean oriented linear scores, on the common scale of the sweep.
    pvalue : float
        One-sided p-value of treatments minus controls, as `sigstats.detect` prints it; NaN without variance.
    scale : float
        Units of the metric per unit of the common scale.
    """

    treatments: Combination
    controls: Combination
    pvalue: float
    scale: float

    def here(self, *, shift: float = 0.0, two_sided: bool = False) -> float:
        """Return the p-value of the trend in the treatments, as if each seed had `shift` more of it."""
        return _pvalue(self.treatments, shift, two_sided)

    def there(self, *, shift: float = 0.0, two_sided: bool = False) -> float:
        """Return the p-value of the trend in the controls, as if every seed had `shift` more of it."""
        return _pvalue(self.controls, shift, two_sided)

    def difference(self, *, two_sided: bool = False) -> float:
        """Return the p-value of the difference; where the direction is open, it is doubled as in `sigstats.detect`."""
        return min(1.0, 2.0 * self.pvalue) if two_sided else self.pvalue

    def common_effect(self) -> float:
        """Return the effect of both sides if they had the same: the mean of both estimates, at least 0."""
        return max(0.0, (self.treatments.estimate + self.controls.estimate) / 2.0)

    def found_by_half(self, alpha: float, *, two_sided: bool = False) -> float:
        """Return about the effect that the test of one side finds half of the time."""
        tail = alpha / 2.0 if two_sided else alpha
        critical = [
            float(special.stdtrit(side.df, 1.0 - tail)) * side.se for side in (self.treatments, self.controls)
        ]
        return sum(critical) / 2.0


def _pvalue(side: Combination, shift: float, two_sided: bool) -> float:
    p = side.pvalue_above(-shift)
    return min(1.0, 2.0 * min(p, 1.0 - p)) if two_sided else p


def sides_of(table: SweepTable, signature: Signature) -> Sides | None:
    """Return the effects of treatments and controls of a trend."""
    sweep = prepare(table, signature)
    if not sweep.controls or not (sweep.enough_levels and enough(sweep.arms)):
        return None
    frame = frame_of(table, signature, sweep)
    compared = compare(
        [sweep.treatments],
        [sweep.controls],
        frame,
        quiet_fraction=signature.quiet_fraction,
        paired=signature.paired,
        at_bound=False,
    )
    return Sides(
        treatments=mean_effect(sweep.treatments, sweep.design),
        controls=mean_effect(sweep.controls, sweep.design),
        pvalue=compared.specific.pvalue,
        scale=sweep.scale,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SameEffect:
    """How often an effect is called specific on simulated tables in which treatment and control have the same.

    Attributes
    ----------
    here_not_there : tuple of int
        Tables in which the trend was significant in the treatments and not in the controls, for each effect.
    difference : int
        Tables in which the difference was significant; it does not depend on the effect that both have.
    """

    here_not_there: tuple[int, ...]
    difference: int


def same_effect(
    plan: Plan,
    signature: Signature,
    *,
    effects: tuple[float, ...],
    alpha: float,
    replications: int,
    entropy: int,
) -> SameEffect:
    """Count false claims of specificity on simulated tables.

    Notes
    -----
    A line adds the same number to the score of every seed and nothing else: each table is simulated once, and its
    scores are shifted. A table that cannot be
    analysed (because too many of its cells are missing) supports no claim.
    """
    asked = _asked(signature)
    two_sided = signature.shape.two_sided
    hits, difference = [0] * len(effects), 0
    for replication in range(replications):
        sides = _simulated(plan, asked, stream(entropy, STREAM, replication))
        if sides is None:
            continue
        difference += bool(sides.difference(two_sided=two_sided) <= alpha)
        for at, effect in enumerate(effects):
            shift = effect / sides.scale
            here = sides.here(shift=shift, two_sided=two_sided)
            there = sides.there(shift=shift, two_sided=two_sided)
            hits[at] += bool(here <= alpha < there)
    return SameEffect(here_not_there=tuple(hits), difference=difference)


def _asked(signature: Signature) -> Signature:
    """Return the signature in the terms of a plan: rows are chosen, and the metric is on its scale."""
    return replace(
        signature,
        shape=Increasing(),
        where=None,
        aggregate=None,
        metric_scale="linear",
        knob_scale=signature.shape.knob_scale or signature.knob_scale,
    )


def _simulated(plan: Plan, signature: Signature, rng: np.random.Generator) -> Sides | None:
    try:
        return sides_of(plan.simulate(rng), signature)
    except InputError:
        return None
