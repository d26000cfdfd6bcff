import ast
import base64
import dataclasses
import html.parser
import inspect
import re
from importlib import resources
from xml.etree import ElementTree as ET

import pytest

import sigstats.report.html as html_report
from sigstats import detect, simulate_sweep
from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.outcomes import judged

VOID = {"meta", "img", "br", "link", "input"}
ALLOWED_TAGS = {
    *[
        "details",
        "summary",
        "svg",
        "g",
        "circle",
        "text",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "article",
        "header",
        "footer",
        "section",
        "p",
        "h1",
        "h2",
        "h3",
        "small",
        "span",
        "figure",
        "img",
    ],
    *["ul", "li", "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "strong"],
}
ALLOWED_ATTRIBUTES = {
    "data-head",
    *("class", "src", "alt", "style", "lang", "charset", "http-equiv", "content", "name"),
    *("viewbox", "role", "aria-label", "tabindex", "x", "y", "cx", "cy", "r"),
}


class Reader(html.parser.HTMLParser):
    """Collect tags, attributes and text, and check that tags close in order."""

    def __init__(self, document):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.open, self.styles = [], [], [], [], []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend((tag, *each) for each in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.styles if self.open and self.open[-1] == "style" else self.texts).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def several(*verdicts):
    """Return the page of a card without an idea."""
    return conclude(
        None, [judged(each.signature, each, number=number) for number, each in enumerate(verdicts, start=1)]
    ).to_html()


def documents(samples, verdict):
    """Return a page with several verdicts, which holds all that a page with one does, and the fragment."""
    other = samples.absent()
    return {
        "fragment": verdict._repr_html_(),
        "several": several(verdict, other),
    }


@pytest.mark.long
def test_names_cannot_become_markup(payload, samples, pictureless):
    """Whatever the names are, the tags and attributes are those of the templates."""
    for name, document in documents(samples, samples.hostile(payload)).items():
        reader = Reader(document)
        assert reader.open == [], name
        assert set(reader.tags) <= ALLOWED_TAGS, name
        assert {attribute for _, attribute, _ in reader.attributes} <= ALLOWED_ATTRIBUTES, name
        images = [value for tag, attribute, value in reader.attributes if tag == "img" and attribute == "src"]
        assert all(value.startswith("data:image/svg+xml;base64,") for value in images), name
        assert "".join(reader.styles).count("<") == 0, name
        assert not set("\x00\x1b\u2028\u202e") & set(document), name


@pytest.mark.long
def test_names_are_shown_as_they_are(samples, pictureless):
    """Escaping shows the name; a template in a name is not filled in."""
    for payload in ("<script>alert(1)</script>", "{{7*7}}{% raw %}", "a & b"):
        reader = Reader(samples.hostile(payload).to_html())
        assert payload in reader.text
        assert "49" not in reader.text.replace("0.49", "")


def test_the_number_of_tags_does_not_depend_on_names(samples, pictureless):
    """A hostile name adds no element."""
    plain = Reader(samples.hostile("a").to_html())
    hostile = Reader(samples.hostile('"><img src=x onerror=alert(1)>').to_html())
    assert plain.tags == hostile.tags


@pytest.mark.long
def test_the_page_reaches_for_nothing_outside_itself(sample, pictureless):
    """No script, no link, no address; and the browser is told to allow none."""
    document = sample().to_html()
    reader = Reader(document)
    assert "http:" not in document
    assert "https:" not in document
    assert "url(" not in document
    assert not {"script", "a", "link", "iframe", "object", "form"} & set(reader.tags)
    policies = [value for _, attribute, value in reader.attributes if attribute == "content"]
    assert any(
        policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
        for policy in policies
    )


def named(samples, names):
    """Return a verdict whose conditions, columns and claim are called by these names, each by another."""
    first, second, *columns = names
    arms = [
        samples.arm(first, "treatment", samples.curves_of(effect=4.0)),
        samples.arm(second, "control", samples.curves_of(effect=0.4, rng=2)),
    ]
    fields = ("knob", "metric", "name", "seed", "condition")
    unique = {field: f"{name}{at}" for at, (field, name) in enumerate(zip(fields, columns, strict=True))}
    return samples.verdict_of(arms, signature=unique)


@pytest.mark.long
@pytest.mark.parametrize("start", [0, 7, 14])
def test_the_figure_is_an_inert_image(start, samples):
    """The figure is well-formed, without scripts, links or any text taken from names: seven, seven and the rest."""
    payloads = [*samples.PAYLOADS, *samples.PAYLOADS]
    assert len(payloads) == 2 * 17
    document = named(samples, payloads[start : start + 7]).to_html()
    reader = Reader(document)
    source = next(value for tag, attribute, value in reader.attributes if (tag, attribute) == ("img", "src"))
    figure = base64.b64decode(source.split(",", 1)[1]).decode()
    root = ET.fromstring(figure.replace("<!DOCTYPE", "<!--").replace('.dtd">', "-->"))  # noqa: S314 - made here
    names = {element.tag.rsplit("}", 1)[-1] for element in root.iter() if isinstance(element.tag, str)}
    assert not {"script", "foreignObject", "image", "a", "text"} & names
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.lower().startswith("on")]


def test_the_page_tells_the_whole_story(samples, pictureless):
    """Status, claim, reasons, lines, notes and what is needed to repeat it are all there."""
    text = Reader(samples.inconclusive().to_html()).text
    for expected in (
        "INCONCLUSIVE return rises with step",
        "About 9 seeds per condition",
        "null hypothesis",
        "rise from the first level to the last",
        "entropy 20240229",
        "With 3 seeds per condition",
    ):
        assert expected in text


@pytest.mark.long
def test_the_same_verdict_gives_the_same_page(samples):
    """The page, figure included, is the same to the last byte."""
    assert samples.present().to_html() == samples.present().to_html()


def test_a_page_of_several_verdicts_starts_with_an_overview(samples, pictureless):
    """What becomes of the idea with one row per signature, then every verdict."""
    first, second = samples.present(), samples.absent()
    reader = Reader(several(first, second))
    assert reader.tags.count("article") == 3
    assert (
        reader.text.index("CONTRADICTED")
        < reader.text.index("corrected")
        < reader.text.index("Lines of evidence")
    )


def test_a_page_of_one_verdict_is_its_page(samples, pictureless):
    """A card with one signature needs no overview."""
    verdict = samples.present()
    assert several(verdict) == verdict.to_html()


def test_a_fragment_leaves_the_notebook_alone(samples, pictureless):
    """Styles are inline, so that nothing outside the fragment changes."""
    reader = Reader(samples.two_by_two()._repr_html_())
    assert "style" not in reader.tags
    assert reader.tags[0] == "div"


@pytest.mark.long
def test_a_fragment_shows_no_more_than_a_dozen_conditions(samples, pictureless):
    """Long tables are cut, and said to be."""
    assert "and 8 more conditions" in Reader(samples.many(20, 3)._repr_html_()).text


def test_every_value_is_escaped_in_every_template():
    """The engine escapes literally always, and no template marks anything as safe."""
    tree = ast.parse(inspect.getsource(html_report))
    given = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "autoescape"
    ]
    assert given == [True]
    assert html_report.environment().autoescape is True
    for template in (resources.files("sigstats.report") / "templates").iterdir():
        source = template.read_text(encoding="utf-8")
        assert template.name.endswith(".j2")
        assert not re.search(r"\|\s*safe\b", source)
        assert "autoescape" not in source


@pytest.mark.long
@pytest.mark.parametrize("kind", ["page", "fragment"])
def test_other_scripts_and_missing_glyphs_do_no_harm(kind, samples):
    """Names in any script are shown in the page, and the figure is drawn without a warning."""
    verdict = samples.hostile("模型 אבג 🙂 \ud800")
    document = verdict.to_html() if kind == "page" else verdict._repr_html_()
    assert "模型 אבג 🙂" in Reader(document).text
    document.encode("utf-8")


def test_long_names_are_cut_where_they_would_fill_the_page(samples, pictureless):
    """A name of a thousand characters does not bury the answer."""
    verdict = samples.present(signature={"name": "n" * 1000, "metric": "m" * 1000})
    assert "m" * 100 not in verdict.to_html()


def test_a_page_survives_every_reason(samples, pictureless):
    """Every reason and note together still make a page."""
    from sigstats.evidence.reason import Reason

    verdict = dataclasses.replace(samples.inconclusive(), reasons=tuple(Reason), notes=tuple(Reason))
    assert Reader(verdict.to_html()).open == []


@pytest.mark.long
def test_values_of_the_figure_can_be_asked_with_mouse_and_keyboard():
    """Every level and seed is a point that takes the focus and says its value; all are escaped."""
    table = simulate_sweep({"<i>new</i>": 4.0, "control": 0.0}, n_seeds=3, levels=4, rng=1)
    document = detect(table, shape="increasing", control="control").to_html()
    reader = Reader(document)
    points = [value for tag, attribute, value in reader.attributes if (tag, attribute) == ("g", "aria-label")]
    assert len(points) == 2 * 4 + 2 * 3
    assert sum(tag == "g" and attribute == "tabindex" for tag, attribute, _ in reader.attributes) == len(
        points
    )
    assert any(said.startswith("<i>new</i>, knob 0: mean metric") for said in points)
    assert "<i>" not in document


@pytest.mark.long
def test_a_figure_with_very_many_values_has_none_to_be_gone_through(samples):
    assert "tabindex" not in samples.many(4, 40).to_html()


def test_a_fragment_says_first_what_a_reader_needs_and_folds_the_rest(samples, pictureless):
    document = samples.present()._repr_html_()
    first, rest = document.split("<details", 1)
    assert "0.5" in Reader(first.replace("<div", "<span", 0) + "</div>").text
    assert "<table" not in first
    assert "<table" in rest
