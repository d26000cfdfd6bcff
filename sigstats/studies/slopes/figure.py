"""The figure of slopes: each seed's own slope, and where it lies once it borrows strength from the others."""

from typing import TYPE_CHECKING, Any

from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.row_names import row_names
from sigstats.report.style import FAINT, INK, SOFT, drawable, note
from sigstats.studies.slopes.record import SlopesRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

SCREEN, ROW, GAP, FOOT = 8.0, 0.24, 0.6, 0.75  # inches, but for the gap: in rows
TREATMENT = "#0072b2"
NAME = 9.0  # points
LONGEST_NAME = 72
MOST_SEEDS = 60


def slopes_figure(found: SlopesRecord, claim: str, asked: Layout) -> "Figure":
    """Return the figure: a group of rows for each condition, its mean below its seeds."""
    conditions: Any = found.conditions
    seeds: Any = found.seeds
    counts = [
        min(int((seeds.condition == each.condition).sum()), MOST_SEEDS) for each in conditions.itertuples()
    ]
    rows = sum(counts) + len(counts) * (1 + GAP)
    asked = asked.on(SCREEN)
    with asked.drawing():
        names = row_names(asked, _names(conditions, seeds), points=NAME)
        figure = begin(
            asked, FOOT + max(ROW, names[1]) * rows, padding=(0.08, 0.06), claim=claim, keys=_keys()
        )
        axes = figure.add_subplot()
        axes.set_label("slopes")
        places: list[float] = []
        at = 0.0
        for each in conditions.itertuples():
            own = seeds[seeds.condition == each.condition].head(MOST_SEEDS)
            places += _draw_condition(axes, each, own, at)
            at += len(own) + 1 + GAP
        _finish(axes, found, places, names[0], at - GAP)
        finish(figure, asked)
    return figure


def _names(conditions: Any, seeds: Any) -> list[str]:  # noqa: ANN401 - frames
    """Return the names of the rows: for each condition its seeds, and below them itself."""
    names: list[str] = []
    for condition in conditions["condition"]:
        own = seeds[seeds.condition == condition].head(MOST_SEEDS)
        names += [f"seed {shortened(str(each), LONGEST_NAME)}" for each in own.seed]
        names.append(shortened(str(condition), LONGEST_NAME))
    return names


def _keys() -> "list[Line2D]":
    from matplotlib.lines import Line2D

    looks: list[dict[str, Any]] = [
        {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "label": "seed on its own"},
        {"linewidth": 1.4, "marker": "o", "label": "drawn towards the others, interval"},
        {"linewidth": 3.0, "marker": "D", "label": "mean of the condition, interval"},
    ]
    return [Line2D([], [], color=INK, markersize=6.0, **look) for look in looks]


def _draw_condition(
    axes: "Axes",
    condition: Any,  # noqa: ANN401 - a row of a frame
    seeds: Any,  # noqa: ANN401 - a frame
    top: float,
) -> list[float]:
    """Draw the seeds of a condition and their mean; return where the rows stand."""
    colour = TREATMENT if condition.role == "treatment" else SOFT
    for shift, seed in enumerate(seeds.itertuples()):
        at = top + shift
        axes.plot([seed.low, seed.high], [at, at], color=colour, linewidth=1.4, zorder=2, gid="interval")
        axes.plot([seed.raw, seed.shrunken], [at, at], color=colour, linewidth=0.8, linestyle=":", zorder=1)
        axes.plot(
            [seed.raw], [at], "o", color=colour, markerfacecolor="white", markersize=5.5, zorder=3, gid="raw"
        )
        axes.plot([seed.shrunken], [at], "o", color=colour, markersize=5.5, zorder=4, gid="shrunken")
        said = f"seed {seed.seed}: {seed.raw:.3g} on its own, {seed.shrunken:.3g} with the others"
        note(axes, float(seed.shrunken), at, drawable(f"{condition.condition}, {said}"))
    at = top + len(seeds)
    axes.plot([condition.low, condition.high], [at, at], color=colour, linewidth=3.0, zorder=3)
    axes.plot([condition.shrunken], [at], "D", color=colour, markersize=7.0, zorder=4, gid="mean")
    return [top + shift for shift in range(len(seeds) + 1)]


def _finish(axes: "Axes", found: SlopesRecord, places: list[float], names: list[str], bottom: float) -> None:
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=0)
    for end in () if found.min_effect is None else (-found.min_effect, found.min_effect):
        axes.axvline(end, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(places, names, fontsize=NAME, parse_math=False)
    axes.set_ylim(bottom - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    dashed = "" if found.min_effect is None else "; dashed: min_effect"
    axes.set_xlabel(
        drawable(f"change over the swept range, in {found.estimate.unit}{dashed}"),
        fontsize=9.5,
        parse_math=False,
    )
