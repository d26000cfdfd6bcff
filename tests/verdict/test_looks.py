"""Verdicts at planned looks, and at others."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sigstats import Card, Robustness, Signature, detect, robustness, simulate_sweep
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import SignatureError
from sigstats.evidence.look import WELCH
from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import StepCode
from sigstats.stats import alpha_per_look, error_over_looks
from sigstats.studies.answers.pvalues import present_pvalue
from sigstats.verdict.next_steps import steps

PLAN = [3, 5, 8]
LEVEL = alpha_per_look(PLAN)


def sweep(n_seeds, *, effect=4.0, control=0.0):
    return simulate_sweep({"treatment": effect, "control": control}, n_seeds=n_seeds, levels=8, rng=3)


def judged(n_seeds=5, *, looks=PLAN, **given):
    given = {"shape": "increasing", "control": "control", "min_effect": 1.0} | given
    return detect(sweep(n_seeds), looks=looks, **given)


def test_a_planned_look_is_tested_at_its_own_level_throughout():
    verdict = judged()
    assert verdict.status == "present"
    assert (verdict.look.number, verdict.look.of, verdict.alpha) == (2, 3, LEVEL)
    bounds = {each.name: each.bound for each in verdict.criteria if each.kind in ("pvalue", "probability")}
    for name, bound in bounds.items():
        share = WELCH if name.startswith("control") else 1.0
        expected = 1.0 - LEVEL if name.endswith("prob_positive") else share * LEVEL
        assert bound == pytest.approx(expected), name
    assert verdict.evidence.interval.estimate.confidence == pytest.approx(1.0 - 2.0 * LEVEL)
    assert verdict.signature.alpha == 0.05
    assert verdict.signature.looks == (3, 5, 8)


def test_the_evidence_is_that_of_a_signature_with_this_level():
    planned, plain = judged(), judged(looks=None, alpha=LEVEL)
    assert replace(planned.evidence, look=None).interval == plain.evidence.interval
    assert planned.evidence.reversal == plain.evidence.reversal


def test_a_single_planned_look_changes_nothing():
    planned, plain = judged(looks=[5]), judged(looks=None)
    assert planned.criteria == plain.criteria
    assert planned.status == plain.status


def test_reports_say_which_look_it_is():
    verdict = judged()
    assert str(verdict).endswith("look 2 of 3)")
    said = " ".join(verdict.summary(full=True).split())
    assert "Look 2 of 3, at alpha 0.0212: looks were planned at 3, 5 and 8 seeds per condition" in said
    assert "alpha 0.0212 at each look (0.05 over all looks)" in said
    assert Reason.PLANNED_LOOK in verdict.notes


def test_json_has_the_look():
    found = json.loads(judged().to_json())
    assert found["evidence"]["look"]["number"] == 2
    assert found["evidence"]["look"]["planned"] == PLAN
    assert found["evidence"]["look"]["alpha"] == pytest.approx(LEVEL)
    assert found["signature"]["looks"] == PLAN
    assert json.loads(judged(looks=None).to_json())["evidence"]["look"] is None


@pytest.mark.parametrize(
    ("n_seeds", "remedy"),
    [
        (4, "Run every condition up to the next planned look: 5 seeds per condition"),
        (9, "The last planned look"),
    ],
)
def test_nothing_is_claimed_at_a_look_that_was_not_planned(n_seeds, remedy):
    verdict = judged(n_seeds)
    assert judged(n_seeds, looks=None).status == "present"
    assert (verdict.status, verdict.reasons) == ("inconclusive", (Reason.UNPLANNED_LOOK,))
    assert verdict.influence == ()
    assert verdict.scope is None
    assert remedy in " ".join(verdict.summary(full=True).split())
    assert present_pvalue(verdict) == 1.0


def test_too_few_seeds_are_said_first():
    assert judged(2).reasons == (Reason.TOO_FEW_SEEDS, Reason.UNPLANNED_LOOK)


def test_seeds_needed_names_the_next_planned_look():
    def open_at(n_seeds):
        verdict = detect(
            sweep(n_seeds, effect=1.0), shape="increasing", min_effect=1.0, control="control", looks=PLAN
        )
        assert verdict.status == "inconclusive"
        return " ".join(verdict.summary(full=True).split())

    first = open_at(3)
    assert "The next planned look is at 5 seeds per condition. The plan decides when to stop." in first
    assert first.index("The next planned look") < first.index("A rough estimate from so few seeds: about")
    assert "This was the last planned look" in open_at(8)


def test_the_next_step_leads_to_the_next_planned_look():
    found = steps(judged(4))
    assert [(each.code, each.condition, each.n) for each in found] == [
        (StepCode.ADD_SEEDS, "treatment", 1),
        (StepCode.ADD_SEEDS, "control", 1),
    ]
    assert [(each.code, each.field) for each in steps(judged(9))] == [(StepCode.CHANGE_CARD, "looks")]


def test_single_runs_are_left_out_at_the_level_of_the_look():
    x = np.linspace(0.0, 1.0, 8)
    rng = np.random.default_rng(1)
    cells = 4.0 * x + rng.normal(0.0, 0.4, (5, 8))
    cells[4] -= 12.0 * x
    table = SweepTable.from_matrices(np.arange(8.0), {"treatment": cells})
    verdict = detect(table, shape="increasing", min_effect=1.0, looks=PLAN)
    assert verdict.status == "inconclusive"
    assert [each.status for each in verdict.influence] == ["present"]


def test_the_pvalue_of_a_card_counts_the_looks():
    """The control decides here, which is tested at a part of the level of a look."""
    planned, plain = present_pvalue(judged(3)), present_pvalue(judged(3, looks=None))
    assert planned == pytest.approx(error_over_looks(PLAN, level=plain / WELCH))


def test_a_card_plans_looks(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text('[[signature]]\nshape = "increasing"\nlooks = [3, 5, 8]\n', encoding="utf-8")
    card = Card.from_toml(path)
    assert card.signatures[0].looks == (3, 5, 8)
    assert detect(sweep(5), card.signatures[0]).look.number == 2


def test_claims_without_a_knob_refuse_looks():
    with pytest.raises(SignatureError, match="compare once"):
        Signature(shape="higher", baseline="adam", looks=PLAN)


def test_shapes_that_seek_a_place_share_the_error_rate():
    verdict = detect(sweep(5), shape="peak", looks=PLAN)
    assert verdict.alpha == pytest.approx(0.05 / 3)


def test_robustness_keeps_the_level_of_the_look_and_refuses_others():
    signature = Signature(shape="increasing", control="control", min_effect=1.0, looks=PLAN)
    found = robustness(sweep(5), signature, choices=[], replications=0)
    assert isinstance(found, Robustness)
    assert found.verdict.look.number == 2
    assert found.agreement == 1.0
    with pytest.raises(SignatureError, match="no look was planned"):
        robustness(sweep(4), signature, choices=[], replications=0)


def test_a_look_that_was_not_planned_does_not_read_as_a_planned_one():
    """Numbers that were planned, but not together or not at every level, are told as what they are."""
    table = sweep(5)
    rows = [
        (name, seed, level, value)
        for name in ("treatment", "control")
        for seed, values in zip(table.seeds(name), table.matrix(name), strict=True)
        for level, value in zip(table.levels, values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])
    fresh = frame.assign(seed=range(len(frame)))
    given = {"shape": "increasing", "control": "control", "looks": PLAN}
    uneven = detect(fresh.iloc[1:], **given)
    assert (uneven.status, uneven.reasons) == ("inconclusive", ("unplanned_look",))
    assert dict(uneven.look.n_seeds) == {"treatment": 4, "control": 5}
    assert [step.n for step in steps(uneven, None) if step.code is StepCode.ADD_SEEDS] == [1]
    apart = detect(
        frame[(frame["condition"] == "control") | frame["seed"].isin(frame["seed"].unique()[:3])], **given
    )
    assert "other numbers" not in apart.summary(full=True)
    assert "in all conditions at once; the data have 'treatment' (3) and 'control' (5)" in " ".join(
        apart.summary(full=True).split()
    )
