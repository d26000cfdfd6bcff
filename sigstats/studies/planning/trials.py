"""Simulated trials of a design: what the verdict is in a world whose truth is known."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.detection.blocks import decisions_on
from sigstats.errors import SigstatsError
from sigstats.evidence.look import alpha_of_look
from sigstats.evidence.open_table import read_table
from sigstats.evidence.reason import Reason
from sigstats.evidence.scales import metric_scale
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.looks.joint_law import FEWEST
from sigstats.stats.random import stream
from sigstats.studies.planning.claims import Claimed, claimed, in_simulation
from sigstats.studies.planning.record import Chance, Noise, World, half_width
from sigstats.studies.simulation.plan import Plan
from sigstats.verdict.rules import Status

Outcome = tuple[Status, tuple[Reason, ...]]
# What was found at each look, up to the first definite verdict, which ends the sequence. Without looks there is one.
Course = tuple[Outcome, ...]
Counts = Counter[Course]
PART = 200  # trials that are counted together
FAR = 4.0  # noise sds that keep a condition at its bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A signature with all that its simulation needs."""

    signature: Signature
    roles: Mapping[str, str]
    noise: Noise
    start: Mapping[str, float]  # level of the metric at which the curve of each condition starts
    start_known: bool  # whether that was stated
    bounds: tuple[float, float] | None  # of the metric, where they were declared
    levels: FloatArray = field(repr=False)  # all levels that may be run

    @property
    def kept_within(self) -> tuple[float, float] | None:
        """Bounds that simulated values keep: none where it is not known how far away they are."""
        return self.bounds if self.start_known else None

    @property
    def against_baseline(self) -> bool:
        """Whether the claim has no knob."""
        return self.signature.shape.against_baseline

    @property
    def alpha(self) -> float:
        """Level at which each claim is tested: that of one look, where looks are planned."""
        if self.signature.looks is None:
            return self.signature.alpha
        parts = Counter(self.roles.values())
        return alpha_of_look(self.signature, parts=max(parts["treatment"], parts["control"]))

    def looks(self, seeds: Mapping[str, int]) -> tuple[int, ...]:
        """Return the seeds per treatment at each look, in proportion to those planned; empty where none are."""
        planned = self.signature.looks
        if planned is None:
            return ()
        last = min(n for name, n in seeds.items() if self.roles[name] == "treatment")
        scaled = [max(FEWEST, round(last * n / planned[-1])) for n in planned[:-1]]
        return (*dict.fromkeys(n for n in scaled if n < last), last)

    def sizes(self, seeds: Mapping[str, int]) -> tuple[dict[str, int], ...]:
        """Return the seeds of each condition at each look; all of them where no looks are planned."""
        looks = self.looks(seeds)
        if not looks:
            return (dict(seeds),)
        return tuple({name: n - looks[-1] + look for name, n in seeds.items()} for look in looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One design in one world: generators in, the verdicts of the looks of each sweep out."""

    decide: Callable[[Sequence[np.random.Generator]], list[Course]]


def trial(asked: Asked, seeds: Mapping[str, int], levels: FloatArray, world: World) -> Trial:
    """Return the trial of a design in a world."""
    if asked.against_baseline:
        compared = _comparison(asked, seeds, world)
        return Trial(decide=lambda rngs: [compared(rng) for rng in rngs])
    judged = replace(
        in_simulation(asked.signature),
        **_named(asked),  # type: ignore[arg-type]
        **_planned(asked, seeds),  # type: ignore[arg-type]
    )
    plan = plan_of(asked, seeds, levels, world, claimed(asked.signature, levels))
    sizes = asked.sizes(seeds)

    def decide(rngs: Sequence[np.random.Generator]) -> list[Course]:
        growing = [plan.simulate_looks(rng, sizes) for rng in rngs]
        courses: list[list[Outcome]] = [[] for _ in rngs]
        still = list(range(len(courses)))
        for _ in sizes:
            found = decisions_on([read_table(next(growing[at]), judged) for at in still], judged)
            for at, outcome in zip(still, found, strict=True):
                if isinstance(outcome, SigstatsError):
                    raise outcome
                courses[at].append(outcome)
            still = [at for at in still if courses[at][-1][0] is Status.INCONCLUSIVE]
        return [tuple(course) for course in courses]

    return Trial(decide=decide)


def _planned(asked: Asked, seeds: Mapping[str, int]) -> dict[str, object]:
    """Return the looks of a design as a signature says them, with the seeds that controls have more."""
    looks = asked.looks(seeds)
    if not looks:
        return {}
    by_role = {asked.roles[name]: n for name, n in seeds.items()}
    return {"looks": looks, "seeds": by_role if len(by_role) > 1 else looks[-1]}


def plan_of(asked: Asked, seeds: Mapping[str, int], levels: FloatArray, world: World, curve: Claimed) -> Plan:
    """Return how sweeps of a design are simulated in a world."""
    noise, signature = asked.noise, asked.signature
    starts = {name: _start(asked, name, world.effects[name]) for name in asked.roles}
    return Plan(
        effects=dict(world.effects),
        form=curve.form,
        levels=levels,
        knob_scale=signature.shape.knob_scale or signature.knob_scale,
        n_seeds=dict(seeds),
        noise_sd=dict(noise.sd),
        slope_sd=noise.slope_sd,
        intercept_sd=noise.seed_sd,
        seed_correlation=noise.correlation,
        start={name: at + curve.start for name, at in starts.items()},
        bounds=asked.kept_within,
        exponential=metric_scale(in_simulation(signature)) == "log",
        independent=signature.design == "independent",
    )


def _start(asked: Asked, name: str, effect: float) -> float:
    """Return where a condition starts; one that sits at a bound, and stays there, has its noise beyond it."""
    at, noise = asked.start[name], asked.noise
    if asked.kept_within is None or effect != 0.0:
        return at
    low, high = asked.kept_within
    beyond = FAR * (noise.sd[name] + noise.slope_sd + noise.seed_sd)
    return at + beyond if at >= high else at - beyond if at <= low else at


def _named(asked: Asked) -> dict[str, object]:
    """Return the roles as a signature says them."""
    treatment = tuple(name for name, role in asked.roles.items() if role == "treatment")
    control = tuple(name for name, role in asked.roles.items() if role == "control")
    design = asked.signature.design
    return {
        "treatment": treatment,
        "control": control or None,
        "bounds": asked.kept_within or "none",
        "design": "repeated" if design == "auto" else design,
    }


def _comparison(
    asked: Asked, seeds: Mapping[str, int], world: World
) -> Callable[[np.random.Generator], Course]:
    """Return the trial of a claim on a baseline, which `compare` decides."""
    import pandas as pd

    from sigstats.studies.baseline.compare import compare

    signature, noise = asked.signature, asked.noise
    kept: dict[str, object] = {"where": None, "aggregate": None, "item": None, "over": ("seed",)}
    kept |= {"metric": None, "seed": None, "condition": None, "metric_scale": "linear"}
    judged = replace(signature, **kept)  # type: ignore[arg-type]
    names = list(asked.roles)
    paired = noise.correlation is not None
    labels = [f"{'' if paired else name + '-'}{seed}" for name in names for seed in range(seeds[name])]
    frame = pd.DataFrame({"condition": np.repeat(names, [seeds[name] for name in names]), "seed": labels})
    most = max(seeds.values())
    weight = noise.correlation or 0.0

    def decide(rng: np.random.Generator) -> Course:
        shared, values = rng.standard_normal(most), []
        for name, role in asked.roles.items():
            own = rng.standard_normal(seeds[name])
            # What is good for one side is bad for the other where runs of one label correlate negatively.
            side = -1.0 if weight < 0 and role == "baseline" else 1.0
            mixed = side * np.sqrt(abs(weight)) * shared[: own.size] + np.sqrt(1.0 - abs(weight)) * own
            mean = asked.start[name] + signature.shape.orientation * world.effects[name]
            values.append(mean + noise.sd[name] * mixed)
        found = compare(frame.assign(metric=np.concatenate(values)), judged)
        return ((found.status, tuple(found.reasons)),)

    return decide


def margin_of(signature: Signature, start: float) -> float | None:
    """Return the smallest effect in units of the metric; a share is one of the baseline's mean."""
    least = signature.min_effect
    return least * abs(start) if isinstance(least, Share) else least


def counts_of(
    trials: Sequence[Trial], *, replications: int, entropy: int, key: int, n_jobs: int, label: str
) -> list[Counts]:
    """Return how often each verdict came in each trial; replications are the same draws in all of them."""
    tasks = [
        (number, range(start, min(start + PART, replications)))
        for number in range(len(trials))
        for start in range(0, replications, PART)
    ]
    parts = parallel_map(_counted, tasks, trials, entropy, key, n_jobs=n_jobs, label=label, block=1)
    counts: list[Counts] = [Counter() for _ in trials]
    for (number, _), part in zip(tasks, parts, strict=True):
        counts[number].update(part)
    return counts


def _counted(task: tuple[int, range], trials: Sequence[Trial], entropy: int, key: int) -> Counts:
    number, replications = task
    return Counter(trials[number].decide([stream(entropy, key, each) for each in replications]))


def by_look(counts: Counts, look: int | None) -> Counter[Outcome]:
    """Return how often each verdict stood after a look; after the last one where None."""
    found: Counter[Outcome] = Counter()
    for course, n in counts.items():
        found[course[-1] if look is None else course[min(look, len(course)) - 1]] += n
    return found


def chances(world: World, counts: Counts, looks: Sequence[int] = ()) -> tuple[Chance, ...]:
    """Return the probability of each status in a world by each look, with the reasons."""
    numbers = tuple(range(1, len(looks) + 1)) or (None,)
    return tuple(each for number in numbers for each in _chances(world, by_look(counts, number), number))


def _chances(world: World, counts: Counter[Outcome], look: int | None) -> Iterator[Chance]:
    total = sum(counts.values())
    for status in Status:
        count = sum(n for (each, _), n in counts.items() if each is status)
        reasons: Counter[Reason] = Counter()
        for (each, given), n in counts.items():
            if each is status:
                reasons.update(dict.fromkeys(given, n))
        yield Chance(
            truth=world.name,
            look=look,
            status=status,
            probability=count / total,
            error=half_width(count, total),
            reasons=tuple((reason, n / total) for reason, n in reasons.most_common()),
        )


def share_present(counts: Counts) -> tuple[float, float]:
    """Return how often the claim was found present, and the half-width of its interval."""
    total = sum(counts.values())
    count = sum(n for course, n in counts.items() if course[-1][0] is Status.PRESENT)
    return count / total, half_width(count, total)


def mean_over_looks(counts: Counts, costs: Sequence[float]) -> float:
    """Return what a sweep costs on average, given what it has cost by each look."""
    return sum(n * costs[len(course) - 1] for course, n in counts.items()) / sum(counts.values())
