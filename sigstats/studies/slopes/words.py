"""Hierarchical slopes in words, and the schema of their plain values."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from sigstats.evidence.results import Estimate
from sigstats.report.document import Document, Kind, Table, columns
from sigstats.report.escaping import shortened, visible
from sigstats.report.json import fields
from sigstats.report.numbers import interval, number, percent, probability
from sigstats.studies.slopes.record import SlopesRecord
from sigstats.verdict.words.names import LONGEST_NAME

MOST_ROWS = 12
HEADS = ("slope of", "raw", "shrunken", "HDI", "P(> 0)")
KINDS: tuple[Kind, ...] = ("text", "interval", "interval", "interval", "number", "number")
SPREAD_HEADS = ("standard deviation of", "median", "HDI", "prior")
FRAMES = ("means", "conditions", "seeds", "spreads")
Row = Mapping[Hashable, Any]


def tell(found: SlopesRecord) -> Document:
    """Return all that reports say of hierarchical slopes."""
    unit = shortened(found.estimate.unit, LONGEST_NAME)
    title = f"slopes of {unit} over {shortened(found._knob, LONGEST_NAME)}"  # noqa: SLF001 - of the record
    return Document(
        headline=title,
        title=title,
        answer=(_about(found, unit), *_items(found)),
        blocks=(_slopes(found), _spreads(found)),
        remarks=(*_priors(found), *(f"note: {each}" for each in _notes(found))),
        wrapped=False,
    )


def record(found: SlopesRecord) -> dict[str, Any]:
    """Return the numbers by name, and the rows of each frame; the posteriors themselves are left out."""
    contrast = found.contrast
    return {
        **fields(found, but=("posterior", "control_posterior", "contrast", *_absent(found))),
        "contrast": None if contrast is None else fields(contrast),
        **{name: getattr(found, name).to_dict("records") for name in FRAMES},
    }


def _absent(found: SlopesRecord) -> tuple[str, ...]:
    """Return the fields that say nothing without items."""
    return () if found.crossing is not None else ("crossing",)


def _about(found: SlopesRecord, unit: str) -> str:
    conditions, smallest = found.conditions, found.min_effect
    seeds = int(conditions["n_seeds"].sum())
    small = "" if smallest is None else f"; small means within +-{number(smallest)}"
    return (
        f"Change of a line over the swept range, in {unit}; positive is the predicted direction. {seeds} seeds in "
        f"{len(conditions)} {'condition' if len(conditions) == 1 else 'conditions'}; "
        f"{percent(found.estimate.confidence)} intervals{small}."
    )


def _items(found: SlopesRecord) -> tuple[str, ...]:
    """Return what the slopes are about where items were crossed with seeds, and where their variance comes from."""
    crossing = found.crossing
    if crossing is None:
        return ()
    split = crossing.split
    fits = found._fits  # noqa: SLF001 - of the record
    whose = "treatment's" if len(fits[0].arms) == 1 else "treatments'"
    about = (
        f"Every seed was measured on the same {crossing.n_items} items (seeds and items are crossed). Means are over "
        "new seeds and new items, unless a row says: on these items."
    )
    more, less = ("seeds", "items") if split.seeds > split.items else ("items", "seeds")
    variance = (
        f"Variance of the {whose} mean slope: {percent(split.seeds)} from seeds, {percent(split.items)} from items, "
        f"{percent(split.rest)} from the rest; more {more} would narrow it more than more {less}."
    )
    return (about, variance)


def _slopes(found: SlopesRecord) -> Table:
    """Return the means and the slopes of the conditions, of which plain text and notebooks show the first dozen."""
    means = found.means.to_dict("records")
    heads = HEADS if found.min_effect is None else (*HEADS, "P(small)")
    rows = [_slope(str(row["mean_over"]), row, found.estimate) for row in means]
    rows += [
        _slope(f"{row['condition']} ({row['role']})", row, found.estimate)
        for row in found.conditions.to_dict("records")
    ]
    return Table(
        heading="Slopes",
        columns=columns(*heads, kinds=KINDS[: len(heads)]),
        rows=tuple(row[: len(heads)] for row in rows),
        most=len(means) + MOST_ROWS,
        rest=("condition", "conditions"),
    )


def _spreads(found: SlopesRecord) -> Table:
    return Table(
        heading="Standard deviations",
        columns=columns(*SPREAD_HEADS, kinds=("text", "number", "interval")),
        rows=tuple(
            (f"{row['sd_of']} ({row['role']}s)", number(row["median"]), _brackets(row), str(row["prior"]))
            for row in found.spreads.to_dict("records")
        ),
    )


def _priors(found: SlopesRecord) -> list[str]:
    given = {fitted.role: fitted.priors for fitted in found._fits}  # noqa: SLF001 - of the record
    return [
        f"priors of the {role}s: " + ", ".join(f"{name} ~ {visible(prior)}" for name, prior in priors.items())
        for role, priors in given.items()
    ]


def _notes(found: SlopesRecord) -> list[str]:
    """Return what the reader must know of each role."""
    fits = found._fits  # noqa: SLF001 - of the record
    ids = {fitted.role: np.concatenate([arm.ids for arm in fitted.arms]) for fitted in fits}
    shared = [
        f"some {role}s share seed labels; the model takes their seeds as independent"
        for role, each in ids.items()
        if np.unique(each).size < each.size
    ]
    crossing = found.crossing
    if crossing is None or not crossing.n_left_out:
        return shared
    total = crossing.n_items + crossing.n_left_out
    return [*shared, f"{crossing.n_left_out} of {total} items left out, which some seed lacks at some level"]


def _slope(name: str, row: Row, estimate: Estimate) -> tuple[str, ...]:
    """Return the cells of a slope."""
    raw = "" if np.isnan(row["raw"]) else f"{number(row['raw'])} +- {number(row['raw_sd'], digits=2)}"
    shrunken = Estimate(
        value=row["shrunken"],
        low=row["low"],
        high=row["high"],
        confidence=estimate.confidence,
        unit=estimate.unit,
    )
    return (
        shortened(name, LONGEST_NAME),
        raw,
        interval(shrunken),
        _brackets(row),
        probability(row["prob_positive"], "> 0").removeprefix("P(> 0) ").removeprefix("= "),
        probability(row["mass_small"], "small").removeprefix("P(small) ").removeprefix("= "),
    )


def _brackets(row: Row) -> str:
    return f"[{number(row['hdi_low'])}, {number(row['hdi_high'])}]"
