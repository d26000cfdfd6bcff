"""The report of a robustness analysis as an HTML page that stands alone: no script, no link, every value escaped."""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigstats.report.drawing import plain_style
from sigstats.report.escaping import visible
from sigstats.report.html import environment
from sigstats.report.robustness_figures import robustness_figure
from sigstats.report.robustness_story import tell_robustness

if TYPE_CHECKING:
    from sigstats.robustness_result import Robustness

DOTS_PER_INCH = 110


def page(results: "Sequence[Robustness]") -> str:
    """Return robustness analyses as one HTML page.

    Parameters
    ----------
    results : sequence of Robustness
        One per signature, at least one.

    Returns
    -------
    str
        A whole document without scripts or links to anywhere.
    """
    reports = [
        {
            "story": tell_robustness(each),
            "figure": _figure(each),
            "name": visible(each.verdict.signature.name or ""),
        }
        for each in results
    ]
    first = tell_robustness(results[0])
    title = f"{first.status.upper()}: {first.claim}" if len(results) == 1 else f"{len(results)} signatures"
    return environment().get_template("robustness.html.j2").render(title=title, reports=reports)


def _figure(robustness: "Robustness") -> str:
    """Return the figure as a data URI: pixels, because thousands of marks make a vector image slow."""
    target = io.BytesIO()
    figure = robustness_figure(robustness)
    with plain_style():
        figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode("ascii")
