"""What is said where no column holds the seed."""

import re
from collections.abc import Mapping
from dataclasses import replace

import narwhals as nw

from sigstats.data.table import frames
from sigstats.data.table.frames import FrameSource
from sigstats.data.table.roles import argument
from sigstats.errors import Problem, did_you_mean, option, place_of_caller

SEEDS = re.compile(
    r"(random_?)?seed|run(_?id)?|trial|rep|replica|replicate|replication|repeat|init|fold", re.IGNORECASE
)
ONE_EACH = (
    "The table has one row for each level and condition: one run per level answers nothing, as no number of levels "
    "says how much runs differ. Run each level again, at least 3 times"
)


def without_seeds(
    problem: Problem, source: FrameSource, given: Mapping[str, object], roles: Mapping[str, object]
) -> Problem:
    """Return a problem; of a seed column that is missing, with what to do if there is none."""
    label = str(given.get("seed") or "seed")
    if (problem.code, problem.column) != ("MISSING_COLUMN", label) or "seed" in roles:
        return problem
    if did_you_mean(label, map(str, source.labels)):
        return problem
    if len(source.labels) < 2:
        return problem
    named = [
        str(label) for label in source.labels if SEEDS.fullmatch(str(label)) and label not in roles.values()
    ]
    if named:
        return replace(problem, remedy=f"If it says which run a row is of: {option('seed', named[0])}.")
    if _one_each(source, roles):
        return replace(problem, remedy=f"{ONE_EACH}, and say in a column which run each row is of.")
    name = "seed" if "seed" not in source.labels else "run"
    return replace(problem, remedy=f"{problem.remedy} {number_rows(name)}")


def number_rows(name: str) -> str:
    """Return how rows that are runs of their own are numbered, in a column of some name."""
    if place_of_caller() == "python":
        how = f"frame[{name!r}] = range(len(frame)), and {option('seed', name)}"
    else:
        how = f"add a column that numbers them 0, 1, 2 and so on, and name it with {argument('seed').given()}"
    return (
        f"If there is none, and each row is a run of its own: {how}. Rows of one run, as of a training curve, must "
        "have one seed; and one run for each level answers nothing."
    )


def _one_each(source: FrameSource, roles: Mapping[str, object]) -> bool:
    """Return whether no level of a condition has more than one row, where that can be counted."""
    cell = [role for role in ("knob", "condition") if role in roles]
    if "knob" not in roles or not isinstance(source.frame, nw.DataFrame):
        return False
    picked = frames.collect(source.pick({role: roles[role] for role in cell}))
    schema = picked.collect_schema()
    if any(frames.is_opaque(schema[role]) for role in cell):
        return False
    return 1 < len(picked) == len(picked.unique())
