"""Conditions that are neither treatment nor control are neither checked nor noted."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sigstats import SweepTable, detect
from sigstats.errors import SignatureError, TableError
from sigstats.evidence.reason import Reason

KEYS = ["condition", "seed", "knob", "metric"]


def rows(condition: str, slope: float, *, n_seeds: int = 4) -> list[tuple[object, ...]]:
    rng = np.random.default_rng(len(condition))
    return [
        (condition, str(seed), level, slope * level + rng.normal(0, 0.1))
        for seed in range(n_seeds)
        for level in range(6)
    ]


def frame(*extra: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame([*rows("on", 1.0), *rows("off", 0.0), *extra], columns=KEYS)


REPEATED_ROW = [("odd", "0", 0, 1.0), ("odd", "0", 0, 2.0)]
FRESH_RUNS = [("odd", f"run {level}", level, 0.5) for level in range(6)]
ENDLESS = [("odd", "0", 0, np.inf)]
GAPS = [("odd", str(seed), level, float(seed)) for seed in range(5) for level in range(5 - seed)]
COPIES = [("odd", str(seed), level, float(level)) for seed in range(3) for level in range(6)]
WITHOUT_SEED = [("odd", None, 0, 1.0)]
OTHER_LEVELS = [("odd", "0", level, 1.0) for level in (100, 1000)]
ODD = {
    "a duplicate": REPEATED_ROW,
    "fresh runs": FRESH_RUNS,
    "an infinite value": ENDLESS,
    "gaps": GAPS,
    "copies": COPIES,
    "a missing seed": WITHOUT_SEED,
    "other levels": OTHER_LEVELS,
    "no value at all": [("odd", "0", 0, np.nan)],
}


@pytest.mark.long
@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas, lambda data: pl.from_pandas(data).lazy()])
def test_what_is_odd_in_a_condition_that_is_not_in_use_changes_nothing(kind, make):
    """The verdict, its notes and its hash are those of the table without the other condition."""
    clean = detect(frame(), shape="increasing", treatment="on", control="off")
    found = detect(make(frame(*ODD[kind])), shape="increasing", treatment="on", control="off")
    assert found.status == clean.status == "present"
    assert found.notes == clean.notes
    assert found.evidence.table_notes == ()
    assert found.provenance == clean.provenance


@pytest.mark.parametrize("kind", ["a duplicate", "an infinite value", "fresh runs"])
def test_the_same_in_a_condition_that_is_in_use_is_a_problem(kind):
    """Without `treatment` the odd condition is a treatment."""
    with pytest.raises(TableError):
        detect(frame(*ODD[kind]), shape="increasing", control="off")


@pytest.mark.long
def test_text_in_a_metric_of_another_condition_does_not_make_the_metric_text():
    """A CSV in which another condition holds a word is read as text: its own cells are numbers."""
    data = frame(("odd", "0", 0, 1.0)).astype({"metric": str})
    data.loc[data.index[-1], "metric"] = "diverged"
    found = detect(data, shape="increasing", treatment="on", control="off")
    assert found.status == "present"
    filtered = detect(data, shape="increasing", control="off", where={"condition": ["on", "off"]})
    assert filtered.effect == found.effect
    with pytest.raises(TableError, match="holds text"):
        detect(data, shape="increasing", control="off")


def test_labels_of_several_types_are_compared_by_their_ids():
    """Python objects as labels: 7 and '7' are one condition, and others are left out."""
    data = frame(*REPEATED_ROW)
    data["condition"] = data["condition"].map({"on": 7, "off": "off", "odd": 3.5}).astype(object)
    found = detect(data, shape="increasing", treatment="7", control="off")
    assert found.status == "present"
    assert [arm.condition for arm in found.evidence.arms] == ["7", "off"]


def test_a_name_that_is_all_but_the_same_is_still_asked_about():
    """'On ' may be the treatment that was meant, so it is not left out in silence."""
    with pytest.raises(TableError, match="differ only by blanks"):
        detect(frame(*rows("On ", 1.0)), shape="increasing", treatment="on", control="off")


def test_a_missing_condition_is_still_an_error():
    """A row without a condition may belong to the treatment."""
    with pytest.raises(TableError, match="condition"):
        detect(frame((None, "9", 0, 1.0)), shape="increasing", treatment="on", control="off")


def test_a_treatment_that_is_not_there_is_named_beside_all_that_are():
    """The message lists every condition of the table."""
    with pytest.raises(SignatureError, match=r"\('odd', 'off', 'on'\)|\('off', 'on', 'other'\)"):
        detect(frame(*rows("other", 0.0)), shape="increasing", treatment="onn", control="off")


def test_a_sweep_table_is_narrowed_in_the_same_way():
    """Notes on gaps and copies of other conditions are gone, and the hash is that of what was used."""
    table = SweepTable.from_frame(frame(*GAPS))
    assert {note.code for note in table.notes} >= {"missing_cells"}
    found = detect(table, shape="increasing", treatment="on", control="off")
    clean = detect(frame(), shape="increasing", treatment="on", control="off")
    assert found.evidence.table_notes == ()
    assert Reason.TABLE_NOTES not in found.notes
    assert found.provenance == clean.provenance
