"""Hierarchical slopes as data: the posteriors, and the frames of their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigstats.evidence import Estimate
from sigstats.evidence.conditions import Sweep

if TYPE_CHECKING:
    import pandas as pd

    from sigstats.stats.bayes.by_condition import NestedRandomSlopes
    from sigstats.stats.bayes.crossed import CrossedSlopes
    from sigstats.stats.bayes.crossed_contrast import CrossedContrast
    from sigstats.stats.bayes.difference import Difference
    from sigstats.stats.bayes.random_slopes import RandomSlopes
    from sigstats.studies.slopes.crossed_fit import CrossedFit
    from sigstats.studies.slopes.crossing import Crossing
    from sigstats.studies.slopes.fit import RoleFit


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesRecord:
    """Hierarchical slopes without their reports; `Slopes` lists the attributes."""

    mean: float
    sd: float
    prob_positive: float
    estimate: Estimate
    mass_small: float | None
    contrast: "Difference | CrossedContrast | None"
    log_evidence: float
    posterior: "RandomSlopes | NestedRandomSlopes | CrossedSlopes" = field(repr=False)
    control_posterior: "RandomSlopes | NestedRandomSlopes | CrossedSlopes | None" = field(repr=False)
    priors: Mapping[str, str]
    null: str
    replicate: str
    n_seeds: int
    min_effect: float | None
    crossing: "Crossing | None" = None
    _fits: "tuple[RoleFit | CrossedFit, ...]" = field(repr=False)
    _sweep: Sweep = field(repr=False)
    _knob: str = field(repr=False)

    @property
    def means(self) -> "pd.DataFrame":
        """One row per mean: of each role's conditions, of their population, and treatment minus control.

        With items, each mean is over new seeds and new items, and has a row for new seeds on these items.
        """
        from sigstats.studies.slopes import frames

        level = self.estimate.confidence
        return frames.means(self._fits, self.contrast, self.crossing, level, self.min_effect)

    @property
    def conditions(self) -> "pd.DataFrame":
        """One row per condition: the raw mean of its seeds' slopes, and the slope shrunken towards the others."""
        from sigstats.studies.slopes import frames

        return frames.conditions(self._fits, self.estimate.confidence, self.min_effect)

    @property
    def seeds(self) -> "pd.DataFrame":
        """One row per seed: its own least-squares slope, and the one shrunken towards the others."""
        from sigstats.studies.slopes import frames

        return frames.seeds(self._fits, self.estimate.confidence, self.min_effect)

    @property
    def items(self) -> "pd.DataFrame | None":
        """One row per condition and item: its raw mean slope, and the one shrunken; None without items."""
        from sigstats.studies.slopes import frames

        return frames.items(self._fits, self.estimate.confidence)

    @property
    def spreads(self) -> "pd.DataFrame":
        """One row per standard deviation, with its prior: noise, seeds' levels and slopes, conditions' slopes.

        With items: seeds' slopes, items' slopes, and the rest of one seed's slope on one item.
        """
        from sigstats.studies.slopes import frames

        return frames.spreads(self._fits, self.estimate.confidence)
