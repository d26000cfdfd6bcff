"""Ticks at the levels of a sweep: a mark at each, and as many of their labels as stand apart, in one notation.

Which labels fit is found out whenever the axis is drawn, so that it also holds in the caller's own axes, whatever
becomes of their size afterwards.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.textpath import TextToPath
from matplotlib.ticker import FixedFormatter, Formatter, LogLocator, MaxNLocator

from sigstats.report.numbers import level
from sigstats.report.style import drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

Span = tuple[float, float]

MOST_LEVELS = 16  # that have a tick each; beyond that the axis has round numbers
GAP = 0.55  # between two labels, as a part of the size of letters
EVEN = 1.3  # ratio of the widest to the narrowest step of levels that count as evenly spaced


def numbers_of(levels: Iterable[float]) -> list[str]:
    """Return levels as the text writes them, all with an exponent where one of them needs it."""
    levels = list(map(float, levels))
    said = [level(each) for each in levels]
    if not any("e" in each for each in said):
        return said
    return [
        text if "e" in text or each == 0 else _with_exponent(each)
        for each, text in zip(levels, said, strict=True)
    ]


def _with_exponent(value: float) -> str:
    mantissa, power = f"{value:.5e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


def tick_levels(
    axes: "Axes", positions: npt.NDArray[np.float64], levels: npt.NDArray[np.float64], *, log: bool = False
) -> None:
    """Put ticks at few levels; leave many to Matplotlib, with numbers as the text writes them."""
    if len(levels) <= MOST_LEVELS:
        tick_words(axes, positions, numbers_of(levels), [_roundness(each) for each in levels])
    elif log:
        axes.xaxis.set_major_locator(LogLocator(numticks=8))
        axes.xaxis.set_major_formatter(RoundNumbers())
        axes.minorticks_off()
    elif np.array_equal(positions, levels):
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(RoundNumbers())
    else:
        some = np.unique(np.linspace(0, len(levels) - 1, MOST_LEVELS).round().astype(int))
        tick_words(axes, positions[some], numbers_of(levels[some]))


def tick_words(
    axes: "Axes", positions: npt.NDArray[np.float64], words: Sequence[str], rank: Sequence[int] = ()
) -> None:
    """Put a tick at each position, with its word where it fits; words of low rank are kept first."""
    axes.set_xticks(positions)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(FittingLabels([drawable(word) for word in words], rank))
    for text in axes.get_xticklabels():
        text.set_parse_math(False)


def _roundness(value: float) -> int:
    """Return how many digits a number has, powers of ten before all others."""
    digits = _with_exponent(value).split("e")[0].lstrip("-")
    return 0 if digits in ("0", "1") else len(digits.replace(".", ""))


class RoundNumbers(Formatter):
    """Numbers as the text writes them, in one notation; those that would touch are left out."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of one place."""
        del pos
        return level(float(x))

    def format_ticks(self, values: Any) -> list[str]:  # noqa: ANN401 - as in Matplotlib
        """Return the labels of ticks."""
        low, high = sorted(self.axis.get_view_interval())  # type: ignore[union-attr]
        said = [
            text if low <= at <= high else "" for at, text in zip(values, numbers_of(values), strict=True)
        ]
        return fitting(self.axis, values, said)


class FittingLabels(FixedFormatter):
    """Given labels, of which those that would touch are left out."""

    def __init__(self, words: Sequence[str], rank: Sequence[int] = ()) -> None:
        super().__init__(words)
        self.words, self.rank = tuple(words), tuple(rank)

    def format_ticks(self, values: Any) -> list[str]:  # noqa: ANN401 - as in Matplotlib
        """Return the labels of ticks."""
        if len(values) != len(self.words):
            return super().format_ticks(values)
        return fitting(self.axis, values, self.words, self.rank)


def fitting(axis: Any, values: Sequence[float], words: Sequence[str], rank: Sequence[int] = ()) -> list[str]:  # noqa: ANN401 - an axis
    """Return labels, empty where they would touch others."""
    spans = {at: span for at, span in enumerate(_spans(axis, values, words)) if words[at]}
    kept = _kept(spans, rank or [0] * len(words))
    return [word if at in kept else "" for at, word in enumerate(words)]


def _kept(spans: dict[int, Span], rank: Sequence[int]) -> set[int]:
    """Return which labels stand apart: all, else every second, third ... of even ones, else the ends and round ones."""
    everyone = list(spans)
    steps = np.abs(np.diff([sum(span) / 2 for span in spans.values()]))
    even = bool(steps.size and steps.max() <= EVEN * steps.min())
    for stride in range(1, len(everyone) if even else 2):
        if _apart([spans[at] for at in everyone[::stride]]):
            return set(everyone[::stride])
    kept: list[int] = []
    for at in [*everyone[-1:], *everyone[:1], *sorted(everyone, key=lambda at: rank[at])]:
        if at not in kept and _apart([spans[each] for each in (*kept, at)]):
            kept.append(at)
    return set(kept)


def _apart(spans: Sequence[Span]) -> bool:
    return all(a[1] <= b[0] for a, b in itertools.pairwise(sorted(spans)))


def _spans(axis: Any, values: Sequence[float], words: Sequence[str]) -> list[Span]:  # noqa: ANN401 - an axis
    """Return from where to where each label reaches along the axis, in pixels, with the gap that it needs."""
    axes = axis.axes
    heights = np.full(len(values), axes.get_ylim()[0])
    places = axes.transData.transform(np.column_stack([values, heights]))[:, 0]
    font = axis.get_major_ticks(1)[0].label1.get_fontproperties()
    pixels = axes.get_figure(root=True).dpi / 72.0
    halves = [pixels * (_width(word, font) + GAP * font.get_size_in_points()) / 2 for word in words]
    return [(float(place) - half, float(place) + half) for place, half in zip(places, halves, strict=True)]


def _width(word: str, font: "FontProperties") -> float:
    """Return how many points wide a label is."""
    measure = TextToPath()
    return max(measure.get_text_width_height_descent(line, font, False)[0] for line in word.split("\n"))
