"""Words in figures are broken into lines by their measured width, so that none is cut or runs out of its place."""

import itertools
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.report.layout import Layout, brought_to
from sigstats.report.style import drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

MOST_ROUNDS = 4
JOINING = "\u00a0"
BREAKS = "_/-"  # marks after which a word may be broken
SURE = 0.92  # part of a width that lines take at most: letters of other sizes are a little wider or narrower
NAME_SHARE = 0.36  # of the width of a figure, for the names of rows
COLUMN_SHARE = 1.02  # of the distance between two columns, for their names; lines take a little less
LONG_WORD = 1.25  # of the width of a column, for a single word
COLUMNS = "columns"  # an axis whose ticks are names, of which none may be left out
ALLOWED = 1.15  # length of a label, as a part of its axis
PAPER_DPI = 300.0  # at which journals print pictures
EDGE = 2.0  # pixels between words and the edge of a figure
TICK_GAP = 3.0  # pixels between the numbers along an axis


def lines_of(figure: "Figure", said: str, width: float, **font: Any) -> list[str]:  # noqa: ANN401 - of a text
    """Return words in lines of at most so many pixels; a word that is longer than a line is broken."""
    probe = figure.text(0, 0, "", parse_math=False, **font)
    width *= SURE
    try:
        lines: list[str] = []
        # Spaces that should not break a line do so only where what they join is longer than a line.
        words = re.split(r"[ \n\t]+", drawable(said).strip())
        left = [
            part
            for word in words
            for part in (word.split(JOINING) if JOINING in word and _width(probe, word) > width else [word])
        ]
        while left:
            n = _fitting(probe, left, width)
            if n:
                lines.append(" ".join(left[:n]))
                left = left[n:]
            else:
                *pieces, last = _pieces(probe, left[0], width)
                lines += pieces
                # The rest of a broken word begins a line; one that cannot be broken has it for itself.
                left[0] = last
                if not pieces:
                    lines.append(last)
                    del left[0]
        return lines
    finally:
        probe.remove()


def _fitting(probe: "Text", words: list[str], width: float) -> int:
    """Return how many words fit into a line, from the first one on; measured as seldom as it can be."""
    fit, over = 0, len(words) + 1
    guess = len(words)
    while fit < over - 1:
        said = " ".join(words[:guess])
        measured = _width(probe, said)
        if measured <= width:
            fit = guess
        else:
            over = guess
        # So many letters as fit, if all are as wide as these.
        letters, guess = len(said) * width / max(measured, 1.0), 0
        while guess < len(words) and letters >= len(words[guess]):
            letters -= len(words[guess]) + 1
            guess += 1
        guess = min(max(guess, fit + 1), over - 1)
    return fit


def height_of(figure: "Figure", said: str, **font: Any) -> float:  # noqa: ANN401 - of a text
    """Return how many pixels high words are, with their line breaks."""
    probe = figure.text(0, 0, said, parse_math=False, **font)
    try:
        return float(probe.get_window_extent().height)
    finally:
        probe.remove()


def width_of(figure: "Figure", said: str, **font: Any) -> float:  # noqa: ANN401 - of a text
    """Return how many pixels wide a line of words is."""
    probe = figure.text(0, 0, "", parse_math=False, **font)
    try:
        return _width(probe, said)
    finally:
        probe.remove()


def _width(probe: "Text", said: str) -> float:
    probe.set_text(said)
    return float(probe.get_window_extent().width)


def _pieces(probe: "Text", word: str, width: float) -> list[str]:
    """Return a word in pieces that fit, broken after a mark where there is one; one piece where it fits."""
    pieces = [word]
    while len(pieces[-1]) > 1 and _width(probe, pieces[-1]) > width:
        share = width / _width(probe, pieces[-1])
        fits = max(int(len(pieces[-1]) * share), 1)
        at = max(pieces[-1].rfind(mark, 0, fits) for mark in BREAKS) + 1 or fits
        pieces[-1:] = [pieces[-1][:at], pieces[-1][at:]]
    return pieces


def finish(figure: "Figure", asked: Layout) -> None:
    """Bring a figure to its width, and fit its words to what they name."""
    brought_to(figure, asked)
    if asked.for_paper and hasattr(figure, "saved_dpi"):
        figure.saved_dpi = PAPER_DPI
    fit(figure)


def fit(figure: "Figure") -> None:
    """Lay a figure out, and break or thin what is too long for its axes, until nothing moves."""
    engine = figure.get_layout_engine()
    whole: dict[Any, Any] = {}  # words as they were before they were broken
    shown = [axes for axes in figure.axes if axes.get_visible()]
    if engine is not None:
        # Words that are broken about right before the first layout mostly save a second one.
        for axes in shown:
            _fit_words(figure, axes, whole)
    for _ in range(MOST_ROUNDS):
        if engine is not None:
            engine.execute(figure)
        changed = [_fit_axes(figure, axes, whole) for axes in shown]
        if not any(changed):
            return


def _fit_axes(figure: "Figure", axes: "Axes", whole: "dict[Any, Any]") -> bool:
    if _fit_columns(figure, axes, whole):
        return True  # what else there is has more room after that
    changed = _fit_words(figure, axes, whole)
    return _thin(axes) or changed


def fit_into(axes: "Axes") -> None:
    """Break what stands around the caller's axes into lines, and make room where nothing else sees to that."""
    figure: Figure = axes.get_figure(root=True)  # type: ignore[assignment]
    engine = figure.get_layout_engine()
    whole: dict[Any, Any] = {}
    for _ in range(MOST_ROUNDS):
        if engine is not None:
            engine.execute(figure)
        moved = engine is None and _make_room(figure, axes)
        if not (_fit_axes(figure, axes, whole) or moved):
            return


def _make_room(figure: "Figure", axes: "Axes") -> bool:
    """Draw axes in on the sides on which their labels would leave the figure."""
    box = axes.get_tightbbox()
    if box is None or axes.get_figure() is not figure:
        return False
    out = np.array([-box.x0, -box.y0, box.x1 - figure.bbox.width, box.y1 - figure.bbox.height])
    out = np.where(out > 0, out + EDGE, 0.0) / np.tile([figure.bbox.width, figure.bbox.height], 2)
    place = axes.get_position(original=True)
    x0, y0, x1, y1 = place.x0 + out[0], place.y0 + out[1], place.x1 - out[2], place.y1 - out[3]
    if not out.any() or x1 - x0 < place.width / 2 or y1 - y0 < place.height / 2:
        return False
    kept = axes.get_in_layout()
    axes.set_position((x0, y0, x1 - x0, y1 - y0))
    axes.set_in_layout(kept)  # a layout that is asked for later goes on to hold
    return True


def _fit_words(figure: "Figure", axes: "Axes", whole: "dict[Any, Any]") -> bool:
    box = axes.get_window_extent()
    left: Text = axes._left_title  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
    rooms = ((axes.xaxis.label, box.width), (left, box.width), (axes.yaxis.label, box.height))
    changed = [_fit_text(figure, text, room, whole) for text, room in rooms]
    return any(changed)


def _fit_columns(figure: "Figure", axes: "Axes", whole: "dict[Any, Any]") -> bool:
    """Break the names of columns into lines that are as wide as the columns."""
    if axes.xaxis.get_gid() != COLUMNS:
        return False
    labels = axes.get_xticklabels()
    names = whole.setdefault(axes.xaxis, [label.get_text() for label in labels])
    if not names or any(label.get_rotation() for label in labels):
        return False
    low, high = axes.get_xlim()
    room = COLUMN_SHARE * axes.bbox.width / max(abs(high - low), 1.0)
    size = labels[0].get_fontsize()
    # A word that is a little too long is not cut for that.
    parts = re.split(rf"(?<=[{BREAKS}])|\s+", " ".join(names))
    words = [width_of(figure, part, fontsize=size) for part in parts if part]
    room = max(room, min(max(words, default=0.0) / SURE + 1.0, LONG_WORD * room))
    broken = [
        "\n".join(line for part in name.split("\n") for line in lines_of(figure, part, room, fontsize=size))
        for name in names
    ]
    if broken == [label.get_text() for label in labels]:
        return False
    axes.xaxis.set_ticklabels(broken, parse_math=False)
    return True


def _fit_text(figure: "Figure", text: "Text", room: float, whole: "dict[Text, str]") -> bool:
    """Break a label into lines where it is longer than its axis; a break that is there stays."""
    said = whole.setdefault(text, text.get_text())
    if not said or (text.get_parse_math() and "$" in said):
        return False
    font = {"fontsize": text.get_fontsize(), "fontweight": text.get_fontweight()}
    most = figure.bbox.width / 2
    kept = _lines(figure, said, min(room, most), font)
    if any(len(each) > 1 for each in kept):
        longest = max((width_of(figure, word, **font) for word in said.split()), default=0.0)
        if longest > room * SURE * ALLOWED:
            kept = _lines(figure, said, min(longest / (SURE * ALLOWED) + 1.0, most), font)
    broken = "\n".join(itertools.chain.from_iterable(kept))
    if broken == text.get_text():
        return False
    text.set_text(broken)
    return True


def _lines(figure: "Figure", said: str, room: float, font: dict[str, Any]) -> list[list[str]]:
    return [lines_of(figure, part, max(room, 1.0) * ALLOWED, **font) for part in said.split("\n")]


def _thin(axes: "Axes") -> bool:
    """Leave ticks out along the knob until their numbers stand apart."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    from sigstats.report.ticks import FittingLabels, RoundNumbers

    low, high = sorted(axes.get_xlim())
    ticks = axes.xaxis.get_major_ticks()
    places = axes.xaxis.get_majorticklocs()
    shown = [
        tick.label1
        for tick, at in zip(ticks, places, strict=False)
        if low <= at <= high and tick.label1.get_text() and tick.label1.get_visible()
    ]
    settled = axes.xaxis.get_gid() == COLUMNS or any(label.get_rotation() for label in shown)
    # Levels leave out what does not fit by themselves.
    if (
        settled
        or len(shown) < 3
        or isinstance(axes.xaxis.get_major_formatter(), FittingLabels | RoundNumbers)
    ):
        return False
    boxes = [label.get_window_extent() for label in shown]
    if all(a.x1 + TICK_GAP <= b.x0 for a, b in itertools.pairwise(boxes)):
        return False
    locator = axes.xaxis.get_major_locator()
    if isinstance(locator, FixedLocator):
        labels = [label.get_text() for label in axes.get_xticklabels()]
        kept = np.unique(np.linspace(0, len(places) - 1, max(len(places) // 2 + 1, 2)).round().astype(int))
        if len(kept) == len(places):
            return False
        axes.set_xticks([places[at] for at in kept], [labels[at] for at in kept])
        return True
    if isinstance(locator, MaxNLocator):
        axes.xaxis.set_major_locator(MaxNLocator(max(len(shown) - 2, 2), steps=[1, 2, 2.5, 5, 10]))
        return True
    return False
