"""How large a figure is, what is drawn of it, and how it is fitted to its size.

Figures are drawn at one size of letters, on a canvas as wide as their width allows at that size. In the end the whole
canvas is brought to the width that was asked for, with its letters and lines. So a column of a paper, a page and a
slide each have a layout of their own, and letters of a size that can be read there.
"""

import contextlib
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from sigstats.errors import OptionError, unknown_option
from sigstats.report.style import plain_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panels = Literal["both", "curves", "scores"]
Legend = Literal["ends", "above", "none"]
WidthName = Literal["column", "page", "screen", "slide"]
Style = str | Mapping[str, Any]

WIDTHS: dict[str, float] = {"column": 3.3, "page": 6.8, "screen": 10.5, "slide": 13.33}  # inches
MOST_PAPER = 8.5  # inches
NARROWEST, WIDEST = 2.0, 40.0
NARROW_AXES = 4.5  # inches of the caller's axes below which letters are smaller
AXES_SHARE = 0.8  # of a figure, for its only axes
NARROW = 6.0  # inches of canvas below which panels stand above each other
# Width of the figure, and of its letters as a part of those on a screen.
SCALES = ((3.3, 0.74), (6.8, 0.8), (10.5, 1.0), (13.33, 1.5))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a caller asked of a figure."""

    ax: Any = None  # the caller's own axes, or None for a figure of our own
    width: float = WIDTHS["screen"]  # inches
    fixed: bool = False  # whether the caller asked for this width
    panels: Panels = "both"
    title: bool | str = True
    legend: Legend | None = None  # None leaves it to the layout
    style: Style | None = None

    @property
    def scale(self) -> float:
        """Size of letters, as a part of that on a screen."""
        widths, scales = zip(*SCALES, strict=True)
        return float(np.interp(self.width, widths, scales))

    @property
    def for_paper(self) -> bool:
        """Whether the caller asked for a width that a page has."""
        return self.fixed and self.width <= MOST_PAPER

    @property
    def canvas(self) -> float:
        """Inches of canvas, before it is brought to its width."""
        return self.width / self.scale

    @property
    def narrow(self) -> bool:
        """Whether panels stand above each other, and names above the curves."""
        return self.canvas < NARROW

    def on(self, screen: float) -> "Layout":
        """Return the layout with another width on a screen, unless the caller asked for one."""
        return self if self.fixed else dataclasses.replace(self, width=screen)

    @contextlib.contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw with the report's style, and the caller's own on top of it."""
        import matplotlib as mpl

        with plain_style():
            if self.style is not None:
                mpl.rcParams.update(_settings(self.style))
            yield


def layout(
    ax: object = None,
    *,
    width: float | WidthName | None = None,
    panels: Panels = "both",
    title: bool | str = True,
    legend: Legend | bool | None = None,
    style: Style | None = None,
) -> Layout:
    """Return what was asked of a figure, checked."""
    if panels not in get_args(Panels):
        raise OptionError(unknown_option("panels", panels, get_args(Panels)))
    if not isinstance(title, bool | str):
        raise OptionError(f"`title` is {title!r}; it must be True, False or the words themselves.")
    return Layout(
        ax=_axes(ax),
        width=WIDTHS["screen"] if width is None else _inches(width),
        fixed=width is not None,
        panels=panels,
        title=title,
        legend=_legend(legend),
        style=_style(style),
    )


def _axes(ax: Any) -> Any:  # noqa: ANN401 - Axes, which may not be imported here
    if ax is None or hasattr(ax, "transData"):
        return ax
    raise OptionError(
        f"`ax` is a {type(ax).__name__}; it must be one Axes of Matplotlib, or None for a new figure."
    )


def _inches(width: object) -> float:
    if isinstance(width, str):
        if width not in WIDTHS:
            raise OptionError(unknown_option("width", width, WIDTHS))
        return WIDTHS[width]
    if isinstance(width, int | float | np.number) and width is not True and NARROWEST <= width <= WIDEST:
        return float(width)
    raise OptionError(
        f"`width` is {width!r}; it must be inches from {NARROWEST:g} to {WIDEST:g}, or one of {tuple(sorted(WIDTHS))}."
    )


def _legend(legend: object) -> Legend | None:
    if legend is None or legend is True:
        return None
    if legend is False:
        return "none"
    if legend in get_args(Legend):
        return legend  # type: ignore[return-value]
    raise OptionError(unknown_option("legend", legend, get_args(Legend)))


def _style(style: object) -> Style | None:
    if style is None:
        return None
    from matplotlib.style import library

    if isinstance(style, str) and (style in library or style == "default"):
        return style
    if isinstance(style, Mapping):
        return style
    if isinstance(style, str):
        raise OptionError(unknown_option("style", style, library))
    raise OptionError(
        f"`style` is {style!r}; it must be the name of a style of Matplotlib, or settings by name."
    )


def _settings(style: Style) -> Any:  # noqa: ANN401 - settings by name
    from matplotlib.style import library

    return library.get(style, {}) if isinstance(style, str) else style


def brought_to(figure: "Figure", asked: Layout) -> None:
    """Bring a figure that was drawn on a canvas to its width, with letters, lines and marks."""
    scale = asked.scale
    if math.isclose(scale, 1.0):
        return
    width, height = figure.get_size_inches()
    figure.set_size_inches(width * scale, height * scale)
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        pads = {name: engine.get()[name] * scale for name in ("w_pad", "h_pad")}
        engine.set(**pads)
    for artist in figure.findobj():
        _scale_artist(artist, scale)
    for axes in figure.axes:
        _scale_ticks(axes, scale)


def bring_into(axes: "Axes", before: set[Any], asked: Layout) -> None:
    """Bring what was drawn into the caller's axes to their width; letters that the caller made smaller stay so."""
    import matplotlib as mpl

    shown = axes.get_window_extent().width / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    scale = (
        min(dataclasses.replace(asked, width=shown / AXES_SHARE).scale, 1.0) if shown < NARROW_AXES else 1.0
    )
    own = float(axes.xaxis.get_major_ticks(1)[0].label1.get_fontsize())
    usual = float(mpl.rcParams["font.size"])
    scale = min(scale, own / usual)
    left: Any = axes._left_title  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
    for artist in {left, *axes.findobj()} - (before - {left}):
        _scale_artist(artist, scale)
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        axis.label.set_fontsize(min(axis.label.get_fontsize(), usual * scale))
        axes.tick_params(axis=name, labelsize=min(own, usual * scale))  # type: ignore[arg-type]


def _scale_ticks(axes: "Axes", scale: float) -> None:
    """Scale ticks, also those that are made later."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    settings: dict[str, Any] = mpl.rcParams.copy()  # type: ignore[assignment]
    both: tuple[tuple[Literal["x", "y"], Any], ...] = (("x", axes.xaxis), ("y", axes.yaxis))
    for name, axis in both:
        held = axis.get_tick_params()
        size = FontProperties(size=held.get("labelsize", settings[f"{name}tick.labelsize"]))
        length = held.get("length", settings[f"{name}tick.major.size"])
        pad = held.get("pad", settings[f"{name}tick.major.pad"])
        points = size.get_size_in_points() * scale
        axes.tick_params(axis=name, labelsize=points, length=length * scale, pad=pad * scale)
        axis.labelpad *= scale


def _scale_artist(artist: Any, scale: float) -> None:  # noqa: ANN401 - any artist
    from matplotlib.collections import Collection, PathCollection
    from matplotlib.lines import Line2D
    from matplotlib.offsetbox import DrawingArea, PackerBase
    from matplotlib.patches import Patch
    from matplotlib.text import Annotation, Text

    if isinstance(artist, Text):
        artist.set_fontsize(float(artist.get_fontsize()) * scale)
        if isinstance(artist, Annotation) and artist.anncoords == "offset points":
            x, y = artist.xyann
            artist.xyann = (float(x) * scale, float(y) * scale)
    elif isinstance(artist, Line2D):
        artist.set_linewidth(artist.get_linewidth() * scale)
        artist.set_markersize(artist.get_markersize() * scale)
        artist.set_markeredgewidth(artist.get_markeredgewidth() * scale)
    elif isinstance(artist, Patch):
        artist.set_linewidth(artist.get_linewidth() * scale)
    elif isinstance(artist, Collection):
        artist.set_linewidth([each * scale for each in artist.get_linewidth()])  # type: ignore[union-attr]
        if isinstance(artist, PathCollection):
            artist.set_sizes(artist.get_sizes() * scale**2)
    elif isinstance(artist, DrawingArea | PackerBase):
        _scale_box(artist, scale)


def _scale_box(box: Any, scale: float) -> None:  # noqa: ANN401 - a part of a legend
    """Bring the handles of a legend to its letters, with the gaps between them."""
    from matplotlib.lines import Line2D

    if hasattr(box, "sep"):
        box.sep = None if box.sep is None else box.sep * scale
        box.pad = None if box.pad is None else box.pad * scale
        return
    for name in ("width", "height", "xdescent", "ydescent"):
        setattr(box, name, getattr(box, name) * scale)
    for line in box.get_children():
        if isinstance(line, Line2D):
            line.set_data(np.asarray(line.get_xdata()) * scale, np.asarray(line.get_ydata()) * scale)
