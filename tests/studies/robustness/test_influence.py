"""What a verdict rests on: what was left out, the smallest set of runs, tilted seeds, and the planted culprits."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from sigstats import Signature, SweepTable, detect, robustness
from sigstats.stats.scores.linear import linear_scores
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.influence import find_influence, without_seeds
from sigstats.studies.robustness.readings import read
from sigstats.studies.robustness.tilts import tilted
from sigstats.studies.robustness.variants import Variant

X = np.linspace(0.0, 1.0, 8)
LEVELS = np.arange(1.0, 9.0)
CLAIM = Signature(shape="increasing", design="repeated", min_effect=0.5)


def curves(slopes, *, sd=0.05, entropy=3):
    return np.outer(slopes, X) + np.random.default_rng(entropy).normal(0.0, sd, (len(slopes), X.size))


def variant_of(cells, signature=CLAIM, levels=LEVELS, seeds=None):
    return Variant(table=SweepTable.from_matrices(levels, cells, seeds=seeds), signature=signature)


def influence_of(variant):
    return find_influence(variant, detect(variant.table, variant.signature), n_jobs=1)


@pytest.fixture(scope="module")
def one_seed():
    """Return a variant in which one of six seeds carries the whole effect."""
    return variant_of({"treatment": curves([0.1, 0.0, 0.05, 0.02, 3.0, 0.08])})


@pytest.fixture(scope="module")
def found(one_seed):
    return influence_of(one_seed)


@pytest.mark.long
def test_the_seed_that_carries_the_effect_comes_first(found):
    first = found.removals[0]
    assert (first.kind, first.items, first.reading.status) == ("seed", ("4",), "absent")
    assert str(first) == "without seed 4: absent (below_min_effect)"
    assert [each.items for each in found.of("seed") if each.changes] == [("4",)]
    assert found.guilt(first) == 1.0


def test_every_seed_level_and_pair_is_left_out_once(found):
    assert sorted(each.items[0] for each in found.of("seed")) == list("012345")
    assert sorted(each.items[0] for each in found.of("level")) == [f"{level:g}" for level in LEVELS]
    assert {each.items for each in found.of("pair")} == set(itertools.combinations("012345", 2))
    assert found.of("condition") == ()


@pytest.mark.long
def test_a_removal_is_what_detect_says_of_the_rest(one_seed, found):
    cells = one_seed.table.matrix("treatment")
    for each in found.removals:
        rows = [row for row, seed in enumerate("012345") if each.kind == "level" or seed not in each.items]
        columns = [
            c for c, level in enumerate(LEVELS) if each.kind != "level" or f"{level:g}" not in each.items
        ]
        rest = SweepTable.from_matrices(LEVELS[columns], {"treatment": cells[np.ix_(rows, columns)]})
        assert read(detect(rest, CLAIM)) == each.reading


def test_the_smallest_set_is_that_seed(found):
    assert (found.smallest.condition, found.smallest.seeds, found.smallest.exact) == (
        "treatment",
        ("4",),
        True,
    )


def test_a_seed_moves_just_as_far_as_is_needed(one_seed, found):
    """On either side of the distance that was found, by 2 %, the verdict is the old and the other one."""
    whole = detect(one_seed.table, CLAIM)
    moved = [each for each in found.shifts if each.shift is not None]
    assert moved
    for each in moved:
        near, far = (
            detect(tilted(one_seed, each.seed, ("treatment",), factor * each.shift), CLAIM).status
            for factor in (0.98, 1.0)
        )
        assert near is whole.status
        assert far is not whole.status
        assert far is each.reading.status


def test_the_seed_that_carries_the_effect_can_change_the_verdict_by_falling_back(found):
    own = next(each for each in found.shifts if each.seed == "4")
    scores = linear_scores(curves([0.1, 0.0, 0.05, 0.02, 3.0, 0.08]), X)
    assert own.shift < 0
    assert own.sds == pytest.approx(own.shift / scores.std(ddof=1))


@pytest.mark.parametrize("scale", ["linear", "log", "logit"])
def test_a_tilt_moves_the_score_by_as_much(scale):
    base = {"linear": lambda v: v, "log": np.exp, "logit": lambda v: 1.0 / (1.0 + np.exp(-v))}[scale]
    signature = dataclasses.replace(CLAIM, metric_scale=scale)
    variant = variant_of({"treatment": base(curves([1.0, 2.0, 3.0]))}, signature)
    before = detect(variant.table, signature).evidence.arms[0]
    after = detect(tilted(variant, "1", ("treatment",), 0.7), signature).evidence.arms[0]
    old, new = (dict(zip(arm.seeds, arm.scores, strict=True)) for arm in (before, after))
    assert {seed: new[seed] - old[seed] for seed in old} == pytest.approx(
        {"0": 0.0, "1": 0.7, "2": 0.0}, abs=1e-9
    )


@pytest.mark.long
def test_too_few_seeds_are_no_finding():
    few = influence_of(variant_of({"treatment": curves([2.0, 2.1, 1.9])}))
    assert few.of("seed") == ()
    assert few.smallest is None
    assert "3 of 3 removals of a seed leave too little for a verdict" in few.notes


@pytest.mark.long
def test_one_of_several_conditions_is_left_out_and_a_lone_control_is_not():
    cells = {"a": curves([2.0] * 4), "b": curves([0.0] * 4, entropy=4), "none": curves([0.0] * 4, entropy=5)}
    found = influence_of(variant_of(cells, dataclasses.replace(CLAIM, control="none")))
    assert {each.items for each in found.of("condition")} == {("a",), ("b",)}
    without_b = next(each for each in found.of("condition") if each.items == ("b",))
    assert (without_b.reading.status, without_b.changes) == ("present", True)


def test_a_label_that_conditions_share_is_one_seed_and_its_runs_are_several():
    variant = variant_of({"a": curves([2.0] * 4), "b": curves([1.0] * 4, entropy=4)})
    everywhere, once = without_seeds(variant, {"1"}), without_seeds(variant, {"1"}, "a")
    assert [everywhere.table.seeds(name) for name in "ab"] == [("0", "2", "3")] * 2
    assert [once.table.seeds(name) for name in "ab"] == [("0", "2", "3"), ("0", "1", "2", "3")]


@pytest.mark.long
def test_two_runs_that_hide_behind_each_other_are_found_exactly():
    variant = variant_of({"treatment": curves([2.0, 2.1, 1.9, 2.0, 2.05, -0.4, -0.5], sd=0.02)})
    whole = detect(variant.table, CLAIM)
    assert whole.status == "inconclusive"
    found = influence_of(variant)
    changing = [
        pair
        for pair in itertools.combinations("0123456", 2)
        if detect(without_seeds(variant, set(pair)).table, CLAIM).status is not whole.status
    ]
    singles = [
        s for s in "0123456" if detect(without_seeds(variant, {s}).table, CLAIM).status is not whole.status
    ]
    assert (singles, changing) == ([], [("5", "6")])
    assert (found.smallest.seeds, found.smallest.exact) == (("5", "6"), True)


@pytest.mark.long
def test_many_seeds_are_not_paired_and_it_is_said(monkeypatch):
    monkeypatch.setattr("sigstats.studies.robustness.influence.MOST_PAIRS", 5)
    monkeypatch.setattr("sigstats.studies.robustness.influence.MOST_SHIFTED", 2)
    found = influence_of(variant_of({"treatment": curves([2.0, 2.1, 1.9, 2.05])}))
    assert found.of("pair") == ()
    assert len(found.shifts) == 2
    assert any("pairs of 4 seeds were not left out" in note for note in found.notes)
    assert any("only 2 of 4 seeds were tilted" in note for note in found.notes)


@pytest.mark.long
def test_independent_runs_are_not_tilted():
    found = influence_of(
        variant_of({"treatment": curves([2.0] * 4)}, dataclasses.replace(CLAIM, design="independent"))
    )
    assert found.shifts == ()
    assert any("the seeds do not have scores" in note for note in found.notes)


def narrow(variant):
    return [
        each for each in default_choices(variant.table, variant.signature) if each.name in ("window", "line")
    ]


@pytest.mark.long
def test_the_result_names_the_seed_that_carries_the_effect(one_seed):
    result = robustness(one_seed.table, CLAIM, choices=narrow(one_seed), replications=0)
    assert result.verdict.status == "inconclusive"
    assert (result.weakest.kind, result.weakest.name, result.weakest.status) == ("seed", "4", "absent")
    assert str(result.weakest) == (
        "Without the seed '4' the verdict is absent (below_min_effect); without any other single seed it stands."
    )


@pytest.mark.long
def test_the_result_names_the_last_level_where_it_drives_the_effect():
    cells = np.random.default_rng(7).normal(0.0, 0.1, (6, 8))
    cells[:, -1] += 3.0
    variant = variant_of({"treatment": cells}, dataclasses.replace(CLAIM, min_effect=0.3))
    result = robustness(variant.table, variant.signature, choices=narrow(variant), replications=0)
    assert result.verdict.status == "present"
    assert (result.weakest.kind, result.weakest.name, result.weakest.status) == ("level", "8", "absent")
    assert result.influence.removals[0].items == ("8",)
    assert result.weakest.sentence.startswith("Without the level 8 the verdict is absent (below_min_effect)")


@pytest.mark.long
def test_levels_that_are_words_are_called_by_them():
    """Leaving out a named level names it, on two levels and on more; nothing needs the frame again."""
    start, words = [0.1, 0.3, 0.2, 0.0, 0.2], ["small", "middle", "large"]
    rows = [
        (seed, word, start[seed] + (3.0 if word == "large" else 0.02 * (-1) ** (seed + at)) * (1 + seed / 20))
        for seed in range(5)
        for at, word in enumerate(words)
    ]
    frame = pd.DataFrame(rows, columns=["seed", "size", "score"])
    for levels in (words, words[1:]):
        asked = Signature(knob="size", metric="score", shape="increasing", levels=levels)
        found = robustness(frame[frame["size"].isin(levels)], asked, replications=0)
        if len(levels) == 3:
            assert {each.items[0] for each in found.influence.of("level")} <= set(words)
            assert any(each.changes for each in found.influence.of("level"))
            assert "level large" in found.weakest.sentence
            found.plot()
