"""The words of a figure, with their boxes, and which of them stand on each other."""

import itertools

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def words(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return the boxes of all words that are drawn, with what they say."""
    figure.draw_without_rendering()
    beyond = {
        label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in numbers_beyond(axis)
    }
    return [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]


def numbers_beyond(axis):
    """Return the numbers of an axis that are not drawn, as they lie outside what it shows."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if not low - slack <= tick.get_loc() <= high + slack:
            yield from (tick.label1, tick.label2)


def touching(found):
    """Return the words that stand on each other, by more than the edge of their boxes."""
    inner = [(said, Bbox.from_extents(box.x0 + 1, box.y0 + 2, box.x1 - 1, box.y1 - 2)) for said, box in found]
    return [(a, b) for (a, one), (b, other) in itertools.combinations(inner, 2) if one.overlaps(other)]


def outside(figure: Figure, found: list[tuple[str, Bbox]]) -> list[str]:
    """Return the words that leave the figure."""
    whole = figure.bbox.padded(1)
    return [said for said, box in found if not (whole.contains(*box.min) and whole.contains(*box.max))]
