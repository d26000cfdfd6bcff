"""Every figure at the width of a column, of a page and of a slide, with long names: nothing is cut, no words touch.

Pictures in `pictures/` are what some of them looked like when they were last looked at; a picture that differs is kept
beside it. After a change that is meant, look at it, and take it over: SIGSTATS_NEW_PICTURES=1 .ci/test -m "" FILE.
"""

import functools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.testing.compare import compare_images
from sigstats_words_in_figures import outside, touching, words

import sigstats as ss

pytestmark = pytest.mark.long
PICTURES = Path(__file__).parent / "pictures"
TOLERANCE = (
    12.0  # root mean square over the levels of grey: other fonts and edges stay below it, moved panels do not
)
KNOB, METRIC = "number of tokens in the prompt", "similarity of prompt and continuation"
NAMES = (
    "the recipe as published, with warm-up and weight decay",
    "without warm-up, everything else as it was",
    "without_weight_decay_and_without_warm_up",
)
LEVELS = tuple(2.0 ** np.arange(4, 12))


def sweep(sizes, *, levels=LEVELS, n_seeds=4):
    """Return a table of conditions whose metric rises by their sizes along the logarithm of the knob."""
    rng, at = np.random.default_rng(4), np.linspace(0.0, 1.0, len(levels))
    rows = [
        (name, f"run {seed} of {n_seeds}", level, size * share + rng.normal(0, 0.3))
        for name, size in sizes.items()
        for seed in range(n_seeds)
        for level, share in zip(levels, at, strict=True)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", KNOB, METRIC])


COLUMNS = {"knob": KNOB, "metric": METRIC, "knob_scale": "log", "control": NAMES[2]}


def compared():
    rng = np.random.default_rng(3)
    rows = [
        (name, seed, mean + rng.normal(0, 0.01))
        for name, mean in zip(NAMES, (0.8, 0.75, 0.79), strict=True)
        for seed in range(4)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", METRIC])
    return ss.compare(frame, metric=METRIC, claim="lower", baseline=NAMES[0], min_effect=0.02)


def forecast():
    frame = sweep({NAMES[0]: 3.0})
    frame[METRIC] = 2.0 + frame[METRIC]
    return ss.forecast(frame, shape="linear", knob=KNOB, metric=METRIC, knob_scale="log", to=[1024, 2048])


def scoped():
    parts = [
        sweep({NAMES[0]: size, NAMES[2]: 0.0}).assign(model=model, task="sorting of long lists")
        for model, size in (("llama-3 70b instruct, quantised", 3.0), ("mistral 7b", 0.1))
    ]
    return ss.scope(pd.concat(parts), shape="increasing", by=["model", "task"], min_effect=0.5, **COLUMNS)


def verdict():
    return ss.detect(sweep({NAMES[0]: 3.0, NAMES[2]: 0.0}), shape="increasing", min_effect=0.5, **COLUMNS)


def slopes():
    return ss.hierarchical_slopes(sweep({NAMES[0]: 3.0, NAMES[2]: 0.0}), shape="increasing", **COLUMNS)


MADE = {made.__name__: functools.cache(made) for made in (compared, forecast, scoped, slopes, verdict)}
EVERY = [(name, width) for name in MADE for width in ("column", "page", "slide")]


@pytest.mark.long
@pytest.mark.parametrize(("name", "width"), EVERY)
def test_no_words_touch_or_leave_a_figure(name, width):
    figure = MADE[name]().plot(width=width)
    found = words(figure)
    assert outside(figure, found) == []
    assert touching(found) == []


@pytest.mark.long
def test_no_condition_of_a_comparison_is_left_unnamed():
    figure = MADE["compared"]().plot(width="column")
    said = [label.get_text().replace("\n", " ") for label in figure.axes[1].get_xticklabels()]
    assert len(said) == 3
    assert all(said)


@pytest.mark.long
@pytest.mark.parametrize("name", ["compared", "forecast", "verdict"])
def test_a_figure_looks_as_it_was_looked_at(name, tmp_path):
    kept, made = PICTURES / f"{name}.png", tmp_path / f"{name}.png"
    if os.environ.get("SIGSTATS_NEW_PICTURES"):
        made = kept
    MADE[name]().plot(width="column").savefig(made, dpi=80)
    assert compare_images(str(kept), str(made), tol=TOLERANCE) is None
