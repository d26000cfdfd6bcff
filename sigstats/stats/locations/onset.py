"""Where a predicted form happens: the onset of a hinge, the gap of a step, a knee, a turning point, a midpoint.

Each form is fitted to the mean curve, and its interval comes from tests that allow for any noise within seeds
(`sigstats.stats.locations.inversion`).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.locations.broken_line import join_advantages, join_candidates, join_contrasts, joins
from sigstats.stats.locations.inversion import BACKING, bounds_from, evidence, fine_grid, scores_of
from sigstats.stats.locations.location import Fit, Location, assembled, average, checked, spread_of
from sigstats.stats.locations.midpoint import middle_bounds, midpoints
from sigstats.stats.locations.step_gap import step_candidates, step_contrasts, steps
from sigstats.stats.locations.turning_point import turn_contrasts, turns

Form = Literal["hinge", "step", "saturating", "peak", "sigmoid"]

Bounds = Callable[[FloatArray, FloatArray, float, float], tuple[float, float]]

# How far beyond the critical value the advantage of the estimate must be for a place to be ruled out as a rounded knee.
# At 1, intervals cover .78 to .87 of the knees of exponential saturation at a nominal .90.
ROUNDED = 1.3
FORMS: tuple[Form, ...] = ("hinge", "peak", "saturating", "sigmoid", "step")
FITS: dict[Form, Fit] = {
    "hinge": joins, "peak": turns, "saturating": joins, "sigmoid": midpoints, "step": steps,
}  # fmt: skip
NAMES: dict[Form, str] = {
    "hinge": "onset", "peak": "turn", "saturating": "knee", "sigmoid": "midpoint", "step": "onset",
}  # fmt: skip
METHODS: dict[Form, str] = {
    "hinge": "least-squares broken line; inverted t tests of its score over seeds",
    "peak": "largest running mean; inverted t tests of falls and rises over seeds",
    "saturating": "least-squares broken line; inverted t tests of its score and of its fit over seeds",
    "sigmoid": "half-way between low and high end of the mean curve; inverted t tests over seeds",
    "step": "least-squares step; inverted t tests of steps elsewhere over seeds",
}


def location(curves: npt.ArrayLike, x: npt.ArrayLike, *, form: Form, confidence: float) -> Location:
    """Return where the mean curve has its onset, knee, turn or midpoint, with an interval over seeds.

    Notes
    -----
    *What is located.* The form's place in the mean curve over seeds. Where seeds have their onsets in different
    places, the mean curve is rounded, and the place is that of the broken line that fits it best.

    *Assumptions.* Seeds are independent, and their scores roughly normal. For hinge and saturating, the mean curve is a
    broken line; for step, it is flat before and after; for peak, it rises up to the turn and does not rise after it;
    for sigmoid, it is straight between levels, and low and high are the means of the first and of the last sixth of
    them. Noise may be correlated along the levels and may differ between levels. Where every cell is a fresh run, rows
    have no meaning of their own: the runs of each level may be put in any order, and the interval depends on it.

    *What would fool it.* A curve without a bend does not have an onset: the interval is then usually open, but whether
    there is a bend is a question for a test, not for this function. A rounded hinge has its best broken line in a
    place that depends on the range of the levels, and the interval covers it too seldom; for "saturating", rounded
    knees are allowed for by wider intervals. With "peak", a second, lower peak.

    *What it costs.* At 3 seeds intervals are wide, and often open at one end. `docs/explanation/locations.md` shows
    measured coverage and width.

    References
    ----------
    D. V. Hinkley, "Inference in two-phase regression", JASA 66 (1971), https://doi.org/10.1080/01621459.1971.10482337

    V. M. R. Muggeo, "Interval estimation for the breakpoint in segmented regression: a smoothed score-based
    approach", Australian & New Zealand Journal of Statistics 59 (2017), https://doi.org/10.1111/anzs.12200

    D. W. K. Andrews and W. Ploberger, "Optimal tests when a nuisance parameter is present only under the
    alternative", Econometrica 62 (1994), https://doi.org/10.2307/2951753

    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    known = checks.choice("form", form, FORMS)
    level = checks.fraction("confidence", confidence)
    rows, levels = checked(curves, x)
    if known == "saturating":
        rows = -rows
    fit = FITS[known]
    place = float(fit(average(rows)[None, :], levels)[0])
    return assembled(
        NAMES[known],
        place,
        BOUNDS[known](rows, levels, place, level),
        x=levels,
        confidence=level,
        spread=spread_of(rows, levels, fit),
        n_seeds=rows.shape[0],
        method=METHODS[known],
        whole_gap=known in {"step", "peak", "sigmoid"},
    )


def _join_bounds(rows: FloatArray, x: FloatArray, place: float, confidence: float) -> tuple[float, float]:
    candidates, later, earlier = _join_evidence(rows, x, confidence)
    return bounds_from(
        place, x, later=(candidates, later), earlier=(candidates, earlier), backing=(BACKING, BACKING)
    )


def _knee_bounds(rows: FloatArray, x: FloatArray, place: float, confidence: float) -> tuple[float, float]:
    """Return the bounds of a knee, which is rounded as a rule.

    The contrasts are made for a sharp join. A candidate is rejected only where, besides, the broken line at the
    estimate is shown to describe the curves better than the one at the candidate.
    """
    candidates, later, earlier = _join_evidence(rows, x, confidence)
    if np.isnan(place) or not candidates.size:
        return -float("inf"), float("inf")
    better = evidence(join_advantages(rows, x, place, candidates), confidence) / ROUNDED
    return bounds_from(
        place,
        x,
        later=(candidates, np.minimum(later, better)),
        earlier=(candidates, np.minimum(earlier, better)),
        backing=(BACKING, BACKING),
    )


def _join_evidence(
    rows: FloatArray, x: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return candidates, and the evidence that the join lies later or earlier than each."""
    candidates = join_candidates(x, fine_grid(x))
    later, earlier = scores_of(rows, lambda seen: join_contrasts(x[seen], candidates))
    return candidates, evidence(later, confidence), evidence(earlier, confidence)


def _turn_bounds(rows: FloatArray, x: FloatArray, place: float, confidence: float) -> tuple[float, float]:
    """Return the bounds of a turn; beyond a bump the tails may be flat, so nothing is asked of them."""
    later, earlier = scores_of(rows, lambda seen: turn_contrasts(x[seen], x))
    return bounds_from(
        place,
        x,
        later=(x, evidence(later, confidence)),
        earlier=(x, evidence(earlier, confidence)),
        backing=(-float("inf"), -float("inf")),
    )


def _step_bounds(rows: FloatArray, x: FloatArray, place: float, confidence: float) -> tuple[float, float]:
    """Return the bounds of a step.

    A gap that is rejected in favour of later ones gives its upper level as the lower end, and the other way round.
    """
    candidates = step_candidates(x)
    later, earlier = scores_of(rows, lambda seen: step_contrasts(x[seen], candidates))
    return bounds_from(
        place,
        x,
        later=(x, evidence(later, confidence)[:-1]),
        earlier=(x, evidence(earlier, confidence)[1:]),
        backing=(BACKING, BACKING),
    )


BOUNDS: dict[Form, Bounds] = {
    "hinge": _join_bounds,
    "peak": _turn_bounds,
    "saturating": _knee_bounds,
    "sigmoid": middle_bounds,
    "step": _step_bounds,
}
