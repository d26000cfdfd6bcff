"""Grid along one standard deviation, suited to where its posterior lies.

The grid is even in a variable w. Near the bulk, log t is linear in w; towards a long tail it runs away
exponentially, so that few points reach far and the density falls off fast in w on both sides.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sigstats.stats.checks import FloatArray

DROP = 20.0  # log density at the box's edge below its peak
_WIDTH = 0.85  # stretch of an axis, in sds of the bulk
_FREE = 4.0  # w at which an axis has arrived at the box's edge, accelerating if need be


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleAxis:
    """Grid along one standard deviation t: log t = center + stretch (w + right (e^w - 1) - left (e^-w - 1))."""

    center: float  # center, stretch: place and width of the bulk on the log scale
    stretch: float
    # left, right: how fast log t runs away on either side, at least 0; 0 where the density falls off
    # fast by itself
    left: float
    right: float
    low: float  # low, step: first w, and the distance between neighbours
    step: float
    size: int  # number of points

    @property
    def w(self) -> FloatArray:
        """Points, shape (size,)."""
        return np.asarray(self.low + self.step * np.arange(self.size), dtype=np.float64)

    @property
    def log_t(self) -> FloatArray:
        """Log standard deviations, shape (size,)."""
        return self.from_w(self.w)

    @property
    def log_weight(self) -> FloatArray:
        """Log of d log t / dw times the step, shape (size,)."""
        return np.asarray(np.log(self.slope(self.w) * self.step))

    def from_w(self, w: FloatArray) -> FloatArray:
        """Return the log standard deviation at each w."""
        return np.asarray(
            self.center + self.stretch * (w + self.right * np.expm1(w) - self.left * np.expm1(-w))
        )

    def slope(self, w: FloatArray) -> FloatArray:
        """Return d log t / dw at each w."""
        return np.asarray(self.stretch * (1.0 + self.right * np.exp(w) + self.left * np.exp(-w)))

    def to_w(self, log_t: FloatArray) -> FloatArray:
        """Return the w of each log standard deviation; beyond the grid, a w just outside it."""
        table = self.low + self.step * np.linspace(-2.0, self.size + 1.0, 8 * self.size)
        known = self.from_w(table)
        w = np.interp(log_t, known, table)
        inside = np.clip(log_t, known[0], known[-1])
        for _ in range(4):
            w = w - (self.from_w(w) - inside) / self.slope(w)
        return np.asarray(w)


def with_moments(axis: ScaleAxis, marginal: FloatArray, moments: int) -> FloatArray:
    """Return the marginal, weighted by 1 + t ** moments over its mean."""
    return np.asarray(marginal + moment_mass(axis, marginal, moments))


def moment_mass(axis: ScaleAxis, marginal: FloatArray, moments: int) -> FloatArray:
    """Return the part that each point of a marginal has in its mean of t ** moments."""
    with np.errstate(divide="ignore"):
        height = moments * axis.log_t + np.log(marginal)
    part = np.exp(height - height.max())
    return np.asarray(part / part.sum())


def fitted(coarse: ScaleAxis, marginal: FloatArray, moments: int, step: float) -> ScaleAxis:
    """Return the axis that suits a coarse marginal: centred at its peak, as wide, as far-reaching."""
    with np.errstate(divide="ignore"):
        height = np.log(marginal) - coarse.log_weight
        reach = np.log(with_moments(coarse, marginal, moments)) - coarse.log_weight
    center, width = _peak(coarse.log_t, height)
    inside = np.flatnonzero(reach > reach.max() - DROP)
    low = _crossing(coarse.log_t, reach - reach.max() + DROP, int(inside[0]), -1)
    high = _crossing(coarse.log_t, reach - reach.max() + DROP, int(inside[-1]), 1)
    stretch = min(max(_WIDTH * width, (high - low) / 60.0), 2.0)
    left, right = _acceleration((center - low) / stretch), _acceleration((high - center) / stretch)
    axis = ScaleAxis(center=center, stretch=stretch, left=left, right=right, low=-10.0, step=0.1, size=201)
    first, last = axis.to_w(np.array([low, high]))
    size = math.ceil((last - first) / step) + 1
    return replace(axis, low=float(first), step=float(last - first) / (size - 1), size=size)


def _acceleration(reach: float) -> float:
    """Return the coefficient with which w = _FREE arrives at a reach, 0 where it arrives without."""
    return max(0.0, (reach - _FREE) / math.expm1(_FREE))


def _peak(log_t: FloatArray, height: FloatArray) -> tuple[float, float]:
    """Return place and sd of the parabola through the highest point and its neighbours."""
    top = min(max(int(np.argmax(height)), 1), height.size - 2)
    x, near = log_t[top - 1 : top + 2] - log_t[top], height[top - 1 : top + 2]
    if not np.all(np.isfinite(near)):
        return float(log_t[top]), 0.5 * float(x[2] - x[0])
    y = near - near[1]
    bend = (y[0] / x[0] - y[2] / x[2]) / (x[0] - x[2])
    if not bend < 0.0:
        return float(log_t[top]), 0.5 * float(x[2] - x[0])
    shift = -0.5 * (y[0] / x[0] - bend * x[0]) / bend
    return float(log_t[top] + min(max(shift, x[0]), x[2])), math.sqrt(-0.5 / bend)


def _crossing(log_t: FloatArray, height: FloatArray, last: int, side: int) -> float:
    """Return where a profile falls through 0 between its last point above 0 and the next one."""
    beyond = last + side
    if not 0 <= beyond < log_t.size:
        return float(log_t[last])
    outer = max(float(height[beyond]), -3.0 * DROP)
    share = float(height[last]) / (float(height[last]) - outer)
    return float(log_t[last] + share * (log_t[beyond] - log_t[last]))
