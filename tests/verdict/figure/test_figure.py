import dataclasses
import functools
import io
import itertools
import subprocess
import sys
import threading
from collections import Counter

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy import stats

from sigstats import SweepTable, detect, simulate_sweep
from sigstats.report import style
from sigstats.verdict.figure import figure as figures
from sigstats.verdict.figure import labels, levelwise, scores, traces


def panels(verdict):
    figure = verdict.plot()
    return {axes.get_label(): axes for axes in figure.axes}


@functools.cache
def seen(make):
    """Return a verdict made by hand and its panels; drawn once for all tests that only look."""
    verdict = make()
    return verdict, panels(verdict)


def drawn(axes):
    return Counter(line.get_gid() for line in axes.get_lines())


def words_in(axes):
    return " ".join(text.get_text() for text in axes.texts)


@pytest.mark.long
def test_the_title_gives_the_answer(sample):
    """Status, claim and main reason stand at the top."""
    verdict, found = seen(sample)
    title = words_in(found["title"])
    assert verdict.status.upper() in title
    assert " ".join(figures.title(verdict).split()) in " ".join(title.split())


def test_the_status_has_its_colour(sample):
    """The badge behind the status is coloured by status."""
    verdict, found = seen(sample)
    badge = found["title"].texts[0]
    assert mpl.colors.to_hex(badge.get_bbox_patch().get_facecolor()) == style.STATUS_COLOURS[verdict.status]


def test_one_thin_line_per_seed_and_one_mean_per_condition(samples):
    """Three seeds of two conditions are six lines and two means."""
    assert drawn(seen(samples.present)[1]["curves"]) == {"seed": 6, "mean": 2}


def test_runs_without_identity_are_dots(samples):
    """In the independent design the runs of neighbouring levels are not joined."""
    lines = [line for line in seen(samples.independent)[1]["curves"].get_lines() if line.get_gid() == "seed"]
    assert {line.get_linestyle() for line in lines} == {"None"}
    assert {line.get_marker() for line in lines} == {"o"}


def test_conditions_are_named_beside_their_curves(samples):
    """No legend has to be looked up."""
    curves = seen(samples.two_by_two)[1]["curves"]
    assert curves.get_legend() is None
    assert {"llama-2", "mpt", "rnn", "ssm"} <= {text.get_text() for text in curves.texts}


def test_a_log_knob_has_a_log_axis(samples):
    """The axis follows the declared scale."""
    assert seen(samples.logarithmic)[1]["curves"].get_xscale() == "log"
    assert seen(samples.present)[1]["curves"].get_xscale() == "linear"


@pytest.mark.parametrize(
    ("levels", "named"),
    [
        ([16, 32, 64, 2048], ["16", "32", "64", "2048"]),
        ([0, 1e-5, 3e-4, 0.1], ["0", "1e-5", "3e-4", "1e-1"]),
        ([10, 11, 100], ["10", "", "100"]),
    ],
    ids=["powers of two", "one notation", "too near"],
)
def test_the_levels_stand_on_the_axis(levels, named):
    """Every level has a tick; what it is called stands there where it fits."""
    curves = np.random.default_rng(1).normal(size=(3, len(levels)))
    verdict = detect(
        SweepTable.from_matrices(np.array(levels, dtype=float), {"a": curves}),
        shape="increasing",
        knob_scale="log" if levels[0] else "rank",
    )
    axes = panels(verdict)["curves"]
    assert len(axes.get_xticks()) == len(levels)
    assert [text.get_text() for text in axes.get_xticklabels()] == named


@pytest.mark.long
def test_in_narrow_axes_of_the_caller_all_words_are_whole(samples):
    """Title, names of axes and legend stay within the figure, whether it lays itself out or not."""
    import matplotlib.pyplot as plt

    for engine in (None, "constrained"):
        figure, axes = plt.subplots(figsize=(3.3, 2.4), layout=engine)
        samples.present().plot(axes)
        figure.draw_without_rendering()
        words = [axes.xaxis.label, axes.yaxis.label, axes._left_title, axes.get_legend()]
        for box in (each.get_window_extent() for each in words):
            assert figure.bbox.x0 <= box.x0 + 1
            assert box.x1 <= figure.bbox.x1 + 1
            assert figure.bbox.y0 <= box.y0 + 1
            assert box.y1 <= figure.bbox.y1 + 1
        plt.close(figure)


@pytest.mark.long
def test_an_interval_stands_out_beside_its_estimate(samples):
    """The caps of a bar are wider than the mark on it, however short the bar is."""
    lines = panels(samples.present())["scores"].get_lines()
    caps = [line.get_markersize() for line in lines if line.get_gid() == "interval"]
    marks = [line.get_markersize() for line in lines if line.get_gid() == "estimate"]
    assert len(caps) == len(marks) > 0
    assert min(caps) > 1.5 * max(marks)


@pytest.mark.long
def test_a_picture_for_a_paper_has_the_dots_that_print_needs(samples):
    """300 dots per inch at the width of a column, unless the caller wants others."""
    from PIL import Image

    figure = samples.present().plot(width="column", panels="scores")
    for wanted, options in ((990, {}), (330, {"dpi": 100})):
        target = io.BytesIO()
        figure.savefig(target, format="png", **options)
        assert Image.open(target).width == wanted


@pytest.mark.long
def test_a_rank_knob_is_spaced_evenly(samples):
    """Levels stand at their ranks and are labelled by their values."""
    curves = panels(samples.present(signature={"knob_scale": "rank"}))["curves"]
    assert [text.get_text() for text in curves.get_xticklabels()] == [str(level) for level in range(9)]


def test_a_limited_scope_is_shaded(samples):
    """The stretch in which the claim holds is marked, and the whole range is not."""
    assert "holds here" in words_in(seen(samples.reverses)[1]["curves"])
    assert "holds here" not in words_in(seen(samples.present)[1]["curves"])
    assert "holds here" not in words_in(seen(samples.logarithmic)[1]["curves"])


def test_scores_stand_beside_the_interval_and_what_they_are_held_against(samples):
    """Dots, estimate and interval per condition; zero and the margin as lines with names."""
    verdict, found = seen(samples.present)
    scores = found["scores"]
    assert drawn(scores) == {"scores": 2, "estimate": 2, "interval": 2, "reference": 2}
    assert "no effect" in words_in(scores)
    assert "min_effect\n0.5" in words_in(scores)
    dots = [line.get_ydata() for line in scores.get_lines() if line.get_gid() == "scores"]
    np.testing.assert_array_equal(dots[0], verdict.evidence.arms[0].scores)
    bars = [line.get_ydata() for line in scores.get_lines() if line.get_gid() == "interval"]
    assert list(bars[0]) == [verdict.evidence.arms[0].effect.low, verdict.evidence.arms[0].effect.high]


@pytest.mark.long
def test_the_default_margin_is_named_in_the_figure(samples):
    """An undeclared margin is not shown as if it had been declared."""
    verdict = samples.present(signature={"min_effect": None}, evidence={"margin_source": "residual sd"})
    assert "margin: 1 residual sd" in words_in(panels(verdict)["scores"])


def test_both_references_are_inside_the_panel(sample):
    """Zero and the margin can be seen wherever the scores are."""
    low, high = seen(sample)[1]["scores"].get_ylim()
    assert low < 0.0
    assert high > 0.5


@pytest.mark.long
@pytest.mark.parametrize(
    ("n_conditions", "n_seeds"),
    [pytest.param(100, 10, marks=pytest.mark.slow), (26, 10), (12, 3), (2, 400)],
)
def test_large_sweeps_stay_readable(n_conditions, n_seeds, samples):
    """Many conditions are drawn by their means and counted, many seeds are thinned."""
    found = panels(samples.many(n_conditions, n_seeds))
    assert drawn(found["curves"])["seed"] <= 240
    assert drawn(found["curves"])["mean"] == 2
    assert len(found["curves"].texts) <= 3


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "$\\frac{1}{0}$ and $x_1$, \\input{x}",
        "a_b^c\n" + "x" * 500,
        "模型 🙂",
        "",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("a_b^c", "x" * 500, "\\input{x}", "two\nlines")
        ),
    ],
)
def test_names_are_drawn_literally_and_cut(name, samples):
    """No mathematics is read into a name, and a long one does not push the panels aside."""
    arms = [
        samples.arm(name, "treatment", samples.curves_of(effect=4.0)),
        samples.arm("c", "control", samples.curves_of(effect=0.1, rng=2)),
    ]
    labels = {"knob": f"{name}1", "metric": f"{name}2"}
    figure = samples.verdict_of(arms, signature=labels).plot()
    figure.draw_without_rendering()
    by_name = {axes.get_label(): axes for axes in figure.axes}
    texts = [*by_name["curves"].texts, by_name["curves"].xaxis.label, by_name["curves"].yaxis.label]
    texts += [*by_name["title"].texts, *by_name["scores"].get_xticklabels()]
    assert not any(text.get_parse_math() for text in texts)
    assert not any(text.get_usetex() for text in texts)
    assert by_name["curves"].get_position().width > 0.3
    assert by_name["scores"].get_position().width > 0.15


@pytest.mark.long
@pytest.mark.parametrize("n_levels", [1, 2])
def test_a_single_seed_and_a_single_level_can_be_drawn(n_levels, samples):
    """A verdict of too few data still has a figure."""
    whole = samples.arm("a", "treatment", samples.curves_of(effect=1.0))
    scores = np.array([np.nan])
    small = dataclasses.replace(
        whole, levels=np.arange(n_levels), curves=np.ones((1, n_levels)), scores=scores
    )
    bare = {"interval": None, "trend": None, "slopes": None}
    verdict = samples.verdict_of([small, whole], evidence=bare, scope=None)
    verdict.plot().draw_without_rendering()


@pytest.mark.long
def test_missing_cells_leave_gaps_not_errors(samples):
    """A seed without some levels is drawn where it is known."""
    curves = samples.curves_of(effect=2.0)
    curves[0, :4] = np.nan
    curves[:, 6] = np.nan
    axes = panels(samples.verdict_of([samples.arm("a", "treatment", curves)]))["curves"]
    first = next(line for line in axes.get_lines() if line.get_gid() == "seed")
    np.testing.assert_array_equal(first.get_xdata(), [4.0, 5.0, 7.0, 8.0])


def boxes(axes, gid):
    return [text.get_window_extent() for text in axes.texts if text.get_gid() == gid]


UNITS = (1.0, 1.2345e-9, -1e5, 0.00295)


@pytest.mark.long
@pytest.mark.parametrize(
    ("n_conditions", "unit"),
    [
        pytest.param(n, UNITS[(n + other) % 4], marks=pytest.mark.slow if other else [])
        for n in range(1, 7)
        for other in (0, 2)
    ],
)
def test_values_stay_clear_of_the_names_of_what_they_are_held_against(n_conditions, unit):
    """Values end within their panel, whose references are named outside it; nothing overprints.

    Each number of conditions in one unit; in another one it is slow.
    """
    x, rng = np.arange(8.0), np.random.default_rng(n_conditions)
    n_treatments = (n_conditions + 1) // 2
    slopes = [1.0 if at < n_treatments else 0.01 for at in range(n_conditions)]
    curves = {
        f"model {at}": unit * (slope * x + rng.normal(0, 0.3, (6, 8))) for at, slope in enumerate(slopes)
    }
    seeds = {name: [f"{name} {seed}" for seed in range(6)] for name in curves}
    table = SweepTable.from_matrices(x, curves, seeds=seeds)
    controls = list(curves)[n_treatments:]
    shape = "increasing" if unit > 0 else "decreasing"
    verdict = detect(table, shape=shape, control=controls or None, min_effect=abs(unit))
    figure = verdict.plot()
    figure.draw_without_rendering()
    scores = {axes.get_label(): axes for axes in figure.axes}["scores"]
    values, frame = boxes(scores, "value"), scores.get_window_extent()
    assert len(values) == n_conditions
    assert all(frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1 for box in values)
    others = [text.get_window_extent() for text in scores.texts if text.get_gid() != "value"]
    assert len(others) == 2
    assert not any(box.overlaps(other) for box in values for other in others)
    if n_conditions < 4:
        assert not any(a.overlaps(b) for at, a in enumerate(values) for b in values[at + 1 :])


@pytest.mark.long
@pytest.mark.parametrize(("side", "turn"), [("below", -1.0), ("above", 1.0)])
def test_the_name_of_a_bound_is_where_no_curve_crosses_it(side, turn):
    """All curves cross the bound near its left end, where the name stands by default."""
    x, rng = np.linspace(0.0, 1.0, 9), np.random.default_rng(3)
    course = turn * (0.05 - np.minimum(x, 0.2)) * 2 + 1.0
    curves = {"a": course + rng.normal(0, 0.01, (5, 9)), "b": course + turn * 0.05}
    curves["b"] = curves["b"] + rng.normal(0, 0.01, (5, 9))
    table = SweepTable.from_matrices(x, curves)
    figure = detect(table, shape={"name": side, "value": 1.0}, control="b").plot()
    figure.draw_without_rendering()
    axes = {each.get_label(): each for each in figure.axes}["curves"]
    (name,) = boxes(axes, "bound name")
    lines = [line for line in axes.get_lines() if line.get_gid() in ("seed", "mean")]
    assert len(lines) == 12
    crossing = [
        line
        for line in lines
        if line.get_path().transformed(line.get_transform()).intersects_bbox(name, filled=False)
    ]
    assert not crossing
    assert axes.get_window_extent().contains(name.x0, name.y0)


@pytest.mark.long
def test_settings_of_matplotlib_are_left_alone(samples):
    """Drawing changes no parameter, even where the user has changed some."""
    with mpl.rc_context({"axes.facecolor": "#123456", "font.size": 30.0, "text.usetex": True}):
        before = dict(mpl.rcParams)
        figure = samples.present().plot()
        figure.draw_without_rendering()
        assert dict(mpl.rcParams) == before
        assert mpl.colors.to_hex(figure.axes[1].get_facecolor()) == "#ffffff"


@pytest.mark.long
def test_figures_can_be_drawn_from_many_threads(samples):
    """Threads share the settings, and find them as they were."""
    before = dict(mpl.rcParams)
    pages = []
    threads = [threading.Thread(target=lambda: pages.append(samples.present().to_html())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(mpl.rcParams) == before
    assert len(set(pages)) == 1
    assert len(pages) == 3


@pytest.mark.long
def test_no_window_system_is_started():
    """Drawing never imports the part of Matplotlib that holds global state."""
    code = "import sys, sigstats.verdict.figure.figure, matplotlib.figure; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.long
def test_pyplot_stays_unloaded_after_drawing(samples, monkeypatch):
    """The figure belongs to whoever asked for it, not to a window manager."""
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    samples.present().plot().draw_without_rendering()


def test_level_intervals_are_students_t():
    """The band is the textbook interval of each level's mean."""
    curves = np.random.default_rng(3).normal(size=(6, 4))
    low, high = traces.level_intervals(curves, 0.05)
    half = stats.t.ppf(0.95, 5) * curves.std(axis=0, ddof=1) / np.sqrt(6)
    np.testing.assert_allclose(low, curves.mean(axis=0) - half)
    np.testing.assert_allclose(high, curves.mean(axis=0) + half)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_values_of_any_size_have_means_and_intervals(size):
    """Squares of such values overflow or vanish; what is drawn only changes its unit."""
    curves = np.random.default_rng(3).normal(size=(6, 4))
    low, high = traces.level_intervals(curves, 0.05)
    far_low, far_high = traces.level_intervals(curves * size, 0.05)
    np.testing.assert_allclose(far_low, low * size, rtol=1e-12)
    np.testing.assert_allclose(far_high, high * size, rtol=1e-12)
    np.testing.assert_allclose(
        traces.level_means(curves * size), traces.level_means(curves) * size, rtol=1e-12
    )


def test_a_level_seen_twice_has_no_interval():
    """Two seeds say too little of the spread."""
    curves = np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, 7.0]])
    low, high = traces.level_intervals(curves, 0.05)
    assert np.isnan(low[0])
    assert np.isfinite(high[1])


@pytest.mark.long
@settings(max_examples=20)
@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=9))
def test_labels_keep_their_distance_and_their_order(wanted):
    """Where there is room, labels never overlap and stay in the order of what they name."""
    figure = Figure(figsize=(3, 6))
    axes = figure.add_axes((0, 0, 1, 1))
    for at in wanted:
        axes.annotate("name", (0.5, at), (0, 0), textcoords="offset points", va="center", gid=labels.END_NAME)
    labels.place_labels([axes])
    boxes = [text.get_window_extent() for text in axes.texts]
    placed = np.array([(box.y0 + box.y1) / 2 for box in boxes])
    assert np.diff(np.sort(placed)).min(initial=99.0) >= boxes[0].height
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) > 0).all()
    assert min(box.y0 for box in boxes) >= -1
    assert max(box.y1 for box in boxes) <= 601


@pytest.mark.long
def test_a_condition_is_not_drawn_at_a_level_that_it_was_not_swept_at():
    """The least clear level is one of the first treatment's; the other's nearest level is no stand-in."""
    rng = np.random.default_rng(1)
    curves = {name: 1.0 + 0.01 * rng.normal(size=(4, 6)) for name in "ab"}
    curves["a"][:, 5] -= 0.5
    curves["b"][:, 3:] = np.nan
    seeds = {name: [f"{name}{seed}" for seed in range(4)] for name in curves}
    table = SweepTable.from_matrices(np.arange(6.0), curves, seeds=seeds)
    verdict = detect(table, shape={"name": "above", "value": 0.0})
    assert verdict.evidence.clauses[0].at == 5.0
    found = {}
    for trace in traces.traces(verdict):
        drawn, estimate = levelwise.at_level(verdict, trace, levelwise.bounds_at_level(verdict))
        found[trace.arms[0].condition] = (len(drawn.scores), estimate.value)
    assert found["a"] == (4, pytest.approx(0.5, abs=0.05))
    assert found["b"] == (0, pytest.approx(np.nan, nan_ok=True))
    assert verdict.plot()


@pytest.mark.long
def test_a_share_of_each_range_is_named_on_the_axis():
    """Tasks of different length are drawn over the share of their range."""
    x, rng = np.arange(12.0), np.random.default_rng(3)
    curves = {"a": x + rng.normal(size=(4, 12)), "b": 2 * x + rng.normal(size=(4, 12))}
    curves["b"][:, 6:] = np.nan
    found = detect(SweepTable.from_matrices(x, curves), shape="increasing", knob_scale="fraction")
    assert "own range" in found.plot().axes[1].get_xlabel()


@pytest.mark.long
def test_a_power_law_is_drawn_in_the_units_of_the_metric():
    """The axis holds logarithms; its ticks stand at the values that they name."""
    knob, seed = np.meshgrid(np.geomspace(1e6, 1e9, 7), [1.0, 1.2, 1.3])
    columns = {"knob": knob, "seed": seed, "metric": 400.0 * seed * knob ** (-0.3 * seed)}
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    axes = detect(table, shape="power_law").plot().axes[1]
    named = [float(label.get_text()) for label in axes.get_yticklabels()]
    assert axes.get_ylabel() == "metric, log scale"
    assert len(named) > 1
    np.testing.assert_allclose(np.exp(axes.get_yticks()), named, rtol=1e-3)


@pytest.mark.long
def test_wide_numbers_along_the_knob_do_not_touch():
    """Neighbouring ticks of large levels leave room between their numbers."""
    table = simulate_sweep(n_seeds=3, levels=np.linspace(0, 143_000, 7), rng=0)
    figure = detect(table, shape="increasing").plot()
    figure.canvas.draw()
    axes = figure.axes[1]
    low, high = axes.get_xlim()
    shown = [
        label.get_window_extent()
        for label in axes.get_xticklabels()
        if low <= label.get_position()[0] <= high and label.get_text()
    ]
    assert len(shown) > 1
    assert all(left.x1 + 3 < right.x0 for left, right in itertools.pairwise(shown))
    assert [text.get_text() for text in axes.texts if "treatment" in text.get_text()] == ["treatment"]


def test_no_bar_stands_for_another_quantity_than_the_one_on_the_axis(shapes):
    """Several controls of a saturating claim are compared by a change that is not the early rise."""
    verdict = shapes.sample("saturating")
    control = next(each for each in traces.traces(verdict) if each.role == "control")
    assert scores._estimate(verdict, control) is control.arms[0].effect
    many = dataclasses.replace(control, arms=control.arms * 2)
    assert scores._estimate(verdict, many) is None
