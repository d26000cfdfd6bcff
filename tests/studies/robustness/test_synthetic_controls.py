"""Tables whose claim was broken on purpose: values stay, the claim goes, rates are rates."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sigstats import Signature, SweepTable, detect, simulate_sweep
from sigstats.errors import OptionError, Problem, SignatureError, TableError
from sigstats.studies.robustness import synthetic_controls as module
from sigstats.studies.robustness.report.tables import synthetic_table
from sigstats.studies.robustness.synthetic_controls import SyntheticControl, synthetic_controls

CLAIM = Signature(shape="increasing", control="control")
PROBLEM = Problem(code="NONE", column=None, message="no level is shared", remedy="Add some.")
GROUPS = (("treatment",), ("control",))
STRONG = simulate_sweep({"treatment": 6.0, "control": 0.0}, n_seeds=5, rng=1)
SHARED = simulate_sweep({"treatment": 6.0, "control": 0.0}, n_seeds=5, rng=1, seed_correlation=0.5)
FRESH = simulate_sweep({"treatment": 6.0, "control": 0.0}, n_seeds=5, rng=1, independent=True)


def sorted_values(values):
    return np.sort(values[~np.isnan(values)])


@pytest.fixture(scope="module")
def strong():
    return synthetic_controls(STRONG, CLAIM, replications=30)


@pytest.mark.long
def test_a_clear_claim_goes_when_it_is_broken(strong):
    """Present as it stands, and rarely with the knob or the labels shuffled."""
    assert strong.claimed == "present"
    assert [each.kind for each in strong.controls] == ["knob permuted", "labels permuted"]
    for each in strong.controls:
        assert each.replications == 30
        assert each.interval()[0] <= 0.05
        assert each.rate() <= 0.1
        assert each.failed == 0


@pytest.mark.long
def test_what_is_present_where_labels_are_dealt_is_the_table_as_it_stands():
    """With 3 seeds against 3, a clear claim comes back in 1 of the 20 ways to deal the labels, and only there."""
    table = simulate_sweep({"treatment": 8.0, "control": 0.0}, n_seeds=3, rng=1)
    assert detect(table, CLAIM).status == "present"
    (_, labels) = synthetic_controls(table, CLAIM, replications=80).controls
    assert 1 <= labels.unchanged <= 12
    assert labels.rate() == labels.unchanged / 80


@pytest.mark.parametrize("table", [STRONG, SHARED], ids=["own seeds", "shared seeds"])
def test_a_permuted_knob_keeps_the_values_of_every_seed(table):
    """Each seed has the values that it had, in another order."""
    found = module._knob_permuted(table, GROUPS, "repeated", np.random.default_rng(1))
    for name, values in found.items():
        np.testing.assert_array_equal(np.sort(values, axis=1), np.sort(table.matrix(name), axis=1))
        assert (values != table.matrix(name)).any(axis=1).all()


def test_seeds_are_permuted_on_their_own():
    """Identical curves do not stay identical: no curve is left that seeds share."""
    table = SweepTable.from_matrices(range(8), {"treatment": np.tile(np.arange(8.0), (6, 1))})
    found = module._knob_permuted(table, (("treatment",), ()), "repeated", np.random.default_rng(1))
    assert len({row.tobytes() for row in found["treatment"]}) == 6


def test_permuted_labels_keep_curves_whole():
    """Curves move between the conditions as they are."""
    found = module._labels_permuted(STRONG, GROUPS, "repeated", np.random.default_rng(3))
    before = Counter(row.tobytes() for name in STRONG.conditions for row in STRONG.matrix(name))
    after = Counter(row.tobytes() for values in found.values() for row in values)
    assert before == after
    assert {row.tobytes() for row in found["treatment"]} != {
        row.tobytes() for row in STRONG.matrix("treatment")
    }


def test_shared_seeds_change_places_within_their_label():
    """A seed that is seen in both conditions keeps its two curves."""
    found = module._labels_permuted(SHARED, GROUPS, "repeated", np.random.default_rng(3))
    swapped = 0
    for row in range(5):
        pair = {SHARED.matrix(name)[row].tobytes() for name in SHARED.conditions}
        assert {found[name][row].tobytes() for name in found} == pair
        swapped += not np.array_equal(found["control"][row], SHARED.matrix("control")[row])
    assert 0 < swapped < 5


def test_fresh_runs_are_dealt_within_their_level():
    """In the independent design, the values of each level stay at that level, and cells stay filled."""
    found = module._labels_permuted(FRESH, GROUPS, "independent", np.random.default_rng(3))
    before = np.concatenate([FRESH.matrix(name) for name in ("treatment", "control")])
    after = np.concatenate([found["treatment"], found["control"]])
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    for column in range(8):
        np.testing.assert_array_equal(sorted_values(before[:, column]), sorted_values(after[:, column]))
    knob = module._knob_permuted(FRESH, GROUPS, "independent", np.random.default_rng(3))
    for name, values in knob.items():
        np.testing.assert_array_equal(sorted_values(values), sorted_values(FRESH.matrix(name)))


def test_gaps_stay_where_they_are():
    """Missing cells are part of the table, not of the values."""
    table = simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=5, missing=0.2, rng=1)
    found = module._knob_permuted(table, GROUPS, "repeated", np.random.default_rng(1))
    for name, values in found.items():
        np.testing.assert_array_equal(np.isnan(values), np.isnan(table.matrix(name)))


@pytest.mark.long
def test_the_same_entropy_gives_the_same_answer_in_any_number_of_processes(strong):
    """Streams belong to replications, not to processes; the global generator is left alone."""
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - what must not change
    again = synthetic_controls(STRONG, CLAIM, replications=30, n_jobs=2)
    assert again == strong
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002 - as above
    by_generator = [
        synthetic_controls(STRONG, CLAIM, replications=3, rng=np.random.default_rng(4)) for _ in range(2)
    ]
    assert by_generator[0] == by_generator[1]
    assert by_generator[0].entropy != strong.entropy


@pytest.mark.long
def test_a_table_frame_and_filters_are_read_once():
    """Filters and repeats are settled before values change places."""
    frame = STRONG.to_frame()
    claim = Signature(shape="increasing", control="control", where={"knob": {"max": 5}}, aggregate="mean")
    found = synthetic_controls(frame, claim, replications=5)
    assert found.claimed == detect(frame, claim).status
    assert all(each.replications == 5 for each in found.controls)


def test_what_makes_no_sense_is_skipped_with_its_reason():
    """Without a control there are no labels to deal; a claim on every level does not depend on their order."""
    found = synthetic_controls(simulate_sweep(0.0, rng=1), Signature(shape={"name": "flat", "margin": 5.0}))
    assert found.controls == ()
    assert dict(found.skipped) == {
        "knob permuted": "a claim of the shape 'flat' holds for levels in any order",
        "labels permuted": "there is no control whose labels could be shuffled",
    }
    assert str(found).endswith("no synthetic control applies")


def test_an_altered_table_that_cannot_be_read_is_counted_and_no_verdict(monkeypatch):
    """An error is never a verdict: it leaves the rate."""
    judge = module.decisions_on

    def sometimes(tables, signature):
        found = judge(tables, signature)
        found[1::2] = [TableError([PROBLEM])] * len(found[1::2])
        return found

    monkeypatch.setattr(module, "decisions_on", sometimes)
    claim = Signature(shape="increasing")
    (found,) = synthetic_controls(simulate_sweep(0.0, n_seeds=3, rng=1), claim, replications=10).controls
    assert (found.failed, found.replications, found.why_failed) == (5, 5, "no level is shared")


def test_where_no_altered_table_can_be_judged_words_say_so_and_why(monkeypatch):
    """No rate is printed that does not exist."""
    monkeypatch.setattr(module, "decisions_on", lambda tables, _: [TableError([PROBLEM])] * len(tables))
    found = synthetic_controls(
        simulate_sweep(0.0, n_seeds=3, rng=1), Signature(shape="increasing"), replications=4
    )
    table = synthetic_table(found)
    assert table.rows == (("knob permuted", "none could be judged", "0", "0", "4"),)
    assert (
        "Knob permuted: 4 altered tables could not be judged, most because no level is shared." in table.below
    )
    assert str(found).endswith("knob permuted: none of 4 altered tables could be judged (no level is shared)")
    assert "nan" not in str(found)


@pytest.mark.parametrize("error", [SignatureError("no"), OptionError("no")])
def test_an_error_that_is_none_of_the_data_is_not_swallowed(error, monkeypatch):
    """The claim fits the real table: what does not fit the altered ones is a fault of the analysis."""
    monkeypatch.setattr(module, "decisions_on", lambda tables, _: [error] * len(tables))
    with pytest.raises(type(error)):
        synthetic_controls(
            simulate_sweep(0.0, n_seeds=3, rng=1), Signature(shape="increasing"), replications=2
        )


def test_columns_may_have_any_name():
    """Altered tables keep the names of knob, metric, seed and condition, and of levels; all of them are judged."""
    frame = simulate_sweep({"adam": 6.0, "sgd": 0.0}, n_seeds=4, levels=4, rng=1).to_frame()
    frame = frame.rename(columns={"knob": "wd", "metric": "acc", "seed": "run", "condition": "opt"})
    frame["wd"] = frame["wd"].map(
        dict(zip(sorted(set(frame["wd"])), ("none", "low", "mid", "high"), strict=True))
    )
    claim = Signature(
        shape="increasing", control="sgd", levels=["none", "low", "mid", "high"],
        knob="wd", metric="acc", seed="run", condition="opt",
    )  # fmt: skip
    found = synthetic_controls(frame, claim, replications=6)
    assert [(each.replications, each.failed) for each in found.controls] == [(6, 0), (6, 0)]


@pytest.mark.long
@given(hits=st.integers(0, 30), misses=st.integers(0, 30))
def test_the_monte_carlo_error_is_that_of_clopper_and_pearson(hits, misses):
    """Held against scipy's exact binomial interval; it always holds the rate."""
    counts = tuple((name, n) for name, n in (("absent", misses), ("present", hits)) if n)
    each = SyntheticControl(kind="knob permuted", says="", counts=counts, unchanged=0, failed=0)
    low, high = each.interval()
    if hits + misses:
        expected = stats.binomtest(hits, hits + misses).proportion_ci(0.95, method="exact")
        np.testing.assert_allclose([low, high], [expected.low, expected.high], atol=1e-9)
        assert low <= each.rate() <= high
    else:
        assert (low, high) == (0.0, 1.0)
        assert np.isnan(each.rate())


def test_it_is_plain_for_strict_json(strong):
    plain = json.loads(json.dumps(strong.to_dict(), allow_nan=False))
    assert plain["controls"][0]["kind"] == "knob permuted"
    assert sum(plain["controls"][0]["counts"].values()) == 30


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("replications", 0, "`replications` is 0; it must be a whole number from 1 to 1,000,000."),
        ("replications", True, "`replications` is True; "),
        ("n_jobs", 0, "`n_jobs` is 0; it must be a whole number of processes, or -1 for all processors."),
        ("rng", -1, "`rng` is -1; "),
    ],
)
def test_options_are_checked(option, value, said):
    with pytest.raises(OptionError, match="^" + said.replace("(", r"\(")):
        synthetic_controls(STRONG, CLAIM, **{option: value})
