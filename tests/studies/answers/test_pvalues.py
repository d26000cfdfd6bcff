"""One p-value for *present* and one for *absent*, each of a verdict as a whole."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sigstats import Signature, compare, detect, simulate_sweep
from sigstats.evidence.reason import Reason
from sigstats.studies.answers.pvalues import absent_pvalue, is_absent, present_pvalue
from sigstats.verdict.multiple import primary_lines
from sigstats.verdict.rules import Status


def verdict(effects, *, n_seeds=5, rng=1, **claim):
    return detect(
        simulate_sweep(effects, n_seeds=n_seeds, rng=rng), Signature(**{"shape": "increasing", **claim})
    )


def test_present_without_a_control_counts_by_its_weakest_line():
    found = verdict({"t": 4.0})
    assert found.status is Status.PRESENT
    assert present_pvalue(found) == max(primary_lines(found.evidence).values())


def test_present_needs_a_quiet_control_as_well():
    """The effect is plain, but the control is shown to be quiet only just."""
    found = verdict({"t": 4.0, "c": 0.0}, control="c")
    assert found.status is Status.PRESENT
    assert present_pvalue(found) == max(
        *primary_lines(found.evidence).values(), found.evidence.control.quiet.pvalue
    )


def test_present_needs_the_required_clauses_as_well():
    found = verdict({"t": 12.0}, shape="linear", n_seeds=8)
    clauses = [each for each in found.evidence.clauses if each.kind == "required"]
    assert found.status is Status.PRESENT
    assert present_pvalue(found) >= max(clause.pvalue for clause in clauses) > 0


def test_present_needs_every_treatment_where_each_is_claimed():
    both = {"a": 5.0, "b": 3.0}
    mean, each = (verdict(both, across=across) for across in ("mean", "each"))
    alone = max(arm.claim_pvalue for arm in each.evidence.treatments)
    assert present_pvalue(each) >= alone > present_pvalue(mean)


def test_what_the_control_does_as_well_is_absent_and_not_present():
    """The primary clause alone has a p-value of almost nothing."""
    found = verdict({"t": 8.0, "c": 8.0}, control="c", min_effect=1.0)
    assert found.reasons == (Reason.ARTIFACT,)
    assert max(primary_lines(found.evidence).values()) < 0.01
    assert present_pvalue(found) == 1.0 or present_pvalue(found) > 0.05
    assert absent_pvalue(found) == found.evidence.control.artifact.pvalue


def test_absent_counts_by_the_size_of_the_effect():
    small = verdict({"t": 0.0}, min_effect=3.0)
    opposite = verdict({"t": -5.0}, min_effect=1.0)
    assert small.reasons == (Reason.BELOW_MIN_EFFECT,)
    assert absent_pvalue(small) == small.evidence.interval.pvalue_small
    assert opposite.reasons == (Reason.OPPOSITE,)
    assert absent_pvalue(opposite) == opposite.evidence.interval.pvalue_opposite


def test_an_effect_smaller_than_declared_is_there_and_yet_absent():
    """*Partial* because of its size alone: who expected nothing that matters was right."""
    found = verdict({"t": 1.5}, min_effect=6.0, n_seeds=10)
    assert (found.status, found.reasons) == (Status.PARTIAL, (Reason.WEAK,))
    assert is_absent(found)
    assert absent_pvalue(found) == found.evidence.interval.pvalue_small
    assert present_pvalue(found) == 1.0


def test_an_exponent_outside_its_range_denies_that_range():
    """*Partial*, as a power law is there; but who expected that exponent to be absent was right."""
    levels = [1.0, 2.0, 4.0, 8.0, 16.0]
    rng = np.random.default_rng(1)
    rows = [
        (seed, level, level**-1.0 * np.exp(0.02 * rng.standard_normal()))
        for seed in range(6)
        for level in levels
    ]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    found = detect(frame, Signature(shape={"name": "power_law", "exponent": (-0.75, -0.25)}))
    inside = next(each for each in found.evidence.clauses if each.name == "exponent_inside")
    assert (found.status, found.reasons) == (Status.PARTIAL, (Reason.EXPONENT_OUTSIDE,))
    assert is_absent(found)
    assert absent_pvalue(found) == inside.pvalue_refuted


@pytest.mark.long
@pytest.mark.parametrize(
    "shape", ["increasing", "linear", "flat", "peak", "concave", {"name": "above", "value": 0.0}]
)
def test_a_pvalue_is_small_exactly_where_the_verdict_says_so(shape):
    """Over simulated tables of all kinds; no p-value is 0."""
    seen = set()
    cases = itertools.product((-4.0, 0.0, 1.0, 3.0, 8.0), ({}, {"control": "c"}), ({}, {"min_effect": 2.0}))
    for number, (effect, control, margin) in enumerate(cases):
        if shape == "flat" and not margin:
            continue
        effects = {"t": effect, "c": effect * (number % 3) / 2} if control else {"t": effect}
        found = verdict(effects, rng=number, shape=shape, **control, **margin)
        seen.add(found.status)
        for pvalue, said in (
            (present_pvalue(found), found.status is Status.PRESENT),
            (absent_pvalue(found), is_absent(found)),
        ):
            assert 0 < pvalue <= 1
            assert (pvalue <= found.signature.alpha) == said, (effects, found)
    assert len(seen) > 1


def test_a_claim_that_was_not_tested_has_a_pvalue_of_1():
    """One of two treatments has too few seeds, so that no line is tested."""
    found = verdict({"a": 3.0, "b": 3.0}, n_seeds={"a": 5, "b": 2}, across="each")
    assert present_pvalue(found) == absent_pvalue(found) == 1.0


def test_a_comparison_counts_by_its_least_clear_treatment():
    """The largest of Holm's adjusted p-values of two treatments, made with scipy."""
    rng = np.random.default_rng(3)
    runs = {name: rng.normal(mean, 1.0, 8) for name, mean in {"base": 0.0, "a": 3.0, "b": 2.0}.items()}
    frame = pd.DataFrame(
        [(name, seed, value) for name, values in runs.items() for seed, value in enumerate(values)],
        columns=["condition", "seed", "metric"],
    )
    frame["seed"] = frame["condition"] + frame["seed"].astype(str)
    found = compare(frame, Signature(shape="higher", baseline="base", min_effect=0.1))
    alone = [
        stats.ttest_ind(runs[name], runs["base"], equal_var=False, alternative="greater").pvalue
        for name in "ab"
    ]
    assert found.status is Status.PRESENT
    assert present_pvalue(found) == pytest.approx(max(*alone, 2 * min(alone)))
    other = compare(frame, Signature(shape="lower", baseline="base"))
    assert other.status is Status.ABSENT
    assert absent_pvalue(other) == pytest.approx(max(*alone, 2 * min(alone)))
    assert present_pvalue(other) > 0.05
