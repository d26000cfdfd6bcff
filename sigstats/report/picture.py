"""A figure that shows itself: as the result of a cell without any backend, and with its values on a page."""

import io
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DOTS_PER_INCH = 100
FINER = 2  # dots for each dot of the page, as on most screens of today


class ShownFigure(Figure):
    """A figure of Matplotlib that brings its picture along."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - those of a figure
        super().__init__(*args, **options)
        self.notes: list[tuple[Axes, float, float, str]] = []
        self.saved_dpi: float | None = (
            None  # dots per inch of pictures in files; None leaves it to Matplotlib
        )

    def savefig(self, fname: Any, **options: Any) -> None:  # noqa: ANN401 - those of a figure
        """Save the figure; a picture for a paper has the dots that print needs, unless the caller says otherwise."""
        if self.saved_dpi is not None and rcParams["savefig.dpi"] == "figure":
            options = {"dpi": self.saved_dpi} | options
        super().savefig(fname, **options)

    def places(self, most: int) -> tuple[tuple[float, float, str], ...]:
        """Return what was noted, with its place as parts of width and height from the upper left corner.

        Beyond `most` there are none: so many could not be gone through with a keyboard.
        """
        if len(self.notes) > most:
            return ()
        parts = self.transFigure.inverted()
        found = [(parts.transform(axes.transData.transform((x, y))), said) for axes, x, y, said in self.notes]
        return tuple((float(at[0]), 1.0 - float(at[1]), said) for at, said in found)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture for a notebook, and the size at which it is shown."""
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=DOTS_PER_INCH * FINER)
        width, height = (round(DOTS_PER_INCH * each) for each in self.get_size_inches())
        return target.getvalue(), {"width": width, "height": height}
