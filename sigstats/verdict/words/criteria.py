"""The comparisons that a verdict rests on, in words."""

from collections.abc import Sequence

from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_probability, bare_pvalue, number
from sigstats.verdict.groups import Criterion
from sigstats.verdict.words import names


def told(criteria: Sequence[Criterion]) -> list[tuple[bool, str]]:
    """Return the comparisons; one with the same outcome in all conditions is listed once."""
    groups: dict[str, list[Criterion]] = {}
    for each in criteria:
        groups.setdefault(each.family, []).append(each)
    said: list[tuple[bool, str]] = []
    for name, group in groups.items():
        outcomes = {each.met for each in group}
        if len(group) > 1 and len(outcomes) == 1:
            met = outcomes.pop()
            said.append((met, f"{_family_bound(name, group)}, in {'all' if met else 'none'} of {len(group)}"))
        else:
            said.extend((each.met, _criterion(each)) for each in group)
    return said


def _family_bound(name: str, group: Sequence[Criterion]) -> str:
    bounds = {each.bound for each in group}
    bound = number(bounds.pop()) if len(bounds) == 1 else "its Holm bound"
    return f"{visible(name)} {group[0].relation} {bound}"


def _criterion(criterion: Criterion) -> str:
    relation = (
        f"{shortened(criterion.name, names.LONGEST_NAME)} {criterion.relation} {number(criterion.bound)}"
    )
    return f"{relation}: {_compared(criterion)}"


def _compared(criterion: Criterion) -> str:
    """Return the value with enough digits to differ from the bound, a p-value never as 0."""
    value, bound = criterion.value, criterion.bound
    if criterion.kind == "pvalue":
        said = bare_pvalue(value)
    elif criterion.kind == "probability":
        said = bare_probability(value)
    else:
        said = number(value)
    if said == number(bound) and value != bound:
        return repr(float(value))
    return said
