"""Strength in words: what a new seed would show, and a replication."""

import math

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import Estimate
from sigstats.evidence.results.strength import SeedStrength, Strength
from sigstats.report.numbers import number
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

# Notes on scores with which no probability for normal ones is told.
NOT_NORMAL = {Reason.SEEDS_DISAGREE, Reason.SKEWED_SCORES}


def told(verdict: Decision) -> str:
    """Return what new seeds would show; nothing where that is not known."""
    found = verdict.strength
    parts = [new_seed(verdict, found), again(verdict, found)]
    return "; ".join(part for part in parts if part)


def new_seed(verdict: Decision, found: Strength) -> str:
    """Return with which probability a new seed shows it, or more than one of the control."""
    weakest = found.weakest
    if weakest is None:
        return ""
    several = f", the least of {len(found.treatments)} treatments" if len(found.treatments) > 1 else ""
    return f"{does(verdict, weakest)} with probability {chance(weakest.probability)}{several}"


def does(verdict: Decision, found: SeedStrength) -> str:
    """Return what a new seed does whose probability is given: ``"a new seed of 'a' rises more than one of 'b'"``."""
    who = names.condition(verdict, found.condition)
    verb = names.verbs(verdict)[0] if names.is_trend(verdict) else "shows"
    if found.control is None:
        return f"a new seed of {who} {verb if names.is_trend(verdict) else 'shows it'}"
    control = names.condition(verdict, found.control)
    if verdict.signature.paired:
        return f"a new seed {verb} more in {who} than in {control}"
    return f"a new seed of {who} {verb} more than one of {control}"


def if_normal(verdict: Decision, found: SeedStrength) -> str:
    """Return between what the probability lies if scores are normal; nothing where they are seen not to be."""
    normal = found.if_normal
    if normal is None or NOT_NORMAL & set(verdict.notes):
        return ""
    low, high = _down(normal.low), _up(normal.high)
    if low in ("0.99", "1"):
        return "over 0.99"
    return "below 0.01" if high in ("0.01", "0") else f"{low} to {high}"


def again(verdict: Decision, found: Strength) -> str:
    """Return with which probability a replication would show it."""
    if found.replication is None:
        return ""
    once_more = " again" if verdict.status == "present" else ""
    quiet = "" if verdict.evidence.control is None else " and a quiet control"
    new = "as many new seeds" if verdict.evidence.design == "repeated" else "as many new runs"
    return f"{new} would show it{quiet}{once_more} with probability {chance(found.replication)}"


def chance(found: Estimate) -> str:
    """Return a probability with its interval, whose ends are rounded outwards; one that was always seen as a bound."""
    if found.value == 1:
        return f"at least {_down(found.low)} (in these runs always)"
    if found.value == 0:
        return f"at most {_up(found.high)} (in these runs never)"
    return f"{_value(found.value)} [{_down(found.low)}, {_up(found.high)}]"


def _value(value: float) -> str:
    """Return a probability that is 0 or 1 only where it is exactly that."""
    if 0 < value < 0.005:
        return "below 0.01"
    return "over 0.99" if 0.995 < value < 1 else number(round(value, 2))


def _down(value: float) -> str:
    return number(value if value in (0, 1) else min(math.floor(value * 100), 99) / 100)


def _up(value: float) -> str:
    return number(value if value in (0, 1) else max(math.ceil(value * 100), 1) / 100)
