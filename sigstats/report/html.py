"""The report as HTML: a page that stands alone, and the part of it that a notebook shows.

Everything is inside the file: styles are inline, figures are images in data URIs, and there is no script.
Every value is escaped by the template engine, after invisible characters have been spelled out.
"""

import base64
import functools
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sigstats.report.numbers import pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words.cards import (
    Adjusted,
    Verdicts,
    adjusted_pvalues,
    adjusted_statement,
    name_of,
)
from sigstats.verdict.words.document import Story, tell

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure


def page(verdict: Decision) -> str:
    """Return the report as one HTML page."""
    return _document([verdict], title=_title(tell(verdict)), overview=[], together="")


def several_page(verdicts: Verdicts, holm: Adjusted) -> str:
    """Return the report of a card as one HTML page: an overview, then every verdict."""
    found = [verdict for _, verdict in verdicts]
    if len(found) == 1:
        return page(found[0])
    adjusted = adjusted_pvalues(verdicts, holm)
    overview = [
        {"name": name_of(signature), "story": tell(verdict), "adjusted": pvalue(p)}
        for (signature, verdict), p in zip(verdicts, adjusted, strict=True)
    ]
    title = f"{len(found)} signatures"
    return _document(found, title=title, overview=overview, together=adjusted_statement(verdicts, holm))


def fragment(verdict: Decision) -> str:
    """Return what a notebook shows: the answer, why, the figure and the table of conditions."""
    template = environment().get_template("fragment.html.j2")
    return template.render(story=tell(verdict), figure=_figure(verdict))


@functools.cache
def environment() -> "Environment":
    """Return the template engine; every template escapes every value."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("sigstats.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _document(
    verdicts: Sequence[Decision], *, title: str, overview: Sequence[Mapping[str, Any]], together: str
) -> str:
    reports = [{"story": tell(verdict), "figure": _figure(verdict)} for verdict in verdicts]
    template = environment().get_template("page.html.j2")
    return template.render(title=title, reports=reports, overview=overview, together=together)


def _title(story: Story) -> str:
    return f"{story.status.upper()}: {story.claim}"


def _figure(verdict: Decision) -> str:
    """Return the figure as a data URI; a vector image in which nothing can run."""
    from sigstats.verdict.figure import figure as figures

    return "data:image/svg+xml;base64," + base64.b64encode(_svg(figures.verdict_figure(verdict))).decode(
        "ascii"
    )


def _svg(figure: "Figure") -> bytes:
    """Return the figure as SVG that is the same for the same verdict."""
    from sigstats.report.style import plain_style

    target = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with plain_style():
        figure.savefig(target, format="svg", metadata=nothing)
    return target.getvalue()
