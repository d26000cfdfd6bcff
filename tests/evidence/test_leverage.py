"""Where one level carries most of a line, ranks must agree before an effect is called opposite or small."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats import Signature, SweepTable, detect
from sigstats.detection.blocks import decisions_on
from sigstats.evidence.reason import Reason
from sigstats.stats.scores.leverage import geometric, leverage

GEOMETRIC = 2.0 ** np.arange(8)
EVEN = np.arange(8.0)


def asked(levels, curves, **claim):
    return detect(SweepTable.from_matrices(levels, {"a": curves}), shape="increasing", **claim)


def skewed(n_seeds, rng):
    """Return curves without an effect, whose noise has a long upper tail."""
    return 5.0 + np.random.default_rng(rng).exponential(1.0, (n_seeds, 8))


def test_the_leverage_is_the_share_of_one_level():
    """By hand: levels 0, 0, 3 have squares 1, 1, 4 about their mean."""
    assert leverage(np.array([0.0, 0.0, 3.0])) == pytest.approx(4 / 6)
    assert leverage(np.linspace(0, 1, 8)) < 0.3
    assert leverage(GEOMETRIC) == pytest.approx(0.6736, abs=1e-4)


@pytest.mark.parametrize(
    ("n_seeds", "expected"), [(5, 0.05), pytest.param(6, 0.05, marks=pytest.mark.slow), (10, 0.05)]
)
def test_skewed_noise_on_geometric_levels_is_not_the_opposite(n_seeds, expected):
    """Of 200 tables without an effect no more than chance allows are called opposite.

    Five and ten seeds, below and above the least number for sign flips; six are slow.
    """
    claim = Signature(shape="increasing")
    tables = [
        SweepTable.from_matrices(GEOMETRIC, {"a": skewed(n_seeds, [n_seeds, rng])}) for rng in range(200)
    ]
    called = sum(Reason.OPPOSITE in reasons for _, reasons in decisions_on(tables, claim))
    assert called <= scipy_stats.binom.ppf(0.999, 200, expected)


def test_the_p_value_is_the_larger_of_t_and_ranks():
    """By hand: t on the slopes, and the exact sign-flip test of the reversed taus."""
    curves = skewed(8, 4)
    line = asked(GEOMETRIC, curves).evidence.interval
    x = (GEOMETRIC - 1) / 127
    slopes = np.polyfit(x, curves.T, 1)[0]
    taus = np.array([scipy_stats.kendalltau(EVEN, row).statistic for row in curves])
    signs = 1 - 2 * ((np.arange(256)[:, None] >> np.arange(8)) & 1)
    by_ranks = ((signs @ taus) <= taus.sum() + 1e-12).mean()
    by_t = scipy_stats.ttest_1samp(slopes, 0, alternative="less").pvalue
    assert line.pvalue_opposite == pytest.approx(max(by_t, by_ranks))
    shifted = np.array([scipy_stats.kendalltau(EVEN, row).statistic for row in curves - 2.0 * x])
    small = asked(GEOMETRIC, curves, min_effect=2.0).evidence.interval.pvalue_small
    by_ranks = ((signs @ shifted) <= shifted.sum() + 1e-12).mean()
    by_t = scipy_stats.ttest_1samp(slopes, 2.0, alternative="less").pvalue
    assert small == pytest.approx(max(by_t, by_ranks))


def test_even_levels_keep_the_test_of_the_scores():
    """There t alone decides, as before."""
    curves = skewed(8, 4)
    slopes = np.polyfit(EVEN / 7, curves.T, 1)[0]
    by_t = scipy_stats.ttest_1samp(slopes, 0, alternative="less").pvalue
    assert asked(EVEN, curves).evidence.interval.pvalue_opposite == pytest.approx(by_t)


@pytest.mark.parametrize("levels", [GEOMETRIC, EVEN])
def test_a_clear_fall_is_still_the_opposite(levels):
    """On either spacing."""
    noise = np.random.default_rng(1).normal(0, 0.3, (6, 8))
    assert asked(levels, noise - 4 * levels / levels[-1]).reasons == (Reason.OPPOSITE,)


@pytest.mark.long
@pytest.mark.parametrize(
    ("levels", "claim", "hinted"),
    [
        (GEOMETRIC, {}, True),
        ([1, 3, 10, 30, 100, 300, 1000, 3000], {}, True),
        (GEOMETRIC, {"knob_scale": "log"}, False),
        (EVEN + 1, {}, False),
        ([0, 1, 2, 4, 8, 16, 32, 64], {}, False),
    ],
)
def test_a_log_scale_of_the_knob_is_suggested_where_the_levels_ask_for_it(levels, claim, hinted):
    """Geometric levels on a linear scale; not where the scale was declared, nor with a level of 0."""
    verdict = asked(np.array(levels, dtype=float), skewed(6, 1), **claim)
    assert (Reason.LOG_KNOB in verdict.notes) is hinted
    assert ("knob_scale='log'" in " ".join(verdict.summary(full=True).split())) is hinted


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "claim", "place"),
    [
        ("threshold", {}, "an onset"),
        ("saturating", {}, "a knee"),
        ("sigmoid", {}, "a midpoint"),
        ("peak", {}, "a turn"),
        ("threshold", {"knob_scale": "log"}, None),
        ("convex", {}, None),
    ],
)
def test_a_log_scale_of_the_knob_is_suggested_for_a_place_too(shape, claim, place):
    """Nearly all levels of a knob over decades lie at the start of a linear scale, where no place is found."""
    table = SweepTable.from_matrices(10.0 ** np.arange(7, 14), {"a": skewed(6, 1)[:, :7]})
    verdict = detect(table, shape=shape, **claim)
    said = " ".join(verdict.summary(full=True).split())
    assert (Reason.LOG_KNOB in verdict.notes) is (place is not None)
    assert (f"close to the start, where {place} can hardly be told" in said) is (place is not None)


def test_a_place_near_the_start_of_decades_asks_for_another_scale_and_not_for_other_levels():
    """On a linear scale an onset at the third of seven decades lies at the very start; on the log scale it is found."""
    levels = 10.0 ** np.arange(4, 12)
    curves = np.maximum(np.arange(8) - 3.0, 0.0) + np.random.default_rng(1).normal(0, 0.1, (5, 8))
    table = SweepTable.from_matrices(levels, {"a": curves})
    verdict = detect(table, shape="threshold")
    assert verdict.reasons == (Reason.ONSET_NEAR_END,)
    said = " ".join(verdict.summary().split())
    assert (
        "to resolve If a factor of knob is meant to count the same everywhere, declare knob_scale='log'"
        in said
    )
    assert "further" not in said
    assert str(detect(table, shape="threshold", knob_scale="log").status) == "present"


@pytest.mark.parametrize(
    ("least", "claim", "hinted"), [(1e-4, {}, True), (0.1, {}, False), (-1.0, {}, False)]
)
def test_a_log_scale_of_the_metric_is_suggested_over_decades(least, claim, hinted):
    """Values above 0 over three powers of ten."""
    curves = np.geomspace(1e-4, 1.0, 8) * (1 + 0.1 * np.random.default_rng(1).random((6, 8)))
    curves = np.maximum(curves, least) if least > 0 else curves - 0.5
    assert (Reason.LOG_METRIC in asked(EVEN, curves, **claim).notes) is hinted
    assert Reason.LOG_METRIC not in asked(EVEN, np.abs(curves), metric_scale="log").notes


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (GEOMETRIC, True),
        ([1, 3, 9, 30, 100], True),
        ([1, 2, 4, 8, 36], False),  # the last step is over twice the others on a log scale
        ([1, 2, 4, 7], False),  # not that far from even
        ([0, 1, 10, 100], False),
        (EVEN + 1, False),
    ],
)
def test_geometric_levels_have_even_logarithms(levels, expected):
    """And uneven steps."""
    assert geometric(np.array(levels, dtype=float)) is expected
