"""Treatment against control: is the effect specific, is the control quiet, does it respond?

That the treatment passes a test and the control does not says little: the difference itself must be tested.
With T and C the mean oriented scores of treatments and controls and q the quiet fraction, four differences are
held against zero: T - C, q T - C, C - q T and C - 0.8 T.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import SignatureError
from sigstats.evidence.arms import Arm
from sigstats.evidence.lines import Frame, mean_effect
from sigstats.evidence.results import ContrastEvidence, ControlEvidence
from sigstats.stats.contrast import Combination, combine, correlation, influence, welch
from sigstats.stats.multiplicity import adjust

FloatArray = NDArray[np.float64]

ARTIFACT_FRACTION = 0.8


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
    weights = {
        "specific": (1.0, -1.0),
        "quiet": (quiet_fraction, -1.0),
        "responds": (-quiet_fraction, 1.0),
        "artifact": (-ARTIFACT_FRACTION, 1.0),
    }
    contrasts = {
        name: _contrast(name, treatments, controls, pair, frame, paired=paired) for name, pair in weights.items()
    }
    single = [
        _contrast("responds", treatments, [control], weights["responds"], frame, paired=paired).pvalue
        for control in controls
    ]
    mean = mean_effect(controls, frame.design)
    return ControlEvidence(
        effect=frame.estimate(mean),
        pvalue_opposite=mean.pvalue_below(),
        single_responds=tuple(
            zip((control.condition for control in controls), _holm([*single, contrasts["responds"].pvalue]), strict=False)
        ),
        at_bound=at_bound,
        quiet_fraction=quiet_fraction,
        **contrasts,
    )


def _holm(pvalues: list[float]) -> list[float]:
    """Adjust over the single controls and their mean; what could not be tested stays NaN."""
    values = np.array(pvalues)
    if len(values) == 2:
        return [float(values[0])]
    tested = ~np.isnan(values)
    if tested.any():
        values[tested] = adjust(values[tested], method="holm")
    return [float(value) for value in values[:-1]]


def _share(treatments: Sequence[Arm], controls: Sequence[Arm]) -> bool:
    first = np.concatenate([arm.ids for arm in treatments])
    second = np.concatenate([arm.ids for arm in controls])
    return bool(np.intersect1d(first, second).size)


def _contrast(
    name: str,
    treatments: Sequence[Arm],
    controls: Sequence[Arm],
    weights: tuple[float, float],
    frame: Frame,
    *,
    paired: bool,
) -> ContrastEvidence:
    unpaired = welch([mean_effect(treatments, frame.design), mean_effect(controls, frame.design)], weights)
    used, method = unpaired, "Welch t on scores"
    if paired:
        used, method = _within_seeds(treatments, controls, weights), "t on differences within seeds"
    elif frame.design == "repeated" and _share(treatments, controls) and _correlation(treatments, controls) < 0:
        within = _within_seeds(treatments, controls, weights)
        used = _weaker(unpaired, within)
        method = "the weaker of Welch t and t within seeds, as shared seeds correlate negatively"
    t, c = (f"{abs(weight):g} " if abs(weight) != 1 else "" for weight in weights)
    sides = (f"{t}treatment", f"{c}control")
    plus, minus = sides if weights[0] > 0 else sides[::-1]
    return ContrastEvidence(
        name=name,
        estimate=frame.estimate(used),
        se=used.se * frame.scale,
        df=used.df,
        pvalue=used.pvalue_above(),
        method=method,
        null=f"{plus} - {minus} <= 0, mean oriented scores",
        replicate=frame.replicate,
        n_seeds=used.n_seeds,
    )


def _within_seeds(treatments: Sequence[Arm], controls: Sequence[Arm], weights: tuple[float, float]) -> Combination:
    arms = [*treatments, *controls]
    each = [weights[0] / len(treatments)] * len(treatments) + [weights[1] / len(controls)] * len(controls)
    return combine([arm.scores for arm in arms], [arm.ids for arm in arms], each)


def _weaker(first: Combination, second: Combination) -> Combination:
    """Return the comparison that shows less: the one without variance, else the one with the larger p-value."""
    if not (first.variance > 0 and second.variance > 0):
        return first if not first.variance > 0 else second
    return first if first.pvalue_above() >= second.pvalue_above() else second


def _correlation(treatments: Sequence[Arm], controls: Sequence[Arm]) -> float:
    sides = []
    for arms in (treatments, controls):
        sides.append(influence([a.scores for a in arms], [a.ids for a in arms], [1.0 / len(arms)] * len(arms)))
    (first_ids, first), (second_ids, second) = sides
    shared = np.intersect1d(first_ids, second_ids)
    if shared.size < 2:
        return 0.0
    return correlation(first[np.searchsorted(first_ids, shared)], second[np.searchsorted(second_ids, shared)])


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
    shares = [np.isin(part[~np.isnan(part)], (0.0, top)).mean() for part in controls if (~np.isnan(part)).any()]
    return any(share >= 0.5 for share in shares)
