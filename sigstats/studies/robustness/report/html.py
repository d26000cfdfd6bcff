"""The report of a robustness analysis as HTML: a page that stands alone, and the part of it that a notebook shows.

There is no script and no link to anywhere, and every value is escaped.
"""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigstats.report.escaping import visible
from sigstats.report.html import environment
from sigstats.report.style import plain_style
from sigstats.studies.robustness.report.document import tell_robustness
from sigstats.studies.robustness.report.figure import robustness_figure

if TYPE_CHECKING:
    from sigstats.studies.robustness.result import Robustness

DOTS_PER_INCH = 110


def page(results: "Sequence[Robustness]") -> str:
    """Return robustness analyses as one HTML page."""
    reports = [
        {
            "story": tell_robustness(each),
            "figure": _figure(each),
            "name": _name(each),
        }
        for each in results
    ]
    first = tell_robustness(results[0])
    title = f"{first.status.upper()}: {first.claim}" if len(results) == 1 else f"{len(results)} signatures"
    return environment().get_template("robustness.html.j2").render(title=title, reports=reports)


def fragment(robustness: "Robustness") -> str:
    """Return what a notebook shows: the answer, what it hangs on, the verdicts, the figure, and the rest folded."""
    template = environment().get_template("robustness_fragment.html.j2")
    return template.render(
        story=tell_robustness(robustness), figure=_figure(robustness), name=_name(robustness)
    )


def _name(robustness: "Robustness") -> str:
    return visible(robustness.verdict.signature.name or "")


def _figure(robustness: "Robustness") -> str:
    """Return the figure as a data URI: pixels, because thousands of marks make a vector image slow."""
    target = io.BytesIO()
    figure = robustness_figure(robustness)
    with plain_style():
        figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode("ascii")
