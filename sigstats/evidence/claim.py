"""What a signature claims about a sweep: the scores by which the claim is tested, and its other clauses."""

import functools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.clauses import (
    clause_evidence,
    context_of,
    refuted_pvalue,
    rescored,
    score_conditions,
)
from sigstats.evidence.conditions import Condition, Sweep, enough
from sigstats.evidence.largest import with_largest
from sigstats.evidence.law import fitted_law
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.location import locate
from sigstats.evidence.near_end import clause_with_ends, near_end
from sigstats.evidence.other_scales import on_other_scales
from sigstats.evidence.parts import Scored
from sigstats.evidence.results import (
    ClauseEvidence,
    IntervalEvidence,
    LawEvidence,
    LocationEvidence,
    NearEndEvidence,
    ScaleEvidence,
)
from sigstats.shapes import Clause
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, plain
from sigstats.stats.scores.combine import Combination

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The claim of one signature on one sweep."""

    # The conditions with their linear scores.
    sweep: Sweep = field(repr=False)
    # The conditions with the scores of the effect: those of the primary clause, or linear ones where it has none.
    main: Sweep = field(repr=False)
    setting: LineSetting
    signature: Signature = field(repr=False)
    # The clauses of each condition, in the order of the conditions.
    scored: tuple[Scored, ...] = field(repr=False)
    # 2 where the data chose the direction.
    sides: int
    # Unit of the metric on its scale.
    metric: str
    # Deals independent runs into curves.
    rng: np.random.Generator = field(repr=False)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses that were scored."""
        return tuple(
            clause
            for clause in self.signature.shape.clauses
            if any(each.has(clause.name) for each in self.scored)
        )

    @property
    def primary(self) -> Clause | None:
        """The primary clause where it was scored; None for trends, which have three lines in its place."""
        return next((clause for clause in self.clauses if clause.kind == "primary"), None)

    @property
    def _treated(self) -> tuple[Scored, ...]:
        return self.scored[: len(self.sweep.treatments)]

    def evidence(self, sweep: Sweep, near: NearEndEvidence | None) -> tuple[ClauseEvidence, ...]:
        """Return the scored clauses, tested in the mean of the treatments."""
        found = (
            clause_evidence(clause, sweep.treatments, self._treated, self._setting_of(clause))
            for clause in self.clauses
        )
        return tuple(clause_with_ends(each, near) for each in found)

    def near_end(self, interval: IntervalEvidence, margin: float | None) -> NearEndEvidence | None:
        """Return whether the shape may stand too near an end, and what is refuted if it does not."""
        anywhere = near_end(self._treated, self.clauses, {})
        if anywhere is None:
            return None
        refuted = [(clause.name, refuted_pvalue(self._treated, clause)) for clause in self.clauses[1:]]
        large = anywhere
        if self.has_splits:
            bounds = {} if margin is None else {self.clauses[0].name: margin}
            large = near_end(self._treated, self.clauses, bounds) or anywhere
            refuted += [("opposite", interval.pvalue_opposite), ("small", interval.pvalue_small)]
        return NearEndEvidence(
            pvalue_start=anywhere.start,
            pvalue_end=anywhere.end,
            pvalue_start_large=large.start,
            pvalue_end_large=large.end,
            refuted=tuple(refuted),
        )

    @property
    def has_splits(self) -> bool:
        """Whether the data choose the place at which the primary clause is scored."""
        clause = self.primary
        return clause is not None and all(
            clause.name in each.scores and each.scores[clause.name].every is not None
            for each in self._treated
        )

    def small_alone(self, condition: Condition, effect: Combination, least: float) -> float:
        """Return the p-value of the effect in one condition being at least so large, wherever its place may be."""
        if self.primary is None or not self.has_splits or condition.role != "treatment":
            return effect.pvalue_below(least)
        own = [self.scored[[each.name for each in self.sweep.conditions].index(condition.name)]]
        inside = refuted_pvalue(own, replace(self.primary, sides=1), bound=least)
        ends = near_end(own, self.clauses, {self.primary.name: least})
        return inside if ends is None else plain(np.maximum(inside, ends.anywhere))

    def _setting_of(self, clause: Clause) -> LineSetting:
        """Return the setting of a clause, whose score may have another unit than the effect."""
        return replace(self.setting, unit=self.metric) if clause.in_metric else self.setting

    def departure(self, sweep: Sweep) -> ClauseEvidence | None:
        """Return the clause by which a control departs from the shape, tested in the controls."""
        name = self.signature.shape.departs_by
        clause = next((each for each in self.clauses if each.name == name), None)
        if clause is None or not sweep.controls or sweep.apart or not enough(sweep.controls):
            return None
        others = self.scored[len(sweep.treatments) :]
        return clause_evidence(clause, sweep.controls, others, self._setting_of(clause))

    def alone(self, condition: Condition) -> tuple[ClauseEvidence, ...]:
        """Return every clause that must be shown, in one condition on its own; none where only the trend must be."""
        at = [each.name for each in self.sweep.conditions].index(condition.name)
        return tuple(
            clause_evidence(clause, [condition], [self.scored[at]], self._setting_of(clause))
            for clause in self.clauses
            if clause.kind != "tolerated"
        )

    def refuted_alone(self, condition: Condition) -> float:
        """Return the smallest p-value of clauses that are only tolerated, in one condition alone, times their number.

        Where the shape may stand near an end, it must be excluded there as well. NaN where no such clause has scores.
        """
        own = [self.scored[[each.name for each in self.sweep.conditions].index(condition.name)]]
        tolerated = [clause for clause in self.clauses if clause.kind == "tolerated"]
        found = [clause_evidence(each, [condition], own, self._setting_of(each)) for each in tolerated]
        known = [each.pvalue_refuted for each in found if not agreed(np.isnan(each.pvalue_refuted))]
        if not known:
            return float("nan")
        ends = near_end(own, self.clauses, {})
        least = np.minimum(len(found) * functools.reduce(np.minimum, known), 1.0)
        return plain(least if ends is None else np.maximum(least, ends.anywhere))

    @property
    def seeks_control(self) -> bool:
        """Whether the data choose the place at which a control is compared."""
        found = [each.scores["control"] for each in self.scored if "control" in each.scores]
        return any(each.every is not None for each in found)

    def for_control(self, sweep: Sweep, *, largest: bool) -> tuple[Sweep, ...]:
        """Return the conditions with the scores by which treatment and control are compared, once for each part.

        Where the data choose a place, the scores are those at it, or those where each condition may have most.
        """
        if not all(each.has("control") for each in self.scored):
            return (self.main,)
        n = len(sweep.treatments)
        scored = self.scored
        if largest:
            scored = (*with_largest(scored[:n], "control"), *with_largest(scored[n:], "control"))
        parts = [
            rescored(sweep.conditions, scored, "control", part=part)
            for part in range(self.scored[0].n_parts("control"))
        ]
        return tuple(
            replace(sweep, treatments=conditions[:n], controls=conditions[n:]) for conditions in parts
        )

    def bounded(self, interval: IntervalEvidence, margin: float | None) -> IntervalEvidence:
        """Return the interval with p-values that hold at every split which the data could have chosen."""
        clause = self.primary
        if clause is None or not self.has_splits:
            return interval
        one = replace(clause, sides=1)
        small = interval.pvalue_small if margin is None else refuted_pvalue(self._treated, one, bound=margin)
        return replace(
            interval,
            pvalue_small=small,
            pvalue_opposite=refuted_pvalue(self._treated, one),
            method="t on scores, one per seed, at the split that the other seeds show; simulated critical value",
        )

    def location(self, sweep: Sweep) -> LocationEvidence | None:
        """Return where the shape has its onset, knee, turn or midpoint, if it has one."""
        form = self.signature.shape.located_as
        return None if form is None else locate(sweep, self.setting, self.signature, form=form, rng=self.rng)

    def other_scales(self, sweep: Sweep) -> tuple[ScaleEvidence, ...]:
        """Return whether the curve is steepest in the middle on other scales of the metric, if that is claimed."""
        name = self.signature.shape.steep_clause
        if name is None or not any(each.name == name for each in self.clauses):
            return ()
        metric = self.signature.metric or self.metric
        return on_other_scales(sweep, self.setting, self.signature, metric, self.rng)

    def law(self, sweep: Sweep) -> LawEvidence | None:
        """Return floor and exponent of every condition, if the shape claims such a law."""
        shape = self.signature.shape
        if not shape.fits_law or not self.clauses:
            return None
        return fitted_law(sweep, self.setting, shape, self.rng)

    def asked_power(
        self, interval: IntervalEvidence, effect: Combination
    ) -> tuple[float, float, float] | None:
        """Return the score at which power is asked for, the variance of one seed, and degrees of freedom per seed."""
        target = self.signature.shape.target(context_of(self.sweep, self.signature))
        if target is None:
            if interval.margin is None:
                return None
            target = interval.margin / self.sweep.scale
        variance = effect.variance * effect.n_seeds
        if (
            self.primary is not None
            and self.signature.shape.target(context_of(self.sweep, self.signature)) is not None
        ):
            variance = self._clause_variance()
        return target, variance, effect.df / max(effect.n_seeds - 1, 1)

    def _clause_variance(self) -> float:
        """Return the largest variance of one seed's score over the parts of the primary clause."""
        if self.primary is None:
            return float("nan")
        found = [_largest_variance(each, self.primary.name) for each in self._treated]
        return sum(found) / len(found) ** 2


def _largest_variance(scored: Scored, name: str) -> float:
    """Return the largest variance of one seed's score over the parts of a clause that have one; else NaN."""
    if name in scored.scores:
        parts = scored.scores[name].parts
        known = parts[:, (~np.isnan(parts)).sum(axis=0) >= 2]
        return float(np.nanvar(known, axis=0, ddof=1).max()) if known.size else float("nan")
    spreads = [part.variance * part.n_seeds for part in scored.contrasts[name]]
    return max((each for each in spreads if not np.isnan(each)), default=float("nan"))


def make_claim(
    sweep: Sweep, setting: LineSetting, signature: Signature, metric: str, rng: np.random.Generator
) -> Claim:
    """Score the clauses of a signature's shape."""
    shape = signature.shape
    nothing = Scored(ids=np.empty(0, dtype=np.intp), scores={}, contrasts={})
    usable = sweep.enough_levels(shape) and all(each.n_seeds for each in sweep.conditions)
    scored = (
        score_conditions(sweep.conditions, sweep, signature, rng)
        if usable
        else (nothing,) * len(sweep.conditions)
    )
    main = sweep
    if shape.sized and not shape.is_trend:
        # Where nothing could be scored there is no effect; the change of a line must not be taken for one.
        conditions = rescored(sweep.conditions, scored, shape.primary)
        n = len(sweep.treatments)
        main = replace(sweep, treatments=conditions[:n], controls=conditions[n:])
        if usable and sweep.design == "independent" and not any(each.contrasts for each in scored):
            setting = replace(setting, design="repeated", dealt=True)
    return Claim(
        sweep=sweep,
        main=main,
        setting=setting,
        signature=signature,
        scored=scored,
        sides=2 if shape.two_sided else 1,
        metric=metric,
        rng=rng,
    )
