"""Treatment against control: is the effect specific, is the control quiet, does it respond?

That the treatment passes a test and the control does not says little: the difference itself must be tested.
With T and C the mean oriented scores of treatments and controls and q the quiet fraction, four differences are
held against zero: T - C, q T - C, C - q T and C - 0.8 T.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import SignatureError
from sigstats.evidence.arms import Arm, Sweep, enough
from sigstats.evidence.lines import Frame, mean_effect
from sigstats.evidence.results import ContrastEvidence, ControlEvidence
from sigstats.signature import Signature
from sigstats.stats.contrast import Combination, negligible_to_zero, welch
from sigstats.table import SweepTable

FloatArray = NDArray[np.float64]

ARTIFACT_FRACTION = 0.8


def compare_sweep(
    table: SweepTable, sweep: Sweep, frame: Frame, signature: Signature
) -> ControlEvidence | None:
    """Compare the treatments of a sweep with its controls.

    Parameters
    ----------
    table : SweepTable
        The raw metric, which tells whether a control sits at a bound.
    sweep : Sweep
        The arms.
    frame : Frame
        Design, level and scale.
    signature : Signature
        Quiet fraction, and whether to compare within seeds.

    Returns
    -------
    ControlEvidence or None
        None without controls, or where they have too few seeds.
    """
    if not sweep.controls or not enough(sweep.arms):
        return None
    everything = [table.matrix(arm.condition) for arm in sweep.arms]
    return compare(
        sweep.treatments,
        sweep.controls,
        frame,
        quiet_fraction=signature.quiet_fraction,
        paired=signature.paired,
        at_bound=sits_at_bound(everything[len(sweep.treatments) :], everything),
    )


def compare(
    treatments: Sequence[Arm],
    controls: Sequence[Arm],
    frame: Frame,
    *,
    quiet_fraction: float,
    paired: bool,
    at_bound: bool,
) -> ControlEvidence:
    """Compare treatments with controls.

    Parameters
    ----------
    treatments, controls : sequence of Arm
        At least one each, with at least 3 seeds each.
    frame : Frame
        Design, level and scale.
    quiet_fraction : float
        q, in (0, 1).
    paired : bool
        Whether to compare within shared seeds.
    at_bound : bool
        Whether the control sits at the floor or ceiling of a bounded metric.

    Returns
    -------
    ControlEvidence
        The four contrasts, and each control's response on its own.
    """
    if paired and not _share(treatments, controls):
        raise SignatureError(
            "`paired` is True, but no seed is seen in both treatment and control; pairs need shared seed labels in "
            "the repeated design. Give the paired runs the same label, or leave `paired` False."
        )
    sides = _Sides.of(treatments, controls, frame, paired=paired)
    contrasts = {
        name: sides.contrast(name, weights, frame) for name, weights in _weights(quiet_fraction).items()
    }
    responds = [contrasts["responds"].pvalue]
    if len(controls) > 1:
        each = [_Sides.of(treatments, [control], frame, paired=paired) for control in controls]
        single = [side.contrast("responds", (-quiet_fraction, 1.0), frame).pvalue for side in each]
        responds = _holm([*single, *responds])[:-1]
    return ControlEvidence(
        treatment=frame.estimate(sides.treatment),
        effect=frame.estimate(sides.control),
        pvalue_opposite=sides.control.pvalue_below(),
        single_responds=tuple(zip((control.condition for control in controls), responds, strict=True)),
        at_bound=at_bound,
        quiet_fraction=quiet_fraction,
        **contrasts,
    )


def _weights(quiet_fraction: float) -> dict[str, tuple[float, float]]:
    return {
        "specific": (1.0, -1.0),
        "quiet": (quiet_fraction, -1.0),
        "responds": (-quiet_fraction, 1.0),
        "artifact": (-ARTIFACT_FRACTION, 1.0),
    }


def _holm(pvalues: list[float]) -> list[float]:
    """Adjust over the single controls and their mean; what could not be tested stays NaN."""
    from sigstats.stats.multiplicity import adjust

    values = np.array(pvalues)
    tested = ~np.isnan(values)
    if tested.any():
        values[tested] = adjust(values[tested], method="holm")
    return [float(value) for value in values]


def _share(treatments: Sequence[Arm], controls: Sequence[Arm]) -> bool:
    first = np.concatenate([arm.ids for arm in treatments])
    second = np.concatenate([arm.ids for arm in controls])
    return bool(np.intersect1d(first, second).size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Both sides of the comparison, and how each seed moves them."""

    treatment: Combination
    control: Combination
    treatment_moves: FloatArray
    control_moves: FloatArray
    smallest: int
    mode: Literal["welch", "paired", "both"]

    @classmethod
    def of(cls, treatments: Sequence[Arm], controls: Sequence[Arm], frame: Frame, *, paired: bool) -> Self:
        sides = [mean_effect(arms, frame.design) for arms in (treatments, controls)]
        empty = np.empty(0)
        first, second = empty, empty
        mode: Literal["welch", "paired", "both"] = "paired" if paired else "welch"
        if frame.design == "repeated" and (paired or _share(treatments, controls)):
            n_ids = 1 + max(int(arm.ids.max()) for arm in (*treatments, *controls))
            first, second = _moves(treatments, n_ids), _moves(controls, n_ids)
            shared = (first != 0) & (second != 0)
            if not paired and float(first[shared] @ second[shared]) < 0:
                mode = "both"
        return cls(
            treatment=sides[0],
            control=sides[1],
            treatment_moves=first,
            control_moves=second,
            smallest=min(arm.n_seeds for arm in (*treatments, *controls)),
            mode=mode,
        )

    def contrast(self, name: str, weights: tuple[float, float], frame: Frame) -> ContrastEvidence:
        """Return one weighted difference."""
        unpaired = welch([self.treatment, self.control], weights)
        used, method = unpaired, "Welch t on scores"
        if self.mode == "paired":
            used, method = self._within_seeds(weights, unpaired), "t on differences within seeds"
        elif self.mode == "both":
            used = _weaker(unpaired, self._within_seeds(weights, unpaired))
            method = "the weaker of Welch t and t within seeds, as shared seeds correlate negatively"
        return ContrastEvidence(
            name=name,
            estimate=frame.estimate(used),
            se=used.se * frame.scale,
            df=used.df,
            pvalue=used.pvalue_above(),
            method=method,
            null=_null(weights),
            replicate=frame.replicate,
            n_seeds=used.n_seeds,
        )

    def _within_seeds(self, weights: tuple[float, float], unpaired: Combination) -> Combination:
        moves = weights[0] * self.treatment_moves + weights[1] * self.control_moves
        return Combination(
            estimate=unpaired.estimate,
            variance=negligible_to_zero(float((moves**2).sum()), unpaired.variance),
            df=float(self.smallest - 1),
            n_seeds=self.smallest,
        )


def _moves(arms: Sequence[Arm], n_ids: int) -> FloatArray:
    """Return each seed's share of the mean over arms, scaled so that squares add up to its variance."""
    moves = np.zeros(n_ids)
    for arm in arms:
        n = arm.n_seeds
        moves[arm.ids] += (arm.scores - arm.scores.mean()) / (len(arms) * np.sqrt(n * (n - 1.0)))
    return moves


def _null(weights: tuple[float, float]) -> str:
    first, second = ("" if abs(weight) == 1 else f"{abs(weight):g} " for weight in weights)
    sides = (f"{first}treatment", f"{second}control")
    plus, minus = sides if weights[0] > 0 else sides[::-1]
    return f"{plus} - {minus} <= 0, mean oriented scores"


def _weaker(first: Combination, second: Combination) -> Combination:
    """Return the comparison that shows less: the one without variance, else the one with the larger p-value."""
    if not (first.variance > 0 and second.variance > 0):
        return first if not first.variance > 0 else second
    return first if first.pvalue_above() >= second.pvalue_above() else second


def sits_at_bound(controls: Sequence[FloatArray], everything: Sequence[FloatArray]) -> bool:
    """Return whether the controls sit at the floor or ceiling of a metric that looks bounded.

    Parameters
    ----------
    controls : sequence of ndarray
        Raw metric of each control.
    everything : sequence of ndarray
        Raw metric of all arms.

    Returns
    -------
    bool
        True when all values lie within [0, 1] or [0, 100] and at least half of a control's values equal one of
        the two bounds: such a control could not have moved.
    """
    values = np.concatenate([part[~np.isnan(part)] for part in everything])
    largest = float(values.max(initial=0.0))
    if float(values.min(initial=0.0)) < 0 or largest > 100:
        return False
    top = 1.0 if largest <= 1 else 100.0
    shares = [
        np.isin(part[~np.isnan(part)], (0.0, top)).mean() for part in controls if (~np.isnan(part)).any()
    ]
    return any(share >= 0.5 for share in shares)
