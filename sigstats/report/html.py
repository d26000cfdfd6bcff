"""A document as HTML: a page that stands alone, and the part of it that a notebook shows.

Everything is inside the file: styles are inline, figures are images in data URIs, and scripts are left out.
Every value is escaped by the template engine, after invisible characters have been spelled out.
"""

import base64
import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigstats.report.document import Bundle, Document, Picture, capitalised
from sigstats.report.escaping import visible
from sigstats.report.style import IDEA_COLOURS, STATUS_COLOURS, plain_style

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure

DOTS_PER_INCH = 110
MOST_ROWS = 12  # in a notebook
MOST_VALUES = 80  # points of a figure that can be asked on a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure as an image, and the values that can be asked of it, with their places in pixels of the image."""

    source: str = ""
    width: int = 0
    height: int = 0
    values: tuple[tuple[float, float, str], ...] = ()


def render(document: Document) -> str:
    """Return a document as one HTML page."""
    return several(Bundle(documents=(document,)))


def several(bundle: Bundle) -> str:
    """Return several documents as one HTML page: what holds for all of them together, then every one."""
    pages = bundle.pages
    title = _said(pages[0]) if len(pages) == 1 or bundle.whole else f"{len(pages)} signatures"
    reports = [(each, _drawn(each.picture)) for each in pages]
    return environment().get_template("page.html.j2").render(title=title, bundle=bundle, reports=reports)


def fragment(document: Document) -> str:
    """Return what a notebook shows: the answer, why, the figure and the tables."""
    template = environment().get_template("fragment.html.j2")
    return template.render(
        document=document,
        image=_drawn(document.picture).source,
        colour={**STATUS_COLOURS, **IDEA_COLOURS}.get(document.status),
        most=MOST_ROWS,
    )


@functools.cache
def environment() -> "Environment":
    """Return the template engine; every template escapes every value."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("sigstats.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"capitalised": capitalised, "said": _said}
    return made


def _said(document: Document) -> str:
    """Return status and title, as the title of a page and beside the figure."""
    return f"{document.status.upper()}: {document.title}" if document.status else document.title


def _drawn(picture: Picture | None) -> Drawn:
    """Return a figure as a data URI in which nothing can run; the same result gives the same bytes."""
    if picture is None:
        return Drawn()
    figure = picture.draw()
    with plain_style():
        written = _written(figure, picture)
    kind = "svg+xml" if picture.format == "svg" else "png"
    source = f"data:image/{kind};base64,{base64.b64encode(written).decode('ascii')}"
    width, height = (round(DOTS_PER_INCH * each) for each in figure.get_size_inches())
    places = figure.places(MOST_VALUES) if hasattr(figure, "places") else ()
    values = tuple(
        (round(x * width, 1), round(y * height, 1), visible(said))
        for x, y, said in places
        if 0 <= x <= 1 and 0 <= y <= 1
    )
    return Drawn(source=source, width=width, height=height, values=values)


def _written(figure: "Figure", picture: Picture) -> bytes:
    """Return the file of a figure, without the names and times that Matplotlib adds."""
    target = io.BytesIO()
    names = ("Creator", "Date", "Format", "Type") if picture.format == "svg" else ("Software",)
    metadata = dict.fromkeys(names)
    if not (picture.laid_out and picture.format == "svg"):
        figure.savefig(target, format=picture.format, dpi=DOTS_PER_INCH, metadata=metadata)
        return target.getvalue()
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    figure.set_layout_engine("none")
    canvas, dots = figure.canvas, figure.dpi
    try:
        # `savefig` draws a figure that ever had a layout engine twice.
        figure.set_dpi(DOTS_PER_INCH)
        FigureCanvasSVG(figure).print_svg(target, metadata=metadata)  # type: ignore[no-untyped-call]
    finally:
        figure.set_dpi(dots)
        figure.set_canvas(canvas)
    return target.getvalue()
