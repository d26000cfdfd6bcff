"""Answers do not depend on the unit of the metric, or on a constant that is added to it."""

import functools
import json

import numpy as np
import pandas as pd
import pytest

import sigstats as ss

BASE = np.array([3.0, 7.0, 5.0, 6.0, 4.0, 9.0])
NEW = BASE + np.array([2.0, 3.0, 1.0, 4.0, 2.0, 5.0])
OTHER = BASE + np.array([0.0, 1.0, -1.0, 2.0, 0.0, 1.0])
SCALES = [2.0**900, 2.0**-900, 1e300, 1e-300, 1e200, 1e-200, 5e-320]
OFFSETS = [1e12, -1e12, 1e14]


def runs(*, paired=True):
    """Return integer scores of runs of three conditions."""
    conditions = {"base": BASE, "new": NEW, "other": OTHER}
    rows = [
        (name, str(run) if paired else f"{name}{run}", value)
        for name, values in conditions.items()
        for run, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "metric"])


def items():
    """Return integer scores of four runs on 20 items."""
    rng = np.random.default_rng(5)
    level = np.round(rng.normal(size=20) * 64)
    rows = [
        (name, f"{name}{run}", item, np.round(shift + effect + level[item] + rng.normal() * 20))
        for name, shift in (("base", 0), ("new", 25))
        for run, effect in enumerate(rng.normal(0, 10, 4))
        for item in range(20)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "item", "metric"])


QUESTIONS = {
    "pairs": (runs(), {"treatment": "new"}),
    "fresh runs": (runs(paired=False), {"treatment": "new", "min_effect": 2.5}),
    "equivalent": (runs(), {"treatment": "other", "claim": "equivalent", "min_effect": 2.5}),
    "not worse": (runs(paired=False), {"treatment": "other", "claim": "not_worse", "min_effect": 2.5}),
    "control": (runs(), {"treatment": "new", "control": "other"}),
    "Holm": (runs(), {}),
    "Dunnett, pairs": (runs(), {"correction": "dunnett"}),
    "Dunnett, fresh runs": (runs(paired=False), {"correction": "dunnett", "min_effect": 9.0}),
    "over runs": (items(), {"item": "item", "min_effect": 100.0}),
    "over items": (items(), {"item": "item", "over": "item", "min_effect": 30.0}),
    "over both": (items(), {"item": "item", "over": ["seed", "item"], "min_effect": 50.0}),
}


def moved(question, *, scale=1.0, offset=0.0):
    """Return the answer to a question whose metric is in another unit, and whose margin is as well."""
    frame, options = question
    if isinstance(options.get("min_effect"), float):
        options = options | {"min_effect": options["min_effect"] * scale}
    return ss.compare(frame.assign(metric=frame["metric"] * scale + offset), baseline="base", **options)


@functools.cache
def plain(question):
    """Return the answer in the unit of the data, which all other units are compared with."""
    return moved(QUESTIONS[question])


def numbers(found):
    """Return all that has no unit."""
    return [
        [
            row.pvalue,
            row.pvalue_against,
            row.pvalue_small,
            row.df,
            row.wins.value,
            row.wins.low,
            row.wins.high,
            row.standardised,
            row.correlation,
        ]
        + [each.value for each in row.criteria if each.value is not None]
        for row in found.rows
    ]


def same(one, other):
    """Check that two answers say the same."""
    assert [(row.status, row.reasons) for row in one.rows] == [
        (row.status, row.reasons) for row in other.rows
    ]
    for first, second in zip(numbers(one), numbers(other), strict=True):
        assert first == pytest.approx(second, rel=1e-6, nan_ok=True)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_unit_of_the_metric_does_not_matter(question, scale):
    """From 1e-320 to 1e300: the same p-values, sizes in the unit, and reports."""
    found = moved(QUESTIONS[question], scale=scale)
    same(found, plain(question))
    difference = [row.difference.value / scale for row in found.rows]
    assert difference == pytest.approx([row.difference.value for row in plain(question).rows], rel=1e-3)
    json.loads(found.to_json())
    assert found.summary(full=True)


FAR = [{"scale": 1e300}, {"scale": 5e-320}, *({"offset": offset} for offset in OFFSETS)]


@pytest.mark.long
@pytest.mark.parametrize("move", FAR, ids=str)
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(each, marks=[] if each in ("equivalent", "over both") else pytest.mark.slow)
        for each in QUESTIONS
    ],
)
def test_pages_with_their_figures_can_be_made_in_every_unit(question, move):
    """Two questions, with panels of every kind; all others are slow, as a figure takes half a second."""
    assert "<img" in moved(QUESTIONS[question], **move).to_html()


def test_a_relative_margin_does_not_depend_on_the_unit():
    """Forty per cent of the baseline are that in every unit."""
    asked = (runs(), {"treatment": "new", "min_effect": "40%"})
    plain = moved(asked)
    for scale in SCALES[:-1]:
        found = moved(asked, scale=scale)
        same(found, plain)
        assert found.rows[0].ratio.high == pytest.approx(plain.rows[0].ratio.high)


@pytest.mark.long
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_added_to_every_value_does_not_matter(question, offset):
    """Counts near 1e12 differ by as much as those near 0; they are not called constant."""
    found = moved(QUESTIONS[question], offset=offset)
    same(found, plain(question))
    assert found.baseline.mean == pytest.approx(offset, rel=1e-9)
    json.loads(found.to_json())
    assert found.summary(full=True)


def test_the_ratio_of_large_means_has_an_accurate_interval():
    """Near 1e12 the ratio differs from 1 by the interval of the difference over the mean."""
    found = moved(QUESTIONS["fresh runs"], offset=1e12).rows[0]
    ends = [(end - 1.0) * 1e12 for end in (found.ratio.low, found.ratio.high)]
    assert ends == pytest.approx([found.difference.low, found.difference.high], abs=2e-3)


def test_one_group_far_from_the_other_varies_by_its_own_size():
    """Runs near 1e12 and runs near 0, each with an sd of 2."""
    frame = runs(paired=False)
    far = frame["metric"] + 1e12 * (frame["condition"] == "new")
    found = ss.compare(frame.assign(metric=far), treatment="new", baseline="base")
    assert found.status == "present"


@pytest.mark.parametrize("level", [0.3, 70.0, 1e-250, 1e250])
def test_rounding_errors_are_no_variation(level):
    """Runs that differ in their last digits only do not vary."""
    values = [level, np.nextafter(level, np.inf), level, np.nextafter(level, -np.inf)]
    shifted = [2 * each for each in reversed(values)]
    rows = [("base", f"b{at}", each) for at, each in enumerate(values)]
    rows += [("new", f"n{at}", each) for at, each in enumerate(shifted)]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    assert ss.compare(frame, baseline="base").reasons == ("zero_variance",)
