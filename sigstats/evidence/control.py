"""Treatment against control: is the effect specific, is the control quiet, does it respond?

That the treatment passes a test and the control does not says little: the difference itself must be tested.
With T and C the mean oriented scores of treatments and controls and q the quiet fraction, four differences are
compared with zero: T - C, q T - C, C - q T and C - 0.8 T.
"""

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import SignatureError
from sigstats.evidence.conditions import Condition, Sweep, enough
from sigstats.evidence.contrasts import ControlComparison, shared_seeds, weaker_parts
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.results import ControlEvidence
from sigstats.signature.fields import Bounds
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, beside, chosen, plain, seen_cells, truth
from sigstats.stats.scores.combine import Combination

FloatArray = NDArray[np.float64]

ARTIFACT_FRACTION = 0.8
AT_BOUND = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBound:
    """Whether controls sit at a bound of the metric, and how much of them where the prediction points."""

    sits: bool  # at either bound, half of a control's values or more
    stuck: float  # largest share of a control's values at a bound towards which the prediction points


def compare_sweep(
    table: SweepTable,
    sweep: Sweep,
    setting: LineSetting,
    signature: Signature,
    *others: Sweep,
    largest: tuple[Sweep, ...] = (),
) -> ControlEvidence | None:
    """Compare the treatments of a sweep with its controls; None where they have too few levels in common.

    `largest` holds the same conditions, each scored at the place where it may have most of the shape: so counts a side
    that must be shown to be the smaller one. Empty where no place is sought.
    """
    parts = (sweep, *others)
    if not sweep.controls or sweep.apart or not all(enough(each.conditions) for each in parts):
        return None
    everything = [table.matrix(each.name) for each in sweep.conditions]
    return compare(
        [each.treatments for each in parts],
        [each.controls for each in parts],
        setting,
        largest=largest,
        quiet_fraction=signature.quiet_fraction,
        paired=signature.paired,
        at=at_bound(
            everything[len(sweep.treatments) :],
            everything,
            bounds=signature.bounds,
            ways=(sweep.orientation,) if signature.shape.one_way else (-1, 1),
        ),
    )


def compare(
    treatments: Sequence[Sequence[Condition]],
    controls: Sequence[Sequence[Condition]],
    setting: LineSetting,
    *,
    largest: Sequence[Sweep] = (),
    quiet_fraction: float,
    paired: bool,
    at: AtBound,
) -> ControlEvidence:
    """Compare treatments with controls."""
    alike = zip(treatments, controls, strict=True)
    if paired and not all(shared_seeds(one, other) for one, other in alike):
        raise SignatureError(
            "`paired` is True, but no seed is seen in both treatment and control; pairs need shared seed labels in "
            "the repeated design. Give the paired runs the same label, or leave `paired` False."
        )
    pairs = _every_pair(treatments, controls, setting, paired=paired)
    most_treated, smaller_control, smaller_treatment = treatments, pairs, pairs
    if largest:
        most_treated = [each.treatments for each in largest]
        most_controls = [each.controls for each in largest]
        smaller_control = _every_pair(treatments, most_controls, setting, paired=paired)
        smaller_treatment = _every_pair(most_treated, controls, setting, paired=paired)
    contrasts = {
        name: weaker_parts(smaller_control if weights[0] > 0 else smaller_treatment, name, weights, setting)
        for name, weights in _weights(quiet_fraction).items()
    }
    responds = [contrasts["responds"].pvalue]
    if len(controls[0]) > 1:
        single = [
            _single(most_treated, [part[place] for part in controls], setting, quiet_fraction, paired=paired)
            for place in range(len(controls[0]))
        ]
        responds = _holm([*single, *responds])[:-1]
    weakest = _weakest([row[0].control for row in pairs])
    return ControlEvidence(
        treatment=setting.estimate(_weakest([side.treatment for side in pairs[0]])),
        effect=setting.estimate(weakest),
        pvalue_opposite=plain(np.fmin(1.0, len(pairs) * weakest.pvalue_below())),
        single_responds=tuple(zip((control.name for control in controls[0]), responds, strict=True)),
        at_bound=at.sits,
        stuck_share=at.stuck,
        quiet_fraction=quiet_fraction,
        **contrasts,
    )


def _weakest(sides: Sequence[Combination]) -> Combination:
    """Return the smallest of some sides."""
    return chosen(sides, np.argmin([each.estimate for each in sides], axis=0))


def _every_pair(
    treatments: Sequence[Sequence[Condition]],
    controls: Sequence[Sequence[Condition]],
    setting: LineSetting,
    *,
    paired: bool,
) -> list[list[ControlComparison]]:
    """Return, for every part of the controls, both sides with every part of the treatments."""
    return [
        [ControlComparison.of(one, other, setting, paired=paired) for one in treatments] for other in controls
    ]


def _single(
    treatments: Sequence[Sequence[Condition]],
    control: Sequence[Condition],
    setting: LineSetting,
    quiet_fraction: float,
    *,
    paired: bool,
) -> float:
    """Return the p-value of one control's response; one condition per part of the score."""
    pairs = _every_pair(treatments, [[part] for part in control], setting, paired=paired)
    return weaker_parts(pairs, "responds", (-quiet_fraction, 1.0), setting).pvalue


def _weights(quiet_fraction: float) -> dict[str, tuple[float, float]]:
    return {
        "specific": (1.0, -1.0),
        "quiet": (quiet_fraction, -1.0),
        "responds": (-quiet_fraction, 1.0),
        "artifact": (-ARTIFACT_FRACTION, 1.0),
    }


def _holm(pvalues: list[float]) -> list[float]:
    """Adjust over the single controls and their mean; what could not be tested stays NaN."""
    from sigstats.stats.classical.multiplicity import holm

    values = np.array(np.broadcast_arrays(*pvalues), dtype=float)
    tested = [not agreed(np.isnan(each)) for each in values]
    values[tested] = holm(values[tested])
    return [plain(value) for value in values]


def at_bound(
    controls: Sequence[FloatArray],
    everything: Sequence[FloatArray],
    *,
    bounds: Bounds = None,
    ways: Collection[int] = (-1, 1),
) -> AtBound:
    """Return whether the controls sit at a bound that was declared, or at one that the metric seems to have.

    A control at the floor has room to rise and none to fall: `ways` are the signs of the changes that are predicted.
    """
    if isinstance(bounds, str):
        return AtBound(sits=False, stuck=0.0)
    low, high = _guessed(everything) if bounds is None else bounds
    sits, stuck = np.asarray(False), np.asarray(0.0)
    for part in controls:
        cells = part[..., seen_cells(part)]
        if cells.shape[-1]:
            share = {-1: (cells <= beside(low, 1)).mean(axis=-1), 1: (cells >= beside(high, 1)).mean(axis=-1)}
            sits = sits | (share[-1] + share[1] >= AT_BOUND)
            stuck = np.maximum(stuck, sum(share[way] for way in ways))
    return AtBound(sits=truth(sits), stuck=plain(stuck))


def _guessed(everything: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of a metric that stays within [0, 1], or within [0, 100]; infinite where it does not."""
    cells = [part[..., seen_cells(part)] for part in everything]
    largest = functools.reduce(np.maximum, [each.max(axis=-1, initial=0.0) for each in cells])
    least = functools.reduce(np.minimum, [each.min(axis=-1, initial=0.0) for each in cells])
    free = (least < 0) | (largest > 100)
    high = np.where(largest <= 1, 1.0, 100.0)
    return np.where(free, -np.inf, 0.0), np.where(free, np.inf, high)
