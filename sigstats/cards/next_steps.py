"""What to do next after the check of a card, as data: about each answer, and about the lock."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sigstats.cards.lock.result import Ground, Standing
from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import NextStep, StepCode
from sigstats.verdict.next_steps import FEWEST_SEEDS, steps
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    from sigstats.studies.baseline.record import Against
    from sigstats.studies.baseline.result import Comparison
    from sigstats.verdict.verdict import Verdict


def after_answer(answer: "Verdict | Comparison", signature: str | None) -> list[NextStep]:
    """Return what to do next about one answer."""
    if answer.signature.shape.against_baseline:
        return list(_after_comparison(answer, signature))  # type: ignore[arg-type]
    return [*steps(answer, signature), *_promised(answer, signature)]  # type: ignore[arg-type]


def _promised(answer: "Verdict | Comparison", signature: str | None) -> Iterator[NextStep]:
    """Yield that a forecast which the signature declares is judged by a question of its own."""
    if answer.signature.forecast is not None:
        why = "The signature declares a forecast, which its verdict says nothing about."
        yield NextStep(code=StepCode.JUDGE_FORECAST, why=why, signature=signature, field="forecast")


def _after_comparison(found: "Comparison", signature: str | None) -> Iterator[NextStep]:
    for row in found.rows:
        if row.status is not Status.INCONCLUSIVE:
            continue
        if Reason.CONTROL_UNRESOLVED in row.reasons:
            why = "Whether the control gains less is open: more runs of it, and of the treatment, would tell."
            for name in found.signature.control or ():
                yield NextStep(
                    code=StepCode.ADD_SEEDS, why=why, signature=signature, condition=name, role="control"
                )
            continue
        code, why, n = _for_treatment(row)
        if code is StepCode.DECLARE_MIN_EFFECT:
            yield NextStep(code=code, why=why, signature=signature, field="min_effect")
        else:
            more = n if n is not None and n > 0 else None
            yield NextStep(
                code=code, why=why, signature=signature, condition=row.condition, role="treatment", n=more
            )


def _for_treatment(row: "Against") -> tuple[StepCode, str, int | None]:
    """Return what to do about one treatment, why, and how many."""
    have, needed = min(row.n_runs), row.needed
    if Reason.TOO_FEW_SEEDS in row.reasons:
        why = f"At least {FEWEST_SEEDS} runs are needed in every condition."
        return StepCode.ADD_SEEDS, why, FEWEST_SEEDS - have
    if Reason.TOO_FEW_ITEMS in row.reasons:
        return StepCode.ADD_ITEMS, "At least 3 items are needed.", 3 - row.n_items
    if Reason.ZERO_VARIANCE in row.reasons:
        return StepCode.REPLACE_SEEDS, "The runs do not differ.", None
    if row.margin is not None and math.isnan(row.margin):
        why = "A part of the baseline's mean has no size where that mean may be 0: declare it in units of the metric."
        return StepCode.DECLARE_MIN_EFFECT, why, None
    if needed is None and row.margin is None:
        why = "Without a smallest difference that would matter, it cannot be said how many runs would tell."
        return StepCode.DECLARE_MIN_EFFECT, why, None
    return _runs_or_items(row, have)


def _runs_or_items(row: "Against", have: int) -> tuple[StepCode, str, int | None]:
    needed = row.needed
    if needed is not None and needed.runs is not None and needed.runs <= have:
        why = "So many runs usually tell; the difference may lie near the margin."
        return StepCode.ADD_SEEDS, why, None
    if needed is not None and needed.runs is not None:
        why = f"About {needed.runs} runs per condition would tell with probability {needed.power:g}."
        return StepCode.ADD_SEEDS, why, needed.runs - have
    if needed is not None and needed.items is not None:
        why = f"About {needed.items} items would tell with probability {needed.power:g}."
        return StepCode.ADD_ITEMS, why, needed.items - row.n_items
    return StepCode.ADD_SEEDS, "How many runs would tell cannot be said.", None


def after_standing(standing: Standing) -> Iterator[NextStep]:
    """Yield what to do next about the lock."""
    grounds = {ground for each in standing.signatures for ground in each.grounds}
    if Ground.NO_LOCK in grounds:
        yield NextStep(
            code=StepCode.LOCK_CARD,
            why="Only a card that is locked before its data can be confirmed by them.",
        )
    if Ground.BROKEN_LOCK in grounds:
        yield NextStep(code=StepCode.RESTORE_LOCK, why="The lock is not as it was written.")
    for each in standing.deviations:
        if each.declared is None:
            why = "The card says something else than its lock, and no reason is declared."
            yield NextStep(code=StepCode.AMEND_CARD, why=why, signature=each.signature, field=each.field)
    existed = {Ground.DATA_EXISTED, Ground.SOME_DATA_EXISTED, Ground.DATA_OLDER}
    for one in standing.signatures:
        if existed & set(one.grounds):
            why = "Data that existed when the card was locked cannot confirm it."
            yield NextStep(code=StepCode.COLLECT_DATA, why=why, signature=one.signature)
