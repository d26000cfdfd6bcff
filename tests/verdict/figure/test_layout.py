"""Figures at every width: nothing is cut, no words touch, and each width has a layout of its own."""

import functools

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from sigstats_words_in_figures import touching, words

from sigstats import detect, simulate_sweep
from sigstats.errors import OptionError

WIDTHS = {"column": 3.3, "page": 6.8, "screen": 10.5, "slide": 13.33}
LONG = {
    "a transformer with attention over the whole prompt": 5.0,
    "another one, whose norm is before the layers": 4.5,
    "the recurrent network": 0.0,
}


def frame_of(sizes, **options):
    """Return a sweep of conditions with given effects as a table."""
    table = simulate_sweep(sizes, n_seeds=5, rng=2, **options)
    rows = [
        (name, seed, level, value)
        for name in table.conditions
        for seed, row in zip(table.seeds(name), table.matrix(name), strict=True)
        for level, value in zip(table.levels, row, strict=True)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])


class Verdicts:
    """Verdicts by name, each made when it is first asked for."""

    def __getitem__(self, name):
        return MADE[name]()


@pytest.fixture(scope="module")
def verdicts():
    return Verdicts()


def plain():
    return frame_of({"treatment": 5.0, "control": 0.0})


def wordy():
    metric = "cosine similarity of prompt and continuation"
    table = frame_of(LONG).rename(columns={"metric": metric, "knob": "number of tokens in the prompt"})
    columns = {"knob": "number of tokens in the prompt", "metric": metric}
    return detect(table, shape="increasing", control="the recurrent network", **columns)


def turning():
    table = frame_of({"treatment": 6.0, "control": 0.0}, form="umbrella")
    return detect(table, shape="peak", control="control")


MADE = {
    "plain": functools.cache(lambda: detect(plain(), shape="increasing", control="control", min_effect=1.0)),
    "wordy": functools.cache(wordy),
    "flat": functools.cache(lambda: detect(plain(), shape="flat", treatment="control", min_effect=4.0)),
    "turning": functools.cache(turning),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("plain", "column"),
        ("wordy", "column"),
        ("wordy", "page"),
        *(
            pytest.param(name, width, marks=pytest.mark.slow)
            for name in ("plain", "wordy", "flat", "turning")
            for width in WIDTHS
        ),
    ],
)
def test_no_words_touch_or_leave_the_figure(name, width, verdicts):
    figure = verdicts[name].plot(width=width)
    assert figure.get_size_inches()[0] == pytest.approx(WIDTHS[width])
    found = words(figure)
    whole = figure.bbox.padded(1)
    assert [said for said, box in found if not (whole.contains(*box.min) and whole.contains(*box.max))] == []
    assert touching(found) == []
    assert not any("..." in said for said, _ in found)


@pytest.mark.long
def test_letters_can_be_read_at_every_width(verdicts):
    for width in ("column", "page"):
        figure = verdicts["plain"].plot(width=width)
        assert min(text.get_fontsize() for text in figure.findobj(Text) if text.get_text()) >= 6.0


@pytest.mark.long
def test_a_column_has_its_panels_below_each_other(verdicts):
    by_name = {axes.get_label(): axes.get_position() for axes in verdicts["plain"].plot(width="column").axes}
    assert by_name["scores"].y1 < by_name["curves"].y0
    by_name = {axes.get_label(): axes.get_position() for axes in verdicts["plain"].plot(width=6.8).axes}
    assert by_name["curves"].x1 < by_name["scores"].x0


def test_one_panel_without_a_title_in_axes_of_the_callers(verdicts):

    figure = Figure()
    left, right = figure.subplots(1, 2)
    before = left.get_position().bounds
    assert verdicts["plain"].plot(left, title=False) is figure
    assert verdicts["plain"].plot(right, panels="scores", title="what was found") is figure
    assert (left.get_title("left"), right.get_title("left")) == ("", "what was found")
    assert left.get_position().bounds == before
    assert {line.get_gid() for line in left.get_lines()} == {"seed", "mean"}
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["treatment", "control"]


@pytest.mark.long
def test_without_a_title_the_panels_have_the_whole_figure(verdicts):
    figure = verdicts["plain"].plot(title=False, panels="curves", width=3.3, legend=False)
    assert [axes.get_label() for axes in figure.axes] == ["curves"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"width": "colum"}, "Did you mean 'column'"),
        ({"width": 90}, "inches from 2 to 40"),
        ({"panels": "all"}, "must be one of"),
        ({"legend": "left"}, "must be one of"),
        ({"style": "seaborn-pretty"}, "must be one of"),
        ({"style": 3}, "name of a style"),
        ({"title": None}, "True, False or the words"),
        ({"ax": "here"}, "must be one Axes"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(options, said, verdicts):
    with pytest.raises(OptionError, match=said):
        verdicts["plain"].plot(**options)


@pytest.mark.long
def test_a_style_of_the_caller_is_on_top_and_leaves_no_trace(verdicts):
    before = dict(mpl.rcParams)
    figure = verdicts["plain"].plot(style={"axes.grid": True, "axes.facecolor": "#eeeeee"}, panels="curves")
    assert mpl.colors.to_hex(figure.axes[-1].get_facecolor()) == "#eeeeee"
    assert dict(mpl.rcParams) == before


@pytest.mark.long
def test_a_notebook_shows_a_figure_without_any_backend(verdicts):
    picture, size = verdicts["plain"].plot(panels="scores", width="column")._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size["width"] == 330


@pytest.mark.long
def test_a_logit_metric_is_drawn_in_its_own_units():
    table = frame_of({"treatment": 4.0}, start=-2.0)
    shares = table.assign(metric=1 / (1 + np.exp(-table.metric)))
    axes = detect(shares, shape="increasing", metric_scale="logit").plot(panels="curves").axes[-1]
    named = np.array([float(label.get_text()) for label in axes.get_yticklabels()])
    np.testing.assert_allclose(1 / (1 + np.exp(-axes.get_yticks())), named, rtol=1e-3)
    assert axes.get_ylabel() == "metric, logit scale"


@pytest.mark.long
def test_the_turn_is_drawn_where_the_numbers_say(verdicts):
    verdict = verdicts["turning"]
    figure = verdict.plot(panels="curves")
    (line,) = [each for each in figure.axes[-1].get_lines() if each.get_gid() == "location"]
    assert line.get_xdata()[0] == pytest.approx(verdict.evidence.location.value)


@pytest.mark.long
def test_conditions_are_told_apart_without_colour(verdicts):
    axes = verdicts["wordy"].plot(panels="curves").axes[-1]
    looks = {
        (line.get_marker(), line.get_linestyle()) for line in axes.get_lines() if line.get_gid() == "mean"
    }
    assert len(looks) == 3
