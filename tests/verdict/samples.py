"""Verdicts made by hand: simulated curves, simple t intervals, and the answer that a test wants worded."""

import dataclasses
import math
from typing import Any

import numpy as np
from scipy import stats

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import (
    ArmEvidence,
    ContrastEvidence,
    ControlEvidence,
    Estimate,
    Evidence,
    IntervalEvidence,
    ReversalEvidence,
    SeedsNeeded,
    SlopesEvidence,
    TrendEvidence,
)
from sigstats.signature.signature import Signature
from sigstats.verdict.criteria import compare
from sigstats.verdict.decision import Provenance
from sigstats.verdict.findings import find
from sigstats.verdict.groups import Criterion
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

LEVELS = np.arange(0.0, 9.0)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg/onload=alert(1)>",
    "</title><b>",
    "javascript:alert(1)",
    "{{7*7}}{% raw %}",
    "${7*7}",
    "$\\frac{1}{0}$",
    "line\u2028separator",
    "right\u202eto left",
    "nul\x00byte",
    "\x1b[31mred\x1b]0;title\x07",
    "\\input{/etc/passwd}\\write18{ls}",
    "100 % & #1 _x^2 ~",
    "[2pt] | cell `code` *bold*",
    "![](http://example.org/x.png)",
    "line\nbreak\ttab",
)


def estimate_of(scores: np.ndarray, unit: str = "return") -> Estimate:
    n = len(scores)
    if n < 2:
        return Estimate(value=float(scores.mean()), low=math.nan, high=math.nan, confidence=0.9, unit=unit)
    half = float(stats.t.ppf(0.95, n - 1) * scores.std(ddof=1) / math.sqrt(n))
    value = float(scores.mean())
    return Estimate(value=value, low=value - half, high=value + half, confidence=0.9, unit=unit)


def pvalue_of(scores: np.ndarray, bound: float = 0.0) -> float:
    if len(scores) < 2:
        return math.nan
    return float(stats.ttest_1samp(scores, bound, alternative="greater").pvalue)


def curves_of(
    *,
    effect: float,
    n_seeds: int = 5,
    levels: np.ndarray = LEVELS,
    noise: float = 0.5,
    bend: str = "line",
    rng: int = 1,
) -> np.ndarray:
    """Return simulated curves, shape (n_seeds, n_levels)."""
    generator = np.random.default_rng(rng)
    at = (levels - levels.min()) / (levels.max() - levels.min())
    course = {"line": at, "saturates": 1 - np.exp(-4 * at), "turns": 4 * at * (1 - at) + 0.3 * at}[bend]
    slopes = effect * (1 + 0.15 * generator.standard_normal(n_seeds))
    return 1.0 + slopes[:, None] * course + noise * generator.standard_normal((n_seeds, len(levels)))


def scores_of(curves: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the change of each row's least-squares line, over evenly spaced ranks of the levels."""
    ranks = np.arange(len(levels)) - (len(levels) - 1) / 2
    if len(levels) < 2:
        return np.full(len(curves), np.nan)
    return np.nan_to_num(curves) @ ranks / (ranks @ ranks) * (len(levels) - 1)


def arm(condition: str, role: str, curves: np.ndarray, **changes: Any) -> ArmEvidence:
    """Return a condition scored by least squares."""
    levels = changes.pop("levels", LEVELS)
    independent = changes.pop("independent", False)
    scores = scores_of(curves, levels)
    pvalue = pvalue_of(scores)
    fields: dict[str, Any] = {
        "condition": condition,
        "role": role,
        "seeds": tuple(str(seed) for seed in range(len(curves))),
        "scored_seeds": tuple(str(seed) for seed in range(len(curves))),
        "levels": levels,
        "curves": curves,
        "scores": np.zeros(0) if independent else scores,
        "n_seeds": len(curves),
        "n_showing": None if independent else int((scores > 0).sum()),
        "n_reaching": None,
        "groups": None,
        "effect": estimate_of(scores),
        "tau": math.nan if independent else 0.8 if scores.mean() > 1 else 0.1,
        "pvalue": pvalue,
        "pvalue_opposite": 1 - pvalue,
        "pvalue_small": math.nan,
        "claim_pvalue": pvalue if role == "treatment" else math.nan,
        "claim_prob_positive": 1 - pvalue if role == "treatment" else math.nan,
        "n_copies": 0,
        "n_equal": 0,
        "n_excluded": 0,
        "short": (),
        "swept": (float(min(levels)), float(max(levels))),
        "n_trimmed": 0,
    }
    return ArmEvidence(**{**fields, **changes})


def contrast(name: str, first: np.ndarray, second: np.ndarray, weight: float) -> ContrastEvidence:
    value = first.mean() - weight * second.mean()
    se = math.sqrt(first.var(ddof=1) / len(first) + weight**2 * second.var(ddof=1) / len(second))
    df = float(len(first) - 1)
    half = float(stats.t.ppf(0.95, df)) * se
    return ContrastEvidence(
        name=name,
        estimate=Estimate(value=value, low=value - half, high=value + half, confidence=0.9, unit="return"),
        se=se,
        df=df,
        pvalue=float(stats.t.sf(value / se, df)),
        method="Welch's t",
        null="the difference is 0 or less",
        replicate="seed",
        n_seeds=len(first),
    )


def control_of(treated: np.ndarray, controls: list[ArmEvidence]) -> ControlEvidence:
    quiet = np.concatenate([scores_of(each.curves, each.levels) for each in controls])
    return ControlEvidence(
        treatment=estimate_of(treated),
        effect=estimate_of(quiet),
        pvalue_opposite=1 - pvalue_of(quiet),
        specific=contrast("specific", treated, quiet, 1.0),
        quiet=contrast("quiet", 0.5 * treated, quiet, 1.0),
        responds=contrast("responds", quiet, treated, 0.5),
        artifact=contrast("artifact", quiet, treated, 0.8),
        single_responds=tuple((each.condition, 0.4) for each in controls),
        at_bound=False,
        stuck_share=0.0,
        quiet_fraction=0.5,
    )


def evidence_of(arms: list[ArmEvidence], **changes: Any) -> Evidence:
    """Return the evidence of hand-made conditions; `changes` replace fields of it."""
    treated = np.concatenate(
        [scores_of(each.curves, each.levels) for each in arms if each.role == "treatment"]
    )
    controls = [each for each in arms if each.role == "control"]
    margin = changes.pop("margin", 0.5)
    source = changes.pop("margin_source", "min_effect")
    pvalue = pvalue_of(treated)
    shared = {"method": "t on one score per seed", "replicate": "seed", "n_seeds": len(treated)}
    fields: dict[str, Any] = {
        "design": "repeated",
        "arms": tuple(arms),
        "sides": 1,
        "orientation": 1,
        "ranges": "equal",
        "control_apart": False,
        "clauses": (),
        "near_end": None,
        "control_departs": None,
        "location": None,
        "trend": TrendEvidence(
            estimate=0.82,
            statistic=9.0,
            df=4.0,
            pvalue=pvalue,
            smallest_pvalue=1e-300,
            null="mean tau <= 0",
            **shared,
        ),
        "interval": IntervalEvidence(
            estimate=estimate_of(treated),
            se=0.2,
            df=4.0,
            pvalue=pvalue,
            pvalue_opposite=1 - pvalue,
            margin=margin,
            margin_source=source,
            pvalue_small=pvalue_of(-treated, -margin),
            ends=estimate_of(treated * 1.1),
            pvalue_late=0.5,
            null="effect <= 0",
            **shared,
        ),
        "slopes": SlopesEvidence(
            estimate=estimate_of(treated),
            sd=0.2,
            prob_positive=1 - pvalue,
            prior_scale=0.4,
            sampling_sd=0.2,
            null="mean of the included treatments > 0",
            **{**shared, "method": "posterior with half-Cauchy prior"},
        ),
        "control": control_of(treated, controls) if controls else None,
        "reversal": None,
        "residual_sd": 0.5,
        "seeds_needed": None,
        "notes": (),
        "table_notes": (),
    }
    return Evidence(**{**fields, **changes})


def judged(evidence: Evidence, signature: Signature) -> dict[str, Any]:
    """Return what a verdict holds of its evidence."""
    groups = compare(evidence, signature)
    findings = find(evidence, signature, groups)
    return {"evidence": evidence, "groups": groups, "findings": findings}


def with_evidence(verdict: Verdict, **changes: Any) -> Verdict:
    """Return a verdict with parts of its evidence replaced, judged anew; its status and reasons stay."""
    evidence = dataclasses.replace(verdict.evidence, **changes)
    return dataclasses.replace(verdict, **judged(evidence, verdict.signature))


def verdict_of(
    arms: list[ArmEvidence],
    *,
    status: Status = Status.PRESENT,
    reasons: tuple[Reason, ...] = (),
    notes: tuple[Reason, ...] = (Reason.SMALL_SAMPLE,),
    scope: tuple[float, float] | None = (0.0, 8.0),
    signature: dict[str, Any] | None = None,
    evidence: dict[str, Any] | None = None,
) -> Verdict:
    """Return a verdict on hand-made conditions."""
    given: dict[str, Any] = {
        "name": "learning on training mazes",
        "knob": "step",
        "metric": "return",
        "seed": "run",
        "condition": "split",
        "shape": "increasing",
        "control": tuple(each.condition for each in arms if each.role == "control") or None,
        "min_effect": 0.5,
    }
    predicted = Signature(**{**given, **(signature or {})})
    found = evidence_of(arms, **{"orientation": predicted.shape.orientation, **(evidence or {})})
    effect = found.interval.estimate if found.interval else None
    p = found.interval.pvalue if found.interval else math.nan
    return Verdict(
        status=status,
        reasons=reasons,
        notes=notes,
        rule=16,
        criteria=(
            Criterion(name="trend_pvalue", value=p, relation="<=", bound=0.05, met=p <= 0.05, kind="pvalue"),
            Criterion(
                name="effect_low", value=effect.low if effect else math.nan, relation=">", bound=0.0, met=True
            ),
            Criterion(
                name="prob_positive", value=0.999, relation=">=", bound=0.95, met=True, kind="probability"
            ),
            Criterion(name="effect_high", value=math.nan, relation="<", bound=0.5, met=False),
        ),
        **judged(found, predicted),
        scope=scope,
        effect=effect,
        contrast=found.control.specific.estimate if found.control else None,
        signature=predicted,
        provenance=Provenance(
            data_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            n_rows=90,
            entropy=20240229,
            versions=(("sigstats", "0.1.0"), ("python", "3.11.7"), ("numpy", "2.1.0"), ("scipy", "1.14.0")),
        ),
    )


def present(**changes: Any) -> Verdict:
    """A treatment that rises, a control that rises by a quarter of it."""
    arms = [
        arm("train", "treatment", curves_of(effect=4.6, bend="saturates", n_seeds=3)),
        arm("test", "control", curves_of(effect=1.1, n_seeds=3, rng=2)),
    ]
    return verdict_of(arms, **changes)


def reverses() -> Verdict:
    """A curve that turns back."""
    curves = curves_of(effect=3.0, bend="turns", noise=0.2)
    reversal = ReversalEvidence(
        end="end",
        statistic=7.1,
        critical_value=2.6,
        fall=2.4,
        rise_statistic=9.0,
        rise_critical_value=2.6,
        turn=4.0,
        scope=(0.0, 4.0),
        of_majority=False,
        method="cross-fitted turn",
        null="no fall",
        replicate="seed",
        n_seeds=5,
    )
    return verdict_of(
        [arm("resnet", "treatment", curves)],
        status=Status.PARTIAL,
        reasons=(Reason.REVERSES,),
        notes=(Reason.UNCONTROLLED, Reason.SMALL_SAMPLE),
        scope=(0.0, 4.0),
        evidence={"reversal": reversal},
    )


def absent() -> Verdict:
    """A treatment that stays below the margin."""
    arms = [
        arm("dqn", "treatment", curves_of(effect=0.02, noise=0.15)),
        arm("random", "control", curves_of(effect=0.0, noise=0.15, rng=2)),
    ]
    return verdict_of(arms, status=Status.ABSENT, reasons=(Reason.BELOW_MIN_EFFECT,), scope=None)


def inconclusive() -> Verdict:
    """Three noisy seeds."""
    arms = [
        arm("big", "treatment", curves_of(effect=1.2, noise=1.2, n_seeds=3, rng=8)),
        arm("small", "control", curves_of(effect=0.2, noise=1.2, n_seeds=3, rng=6)),
    ]
    needed = SeedsNeeded(n_seeds=9, effect=0.5, effect_source="min_effect", power=0.8, bottleneck="control")
    return verdict_of(
        arms,
        status=Status.INCONCLUSIVE,
        reasons=(Reason.UNDERPOWERED,),
        scope=None,
        evidence={"seeds_needed": needed},
    )


def two_by_two() -> Verdict:
    """Two treatments and two controls."""
    arms = [
        arm("llama-2", "treatment", curves_of(effect=4.0)),
        arm("mpt", "treatment", curves_of(effect=3.2, rng=3)),
        arm("rnn", "control", curves_of(effect=0.4, rng=4)),
        arm("ssm", "control", curves_of(effect=-0.3, rng=5)),
    ]
    return verdict_of(arms)


def independent() -> Verdict:
    """Fresh runs in every cell."""
    arms = [
        arm("adam", "treatment", curves_of(effect=3.0), independent=True),
        arm("sgd", "control", curves_of(effect=0.3, rng=2), independent=True),
    ]
    return verdict_of(arms, evidence={"design": "independent"})


def many(n_conditions: int, n_seeds: int) -> Verdict:
    """Many conditions, half of them controls."""
    half = n_conditions // 2
    arms = [
        arm(
            f"condition {at}",
            "treatment" if at < half else "control",
            curves_of(effect=3.0 if at < half else 0.2, n_seeds=n_seeds, rng=at),
        )
        for at in range(n_conditions)
    ]
    return verdict_of(arms)


def logarithmic() -> Verdict:
    """A knob swept over decades, forty seeds."""
    levels = 10.0 ** np.arange(-5, 2)
    arms = [
        arm("sparse", "treatment", curves_of(effect=2.0, n_seeds=40, levels=np.arange(7.0)), levels=levels),
        arm(
            "dense", "control", curves_of(effect=0.1, n_seeds=40, levels=np.arange(7.0), rng=2), levels=levels
        ),
    ]
    signature = {"knob_scale": "log", "knob": "learning_rate", "metric": "val_score"}
    return verdict_of(arms, signature=signature, scope=(1e-5, 10.0))


def hostile(payload: str) -> Verdict:
    """A verdict in which every name that a user can give is the payload."""
    arms = [
        arm(payload, "treatment", curves_of(effect=4.0), seeds=tuple(f"{payload}{at}" for at in range(5))),
        arm(f"not {payload}", "control", curves_of(effect=0.4, rng=2)),
    ]
    names = dict.fromkeys(("name", "knob", "metric", "seed", "condition"), payload)
    unique = {key: f"{value}{at}" for at, (key, value) in enumerate(names.items())}
    return verdict_of(arms, signature=unique, evidence={"table_notes": ()})


ALL = {
    "present": present,
    "reverses": reverses,
    "absent": absent,
    "inconclusive": inconclusive,
    "two_by_two": two_by_two,
    "independent": independent,
    "logarithmic": logarithmic,
}
