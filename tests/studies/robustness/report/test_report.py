"""The reports of a robustness analysis: everything is said, nothing acts, nothing overlaps or fails."""

import functools
import json
import re
import threading
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl
import pytest
import sigstats_robustness_samples as made

from sigstats.data.table.sweep import with_values
from sigstats.report import html
from sigstats.report.reported import bundle
from sigstats.report.style import MARK_COLOURS
from sigstats.studies.practice.common_practice import common_practice
from sigstats.studies.robustness.influence import Influence
from sigstats.studies.robustness.report.document import tell
from sigstats.studies.robustness.report.weakest_words import told
from sigstats.studies.robustness.synthetic_controls import synthetic_controls
from sigstats.studies.robustness.weakest import weakest_point
from sigstats.studies.seeds.audit import seed_audit
from sigstats.verdict.rules import Status


@pytest.fixture(scope="module")
def checked(few):
    """A result with all three checks, of which the audit has a finding."""
    curves = {name: made.SWEEP.matrix(name).copy() for name in made.SWEEP.conditions}
    curves["control"][1] = curves["control"][0]
    copied = with_values(made.SWEEP, curves)
    return made.robust(
        audit=seed_audit(copied, made.CLAIM),
        synthetic=synthetic_controls(made.SWEEP, made.CLAIM, replications=10),
        practice=common_practice(made.SWEEP, made.CLAIM),
    )


@functools.cache
def panels(name="robust"):
    """Return the figure of a sample and its axes by label; drawn once for all tests that only look at it."""
    figure = getattr(made, name)().plot()
    parts = [axes for part in figure.subfigs for axes in part.axes]
    return figure, {axes.get_label(): axes for axes in parts}


# --- text ---


def test_the_first_lines_give_verdict_agreement_and_weakest_point():
    """The answer comes first."""
    lines = made.robust().summary(full=True).splitlines()
    assert lines[0] == "PRESENT: return rises with step; stands in 8 of 12 analyses (67%)"
    assert lines[1] == "weakest point: Without the seed '3' the verdict is inconclusive."


@pytest.mark.long
def test_the_summary_says_everything(checked):
    """Shares, choices, influence, bounds, audit, synthetic controls and common practice each have a section."""
    said = " ".join(checked.summary(full=True).split())
    for words in (
        "The 12 analyses",
        "present - 8 67%",
        "inconclusive underpowered 4 33%",
        "Joint test: 5 of 6 analyses are significant",
        "6 combinations were ruled out: 6, the logit needs values between 0 and 1.",
        "upper half 0%",
        "logit (none run)",
        "seed 3 inconclusive underpowered 1.4 [0.4, 2.4]",
        "The verdict changes without 1 of 5 seeds and 1 of 1 pair of seeds; the verdict stands without",
        "the verdict stands without any one of 3 levels.",
        "Smallest set of runs of one condition that changes it: '3' of 'treatment'",
        "Tilting the curve of seed '3' by -0.5 (0.7 sd of the scores) changes the verdict",
        "Only 3 of 5 seeds were tilted.",
        "smallest effect 1 up to 2.4 present 0.03 to 2.4; inconclusive 2.4 to 300",
        "error rate 0.05 from 0.011 on",
        "prior scale, times the default 1 up to 3.5 present 0.125 to 3.5; inconclusive 3.53 to 8",
        "The seeds (nested, repeated)",
        "problem copies condition 'control', seeds 'control-0' and",
        "Copies: The same run was counted twice.",
        "knob permuted",
        "Mann-Kendall on the mean curve",
        "in 20 simulated tables like this one",
    ):
        assert words in said, words


def test_lines_are_short(checked):
    assert max(map(len, checked.summary(full=True).splitlines())) <= 100


def test_what_could_not_be_had_is_said():
    """Nothing left out, no bound, no joint test: sentences, not empty tables or NaN."""
    said = made.without_numbers().summary(full=True)
    assert "Nothing that was tried changes the verdict." in said
    assert "Nothing could be left out." in said
    assert "Joint test: no seed has a score." in said
    assert "nan" not in said


# --- JSON ---


def test_json_is_strict_and_complete(checked):
    """Every field of the result is there; numbers that JSON does not know are null."""
    plain = json.loads(checked.to_json())
    assert plain["schema"] == 1
    assert set(type(checked).__slots__) <= set(plain)
    assert (plain["n_agreeing"], len(plain["analyses"])) == (8, 12)
    assert plain["analyses"][0]["options"] == {
        "window": "whole range",
        "metric_scale": "linear",
        "line": "all",
    }
    assert plain["influence"]["removals"][0]["status"] == "inconclusive"
    assert plain["margins"][2]["name"] == "prior_scale"
    assert plain["margins"][2]["segments"][1] == {"low": 3.53, "high": 8.0, "status": "inconclusive"}
    bare = json.loads(made.without_numbers().to_json())
    assert bare["analyses"][0]["effect"] is None


# --- HTML ---


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.long
def test_the_page_stands_alone(checked):
    """One document with a figure inside, no script, no link to anywhere."""
    page = checked.to_html()
    tags = Tags()
    tags.feed(page)
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "link", "iframe", "object", "form", "a"}
    images = [attributes["src"] for tag, attributes in tags.found if tag == "img"]
    assert len(images) == 1
    assert images[0].startswith("data:image/png;base64,")
    assert not re.search(r"https?://", page)
    assert "Mann-Kendall on the mean curve" in page


def test_several_results_share_a_page(pictureless):
    page = html.several(bundle([made.robust(), made.without_numbers()]))
    assert page.count("<article") == 2
    assert "<title>2 signatures</title>" in page


@pytest.mark.long
def test_names_are_escaped_everywhere(payload, pictureless):
    """Labels, reasons and sentences of a user are shown and cannot act, in every report."""
    signature = replace(made.CLAIM, metric=payload, name=payload, knob="step" + payload)
    (first, *rest) = made.robust().influence.removals
    removals = (replace(first, items=(payload,)), *rest)
    result = made.robust(
        verdict=replace(made.VERDICT, signature=signature),
        influence=replace(made.robust().influence, removals=removals, notes=(payload,)),
        weakest=replace(made.robust().weakest, sentence=payload),
        pruned=(replace(made.robust().pruned[0], reason=payload),),
    )
    page, said = result.to_html(), result.summary(full=True)
    tags = Tags()
    tags.feed(page)
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "article", "header", "p", "h2", "h3", "span",
               "figure", "img", "section", "div", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
    assert {tag for tag, _ in tags.found} <= allowed
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    hidden = set("\x00\x07\x1b\u2028\u202e")
    assert not hidden & (set(page) | set(said))
    json.loads(result.to_json())


# --- figure ---


@pytest.mark.long
def test_every_analysis_is_a_dot_in_the_panel_of_its_unit():
    """Effects on different scales have panels of their own; dots are coloured by verdict."""
    _, axes = panels()
    for unit in ("return", "log return"):
        dots = [
            line
            for line in axes[f"specifications {unit}"].get_lines()
            if (line.get_gid() or "").startswith("eff")
        ]
        assert sum(len(line.get_xdata()) for line in dots) == 6
        colours = {line.get_gid().split()[1]: mpl.colors.to_hex(line.get_color()) for line in dots}
        assert colours["present"] == MARK_COLOURS[Status.PRESENT]


def test_effects_are_sorted():
    _, axes = panels()
    dots = [
        line for line in axes["specifications return"].get_lines() if (line.get_gid() or "").startswith("eff")
    ]
    pairs = sorted((x, y) for line in dots for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert [x for x, _ in pairs] == list(range(6))
    assert [y for _, y in pairs] == sorted(y for _, y in pairs)


def test_the_declared_analysis_is_marked_once():
    _, axes = panels()
    marked = [line for each in axes.values() for line in each.get_lines() if line.get_gid() == "declared"]
    assert [list(line.get_ydata()) for line in marked] == [[3.0]]


def test_the_matrix_says_which_options_were_taken_and_how_often_the_verdict_stands():
    """One mark per analysis and choice; the share beside each option."""
    _, axes = panels()
    marks = [c for c in axes["options return"].collections if c.get_gid() == "option"]
    assert sum(len(c.get_segments()) for c in marks) == 6 * 3
    said = [text.get_text() for text in axes["options log return"].texts]
    assert said == ["100%", "100%", "0%", "67%", "67%", "none run", "67%", "67%", "stands"]
    labels = [text.get_text() for text in axes["options return"].get_yticklabels()]
    assert labels[:4] == ["window", "whole range *", "lower half", "upper half"]


def test_influence_has_a_row_per_seed_and_level():
    """The whole table first, then seeds, then levels in their own order; pairs are not drawn."""
    _, axes = panels()
    labels = [text.get_text() for text in axes["influence"].get_yticklabels()]
    assert labels == [
        "nothing left out",
        "seed 3",
        *(f"seed {s}" for s in "0124"),
        "level 1",
        "level 9",
        "level 10",
    ]
    assert "min_effect" in {line.get_gid() for line in axes["influence"].get_lines()}


def test_margins_are_bars_coloured_by_verdict():
    """Each stretch of a bound is a bar, and where the verdict changes is written beside it."""
    _, axes = panels()
    bars = [patch.get_gid() for patch in axes["margins"].patches]
    present, inconclusive = "segment present", "segment inconclusive"
    assert bars == [present, inconclusive, inconclusive, present, present, inconclusive]
    assert [text.get_text() for text in axes["margins"].texts] == ["2.4", "0.011", "3.5"]
    labels = [text.get_text() for text in axes["margins"].get_yticklabels()]
    assert labels == ["smallest effect\n1", "error rate\n0.05", "prior scale\nthe default"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["robust", "without_numbers"])
def test_nothing_is_cut_off_and_panels_do_not_overlap(name):
    """Every text of the figure lies inside it, and tight boxes of panels are apart."""
    figure, axes = panels(name)
    figure.draw_without_rendering()
    inside = figure.bbox.padded(3)
    renderer = figure.canvas.get_renderer()
    boxes = {label: each.get_tightbbox(renderer) for label, each in axes.items() if label != "title"}
    for label, box in boxes.items():
        assert inside.x0 <= box.x0, label
        assert box.x1 <= inside.x1, label
        assert inside.y0 <= box.y0, label
        assert box.y1 <= inside.y1, label
    pairs = [(a, b) for a in boxes for b in boxes if a < b]
    for a, b in pairs:
        assert not boxes[a].padded(-1).overlaps(boxes[b].padded(-1)), (a, b)


@pytest.mark.long
@pytest.mark.parametrize("name", ["$\\frac{1}{0}$", "x\x00\u202e\x1b[31m", "模型 🙂 a_b^c", ""])
def test_names_in_the_figure_are_drawn_literally(name):
    """Mathematics, glyphs that fonts lack and control characters neither fail nor warn."""
    (first, *rest) = made.robust().influence.removals
    result = made.robust(
        influence=replace(made.robust().influence, removals=(replace(first, items=(name,)), *rest)),
        weakest=replace(made.robust().weakest, sentence=name * 3),
    )
    result.plot().draw_without_rendering()


@pytest.mark.long
def test_the_figure_leaves_the_settings_alone_in_any_thread():
    before = dict(mpl.rcParams)
    threads = [threading.Thread(target=made.robust().plot) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(mpl.rcParams) == before


@pytest.mark.long
def test_the_same_result_gives_the_same_page():
    assert made.robust().to_html() == made.robust().to_html()


def test_the_story_counts_what_is_not_listed():
    """Many kinds of verdicts and many culprits are cut with a count."""
    first = made.robust().influence.removals[0]
    removals = tuple(replace(first, items=(str(s),)) for s in range(10))
    result = made.robust(influence=replace(made.robust().influence, removals=removals))
    influence = next(
        table for table in tell(result, result.plot).tables if table.title == "Left out, one at a time"
    )
    assert len(influence.rows) == 6
    assert "... and 4 more that change it." in influence.below


def test_the_share_of_a_choice_is_written_as_in_the_tables():
    """The window explains all of it; the table beside the sentence writes 100% as well."""
    result = made.robust()
    alone = Influence(removals=(), smallest=None, shifts=(), notes=())
    found = weakest_point(result.verdict, result.analyses, result.decomposition, alone, ())
    assert str(told(found)).endswith("; this choice accounts for 100% of the variation between analyses.")
    assert "100%" in result.summary(full=True)
