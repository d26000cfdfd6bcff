"""What to do next, for programs: a code that never changes its meaning, what it is about, and why.

This is the one list of codes. Every command with ``--json`` gives its steps under the key ``next``.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any


class StepCode(enum.StrEnum):
    """What to do."""

    NOTHING_TO_DO = "nothing_to_do"
    ADD_SEEDS = "add_seeds"
    ADD_LEVELS = "add_levels"
    ADD_ITEMS = "add_items"
    ADD_CONTROL = "add_control"
    CHANGE_CONTROL = "change_control"
    CHANGE_DESIGN = "change_design"
    RAISE_BUDGET = "raise_budget"
    MATCH_LEVELS = "match_levels"
    REPEAT_LEVELS = "repeat_levels"
    REPLACE_SEEDS = "replace_seeds"
    RERUN_LOST = "rerun_lost"
    INSPECT_RUN = "inspect_run"
    FIND_SCOPE = "find_scope"
    JUDGE_FORECAST = "judge_forecast"
    DECLARE_MIN_EFFECT = "declare_min_effect"
    DECLARE_FIELD = "declare_field"
    CHANGE_CARD = "change_card"
    LOCK_CARD = "lock_card"
    PUBLISH_HEAD = "publish_head"
    AMEND_CARD = "amend_card"
    COLLECT_DATA = "collect_data"
    RESTORE_LOCK = "restore_lock"


MEANINGS = {
    StepCode.NOTHING_TO_DO: "The question is answered, or nothing is missing.",
    StepCode.ADD_SEEDS: "Run more seeds: `n` more in `condition`, or in every condition of `role`; `n` is null where "
    "no number can be named.",
    StepCode.ADD_LEVELS: "Sweep the knob over more levels: at least `n` in all.",
    StepCode.ADD_ITEMS: "Test on more items: `n` more, or null where no number can be named.",
    StepCode.ADD_CONTROL: "Declare a control, and run it.",
    StepCode.CHANGE_CONTROL: "Use a control, or a metric, that leaves room for the predicted effect.",
    StepCode.CHANGE_DESIGN: "Plan other seeds or levels.",
    StepCode.RAISE_BUDGET: "No design within the budget reaches the target; allow more runs.",
    StepCode.MATCH_LEVELS: "Run the control at the levels of the treatment.",
    StepCode.REPEAT_LEVELS: "Run every level more than once in separate batches, or share seeds across levels.",
    StepCode.REPLACE_SEEDS: "Replace seeds that are copies of each other by runs of their own.",
    StepCode.RERUN_LOST: "Run the cells again that were lost.",
    StepCode.FIND_SCOPE: "Ask where the signature holds, by the column `field`: `sigstats.scope`.",
    StepCode.JUDGE_FORECAST: "Ask whether the law predicts the levels that the card declares: `sigstats forecast`.",
    StepCode.INSPECT_RUN: "Find out what happened in one run, on which the answer hangs.",
    StepCode.DECLARE_MIN_EFFECT: "Declare the smallest effect that would matter.",
    StepCode.DECLARE_FIELD: "Fill in `field` of the card.",
    StepCode.CHANGE_CARD: "Change `field` of the card.",
    StepCode.LOCK_CARD: "Lock the card before the next data: `sigstats lock`.",
    StepCode.PUBLISH_HEAD: "Publish the hash of the last line of the lock, or commit the lock.",
    StepCode.AMEND_CARD: "Declare the change of the card, with its reason: `sigstats amend`.",
    StepCode.COLLECT_DATA: "Run the experiment that the card declares.",
    StepCode.RESTORE_LOCK: "Restore the lock as it was written, from git for example.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One thing to do next."""

    code: StepCode
    why: str
    signature: str | None = None
    condition: str | None = None
    role: str | None = None
    field: str | None = None
    n: int | None = None


def records(steps: Iterable[NextStep]) -> list[dict[str, Any]]:
    """Return steps as plain values, each once; where there are none, that nothing is to be done."""
    found = list(dict.fromkeys(steps)) or [NextStep(code=StepCode.NOTHING_TO_DO, why="Nothing is missing.")]
    return [{each.name: _plain(getattr(step, each.name)) for each in fields(step)} for step in found]


def _plain(value: object) -> object:
    return value.value if isinstance(value, enum.Enum) else value
