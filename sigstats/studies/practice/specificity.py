"""Is an effect specific? Two p-values, one below 5 % and one above, do not show it; their difference must be tested.

Many papers claim that a treatment has an effect that the control lacks because a trend is significant in the treatment
and not in the control. But two conditions with the very same effect often differ in this way by chance: if each test
finds the effect half of the time, one finds it and the other does not in half of all tables. Here both rules are asked
of one table, and of tables like it in which treatment and control have the same effect.
"""

from dataclasses import dataclass, replace

from scipy import special

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import InputError
from sigstats.evidence.conditions import enough, prepare
from sigstats.evidence.control import AtBound, compare
from sigstats.evidence.gather import setting_of
from sigstats.evidence.lines import mean_effect
from sigstats.evidence.scales import knob_scale
from sigstats.shapes import Increasing
from sigstats.signature.signature import Signature
from sigstats.stats.random import stream
from sigstats.stats.scores.combine import Combination
from sigstats.studies.simulation.plan import Plan

STREAM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoGroups:
    """The effects of treatments and controls, and the p-value of their difference."""

    treatments: Combination  # mean oriented linear scores, on the common scale of the sweep
    controls: Combination
    pvalue: float  # one-sided, of treatments minus controls, as in `sigstats.detect`; NaN without variance
    scale: float  # units of the metric per unit of the common scale
    two_sided: bool  # whether the direction is open, so that p-values are doubled as in `sigstats.detect`

    def here(self, shift: float = 0.0) -> float:
        """Return the p-value of the trend in the treatments, as if each seed had `shift` more of it."""
        return self._trend(self.treatments, shift)

    def there(self, shift: float = 0.0) -> float:
        """Return the p-value of the trend in the controls, as if every seed had `shift` more of it."""
        return self._trend(self.controls, shift)

    def difference(self) -> float:
        """Return the p-value of the difference."""
        return min(1.0, 2.0 * self.pvalue) if self.two_sided else self.pvalue

    def common_effect(self) -> float:
        """Return the effect of both groups if they had the same: the mean of both estimates, at least 0."""
        return max(0.0, (self.treatments.estimate + self.controls.estimate) / 2.0)

    def found_by_half(self, alpha: float) -> float:
        """Return about the effect that the test of one group finds half of the time."""
        tail = alpha / 2.0 if self.two_sided else alpha
        return (
            sum(
                float(special.stdtrit(group.df, 1.0 - tail)) * group.se
                for group in (self.treatments, self.controls)
            )
            / 2.0
        )

    def _trend(self, group: Combination, shift: float) -> float:
        p = group.pvalue_above(-shift)
        return min(1.0, 2.0 * min(p, 1.0 - p)) if self.two_sided else p


def two_groups(table: SweepTable, signature: Signature, *, two_sided: bool) -> TwoGroups | None:
    """Return the effects of treatments and controls of a trend; None without controls, or with too few seeds."""
    sweep = prepare(table, signature)
    if not sweep.controls or not (sweep.enough_levels(signature.shape) and enough(sweep.conditions)):
        return None
    compared = compare(
        [sweep.treatments],
        [sweep.controls],
        setting_of(table, signature, sweep),
        quiet_fraction=signature.quiet_fraction,
        paired=signature.paired,
        at=AtBound(sits=False, stuck=0.0),
    )
    return TwoGroups(
        treatments=mean_effect(sweep.treatments, sweep.design),
        controls=mean_effect(sweep.controls, sweep.design),
        pvalue=compared.specific.pvalue,
        scale=sweep.scale,
        two_sided=two_sided,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SameEffect:
    """How often an effect is called specific on simulated tables in which treatment and control have the same."""

    here_not_there: tuple[int, ...]  # significant in the treatments and not in the controls, for each effect
    difference: int  # significantly different, which does not depend on the effect that both have


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
    scores are shifted. A table that cannot be analysed (because too many of its cells are missing) supports no claim.
    """
    asked = _asked(signature)
    hits, difference = [0] * len(effects), 0
    for replication in range(replications):
        try:
            table = plan.simulate(stream(entropy, STREAM, replication))
            groups = two_groups(table, asked, two_sided=signature.shape.two_sided)
        except InputError:
            continue
        if groups is None:
            continue
        difference += bool(groups.difference() <= alpha)
        for at, effect in enumerate(effects):
            shift = effect / groups.scale
            hits[at] += bool(groups.here(shift) <= alpha < groups.there(shift))
    return SameEffect(here_not_there=tuple(hits), difference=difference)


def _asked(signature: Signature) -> Signature:
    """Return the signature in the terms of a plan: rows are chosen, and the metric is on its scale."""
    return replace(
        signature,
        shape=Increasing(),
        where=None,
        aggregate=None,
        item=None,
        levels=None,
        metric_scale="linear",
        min_effect=None,
        bounds=None,
        knob_scale=knob_scale(signature),
    )
