"""Claims on most seeds: exact answers, whatever the scores of the few do."""

import numpy as np
import pytest
from scipy import stats

from sigstats import Signature, SweepTable, calibrate, detect, robustness
from sigstats.cli.main import main
from sigstats.errors import SignatureError
from sigstats.evidence.reason import Reason

X = np.arange(8) / 7


def sweep(*, shared=False, rng=1, **rises):
    """Return a table whose seeds rise by given amounts."""
    generator = np.random.default_rng(rng)
    curves = {
        k: np.array(v)[:, None] * X + 0.3 * generator.normal(size=(len(v), 8)) for k, v in rises.items()
    }
    seeds = {k: [f"{'s' if shared else k}{i}" for i in range(len(v))] for k, v in rises.items()}
    return SweepTable.from_matrices(np.arange(8.0), curves, seeds=seeds)


def verdict(table, shape="increasing", **options):
    return detect(table, shape=shape, across_seeds="majority", **options)


def check(found, status, *reasons):
    assert (found.status, found.reasons) == (status, tuple(map(Reason, reasons)))


@pytest.mark.parametrize("min_effect", [None, 2.0])
def test_one_seed_that_diverges_does_not_hide_the_others(min_effect):
    """Nine of ten seeds rise: the mean over seeds cannot tell, a majority is shown by the binomial test."""
    table = sweep(a=[8.0] * 9 + [-60.0])
    assert detect(table, shape="increasing", min_effect=min_effect).status == "inconclusive"
    found = verdict(table, min_effect=min_effect)
    check(found, "present")
    count = found.evidence.majority
    assert (count.n_showing, count.n_seeds, count.bound) == (9, 10, min_effect or 0.0)
    assert count.pvalue == pytest.approx(stats.binomtest(9, 10, 0.5, alternative="greater").pvalue)
    share = stats.binomtest(9, 10).proportion_ci(0.9, "exact")
    assert (count.share_low, count.share_high) == pytest.approx((share.low, share.high))
    assert found.effect.value == pytest.approx(8, abs=0.5)
    assert "9 of 10 seeds show it" in str(found)


@pytest.mark.parametrize(("n", "alpha", "fewest"), [(3, 0.05, 5), (4, 0.05, 5), (5, 0.01, 7), (6, 0.01, 7)])
def test_too_few_seeds_say_so(n, alpha, fewest):
    """However clear the rise, so few seeds cannot show a majority; how many can is said."""
    found = verdict(sweep(a=[8.0] * n), alpha=alpha)
    check(found, "inconclusive", "too_few_for_majority")
    assert found.evidence.majority.fewest == fewest
    assert f"at least {fewest} seeds" in " ".join(found.summary(full=True).split())
    assert found.evidence.seeds_needed.n_seeds >= fewest


def test_five_seeds_that_agree_are_enough():
    """.5 ** 5 = .031 is below .05."""
    found = verdict(sweep(a=[8.0] * 5))
    check(found, "present")
    assert found.evidence.majority.pvalue == pytest.approx(1 / 32)


def test_two_thirds_of_few_seeds_stay_open():
    """Six of ten show neither a majority nor its absence."""
    check(verdict(sweep(a=[8.0] * 6 + [0.0] * 4), min_effect=2.0), "inconclusive", "underpowered")


def test_most_seeds_that_stay_below_the_margin_are_absence():
    """One rare seed rises far, nine do not: the mean would not be small, the majority is."""
    found = verdict(sweep(a=[0.0] * 9 + [80.0]), min_effect=2.0)
    check(found, "absent", "below_min_effect")
    assert "9 of 10" in " ".join(found.summary(full=True).split())
    assert found.evidence.interval.pvalue_small == pytest.approx(11 / 1024)


def test_most_seeds_that_go_the_other_way_are_the_opposite():
    """Nine of ten seeds fall, one rises tenfold."""
    check(verdict(sweep(a=[-8.0] * 9 + [80.0])), "absent", "opposite")
    check(verdict(sweep(a=[-8.0] * 9 + [80.0]), "decreasing"), "present")


def test_a_rise_in_all_seeds_that_is_too_small_is_absence():
    """Nobody reaches the declared effect."""
    check(verdict(sweep(a=[1.0] * 8), min_effect=3.0), "absent", "below_min_effect")


def test_a_quiet_control_is_one_whose_median_seed_is():
    """A single control seed that rises does not make the control respond."""
    found = verdict(sweep(a=[8.0] * 9 + [-60.0], b=[0.5] * 8 + [70.0]), control="b")
    check(found, "present")
    assert found.evidence.control.effect.value == pytest.approx(0.5, abs=0.5)


def test_a_control_that_does_the_same_in_most_seeds_is_an_artifact():
    """With as many seeds as its exact bounds need, a control like the treatment is shown to be one."""
    rises = list(np.linspace(7.6, 8.4, 12))
    found = verdict(sweep(a=rises, b=rises), control="b")
    check(found, "absent", "artifact")
    half = verdict(sweep(a=rises, b=[0.65 * each for each in rises]), control="b")
    check(half, "partial", "unspecific")


def test_five_seeds_are_too_few_for_an_unpaired_control_and_enough_for_a_paired_one():
    """Two medians take half the error rate each; a difference within seeds takes the whole."""
    table = sweep(a=[8.0] * 5, b=[0.5] * 5, shared=True)
    found = verdict(table, control="b")
    check(found, "inconclusive", "control_unresolved")
    assert found.evidence.seeds_needed.n_seeds > 5
    check(verdict(table, control="b", paired=True), "present")


def test_every_one_of_several_controls_must_be_quiet():
    """One of two controls rises: it is named by the criteria of its own."""
    rises = list(np.linspace(7.6, 8.4, 12))
    found = verdict(sweep(a=rises, b=[0.2] * 12, c=rises), control=["b", "c"])
    check(found, "partial", "unspecific")


def test_a_correction_over_several_controls_ends_at_one():
    """Two quiet controls are as far from responding as can be: twice their p-value is still a p-value."""
    found = verdict(
        sweep(a=list(np.linspace(7.6, 8.4, 12)), b=[-0.2] * 12, c=[-0.2] * 12), control=["b", "c"]
    )
    assert found.evidence.control.responds.pvalue == 1.0


@pytest.mark.parametrize(
    ("shape", "course", "n"),
    [
        ("convex", X**2, 8),
        ("concave", -(X**2), 8),
        ({"name": "ordered", "weights": [-1, 0, 0, 0, 0, 0, 0, 1]}, X, 8),
    ],
)
def test_seeds_can_be_counted_wherever_each_has_a_score(shape, course, n):
    """Eight of nine seeds have the shape, one has its opposite many times over."""
    sizes = np.array([*np.linspace(8, 9, n), -90.0])
    table = SweepTable.from_matrices(np.arange(8.0), {"a": sizes[:, None] * course})
    found = verdict(table, shape)
    check(found, "present")
    found.summary(full=True), found.to_json(), found.to_html(), found.plot()


def test_the_other_seeds_scores_change_nothing():
    """Only the side of the bound counts: moving scores far out leaves every p-value of the claim as it is."""
    near = verdict(sweep(a=[3.0, 3, 3, 3, 3, 3, 1], rng=5), min_effect=2.0).evidence
    far = verdict(sweep(a=[300.0, 30, 3000, 3, 33, 333, -999], rng=5), min_effect=2.0).evidence
    assert near.majority.pvalue == far.majority.pvalue
    assert near.interval.pvalue_small == far.interval.pvalue_small


@pytest.mark.parametrize("shape", ["flat", "linear", "peak", "threshold", "saturating"])
def test_shapes_whose_seeds_cannot_be_counted_are_refused(shape):
    """The message names the value, the rule and the remedy."""
    with pytest.raises(
        SignatureError, match=r"`across_seeds` is 'majority'.*shape '.*can be counted for .*'increasing'"
    ):
        Signature(shape=shape, across_seeds="majority", min_effect=1.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"design": "independent"}, "`design` is 'independent'"),
        ({"across": "each"}, "`across` is 'each'"),
        ({"treatment": ["a", "b"]}, "there are 2 treatments"),
    ],
)
def test_contradictions_are_refused(options, said):
    """A majority is that of seeds that are followed, in one treatment."""
    with pytest.raises(SignatureError, match="`across_seeds` is 'majority'") as caught:
        Signature(shape="increasing", across_seeds="majority", **options)
    assert said in str(caught.value)


def test_a_table_that_does_not_fit_is_refused():
    """Several treatments, and runs without identity, show only in the table."""
    with pytest.raises(SignatureError, match="there are 2 treatments"):
        verdict(sweep(a=[8.0] * 5, b=[8.0] * 5))
    fresh = SweepTable.from_matrices(np.arange(3.0), {"a": np.eye(3) + np.where(np.eye(3) > 0, 0, np.nan)})
    with pytest.raises(SignatureError, match="no seed of the table is seen at two levels"):
        verdict(fresh)


def test_a_word_that_is_none_of_the_two_is_refused():
    """The options are named."""
    with pytest.raises(SignatureError, match=r"`across_seeds`.*majority.*mean"):
        Signature(shape="increasing", across_seeds="most")


def test_the_field_is_written_to_a_card():
    """A card says it, and reads it."""
    assert 'across_seeds = "majority"' in Signature(shape="increasing", across_seeds="majority").to_toml()


def test_a_majority_can_be_questioned():
    """Robustness varies what a claim on most seeds leaves open: neither the design nor the lines of evidence."""
    table = sweep(a=list(np.linspace(7, 9, 9)))
    found = robustness(table, Signature(shape="increasing", across_seeds="majority"), replications=0)
    assert {choice.name for choice in found.choices}.isdisjoint({"design", "line"})
    assert {status for status, _ in found.shares} == {"present"}
    assert "in most seeds" in found.summary(full=True)


def test_error_rates_of_a_majority_are_those_of_the_mean_where_both_are_the_same():
    """Where spreads are symmetric the truth of the mean is that of the median seed; elsewhere it is not known."""
    claim = Signature(shape="increasing", across_seeds="majority")
    found = calibrate({"treatment": 0.0}, signature=claim, n_seeds=6, slope_sd=1.0, replications=200, rng=1)
    # Six of six seeds rise, or fall, in one of 64 sweeps each.
    assert found.rate("present") <= 1 / 64 + 3.29 * (1 / 64 / 200) ** 0.5
    with pytest.raises(SignatureError, match=r"`slope_spread` is 'lognormal'.*Simulate one of these"):
        calibrate({"treatment": 0.0}, signature=claim, slope_spread="lognormal", replications=2)


def test_the_command_line_counts_seeds(tmp_path, capsys):
    """The option reaches the verdict."""
    path = tmp_path / "sweep.csv"
    sweep(a=[8.0] * 9 + [-60.0]).to_frame().to_csv(path, index=False)
    code = main(["check", str(path), "--shape", "increasing", "--across-seeds", "majority"])
    assert code == 0
    assert "9 of 10 seeds show it" in " ".join(capsys.readouterr().out.split())
    assert main(["check", str(path), "--shape", "increasing", "--across-seeds", "most"]) == 2


def test_a_seed_that_reaches_the_declared_effect_exactly_shows_it():
    """Four seeds rise by just that, one by more and one by less."""
    rises = np.array([[0.0, rise] for rise in (0.5, 0.5, 0.5, 0.5, 1.0, 0.25)])
    table = SweepTable.from_matrices(np.array([0.0, 1.0]), {"a": rises})
    found = detect(table, shape="increasing", min_effect=0.5, across_seeds="majority", design="repeated")
    assert (found.evidence.majority.n_showing, found.evidence.majority.n_seeds) == (5, 6)


def test_of_several_controls_the_strongest_is_told():
    """That whose median seed rises most."""
    found = verdict(sweep(a=[8.0] * 9, b=[0.5] * 9, c=[1.5] * 9), control=["b", "c"])
    assert found.evidence.control.effect.value == pytest.approx(1.5, abs=0.5)
