"""The law with a floor in words: floor and exponent of each condition, and how treatment and control differ."""

import math

from sigstats.evidence.results import ConditionLaw, Estimate, LawEvidence
from sigstats.report.numbers import interval, number, percent
from sigstats.report.units import with_unit
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names


def told(verdict: Decision) -> list[tuple[str, str]]:
    """Return a line for each condition, and one for their difference."""
    found = verdict.evidence.law
    if found is None:
        return []
    several = len(found.conditions) > 1
    said = [("law", _law(verdict, each, named=several)) for each in found.conditions]
    return [*said, ("laws", _difference(found))]


def _law(verdict: Decision, law: ConditionLaw, *, named: bool) -> str:
    """Return floor, exponent and distance from the floor of one condition."""
    end = "ceiling" if verdict.evidence.orientation > 0 else "floor"
    who = f" in {names.condition(verdict, law.condition)}" if named else ""
    declared = law.floor.low == law.floor.high
    floor = f"{number(law.floor.value)} as declared" if declared else _ended(law.floor)
    confidence = f" ({percent(law.exponent.confidence)} intervals)"
    said = f"{end} {floor}, exponent {_ended(law.exponent)}{who}"
    if math.isfinite(law.excess.value):
        apart = with_unit(_ended(law.excess), law.excess.unit)
        said += f"; {apart} from the {end} at {names.knob(verdict.signature)} = {number(law.at)}"
    return said + confidence


def _ended(found: Estimate) -> str:
    """Return an estimate with its interval, whose ends may be open."""
    low, high = math.isfinite(found.low), math.isfinite(found.high)
    if math.isfinite(found.value) and low and high:
        return interval(found)
    value = number(found.value) if math.isfinite(found.value) else "not found"
    ends = [f"above {number(found.low)}"] * low + [f"below {number(found.high)}"] * high
    return f"{value} ({' and '.join(ends) or 'no bounds'})"


def _difference(found: LawEvidence) -> str:
    """Return by how much exponents differ, and how many times as far from its floor the treatment is."""
    exponent, ratio = found.exponent_difference, found.excess_ratio
    said = []
    if exponent is not None:
        said.append(f"they differ in exponent by {interval(exponent)}, treatment minus control")
    if ratio is not None:
        said.append(
            f"the treatment is {interval(ratio)} times as far from its floor in the middle of the range"
        )
    return "; ".join(said)


def more_decades(verdict: Decision) -> str:
    """Return how much more of the knob would show the bend; else nothing."""
    found = verdict.evidence.law
    if found is None or found.decades_more is None:
        return ""
    if not math.isfinite(found.decades_more):
        return "The curve bends so little that not even 8 decades more would show it at the fitted exponent."
    return (
        f"{number(found.decades_more, digits=2)} decades more of {names.knob(verdict.signature)}, at the same spacing "
        "and with the same seeds, would show the bend with probability 0.8 if the law goes on as it was fitted."
    )
