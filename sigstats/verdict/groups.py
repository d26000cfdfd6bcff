"""The comparisons behind a verdict, in groups by what they are about."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sigstats.stats.by_value import by_value
from sigstats.verdict.rules import State

# Fields that JSON leaves out: what they hold can be read from the others.
UNWRITTEN = {"json": False}

CriterionKind = Literal["number", "pvalue", "probability"]


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One comparison that was made.

    Attributes
    ----------
    name : str
        What was compared, such as ``"trend_pvalue"``.
    value : float
        The number that was compared.
    relation : str
        ``"<="``, ``">"`` or ``">="``.
    bound : float
        What it was compared with.
    met : bool
        Whether the relation holds. A value that is not a number meets nothing.
    kind : str
        What the number is: ``"pvalue"``, ``"probability"``, or any other ``"number"``. Not written to JSON.
    condition : str or None
        The one condition that it is about, which `name` then ends with; None where it is about several. Not written
        to JSON.
    """

    name: str
    value: float
    relation: str
    bound: float
    met: bool
    kind: CriterionKind = field(default="number", repr=False, metadata=UNWRITTEN)
    condition: str | None = field(default=None, repr=False, metadata=UNWRITTEN)

    @property
    def family(self) -> str:
        """Name that it shares with the same comparison in other conditions: ``"seeds[...]"``."""
        if self.condition is None:
            return self.name
        return f"{self.name.removesuffix(f'[{self.condition}]')}[...]"

    def __str__(self) -> str:
        """Return the comparison as one line."""
        mark = "met" if self.met else "not met"
        return f"{self.name}: {self.value:.4g} {self.relation} {self.bound:.4g} ({mark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendCriteria:
    """The three lines of evidence for a trend, all of which must hold."""

    trend: Criterion
    interval: Criterion
    slopes: Criterion

    @property
    def lines(self) -> Mapping[str, Criterion]:
        """Every line of evidence by its name."""
        return {"trend": self.trend, "interval": self.interval, "slopes": self.slopes}

    @property
    def state(self) -> State:
        """What the lines together say."""
        return State.SHOWN if all(each.met for each in self.lines.values()) else State.UNRESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorityCriteria:
    """The one test that shows that most seeds show the claim."""

    majority: Criterion

    @property
    def lines(self) -> Mapping[str, Criterion]:
        """The test by its name."""
        return {"majority": self.majority}

    @property
    def state(self) -> State:
        """What the test says."""
        return State.SHOWN if self.majority.met else State.UNRESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseCriteria:
    """What shows a clause, and what refutes it: None where nothing can, or where it need not be shown."""

    clause: str
    pvalue: Criterion | None
    prob_positive: Criterion | None
    refuted: Criterion | None

    @property
    def lines(self) -> Mapping[str, Criterion]:
        """Test and posterior, which must both hold for the clause to be shown."""
        found = {"test": self.pvalue, "posterior": self.prob_positive}
        return {name: each for name, each in found.items() if each is not None}

    @property
    def state(self) -> State:
        """What the comparisons say of the clause."""
        if self.lines and all(each.met for each in self.lines.values()):
            return State.SHOWN
        return State.REFUTED if self.refuted is not None and self.refuted.met else State.UNRESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCriteria:
    """Whether the effect is shown to be opposite or small; None without a margin, or without a last level."""

    opposite: Criterion
    small: Criterion | None
    late_jump: Criterion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalCriteria:
    """Whether the curve is shown both to fall and to rise."""

    fall: Criterion
    rise: Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCriteria:
    """Treatment against control; `single` holds what each of several controls shows on its own.

    `off_bound` is None where the control does not sit at a bound of the metric.
    """

    quiet: Criterion
    responds: Criterion
    artifact: Criterion
    opposite: Criterion
    off_bound: Criterion | None
    single: tuple[Criterion, ...]

    @property
    def stuck(self) -> bool:
        """Whether the control sits at the bound towards which the prediction points, so that it could not show it."""
        return self.off_bound is not None and not self.off_bound.met


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureCriteria:
    """Whether the control is shown to depart from the shape, or to have it as well."""

    departs: Criterion
    also: Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneCriteria:
    """All that must be shown, and what must not be refuted, in one treatment on its own."""

    condition: str
    pvalue: Criterion
    prob_positive: Criterion
    refuted: Criterion

    @property
    def shown(self) -> bool:
        """Whether this treatment shows the claim on its own."""
        return self.pvalue.met and self.prob_positive.met and not self.refuted.met


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """All comparisons of a verdict, in the order in which they are listed; None where nothing could be compared."""

    seeds: tuple[Criterion, ...]
    primary: TrendCriteria | MajorityCriteria | ClauseCriteria | None
    size: SizeCriteria | None
    reversal: ReversalCriteria | None
    # The clauses other than the primary one.
    clauses: tuple[ClauseCriteria, ...]
    control: ControlCriteria | None
    departure: DepartureCriteria | None
    # Whether the effect exceeds what negative controls show of themselves.
    calibrated: Criterion | None
    # Whether each of several treatments is shown below the declared effect, in the order of Holm's procedure.
    small: tuple[Criterion, ...]
    # What is refuted at every place that can be tested, but may hold near an end.
    near_end: tuple[Criterion, ...]
    # Each treatment on its own, where the claim is about each.
    alone: tuple[AloneCriteria, ...]
    effect: Criterion | None

    def clause(self, name: str) -> ClauseCriteria | None:
        """Return the comparisons of one clause; None where it was not scored."""
        scored = (self.primary, *self.clauses)
        return next(
            (each for each in scored if isinstance(each, ClauseCriteria) and each.clause == name), None
        )

    def listed(self) -> tuple[Criterion, ...]:
        """Return all comparisons as one list."""
        return tuple(_flat(self))


def _flat(group: object) -> Iterator[Criterion]:
    if isinstance(group, Criterion):
        yield group
        return
    if dataclasses.is_dataclass(group):
        group = tuple(getattr(group, each.name) for each in dataclasses.fields(group))
    if isinstance(group, tuple):
        for each in group:
            yield from _flat(each)
