"""Influence: what a verdict rests on.

Each seed, level, condition and pair of seeds is left out in turn, and the verdict of the rest is asked of
`sigstats.detect`; so is the smallest set of runs of one condition without which the verdict is another. It is also
found how far a single seed would have to tilt before the verdict changes.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.conditions import roles
from sigstats.evidence.reason import Reason
from sigstats.report.escaping import visible
from sigstats.studies.robustness.readings import Reading, read, reading_of
from sigstats.studies.robustness.tilts import Shift, find_shifts
from sigstats.studies.robustness.variants import Variant, rebuilt, with_seeds
from sigstats.verdict.verdict import Verdict

Kind = Literal["seed", "level", "condition", "pair"]
KINDS: tuple[Kind, ...] = ("seed", "level", "condition", "pair")
Runs = tuple[str, tuple[str, ...]]

MOST_PAIRS = 500
MOST_SHIFTED = 12
TOO_FEW = frozenset({Reason.TOO_FEW_LEVELS, Reason.TOO_FEW_SEEDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The verdict without some of the data.

    Attributes
    ----------
    kind : str
        ``"seed"``, ``"level"``, ``"condition"`` or ``"pair"`` (of seeds).
    items : tuple of str
        What was left out. A seed is left out of every condition in which its label occurs.
    reading : Reading
        Verdict of the rest.
    changes : bool
        Whether its status is another than that of the whole.
    """

    kind: Kind
    items: tuple[str, ...]
    reading: Reading
    changes: bool

    def __str__(self) -> str:
        """Return what was left out and what is said then."""
        return visible(f"without {self.kind} {' and '.join(self.items)}: {self.reading.words}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestSet:
    """The fewest runs of one condition without which the verdict is another.

    Attributes
    ----------
    condition : str
        Their condition.
    seeds : tuple of str
        Their labels.
    reading : Reading
        Verdict of the rest.
    exact : bool
        Whether no smaller set exists: all single runs, and all pairs where they are two, were tried. Larger sets are
        grown one run at a time.
    """

    condition: str
    seeds: tuple[str, ...]
    reading: Reading
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What a verdict rests on; in each list the culprit comes first.

    Attributes
    ----------
    removals : tuple of Removal
        Those that change the verdict first; of these, the kinds of which fewest members do.
    smallest : SmallestSet or None
        None where no set of up to three runs of one condition changes the verdict.
    shifts : tuple of Shift
        The seed with the nearest change first; empty where seeds have no scores.
    notes : tuple of str
        What was not tried, and why.
    """

    removals: tuple[Removal, ...]
    smallest: SmallestSet | None
    shifts: tuple[Shift, ...]
    notes: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[Removal, ...]:
        """Return the removals of one kind.

        Parameters
        ----------
        kind : {"seed", "level", "condition", "pair"}
            What was left out.

        Returns
        -------
        tuple of Removal
            Those that change the verdict first.
        """
        return tuple(each for each in self.removals if each.kind == kind)

    def guilt(self, removal: Removal) -> float:
        """Return how much a removal stands out among its kind.

        Parameters
        ----------
        removal : Removal
            One of `removals`.

        Returns
        -------
        float
            One over the number of members of the kind that change the verdict; 0 where this one does not.
        """
        changing = sum(each.changes for each in self.of(removal.kind))
        return 1.0 / changing if removal.changes else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """The analysis as declared, with which everything is compared; and verdicts without some runs, as they come."""

    variant: Variant
    reading: Reading
    known: dict[frozenset[tuple[str, str]], Reading | None] = field(default_factory=dict)


def find_influence(variant: Variant, verdict: Verdict, *, n_jobs: int) -> Influence:
    """Leave out seeds, levels, conditions, pairs and runs, and tilt seeds."""
    whole = _Whole(variant=variant, reading=read(verdict))
    removals, notes = _removals(whole, n_jobs)
    smallest, cut = _smallest(whole, n_jobs)
    notes += cut
    treatments, _ = roles(variant.table, variant.signature)
    singles = [each.items[0] for each in removals if each.kind == "seed"]
    moving = [
        seed for seed in _labels(variant.table) if any(seed in variant.table.seeds(c) for c in treatments)
    ]
    chosen = sorted(moving, key=lambda seed: singles.index(seed) if seed in singles else len(singles))
    shifts, why = find_shifts(variant, verdict, chosen[:MOST_SHIFTED], n_jobs=n_jobs)
    if why is not None:
        notes += (why,)
    elif len(chosen) > MOST_SHIFTED:
        notes += (f"only {MOST_SHIFTED} of {len(chosen)} seeds were tilted, the most influential ones",)
    return Influence(removals=removals, smallest=smallest, shifts=shifts, notes=notes)


def level_label(level: float, level_names: Sequence[tuple[float, str]]) -> str:
    """Return how a level is called: by its word where it has one."""
    return dict(level_names).get(float(level), f"{level:g}")


def _labels(table: SweepTable) -> list[str]:
    return sorted({seed for name in table.conditions for seed in table.seeds(name)})


def _removals(whole: _Whole, n_jobs: int) -> tuple[tuple[Removal, ...], tuple[str, ...]]:
    """Return the removals in order, the culprit first, and what could not be left out."""
    variants: list[tuple[Kind, tuple[str, ...], Variant]] = []
    table = whole.variant.table
    labels = _labels(table)
    variants += [("seed", (seed,), without_seeds(whole.variant, {seed})) for seed in labels]
    for column, level in enumerate(table.levels):
        variants.append(
            ("level", (level_label(level, table.level_names),), _without_level(whole.variant, column))
        )
    variants += [
        ("condition", (name,), _without_condition(whole.variant, name)) for name in _spare(whole.variant)
    ]
    notes: tuple[str, ...] = ()
    if math.comb(len(labels), 2) <= MOST_PAIRS:
        pairs = itertools.combinations(labels, 2)
        variants += [("pair", pair, without_seeds(whole.variant, set(pair))) for pair in pairs]
    else:
        notes = (
            f"pairs of {len(labels)} seeds were not left out: that takes more than {MOST_PAIRS} verdicts",
        )
    readings = parallel_map(reading_of, [each[2] for each in variants], n_jobs=n_jobs, label="left out")
    for (kind, items, _), reading in zip(variants, readings, strict=True):
        if kind in ("seed", "pair"):
            whole.known[_runs_of(table, items)] = reading
    found = [
        Removal(kind=kind, items=items, reading=reading, changes=reading.status is not whole.reading.status)
        for (kind, items, _), reading in zip(variants, readings, strict=True)
        if _tells(reading, whole)
    ]
    return _in_order(found, whole), notes + _skipped(variants, readings, whole)


def _runs_of(table: SweepTable, seeds: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return the runs of some seeds, as (condition, seed)."""
    return frozenset((name, seed) for name in table.conditions for seed in seeds if seed in table.seeds(name))


def _tells(reading: Reading | None, whole: _Whole) -> bool:
    """Return whether enough is left for a verdict that means something."""
    return reading is not None and (
        not TOO_FEW & {*reading.reasons} or bool(TOO_FEW & {*whole.reading.reasons})
    )


def _skipped(
    variants: Sequence[tuple[Kind, tuple[str, ...], Variant]],
    readings: Sequence[Reading | None],
    whole: _Whole,
) -> tuple[str, ...]:
    notes = []
    for kind in KINDS:
        told = [_tells(r, whole) for (k, _, _), r in zip(variants, readings, strict=True) if k == kind]
        if told and not all(told):
            notes.append(
                f"{told.count(False)} of {len(told)} removals of a {kind} leave too little for a verdict"
            )
    return tuple(notes)


def _in_order(removals: Iterable[Removal], whole: _Whole) -> tuple[Removal, ...]:
    kept = list(removals)
    changing = {kind: sum(each.changes for each in kept if each.kind == kind) for kind in KINDS}

    def key(each: Removal) -> tuple[bool, int, int, float, tuple[str, ...]]:
        alone = changing[each.kind] if each.changes else 0
        return (not each.changes, alone, KINDS.index(each.kind), -_moved(each.reading, whole), each.items)

    return tuple(sorted(kept, key=key))


def _moved(reading: Reading, whole: _Whole) -> float:
    """Return how far the evidence moved; 0 if that is unknown."""
    change = abs(reading.signed_log_p - whole.reading.signed_log_p)
    return 0.0 if math.isnan(change) else change


def without_seeds(variant: Variant, seeds: set[str], condition: str | None = None) -> Variant:
    """Return what is left without some seeds."""
    table = variant.table
    kept = {
        name: np.array([condition not in (None, name) or seed not in seeds for seed in table.seeds(name)])
        for name in table.conditions
    }
    return replace(variant, table=with_seeds(table, kept))


def _without_level(variant: Variant, column: int) -> Variant:
    columns = np.delete(np.arange(variant.table.levels.size), column)
    return replace(variant, table=rebuilt(variant.table, columns=columns))


def _spare(variant: Variant) -> list[str]:
    """Return the conditions that can be left out: one of several treatments, or of several controls."""
    return [name for group in roles(variant.table, variant.signature) if len(group) > 1 for name in group]


def _without_condition(variant: Variant, name: str) -> Variant:
    treatments, controls = roles(variant.table, variant.signature)
    signature = replace(
        variant.signature,
        treatment=tuple(each for each in treatments if each != name),
        control=tuple(each for each in controls if each != name) or None,
    )
    cells = {each: variant.table.matrix(each) for each in variant.table.conditions if each != name}
    return Variant(table=rebuilt(variant.table, cells), signature=signature)


def _smallest(whole: _Whole, n_jobs: int) -> tuple[SmallestSet | None, tuple[str, ...]]:
    """Return the fewest runs of one condition that matter; singles and pairs exactly, then one at a time."""
    table = whole.variant.table
    singles: list[Runs] = [(name, (seed,)) for name in table.conditions for seed in table.seeds(name)]
    readings = _without_runs(whole, singles, n_jobs)
    found = _pick(readings, whole, exact=True)
    if found is not None:
        return found, ()
    pairs: list[Runs] = [
        (name, pair) for name in table.conditions for pair in itertools.combinations(table.seeds(name), 2)
    ]
    exact = len(pairs) <= MOST_PAIRS
    notes = (
        ()
        if exact
        else (f"of {len(pairs)} pairs of runs, only those with the most influential run were tried",)
    )
    pairs = pairs if exact else _grown(readings, whole)
    readings = _without_runs(whole, pairs, n_jobs)
    found = _pick(readings, whole, exact=exact)
    if found is None:
        found = _pick(_without_runs(whole, _grown(readings, whole), n_jobs), whole, exact=False)
    return found, notes


def _without_runs(whole: _Whole, sets: Sequence[Runs], n_jobs: int) -> dict[Runs, Reading]:
    keys = [frozenset((condition, seed) for seed in seeds) for condition, seeds in sets]
    new = [place for place, key in enumerate(keys) if key not in whole.known]
    variants = [without_seeds(whole.variant, set(sets[place][1]), sets[place][0]) for place in new]
    readings = parallel_map(reading_of, variants, n_jobs=n_jobs, label="runs left out")
    whole.known.update({keys[place]: reading for place, reading in zip(new, readings, strict=True)})
    found = {runs: whole.known[key] for runs, key in zip(sets, keys, strict=True)}
    return {
        runs: reading for runs, reading in found.items() if reading is not None and _tells(reading, whole)
    }


def _pick(readings: Mapping[Runs, Reading], whole: _Whole, *, exact: bool) -> SmallestSet | None:
    changing = {runs: each for runs, each in readings.items() if each.status is not whole.reading.status}
    if not changing:
        return None
    runs = max(sorted(changing), key=lambda each: _moved(changing[each], whole))
    return SmallestSet(condition=runs[0], seeds=runs[1], reading=changing[runs], exact=exact)


def _grown(readings: Mapping[Runs, Reading], whole: _Whole) -> list[Runs]:
    """Return the most influential set of each condition, with one more run of it."""
    grown: list[Runs] = []
    for name in whole.variant.table.conditions:
        own = {runs: _moved(reading, whole) for runs, reading in readings.items() if runs[0] == name}
        if own:
            best = max(sorted(own), key=lambda runs: own[runs])[1]
            rest = [seed for seed in whole.variant.table.seeds(name) if seed not in best]
            grown += [(name, (*best, seed)) for seed in rest]
    return grown
