"""Hierarchical slopes in words: as plain text, and as the part that a notebook shows."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.evidence.results import Estimate
from sigstats.report.escaping import shortened, visible
from sigstats.report.html import environment
from sigstats.report.numbers import interval, number, percent, probability

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 12
LONGEST_NAME = 40
HEADS = ("slope of", "raw", "shrunken", "HDI", "P(> 0)")
SPREAD_HEADS = ("standard deviation of", "median", "HDI", "prior")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesStory:
    """What there is to say about hierarchical slopes, in words, with the users' names as they are.

    Attributes
    ----------
    title : str
        What was measured.
    about : str
        Seeds, conditions and intervals.
    slopes, spreads : tuple of tuple of str
        Cells of the two tables.
    more : str
        How many conditions are not shown; empty where all are.
    priors : tuple of str
        The priors, one sentence per role.
    notes : tuple of str
        What the reader must know.
    """

    title: str
    about: str
    slopes: tuple[tuple[str, ...], ...]
    spreads: tuple[tuple[str, ...], ...]
    more: str
    priors: tuple[str, ...]
    notes: tuple[str, ...]


def tell(
    *,
    knob: str,
    unit: str,
    confidence: float,
    min_effect: float | None,
    means: "pd.DataFrame",
    conditions: "pd.DataFrame",
    spreads: "pd.DataFrame",
    priors: Mapping[str, Mapping[str, str]],
    notes: Sequence[str],
) -> SlopesStory:
    """Return the words for hierarchical slopes."""
    seeds = int(conditions["n_seeds"].sum())
    small = "" if min_effect is None else f"; small means within +-{number(min_effect)}"
    rows = [_slope(str(row["mean_over"]), row, confidence, unit) for row in means.to_dict("records")]
    shown = conditions.head(MOST_ROWS).to_dict("records")
    rows += [_slope(f"{row['condition']} ({row['role']})", row, confidence, unit) for row in shown]
    heads = HEADS if min_effect is None else (*HEADS, "P(small)")
    rest = len(conditions) - len(shown)
    return SlopesStory(
        title=f"slopes of {shortened(unit, LONGEST_NAME)} over {shortened(knob, LONGEST_NAME)}",
        about=(
            f"Change of a line over the swept range, in {shortened(unit, LONGEST_NAME)}; positive is the predicted "
            f"direction. {seeds} seeds in {len(conditions)} {'condition' if len(conditions) == 1 else 'conditions'}; "
            f"{percent(confidence)} intervals{small}."
        ),
        slopes=tuple(row[: len(heads)] for row in (heads, *rows)),
        spreads=(SPREAD_HEADS, *(_spread(row) for row in spreads.to_dict("records"))),
        more=f"and {rest} more conditions" if rest > 0 else "",
        priors=tuple(
            f"priors of the {role}s: " + ", ".join(f"{name} ~ {prior}" for name, prior in given.items())
            for role, given in priors.items()
        ),
        notes=tuple(notes),
    )


def text(story: SlopesStory) -> str:
    """Return the story as plain text."""
    parts = [
        [story.title, story.about],
        [*_columns(story.slopes), *([story.more] if story.more else [])],
        _columns(story.spreads),
        [*story.priors, *(f"note: {note}" for note in story.notes)],
    ]
    return "\n\n".join("\n".join(visible(line) for line in part) for part in parts)


def fragment(story: SlopesStory) -> str:
    """Return what a notebook shows; every value is escaped."""
    return environment().get_template("slopes.html.j2").render(story=story)


def _slope(name: str, row: "Mapping[Hashable, Any]", confidence: float, unit: str) -> tuple[str, ...]:
    """Return the cells of a slope."""
    raw = "" if np.isnan(row["raw"]) else f"{number(row['raw'])} +- {number(row['raw_sd'], digits=2)}"
    return (
        shortened(name, LONGEST_NAME),
        raw,
        interval(
            Estimate(
                value=row["shrunken"], low=row["low"], high=row["high"], confidence=confidence, unit=unit
            )
        ),
        _brackets(row),
        probability(row["prob_positive"], "> 0").removeprefix("P(> 0) ").removeprefix("= "),
        probability(row["mass_small"], "small").removeprefix("P(small) ").removeprefix("= "),
    )


def _spread(row: "Mapping[Hashable, Any]") -> tuple[str, ...]:
    return f"{row['sd_of']} ({row['role']}s)", number(row["median"]), _brackets(row), str(row["prior"])


def _brackets(row: "Mapping[Hashable, Any]") -> str:
    return f"[{number(row['hdi_low'])}, {number(row['hdi_high'])}]"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as lines, padded to columns."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
