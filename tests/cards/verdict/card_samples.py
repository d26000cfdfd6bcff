"""Cards whose verdicts are given: stand-ins with a status and p-values, for what only depends on these."""

import dataclasses

from sigstats import Signature, detect, simulate_sweep
from sigstats.cards.verdict.outcomes import OUTCOMES, Outcome, Prediction
from sigstats.verdict.rules import Status


def prediction(
    label="one",
    status=Status.PRESENT,
    *,
    p=0.001,
    otherwise=0.001,
    role="core",
    expect="present",
    outcome=None,
    verdict=None,
    **fields,
):
    """Return a prediction with a status; p-values are 1 where the status does not say what they are of."""
    fields = {"shape": "increasing", "role": role, "expect": expect, **fields}
    if outcome is None:
        outcome = OUTCOMES[expect, status]
    return Prediction(
        signature=Signature(name=label, **fields),
        label=label,
        role=role,
        expect=expect,
        verdict=verdict,
        outcome=outcome,
        pvalue=p if outcome is Outcome.AS_EXPECTED else 1.0,
        pvalue_otherwise=otherwise if outcome is Outcome.OTHERWISE else 1.0,
    )


def sweep(effects, *, rng=1, **plan):
    """Return a table with known effects."""
    return simulate_sweep(effects, rng=rng, **{"n_seeds": 5, **plan})


def verdict(effects=None, *, n_seeds=5, rng=1, **claim):
    """Return the verdict on a simulated sweep."""
    table = sweep({"treatment": 4.0} if effects is None else effects, n_seeds=n_seeds, rng=rng)
    return detect(table, Signature(**{"shape": "increasing", **claim}))


def renamed(found, **changes):
    """Return a verdict whose signature has other fields that say nothing about the computation."""
    return dataclasses.replace(found, signature=dataclasses.replace(found.signature, **changes))
