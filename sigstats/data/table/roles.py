"""Roles of columns: which column is the knob, the metric, the seed and the condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigstats.data.table.frames import shorten
from sigstats.errors import Problem, did_you_mean, place_of_caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """The argument by which a caller names a column, in the words of messages."""

    name: str  # such as "`knob`"
    column: str  # the column it names, such as "the knob column"
    holds: str  # what that column is, such as "that holds the knob"
    keyword: str  # how it is given in Python, such as "knob=..."

    def given(self) -> str:
        """Return how it is given where the caller types."""
        name, place = self.keyword.removesuffix("=..."), place_of_caller()
        if place == "python" or name == self.keyword:
            return self.keyword
        return f"--{name.replace('_', '-')} COLUMN" if place == "shell" else f'{name} = "COLUMN"'


def argument(role: str) -> Argument:
    """Return the argument that bears the name of a role."""
    return Argument(
        name=f"`{role}`", column=f"the {role} column", holds=f"that holds the {role}", keyword=f"{role}=..."
    )


KNOB = argument("knob")


def choose(
    labels: Sequence[object], given: Mapping[str, object], knob: Argument = KNOB
) -> tuple[dict[str, object], list[Problem]]:
    """Return the column label of each role, and what is wrong with the choice."""
    arguments = {role: knob if role == "knob" else argument(role) for role in given}
    roles: dict[str, object] = {}
    problems = []
    for role, named in given.items():
        label = role if named is None else named
        if role == "condition" and named is None and (label not in labels or label in roles.values()):
            continue
        if label not in labels:
            problems.append(_missing_role(arguments[role], label, labels, named=named is not None))
        elif label in roles.values():
            other = next(taken for taken, known in roles.items() if known == label)
            problems.append(_two_roles(arguments[other], arguments[role], label))
        else:
            roles[role] = label
    return roles, problems


def _missing_role(given_by: Argument, label: object, labels: Sequence[object], *, named: bool) -> Problem:
    how = (
        f"{given_by.name} names the column {shorten(label)}"
        if named
        else f"{given_by.name} was not given, so its column is {label!r}"
    )
    return missing_column(how, f"Name the column {given_by.holds}: {given_by.given()}", label, labels)


def missing_column(how: str, remedy: str, label: object, labels: Sequence[object]) -> Problem:
    """Return the problem of a column that does not exist."""
    texts = [str(other) for other in labels]
    same = [other for other in labels if str(other) == str(label)]
    hint = f"Did you mean {same[0]!r}, which is not text?" if same else did_you_mean(str(label), texts)
    shown = ", ".join(shorten(other, 40) for other in labels[:20]) or "none"
    more = f" and {len(labels) - 20} more" if len(labels) > 20 else ""
    return Problem(
        code="MISSING_COLUMN",
        column=str(label),
        message=f"{how}, which the frame does not have; its columns are {shown}{more}",
        remedy=hint or remedy,
    )


def _two_roles(first: Argument, second: Argument, label: object) -> Problem:
    """Return the problem of one column that is named for two roles."""
    return Problem(
        code="SAME_COLUMN",
        column=str(label),
        message=f"{first.name} and {second.name} both name the column {shorten(label)}; each needs its own",
        remedy=f"Name another column: {second.given()}",
    )
