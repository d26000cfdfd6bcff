"""What designs can find out, in words."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sigstats.report.document import Document, Fact, Facts, Kind, Picture, Table, columns
from sigstats.report.escaping import shortened, visible
from sigstats.report.json import fields
from sigstats.report.next_steps import records
from sigstats.report.numbers import number
from sigstats.studies.planning.record import Design, Noise, Obstacle, OutlookRecord, Prospect
from sigstats.studies.planning.search import MOST_SEEDS
from sigstats.verdict.rules import Status
from sigstats.verdict.words.names import LONGEST_NAME

MOST_REASONS = 2
STATUSES = (Status.PRESENT, Status.PARTIAL, Status.ABSENT, Status.INCONCLUSIVE)
SOURCES = {
    "stated": "as stated",
    "min_effect": "twice `min_effect`",
    "noise": "twice the noise, as no `min_effect` is declared",
    "shape": "the middle of the range that the shape declares",
}


SIMULATED = (
    "Each truth was simulated {} times and judged as by `detect`; +- is a 95 % interval. The noise is normal; a sweep "
    "with other noise can do worse."
)
LOOKED = (
    "A line counts the verdicts that were given by that number of seeds per treatment; a definite one ends the runs, "
    "so that the last line has all of them. Costs are those of all looks. Other designs have looks in the same "
    "proportion, of at least 3 seeds."
)


def headline(found: OutlookRecord) -> str:
    """Return the advice as one line."""
    return " ".join(" ".join(advice(each, found)) for each in found.prospects) or _left_out(found)[0]


def advice(prospect: Prospect, found: OutlookRecord) -> tuple[str, str]:
    """Return two sentences: what the design can find out, and what to do."""
    design, truth = prospect.design, prospect.worlds[0].name
    world = f"If all is {truth}" if truth == "as predicted" else f"If {truth!r} is true"
    first = (
        f"{_who(prospect)}{world}, {_size(prospect, design)} find the claim present with probability {_share(design)}"
        f"{_earlier(prospect)}; the target is {found.target:.2g}."
    )
    return first, _second(prospect, found)


def _earlier(prospect: Prospect) -> str:
    """Return how likely *present* is by each look but the last: ``" (0.45 at the first look)"``."""
    truth, n = prospect.worlds[0].name, len(prospect.design.looks)
    shares = [prospect.chance(truth, Status.PRESENT, look).probability for look in range(1, n)]
    if not shares:
        return ""
    if len(shares) == 1:
        return f" ({shares[0]:.2f} at the first look)"
    return f" ({', '.join(f'{share:.2f}' for share in shares)} by the looks before the last)"


def _second(prospect: Prospect, found: OutlookRecord) -> str:
    best, design = prospect.cheapest, prospect.design
    limit = "" if found.budget is None else f" within a budget of {number(found.budget)}"
    if best is None:
        return _none_reaches(prospect, limit)
    if (best.seeds, best.levels) == (design.seeds, design.levels):
        return f"No cheaper design was found that reaches the target{limit}."
    cost = f"at a cost of {_cost(best)} instead of {_cost(design)}"
    return (
        f"The cheapest design that reaches it has {_size(prospect, best)}: {_share(best)} {cost}."
        f"{_hint(prospect, best)}"
    )


def _none_reaches(prospect: Prospect, limit: str) -> str:
    never = [each for each in prospect.unreachable if each.status is Status.PRESENT]
    why = f" {_sentence(never[0].words)}" if never else ""
    nearest = prospect.nearest
    if nearest is None:
        return (
            f"No design{limit} with up to {MOST_SEEDS} seeds of each condition reaches it: change the metric, the "
            f"effect or the claim.{why}"
        )
    if len({str((each.seeds, each.levels)) for each in prospect.explored if each.error is not None}) == 1:
        return f"No other design{limit} was tried.{why}"
    if (nearest.seeds, nearest.levels) == (prospect.design.seeds, prospect.design.levels):
        return f"No design{limit} that was tried comes nearer to it.{why}"
    return (
        f"No design{limit} that was tried reaches it; the one that comes nearest has {_size(prospect, nearest)}: "
        f"{_share(nearest)} at a cost of {_cost(nearest)}.{why}"
    )


def _cost(design: Design) -> str:
    """Return a cost; where looks are planned, with what is spent on average."""
    mean = "" if design.mean_cost is None else f" ({number(design.mean_cost)} on average)"
    return f"{number(design.cost)}{mean}"


def _hint(prospect: Prospect, best: Design) -> str:
    """Return where the additional seeds go."""
    more = {name: n - prospect.design.seeds[name] for name, n in best.seeds.items()}
    controls = [more[name] for name, role in prospect.roles.items() if role == "control"]
    treated = [more[name] for name, role in prospect.roles.items() if role == "treatment"]
    if controls and best.levels == prospect.design.levels and max(controls) > max(treated):
        return " The next seed goes to the control."
    return ""


def _who(prospect: Prospect) -> str:
    return "" if prospect.name is None else f"{visible(shortened(prospect.name, LONGEST_NAME))}: "


def _size(prospect: Prospect, design: Design) -> str:
    """Return a design in words: ``"3 seeds of treatment and 4 of control at 8 levels"``."""
    by_role: dict[str, list[int]] = {}
    for name, n in design.seeds.items():
        by_role.setdefault(prospect.roles[name], []).append(n)
    sizes = {n for each in by_role.values() for n in each}
    places = "" if not design.levels else f" at {len(design.levels)} levels"
    if len(design.looks) > 1:
        return _looks(design, by_role) + places
    once = ", without an earlier look" if design.looks and len(prospect.signature.looks or ()) > 1 else ""
    if len(by_role) == 1 and len(sizes) == 1:
        return f"{sizes.pop()} seeds{places}{once}"
    parts = [f"{_number_of(each)} of {role}" for role, each in by_role.items()]
    return " and ".join(parts).replace(" of", " seeds of", 1) + places + once


def _looks(design: Design, by_role: Mapping[str, list[int]]) -> str:
    """Return planned looks in words: ``"looks at 4 and 8 seeds per condition"``."""
    more = {role: each[0] - design.looks[-1] for role, each in by_role.items()}
    if not any(more.values()):
        each = " per condition" if len(design.seeds) > 1 else ""
        return f"looks at {_listed(design.looks)} seeds{each}"
    parts = [f"{_listed([n + extra for n in design.looks])} of {role}" for role, extra in more.items()]
    return f"looks at {', with '.join(parts)}".replace(" of", " seeds of", 1)


def _listed(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}"


def _number_of(sizes: list[int]) -> str:
    low, high = min(sizes), max(sizes)
    return f"{low}" if low == high else f"{low} to {high}"


def _share(design: Design) -> str:
    error = "" if design.error is None else f" +- {design.error:.2f}"
    return f"{design.probability:.2f}{error}"


def tell(found: OutlookRecord) -> Document:
    """Return all that reports say of designs."""
    blocks: list[Facts | Table] = []
    for each in found.prospects:
        blocks += [_facts(each), _chances(each), _designs(each)]
    sentences = [said for each in found.prospects for said in advice(each, found)]
    one = len(found.prospects) == 1
    return Document(
        headline=sentences[0] if one else _count(found),
        title="What can this design find out?" if one else "What can these designs find out?",
        answer=tuple(sentences[1:] if one else sentences),
        picture=Picture(draw=lambda: _figure(found)) if one else None,
        blocks=tuple(blocks),
        notes=tuple(_obstacle(each, one=one) for prospect in found.prospects for each in prospect.unreachable)
        + tuple(
            _obstacle(each, one=one, may=True) for prospect in found.prospects for each in prospect.at_risk
        )
        + _left_out(found),
        remarks=(
            SIMULATED.format(found.replications),
            *((LOOKED,) if any(each.design.looks for each in found.prospects) else ()),
        ),
    )


def _count(found: OutlookRecord) -> str:
    """Return how many designs reach the target."""
    good = sum(each.design.probability >= found.target for each in found.prospects)
    n = len(found.prospects)
    return f"{good} of {n} designs find what they predict with probability {found.target:.2g} or more"


def _figure(found: OutlookRecord) -> Any:  # noqa: ANN401 - a figure
    from sigstats.report.layout import Layout
    from sigstats.studies.planning.figure import outlook_figure

    return outlook_figure(found.prospects[0], target=found.target, asked=Layout())


def _facts(prospect: Prospect) -> Facts:
    noise, design = prospect.noise, prospect.design
    rows = [
        *(
            ()
            if prospect.name is None
            else (Fact(label="signature", said=shortened(prospect.name, LONGEST_NAME)),)
        ),
        Fact(
            label="design",
            said=f"{_size(prospect, design)}, {design.cells} measurements, cost {number(design.cost)}",
        ),
        *_looks_facts(prospect),
        Fact(label="effect", said=f"{number(prospect.effect)}, {SOURCES[prospect.effect_source]}"),
        Fact(label="noise", said=_noise(noise)),
    ]
    if prospect.noisier is not None:
        rows.append(
            Fact(
                label="if noisier",
                said=f"present with probability {_share(prospect.noisier)} if the noise is at the upper end of that",
            )
        )
    return Facts(heading=_title("The design", prospect), facts=tuple(rows))


def _looks_facts(prospect: Prospect) -> tuple[Fact, ...]:
    """Return what is spent on average where the first definite verdict ends the runs."""
    if not prospect.mean_costs:
        return ()
    spent = ", ".join(f"{number(mean)} if {visible(truth)}" for truth, mean in prospect.mean_costs.items())
    return (Fact(label="mean cost", said=f"{spent}: the first definite verdict ends the runs"),)


def _noise(noise: Noise) -> str:
    sds = sorted({number(each) for each in noise.sd.values()}, key=float)
    said = f"residual sd {sds[0] if len(sds) == 1 else f'{sds[0]} to {sds[-1]}'}"
    said += f", slopes vary by {number(noise.slope_sd)}" if noise.slope_sd else ""
    said += f", levels of seeds by {number(noise.seed_sd)}" if noise.seed_sd else ""
    if noise.correlation is not None:
        said += f", shared seeds correlate by {noise.correlation:.2f}"
    if noise.source == "stated":
        return f"{said}, as stated"
    origin = "a pilot" if noise.source == "pilot" else "a verdict"
    return (
        f"{said}, from {origin} with {noise.n_seeds} seeds, which tells the sd to between {noise.low:.2f} and "
        f"{noise.high:.2f} times that (80 %)"
    )


def _title(said: str, prospect: Prospect) -> str:
    return said if prospect.name is None else f"{said}: {shortened(prospect.name, LONGEST_NAME)}"


def _chances(prospect: Prospect) -> Table:
    looks = prospect.design.looks
    called = {each.name: each.called for each in prospect.signature.shape.clauses}
    rows = []
    for world, look in itertools.product(prospect.worlds, range(1, len(looks) + 1) or (None,)):
        by_status = {
            each.status: each for each in prospect.chances if (each.truth, each.look) == (world.name, look)
        }
        why = [
            f"{called.get(reason, reason.replace('_', ' '))} {share:.2f}"
            for status in STATUSES[1:]
            for reason, share in by_status[status].reasons[:MOST_REASONS]
            if share >= 0.01
        ]
        cells = [f"{by_status[status].probability:.2f}" for status in STATUSES]
        error = max(each.error for each in by_status.values())
        place = () if look is None else (f"by {looks[look - 1]}",)
        name = world.name if look in (None, 1) else ""
        rows.append((name, *place, *cells, f"{error:.2f}", ", ".join(why[:3])))
    by: tuple[str, ...] = ("seeds",) if looks else ()
    texts: list[Kind] = ["text"] * (1 + len(by))
    numbers: list[Kind] = ["number"] * (len(STATUSES) + 1)
    heads = ("truth", *by, *(status.value for status in STATUSES), "+-", "main reasons")
    return Table(
        title=_title("Probability of each verdict", prospect),
        columns=columns(*heads, kinds=(*texts, *numbers)),
        rows=tuple(rows),
        rest=("truth", "table()"),
    )


def _designs(prospect: Prospect) -> Table:
    """Return the designs that were simulated, the cheapest first."""
    tried: dict[str, Design] = {}
    for each in prospect.explored:
        if each.error is not None:
            tried[f"{sorted(each.seeds.items())}{each.levels}"] = each
    rows = [
        (
            ("declared: " if each is prospect.design else "") + _size(prospect, each),
            str(each.cells),
            _cost(each),
            _share(each),
        )
        for each in sorted(tried.values(), key=lambda one: (one.cost, one.probability))
    ]
    return Table(
        title=_title("Designs that were simulated", prospect),
        columns=columns(
            "design", "measurements", "cost", "present", kinds=("text", "number", "number", "text")
        ),
        rows=tuple(rows),
        folded=True,
    )


def _obstacle(found: Obstacle, *, one: bool, may: bool = False) -> str:
    who = "" if one or found.signature is None else f"{visible(shortened(found.signature, LONGEST_NAME))}: "
    said = "may be out of reach" if may else "is out of reach"
    return f"{who}{found.status.value} {said} ({found.code}): {found.words}"


def _left_out(found: OutlookRecord) -> tuple[str, ...]:
    return tuple(
        f"{'a signature' if name is None else visible(shortened(name, LONGEST_NAME))} was not planned: {why}"
        for name, why in found.not_covered
    )


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def results(found: OutlookRecord) -> list[dict[str, Any]]:
    """Return one result for each signature, each with what holds for all of them."""
    everything = record(found)
    shared = {name: everything[name] for name in ("target", "budget", "replications", "entropy")}
    planned = [
        {**prospect, "advice": said, **shared}
        for prospect, said in zip(everything["prospects"], everything["advice"], strict=True)
    ]
    return planned + [{**each, **shared} for each in everything["not_covered"]]


def record(found: OutlookRecord) -> dict[str, Any]:
    """Return everything by name."""
    return {
        "prospects": [_prospect(each) for each in found.prospects],
        "not_covered": [{"signature": name, "why": why} for name, why in found.not_covered],
        "target": found.target,
        "budget": found.budget,
        "replications": found.replications,
        "entropy": found.entropy,
        "advice": [" ".join(advice(each, found)) for each in found.prospects],
    }


def _prospect(prospect: Prospect) -> Mapping[str, Any]:
    plain = fields(prospect, but=("signature", "chances", "next"))
    chances = [
        {
            "truth": each.truth,
            "look": each.look,
            "status": each.status.value,
            "probability": each.probability,
            "error": each.error,
            "reasons": {reason.value: share for reason, share in each.reasons},
        }
        for each in prospect.chances
    ]
    return {"signature": prospect.name, **plain, "chances": chances, "next": records(prospect.next)}
