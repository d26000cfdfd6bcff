"""Turns: the metric rises to a peak and falls, or falls into a valley and rises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sigstats.shapes.base import Clause, FloatArray, Located, ScoreContext, Scores, Shape
from sigstats.shapes.crossfit import LEAST_ALPHA, stretch

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


def _clauses(first: str, second: str) -> tuple[Clause, ...]:
    return (
        Clause(
            name=f"{first}s_before",
            kind="primary",
            says=f"{first}s before the turn",
            refuted="opposite",
            null=f"the mean curve does not {first} before the turn",
            noun=f"{first} before the turn",
            measures=f"{first} of the line up to the turn",
        ),
        Clause(
            name=f"{second}s_after",
            kind="required",
            says=f"{second}s after the turn",
            refuted=f"no_{second}_after",
            unresolved=f"{second}s_after",
            null=f"the mean curve does not {second} after the turn",
            noun=f"{second} after the turn",
            measures=f"{second} of the line after the turn",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak(Shape):
    """The metric rises to a turning point and falls after it.

    Two lines, one on either side of a turn that the other seeds show; never a quadratic term, which takes any
    saturating curve for a peak.
    """

    name: ClassVar[str] = "peak"
    also_called: ClassVar[tuple[str, ...]] = (
        "inverted u",
        "hump",
        "hill",
        "maximum",
        "optimum",
        "sweet spot",
        "bell",
        "rise and fall",
        "interior maximum",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises, then stays level", "saturating"),
        ("bends downwards and never falls", "concave"),
        ("rises and dips at its very end", "increasing"),
    )
    claim: ClassVar[str] = "rises to a peak along the knob, then falls"
    clauses: ClassVar[tuple[Clause, ...]] = _clauses("rise", "fall")
    min_levels: ClassVar[int] = 5
    least_alpha: ClassVar[float] = LEAST_ALPHA
    location: ClassVar[str | None] = "turn"
    located_as: ClassVar[Located | None] = "peak"
    fitted_as: ClassVar["Form | None"] = "peak"
    compared: ClassVar[str | None] = "the weaker of rise and fall"
    opposes: ClassVar[frozenset[str]] = frozenset({"valley", "increasing", "decreasing"})
    knob_scale_open: ClassVar[bool] = True
    metric_scale_open: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return rise and fall of each seed; both of them for the control, which counts by the weaker."""
        from sigstats.stats.scores.peak import end_turns, peak_scores, peak_scores_all, peak_scores_at

        chosen, every = peak_scores(curves, context.x), peak_scores_all(curves, context.x)
        turns = end_turns(context.x.size)
        end, n_start = peak_scores_at(curves, context.x, turns), int((turns < every.split.min()).sum())
        first, second = (clause.name for clause in self.clauses)
        return {
            first: Scores(
                parts=chosen.rise[..., None],
                stretch=stretch("peak_rise", chosen.rise, context),
                every=every.rise[..., None, :],
                ends=end.rise[..., None, :],
                n_start=n_start,
            ),
            second: Scores(
                parts=chosen.fall[..., None],
                stretch=stretch("peak_fall", chosen.fall, context),
                every=every.fall[..., None, :],
                ends=end.fall[..., None, :],
                n_start=n_start,
            ),
            "control": Scores(
                parts=np.stack([chosen.rise, chosen.fall], axis=-1),
                every=np.concatenate(
                    [np.stack([each.rise, each.fall], axis=-2) for each in (every, end)], axis=-1
                ),
            ),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Valley(Peak):
    """The metric falls to a turning point and rises after it; the mirror of `Peak`."""

    name: ClassVar[str] = "valley"
    also_called: ClassVar[tuple[str, ...]] = (
        "u shape",
        "u shaped",
        "u",
        "dip",
        "minimum",
        "optimum",
        "sweet spot",
        "interior minimum",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("falls, then stays level", "saturating with direction='decreasing'"),
        ("bends upwards and never rises", "convex"),
    )
    claim: ClassVar[str] = "falls into a valley along the knob, then rises"
    clauses: ClassVar[tuple[Clause, ...]] = _clauses("fall", "rise")
    fitted_as: ClassVar["Form | None"] = "valley"
    opposes: ClassVar[frozenset[str]] = frozenset({"peak", "increasing", "decreasing"})

    @property
    def orientation(self) -> int:
        """-1: larger scores mean a fall, then a rise."""
        return -1
