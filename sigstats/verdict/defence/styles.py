"""How the values of a verdict are told in a sentence, by the name of a style."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sigstats.evidence.results import Estimate
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, number, percent, probability, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import clauses, controls, laws, looks, majority, names, phrases, sentences
from sigstats.verdict.words import strength as strengths

Style = Callable[[Decision, Any], str]


def _effect(verdict: Decision, found: Estimate) -> str:
    """Return an effect with its interval and unit, and the sign that a reader expects."""
    return phrases.measured(verdict, interval(names.signed(verdict, found)))


def _size(verdict: Decision, found: float) -> str:
    """Return a size of the effect with its unit."""
    return phrases.measured(verdict, number(found))


def _signed(verdict: Decision, found: float) -> str:
    """Return a mean with its unit and the sign that a reader expects."""
    return phrases.measured(verdict, number(names.sign(verdict) * found))


def _detectable(verdict: Decision, found: Estimate) -> str:
    return phrases.measured(verdict, interval(found))


def _share(_verdict: Decision, found: Any) -> str:  # noqa: ANN401 - a share of the effect
    """Return a share with its interval."""
    return f"{_part(found.value)} [{_part(found.low)}, {_part(found.high)}]"


def _part(share: float) -> str:
    """Return a share in per cent, one below 1% with a digit of its own, so that its sign can be seen."""
    return f"{number(100.0 * share, digits=1)}%" if 0.0 < abs(share) < 0.01 else percent(share)


def _standardised(_verdict: Decision, found: Estimate) -> str:
    return interval(found)


def _options(_verdict: Decision, found: Any) -> str:  # noqa: ANN401 - any shape
    """Return the name of a shape with its options."""
    options = ", ".join(f"{name} {value}" for name, value in found.options().items() if value is not None)
    return f"{found.name} ({visible(options)})" if options else found.name


def _rows(where: Mapping[str, Any]) -> str:
    """Return which rows were used: ``"layer is 'last', step from 10 to 20"``."""
    return ", ".join(f"{visible(column)} {_kept(wanted)}" for column, wanted in where.items())


def _kept(wanted: Any) -> str:  # noqa: ANN401 - a value, a list of values or a range, as a card gives it
    if isinstance(wanted, Mapping):
        bounds = (("min", "at least"), ("max", "at most"))
        ends = [f"{word} {wanted[end]}" for end, word in bounds if end in wanted]
        return f"is {' and '.join(ends)}"
    several = isinstance(wanted, list | tuple)
    return f"is one of {', '.join(map(repr, wanted))}" if several else f"is {wanted!r}"


def _agreeing(verdict: Decision) -> str:
    """Return how many seeds go the predicted way: ``"seeds: 5 of 5 rise"``, ``"seeds that rise: ..."``."""
    said = phrases.agreeing(verdict)
    return said.replace("those that", "seeds that", 1) if said.startswith("those that") else f"seeds: {said}"


def _range(counts: Sequence[int], noun: str) -> str:
    """Return counts with their noun: ``"5 seeds"``, ``"3 to 5 seeds"``."""
    low, high = min(counts), max(counts)
    return names.counted(low, noun) if low == high else f"{low} to {names.counted(high, noun)}"


def _tau(_verdict: Decision, found: float) -> str:
    return number(round(found, 2))


def _versions(_verdict: Decision, found: tuple[tuple[str, str], ...]) -> str:
    return visible(", ".join(f"{name} {version}" for name, version in found))


STYLES: Mapping[str, Style] = {
    "number": lambda _, found: number(found),
    "count": lambda _, found: str(int(found)),
    "percent": lambda _, found: percent(found),
    "pvalue": lambda _, found: pvalue(found),
    "probability": lambda _, found: probability(found, "mean > 0"),
    "bound": lambda _, found: number(found, digits=2),
    "level": names.level,
    "effect": _effect,
    "size": _size,
    "signed": _signed,
    "detectable": _detectable,
    "share": _share,
    "standardised": _standardised,
    "tau": _tau,
    "chance": lambda _, found: strengths.chance(found),
    "if_normal": strengths.if_normal,
    "new_seed": strengths.does,
    "look": lambda verdict, _: looks.planned(verdict),
    "text": lambda _, found: visible(found),
    "digest": lambda _, found: f"SHA-256 {visible(found)[:16]}",
    "versions": _versions,
    "shape": _options,
    "condition": lambda verdict, found: names.condition(verdict, str(found)),
    "alpha": lambda verdict, _: number(phrases.alpha(verdict)),
    "claim": lambda verdict, _: names.claim(verdict.signature),
    "knob": lambda verdict, _: names.swept(verdict.signature),
    "n_seeds": lambda verdict, _: _range([arm.n_seeds for arm in verdict.evidence.arms], "seed"),
    "n_levels": lambda verdict, _: _range([len(arm.levels) for arm in verdict.evidence.arms], "level"),
    "lowest": lambda verdict, _: names.level(verdict, min(arm.swept[0] for arm in verdict.evidence.arms)),
    "highest": lambda verdict, _: names.level(verdict, max(arm.swept[1] for arm in verdict.evidence.arms)),
    "n_treatments": lambda verdict, _: str(len(names.arms(verdict, "treatment"))),
    "agreeing": lambda verdict, _: majority.count(verdict) or _agreeing(verdict),
    "parts": lambda verdict, _: ", ".join(
        clauses.called(verdict, each.name) for each in verdict.evidence.clauses if each.kind != "tolerated"
    ),
    "compared_by": lambda verdict, _: controls.compared(verdict) or f"the {names.noun(verdict)}",
    "package": lambda _, found: visible(" ".join(found)),
    "treatments": lambda verdict, _: names.conditions(verdict, "treatment"),
    "controls": lambda verdict, _: names.conditions(verdict, "control"),
    "effect_says": lambda verdict, _: names.effect_says(verdict),
    "bounds": lambda verdict, _: phrases.bounds(verdict),
    "compared": lambda verdict, _: controls.compared(verdict),
    "clause": lambda verdict, found: clauses.called(verdict, str(found)),
    "found": clauses.found,
    "located": lambda verdict, _: phrases.located(verdict),
    "laws": lambda verdict, _: "; ".join(said for _, said in laws.told(verdict) if said),
    "margin": lambda verdict, _: phrases.margin(verdict),
    "no_margin": lambda verdict, _: phrases.no_margin(verdict),
    "where": lambda _, found: _rows(found),
    "reason": sentences.explain,
    "seeds_needed": sentences.seeds_needed,
    "name": lambda _, found: shortened(found, names.LONGEST_NAME),
}
