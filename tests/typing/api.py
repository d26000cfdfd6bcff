"""What a user would write, for the type checker: ``mypy --strict tests/typing/api.py``. It is never run."""

from pathlib import Path
from typing import assert_type

import pandas as pd

import sigstats as ss


def judge(frame: pd.DataFrame) -> ss.Verdict:
    verdict = ss.detect(
        frame,
        knob="steps",
        metric="score",
        seed="run",
        condition="model",
        shape="increasing",
        treatment=["new", "newer"],
        control="old",
        min_effect=0.5,
        knob_scale="log",
        where={"split": "test", "steps": {"min": 10}},
        rng=1,
    )
    assert_type(verdict, ss.Verdict)
    assert_type(verdict.status, ss.Status)
    assert_type(verdict.reasons, tuple[ss.Reason, ...])
    assert_type(verdict.criteria, tuple[ss.Criterion, ...])
    assert_type(verdict.scope, tuple[float, float] | None)
    assert_type(verdict.effect, ss.Estimate | None)
    assert_type(verdict.summary(full=True), str)
    assert_type(verdict.to_html(), str)
    assert_type(verdict.table(), pd.DataFrame)
    return verdict


def effect(verdict: ss.Verdict) -> float:
    if verdict.status == "present" or verdict.status is ss.Status.PARTIAL:
        found = verdict.effect
        return 0.0 if found is None else found.value
    return sum(criterion.value for criterion in verdict.criteria if criterion.met)


def from_card(path: Path, frame: pd.DataFrame) -> list[ss.Verdict]:
    card = ss.Card.from_toml(path)
    if card.idea is not None:
        assert_type(card.idea.name, str)
    return [ss.detect(frame, signature) for signature in card.signatures]


def by_hand(frame: pd.DataFrame) -> ss.Verdict:
    signature = ss.Signature(
        name="rises", shape=ss.shapes.Increasing(), control="old", where={"layer": [1, 2]}
    )
    assert_type(signature.control, tuple[str, ...] | None)
    table = ss.SweepTable.from_frame(frame, knob="steps", metric="score")
    assert_type(table.conditions, tuple[str, ...])
    try:
        return ss.detect(table, signature)
    except ss.errors.TableError as error:
        assert_type(error.problems, tuple[ss.errors.Problem, ...])
        raise


def wrong(frame: pd.DataFrame) -> None:
    ss.detect(frame, shape="increasing", knob_scale="logarithmic")  # type: ignore[arg-type]
    ss.detect(frame, shape="increasing", across="some")  # type: ignore[arg-type]
    ss.detect(frame, nob="steps")  # type: ignore[call-arg]
    ss.Signature(shape=3)  # type: ignore[arg-type]
    ss.Signature(shape="increasing").alpha = 0.1  # type: ignore[misc]
