"""The figure of a comparison draws items where the claim is about new ones."""

import itertools

import numpy as np
import pandas as pd
import pytest

import sigstats as ss

N_ITEMS = 30


def _table(n_items: int = N_ITEMS) -> pd.DataFrame:
    rows = [
        (model, f"{model} {run}", item, gain * item + (7 * run + 3 * item) % 5)
        for model, gain in (("base", 0.0), ("tuned", 0.5), ("other", -0.2))
        for run in range(3)
        for item in range(n_items)
    ]
    return pd.DataFrame(rows, columns=["model", "run", "item", "score"])


def _panels(over: object, data: pd.DataFrame) -> list[object]:
    columns = {"metric": "score", "seed": "run", "condition": "model", "item": "item"}
    figure = ss.compare(data, **columns, baseline="base", over=over).plot()
    figure.draw_without_rendering()
    return figure.axes


def _strips(axes: object) -> list[np.ndarray]:
    return [np.asarray(dots.get_offsets()) for dots in axes.collections if dots.get_gid() == "items"]


@pytest.mark.long
@pytest.mark.parametrize("over", ["item", ["seed", "item"]])
def test_each_item_is_a_dot_at_its_mean_difference(over: object) -> None:
    """One strip per treatment holds the mean difference of every item."""
    strips = [strip for axes in _panels(over, _table()) for strip in _strips(axes)]
    items = np.arange(N_ITEMS)
    for strip, gain in zip(strips, (-0.2, 0.5), strict=True):  # treatments stand in the order of their names
        np.testing.assert_allclose(np.sort(strip[:, 1]), np.sort(gain * items), atol=1e-12)


@pytest.mark.long
def test_new_runs_need_no_strip() -> None:
    """A claim about new runs on these items draws runs alone."""
    assert not [strip for axes in _panels("seed", _table()) for strip in _strips(axes)]


@pytest.mark.long
def test_dots_stand_where_they_stood() -> None:
    """The same items give the same picture, in any order of rows, and strips do not touch."""
    data = _table()
    first = [strip for axes in _panels("item", data) for strip in _strips(axes)]
    again = [strip for axes in _panels("item", data[::-1]) for strip in _strips(axes)]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert first[0][:, 0].max() < first[1][:, 0].min()


@pytest.mark.long
def test_each_difference_has_one_interval_and_each_panel_a_name_on_the_left() -> None:
    """Panels beside each other and above each other are laid out alike."""
    columns = {"metric": "score", "seed": "run", "condition": "model", "item": "item"}
    found = ss.compare(_table(), **columns, baseline="base", over="item")
    for width in ("column", "page"):
        panels = [axes for axes in found.plot(width=width).axes if axes.get_label() != "title"]
        intervals = [line for axes in panels for line in axes.get_lines() if line.get_gid() == "interval"]
        assert len(intervals) == len(found.table())
        named = [" ".join(axes.get_ylabel().split()) for axes in panels]
        assert named == ["score", "difference, score", "difference, score"]
        assert {axes.yaxis.get_ticks_position() for axes in panels} == {"left"}


@pytest.mark.long
def test_of_many_items_some_are_drawn_and_the_title_says_so() -> None:
    """Above 2,000 items every second one is drawn."""
    axes = next(axes for axes in _panels("item", _table(2001)) if _strips(axes))
    assert len(_strips(axes)[0]) == 1001
    assert axes.get_title(loc="left") == "dot: one item in 2, minus the baseline"


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 4, 9])
def test_long_names_are_told_in_lines_or_aslant(count) -> None:
    """Names of conditions stay whole up to four lines, and do not run into each other."""
    names = [f"contra_soft_muon_split_{number}" for number in range(count)]
    rows = [
        (name, seed, seed % 3 + 0.1 * at)
        for at, name in enumerate(["tuned baseline", *names])
        for seed in range(5)
    ]
    found = ss.compare(pd.DataFrame(rows, columns=["condition", "seed", "metric"]), baseline="tuned baseline")
    figure = found.plot()
    figure.canvas.draw()
    labels = figure.axes[1].get_xticklabels()
    said = [label.get_text().replace("\n", "") for label in labels]
    assert said[1:] == names
    if count <= 4:
        boxes = sorted(label.get_window_extent().extents.tolist() for label in labels)
        assert all(one[2] < other[0] for one, other in itertools.pairwise(boxes))
    else:
        assert {label.get_rotation() for label in labels} == {35.0}
