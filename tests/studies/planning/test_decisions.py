"""A decision without a report is the verdict's own, on sweeps of every kind."""

from dataclasses import replace

import numpy as np
import pytest

import sigstats as ss
from sigstats.detection import verdict_on
from sigstats.detection.blocks import decisions_on
from sigstats.evidence.open_table import read_table

TWO = {"treatment": 2.0, "control": 0.5}
CASES = {
    "a rise": ({}, {"effects": TWO}),
    "many seeds": ({}, {"effects": TWO, "n_seeds": 9}),
    "a turn": ({}, {"effects": {"treatment": 6.0, "control": 0.0}, "form": "umbrella"}),
    "missing cells": ({}, {"effects": TWO, "missing": 0.2, "n_seeds": 6}),
    "fresh runs": ({"design": "independent"}, {"effects": TWO, "independent": True, "level_shift_sd": 0.5}),
    "pairs": ({"paired": True}, {"effects": TWO, "seed_correlation": 0.5}),
    "several treatments": ({"across": "each"}, {"effects": TWO | {"other": 1.0}}),
    "most seeds": ({"across_seeds": "majority", "min_effect": None}, {"effects": TWO, "n_seeds": 6}),
    "linear": ({"shape": "linear"}, {"effects": TWO, "noise_sd": 0.3}),
    "flat": ({"shape": "flat"}, {"effects": {"treatment": 0.0, "control": 4.0}, "noise_sd": 0.3}),
    "step": (
        {"shape": {"name": "threshold", "form": "step"}},
        {"effects": TWO, "form": "step", "noise_sd": 0.3},
    ),
    "peak": ({"shape": "peak"}, {"effects": TWO, "form": "umbrella", "noise_sd": 0.3}),
    "saturating": ({"shape": "saturating"}, {"effects": TWO, "form": "saturating", "noise_sd": 0.1}),
    "above": ({"shape": {"name": "above", "value": 0.0}, "min_effect": None}, {"effects": TWO, "start": 1.0}),
    "on and off": ({}, {"effects": TWO, "levels": 2}),
}


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_a_decision_is_that_of_the_verdict(case):
    """Status and reasons are the same, whatever only reports need is left out."""
    claim, options = CASES[case]
    signature = replace(ss.Signature(shape="increasing", control="control", min_effect=1.0), **claim)
    plan = ss.Plan(**({"levels": 8, "n_seeds": 4} | options))
    rng = np.random.default_rng(5)
    for _ in range(8):
        table = read_table(plan.simulate(rng), signature)
        verdict = verdict_on(table, signature)
        assert decisions_on([table, table], signature) == [(verdict.status, verdict.reasons)] * 2
