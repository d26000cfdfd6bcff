"""The figure of a plan: how often the claim is found present, over the seeds, with the cost as colour."""

from typing import TYPE_CHECKING

import numpy as np

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.style import INK, SOFT
from sigstats.studies.planning.record import Design, Prospect
from sigstats.verdict.figure.labels import END_NAME, place_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

SCREEN, HEIGHT = 8.0, 4.2  # inches
COLOURS = "viridis_r"
MOST_LINES = 3


def outlook_figure(prospect: Prospect, *, target: float, asked: Layout) -> "Figure":
    """Return the figure of one signature."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    asked = asked.on(SCREEN)
    with asked.drawing():
        world = prospect.worlds[0].name
        said = f"If all is {world}: how often the claim is found present"
        figure = begin(asked, HEIGHT, padding=(0.08, 0.08), claim=said if world == "as predicted" else world)
        axes = figure.add_subplot()
        lines = _lines(prospect)
        designs = [each for line in lines.values() for each in line] + _simulated(prospect)
        costs = [each.cost for each in designs]
        scale = Normalize(min(costs), max(costs))
        for levels, line in lines.items():
            _draw_line(axes, line, levels, scale)
        _draw_simulated(axes, prospect, scale)
        axes.axhline(target, color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.annotate(
            f"target {target:g}", (1.0, target), xycoords=("axes fraction", "data"), ha="right", va="bottom",
            fontsize=8.5, color=SOFT, xytext=(0, 2), textcoords="offset points",
        )  # fmt: skip
        axes.margins(x=0.28 if asked.narrow else 0.13)
        axes.set_ylim(0.0, 1.03)
        axes.set_xlabel("seeds of all conditions together")
        axes.set_ylabel("probability of present")
        bar = figure.colorbar(ScalarMappable(scale, COLOURS), ax=axes, pad=0.02)
        bar.set_label("cost")
        bar.outline.set_visible(False)
        finish(figure, asked)
        place_labels([axes])
    return figure


def _lines(prospect: Prospect) -> dict[int, list[Design]]:
    """Return the approximated designs by their number of levels: the fewest, those declared, and one between."""
    lines: dict[int, list[Design]] = {}
    for each in prospect.explored:
        if each.error is None:
            lines.setdefault(len(each.levels), []).append(each)
    counts = sorted(lines)
    if len(counts) > MOST_LINES:
        counts = [
            counts[k] for k in np.unique(np.linspace(0, len(counts) - 1, MOST_LINES).round().astype(int))
        ]
    return {count: sorted(lines[count], key=_seeds) for count in counts}


def _simulated(prospect: Prospect) -> list[Design]:
    found = [each for each in prospect.explored if each.error is not None]
    return found + ([] if prospect.cheapest is None else [prospect.cheapest])


def _seeds(design: Design) -> int:
    return sum(design.seeds.values())


def _draw_line(axes: "Axes", line: list[Design], n_levels: int, scale: "Normalize") -> None:
    """Draw designs with as many seeds of each condition, coloured by their cost."""
    import matplotlib as mpl
    from matplotlib.collections import LineCollection

    x = np.array([_seeds(each) for each in line], dtype=float)
    y = np.array([each.probability for each in line])
    cost = np.array([each.cost for each in line])
    if x.size > 1:
        points = np.column_stack([x, y])
        pieces = LineCollection(
            list(np.stack([points[:-1], points[1:]], axis=1)),
            colors=mpl.colormaps[COLOURS](scale((cost[:-1] + cost[1:]) / 2.0)),
            linewidths=2.2,
        )
        axes.add_collection(pieces)
    if n_levels:
        axes.annotate(
            f"{n_levels} levels", (x[0], y[0]), xytext=(-5, 0), textcoords="offset points", ha="right", va="center",
            fontsize=8.5, color=INK, gid=END_NAME,
        )  # fmt: skip
    axes.autoscale_view()


def _draw_simulated(axes: "Axes", prospect: Prospect, scale: "Normalize") -> None:
    """Draw the designs that were simulated with their intervals, and name the declared and the cheapest one."""
    import matplotlib as mpl

    named = {id(prospect.design): "declared"}
    if prospect.cheapest is not None:
        named[id(prospect.cheapest)] = "cheapest"
    last = {(tuple(each.seeds.items()), each.levels): each for each in _simulated(prospect)}
    if prospect.cheapest is not None:
        last[tuple(prospect.cheapest.seeds.items()), prospect.cheapest.levels] = prospect.cheapest
    for each in last.values():
        colour = mpl.colormaps[COLOURS](scale(each.cost))
        name = named.get(id(each), "")
        axes.errorbar(
            _seeds(each), each.probability, yerr=each.error, fmt="o", markersize=7 if name else 5,
            color=colour, markeredgecolor=INK if name else colour, ecolor=SOFT, elinewidth=1.0, zorder=3,
        )  # fmt: skip
        if name:
            counts = " + ".join(str(n) for n in each.seeds.values())
            axes.annotate(
                f"{name}: {counts}", (_seeds(each), each.probability), xytext=(8, -12), textcoords="offset points",
                fontsize=8.5, color=INK, zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
            )  # fmt: skip
