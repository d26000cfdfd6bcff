"""Influence: what a verdict rests on.

Each seed, level, condition and pair of seeds is left out in turn, and the verdict of the rest is asked of
`sigstats.detect`; so is the smallest set of runs of one condition without which the verdict is another. Beside that it
is found how far a single seed would have to tilt before the verdict changes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.robustness_readings import Reading

FloatArray = NDArray[np.float64]
Kind = Literal["seed", "level", "condition", "pair"]
KINDS: tuple[Kind, ...] = ("seed", "level", "condition", "pair")

MOST_PAIRS = 500
MOST_SHIFTED = 12
FARTHEST = 8.0
STEPS = 8
HALVINGS = 7


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
        return f"without {self.kind} {' and '.join(self.items)}: {self.reading.words}"


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
class Shift:
    """How far the score of one seed would have to move before the verdict changes.

    Attributes
    ----------
    seed : str
        Its label; it moves in every treatment in which it occurs.
    shift : float or None
        The nearest change of its oriented score, in units of the effect; None where no shift up to `farthest` does.
    sds : float or None
        The same in sds of the seeds' scores.
    farthest : float
        How far was looked, in units of the effect.
    reading : Reading or None
        What is said then.
    """

    seed: str
    shift: float | None
    sds: float | None
    farthest: float
    reading: Reading | None


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
