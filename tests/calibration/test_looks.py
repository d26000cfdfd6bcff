"""The rates of planned looks come from verdicts as `detect` gives them."""

from dataclasses import replace

import numpy as np
import pytest

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import verdict_on
from sigstats.evidence import gather
from sigstats.evidence.look import WELCH
from sigstats.signature.signature import Signature
from sigstats.stats.looks.joint_law import alpha_per_look
from tests.calibration import looks as script


@pytest.mark.parametrize("kind", script.NOISES)
@pytest.mark.parametrize("effect", [0.0, 2.0, 5.0])
def test_judging_again_at_another_level_gives_the_verdict_of_detect(kind, effect):
    plan, rng = (3, 5, 8), np.random.default_rng(4)
    signature = Signature(shape="increasing", control="control", min_effect=2.0, bounds="none", looks=plan)
    level = alpha_per_look(plan)
    for n in plan:
        cells = {"treatment": effect * script.LEVELS / 7 + script.noise(kind, rng, n)}
        cells["control"] = script.noise(kind, rng, n)
        table = SweepTable.from_matrices(script.LEVELS, cells)
        expected = verdict_on(table, signature)
        plain = replace(signature, looks=None)
        evidence = gather(table, plain, rng=np.random.default_rng(0))
        findings, rule = script.rejudged(evidence, plain, level, alpha_control=WELCH * level)
        # What each treatment shows on its own is a note, and never changes what is stated.
        assert replace(findings, not_alone=()) == replace(expected.findings, not_alone=())
        assert (rule.status, rule.reasons(findings)) == (expected.status, expected.reasons)
