"""What the things of a verdict are called in its reports, and in which order they are named."""

import re
from collections.abc import Iterable, Sequence

from sigstats.evidence.results import ArmEvidence, Estimate, Role
from sigstats.evidence.scales import knob_scale
from sigstats.report import numbers
from sigstats.report.escaping import shortened
from sigstats.report.numbers import mirrored
from sigstats.report.units import BARE
from sigstats.shapes import SHAPES
from sigstats.signature.signature import Signature
from sigstats.verdict.decision import Decision

LONGEST_NAME = 60
LONGEST_CLAIM = 120
MOST_NAMES = 4
BARE_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?", re.ASCII)
FRACTIONS = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}


def knob(signature: Signature) -> str:
    """Return the name of the column whose levels the claim runs along: nearly always the knob's."""
    name = swept(signature)
    return f"fraction of {name}" if knob_scale(signature) == "fraction" else name


def swept(signature: Signature) -> str:
    """Return the name of the knob, in whose own units ranges are told."""
    return shortened(signature.shape.along or signature.knob or "knob", LONGEST_NAME)


def metric(signature: Signature) -> str:
    """Return the name of what is measured: the metric's column, or the knob's effect on it."""
    column = signature.metric or "metric"
    return shortened(column if signature.shape.along is None else f"effect on {column}", LONGEST_NAME)


def claim(signature: Signature, *, width: int = LONGEST_NAME) -> str:
    """Return what the signature claims, in the user's own names: ``"return rises with step"``."""
    if signature.shape.against_baseline:
        return against_baseline(signature, width=width)
    said = shortened(signature.shape.claim, LONGEST_CLAIM)
    said = said.replace("the knob", shortened(signature.knob or "knob", width))
    most = " in most seeds" if signature.across_seeds == "majority" else ""
    return f"{shortened(signature.metric or 'metric', width)} {said}{most}"


def against_baseline(signature: Signature, *, width: int = LONGEST_NAME) -> str:
    """Return a claim without a knob: ``"accuracy is higher in 'muon' than in 'adamw'"``."""
    metric = shortened(signature.metric or "metric", width)
    who = listed((quoted(name) for name in signature.treatment or ()), most=MOST_NAMES) or "the others"
    link = "and" if signature.shape.name == "equivalent" else "than"
    return f"{metric} {signature.shape.claim} in {who} {link} in {quoted(str(signature.baseline))}"


def with_knob(said: str, signature: Signature) -> str:
    """Return words of a shape with the user's name of the knob in them."""
    return said.replace("the knob", knob(signature))


def is_trend(verdict: Decision) -> bool:
    """Return whether the claim has three lines of evidence, as trends have; on two levels it is a difference."""
    return verdict.signature.shape.is_trend and verdict.evidence.primary is None


def shapes_for(n_levels: int) -> list[str]:
    """Return the names of the shapes that can be asked of so many levels."""
    return sorted(
        name
        for name, shape in SHAPES.items()
        for example in shape.examples()[:1]
        if n_levels >= example.min_levels or (n_levels == 2 and example.on_two_levels)
    )


def is_sized(verdict: Decision) -> bool:
    """Return whether the effect is what the claim is about; it is not where the claim is on every level."""
    return verdict.signature.shape.is_trend or verdict.signature.shape.sized


def verbs(verdict: Decision) -> tuple[str, str]:
    """Return the direction that was claimed, or found where the claim left it open, and its opposite, as verbs."""
    return ("rises", "falls") if verdict.evidence.orientation > 0 else ("falls", "rises")


def noun(verdict: Decision) -> str:
    """Return the effect in a word or two: ``"rise"``, ``"bend"``."""
    if is_sized(verdict) and not is_trend(verdict):
        return verdict.signature.shape.clauses[0].noun
    return "rise" if verdict.evidence.orientation > 0 else "fall"


def effect_name(verdict: Decision) -> str:
    """Return how a sentence calls the effect: a trend's is simply the effect."""
    return "effect" if is_trend(verdict) or not is_sized(verdict) else noun(verdict)


def effect_says(verdict: Decision) -> str:
    """Return what the effect measures: ``"rise of the fitted line"``; an exponent keeps its own sign."""
    if is_sized(verdict) and not is_trend(verdict):
        measures = with_knob(verdict.signature.shape.clauses[0].measures, verdict.signature)
        return measures.split(",")[0] if verdict.signature.shape.unit in BARE else measures
    line = "the fitted line" if verdict.evidence.majority is None else "the median seed's fitted line"
    return f"{noun(verdict)} of {line}"


def sign(verdict: Decision) -> int:
    """Return -1 where a reader expects the opposite sign of the scores: an exponent of a falling metric is negative."""
    falls = verdict.evidence.orientation < 0 and verdict.signature.shape.unit in BARE
    return -1 if falls else 1


def signed(verdict: Decision, found: Estimate) -> Estimate:
    """Return a score of the claim with the sign that a reader expects."""
    return mirrored(found) if sign(verdict) < 0 else found


def beside(verdict: Decision, role: str) -> Estimate | None:
    """Return what the effect of a condition is compared with: a control's with that of the treatments."""
    return verdict.effect if role == "control" and is_sized(verdict) else None


def ordered(verdict: Decision) -> list[ArmEvidence]:
    """Return the conditions as a reader expects them."""
    signature = verdict.signature
    declared = [*(signature.treatment or ()), *(signature.control or ())]
    places = {name: place for place, name in enumerate(declared)}
    return sorted(
        verdict.evidence.arms,
        key=lambda arm: (arm.role != "treatment", places.get(arm.condition, -1), _natural(arm.condition)),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def arms(verdict: Decision, role: Role) -> list[ArmEvidence]:
    """Return the conditions that play a role, as a reader expects them."""
    return [arm for arm in ordered(verdict) if arm.role == role]


def short_of_seeds(verdict: Decision) -> list[ArmEvidence]:
    """Return the conditions with fewer than 3 seeds, as a reader expects them."""
    short = {each.condition for each in verdict.groups.seeds if not each.met}
    return [arm for arm in ordered(verdict) if arm.condition in short]


def short_runs(verdict: Decision) -> str:
    """Return the seeds that were left out as too short, with the levels that they cover."""
    return listed(
        f"seed {quoted(run.seed)} of {condition(verdict, arm.condition)} "
        f"({_span(verdict, run.first, run.last)}, of {_span(verdict, *arm.swept)})"
        for arm in ordered(verdict)
        for run in arm.short
    )


def runs_used(verdict: Decision) -> str:
    """Return how many of the runs are used where some are too short: ``"7 of 8 runs"``; else nothing."""
    short = sum(arm.n_excluded for arm in verdict.evidence.arms)
    used = sum(arm.n_seeds for arm in verdict.evidence.arms)
    return f"{used} of {used + short} runs" if short else ""


def ranges(verdict: Decision) -> str:
    """Return the range of every condition: ``"'a' 1 to 3 and 'b' 4 to 6"``."""
    return listed(
        f"{condition(verdict, arm.condition)} {_span(verdict, *arm.swept)}" for arm in ordered(verdict)
    )


def level(verdict: Decision, value: float) -> str:
    """Return a level of the knob as the user calls it; a value between two that have names, by these."""
    named = {at: shortened(name, LONGEST_NAME) for at, name in verdict.evidence.level_names}
    if value in named:
        return named[value]
    below, above = [at for at in named if at < value], [at for at in named if at > value]
    if below and above:
        return f"between {named[max(below)]} and {named[min(above)]}"
    return numbers.level(value)


def _span(verdict: Decision, first: float, last: float) -> str:
    start = level(verdict, first)
    return f"{start} to {level(verdict, last)}" if first < last else f"only {start}"


def quoted(name: object) -> str:
    """Return the name of a condition in quotes, so that a sentence around it stays clear."""
    return f"'{shortened(name, LONGEST_NAME)}'"


def listed(names: Iterable[str], *, most: int = MOST_NAMES) -> str:
    """Return names as one phrase: ``"a, b and 3 more"``."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def conditions(verdict: Decision, role: Role) -> str:
    """Return the conditions of a role by name."""
    return listed(condition(verdict, arm.condition) for arm in arms(verdict, role))


def condition(verdict: Decision, name: str) -> str:
    """Return the name of a condition: quoted, but for bare numbers, which their column makes clear: ``"width 16"``."""
    column = verdict.signature.condition
    if column is None or not all(BARE_NUMBER.fullmatch(arm.condition) for arm in verdict.evidence.arms):
        return quoted(name)
    return f"{shortened(column, LONGEST_NAME)} {shortened(name, LONGEST_NAME)}"


def against(verdict: Decision) -> str:
    """Return who was compared with whom: ``"'train' against the control 'test'"``."""
    treatments, controls = conditions(verdict, "treatment"), conditions(verdict, "control")
    if not controls:
        return f"{treatments}, without a control"
    return f"{treatments} against {who_controls(verdict)}"


def plural(things: Sequence[object]) -> str:
    """Return the ending of a noun that counts these things."""
    return "" if len(things) == 1 else "s"


def who_controls(verdict: Decision) -> str:
    """Return the controls as the subject of a sentence: ``"the control 'test'"``."""
    return f"the control{plural(arms(verdict, 'control'))} {conditions(verdict, 'control')}"


def with_a(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def fraction(share: float) -> str:
    """Return a share in words if there is a common one, else as a percentage: ``"half"``, ``"40%"``."""
    return FRACTIONS.get(share, f"{share:.0%}")


def counted(n: int, noun: str) -> str:
    """Return a count with its noun: ``"1 seed"``, ``"3 seeds"``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def seed_range(counts: Iterable[int]) -> str:
    """Return how many seeds there are: ``"3"`` or ``"3 to 5"``."""
    low, high = min(counted_seeds := list(counts)), max(counted_seeds)
    return str(low) if low == high else f"{low} to {high}"
