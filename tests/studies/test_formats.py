"""Every result has every format, and names that users gave act in none of them."""

import dataclasses
import functools
import html.parser
import json
import re

import pytest

from sigstats import (
    Signature,
    SweepTable,
    compare_shapes,
    detect,
    forecast,
    hierarchical_slopes,
    robustness,
    scope,
    simulate_sweep,
)
from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.outcomes import judged
from sigstats.report import latex
from sigstats.report.reported import bundle

NAME = "<b>x</b> | $\\input{y}$ [z](http://e.org) \x1b[31m"
COMMANDS = {
    *("begin", "end", "centering", "caption", "textbf", "toprule", "midrule", "bottomrule", "tau", "linewidth"),
    *("textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar"),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def few():
    """Simulate few tables for the rates of common practice, which no test here looks at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 20)
        yield


class Reader(html.parser.HTMLParser):
    """Collect tags and text, and check that tags close in order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def verdict(sweep, claim):
    return detect(sweep, claim)


def robust(sweep, claim):
    return robustness(sweep, claim, choices=(), replications=0)


def slopes(sweep, claim):
    return hierarchical_slopes(sweep, signature=claim)


def comparison(sweep, claim):
    return compare_shapes(sweep, claim, shapes=["flat", "linear", "step"])


def cells(sweep, claim):
    column = f"cell{claim.name}"
    return scope(sweep.assign(**{column: f"v{claim.name}"}), claim, by=column)


def carried_on(sweep, claim):
    return forecast(sweep, dataclasses.replace(claim, shape="linear"), within=0.9)


MAKERS = {make.__name__: make for make in (verdict, robust, slopes, comparison, cells, carried_on)}


@functools.cache
def result(kind, name="step"):
    """Return a result of a kind whose columns and conditions have a name."""
    made = simulate_sweep({"a": 4.0, "b": 0.2}, n_seeds=5, levels=6, rng=1)
    curves = {f"a{name}": made.matrix("a"), f"b{name}": made.matrix("b")}
    sweep = SweepTable.from_matrices(made.levels, curves)
    claim = Signature(
        shape="increasing", treatment=f"a{name}", control=f"b{name}", min_effect=1.0,
        name=name, knob=name, metric=f"m{name}",
    )  # fmt: skip
    return MAKERS[kind](_renamed(sweep, claim), claim)


def _renamed(sweep, claim):
    frame = sweep.to_frame()
    return frame.rename(columns={sweep.knob: claim.knob, sweep.metric: claim.metric})


@pytest.mark.parametrize("kind", MAKERS)
def test_every_result_has_every_format(kind, pictureless):
    """Text, Markdown, LaTeX, page and notebook give the answer; the page stands alone."""
    found = result(kind)
    first = found.summary(full=True).splitlines()[0]
    assert found.to_markdown().startswith("## ")
    assert found.to_latex().startswith("% needs \\usepackage{booktabs}\n\\begin{table}\n")
    page, fragment = Reader(found.to_html()), Reader(found._repr_html_())
    assert page.tags[0] == "html"
    assert fragment.tags[0] == "div"
    assert page.open == fragment.open == []
    assert not {"script", "a", "link", "iframe"} & {*page.tags, *fragment.tags}
    title = re.split(r" \(|;|$", first.removeprefix("PRESENT: "), maxsplit=1)[0]
    for texts in ([found.to_markdown()], page.texts, fragment.texts):
        assert title in " ".join(" ".join(texts).split())


@pytest.mark.parametrize("kind", MAKERS)
def test_every_result_is_strict_json(kind):
    """No NaN, a schema version, and the dictionary as it is read back."""
    found = result(kind)
    plain = json.loads(found.to_json(), parse_constant=pytest.fail)
    assert plain == found.to_dict()
    assert plain["schema"] == 1


@pytest.mark.parametrize("kind", MAKERS)
def test_names_act_in_no_format(kind, pictureless):
    """Neither terminal, Markdown, LaTeX nor browser does what a name says."""
    found = result(kind, NAME)
    formats = [
        found.summary(full=True),
        found.to_markdown(),
        found.to_latex(),
        found.to_html(),
        found._repr_html_(),
    ]
    assert not [said for said in formats if "\x1b" in said]
    text = re.sub(r"\\.", "", found.to_markdown())
    assert not re.search(r"<|\]\(|`", text)
    body = found.to_latex().partition("\n")[2]
    assert set(re.findall(r"\\([a-zA-Z]+)", body)) <= COMMANDS
    bare = re.sub(r"\\[\\{}$&#_%]", "", body)
    assert bare.count("{") == bare.count("}")
    harmless = result(kind)
    assert Reader(found.to_html()).tags == Reader(harmless.to_html()).tags
    assert Reader(found._repr_html_()).tags == Reader(harmless._repr_html_()).tags


def test_slopes_and_comparisons_keep_their_numbers_in_json():
    """The rows of the frames are there; posteriors are not."""
    slopes_, compared = result("slopes"), result("comparison")
    plain = slopes_.to_dict()
    assert [row["condition"] for row in plain["conditions"]] == slopes_.conditions["condition"].tolist()
    assert plain["contrast"]["mean"] == slopes_.contrast.mean
    assert not {"posterior", "_fits"} & set(plain)
    plain = compared.to_dict()
    assert plain["weights"] == compared.weights
    assert plain["table"][0]["shape"] == compared.best


def test_several_results_share_a_report():
    """A card's verdicts begin with what becomes of the idea; LaTeX has a table for each."""
    found = result("verdict")
    card = conclude(None, [judged(found.signature, found, number=number) for number in (1, 2)])
    said = card.to_markdown()
    assert said.startswith("## SUPPORTED: ")
    assert said.index("| signature |") < said.index("\n## PRESENT: ")
    assert said.count("\n## PRESENT: ") == 2
    assert card.to_latex().count(r"\begin{table}") == 3
    tables = latex.several(bundle([result("slopes"), result("comparison")]))
    assert tables.count(r"\usepackage{booktabs}") == 1
