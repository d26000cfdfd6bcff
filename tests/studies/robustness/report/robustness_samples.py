"""Robustness analyses made by hand, for tests of their reports."""

import math
from dataclasses import replace
from typing import Any

from sigstats import Signature, detect, simulate_sweep
from sigstats.evidence.reason import Reason
from sigstats.studies.robustness.choices import Choice, Option
from sigstats.studies.robustness.influence import Influence, Removal, SmallestSet
from sigstats.studies.robustness.joint_test import JointTest, decomposition
from sigstats.studies.robustness.multiverse import Analysis, Pruned, shares
from sigstats.studies.robustness.readings import Reading
from sigstats.studies.robustness.record import Weakest
from sigstats.studies.robustness.result import Robustness
from sigstats.studies.robustness.thresholds import Margin, Segment
from sigstats.studies.robustness.tilts import Shift
from sigstats.studies.seeds.audit import seed_audit
from sigstats.verdict.rules import Status

CLAIM = Signature(shape="increasing", control="control", min_effect=1.0, knob="step", metric="return")
SWEEP = replace(
    simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=5, levels=6, rng=1),
    knob="step",
    metric="return",
)
VERDICT = replace(detect(SWEEP, CLAIM), signature=CLAIM)
AUDIT = seed_audit(SWEEP, CLAIM)


def reading(status: str, effect: float, *, unit: str = "return", reasons: tuple[str, ...] = ()) -> Reading:
    return Reading(
        status=Status(status),
        reasons=tuple(map(Reason, reasons)),
        effect=effect,
        low=effect - 1.0,
        high=effect + 1.0,
        unit=unit,
        pvalue=0.01 if status == "present" else 0.4,
    )


def choice(name: str, *options: str) -> Choice:
    made = tuple(Option(name=option, reason="because") for option in options)
    return Choice(name=name, options=made, declared=options[0])


def analyses() -> tuple[Analysis, ...]:
    """Return 12 analyses in two units, of which 8 agree."""
    found = []
    for scale, unit in (("linear", "return"), ("log", "log return")):
        for window in ("whole range", "lower half", "upper half"):
            for line in ("all", "trend"):
                fails = window == "upper half"
                effect = {"whole range": 3.0, "lower half": 4.0, "upper half": 0.5}[window]
                options = (("window", window), ("metric_scale", scale), ("line", line))
                one = reading(
                    "inconclusive" if fails else "present",
                    effect / (1 if unit == "return" else 10),
                    unit=unit,
                    reasons=("underpowered",) if fails else (),
                )
                found.append(
                    Analysis(
                        options=options,
                        declared=(window, scale, line) == ("whole range", "linear", "all"),
                        same=not fails,
                        reading=one,
                        scores=None,
                    )
                )
    return tuple(found)


def robust(**changes: Any) -> Robustness:
    made = analyses()
    choices = (
        choice("window", "whole range", "lower half", "upper half"),
        choice("metric_scale", "linear", "log", "logit"),
        choice("line", "all", "trend"),
    )
    removals = (
        Removal(
            kind="seed",
            items=("3",),
            reading=reading("inconclusive", 1.4, reasons=("underpowered",)),
            changes=True,
        ),
        *(Removal(kind="seed", items=(s,), reading=reading("present", 3.0), changes=False) for s in "0124"),
        *(
            Removal(kind="level", items=(str(k),), reading=reading("present", 2.5), changes=False)
            for k in (10, 9, 1)
        ),
        Removal(kind="pair", items=("1", "3"), reading=reading("inconclusive", 1.0), changes=True),
    )
    fields: dict[str, Any] = {
        "verdict": VERDICT,
        "choices": choices,
        "pruned": (Pruned(reason="the logit needs values between 0 and 1", count=6),),
        "analyses": made,
        "shares": shares(made),
        "agreement": 8 / 12,
        "decomposition": decomposition(made, choices),
        "joint": JointTest(
            statistic=3.0,
            pvalue=1 / 32,
            max_statistic=4.0,
            max_pvalue=1 / 32,
            n_significant=5,
            significant_pvalue=1 / 32,
            smallest_pvalue=1 / 32,
            n_analyses=6,
            n_seeds=5,
            method="exact",
            null="no analysis has an effect",
        ),
        "joint_note": None,
        "influence": Influence(
            removals=removals,
            smallest=SmallestSet(
                condition="treatment", seeds=("3",), reading=reading("inconclusive", 1.4), exact=True
            ),
            shifts=(
                Shift(seed="3", shift=-0.5, sds=0.7, farthest=8.0, reading=reading("inconclusive", 2.5)),
            ),
            notes=("only 3 of 5 seeds were tilted",),
        ),
        "margins": (
            Margin(
                name="min_effect",
                declared=1.0,
                low=None,
                high=2.4,
                segments=(
                    Segment(low=0.03, high=2.4, status=Status.PRESENT),
                    Segment(low=2.4, high=300.0, status=Status.INCONCLUSIVE),
                ),
            ),
            Margin(
                name="alpha",
                declared=0.05,
                low=0.011,
                high=None,
                segments=(
                    Segment(low=0.001, high=0.011, status=Status.INCONCLUSIVE),
                    Segment(low=0.011, high=0.4, status=Status.PRESENT),
                ),
            ),
            Margin(
                name="prior_scale",
                declared=1.0,
                low=None,
                high=3.5,
                segments=(
                    Segment(low=0.125, high=3.5, status=Status.PRESENT),
                    Segment(low=3.53, high=8.0, status=Status.INCONCLUSIVE),
                ),
            ),
        ),
        "weakest": Weakest(
            kind="seed",
            name="3",
            status=Status.INCONCLUSIVE,
            sentence="Without the seed '3' the verdict is inconclusive.",
        ),
        "audit": AUDIT,
        "synthetic": None,
        "practice": None,
    }
    return Robustness(**{**fields, **changes})


def without_numbers() -> Robustness:
    """Return a result in which nothing could be had: no effect, no bound, nothing left out."""
    bare = replace(
        reading("inconclusive", math.nan, unit="", reasons=("too_few_seeds",)), low=math.nan, high=math.nan
    )
    one = Analysis(options=(), declared=True, same=True, reading=bare, scores=None)
    return robust(
        choices=(),
        pruned=(),
        analyses=(one,),
        shares=shares((one,)),
        agreement=1.0,
        decomposition=(),
        joint=None,
        joint_note="no seed has a score",
        influence=Influence(removals=(), smallest=None, shifts=(), notes=()),
        margins=(),
        weakest=None,
    )
