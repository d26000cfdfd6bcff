"""What figures share: colours, glyphs, the badge with the answer, labels that do not overlap."""

import contextlib
import functools
import math
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.report.escaping import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, FAINT = "#1c1e21", "#5b6168", "#d9dce0"
STATUS_COLOURS = {"present": "#00694f", "partial": "#8a5a00", "absent": "#a3320b", "inconclusive": "#55595f"}
# An idea has statuses of its own.
IDEA_COLOURS = {
    "supported": STATUS_COLOURS["present"],
    "bounded": STATUS_COLOURS["partial"],
    "contradicted": STATUS_COLOURS["absent"],
    "open": STATUS_COLOURS["inconclusive"],
}
# Of many marks beside each other: apart in lightness and shape too, so that they can be told in grey.
MARK_COLOURS = {"present": "#005a44", "partial": "#d8961f", "absent": "#b8400f", "inconclusive": "#9aa0a7"}
MARKERS = {"present": "o", "partial": "s", "absent": "v", "inconclusive": "D"}
HATCHES = {"present": "", "partial": "//", "absent": "xx", "inconclusive": ".."}

_DRAWING = threading.RLock()
_STYLE: dict[str, Any] = {
    "text.usetex": False,
    "svg.hashsalt": "sigstats",  # the same verdict gives the same file
    "svg.fonttype": "path",
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


@contextlib.contextmanager
def plain_style() -> Iterator[None]:
    """Draw with the report's own style; what the user has set is as before afterwards.

    Fonts stay the user's, who may have chosen them for a script. Matplotlib's settings belong to the whole
    process, so one figure is drawn at a time.
    """
    import matplotlib as mpl

    # Beside the largest numbers that can be written, Matplotlib also tries steps between ticks that cannot.
    with _DRAWING, mpl.rc_context(), np.errstate(over="ignore"):
        fonts = {name: mpl.rcParams[name] for name in ("font.family", "font.sans-serif")}
        defaults = {
            name: mpl.rcParamsDefault[name] for name in mpl.rcParams if not name.startswith("backend")
        }
        mpl.rcParams.update(defaults | fonts | _STYLE)  # type: ignore[arg-type]
        yield


def blank_figure(size: tuple[float, float], *, padding: tuple[float, float]) -> "Figure":
    """Return an empty figure that lays itself out: no window, no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=padding[0], h_pad=padding[1])
    figure = _shown_by_notebooks()(figsize=size, layout=engine)
    FigureCanvasAgg(figure)
    return figure


@functools.cache
def _shown_by_notebooks() -> "type[Figure]":
    """Return figures that a notebook shows as the result of a cell, whatever backend is in use."""
    from sigstats.report.picture import ShownFigure

    return ShownFigure


def note(axes: "Axes", x: float, y: float, said: str) -> None:
    """Note what stands at a place, for pages on which a point can be asked."""
    notes = getattr(axes.get_figure(root=True), "notes", None)
    if notes is not None:
        notes.append((axes, x, y, said))


def drawable(text: str) -> str:
    """Return the visible text with what the fonts in use cannot draw replaced by a mark."""
    covered = _covered(_font_files("normal"), _font_files("bold"))
    return "".join(each if ord(each) in covered else "�" for each in visible(text))


def _font_files(weight: str) -> tuple[str, ...]:
    """Return the files of the fonts in use, and of the one that Matplotlib brings."""
    import matplotlib as mpl
    from matplotlib import font_manager

    families: list[str] = []
    params: Any = mpl.rcParams
    for family in params["font.family"]:
        families.extend(params.get(f"font.{family}", [family]))
    return _files_of(tuple(families), weight, len(font_manager.fontManager.ttflist))


@functools.lru_cache(maxsize=8)
def _files_of(families: tuple[str, ...], weight: str, n_known: int) -> tuple[str, ...]:
    """Return the files of fonts; a font that was added since is looked for again."""
    from matplotlib import font_manager

    del n_known
    files: list[str] = []
    for family in ("DejaVu Sans", *families):
        wanted = font_manager.FontProperties(family=family, weight=weight)
        with contextlib.suppress(ValueError):
            files.append(str(font_manager.findfont(wanted, fallback_to_default=False)))
    return tuple(files)


@functools.lru_cache(maxsize=8)
def _covered(normal: tuple[str, ...], bold: tuple[str, ...]) -> frozenset[int]:
    """Return the characters that some font can draw, plain and bold."""
    return _glyphs(normal) & _glyphs(bold)


@functools.lru_cache(maxsize=8)
def _glyphs(files: tuple[str, ...]) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    found: set[int] = set()
    for file in files:
        found.update(FT2Font(file).get_charmap())
    return frozenset(found)


def finite_range(values: Sequence[float]) -> tuple[float, float]:
    """Return the smallest and the largest finite value, or (0, 1) without one."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 1.0)
