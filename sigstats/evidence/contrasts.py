"""The two sides of a control comparison, and their weighted differences.

Where the score has several parts, a side is as strong as the weakest of them. Which part that is must not be left to
the data: the smaller of two noisy numbers is too small on average, and a control would seem quiet that is not. So every
part of one side is compared with every part of the other: the larger side must have each of its parts above some part
of the smaller one, with Simes' correction for the choice of that part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import Condition
from sigstats.evidence.lines import LineSetting, mean_effect
from sigstats.evidence.results import ContrastEvidence
from sigstats.stats.blocks import chosen, chosen_number, plain, truth
from sigstats.stats.by_value import by_value
from sigstats.stats.scores.combine import Combination, negligible_to_zero, welch

FloatArray = NDArray[np.float64]


def shared_seeds(treatments: Sequence[Condition], controls: Sequence[Condition]) -> bool:
    """Return whether some seed is seen on both sides."""
    first = np.concatenate([each.ids for each in treatments])
    second = np.concatenate([each.ids for each in controls])
    return bool(np.intersect1d(first, second).size)


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlComparison:
    """Both sides of the comparison, and how each seed moves them."""

    # Mean oriented score of each side.
    treatment: Combination
    control: Combination
    # Each seed's share of them; empty where no seeds are shared.
    treatment_moves: FloatArray
    control_moves: FloatArray
    # Replicates of the smaller side.
    smallest: int
    paired: bool
    # Whether shared seeds move the sides in opposite directions, so that the comparison within seeds counts as well.
    opposed: bool

    @classmethod
    def of(
        cls,
        treatments: Sequence[Condition],
        controls: Sequence[Condition],
        setting: LineSetting,
        *,
        paired: bool,
    ) -> Self:
        """Return both sides."""
        treatment, control = (mean_effect(each, setting.design) for each in (treatments, controls))
        empty = np.empty(0)
        first, second = empty, empty
        opposed = False
        if setting.design == "repeated" and (paired or shared_seeds(treatments, controls)):
            n_ids = 1 + max(int(each.ids.max()) for each in (*treatments, *controls))
            first, second = _moves(treatments, n_ids), _moves(controls, n_ids)
            opposed = truth((first * second).sum(axis=-1) < 0)
        return cls(
            treatment=treatment,
            control=control,
            treatment_moves=first,
            control_moves=second,
            smallest=min(each.n_seeds for each in (*treatments, *controls)),
            paired=paired,
            opposed=opposed,
        )

    def contrast(self, name: str, weights: tuple[float, float], setting: LineSetting) -> ContrastEvidence:
        """Return one weighted difference."""
        unpaired = welch([self.treatment, self.control], weights)
        used, method = unpaired, "Welch t on scores"
        if self.paired:
            used, method = self._within_seeds(weights, unpaired), "t on differences within seeds"
        pvalue = used.pvalue_above()
        if not self.paired and np.any(self.opposed):
            within = self._within_seeds(weights, unpaired)
            other = within.pvalue_above()
            # The comparison that shows less; without a variance there is no p-value, so that nothing is shown.
            weaker = np.asarray(self.opposed & ~(np.isnan(pvalue) | (pvalue >= other)), dtype=np.intp)
            used = chosen((unpaired, within), weaker)
            pvalue = chosen_number(np.array([pvalue, other]), weaker)
            method = "the weaker of Welch t and t within seeds, as shared seeds correlate negatively"
        return ContrastEvidence(
            name=name,
            estimate=setting.measured(used.estimate) if setting.brief else setting.estimate(used),
            se=used.se * setting.scale,
            df=used.df,
            pvalue=plain(pvalue),
            method=method,
            null=_null(weights),
            replicate=setting.replicate,
            n_seeds=used.n_seeds,
        )

    def _within_seeds(self, weights: tuple[float, float], unpaired: Combination) -> Combination:
        moves = weights[0] * self.treatment_moves + weights[1] * self.control_moves
        return Combination(
            estimate=unpaired.estimate,
            variance=negligible_to_zero((moves**2).sum(axis=-1), unpaired.variance),
            df=float(self.smallest - 1),
            n_seeds=self.smallest,
        )


def _moves(conditions: Sequence[Condition], n_ids: int) -> FloatArray:
    """Return each seed's share of the mean over conditions, scaled so that squares add up to its variance."""
    moves = np.zeros((*conditions[0].scores.shape[:-1], n_ids))
    for condition in conditions:
        n = condition.n_seeds
        apart = condition.scores - condition.scores.mean(axis=-1, keepdims=True)
        moves[..., condition.ids] += apart / (len(conditions) * np.sqrt(n * (n - 1.0)))
    return moves


def _null(weights: tuple[float, float]) -> str:
    first, second = ("" if abs(weight) == 1 else f"{abs(weight):g} " for weight in weights)
    sides = (f"{first}treatment", f"{second}control")
    plus, minus = sides if weights[0] > 0 else sides[::-1]
    return f"{plus} - {minus} <= 0, mean oriented scores"


def weaker_parts(
    pairs: Sequence[Sequence[ControlComparison]],
    name: str,
    weights: tuple[float, float],
    setting: LineSetting,
) -> ContrastEvidence:
    """Return one weighted difference of the weakest parts of both sides.

    Notes
    -----
    The weakest part of the larger side is above that of the smaller one when each part of the larger is above some part
    of the smaller: an intersection-union test (Berger 1982) over the parts of the larger side, with the test of Simes
    (1986) over those of the smaller.

    *Assumptions.* The differences over which Simes' test is made are independent or positively dependent (Sarkar 1998):
    they have the larger side's part in common, and the parts of the smaller side should not oppose each other.
    Rise and fall share the turn, first effect and decline the first level, with the same sign.

    References
    ----------
    Berger (1982), https://doi.org/10.1080/00401706.1982.10487790.
    Simes (1986), https://doi.org/10.1093/biomet/73.3.751.
    Sarkar (1998), https://doi.org/10.1214/aos/1028144846.
    """
    rows = [[each.contrast(name, weights, setting) for each in row] for row in pairs]
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    larger = rows if weights[0] < 0 else [[row[at] for row in rows] for at in range(len(rows[0]))]
    found = [_simes(against) for against in larger]
    decides = chosen(found, np.argmax([_unclear(each) for each in found], axis=0))
    return replace(
        decides,
        method=f"{decides.method}, each side by its weaker part (Simes)",
        null=f"{decides.null} of the weaker parts",
    )


def _simes(contrasts: Sequence[ContrastEvidence]) -> ContrastEvidence:
    """Return the clearest comparison, with the p-value of all nulls at once; NaN if none was possible."""
    unclear = np.array([_unclear(each) for each in contrasts])
    clearest = chosen(contrasts, unclear.argmin(axis=0))
    factors = len(contrasts) / np.arange(1.0, len(contrasts) + 1.0)
    pvalue = (np.sort(unclear, axis=0).T * factors).min(axis=-1)
    return replace(clearest, pvalue=plain(np.where(np.isfinite(pvalue), pvalue, np.nan)))


def _unclear(contrast: ContrastEvidence) -> FloatArray:
    """Return the p-value for comparisons; a missing one counts as the least clear."""
    return np.where(np.isnan(contrast.pvalue), np.inf, contrast.pvalue)
