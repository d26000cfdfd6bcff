"""An interval with its estimate: a bar with caps that stand out beside the mark, however short the bar is."""

import math
from typing import TYPE_CHECKING, Any

from sigstats.stats.estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR, CAP, CAP_WIDTH, MARK = 1.8, 1.6, 11.0, 5.5  # points


def draw_interval(
    axes: "Axes",
    at: float,
    estimate: Estimate,
    *,
    colour: str,
    upright: bool = True,
    gid: str = "interval",
    mark: str | None = "o",
    **look: Any,  # noqa: ANN401 - of the mark
) -> None:
    """Draw the interval at a place along the other axis, and the mark of the estimate on it."""
    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        ends = [[at, at], [estimate.low, estimate.high]]
        axes.plot(
            *(ends if upright else ends[::-1]),
            color=colour,
            linewidth=BAR,
            marker="_" if upright else "|",
            markersize=CAP_WIDTH,
            markeredgewidth=CAP,
            gid=gid,
            zorder=4,
        )
    if mark is not None:
        place = ([at], [estimate.value])
        own: dict[str, Any] = {"markersize": MARK, "gid": "estimate", "zorder": 5} | look
        axes.plot(*(place if upright else place[::-1]), marker=mark, color=colour, **own)
