"""From tests to a status: the verdict table of `sigstats.verdict.rules`, for claims without a knob."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigstats.evidence.reason import Reason
from sigstats.verdict.criteria import criterion
from sigstats.verdict.groups import Criterion
from sigstats.verdict.rules import NOTHING_FOUND, Findings, Rule, State, Status, decide

FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The corrected p-values that decide one treatment."""

    shown: float  # of the claim
    against: float  # of its denial
    small: float  # of a gain below the margin; NaN where the claim is about the margin
    specific: float = math.nan  # of the control's tests; NaN without a control
    quiet: float = math.nan
    responds: float = math.nan
    artifact: float = math.nan
    single: tuple[tuple[str, float], ...] = ()  # `responds` of each of several controls


def judge(
    sides: Sides,
    *,
    claim: str,
    alpha: float,
    n_runs: Sequence[int],
    n_items: int | None,
    gain: float,
    margin: float | None,
    controlled: bool,
) -> tuple[Rule, Findings, tuple[Criterion, ...]]:
    """Return the rule that applies to one treatment, and the comparisons that were made.

    `n_runs` and `n_items` are what must be at least 3: None for items where the claim does not generalise over them.
    """
    criteria = _criteria(sides, alpha, n_runs, n_items, controlled=controlled)
    met = {each.name: each.met for each in criteria}
    alone = any(each.met for each in criteria if each.condition is not None)
    too_few: tuple[Reason, ...] = (Reason.TOO_FEW_SEEDS,) if n_runs and min(n_runs) < FEWEST else ()
    too_few += (Reason.TOO_FEW_ITEMS,) if n_items is not None and n_items < FEWEST else ()
    # A margin that is a part of a mean that may be 0 has no size: that is no matter of variance.
    sizeless = margin is not None and math.isnan(margin)
    about_margin = claim in ("equivalent", "not_worse")
    found = replace(
        NOTHING_FOUND,
        too_few=too_few,
        primary=State.SHOWN if met["claim_pvalue"] else State.UNRESOLVED,
        opposite=not about_margin and met["against_pvalue"],
        small=met["against_pvalue"] if about_margin else met.get("small_pvalue", False),
        denied={"equivalent": Reason.NOT_EQUIVALENT, "not_worse": Reason.WORSE}.get(
            claim, Reason.BELOW_MIN_EFFECT
        ),
        unresolved=(Reason.ZERO_VARIANCE,)
        if math.isnan(sides.against) and not sizeless
        else (Reason.UNDERPOWERED,),
        min_effect_declared=not about_margin and margin is not None,
        below_min_effect=not about_margin and margin is not None and not gain >= margin,
    )
    if controlled:
        found = replace(
            found,
            artifact=met["control_artifact_pvalue"],
            responds=met["control_responds_pvalue"] or alone,
            control_clear=met["control_quiet_pvalue"],
        )
    return decide(found), found, criteria


def _criteria(
    sides: Sides, alpha: float, n_runs: Sequence[int], n_items: int | None, *, controlled: bool
) -> tuple[Criterion, ...]:
    found = [criterion("runs", min(n_runs), ">=", float(FEWEST))] if n_runs else []
    if n_items is not None:
        found.append(criterion("items", n_items, ">=", float(FEWEST)))
    tests = {"claim": sides.shown, "against": sides.against}
    if not math.isnan(sides.small):
        tests["small"] = sides.small
    if controlled:
        tests |= {
            "control_specific": sides.specific,
            "control_quiet": sides.quiet,
            "control_responds": sides.responds,
            "control_artifact": sides.artifact,
        }
    found += [criterion(f"{name}_pvalue", value, "<=", alpha, kind="pvalue") for name, value in tests.items()]
    found += [
        criterion("control_responds_pvalue", value, "<=", alpha, kind="pvalue", condition=name)
        for name, value in sides.single
    ]
    return tuple(found)


def together(rows: Sequence[tuple[Status, tuple[Reason, ...]]]) -> tuple[Status, tuple[Reason, ...]]:
    """Return the status of a claim on every treatment, and why."""
    statuses = {status for status, _ in rows}
    reasons = tuple(dict.fromkeys(reason for _, why in rows for reason in why))
    if len(statuses) == 1:
        return rows[0][0], reasons
    holds = Status.PRESENT in statuses or Status.PARTIAL in statuses
    if holds and (Status.ABSENT in statuses or Status.INCONCLUSIVE not in statuses):
        return Status.PARTIAL, (Reason.SOME_CONDITIONS,) if Status.ABSENT in statuses else reasons
    return Status.INCONCLUSIVE, tuple(
        dict.fromkeys(reason for status, why in rows if status is Status.INCONCLUSIVE for reason in why)
    )
