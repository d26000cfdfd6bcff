"""Levels that are words are called by these words in every report."""

import numpy as np
import pandas as pd
import pytest

import sigstats as ss

NOISE = np.array([0.03, -0.05, 0.01, 0.06, -0.04])


def _table(levels: list[object], means: list[float]) -> pd.DataFrame:
    rows = [
        (seed, level, mean + float(NOISE[(seed + place) % 5]))
        for seed in range(5)
        for place, (level, mean) in enumerate(zip(levels, means, strict=True))
    ]
    return pd.DataFrame(rows, columns=["seed", "switch", "score"])


def _verdict(data: pd.DataFrame, shape: object = "increasing", **options: object) -> ss.Verdict:
    return ss.detect(data, knob="switch", metric="score", shape=shape, **options)


DECLARED = _table(["off", "on"], [0.0, 1.0])
ORDERED = DECLARED.assign(switch=pd.Categorical(DECLARED["switch"], categories=["off", "on"], ordered=True))


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (DECLARED, {"levels": ["off", "on"]}, "switch from off to on"),
        (ORDERED, {}, "switch from off to on"),
        (DECLARED.assign(switch=DECLARED["switch"] == "on"), {}, "switch from false to true"),
        (
            DECLARED.assign(switch=(DECLARED["switch"] == "on").astype(object)),
            {},
            "switch from false to true",
        ),
        (_table([1, 2], [0.0, 1.0]), {}, "switch from 1 to 2"),
    ],
)
def test_the_scope_names_the_levels(data: pd.DataFrame, options: dict[str, object], said: str) -> None:
    """The scope names declared levels, ordered categories, true and false; numbers stay numbers."""
    assert said in " ".join(_verdict(data, **options).summary(full=True).split())


def test_a_single_level_is_named() -> None:
    """The least clear level of a claim on every level is called by its name."""
    found = _verdict(DECLARED, "flat", levels=["off", "on"], min_effect=0.2)
    said = " ".join(found.summary(full=True).split())
    assert "at switch = o" in said
    assert "at switch = 1" not in said
    assert "at switch = 2" not in said


def test_a_place_between_levels_is_told_by_its_neighbours() -> None:
    """An onset between two levels with names is told by these two."""
    words = ["none", "low", "some", "much", "very", "most"]
    found = _verdict(_table(words, [0, 0, 0, 1, 1, 1]), ss.shapes.Threshold(form="step"), levels=words)
    assert "onset at switch = between some and much" in " ".join(found.summary(full=True).split())


def test_ticks_are_names() -> None:
    """The axis of the figure shows the names of the levels."""
    found = _verdict(DECLARED, levels=["off", "on"])
    axes = next(axes for axes in found.plot().axes if axes.get_label() == "curves")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["off", "on"]


def test_json_keeps_the_numbers_beside_the_names() -> None:
    """JSON has the levels as numbers, and their names once."""
    found = _verdict(DECLARED, levels=["off", "on"]).to_dict()
    assert found["scope"] == [1.0, 2.0]
    assert found["evidence"]["level_names"] == [[1.0, "off"], [2.0, "on"]]


def test_a_table_keeps_the_names() -> None:
    """A sweep table that was made before has the names as well."""
    table = ss.SweepTable.from_frame(DECLARED, knob="switch", metric="score", levels=["off", "on"])
    assert table.level_names == ((1.0, "off"), (2.0, "on"))
    assert "knob from off to on" in " ".join(ss.detect(table, shape="increasing").summary(full=True).split())
