"""Many negative controls: a calibrated p-value beside the nominal one, which withdraws *present* and never makes it."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sigstats as ss
from sigstats.studies.answers.pvalues import present_pvalue

X = np.linspace(0.0, 1.0, 5)


def frame(slopes, *, n_seeds=5, noise=0.3, shared=None, rng=11):
    """Return a sweep with one condition for each slope; `shared` moves all but the first by seed."""
    generator = np.random.default_rng(rng)
    moves = np.zeros(n_seeds) if shared is None else np.asarray(shared)
    rows = []
    for at, (name, slope) in enumerate(slopes.items()):
        for seed in range(n_seeds):
            own = slope + noise * generator.standard_normal() + (moves[seed] if at else 0.0)
            label = f"{name}-{seed}" if shared is None else seed
            rows += [(name, label, x, own * x + 0.05 * generator.standard_normal()) for x in X]
    return pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])


# No control carries half of 2, and yet they differ so much that one of 2 is hardly one of another kind.
WITHIN = {"on": 2.0} | {f"null{at}": each for at, each in enumerate((-0.9, 0.8, -0.8, 0.9, 0.0))}


def nulls(spread, n=8, rng=5):
    return {
        f"null{at}": each for at, each in enumerate(spread * np.random.default_rng(rng).standard_normal(n))
    }


def detect(slopes, *, calibrate=True, shape="increasing", data=None, **claim):
    table = frame(slopes) if data is None else data
    return ss.detect(table, shape=shape, control=[*slopes][1:], calibrate=calibrate, **claim)


def test_an_effect_within_what_controls_show_is_withdrawn():
    nominal, calibrated = detect(WITHIN, calibrate=False), detect(WITHIN)
    assert (nominal.status, nominal.evidence.negative_controls) == ("present", None)
    assert (calibrated.status, calibrated.reasons) == ("inconclusive", ("within_controls",))
    found = calibrated.evidence.negative_controls
    assert found.nominal_pvalue < 0.001
    assert found.pvalue > 0.05
    assert calibrated.rule == 15
    assert not calibrated.groups.calibrated.met
    assert present_pvalue(calibrated) > 0.05


def test_an_effect_beyond_them_stays_present():
    verdict = detect({"on": 9.0, **nulls(1.0)})
    assert verdict.status == "present"
    assert verdict.groups.calibrated.met
    assert present_pvalue(verdict) >= verdict.evidence.negative_controls.pvalue


@pytest.mark.parametrize("slope", [0.0, -1.0, 0.4])
def test_nothing_becomes_present_by_calibration(slope):
    """Controls that go the other way make the calibrated p-value small; the seeds must still show the effect."""
    slopes = {"on": slope, **{name: each - 6.0 for name, each in nulls(0.2).items()}}
    table = frame(slopes, noise=3.0)
    verdict = detect(slopes, data=table)
    assert verdict.evidence.negative_controls.pvalue < 0.05
    assert verdict.status != "present"
    assert verdict.status == detect(slopes, data=table, calibrate=False).status


def test_the_pvalue_is_that_of_one_more_control():
    """By hand: the scores of every condition are least-squares slopes; then one value beside a small sample."""
    slopes = {"on": 3.0, **nulls(1.0)}
    table = frame(slopes)
    # A treatment whose seeds differ less than those of the controls, so that nothing is added to their variance.
    table.loc[table["condition"] == "on", "metric"] *= 0.1
    by_run = table.groupby(["condition", "seed"]).apply(
        lambda run: np.polyfit(run["knob"], run["metric"], 1)[0], include_groups=False
    )
    means = by_run.groupby("condition").mean()
    others = means.drop("on")
    alone = stats.ttest_ind([means["on"]], others, equal_var=True, alternative="greater").pvalue
    found = detect(slopes, data=table).evidence.negative_controls
    assert found.pvalue == pytest.approx(alone)
    assert found.mean == pytest.approx(others.mean())
    own = by_run.groupby("condition").apply(lambda runs: stats.ttest_1samp(runs, 0.0).pvalue).drop("on")
    assert found.n_nonzero == (own <= 0.1).sum()
    assert found.level == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("shape", "claim", "says"),
    [
        ("increasing", {"controls": 4}, "at least 5 negative controls, and there are 4 controls"),
        ("increasing", {"controls": 0}, "there is no control"),
        ("increasing", {"across_seeds": "majority"}, "about most seeds"),
        ({"name": "flat", "margin": 0.5}, {}, "are to depart from it"),
    ],
)
def test_where_nothing_can_be_calibrated_that_is_said(shape, claim, says):
    slopes = {"on": 9.0, **nulls(1.0)}
    names = [*slopes][1:][: claim.pop("controls", 8)]
    verdict = ss.detect(
        frame(slopes), shape=shape, treatment="on", control=names or None, calibrate=True, **claim
    )
    assert verdict.evidence.negative_controls is None
    assert "uncalibrated" in verdict.notes
    assert says in " ".join(verdict.summary(full=True).split())


def test_controls_that_go_together_over_seeds_are_in_doubt():
    slopes = {"on": 30.0, **nulls(0.3)}
    verdict = detect(slopes, data=frame(slopes, shared=[3.0, -2.0, 0.0, 1.0, -2.0]))
    assert verdict.evidence.negative_controls.pvalue_shared < 0.01
    assert "doubtful_controls" in verdict.notes
    assert "go together over seeds" in " ".join(verdict.summary(full=True).split())


def test_a_control_that_shows_it_and_controls_that_all_do_are_in_doubt():
    slopes = {"on": 40.0, **nulls(0.3), "odd": 9.0}
    verdict = detect(slopes)
    assert verdict.evidence.negative_controls.outliers == ("odd",)
    assert "doubtful_controls" in verdict.notes
    assert "something may be there in 'odd'" in " ".join(verdict.summary(full=True).split())
    shifted = {"on": 40.0, **{name: each + 5.0 for name, each in nulls(0.3).items()}}
    assert "they go the predicted way" in " ".join(detect(shifted).summary(full=True).split())


def test_good_controls_are_not_in_doubt():
    assert "doubtful_controls" not in detect({"on": 9.0, **nulls(1.0)}).notes


def test_every_report_has_both_pvalues():
    verdict = detect(WITHIN)
    found = verdict.evidence.negative_controls
    for text in (verdict.summary(full=True), verdict.to_markdown(), verdict.to_latex()):
        said = " ".join(text.split())
        assert "nominal p" in said
        assert "calibrated p" in said.lower()
    table = verdict.table().set_index("condition")
    assert table.loc["on", "calibrated_pvalue"] == pytest.approx(found.pvalue)
    assert np.isnan(table.loc["null0", "calibrated_pvalue"])
    written = json.loads(verdict.to_json())["evidence"]["negative_controls"]
    assert written["pvalue"] == pytest.approx(found.pvalue)
    assert written["nominal_pvalue"] == pytest.approx(found.nominal_pvalue)


@pytest.mark.parametrize("shape", ["peak", "threshold", "convex", "decreasing"])
def test_other_shapes_are_calibrated_by_their_own_score(shape):
    slopes = {"on": 5.0, **nulls(1.0)}
    found = detect(slopes, shape=shape).evidence.negative_controls
    assert 0.0 < found.pvalue <= 1.0
    assert found.n_controls == 8
