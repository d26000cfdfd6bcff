"""The levels of the knob that conditions count over: no line is drawn beyond what was run.

The range of a condition goes from the first to the last level that at least half of its runs reach, so that one long
run cannot make all others short. Conditions with other ranges are compared on the part that lies within all of them, if
it is long enough; else each counts over its own range. Treatments and controls are compared on the levels that they
share: lines through one curve have other slopes on other levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import Problem, TableError
from sigstats.evidence.seeds import SeedRows, cut, seen_range
from sigstats.stats.blocks import seen_cells
from sigstats.stats.estimate import Ranges
from sigstats.stats.scores.combine import levels_with_weight

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

SHARED = 0.5
SLACK = 1e-9
DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The rows of all conditions on the levels over which they are compared."""

    rows: Mapping[str, SeedRows] = field(repr=False)
    # "equal": over the same levels; "common": cut to what they have in common; "own": each over its own range.
    treatments: Ranges
    # Whether the controls have too little in common with the treatments to be compared with them.
    apart: bool

    def own(self, name: str, treatments: Sequence[str]) -> bool:
        """Return whether a condition counts over a range of its own."""
        return self.treatments == "own" or (self.apart and name not in treatments)


def compared(
    rows: Mapping[str, SeedRows],
    treatments: Sequence[str],
    controls: Sequence[str],
    x: FloatArray,
    *,
    fewest: int,
    short_seeds: Literal["drop", "keep"],
    every_level: bool,
) -> Compared:
    """Cut the conditions to what all of them have in common, or say that each counts over its own range.

    Where the claim is about every level, only the controls are cut: no level of a treatment may be left out.
    """
    everything = [*treatments, *controls]
    if _equal(rows, everything) and (not controls or _same_levels(rows, everything)):
        return Compared(rows=rows, treatments="equal", apart=False)
    kept = _common(rows, everything, x, fewest, shared=bool(controls))
    apart = kept is None and bool(controls)
    to_cut: Sequence[str] = () if kept is None else controls if every_level else everything
    kind: Ranges = "equal" if _equal(rows, treatments) else "own"
    if kept is None and kind == "own" and not every_level:
        kept = _common(rows, treatments, x, fewest, shared=False)
        to_cut = () if kept is None else treatments
    if kept is None:
        return Compared(rows=rows, treatments=kind, apart=apart)
    found = {
        name: cut(each, x, kept, short_seeds=short_seeds) if name in to_cut else each
        for name, each in rows.items()
    }
    return Compared(rows=found, treatments=kind if every_level else "common", apart=apart)


def _equal(rows: Mapping[str, SeedRows], names: Sequence[str]) -> bool:
    """Return whether conditions have the same range; one that was run at a single level has none."""
    ranges = {rows[name].ends for name in names}
    return len(ranges) == 1 or any(first >= last for first, last in ranges)


def _same_levels(rows: Mapping[str, SeedRows], names: Sequence[str]) -> bool:
    """Return whether conditions have no level that is not a level of all of them."""
    used = [rows[name] for name in names if rows[name].curves.shape[-2]]
    if not used or all(seen_cells(each.curves).all() for each in used):
        return True
    shared = np.all([_levels_of(each) for each in used], axis=0)
    return all(np.array_equal(seen_cells(each.curves).any(axis=0), shared) for each in used)


def _levels_of(rows: SeedRows) -> BoolArray:
    """Return the levels of a condition: those that at least half of its runs have, or that carry weight."""
    counts = seen_cells(rows.curves).sum(axis=0)
    if rows.seeds:
        return np.asarray(2 * counts >= len(rows.seeds))
    weighty = levels_with_weight(counts)
    return weighty if weighty.any() else np.asarray(counts > 0)


def _common(
    rows: Mapping[str, SeedRows], names: Sequence[str], x: FloatArray, fewest: int, *, shared: bool
) -> BoolArray | None:
    """Return what is within the range of every condition, or the levels that are shared: enough, half of each range."""
    first = max(rows[name].ends[0] for name in names)
    last = min(rows[name].ends[1] for name in names)
    columns = np.arange(x.size)
    kept = (columns >= first) & (columns <= last)
    if shared:
        kept &= np.all([_levels_of(rows[name]) for name in names], axis=0)
    found = np.flatnonzero(kept)
    if found.size < 2:
        return None
    length = x[found[-1]] - x[found[0]]
    for name in names:
        low, high = rows[name].ends
        seen = seen_cells(rows[name].curves)[:, kept].any(axis=0)
        if seen.sum() < fewest or length < SHARED * (x[high] - x[low]) - SLACK:
            return None
    return kept


def as_fractions(
    raw: Mapping[str, FloatArray], levels: FloatArray, *, fewest: int, level_wise: bool, trim: bool
) -> tuple[dict[str, FloatArray], FloatArray, dict[str, tuple[float, float]]]:
    """Return the conditions over the share of their own range, the shares at which any was seen, and the ranges.

    A claim on every level needs the same shares in all conditions.
    """
    ends = {name: seen_range(seen_cells(values), fewest=fewest, trim=trim) for name, values in raw.items()}
    shares = {name: _shares(values, levels, ends[name]) for name, values in raw.items()}
    union = np.unique(np.concatenate([found for found, _ in shares.values()]))
    lacking = [name for name, (found, _) in shares.items() if found.size < union.size]
    if level_wise and lacking:
        problem = Problem(
            code="SHARES_DIFFER",
            column=None,
            message="`knob_scale` is 'fraction', and the levels of the conditions lie at different shares of their "
            f"ranges: {lacking[0]!r} lacks some; a claim on every level needs the same shares in every condition",
            remedy="Choose a shape such as 'increasing', or run the conditions at the same shares of their ranges.",
        )
        raise TableError([problem])
    moved = {}
    for name, (found, columns) in shares.items():
        values = np.full((*raw[name].shape[:-1], union.size), np.nan)
        values[..., np.searchsorted(union, found)] = raw[name][..., columns]
        moved[name] = values
    return (
        moved,
        union,
        {name: (float(levels[low]), float(levels[high])) for name, (low, high) in ends.items()},
    )


def _shares(values: FloatArray, levels: FloatArray, ends: tuple[int, int]) -> tuple[FloatArray, IntArray]:
    """Return the levels of a condition within its range as shares of that range, and their columns."""
    first, last = ends
    columns = first + np.flatnonzero(seen_cells(values)[:, first : last + 1].any(axis=0))
    # Both ends are brought below 1 in size, so that their difference cannot overflow.
    size = float(np.abs(levels[[first, last]]).max()) or 1.0
    scaled = levels / size
    length = scaled[last] - scaled[first] or 1.0
    return np.round((scaled[columns] - scaled[first]) / length, DIGITS), columns
