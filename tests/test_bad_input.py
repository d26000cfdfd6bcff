"""What cannot be used: a clear error or an inconclusive verdict, never a wrong one."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from sigstats_strategies import sweep_frames, wild_frames

import sigstats
from sigstats import Signature, SweepTable, detect, priors, stats
from sigstats.errors import OptionError, SignatureError, SigstatsError, TableError
from sigstats.evidence.reason import Reason
from sigstats.studies.robustness.choices import default_choices
from sigstats.verdict.rules import Status

LEVELS = np.arange(1.0, 7.0)
X = (LEVELS - 1) / 5


def frame_of(seeds=4, *, effect=5.0, noise=0.3, rng=1, **conditions):
    """Return a clean rise of condition "a" (and others by their effects) as a tidy frame."""
    generator = np.random.default_rng(rng)
    rows = [
        (level, size * x + noise * generator.normal(), f"s{s}", name)
        for name, size in {"a": effect, **conditions}.items()
        for s in range(seeds)
        for level, x in zip(LEVELS, X, strict=True)
    ]
    return pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"])


def table_of(levels=LEVELS, **conditions):
    """Return a table of arrays whose conditions have seeds of their own."""
    matrices = {name: np.asarray(values, dtype=float) for name, values in conditions.items()}
    return SweepTable.from_matrices(
        levels, matrices, seeds={name: [f"{name}{s}" for s in range(len(v))] for name, v in matrices.items()}
    )


def codes(call, *arguments, **options):
    """Return the codes of the problems that a call reports."""
    with pytest.raises(TableError) as caught:
        call(*arguments, **options)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def rise(data, **options):
    """Return the verdict on a rise."""
    return detect(data, **{"shape": "increasing", **options})


def outcome(data, **options):
    """Return status and reasons of a rise."""
    found = rise(data, **options)
    return found.status, found.reasons


INCONCLUSIVE = Status.INCONCLUSIVE


# Columns and cells.


def test_wrong_column_names_are_listed_with_the_nearest():
    """Every column that is missing is named at once, with what there is."""
    with pytest.raises(TableError) as caught:
        rise(frame_of().rename(columns={"metric": "metrc", "knob": "level"}))
    assert [problem.code for problem in caught.value.problems] == ["MISSING_COLUMN", "MISSING_COLUMN"]
    assert "Did you mean 'metrc'?" in str(caught.value)


@pytest.mark.parametrize("column", ["knob", "metric", "seed", "condition"])
def test_a_column_that_was_asked_for_must_exist(column):
    """A name that is nowhere in the table is an error for each of the four roles."""
    assert codes(rise, frame_of(), **{column: "nowhere"}) == ["MISSING_COLUMN"]


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_metrics_are_refused(value):
    """An infinite value is neither dropped nor used."""
    frame = frame_of()
    frame.loc[3, "metric"] = value
    assert codes(rise, frame) == ["METRIC_INFINITE"]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_infinite_or_missing_levels_are_refused(value):
    """Every row needs a finite level."""
    frame = frame_of()
    frame.loc[3, "knob"] = value
    assert codes(rise, frame) == ["KNOB_NOT_FINITE"]


@pytest.mark.parametrize("text", ["high", "0,5", "5%", "1e", "--"])
def test_text_in_the_metric_is_refused(text):
    """What is not a number is not guessed at."""
    frame = frame_of()
    frame["metric"] = frame["metric"].astype(object)
    frame.loc[2, "metric"] = text
    with pytest.raises(TableError, match="METRIC"):
        rise(frame)


def test_missing_metrics_are_dropped_counted_and_told():
    """A missing value costs its cell, not the verdict, and the reader is told."""
    frame = frame_of()
    frame.loc[[3, 9], "metric"] = math.nan
    found = rise(frame)
    assert found.status is Status.PRESENT
    assert Reason.TABLE_NOTES in found.notes
    assert {note.code: note.count for note in found.evidence.table_notes}["dropped_rows"] == 2


def test_a_metric_that_is_missing_everywhere_is_an_error():
    """No value at all is not an absent effect."""
    with pytest.raises(TableError):
        rise(frame_of().assign(metric=math.nan))


def test_a_seed_without_any_value_is_told():
    """A seed whose every value is missing does not count as a seed."""
    frame = frame_of()
    frame.loc[frame["seed"] == "s3", "metric"] = math.nan
    found = rise(frame)
    assert found.evidence.arms[0].n_seeds == 3
    assert Reason.TABLE_NOTES in found.notes


def test_cells_that_are_measured_twice_need_an_aggregate():
    """Two different values of one cell are refused until the caller says what becomes of them."""
    frame = frame_of()
    twice = pd.concat([frame, frame.assign(metric=frame["metric"] + 1)])
    assert codes(rise, twice) == ["DUPLICATE_CELLS"]
    assert rise(twice, aggregate="mean").status is Status.PRESENT


def test_rows_that_are_repeated_exactly_count_once():
    """Copies of rows change no number and are told."""
    frame = frame_of()
    found = rise(pd.concat([frame, frame]))
    assert found.effect == rise(frame).effect
    assert Reason.TABLE_NOTES in found.notes


@pytest.mark.parametrize("missing", [None, math.nan])
def test_seeds_without_a_label_are_refused(missing):
    """A run that cannot be told from others is an error, not a dropped row."""
    frame = frame_of()
    frame["seed"] = frame["seed"].astype(object)
    frame.loc[4, "seed"] = missing
    with pytest.raises(TableError, match="SEED"):
        rise(frame)


@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_table_or_a_single_row_is_no_sweep(rows):
    """Nothing, or one cell, is an error."""
    with pytest.raises(TableError):
        rise(frame_of().head(rows))


@given(frame=wild_frames())
def test_whatever_a_frame_holds_it_is_refused_clearly_or_judged_without_a_claim(frame):
    """Any cells at all lead to a typed error, or to a verdict that claims no rise from a handful of rows."""
    try:
        found = rise(frame)
    except SigstatsError:
        return
    assert found.status is INCONCLUSIVE
    assert not any(math.isnan(each.value) and each.met for each in found.criteria)


@given(frame=sweep_frames(max_seeds=5))
def test_valid_sweeps_of_any_size_are_judged(frame):
    """Sweeps with values up to 1e12, gaps and few seeds never fail, and few seeds claim nothing."""
    seen = frame.dropna().groupby(["condition", "knob"])["seed"].nunique()
    assume((seen.groupby("condition").max() >= 2).all())  # else there is no mean curve, which is an error
    found = rise(frame)
    if any(arm.n_seeds < 3 for arm in found.evidence.arms):
        assert found.status is INCONCLUSIVE


# Seeds and levels.


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_seeds_are_inconclusive(seeds):
    """No claim is made below three seeds."""
    assert outcome(frame_of(seeds)) == (INCONCLUSIVE, (Reason.TOO_FEW_SEEDS,))


def test_one_level_is_an_error():
    """A knob that was not moved is no sweep."""
    assert codes(rise, frame_of().query("knob == 1")) == ["ONE_LEVEL"]


def test_two_levels_carry_no_curve():
    """A rise between two levels is decided as a difference; a straight line is not."""
    two = frame_of().query("knob < 3")
    assert outcome(two) == (Status.PRESENT, ())
    assert detect(two, shape="linear").reasons == (Reason.TOO_FEW_LEVELS,)


def test_seeds_with_fewer_than_three_levels_do_not_count():
    """Short seeds are set aside, told, and may leave too few."""
    frame = frame_of(5)
    short = frame[~(frame["seed"].isin(["s0", "s1"]) & (frame["knob"] > 2))]
    found = rise(short)
    assert found.evidence.arms[0].n_seeds == 3
    assert found.evidence.arms[0].n_excluded == 2
    assert Reason.SEEDS_EXCLUDED in found.notes
    shorter = frame[~(frame["seed"].isin(["s0", "s1", "s2"]) & (frame["knob"] > 2))]
    assert outcome(shorter) == (INCONCLUSIVE, (Reason.TOO_FEW_SEEDS,))


def test_copies_of_a_seed_count_once():
    """Runs that are equal to the last bit are one run, however they are labelled."""
    curve = 5 * X + np.array([0.1, -0.1, 0.0, 0.2, -0.2, 0.1])
    copied = rise(table_of(a=[curve] * 6))
    assert (copied.status, copied.reasons) == (INCONCLUSIVE, (Reason.TOO_FEW_SEEDS,))
    assert copied.evidence.arms[0].n_copies == 5
    assert Reason.DUPLICATE_SEEDS in copied.notes
    others = [curve + 0.1 * np.random.default_rng(s).normal(size=6) for s in range(2)]
    assert outcome(table_of(a=[curve] * 6 + others)) != (INCONCLUSIVE, (Reason.TOO_FEW_SEEDS,))
    assert rise(table_of(a=[curve] * 6 + others)).evidence.arms[0].n_seeds == 3


def test_copies_change_no_number():
    """Adding copies of seeds leaves every statistic as it was."""
    values = [5 * X + 0.3 * np.random.default_rng(s).normal(size=6) for s in range(4)]
    once, twice = rise(table_of(a=values)), rise(table_of(a=values + values[:2]))
    assert twice.evidence.interval == once.evidence.interval
    assert twice.evidence.slopes == once.evidence.slopes


def test_perfect_trends_in_every_seed_are_judged_by_their_slopes():
    """Where every tau is 1 the p-value is finite and above 0, and the slopes decide."""
    steep = np.array([2.0, 2.5, 3.0, 2.2])[:, None] * np.sqrt(X) + np.arange(4.0)[:, None]
    found = rise(table_of(a=steep))
    assert found.status is Status.PRESENT
    assert found.evidence.trend.estimate == pytest.approx(1.0)
    assert 0 < found.evidence.trend.pvalue < 1e-3
    uneven = np.array([0.01, 0.02, 9.0])[:, None] * np.sqrt(X)
    assert outcome(table_of(a=uneven)) == (INCONCLUSIVE, (Reason.LINES_DISAGREE,))


@pytest.mark.parametrize("value", [0.0, 0.1, -1e300, 1e-310])
def test_a_constant_metric_shows_nothing(value):
    """Everywhere the same value: neither a rise nor its absence is claimed."""
    flat = np.full((5, 6), value)
    assert outcome(table_of(a=flat)) == (INCONCLUSIVE, (Reason.ZERO_VARIANCE,))
    assert outcome(table_of(a=flat), min_effect=0.5) == (INCONCLUSIVE, (Reason.ZERO_VARIANCE,))
    both = table_of(a=flat, b=flat)
    assert rise(both, control="b").status is INCONCLUSIVE


def test_seeds_that_are_constant_at_heights_of_their_own_show_nothing():
    """Differences between seeds are no trend, and no variance of one either."""
    table = table_of(a=np.arange(5.0)[:, None] / 3 + np.zeros(6))
    found = rise(table)
    assert (found.status, found.reasons) == (INCONCLUSIVE, (Reason.ZERO_VARIANCE,))
    assert found.effect.value == 0.0


def test_a_deterministic_treatment_is_not_proven_by_repetition():
    """The same line at other heights has no variance between seeds to test with; no p-value is 0."""
    found = rise(table_of(a=3 * X + np.arange(6.0)[:, None]))
    assert (found.status, found.reasons) == (INCONCLUSIVE, (Reason.ZERO_VARIANCE,))
    assert not any(each.value == 0 for each in found.criteria if "pvalue" in each.name)


def test_all_values_tied_but_one():
    """A single departure in one seed is no claim."""
    values = np.zeros((4, 6))
    values[2, 5] = 1.0
    assert rise(table_of(a=values)).status is INCONCLUSIVE


# Controls.


def test_a_control_that_is_missing_from_the_table_is_an_error():
    """An empty control is not a quiet one."""
    with pytest.raises(SignatureError, match="Did you mean 'rnn'"):
        rise(frame_of(rnn=0.0), control="rn")


def test_without_a_control_the_verdict_says_so():
    """The claim is judged, and marked as uncontrolled."""
    found = rise(frame_of())
    assert found.status is Status.PRESENT
    assert Reason.UNCONTROLLED in found.notes


def test_the_treatment_is_not_also_the_control():
    """A contradiction is an error."""
    with pytest.raises(SignatureError, match="`control` names 'a'"):
        rise(frame_of(), treatment="a", control="a")


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_control_with_too_few_seeds_is_inconclusive(seeds):
    """The control needs three seeds as well."""
    frame = frame_of(5, b=0.0)
    frame = frame[(frame["condition"] == "a") | frame["seed"].isin(["s0", "s1"][:seeds])]
    assert outcome(frame, control="b") == (INCONCLUSIVE, (Reason.TOO_FEW_SEEDS,))


@pytest.mark.parametrize("value", [0.3, -7.0])
def test_a_control_that_is_exactly_constant_is_quiet(value):
    """A control without any variance leaves that of the treatment, and no p-value of 0."""
    rng = np.random.default_rng(1)
    treatment = 5 * X + 0.3 * rng.normal(size=(6, 6))
    for control in (np.full((4, 6), value), value + np.arange(4.0)[:, None] + np.zeros(6)):
        found = rise(table_of(a=treatment, b=control), control="b")
        assert found.status is Status.PRESENT
        for each in found.criteria:
            assert math.isnan(each.value) or "pvalue" not in each.name or 0 < each.value <= 1


@pytest.mark.parametrize(("control", "status"), [(0.0, Status.PRESENT), (1.0, Status.INCONCLUSIVE)])
def test_a_control_counts_only_if_it_has_room_to_rise(control, status):
    """In [0, 1], a control at 0 could rise with the treatment; one at 1 could not, so its silence says nothing."""
    rng = np.random.default_rng(1)
    treatment = np.clip(0.1 + 0.8 * X + 0.05 * rng.normal(size=(6, 6)), 0, 1)
    found = rise(table_of(a=treatment, b=np.full((6, 6), control)), control="b")
    assert found.status is status
    assert found.reasons == (() if status is Status.PRESENT else (Reason.CONTROL_UNRESOLVED,))
    assert Reason.CONTROL_AT_BOUND in found.notes


def test_a_control_with_the_rows_of_the_treatment_is_noticed():
    """The same runs under two names are an artifact at best, and told."""
    values = 5 * X + 0.3 * np.random.default_rng(1).normal(size=(6, 6))
    found = rise(table_of(a=values, b=values), control="b")
    assert found.status is not Status.PRESENT
    assert Reason.IDENTICAL_ARMS in found.notes


def test_a_control_with_other_levels_is_noted():
    """Where arms were not swept over the same range, the reader is told."""
    values = 5 * X + 0.3 * np.random.default_rng(1).normal(size=(6, 6))
    control = 0.3 * np.random.default_rng(2).normal(size=(6, 6))
    control[:, 4:] = np.nan
    found = rise(table_of(a=values, b=control), control="b")
    assert Reason.RANGE_DIFFERS in found.notes


# Knobs and scales.


@pytest.mark.parametrize("least", [0.0, -1.0])
def test_levels_without_a_logarithm_are_refused_on_a_log_scale(least):
    """A level of 0 is neither dropped nor moved; the remedy says what to do."""
    table = table_of(np.append(least, LEVELS[1:]), a=5 * X + np.random.default_rng(1).normal(size=(4, 6)))
    with pytest.raises(TableError, match="'min': 2") as caught:
        rise(table, knob_scale="log")
    assert [problem.code for problem in caught.value.problems] == ["KNOB_NOT_POSITIVE"]


@pytest.mark.parametrize("levels", [[0.0, 1.0, 1e300], [-1.7e308, 0.0, 1.7e308], [1e-300, 2e-300, 3e-300]])
@pytest.mark.parametrize("metric", [1.0, 1e300, 1e-300])
def test_extreme_sizes_neither_overflow_nor_vanish(levels, metric):
    """Knobs and metrics at the ends of the range of floating point are judged like any other."""
    rng = np.random.default_rng(4)
    values = (np.arange(3.0) / 2 + 0.05 * rng.normal(size=(6, 3))) * metric
    found = rise(table_of(levels, a=values))
    assert math.isfinite(found.effect.value)
    assert all(0 < each.value <= 1 for each in found.criteria if "pvalue" in each.name)
    assert found.status in (Status.PRESENT, Status.PARTIAL)


@pytest.mark.parametrize("levels", [[0.0, 5e-324, 1e-323], [0.0, 1e-310, 2e-310], [-5e-324, 0.0, 5e-324]])
def test_the_smallest_levels_that_can_be_written_are_levels(levels):
    """Distances that halving would lose still make a sweep."""
    values = np.arange(3.0) / 2 + 0.05 * np.random.default_rng(4).normal(size=(6, 3))
    assert rise(table_of(levels, a=values)).status is Status.PRESENT


def test_a_treatment_that_was_seen_at_one_level_only_is_inconclusive():
    """Other conditions were swept, the one in question was not."""
    frame = frame_of(b=0.0)
    frame = frame[(frame["condition"] == "b") | (frame["knob"] == 1)]
    found = rise(frame, treatment="a")
    assert found.status is INCONCLUSIVE
    assert Reason.TOO_FEW_LEVELS in found.reasons


@pytest.mark.parametrize("least", [1e-300, 1e-10, 1e10, 1e300])
@pytest.mark.parametrize("unit", [1e-228, 1.0, 1e196])
def test_a_smallest_effect_of_another_order_is_no_obstacle(least, unit):
    """A declared effect far below or above the data is compared, and asks for no absurd number of seeds."""
    values = (5 * X + 0.3 * np.random.default_rng(4).normal(size=(4, 6))) * unit
    found = rise(table_of(a=values), min_effect=least)
    assert found.status is (Status.PRESENT if least < unit else Status.PARTIAL)
    assert found.evidence.seeds_needed.n_seeds is None or found.evidence.seeds_needed.n_seeds >= 3


def test_conditions_of_very_different_size_are_compared_without_overflow():
    """A treatment that is nothing beside its control is judged in silence, and never present."""
    rng = np.random.default_rng(4)
    small, large = 1e-228 * (X + 0.1 * rng.normal(size=(4, 6))), 1e92 * rng.normal(size=(4, 6))
    found = rise(table_of(a=small, b=small + 1e-228 * rng.normal(size=(4, 6)), c=large), control="c")
    assert found.status is INCONCLUSIVE


# Options.


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("alpha", 0.0), ("alpha", 1.0), ("alpha", 0.5), ("alpha", math.nan), ("alpha", "5%"),
        ("min_effect", 0.0), ("min_effect", -1.0), ("min_effect", math.nan), ("min_effect", math.inf),
        ("quiet_fraction", 0.0), ("quiet_fraction", 1.0), ("quiet_fraction", math.nan),
        ("shape", "incresing"), ("shape", 3), ("knob_scale", "ln"), ("metric_scale", "sqrt"),
        ("design", "paired"), ("across", "any"), ("aggregate", "sum"), ("paired", "yes"),
    ],
)  # fmt: skip
def test_options_out_of_range_are_refused_by_name(option, value):
    """Each option says what it takes."""
    with pytest.raises(SignatureError, match=f"`{option}`"):
        rise(frame_of(b=0.0), control="b", **{option: value})


def test_filters_that_leave_nothing_are_an_error():
    """A filter that empties the table is not an absent effect."""
    with pytest.raises(TableError):
        rise(frame_of(), where={"knob": {"min": 100}})


def test_something_that_is_no_frame_is_refused():
    """Lists, numbers and paths are not tables."""
    for data in ([1, 2, 3], 5, "sweep.csv", None, {"knob": 3}):
        with pytest.raises((TableError, OptionError)):
            rise(data)


def test_seeds_without_a_common_level_are_refused():
    """Seeds that were swept over levels of their own have no mean curve, and extrapolating each is no answer."""
    curves = np.full((3, 9), np.nan)
    for seed in range(3):
        curves[seed, 3 * seed : 3 * seed + 3] = np.arange(3.0) + seed
    table = SweepTable.from_matrices(np.arange(9.0), {"treatment": curves})
    with pytest.raises(TableError, match="NOT_ESTIMABLE"):
        detect(table, shape="increasing")


def test_declared_bounds_that_a_value_breaks_are_refused():
    """A control cannot sit at a bound beyond which others go."""
    curves = np.arange(6.0) + 0.1 * np.arange(5.0)[:, None]
    table = SweepTable.from_matrices(np.arange(6.0), {"a": curves})
    with pytest.raises(
        SignatureError, match=r"`bounds` is \[0, 1\], but metric is 2 in seed .* declare bounds='none'"
    ):
        detect(table, shape="increasing", bounds=[0, 1])


# Every public function, whatever it is handed.

RISE = Signature(shape="increasing")
FRAME = frame_of(b=0.0)
A = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0, 8.0, 9.0, 12.0])
KNOB, RUN = np.tile([0.0, 1.0], 5), np.repeat(range(5), 2)
DESIGN = np.column_stack([np.ones(10), KNOB])
LINES = {"mu_alpha": priors.normal(0, 5), "mu_beta": priors.normal(0, 5)} | dict.fromkeys(
    ("sigma", "sigma_alpha", "sigma_beta"), priors.half_normal(1)
)
MEANS = {"mu": priors.normal(0, 5), "tau": priors.half_cauchy(5)}
HALF = "\udcff"  # half of a letter, as in file names that are no text


def cell(column, value):
    """Return the frame with one cell replaced."""
    frame = FRAME.astype({column: object})
    frame.loc[3, column] = value
    return frame


def locked(values):
    """Return an array that cannot be written to."""
    copy = np.array(values)
    copy.flags.writeable = False
    return copy


NO_TABLES = {
    "empty": FRAME.head(0), "no columns": pd.DataFrame(), "one row": FRAME.head(1), "inf": cell("metric", math.inf),
    "no values": FRAME.assign(metric=math.nan), "infinite level": cell("knob", -math.inf), "text": cell("metric",
    "high"),
    "None": None, "number": 5, "word": "sweep", "list": [1, 2], "object": object(), "bytes": b"x", "dict": {"knob": 3},
    "set": {1}, "no seed": cell("seed", pd.NA), "half letter": cell("metric", HALF), "0-d": np.array(3.0),
    "huge integer": cell("metric", 10**400), "huge level": cell("knob", 10**400), "1-d": np.arange(3.0),
    "complex": FRAME.assign(metric=FRAME["metric"] * 1j), "dates": FRAME.assign(metric=pd.Timestamp("2020-01-01")),
    "periods": FRAME.assign(knob=pd.Period("2020-01")), "lists": FRAME.assign(metric=[[1]] * len(FRAME)),
    "3-d": np.zeros((2, 2, 2)), "masked": np.ma.masked_array([1.0, 2.0], [0, 1]),
}  # fmt: skip
TABLES = {
    "missing value": cell("metric", math.nan),
    "missing by pandas": cell("metric", pd.NA).astype({"metric": "Float64"}),
    "read-only": pd.DataFrame({name: locked(FRAME[name]) for name in FRAME}, copy=False),
    "big-endian": FRAME.assign(metric=FRAME["metric"].to_numpy().astype(">f8"),
        knob=FRAME["knob"].to_numpy().astype(">i4")),
    "with gaps in memory": FRAME.assign(metric=np.repeat(FRAME["metric"].to_numpy(), 3)[::3]),
    "nullable": FRAME.astype({"metric": "Float64", "knob": "Int64", "seed": "string"}),
    "Arrow": FRAME.astype({"metric": "double[pyarrow]", "knob": "int64[pyarrow]", "seed": "string[pyarrow]"}),
    "huge integers": FRAME.assign(metric=[10**30 + i for i in range(len(FRAME))]),
    "half a letter for a seed": FRAME.assign(
        seed=pd.Series([{"s0": HALF}.get(each, each) for each in FRAME["seed"]], dtype=object)
    ),
    "yes and no": FRAME.assign(metric=FRAME["metric"] > 2),
}  # fmt: skip
OF_TABLES = {
    "detect": lambda data: detect(data, RISE),
    "trend_test": lambda data: sigstats.trend_test(data, RISE),
    "effect_interval": lambda data: sigstats.effect_interval(data, RISE),
    "onset": lambda data: sigstats.onset(data, RISE, value=1.0),
    "compare_control": lambda data: sigstats.compare_control(data, shape="increasing", control="b"),
    "compare": lambda data: sigstats.compare(
        data, metric="metric", seed="seed", condition="condition", treatment="a", baseline="b"
    ),
    "plan_like": lambda data: sigstats.plan_like(data, RISE),
}
SLOW_OF_TABLES = {  # asked only for what is no table
    "compare_shapes": lambda data: sigstats.compare_shapes(data, RISE),
    "forecast": lambda data: sigstats.forecast(data, shape="increasing", treatment="a", to=[7.0]),
    "hierarchical_slopes": lambda data: sigstats.hierarchical_slopes(data, RISE),
    "robustness": lambda data: sigstats.robustness(data, RISE, choices=[], replications=0),
    "scope": lambda data: sigstats.scope(data, RISE, by="condition"),
    "screen": lambda data: sigstats.screen(data, RISE, by="condition"),
    "combine": lambda data: sigstats.combine([data, data]),
    "replicates": lambda data: sigstats.replicates(data, data),
    "plot_grid": lambda data: sigstats.plot_grid([data]),
    "tabulate": lambda data: sigstats.tabulate([data]),
    "read_sweep": sigstats.read_sweep,
    "read_runs": sigstats.read_runs,
    "read_wandb": sigstats.read_wandb,
    "from_wide": sigstats.from_wide,
    "from_array": lambda data: sigstats.from_array(data, knob=[1.0, 2.0]),
    "simulate_sweep": sigstats.simulate_sweep,
    "calibrate": lambda data: sigstats.calibrate(data, replications=1),
}
ELSEWHERE = {
    "example_data",
    "plan",
    "read_mlflow",
}  # take no data of this kind: a plan takes a pilot as `plan_like`, MLflow an address, an example its name
ARRAYS = {
    "empty": [], "one": [1.0], "two": [1.0, 2.0], "NaN": np.where(A == 2, math.nan, A), "all NaN": A * math.nan,
    "inf": np.where(A == 2, -math.inf, A), "huge": A * 1e307, "one huge": np.where(A == 2, 1e308, A),
    "tiny": A * 5e-324,
    "None": None, "number": 5.0, "word": "abc", "words": ["a"] * 10, "object": object(), "dict": {"a": 1},
    "set": {1.0, 2.0},
    "bytes": b"abc", "read-only": locked(A), "big-endian": A.astype(">f8"), "with gaps in memory": np.repeat(A, 3)[::3],
    "nullable": pd.array(A, dtype="Float64"), "missing": pd.array([None, *A[1:]], dtype="Float64"),
    "constant": np.ones(10),
    "half letters": [HALF] * 10, "huge integer": [10**400] * 10, "complex": A * 1j, "0-d": np.array(1.0),
    "2-d": A.reshape(5, 2),
    "ragged": [[1.0, 2.0], [3.0]], "dates": np.array(["2020-01-01"] * 10, dtype="M8[D]"), "int8": A.astype("i1"),
    "masked": np.ma.masked_array(A, A > 4), "Nones": [None] * 10,
}  # fmt: skip


def beside(values):
    """Return groups of which one is handed."""
    return [values, [2.0, 4.0, 3.0, 5.0], [6.0, 7.0, 4.5]]


OF_ARRAYS = {
    "adjust": [lambda v: stats.adjust(v, method="holm")],
    "alpha_per_look": [stats.alpha_per_look],
    "cluster_robust": [
        lambda v: stats.cluster_robust(DESIGN, v, RUN, contrast=[0, 1]),
        lambda v: stats.cluster_robust(v, A, RUN, contrast=[0, 1]),
        lambda v: stats.cluster_robust(DESIGN, A, v, contrast=[0, 1]),
        lambda v: stats.cluster_robust(DESIGN, A, RUN, contrast=v),
    ],
    "contrast_test": [
        lambda v: stats.contrast_test(beside(v), [-1, 0, 1]),
        lambda v: stats.contrast_test(v, [-1, 0, 1]),
        lambda v: stats.contrast_test(beside(A), v),
    ],
    "max_contrast": [lambda v: stats.max_contrast(beside(v), [[-1, 0, 1]])],
    "cox_stuart": [stats.cox_stuart],
    "cuzick": [lambda v: stats.cuzick(beside(v)), stats.cuzick, lambda v: stats.cuzick(beside(A), v)],
    "empirical_null": [
        lambda v: stats.empirical_null(v, np.ones(10)),
        lambda v: stats.empirical_null(A, v),
    ],
    "error_over_looks": [lambda v: stats.error_over_looks(v, level=0.03)],
    "hamed_rao": [stats.hamed_rao],
    "jonckheere": [lambda v: stats.jonckheere(beside(v)), stats.jonckheere],
    "mack_wolfe": [lambda v: stats.mack_wolfe(beside(v), 2), stats.mack_wolfe],
    "mann_kendall": [stats.mann_kendall, lambda v: stats.mann_kendall(A, v)],
    "page": [stats.page],
    "polynomial_contrast": [
        lambda v: stats.polynomial_contrast(v, 1),
        lambda v: stats.polynomial_contrast(A, v),
    ],
    "random_effects": [
        lambda v: stats.random_effects(v, np.ones(10), **MEANS),
        lambda v: stats.random_effects(A, v, **MEANS),
    ],
    "random_slopes": [lambda v: stats.random_slopes(KNOB, v, RUN, **LINES)],
    "seasonal_mann_kendall": [lambda v: stats.seasonal_mann_kendall(v, 2)],
    "shape_contrast": [stats.shape_contrast],
    "sign_flip": [stats.sign_flip],
    "sign_flip_family": [stats.sign_flip_family],
    "t_eprocess": [stats.t_eprocess],
    "theil_sen": [lambda v: stats.theil_sen(A, v), lambda v: stats.theil_sen(v, A)],
    "tost": [lambda v: stats.tost(v, -1.0, 1.0)],
    "wild_cluster_bootstrap": [
        lambda v: stats.wild_cluster_bootstrap(DESIGN, v, RUN, contrast=[0, 1], weights="rademacher"),
        lambda v: stats.wild_cluster_bootstrap(DESIGN, A, v, contrast=[0, 1], weights="rademacher"),
    ],
    "yue_wang": [stats.yue_wang],
}


def answered(call, handed):
    """Return the result of a call, or None where it refuses with an error of the package; p-values are in (0, 1]."""
    try:
        found = call(handed)
    except SigstatsError:
        return None
    pvalue = getattr(found, "pvalue", None)
    if pvalue is not None and not callable(pvalue):
        assert np.all((np.asarray(pvalue) > 0) & (np.asarray(pvalue) <= 1)), pvalue
    return found


def functions(module):
    """Return the public functions of a module."""
    return {name for name in module.__all__ if type(getattr(module, name)) is type(answered)}


def test_every_public_function_is_asked():
    """A new function gets into the tables above."""
    assert functions(sigstats) == {*OF_TABLES, *SLOW_OF_TABLES, *ELSEWHERE}
    assert functions(stats) == set(OF_ARRAYS)


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_statistics_refuse_clearly_or_answer_whatever_the_array(name):
    """No foreign exception, no warning, and no p-value outside (0, 1]."""
    for call in OF_ARRAYS[name]:
        for handed in ARRAYS.values():
            answered(call, handed)


@pytest.mark.parametrize("name", [*OF_TABLES, *SLOW_OF_TABLES])
def test_what_is_no_table_is_refused_clearly(name):
    """No foreign exception and no warning, whatever is handed in."""
    call = {**OF_TABLES, **SLOW_OF_TABLES}[name]
    for handed in NO_TABLES.values():
        answered(call, handed)


@pytest.mark.parametrize("name", OF_TABLES)
def test_tables_are_read_however_they_are_stored(name):
    """Storage, order of bytes, types and odd letters are no obstacle."""
    for kind, handed in TABLES.items():
        if (name, kind) != (
            "effect_interval",
            "huge integers",
        ):  # equal as floats: the interval has no p-value
            answered(OF_TABLES[name], handed)


# Sizes, names and options at which another run of the package broke.


@pytest.mark.parametrize(
    "shape", ["threshold", {"name": "threshold", "form": "step"}, "peak", "valley", "sigmoid"]
)
def test_an_alpha_below_the_critical_values_has_a_reason_of_its_own(shape):
    """No warning, no seeds that would be too few; a declared onset needs no such values."""
    found = detect(frame_of(10, b=0.0), shape=shape, control="b", alpha=5e-4)
    assert (found.status, found.reasons) == (INCONCLUSIVE, (Reason.ALPHA_TOO_SMALL,))
    assert "Declare an alpha of 0.001 or more." in found.summary()
    onset = detect(frame_of(10, b=0.0), shape={"name": "threshold", "onset": 3.0}, control="b", alpha=5e-4)
    assert Reason.ALPHA_TOO_SMALL not in onset.reasons


@pytest.mark.long
@pytest.mark.parametrize("unit", [2.0**-990, 2.0**990, 1e307])
def test_robustness_takes_every_size_that_detect_takes(unit):
    """Nothing depends on the unit, though squares of the metric are no numbers; without differences, both refuse."""
    frame = frame_of(effect=12.0, b=0.0)
    claim = Signature(shape="increasing", control="b")
    choices = [each for each in default_choices(frame, claim) if each.name in ("knob_scale", "line")]

    def numbers(size):
        found = sigstats.robustness(
            frame.assign(metric=size * frame["metric"]), claim, choices=choices, replications=2
        )
        rules = (*found.practice.practices, *found.practice.specificity.practices)
        shifts = [each.shift and each.shift / size for each in found.influence.shifts]
        return (
            found.verdict.status,
            found.agreement,
            found.joint.pvalue,
            shifts,
            [each.false_claims for each in rules],
        )

    if unit == 1e307:
        for function in (sigstats.robustness, detect):
            assert codes(function, frame.assign(metric=unit * frame["metric"]), claim) == ["METRIC_TOO_LARGE"]
        return
    assert numbers(unit) == numbers(1.0)


def test_bounds_between_analyses_are_found_however_small_they_are():
    """Halving a range between numbers whose product is 0, or with nothing between them, comes to an end."""
    from sigstats.studies.robustness.thresholds import _changes

    for low, high in ((1e-200, 1e-190), (1e200, 1e210), (5e-324, 1e-323)):
        found = _changes(
            (low, None),
            (high, Status.PRESENT),
            lambda value, high=high: Status.PRESENT if value * 3 > high else None,
        )
        assert len(found) == 1
        assert low <= found[0][0] < found[0][1] <= high


@pytest.mark.parametrize(("role", "name"), [("knob", "other"), ("metric", "zzz"), ("condition", "model")])
def test_a_table_that_was_read_keeps_its_names(role, name):
    """A report would speak of a column that nobody saw."""
    table = table_of(a=np.arange(6.0) + 0.3 * np.random.default_rng(0).normal(size=(5, 6)))
    with pytest.raises(SignatureError, match=f"`{role}` is '{name}', but the {role} of this SweepTable is"):
        rise(table, **{role: name})
    assert rise(table, knob="knob", metric="metric").status is Status.PRESENT


@pytest.mark.parametrize("other", ["a\u200b", "\u2060a", "A", "a ", "a\u00ad"])
def test_conditions_that_look_alike_are_refused(other):
    """Two names that nobody can tell apart are no two conditions."""
    frame = frame_of(b=0.0)
    frame.loc[(frame["condition"] == "a") & (frame["seed"] == "s1"), "condition"] = other
    assert codes(rise, frame, control="b") == ["CONDITIONS_COLLIDE"]


def test_composed_and_decomposed_letters_are_never_merged_in_silence():
    """Both spellings are named, in cells and where a signature asks for one of them."""
    frame = frame_of(b=0.0).replace({"condition": {"a": "caf\u00e9"}})
    with pytest.raises(SignatureError, match="Did you mean 'caf\u00e9'"):
        rise(frame, treatment="cafe\u0301", control="b")
    frame.loc[frame["seed"] == "s1", "condition"] = "cafe\u0301"
    assert codes(rise, frame, control="b") == ["CONDITIONS_COLLIDE"]


def test_half_letters_are_spelled_out_or_refused():
    """They come from file names that are no text; every report writes them as an escape."""
    frame = frame_of()
    frame["part"] = pd.Series([HALF if i % 2 else "y" for i in range(len(frame))], dtype=object)
    screen = sigstats.screen(frame, RISE, by="part")
    assert "\\\\udcff" in screen.to_json()
    frame["seed"] = pd.Series([HALF + each for each in frame["seed"]], dtype=object)
    found = rise(frame.drop(columns="part"))
    for text in (found.summary(), found.to_html(), found.to_markdown(), found.to_latex(), found.to_json()):
        assert text.encode("utf-8")
    assert "\\udcff" in str(screen.table())


@pytest.mark.parametrize(("column", "code"), [("knob", "KNOB_NOT_NUMERIC"), ("metric", "METRIC_IS_TEXT")])
def test_half_letters_among_numbers_are_named_by_an_escape(column, code):
    """They are what spoils the column."""
    frame = frame_of()
    odd = pd.Series([HALF if i % 2 else 1 for i in range(len(frame))], dtype=object)
    assert codes(rise, frame.assign(**{column: odd})) == [code]


@pytest.mark.parametrize("value", [[1.0], np.array([1.0]), np.array([1.0, 2.0]), {"a": 1}])
def test_lists_in_a_column_without_a_role_are_passed_over(value):
    """Repeated rows are looked up in the other columns, which may hold anything."""
    frame = frame_of()
    again = pd.concat([frame, frame.assign(metric=frame["metric"] + 1)], ignore_index=True)
    again["other"] = [value] * len(again)
    assert codes(rise, again) == ["DUPLICATE_CELLS"]


@pytest.mark.parametrize("as_frame", [pd.DataFrame, pl.DataFrame])
def test_half_letters_beside_labels_that_are_no_text(as_frame):
    """Numbers and text in one column are read as text, half letters among them."""
    frame = frame_of()
    numbers = {name: i for i, name in enumerate(sorted(set(frame["seed"])))}
    seeds = [HALF if numbers[name] == 0 else numbers[name] for name in frame["seed"]]
    columns = {name: list(frame[name]) for name in frame}
    if as_frame is pl.DataFrame:
        odd = as_frame(columns).with_columns(pl.Series("seed", seeds, dtype=pl.Object))
    else:
        odd = as_frame(columns).assign(seed=pd.Series(seeds, dtype=object))
    assert rise(odd).status == rise(frame).status


@pytest.mark.parametrize("function", [sigstats.trend_test, sigstats.effect_interval])
def test_the_keywords_of_other_packages_are_answered(function):
    """SciPy's `alternative` is no option; the shape says the direction."""
    with pytest.raises(SignatureError, match=r"'alternative'\. The shape says the direction"):
        function(FRAME, shape="increasing", alternative="greater")


@pytest.mark.parametrize(
    "claim", [{"shape": "flat", "min_effect": 1e30}, {"shape": {"name": "flat", "margin": 1e30}}]
)
@pytest.mark.parametrize("unit", [1e-300, 1e-280])
def test_a_margin_far_beyond_the_metric_is_in_another_unit(claim, unit):
    """What would overflow is refused; 12 orders of magnitude are not."""
    rng = np.random.default_rng(1)
    rows = [(k, unit * (k + 0.3 * rng.normal()), s) for s in range(5) for k in range(7)]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    with pytest.raises(SignatureError, match="not in the same unit"):
        detect(frame, **claim)
    parts = pd.concat([frame.assign(part="a"), frame.assign(part="b", metric=frame["metric"] / unit)])
    told = sigstats.screen(parts, Signature(**claim), by="part").table()
    assert told["problem"].str.contains("not in the same unit").fillna(value=False).tolist() == [True, False]
    assert detect(frame, shape="flat", min_effect=1e12 * unit).summary()


@pytest.mark.long
@pytest.mark.parametrize("unit", [1e-306, 1e306])
def test_robustness_of_a_metric_at_the_end_of_all_numbers(unit):
    """Bounds are moved as far as there are numbers."""
    rng = np.random.default_rng(2)
    rows = [(k, unit * (k + 0.1 * rng.normal()), s) for s in range(4) for k in range(6)]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    found = sigstats.robustness(frame, shape="increasing", replications=0, choices=())
    assert found.verdict.is_present
