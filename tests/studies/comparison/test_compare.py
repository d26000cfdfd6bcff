"""compare_shapes: what it finds, what does not matter to it, and what it refuses."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigstats as ss
from sigstats.errors import OptionError, SignatureError
from sigstats.shapes import Peak, Threshold

LEVELS = np.arange(8.0)
X = LEVELS / 7
STEP = {"name": "threshold", "form": "step"}
NONE = "none of these"
CLEAR = {
    "flat": 0 * X,
    "step": 10.0 * (X > 0.5),
    "hinge": 20 * np.maximum(X - X[3], 0),
    "sigmoid": 10 / (1 + np.exp(-12 * (X - 0.5))),
    "tent": 20 * np.where(X[4] > X, X, 2 * X[4] - X),
    "peak": 10 * np.exp(-(((X - 0.5) / 0.2) ** 2)),
    NONE: 5 * np.sin(4 * np.pi * X),
}


def table(mean, *, n_seeds=8, rng=1, noise=0.3, seed_sd=0.0, levels=LEVELS):
    generator = np.random.default_rng(rng)
    curves = mean + noise * generator.standard_normal((n_seeds, levels.size))
    return ss.SweepTable.from_matrices(
        levels, {"model": curves + seed_sd * generator.standard_normal((n_seeds, 1))}
    )


def share(values):
    return 1 / (1 + np.exp(-values))


@pytest.fixture(scope="module")
def steps() -> ss.SweepTable:
    return ss.simulate_sweep(8.0, form="step", n_seeds=6, rng=3)


@pytest.mark.long
@pytest.mark.parametrize("name", CLEAR)
def test_a_clear_curve_is_recognised(name):
    """With little noise the shape that made the curve is the best or within one standard error, and others are not."""
    found = ss.compare_shapes(table(CLEAR[name]), bounds=None)
    assert name in found.close
    wrong = {"flat", "linear", "hinge", "step", "sigmoid", "tent"} - {name}
    if name != "flat":
        assert not wrong & set(found.close)
    assert (found.none_of_these > 0.8) == (name == NONE)


def test_none_of_these_wins_over_a_bad_lot(steps):
    """Where the list lacks the true shape, the free mean curve is the best, and takes the weight."""
    found = ss.compare_shapes(steps, shapes=["flat", "linear", "convex"])
    assert found.best == NONE
    assert found.none_of_these > 0.9
    assert found.names[-1] == NONE
    assert "Best: none of these shapes" in found.summary(full=True)


def test_the_table_says_what_the_fields_say(steps):
    """Rows by error; differences from the best and from the declared one; weights that sum to 1."""
    found = ss.compare_shapes(steps, shape={"name": "threshold", "form": "hinge"})
    frame = found.table.set_index("shape")
    assert next(iter(frame.index)) == found.best == "step"
    assert frame["error"].is_monotonic_increasing
    np.testing.assert_allclose(
        frame["error"], found.errors.mean(axis=0)[[found.names.index(n) for n in frame.index]]
    )
    np.testing.assert_allclose(frame["difference"], frame["error"] - frame["error"].iloc[0], atol=1e-9)
    assert found.declared == "hinge, increasing"
    np.testing.assert_allclose(
        frame["to_declared"], frame["error"] - frame.loc["hinge, increasing", "error"], atol=1e-9
    )
    assert frame.loc["hinge, increasing", "to_declared_se"] == 0
    assert frame["weight"].sum() == pytest.approx(1)
    assert found.close[0] == "step"
    assert not found.errors.flags.writeable


def test_without_a_declared_shape_there_is_no_difference_to_it(steps):
    """The columns stay, without numbers."""
    found = ss.compare_shapes(steps)
    assert found.declared is None
    assert found.table["to_declared"].isna().all()
    assert "declared" not in found.summary(full=True).split("This describes")[0]


def test_a_declared_shape_keeps_its_direction(steps):
    """A falling step is declared, a rising one is there: the declared one predicts like flat."""
    found = ss.compare_shapes(steps, shapes=["flat", "step"], shape=STEP | {"direction": "decreasing"})
    assert set(found.names) == {"flat", "step", "step, decreasing", NONE}
    assert found.best == "step"
    gaps = dict(zip(found.names, found.against("flat").mean, strict=True))
    assert gaps["step, decreasing"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("increasing", "increasing"),
        ({"name": "linear", "direction": "increasing"}, "linear, increasing"),
        (Peak(), "peak"),
        (Threshold(form="step"), "step, increasing"),
        ("saturating", "saturating, increasing"),
        ({"name": "flat", "margin": 1.0}, "flat"),
        ("concave", "concave"),
    ],
)
def test_shapes_of_the_vocabulary_become_forms(steps, shape, name):
    """Names, mappings and objects are declared like in detect."""
    assert ss.compare_shapes(steps, shapes=["flat"], shape=shape).declared == name


def test_a_signature_says_what_is_declared(steps):
    """signature= stands for the keywords; both together are refused."""
    signature = ss.Signature(shape=STEP)
    by_keyword = ss.compare_shapes(steps, shape=STEP)
    by_signature = ss.compare_shapes(steps, signature=signature)
    assert by_signature.declared == by_keyword.declared == "step, increasing"
    np.testing.assert_array_equal(by_signature.errors, by_keyword.errors)
    with pytest.raises(SignatureError, match="Signature"):
        ss.compare_shapes(steps, signature=signature, shape=STEP)


@pytest.mark.long
def test_an_effect_that_fades_is_compared_along_its_column():
    """The effect of each seed becomes the metric; it declines."""
    rng = np.random.default_rng(1)
    rows = [
        (seed, layer, dose, 3 * dose * np.exp(-layer / 2) + rng.normal(0, 0.1))
        for seed in range(5)
        for layer in range(6)
        for dose in (0.0, 0.5, 1.0)
    ]
    frame = pd.DataFrame(rows, columns=["seed", "layer", "knob", "metric"])
    found = ss.compare_shapes(frame, shape={"name": "fades", "by": "layer"})
    assert found.declared == "decreasing"
    assert found.unit == "effect on metric"
    assert found.against("decreasing").mean[found.names.index("increasing")] > 0.1


@pytest.mark.long
@given(
    order=st.permutations(range(6)),
    factor=st.sampled_from([0.25, 1000.0]),
    shift=st.sampled_from([-500.0, 7.0]),
)
@settings(max_examples=15)
def test_order_labels_and_units_do_not_matter(order, factor, shift):
    """Seeds in another order with other names, a metric in other units: the same answer, errors in squared units."""
    plain = ss.simulate_sweep(3.0, form="sigmoid", n_seeds=6, rng=2).matrix("treatment")
    moved = ss.SweepTable.from_matrices(3 * LEVELS, {"b": factor * (plain[list(order)] + shift)})
    first = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"a": plain}), bounds=None)
    second = ss.compare_shapes(moved, bounds=None)
    shared = [name for name in first.names if name in second.names]
    for found, scale in ((first, 1.0), (second, factor**2)):
        at = [found.names.index(name) for name in shared]
        np.testing.assert_allclose(
            found.errors.mean(axis=0)[at] / scale,
            first.errors.mean(axis=0)[[first.names.index(n) for n in shared]],
            rtol=1e-6,
        )
    assert first.best == second.best


def test_a_mirrored_metric_mirrors_the_shapes():
    """Upside down, a peak is a valley and convex is concave, with the same errors."""
    plain = ss.compare_shapes(table(CLEAR["peak"]), bounds=None)
    mirrored = ss.compare_shapes(table(-CLEAR["peak"], noise=0.3), bounds=None)
    assert plain.best == "peak"
    assert mirrored.best == "valley"
    swap = {"peak": "valley", "valley": "peak", "convex": "concave", "concave": "convex"}
    curves = table(CLEAR["peak"]).matrix("model")
    exact = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": -curves}), bounds=None)
    for name in ("peak", "valley", "convex", "concave", "tent", "step"):
        np.testing.assert_allclose(
            np.sort(exact.errors[:, exact.names.index(swap.get(name, name))]),
            np.sort(plain.errors[:, plain.names.index(name)]),
        )


def test_levels_of_single_seeds_do_not_matter():
    """Seeds whose curves lie far apart are predicted as well as seeds that lie together."""
    near, far = (ss.compare_shapes(table(CLEAR["hinge"], seed_sd=sd), bounds=None) for sd in (0.0, 50.0))
    np.testing.assert_allclose(
        np.sort(far.errors, axis=0), np.sort(near.errors, axis=0), rtol=1e-6, atol=1e-9
    )


def test_frames_with_column_names_do_as_well(steps):
    """A frame gives the numbers of its table."""
    frame = steps.to_frame().rename(columns={"metric": "score", "knob": "size"})
    found = ss.compare_shapes(frame, knob="size", metric="score", shape=STEP)
    np.testing.assert_array_equal(found.errors, ss.compare_shapes(steps, shape=STEP).errors)
    assert (found.knob, found.unit) == ("size", "score")


def test_missing_cells_and_lonely_levels():
    """Seeds with gaps take part; short ones and levels that few seeds reach do not, and the notes say so."""
    curves = table(CLEAR["step"]).matrix("model").copy()
    curves[0, 2] = curves[3, 6] = curves[3, 7] = np.nan
    gaps = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}), bounds=None)
    assert gaps.best == "step"
    assert (gaps.n_seeds, gaps.n_levels) == (7, 8)
    assert any("less than 80 %" in note for note in gaps.notes)
    curves[1:, 7] = np.nan
    lonely = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}), bounds=None)
    assert lonely.n_levels == 7
    assert any("fewer than half" in note for note in lonely.notes)


def test_independent_runs_are_dealt_at_random():
    """The same rng deals the same way, another one differently; the global generator is untouched."""
    sweep = ss.simulate_sweep(8.0, form="step", n_seeds=5, rng=1, independent=True)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global generator is what is tested
    first, again, other = (ss.compare_shapes(sweep, rng=rng) for rng in (1, 1, 2))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    np.testing.assert_array_equal(first.errors, again.errors)
    assert (first.errors != other.errors).any()
    assert first.design == "independent"
    assert first.best == "step"
    assert any("dealt at random" in note for note in first.notes)


def test_several_treatments_are_averaged_and_controls_left_aside():
    """The curves are those of the treatments' mean; a control changes nothing but a note."""
    plan = {"adam": 8.0, "lion": 8.0, "frozen": 0.0}
    sweep = ss.simulate_sweep(plan, form="step", n_seeds=5, rng=1)
    found = ss.compare_shapes(sweep, shape=STEP, control="frozen")
    assert found.best == "step, increasing"
    assert {"the curves are those of the mean of 2 treatments", "controls take no part"} <= set(found.notes)
    alone = ss.compare_shapes(sweep, shape=STEP, treatment=["adam", "lion"])
    np.testing.assert_allclose(found.errors, alone.errors, rtol=1e-9)


@pytest.mark.parametrize("logs", [False, True])
def test_power_laws_are_compared_on_either_scale(logs):
    """A power law is found on the metric's own scale, and as the line of logarithms when it is declared."""
    levels = np.geomspace(1, 1000, 9)
    noise = np.exp(0.02 * np.random.default_rng(1).standard_normal((6, 9)))
    sweep = ss.SweepTable.from_matrices(levels, {"model": 4 * levels**-0.5 * noise})
    claim = {"shape": "power_law"} if logs else {"knob_scale": "log"}
    found = ss.compare_shapes(sweep, bounds=None, **claim)
    assert "power_law" in found.close
    assert "linear" not in found.close
    assert ("linear" in found.names) == (not logs)
    assert found.unit == ("log metric" if logs else "metric")


def test_power_laws_need_positive_numbers(steps):
    """They are left out of the full list, and refused where they are asked for."""
    assert "power_law" not in ss.compare_shapes(steps).names
    with pytest.raises(OptionError, match="above 0"):
        ss.compare_shapes(steps, shapes=["power_law"])


LOGITS = -7.0 + 5.6 * X
BOUNDED = {
    "vanishes": (share(LOGITS + 0.2 * np.random.default_rng(1).standard_normal((8, 8))), "hinge"),
    "stays": (0.1 + 0.7 * (X > 0.5) + 0.02 * np.random.default_rng(1).standard_normal((8, 8)), "step"),
    "not there": (0.2 + 0.6 * X + 0.02 * np.random.default_rng(1).standard_normal((8, 8)), "step"),
}


@pytest.mark.long
@pytest.mark.parametrize("status", BOUNDED)
@pytest.mark.parametrize("percent", [False, True])
def test_a_threshold_is_held_against_the_logit_scale(status, percent):
    """A threshold of a line in the logit vanishes, a jump stays, a line has none; per cent give the same answer."""
    curves, form = BOUNDED[status]
    sweep = ss.SweepTable.from_matrices(LEVELS, {"model": 100 * curves if percent else curves})
    bounds = (0, 100) if percent else "auto"
    found = ss.compare_shapes(sweep, shape={"name": "threshold", "form": form}, bounds=bounds)
    assert found.threshold.status == status
    assert found.threshold.shape == f"{form}, increasing"
    assert found.on_logit.unit == "logit metric"
    sentence = {
        "vanishes": "own scale only",
        "stays": "no smooth shape",
        "not there": "a line predicts no worse",
    }
    assert sentence[status] in found.summary(full=True)


@pytest.mark.long
def test_a_metric_without_bounds_has_no_logit(steps):
    """Values beyond [0, 1], a range that is switched off, or a metric that is transformed already."""
    assert ss.compare_shapes(steps).on_logit is None
    curves = BOUNDED["stays"][0]
    sweep = ss.SweepTable.from_matrices(LEVELS, {"model": curves})
    assert ss.compare_shapes(sweep, bounds=None).threshold is None
    assert ss.compare_shapes(sweep, metric_scale="logit").on_logit is None
    low = ss.SweepTable.from_matrices(LEVELS, {"model": 30 * curves})
    assert ss.compare_shapes(low).on_logit is None
    assert ss.compare_shapes(low, bounds=(0, 30)).on_logit is not None
    percent = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": 99 * curves}))
    assert any("[0, 100] was taken" in note for note in percent.notes)


def test_values_at_the_ends_are_moved_inside_or_too_many():
    """A few values of 0 are moved by half the smallest distance, and a note says so; many leave no logit scale."""
    curves = BOUNDED["stays"][0].copy()
    curves[0, 0] = 0.0
    few = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}))
    assert any("1 value at an end of [0, 1]" in note for note in few.notes)
    assert np.isfinite(few.on_logit.errors).all()
    curves[:, :4] = 0.0
    many = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}))
    assert many.on_logit is None
    assert any("50% of the values" in note for note in many.notes)


def test_few_levels_leave_shapes_out():
    """With four levels the shapes that need more are named in a note."""
    found = ss.compare_shapes(table(np.arange(4.0), levels=np.arange(4.0)))
    assert {"flat", "linear", "step", "increasing"} <= set(found.names)
    assert "hinge" not in found.names
    assert any("hinge (5)" in note for note in found.notes)
    with pytest.raises(OptionError, match="at least 5 levels"):
        ss.compare_shapes(table(np.arange(4.0), levels=np.arange(4.0)), shapes=["hinge"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"shapes": "step"}, "sequence"),
        ({"shapes": []}, "sequence"),
        ({"shapes": ["steps"]}, "Did you mean 'step'"),
        ({"shapes": ["above"]}, "'above'"),
        ({"shape": {"name": "above", "value": 0.0}}, "does not say which form"),
        ({"bounds": (1, 0)}, "`bounds`"),
        ({"bounds": "percent"}, "`bounds`"),
        ({"bounds": (0, 1)}, "must lie inside"),
        ({"rng": "1"}, "`rng`"),
    ],
)
def test_what_cannot_be_compared_is_refused(steps, options, said):
    """The message names the value and the way out."""
    with pytest.raises((OptionError, SignatureError), match=said):
        ss.compare_shapes(steps, **options)


def test_too_few_seeds_and_levels_that_treatments_do_not_share():
    """Two seeds predict nothing; treatments at different levels have no mean curve."""
    with pytest.raises(OptionError, match="at least 3 seeds"):
        ss.compare_shapes(ss.simulate_sweep(8.0, n_seeds=2))
    curves = np.random.default_rng(1).normal(size=(2, 4, 8))
    curves[0, :, 4:], curves[1, :, :4] = np.nan, np.nan
    apart = ss.SweepTable.from_matrices(LEVELS, {"a": curves[0], "b": curves[1]})
    with pytest.raises(OptionError, match="same levels"):
        ss.compare_shapes(apart)
    diagonal = np.full((6, 8), np.nan)
    for seed in range(6):
        diagonal[seed, seed : seed + 3] = 1.0 + seed
    diagonal[0, 7], diagonal[:2, :2] = 1.0, np.nan
    with pytest.raises((OptionError, SignatureError, ValueError), match="seeds"):
        ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"a": diagonal}))


def test_constant_and_identical_seeds_give_numbers():
    """Without any spread the errors are 0 and the simplest shape is the best."""
    flat = ss.compare_shapes(
        ss.SweepTable.from_matrices(LEVELS, {"a": np.ones((3, 8)) + np.arange(3)[:, None]})
    )
    assert flat.best == "flat"
    assert (flat.errors == 0).all()
    assert sum(flat.weights.values()) == pytest.approx(1)


def test_the_summary_says_that_this_is_no_test(steps):
    """The warning closes the text and the notebook view; the table names the declared shape."""
    found = ss.compare_shapes(steps, shape="increasing")
    assert (
        found.summary(full=True).splitlines()[-1].startswith("This describes and selects; it is not a test.")
    )
    assert "step may be one kind of increasing" in found.summary(full=True)
    assert "increasing (declared)" in found.summary(full=True)
    assert "not a test" in found._repr_html_()
    assert str(found) == f"best: step; weight of none of these: {found.none_of_these:.2f}"


def test_names_are_escaped(steps):
    """Markup in column names is shown, never run; control characters are spelled out."""
    frame = steps.to_frame().rename(columns={"metric": "<script>x</script>", "knob": "a\x1b[31m"})
    found = ss.compare_shapes(frame, metric="<script>x</script>", knob="a\x1b[31m")
    assert "<script>" not in found._repr_html_()
    assert "&lt;script&gt;" in found._repr_html_()
    assert "\x1b" not in found.summary(full=True) + found._repr_html_()


def test_an_unknown_shape_has_no_differences(steps):
    """against() names the shapes that took part."""
    with pytest.raises(OptionError, match="none of these"):
        ss.compare_shapes(steps, shapes=["flat"]).against("step")


def rate(text):
    """Return a share as the page prints it: 1 only where it is exactly that."""
    if float(text) == 1:
        return "1"
    return f"{float(text):.2f}".removeprefix("0").replace("1.00", ">.99")


def test_the_page_shows_the_measured_numbers():
    """Every cell of the committed trials stands in the how-to, as it was measured."""
    docs = Path(__file__).parents[3] / "docs"
    page = (docs / "howto" / "which_shape.md").read_text(encoding="utf-8")
    cells: dict[tuple[str, ...], list[dict[str, str]]] = {}
    with (docs / "validity" / "comparison_trials.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            cells.setdefault((row["kind"], row["truth"], row["height"]), []).append(row)
    assert len(cells) == 23
    for (kind, truth, height), rows in cells.items():
        columns = (
            ("best", "best_or_close", "none_weight") if kind == "shape" else ("stays", "vanishes", "unclear")
        )
        shares = [" / ".join(rate(row[column]) for row in rows) for column in columns]
        heads = [truth, f"{float(height):g}"] if kind == "shape" else [truth]
        assert f"| {' | '.join([*heads, *shares])} |" in page


def test_none_of_these_is_small_inside_the_list_and_large_outside():
    """In the committed trials its weight is at most .12 where a shape is true, and above .7 where none is."""
    path = Path(__file__).parents[3] / "docs" / "validity" / "comparison_trials.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] == "shape"]
    outside = {"double wave", "one and a half waves"}
    assert max(float(row["none_weight"]) for row in rows if row["truth"] not in outside) < 0.125
    assert min(float(row["none_weight"]) for row in rows if row["truth"] in outside) > 0.7


@pytest.mark.parametrize("slope", [0.3, 2.0, 7.7])
def test_the_simplest_of_the_shapes_that_fit_exactly_is_the_best(slope):
    """Parallel lines are lines, although rounding may be kinder to a parabola; what else fits is as close."""
    curves = slope * X + np.arange(5.0)[:, None] * 0.37
    found = ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}), bounds=None)
    assert found.best == "linear"
    assert set(found.close) == {"linear", "convex", "concave", "increasing", NONE}
    assert found.weights["linear"] == pytest.approx(found.weights["convex"])
    assert found.weights["linear"] > 10 * found.weights["increasing"]


@pytest.mark.parametrize("size", [1e-200, 1e-310, 1e300])
def test_a_metric_whose_squares_are_no_numbers_is_refused(size):
    """Errors in squared units would be 0 or infinite, and every shape would be as good."""
    curves = size * table(X).matrix("model")
    with pytest.raises(OptionError, match="another unit"):
        ss.compare_shapes(ss.SweepTable.from_matrices(LEVELS, {"model": curves}))
