"""A comparison of shapes in words: as plain text, and as the part that a notebook shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigstats.report.escaping import shortened, visible
from sigstats.report.html import environment
from sigstats.report.numbers import number

if TYPE_CHECKING:
    from sigstats.studies.comparison.compare import ShapeComparison

LONGEST_NAME = 40
HEADS = ("shape", "error", "se", "more than best", "se", "weight")
NONE = "none of these"
ONE_WAY = ("linear", "power_law", "hinge", "step", "saturating", "sigmoid")
KINDS = {"increasing": ONE_WAY, "decreasing": ONE_WAY, "peak": ("tent",), "valley": ("tent",)}
WARNING = (
    "This describes and selects; it is not a test. A shape that was chosen here must not be tested on the same seeds: "
    "declare it, and run `detect` on new ones."
)
THRESHOLDS = {
    "stays": "On the logit scale no smooth shape predicts better than {name} either: the threshold does not come from "
    "the ends of the metric's range.",
    "vanishes": "On the logit scale {smooth} predicts better than {name}, by {gap} +- {se}: the threshold is there on "
    "the metric's own scale only, and may be an artefact of it.",
    "not there": "On the metric's own scale a line predicts no worse than {name}.",
    "unclear": "On the logit scale {smooth} predicts better than {name}, by {gap} +- {se}: these seeds cannot tell "
    "whether the threshold is more than an artefact of the metric's scale.",
}
TEMPLATE = """\
<div style="max-width: 62rem; line-height: 1.45;">
  <p style="margin: 0 0 .3rem; font-size: 1.1em; overflow-wrap: anywhere;"><strong>{{ story.title }}</strong></p>
  {% for sentence in story.answer %}
  <p style="margin: 0 0 .3rem; overflow-wrap: anywhere;">{{ sentence }}</p>
  {% endfor %}
  {% for part in story.tables %}
  <table style="margin: .5rem 0;">
    <caption style="text-align: left;">{{ part.title }}</caption>
    <thead><tr>{% for head in part.rows[0] %}<th style="text-align: left;">{{ head }}</th>{% endfor %}</tr></thead>
    <tbody>
    {% for row in part.rows[1:] %}
    <tr>{% for cell in row %}<td style="text-align: left;">{{ cell }}</td>{% endfor %}</tr>
    {% endfor %}
    </tbody>
  </table>
  {% endfor %}
  {% for sentence in story.notes %}
  <p style="margin: 0 0 .2rem; opacity: .85; overflow-wrap: anywhere;">{{ sentence }}</p>
  {% endfor %}
</div>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTable:
    """One table of errors.

    Attributes
    ----------
    title : str
        On which scale.
    rows : tuple of tuple of str
        Heads, then one row per shape.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonStory:
    """What there is to say about a comparison of shapes.

    Attributes
    ----------
    title : str
        The question.
    answer : tuple of str
        Sentences: the best shape, the declared one, the logit scale.
    tables : tuple of ComparedTable
        Errors on the metric's own scale and on the logit scale.
    notes : tuple of str
        What the reader must know.
    """

    title: str
    answer: tuple[str, ...]
    tables: tuple[ComparedTable, ...]
    notes: tuple[str, ...]


def tell(found: "ShapeComparison") -> ComparisonStory:
    """Return the words for a comparison of shapes."""
    unit = shortened(found.unit, LONGEST_NAME)
    tables = [ComparedTable(title=f"squared error of a new seed's curve, {unit} squared", rows=_rows(found))]
    if found.on_logit is not None:
        tables.append(ComparedTable(title="the same on the logit scale", rows=_rows(found.on_logit)))
    return ComparisonStory(
        title=f"which shape predicts {unit} over {shortened(found.knob, LONGEST_NAME)} best?",
        answer=tuple(
            sentence for sentence in (_best(found), _declared(found), _threshold(found)) if sentence
        ),
        tables=tuple(tables),
        notes=(*(f"note: {note}" for note in found.notes), WARNING),
    )


def text(story: ComparisonStory) -> str:
    """Return the story as plain text."""
    tables = [[f"{part.title}:", *_columns(part.rows)] for part in story.tables]
    parts = [[story.title, *story.answer], *tables, list(story.notes)]
    return "\n\n".join("\n".join(visible(line) for line in part) for part in parts)


def fragment(story: ComparisonStory) -> str:
    """Return what a notebook shows; every value is escaped."""
    return environment().from_string(TEMPLATE).render(story=story)


def _best(found: "ShapeComparison") -> str:
    size = f"{found.n_seeds} seeds, {found.n_levels} levels"
    others = [name for name in found.close if name != found.best]
    near = f" Within one standard error of it: {', '.join(others)}." if others else ""
    if found.best == NONE:
        return (
            f"Best: none of these shapes ({size}). The free mean curve predicts a new seed better than any of them; "
            f"its weight is {found.none_of_these:.2f}.{near}"
        )
    return f"Best: {found.best} ({size}). The weight of none of these is {found.none_of_these:.2f}.{near}"


def _declared(found: "ShapeComparison") -> str:
    if found.declared is None:
        return ""
    if found.declared == found.best:
        return "That is the declared shape."
    gaps = found.against(found.best)
    at = found.names.index(found.declared)
    told = f"larger by {number(gaps.mean[at])} +- {number(gaps.se[at], digits=2)}"
    near = (
        "no more than one standard error" if found.declared in found.close else "more than one standard error"
    )
    general = found.best.partition(",")[0] in KINDS.get(found.declared, ())
    kind = f" {found.best} may be one kind of {found.declared}." if general else ""
    return f"The declared shape, {found.declared}, has an error that is {told}: {near}.{kind}"


def _threshold(found: "ShapeComparison") -> str:
    """Return what becomes of the threshold on the logit scale."""
    told = found.threshold
    if told is None:
        return ""
    gap, se = number(told.difference), number(told.difference_se, digits=2)
    return THRESHOLDS[told.status].format(name=told.shape, smooth=told.smooth, gap=gap, se=se)


def _rows(found: "ShapeComparison") -> tuple[tuple[str, ...], ...]:
    rows = [
        (
            f"{row['shape']}{' (declared)' if row['shape'] == found.declared else ''}",
            number(row["error"]),
            number(row["se"], digits=2),
            number(row["difference"]),
            number(row["difference_se"], digits=2),
            f"{row['weight']:.2f}",
        )
        for row in found.table.to_dict("records")
    ]
    return (HEADS, *rows)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as lines, padded to columns."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
