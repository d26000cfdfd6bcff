"""Ticks at the levels of a sweep."""

import itertools
import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sigstats.report.numbers import level
from sigstats.report.ticks import numbers_of, tick_levels

SWEEPS = {
    "uneven": [1e-5, 1e-4, 3e-4, 1e-3, 1e-2, 0.1],
    "two": [0.0001, 0.1],
    "twelve": [base * 10.0**power for power in range(-6, 0) for base in (1, 3)],
    "crowded": [100.0, 101.0, 102.0, 103.0, 1000.0],
    "many": np.geomspace(3.0, 4.7e6, 60).tolist(),
    "many and near": np.linspace(1000.0, 1500.0, 60).tolist(),
}


def _axes(width: float):
    figure = Figure(figsize=(width, 2.0))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


@pytest.mark.long
@pytest.mark.parametrize("scale", ["log", "linear", "rank"])
@pytest.mark.parametrize("sweep", SWEEPS)
def test_labels_never_touch_and_every_one_of_few_levels_has_a_tick(sweep, scale):
    """On any scale, from a small panel to a slide, also when the axes change their width later."""
    levels = np.array(SWEEPS[sweep])
    axes = _axes(10.0)
    positions = np.arange(len(levels), dtype=float) if scale == "rank" else levels
    if scale == "log":
        axes.set_xscale("log")
    axes.plot(positions, positions)
    tick_levels(axes, positions, levels, log=scale == "log")
    for width in (1.5, 3.3, 10.0):
        axes.get_figure().set_size_inches(width, 2.0)
        axes.get_figure().draw_without_rendering()
        boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
        assert boxes
    if len(levels) <= 12:
        np.testing.assert_array_equal(axes.get_xticks(), positions)
        shown = [label.get_text() for label in axes.get_xticklabels()]
        assert all(float(said) == pytest.approx(at) for said, at in zip(shown, levels, strict=True) if said)


def test_round_levels_keep_their_labels():
    """Where room is short, the ends and powers of ten stay."""
    axes = _axes(2.4)
    levels = np.array(SWEEPS["uneven"])
    axes.set_xscale("log")
    axes.plot(levels, levels)
    tick_levels(axes, levels, levels, log=True)
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "1e-5",
        "1e-4",
        "",
        "1e-3",
        "1e-2",
        "1e-1",
    ]


def test_numbers_are_those_of_the_text_and_have_one_notation():
    """As in sentences; where one number of an axis has an exponent, all but zero have."""
    assert (
        numbers_of([0, 0.0003, 10_000])
        == [level(each) for each in (0, 0.0003, 10_000)]
        == ["0", "0.0003", "10000"]
    )
    assert numbers_of([0, 1e-5, 3e-4, 0.1]) == ["0", "1e-5", "3e-4", "1e-1"]
    assert numbers_of([1.5, -2e7]) == ["1.5e0", "-2e7"]
    assert all(math.isclose(float(said), 123456e3) for said in numbers_of([123456e3]))
