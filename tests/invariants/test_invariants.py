"""What must not change a verdict, on sweeps that Hypothesis makes up."""

import itertools
import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sigstats import Status, SweepTable, detect
from sigstats.evidence.reason import Reason

NUMBERS = ("effect", "contrast")


@st.composite
def sweeps(draw, *, conditions=("a", "b", "c"), gaps=True, min_levels=3, whole=False):
    """Curves of one to three conditions that rise, fall, bend or stay, with levels, labels and gaps of their own."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_levels = draw(st.integers(min_levels, 9))
    levels = np.cumsum(rng.uniform(0.5, 2.0, n_levels)).round(3)
    x = (levels - levels[0]) / np.ptp(levels)
    shared = draw(st.booleans())
    n_conditions = draw(st.integers(1, len(conditions)))
    missing = draw(st.sampled_from([0.0, 0.2])) if gaps else 0.0
    noise = draw(st.sampled_from([0.05, 0.4, 1.0]))
    forms = (lambda t: t, lambda t: np.sin(3 * t), lambda t: 0 * t, lambda t: (t > 0.6) * 1.0)
    matrices, seeds = {}, {}
    for name in conditions[:n_conditions]:
        n_seeds = draw(st.integers(3, 7))
        mean = draw(st.sampled_from([-3.0, 0.0, 1.0, 4.0])) * draw(st.sampled_from(forms))(x)
        spread = draw(st.sampled_from([0.0, 1.0])) * rng.normal(size=(n_seeds, 1)) * x
        values = mean + spread + rng.normal(size=(n_seeds, 1)) + noise * rng.normal(size=(n_seeds, n_levels))
        if whole:
            values = np.round(2 * values)
        values[rng.random(values.shape) < missing] = np.nan
        values[:, :3] = np.where(np.isnan(values[:, :3]), 0.5, values[:, :3])
        matrices[name] = values
        seeds[name] = [f"{s}" if shared else f"{name}{s}" for s in range(n_seeds)]
    return SweepTable.from_matrices(levels, matrices, seeds=seeds)


def options_of(table, **more):
    """Return the signature of a rise, in which the last of several conditions is the control."""
    control = table.conditions[-1] if len(table.conditions) > 1 else None
    return {"shape": "increasing", "control": control, "min_effect": 0.8, **more}


def matrices_of(table):
    """Return matrices and labels by condition."""
    return (
        {name: table.matrix(name) for name in table.conditions},
        {name: table.seeds(name) for name in table.conditions},
    )


def rebuilt(table, *, change=lambda values: values, levels=None, backwards=False):
    """Return the table with its metric changed, its levels replaced, or its knob reversed."""
    matrices, seeds = matrices_of(table)
    turn = slice(None, None, -1) if backwards else slice(None)
    return SweepTable.from_matrices(
        table.levels if levels is None else levels,
        {name: change(values[:, turn]) for name, values in matrices.items()},
        seeds=seeds,
    )


def without_labels(verdict, names=None):
    """Return the dictionary of a verdict with labels, hash and order of labels taken out."""
    found = verdict.to_dict()
    text = {k: v for k, v in found.items() if k not in ("signature", "provenance")}
    for arm in text["evidence"]["arms"]:
        del arm["seeds"]
        if arm["groups"]:
            arm["groups"] |= {name: len(arm["groups"][name]) for name in ("upper", "lower")}
        arm["short"] = [[run["first"], run["last"]] for run in arm["short"]]
        arm["condition"] = (names or {}).get(arm["condition"], arm["condition"])
    text["influence"] = sorted(
        [(names or {}).get(each["condition"], each["condition"]), each["level"] or 0.0, each["status"]]
        for each in text["influence"]
    )
    for each in text["strength"]["treatments"]:
        each |= {role: (names or {}).get(each[role], each[role]) for role in ("condition", "control")}
    text["evidence"].pop("table_notes")
    if text["evidence"]["unseen"]:
        # Of several treatments with equally few seeds, any one may be named.
        del text["evidence"]["unseen"]["condition"]
    dumped = json.dumps(text)
    for new, old in (names or {}).items():
        dumped = dumped.replace(f"[{new}]", f"[{old}]").replace(f'["{new}", ', f'["{old}", ')
    return json.loads(dumped)


def pvalues(verdict):
    """Return all p-values of a verdict by name."""
    return {each.name: each.value for each in verdict.criteria if "pvalue" in each.name}


def same_pvalues(first, second, **tolerance):
    """Return whether two verdicts have the same p-values."""
    one, two = pvalues(first), pvalues(second)
    return one.keys() == two.keys() and all(
        two[name] == pytest.approx(value, nan_ok=True, **tolerance) for name, value in one.items()
    )


def answer(verdict):
    """Return what a reader remembers."""
    return verdict.status, verdict.reasons, verdict.notes


def far_from_bounds(verdict, distance=1e-4):
    """Return whether no comparison is so close that rounding could turn it."""
    return all(
        abs(each.value - each.bound) > distance * max(abs(each.bound), 1e-12)
        for each in verdict.criteria
        if not math.isnan(each.value)
    )


# Order and names.


@given(table=sweeps(), data=st.data())
def test_order_of_rows_and_columns_does_not_matter(table, data):
    """Shuffled rows, columns and index give the same verdict to the last bit."""
    frame = table.to_frame()
    order = data.draw(st.permutations(range(len(frame))))
    columns = data.draw(st.permutations(list(frame.columns)))
    shuffled = frame.iloc[list(order)][list(columns)].set_axis(order, axis="index")
    options = options_of(table)
    assert detect(shuffled, **options).to_dict() == detect(frame, **options).to_dict()


@pytest.mark.long
@given(table=sweeps(), data=st.data())
def test_names_of_seeds_do_not_matter(table, data):
    """Any other names for the same seeds give the same numbers to the last bit."""
    matrices, seeds = matrices_of(table)
    known = sorted({label for labels in seeds.values() for label in labels})
    fresh = data.draw(st.permutations([f"run {number:03d}" for number in range(len(known))]))
    renamed = dict(zip(known, fresh, strict=True))
    other = SweepTable.from_matrices(
        table.levels, matrices, seeds={name: [renamed[s] for s in labels] for name, labels in seeds.items()}
    )
    options = options_of(table)
    assert without_labels(detect(other, **options)) == without_labels(detect(table, **options))


@given(table=sweeps(whole=False), data=st.data())
def test_names_of_conditions_do_not_matter(table, data):
    """Any other names for the same conditions give the same numbers to the last bit."""
    check_condition_names(table, data)


@given(table=sweeps(whole=True), data=st.data())
def test_names_of_conditions_do_not_matter_where_values_repeat(table, data):
    """Tied values leave nothing for the names to decide either."""
    check_condition_names(table, data)


def check_condition_names(table, data):
    """Assert that new condition names change nothing but names."""
    matrices, seeds = matrices_of(table)
    fresh = data.draw(st.permutations(["new x", "new y", "new z"]))
    renamed = dict(zip(table.conditions, fresh, strict=False))
    other = SweepTable.from_matrices(
        table.levels,
        {renamed[name]: values for name, values in matrices.items()},
        seeds={renamed[name]: labels for name, labels in seeds.items()},
    )
    options = options_of(table)
    control = options["control"]
    expected = without_labels(detect(table, **options))
    options["control"] = renamed[control] if control else None
    back = {new: old for old, new in renamed.items()}
    assert without_labels(detect(other, **options), back) == expected


@given(table=sweeps(conditions=("a", "b")))
def test_conditions_that_were_not_asked_for_do_not_matter(table):
    """A condition beside those that are named in the signature leaves the verdict as it is."""
    matrices, seeds = matrices_of(table)
    extra = np.arange(4.0)[:, None] * 1e6 * np.cos(table.levels)
    more = SweepTable.from_matrices(
        table.levels, {**matrices, "z": extra}, seeds={**seeds, "z": ["0", "1", "a0", "x"]}
    )
    control = table.conditions[1] if len(table.conditions) > 1 else None
    options = {"shape": "increasing", "treatment": "a", "control": control}
    assert without_labels(detect(more, **options)) == without_labels(detect(table, **options))


@given(seed=st.integers(0, 10_000), order=st.permutations("abc"))
def test_conditions_with_the_same_values_in_other_cells_have_no_order_but_their_own(seed, order):
    """Three treatments that hold one set of values, each in cells of its own, may bear any names."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=15)
    curves = [rng.permutation(values).reshape(3, 5) for _ in range(3)]
    verdicts = [
        detect(
            SweepTable.from_matrices(
                np.arange(5.0),
                dict(zip(names, curves, strict=True)),
                seeds={name: [f"{place}-{s}" for s in range(3)] for place, name in enumerate(names)},
            ),
            shape="increasing",
        )
        for names in ("abc", order)
    ]
    first, second = ([repr(each.value) for each in verdict.criteria] for verdict in verdicts)
    assert first == second


# Units.


@given(table=sweeps(), power=st.integers(-900, 900))
def test_powers_of_two_change_only_the_unit(table, power):
    """Scaling by any power of two leaves status, reasons and every p-value exactly as they are."""
    options = options_of(table)
    scaled = rebuilt(table, change=lambda values: np.ldexp(values, power))
    first = detect(table, **options)
    second = detect(scaled, **{**options, "min_effect": math.ldexp(0.8, power)})
    assert answer(second) == answer(first)
    assert same_pvalues(first, second, rel=0, abs=0)
    assert second.effect.value == math.ldexp(first.effect.value, power)


@given(table=sweeps(), a=st.floats(1e-6, 1e6), b=st.floats(-1e5, 1e5))
def test_straight_changes_of_the_metric_change_only_the_unit(table, a, b):
    """a*y + b leaves the verdict, and p-values to rounding."""
    options = options_of(table)
    first = detect(table, **options)
    assume(far_from_bounds(first))
    changed = rebuilt(table, change=lambda values: a * (values + b))
    second = detect(changed, **{**options, "min_effect": 0.8 * a})
    assert (second.status, second.reasons) == (first.status, first.reasons)
    assert same_pvalues(first, second, rel=1e-6, abs=1e-300)


@given(table=sweeps())
def test_a_huge_offset_changes_nothing_that_is_left_of_the_data(table):
    """Values of order one beside an offset of 1e12 keep the verdict of the values as they are then stored."""
    options = options_of(table)
    lifted = rebuilt(table, change=lambda values: values + 1e12)
    stored = rebuilt(lifted, change=lambda values: values - 1e12)
    first = detect(stored, **options)
    assume(far_from_bounds(first))
    second = detect(lifted, **options)
    assert (second.status, second.reasons) == (first.status, first.reasons)
    assert same_pvalues(first, second, rel=1e-6, abs=1e-300)


@given(table=sweeps(), c=st.floats(1e-6, 1e6), d=st.floats(-1e3, 1e3))
def test_straight_changes_of_the_knob_change_only_the_scope(table, c, d):
    """c*x + d leaves the verdict, and p-values to rounding."""
    options = options_of(table)
    first = detect(table, **options)
    assume(far_from_bounds(first))
    second = detect(rebuilt(table, levels=c * (table.levels + d)), **options)
    assert (second.status, second.reasons) == (first.status, first.reasons)
    assert same_pvalues(first, second, rel=1e-6, abs=1e-300)


@given(table=sweeps(), power=st.integers(-900, 900))
def test_powers_of_two_of_the_knob_change_only_the_scope(table, power):
    """Knobs of any size are swept alike."""
    options = options_of(table)
    first = detect(table, **options)
    second = detect(rebuilt(table, levels=np.ldexp(table.levels, power)), **options)
    assert answer(second) == answer(first)
    assert same_pvalues(first, second, rel=0, abs=0)


UP = np.linspace(0.0, 1.0, 8)
CURVES = {
    "increasing": 5 * UP,
    "flat": 0 * UP,
    "linear": 8 * UP,
    "threshold": 14 * np.maximum(UP - 0.5, 0),
    "peak": -16 * (UP - 0.5) ** 2,
}
CORNERS = [("metric", -1000), ("metric", 1020), ("knob", -500), ("knob", 500)]


@pytest.mark.long
@pytest.mark.parametrize(("shape", "controlled"), [*((shape, False) for shape in CURVES), ("flat", True)])
def test_verdicts_on_every_kind_of_shape_hold_in_the_corners_of_floating_point(shape, controlled):
    """Neither the unit of the metric, nor that of the knob, nor 1e12 added to either is part of the answer."""
    rng = np.random.default_rng(3)
    curves = {"a": CURVES[shape], **({"b": 8 * UP} if controlled else {})}
    # Multiples of 1/1024, which are still whole beside 1e12.
    values = {
        name: np.round(1024 * (each + 0.3 * rng.normal(size=(6, 8)))) / 1024 for name, each in curves.items()
    }
    options = {"shape": shape, "control": "b" if controlled else None}
    if shape == "threshold":
        options["shape"] = {"name": "threshold", "form": "hinge"}

    usual = np.arange(1.0, 9.0)

    def found(by=1.0, plus=0.0, levels=usual):
        table = SweepTable.from_matrices(levels, {name: by * each + plus for name, each in values.items()})
        sized = {"min_effect": by * 2.0} if shape in ("flat", "linear") else {}
        return detect(table, **options, **sized)

    first = found()
    assert first.status is Status.PRESENT
    seconds = [
        found(by=2.0**power) if what == "metric" else found(levels=2.0**power * np.arange(1.0, 9.0))
        for what, power in CORNERS
    ]
    for second in (*seconds, found(plus=1e12), found(levels=1e12 + np.arange(1.0, 9.0))):
        assert (second.status, second.reasons) == (first.status, first.reasons)
        assert same_pvalues(first, second, rel=1e-6, abs=1e-300)


def test_the_largest_numbers_are_told_and_drawn_in_silence():
    """A report in every format is made of values at the end of the range of floating point."""
    power = 1020
    values = 2.0**power * (6 * UP + 0.3 * np.random.default_rng(3).normal(size=(6, 8)))
    found = detect(SweepTable.from_matrices(np.arange(8.0), {"a": values}), shape="increasing")
    assert found.summary(full=True)
    assert "image/" in found.to_html()
    means = json.loads(found.to_json())["evidence"]["arms"][0]["level_means"]
    assert means == pytest.approx(list((values / 2.0**power).mean(axis=0) * 2.0**power), rel=1e-9)


@given(table=sweeps())
def test_the_order_of_levels_is_all_that_a_rank_scale_sees(table):
    """With a rank scale any ascending levels give the same verdict."""
    options = options_of(table, knob_scale="rank")
    other = rebuilt(table, levels=np.exp(np.arange(table.levels.size)))
    first, second = detect(table, **options), detect(other, **options)
    assert answer(second) == answer(first)
    assert same_pvalues(first, second, rel=0, abs=0)


@given(table=sweeps())
def test_single_precision_gives_the_verdict_of_its_values(table):
    """float32 values and the same values as float64 are one and the same table."""
    frame = table.to_frame()
    single = frame.assign(metric=frame["metric"].astype(np.float32))
    double = single.assign(metric=single["metric"].astype(float))
    options = options_of(table)
    assert detect(single, **options).to_dict() == detect(double, **options).to_dict()


# Mirrors.


@given(table=sweeps())
def test_reading_the_knob_backwards_turns_a_rise_into_a_fall(table):
    """The reversed table has the same verdict for the reversed claim."""
    options = options_of(table)
    first = detect(table, **options)
    assume(far_from_bounds(first, 1e-9))
    mirrored = rebuilt(table, levels=-table.levels[::-1], backwards=True)
    second = detect(mirrored, **{**options, "shape": "decreasing"})
    assert answer(second) == answer(first)
    assert same_pvalues(first, second, rel=1e-9, abs=1e-12)
    assert second.effect.value == pytest.approx(first.effect.value, rel=1e-9, abs=1e-12)
    if first.scope is not None and Reason.REVERSES not in first.reasons:
        assert second.scope == pytest.approx((-first.scope[1], -first.scope[0]))


@given(table=sweeps())
def test_changing_the_sign_turns_a_rise_into_a_fall(table):
    """The negated metric has the same verdict for the reversed claim, to the last bit of every p-value."""
    options = options_of(table)
    first = detect(table, **options)
    second = detect(rebuilt(table, change=lambda values: -values), **{**options, "shape": "decreasing"})
    assert answer(second) == answer(first)
    assert same_pvalues(first, second, rel=1e-12, abs=1e-15)
    assert second.scope == first.scope


@pytest.mark.long
@given(table=sweeps())
def test_a_rise_and_a_fall_are_never_both_present(table):
    """One table does not show both directions."""
    options = options_of(table)
    verdicts = [detect(table, **{**options, "shape": shape}) for shape in ("increasing", "decreasing")]
    assert sum(verdict.status is Status.PRESENT for verdict in verdicts) <= 1


# What must never help a claim.


@pytest.mark.long
@given(
    table=sweeps(conditions=("a",)), copies=st.booleans(), shape=st.sampled_from(["increasing", "decreasing"])
)
def test_a_treatment_like_its_control_is_never_present(table, copies, shape):
    """A control with the treatment's own curves, with the same labels or others, refuses a present verdict."""
    values = table.matrix("a")
    seeds = {
        "a": table.seeds("a"),
        "b": table.seeds("a") if copies else [f"b{s}" for s in range(len(values))],
    }
    twins = SweepTable.from_matrices(
        table.levels, {"a": values, "b": values[::-1] if not copies else values}, seeds=seeds
    )
    found = detect(twins, shape=shape, control="b")
    assert found.status is not Status.PRESENT
    assert Reason.IDENTICAL_ARMS in found.notes
    if copies:
        paired = detect(twins, shape=shape, control="b", paired=True)
        assert paired.status is not Status.PRESENT


@given(
    table=sweeps(),
    effects=st.lists(st.floats(0.01, 20), min_size=2, max_size=5).map(sorted),
    shape=st.sampled_from(["increasing", "decreasing"]),
)
def test_asking_for_more_never_makes_a_claim_present(table, effects, shape):
    """As the smallest effect of interest grows, a verdict that is not present does not become so."""
    options = options_of(table, shape=shape)
    found = [detect(table, **{**options, "min_effect": size}).status for size in effects]
    lost = False
    for status in found:
        assert not (lost and status is Status.PRESENT)
        lost = lost or status is not Status.PRESENT


@pytest.mark.long
@given(table=sweeps(), alphas=st.lists(st.floats(0.002, 0.3), min_size=2, max_size=4).map(sorted))
def test_a_stricter_alpha_never_shows_more(table, alphas):
    """Whatever is met at a small alpha is met at a larger one."""
    options = options_of(table)
    shown = [
        {
            each.name
            for each in detect(table, **options, alpha=alpha).criteria
            if each.met and each.name != "effect"
        }
        for alpha in alphas
    ]
    for strict, lax in itertools.pairwise(shown):
        assert strict <= lax


@given(table=sweeps(), alpha=st.floats(0.005, 0.2))
def test_pvalue_and_interval_agree(table, alpha):
    """An end of an interval lies beyond zero exactly where the one-sided p-value is at most alpha."""
    found = detect(table, **options_of(table), alpha=alpha)
    pairs = []
    if found.evidence.interval is not None:
        interval = found.evidence.interval
        pairs.append((interval.pvalue, interval.estimate.low > 0))
        # Where one level carries most of the line, an effect is only called opposite if the ranks agree.
        assert interval.estimate.high < 0 or not interval.pvalue_opposite < alpha - 1e-9
    if found.evidence.control is not None:
        control = found.evidence.control
        contrasts = (control.specific, control.quiet, control.responds, control.artifact)
        pairs += [(each.pvalue, each.estimate.low > 0) for each in contrasts]
    for pvalue, beyond in pairs:
        if not math.isnan(pvalue) and abs(pvalue - alpha) > 1e-9:
            assert (pvalue <= alpha) == beyond


@given(table=sweeps())
def test_definite_verdicts_rest_on_finite_numbers(table):
    """Whatever is claimed, no number behind it is missing, and no p-value is 0 or above 1."""
    found = detect(table, **options_of(table))
    for name, value in pvalues(found).items():
        assert math.isnan(value) or 0 < value <= 1, name
    if found.status is not Status.INCONCLUSIVE:
        needed = {
            "trend_pvalue", "interval_low", "slopes_prob_positive", "opposite_pvalue", "small_pvalue", "effect",
        }  # fmt: skip
        values = {each.name: each.value for each in found.criteria if each.name in needed}
        if Reason.REVERSES not in found.reasons:
            assert all(math.isfinite(value) for value in values.values())


@given(table=sweeps())
def test_a_present_verdict_means_that_every_line_holds(table):
    """Present, weak or unspecific: all three lines are met, and the listed criteria say so."""
    found = detect(table, **options_of(table))
    if found.rule > 6:
        met = {each.name: each.met for each in found.criteria}
        assert met["trend_pvalue"]
        assert met["interval_low"]
        assert met["slopes_prob_positive"]


# Determinism.


@pytest.mark.long
def test_the_hash_seed_of_the_interpreter_does_not_matter(tmp_path):
    """Two interpreters with different hash seeds write the same JSON, byte by byte."""
    rng = np.random.default_rng(3)
    rows = [
        (k, 0.4 * k * (c == "a") + rng.normal(), f"s{s}", c)
        for c in "abc"
        for s in range(5)
        for k in range(6)
    ]
    path = tmp_path / "sweep.csv"
    pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"]).to_csv(path, index=False)
    code = (
        "import sys, pandas, sigstats\n"
        f"frame = pandas.read_csv({str(path)!r})\n"
        "sys.stdout.write(sigstats.detect(frame, shape='increasing', control=['b', 'c']).to_json())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1
    assert json.loads(found.pop())["schema"] == 1


@given(table=sweeps())
@settings(max_examples=10)
def test_asking_twice_gives_the_same_answer(table):
    """The same input always has the same verdict, whatever was asked in between."""
    options = options_of(table)
    first = detect(table, **options).to_json()
    detect(table, **{**options, "shape": "decreasing"}, rng=5)
    assert detect(table, **options).to_json() == first


@given(table=sweeps())
@settings(max_examples=10)
def test_a_verdict_can_be_pickled_with_its_data(table):
    """A signature and a table that went through a copy give the same verdict."""
    import copy
    import pickle

    options = options_of(table)
    found = detect(pickle.loads(pickle.dumps(table)), **options)  # noqa: S301 - our own bytes
    assert found.to_dict() == detect(copy.deepcopy(table), **options).to_dict()
    assert replace(found, notes=()).status is found.status
