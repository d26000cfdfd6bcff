"""How well shapes predict, as data: the record that reports read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import OptionError, unknown_option
from sigstats.stats.by_value import by_value
from sigstats.studies.comparison.forms import NONE

if TYPE_CHECKING:
    import pandas as pd

    from sigstats.stats.curves.held_out import Differences

FloatArray = npt.NDArray[np.float64]
Status = Literal["stays", "vanishes", "not there", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdOnLogit:
    """What becomes of a hinge or step when a bounded metric is put on the logit scale.

    Attributes
    ----------
    status : {"stays", "vanishes", "not there", "unclear"}
        "not there": on the metric's own scale a line predicts no worse. Else "stays": no smooth shape predicts better
        on the logit scale; "vanishes": one does, by more than a standard error; "unclear": one does, by less.
    shape : str
        The hinge or step: the declared one, or else the best shape.
    smooth : str
        The smooth shape with the smallest error on the logit scale.
    difference, difference_se : float
        Error of the former minus error of the latter on the logit scale, and its standard error over seeds.
    """

    status: Status
    shape: str
    smooth: str
    difference: float
    difference_se: float


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRecord:
    """A comparison of shapes without its reports; `ShapeComparison` lists the attributes."""

    names: tuple[str, ...]
    best: str
    declared: str | None
    weights: Mapping[str, float]
    errors: FloatArray = field(repr=False)
    on_logit: "ComparisonRecord | None" = field(repr=False)
    threshold: ThresholdOnLogit | None
    knob: str
    unit: str
    design: str
    n_seeds: int
    n_levels: int
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        self.errors.flags.writeable = False

    @property
    def none_of_these(self) -> float:
        """Weight of the free mean curve: near 1 where no shape of the list is good enough."""
        return self.weights[NONE]

    @property
    def close(self) -> tuple[str, ...]:
        """Shapes whose error exceeds the smallest by at most one standard error of the difference; the best is one."""
        gaps = self.against(self.best)
        return tuple(name for name, near in zip(self.names, gaps.mean <= gaps.se, strict=True) if near)

    @property
    def table(self) -> "pd.DataFrame":
        """One row per shape, the best one first.

        Columns: ``shape``; ``error`` and ``se``, the mean squared error over seeds and its standard error;
        ``difference`` and ``difference_se``, from the best shape, paired within seeds; ``to_declared`` and
        ``to_declared_se``, from the declared one (NaN without one); ``weight``.
        """
        from sigstats.data.table.frames import told
        from sigstats.stats.curves.held_out import standard_error

        nothing = np.full(len(self.names), np.nan)
        best = self.against(self.best)
        declared = None if self.declared is None else self.against(self.declared)
        mean = self.errors.mean(axis=0)
        columns = {
            "shape": list(self.names),
            "error": mean,
            "se": standard_error(self.errors),
            "difference": best.mean,
            "difference_se": best.se,
            "to_declared": nothing if declared is None else declared.mean,
            "to_declared_se": nothing if declared is None else declared.se,
            "weight": [self.weights[name] for name in self.names],
        }
        frame = told(columns)
        order = [self.names.index(self.best), *np.argsort(mean, kind="stable")]
        return frame.iloc[list(dict.fromkeys(order))].reset_index(drop=True)

    def against(self, name: str) -> "Differences":
        """Return the paired differences of all errors from those of one shape.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        Differences
            Means over seeds and their standard errors, in the order of `names`.
        """
        from sigstats.stats.curves.held_out import differences

        if name not in self.names:
            raise OptionError(unknown_option("name", name, self.names))
        return differences(self.errors, self.names.index(name))
