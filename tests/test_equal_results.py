"""Public results are equal to their copies, and different from other results; they can be keys."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigstats_report_shape_samples import sample

import sigstats as ss
from sigstats.stats import sign_flip_family
from sigstats.stats.by_value import hash_of, same

FRAME = pd.DataFrame(
    [
        (name, seed, knob, height * knob / 5 + np.sin(7 * seed + 3 * knob + height) / 5)
        for name, height in (("a", 2.0), ("none", 0.0))
        for seed in range(4)
        for knob in range(6)
    ],
    columns=["condition", "seed", "knob", "metric"],
)
NAMES = {"metric": "metric", "condition": "condition", "seed": "seed"}
RESULTS = {
    "verdict": lambda: sample("increasing"),
    "evidence": lambda: sample("increasing").evidence,
    "verdict on a place": lambda: sample("threshold"),
    "comparison": lambda: ss.compare(FRAME[FRAME["knob"] == 5], baseline="none", **NAMES),
    "comparison of shapes": lambda: ss.compare_shapes(FRAME),
    "slopes": lambda: ss.hierarchical_slopes(FRAME),
    "plan": lambda: ss.Plan(effects={"a": 1.0}, levels=np.arange(6.0), n_seeds=5, noise_sd=0.5),
    "a result of stats": lambda: sign_flip_family([[1.0, 2.0, 3.0, 2.0, 1.0, 4.0], [1, 0, 1, 0, 1, 1]]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_equals_its_copy(name):
    """Pickling gives new arrays and new NaN."""
    result = RESULTS[name]()
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301 - its own
    assert result == copy
    assert len({result, copy}) == 1


def test_verdicts_on_other_numbers_differ():
    moved = FRAME.assign(metric=FRAME["metric"] + 1e-9 * FRAME["knob"])
    one, other = (ss.detect(frame, shape="increasing", control="none") for frame in (FRAME, moved))
    assert one != other
    assert one.evidence != other.evidence
    assert one != 3


VALUES = st.recursive(
    st.floats() | st.integers(-2, 2) | st.text(max_size=2) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=1), inner, max_size=3)
        | st.lists(st.floats(), max_size=3).map(np.array)
    ),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_what_is_the_same_has_the_same_hash(one, other):
    copy = pickle.loads(pickle.dumps(one))  # noqa: S301 - its own
    assert same(one, copy)
    assert hash_of(one) == hash_of(copy)
    assert same(one, other) == same(other, one)
    assert not same(one, other) or hash_of(one) == hash_of(other)


def test_arrays_differ_by_shape_element_and_kind():
    ones = np.ones(3)
    assert same(ones, np.array([1, 1, 1]))
    assert hash_of(ones) == hash_of(np.array([1, 1, 1]))
    assert hash_of(np.array([0.0, np.nan])) == hash_of(np.array([-0.0, -np.nan]))
    assert not same(ones, np.ones((3, 1)))
    assert not same(ones, np.array([1.0, 1.0, np.nan]))
    assert not same(ones, (1.0, 1.0, 1.0))
    assert same(np.array(["a", np.nan], dtype=object), np.array(["a", float("nan")], dtype=object))


def test_what_is_computed_once_is_no_part_of_a_verdict():
    """The strength is kept, and changes neither equality nor hash nor what is pickled."""
    table = ss.simulate_sweep({"a": 3.0, "none": 0.0}, n_seeds=4, rng=1)
    one, other = (ss.detect(table, shape="increasing", control="none") for _ in range(2))
    before = pickle.dumps(one)
    assert one.strength is one.strength
    assert (one == other, hash(one) == hash(other), pickle.dumps(one) == before) == (True, True, True)
    assert pickle.loads(before).strength == one.strength  # noqa: S301 - made above
