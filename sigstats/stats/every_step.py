"""The scores of a step at every gap, for statements that must hold wherever the step is."""

import numpy as np
from numpy.typing import NDArray

from sigstats.stats.splits import line_slope
from sigstats.stats.step import StepScores, step_gaps, step_scores_all

FloatArray = NDArray[np.float64]


def every_step(curves: FloatArray, x: FloatArray) -> StepScores:
    """Score each seed's jump, drifts and gap at every gap that leaves enough levels on both sides.

    Parameters
    ----------
    curves, x : ndarray
        As in `sigstats.stats.step.step_scores`; no leading dimensions.

    Returns
    -------
    StepScores
        Arrays of shape (n_seeds, n_gaps); `split` holds the gaps.

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.array([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]])
    >>> every_step(curves, np.linspace(0, 1, 6)).gap
    array([[1.]])
    """
    gaps = step_gaps(x.size)
    index = np.arange(x.size)
    before = [
        line_slope(curves, x, np.broadcast_to(index <= gap, curves.shape)) * (x[gap] - x[0]) for gap in gaps
    ]
    after = [
        line_slope(curves, x, np.broadcast_to(index > gap, curves.shape)) * (x[-1] - x[gap + 1])
        for gap in gaps
    ]
    return StepScores(
        jump=step_scores_all(curves, x).jump,
        drift_before=np.stack(before, axis=-1),
        drift_after=np.stack(after, axis=-1),
        gap=curves[:, gaps + 1] - curves[:, gaps],
        split=gaps,
    )
