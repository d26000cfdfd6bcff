from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.evidence.results.strength import NoScores
from sigstats.evidence.strength import _two_means

LEVELS = np.arange(6.0)
SLOPES = {"a": (0.9, 1.1, 1.3, 1.0, 0.8), "b": (0.5, 1.0, 0.9, 0.7, 0.6), "c": (0.1, -0.2, 0.3, 0.0, -0.1)}


def table(*conditions, shift=0):
    """Return exact lines, one per seed, whose rise is known: five times the slope."""
    rows = [
        (name, f"s{seed + shift * at}", x, slope * x + seed)
        for at, name in enumerate(conditions)
        for seed, slope in enumerate(SLOPES[name])
        for x in LEVELS
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])


def strength(data, **options):
    return ss.detect(data, shape="increasing", **options).strength


def test_without_a_control_a_seed_shows_it_at_all():
    """Three of five seeds of the control rise or do not fall: two do."""
    (found,) = strength(table("c")).treatments
    assert (found.n_showing, found.n_seeds, found.control) == (2, 5, None)
    assert found.probability.value == pytest.approx(0.4)


def test_with_a_control_pairs_of_seeds_are_compared():
    """Of 25 pairs, a is above b in 22 and level in two."""
    (found,) = strength(table("a", "b", shift=10), control="b").treatments
    above = np.sign(np.subtract.outer(SLOPES["a"], SLOPES["b"]).round(9))
    assert found.probability.value == pytest.approx((above.mean() + 1) / 2)
    assert (found.condition, found.control, found.n_compared) == ("a", "b", 5)
    assert found.probability.confidence == pytest.approx(0.9)


def test_paired_seeds_are_compared_with_themselves():
    (found,) = strength(table("a", "b"), control="b", paired=True).treatments
    apart = np.subtract(SLOPES["a"], SLOPES["b"])
    assert found.probability.value == pytest.approx((apart > 0).mean())
    assert found.n_compared == 5


@pytest.mark.long
def test_of_several_controls_the_closest_counts():
    found = strength(table("a", "b", "c", shift=10), control=["b", "c"]).treatments
    assert [each.control for each in found] == ["b"]


def test_bounds_of_several_treatments_hold_together():
    """Two treatments have each tail halved, and the weakest is that with the smallest probability."""
    found = strength(table("a", "c", shift=10))
    assert found.weakest.condition == "c"
    first = next(each for each in found.treatments if each.condition == "a")
    assert first.probability.low == pytest.approx(0.025 ** (1 / 5))


@pytest.mark.long
def test_units_of_the_metric_do_not_matter():
    """That is what strength is for."""
    data = table("a", "b", shift=10)
    other = data.assign(metric=1e4 * data["metric"] - 3)
    one, two = (strength(each, control="b") for each in (data, other))
    assert one.treatments[0].if_normal.value == pytest.approx(two.treatments[0].if_normal.value)
    assert one.treatments[0].standardised.low == pytest.approx(two.treatments[0].standardised.low)
    assert one.share.high == pytest.approx(two.share.high)
    assert one.replication.value == pytest.approx(two.replication.value)


@pytest.mark.long
@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_sizes_whose_squares_overflow_or_vanish_are_no_obstacle(unit):
    data = table("a", "b", shift=10)
    one, two = (strength(data.assign(metric=data["metric"] * by), control="b") for by in (1.0, unit))
    assert one.treatments[0].if_normal.low == pytest.approx(two.treatments[0].if_normal.low)
    assert one.share.high == pytest.approx(two.share.high)
    assert one.replication.value == pytest.approx(two.replication.value)
    assert one.detectable.high * unit == pytest.approx(two.detectable.high)


def test_the_share_is_that_of_the_verdict_with_the_bounds_of_fieller():
    verdict = ss.detect(table("a", "b", shift=10), shape="increasing", control="b")
    found, control = verdict.strength.share, verdict.evidence.control
    assert found.value == pytest.approx(control.share)
    # What `compare_control` tests at a share of a half agrees with whether the set holds a half.
    assert (found.high < control.quiet_fraction) == (control.quiet.pvalue < 0.05)
    one, other = np.array(SLOPES["a"]), np.array(SLOPES["b"])
    variances = one.var(ddof=1) / 5, other.var(ddof=1) / 5
    for end in (found.low, found.high):
        parts = end**2 * variances[0], variances[1]
        df = sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 4)
        t = (other.mean() - end * one.mean()) / np.sqrt(sum(parts))
        assert abs(t) == pytest.approx(_critical(df))


def _critical(df):
    from scipy import stats

    return stats.t.isf(0.05, df)


def test_paired_shares_heed_the_covariance():
    verdict = ss.detect(table("a", "b"), shape="increasing", control="b", paired=True)
    found, one, other = verdict.strength.share, np.array(SLOPES["a"]), np.array(SLOPES["b"])
    for end in (found.low, found.high):
        apart = other - end * one
        t = apart.mean() / (apart.std(ddof=1) / np.sqrt(5))
        assert abs(t) == pytest.approx(_critical(4))


@pytest.mark.long
@pytest.mark.parametrize(
    ("data", "options", "why"),
    [
        (table("a"), {"shape": "flat", "min_effect": 1}, NoScores.EVERY_LEVEL),
        (table("a"), {"shape": "peak"}, NoScores.OTHER_SEEDS),
        (table("a", "b", shift=10), {"shape": "linear", "control": "b"}, NoScores.BY_FORM),
        (table("a").query("seed < 's2'"), {"shape": "increasing"}, NoScores.TOO_FEW),
        (table("a").assign(seed=range(30)), {"shape": "increasing"}, NoScores.FRESH_RUNS),
    ],
)
def test_what_cannot_be_said_is_missing_with_its_reason(data, options, why):
    found = ss.detect(data, **options).strength
    assert (found.treatments, found.no_scores, found.weakest) == ((), why, None)


def test_fresh_runs_can_be_replicated_as_a_whole():
    """Without seeds to compare, the whole sweep may be made again."""
    rng = np.random.default_rng(2)
    rows = [(f"{x}-{run}", x, x + rng.normal()) for x in LEVELS for run in range(4)]
    data = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    found = ss.detect(data, shape="increasing").strength
    assert found.no_scores is NoScores.FRESH_RUNS
    assert 0.9 < found.replication.value < 1


def test_a_claim_on_every_treatment_has_no_replication_of_its_mean():
    found = strength(table("a", "b", shift=10), across="each")
    assert found.replication is None


def test_a_majority_is_replicated_by_its_count():
    """All of five seeds must show it again."""
    found = strength(table("a"), across_seeds="majority")
    assert found.replication.low == pytest.approx(0.05)


@pytest.mark.long
def test_it_is_in_tables_and_json_but_no_field_of_the_verdict():
    verdict = ss.detect(table("a", "b", shift=10), shape="increasing", control="b")
    assert verdict.table()["n_showing"].tolist() == [5, 5]
    assert verdict.table()["probability"].notna().tolist() == [True, False]
    told = verdict.to_dict()["strength"]
    assert told["treatments"][0]["probability"]["value"] == verdict.strength.treatments[0].probability.value
    assert "strength " in verdict.summary(full=True)


def test_at_a_planned_look_everything_is_at_the_level_of_that_look():
    """The intervals have the confidence of the effect's, and a replication is judged at the same level."""
    verdict = ss.detect(table("a"), shape="increasing", looks=[5, 8])
    assert verdict.alpha < 0.05
    (found,) = verdict.strength.treatments
    assert found.probability.confidence == pytest.approx(verdict.effect.confidence)
    assert found.probability.low == pytest.approx(verdict.alpha ** (1 / 5))
    assert "all of them together err in at most 0.05" in str(verdict.methods(full=True))


def test_a_declared_onset_leaves_each_seed_a_score_of_its_own():
    """A sought onset comes from the other seeds, so that seeds cannot be counted; at a declared one they can."""
    bend = np.clip(np.arange(8.0) - 3.0, 0.0, None)
    curves = bend + 0.1 * np.random.default_rng(0).standard_normal((5, 8))
    table = ss.SweepTable.from_matrices(np.arange(8.0), {"a": curves})
    (sought,), (declared,) = (
        ss.detect(table, shape={"name": "threshold", "onset": onset}).evidence.treatments
        for onset in (None, 3)
    )
    assert (sought.n_showing, declared.n_showing) == (None, 5)


def test_strength_is_told_in_one_line():
    """What is known of it, or why nothing is."""
    said = str(strength(table("a")))
    assert said.startswith("a new seed of 'a' shows it with probability")
    assert said.count("; ") == 2
    nothing = ss.detect(table("a").query("seed < 's2'"), shape="increasing").strength
    assert str(nothing) == f"no strength ({NoScores.TOO_FEW})"


@pytest.mark.parametrize("quiet_fraction", [0.2, 0.5, 0.9])
def test_a_replication_knows_that_both_tests_share_the_treatment(quiet_fraction, monkeypatch):
    """The effect is m, and what is asked of the control f m - c: their correlation is by hand."""
    from sigstats.evidence import strength as module

    asked = {}
    monkeypatch.setattr(
        module, "replication", lambda *_, correlation, **__: asked.update(correlation=correlation)
    )
    assert strength(table("a", "c", shift=10), control="c", quiet_fraction=quiet_fraction).replication is None
    treated, control = (np.var(SLOPES[name], ddof=1) for name in "ac")
    expected = quiet_fraction * treated / np.sqrt(treated * (quiet_fraction**2 * treated + control))
    assert asked["correlation"] == pytest.approx(expected)


def test_both_means_are_those_of_the_effect_itself():
    """Where the control was compared by another score, or the claim has none of its own, there is no pair."""
    data = table("a", "c", shift=10)
    found = ss.detect(data, shape="increasing", control="c")
    means = _two_means(found.evidence, found.signature)
    assert means.treatment_variance > 0
    control = found.evidence.control
    other = replace(control, treatment=replace(control.treatment, value=2 * control.treatment.value))
    assert _two_means(replace(found.evidence, control=other), found.signature) is None
    chosen = ss.Signature(shape="threshold", control="c")
    assert _two_means(found.evidence, chosen) is None
