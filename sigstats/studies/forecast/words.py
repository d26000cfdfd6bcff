"""A forecast in words."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigstats.report.document import Column, Document, Fact, Facts, Picture, Table
from sigstats.report.escaping import shortened
from sigstats.report.json import fields
from sigstats.report.numbers import bare_pvalue, interval, level, number
from sigstats.report.units import with_unit
from sigstats.stats.estimate import Estimate
from sigstats.studies.forecast.phrases import LAWS, NOTES, RIVALS, part, percent_of
from sigstats.studies.forecast.record import (
    Duel,
    FittedLaw,
    ForecastLevel,
    ForecastRecord,
    Ground,
)
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names
from sigstats.verdict.words.names import LONGEST_NAME, counted, listed, quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 6
NOT_JUDGED = "not judged, as none of these levels was run"
BELOW = {
    "predicted mean": "The interval of a predicted mean says how well the runs below fix the law.",
    "new run": "New run: where a single run is expected, if runs scatter as they do below.",
    "error": "Error: predicted minus observed mean.",
}


def headline(found: ForecastRecord) -> str:
    """Return the answer as one line."""
    said = brief(found)
    return f"{_judged(found)}: {title(found)} ({said})"


def _judged(found: ForecastRecord) -> str:
    return "FORECAST" if found.status is None else str(found.status).upper()


def title(found: ForecastRecord) -> str:
    """Return the claim, of the levels that were run, or what is predicted where none was."""
    what = names.metric(found.signature)
    if found.status is None:
        return f"{what} at {places(found, found.to)}, predicted"
    run = tuple(sorted({each.level for each in found.observed}))
    return f"{what} at {places(found, run)} is predicted within {part(found.within)}"


def places(found: ForecastRecord, levels: tuple[float, ...]) -> str:
    """Return levels of the knob as one phrase."""
    knob = names.swept(found.signature)
    if len(levels) > MOST:
        return f"{len(levels)} levels of {knob} from {level(levels[0])} to {level(levels[-1])}"
    return f"{knob} {listed(map(level, levels), most=MOST)}"


def brief(found: ForecastRecord) -> str:
    """Return the answer in a few words."""
    if found.status is None:
        last = found.levels[-1]
        said = with_unit(interval(last.prediction), last.prediction.unit)
        return f"{said} at {_place(found, last)}; beyond the data and {NOT_JUDGED}"
    worst = worst_of(found)
    return f"error {percent_of(worst.relative_error)} at {_place(found, worst)}"


def worst_of(found: ForecastRecord) -> ForecastLevel:
    """Return the level that was run at which the prediction is furthest off."""
    return max(found.observed, key=_size)


def _size(each: ForecastLevel) -> float:
    value = math.nan if each.relative_error is None else abs(each.relative_error.value)
    return -1.0 if math.isnan(value) else value


def _place(found: ForecastRecord, each: ForecastLevel) -> str:
    said = f"{names.swept(found.signature)} {level(each.level)}"
    return said if len(found.fits) == 1 else f"{said} of {quoted(each.condition)}"


def law(found: ForecastRecord) -> str:
    """Return the law with its article."""
    axis = found.signature.shape.knob_scale or found.signature.knob_scale
    along = f"log {names.swept(found.signature)}" if axis == "log" else names.swept(found.signature)
    return LAWS[found.law].format(along=along)


def tell(found: ForecastRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    return Document(
        headline=headline(found),
        title=title(found),
        status="" if found.status is None else str(found.status),
        brief=brief(found),
        name=shortened(found.signature.name or "", LONGEST_NAME),
        answer=tuple(_answer(found)),
        resolve=tuple(_resolve(found)),
        picture=Picture(draw=draw),
        blocks=(_facts(found), _levels(found), *([_rivals(found)] if found.duels else [])),
        notes=tuple(NOTES[note].format(**_names_for(found)) for note in found.notes if note in NOTES),
        repeat=_repeat(found),
    )


def sentence(found: ForecastRecord) -> str:
    """Return whether the law predicts what was found."""
    first = found.fits[0]
    alone = len(found.fits) == 1
    below = _fitted(found, first) if alone else f"the levels below in each of {len(found.fits)} conditions"
    made = f"{law(found)[0].upper()}{law(found)[1:]}, fitted to {below}"
    what, allowed = f"the mean {names.metric(found.signature)}", part(found.within)
    if found.status is None:
        return f"{made}, predicts {what} at {places(found, found.to)}. The prediction is {NOT_JUDGED}."
    worst = worst_of(found)
    off = f"{percent_of(worst.relative_error)} at {_place(found, worst)}"
    said = {
        Status.PRESENT: f"predicts {what} within {allowed} at every level that was run. The largest error is {off}.",
        Status.ABSENT: f"misses {what} by more than {allowed}: the error is {_outside(found)}.",
        Status.PARTIAL: f"predicts {what} within {allowed} at {_where(found, held=True)}, but not at "
        f"{_where(found, held=False)}: the error is {_outside(found)}.",
        Status.INCONCLUSIVE: f"predicts {what}, but whether within {allowed} is open: the largest error is {off}.",
    }
    return f"{made}, {said[found.status]}"


def _fitted(found: ForecastRecord, fit: FittedLaw) -> str:
    knob, ends = names.swept(found.signature), (level(fit.levels[0]), level(fit.levels[-1]))
    runs = (
        counted(fit.n_seeds, "seed")
        if found.design == "repeated"
        else f"{counted(fit.n_seeds, 'run')} at each level"
    )
    return f"{len(fit.levels)} levels of {knob} from {ends[0]} to {ends[1]} ({runs})"


def _where(found: ForecastRecord, *, held: bool) -> str:
    return listed((_place(found, each) for each in found.observed if each.within is held), most=MOST)


def _outside(found: ForecastRecord) -> str:
    return listed(
        (
            f"{percent_of(each.relative_error)} at {_place(found, each)}"
            for each in found.observed
            if each.within is False
        ),
        most=MOST,
    )


def _answer(found: ForecastRecord) -> Iterator[str]:
    yield sentence(found)
    for fit in found.fits:
        duels = [each for each in found.duels if each.condition == fit.condition]
        if duels:
            yield _against_rivals(found, duels)
    if found.not_run and found.status is not None:
        levels = tuple(sorted({each.level for each in found.not_run}))
        yield f"Without runs at {places(found, levels)}, these are predicted, but not judged."


def _against_rivals(found: ForecastRecord, duels: list[Duel]) -> str:
    """Return how the law stands to the rivals in one condition."""
    starts = {True: "nearer than", None: "not shown to be nearer than", False: "shown to be further off than"}
    parts = [
        f"{start} {listed((_rival(found, each) for each in duels if each.law_nearer is held), most=MOST)}"
        for held, start in starts.items()
        if any(each.law_nearer is held for each in duels)
    ]
    first = duels[0]
    where = f" of {quoted(first.condition)}" if len(found.fits) > 1 else ""
    place = f"{names.swept(found.signature)} {level(first.level)}{where}"
    return f"At {place} the law is off by {part(first.law_error)}: {'; '.join(parts)}."


def _rival(found: ForecastRecord, duel: Duel) -> str:
    return f"{RIVALS[duel.rival].format(knob=names.swept(found.signature))} ({part(duel.rival_error)})"


def _resolve(found: ForecastRecord) -> Iterator[str]:
    unbounded = [
        each for each in found.observed if each.relative_error and math.isinf(each.relative_error.low)
    ]
    if unbounded:
        yield (
            f"At {listed((_place(found, each) for each in unbounded), most=MOST)} the observed mean may be 0, and a "
            "part of it means nothing: claim an error in per cent of a metric that stays away from 0."
        )
        return
    if Ground.TOO_FEW_SEEDS in found.reasons:
        yield "At least 3 seeds are needed at the fitted levels, and at each level that is predicted."
    if Ground.ZERO_VARIANCE in found.reasons:
        yield "Runs that are all the same say nothing of other runs: look whether the seed has any effect."
    if Ground.UNDERPOWERED in found.reasons and found.seeds_needed is not None:
        yield (
            f"About {found.seeds_needed} seeds would show with a probability of 0.8 that the error is within "
            f"{part(found.within)}, if the law is exact."
        )
    elif Ground.UNDERPOWERED in found.reasons:
        yield "More seeds at all levels would settle it."


def _facts(found: ForecastRecord) -> Facts:
    said = []
    for fit in found.fits:
        values = ", ".join(f"{_called(fit, name)} {number(value)}" for name, value in fit.parameters)
        label = "law" if len(found.fits) == 1 else shortened(fit.condition, LONGEST_NAME)
        said.append(Fact(label=label, said=f"{law(found)}: {values}"))
        said.append(Fact(label="fitted to", said=_fitted(found, fit)))
    return Facts(heading="The law", facts=tuple(said))


def _called(fit: FittedLaw, name: str) -> str:
    """Return what a parameter is called: a floor above the start is a ceiling."""
    values = dict(fit.parameters)
    return "ceiling" if name == "floor" and values["floor"] > values["start"] else name


def _levels(found: ForecastRecord) -> Table:
    """Return the predicted levels; where a new run is expected stands where there are levels without one."""
    columns = {
        "condition": lambda each: shortened(each.condition, LONGEST_NAME),
        names.swept(found.signature): lambda each: level(each.level),
        "seeds": lambda each: str(each.n_seeds),
        "predicted mean": lambda each: interval(each.prediction),
        "new run": lambda each: _ends(each.new_run),
        "observed mean": lambda each: interval(each.observed) if each.observed else "not run",
        "error": lambda each: interval(each.error) if each.error else "-",
        "error, %": lambda each: interval(_hundredfold(each.relative_error)) if each.error else "-",
        f"within {part(found.within)}": _settled,
    }
    left_out = {"condition"} if len(found.fits) == 1 else set()
    if found.status is None:
        left_out |= set(list(columns)[5:]) | {"seeds"}
    elif not found.not_run:
        left_out |= {"new run"}
    kept = {head: cell for head, cell in columns.items() if head not in left_out}
    text = ("condition", list(columns)[-1])
    return Table(
        heading="Predicted levels",
        columns=tuple(Column(head=head, kind="text" if head in text else "interval") for head in kept),
        rows=tuple(tuple(cell(each) for cell in kept.values()) for each in found.levels),
        rest=("level", "table()"),
        below=tuple(said for head, said in BELOW.items() if head in kept),
    )


def _settled(each: ForecastLevel) -> str:
    if each.observed is None:
        return "-"
    return {True: "shown", False: "no", None: "open"}[each.within]


def _ends(found: Estimate) -> str:
    """Return the interval alone."""
    _, _, ends = interval(found).partition(" ")
    return ends or "-"


def _hundredfold(found: Estimate | None) -> Estimate | None:
    if found is None:
        return None
    return replace(found, value=100 * found.value, low=100 * found.low, high=100 * found.high)


def _rivals(found: ForecastRecord) -> Table:
    rows = [
        (
            *([shortened(each.condition, LONGEST_NAME)] * (len(found.fits) > 1)),
            RIVALS[each.rival].format(knob=names.swept(found.signature)),
            part(each.rival_error),
            part(each.law_error),
            {True: "the law", False: "the rival", None: "open"}[each.law_nearer],
            bare_pvalue(each.pvalue_rival if each.law_nearer is False else each.pvalue_law),
        )
        for each in found.duels
    ]
    heads = [Column(head="condition")] * (len(found.fits) > 1) + [
        Column(head="rival"),
        Column(head="its error", kind="number"),
        Column(head="the law's", kind="number"),
        Column(head="nearer"),
        Column(head="corrected p", kind="number"),
    ]
    last = listed(sorted({level(each.level) for each in found.duels}))
    return Table(
        heading=f"Naive rivals at {last}",
        title=f"Naive rivals at {last}",
        columns=tuple(heads),
        rows=tuple(rows),
    )


def _names_for(found: ForecastRecord) -> dict[str, str]:
    signature = found.signature
    return {
        "knob": names.swept(signature),
        "last": level(max(fit.levels[-1] for fit in found.fits)),
        "first": level(min(fit.levels[0] for fit in found.fits)),
        "most": level(found.to[-1]),
        "left_out": listed(map(level, found.left_out), most=MOST),
        "seeds": counted(sum(fit.seeds_left_out for fit in found.fits), "seed"),
        "copies": counted(sum(fit.copies_left_out for fit in found.fits), "seed"),
        "controls": listed(quoted(name) for name in signature.control or ()),
    }


def _repeat(found: ForecastRecord) -> tuple[Fact, ...]:
    made = found.provenance
    versions = [
        f"{name} {version}" for name, version in made.versions if name in ("sigstats", "numpy", "scipy")
    ]
    said = {
        "data": f"{made.n_rows} rows, sha256 {made.data_hash[:16]}",
        "fitted runs": f"sha256 {found.fitted_hash[:16]}",
        "design": f"{found.design}, alpha {number(found.alpha)}",
        "method": "least squares on level means, t over seeds by the delta method (on log scales by the jackknife)",
        "versions": ", ".join(versions),
    }
    return tuple(Fact(label=label, said=words) for label, words in said.items())


def record(found: ForecastRecord) -> dict[str, Any]:
    """Return everything by name, and the sentence."""
    shape = found.signature.shape
    made = found.provenance
    return {
        **fields(found),
        "signature": {**fields(found.signature), "shape": {"name": shape.name, **shape.options()}},
        "sentence": sentence(found),
        "fits": [{**fields(each), "parameters": dict(each.parameters)} for each in found.fits],
        "provenance": {**fields(made), "versions": dict(made.versions)},
    }
