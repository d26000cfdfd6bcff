"""Columns by which a claim could be asked one by one."""

import numpy as np
import pandas as pd
import pytest

from sigstats import Signature, SweepTable
from sigstats.evidence.moderators import moderators

RISE = Signature(shape="increasing", treatment="a", control="b")


@pytest.fixture
def frame():
    """Two tasks with a and b; c was run on one of them."""
    rng = np.random.default_rng(1)
    rows = [
        (k, rng.normal(), s, name, task, "same")
        for task, names in (("cats", "ab"), ("dogs", "abc"))
        for name in names
        for s in range(3)
        for k in range(5)
    ]
    return pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition", "task", "host"])


def test_a_column_counts_whose_every_value_has_the_conditions_in_use(frame):
    """Others may be missing; where they are asked for, they may not."""
    assert moderators(frame, RISE) == ("task",)
    assert moderators(frame, Signature(shape="increasing", treatment=["a", "c"], control="b")) == ()


def test_a_value_without_a_sweep_makes_it_none(frame):
    frame.loc[(frame["task"] == "cats") & (frame["knob"] > 0), "task"] = "dogs"
    assert moderators(frame, RISE) == ()


def test_tables_and_claims_along_a_column_have_none(frame):
    table = SweepTable.from_frame(frame[frame["task"] == "cats"], condition="condition")
    assert moderators(table, RISE) == ()
    fades = Signature(shape={"name": "fades", "by": "host"}, treatment="a", control="b")
    assert moderators(frame, fades) == ()
