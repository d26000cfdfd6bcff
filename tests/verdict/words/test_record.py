import json
import math

import numpy as np
import pandas as pd

KEYS = [
    "schema",
    "status",
    "reasons",
    "notes",
    "rule",
    "criteria",
    "scope",
    "effect",
    "contrast",
    "signature",
    "provenance",
    "influence",
    "with_short",
    "moderators",
    "evidence",
    "departures",
    "strength",
]


def types_in(value):
    if isinstance(value, dict):
        yield dict
        for key, part in value.items():
            yield type(key)
            yield from types_in(part)
    elif isinstance(value, list):
        yield list
        for part in value:
            yield from types_in(part)
    else:
        yield type(value)


def refuse(token):
    raise AssertionError(token)


def test_the_dictionary_is_plain(sample):
    """Nothing in it but what every reader of JSON knows."""
    found = sample().to_dict()
    assert list(found) == KEYS
    assert found["schema"] == 1
    assert set(types_in(found)) <= {dict, list, str, int, float, bool, type(None)}


def test_json_is_strict_and_reads_back_the_same(sample):
    """No NaN, no infinity, and every number exact."""
    verdict = sample()
    assert json.loads(verdict.to_json(), parse_constant=refuse) == verdict.to_dict()


def test_the_same_verdict_gives_the_same_json(sample):
    """Two calls agree to the last byte."""
    assert sample().to_json() == sample().to_json()


def test_names_survive_json_unchanged(payload, samples):
    """Names are the user's own, to the last invisible character; the file is ASCII."""
    written = samples.hostile(payload).to_json()
    assert written.isascii()
    arms = json.loads(written)["evidence"]["arms"]
    assert [arm["condition"] for arm in arms] == [payload, f"not {payload}"]
    assert arms[0]["seeds"] == [f"{payload}{at}" for at in range(5)]


def test_what_is_needed_to_repeat_is_inside(samples):
    """Signature, versions, hash of the data and the generator's entropy."""
    found = samples.present().to_dict()
    assert found["signature"]["shape"] == {"name": "increasing"}
    assert found["signature"]["min_effect"] == 0.5
    assert found["signature"]["control"] == ["test"]
    assert found["provenance"]["versions"]["sigstats"] == "0.1.0"
    assert found["provenance"]["entropy"] == 20240229
    assert len(found["provenance"]["data_hash"]) == 64


def test_level_means_are_those_of_the_curves(samples):
    """Missing cells are left out of the mean, and counted."""
    curves = samples.curves_of(effect=2.0)
    curves[0, 0] = math.nan
    curves[:, 1] = math.nan
    arm = samples.verdict_of([samples.arm("a", "treatment", curves)]).to_dict()["evidence"]["arms"][0]
    assert arm["level_means"][0] == float(curves[1:, 0].mean())
    assert arm["level_means"][1] is None
    assert arm["level_counts"][:3] == [4, 0, 5]
    assert arm["curves"][0][0] is None


def test_large_sweeps_leave_the_curves_out(samples):
    """A report of very many cells keeps scores and level means only."""
    arms = samples.many(20, 40).to_dict()["evidence"]["arms"]
    assert arms[0]["curves"] is None
    assert len(arms[0]["scores"]) == 40
    assert len(arms[0]["level_means"]) == 9


def test_the_table_has_one_row_per_condition(samples):
    """Names and numbers are those of the verdict, unrounded."""
    verdict = samples.two_by_two()
    table = verdict.table()
    assert list(table.columns) == [
        "condition",
        "role",
        "n_seeds",
        "n_levels",
        "effect",
        "low",
        "high",
        "tau",
        "pvalue",
        "calibrated_pvalue",
        "n_showing",
        "probability",
        "standardised",
    ]
    assert list(table["condition"]) == ["llama-2", "mpt", "rnn", "ssm"]
    assert table["effect"].tolist() == [arm.effect.value for arm in verdict.evidence.arms]
    assert isinstance(table, pd.DataFrame)
    assert table["n_levels"].dtype == np.int64
