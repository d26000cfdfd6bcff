"""The figure of a verdict: the curves, the scores, and the answer as its title.

Left, the metric along the knob: one thin line per seed, the level mean as a thick line, with its interval
across seeds as a band. Right, one dot per seed, the mean with its interval beside them, and what that is
held against. Treatments are coloured, controls are grey and dashed.

The figure is a bare `matplotlib.figure.Figure`: no window, no global state.
"""

from typing import TYPE_CHECKING

from sigstats.report.style import blank_figure, draw_answer, plain_style
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.curves import draw_curves
from sigstats.verdict.figure.labels import place_labels
from sigstats.verdict.figure.scores import draw_scores
from sigstats.verdict.words import clauses, controls, names, phrases, sentences
from sigstats.verdict.words.document import brief

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (10.5, 5.4)
TITLE_NAME = 32


def verdict_figure(verdict: Decision) -> "Figure":
    """Return the figure of a verdict."""
    with plain_style():
        figure = blank_figure(SIZE, padding=(0.08, 0.05))
        grid = figure.add_gridspec(2, 2, height_ratios=(0.19, 1), width_ratios=(1.75, 1))
        heading = figure.add_subplot(grid[0, :])
        draw_answer(heading, verdict.status, title(verdict), _detail(verdict), heights=(0.86, 0.22))
        draw_curves(figure.add_subplot(grid[1, 0]), verdict)
        draw_scores(figure.add_subplot(grid[1, 1]), verdict)
        place_labels(figure)
    return figure


def title(verdict: Decision) -> str:
    """Return the claim with the answer in a few words, as it stands beside the status."""
    return f"{names.claim(verdict.signature, width=TITLE_NAME)}: {brief(verdict)}"


def _detail(verdict: Decision) -> str:
    """Return the sentence below the title: why, or the numbers of what was shown."""
    if verdict.reasons:
        return sentences.why(verdict)[0]
    primary = verdict.evidence.primary
    if names.is_sized(verdict) or primary is None:
        size = f"{names.effect_name(verdict)} {phrases.effect(verdict)}"
    else:
        size = clauses.found(verdict, primary)
    said = (size, phrases.located(verdict), controls.change(verdict))
    return "; ".join(part for part in said if part)
