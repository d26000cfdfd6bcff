"""The methods section of a comparison with a baseline; every number is one of the comparison."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sigstats.report.escaping import visible
from sigstats.report.numbers import number
from sigstats.studies.baseline.answer import why
from sigstats.studies.baseline.phrases import POPULATIONS, claim, controls, margin, quoted
from sigstats.studies.baseline.record import Compared
from sigstats.studies.baseline.words import correction, design, size
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Sources, joined

STYLES: Mapping[str, Callable[[Compared, Any], str]] = {
    "claim": lambda found, _: claim(found),
    "controls": lambda found, _: controls(found),
    "correction": lambda found, _: correction(found),
    "count": lambda _, value: str(int(value)),
    "design": lambda _, row: design(row, correlated=False),
    "digest": lambda _, value: f"SHA-256 {visible(value)[:16]}",
    "margin": margin,
    "name": lambda _, value: quoted(value),
    "number": lambda _, value: number(value),
    "population": lambda found, _: POPULATIONS[found.population],
    "size": size,
    "text": lambda _, value: visible(value),
    "versions": lambda _, value: visible(", ".join(f"{name} {version}" for name, version in value)),
    "why": why,
}


class ComparisonTeller(Sources[Compared]):
    """Makes sentences about one comparison."""

    def __init__(self, found: Compared) -> None:
        super().__init__(found, STYLES)


def methods(found: Compared) -> Defence:
    """Return the methods section, the result, and what it does not show."""
    tell = ComparisonTeller(found)
    return Defence(
        passages=(
            Passage(title="Methods", sentences=joined(_methods(tell))),
            Passage(title="Result", sentences=joined(_result(tell))),
            Passage(title="What this does not show", sentences=joined(limits(tell)), listed=True),
        )
    )


def _methods(tell: ComparisonTeller) -> Iterator[Sentence]:
    found = tell.found
    yield tell.say("We asked whether {claim}.", claim=("", "claim"))
    for at, _ in enumerate(found.rows):
        yield tell.say(
            "Runs of {who} and of the baseline are {design}.",
            who=(f"rows[{at}].condition", "name"),
            design=(f"rows[{at}]", "design"),
        )
    yield tell.say("The claim is about {population}.", population=("", "population"))
    if found.signature.min_effect is not None:
        yield tell.say("The margin is {margin}.", margin=("rows[0]", "margin"))
    yield tell.say("Each test has an error rate of {alpha}.", alpha=("signature.alpha", "number"))
    if len(found.rows) > 1:
        yield tell.say("Correction: {correction}.", correction=("", "correction"))
    yield tell.say(
        "The analysis was made with {versions}, on {rows} rows ({digest}).",
        versions=("provenance.versions", "versions"),
        rows=("provenance.n_rows", "count"),
        digest=("provenance.data_hash", "digest"),
    )


def _result(tell: ComparisonTeller) -> Iterator[Sentence]:
    yield tell.say("The verdict is {status}.", status=("status", "text"))
    for at, _ in enumerate(tell.found.rows):
        yield tell.say("{why}", why=(f"rows[{at}]", "why"))
        yield tell.say(
            "The size for {who}: {size}.", who=(f"rows[{at}].condition", "name"), size=(f"rows[{at}]", "size")
        )


def limits(tell: ComparisonTeller) -> Iterator[Sentence]:
    """Yield what is not shown."""
    if controls(tell.found):
        yield tell.say(
            "It does not show what causes the difference, only what is specific against {who}.",
            who=("", "controls"),
        )
    else:
        yield tell.say("It does not show what causes the difference: no control was declared.")
    yield tell.say("It says nothing about more than {population}.", population=("", "population"))
