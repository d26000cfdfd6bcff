"""What to do next after the check of a card, as data: about each answer, and about the lock."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sigstats.cards.lock.result import Ground, Standing
from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import NextStep, StepCode
from sigstats.verdict.next_steps import FEWEST_SEEDS, steps
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    from sigstats.studies.baseline.result import Comparison
    from sigstats.verdict.verdict import Verdict


def after_answer(answer: "Verdict | Comparison", signature: str | None) -> list[NextStep]:
    """Return what to do next about one answer."""
    if answer.signature.shape.against_baseline:
        return list(_after_comparison(answer, signature))  # type: ignore[arg-type]
    return steps(answer, signature)  # type: ignore[arg-type]


def _after_comparison(found: "Comparison", signature: str | None) -> Iterator[NextStep]:
    for row in found.rows:
        if row.status is not Status.INCONCLUSIVE:
            continue
        about = {"signature": signature, "condition": row.condition, "role": "treatment"}
        have = min(row.n_runs)
        if Reason.TOO_FEW_SEEDS in row.reasons:
            why = f"At least {FEWEST_SEEDS} runs are needed in every condition."
            yield NextStep(code=StepCode.ADD_SEEDS, why=why, n=max(FEWEST_SEEDS - have, 0) or None, **about)
        elif Reason.TOO_FEW_ITEMS in row.reasons:
            yield NextStep(code=StepCode.ADD_ITEMS, why="At least 3 items are needed.", n=3, **about)
        elif Reason.ZERO_VARIANCE in row.reasons:
            yield NextStep(code=StepCode.REPLACE_SEEDS, why="The runs do not differ.", **about)
        elif row.needed is None and row.margin is None:
            why = (
                "Without a smallest difference that would matter, it cannot be said how many runs would tell."
            )
            yield NextStep(code=StepCode.DECLARE_MIN_EFFECT, why=why, signature=signature, field="min_effect")
        elif row.needed is not None and row.needed.runs is not None:
            why = f"About {row.needed.runs} runs per condition would tell with probability {row.needed.power:g}."
            yield NextStep(
                code=StepCode.ADD_SEEDS, why=why, n=max(row.needed.runs - have, 0) or None, **about
            )
        elif row.needed is not None and row.needed.items is not None:
            why = f"About {row.needed.items} items would tell with probability {row.needed.power:g}."
            yield NextStep(
                code=StepCode.ADD_ITEMS, why=why, n=max(row.needed.items - row.n_items, 0) or None, **about
            )
        else:
            yield NextStep(code=StepCode.ADD_SEEDS, why="How many runs would tell cannot be said.", **about)


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
