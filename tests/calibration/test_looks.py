"""The rates of planned looks come from verdicts as `detect` gives them."""

from dataclasses import replace

import numpy as np
import pytest

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import verdict_on
from sigstats.evidence.look import WELCH
from sigstats.evidence.reason import Reason
from sigstats.stats.looks.joint_law import alpha_per_look
from tests.calibration import looks as script

PLAN = (3, 5, 8)
TABLES = 6


def said(verdict):
    """Return what a verdict states, by the names of the script."""
    primary = verdict.findings.primary == "shown"
    return {
        "rises": primary and Reason.REVERSES not in verdict.reasons,
        "present": verdict.status == "present",
        "opposite": Reason.OPPOSITE in verdict.reasons,
        "reverses": Reason.REVERSES in verdict.reasons,
        "small": bool({Reason.BELOW_MIN_EFFECT, Reason.WEAK} & set(verdict.reasons)),
        "unspecific": Reason.UNSPECIFIC in verdict.reasons,
        "artifact": Reason.ARTIFACT in verdict.reasons,
    }


@pytest.mark.long
@pytest.mark.parametrize("kind", script.NOISES)
@pytest.mark.parametrize("truth", script.TRUTHS)
def test_many_tables_at_once_are_judged_as_detect_judges_one(truth, kind):
    treatment, control = script.simulated(truth, kind, TABLES)
    signature = replace(script.claim(truth), looks=PLAN)
    for n in PLAN:
        cells = {"treatment": treatment[:, :n]} | ({} if control is None else {"control": control[:, :n]})
        found = script.lines_of(cells["treatment"], cells.get("control"), truth)
        stated = script.stated(found, alpha_per_look(PLAN), WELCH, n, truth)
        for at in range(TABLES):
            # Seeds with labels of their own, so that treatment and control are compared by Welch's test alone.
            seeds = {name: [f"{name} {seed}" for seed in range(n)] for name in cells}
            curves = {name: each[at] for name, each in cells.items()}
            table = SweepTable.from_matrices(np.arange(8.0), curves, seeds=seeds)
            verdict = verdict_on(table, signature)
            assert {name: bool(each[at]) for name, each in stated.items()} == said(verdict)
