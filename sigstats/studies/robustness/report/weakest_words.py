"""What a verdict depends on most, as one sentence."""

from sigstats.report.numbers import percent
from sigstats.studies.robustness.influence import Removal, SmallestSet
from sigstats.studies.robustness.record import RobustnessRecord, Weakest
from sigstats.studies.robustness.thresholds import PRIOR
from sigstats.studies.robustness.weakest import Culprit, Finding, NearBound, OtherOption

BOUNDS = {PRIOR: "the scale of the prior, in times the default,"}


def hangs(robustness: RobustnessRecord) -> str:
    """Return what the verdict hangs on most, as a sentence that agrees with the counts beside it."""
    if robustness.weakest is not None:
        return str(robustness.weakest)
    n, others = len(robustness.analyses), len(robustness.analyses) - robustness.n_agreeing
    if not others:
        return "Nothing that was tried changes the verdict."
    return (
        "No single choice, seed, level or condition changes the verdict on its own; choices that are combined do, in "
        f"{others} of {n} analyses."
    )


def told(finding: Finding) -> Weakest:
    """Return a finding with its name and its sentence."""
    match finding:
        case Culprit(removal=found):
            return _without(found.kind, found.items[0], found, _culprit(finding))
        case Removal():
            name = " and ".join(map(repr, finding.items))
            said = (
                f"the seeds {name} the verdict is {finding.reading.words}; without any single seed it stands"
            )
            return _without("pair", name, finding, said)
        case SmallestSet():
            name = f"{', '.join(map(repr, finding.seeds))} of {finding.condition!r}"
            count = "run" if len(finding.seeds) == 1 else f"{len(finding.seeds)} runs"
            said = f"the {count} {name} the verdict is {finding.reading.words}"
            return _without("runs", name, finding, said)
        case OtherOption():
            return Weakest(
                kind="choice",
                name=finding.choice,
                status=finding.reading.status,
                sentence=f"With {finding.choice} '{finding.option}' instead of '{finding.declared}', the verdict is "
                f"{finding.reading.words}; this choice accounts for {percent(finding.share)} of the variation between "
                "analyses.",
            )
        case NearBound():
            return Weakest(
                kind="margin",
                name=finding.name,
                status=finding.after,
                sentence=f"The verdict changes from {finding.before} to {finding.after} where "
                f"{BOUNDS.get(finding.name, finding.name)} is {'above' if finding.above else 'below'} "
                f"{finding.at:.3g} instead of {finding.declared:.3g}.",
            )


def _without(kind: str, name: str, found: Removal | SmallestSet, said: str) -> Weakest:
    return Weakest(kind=kind, name=name, status=found.reading.status, sentence=f"Without {said}.")


def _culprit(finding: Culprit) -> str:
    kind, name = finding.removal.kind, finding.removal.items[0]
    others = finding.others
    rest = (
        f"it also changes without {others} other single {kind}{'s' if others > 1 else ''}"
        if others
        else f"without any other single {kind} it stands"
    )
    named = f"the level {name}" if kind == "level" else f"the {kind} {name!r}"
    return f"{named} the verdict is {finding.removal.reading.words}; {rest}"
