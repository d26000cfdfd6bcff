"""Which shape predicts the curve of a new seed best? A description of the data, beside the verdict, never in its place.

A verdict says whether one shape that was declared beforehand holds. This is another question: which of many shapes
describe the sweep, how far the declared one is behind, and whether any of them is good enough. The free mean curve
takes part as "none of these", so that the best of a bad lot does not win.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sigstats.errors import OptionError
from sigstats.evidence.single import opened
from sigstats.report.drawn import Drawn
from sigstats.signature.keywords import ClaimBesideBounds, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.stats.by_value import by_value
from sigstats.stats.random import generator
from sigstats.studies.comparison.curves import Bounds, Curves, curves_of, logit_curves
from sigstats.studies.comparison.forms import Candidate, candidate_of, taking_part
from sigstats.studies.comparison.record import ComparisonRecord, FloatArray, Status, ThresholdOnLogit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout

THRESHOLDS = ("hinge", "step")
STRAIGHT = ("flat", "linear")
POWERS = ("power_law", "scaling_law")
SMOOTH = ("flat", "linear", "saturating", "convex", "concave", "sigmoid")
# Where predictions are the same, the most specific shape gets the weight.
STARTS = {"increasing": 1e-2, "decreasing": 1e-2, "peak": 1e-3, "valley": 1e-3, "free": 1e-4}
TIE = 1e-9
SMALLEST_SIZE, LARGEST_SIZE = 1e-130, 1e150


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShapeComparison(Drawn, ComparisonRecord):
    """How well each shape predicts the curve of a seed that it has not seen.

    Attributes
    ----------
    names : tuple of str
        The shapes, the simpler ones first; the last one is ``"none of these"``, the free mean curve.
    best : str
        The one with the smallest error; it may be ``"none of these"``.
    declared : str or None
        The shape that was declared; None where there was none.
    weights : mapping of str to float
        Stacking weight of each shape, from 0 to 1 with sum 1: the mixture of predictions that predicts seeds best.
    errors : ndarray, shape (n_seeds, n_shapes)
        Mean squared error of each seed's deviations from its own mean, in squared units of the metric; read-only.
    on_logit : ShapeComparison or None
        The same on the logit scale, where the metric is bounded; None elsewhere.
    threshold : ThresholdOnLogit or None
        Whether a hinge or step, declared or else the best, outlasts the logit scale; None without that scale, without
        one of these, or without a smooth shape beside it.
    knob, unit : str
        Name of the knob; unit of the metric.
    design : str
        ``"repeated"`` or ``"independent"``.
    n_seeds, n_levels : int
        Size of the sweep that was used.
    notes : tuple of str
        What was left out, replaced or assumed, in words.
    """

    def __str__(self) -> str:
        """Return the best shape and the weight of "none of these" as one line."""
        return f"best: {self.best}; weight of none of these: {self.none_of_these:.2f}"

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: how much worse each shape predicts a new seed than the best, and the weights."""
        from sigstats.studies.comparison.figure import shapes_figure

        return shapes_figure(self, str(self), asked)

    def _document(self) -> "Document":
        """Return the comparison in words."""
        from sigstats.studies.comparison.words import tell

        return tell(self)

    def _record(self) -> dict[str, Any]:
        """Return everything by name, and the rows of the table."""
        from sigstats.studies.comparison.words import record

        return record(self)


@takes_claim
def compare_shapes(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    *,
    shapes: Sequence[object] | None = None,
    bounds: Bounds = "auto",
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[ClaimBesideBounds],
) -> ShapeComparison:
    """Compare shapes by how well they predict the curve of a seed that was left out.

    This describes the data and selects among shapes; it tests nothing. To choose the best shape here and then test it
    on the same seeds is a defect: use `detect` with a shape that was declared before the data were seen, or test the
    chosen shape on new seeds.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep.
    signature : Signature, Verdict or None
        The claim, whose shape is the declared one; instead of the keywords below.
    shapes : sequence or None
        What is compared beside the declared shape: names of shapes, ``"hinge"``, ``"step"``, ``"sigmoid"`` or
        ``"tent"``, or objects of `sigstats.shapes`. None means all: flat, linear, power_law (where levels and metric
        are above 0), hinge, step, saturating, convex, concave (both parabolas), sigmoid, tent (two lines that turn),
        and any curve that is increasing, decreasing, a peak or a valley. "none of these", the free mean curve, always
        takes part.
    bounds : (float, float), "auto" or None
        Ends of the metric's range, for the comparison on the logit scale. "auto" takes [0, 1] where all values lie in
        it, and [0, 100] where they also reach 50; None makes no such comparison.
    rng : numpy.random.Generator, int or None
        Deals independent runs into curves; None means a fixed one.
    **claim
        Keywords of `detect`; `shape` is the declared shape, and may be left out.

    Returns
    -------
    ShapeComparison
        Errors, paired differences, weights, and the same on the logit scale.

    Raises
    ------
    OptionError
        With fewer than 3 seeds or levels; if a shape has no form or cannot be fitted at these levels; if the bounds do
        not hold the metric; if the treatments were not seen at the same levels; if the metric has no squares.

    Notes
    -----
    *Errors.* Each seed is left out in turn, every shape is fitted by least squares to the mean curve of the others
    (`sigstats.stats.curves.fit.fit_form`), and the prediction is held against the seed. A seed's own level cannot be
    predicted, so that the error is that of its deviations from its own mean, per degree of freedom. Differences between
    shapes are paired within seeds.

    *Weights.* Stacking: the mixture of the shapes' predictions with the largest log score over seeds that were left
    out. Where no shape is good enough, the free mean curve, which has no bias and more noise, takes the weight. Where
    shapes predict the same, the more specific one takes it.

    *Threshold.* A step or a bend can be made by the scale of a bounded metric. Where a smooth shape (flat, linear,
    saturating, convex, concave, sigmoid) predicts better once the metric is on the logit scale,
    `ShapeComparison.threshold` says so. Noise grows on that scale near the ends of the range.

    *Assumptions.* Seeds are independent, and witnesses of one mean curve. *What would fool it.* Standard errors over
    folds that share seeds are approximate, and rough with 3 seeds. A shape with a few more parameters than the truth
    predicts nearly as well, and often has the smallest error by chance: look at `ShapeComparison.close`, not at the
    best alone. Seeds that differ in the size of their effect hide differences between shapes. In the independent design
    runs are dealt at random into curves.

    References
    ----------
    Y. Yao, A. Vehtari, D. Simpson and A. Gelman, "Using stacking to average Bayesian predictive distributions",
    Bayesian Analysis 13 (2018), https://doi.org/10.1214/17-BA1091

    M. Stone, "Cross-validatory choice and assessment of statistical predictions", Journal of the Royal Statistical
    Society B 36 (1974), https://doi.org/10.1111/j.2517-6161.1974.tb00994.x

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> found = compare_shapes(simulate_sweep(8.0, form="step", n_seeds=8), shape={"name": "threshold", "form": "step"})
    >>> found.best, found.declared, found.none_of_these < 0.2
    ('step, increasing', 'step, increasing', True)
    """
    open_shape = signature is None and claim.get("shape") is None
    signature = claimed(signature, claim)
    table, sweep, frame = opened(data, signature)
    declared = None if open_shape else candidate_of(signature.shape)
    dealing = int(generator(rng).integers(2**62))
    curves = curves_of(sweep, frame, signature, metric=table.metric, dealing=dealing)
    _refuse_sizes_without_squares(curves)
    forms, left_out = taking_part(shapes, declared, curves)
    knob, design = table.knob, sweep.design
    found = _compared(curves, forms, declared, knob=knob, design=design, notes=left_out)
    other, said = logit_curves(table, signature, bounds, dealing=dealing)
    if other is None:
        return replace(found, notes=found.notes + said)
    same = tuple(each for each in forms if each.form not in POWERS)
    taken = declared if declared in same else None
    on_logit = _compared(other, same, taken, knob=knob, design=design, notes=())
    claims = found.best if declared is None or declared.form not in THRESHOLDS else declared.name
    return replace(
        found, on_logit=on_logit, threshold=_threshold(claims, found, on_logit), notes=found.notes + said
    )


def _refuse_sizes_without_squares(curves: Curves) -> None:
    """Refuse a metric so large or so small that squared errors overflow or vanish."""
    if not SMALLEST_SIZE <= curves.scale <= LARGEST_SIZE:
        raise OptionError(
            f"the metric {curves.unit!r} is of size {curves.scale:.0e}, and errors are in its squared unit, which "
            f"numbers cannot hold beyond {SMALLEST_SIZE:.0e} to {LARGEST_SIZE:.0e}. Give the metric in another unit: "
            "multiply it by a power of ten before the table is made."
        )


def _compared(
    curves: Curves,
    forms: tuple[Candidate, ...],
    declared: Candidate | None,
    *,
    knob: str,
    design: str,
    notes: tuple[str, ...],
) -> ShapeComparison:
    from sigstats.stats.curves.held_out import held_out, stacking_weights

    scored = held_out(
        curves.values,
        curves.axis,
        forms=[each.form for each in forms],
        directions=[each.direction for each in forms],
    )
    start = np.array([STARTS.get(each.form, 1.0) for each in forms])
    weights = stacking_weights(scored.log_scores, start=start)
    names = tuple(each.name for each in forms)
    return ShapeComparison(
        names=names,
        best=names[_first_smallest(scored.errors.mean(axis=0))],
        declared=None if declared is None else declared.name,
        weights=dict(zip(names, weights.tolist(), strict=True)),
        errors=scored.errors * curves.scale**2,
        on_logit=None,
        threshold=None,
        knob=knob,
        unit=curves.unit,
        design=design,
        n_seeds=len(curves.values),
        n_levels=curves.levels.size,
        notes=curves.notes + notes,
    )


def _first_smallest(errors: FloatArray) -> int:
    """Return the simplest of the forms with the smallest error, rounding aside."""
    return int(np.flatnonzero(errors <= errors.min() * (1.0 + TIE))[0])


def _threshold(name: str, found: ShapeComparison, on_logit: ShapeComparison) -> ThresholdOnLogit | None:
    """Return what becomes of a hinge or step on the logit scale."""
    smooth = [each for each in on_logit.names if _form(each) in SMOOTH]
    if _form(name) not in THRESHOLDS or not smooth:
        return None
    gaps = on_logit.against(name)
    rival = min((on_logit.names.index(each) for each in smooth), key=lambda at: float(gaps.mean[at]))
    ahead, se = -float(gaps.mean[rival]), float(gaps.se[rival])
    own = found.against(name).mean
    status: Status = "unclear"
    if any(own[found.names.index(each)] <= 0 for each in smooth if _form(each) in STRAIGHT):
        status = "not there"
    elif ahead <= 0:
        status = "stays"
    elif ahead > se:
        status = "vanishes"
    return ThresholdOnLogit(
        status=status, shape=name, smooth=on_logit.names[rival], difference=ahead, difference_se=se
    )


def _form(name: str) -> str:
    """Return the form of a name such as "step, increasing"."""
    return name.partition(",")[0]
