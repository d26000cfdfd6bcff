"""Labels inside a panel go where they cover nothing, once the layout of the figure is known.

Lines and dots are drawn first. Then the layout is computed, every label is measured, and of a few places around what it
names the first that is clear is taken. Distances are in pixels of the figure.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

VALUE, BOUND_NAME, END_NAME = "value", "bound name", "end name"
GAP, RAISED, PAD = 8.0, 9.0, 3.0  # points
LETTERS = 9.5  # points of a value, where gaps are as above
WIDEST, WIDEST_OF_MANY, MANY = 1.6, 1.2, 3
ALONG = (0.0, 1.0, 0.5, 0.25, 0.75)
WEIGHTS = {"mean": 3.0, "seed": 1.0}
OUTSIDE, COVERED, STRUCK = 100.0, 10.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place for a label: what it would cover, and what it would hide there (0 for nothing)."""

    box: "Bbox"
    cost: float


def place_labels(panels: "Iterable[Axes]") -> None:
    """Move the labels of values, of bounds and of conditions to where they are clear of what is drawn."""
    for axes in panels:
        _spread(axes, _labels(axes, END_NAME))
        values, names = _labels(axes, VALUE), _labels(axes, BOUND_NAME)
        if values:
            _widen(axes, values)
            _place_values(axes, values)
        for name in names:
            _place_name(axes, name)


def _spread(axes: "Axes", labels: "Sequence[Annotation]") -> None:
    """Move the names of conditions up or down until none touches another; they keep their order."""
    middles = [float(axes.transData.transform((0.0, text.xy[1]))[1]) for text in labels]
    heights = [_size(text)[1] + _pixels(axes, PAD / 2) for text in labels]
    order = sorted(range(len(labels)), key=lambda at: middles[at])
    floor, ceiling = axes.bbox.y0, axes.bbox.y1
    for at in order:
        middles[at] = max(middles[at], floor + heights[at] / 2)
        floor = middles[at] + heights[at] / 2
    for at in reversed(order):
        middles[at] = min(middles[at], ceiling - heights[at] / 2)
        ceiling = middles[at] - heights[at] / 2
    for text, middle in zip(labels, middles, strict=True):
        text.xy = (text.xy[0], float(axes.transData.inverted().transform((0.0, middle))[1]))


def _labels(axes: "Axes", gid: str) -> "list[Annotation]":
    found: Any = [text for text in axes.texts if text.get_gid() == gid]
    return [text for text in found if math.isfinite(text.xy[0]) and math.isfinite(text.xy[1])]


def _pixels(axes: "Axes", points: float) -> float:
    return points * axes.get_figure(root=True).dpi / 72.0  # type: ignore[union-attr]


def _size(text: "Annotation") -> tuple[float, float]:
    extent = text.get_window_extent()
    return extent.width, extent.height


def _widen(axes: "Axes", labels: "Sequence[Annotation]") -> None:
    """Let the axis go on to the right until every label beside its mean ends within it, as far as columns allow."""
    low, high = axes.get_xlim()
    width, wanted = axes.bbox.width, high
    for text in labels:
        room = _pixels(axes, GAP + PAD) + _size(text)[0]
        if room < width:
            wanted = max(wanted, low + (text.xy[0] - low) * width / (width - room))
    most = WIDEST_OF_MANY if len(labels) >= MANY else WIDEST
    axes.set_xlim(low, min(wanted, low + most * (high - low)))


def _place_values(axes: "Axes", labels: "Sequence[Annotation]") -> None:
    """Place the values one after the other: beside the mean, else above or below its interval."""
    taken = list(_drawn_boxes(axes))
    struck = [np.asarray(line.get_ydata())[0] for line in axes.get_lines() if line.get_gid() == "reference"]
    lines = [float(axes.transData.transform((0.0, at))[1]) for at in struck]
    for text in labels:
        spots = [_weighed(axes, box, taken, lines) for box in _around(axes, text)]
        best = min(spots, key=lambda spot: spot.cost)
        _move(axes, text, best.box)
        taken.append(best.box)


def _around(axes: "Axes", text: "Annotation") -> "list[Bbox]":
    """Return the places around a mean: right of it, a little higher and lower, above and below the interval."""
    from matplotlib.transforms import Bbox

    x, y = axes.transData.transform(text.xy)
    width, height = _size(text)
    size = float(text.get_fontsize()) / LETTERS
    gap, raised = _pixels(axes, GAP * size), _pixels(axes, RAISED * size)
    low, high = _interval_at(axes, text)
    middle = min(max(x - width / 2, axes.bbox.x0), axes.bbox.x1 - width)
    corners = [(x + gap, y - height / 2 + shift) for shift in (0.0, raised, -raised)]
    corners += [(middle, high + gap), (middle, low - gap - height)]
    return [Bbox.from_bounds(left, bottom, width, height) for left, bottom in corners]


def _interval_at(axes: "Axes", text: "Annotation") -> tuple[float, float]:
    """Return the ends of the interval around a mean, or the mean itself where it has none."""
    ends = [text.xy[1]]
    for line in axes.get_lines():
        if line.get_gid() == "interval" and np.isclose(np.asarray(line.get_xdata())[0], text.xy[0]):
            ends.extend(np.asarray(line.get_ydata()))
    low, high = (float(axes.transData.transform((0.0, end))[1]) for end in (min(ends), max(ends)))
    return low, high


def _drawn_boxes(axes: "Axes") -> "Iterable[Bbox]":
    """Yield what dots, means and intervals cover."""
    from matplotlib.transforms import Bbox

    for line in axes.get_lines():
        points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
        if line.get_gid() in ("scores", "estimate"):
            half = _pixels(axes, line.get_markersize() / 2 + 1)
            for x, y in points:
                yield Bbox.from_extents(x - half, y - half, x + half, y + half)
        elif line.get_gid() == "interval":
            half = _pixels(axes, line.get_markersize() / 2)
            (x, bottom), (_, top) = points
            yield Bbox.from_extents(x - half, bottom, x + half, top)


def _weighed(axes: "Axes", box: "Bbox", taken: "Sequence[Bbox]", lines: Sequence[float]) -> Spot:
    cost = OUTSIDE * _leaves(axes, box) + COVERED * box.count_overlaps(taken)
    return Spot(box=box, cost=cost + STRUCK * sum(box.y0 <= at <= box.y1 for at in lines))


def _leaves(axes: "Axes", box: "Bbox") -> bool:
    """Return whether a label would leave its panel, by more than a rounding error."""
    frame = axes.bbox
    inside_x = frame.x0 - 0.5 <= box.x0 and box.x1 <= frame.x1 + 0.5
    return not (inside_x and frame.y0 - 0.5 <= box.y0 and box.y1 <= frame.y1 + 0.5)


def _place_name(axes: "Axes", text: "Annotation") -> None:
    """Place the name of a bound along its line, on either side, where the fewest curves cross it."""
    spots = [_crossed(axes, box) for box in _along(axes, text)]
    best = min(spots, key=lambda spot: spot.cost).box
    text.xy = ((best.x0 - axes.bbox.x0) / axes.bbox.width, text.xy[1])
    _move(axes, text, best)


def _along(axes: "Axes", text: "Annotation") -> "list[Bbox]":
    from matplotlib.transforms import Bbox

    y = axes.transData.transform((axes.get_xlim()[0], text.xy[1]))[1]
    width, height = _size(text)
    pad, room = _pixels(axes, PAD), axes.bbox.width - width
    sides = (y + pad, y - pad - height)
    sides = sides if text.get_verticalalignment() == "bottom" else sides[::-1]
    lefts = [axes.bbox.x0 + pad + share * (room - 2 * pad) for share in ALONG]
    return [Bbox.from_bounds(left, bottom, width, height) for bottom in sides for left in lefts]


def _crossed(axes: "Axes", box: "Bbox") -> Spot:
    cost = OUTSIDE * _leaves(axes, box)
    for line in axes.get_lines():
        path = line.get_path().transformed(line.get_transform())
        if line.get_gid() in WEIGHTS and path.intersects_bbox(box, filled=False):
            cost += WEIGHTS[str(line.get_gid())]
    return Spot(box=box, cost=cost)


def _move(axes: "Axes", text: "Annotation", box: "Bbox") -> None:
    """Let a label cover a box, as an offset in points from what it names."""
    anchor = text.xycoords.transform(text.xy) if hasattr(text.xycoords, "transform") else None  # type: ignore[union-attr]
    x, y = axes.transData.transform(text.xy) if anchor is None else anchor
    scale = _pixels(axes, 1.0)
    text.set_horizontalalignment("left")
    text.set_verticalalignment("bottom")
    text.xyann = ((box.x0 - x) / scale, (box.y0 - y) / scale)
