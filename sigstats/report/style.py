"""What figures share: colours, glyphs, the badge with the answer, labels that do not overlap."""

import contextlib
import functools
import math
import textwrap
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

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
TITLE_COLUMNS, WHY_COLUMNS = 88, 128

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

    with _DRAWING, mpl.rc_context():
        fonts = {name: mpl.rcParams[name] for name in ("font.family", "font.sans-serif")}
        defaults = {
            name: mpl.rcParamsDefault[name] for name in mpl.rcParams if not name.startswith("backend")
        }
        mpl.rcParams.update(defaults | fonts | _STYLE)  # type: ignore[arg-type]
        yield


def blank_figure(size: tuple[float, float], *, padding: tuple[float, float]) -> "Figure":
    """Return an empty figure that lays itself out: no window, no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=padding[0], h_pad=padding[1])
    figure = Figure(figsize=size, layout=engine, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def draw_answer(axes: "Axes", status: str, claim: str, why: str, heights: tuple[float, float]) -> None:
    """Draw the status as a badge with the claim beside it, and why below, at two heights of the panel."""
    axes.set_axis_off()
    axes.set_label("title")
    colour = {**STATUS_COLOURS, **IDEA_COLOURS}[status]
    badge = axes.text(
        0.004,
        heights[0],
        f" {status.upper()} ",
        transform=axes.transAxes,
        va="top",
        fontsize=15,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": colour},
        parse_math=False,
    )
    said = _two_lines(claim, TITLE_COLUMNS)
    beside = axes.annotate(
        said,
        xy=(1, 0.5),
        xycoords=badge,
        xytext=(12, 0),
        textcoords="offset points",
        va="center",
        fontsize=13 if "\n" not in said else 11.5,
        color=INK,
        annotation_clip=False,
        parse_math=False,
    )
    beside.set_in_layout(False)
    axes.text(
        0.0,
        heights[1],
        _two_lines(why, WHY_COLUMNS),
        transform=axes.transAxes,
        va="top",
        fontsize=9.5,
        color=SOFT,
        parse_math=False,
    )


def _two_lines(said: str, columns: int) -> str:
    return "\n".join(textwrap.wrap(drawable(said), columns, max_lines=2, placeholder=" ..."))


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the wanted ones, at least `gap` apart, in the same order."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    placed: list[float] = []
    for at in order:
        least = placed[-1] + gap if placed else low
        placed.append(max(wanted[at], least))
    for at in range(len(placed) - 1, -1, -1):
        most = placed[at + 1] - gap if at + 1 < len(placed) else high
        placed[at] = min(placed[at], most)
    found = [0.0] * len(wanted)
    for at, position in zip(order, placed, strict=True):
        found[at] = position
    return found


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
