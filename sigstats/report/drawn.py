"""Base class of results with a figure: define `_figure`, and `plot` follows."""

from typing import TYPE_CHECKING

from sigstats.report.reported import Reported

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigstats.report.layout import Layout, Style, WidthName


class Drawn(Reported):
    """A result with reports and a figure."""

    __slots__ = ()

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure as it was asked for."""
        raise NotImplementedError

    def plot(
        self,
        *,
        width: "float | WidthName | None" = None,
        title: bool | str = True,
        style: "Style | None" = None,
    ) -> "Figure":
        """Return the figure of the result.

        Parameters
        ----------
        width : float, {"column", "page", "screen", "slide"} or None
            Width of the figure in inches, or 3.3 for a column, 6.8 for a page, 10.5 for a screen, 13.33 for a slide.
            Each has a layout of its own, with letters that can be read at that size. None chooses one for a screen.
        title : bool or str
            Whether the answer stands above the panels; or words in its place.
        style : str, mapping or None
            Name of a style of Matplotlib, or settings such as ``{"font.family": "serif"}``, on top of the report's own.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it as the result of a cell; save it with ``savefig``.
        """
        from sigstats.report.layout import layout

        return self._figure(layout(width=width, title=title, style=style))
